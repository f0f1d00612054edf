//! What happened, slot by slot.

use super::{
    header::{ClipFacts, Value, push_line},
    words::{Words, quoted},
};
use crate::params::{Change, Source};

/// The last slot that a take may name: a year of 60 slots a second.
pub const SLOTS_MAX: u64 = 60 * 60 * 60 * 24 * 366;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The slot that it belongs to.
    pub slot: u64,
    /// What happened.
    pub what: What,
}

/// An event that entered a tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Id of the row.
    pub id: String,
    /// What it did. Of a row that names another, the plain value stands in `row`.
    pub change: Change,
    /// The id of the row that the value names.
    pub row: Option<String>,
    /// Who did it.
    pub source: Source,
    /// When it was sent, on the clock of the queue.
    pub at_micros: u64,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An event entered the tick.
    Event(Event),
    /// The slots from this one to `last` showed the picture before.
    Late {
        /// The last of them.
        last: u64,
    },
    /// A grabbed picture came back, or could not be coded.
    Grab {
        /// The slot for pictures, from 1.
        picture: u8,
        /// Whether it was coded.
        is_filled: bool,
    },
    /// The programme picture that was grabbed is that of this slot, if of any.
    GrabOf(Option<u64>),
    /// A clip that was made while playing came.
    Clip(ClipFacts),
    /// A preset of those that come next.
    Preset(String),
    /// A value of the preset before.
    PresetValue(String, Value),
    /// The presets before this line took the place of all.
    Bank,
    /// Something else came, or failed to; see [`Mark`].
    Mark(Mark),
    /// All slots before this one are told of.
    Reached,
    /// What is wanted begins here.
    From,
    /// So many lines are missing.
    Lost(u64),
    /// The performance ended before this slot.
    End,
}

/// Makes the marks and their words.
macro_rules! marks {
    ($($(#[$help:meta])* $mark:ident = $word:literal),* $(,)?) => {
        /// What happened in a tick at its own time, and has no more to it than its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mark {
            $($(#[$help])* $mark,)*
        }

        impl Mark {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$mark),*];

            /// The word in the file.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$mark => $word,)*
                }
            }
        }
    };
}

marks! {
    /// The tick began, and its picture was late.
    Begun = "begun",
    /// A grab found no room.
    GrabRefused = "grab-refused",
    /// No picture was free for a grab.
    NoPicture = "no-picture",
    /// A user's shader came, changed or went.
    Shader = "shader-changed",
    /// The decoder that was wanted was not ready.
    NoDecoder = "no-decoder",
    /// The decoder did not take an access unit.
    FeedFailed = "feed-failed",
    /// The decoder failed.
    DecoderFailed = "decoder-failed",
    /// The clean lane's decoder was not ready.
    NoCleanDecoder = "no-clean-decoder",
    /// The clean picture was late.
    CleanLate = "clean-late",
    /// The clean lane's decoder failed.
    CleanFailed = "clean-failed",
    /// The codec stage's picture was late.
    CodecLate = "codec-late",
    /// The picture was not read back.
    Unread = "unread",
}

impl Event {
    fn write(&self, out: &mut String, slot: u64) {
        let Self { id, change, row, source, at_micros } = self;
        let number = |value: &f64| Some(Value::Number(*value).write());
        let value = match (change, row) {
            (Change::Plain(_), Some(row)) => Some(quoted(row)),
            (Change::Plain(value), None) => number(value),
            (Change::Normalised(value) | Change::Nudge(value) | Change::Press(value), _) => {
                number(value)
            }
            (Change::Toggle | Change::Fire | Change::Release, _) => None,
            (Change::Gesture(gesture), _) => Some(quoted(gesture.name())),
            (Change::Quantise(grid), _) => Some(quoted(grid.name())),
            (Change::Exclude(is_excluded), _) => {
                Some(if *is_excluded { "on" } else { "off" }.to_owned())
            }
        };
        let name = change.name();
        let source = source.name();
        match value {
            Some(value) => {
                push_line(out, slot, format_args!("{id} {name} {value} {source} {at_micros}"));
            }
            None => push_line(out, slot, format_args!("{id} {name} {source} {at_micros}")),
        }
    }

