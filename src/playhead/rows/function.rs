//! The timeline functions, and what they take.

use crate::params::{Curve, ParamSpec};

/// The functions, in the order of their indices, which is kept for ever: new ones at the end.
pub const FUNCTIONS: &[&str] = &[
    "rectified_sine",
    "sinusoid",
    "supersaw",
    "triangle",
    "ramp",
    "random_walk",
    "sample_and_hold",
    "drawn",
    "list",
];

/// Which timeline function.
pub const FUNCTION: ParamSpec = ParamSpec::choice(
    "playhead.function",
    "Function",
    "The timeline function of mode function. Without a drawn curve, drawn is a plain ramp; without \
     a list of positions, list is the start.",
    FUNCTIONS,
    1,
)
.transport();
/// Periods of the function.
pub const FREQUENCY: ParamSpec = ParamSpec::float(
    "playhead.frequency",
    "Periods",
    "Periods of the timeline function over its superframes; rounded, the supersaw's repeats.",
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
    "Amplitude of the sinusoid's second oscillator, the first having 1; of the supersaw, in slices.",
    (0.0, 64.0),
    0.0,
)
// Oscillators take about as much as the first has, saws many slices.
.curve(Curve::Power(3.0))
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
/// How far a random walk steps.
pub const CHANCE_STEP: ParamSpec = ParamSpec::float(
    "playhead.chance_step",
    "Chance step",
    "Longest step of the random walk, as a part of the clip or loop.",
    (0.0, 1.0),
    0.1,
)
.transport();
/// How long a random slice is held.
pub const HOLD_SUPERFRAMES: ParamSpec = ParamSpec::int(
    "playhead.hold_superframes",
    "Chance hold",
    "Superframes for which sample and hold stays with a slice.",
    (1, 1000),
    4,
)
.transport();
/// Which chance.
pub const SEED: ParamSpec = ParamSpec::int(
    "playhead.seed",
    "Chance seed",
    "Which of the random walks, or of the rows of held slices; the same seed is the same way.",
    (0, 65_535),
    1,
)
.transport();
