//! A folder in which something is made whole before it has its name.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

/// A hidden folder beside a place; dropped, it is removed, unless it was renamed.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
}

impl Staging {
    /// Makes it.
    ///
    /// # Errors
    /// The folder around the place cannot be written.
    pub fn beside(place: &Path) -> io::Result<Self> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let path = place.with_file_name(format!(".{name}-{}", process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
