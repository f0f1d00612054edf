//! A mapping whose parameter is known: all that is left to decide is decided here, once. Pure.

use super::{BANKS, Feedback, FeedbackSpec, Mapping, MappingError, MessageKind, Mode, Takeover};
use crate::{
    control::midi::Message,
    params::{Kind, ParamIndex, ParamSpec, Registry},
    playhead,
};
use serde::Serialize;

/// The largest value of a byte of data.
const SEVEN_BITS: u8 = 127;

/// Clicks of an encoder from one end of a range to the other, where steps are not whole.
const CLICKS: f64 = 127.0;

/// A mapping ready for use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolved {
    kind: MessageKind,
    channel: Option<u8>,
    /// Of the controller, note, NRPN or program.
    number: u16,
    /// The parameter.
    pub param: ParamIndex,
    /// Normalised value at the low end.
    pub low: f64,
    /// Normalised value at the high end.
    pub high: f64,
    /// Plain value of program 0.
    pub first: f64,
    /// The exponent of the way.
    exponent: f64,
    /// Whether the control is turned round.
    pub invert: bool,
    /// What is made of its values.
    pub mode: Mode,
    /// What happens where control and parameter are apart.
    pub takeover: Takeover,
    /// When it is heard.
    pub bank: Option<u8>,
    /// Of an encoder: normalised way of one click.
    pub step: f64,
    /// Of an encoder: exponent of the rate.
    pub acceleration: f64,
    /// Whether the parameter is the playhead's position, which a jog wheel scrubs slice by slice.
    pub is_jog: bool,
    /// What the device is told.
    pub lamp: Option<Lamp>,
    /// The note that says that a finger is on the fader.
    touch: Option<u8>,
}

/// The message by which a device is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lamp {
    /// Controller, note or pitch bend.
    pub kind: MessageKind,
    /// 1..=16.
    pub channel: u8,
    /// Of the controller or note.
    pub number: u8,
    /// Sent for on, or at the high end.
    pub on: u8,
    /// Sent for off, or at the low end.
    pub off: u8,
    /// Sent for a switch that is latched on.
    pub latched: u8,
}

impl Resolved {
    /// Whether the mapping listens to this message.
    pub fn hears(&self, message: Message) -> bool {
        let (kind, channel, number) = match message {
            Message::Control { channel, number, .. } => (MessageKind::Cc, channel, number.into()),
            Message::Control14 { channel, number, .. } => {
                (MessageKind::Cc14, channel, number.into())
            }
            Message::Note { channel, number, .. } => (MessageKind::Note, channel, number.into()),
            Message::PitchBend { channel, .. } => (MessageKind::PitchBend, channel, self.number),
            Message::Pressure { channel, .. } => (MessageKind::Pressure, channel, self.number),
            Message::Nrpn { channel, number, .. } => (MessageKind::Nrpn, channel, number),
            Message::Program { channel, .. } if self.takes_any_program() => {
                (MessageKind::Program, channel, self.number)
            }
            Message::Program { channel, number } => (MessageKind::Program, channel, number.into()),
        };
        kind == self.kind
            && number == self.number
            && self.channel.is_none_or(|wanted| wanted == channel)
    }

    /// Whether the number of a program is a value.
    pub fn takes_any_program(&self) -> bool {
        self.kind == MessageKind::Program && self.mode == Mode::Absolute && self.first.is_finite()
    }

    /// Whether the message says that a finger is on the fader, and whether it is.
    pub fn touch(&self, message: Message) -> Option<bool> {
        match message {
            Message::Note { channel, number, velocity } => (Some(number) == self.touch
                && self.channel.is_none_or(|wanted| wanted == channel))
            .then_some(velocity > 0),
            _ => None,
        }
    }

    /// Whether the message is one half of what the mapping listens to.
    pub fn has_half(&self, message: Message) -> bool {
        let Message::Control { channel, number, .. } = message else { return false };
        let (kind, half) = (MessageKind::Cc14, u16::from(number % 32));
        number < 64
            && (kind, half) == (self.kind, self.number)
            && self.channel.is_none_or(|wanted| wanted == channel)
    }

