//! Blocks of 4, 16 and 32 pixels: what JPEG would do if its blocks had another size. A look.
//!
//! The colours, the quantiser and the size of coefficients are JPEG's (a flat block of level l has a
//! first coefficient of 8 * (l - 128), whatever its size), so that a table gives mosaics of the same
//! steps at every size. 4:4:4. Whole numbers only: the shader makes the same picture on every
//! adapter. The reference allocates: not for the engine thread.

use super::{
    Dct, PICTURE, ShaderPass, YCBCR,
    reference::{chroma, colour, luma},
    transform::descale,
};
use crate::{decay::rgb::Rgb, gpu::ShaderText};
use std::f64::consts::{PI, SQRT_2};

/// Side of a block that is not JPEG's 8 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockSize {
    /// 4 pixels.
    Px4,
    /// 16 pixels.
    Px16,
    /// 32 pixels.
    Px32,
}

/// The round trip with other blocks. Binds [`Dct`].
pub const BLOCKS: ShaderText = ShaderText {
    name: "blocks",
    parts: &[PICTURE, YCBCR, include_str!("../../../shaders/blocks.wgsl")],
};

impl BlockSize {
    /// Every size.
    pub const ALL: [Self; 3] = [Self::Px4, Self::Px16, Self::Px32];

    /// The side in pixels.
    pub fn side_px(self) -> usize {
        match self {
            Self::Px4 => 4,
            Self::Px16 => 16,
            Self::Px32 => 32,
        }
    }

    /// The pass.
    pub const fn pass(self) -> ShaderPass {
        let entry = match self {
            Self::Px4 => "size_4",
            Self::Px16 => "size_16",
            Self::Px32 => "size_32",
        };
        ShaderPass { text: BLOCKS, entry, tile_px: (32, 32) }
    }
}

/// CPU reference of `blocks.wgsl`. Each coefficient is quantised by the entry of the 8x8 table that
/// lies at its place when the table is stretched to the block. Table entries are in 1..=255.
pub fn round_trip(picture: &Rgb, tables: &Dct, size: BlockSize) -> Rgb {
    Transform::new(size.side_px()).round_trip(picture, tables)
}

/// 1 in the basis: see the bounds at [`Transform::block`].
const BASIS_BITS: u32 = 11;

/// The transform of one size.
struct Transform {
    side: usize,
    /// Rows of the orthonormal basis times sqrt(side), in 1/2048.
    basis: Vec<i32>,
}

impl Transform {
    fn new(side: usize) -> Self {
        let entry = |u: usize, n: usize| {
            let angle = ((2 * n + 1) * u) as f64 * PI / (2 * side) as f64;
            let length = if u == 0 { 1.0 } else { SQRT_2 };
            (f64::from(1 << BASIS_BITS) * length * angle.cos()).round() as i32
        };
        let basis = (0..side * side).map(|i| entry(i / side, i % side)).collect();
        Self { side, basis }
    }

    fn round_trip(&self, picture: &Rgb, tables: &Dct) -> Rgb {
        let mut result = picture.clone();
        for top in (0..picture.height).step_by(self.side) {
            for left in (0..picture.width).step_by(self.side) {
                let pixel = |i: usize| {
                    let (x, y) = (left + i % self.side, top + i / self.side);
                    picture.clamped(x as i64, y as i64)
                };
                let samples = |sample: &dyn Fn([u8; 3]) -> i32| {
                    (0..self.side * self.side).map(|i| sample(pixel(i))).collect::<Vec<i32>>()
                };
                let luma = self.block(samples(&luma), &tables.luma_raster);
                let [cb, cr] = [1, 2].map(|component| {
                    self.block(samples(&|pixel| chroma(pixel, component)), &tables.chroma_raster)
                });
                for i in 0..self.side * self.side {
                    let (x, y) = (left + i % self.side, top + i / self.side);
                    if x < picture.width && y < picture.height {
                        result.pixels[y * picture.width + x] = colour(luma[i] + 128, cb[i], cr[i]);
                    }
                }
            }
        }
        result
    }

    /// Samples -128..=127 through transform, quantiser and back.
    ///
    /// 32 bits hold every sum at side 32. Samples (2^7) grow by sqrt(2) * 32 * 2048 to 2^24 in the
    /// first pass, and from 2^12 to 2^29 in the second. A block's quantised coefficients sum up to
    /// 2^16 at most: their squares before quantising to 2^20 (Parseval), and only those of half a
    /// step or more are rounded up. On the way back that times 2 * 2048 and two bits is 2^30.
    fn block(&self, mut block: Vec<i32>, table: &[i32; 64]) -> Vec<i32> {
        let side_bits = self.side.trailing_zeros();
        self.each_line(&mut block, true, |u, n| (u, n), BASIS_BITS + side_bits - 4);
        self.each_line(&mut block, false, |u, n| (u, n), BASIS_BITS + side_bits + 4 - 6);
        for (i, coefficient) in block.iter_mut().enumerate() {
            let (u, v) = (i % self.side, i / self.side);
            let step = table[v * 8 / self.side * 8 + u * 8 / self.side];
            let count = (coefficient.abs() + 4 * step) / (8 * step);
            *coefficient = coefficient.signum() * count * step;
        }
        self.each_line(&mut block, false, |u, n| (n, u), BASIS_BITS - 2);
        self.each_line(&mut block, true, |u, n| (n, u), BASIS_BITS + 2 + 3);
        block.iter().map(|sample| (*sample).clamp(-128, 127)).collect()
    }

