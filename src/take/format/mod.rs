//! The text of a take: lines of words, as docs/take.md describes them.
//!
//! Pure: text to facts and back. Reads anything without a panic, and knows neither rows nor clips:
//! whether they are there is asked by whoever plays the take.

mod header;
mod record;
mod words;

pub use header::{ClipFacts, Header, PresetFacts, Value};
pub use record::{Event, Mark, Record, SLOTS_MAX, What};

/// The format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// The first word of every take.
const MAGIC: &str = "residua-take";

/// The line between header and body.
const PLAYS: &str = "plays";

/// Why a text is no take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Something else.
    #[error("this is no take: its first line is not '{MAGIC} {FORMAT}'")]
    NoTake,
    /// A take of another format.
    #[error(
        "this take is of format {found}, and this program reads format {FORMAT}: use the program that made it"
    )]
    OtherFormat {
        /// Its format.
        found: String,
    },
    /// It ends in the header.
    #[error("this take ends before it plays: nothing of it was kept")]
    NoBody,
    /// A line that means nothing.
    #[error("line {line} of the take cannot be understood: {why}{}", by_another(.version))]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
        /// The version of the program that made the take, where it is another one.
        version: Option<String>,
    },
}

fn by_another(version: &Option<String>) -> String {
    let by = |version| format!(" (version {version} of the program made it)");
    version.as_ref().map(by).unwrap_or_default()
}

/// A take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Take {
    /// What the performance began with.
    pub header: Header,
    /// What happened, in the order of the lines, which is nearly that of the slots.
    pub records: Vec<Record>,
}

impl Take {
    /// Reads a take. A last line without its end is what a kill left, and is left out.
    ///
    /// # Errors
    /// The text is no take, one of another format, or has a line that means nothing.
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut lines = bytes[..whole].split(|byte| *byte == b'\n').enumerate();
        let (_, first) = lines.next().ok_or(FormatError::NoTake)?;
        let first = std::str::from_utf8(first).map_err(|_| FormatError::NoTake)?;
        match first.trim_end().split_once(' ') {
            Some((MAGIC, format)) if format == FORMAT.to_string() => {}
            Some((MAGIC, format)) => {
                return Err(FormatError::OtherFormat { found: shortened(format) });
            }
            _ => return Err(FormatError::NoTake),
        }
        let mut take = Self::default();
        let mut plays = false;
        for (place, line) in lines {
            let text = std::str::from_utf8(line).map_err(|_| "it is no text".to_owned());
            let read = text.and_then(|text| {
                let text = text.trim_end_matches('\r');
                match (text.is_empty() || text.starts_with('#'), plays) {
                    (true, _) => Ok(()),
                    (false, false) if text == PLAYS => {
                        plays = true;
                        Ok(())
                    }
                    (false, false) => take.header.read(text),
                    (false, true) => Record::read(text).map(|record| take.records.push(record)),
                }
            });
            read.map_err(|why| FormatError::Line {
                line: place + 1,
                why: shortened(&why),
                version: Some(take.header.version.clone())
                    .filter(|version| !version.is_empty() && version != env!("CARGO_PKG_VERSION")),
            })?;
        }
        if plays { Ok(take) } else { Err(FormatError::NoBody) }
    }

    /// The lines of a header, up to the first slot.
    pub fn write_header(header: &Header) -> String {
        let mut out = format!("{MAGIC} {FORMAT}\n");
        header.write(&mut out);
        out.push_str(PLAYS);
        out.push('\n');
        out
    }

    /// All of it as text.
    pub fn write(&self) -> String {
        let mut out = Self::write_header(&self.header);
        for record in &self.records {
            record.write(&mut out);
        }
        out
    }

    /// Slots from the start to the end; where a kill was the end, to the last that is told of.
    pub fn slots(&self) -> u64 {
        let end = self.records.iter().rev().find(|record| record.what == What::End);
        let told = |record: &Record| match record.what {
            What::Late { last } => last + 1,
            What::Reached | What::End | What::From | What::Lost(_) => record.slot,
            _ => record.slot + 1,
        };
        let last = || self.records.iter().map(told).max().unwrap_or(0);
        end.map_or_else(last, |end| end.slot)
    }

    /// The slot at which what is wanted begins.
    pub fn from(&self) -> u64 {
        let from = self.records.iter().rev().find(|record| record.what == What::From);
        from.map_or(0, |from| from.slot)
    }

    /// Lines that are missing, since they could not be written down in time.
    pub fn lost(&self) -> u64 {
        let lost = |record: &Record| match record.what {
            What::Lost(lines) => lines,
            _ => 0,
        };
        self.records.iter().map(lost).fold(0, u64::saturating_add)
    }

    /// Whether this happened anywhere.
    pub fn has(&self, mark: Mark) -> bool {
        self.records.iter().any(|record| record.what == What::Mark(mark))
    }
}

/// As much of foreign text as a line for a person bears.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 120;
    let mut short: String = text.chars().take(CHARS_MAX).filter(|c| !c.is_control()).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