    /// Whether it is heard in this bank.
    pub fn is_in(&self, bank: i64) -> bool {
        self.bank.is_none_or(|wanted| i64::from(wanted) == bank)
    }

    /// The normalised value of the parameter where the control is at `part` of its way.
    pub fn value(&self, part: f64) -> f64 {
        let part = if self.invert { 1.0 - part } else { part };
        self.low + (self.high - self.low) * part.clamp(0.0, 1.0).powf(self.exponent)
    }

    /// Where the control would be, 0..=1, for this normalised value.
    pub fn part(&self, normalised: f64) -> f64 {
        let width = self.high - self.low;
        let part = if width == 0.0 { 0.0 } else { (normalised - self.low) / width };
        let part = part.clamp(0.0, 1.0).powf(1.0 / self.exponent);
        if self.invert { 1.0 - part } else { part }
    }
}

impl Mapping {
    /// Looks the parameter up and checks the rest.
    ///
    /// # Errors
    /// No such parameter, or a field out of its range.
    pub(in crate::control) fn resolve(
        &self,
        registry: &Registry,
    ) -> Result<Resolved, MappingError> {
        let Some(param) = registry.find(&self.param) else {
            let suggestions = registry.suggestions(&self.param);
            return Err(MappingError::Unknown { id: self.param.clone(), suggestions });
        };
        if let Some(channel) = self.channel.filter(|channel| !(1..=16).contains(channel)) {
            return Err(MappingError::Channel { param: self.param.clone(), channel });
        }
        self.check_number()?;
        self.check_fields()?;
        let row = registry.row(param);
        let end = |plain: Option<f64>, otherwise: f64| match plain {
            Some(plain) => row.check(plain).map(|plain| row.normalised_from_plain(plain)),
            None => Ok(otherwise),
        };
        let is_jog = row.id == playhead::POSITION.id && self.step.is_none();
        Ok(Resolved {
            kind: self.kind,
            channel: self.channel,
            number: match self.kind {
                MessageKind::PitchBend | MessageKind::Pressure => 0,
                _ => self.number,
            },
            param,
            low: end(self.min, 0.0)?,
            high: end(self.max, 1.0)?,
            first: match row.kind {
                Kind::Int { min, .. } => self.min.unwrap_or((min as f64).max(1.0)),
                Kind::Choice(_) => self.min.unwrap_or(0.0),
                Kind::Float { .. } => 0.0,
                Kind::Bool | Kind::Trigger | Kind::Reference => f64::NAN,
            },
            exponent: 4.0_f64.powf(self.curve),
            invert: self.invert,
            mode: self.mode,
            takeover: self.takeover_in_force(),
            bank: self.bank,
            step: self.step.unwrap_or_else(|| click(row)),
            acceleration: self.acceleration.unwrap_or(if is_jog { 1.0 } else { 0.0 }),
            is_jog,
            lamp: self.lamp(),
            touch: self.touch,
        })
    }

    fn check_number(&self) -> Result<(), MappingError> {
        let (kind, most) = match self.kind {
            MessageKind::Cc => ("a controller", 127),
            MessageKind::Cc14 => ("a controller of 14 bits", 31),
            MessageKind::Note => ("a note", 127),
            MessageKind::Program => ("a program", 127),
            MessageKind::Nrpn => ("an NRPN", 16_383),
            MessageKind::PitchBend | MessageKind::Pressure => return Ok(()),
        };
        let (param, number) = (self.param.clone(), self.number);
        let wrong = MappingError::Number { param, number, kind, most };
        if number > most { Err(wrong) } else { Ok(()) }
    }

    fn check_fields(&self) -> Result<(), MappingError> {
        match self.wrong_field() {
            None => Ok(()),
            Some((field, value, wanted)) => {
                Err(MappingError::Field { param: self.param.clone(), field, value, wanted })
            }
        }
    }

