//! A clip of a set: where it comes from, how it is imported, what it has of its own.

use super::Values;
use crate::{
    clip::{Encoder, Fit, INTRA_EVERY, Mosh, UnknownChoice},
    modulation::{Curve, Positions},
};
use serde::Deserialize;
use std::{path::PathBuf, str::FromStr};

/// A clip of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipEntry {
    /// The forward source: a video file, or a clip folder.
    pub path: PathBuf,
    /// Another source for the backward stream.
    pub backward: Option<PathBuf>,
    /// XXH3-128 of the forward source's bytes, as 32 hexadecimal digits: what it is found by where it
    /// is not at its path any more.
    pub hash: Option<String>,
    /// The same of the backward source.
    pub backward_hash: Option<String>,
    /// How it is imported, where it asks for something of its own.
    pub import: ClipImport,
    /// What this clip keeps for itself from the start.
    pub values: Values,
    /// What the function `drawn` follows in it.
    pub curve: Option<Curve>,
    /// What the function `list` follows in it.
    pub positions: Option<Positions>,
}

impl ClipEntry {
    /// A clip with nothing of its own.
    pub fn of(path: PathBuf) -> Self {
        Self {
            path,
            backward: None,
            hash: None,
            backward_hash: None,
            import: ClipImport::default(),
            values: Values::new(),
            curve: None,
            positions: None,
        }
    }
}

/// How a clip of a set is imported; what is missing here is as the command line has it. Without
/// meaning for a clip folder, which has been imported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClipImport {
    /// What encodes it. Clips of different encoders cannot share a stream.
    pub encoder: Option<Encoder>,
    /// Ready-made settings of the encoder.
    pub mosh: Option<Mosh>,
    /// How it comes into the canvas.
    pub fit: Option<Fit>,
    /// Pictures from one intra picture to the next, within [`INTRA_EVERY`].
    pub gop: Option<u32>,
    /// How long a still is shown, in seconds.
    pub still_secs: Option<f64>,
}

/// A clip as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClipFile {
    pub(super) path: PathBuf,
    pub(super) backward: Option<PathBuf>,
    pub(super) hash: Option<String>,
    pub(super) backward_hash: Option<String>,
    encoder: Option<String>,
    mosh: Option<String>,
    fit: Option<String>,
    gop: Option<u32>,
    still_secs: Option<f64>,
    #[serde(default)]
    pub(super) values: toml::Table,
    pub(super) curve: Option<String>,
    pub(super) positions: Option<PathBuf>,
}

impl ClipFile {
    /// How it asks to be imported; the error is a line.
    pub(super) fn import(&self) -> Result<ClipImport, String> {
        fn word<T: FromStr<Err = UnknownChoice>>(
            key: &str,
            word: &Option<String>,
        ) -> Result<Option<T>, String> {
            let read = word.as_deref().map(str::parse).transpose();
            read.map_err(|error| format!("{key} {error}"))
        }
        if let Some(gop) = self.gop
            && !INTRA_EVERY.contains(&gop)
        {
            let (least, most) = (INTRA_EVERY.start(), INTRA_EVERY.end());
            return Err(format!("gop {gop} is not within {least} to {most}"));
        }
        Ok(ClipImport {
            encoder: word("encoder", &self.encoder)?,
            mosh: word("mosh", &self.mosh)?,
            fit: word("fit", &self.fit)?,
            gop: self.gop,
            still_secs: self.still_secs,
        })
    }
}
