//! What hands do to the playhead: jumps, glides, stutter.

use crate::params::ParamSpec;

/// How long a new position takes.
pub const GLIDE_SECS: ParamSpec = ParamSpec::float(
    "playhead.glide_secs",
    "Glide",
    "How long a new position is approached, superframe by superframe; 0 is a jump.",
    (0.0, 2.0),
    0.0,
)
.unit("s")
.transport();
/// Whether jumps are clean.
pub const HEAL_ON_JUMP: ParamSpec = ParamSpec::switch(
    "playhead.heal_on_jump",
    "Clean jumps",
    "While on, a scrub or a cue begins with an intra picture: clean scrubbing.",
    false,
)
.transport();
/// Repeats the beginning of the superframe.
pub const STUTTER: ParamSpec = ParamSpec::switch(
    "playhead.stutter",
    "Stutter",
    "While on, the superframe's beginning is repeated; let go, play is where it would have been.",
    false,
)
.transport();
/// How much is repeated.
pub const STUTTER_UNITS: ParamSpec = ParamSpec::int(
    "playhead.stutter_units",
    "Stutter length",
    "Access units that stutter repeats.",
    (1, 60),
    3,
)
.unit("AU")
.transport();
