//! Black and white: every pixel toward its luma.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    fixed::{LUMA_Q16, ONE_Q16, q16},
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{ParamIndex, ParamSpec};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "black_and_white",
    rows: &[BLACK_AND_WHITE, BLACK_AND_WHITE_AMOUNT, BLACK_AND_WHITE_WEIGHTS],
    common: common_rows!("black_and_white", "Black and white", 80),
    work: Work::Point(Point {
        uniform: "BlackAndWhite",
        moves: false,
        changes: true,
        wgsl: include_str!("../../shaders/black_and_white.wgsl"),
    }),
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let amount = registry.index_of(&BLACK_AND_WHITE_AMOUNT);
        let weights = registry.index_of(&BLACK_AND_WHITE_WEIGHTS);
        let lost_greys = WEIGHTS_F32.map(lost_greys);
        Box::new(BlackAndWhiteStage {
            amount,
            weights,
            lost_greys,
            uniform: BlackAndWhite::zeroed(),
        })
    },
};

/// The switch.
pub const BLACK_AND_WHITE: ParamSpec = ParamSpec::switch(
    "decay.black_and_white",
    "Black and white",
    "Whether colour is taken away in every generation.",
    true,
);

/// The amount.
pub const BLACK_AND_WHITE_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.black_and_white_amount",
    "Black and white amount",
    "How much of the colour every generation takes away: 1 = all.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// Which luma.
pub const BLACK_AND_WHITE_WEIGHTS: ParamSpec = ParamSpec::choice(
    "decay.black_and_white_weights",
    "Black and white luma",
    "How much of the grey is red, green and blue: as in HD video (bt709), or as JPEG and older \
     programs have it (bt601).",
    &["bt709", "bt601"],
    0,
);

/// Luma weights of red, green and blue in 1/65536, in the order of the choice: ITU-R BT.709-6, item
/// 3.2, and ITU-R BT.601-7, section 2.5.1.
const WEIGHTS_Q16: [[i32; 3]; 2] = [LUMA_Q16, [19595, 38470, 7471]];

/// The same as single precision has them.
const WEIGHTS_F32: [[f32; 3]; 2] = [[0.2126, 0.7152, 0.0722], [0.299, 0.587, 0.114]];

/// Greys (a bit each, 32 a word) whose luma comes out below them in single precision, so that whoever
/// truncates loses a level. The loop that this chain plays was seen to compute so: 13 greys sink.
fn lost_greys([red, green, blue]: [f32; 3]) -> [u32; 8] {
    let mut lost = [0; 8];
    for level in 0_u8..=255 {
        let grey = f32::from(level);
        if (red * grey + green * grey + blue * grey) as u8 != level {
            lost[usize::from(level / 32)] |= 1 << (level % 32);
        }
    }
    lost
}

/// Uniform of `black_and_white.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct BlackAndWhite {
    /// Of red, green and blue; their sum is 65536.
    pub weights_q16: [i32; 3],
    /// 65536 = no colour left.
    pub amount_q16: i32,
    /// 32768 rounds the luma, 0 truncates it.
    pub half_q16: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 3],
    /// Greys that become one level darker, 32 a word.
    pub lost_greys: [u32; 8],
}

#[derive(Debug)]
struct BlackAndWhiteStage {
    amount: ParamIndex,
    weights: ParamIndex,
    lost_greys: [[u32; 8]; 2],
    uniform: BlackAndWhite,
}

impl Stage for BlackAndWhiteStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amount)
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let weights = now.params.int(self.weights).clamp(0, 1) as usize;
        let amount_q16 = q16(amount).clamp(0, ONE_Q16);
        self.uniform = BlackAndWhite {
            weights_q16: WEIGHTS_Q16[weights],
            amount_q16,
            half_q16: now.half_q16(),
            unused: [0; 3],
            lost_greys: if now.truncates { self.lost_greys[weights] } else { [0; 8] },
        };
        let uniform = bytemuck::bytes_of(&self.uniform);
        // What is grey stays as it is, to the last bit, unless a few greys lose a level.
        let is_needed = amount_q16 > 0 && (now.truncates || !now.is_grey);
        is_needed.then_some(Turn { uniform, passes: &[], greys: amount_q16 == ONE_Q16 })
    }
}

