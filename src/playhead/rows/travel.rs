//! How the playhead travels, and where it ends.

use crate::params::ParamSpec;

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
    "The slice in play, from start to end of the clip (of the loop, while on); moving it scrubs.",
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
/// Direction of travel.
pub const REVERSE: ParamSpec = ParamSpec::switch(
    "playhead.reverse",
    "Reverse",
    "While on, speed and play-on run the other way.",
    false,
)
.transport()
.per_clip()
.held();
/// What happens at the end.
pub const END: ParamSpec = ParamSpec::choice(
    "playhead.end",
    "At the end",
    "At the end of clip or loop: begin again at the other end, turn round, or hold the picture.",
    &["loop", "bounce", "stop"],
    0,
)
.transport()
.per_clip();
/// Whether there is a loop.
pub const LOOP_ON: ParamSpec = ParamSpec::switch(
    "loop.on",
    "Loop",
    "While on, everything happens between the loop's two ends; the position spans the loop.",
    false,
)
.transport()
.per_clip();
/// One end of the loop.
pub const LOOP_START: ParamSpec = ParamSpec::float(
    "loop.start",
    "Loop in",
    "Where the loop begins, as a part of the clip; beyond the loop's end the two change places.",
    (0.0, 1.0),
    0.0,
)
.transport()
.per_clip();
/// The other end of the loop.
pub const LOOP_END: ParamSpec = ParamSpec::float(
    "loop.end",
    "Loop out",
    "The last superframe of the loop, as a part of the clip; a loop is never shorter than one.",
    (0.0, 1.0),
    1.0,
)
.transport()
.per_clip();
/// How long the loop is.
pub const LOOP_BEATS: ParamSpec = ParamSpec::choice(
    "loop.beats",
    "Loop beats",
    "The loop is this long from where it begins, and begins anew with the beat; off = up to its end.",
    &["off", "1/4 beat", "1/2 beat", "1 beat", "2 beats", "1 bar", "2 bars", "4 bars"],
    0,
)
.transport()
.per_clip();
/// The beats of [`LOOP_BEATS`], by choice.
pub const LOOP_BEATS_OF: [f64; 8] = [0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
