//! Wear: the ordered compute passes that take a picture down, generation by generation.
//!
//! One generation mixes the decoded picture with the worn one (feedback), then runs the stages in
//! this order: shift, noise, blur, sharpen, black and white, DCT. A stage runs where its switch is
//! on and its amount, with what `decay.amount` adds, is above nothing; a stage that is off costs
//! nothing, and a chain without any work hands the decoded picture through untouched, bit for bit.
//!
//! All arithmetic is in whole 8-bit levels of gamma-coded BT.709 R'G'B', with fractions of 1/65536
//! (names end in `_q16`). So every adapter makes the same picture, and each stage has a CPU
//! reference here that agrees with its shader to the last bit.
//!
//! [`Chain`] is owned by the engine thread; it must not wait for the GPU except in wgpu's submit.
//! A stage is one file beside its shader: rows, uniform, CPU reference.

mod black_and_white;
mod blur;
mod buffers;
mod chain;
#[cfg(test)]
mod chain_tests;
mod convolve;
mod dct;
mod feedback;
mod fixed;
mod i420;
mod noise;
mod passes;
mod pictures;
mod plan;
#[cfg(test)]
mod rgb;
mod settings;
mod sharpen;
mod shift;
mod stir;
#[cfg(test)]
mod testing;

pub use chain::{Chain, DecayError, Frame, MAX_GENERATIONS_PER_TICK, Submitted};
pub use feedback::FEEDBACK;
pub use settings::GENERATIONS_PER_SECOND;

use crate::params::ParamSpec;

/// The rows of this room, in the order a person reads them.
pub static PARAMS: &[ParamSpec] = &[
    settings::AMOUNT,
    feedback::FEEDBACK,
    settings::MIX,
    settings::GENERATIONS_PER_SECOND,
    shift::SHIFT,
    shift::SHIFT_PX,
    shift::SHIFT_DRIFT_X_PX,
    shift::SHIFT_DRIFT_Y_PX,
    noise::NOISE,
    noise::NOISE_AMPLITUDE,
    blur::BLUR,
    blur::BLUR_RADIUS_PX,
    sharpen::SHARPEN,
    sharpen::SHARPEN_AMOUNT,
    sharpen::SHARPEN_RADIUS_PX,
    black_and_white::BLACK_AND_WHITE,
    black_and_white::BLACK_AND_WHITE_AMOUNT,
    dct::DCT,
    dct::DCT_AMOUNT,
];
