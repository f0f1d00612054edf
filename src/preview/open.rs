//! Pictures as people have them: any common format, held any way, transparent or not.

use super::{PIXELS_MAX, PreviewError, SIDE_MAX, avif, bmff, checked};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage, metadata::Orientation};
use std::{fs, io::Cursor, path::Path};

/// A picture file as it is shown: turned as its EXIF data say, its transparent parts over black.
///
/// PNG, JPEG, WebP, AVIF, GIF (the first picture), TIFF, BMP, ICO, PNM, QOI, TGA.
///
/// # Errors
/// The file cannot be read, holds something else, is broken or too large.
pub fn open(path: &Path) -> Result<RgbImage, PreviewError> {
    let failed = |reason: String| PreviewError::Picture {
        path: path.to_owned(),
        reason: reason.replace('\n', " "),
    };
    let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
    if bmff::is_avif(&bytes) {
        return avif::decode(&bytes).map_err(|error| failed(error.to_string()));
    }
    let mut reader = ImageReader::new(Cursor::new(&bytes));
    // What the bytes say counts for more than the name; TGA can be told by its name alone.
    if let Ok(format) = image::ImageFormat::from_path(path) {
        reader.set_format(format);
    }
    let mut reader = reader.with_guessed_format().map_err(|error| failed(error.to_string()))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    // Sixteen bits of four channels for every pixel.
    limits.max_alloc = Some(8 * PIXELS_MAX);
    reader.limits(limits);
    let read = || {
        let mut decoder = reader.into_decoder()?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut picture = DynamicImage::from_decoder(decoder)?;
        picture.apply_orientation(orientation);
        Ok(picture)
    };
    let picture: DynamicImage =
        read().map_err(|error: image::ImageError| failed(error.to_string()))?;
    checked((picture.width(), picture.height()))?;
    if !picture.color().has_alpha() {
        return Ok(picture.into_rgb8());
    }
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    RgbImage::from_raw(width, height, over_black(rgba.as_raw()))
        .ok_or(PreviewError::Broken("it has fewer pixels than it says"))
}

/// Red, green and blue of transparent pixels over black.
pub fn over_black(rgba: &[u8]) -> Vec<u8> {
    let (pixels, _) = rgba.as_chunks();
    let over = |level: u8, alpha: u8| ((u32::from(level) * u32::from(alpha) + 127) / 255) as u8;
    pixels.iter().flat_map(|&[r, g, b, a]: &[u8; 4]| [over(r, a), over(g, a), over(b, a)]).collect()
}
