//! The comment at the head of a user's shader, which declares its parameters. Pure.
//!
//! ```text
//! // name: Ripple
//! // place: 45
//! // param amount 0 0..1  How much it ripples.
//! // param length_px 12 1..64 px  Length of the waves.
//! // switch invert off  Whether it also inverts.
//! ```
//!
//! The head ends at the first line that is neither empty nor begins with `//`. Its other lines are
//! comments as any.

use super::Fault;

/// Most parameters of one shader. A window's worth; eight shaders of it leave room in the registry.
pub const PARAMS_MAX: usize = 32;

/// Longest name of a file, of a parameter, or title, in characters: OSC addresses stay readable.
pub const NAME_MAX: usize = 32;

/// The parameter at whose 0 a stage does nothing, and is not run.
pub const AMOUNT: &str = "amount";

/// Where a stage stands in the order whose file does not say: after noise, before blur.
const PLACE: i64 = 45;

/// What the head of a shader says.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The performer's word for the stage.
    pub title: String,
    /// Where it stands in the order, 0..=99.
    pub place: i64,
    /// Its parameters, in order.
    pub params: Vec<Param>,
    /// The line on which each of them is declared, counted from 1.
    pub lines: Vec<usize>,
}

/// One parameter of a shader.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name in WGSL: `p.NAME`.
    pub name: String,
    /// Its kind and range.
    pub kind: ParamKind,
    /// One sentence; may be empty.
    pub help: String,
}

/// What a parameter of a shader can be.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamKind {
    /// A number.
    Number {
        /// Plain value at the start.
        default: f64,
        /// Smallest plain value.
        min: f64,
        /// Largest plain value, above `min`.
        max: f64,
        /// Unit; may be empty.
        unit: String,
    },
    /// 0 or 1, and at the start this.
    Switch(bool),
}

impl Header {
    /// Reads the head of the file `name`.wgsl.
    ///
    /// # Errors
    /// The first line that is not understood.
    pub fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        let (title, params, lines) = (title_of(name), Vec::new(), Vec::new());
        let mut this = Self { title, place: PLACE, params, lines };
        let mut is_head = true;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            let comment = line.strip_prefix("//").map(str::trim_start);
            is_head &= line.is_empty() || comment.is_some();
            if let Some(comment) = comment {
                let fault = |why| Fault { line: number, why };
                this.take(comment.trim_end(), is_head).map_err(fault)?;
                this.lines.resize(this.params.len(), number);
            }
        }
        Ok(this)
    }

    /// Takes a line of comment in.
    fn take(&mut self, comment: &str, is_head: bool) -> Result<(), String> {
        let (word, rest) = comment.split_once(char::is_whitespace).unwrap_or((comment, ""));
        let rest = rest.trim_start();
        match word {
            "name:" | "place:" | "param" | "switch" if !is_head => match word {
                // Further down these may be words of a sentence.
                "param" | "switch" if !is_declaration(word, rest) => Ok(()),
                _ => Err(format!("'{word}' belongs to the head of the file, above all code")),
            },
            "name:" => {
                if rest.is_empty() || rest.chars().count() > NAME_MAX {
                    return Err(format!("a name has 1 to {NAME_MAX} characters"));
                }
                rest.clone_into(&mut self.title);
                Ok(())
            }
            "place:" => {
                let place = rest.parse().ok().filter(|place| (0..=99).contains(place));
                self.place = place.ok_or("a place is a whole number from 0 to 99")?;
                Ok(())
            }
            "param" => self.add(number(rest)?),
            "switch" => self.add(switch(rest)?),
            _ => Ok(()),
        }
    }

    fn add(&mut self, param: Param) -> Result<(), String> {
        if self.params.iter().any(|other| other.name == param.name) {
            return Err(format!("'{}' is declared twice", param.name));
        }
        if self.params.len() == PARAMS_MAX {
            return Err(format!("a shader has {PARAMS_MAX} parameters at most"));
        }
        self.params.push(param);
        Ok(())
    }

    /// Place of the parameter `amount`, if there is one.
    pub fn amount(&self) -> Option<usize> {
        self.params.iter().position(|param| param.name == AMOUNT)
    }
}

