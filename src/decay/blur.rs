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
