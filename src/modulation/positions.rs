//! A list of positions, as people write it into a text file.

use std::{str::FromStr, sync::Arc};

/// The slices to be played, one after the other, from the start again at the end.
///
/// As text: forward slice indices, counted from 0, one per line or several with spaces or commas
/// between them; from `#` to the end of a line is a comment. Clones share the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positions {
    slices: Arc<[u32]>,
}

/// Why there is no such list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionsError {
    /// Nothing in it.
    #[error("there is no position in the list: write one slice number per line, counted from 0")]
    Empty,
    /// No whole number.
    #[error("line {line}: '{text}' is no position: write whole numbers from 0 to {}", u32::MAX)]
    Number {
        /// The line, counted from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
}

impl Positions {
    /// A list of these forward slice indices.
    ///
    /// # Errors
    /// An empty list.
    pub fn new(slices: &[u32]) -> Result<Self, PositionsError> {
        if slices.is_empty() {
            return Err(PositionsError::Empty);
        }
        Ok(Self { slices: slices.into() })
    }

    /// The slices as they were written; a clip may have fewer.
    pub fn slices(&self) -> &[u32] {
        &self.slices
    }

    /// The slice of superframe `number`; the list repeats at its end.
    pub fn at(&self, number: u64) -> u32 {
        self.slices[(number % self.slices.len() as u64) as usize]
    }
}

impl FromStr for Positions {
    type Err = PositionsError;

    fn from_str(text: &str) -> Result<Self, PositionsError> {
        let mut slices = Vec::new();
        // Editors on Windows mark their files.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in text.lines().enumerate() {
            let written = line.split('#').next().unwrap_or("");
            let words = written.split(|c: char| c.is_whitespace() || c == ',');
            for word in words.filter(|word| !word.is_empty()) {
                slices.push(word.parse().map_err(|_| PositionsError::Number {
                    line: number + 1,
                    text: word.to_owned(),
                })?);
            }
        }
        Self::new(&slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_per_line_or_several() {
        let text = "\u{feff}# a way through the clip\r\n0\r\n\r\n12, 6 7\t3 # back\n,4294967295,\n";
        let positions: Positions = text.parse().expect("a list");
        assert_eq!(positions.slices(), [0, 12, 6, 7, 3, u32::MAX]);
        let at: Vec<u32> = (4..9).map(|number| positions.at(number)).collect();
        assert_eq!(at, [3, u32::MAX, 0, 12, 6]);
        assert_eq!(positions.at(u64::MAX), positions.at(u64::MAX % 6));
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_line() {
        let error = |text: &str| text.parse::<Positions>().expect_err(text).to_string();
        assert!(error("# nothing\n\n").starts_with("there is no position"));
        assert!(error("0\n1\n# x\n2 -3 x\n").starts_with("line 4: '-3' is no position"));
        assert!(error("1.5").starts_with("line 1: '1.5'"));
        assert!(error("4294967296").contains("from 0 to 4294967295"));
    }
}
