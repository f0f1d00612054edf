//! Which knob moves what: mappings of MIDI messages to parameters, as files keep them.
//!
//! ```toml
//! [[mapping]]
//! device = "nanoKONTROL2"   # part of the device's name, in any case; left out: every device
//! kind = "cc"               # cc, note or pitch_bend
//! channel = 1               # 1..=16; left out: every channel
//! number = 16               # of the controller or note
//! param = "playhead.position"
//! min = 0.25                # plain values at the two ends; left out: the whole range
//! max = 0.75
//! invert = false
//! mode = "absolute"         # absolute, toggle, gate or trigger
//! ```

use super::midi::Message;
use crate::params::{ParamIndex, Registry, ValueError};
use serde::{Deserialize, Serialize};

/// What kind of message a mapping listens to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A controller, 0..=127.
    #[default]
    Cc,
    /// A key or pad; its value is the velocity, 0 when it is let go.
    Note,
    /// The wheel, in 14 bits; at rest it is exactly in the middle.
    PitchBend,
}

/// What a mapping makes of the values it hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The parameter goes where the control is.
    #[default]
    Absolute,
    /// Each press goes to the other end: `min`, `max`, `min`, ...
    Toggle,
    /// `max` while it is held, `min` when it is let go.
    Gate,
    /// Each press fires, or sets `max` where the parameter has a value. Letting go does nothing.
    Trigger,
}

/// One mapping. A controller counts as pressed from the middle of its way on, a note at any
/// velocity. A trigger fires when pressed, whatever the mode.
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
    /// Controller or note, 0..=127; pitch bend has none.
    #[serde(default)]
    pub number: u8,
    /// Id of the parameter.
    pub param: String,
    /// Plain value at the low end; `None` = the parameter's smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Plain value at the high end; `None` = the parameter's largest. May be below `min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether the control is turned round.
    #[serde(default)]
    pub invert: bool,
    /// What is made of its values.
    #[serde(default)]
    pub mode: Mode,
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
    /// Reads a controller file and checks it.
    ///
    /// # Errors
    /// What is no TOML of this form, names no parameter, or lies out of range.
    pub fn from_toml(text: &str, registry: &Registry) -> Result<Self, MappingError> {
        let mappings: Self = toml::from_str(text)?;
        mappings.check(registry)?;
        Ok(mappings)
    }

    /// Whether every mapping names a parameter and stays in its range.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self, registry: &Registry) -> Result<(), MappingError> {
        self.list.iter().try_for_each(|mapping| mapping.resolve(registry).map(|_| ()))
    }

    /// Writes a controller file.
    ///
    /// # Errors
    /// A value that TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, MappingError> {
        Ok(toml::to_string(self)?)
    }
}

/// Why mappings cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It is no TOML, or of another form.
    #[error("the mappings cannot be read: {0}")]
    Read(#[from] toml::de::Error),
    /// It cannot be written as TOML.
    #[error("the mappings cannot be written: {0}")]
    Write(#[from] toml::ser::Error),
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
    #[error("a mapping of {param} is on number {number}: controllers and notes are 0..=127")]
    Number {
        /// The parameter.
        param: String,
        /// The number.
        number: u8,
    },
}

fn hint(suggestions: &[&'static str]) -> String {
    match suggestions {
        [] => "; `residua params` lists them".to_owned(),
        some => format!("; did you mean {}?", some.join(", ")),
    }
}

/// A mapping whose parameter is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Resolved {
    kind: MessageKind,
    channel: Option<u8>,
    number: u8,
    /// The parameter.
    pub param: ParamIndex,
    /// Normalised value at the low end.
    pub low: f64,
    /// Normalised value at the high end.
    pub high: f64,
    /// Whether the control is turned round.
    pub invert: bool,
    /// What is made of its values.
    pub mode: Mode,
}

impl Resolved {
    /// Whether the mapping listens to this message.
    pub fn hears(&self, message: Message) -> bool {
        let (kind, channel, number) = match message {
            Message::Control { channel, number, .. } => (MessageKind::Cc, channel, number),
            Message::Note { channel, number, .. } => (MessageKind::Note, channel, number),
            Message::PitchBend { channel, .. } => (MessageKind::PitchBend, channel, self.number),
        };
        kind == self.kind
            && number == self.number
            && self.channel.is_none_or(|wanted| wanted == channel)
    }
}

impl Mapping {
    /// Whether it is for a device of this name.
    pub fn is_for(&self, device: &str) -> bool {
        device.to_lowercase().contains(&self.device.to_lowercase())
    }

    pub(super) fn resolve(&self, registry: &Registry) -> Result<Resolved, MappingError> {
        let Some(param) = registry.find(&self.param) else {
            let suggestions = registry.suggestions(&self.param);
            return Err(MappingError::Unknown { id: self.param.clone(), suggestions });
        };
        if let Some(channel) = self.channel.filter(|channel| !(1..=16).contains(channel)) {
            return Err(MappingError::Channel { param: self.param.clone(), channel });
        }
        if self.number > 127 {
            return Err(MappingError::Number { param: self.param.clone(), number: self.number });
        }
        let row = registry.row(param);
        let end = |plain: Option<f64>, otherwise: f64| match plain {
            Some(plain) => row.check(plain).map(|plain| row.normalised_from_plain(plain)),
            None => Ok(otherwise),
        };
        Ok(Resolved {
            kind: self.kind,
            channel: self.channel,
            number: self.number,
            param,
            low: end(self.min, 0.0)?,
            high: end(self.max, 1.0)?,
            invert: self.invert,
            mode: self.mode,
        })
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
            [[mapping]]
            kind = "pitch_bend"
            param = "heal.all"
        "#;
        let mappings = Mappings::from_toml(text, &registry()).expect("a legal file");
        let first = mappings.list[0].resolve(&registry()).expect("a known parameter");
        assert_eq!((first.low, first.high, first.mode), (0.5, 0.0, Mode::Gate));
        assert!(mappings.list[0].is_for("Korg NanoKontrol2") && !mappings.list[0].is_for("APC"));
        assert!(mappings.list[1].is_for("anything"));
        let again = mappings.to_toml().expect("TOML");
        assert_eq!(Mappings::from_toml(&again, &registry()).expect("a legal file"), mappings);
        assert_eq!(Mappings::from_toml("", &registry()).expect("nothing"), Mappings::default());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |line: &str| {
            let text = format!("[[mapping]]\nkind = \"cc\"\n{line}");
            Mappings::from_toml(&text, &registry()).expect_err(line).to_string()
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
    }
}