/// Whether this is meant as a declaration rather than a sentence that begins so.
fn is_declaration(word: &str, rest: &str) -> bool {
    match word {
        "param" => number(rest).is_ok(),
        _ => switch(rest).is_ok(),
    }
}

/// `soft_glow` becomes `Soft glow`.
fn title_of(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Whether this can be the name of a shader or a parameter: part of an id and of an OSC address.
pub fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= NAME_MAX
        && name.chars().all(is_plain)
}

/// The next word, and what follows it as it stands.
fn next_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.find(char::is_whitespace).map_or((text, ""), |end| text.split_at(end))
}

fn name(text: &str) -> Result<(String, &str), String> {
    let (name, rest) = next_word(text);
    if !is_name(name) {
        return Err(format!(
            "'{name}' cannot be the name of a parameter: begin with a-z, go on with a-z, 0-9 and _"
        ));
    }
    Ok((name.to_owned(), rest))
}

/// Reads `NAME DEFAULT MIN..MAX UNIT  HELP`.
fn number(text: &str) -> Result<Param, String> {
    const FORM: &str = "write: param NAME DEFAULT MIN..MAX UNIT  HELP";
    let (name, rest) = name(text)?;
    let (default, rest) = next_word(rest);
    let (range, rest) = next_word(rest);
    let read = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let ends = range.split_once("..").and_then(|(min, max)| {
        // The table of parameters has ranges with an equals sign.
        Some((read(min)?, read(max.strip_prefix('=').unwrap_or(max))?))
    });
    let default = read(default).ok_or(FORM)?;
    let (min, max) = ends.ok_or(FORM)?;
    if min >= max {
        return Err(format!("the range {min}..{max} of '{name}' is empty: the smaller end first"));
    }
    if !(min..=max).contains(&default) {
        return Err(format!("'{name}' begins at {default}, outside its range {min}..{max}"));
    }
    if name == AMOUNT && !(min..=max).contains(&0.0) {
        return Err(format!("the range {min}..{max} of '{AMOUNT}' lacks 0, where nothing is done"));
    }
    let (unit, help) = unit_and_help(rest);
    Ok(Param { name, kind: ParamKind::Number { default, min, max, unit }, help })
}

/// Two spaces stand before the help. Where there are none a single word is a unit.
fn unit_and_help(rest: &str) -> (String, String) {
    let (unit, help) = match rest.split_once("  ") {
        Some((unit, help)) => (unit.trim(), help.trim()),
        None if rest.split_whitespace().count() == 1 => (rest.trim(), ""),
        None => ("", rest.trim()),
    };
    (unit.to_owned(), help.to_owned())
}

