//! Mask: wear only where the clip moves, stands still, is dark or is bright.
//!
//! Where the mask is off the decoded picture comes back: the dancer decays, the wall does not. The
//! mask is read of the decoded picture, never of the worn one, so that wear does not move it.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    fixed::{ONE_Q16, q16},
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{ParamIndex, ParamSpec};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "mask",
    rows: &[MASK, MASK_AMOUNT, MASK_BY, MASK_THRESHOLD, MASK_SOFTNESS],
    common: common_rows!("mask", "Mask", 95),
    work: Work::Point(Point {
        uniform: "Mask",
        moves: false,
        changes: true,
        wgsl: include_str!("../../shaders/mask.wgsl"),
    }),
    // The decoded picture has colour.
    keeps_grey: false,
    reads_motion: true,
    find: |registry| {
        Box::new(MaskStage {
            amount: registry.index_of(&MASK_AMOUNT),
            by: registry.index_of(&MASK_BY),
            threshold: registry.index_of(&MASK_THRESHOLD),
            softness: registry.index_of(&MASK_SOFTNESS),
            uniform: Mask::zeroed(),
        })
    },
};

/// The switch.
pub const MASK: ParamSpec = ParamSpec::switch(
    "decay.mask",
    "Mask",
    "Whether wear is kept to a part of the picture; elsewhere the clip comes back.",
    true,
);

/// The amount.
pub const MASK_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.mask_amount",
    "Mask amount",
    "How much of the clip comes back in every generation where the mask is off: 1 = all.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// What the mask goes by.
pub const MASK_BY: ParamSpec = ParamSpec::choice(
    "decay.mask_by",
    "Mask by",
    "Where the picture wears: where the clip moves, where it stands still, where it is dark or bright.",
    &["motion", "stillness", "dark", "bright"],
    0,
);

/// Where the mask begins.
pub const MASK_THRESHOLD: ParamSpec = ParamSpec::float(
    "decay.mask_threshold",
    "Mask threshold",
    "How much motion or light counts: 0 = the least, 1 = none is enough.",
    (0.0, 1.0),
    0.1,
)
.smoothed(30.0);

/// How gently it begins.
pub const MASK_SOFTNESS: ParamSpec = ParamSpec::float(
    "decay.mask_softness",
    "Mask softness",
    "How far above the threshold motion or light counts in full: 0 = a hard edge.",
    (0.0, 1.0),
    0.3,
)
.smoothed(30.0);

/// Motion and luma reach 255, and are summed over five pixels.
const LARGEST_SUM: f64 = 5.0 * 255.0;

/// Uniform of `mask.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Mask {
    /// 0 = by motion, 1 = by luma.
    pub by: i32,
    /// 1 = the mask is on where it would be off.
    pub is_inverted: i32,
    /// Where the mask begins, in sums of five: 0..=1275.
    pub threshold: i32,
    /// How much more of the mask each step above the threshold brings, 51..=65536.
    pub gain_q16: i32,
    /// 65536 = nothing worn stays where the mask is off.
    pub amount_q16: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 3],
}

impl Mask {
    /// From plain values; `by` is a place in the choice.
    fn new(by: i64, threshold: f64, softness: f64, amount: f64) -> Self {
        let softness = (softness * LARGEST_SUM).max(1.0);
        Self {
            by: i32::from(by >= 2),
            is_inverted: i32::from(by == 1 || by == 2),
            threshold: (threshold * LARGEST_SUM).round() as i32,
            // Rounded up, so that the largest sum is in full where threshold and softness make one.
            gain_q16: (f64::from(ONE_Q16) / softness).ceil() as i32,
            amount_q16: q16(amount).clamp(0, ONE_Q16),
            unused: [0; 3],
        }
    }
}

#[derive(Debug)]
struct MaskStage {
    amount: ParamIndex,
    by: ParamIndex,
    threshold: ParamIndex,
    softness: ParamIndex,
    uniform: Mask,
}

impl Stage for MaskStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amount)
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let (by, threshold) = (now.params.int(self.by), now.params.get(self.threshold));
        self.uniform = Mask::new(by, threshold, now.params.get(self.softness), amount);
        let uniform = bytemuck::bytes_of(&self.uniform);
        (self.uniform.amount_q16 > 0).then_some(Turn { uniform, passes: &[], greys: false })
    }
}

