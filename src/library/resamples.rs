//! The videos that clips of the programme were made from: `resamples/*.mkv` beside the clips. A clip
//! plays without its video, which is needed to make it again.

use super::{Entry, Library, LibraryError};
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The folder's name. No clip's folder is called so.
const FOLDER: &str = "resamples";

/// How these videos end.
const ENDING: &str = "mkv";

/// A clip may still be in the making from a video that was written less than this ago.
pub(super) const BEING_MADE: Duration = Duration::from_secs(60);

/// The video of a clip that was made of the programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resample {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// When it was written.
    pub written: Option<SystemTime>,
}

impl Resample {
    /// Its file's name.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Whether a clip was made of it. The folder tells, wherever the library was then.
    pub(super) fn is_source_of(&self, entry: &Entry) -> bool {
        let ending = Path::new(FOLDER).join(self.path.file_name().unwrap_or_default());
        let is_this = |path: &Path| path.ends_with(&ending);
        entry.recipe.as_ref().is_some_and(|recipe| {
            is_this(Path::new(&recipe.source_path))
                || recipe.backward_path.as_deref().is_some_and(is_this)
        })
    }

    /// Whether it is the file at `path`.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).ok();
        self.path == path || whole(&self.path).is_some_and(|own| whole(path) == Some(own))
    }
}

impl Library {
    /// Where the videos of resampled clips go; the folder may be missing.
    pub fn resamples_folder(&self) -> PathBuf {
        self.root.join(FOLDER)
    }

    /// Every such video, by name.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn resamples(&self) -> Result<Vec<Resample>, LibraryError> {
        let path = self.resamples_folder();
        let files = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files.map_err(|source| LibraryError::Unreadable { path, source })?,
        };
        let mut videos: Vec<Resample> = files
            .flatten()
            .filter(|file| file.path().extension() == Some(OsStr::new(ENDING)))
            .filter_map(|file| {
                let facts = file.metadata().ok().filter(fs::Metadata::is_file)?;
                let written = facts.modified().ok();
                Some(Resample { path: file.path(), bytes: facts.len(), written })
            })
            .collect();
        videos.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(videos)
    }

    /// Removes one of them. One that is gone already is no error.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove_resample(&self, video: &Resample) -> Result<(), LibraryError> {
        match fs::remove_file(&video.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LibraryError::Unwritable { path: self.resamples_folder(), source: error })
            }
            _ => Ok(()),
        }
    }
}
