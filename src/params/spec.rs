//! The declaration of one parameter, and the conversions that follow from it.

use super::{
    family::LETTERS,
    gesture::Gesture,
    registry::{CAPACITY, NO_ROW},
};
use std::fmt::Write as _;

/// What kind of value a parameter has. Plain values of every kind travel as `f64`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A real number in `min..=max`.
    Float {
        /// Smallest plain value.
        min: f64,
        /// Largest plain value.
        max: f64,
    },
    /// A whole number in `min..=max`.
    Int {
        /// Smallest plain value.
        min: i64,
        /// Largest plain value.
        max: i64,
    },
    /// 0 = off, 1 = on.
    Bool,
    /// An index into these names.
    Choice(&'static [&'static str]),
    /// Has no value; something happens.
    Trigger,
    /// Names another row: its place, or -1 for none. Written as that row's id, which only the
    /// registry knows: see [`Registry::parse`](super::Registry::parse).
    Reference,
}

/// How the normalised range 0..=1 is spread over the plain one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// Evenly.
    Linear,
    /// plain = min + (max - min) * normalised^exponent: above 1 is finer at the low end.
    Power(f64),
}

/// What a parameter belongs to. Presets, snapshots and panic's neutral look touch looks only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// How the picture looks.
    Look,
    /// Playhead, clip, output, recorder: never recalled by a preset.
    Transport,
}

/// One row: everything there is to know of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamSpec {
    /// Dotted, stable for ever: `decay.noise_amplitude` is `/decay/noise_amplitude` in OSC.
    pub id: &'static str,
    /// The performer's word.
    pub name: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Kind and range.
    pub kind: Kind,
    /// How controllers are spread over the range.
    pub curve: Curve,
    /// Unit of the plain value; empty where it has none.
    pub unit: &'static str,
    /// Plain value at the start.
    pub default: f64,
    /// Plain value at which the parameter does nothing: what panic and older presets use.
    pub neutral: f64,
    /// Time constant of the way to a new value; 0 = at once.
    pub smoothing_millis: f64,
    /// What it belongs to.
    pub scope: Scope,
    /// Whether each clip has a value of its own, which comes back when the clip is entered again.
    pub is_per_clip: bool,
    /// Whether it is a detail, which a window keeps folded away at first.
    pub is_detail: bool,
    /// Whether the instrument itself moves it, and people only read it.
    pub is_meter: bool,
    /// Whether only hands move it: it writes files or guards the show.
    pub is_by_hand: bool,
    /// The id that it had once, by which it is still found. Ids are stable for ever.
    pub former_id: Option<&'static str>,
    /// What presses do to it until somebody says otherwise.
    pub gesture: Gesture,
    /// The id of the row that a reference names at first; empty = none.
    pub names: &'static str,
}

impl ParamSpec {
    const fn new(
        id: &'static str,
        name: &'static str,
        help: &'static str,
        kind: Kind,
        default: f64,
    ) -> Self {
        Self {
            id,
            name,
            help,
            kind,
            curve: Curve::Linear,
            unit: "",
            default,
            neutral: default,
            smoothing_millis: 0.0,
            scope: Scope::Look,
            is_per_clip: false,
            is_detail: false,
            is_meter: false,
            is_by_hand: false,
            former_id: None,
            gesture: Gesture::Latch,
            names: "",
        }
    }

    /// A real number in `min..=max`.
    pub const fn float(
        id: &'static str,
        name: &'static str,
        help: &'static str,
        (min, max): (f64, f64),
        default: f64,
    ) -> Self {
        Self::new(id, name, help, Kind::Float { min, max }, default)
    }

    /// A whole number in `min..=max`.
    pub const fn int(
        id: &'static str,
        name: &'static str,
        help: &'static str,
        (min, max): (i64, i64),
        default: i64,
    ) -> Self {
        Self::new(id, name, help, Kind::Int { min, max }, default as f64)
    }

    /// Off or on; each press turns it round, unless [`Self::held`].
    pub const fn switch(
        id: &'static str,
        name: &'static str,
        help: &'static str,
        default: bool,
    ) -> Self {
        Self::new(id, name, help, Kind::Bool, if default { 1.0 } else { 0.0 })
    }

