//! The Gaussian that blur and sharpen are made of: three boxes along an axis, as Pillow does it.

#[cfg(test)]
use super::rgb::Rgb;
use super::stage::PICTURE;
use bytemuck::{Pod, Zeroable};

/// Boxes along one axis that together come near a Gaussian.
const BOXES: f32 = 3.0;

/// Largest standard deviation in pixels.
pub const MAX_SIGMA_PX: f64 = 8.0;

/// 1 in the fractions of the weights: 255 times as much still fits into 32 bits.
const ONE_Q24: u32 = 1 << 24;

/// What the shaders of both build on.
pub const PICTURE_AND_CONVOLVE: [&str; 2] = [PICTURE, include_str!("../../shaders/convolve.wgsl")];

/// Uniform of `convolve.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Convolution {
    /// How far one box reaches from its centre, ends included: 1..=8 pixels.
    pub reach_px: i32,
    /// Weight of every pixel of a box but its ends; 2^24 = one.
    pub inner_q24: u32,
    /// Weight of each of the two ends.
    pub outer_q24: u32,
    /// Of sharpen: 100 = the difference once.
    pub percent: i32,
    /// Of sharpen: a difference of so many levels or fewer is left alone.
    pub threshold_levels: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 3],
}

/// Widest reach at which one pass makes all three boxes of an axis; beyond, each box takes a pass.
const MAX_FUSED_REACH_PX: i32 = 2;

impl Convolution {
    /// Whether one pass makes all three boxes of an axis: up to a standard deviation of 2.45 pixels.
    pub fn is_fused(&self) -> bool {
        self.reach_px <= MAX_FUSED_REACH_PX
    }

    /// Whether a blur of this standard deviation changes any picture: its ends, black on white or white
    /// on black, must move a level by half a one. From 0.0767 on they do; where a box has more pixels
    /// than its ends and its centre, those blur whatever its ends weigh.
    pub fn is_felt(sigma_px: f64) -> bool {
        let boxes = Self::gaussian(sigma_px);
        let ends = 2 * u64::from(u8::MAX) * u64::from(boxes.outer_q24);
        boxes.reach_px > 1 || ends >= u64::from(ONE_Q24 / 2)
    }

    /// Boxes whose variances add up to the square of `sigma_px` (above 0, limited to
    /// [`MAX_SIGMA_PX`]), sharpen neutral.
    ///
    /// Pillow's numbers to the last bit, so in its precision (`BoxBlur.c`; the formulas are those of
    /// Gwosdek and others, "Theoretical Foundations of Gaussian Convolution by Extended Box
    /// Filtering", SSVM 2011: [7] length of the box, [11] its whole part, [14] the fraction).
    pub fn gaussian(sigma_px: f64) -> Self {
        let sigma_px = sigma_px.min(MAX_SIGMA_PX) as f32;
        let variance = sigma_px * sigma_px / BOXES;
        let length = (12.0 * f64::from(variance) + 1.0).sqrt() as f32;
        let whole = ((f64::from(length) - 1.0) / 2.0).floor() as f32;
        let fraction = (2.0 * whole + 1.0) * (whole * (whole + 1.0) - 3.0 * variance)
            / (6.0 * (variance - (whole + 1.0) * (whole + 1.0)));
        let radius = whole + fraction;
        let whole = radius as u32;
        let inner_q24 = (ONE_Q24 as f32 / (radius * 2.0 + 1.0)) as u32;
        let outer_q24 = (ONE_Q24 - (whole * 2 + 1) * inner_q24) / 2;
        Self {
            reach_px: whole as i32 + 1,
            inner_q24,
            outer_q24,
            percent: 0,
            threshold_levels: 0,
            unused: [0; 3],
        }
    }
}

/// CPU reference of `convolved`: along x where `axis` is (1, 0), along y where it is (0, 1).
#[cfg(test)]
pub fn convolved(picture: &Rgb, convolution: &Convolution, axis: (i64, i64)) -> Rgb {
    let boxed = |picture: &Rgb| {
        picture.map(|x, y, _| {
            let level = |step: i32, channel: usize| {
                let step = i64::from(step);
                let pixel = picture.clamped(x as i64 + step * axis.0, y as i64 + step * axis.1);
                u32::from(pixel[channel])
            };
            std::array::from_fn(|channel| {
                let reach = convolution.reach_px;
                let inner: u32 = (1 - reach..reach).map(|step| level(step, channel)).sum();
                let outer = level(-reach, channel) + level(reach, channel);
                let sum = inner * convolution.inner_q24 + outer * convolution.outer_q24;
                ((sum + ONE_Q24 / 2) >> 24) as i32
            })
        })
    };
    boxed(&boxed(&boxed(picture)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard deviations from the least that blurs to the largest of the rows.
    fn sigmas() -> impl Iterator<Item = f64> {
        (8..=800).map(|hundredths| f64::from(hundredths) / 100.0)
    }

    #[test]
    fn three_boxes_have_the_variance_asked_for() {
        for sigma in sigmas() {
            let boxes = Convolution::gaussian(sigma);
            let one = f64::from(1 << 24);
            let inner: f64 = (1 - boxes.reach_px..boxes.reach_px)
                .map(|place| f64::from(place * place) * f64::from(boxes.inner_q24) / one)
                .sum();
            let end = f64::from(boxes.reach_px * boxes.reach_px);
            let variance = inner + 2.0 * end * f64::from(boxes.outer_q24) / one;
            let ratio = 3.0 * variance / (sigma * sigma);
            assert!((ratio - 1.0).abs() < 1e-4, "{sigma}: {ratio}");
        }
    }

    #[test]
    fn every_blur_above_the_least_is_felt() {
        // Where the length of a box becomes a whole odd number its new ends weigh nothing yet, by hand at
        // the roots of 2, 6, 12, 20, 30, 42 and 56.
        let corners = [2.0_f64, 6.0, 12.0, 20.0, 30.0, 42.0, 56.0].map(f64::sqrt);
        let near = corners
            .into_iter()
            .flat_map(|corner| (0..40).map(move |at| corner + f64::from(at) / 2000.0));
        for sigma in sigmas().chain(near) {
            assert!(Convolution::is_felt(sigma), "{sigma}");
        }
        assert!(!Convolution::is_felt(0.05));
    }

    #[test]
    fn white_stays_white_and_fits_into_the_sum() {
        for sigma in sigmas() {
            let boxes = Convolution::gaussian(sigma);
            assert!((1..=8).contains(&boxes.reach_px), "{sigma}: {}", boxes.reach_px);
            let inner = (2 * boxes.reach_px as u64 - 1) * u64::from(boxes.inner_q24);
            let whole = inner + 2 * u64::from(boxes.outer_q24);
            let sum = 255 * whole + (1 << 23);
            assert!(sum <= u64::from(u32::MAX) && sum >> 24 == 255, "{sigma}: {sum}");
        }
    }
}
