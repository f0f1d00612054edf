//! Blur: a Gaussian, rows then columns, rounded to whole levels between.

use super::{
    convolve::{Convolution, PICTURE_AND_CONVOLVE},
    schedule::common_rows,
    stage::{Now, PassKind, Second, Stage, StageKind, Turn, Work},
};
#[cfg(test)]
use super::{convolve::convolved, rgb::Rgb};
use crate::{
    gpu::ShaderText,
    params::{Curve, ParamIndex, ParamSpec},
};
use bytemuck::Zeroable;

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "blur",
    rows: &[BLUR, BLUR_RADIUS_PX],
    common: common_rows!("blur", "Blur", 50),
    work: Work::Passes {
        text: ShaderText {
            name: "blur",
            parts: &[
                PICTURE_AND_CONVOLVE[0],
                PICTURE_AND_CONVOLVE[1],
                include_str!("../../shaders/blur.wgsl"),
            ],
        },
        passes: &[
            PassKind { entry: "horizontal", tile_px: (64, 8), second: Second::Decoded },
            PassKind { entry: "vertical", tile_px: (8, 64), second: Second::Decoded },
        ],
    },
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let radius_px = registry.index_of(&BLUR_RADIUS_PX);
        Box::new(BlurStage { radius_px, uniform: Convolution::zeroed() })
    },
};

/// Radius that full wear adds. Chosen by eye, with the other stages of [`super::settings::AMOUNT`].
const FULL_WEAR_PX: f64 = 0.9;

/// Below this standard deviation a Gaussian's first neighbours weigh less than half a level.
const LEAST_SIGMA_PX: f64 = 0.25;

#[derive(Debug)]
struct BlurStage {
    radius_px: ParamIndex,
    uniform: Convolution,
}

impl Stage for BlurStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        let radius_px = now.params.get(self.radius_px) + FULL_WEAR_PX * now.wear;
        if radius_px < LEAST_SIGMA_PX { 0.0 } else { radius_px }
    }

    fn settle(&mut self, _: &Now<'_>, radius_px: f64) -> Option<Turn<'_>> {
        if radius_px < LEAST_SIGMA_PX {
            return None;
        }
        self.uniform = Convolution::gaussian(radius_px, 0);
        let uniform = bytemuck::bytes_of(&self.uniform);
        Some(Turn { uniform, passes: &[0, 1], greys: false })
    }
}

/// The switch.
pub const BLUR: ParamSpec = ParamSpec::switch(
    "decay.blur",
    "Blur",
    "Whether the picture is blurred in every generation.",
    true,
);

/// The amount.
pub const BLUR_RADIUS_PX: ParamSpec = ParamSpec::float(
    "decay.blur_radius_px",
    "Blur radius",
    "Standard deviation of the Gaussian blur of every generation; below 0.25 it does nothing.",
    (0.0, 8.0),
    0.0,
)
.curve(Curve::Power(2.0))
.unit("px")
.smoothed(30.0);

/// CPU reference of both passes.
#[cfg(test)]
pub fn blurred(picture: &Rgb, convolution: &Convolution) -> Rgb {
    convolved(&convolved(picture, convolution, (1, 0)), convolution, (0, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    #[test]
    fn a_point_becomes_a_gaussian() {
        let sigma = 1.3_f64;
        let point = Rgb::from_fn(31, 31, |x, y| [if (x, y) == (15, 15) { 255 } else { 0 }; 3]);
        let result = blurred(&point, &Convolution::gaussian(sigma, 0));
        for y in 0..31 {
            for x in 0..31 {
                let square = (x as f64 - 15.0).powi(2) + (y as f64 - 15.0).powi(2);
                let density = (-square / (2.0 * sigma * sigma)).exp();
                let wanted = 255.0 * density / (2.0 * std::f64::consts::PI * sigma * sigma);
                let level = f64::from(result.pixels[y * 31 + x][1]);
                // Half a level of rounding in each of two passes, and the tail that is cut.
                assert!((level - wanted).abs() <= 1.0, "({x}, {y}): {level}, not {wanted}");
            }
        }
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 3);
        for sigma in [0.3, 1.3, 8.0] {
            let uniform = Convolution::gaussian(sigma, 0);
            let rows = rig.pass(&STAGE, 0, &uniform, &picture, &picture);
            assert_same(&rows, &convolved(&picture, &uniform, (1, 0)));
            let both = rig.pass(&STAGE, 1, &uniform, &rows, &picture);
            assert_same(&both, &blurred(&picture, &uniform));
        }
    }
}