    /// One of `names`; `default` is an index.
    pub const fn choice(
        id: &'static str,
        name: &'static str,
        help: &'static str,
        names: &'static [&'static str],
        default: usize,
    ) -> Self {
        Self::new(id, name, help, Kind::Choice(names), default as f64)
    }

    /// Something that happens.
    pub const fn trigger(id: &'static str, name: &'static str, help: &'static str) -> Self {
        Self::new(id, name, help, Kind::Trigger, 0.0).transport().held()
    }

    /// The name of another row; none at first.
    pub const fn reference(id: &'static str, name: &'static str, help: &'static str) -> Self {
        Self::new(id, name, help, Kind::Reference, NO_ROW)
    }

    /// On for as long as somebody presses it; a value then goes back to where it was.
    pub const fn held(mut self) -> Self {
        self.gesture = Gesture::Hold;
        self
    }

    /// A reference that names this row at first, by its id.
    pub const fn naming(mut self, id: &'static str) -> Self {
        self.names = id;
        self
    }

    /// With this value at the start, at which it does nothing.
    pub const fn at_first(mut self, plain: f64) -> Self {
        self.default = plain;
        self.neutral(plain)
    }

    /// With this unit.
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// With this curve.
    pub const fn curve(mut self, curve: Curve) -> Self {
        self.curve = curve;
        self
    }

    /// With a neutral value that is not the default.
    pub const fn neutral(mut self, neutral: f64) -> Self {
        self.neutral = neutral;
        self
    }

    /// On its way to a new value for about three times this long.
    pub const fn smoothed(mut self, millis: f64) -> Self {
        self.smoothing_millis = millis;
        self
    }

    /// No look: presets and panic leave it alone.
    pub const fn transport(mut self) -> Self {
        self.scope = Scope::Transport;
        self
    }

    /// Every clip keeps its own value; what is moved is that of the clip in play.
    pub const fn per_clip(mut self) -> Self {
        self.is_per_clip = true;
        self
    }

    /// A detail: a window keeps it folded away at first.
    pub const fn detail(mut self) -> Self {
        self.is_detail = true;
        self
    }

    /// Still found by the id that it had once.
    pub const fn formerly(mut self, id: &'static str) -> Self {
        self.former_id = Some(id);
        self
    }

    /// Moved by the instrument itself; people read it. No preset and no set keeps it.
    pub const fn meter(mut self) -> Self {
        self.is_meter = true;
        self.transport()
    }

    /// Only hands move it, no patch, macro or gesture loop: it writes files, or guards the show.
    pub const fn by_hand(mut self) -> Self {
        self.is_by_hand = true;
        self
    }

    /// Whether a patch may fire it.
    pub fn can_be_fired(&self) -> bool {
        self.kind == Kind::Trigger && !self.is_meter && !self.is_by_hand
    }

    /// Whether another row may move it: it has a range, and not only hands move it.
    pub fn can_be_modulated(&self) -> bool {
        !self.is_meter && !self.is_by_hand && !matches!(self.kind, Kind::Trigger | Kind::Reference)
    }

    /// Smallest and largest plain value.
    pub fn range(&self) -> (f64, f64) {
        match self.kind {
            Kind::Float { min, max } => (min, max),
            Kind::Int { min, max } => (min as f64, max as f64),
            Kind::Bool | Kind::Trigger => (0.0, 1.0),
            Kind::Choice(names) => (0.0, names.len().saturating_sub(1) as f64),
            Kind::Reference => (NO_ROW, (CAPACITY - 1) as f64),
        }
    }

    /// Whether plain values are whole numbers.
    pub fn is_stepped(&self) -> bool {
        !matches!(self.kind, Kind::Float { .. })
    }

    /// The nearest plain value there is. `plain` must not be NaN (see [`Self::check`]).
    pub fn clamp(&self, plain: f64) -> f64 {
        let (min, max) = self.range();
        let plain = if self.is_stepped() { plain.round() } else { plain };
        plain.clamp(min, max)
    }

    /// The plain value of a controller's 0..=1 (clamped, and snapped where steps are whole).
    pub fn plain_from_normalised(&self, normalised: f64) -> f64 {
        let (min, max) = self.range();
        let part = normalised.clamp(0.0, 1.0);
        let part = match self.curve {
            Curve::Linear => part,
            Curve::Power(exponent) => part.powf(exponent),
        };
        self.clamp(min + (max - min) * part)
    }

    /// Where a plain value lies on a controller, 0..=1.
    pub fn normalised_from_plain(&self, plain: f64) -> f64 {
        let (min, max) = self.range();
        if max <= min {
            return 0.0;
        }
        let part = ((plain - min) / (max - min)).clamp(0.0, 1.0);
        match self.curve {
            Curve::Linear => part,
            Curve::Power(exponent) => part.powf(1.0 / exponent),
        }
    }

    /// The family that the row belongs to, where a part of its id is a number: the id with `N` for
    /// it (`cue.N.go`), and `M` for a second one, and the first number. Members of a family stand
    /// next to each other.
    pub fn family(&self) -> Option<(String, &'static str)> {
        let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        let number = self.id.split('.').find(is_number)?;
        let mut letters = LETTERS.into_iter();
        let parts = self.id.split('.').map(|part| match is_number(&part) {
            true => letters.next().unwrap_or(part),
            false => part,
        });
        Some((parts.collect::<Vec<_>>().join("."), number))
    }

    /// The OSC address: dots become slashes.
    pub fn address(&self) -> String {
        address_of(self.id)
    }

    /// The OSC address of [`Self::former_id`].
    pub fn former_address(&self) -> Option<String> {
        self.former_id.map(address_of)
    }

    /// Reads a plain value as people write it: a number, `on`/`off`, a choice by name or index.
    ///
    /// # Errors
    /// What is no value of this kind, or lies outside its range.
    pub fn parse(&self, text: &str) -> Result<f64, ValueError> {
        let text = text.trim();
        if let (Kind::Bool, Some(is_on)) = (self.kind, switch_from_word(text)) {
            return Ok(f64::from(u8::from(is_on)));
        }
        let number = match self.kind {
            Kind::Reference if matches!(text, "" | "none") => NO_ROW,
            Kind::Choice(names) if names.contains(&text) => {
                names.iter().position(|name| *name == text).unwrap_or(0) as f64
            }
            _ => {
                let number = text.parse::<f64>().map_err(|_| self.no_value(text))?;
                self.plain_from_number(number).ok_or_else(|| self.no_value(text))?
            }
        };
        self.check(number)
    }

    /// The plain value that a person or a program means by a number. Where all names of a choice are
    /// numbers themselves (sizes in pixels), it is one of them, else nothing; the number of a choice
    /// with words counts its names from 0.
    pub fn plain_from_number(&self, number: f64) -> Option<f64> {
        let Kind::Choice(names) = self.kind else { return Some(number) };
        let numbers = || names.iter().map(|name| name.parse::<f64>());
        if numbers().any(|name| name.is_err()) {
            return Some(number);
        }
        numbers().position(|name| name == Ok(number)).map(|place| place as f64)
    }

    /// Reads a number as [`Self::plain_from_number`] does.
    ///
    /// # Errors
    /// No value of this kind, or one outside its range.
    pub fn read_number(&self, number: f64) -> Result<f64, ValueError> {
        let plain = self.plain_from_number(number);
        self.check(plain.ok_or_else(|| self.no_value(&number.to_string()))?)
    }

    /// Lets a plain value through that this parameter may have.
    ///
    /// # Errors
    /// Out of range, not finite, or a fraction where steps are whole.
    pub fn check(&self, plain: f64) -> Result<f64, ValueError> {
        let (min, max) = self.range();
        if !plain.is_finite()
            || plain < min
            || plain > max
            || (self.is_stepped() && plain.fract() != 0.0)
        {
            return Err(self.no_value(&plain.to_string()));
        }
        Ok(plain)
    }

    pub(super) fn no_value(&self, text: &str) -> ValueError {
        ValueError { id: self.id, text: text.to_owned(), wanted: self.range_text() }
    }

    /// The range as people read it: `0..=1`, `on or off`, `mosh, heal`.
    pub fn range_text(&self) -> String {
        match self.kind {
            Kind::Bool => "on or off".to_owned(),
            Kind::Choice(names) => names.join(", "),
            Kind::Trigger => "a trigger".to_owned(),
            Kind::Reference => "the id of a parameter, or none".to_owned(),
            Kind::Float { min, max } => format!("{min}..={max}"),
            Kind::Int { min, max } => format!("{min}..={max}"),
        }
    }

    /// A plain value as people read it, with its unit.
    pub fn format(&self, plain: f64) -> String {
        let mut text = match self.kind {
            Kind::Bool => return if plain >= 0.5 { "on" } else { "off" }.to_owned(),
            Kind::Choice(names) => {
                return names.get(plain as usize).copied().unwrap_or("?").to_owned();
            }
            Kind::Trigger => return String::new(),
            // Whose id that is only the registry knows.
            Kind::Reference if plain < 0.0 => return "none".to_owned(),
            Kind::Reference => return format!("#{plain}"),
            Kind::Int { .. } => format!("{}", plain as i64),
            Kind::Float { .. } => {
                let text = format!("{plain:.3}");
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
        };
        if !self.unit.is_empty() {
            let _ = write!(text, " {}", self.unit);
        }
        text
    }
}

