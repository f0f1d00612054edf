//! Pictures in 4 KiB: previews of clips, snapshots and the programme, small enough for one packet.
//!
//! Four ways: `webp` (quick), `avif` (slow), `lanczos` (raw pixels, few of them) and `codebook` (drawn
//! with patches). Whatever the way, the size that the picture is to be shown at stands inside.
//!
//! Pure functions on the thread of whoever asks, never the engine's: a search takes from a tenth of a
//! second to many seconds. No file is written here.

mod avif;
mod bmff;
pub mod codebook;
mod lanczos;
mod open;
pub mod scale;
pub mod score;
mod search;
mod webp;

pub use codebook::Codebook;
pub use open::open;

use image::RgbImage;
use std::{fmt, path::PathBuf, str::FromStr};

/// What a preview may take, in bytes, unless somebody says otherwise: it fits into one UDP packet.
pub const BUDGET_BYTES: usize = 4096;
/// The longest side of a picture, in pixels: two bytes tell it.
pub const SIDE_MAX: u32 = 65_535;
/// A picture has so many pixels at most: what comes in could else ask for any amount of memory.
pub const PIXELS_MAX: u64 = 1 << 26;

/// How a preview is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// WebP: the quick one, which every browser shows.
    Webp,
    /// AVIF: better for most pictures, and slow to write.
    Avif,
    /// WebP or AVIF, whichever looks better.
    Best,
    /// Raw pixels of as large a picture as fits.
    Lanczos,
    /// Patches of a codebook.
    Codebook,
}

impl Way {
    /// All of them but [`Self::Best`], the quick one first.
    pub const ALL: [Self; 4] = [Self::Webp, Self::Avif, Self::Lanczos, Self::Codebook];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Best => "best",
            Self::Lanczos => "lanczos",
            Self::Codebook => "codebook",
        }
    }

    /// The way of these bytes; none where they are no preview.
    ///
    /// Raw pixels have no sign of their own: they are known by being exactly as long as their header says.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if webp::is_one(bytes) {
            Some(Self::Webp)
        } else if bytes.starts_with(&codebook::MAGIC) {
            Some(Self::Codebook)
        } else if bmff::is_avif(bytes) {
            Some(Self::Avif)
        } else {
            lanczos::is_one(bytes).then_some(Self::Lanczos)
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Way {
    type Err = PreviewError;

    fn from_str(word: &str) -> Result<Self, PreviewError> {
        let found = Self::ALL.into_iter().chain([Self::Best]).find(|way| way.name() == word);
        found.ok_or_else(|| PreviewError::Way(word.to_owned()))
    }
}

/// Why there is no preview, or no picture in it.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// A word that names no way.
    #[error("there is no way '{0}': webp, avif, best, lanczos and codebook there are")]
    Way(String),
    /// A file cannot be read as a picture.
    #[error("{path} is no picture that can be read: {reason}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Sides of 0, or more than can be told or held.
    #[error(
        "a picture of {width}x{height} cannot be previewed: each side has 1 to 65,535 pixels, all of it 67 million at most"
    )]
    Size {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Not even the smallest picture fits.
    #[error(
        "not even the smallest picture of the way {way} fits into {budget_bytes} bytes: allow more with --bytes"
    )]
    Budget {
        /// How it was to be coded.
        way: Way,
        /// What was allowed.
        budget_bytes: usize,
    },
    /// An encoder failed.
    #[error("the picture cannot be coded as {way}: {reason}")]
    Encode {
        /// How it was to be coded.
        way: Way,
        /// What it says.
        reason: String,
    },
    /// The bytes are of none of the ways.
    #[error("it is no preview: neither WebP nor AVIF, nor of the ways lanczos and codebook")]
    Unknown,
    /// The bytes contradict themselves.
    #[error("the preview is broken: {0}")]
    Broken(&'static str),
    /// A decoder failed.
    #[error("the preview is broken: {0}")]
    Decode(String),
    /// It was drawn with other patches.
    #[error(
        "the picture was drawn with the codebook {needed:08x}, and this is {given:08x}: name with --codebook what it was drawn with"
    )]
    Codebook {
        /// The one it was drawn with.
        needed: u32,
        /// The one that was given.
        given: u32,
    },
    /// Two pictures that are compared differ in size.
    #[error("the pictures differ in size: {0}x{1} and {2}x{3}")]
    Sizes(u32, u32, u32, u32),
}

