//! Convolution with a symmetric kernel along one axis: what blur and sharpen are made of.

use super::fixed::{ONE_Q16, q16};
#[cfg(test)]
use super::rgb::Rgb;
use bytemuck::{Pod, Zeroable};

/// Largest distance from the centre that a kernel reaches, in pixels: three times the largest sigma.
pub const MAX_RADIUS_PX: usize = 24;

/// What the shaders of both build on.
pub const PICTURE_AND_CONVOLVE: [&str; 2] =
    [include_str!("../../shaders/picture.wgsl"), include_str!("../../shaders/convolve.wgsl")];

/// Uniform of `convolve.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Convolution {
    /// Weights reach from -radius to radius; at most [`MAX_RADIUS_PX`].
    pub radius_px: i32,
    /// Of sharpen: 65536 = the difference once.
    pub amount_q16: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 2],
    /// Centre first, then outwards; centre + 2 * rest = 65536, so flat areas stay as they are.
    pub weights_q16: [i32; 28],
}

impl Convolution {
    /// A sampled Gaussian of standard deviation `sigma_px` (above 0), cut at three sigma.
    pub fn gaussian(sigma_px: f64, amount_q16: i32) -> Self {
        let radius = ((3.0 * sigma_px).ceil() as usize).clamp(1, MAX_RADIUS_PX);
        let mut bell = [0.0; MAX_RADIUS_PX + 1];
        for (distance, value) in bell.iter_mut().enumerate().take(radius + 1) {
            *value = (-((distance * distance) as f64) / (2.0 * sigma_px * sigma_px)).exp();
        }
        let sum = bell[0] + 2.0 * bell[1..].iter().sum::<f64>();
        let mut weights_q16 = [0; 28];
        let mut centre = ONE_Q16;
        for distance in 1..=radius {
            weights_q16[distance] = q16(bell[distance] / sum);
            centre -= 2 * weights_q16[distance];
        }
        weights_q16[0] = centre;
        Self { radius_px: radius as i32, amount_q16, unused: [0; 2], weights_q16 }
    }
}

/// CPU reference of `convolved`: along x where `axis` is (1, 0), along y where it is (0, 1).
#[cfg(test)]
pub fn convolved(picture: &Rgb, convolution: &Convolution, axis: (i64, i64)) -> Rgb {
    picture.map(|x, y, _| {
        let mut sum = [ONE_Q16 / 2; 3];
        for step in -convolution.radius_px..=convolution.radius_px {
            let weight = convolution.weights_q16[step.unsigned_abs() as usize];
            let step = i64::from(step);
            let levels = picture.clamped(x as i64 + step * axis.0, y as i64 + step * axis.1);
            for channel in 0..3 {
                sum[channel] += i32::from(levels[channel]) * weight;
            }
        }
        sum.map(|sum| sum >> 16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_follow_the_bell() {
        for sigma in [0.25, 0.3, 1.3, 2.0, 8.0] {
            let convolution = Convolution::gaussian(sigma, 0);
            let weights = convolution.weights_q16;
            assert_eq!(weights[0] + 2 * weights[1..].iter().sum::<i32>(), ONE_Q16);
            assert!(convolution.radius_px as usize <= MAX_RADIUS_PX);
            let ratio = f64::from(weights[1]) / f64::from(weights[0]);
            assert!((ratio - (-0.5 / (sigma * sigma)).exp()).abs() < 0.01, "{sigma}: {ratio}");
        }
    }
}
