//! The picture that the loop begins with.

use crate::decay::rgb::Rgb;
use anyhow::{Context, Result, bail};
use image::{DynamicImage, ImageDecoder, ImageReader, metadata::Orientation};
use std::path::Path;

/// Sides that a picture may have, in pixels: those of a canvas.
const SIDES_PX: std::ops::RangeInclusive<u32> = 16..=8192;

/// Reads a picture as it is shown, in 8 bits.
pub fn open(path: &Path) -> Result<Rgb> {
    let name = || path.display().to_string();
    let one_line = |error: image::ImageError| anyhow::anyhow!(error.to_string().replace('\n', " "));
    let reader = ImageReader::open(path).with_context(name)?;
    let reader = reader.with_guessed_format().with_context(name)?;
    if reader.format().is_none() {
        bail!("{} is no picture that is known here: name a PNG or JPEG file", name());
    }
    let mut decoder = reader.into_decoder().map_err(one_line).with_context(name)?;
    let (width, height) = decoder.dimensions();
    if !SIDES_PX.contains(&width) || !SIDES_PX.contains(&height) {
        bail!("{} has {width}x{height} pixels: each side must be 16 to 8192", name());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(one_line).with_context(name)?;
    picture.apply_orientation(orientation);
    let picture = picture.into_rgb8();
    Ok(Rgb {
        width: picture.width() as usize,
        height: picture.height() as usize,
        pixels: picture.pixels().map(|pixel| pixel.0).collect(),
    })
}
