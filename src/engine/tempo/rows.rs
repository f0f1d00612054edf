//! The rows of the tempo, and who leads it.

use crate::params::{BPM_RANGE, ParamIndex, ParamSpec, Registry};

/// The tempo.
pub const BPM: ParamSpec = ParamSpec::float(
    "tempo.bpm",
    "Tempo",
    "Beats in a minute; a clock that is followed moves it.",
    BPM_RANGE,
    120.0,
)
.unit("bpm")
.transport();
/// Tap.
pub const TAP: ParamSpec = ParamSpec::trigger(
    "tempo.tap",
    "Tap",
    "Four taps set the tempo, and the last is a beat; after two seconds they begin anew.",
);
/// Push.
pub const NUDGE_BY: ParamSpec = ParamSpec::float(
    "tempo.nudge",
    "Nudge",
    "Pushes the beat while it is off its middle: up to 4 % faster or slower; the tempo stays.",
    (-1.0, 1.0),
    0.0,
)
.transport()
.held();
/// Push back.
pub const NUDGE_SLOWER: ParamSpec = ParamSpec::switch(
    "tempo.nudge_slower",
    "Nudge back",
    "While on, the beat is 4 % slower: it comes later.",
    false,
)
.transport()
.held();
/// Push on.
pub const NUDGE_FASTER: ParamSpec = ParamSpec::switch(
    "tempo.nudge_faster",
    "Nudge on",
    "While on, the beat is 4 % faster: it comes sooner.",
    false,
)
.transport()
.held();
/// Twice as fast.
pub const DOUBLE: ParamSpec =
    ParamSpec::trigger("tempo.double", "Tempo x2", "Counts twice as fast, up to 300 bpm.");
/// Half as fast.
pub const HALVE: ParamSpec =
    ParamSpec::trigger("tempo.halve", "Tempo /2", "Counts half as fast, down to 20 bpm.");
/// The bar begins.
pub const RESYNC: ParamSpec =
    ParamSpec::trigger("tempo.resync", "Resync", "The beat is now, and a bar begins.");
/// Who leads.
pub const SOURCE: ParamSpec = ParamSpec::choice(
    "tempo.source",
    "Tempo from",
    "Who leads the beat: the instrument itself whatever comes, a MIDI clock, OSC, or Link (not in this \
     build). Auto follows a MIDI clock while there is one.",
    &["internal", "midi", "osc", "link", "auto"],
    4,
)
.transport();
/// What a clock's start means.
pub const OBEY_START: ParamSpec = ParamSpec::switch(
    "tempo.obey_start",
    "Obey start",
    "Whether the start of a clock begins a bar.",
    true,
)
.transport();
/// What a clock's stop means.
pub const OBEY_STOP: ParamSpec = ParamSpec::switch(
    "tempo.obey_stop",
    "Obey stop",
    "Whether the stop of a clock pauses the playhead, and its start or continue lets it go on.",
    false,
)
.transport();
/// A clock starts.
pub const START: ParamSpec = ParamSpec::trigger(
    "tempo.start",
    "Clock start",
    "A clock starts from its beginning: see tempo.obey_start.",
)
.detail();
/// A clock goes on.
pub const CONTINUE: ParamSpec = ParamSpec::trigger(
    "tempo.continue",
    "Clock continue",
    "A clock goes on from where it is: see tempo.obey_stop.",
)
.detail();
/// A clock stops.
pub const STOP: ParamSpec = ParamSpec::trigger(
    "tempo.stop",
    "Clock stop",
    "A clock stops: see tempo.obey_stop. The beat goes on.",
)
.detail();
/// Where the beat is.
pub const POSITION: ParamSpec = ParamSpec::float(
    "tempo.position",
    "Beats",
    "Beats since the start, or where the clock that is followed says that it is.",
    (0.0, 1e9),
    0.0,
)
.meter()
.detail();
/// Where in the beat.
pub const PHASE: ParamSpec =
    ParamSpec::float("tempo.phase", "Beat", "How much of this beat is over.", (0.0, 1.0), 0.0)
        .meter();
/// Where in the bar.
pub const BAR_PHASE: ParamSpec = ParamSpec::float(
    "tempo.bar_phase",
    "Bar",
    "How much of this bar of four beats is over.",
    (0.0, 1.0),
    0.0,
)
.meter();
/// Whether a clock leads.
pub const IS_LOCKED: ParamSpec = ParamSpec::switch(
    "tempo.is_locked",
    "Locked",
    "Whether the chosen clock is there and is followed.",
    false,
)
.meter();

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    BPM,
    TAP,
    NUDGE_BY,
    NUDGE_SLOWER,
    NUDGE_FASTER,
    DOUBLE,
    HALVE,
    RESYNC,
    SOURCE,
    OBEY_START,
    OBEY_STOP,
    START,
    CONTINUE,
    STOP,
    POSITION,
    PHASE,
    BAR_PHASE,
    IS_LOCKED,
];

/// Who leads the beat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TempoSource {
    /// The instrument itself.
    #[default]
    Internal,
    /// A MIDI clock.
    Midi,
    /// OSC: whoever moves the tempo there.
    Osc,
    /// Ableton Link: see [`crate::ports::TempoLink`].
    Link,
}

impl TempoSource {
    /// The source of a plain value of [`SOURCE`]; `None` for whoever comes.
    pub(super) fn of_choice(choice: i64) -> Option<Self> {
        match choice {
            0 => Some(Self::Internal),
            1 => Some(Self::Midi),
            2 => Some(Self::Osc),
            3 => Some(Self::Link),
            _ => None,
        }
    }

    /// Its name, as [`SOURCE`] has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Midi => "midi",
            Self::Osc => "osc",
            Self::Link => "link",
        }
    }
}

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub struct TempoRows {
    pub bpm: ParamIndex,
    pub tap: ParamIndex,
    pub nudge: ParamIndex,
    pub slower: ParamIndex,
    pub faster: ParamIndex,
    pub double: ParamIndex,
    pub halve: ParamIndex,
    pub resync: ParamIndex,
    pub source: ParamIndex,
    pub obey_start: ParamIndex,
    pub obey_stop: ParamIndex,
    pub start: ParamIndex,
    pub go_on: ParamIndex,
    pub stop: ParamIndex,
    pub position: ParamIndex,
    pub phase: ParamIndex,
    pub bar_phase: ParamIndex,
    pub is_locked: ParamIndex,
}

impl TempoRows {
    pub fn resolve(registry: &Registry) -> Self {
        let index = |row: &ParamSpec| registry.index_of(row);
        Self {
            bpm: index(&BPM),
            tap: index(&TAP),
            nudge: index(&NUDGE_BY),
            slower: index(&NUDGE_SLOWER),
            faster: index(&NUDGE_FASTER),
            double: index(&DOUBLE),
            halve: index(&HALVE),
            resync: index(&RESYNC),
            source: index(&SOURCE),
            obey_start: index(&OBEY_START),
            obey_stop: index(&OBEY_STOP),
            start: index(&START),
            go_on: index(&CONTINUE),
            stop: index(&STOP),
            position: index(&POSITION),
            phase: index(&PHASE),
            bar_phase: index(&BAR_PHASE),
            is_locked: index(&IS_LOCKED),
        }
    }

    /// Whether a clock moves this row.
    pub fn is_clocks(&self, param: ParamIndex) -> bool {
        [self.bpm, self.position, self.start, self.go_on, self.stop].contains(&param)
    }
}
