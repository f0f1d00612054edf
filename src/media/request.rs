//! What an import is asked for, what it tells, and why it may fail.

use super::{
    coding::{self, CodingError},
    material::Material,
    reel,
};
use crate::{
    clip::{BANK_INTERVAL, ClipError, Coding, Fit, Meta},
    units::{Canvas, FrameRate},
};
use std::{
    fs::File,
    io::{self, Read},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};
use xxhash_rust::xxh3::Xxh3Default;

/// What to import, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRequest {
    /// Any file that GStreamer decodes, a folder of pictures, or a pattern such as `shot_%04d.png`.
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
    /// How long a still is shown, in seconds, 0.04..=3600. Without meaning for anything that moves.
    pub still_secs: f64,
    /// Pictures per second of a sequence. Without meaning for anything else.
    pub sequence_rate: FrameRate,
}

impl ImportRequest {
    /// How long a still is shown where nobody says, in seconds.
    pub const STILL_SECS: f64 = 5.0;

    /// How long a still can be shown, in seconds.
    pub const STILL_SECS_RANGE: RangeInclusive<f64> = 0.04..=3600.0;

    /// Pictures per second of a sequence where nobody says.
    pub const SEQUENCE_RATE: FrameRate = FrameRate::whole(25);

    /// A source for a canvas, everything else as it is where nobody says.
    pub fn new(source: impl Into<PathBuf>, canvas: Canvas) -> Self {
        Self {
            source: source.into(),
            backward: None,
            canvas,
            fit: Fit::default(),
            coding: Coding::default(),
            still_secs: Self::STILL_SECS,
            sequence_rate: Self::SEQUENCE_RATE,
        }
    }

    /// The request that made a clip, with its sources where they were then.
    pub fn from_meta(meta: &Meta) -> Self {
        Self {
            backward: meta.backward_path.as_ref().map(PathBuf::from),
            fit: meta.fit,
            coding: meta.coding.clone(),
            still_secs: meta.still_secs.unwrap_or(Self::STILL_SECS),
            sequence_rate: meta.sequence_rate.unwrap_or(Self::SEQUENCE_RATE),
            ..Self::new(&meta.source_path, meta.canvas)
        }
    }

    /// Everything besides the sources' bytes that the clip's bytes depend on, one line each; part of
    /// a clip's address.
    pub fn recipe(&self) -> String {
        let mut lines = vec![
            format!("canvas {}", self.canvas),
            format!("fit {}", self.fit),
            format!("settings {}", coding::settings(&self.coding)),
            format!("bank {BANK_INTERVAL}"),
            format!("reel {}", reel::QUALITY),
        ];
        lines.extend(self.still().map(|secs| format!("still {secs} s")));
        lines.extend(self.sequence().map(|rate| format!("sequence {rate}")));
        lines.join("\n")
    }

    /// Whether a source is a sequence of pictures: a folder of them, or a pattern.
    pub fn is_sequence(&self) -> bool {
        self.sequence().is_some()
    }

    /// How long a still is shown, where one of the sources is one.
    pub(super) fn still(&self) -> Option<f64> {
        let is_still = |material| matches!(material, Material::Still(_));
        self.materials().any(is_still).then_some(self.still_secs)
    }

    /// The rate of a sequence, where one of the sources is one.
    pub(super) fn sequence(&self) -> Option<FrameRate> {
        let is_sequence = |material| matches!(material, Material::Sequence(..));
        self.materials().any(is_sequence).then_some(self.sequence_rate)
    }

    fn materials(&self) -> impl Iterator<Item = Material> {
        let paths = [Some(&self.source), self.backward.as_ref()];
        paths.into_iter().flatten().filter_map(|path| Material::of(path).ok())
    }

    /// Looks whether the files are there, and whether the encoder can be told what was asked for.
    pub(super) fn check(&self) -> Result<(), ImportError> {
        for path in [Some(&self.source), self.backward.as_ref()].into_iter().flatten() {
            Material::of(path)?;
        }
        if !Self::STILL_SECS_RANGE.contains(&self.still_secs) {
            return Err(ImportError::Still(self.still_secs));
        }
        Ok(coding::check(&self.coding)?)
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
        let hash = |path: &PathBuf| match Material::of(path)? {
            Material::Sequence(_, files) => {
                let mut all = Xxh3Default::new();
                for file in &files {
                    all.update(content_hash(file)?.as_bytes());
                }
                Ok(format!("{:032x}", all.digest128()))
            }
            Material::Video | Material::Still(_) => content_hash(path),
        };
        Ok(Self {
            source: hash(&request.source)?,
            backward: request.backward.as_ref().map(hash).transpose()?,
        })
    }
}

fn content_hash(path: &Path) -> Result<String, ImportError> {
    hash_file(path).map_err(|source| ImportError::Read { path: path.to_owned(), source })
}

/// XXH3-128 of a file's bytes, as 32 hexadecimal digits.
///
/// # Errors
/// It cannot be read.
pub fn hash_file(path: &Path) -> io::Result<String> {
    hash(File::open(path)?)
}

/// The same of whatever is left to read.
///
/// # Errors
/// It cannot be read.
pub fn hash(mut from: impl Read) -> io::Result<String> {
    let mut hash = Xxh3Default::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match from.read(&mut buffer) {
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
    /// It is a device, a folder without pictures, or the like.
    #[error("{path} is no file, and no pictures are in it: name a video, or a folder of pictures")]
    NoFile {
        /// The source.
        path: PathBuf,
    },
    /// A sequence must be of one kind.
    #[error("{path} holds pictures of several kinds ({file} is of another): keep one kind in it")]
    MixedKinds {
        /// The folder or pattern.
        path: PathBuf,
        /// The first of another kind.
        file: String,
    },
    /// Nobody can look at a still for that long.
    #[error("a still cannot be shown for {0} s: write a time in {range:?}", range = ImportRequest::STILL_SECS_RANGE)]
    Still(f64),
    /// The encoder cannot be told what was asked for.
    #[error(transparent)]
    Coding(#[from] CodingError),
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
    /// Nothing here decodes it.
    #[error("{path} is an animated WebP, which cannot be decoded: turn it into a GIF or a video")]
    AnimatedWebp {
        /// The source.
        path: PathBuf,
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