/// CPU reference; `motion` is that of the decoded picture, pixel by pixel.
#[cfg(test)]
pub fn masked(picture: &Rgb, decoded: &Rgb, motion: &[u8], uniform: &Mask) -> Rgb {
    let (width, height) = (decoded.width as i64, decoded.height as i64);
    let value = |(x, y): (i64, i64)| {
        let at = y.clamp(0, height - 1) * width + x.clamp(0, width - 1);
        let [r, g, b] = decoded.pixels[at as usize].map(i32::from);
        match uniform.by {
            0 => i32::from(motion[at as usize]),
            _ => (13933 * r + 46871 * g + 4732 * b + 32768) >> 16,
        }
    };
    picture.map(|x, y, levels| {
        let (x, y) = (x as i64, y as i64);
        let around = [(x, y), (x + 3, y), (x - 3, y), (x, y + 3), (x, y - 3)];
        let sum: i32 = around.map(value).into_iter().sum();
        let above = ((sum - uniform.threshold) * uniform.gain_q16).clamp(0, ONE_Q16);
        let is_on = if uniform.is_inverted == 1 { ONE_Q16 - above } else { above };
        let back_q15 = (((ONE_Q16 - is_on) >> 1) * (uniform.amount_q16 >> 1)) >> 15;
        let decoded = decoded.pixels[(y * width + x) as usize];
        std::array::from_fn(|i| {
            let (level, decoded) = (i32::from(levels[i]), i32::from(decoded[i]));
            level + (((decoded - level) * back_q15 + 16384) >> 15)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    const MOTION: i64 = 0;
    const STILLNESS: i64 = 1;
    const DARK: i64 = 2;
    const BRIGHT: i64 = 3;

    #[test]
    fn what_moves_wears_and_what_stands_still_comes_back() {
        let decoded = Rgb::from_fn(40, 1, |_, _| [50; 3]);
        let worn = Rgb::from_fn(40, 1, |_, _| [150; 3]);
        let motion: Vec<u8> = (0..40).map(|x| if x < 20 { 200 } else { 10 }).collect();
        let result = masked(&worn, &decoded, &motion, &Mask::new(MOTION, 0.1, 0.4, 1.0));
        let at = |x: usize| result.pixels[x][0];
        // 10 of 255 is below the threshold of 25.5; 200 is above 25.5 + 102.
        assert_eq!((at(0), at(16), at(23), at(39)), (150, 150, 50, 50));
        // Four of five pixels move (the picture ends above and below, so those two are the pixel
        // itself): (4 * 200 + 10 - 128) / 510 is above 1; one of five: (200 + 40 - 128) / 510 = 0.22.
        assert_eq!((at(19), at(20), at(22)), (150, 72, 72));
        let other = masked(&worn, &decoded, &motion, &Mask::new(STILLNESS, 0.1, 0.4, 1.0));
        assert_eq!((other.pixels[0][0], other.pixels[39][0]), (50, 150));
        // A quarter of the way in every generation.
        let part = masked(&worn, &decoded, &motion, &Mask::new(MOTION, 0.1, 0.4, 0.25));
        assert_eq!((part.pixels[0][0], part.pixels[39][0]), (150, 125));
    }

    #[test]
    fn dark_and_bright_are_told_by_the_clip() {
        // Lumas of the clip: 0.2126 * 255 = 54, 0.7152 * 255 = 182; hard edge at 102.
        let decoded = Rgb::from_fn(40, 1, |x, _| if x < 20 { [255, 0, 0] } else { [0, 255, 0] });
        let worn = Rgb::from_fn(40, 1, |x, _| [if x < 20 { 255 } else { 0 }; 3]);
        let dark = masked(&worn, &decoded, &[], &Mask::new(DARK, 0.4, 0.0, 1.0));
        assert_eq!((dark.pixels[0], dark.pixels[39]), ([255; 3], [0, 255, 0]));
        let bright = masked(&worn, &decoded, &[], &Mask::new(BRIGHT, 0.4, 0.0, 1.0));
        assert_eq!((bright.pixels[0], bright.pixels[39]), ([255, 0, 0], [0; 3]));
    }

    #[test]
    fn the_ends_of_the_rows_are_the_two_pictures() {
        let (worn, decoded) = (test_picture(70, 46, 1), test_picture(70, 46, 2));
        let all = vec![255; 70 * 46];
        let result = masked(&worn, &decoded, &all, &Mask::new(MOTION, 0.0, 1.0, 1.0));
        assert_same(&result, &worn);
        let result = masked(&worn, &decoded, &all, &Mask::new(MOTION, 1.0, 0.0, 1.0));
        assert_same(&result, &decoded);
        let none = vec![0; 70 * 46];
        let result = masked(&worn, &decoded, &none, &Mask::new(MOTION, 0.0, 1.0, 1.0));
        assert_same(&result, &decoded);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let (worn, decoded) = (test_picture(70, 46, 1), test_picture(70, 46, 2));
        let motion: Vec<u8> = test_picture(70, 46, 3).pixels.iter().map(|pixel| pixel[1]).collect();
        for by in [MOTION, STILLNESS, DARK, BRIGHT] {
            for (threshold, softness, amount) in [(0.0, 1.0, 1.0), (0.3, 0.2, 0.4), (0.5, 0.0, 1.0)]
            {
                let uniform = Mask::new(by, threshold, softness, amount);
                let result = rig.point_with_motion(&STAGE, &uniform, &worn, &decoded, &motion);
                let wanted = masked(&worn, &decoded, &motion, &uniform);
                assert_same(&result, &wanted);
                assert!(wanted != worn && wanted != decoded);
            }
        }
    }
}