/// Reads `NAME on|off HELP`.
fn switch(text: &str) -> Result<Param, String> {
    let (name, rest) = name(text)?;
    let (default, help) = next_word(rest);
    let is_on = match default {
        "on" => true,
        "off" => false,
        _ => return Err("write: switch NAME on|off HELP".to_owned()),
    };
    if name == AMOUNT {
        return Err(format!("'{AMOUNT}' is a number: write: param {AMOUNT} 0 0..1"));
    }
    Ok(Param { name, kind: ParamKind::Switch(is_on), help: help.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(name: &str, (default, min, max): (f64, f64, f64), unit: &str, help: &str) -> Param {
        let kind = ParamKind::Number { default, min, max, unit: unit.to_owned() };
        Param { name: name.to_owned(), kind, help: help.to_owned() }
    }

    #[test]
    fn a_head_is_read() {
        let text = "// Waves on a pond.\n// name: Ripple\n\n//place: 12\n\
            // param amount 0 0..1  How much it ripples.\n\
            //   param length_px 12 1..=64 px  Length of the waves.\n\
            // param bias -0.5 -1..1 Help by one space.\n\
            // param speed 1e1 0.5..20 Hz\n\
            // param plain 1 0..2\n\
            // switch invert off  Whether it inverts.\n\
            // switch wild on\n\
            fn stage(at: vec2<f32>) -> vec3<f32> { return picture(at); }\n\
            // switch off the light before you go\n";
        let header = Header::parse("ripple", text).expect("a head");
        assert_eq!((header.title.as_str(), header.place), ("Ripple", 12));
        let switch = |name: &str, is_on, help: &str| {
            let kind = ParamKind::Switch(is_on);
            Param { name: name.to_owned(), kind, help: help.to_owned() }
        };
        assert_eq!(
            header.params,
            [
                number("amount", (0.0, 0.0, 1.0), "", "How much it ripples."),
                number("length_px", (12.0, 1.0, 64.0), "px", "Length of the waves."),
                number("bias", (-0.5, -1.0, 1.0), "", "Help by one space."),
                number("speed", (10.0, 0.5, 20.0), "Hz", ""),
                number("plain", (1.0, 0.0, 2.0), "", ""),
                switch("invert", false, "Whether it inverts."),
                switch("wild", true, ""),
            ]
        );
        assert_eq!(header.amount(), Some(0));
        assert_eq!(header.lines, [5, 6, 7, 8, 9, 10, 11]);
    }

    #[test]
    fn nothing_need_be_said() {
        let header = Header::parse("soft_glow", "fn stage() {}").expect("a head");
        let (params, lines) = (Vec::new(), Vec::new());
        assert_eq!(header, Header { title: "Soft glow".to_owned(), place: 45, params, lines });
        assert_eq!(header.amount(), None);
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (line, why) in [
            ("// name:", "1 to 32 characters"),
            ("// place: 100", "from 0 to 99"),
            ("// place: early", "from 0 to 99"),
            ("// param", "'' cannot be the name"),
            ("// param Amount 0 0..1", "'Amount' cannot be the name"),
            ("// param 2x 0 0..1", "'2x' cannot be the name"),
            ("// param x", "write: param NAME DEFAULT MIN..MAX"),
            ("// param x 0", "write: param"),
            ("// param x 0 0-1", "write: param"),
            ("// param x 0 0..inf", "write: param"),
            ("// param x nan 0..1", "write: param"),
            ("// param x 2 0..1", "'x' begins at 2, outside its range 0..1"),
            ("// param x 1 1..0", "is empty"),
            ("// param amount 1 1..2", "lacks 0"),
            ("// param first 0 0..1", "'first' is declared twice"),
            ("// switch x", "write: switch NAME on|off"),
            ("// switch amount on", "'amount' is a number"),
            ("fn a() {}\n// param late 0 0..1", "above all code"),
            ("fn a() {}\n// name: Late", "above all code"),
        ] {
            let text = format!("// Waves.\n// param first 0 0..1\n{line}\n");
            let fault = Header::parse("ripple", &text).expect_err(line);
            assert_eq!(fault.line, 2 + line.lines().count(), "{line}: {fault:?}");
            assert!(fault.why.contains(why), "{line}: {fault:?}");
        }
        let many: String = (0..=PARAMS_MAX).map(|n| format!("// param x{n} 0 0..1\n")).collect();
        let fault = Header::parse("ripple", &many).expect_err("too many");
        assert_eq!((fault.line, fault.why.as_str()), (33, "a shader has 32 parameters at most"));
    }

    #[test]
    fn names_are_plain() {
        for good in ["a", "ripple", "a_b2", "l2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "2l", "_a", "Ripple", "a-b", "a.b", "ä", &"a".repeat(33)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(lines in prop::collection::vec("(// ?)?(param|switch|name:|place:)?[ -~ä]{0,30}", 0..8)) {
            let text = lines.join("\n");
            if let Err(fault) = Header::parse("ripple", &text) {
                prop_assert!((1..=text.lines().count()).contains(&fault.line));
            }
        }
    }
}
