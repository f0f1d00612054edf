//! The small picture that a clip's folder holds: `preview.webp`, at most 4,096 bytes.
//!
//! It is made at import; a folder of an earlier version gets one when somebody first asks. The same
//! streams give the same bytes. It is no part of the clip's checksums: it can be made again.

use super::claim::Claim;
use crate::{
    clip::{Clip, ClipError, PREVIEW, read_preview},
    decay,
    files::write_aside,
    media::{self, GstDecoders, MediaError},
    ports::{Decoder, DecoderError, DecoderMaker},
    preview::{self, BUDGET_BYTES},
    units::{AccessUnitIndex, Picture},
};
use image::RgbImage;
use std::{io, path::Path, time::Duration};

/// A clip is shown by the intra picture at this share of its length: many begin in black.
const PLACE: (usize, usize) = (2, 8);
/// How long the decoder may take over the picture.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a clip has no preview.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The folder holds no clip.
    #[error(transparent)]
    Clip(#[from] ClipError),
    /// GStreamer could not be started.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The picture cannot be decoded.
    #[error("its picture cannot be decoded ({0})")]
    Decode(#[from] DecoderError),
    /// The decoder gives no picture.
    #[error("its picture cannot be decoded")]
    Nothing,
    /// The picture cannot be coded.
    #[error(transparent)]
    Encode(#[from] preview::PreviewError),
    /// The file cannot be written.
    #[error("it cannot be kept ({0})")]
    Write(#[from] io::Error),
}

/// The preview of a clip folder: the one that is there, or a new one, which is kept there.
///
/// # Errors
/// No clip, it cannot be decoded, or the folder not be written.
pub fn preview(folder: &Path) -> Result<Vec<u8>, PreviewError> {
    if let Some(bytes) = read_preview(folder) {
        return Ok(bytes);
    }
    // To look at a clip is not to use it.
    let _claim = Claim::looking(folder);
    make(&Clip::load(folder)?, folder)
}

/// Makes the preview of a clip, and keeps it in a folder.
pub(super) fn make(clip: &Clip, folder: &Path) -> Result<Vec<u8>, PreviewError> {
    media::init()?;
    let (width, height) = (clip.meta.canvas.width, clip.meta.canvas.height);
    let unit = AccessUnitIndex((PLACE.0 * clip.bank.len() / PLACE.1) as u32);
    let mut decoder = GstDecoders.make(clip.bank.format())?;
    decoder.push(0, clip.bank.access_unit(unit))?;
    let mut picture = Picture::black(width, height);
    if !decoder.pull(0, PATIENCE, &mut |planes| picture.copy_from(planes))? {
        return Err(PreviewError::Nothing);
    }
    let pixels = decay::unpacked(&picture).pixels.into_flattened();
    let picture = RgbImage::from_raw(width, height, pixels).ok_or(PreviewError::Nothing)?;
    let bytes = preview::encode_quickly(&picture, BUDGET_BYTES)?;
    write_aside(&folder.join(PREVIEW), &bytes)?;
    Ok(bytes)
}
