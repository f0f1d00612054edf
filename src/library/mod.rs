//! The library: every clip that was ever imported, found again by what it was made from.
//!
//! A clip's folder is named by a hash of the sources' content, the canvas and the settings. Imports
//! are staged in a folder beside it and renamed into place, so a folder with a hash for a name is
//! complete. Runs on the importing thread. Any number of processes may share a library.

use crate::{
    clip::{ClipError, FORMAT_VERSION, Meta, StreamFile, StreamMeta},
    media::{self, ImportError, ImportRequest, Imported, Progress, SourceHashes},
};
use std::{
    env, fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// How the names of unfinished folders begin; the process's number and a counter follow.
const STAGING: &str = ".staging-";

/// Why the library did not give a clip.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// There is no home to put it into.
    #[error("no place for the library: set XDG_DATA_HOME or HOME, or name one with --library")]
    NoHome,
    /// The folder cannot be made or written.
    #[error("the library {path} cannot be written ({source}): name another with --library")]
    Unwritable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The source could not be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// A clip in the library.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its folder.
    pub folder: PathBuf,
    /// What is known about it, warnings of its import included.
    pub meta: Meta,
    /// Whether it was there already.
    pub is_reused: bool,
}

/// A folder of clips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    root: PathBuf,
}

impl Library {
    /// Where the library is when nobody names a place: `$XDG_DATA_HOME/residua/clips`, and without
    /// that variable `~/.local/share/residua/clips` (XDG Base Directory Specification).
    ///
    /// # Errors
    /// Neither `XDG_DATA_HOME` nor `HOME` is set.
    pub fn default_root() -> Result<PathBuf, LibraryError> {
        // The specification wants relative paths ignored.
        let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        absolute("XDG_DATA_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
            .map(|data| data.join("residua/clips"))
            .ok_or(LibraryError::NoHome)
    }

    /// Opens a library, makes its folder when there is none, and removes what imports that were
    /// killed have left behind.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(root: &Path) -> Result<Self, LibraryError> {
        let unwritable = |source| LibraryError::Unwritable { path: root.to_owned(), source };
        fs::create_dir_all(root).map_err(unwritable)?;
        for entry in fs::read_dir(root).map_err(unwritable)?.flatten() {
            let name = entry.file_name();
            if name.to_str().and_then(staging_process).is_some_and(is_dead) {
                // Another process may be removing it at the same time.
                if let Err(error) = fs::remove_dir_all(entry.path()) {
                    log::debug!("{}: {error}", entry.path().display());
                }
            }
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The clip of a request: the one that is there, or a new import.
    ///
    /// # Errors
    /// The source cannot be imported, or the library not be written.
    pub fn clip(
        &self,
        request: &ImportRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Found, LibraryError> {
        let hashes = SourceHashes::of(request)?;
        let folder = self.root.join(address(request, &hashes));
        if let Some(found) = complete(&folder) {
            return Ok(found);
        }
        let staging = self.staging();
        let Imported { meta, .. } = media::import(request, &hashes, &staging, progress)?;
        self.settle(&staging, folder, meta)
    }

    /// Renames a finished import into place.
    fn settle(&self, staging: &Path, folder: PathBuf, meta: Meta) -> Result<Found, LibraryError> {
        let mut renamed = fs::rename(staging, &folder);
        if renamed.is_err() && folder.exists() {
            // Another process was faster, or what is there was damaged.
            if let Some(found) = complete(&folder) {
                let _ = fs::remove_dir_all(staging);
                return Ok(found);
            }
            let aside = self.staging();
            renamed = fs::rename(&folder, &aside).and_then(|()| fs::rename(staging, &folder));
            let _ = fs::remove_dir_all(&aside);
        }
        if let Err(source) = renamed {
            let _ = fs::remove_dir_all(staging);
            return Err(LibraryError::Unwritable { path: folder, source });
        }
        Ok(Found { folder, meta, is_reused: false })
    }

    /// A name for an unfinished folder that nobody else uses.
    fn staging(&self) -> PathBuf {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        self.root.join(format!("{STAGING}{}-{number}", process::id()))
    }
}

/// The name of a clip's folder: XXH3-128 of everything that its bytes depend on.
pub fn address(request: &ImportRequest, hashes: &SourceHashes) -> String {
    let parts = [
        format!("format {FORMAT_VERSION}"),
        format!("source {}", hashes.source),
        format!("backward {}", hashes.backward.as_deref().unwrap_or("reversed")),
        request.recipe(),
    ];
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(parts.join("\n").as_bytes()))
}

/// The clip in a folder, when all its files are there in full length.
fn complete(folder: &Path) -> Option<Found> {
    let meta = match Meta::read(folder) {
        Ok(meta) => meta,
        Err(ClipError::Read { .. }) => return None,
        Err(error) => {
            log::warn!("{error}");
            return None;
        }
    };
    let is_there = |file: StreamFile, facts: &StreamMeta| {
        fs::metadata(folder.join(file.file_name(meta.coding.encoder)))
            .is_ok_and(|found| found.len() == facts.bytes)
    };
    let is_complete = is_there(StreamFile::Forward, &meta.forward)
        && is_there(StreamFile::Backward, &meta.backward)
        && is_there(StreamFile::Intra, &meta.intra)
        && is_there(StreamFile::IntraBackward, &meta.intra_backward);
    is_complete.then(|| Found { folder: folder.to_owned(), meta, is_reused: true })
}

/// The process that a staging folder belongs to.
fn staging_process(name: &str) -> Option<u32> {
    name.strip_prefix(STAGING)?.split('-').next()?.parse().ok()
}

/// Whether a process is known to have ended. Where the system has no `/proc`, nothing is known.
fn is_dead(process: u32) -> bool {
    Path::new("/proc/self").exists() && !Path::new("/proc").join(process.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clip::{Encoder, Fit},
        units::Canvas,
    };

    #[test]
    fn everything_that_changes_the_bytes_changes_the_address() {
        let request = ImportRequest::new("a.mp4", Canvas::DEFAULT);
        let hashes = SourceHashes { source: "00".into(), backward: None };
        let same = address(&ImportRequest { source: "b.mp4".into(), ..request.clone() }, &hashes);
        assert_eq!(address(&request, &hashes), same);
        let others = [
            address(&ImportRequest { canvas: Canvas::DEFAULT_CPU, ..request.clone() }, &hashes),
            address(&ImportRequest { fit: Fit::Stretch, ..request.clone() }, &hashes),
            address(&ImportRequest { coding: Encoder::Libx264.into(), ..request.clone() }, &hashes),
            address(&request, &SourceHashes { source: "01".into(), backward: None }),
            address(&request, &SourceHashes { source: "00".into(), backward: Some("00".into()) }),
        ];
        for (place, other) in others.iter().enumerate() {
            assert_ne!(*other, same);
            assert!(!others[..place].contains(other));
        }
    }

    #[test]
    fn only_the_staging_of_dead_processes_is_removed() {
        assert_eq!(staging_process(".staging-123-4"), Some(123));
        assert_eq!(staging_process("0123456789abcdef"), None);
        let root = tempfile::tempdir().expect("a folder for the test");
        // Process numbers end at 2^22 on Linux.
        let dead = root.path().join(".staging-4194999-0");
        let alive = root.path().join(format!("{STAGING}{}-7", process::id()));
        for folder in [&dead, &alive] {
            fs::create_dir(folder).expect("a folder");
        }
        Library::open(root.path()).expect("opens");
        assert!(!dead.exists() && alive.exists());
    }
}
