//! What is known about a clip besides its pictures: the file `clip.toml`.

use super::{Coding, Fit};
use crate::units::{Canvas, FrameRate};
use serde::{Deserialize, Serialize};

/// The version of the folder's layout that this program writes and reads.
pub const FORMAT_VERSION: u32 = 2;

/// The facts in `clip.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// [`FORMAT_VERSION`] at the time of writing.
    pub format: u32,
    /// What the performer calls it; without a title it goes by its source's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Words that it is found by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// File name of the source, without folders.
    pub source: String,
    /// Where the source was when it was imported.
    pub source_path: String,
    /// XXH3-128 of the source's bytes, as 32 hexadecimal digits.
    pub source_hash: String,
    /// File name of the backward source, where there is one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward_source: Option<String>,
    /// Where the backward source was when it was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward_path: Option<String>,
    /// XXH3-128 of the backward source's bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward_hash: Option<String>,
    /// How long a still of the sources is shown, in seconds, where one of them is a still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub still_secs: Option<f64>,
    /// Pictures per second of a numbered sequence, where one of the sources is one.
    #[serde(default, with = "text_option", skip_serializing_if = "Option::is_none")]
    pub sequence_rate: Option<FrameRate>,
    /// What the source was conformed to.
    #[serde(with = "text")]
    pub canvas: Canvas,
    /// How it came into the canvas.
    pub fit: Fit,
    /// What encoded it, and what that was told: together with the sources, `canvas`, `fit`,
    /// `still_secs` and `sequence_rate` all that an import needs to make the same clip again.
    pub coding: Coding,
    /// The encoder's settings that came of it, word for word.
    pub settings: String,
    /// Distance between the pictures of the intra bank, in pictures.
    pub bank_interval: u32,
    /// What went wrong without stopping the import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// How long the clip's motion keeps another picture away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mosh_hold: Vec<HoldPoint>,
    /// The stream in the order of the source.
    pub forward: StreamMeta,
    /// The stream against it, or of another source.
    pub backward: StreamMeta,
    /// Every `bank_interval`th picture of the forward stream, each an intra picture.
    pub intra: StreamMeta,
    /// The same of the backward stream.
    pub intra_backward: StreamMeta,
}

impl Meta {
    /// What the clip's pictures depend on: XXH3-128 of the hashes of its four streams, as 32
    /// hexadecimal digits. Two clips of one fingerprint have the same bytes.
    pub fn fingerprint(&self) -> String {
        let streams = [&self.forward, &self.backward, &self.intra, &self.intra_backward];
        let hashes = streams.map(|stream| stream.xxh3.as_str()).join(" ");
        format!("{:032x}", xxhash_rust::xxh3::xxh3_128(hashes.as_bytes()))
    }
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

/// Canvases and rates are written as people write them.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{fmt::Display, str::FromStr};

    pub(super) fn serialize<T: Display, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// The same where there may be none.
mod text_option {
    use serde::{Deserializer, Serializer};
    use std::{fmt::Display, str::FromStr};

    pub(super) fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        super::text::deserialize(from).map(Some)
    }
}
