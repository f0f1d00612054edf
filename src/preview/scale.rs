//! Making pictures smaller and larger: Lanczos with three lobes, both ways.

use image::{DynamicImage, RgbImage, imageops::FilterType};

/// A picture at another size.
pub fn to(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    // Through the crate's own type: it is built with all speed, whatever this one is built with.
    let picture = DynamicImage::ImageRgb8(picture.clone());
    picture.resize_exact(width, height, FilterType::Lanczos3).into_rgb8()
}

/// The size of a picture by this factor, each side at least 1.
pub fn size((width, height): (u32, u32), factor: f64) -> (u32, u32) {
    let side = |side: u32| ((f64::from(side) * factor).round() as u32).max(1);
    (side(width), side(height))
}

/// A picture whose longer side is at most so long.
pub fn fitted(picture: &RgbImage, side_max: u32) -> RgbImage {
    let longer = picture.width().max(picture.height());
    if longer <= side_max {
        return picture.clone();
    }
    let (width, height) = size(picture.dimensions(), f64::from(side_max) / f64::from(longer));
    to(picture, width, height)
}
