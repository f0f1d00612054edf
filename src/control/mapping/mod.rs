//! Which control moves what: mappings of MIDI messages to parameters, as files keep them.
//!
//! ```toml
//! [[mapping]]
//! device = "nanoKONTROL2"   # part of the device's name, in any case; left out: every device
//! kind = "cc"               # cc, cc14, note, pitch_bend, program, nrpn or pressure
//! channel = 1               # 1..=16; left out: every channel
//! number = 16               # of the controller, note, NRPN (to 16383) or program
//! param = "playhead.position"
//! min = 0.25                # plain values at the two ends; left out: the whole range
//! max = 0.75
//! curve = 0.5               # -1..=1: above 0 the low end is finer, below 0 the high end
//! invert = false
//! mode = "absolute"         # absolute, toggle, gate, trigger; encoders: twos_complement,
//!                           # sign_magnitude, binary_offset
//! takeover = "pickup"       # pickup, jump, scale or relative
//! bank = 2                  # heard only while `midi.bank` is 2; left out: always
//! step = 0.01               # encoders: part of the range for each click
//! acceleration = 1.0        # encoders: 0 = none; turning fast goes further
//! feedback = { kind = "note", number = 16, on = 127, off = 0, latched = 2 }  # or feedback = false
//! touch = 104               # the note that says that a finger is on the fader
//! ```
//!
//! [`resolve`] makes of a mapping what the thread `midi` works with.

mod resolve;

pub(super) use resolve::{Lamp, Resolved};

use crate::params::{Registry, ValueError};
use serde::{Deserialize, Serialize};

/// Banks of mappings: a row of buttons has eight.
pub const BANKS: i64 = 8;

/// What kind of message a mapping listens to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A controller, 0..=127.
    #[default]
    Cc,
    /// A controller of 14 bits: numbers 0..=31 are the upper seven, those 32 above the lower.
    Cc14,
    /// A key or pad; its value is the velocity, 0 when it is let go.
    Note,
    /// The wheel, in 14 bits; at rest it is exactly in the middle.
    PitchBend,
    /// A program change. It sets a whole number to `min` (left out: 1) plus the program; in the other
    /// modes, and of a trigger, only program `number` is heard, as a press.
    Program,
    /// A non-registered parameter, 0..=16,383 (controllers 99, 98, 6 and 38).
    Nrpn,
    /// The pressure on all keys of a channel.
    Pressure,
}

/// What a mapping makes of the values it hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The parameter goes where the control is. On a switch or a trigger it is a press, whose force
    /// is the value or velocity: what that does is the row's own gesture (hold, latch, one-shot).
    #[default]
    Absolute,
    /// Each press goes to the other end: `min`, `max`, `min`, ...
    Toggle,
    /// `max` while it is held, `min` when it is let go.
    Gate,
    /// Each press fires, or sets `max` where the parameter has a value. Letting go does nothing.
    Trigger,
    /// An encoder that sends 1, 2, ... to the right and 127, 126, ... to the left.
    TwosComplement,
    /// An encoder that sends 1, 2, ... to the right and 65, 66, ... to the left.
    SignMagnitude,
    /// An encoder that sends 65, 66, ... to the right and 63, 62, ... to the left.
    BinaryOffset,
}

impl Mode {
    /// Whether the control says how far it was turned, not where it is.
    pub fn is_relative(self) -> bool {
        matches!(self, Self::TwosComplement | Self::SignMagnitude | Self::BinaryOffset)
    }
}

/// What happens where a control stands elsewhere than its parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Takeover {
    /// The control does nothing until it is moved across the parameter's value, and nothing again
    /// once something else has moved the parameter.
    #[default]
    Pickup,
    /// The parameter jumps to where the control is.
    Jump,
    /// The parameter moves in proportion to what is left of the way: both meet at the ends.
    Scale,
    /// The parameter moves by as much as the control moves.
    Relative,
}

/// One mapping. A controller counts as pressed from the middle of its way on, a note at any
/// velocity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Part of the device's name, compared without regard to case; empty = every device.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// What it listens to.
    pub kind: MessageKind,
    /// 1..=16; `None` = every channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<u8>,
    /// Controller, note or program, 0..=127; NRPN, 0..=16,383; pitch bend and pressure have none.
    #[serde(default)]
    pub number: u16,
    /// Id of the parameter.
    pub param: String,
    /// Plain value at the low end; `None` = the parameter's smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Plain value at the high end; `None` = the parameter's largest. May be below `min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// -1..=1: the way is bent by the exponent 4^curve.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub curve: f64,
    /// Whether the control is turned round.
    #[serde(default, skip_serializing_if = "is_false")]
    pub invert: bool,
    /// What is made of its values.
    #[serde(default)]
    pub mode: Mode,
    /// `None` = pickup for what stays where it is left, jump for what springs back (keys, pitch
    /// bend, pressure, programs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takeover: Option<Takeover>,
    /// The bank, 1..=[`BANKS`], in which it is heard; `None` = always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<u8>,
    /// Of an encoder: part of the range for each click; `None` = one whole step, or 1/127, or one
    /// slice of the clip where the parameter is the playhead's position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// Of an encoder, 0..=4: how much further it goes when turned fast; `None` = 1 for the
    /// playhead's position, else 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceleration: Option<f64>,
    /// What the device is told.
    #[serde(default, skip_serializing_if = "Feedback::is_plain")]
    pub feedback: Feedback,
    /// The note that a motor fader sends while a finger is on it, on the mapping's channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch: Option<u8>,
}