    /// The first field out of its range, what it has, and what it takes.
    fn wrong_field(&self) -> Option<(&'static str, String, String)> {
        let wrong = |field, value: &dyn ToString, wanted: &dyn ToString| {
            Some((field, value.to_string(), wanted.to_string()))
        };
        if !(-1.0..=1.0).contains(&self.curve) {
            return wrong("curve", &self.curve, &"-1..=1");
        }
        if let Some(bank) = self.bank.filter(|bank| !(1..=BANKS).contains(&i64::from(*bank))) {
            return wrong("bank", &bank, &format!("1..={BANKS}"));
        }
        if let Some(step) = self.step.filter(|step| !(*step > 0.0 && *step <= 1.0)) {
            return wrong("step", &step, &"a number above 0, at most 1");
        }
        if let Some(power) = self.acceleration.filter(|power| !(0.0..=4.0).contains(power)) {
            return wrong("acceleration", &power, &"0..=4");
        }
        if self.mode.is_relative() && self.kind != MessageKind::Cc {
            return wrong("mode", &written(&self.mode), &"kind = \"cc\" beside it");
        }
        if let Some(note) = self.touch.filter(|note| *note > SEVEN_BITS) {
            return wrong("touch", &note, &"0..=127");
        }
        let Feedback::By(spec) = &self.feedback else { return None };
        let values = [("on", spec.on), ("off", spec.off), ("latched", spec.latched)];
        for (name, value) in values {
            if let Some(value) = value.filter(|value| *value > SEVEN_BITS) {
                return wrong("feedback", &format!("{name} {value}"), &"0..=127");
            }
        }
        if let Some(channel) = spec.channel.filter(|channel| !(1..=16).contains(channel)) {
            return wrong("feedback", &format!("channel {channel}"), &"1..=16");
        }
        let kind = spec.kind.unwrap_or(self.kind);
        if !can_tell(kind) {
            // What the mapping listens to itself is told nothing: no words are lost about it.
            let asked = spec.kind?;
            return wrong("feedback", &written(&asked), &"cc, cc14, note or pitch_bend");
        }
        let most = most_of_lamp(kind);
        let own = spec.number.map(u16::from);
        match own.unwrap_or(self.number) {
            number if number <= most => None,
            number if own.is_some() => {
                wrong("feedback", &format!("number {number}"), &format!("0..={most}"))
            }
            number => wrong(
                "feedback",
                &format!("number {number}, which is the mapping's"),
                &format!("a number of its own, 0..={most}"),
            ),
        }
    }

    /// What the device is told; nothing of what does not stay, and of encoders that have no ring.
    fn lamp(&self) -> Option<Lamp> {
        let none = FeedbackSpec::default();
        let spec = match &self.feedback {
            Feedback::Told(false) => return None,
            Feedback::Told(true) => &none,
            Feedback::By(spec) => spec,
        };
        let kind = spec.kind.unwrap_or(self.kind);
        // Checked before: it is in range wherever a device can be told.
        let number = spec.number.or_else(|| u8::try_from(self.number).ok());
        let on = spec.on.unwrap_or(127);
        Some(Lamp {
            kind,
            channel: spec.channel.or(self.channel).unwrap_or(1),
            number: number.unwrap_or(0),
            on,
            off: spec.off.unwrap_or(0),
            latched: spec.latched.unwrap_or(on),
        })
        .filter(|_| can_tell(kind))
    }
}

/// Whether a device can be told by such a message.
fn can_tell(kind: MessageKind) -> bool {
    use MessageKind::{Cc, Cc14, Note, PitchBend};
    matches!(kind, Cc | Cc14 | Note | PitchBend)
}

/// The largest number of such a message; a wheel has none, and any will do.
fn most_of_lamp(kind: MessageKind) -> u16 {
    match kind {
        MessageKind::Cc14 => 31,
        MessageKind::PitchBend => u16::MAX,
        _ => u16::from(SEVEN_BITS),
    }
}

/// A word as files write it.
fn written(word: &impl Serialize) -> String {
    let word = toml::Value::try_from(word).ok();
    word.as_ref().and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

/// The normalised way of one click of an encoder.
fn click(row: &ParamSpec) -> f64 {
    let (min, max) = row.range();
    // Where steps are whole a smaller way would come to nothing.
    if row.is_stepped() { 1.0 / (max - min).max(1.0) } else { 1.0 / CLICKS }
}
