//! The quick way: WebP, lossy, with the full size in a chunk of its own behind the picture.

use super::{PreviewError, SIDE_MAX, Way, bmff, scale, search};
use image::RgbImage;
use image_webp::WebPDecoder;
use std::io::Cursor;
use webp::{Encoder, WebPConfig};

/// The chunk that tells the full size: unknown chunks are skipped (RFC 9649, 2.7.1.6).
const CHUNK: &[u8; 4] = b"RSDA";
const CHUNK_BYTES: usize = 12;
/// Halvings of the quality's range 0..=100.
const HALVINGS: u32 = 8;
/// Pixels that suit most pictures in 4 KiB: about 0.7 bits each.
const QUICK_PIXELS_PER_BYTE: f64 = 11.0;
/// A stored picture may take this much memory, in bytes.
const MEMORY_MAX: usize = 1 << 28;

/// Whether the bytes begin as a WebP file does.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")
}

/// The size that the last chunk tells.
pub fn size_of(bytes: &[u8]) -> Option<(u32, u32)> {
    let last = bytes.len().checked_sub(CHUNK_BYTES).map(|from| &bytes[from..])?;
    bmff::size_in(last.strip_prefix(CHUNK)?.strip_prefix(&[4, 0, 0, 0])?)
}

/// The best picture that fits.
///
/// # Errors
/// The encoder fails.
pub fn encode(
    picture: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
) -> Result<Option<Vec<u8>>, PreviewError> {
    search::best(picture, &mut |small| {
        let Some(bytes) = finest(small, full, budget_bytes, 6)? else { return Ok(None) };
        Ok(Some((decode(&bytes)?, bytes)))
    })
}

/// A picture that fits, at the size that suits most.
///
/// # Errors
/// The encoder fails.
pub fn encode_quickly(
    picture: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
) -> Result<Option<Vec<u8>>, PreviewError> {
    let pixels = f64::from(picture.width()) * f64::from(picture.height());
    let suits = (QUICK_PIXELS_PER_BYTE * budget_bytes as f64 / pixels).sqrt().min(1.0);
    let mut factor = suits;
    // A very busy picture may not fit even at the lowest quality.
    for _ in 0..6 {
        let (width, height) = scale::size(picture.dimensions(), factor);
        let small = scale::to(picture, width, height);
        if let Some(bytes) = finest(&small, full, budget_bytes, 2)? {
            return Ok(Some(bytes));
        }
        factor /= 2.0;
    }
    Ok(None)
}

/// A picture with the highest quality that fits.
fn finest(
    small: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
    method: i32,
) -> Result<Option<Vec<u8>>, PreviewError> {
    // WebP knows sides up to 16,383 pixels.
    if small.width().max(small.height()) > SIDE_MAX / 4 {
        return Ok(None);
    }
    let (mut low, mut high, mut fits) = (0.0_f32, 100.0_f32, None);
    for number in 0..HALVINGS {
        // The best quality may fit already.
        let quality = if number == 0 { high } else { f32::midpoint(low, high) };
        let bytes = once(small, full, quality, method)?;
        if bytes.len() <= budget_bytes {
            fits = Some(bytes);
            if number == 0 {
                break;
            }
            low = quality;
        } else {
            high = quality;
        }
    }
    if fits.is_none() {
        let bytes = once(small, full, 0.0, method)?;
        fits = (bytes.len() <= budget_bytes).then_some(bytes);
    }
    Ok(fits)
}

fn once(
    small: &RgbImage,
    full: (u16, u16),
    quality: f32,
    method: i32,
) -> Result<Vec<u8>, PreviewError> {
    let failed = |reason: String| PreviewError::Encode { way: Way::Webp, reason };
    let mut config =
        WebPConfig::new().map_err(|()| failed("this libwebp is another one".into()))?;
    config.quality = quality;
    config.method = method;
    config.use_sharp_yuv = i32::from(method > 2);
    let coded = Encoder::from_rgb(small.as_raw(), small.width(), small.height())
        .encode_advanced(&config)
        .map_err(|error| failed(format!("{error:?}")))?;
    Ok(with_size(&coded, full))
}

/// The file with a chunk for the full size, and its length in its header.
fn with_size(coded: &[u8], full: (u16, u16)) -> Vec<u8> {
    let mut bytes = coded.to_vec();
    bytes.extend_from_slice(CHUNK);
    bytes.extend_from_slice(&4_u32.to_le_bytes());
    bytes.extend_from_slice(&bmff::contents(full));
    let length = (bytes.len() - 8) as u32;
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// The stored picture, its transparent parts over black.
///
/// # Errors
/// It is no whole WebP file, or an enormous one.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, PreviewError> {
    let failed = |error: image_webp::DecodingError| PreviewError::Decode(error.to_string());
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let needed = decoder.output_buffer_size().filter(|needed| *needed <= MEMORY_MAX);
    let mut pixels = vec![0; needed.ok_or(PreviewError::Broken("its stored size cannot be"))?];
    decoder.set_memory_limit(MEMORY_MAX);
    decoder.read_image(&mut pixels).map_err(failed)?;
    if channels == 4 {
        pixels = super::open::over_black(&pixels);
    }
    RgbImage::from_raw(width, height, pixels)
        .ok_or(PreviewError::Broken("it has fewer pixels than it says"))
}
