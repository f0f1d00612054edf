//! Bleed: colour runs to the right and falls into coarse blocks, as on tape; luma stays where it is.
//!
//! A mean of pixels is linear, so a picture may take its colour from a mean and keep its own luma
//! without a way through Y'CbCr: result = mean + (own luma - luma of the mean). Rounding could let the
//! luma wander over the generations, so the result is made to have the same luma in whole levels.

#[cfg(test)]
use super::{fixed::LUMA_Q16, rgb::Rgb};
use super::{
    fixed::{ONE_Q16, q16},
    schedule::common_rows,
    stage::{Now, PICTURE, PassKind, Second, Stage, StageKind, Turn, Work},
};
use crate::{
    gpu::ShaderText,
    params::{Curve, ParamIndex, ParamSpec},
};
use bytemuck::{Pod, Zeroable};

const TEXT: ShaderText =
    ShaderText { name: "bleed", parts: &[PICTURE, include_str!("../../shaders/bleed.wgsl")] };

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "bleed",
    rows: &[BLEED, BLEED_AMOUNT, BLEED_RADIUS_PX, BLEED_SUBSAMPLING_PX],
    common: common_rows!("bleed", "Colour bleed", 40),
    work: Work::Passes {
        passes: &[
            PassKind { text: TEXT, entry: "smear", tile_px: (256, 8), second: Second::Decoded },
            PassKind { text: TEXT, entry: "hold", tile_px: (32, 32), second: Second::Decoded },
        ],
    },
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        Box::new(BleedStage {
            amount: registry.index_of(&BLEED_AMOUNT),
            radius_px: registry.index_of(&BLEED_RADIUS_PX),
            subsampling: registry.index_of(&BLEED_SUBSAMPLING_PX),
            uniform: Bleed::zeroed(),
        })
    },
};

/// The switch.
pub const BLEED: ParamSpec = ParamSpec::switch(
    "decay.bleed",
    "Colour bleed",
    "Whether colour runs out of its shapes in every generation; light and dark stay.",
    true,
);

/// The amount.
pub const BLEED_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.bleed_amount",
    "Bleed amount",
    "How much of the colour runs in every generation: 0 = none, 1 = all.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// How far it runs.
pub const BLEED_RADIUS_PX: ParamSpec = ParamSpec::float(
    "decay.bleed_radius_px",
    "Bleed radius",
    "How far colour runs to the right in every generation, paling on its way.",
    (0.0, 64.0),
    12.0,
)
.curve(Curve::Power(2.0))
.unit("px")
.smoothed(30.0);

/// How coarse it becomes.
pub const BLEED_SUBSAMPLING_PX: ParamSpec = ParamSpec::choice(
    "decay.bleed_subsampling_px",
    "Bleed blocks",
    "Side in pixels of the squares that share one colour: 1 = none, 2 = as in most videos.",
    &["1", "2", "4", "8", "16", "32"],
    0,
);

/// Uniform of `bleed.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Bleed {
    /// How far a colour reaches to the right, 0..=64.
    pub radius_px: i32,
    /// Side of the blocks: 1, 2, 4, 8, 16 or 32.
    pub block_px: i32,
    /// 65536 = no colour stays at its place.
    pub amount_q16: i32,
    /// To a multiple of 16 bytes.
    pub unused: i32,
}

#[derive(Debug)]
struct BleedStage {
    amount: ParamIndex,
    radius_px: ParamIndex,
    subsampling: ParamIndex,
    uniform: Bleed,
}

impl Stage for BleedStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amount)
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let radius_px = now.params.get(self.radius_px).round().clamp(0.0, 64.0) as i32;
        let block_px = 1 << now.params.int(self.subsampling).clamp(0, 5);
        let amount_q16 = q16(amount).clamp(0, ONE_Q16);
        self.uniform = Bleed { radius_px, block_px, amount_q16, unused: 0 };
        let passes: &'static [usize] = match (radius_px > 0, block_px > 1) {
            (false, false) => &[],
            (true, false) => &[0],
            (false, true) => &[1],
            (true, true) => &[0, 1],
        };
        // Where there is no colour none can run.
        let is_needed = amount_q16 > 0 && !passes.is_empty() && !now.is_grey;
        let uniform = bytemuck::bytes_of(&self.uniform);
        is_needed.then_some(Turn { uniform, passes, greys: false })
    }
}

