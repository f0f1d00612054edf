//! What a clip was made of, as far as its `clip.toml` still tells: enough to make it again.

use super::{Labels, LibraryError};
use crate::{
    clip::{CLIP_TOML, Coding, Encoder, Fit, clip_name},
    media::{ImportRequest, SourceHashes},
    units::FrameRate,
};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The part of `clip.toml` that every version of the format has. Read where the whole cannot be:
/// from an older version, or beside damaged streams.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Recipe {
    pub source: String,
    pub source_path: String,
    pub source_hash: String,
    pub backward_source: Option<String>,
    pub backward_hash: Option<String>,
    pub canvas: String,
    #[serde(default)]
    pub fit: Fit,
    /// The encoder alone, or the whole coding, as the format has it.
    encoder: Option<Encoder>,
    coding: Option<Coding>,
    pub backward_path: Option<PathBuf>,
    still_secs: Option<f64>,
    sequence_rate: Option<String>,
    pub title: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Recipe {
    /// Reads it; `None` where too little is left.
    pub fn read(folder: &Path) -> Option<Self> {
        toml::from_str(&fs::read_to_string(folder.join(CLIP_TOML)).ok()?).ok()
    }

    /// What the clip is called.
    pub fn name(&self) -> String {
        clip_name(self.title.as_deref(), &self.source)
    }

    fn sequence_rate(&self) -> Option<FrameRate> {
        self.sequence_rate.as_deref()?.parse().ok()
    }

    /// What encoded it.
    pub fn coding(&self) -> Coding {
        let of_encoder = || self.encoder.unwrap_or_default().into();
        self.coding.clone().unwrap_or_else(of_encoder)
    }

    /// Where the source and the backward source of the clip in `folder` are, or were.
    pub fn sources(&self, folder: &Path) -> (PathBuf, Option<PathBuf>) {
        let path = PathBuf::from(&self.source_path);
        // A collected clip's path leads on from its folder, an absolute one from anywhere.
        let beside = folder.join(&path);
        let source = if beside.exists() { beside } else { path };
        let backward = self.backward_source.as_ref().map(|name| {
            let beside = source.with_file_name(name);
            self.backward_path.clone().filter(|path| path.exists()).unwrap_or(beside)
        });
        (source, backward)
    }

    /// The request that made the clip in `folder`, if its sources are there with the same content.
    pub fn request(&self, folder: &Path) -> Result<(ImportRequest, SourceHashes), LibraryError> {
        let (source, backward) = self.sources(folder);
        if !source.exists() {
            return Err(LibraryError::SourceGone { path: source });
        }
        if let Some(path) = backward.as_ref().filter(|path| !path.exists()) {
            return Err(LibraryError::SourceGone { path: path.clone() });
        }
        let canvas = self.canvas.parse();
        let canvas = canvas.map_err(|_| LibraryError::NoRecipe { folder: folder.to_owned() })?;
        let request = ImportRequest {
            backward,
            fit: self.fit,
            coding: self.coding(),
            still_secs: self.still_secs.unwrap_or(ImportRequest::STILL_SECS),
            sequence_rate: self.sequence_rate().unwrap_or(ImportRequest::SEQUENCE_RATE),
            ..ImportRequest::new(source, canvas)
        };
        let hashes = SourceHashes::of(&request)?;
        let changed = |path: &Path| LibraryError::SourceChanged { path: path.to_owned() };
        if hashes.source != self.source_hash {
            return Err(changed(&request.source));
        }
        if hashes.backward != self.backward_hash {
            return Err(changed(request.backward.as_deref().unwrap_or(&request.source)));
        }
        Ok((request, hashes))
    }
}

/// The source and the backward source of a clip folder, where they are there and still the same.
///
/// # Errors
/// They are gone or other ones.
pub fn sources_of(folder: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let recipe =
        Recipe::read(folder).ok_or_else(|| LibraryError::NoRecipe { folder: folder.to_owned() })?;
    let (request, _) = recipe.request(folder)?;
    Ok([Some(request.source), request.backward].into_iter().flatten().collect())
}

impl Labels {
    /// What the person added to the clip in a folder, as far as it can be read.
    pub fn of(folder: &Path) -> Self {
        Recipe::read(folder)
            .map(|recipe| Self { title: recipe.title, tags: recipe.tags })
            .unwrap_or_default()
    }
}
