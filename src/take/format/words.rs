//! Words of a line: bare ones, and texts in quotation marks as JSON has them.

/// A text in quotation marks, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The words of one line, from left to right.
pub(super) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub fn of(line: &'a str) -> Self {
        Self { rest: line }
    }

    /// The next word, or what is wrong: there is none, or a text does not end.
    pub fn next(&mut self) -> Result<String, String> {
        self.rest = self.rest.trim_start_matches(' ');
        if self.rest.is_empty() {
            return Err("it ends too early".to_owned());
        }
        match self.rest.strip_prefix('"') {
            None => {
                let end = self.rest.find(' ').unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                Ok(word.to_owned())
            }
            Some(text) => self.text(text),
        }
    }

    /// A text whose first quotation mark is behind it.
    fn text(&mut self, text: &'a str) -> Result<String, String> {
        let mut out = String::new();
        let mut chars = text.char_indices();
        while let Some((place, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &text[place + 1..];
                    if !self.rest.is_empty() && !self.rest.starts_with(' ') {
                        return Err("something stands right behind a text".to_owned());
                    }
                    return Ok(out);
                }
                '\\' => out.push(match chars.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, 'r')) => '\r',
                    Some((_, 't')) => '\t',
                    Some((_, 'u')) => {
                        let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                        let code = u32::from_str_radix(&digits, 16).ok();
                        code.and_then(char::from_u32)
                            .ok_or_else(|| format!("'\\u{digits}' is no character"))?
                    }
                    Some((_, c @ ('"' | '\\'))) => c,
                    _ => return Err("a text has a \\ that means nothing".to_owned()),
                }),
                c => out.push(c),
            }
        }
        Err("a text has no end".to_owned())
    }

    /// The next word as a number, an index, or whatever else can be read.
    pub fn read<T: std::str::FromStr>(&mut self, what: &str) -> Result<T, String> {
        let word = self.next()?;
        word.parse().map_err(|_| format!("'{word}' is no {what}"))
    }

    /// Whether nothing is left.
    pub fn is_over(&self) -> bool {
        self.rest.trim_start_matches(' ').is_empty()
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), String> {
        match self.is_over() {
            true => Ok(()),
            false => Err(format!("'{}' is too much", self.rest.trim())),
        }
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of hexadecimal digits; `None` where they are none.
pub(super) fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let half = |digit: u8| char::from(digit).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| Some((half(*high)? << 4 | half(*low)?) as u8);
    rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_stay_on_one_line() {
        let text = "a \"b\"\\\n\r\t\u{1}é 7";
        let line = format!("x {} 5", quoted(text));
        assert_eq!(line, "x \"a \\\"b\\\"\\\\\\n\\r\\t\\u0001é 7\" 5");
        let mut words = Words::of(&line);
        assert_eq!(words.next().as_deref(), Ok("x"));
        assert_eq!(words.next().as_deref(), Ok(text));
        assert_eq!(words.read::<u32>("number"), Ok(5));
        assert_eq!(words.end(), Ok(()));
        assert_eq!(words.next(), Err("it ends too early".to_owned()));
        // What JSON means by the same text, by another reader.
        assert_eq!(serde_json::from_str::<String>(&quoted(text)).ok().as_deref(), Some(text));
        for wrong in ["\"a", "\"a\\", "\"\\q\"", "\"\\u12\"", "\"a\"b"] {
            assert!(Words::of(wrong).next().is_err(), "{wrong}");
        }
    }

    #[test]
    fn hexadecimal_digits_come_back() {
        assert_eq!(hex(&[0, 255, 0x1e]), "00ff1e");
        assert_eq!(bytes("00ff1e"), Some(vec![0, 255, 0x1e]));
        assert_eq!(bytes(""), Some(Vec::new()));
        for wrong in ["0", "0g", "é0"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
