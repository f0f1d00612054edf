//! What an import is asked for, what it tells, and why it may fail.

use crate::{
    clip::{ClipError, Coding, Fit, Meta},
    units::Canvas,
};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};
use xxhash_rust::xxh3::Xxh3Default;

/// What to import, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRequest {
    /// Any file that GStreamer decodes.
    pub source: PathBuf,
    /// A source of its own for the backward stream, played in its own order. Without one, the
    /// backward stream is the source reversed.
    pub backward: Option<PathBuf>,
    /// Size and rate to conform to.
    pub canvas: Canvas,
    /// How the source comes into the canvas.
    pub fit: Fit,
    /// What encodes it, and how.
    pub coding: Coding,
}

impl ImportRequest {
    /// Looks whether the files are there.
    pub(super) fn check(&self) -> Result<(), ImportError> {
        for path in [Some(&self.source), self.backward.as_ref()].into_iter().flatten() {
            let facts = fs::metadata(path)
                .map_err(|source| ImportError::Read { path: path.clone(), source })?;
            if !facts.is_file() {
                return Err(ImportError::NoFile { path: path.clone() });
            }
        }
        Ok(())
    }
}

/// What the sources hold, whatever they are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceHashes {
    /// XXH3-128 of the source's bytes, as 32 hexadecimal digits.
    pub source: String,
    /// The same of the backward source.
    pub backward: Option<String>,
}

impl SourceHashes {
    /// Reads the sources of a request once, from beginning to end.
    ///
    /// # Errors
    /// A source is not there, is no file, or cannot be read.
    pub fn of(request: &ImportRequest) -> Result<Self, ImportError> {
        request.check()?;
        let hash = |path: &PathBuf| {
            content_hash(path).map_err(|source| ImportError::Read { path: path.clone(), source })
        };
        Ok(Self {
            source: hash(&request.source)?,
            backward: request.backward.as_ref().map(hash).transpose()?,
        })
    }
}

fn content_hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Xxh3Default::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(format!("{:032x}", hash.digest128())),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Done so far, 0..=1.
    pub part: f32,
    /// Time left, as soon as it can be told.
    pub left: Option<Duration>,
}

/// A finished import.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// What stands in `clip.toml`.
    pub meta: Meta,
    /// What went wrong without stopping it, one line each.
    pub warnings: Vec<String>,
}

/// Why a source could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not there, or may not be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The source.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is a folder, a device, or the like.
    #[error("{path} is no file: name a video file")]
    NoFile {
        /// The source.
        path: PathBuf,
    },
    /// There is no picture track in it.
    #[error("{path} has no picture track: name a file with video")]
    NoVideo {
        /// The source.
        path: PathBuf,
    },
    /// It is damaged, or no media file at all.
    #[error("{path} is no video that can be read ({reason}): check that it plays elsewhere")]
    Unreadable {
        /// The source.
        path: PathBuf,
        /// What GStreamer says.
        reason: String,
    },
    /// No installed plug-in decodes it.
    #[error(
        "{path} needs what is not installed ({what}): install gstreamer1.0-libav and \
         gstreamer1.0-plugins-bad"
    )]
    NoDecoder {
        /// The source.
        path: PathBuf,
        /// What is missing, in GStreamer's words.
        what: String,
    },
    /// An element of the import's own pipelines is not installed.
    #[error("{0}")]
    Plugin(String),
    /// No room.
    #[error("the disk is full: make room where {folder} is, or choose another library")]
    DiskFull {
        /// Where it was written to.
        folder: PathBuf,
    },
    /// A file could not be written.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The encoder failed.
    #[error("the clip could not be encoded: {0}")]
    Encode(String),
    /// What was written is no clip.
    #[error("the encoded clip cannot be played: {0}")]
    Clip(#[from] ClipError),
    /// The caller wanted no more of it.
    #[error("the import was stopped")]
    Stopped,
}
