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
.transport()
.held();
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
/// Beat repeat.
pub const STUTTER_BEATS: ParamSpec = ParamSpec::choice(
    "stutter.beats",
    "Stutter beats",
    "Stutter repeats as long a part as this, and begins it anew with the beat; off = as many access \
     units as its length says.",
    &["off", "1/8 beat", "1/4 beat", "1/2 beat", "1 beat", "2 beats", "4 beats"],
    0,
)
.transport();
/// The beats of [`STUTTER_BEATS`], by choice.
pub const STUTTER_BEATS_OF: [f64; 7] = [0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0];
/// Pushes the speed.
pub const BEND: ParamSpec = ParamSpec::float(
    "playhead.bend",
    "Bend",
    "Pushes the speed while it is off its middle, as far as the bend range says; let go, it springs \
     back.",
    (-1.0, 1.0),
    0.0,
)
.transport()
.held();
/// How far the speed is pushed.
pub const BEND_RANGE: ParamSpec = ParamSpec::float(
    "playhead.bend_range",
    "Bend range",
    "How much a whole bend adds to the speed.",
    (0.0, 4.0),
    1.0,
)
.unit("x")
.transport();
