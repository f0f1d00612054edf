//! The JPEG round trip on the CPU: what libjpeg-turbo makes of a picture, byte for byte.
//!
//! Written after jccolor.c, jcsample.c, jcprepct.c and jccoefct.c on the way in, jdmainct.c,
//! jdsample.c and jdcolor.c on the way out, with the defaults of cjpeg and djpeg: whole-number
//! ("islow") transforms, no smoothing, fancy upsampling. Pure; allocates, so not for the engine
//! thread: it is the yardstick of the shaders and what files are written from.

use super::{
    Dct, Sampling,
    transform::{BLOCK, quantised, samples},
};
use crate::decay::rgb::Rgb;

/// Quantised coefficients of one component, in blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coefficients {
    /// Sampling factors of the component, across and down, as the frame header has them.
    pub factors: (usize, usize),
    /// Blocks in a row, those that fill up the last MCU included.
    pub blocks_wide: usize,
    /// Rows of blocks, those that fill up the last MCU included.
    pub blocks_high: usize,
    /// Counts of quantiser steps, each block in raster order (not zigzag), blocks row by row. Blocks
    /// that only fill up an MCU hold the DC of the block coded before them, as libjpeg's do.
    pub blocks: Vec<[i32; BLOCK]>,
}

/// What libjpeg-turbo's encoder and decoder make of a picture. With [`Sampling::Grey`] the result
/// is grey. The picture has at least one pixel; table entries are in 1..=255.
pub fn round_trip(picture: &Rgb, tables: &Dct, sampling: Sampling) -> Rgb {
    let planes: Vec<Plane> = coefficients(picture, tables, sampling)
        .iter()
        .enumerate()
        .map(|(component, coefficients)| {
            let (width, height) = if component == 0 {
                (picture.width, picture.height)
            } else {
                sampling.chroma_size(picture.width, picture.height)
            };
            Plane::decoded(coefficients, table(tables, component), width, height)
        })
        .collect();
    match planes.as_slice() {
        [luma, cb, cr] => Rgb::from_fn(picture.width, picture.height, |x, y| {
            let [cb, cr] = [cb, cr].map(|plane| plane.upsampled(x, y, sampling) - 128);
            colour(luma.at(x, y), cb, cr)
        }),
        [luma, ..] => Rgb::from_fn(picture.width, picture.height, |x, y| [luma.at(x, y) as u8; 3]),
        [] => picture.clone(),
    }
}

/// The quantised coefficients of a picture, component by component: Y, Cb, Cr, or Y alone.
pub fn coefficients(picture: &Rgb, tables: &Dct, sampling: Sampling) -> Vec<Coefficients> {
    let (across, down) = sampling.luma_factors();
    let mcus_wide = picture.width.div_ceil(8 * across);
    let mcus_high = picture.height.div_ceil(8 * down);
    (0..sampling.components())
        .map(|component| {
            let factors = if component == 0 { (across, down) } else { (1, 1) };
            let blocks_wide = mcus_wide * factors.0;
            let blocks_high = mcus_high * factors.1;
            // Of a plane that is sampled less, the MCUs hold exactly the blocks that it has.
            let (real_wide, real_high) = if component == 0 {
                (picture.width.div_ceil(8), picture.height.div_ceil(8))
            } else {
                (blocks_wide, blocks_high)
            };
            let sample = |x: usize, y: usize| match component {
                0 => luma(picture.clamped(x as i64, y as i64)),
                _ => chroma_sample(picture, component, sampling, x, y),
            };
            let mut blocks = vec![[0; BLOCK]; blocks_wide * blocks_high];
            for block_y in 0..real_high {
                for block_x in 0..real_wide {
                    let pixels =
                        std::array::from_fn(|i| sample(block_x * 8 + i % 8, block_y * 8 + i / 8));
                    blocks[block_y * blocks_wide + block_x] =
                        quantised(pixels, table(tables, component));
                }
                for block_x in real_wide..blocks_wide {
                    let before = block_y * blocks_wide + block_x - 1;
                    blocks[before + 1][0] = blocks[before][0];
                }
            }
            for block_y in real_high..blocks_high {
                for block_x in 0..blocks_wide {
                    // The block coded before these is the last one of the MCU's row above.
                    let last_of_mcu = block_x / factors.0 * factors.0 + factors.0 - 1;
                    let dc = blocks[(block_y - 1) * blocks_wide + last_of_mcu][0];
                    blocks[block_y * blocks_wide + block_x][0] = dc;
                }
            }
            Coefficients { factors, blocks_wide, blocks_high, blocks }
        })
        .collect()
}