/// CPU reference.
#[cfg(test)]
pub fn black_and_white(picture: &Rgb, uniform: &BlackAndWhite) -> Rgb {
    picture.map(|_, _, levels| {
        let levels = levels.map(i32::from);
        let parts: i32 = (0..3).map(|colour| uniform.weights_q16[colour] * levels[colour]).sum();
        let is_grey = levels[0] == levels[1] && levels[1] == levels[2];
        let bit = uniform.lost_greys[levels[0] as usize / 32] >> (levels[0] % 32) & 1;
        let lost = if is_grey { bit as i32 } else { 0 };
        let luma = ((parts + uniform.half_q16) >> 16) - lost;
        levels.map(|level| level + (((luma - level) * uniform.amount_q16 + 32768) >> 16))
    })
}

/// The uniform for an amount, as video has it.
#[cfg(test)]
pub fn video(amount_q16: i32) -> BlackAndWhite {
    BlackAndWhite {
        weights_q16: WEIGHTS_Q16[0],
        amount_q16,
        half_q16: 32768,
        unused: [0; 3],
        lost_greys: [0; 8],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    #[test]
    fn colours_become_their_luma() {
        let colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 90, 90]];
        let picture = Rgb::from_fn(4, 1, |x, _| colours[x]);
        // 0.2126, 0.7152 and 0.0722 of 255.
        let luma = [54, 182, 18, 90].map(|level| [level; 3]);
        assert_eq!(black_and_white(&picture, &video(ONE_Q16)).pixels, luma);
        assert_same(&black_and_white(&picture, &video(0)), &picture);
        // 0.299, 0.587 and 0.114 of 255 are 76.2, 149.7 and 29.1.
        let older = BlackAndWhite { weights_q16: WEIGHTS_Q16[1], ..video(ONE_Q16) };
        let luma = [76, 150, 29, 90].map(|level| [level; 3]);
        assert_eq!(black_and_white(&picture, &older).pixels, luma);
        let truncated = BlackAndWhite { half_q16: 0, ..older };
        let luma = [76, 149, 29, 90].map(|level| [level; 3]);
        assert_eq!(black_and_white(&picture, &truncated).pixels, luma);
    }

    #[test]
    fn a_grey_picture_stays_as_it_is() {
        let greys = Rgb::from_fn(256, 1, |x, _| [x as u8; 3]);
        for weights_q16 in WEIGHTS_Q16 {
            for half_q16 in [0, 32768] {
                let uniform = BlackAndWhite { weights_q16, half_q16, ..video(ONE_Q16) };
                assert_same(&black_and_white(&greys, &uniform), &greys);
            }
        }
    }

    #[test]
    fn truncation_loses_the_greys_that_single_precision_loses() {
        // With numpy.float32: levels v where int(0.299 v + 0.587 v + 0.114 v) is below v.
        let wanted = [37, 61, 74, 93, 111, 122, 148, 186, 215, 222, 233, 244, 253];
        let lost_greys = lost_greys(WEIGHTS_F32[1]);
        let older = BlackAndWhite { weights_q16: WEIGHTS_Q16[1], ..video(ONE_Q16) };
        let uniform = BlackAndWhite { half_q16: 0, lost_greys, ..older };
        let greys = Rgb::from_fn(256, 1, |x, _| [x as u8; 3]);
        let darker = Rgb::from_fn(256, 1, |x, _| [x as u8 - u8::from(wanted.contains(&x)); 3]);
        assert_same(&black_and_white(&greys, &uniform), &darker);
        let Some(rig) = rig() else { return };
        assert_same(&rig.point(&STAGE, &uniform, &greys, &greys), &darker);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 5);
        for amount in [0.01, 0.5, 1.0] {
            for half_q16 in [0, 32768] {
                let uniform = BlackAndWhite { half_q16, ..video(q16(amount)) };
                let result = rig.point(&STAGE, &uniform, &picture, &picture);
                assert_same(&result, &black_and_white(&picture, &uniform));
            }
        }
    }
}