/// CPU reference of `with_colour_of`.
#[cfg(test)]
fn with_colour_of(levels: [u8; 3], mean_q6: [i32; 3], amount_q16: i32) -> [i32; 3] {
    let luma = |levels: [i32; 3]| (0..3).map(|i| LUMA_Q16[i] * levels[i]).sum::<i32>();
    let levels = levels.map(i32::from);
    let own_luma_q16 = luma(levels);
    let luma_q6 = (own_luma_q16 + 512) >> 10;
    let mean_luma_q6 = (luma(mean_q6) + 32768) >> 16;
    let colour: [i32; 3] = std::array::from_fn(|i| {
        let (own, other) = (levels[i] * 64 - luma_q6, mean_q6[i] - mean_luma_q6);
        own + (((other - own) * amount_q16 + 32768) >> 16)
    });
    let part_q16 = colour
        .map(|colour| {
            let room = if colour > 0 { 255 * 64 - luma_q6 } else { luma_q6 };
            (room << 16) / colour.abs().max(1)
        })
        .into_iter()
        .fold(ONE_Q16, i32::min);
    let level =
        |colour: i32| ((luma_q6 + ((colour * part_q16 + 32768) >> 16) + 32) >> 6).clamp(0, 255);
    let (red, blue) = (level(colour[0]), level(colour[2]));
    let green = |luma_q16: i32| {
        (luma_q16 - LUMA_Q16[0] * red - LUMA_Q16[2] * blue + LUMA_Q16[1] / 2)
            .div_euclid(LUMA_Q16[1])
    };
    let nearest = [red, green(own_luma_q16).clamp(0, 255), blue];
    let wanted = (own_luma_q16 + 32768) >> 16;
    if (luma(nearest) + 32768) >> 16 == wanted {
        return nearest;
    }
    match green(wanted << 16) {
        ..0 if red > 0 => [red - 1, 0, blue],
        ..0 => [0, 0, (blue - 1).max(0)],
        256.. if red < 255 => [red + 1, 255, blue],
        256.. => [255, 255, (blue + 1).min(255)],
        green => [red, green, blue],
    }
}

/// CPU reference of `smear`.
#[cfg(test)]
pub fn smeared(picture: &Rgb, bleed: &Bleed) -> Rgb {
    picture.map(|x, y, levels| {
        let mut sum = [0; 3];
        let mut weights = 0;
        for step in 0..=bleed.radius_px {
            let weight = bleed.radius_px + 1 - step;
            let other = picture.clamped(x as i64 - i64::from(step), y as i64);
            for colour in 0..3 {
                sum[colour] += weight * i32::from(other[colour]);
            }
            weights += weight;
        }
        let mean_q6 = sum.map(|sum| (sum * 64 + weights / 2) / weights);
        with_colour_of(levels, mean_q6, bleed.amount_q16)
    })
}

