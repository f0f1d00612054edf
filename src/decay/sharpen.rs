//! Sharpen: an unsharp mask, the difference to a blurred copy added again.

#[cfg(test)]
use super::{blur, rgb::Rgb};
use super::{
    convolve::{Convolution, PICTURE_AND_CONVOLVE},
    fixed::q16,
    schedule::common_rows,
    stage::{Now, PassKind, Second, Stage, StageKind, Turn, Work},
};
use crate::{
    gpu::ShaderText,
    params::{Curve, ParamIndex, ParamSpec},
};
use bytemuck::Zeroable;

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "sharpen",
    rows: &[SHARPEN, SHARPEN_AMOUNT, SHARPEN_RADIUS_PX],
    common: common_rows!("sharpen", "Sharpen", 60),
    work: Work::Passes {
        text: ShaderText {
            name: "sharpen",
            parts: &[
                PICTURE_AND_CONVOLVE[0],
                PICTURE_AND_CONVOLVE[1],
                include_str!("../../shaders/blur.wgsl"),
                include_str!("../../shaders/sharpen.wgsl"),
            ],
        },
        passes: &[
            PassKind { entry: "horizontal", tile_px: (64, 8), second: Second::Input },
            PassKind { entry: "main", tile_px: (8, 64), second: Second::Input },
        ],
    },
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let amount = registry.index_of(&SHARPEN_AMOUNT);
        let radius_px = registry.index_of(&SHARPEN_RADIUS_PX);
        Box::new(SharpenStage { amount, radius_px, uniform: Convolution::zeroed() })
    },
};

/// Sharpening that full wear adds. Chosen by eye, with the other stages of
/// [`super::settings::AMOUNT`].
const FULL_WEAR: f64 = 0.9;

#[derive(Debug)]
struct SharpenStage {
    amount: ParamIndex,
    radius_px: ParamIndex,
    uniform: Convolution,
}

impl Stage for SharpenStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amount) + FULL_WEAR * now.wear
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let amount_q16 = amount_q16(amount);
        self.uniform = Convolution::gaussian(now.params.get(self.radius_px), amount_q16);
        let uniform = bytemuck::bytes_of(&self.uniform);
        (amount_q16 > 0).then_some(Turn { uniform, passes: &[0, 1], greys: false })
    }
}

/// The switch.
pub const SHARPEN: ParamSpec = ParamSpec::switch(
    "decay.sharpen",
    "Sharpen",
    "Whether the picture is sharpened in every generation.",
    true,
);

/// The amount.
pub const SHARPEN_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.sharpen_amount",
    "Sharpen amount",
    "How many times the difference to a blurred copy is added in every generation.",
    (0.0, 4.0),
    0.0,
)
.curve(Curve::Power(2.0))
.smoothed(30.0);

/// The size of what is sharpened.
pub const SHARPEN_RADIUS_PX: ParamSpec = ParamSpec::float(
    "decay.sharpen_radius_px",
    "Sharpen radius",
    "Standard deviation of the blur that sharpening compares with: small = edges, large = contrast.",
    (0.3, 8.0),
    2.0,
)
.curve(Curve::Power(2.0))
.unit("px")
.smoothed(30.0);

/// As the uniform takes it.
pub fn amount_q16(amount: f64) -> i32 {
    q16(amount)
}

/// CPU reference of `sharpen.wgsl` and the horizontal pass before it.
#[cfg(test)]
pub fn sharpened(picture: &Rgb, convolution: &Convolution) -> Rgb {
    let soft = blur::blurred(picture, convolution);
    picture.map(|x, y, sharp| {
        let soft = soft.pixels[y * picture.width + x];
        std::array::from_fn(|channel| {
            let sharp = i32::from(sharp[channel]);
            let difference = sharp - i32::from(soft[channel]);
            sharp + ((difference * convolution.amount_q16 + 32768) >> 16)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    #[test]
    fn flat_areas_stay_and_an_edge_is_driven_apart() {
        let edge = Rgb::from_fn(60, 20, |x, _| [if x < 30 { 100 } else { 150 }; 3]);
        let result = sharpened(&edge, &Convolution::gaussian(2.0, amount_q16(1.0)));
        let row = &result.pixels[10 * 60..11 * 60];
        assert_eq!((row[2], row[57]), ([100; 3], [150; 3]));
        // A blurred step is 100 + 50 * Phi(d / sigma) at the distance d = 0.5 from it; sharpening
        // once adds what is missing: Phi(0.25) = 0.5987.
        assert!((i32::from(row[30][0]) - (150 + 20)).abs() <= 1, "{:?}", row[30]);
        assert!((i32::from(row[29][0]) - (100 - 20)).abs() <= 1, "{:?}", row[29]);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 4);
        for (sigma, amount) in [(0.3, 4.0), (2.0, 1.8), (8.0, 0.1)] {
            let uniform = Convolution::gaussian(sigma, amount_q16(amount));
            let rows = rig.pass(&STAGE, 0, &uniform, &picture, &picture);
            let result = rig.pass(&STAGE, 1, &uniform, &rows, &picture);
            assert_same(&result, &sharpened(&picture, &uniform));
        }
    }
}
