//! Takes: a performance as a text that can be played again, and what is made of it.
//!
//! [`format`] is the text. [`Recorder`] writes it while playing: it owns the thread `take`, to which the
//! engine hands copies through a bounded queue; what finds no room there is counted, and the take says
//! that it has holes. [`replay`] makes of a text what an engine plays. Nothing here runs on the engine's
//! thread but the observer's copying.

mod facts;
pub mod format;
mod recorder;
mod replay;

pub use facts::{build, fingerprint, header};
pub use recorder::{KEPT_SECS, Observer, Recorder};
pub use replay::{Changes, Inexact, ReplayError, bank, late_clips, replay};

use format::FormatError;
use std::{fs, io, path::Path};

/// The largest take that is read: hours of a flood of events.
const BYTES_MAX: u64 = 512 << 20;

/// Why there is no take.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The file cannot be read.
    #[error("the take {path} cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file is too large to be a take.
    #[error("the take {path} has {bytes} bytes: no take is as large as that")]
    Large {
        /// The file.
        path: String,
        /// Its length.
        bytes: u64,
    },
    /// What stands in it is no take.
    #[error("{path}: {source}")]
    Format {
        /// The file.
        path: String,
        /// Why.
        source: FormatError,
    },
    /// The file cannot be made, or takes no more.
    #[error("the take {path} cannot be written: {source}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// No name is free.
    #[error(transparent)]
    Name(#[from] crate::media::RecordError),
}

/// Reads a take.
///
/// # Errors
/// The file, or what stands in it.
pub fn read(path: &Path) -> Result<format::Take, TakeError> {
    let name = || path.display().to_string();
    let bad = |source| TakeError::Read { path: name(), source };
    let bytes = fs::metadata(path).map_err(bad)?.len();
    if bytes > BYTES_MAX {
        return Err(TakeError::Large { path: name(), bytes });
    }
    let text = fs::read(path).map_err(bad)?;
    format::Take::read(&text).map_err(|source| TakeError::Format { path: name(), source })
}