/// On or off in words, as people write a switch.
pub fn switch_from_word(word: &str) -> Option<bool> {
    match word {
        "on" | "true" | "yes" => Some(true),
        "off" | "false" | "no" => Some(false),
        _ => None,
    }
}

fn address_of(id: &str) -> String {
    let mut address = String::with_capacity(id.len() + 1);
    address.push('/');
    address.extend(id.chars().map(|c| if c == '.' { '/' } else { c }));
    address
}

/// A value that a parameter cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{id} cannot be '{text}': it takes {wanted}")]
pub struct ValueError {
    /// The parameter.
    pub id: &'static str,
    /// What was given.
    pub text: String,
    /// What it takes.
    pub wanted: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: ParamSpec =
        ParamSpec::float("t.fine", "Fine", "", (0.0, 64.0), 0.0).curve(Curve::Power(2.0));
    const STEPS: ParamSpec = ParamSpec::int("t.steps", "Steps", "", (1, 60), 6);
    const WAY: ParamSpec = ParamSpec::choice("t.way", "Way", "", &["mosh", "heal"], 0);

    #[test]
    fn normalised_and_plain_are_inverse() {
        assert_eq!(FINE.plain_from_normalised(0.5), 16.0);
        assert_eq!(FINE.normalised_from_plain(16.0), 0.5);
        for plain in 1..=60 {
            let plain = f64::from(plain);
            assert_eq!(STEPS.plain_from_normalised(STEPS.normalised_from_plain(plain)), plain);
        }
        assert_eq!(WAY.plain_from_normalised(0.6), 1.0);
    }