    /// Replaces each row or column by the sums of its values times the basis at `place` of (index of
    /// the sum, index of the value).
    fn each_line(
        &self,
        block: &mut [i32],
        is_row: bool,
        place: impl Fn(usize, usize) -> (usize, usize),
        bits: u32,
    ) {
        for line in 0..self.side {
            let at = |i: usize| if is_row { line * self.side + i } else { i * self.side + line };
            let values: Vec<i32> = (0..self.side).map(|i| block[at(i)]).collect();
            for sum in 0..self.side {
                let terms = values.iter().enumerate().map(|(i, value)| {
                    let (u, n) = place(sum, i);
                    value * self.basis[u * self.side + n]
                });
                block[at(sum)] = descale(terms.sum(), bits);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::{
        dct::{Sampling, reference},
        noise::pcg4d,
        testing::{assert_same, rig, test_picture},
    };

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let random = |size: (usize, usize), seed| {
            Rgb::from_fn(size.0, size.1, |x, y| {
                pcg4d([x as u32, y as u32, seed, 0]).map(|word| word as u8)[..3]
                    .try_into()
                    .expect("three")
            })
        };
        let extremes = Rgb::from_fn(64, 64, |x, y| {
            if (x / 3 + y / 5) % 2 == 0 { [255, 0, 255] } else { [0, 255, 0] }
        });
        let pictures = [
            test_picture(70, 46, 1),
            test_picture(1, 1, 2),
            random((33, 65), 3),
            random((5, 90), 4),
            extremes,
        ];
        for size in BlockSize::ALL {
            let pass = size.pass();
            let pipeline = rig.pipeline(&pass.text, pass.entry);
            for picture in &pictures {
                for tables in [Dct::LOOP, Dct::ANNEX_K, Dct::flat(1), Dct::flat(64), Dct::flat(255)]
                {
                    let wanted = round_trip(picture, &tables, size);
                    let made = rig.run_pipeline(&pipeline, pass.tile_px, &tables, picture);
                    assert_same(&made, &wanted);
                }
            }
        }
    }

    #[test]
    fn the_largest_steps_leave_tiles_in_steps_of_about_32_levels() {
        let picture = Rgb::from_fn(64, 64, |x, y| [(70 + x + y + (x * y) % 5) as u8; 3]);
        for size in BlockSize::ALL {
            let side = size.side_px();
            let mosaic = round_trip(&picture, &Dct::flat(255), size);
            for (i, pixel) in mosaic.pixels.iter().enumerate() {
                let (left, top) = (i % 64 / side * side, i / 64 / side * side);
                assert_eq!(*pixel, mosaic.pixels[top * 64 + left], "{size:?} {i}");
                let block = (0..side * side)
                    .map(|k| picture.pixels[(top + k / side) * 64 + left + k % side][0]);
                let mean = block.map(f64::from).sum::<f64>() / (side * side) as f64;
                // The coefficient is 8 times the mean; one step of 255 is 31.875 levels.
                let steps = ((mean - 128.0) * 8.0 / 255.0).round();
                let level = 128.0 + steps * 255.0 / 8.0;
                assert!((f64::from(pixel[0]) - level).abs() <= 0.51, "{size:?}: {level}");
            }
        }
    }

    #[test]
    fn the_smallest_steps_leave_the_picture() {
        let grey = test_picture(96, 64, 5).map(|_, _, [r, _, _]| [r.into(); 3]);
        for size in BlockSize::ALL {
            let result = round_trip(&grey, &Dct::flat(1), size);
            let squares = (grey.pixels.iter().zip(&result.pixels))
                .map(|(one, other)| f64::from(one[0].abs_diff(other[0])).powi(2));
            let deviation = (squares.sum::<f64>() / (96.0 * 64.0)).sqrt();
            // Rounding a coefficient moves it by 1/sqrt(12) of an eighth, times the side in pixels
            // by as many coefficients; rounding the levels adds as much again.
            let wanted = ((size.side_px() as f64 / 8.0).powi(2) / 12.0 + 1.0 / 12.0).sqrt();
            assert!(deviation < 1.1 * wanted, "{size:?}: {deviation}, not {wanted}");
        }
    }

    #[test]
    fn at_8_pixels_the_look_would_be_jpeg() {
        let picture = test_picture(70, 46, 6);
        for tables in [Dct::ANNEX_K, Dct::LOOP, Dct::flat(255)] {
            let jpeg = reference::round_trip(&picture, &tables, Sampling::Yuv444);
            let look = Transform::new(8).round_trip(&picture, &tables);
            // A coefficient in the middle between two steps may fall to either side.
            let levels = jpeg.pixels.iter().flatten().zip(look.pixels.iter().flatten());
            let different = levels.filter(|(one, other)| one.abs_diff(**other) > 2).count();
            assert!(different * 100 <= 3 * 70 * 46 * 3, "{different}");
        }
    }
}
