//! Picture files where GStreamer 1.22 falls short: `pngdec` mixes up the channels of 16 bits, `jpegdec`
//! knows no four inks, and what PNG and WebP say of how the camera was held is left away.
//!
//! On the thread of whoever asks, or the one that feeds a pipeline.

use super::material::PictureKind;
use gstreamer as gst;
use gstreamer_video as gst_video;
use image::{
    DynamicImage, ImageDecoder, ImageResult,
    codecs::{jpeg::JpegDecoder, png::PngDecoder},
    metadata::Orientation,
};
use std::{fs, io::Cursor, path::Path};

/// Whether pictures like this one are decoded here and not by GStreamer.
pub(super) fn is_decoded_here(kind: PictureKind, path: &Path) -> bool {
    match kind {
        PictureKind::Png => true,
        PictureKind::Jpeg => fs::read(path).is_ok_and(|bytes| components(&bytes) == Some(4)),
        _ => false,
    }
}

/// Width and height as the picture is shown.
pub(super) fn size(kind: PictureKind, path: &Path) -> Result<(u32, u32), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let mut decoder =
        decoder(kind, &bytes).map_err(|error| error.to_string().replace('\n', " "))?;
    let (width, height) = decoder.dimensions();
    let is_turned = decoder.orientation().is_ok_and(is_turned);
    Ok(if is_turned { (height, width) } else { (width, height) })
}

/// A picture as it is shown, in RGBA, and its form.
pub(super) fn decode(kind: PictureKind, bytes: &[u8]) -> Result<(gst::Caps, gst::Buffer), String> {
    let failed = |error: image::ImageError| error.to_string().replace('\n', " ");
    let mut decoder = decoder(kind, bytes).map_err(failed)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(orientation);
    let picture = picture.into_rgba8();
    let caps = gst_video::VideoInfo::builder(
        gst_video::VideoFormat::Rgba,
        picture.width(),
        picture.height(),
    )
    .par(gst::Fraction::new(1, 1))
    .build()
    .and_then(|info| info.to_caps())
    .map_err(|error| error.to_string())?;
    Ok((caps, gst::Buffer::from_mut_slice(picture.into_raw())))
}

fn decoder(kind: PictureKind, bytes: &[u8]) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    Ok(match kind {
        PictureKind::Jpeg => Box::new(JpegDecoder::new(Cursor::new(bytes))?),
        _ => Box::new(PngDecoder::new(Cursor::new(bytes))?),
    })
}

/// How many colours a JPEG is made of (ITU-T T.81, B.2.2: `Nf` of the frame header).
fn components(bytes: &[u8]) -> Option<u8> {
    let mut at = 2;
    loop {
        let (0xff, marker) = (*bytes.get(at)?, *bytes.get(at + 1)?) else { return None };
        match marker {
            // Fill bytes, and markers that stand alone.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc4 | 0xc8 | 0xcc => at += 2 + length(bytes, at + 2)?,
            0xc0..=0xcf => return bytes.get(at + 9).copied(),
            0xd9 | 0xda => return None,
            _ => at += 2 + length(bytes, at + 2)?,
        }
    }
}

fn length(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])))
}

/// What a WebP file says beside its picture (RFC 9649, 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Webp {
    /// It holds an animation.
    pub(super) is_animated: bool,
    orientation: Orientation,
}

impl Webp {
    /// Reads the chunks of a file; nothing where it cannot be read.
    pub(super) fn read(path: &Path) -> Option<Self> {
        Some(Self::of(&fs::read(path).ok()?))
    }

    fn of(bytes: &[u8]) -> Self {
        let mut webp = Self { is_animated: false, orientation: Orientation::NoTransforms };
        let mut at = 12;
        while let (Some(name), Some(&[a, b, c, d])) =
            (bytes.get(at..at + 4), bytes.get(at + 4..at + 8))
        {
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            let end = (at + 8).saturating_add(length).min(bytes.len());
            match (name, &bytes[at + 8..end]) {
                (b"VP8X", [flags, ..]) => webp.is_animated = flags & 2 != 0,
                (b"EXIF", exif) => {
                    // Some writers put the JPEG segment's name in front.
                    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
                    webp.orientation =
                        Orientation::from_exif_chunk(exif).unwrap_or(Orientation::NoTransforms);
                }
                _ => {}
            }
            // Chunks begin at even places.
            at = end + length % 2;
        }
        webp
    }

    /// Whether width and height change places.
    pub(super) fn is_turned(self) -> bool {
        is_turned(self.orientation)
    }

    /// The same in the words of `videoflip`.
    pub(super) fn direction(self) -> &'static str {
        match self.orientation {
            Orientation::NoTransforms => "identity",
            Orientation::Rotate90 => "90r",
            Orientation::Rotate180 => "180",
            Orientation::Rotate270 => "90l",
            Orientation::FlipHorizontal => "horiz",
            Orientation::FlipVertical => "vert",
            Orientation::Rotate90FlipH => "ul-lr",
            Orientation::Rotate270FlipH => "ur-ll",
        }
    }
}

fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_inks_are_told_by_the_frame_header() {
        // SOI, an APP0 of four bytes, a DHT (0xc4 is no frame), then SOF0: length 11 or 20, 8 bits,
        // 16 rows, 16 columns, and the number of components.
        let jpeg = |inks: u8| {
            let head =
                b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc4\x00\x03c\xff\xc0\x00\x11\x08\0\x10\0\x10";
            [&head[..], &[inks, 0, 0]].concat()
        };
        assert_eq!(components(&jpeg(4)), Some(4));
        assert_eq!(components(&jpeg(3)), Some(3));
        assert_eq!(components(&jpeg(1)[..20]), None);
        assert_eq!(components(b""), None);
    }
}
