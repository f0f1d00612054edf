//! Rows of the chain as a whole.

use crate::params::{Curve, ParamSpec};

/// The macro over all stages, so that one knob takes a picture from clean to gone. What full wear adds
/// to each is said in its file, chosen together by eye on moving pictures: the blur and the sharpening
/// feed on each other and grow contours, the blocks eat what is fine, the trails let it all add up.
pub const AMOUNT: ParamSpec = ParamSpec::float(
    "decay.amount",
    "Wear",
    "Adds wear of a balanced kind to trails, noise, blur, sharpening and blocks, to each where its \
     switch is on.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// Dry or wet.
pub const MIX: ParamSpec = ParamSpec::float(
    "decay.mix",
    "Mix",
    "How much of the worn picture is shown: 0 = the decoded picture alone (wear goes on unseen).",
    (0.0, 1.0),
    1.0,
)
.smoothed(30.0);

/// The rate, kept by the engine, which says how many generations a tick makes.
pub const GENERATIONS_PER_SECOND: ParamSpec = ParamSpec::int(
    "decay.generations_per_second",
    "Generations per second",
    "How many generations of wear are made in a second.",
    (1, 60),
    30,
)
.curve(Curve::Power(2.0))
.unit("1/s");

/// What happens to fractions.
pub const ROUNDING: ParamSpec = ParamSpec::choice(
    "decay.rounding",
    "Rounding",
    "What noise and black and white do with fractions of a level: round keeps the brightness, \
     truncate lets the picture sink into black, about half a level in every generation.",
    &["round", "truncate"],
    0,
);
