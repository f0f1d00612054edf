//! Black and white: every pixel toward its luma.

#[cfg(test)]
use super::rgb::Rgb;
use crate::params::ParamSpec;
use bytemuck::{Pod, Zeroable};

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

/// Uniform of `black_and_white.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct BlackAndWhite {
    /// 65536 = no colour left.
    pub amount_q16: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 3],
}

/// CPU reference. Luma weights of ITU-R BT.709-6, item 3.2, in 1/65536.
#[cfg(test)]
pub fn black_and_white(picture: &Rgb, amount_q16: i32) -> Rgb {
    picture.map(|_, _, levels| {
        let levels = levels.map(i32::from);
        let luma = (13933 * levels[0] + 46871 * levels[1] + 4732 * levels[2] + 32768) >> 16;
        levels.map(|level| level + (((luma - level) * amount_q16 + 32768) >> 16))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::{
        fixed::{ONE_Q16, q16},
        plan::Pass,
        testing::{assert_same, rig, test_picture},
    };

    #[test]
    fn colours_become_their_luma() {
        let colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 90, 90]];
        let picture = Rgb::from_fn(4, 1, |x, _| colours[x]);
        // 0.2126, 0.7152 and 0.0722 of 255.
        let luma = [54, 182, 18, 90].map(|level| [level; 3]);
        assert_eq!(black_and_white(&picture, ONE_Q16).pixels, luma);
        assert_same(&black_and_white(&picture, 0), &picture);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 5);
        for amount in [0.01, 0.5, 1.0] {
            let uniform = BlackAndWhite { amount_q16: q16(amount), unused: [0; 3] };
            let result = rig.run(Pass::BlackAndWhite, &uniform, &picture, &picture);
            assert_same(&result, &black_and_white(&picture, uniform.amount_q16));
        }
    }
}