/// The table that quantises a component.
fn table(tables: &Dct, component: usize) -> &[i32; BLOCK] {
    if component == 0 { &tables.luma_raster } else { &tables.chroma_raster }
}

/// R'G'B' of luma 0..=255 and chroma -128..=127: jdcolor.c (1.402, 0.34414, 0.71414 and 1.772 in
/// 1/65536).
pub fn colour(luma: i32, cb: i32, cr: i32) -> [u8; 3] {
    [91881 * cr, -22554 * cb - 46802 * cr, 116130 * cb]
        .map(|difference| (luma + ((difference + 32768) >> 16)).clamp(0, 255) as u8)
}

/// Luma -128..=127: jccolor.c.
pub fn luma([r, g, b]: [u8; 3]) -> i32 {
    ((19595 * i32::from(r) + 38470 * i32::from(g) + 7471 * i32::from(b) + 32768) >> 16) - 128
}

/// Chroma -128..=127, Cb (component 1) or Cr (2): jccolor.c.
pub fn chroma([r, g, b]: [u8; 3], component: usize) -> i32 {
    let weights = if component == 1 { [-11059, -21709, 32768] } else { [32768, -27439, -5329] };
    let weighted =
        weights[0] * i32::from(r) + weights[1] * i32::from(g) + weights[2] * i32::from(b);
    (weighted + 32767) >> 16
}

/// A chroma sample -128..=127 as the encoder makes it. Beyond the right edge, pixels repeat before
/// they are averaged; beyond the bottom, what was averaged repeats.
fn chroma_sample(picture: &Rgb, component: usize, sampling: Sampling, x: usize, y: usize) -> i32 {
    let at = |x: usize, y: usize| chroma(picture.clamped(x as i64, y as i64), component);
    let odd = (x & 1) as i32;
    match sampling {
        Sampling::Yuv444 | Sampling::Grey => at(x, y),
        Sampling::Yuv422 => (at(2 * x, y) + at(2 * x + 1, y) + odd) >> 1,
        Sampling::Yuv420 => {
            let (_, height) = sampling.chroma_size(picture.width, picture.height);
            let y = y.min(height - 1);
            let upper = at(2 * x, 2 * y) + at(2 * x + 1, 2 * y);
            let lower = at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1);
            (upper + lower + 1 + odd) >> 2
        }
    }
}

/// Decoded samples 0..=255 of one component, without what fills up blocks.
struct Plane {
    width: usize,
    height: usize,
    samples: Vec<u8>,
}

impl Plane {
    fn decoded(
        coefficients: &Coefficients,
        table: &[i32; BLOCK],
        width: usize,
        height: usize,
    ) -> Self {
        let mut decoded = vec![0; width * height];
        for (number, block) in coefficients.blocks.iter().enumerate() {
            let (left, top) =
                (number % coefficients.blocks_wide * 8, number / coefficients.blocks_wide * 8);
            if left >= width || top >= height {
                continue;
            }
            let block = samples(block, table);
            for (row, y) in (top..height.min(top + 8)).enumerate() {
                for (column, x) in (left..width.min(left + 8)).enumerate() {
                    decoded[y * width + x] = block[row * 8 + column] as u8;
                }
            }
        }
        Self { width, height, samples: decoded }
    }

    fn at(&self, x: usize, y: usize) -> i32 {
        i32::from(self.samples[y * self.width + x])
    }

    /// The sample at a pixel: h2v1_fancy_upsample and h2v2_fancy_upsample of jdsample.c, whose
    /// special cases at the edges are what a repeated edge gives. Planes of one or two samples
    /// across are not worth it to libjpeg: they repeat.
    fn upsampled(&self, x: usize, y: usize, sampling: Sampling) -> i32 {
        let is_fancy = self.width > 2;
        let near_x = x / 2;
        let (far_x, odd) = if x & 1 == 0 { (near_x.saturating_sub(1), 0) } else { (near_x + 1, 1) };
        let far_x = far_x.min(self.width - 1);
        match sampling {
            Sampling::Yuv444 | Sampling::Grey => self.at(x, y),
            Sampling::Yuv422 if !is_fancy => self.at(near_x, y),
            Sampling::Yuv422 => (3 * self.at(near_x, y) + self.at(far_x, y) + 1 + odd) >> 2,
            Sampling::Yuv420 if !is_fancy => self.at(near_x, y / 2),
            Sampling::Yuv420 => {
                let near_y = y / 2;
                let far_y = if y & 1 == 0 { near_y.saturating_sub(1) } else { near_y + 1 };
                let far_y = far_y.min(self.height - 1);
                let column = |x: usize| 3 * self.at(x, near_y) + self.at(x, far_y);
                (3 * column(near_x) + column(far_x) + 8 - odd) >> 4
            }
        }
    }
}
