//! Wear: the ordered compute passes that take a picture down, generation by generation.
//!
//! One generation mixes the decoded picture with the worn one (feedback), then runs the stages in the
//! order of their places (`order.*`), which may change at any tick. A stage runs where its switch is
//! on, its amount, with what `decay.amount` adds, is above nothing, and its schedule (`age.*`) says so
//! for the age of the picture; a stage that is off costs nothing, and a chain without any work hands
//! the decoded picture through untouched, bit for bit.
//!
//! All arithmetic is in whole 8-bit levels of gamma-coded BT.709 R'G'B', with fractions of 1/65536
//! (names end in `_q16`). So of the same uniforms every adapter makes the same picture, and each stage
//! has a CPU reference here that agrees with its shader to the last bit. The uniforms are worked out by
//! the processor, in floats: where a sine, a logarithm or a power goes in (trails that turn, drift of
//! hue, jitter of tables, values on their way to others), the mathematics library of another system
//! may round in another way, and now and then a picture is another. Stages that make a pixel from one
//! pixel fuse with their neighbours to one pass ([`run`]) and make the same picture as one by one.
//!
//! [`Chain`] is owned by the engine thread; it must not wait for the GPU except in wgpu's submit. Beside
//! it stand two threads: one makes pipelines, one codes pictures ([`codec`]).
//! A stage is one file beside its shader (rows, uniform, CPU reference), named twice below: a test
//! knows when it is missing in the list.
//! Performers add stages of their own as plain WGSL files ([`Shelf`]); those compute in floats, and so
//! are exact for one adapter only.

mod buffers;
mod chain;
#[cfg(test)]
mod chain_tests;
mod coder;
mod coding;
#[cfg(test)]
mod coding_tests;
mod convolve;
mod feedback;
mod fixed;
mod i420;
mod lineup;
mod motion;
mod pictures;
mod pipelines;
mod plan;
#[cfg(test)]
mod plan_tests;
mod rack;
pub mod rgb;
mod run;
mod schedule;
mod settings;
mod stage;
#[cfg(test)]
mod testing;
mod transfer;
mod user;

// The stages. Each stands here and in the list below.
pub mod bit_planes;
pub mod black_and_white;
pub mod bleed;
pub mod block_hold;
pub mod blur;
pub mod codec;
pub mod colour_drift;
pub mod dct;
pub mod errors;
pub mod mask;
pub mod mirror;
pub mod noise;
pub mod palette;
pub mod sharpen;
pub mod shift;

/// Makes the list of what each stage is.
macro_rules! stages {
    ($($stage:ident),* $(,)?) => {
        /// The stages, in the order in which their rows are read.
        static STAGES: [&stage::StageKind; [$(stringify!($stage)),*].len()] = [$(&$stage::STAGE),*];
    };
}

stages! {
    mirror,
    shift,
    errors,
    noise,
    bleed,
    blur,
    sharpen,
    colour_drift,
    bit_planes,
    palette,
    black_and_white,
    dct,
    block_hold,
    mask,
    codec,
}

pub use chain::{Chain, DecayError, Frame, MAX_GENERATIONS_PER_TICK, Submitted, Told};
pub use feedback::FEEDBACK;
pub use i420::unpacked;
pub use lineup::{Lineup, StageRows};
pub use settings::GENERATIONS_PER_SECOND;
pub use shift::SHIFT_DRIFT_Y_PX;
pub use user::{
    ShaderChange, ShaderNews, Shelf, USER_STAGES, UserShaderError, Workbench, shader_files,
};

use crate::params::ParamSpec;
use std::sync::LazyLock;

/// The rows of this room, in the order a person reads them.
pub static PARAMS: LazyLock<Vec<ParamSpec>> = LazyLock::new(|| {
    let mut rows = vec![
        settings::AMOUNT,
        feedback::FEEDBACK,
        feedback::FEEDBACK_ZOOM,
        feedback::FEEDBACK_TURN,
        feedback::FEEDBACK_DRIFT_X_PX,
        feedback::FEEDBACK_DRIFT_Y_PX,
        settings::MIX,
        settings::GENERATIONS_PER_SECOND,
        settings::ROUNDING,
    ];
    let own = STAGES.iter().flat_map(|kind| kind.rows);
    rows.extend(own);
    rows.extend(STAGES.iter().map(|kind| kind.common[0]));
    rows.extend([schedule::YOUNG_UNTIL, schedule::OLD_FROM]);
    rows.extend(STAGES.iter().flat_map(|kind| &kind.common[1..]));
    rows
});
