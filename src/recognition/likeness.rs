//! How alike two pictures are, by their structure.
//!
//! SSIM of luma: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to
//! structural similarity", IEEE Transactions on Image Processing 13 (2004), equation 13, with the plain
//! windows of 8x8 samples of its section III.B at every second place, on pictures made small first.

use crate::units::Picture;

/// The height that pictures are made small to, in samples: what is finer is texture, not structure.
const HEIGHT: usize = 90;
/// Side of a window, and from one to the next, in samples.
const WINDOW: usize = 8;
const STEP: usize = 2;
/// (0.01 x 255)^2 and (0.03 x 255)^2.
const C1: f64 = 6.5025;
const C2: f64 = 58.5225;

/// The luma of a picture, small.
#[derive(Clone, Debug, PartialEq)]
pub struct Luma {
    width: usize,
    height: usize,
    samples: Vec<f32>,
}

impl Luma {
    /// Of a programme picture: means over squares of samples, as many as make it about 90 high.
    pub fn of(picture: &Picture) -> Self {
        let whole = (picture.width() as usize, picture.height() as usize);
        let samples = &picture.planes().data[0];
        let square = (whole.1 / HEIGHT).max(1);
        let (width, height) = ((whole.0 / square).max(1), (whole.1 / square).max(1));
        let mean = |x: usize, y: usize| {
            let row = |row: usize| &samples[(y * square + row) * whole.0 + x * square..][..square];
            let sum: u32 = (0..square).flat_map(row).map(|sample| u32::from(*sample)).sum();
            sum as f32 / (square * square) as f32
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self { width, height, samples: places.map(|(x, y)| mean(x, y)).collect() }
    }
}

/// The mean structural similarity of two pictures of one size, 0..=1: 1 = the same. 0 for pictures of
/// different sizes, and for negatives of each other.
pub fn structural_similarity(one: &Luma, other: &Luma) -> f64 {
    if (one.width, one.height) != (other.width, other.height) {
        return 0.0;
    }
    let side = WINDOW.min(one.width).min(one.height);
    let (mut sum, mut windows) = (0.0, 0.0_f64);
    for top in (0..=one.height - side).step_by(STEP) {
        for left in (0..=one.width - side).step_by(STEP) {
            sum += window(one, other, left, top, side);
            windows += 1.0;
        }
    }
    (sum / windows.max(1.0)).clamp(0.0, 1.0)
}

fn window(one: &Luma, other: &Luma, left: usize, top: usize, side: usize) -> f64 {
    let [mut sum_a, mut sum_b, mut squares_a, mut squares_b, mut products] = [0.0_f64; 5];
    for y in top..top + side {
        let row = y * one.width + left..y * one.width + left + side;
        for (a, b) in one.samples[row.clone()].iter().zip(&other.samples[row]) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            sum_a += a;
            sum_b += b;
            squares_a += a * a;
            squares_b += b * b;
            products += a * b;
        }
    }
    let count = (side * side) as f64;
    let (mean_a, mean_b) = (sum_a / count, sum_b / count);
    let variances = (squares_a + squares_b) / count - mean_a * mean_a - mean_b * mean_b;
    let covariance = products / count - mean_a * mean_b;
    let light = (2.0 * mean_a * mean_b + C1) / (mean_a * mean_a + mean_b * mean_b + C1);
    light * (2.0 * covariance + C2) / (variances.max(0.0) + C2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma(sample: impl Fn(usize, usize) -> f32) -> Luma {
        let places = (0..16).flat_map(|y| (0..16).map(move |x| (x, y)));
        Luma { width: 16, height: 16, samples: places.map(|(x, y)| sample(x, y)).collect() }
    }

    #[test]
    fn likeness_is_as_by_hand() {
        let checks = luma(|x, y| if (x + y) % 2 == 0 { 50.0 } else { 150.0 });
        assert!((structural_similarity(&checks, &checks) - 1.0).abs() < 1e-9);
        // The negative has the same light, and the opposite structure: nothing is left.
        let negative = luma(|x, y| if (x + y) % 2 == 0 { 150.0 } else { 50.0 });
        assert_eq!(structural_similarity(&checks, &negative), 0.0);
        // Half the contrast: variances 2500 and 625, covariance 1250, means alike; by hand
        // (2 x 1250 + 58.5225) / (3125 + 58.5225) = 0.80367.
        let half = luma(|x, y| if (x + y) % 2 == 0 { 75.0 } else { 125.0 });
        assert!((structural_similarity(&checks, &half) - 0.80367).abs() < 1e-4);
        // Grey has the light and none of the structure: 58.5225 / 2558.5225 = 0.02287.
        let grey = luma(|_, _| 100.0);
        assert!((structural_similarity(&checks, &grey) - 0.02287).abs() < 1e-4);
    }

    #[test]
    fn a_programme_picture_is_made_small_by_means() {
        let mut picture = Picture::black(4, 180);
        picture.data_mut()[..4 * 180].iter_mut().enumerate().for_each(|(at, sample)| {
            *sample = [10, 20, 30, 50][at % 4];
        });
        let small = Luma::of(&picture);
        assert_eq!((small.width, small.height), (2, 90));
        assert_eq!(small.samples[..2], [15.0, 40.0]);
        assert_eq!(structural_similarity(&small, &Luma::of(&Picture::black(4, 4))), 0.0);
    }
}
