//! How much two pictures look alike.

mod dssim;

use super::PreviewError;
use image::RgbImage;
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

/// Both measures need a few pixels to see structure in.
const SIDE_MIN: u32 = 8;

/// What two pictures have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// SSIMULACRA2 (J. Sneyers, Cloudinary, 2.1): 100 is the same, 90 hardly to be told, 0 and below poor.
    pub ssimulacra2: f64,
    /// Structural dissimilarity: see [`dssim`].
    pub dssim: f64,
}

/// Compares a picture with its original.
///
/// # Errors
/// They differ in size.
pub fn compare(original: &RgbImage, other: &RgbImage) -> Result<Score, PreviewError> {
    let ((a, b), (c, d)) = (original.dimensions(), other.dimensions());
    if (a, b) != (c, d) {
        return Err(PreviewError::Sizes(a, b, c, d));
    }
    let (original, other) = (large_enough(original), large_enough(other));
    Ok(Score {
        ssimulacra2: ssimulacra2(&original, &other),
        dssim: dssim::dssim(&original, &other),
    })
}

/// A picture that others are compared with.
pub struct Judge {
    original: RgbImage,
}

impl Judge {
    /// Of this original.
    pub fn new(original: &RgbImage) -> Self {
        Self { original: large_enough(original) }
    }

    /// SSIMULACRA2 of a picture of the same size.
    pub fn score(&self, other: &RgbImage) -> f64 {
        ssimulacra2(&self.original, &large_enough(other))
    }
}

/// Very small pictures are shown with larger pixels.
fn large_enough(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let times = SIDE_MIN.div_ceil(width.min(height).max(1));
    if times == 1 {
        return picture.clone();
    }
    RgbImage::from_fn(width * times, height * times, |x, y| {
        *picture.get_pixel(x / times, y / times)
    })
}

fn ssimulacra2(original: &RgbImage, other: &RgbImage) -> f64 {
    let frame = |picture: &RgbImage| {
        let pixels = picture.pixels().map(|pixel| pixel.0.map(|level| f32::from(level) / 255.0));
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
        Rgb::new(pixels.collect(), width, height, transfer, primaries).ok()
    };
    let both = frame(original).zip(frame(other));
    both.and_then(|(one, other)| compute_frame_ssimulacra2(one, other).ok()).unwrap_or(f64::NAN)
}
