//! Changes to clips that are there: removed, given a title, tagged.

use super::{Entry, Library, LibraryError, claim::Claim, short_name};
use crate::clip::{CLIP_TOML, ClipError, Meta};
use std::{fs, io, path::Path, process};

impl Library {
    /// Removes a clip of this library. It is gone at once and as a whole; whoever has it in memory
    /// plays on.
    ///
    /// # Errors
    /// It is not in this library, another process is loading it, or it cannot be removed.
    pub fn remove(&self, folder: &Path) -> Result<(), LibraryError> {
        self.require_own(folder)?;
        let _claim = claim(folder)?;
        let aside = self.staging();
        fs::rename(folder, &aside).map_err(|source| unwritable(folder, source))?;
        fs::remove_dir_all(&aside).map_err(|source| unwritable(&aside, source))
    }

    /// Changes what a person may change of a clip's facts: its title and tags.
    ///
    /// # Errors
    /// Its facts cannot be read or written, or another process is at it.
    pub fn relabel(
        &self,
        entry: &Entry,
        change: impl FnOnce(&mut Option<String>, &mut Vec<String>),
    ) -> Result<Meta, LibraryError> {
        let folder = &entry.folder;
        let _claim = claim(folder)?;
        let mut meta = Meta::read(folder)?;
        change(&mut meta.title, &mut meta.tags);
        // Written beside and renamed, so that a reader sees the old facts or the new ones.
        let beside = folder.join(format!(".facts-{}", process::id()));
        let written = fs::create_dir(&beside)
            .map_err(|source| ClipError::Write { path: beside.clone(), source })
            .and_then(|()| meta.write(&beside))
            .and_then(|()| {
                fs::rename(beside.join(CLIP_TOML), folder.join(CLIP_TOML))
                    .map_err(|source| ClipError::Write { path: folder.join(CLIP_TOML), source })
            });
        let _ = fs::remove_dir_all(&beside);
        written?;
        Ok(meta)
    }
}

/// Sole hold on a folder.
fn claim(folder: &Path) -> Result<Claim, LibraryError> {
    Claim::alone(folder)
        .map_err(|source| unwritable(folder, source))?
        .ok_or_else(|| LibraryError::Busy { name: short_name(folder) })
}

fn unwritable(path: &Path, source: io::Error) -> LibraryError {
    LibraryError::Unwritable { path: path.to_owned(), source }
}
