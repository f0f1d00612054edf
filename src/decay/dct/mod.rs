//! DCT: one JPEG round trip in every generation, without the file.
//!
//! | file | what |
//! | --- | --- |
//! | `mod.rs` | uniform, passes |
//! | `stage` | rows, and what a generation takes |
//! | `tables` | quantisation tables: given ones, quality, jitter and growth |
//! | `stored` | reading the tables of a JPEG file |
//! | `reference` | the round trip on the CPU: libjpeg-turbo's, byte for byte |
//! | `blocks` | blocks of 4, 16 and 32 pixels on the CPU: looks, nobody's format |
//! | `file`, `huffman` | writing a JPEG file |
//! | `transform` | the 8x8 transform in whole numbers |
//!
//! Pure, but for the texts of the shaders.

pub mod blocks;
pub mod file;
mod huffman;
pub mod reference;
mod stage;
pub mod stored;
pub mod tables;
#[cfg(test)]
mod tests;
mod transform;

use super::stage::PICTURE;
use crate::gpu::ShaderText;
pub use stage::{DCT, DCT_AMOUNT, DCT_BLOCK, DCT_SAMPLING, STAGE};

use bytemuck::{Pod, Zeroable};
use tables::{ANNEX_K_CHROMA_RASTER, ANNEX_K_LUMA_RASTER};

/// What the smallest entry of Annex K (10) must be multiplied by to become 255, the largest step
/// there is: at this scale every entry is 255 and only a mosaic of block means is left.
const LARGEST_SCALE: f64 = 25.5;

/// Uniform of `dct.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Dct {
    /// Quantiser steps 1..=255, raster order.
    pub luma_raster: [i32; 64],
    /// Quantiser steps 1..=255, raster order.
    pub chroma_raster: [i32; 64],
}

impl Dct {
    /// Annex K scaled by 25.5 * amount^3, rounded, limited to 1..=255. `amount` is in 0..=1; the
    /// cube lets the whole way of a knob be of use: 0.34 is Annex K itself (quality 50 in libjpeg).
    pub fn from_amount(amount: f64) -> Self {
        let scale = LARGEST_SCALE * amount.clamp(0.0, 1.0).powi(3);
        let scaled = |entry: i32| ((f64::from(entry) * scale).round() as i32).clamp(1, 255);
        Self {
            luma_raster: ANNEX_K_LUMA_RASTER.map(scaled),
            chroma_raster: ANNEX_K_CHROMA_RASTER.map(scaled),
        }
    }
}

/// How much chroma is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sampling {
    /// 4:4:4: all of it.
    #[default]
    Yuv444,
    /// 4:2:2: half of it across.
    Yuv422,
    /// 4:2:0: half of it across and down.
    Yuv420,
    /// Luma alone: the result is grey. A third of the work, and on a grey picture (R = G = B) what
    /// 4:4:4, 4:2:2 and 4:2:0 give too, to the last bit.
    Grey,
}

/// Samplings in the order of the row [`DCT_SAMPLING`].
pub const SAMPLINGS: [Sampling; 3] = [Sampling::Yuv444, Sampling::Yuv422, Sampling::Yuv420];

impl Sampling {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Yuv444, Self::Yuv422, Self::Yuv420, Self::Grey];

    /// Number of components.
    pub fn components(self) -> usize {
        if self == Self::Grey { 1 } else { 3 }
    }

    /// Sampling factors of luma, across and down; those of chroma are 1.
    pub fn luma_factors(self) -> (usize, usize) {
        match self {
            Self::Yuv444 | Self::Grey => (1, 1),
            Self::Yuv422 => (2, 1),
            Self::Yuv420 => (2, 2),
        }
    }

    /// Width and height of the chroma planes of a picture, in samples.
    pub fn chroma_size(self, width_px: usize, height_px: usize) -> (usize, usize) {
        let (across, down) = self.luma_factors();
        (width_px.div_ceil(across), height_px.div_ceil(down))
    }
}

const YCBCR: &str = include_str!("../../../shaders/ycbcr.wgsl");

/// The round trip, up to the colours or up to the samples. Binds [`Dct`].
pub const TRANSFORM: ShaderText =
    ShaderText { name: "dct", parts: &[PICTURE, YCBCR, include_str!("../../../shaders/dct.wgsl")] };
/// From the samples to the colours. Binds no uniform.
pub const UPSAMPLE: ShaderText = ShaderText {
    name: "dct_upsample",
    parts: &[PICTURE, YCBCR, include_str!("../../../shaders/dct_upsample.wgsl")],
};

/// One pass from picture to picture.
#[derive(Clone, Copy, Debug)]
pub struct ShaderPass {
    /// The shader.
    pub text: ShaderText,
    /// Its entry point.
    pub entry: &'static str,
    /// Pixels that a workgroup makes, across and down.
    pub tile_px: (u32, u32),
}

impl Sampling {
    /// The passes of a round trip, in order; each reads what the last one wrote.
    pub const fn passes(self) -> &'static [ShaderPass] {
        const fn transform(entry: &'static str) -> ShaderPass {
            ShaderPass { text: TRANSFORM, entry, tile_px: (32, 16) }
        }
        const fn upsample(entry: &'static str, tile_px: (u32, u32)) -> ShaderPass {
            ShaderPass { text: UPSAMPLE, entry, tile_px }
        }
        match self {
            Self::Yuv444 => const { &[transform("main")] },
            Self::Yuv422 => const { &[transform("half_width"), upsample("half_width", (32, 8))] },
            Self::Yuv420 => const { &[transform("half_size"), upsample("half_size", (32, 16))] },
            Self::Grey => const { &[transform("grey")] },
        }
    }
}