    #[test]
    fn families_are_told_by_a_number_of_its_own() {
        let row = |id| ParamSpec::trigger(id, "T", "").family();
        assert_eq!(row("cue.12.go"), Some(("cue.N.go".to_owned(), "12")));
        assert_eq!(row("grab.3"), Some(("grab.N".to_owned(), "3")));
        assert_eq!(row("step.2.16.at"), Some(("step.N.M.at".to_owned(), "2")));
        assert_eq!(row("decay.mp3"), None);
    }

    #[test]
    fn a_number_that_is_a_name_means_the_name() {
        const SIZE: ParamSpec = ParamSpec::choice("t.size", "Size", "", &["8", "4", "16"], 0);
        assert_eq!(SIZE.read_number(16.0), Ok(2.0));
        assert_eq!(SIZE.parse("4"), Ok(1.0));
        assert_eq!((SIZE.plain_from_number(1.0), SIZE.parse("2").ok()), (None, None));
        assert_eq!((WAY.read_number(1.0), STEPS.read_number(6.0)), (Ok(1.0), Ok(6.0)));
        assert!(SIZE.read_number(2.0).is_err() && WAY.read_number(2.0).is_err());
    }

    #[test]
    fn text_is_read_or_refused() {
        assert_eq!(WAY.parse("heal"), Ok(1.0));
        assert_eq!(WAY.parse("0"), Ok(0.0));
        assert!(WAY.parse("2").is_err());
        assert!(STEPS.parse("61").is_err());
        assert!(STEPS.parse("1.5").is_err());
        assert!(FINE.parse("NaN").is_err());
        assert_eq!(
            STEPS.parse("many").map_err(|error| error.to_string()),
            Err("t.steps cannot be 'many': it takes 1..=60".to_owned())
        );
    }
}
