//! The playhead's parameters.

use super::{AtRest, Mode, Settings};
use crate::{
    modulation::{Timeline, Wave},
    params::{ParamIndex, ParamSpec, Registry, Snapshot},
};

/// Whether the playhead moves.
pub const PLAY: ParamSpec = ParamSpec::switch(
    "playhead.play",
    "Play",
    "Whether the playhead moves; the wear goes on while it rests.",
    true,
)
.transport();
/// Where the playhead is, and where the performer wants it.
pub const POSITION: ParamSpec = ParamSpec::float(
    "playhead.position",
    "Position",
    "The slice in play, from the clip's start to its end; moving it scrubs.",
    (0.0, 1.0),
    0.0,
)
.transport();
/// Mode of travel.
pub const MODE: ParamSpec = ParamSpec::choice(
    "playhead.mode",
    "Travel",
    "What chooses the next superframe: the position alone, a speed, or a timeline function.",
    &["manual", "speed", "function"],
    1,
)
.transport();
/// Speed of travel.
pub const SPEED: ParamSpec = ParamSpec::float(
    "playhead.speed",
    "Speed",
    "In mode speed, superframe i is followed by i + round(size x speed); below 0 runs backward.",
    (-4.0, 4.0),
    1.0,
)
.unit("x")
.transport()
.per_clip();
/// When a scrub takes effect.
pub const JUMP: ParamSpec = ParamSpec::choice(
    "playhead.jump",
    "Jump",
    "Whether a new position or clip is gone to when the superframe is over, or now.",
    &["superframe", "now"],
    0,
)
.transport();
/// What happens at rest.
pub const REST: ParamSpec = ParamSpec::choice(
    "playhead.rest",
    "At rest",
    "Where no other place is asked for: play on, repeat the superframe (bloom), or hold.",
    &["play_on", "bloom", "hold"],
    0,
)
.transport();
/// What happens to intra pictures of the stream.
pub const INTRA: ParamSpec = ParamSpec::choice(
    "playhead.intra",
    "Clean points in play",
    "Whether the stream's own intra pictures are left out in normal play, or played and so heal.",
    &["skip", "play"],
    0,
)
.transport();
/// Which timeline function.
pub const FUNCTION: ParamSpec = ParamSpec::choice(
    "playhead.function",
    "Function",
    "The timeline function of mode function: slice as a function of superframe number.",
    &["rectified_sine", "sinusoid"],
    1,
)
.transport();
/// Periods of the function.
pub const FREQUENCY: ParamSpec = ParamSpec::float(
    "playhead.frequency",
    "Periods",
    "Periods of the timeline function over its superframes.",
    (0.0, 64.0),
    0.5,
)
.transport();
/// Superframes of the function.
pub const SUPERFRAMES: ParamSpec = ParamSpec::int(
    "playhead.superframes",
    "Superframes",
    "Superframes over which the timeline function has its periods.",
    (1, 100_000),
    400,
)
.transport();
/// Second oscillator.
pub const AMPLITUDE_SECONDARY: ParamSpec = ParamSpec::float(
    "playhead.amplitude_secondary",
    "Second amplitude",
    "Amplitude of the sinusoid's second oscillator; the first has 1.",
    (0.0, 4.0),
    0.0,
)
.transport();
/// Second oscillator.
pub const FREQUENCY_SECONDARY: ParamSpec = ParamSpec::float(
    "playhead.frequency_secondary",
    "Second periods",
    "Periods of the sinusoid's second oscillator over the superframes.",
    (0.0, 256.0),
    4.0,
)
.transport();
/// How the sinusoid meets the clip.
pub const RECTIFIED: ParamSpec = ParamSpec::switch(
    "playhead.rectified",
    "Rectified",
    "Fold the sinusoid's negative half up instead of scaling all of it into the clip.",
    false,
)
.transport();
/// Access units per superframe.
pub const SUPERFRAME_SIZE: ParamSpec = ParamSpec::int(
    "superframe.size",
    "Grain",
    "Access units per superframe, the smallest thing that is played.",
    (1, 60),
    6,
)
.unit("AU")
.transport()
.per_clip();

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    PLAY,
    POSITION,
    MODE,
    SPEED,
    SUPERFRAME_SIZE,
    JUMP,
    REST,
    INTRA,
    FUNCTION,
    FREQUENCY,
    SUPERFRAMES,
    AMPLITUDE_SECONDARY,
    FREQUENCY_SECONDARY,
    RECTIFIED,
];

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// [`PLAY`].
    pub play: ParamIndex,
    /// [`POSITION`].
    pub position: ParamIndex,
    /// [`MODE`].
    pub mode: ParamIndex,
    speed: ParamIndex,
    jump: ParamIndex,
    rest: ParamIndex,
    intra: ParamIndex,
    function: ParamIndex,
    frequency: ParamIndex,
    superframes: ParamIndex,
    amplitude_secondary: ParamIndex,
    frequency_secondary: ParamIndex,
    rectified: ParamIndex,
    size: ParamIndex,
}

impl Rows {
    /// Finds the rows.
    pub fn resolve(registry: &Registry) -> Self {
        Self {
            play: registry.index_of(&PLAY),
            position: registry.index_of(&POSITION),
            mode: registry.index_of(&MODE),
            speed: registry.index_of(&SPEED),
            jump: registry.index_of(&JUMP),
            rest: registry.index_of(&REST),
            intra: registry.index_of(&INTRA),
            function: registry.index_of(&FUNCTION),
            frequency: registry.index_of(&FREQUENCY),
            superframes: registry.index_of(&SUPERFRAMES),
            amplitude_secondary: registry.index_of(&AMPLITUDE_SECONDARY),
            frequency_secondary: registry.index_of(&FREQUENCY_SECONDARY),
            rectified: registry.index_of(&RECTIFIED),
            size: registry.index_of(&SUPERFRAME_SIZE),
        }
    }

    /// The playhead's settings at one tick. `blooms` comes from the mosh rows.
    pub fn settings(&self, snapshot: &Snapshot, blooms: bool) -> Settings {
        let wave = match snapshot.int(self.function) {
            0 => Wave::RectifiedSine,
            _ => Wave::Sinusoid {
                is_rectified: snapshot.is_on(self.rectified),
                amplitude_secondary: snapshot.get(self.amplitude_secondary),
                frequency_secondary: snapshot.get(self.frequency_secondary),
            },
        };
        Settings {
            is_playing: snapshot.is_on(self.play),
            mode: match snapshot.int(self.mode) {
                0 => Mode::Manual,
                1 => Mode::Speed,
                _ => Mode::Function,
            },
            position: snapshot.get(self.position),
            speed: snapshot.get(self.speed),
            superframe_size: self.superframe_size(snapshot),
            at_rest: match snapshot.int(self.rest) {
                0 => AtRest::PlayOn,
                1 => AtRest::Bloom,
                _ => AtRest::Hold,
            },
            jumps_now: snapshot.int(self.jump) == 1,
            skips_intra: snapshot.int(self.intra) == 0,
            blooms,
            timeline: Timeline {
                wave,
                frequency: snapshot.get(self.frequency),
                superframes: snapshot.int(self.superframes).max(1) as u32,
            },
        }
    }

    /// Access units per superframe.
    pub fn superframe_size(&self, snapshot: &Snapshot) -> u32 {
        snapshot.int(self.size).clamp(1, 60) as u32
    }
}
