//! Blur: a Gaussian, rows then columns, rounded to whole levels between.

#[cfg(test)]
use super::{
    convolve::{Convolution, convolved},
    rgb::Rgb,
};
use crate::params::{Curve, ParamSpec};

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
    use crate::decay::{
        plan::Pass,
        testing::{assert_same, rig, test_picture},
    };

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
            let rows = rig.run(Pass::BlurRows, &uniform, &picture, &picture);
            assert_same(&rows, &convolved(&picture, &uniform, (1, 0)));
            let both = rig.run(Pass::BlurColumns, &uniform, &rows, &picture);
            assert_same(&both, &blurred(&picture, &uniform));
        }
    }
}