/// What a device is told of the parameter, so that its lamps, rings and motor faders show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Feedback {
    /// Whether it is told at all: then by the message that it sends itself, 127 for on and 0 for off.
    Told(bool),
    /// By another message, or other values.
    By(FeedbackSpec),
}

impl Default for Feedback {
    fn default() -> Self {
        Self::Told(true)
    }
}

impl Feedback {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// The message that tells a device. What is left out is as in the mapping.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedbackSpec {
    /// `cc`, `cc14`, `note` or `pitch_bend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MessageKind>,
    /// 1..=16; where the mapping has none either, 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<u8>,
    /// Of the controller or note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u8>,
    /// Sent for on, 0..=127; 127 where left out. Of a value, sent at its high end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<u8>,
    /// Sent for off, 0..=127; 0 where left out. Of a value, sent at its low end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<u8>,
    /// Sent for a switch that stays on because its gesture is latch (on many devices a value that
    /// blinks); where left out, as `on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latched: Option<u8>,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

fn is_false(value: &bool) -> bool {
    !value
}

/// All mappings of a set or of a controller file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mappings {
    /// The mappings. A control may have several.
    #[serde(default, rename = "mapping")]
    pub list: Vec<Mapping>,
}

impl Mappings {
    /// Whether every mapping names a parameter and stays in its range.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self, registry: &Registry) -> Result<(), MappingError> {
        self.list.iter().try_for_each(|mapping| mapping.resolve(registry).map(|_| ()))
    }
}

impl Mapping {
    /// Whether it is for a device of this name.
    pub fn is_for(&self, device: &str) -> bool {
        device.to_lowercase().contains(&self.device.to_lowercase())
    }

    /// What the control is called: `CC 16`.
    pub fn control_text(&self) -> String {
        match self.kind {
            MessageKind::Cc => format!("CC {}", self.number),
            MessageKind::Cc14 => format!("CC {} of 14 bits", self.number),
            MessageKind::Note => format!("note {}", self.number),
            MessageKind::PitchBend => "pitch bend".to_owned(),
            MessageKind::Program => "program changes".to_owned(),
            MessageKind::Nrpn => format!("NRPN {}", self.number),
            MessageKind::Pressure => "pressure".to_owned(),
        }
    }

    /// What happens where the control stands elsewhere than its parameter: what stays where it is left
    /// is picked up, what springs back jumps, unless it is said otherwise.
    pub fn takeover_in_force(&self) -> Takeover {
        let stays = matches!(self.kind, MessageKind::Cc | MessageKind::Cc14 | MessageKind::Nrpn);
        self.takeover.unwrap_or(if stays { Takeover::Pickup } else { Takeover::Jump })
    }

    /// Whether the same control of the same device, in the same bank, is listened to.
    pub fn has_control_of(&self, other: &Self) -> bool {
        self.device.eq_ignore_ascii_case(&other.device)
            && (self.kind, self.channel, self.number, self.bank)
                == (other.kind, other.channel, other.number, other.bank)
    }

    /// Whether there is a control that both listen to, on a device that is for both.
    pub fn overlaps(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.is_none() || other.is_none() || one == other
        }
        (self.kind, self.number) == (other.kind, other.number)
            && meet(self.channel, other.channel)
            && meet(self.bank, other.bank)
    }
}

/// Why mappings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// No parameter has this id.
    #[error("a mapping names '{id}', which is no parameter{}", hint(.suggestions))]
    Unknown {
        /// What it names.
        id: String,
        /// Ids like it.
        suggestions: Vec<&'static str>,
    },
    /// An end of its range is no value of the parameter.
    #[error("a mapping's min or max is wrong: {0}")]
    Range(#[from] ValueError),
    /// There is no such channel.
    #[error("a mapping of {param} is on channel {channel}: channels are 1..=16")]
    Channel {
        /// The parameter.
        param: String,
        /// The channel.
        channel: u8,
    },
    /// There is no such controller or note.
    #[error("a mapping of {param} is on number {number}: {kind} has 0..={most}")]
    Number {
        /// The parameter.
        param: String,
        /// The number.
        number: u16,
        /// What it counts.
        kind: &'static str,
        /// The largest there is.
        most: u16,
    },
    /// Another field is out of its range.
    #[error("a mapping of {param} has {field} = {value}: it takes {wanted}")]
    Field {
        /// The parameter.
        param: String,
        /// Which field.
        field: &'static str,
        /// What it has.
        value: String,
        /// What it takes.
        wanted: String,
    },
}