/// CPU reference of `hold`.
#[cfg(test)]
pub fn held(picture: &Rgb, bleed: &Bleed) -> Rgb {
    let side = bleed.block_px as usize;
    picture.map(|x, y, levels| {
        let (left, top) = (x / side * side, y / side * side);
        let (right, bottom) = ((left + side).min(picture.width), (top + side).min(picture.height));
        let mut sum = [0; 3];
        for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
            for (sum, level) in sum.iter_mut().zip(picture.pixels[y * picture.width + x]) {
                *sum += i32::from(level);
            }
        }
        let count = ((right - left) * (bottom - top)) as i32;
        let mean_q6 = sum.map(|sum| (sum * 64 + count / 2) / count);
        with_colour_of(levels, mean_q6, bleed.amount_q16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::{
        noise::pcg4d,
        testing::{assert_same, rig, test_picture},
    };

    fn bleed(radius_px: i32, block_px: i32, amount: f64) -> Bleed {
        Bleed { radius_px, block_px, amount_q16: q16(amount), unused: 0 }
    }

    /// Luma as the standard has it, in levels.
    fn luma([r, g, b]: [u8; 3]) -> f64 {
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    #[test]
    fn a_red_point_reddens_its_right_neighbour() {
        let row = Rgb::from_fn(8, 1, |x, _| if x == 4 { [160, 100, 100] } else { [100; 3] });
        let result = smeared(&row, &bleed(1, 1, 1.0));
        // The point's luma is 112.756, its colour (47.244, -12.756, -12.756). Two thirds stay, one
        // third goes to the right: 112.756 + 31.496 = 144.25, 112.756 - 8.504 = 104.25, green makes up
        // the luma; 100 + 15.748 = 115.75, 100 - 4.252 = 95.75 on the right.
        let mut wanted = vec![[100; 3]; 8];
        wanted[4] = [144, 104, 104];
        wanted[5] = [116, 96, 96];
        assert_eq!(result.pixels, wanted);
        // Half the amount: half the way from what was. 112.756 + 39.37 = 152.13, 100 + 7.874.
        let result = smeared(&row, &bleed(1, 1, 0.5));
        assert_eq!([result.pixels[4], result.pixels[5]], [[152, 102, 102], [108, 98, 98]]);
    }

    #[test]
    fn a_block_shares_one_colour_and_keeps_its_lumas() {
        // A red and a blue half whose mean is (100, 20, 120): luma 44.22.
        let row = Rgb::from_fn(2, 2, |x, _| [[180, 20, 60], [20, 20, 180]][x]);
        let result = held(&row, &bleed(0, 2, 1.0));
        // Lumas 56.904 and 31.552. The first: 56.904 + 55.78 = 112.7, 56.904 + 75.78 = 132.7, and green
        // is what is left: (56.904 - 24.02 - 9.60) / 0.7152 = 32.55. The second: 87.3, 107.3; green
        // would be 7.45, but (87, 7, 107) has a luma of 31.23 and rounds to 31, not 32: one more.
        for y in 0..2 {
            assert_eq!(result.pixels[2 * y], [113, 33, 133]);
            assert_eq!(result.pixels[2 * y + 1], [87, 8, 107]);
        }
    }

    #[test]
    fn a_colour_that_does_not_fit_is_paled_and_black_stays_black() {
        let row = Rgb::from_fn(3, 1, |x, _| [[255, 0, 0], [0; 3], [255; 3]][x]);
        let result = smeared(&row, &bleed(2, 1, 1.0));
        assert_eq!(result.pixels[1..], [[0; 3], [255; 3]]);
    }

    #[test]
    fn luma_does_not_drift() {
        let start = test_picture(70, 46, 4);
        let mut picture = start.clone();
        let settings = bleed(9, 4, 0.8);
        for _ in 0..200 {
            picture = held(&smeared(&picture, &settings), &settings);
        }
        assert!(picture != start);
        for (one, other) in picture.pixels.iter().zip(&start.pixels) {
            // The same in whole levels: at most one apart, after any number of generations.
            assert!((luma(*one) - luma(*other)).abs() < 1.01, "{one:?}, {other:?}");
        }
    }

    #[test]
    fn any_colour_on_any_luma_keeps_the_luma() {
        for number in 0..200_000 {
            let words = pcg4d([number, 5, 6, 7]);
            // Every second level and colour is near an end, where rounding is hardest.
            let near = |word: u32, end: i32| {
                let value = (word >> 8) as i32 % (end + 1);
                match word % 4 {
                    0 => value % 4,
                    1 => end - value % 4,
                    _ => value,
                }
            };
            let levels: [i32; 3] = std::array::from_fn(|i| near(words[i], 255));
            let mean_q6 =
                std::array::from_fn(|i| near(words[i].rotate_left(13) ^ words[3], 255 * 64));
            let levels = levels.map(|level| level as u8);
            let result = with_colour_of(levels, mean_q6, q16(f64::from(number % 5) / 4.0));
            assert!(result.iter().all(|level| (0..=255).contains(level)), "{levels:?} {mean_q6:?}");
            let result = result.map(|level| level as u8);
            let whole = |[r, g, b]: [u8; 3]| {
                (13933 * i32::from(r) + 46871 * i32::from(g) + 4732 * i32::from(b) + 32768) / 65536
            };
            assert_eq!(whole(result), whole(levels), "{levels:?} {mean_q6:?}");
        }
    }

    #[test]
    fn grey_stays_grey_and_flat_stays_flat() {
        let grey = Rgb::from_fn(70, 46, |x, y| [(x * y % 256) as u8; 3]);
        let flat = Rgb::from_fn(70, 46, |_, _| [203, 17, 90]);
        for picture in [grey, flat] {
            assert_same(&smeared(&picture, &bleed(12, 1, 1.0)), &picture);
            assert_same(&held(&picture, &bleed(0, 16, 1.0)), &picture);
        }
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 3);
        for (radius_px, block_px, amount) in
            [(1, 2, 1.0), (12, 4, 0.3), (64, 8, 1.0), (5, 16, 0.9), (40, 32, 1.0)]
        {
            let uniform = bleed(radius_px, block_px, amount);
            let result = rig.pass(&STAGE, 0, &uniform, &picture, &picture);
            assert_same(&result, &smeared(&picture, &uniform));
            let result = rig.pass(&STAGE, 1, &uniform, &picture, &picture);
            assert_same(&result, &held(&picture, &uniform));
        }
    }
}
