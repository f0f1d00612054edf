//! The picture that the loop begins with.

use crate::decay::rgb::Rgb;
use anyhow::{Context, Result, bail};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, metadata::Orientation};
use std::{fs, io::Cursor, path::Path};

/// Sides that a picture may have, in pixels: those of a canvas.
const SIDES_PX: std::ops::RangeInclusive<u32> = 16..=8192;

/// Reads a picture as it is shown, in 8 bits.
pub fn open(path: &Path) -> Result<Rgb> {
    let name = || path.display().to_string();
    let one_line = |error: image::ImageError| anyhow::anyhow!(error.to_string().replace('\n', " "));
    let bytes = fs::read(path).with_context(name)?;
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().with_context(name)?;
    match reader.format() {
        None => {
            bail!("{} is no picture that is known here: name a PNG, JPEG or WebP file", name())
        }
        // The decoder fills up what is missing with grey, and says nothing.
        Some(ImageFormat::Jpeg) if !is_whole_jpeg(&bytes) => {
            bail!("{} is cut off: the JPEG data ends too early, take the whole file", name())
        }
        Some(_) => {}
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

/// Whether a JPEG file has its end, `EOI`, where a decoder looks for it (ITU-T T.81, B.1.1 and B.2): what
/// looks like one in a segment, such as that of a thumbnail, is none.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&[mark, marker]) = bytes.get(at..at + 2) {
        match (mark, marker) {
            (0xff, 0xd9) => return true,
            // Coded data, and in it stuffed bytes and restarts; fill bytes; markers that stand alone.
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) => at += 2,
            (0xff, 0xff) | (0..=0xfe, _) => at += 1,
            // A segment says how long it is.
            (0xff, _) => match bytes.get(at + 2..at + 4) {
                Some(&[high, low]) => at += 2 + usize::from(u16::from_be_bytes([high, low])),
                _ => return false,
            },
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_jpeg_is_not_that_of_its_thumbnail() {
        // SOI, an APP1 of six bytes that holds an EOI, SOS, coded data with a stuffed byte and a
        // restart, EOI.
        let whole = b"\xff\xd8\xff\xe1\x00\x06\xff\xd8\xff\xd9\xff\xda\x00\x03\x01ab\xff\x00c\xff\xd0d\xff\xd9";
        assert!(is_whole_jpeg(whole));
        assert!(is_whole_jpeg(&[&whole[..], b"and more"].concat()));
        for length in 0..whole.len() {
            assert!(!is_whole_jpeg(&whole[..length]), "{length}");
        }
    }
}