/// A picture in at most so many bytes, as good as the way can.
///
/// # Errors
/// The picture has no pixels or too many, not even the smallest fits, the encoder fails.
pub fn encode(
    way: Way,
    picture: &RgbImage,
    budget_bytes: usize,
    codebook: &Codebook,
) -> Result<Vec<u8>, PreviewError> {
    let (width, height) = checked(picture.dimensions())?;
    let found = match way {
        Way::Lanczos => lanczos::encode(picture, (width, height), budget_bytes),
        Way::Webp => webp::encode(picture, (width, height), budget_bytes)?,
        Way::Avif => avif::encode(picture, (width, height), budget_bytes)?,
        Way::Best => {
            let both = [
                webp::encode(picture, (width, height), budget_bytes)?,
                avif::encode(picture, (width, height), budget_bytes)?,
            ];
            let decode = |bytes: &[u8]| decode_small(bytes, codebook);
            search::better(picture, both.into_iter().flatten(), decode)?
        }
        Way::Codebook => search::codebook(picture, (width, height), budget_bytes, codebook),
    };
    found
        .filter(|bytes| bytes.len() <= budget_bytes)
        .ok_or(PreviewError::Budget { way, budget_bytes })
}

/// A WebP picture in at most so many bytes, at a size that suits most pictures: some milliseconds, for
/// what changes while it is looked at, and for importing.
///
/// # Errors
/// As [`encode`].
pub fn encode_quickly(picture: &RgbImage, budget_bytes: usize) -> Result<Vec<u8>, PreviewError> {
    let full = checked(picture.dimensions())?;
    let found = webp::encode_quickly(picture, full, budget_bytes)?;
    found.ok_or(PreviewError::Budget { way: Way::Webp, budget_bytes })
}

/// The picture of a preview at its full size.
///
/// # Errors
/// The bytes are no preview, they are broken, or it was drawn with another codebook.
pub fn decode(bytes: &[u8], codebook: &Codebook) -> Result<RgbImage, PreviewError> {
    let (full, stored) = parts(bytes, codebook)?;
    Ok(scale::to(&stored, u32::from(full.0), u32::from(full.1)))
}

/// The picture of a preview as it is stored, without being made larger: for thumbnails.
///
/// # Errors
/// As [`decode`].
pub fn decode_small(bytes: &[u8], codebook: &Codebook) -> Result<RgbImage, PreviewError> {
    Ok(parts(bytes, codebook)?.1)
}

fn parts(bytes: &[u8], codebook: &Codebook) -> Result<((u16, u16), RgbImage), PreviewError> {
    let way = Way::of(bytes).ok_or(PreviewError::Unknown)?;
    // Looked at before anything is decoded: a few bytes can claim any size.
    let named = match way {
        Way::Webp => webp::size_of(bytes),
        Way::Avif => bmff::size_of(bytes),
        Way::Lanczos => Some(lanczos::size_of(bytes)),
        // No bytes are of this way.
        Way::Best => None,
        Way::Codebook => Some(codebook::size_of(bytes)?),
    };
    let full = named.map(checked).transpose()?;
    let stored = match way {
        Way::Webp => webp::decode(bytes)?,
        Way::Avif => avif::decode(bytes)?,
        Way::Lanczos => lanczos::decode(bytes)?,
        Way::Best => return Err(PreviewError::Unknown),
        Way::Codebook => codebook::decode(bytes, codebook)?,
    };
    // A picture of somebody else says nothing of another size.
    let full = full.map_or_else(|| checked(stored.dimensions()), Ok)?;
    Ok((full, stored))
}

/// The codebook that a preview was drawn with, by its hash; none where it was drawn with none.
pub fn codebook_hash(bytes: &[u8]) -> Option<u32> {
    let is_drawn = Way::of(bytes) == Some(Way::Codebook);
    is_drawn.then(|| codebook::hash_of(bytes).ok()).flatten()
}

fn checked((width, height): (u32, u32)) -> Result<(u16, u16), PreviewError> {
    let sides = [width, height].map(u16::try_from);
    let is_small = u64::from(width) * u64::from(height) <= PIXELS_MAX;
    match sides {
        [Ok(w), Ok(h)] if w > 0 && h > 0 && is_small => Ok((w, h)),
        _ => Err(PreviewError::Size { width, height }),
    }
}

#[cfg(test)]
mod tests;
