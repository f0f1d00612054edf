//! The first old answer: as many raw pixels as fit, made smaller and larger again.
//!
//! Eight bytes of header (width, height, stored width, stored height, each as two digits to the base of
//! 256, the higher first), then the stored picture's red, green and blue, row by row.

use super::{PreviewError, scale};
use image::RgbImage;

const HEADER: usize = 8;
/// Halvings of the factor's range: finer than a pixel of the longest side.
const HALVINGS: u32 = 40;

fn side(bytes: &[u8], number: usize) -> u32 {
    match bytes.get(2 * number..2 * number + 2) {
        Some(&[high, low]) => u32::from(high) << 8 | u32::from(low),
        _ => 0,
    }
}

fn stored(bytes: &[u8]) -> (u32, u32) {
    (side(bytes, 2), side(bytes, 3))
}

/// Width and height to show it at.
pub fn size_of(bytes: &[u8]) -> (u32, u32) {
    (side(bytes, 0), side(bytes, 1))
}

fn length((width, height): (u32, u32)) -> usize {
    HEADER + 3 * width as usize * height as usize
}

/// Whether the bytes are as long as their header says, and store no more than they show.
pub fn is_one(bytes: &[u8]) -> bool {
    let (full, stored) = (size_of(bytes), stored(bytes));
    let has_pixels = stored.0 > 0 && stored.1 > 0;
    has_pixels && stored.0 <= full.0 && stored.1 <= full.1 && bytes.len() == length(stored)
}

/// The largest picture that fits; none where not even one pixel does.
pub fn encode(picture: &RgbImage, full: (u16, u16), budget_bytes: usize) -> Option<Vec<u8>> {
    let size = |factor: f64| scale::size(picture.dimensions(), factor);
    let fits = |factor: f64| length(size(factor)) <= budget_bytes;
    if !fits(0.0) {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    if fits(high) {
        low = high;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let (width, height) = size(low);
    let sides = [u32::from(full.0), u32::from(full.1), width, height];
    // The stored sides are no longer than the full ones, which fit into two bytes.
    let mut bytes: Vec<u8> =
        sides.into_iter().flat_map(|side| (side as u16).to_be_bytes()).collect();
    bytes.extend_from_slice(scale::to(picture, width, height).as_raw());
    Some(bytes)
}

/// The stored picture.
///
/// # Errors
/// The bytes are not as long as their header says.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, PreviewError> {
    let (width, height) = stored(bytes);
    let pixels = bytes.get(HEADER..).unwrap_or_default().to_vec();
    RgbImage::from_raw(width, height, pixels)
        .ok_or(PreviewError::Broken("it is not as long as its header says"))
}