fn hint(suggestions: &[&'static str]) -> String {
    match suggestions {
        [] => "; `residua params` lists them".to_owned(),
        some => format!("; did you mean {}?", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;

    const ROWS: [ParamSpec; 2] = [
        ParamSpec::int("playhead.size", "Size", "", (1, 61), 6),
        ParamSpec::trigger("heal.all", "Heal", ""),
    ];

    fn registry() -> Registry {
        Registry::join(&[&ROWS]).expect("rows")
    }

    /// As sets are read.
    fn read(text: &str) -> Result<Mappings, String> {
        let mappings: Mappings = toml::from_str(text).map_err(|error| error.to_string())?;
        mappings.check(&registry()).map_err(|error| error.to_string())?;
        Ok(mappings)
    }

    #[test]
    fn a_file_reads_as_it_writes() {
        let text = r#"
            [[mapping]]
            device = "nano"
            kind = "cc"
            channel = 3
            number = 16
            param = "playhead.size"
            min = 31
            max = 1
            invert = true
            mode = "gate"
            takeover = "scale"
            bank = 2
            feedback = { kind = "note", number = 7, on = 3 }
            [[mapping]]
            kind = "pitch_bend"
            param = "heal.all"
            feedback = false
        "#;
        let mappings = read(text).expect("a legal file");
        let first = mappings.list[0].resolve(&registry()).expect("a known parameter");
        assert_eq!((first.low, first.high, first.mode), (0.5, 0.0, Mode::Gate));
        assert_eq!((first.takeover, first.bank), (Takeover::Scale, Some(2)));
        assert!(mappings.list[0].is_for("Korg NanoKontrol2") && !mappings.list[0].is_for("APC"));
        assert!(mappings.list[1].is_for("anything"));
        let again = toml::to_string(&mappings).expect("TOML");
        assert_eq!(read(&again).expect("a legal file"), mappings);
        assert_eq!(read("").expect("nothing"), Mappings::default());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |line: &str| {
            let text = format!("[[mapping]]\nkind = \"cc\"\n{line}");
            read(&text).expect_err(line)
        };
        assert_eq!(
            error("param = 'playhead.sise'"),
            "a mapping names 'playhead.sise', which is no parameter; did you mean playhead.size?"
        );
        assert_eq!(
            error("param = 'playhead.size'\nmax = 100.0"),
            "a mapping's min or max is wrong: playhead.size cannot be '100': it takes 1..=61"
        );
        assert!(error("param = 'heal.all'\nchannel = 0").contains("channels are 1..=16"));
        assert!(error("param = 'heal.all'\nnumber = 128").contains("0..=127"));
        assert!(error("param = 'heal.all'\nnumbr = 1").contains("numbr"));
        for (line, wanted) in [
            ("curve = 2.0", "-1..=1"),
            ("curve = nan", "-1..=1"),
            ("bank = 0", "1..=8"),
            ("bank = 9", "1..=8"),
            ("step = 0.0", "above 0"),
            ("acceleration = -1.0", "0..=4"),
            ("touch = 128", "0..=127"),
            ("feedback = { on = 128 }", "0..=127"),
            (
                "feedback = { kind = 'nrpn' }",
                "feedback = nrpn: it takes cc, cc14, note or pitch_bend",
            ),
            ("feedback = { number = 128 }", "0..=127"),
            (
                "feedback = { kind = 'cc14', number = 100 }",
                "feedback = number 100: it takes 0..=31",
            ),
            ("number = 32\nfeedback = { kind = 'cc14' }", "feedback = number 32"),
            ("kind = 'nrpn'\nnumber = 300\nfeedback = { kind = 'cc' }", "a number of its own"),
            (
                "kind = 'note'\nmode = 'binary_offset'",
                "mode = binary_offset: it takes kind = \"cc\"",
            ),
            ("kind = 'cc14'\nnumber = 32", "0..=31"),
            ("kind = 'nrpn'\nnumber = 16384", "0..=16383"),
        ] {
            let text = format!("[[mapping]]\nparam = 'playhead.size'\n{line}");
            let text = match line.starts_with("kind = '") {
                true => text,
                false => format!("{text}\nkind = 'cc'"),
            };
            let error = read(&text).expect_err(line);
            assert!(error.contains(wanted), "{line}: {error}");
        }
    }
}
