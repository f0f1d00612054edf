//! Sharpen: an unsharp mask, the difference to a blurred copy added again.

use super::rgb::q16;
#[cfg(test)]
use super::{blur, convolve::Convolution, rgb::Rgb};
use crate::params::{Curve, ParamSpec};

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