    fn read(id: String, words: &mut Words<'_>) -> Result<Self, String> {
        let name = words.next()?;
        let mut row = None;
        let named = Change::ALL.into_iter().find(|change| change.name() == name);
        let change = match named.ok_or_else(|| format!("'{name}' is no change"))? {
            Change::Plain(_) => match Value::read(words)? {
                Value::Number(value) => Change::Plain(value),
                Value::Row(id) => {
                    row = Some(id);
                    Change::Plain(0.0)
                }
            },
            Change::Normalised(_) => Change::Normalised(words.read("number")?),
            Change::Nudge(_) => Change::Nudge(words.read("number")?),
            Change::Press(_) => Change::Press(words.read("number")?),
            Change::Gesture(_) => Change::Gesture(words.read("gesture")?),
            Change::Quantise(_) => Change::Quantise(words.read("grid")?),
            Change::Exclude(_) => match words.next()?.as_str() {
                "on" => Change::Exclude(true),
                "off" => Change::Exclude(false),
                other => return Err(format!("'{other}' is neither on nor off")),
            },
            change @ (Change::Toggle | Change::Fire | Change::Release) => change,
        };
        let (source, at_micros) = (words.read("source")?, words.read("time")?);
        Ok(Self { id, change, row, source, at_micros })
    }
}

/// What stands before every line that is no event: an id never has it.
const SIGN: char = '!';

impl Record {
    /// Writes its line.
    pub fn write(&self, out: &mut String) {
        let slot = self.slot;
        let mut line = |words: std::fmt::Arguments<'_>| push_line(out, slot, words);
        match &self.what {
            What::Event(event) => event.write(out, slot),
            What::Late { last } if *last == slot => line(format_args!("!late")),
            What::Late { last } => line(format_args!("!late {last}")),
            What::Grab { picture, is_filled: true } => line(format_args!("!grab {picture} filled")),
            What::Grab { picture, is_filled: false } => {
                line(format_args!("!grab {picture} failed"))
            }
            What::GrabOf(Some(of)) => line(format_args!("!grab-of {of}")),
            What::GrabOf(None) => line(format_args!("!grab-of none")),
            What::Clip(clip) => line(format_args!("!clip {}", clip.write())),
            What::Preset(name) => line(format_args!("!preset {}", quoted(name))),
            What::PresetValue(id, value) => {
                line(format_args!("!preset-value {id} {}", value.write()));
            }
            What::Bank => line(format_args!("!presets")),
            What::Mark(mark) => line(format_args!("!{}", mark.name())),
            What::Reached => line(format_args!("!reached")),
            What::From => line(format_args!("!from")),
            What::Lost(lines) => line(format_args!("!lost {lines}")),
            What::End => line(format_args!("!end")),
        }
    }

    /// Reads a line; the error is what is wrong with it.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let mut words = Words::of(line);
        let slot = slot(&mut words)?;
        let word = words.next()?;
        let what = match word.strip_prefix(SIGN) {
            None => {
                let id = Words::of(&word).id()?;
                What::Event(Event::read(id, &mut words)?)
            }
            Some("late") if words.is_over() => What::Late { last: slot },
            Some("late") => {
                let last = self::slot(&mut words)?;
                if last < slot {
                    return Err(format!("slot {last} comes before {slot}"));
                }
                What::Late { last }
            }
            Some("grab") => {
                let picture = words.read("slot")?;
                let is_filled = match words.next()?.as_str() {
                    "filled" => true,
                    "failed" => false,
                    other => return Err(format!("'{other}' is neither filled nor failed")),
                };
                What::Grab { picture, is_filled }
            }
            Some("grab-of") => match words.next()?.as_str() {
                "none" => What::GrabOf(None),
                of => What::GrabOf(Some(of.parse().map_err(|_| format!("'{of}' is no slot"))?)),
            },
            Some("clip") => What::Clip(ClipFacts::read(&mut words)?),
            Some("preset") => What::Preset(words.next()?),
            Some("preset-value") => What::PresetValue(words.id()?, Value::read(&mut words)?),
            Some("presets") => What::Bank,
            Some("reached") => What::Reached,
            Some("from") => What::From,
            Some("lost") => What::Lost(words.read("number of lines")?),
            Some("end") => What::End,
            Some(word) => {
                let mark = Mark::ALL.iter().find(|mark| mark.name() == word);
                What::Mark(*mark.ok_or_else(|| format!("'!{word}' is not known"))?)
            }
        };
        words.end()?;
        Ok(Self { slot, what })
    }
}

fn slot(words: &mut Words<'_>) -> Result<u64, String> {
    let slot = words.read("slot")?;
    match slot {
        0..=SLOTS_MAX => Ok(slot),
        _ => Err(format!("slot {slot} is beyond the last, {SLOTS_MAX}")),
    }
}
