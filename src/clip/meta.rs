//! What is known about a clip besides its pictures: the file `clip.toml`.

use super::{Encoder, Fit};
use crate::units::Canvas;
use serde::{Deserialize, Serialize};

/// The version of the folder's layout that this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// The facts in `clip.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// [`FORMAT_VERSION`] at the time of writing.
    pub format: u32,
    /// File name of the source, without folders.
    pub source: String,
    /// Where the source was when it was imported.
    pub source_path: String,
    /// XXH3-128 of the source's bytes, as 32 hexadecimal digits.
    pub source_hash: String,
    /// File name of the backward source, where there is one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward_source: Option<String>,
    /// XXH3-128 of the backward source's bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward_hash: Option<String>,
    /// What the source was conformed to.
    #[serde(with = "canvas_text")]
    pub canvas: Canvas,
    /// How it came into the canvas.
    pub fit: Fit,
    /// What encoded it.
    pub encoder: Encoder,
    /// The encoder's settings, word for word.
    pub settings: String,
    /// Distance between the pictures of the intra bank, in pictures.
    pub bank_interval: u32,
    /// What went wrong without stopping the import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// How long the clip's motion keeps another picture away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mosh_hold: Vec<HoldPoint>,
    /// What the person calls it; without one it goes by its source's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Words that the person finds it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The stream in the order of the source.
    pub forward: StreamMeta,
    /// The stream against it, or of another source.
    pub backward: StreamMeta,
    /// Every `bank_interval`th picture of the forward stream, each an intra picture.
    pub intra: StreamMeta,
    /// The same of the backward stream.
    pub intra_backward: StreamMeta,
}

/// One stream of a clip folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamMeta {
    /// Access units.
    pub units: u32,
    /// Bytes.
    pub bytes: u64,
    /// XXH3-64 of the bytes, as 16 hexadecimal digits.
    pub xxh3: String,
}

impl StreamMeta {
    /// The facts about a stream of `units` access units.
    pub fn of(units: usize, bytes: &[u8]) -> Self {
        Self {
            units: u32::try_from(units).unwrap_or(u32::MAX),
            bytes: bytes.len() as u64,
            xxh3: format!("{:016x}", xxhash_rust::xxh3::xxh3_64(bytes)),
        }
    }
}

/// One point of the mosh hold: predicted pictures of the clip are decoded on top of an intra
/// picture of other content; how much do they look like the clip itself after a while?
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoldPoint {
    /// Seconds after the other picture.
    pub after_secs: f32,
    /// Pearson's correlation of luma with the clean clip, -1..=1; 1 means healed, low means that
    /// the damage lives.
    pub correlation: f32,
}

/// A canvas is written as people write it.
mod canvas_text {
    use crate::units::Canvas;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(canvas: &Canvas, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(canvas)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Canvas, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
