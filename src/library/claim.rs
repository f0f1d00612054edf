//! Who is at a clip's folder just now, and when it was used last: the file `used` in it.
//!
//! Several processes may share a library. Whoever loads a clip holds its `used` file in common for
//! as long as the files are read; whoever removes, replaces or renames it holds it alone. The lock
//! is the system's advisory one and ends with the process, so nothing stays locked after a kill. A
//! clip in memory needs no file any more: removing it then does no harm. The file's time is when
//! the clip was used last. All of it is best effort: a library on a read-only disk has neither.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime},
};

/// Name of the file.
pub(super) const USED: &str = "used";

/// How long a change waits for those who load: loading takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// A hold on a clip's folder, until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    _file: Option<File>,
}

impl Claim {
    /// For loading: others may load too, nobody removes. Marks the clip as used now.
    pub(super) fn shared(folder: &Path) -> Self {
        loop {
            let Some(file) = open(folder) else { return Self { _file: None } };
            if file.lock_shared().is_err() {
                return Self { _file: None };
            }
            // Whoever held it alone may have put another folder in its place.
            if !is_same(&file, folder) {
                continue;
            }
            let _ = file.set_modified(SystemTime::now());
            return Self { _file: Some(file) };
        }
    }

    /// For changing: nobody else is at it. `None` where somebody is, even after a while.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn alone(folder: &Path) -> io::Result<Option<Self>> {
        let used = last_used(folder);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(USED))?;
        if let Some(used) = used {
            // To change a clip is not to use it.
            let _ = file.set_modified(used);
        }
        let begin = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: Some(file) })),
                Err(TryLockError::WouldBlock) if begin.elapsed() < PATIENCE => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// The `used` file; made where it is missing and can be, else only read.
fn open(folder: &Path) -> Option<File> {
    if !folder.is_dir() {
        return None;
    }
    let path = folder.join(USED);
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .or_else(|_| File::open(&path))
        .ok()
}

/// Whether the open file is still the one in the folder.
#[cfg(unix)]
fn is_same(file: &File, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(held) = file.metadata() else { return true };
    match std::fs::metadata(folder.join(USED)) {
        Ok(there) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        // With its folder: there is nothing left to hold, and nothing to wait for.
        Err(_) => !folder.is_dir(),
    }
}

/// Elsewhere a folder with an open file in it is not moved in the first place.
#[cfg(not(unix))]
fn is_same(_: &File, _: &Path) -> bool {
    true
}

/// When the clip in a folder was used last; where nobody has used it yet, when it was made.
pub(super) fn last_used(folder: &Path) -> Option<SystemTime> {
    let time = |name: &str| folder.join(name).metadata().and_then(|facts| facts.modified()).ok();
    time(USED).or_else(|| time(crate::clip::CLIP_TOML))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_loads_keeps_removers_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let (one, other) = (Claim::shared(path), Claim::shared(path));
        assert!(Claim::alone(path).expect("it can be written").is_none());
        drop((one, other));
        let alone = Claim::alone(path).expect("it can be written");
        assert!(alone.is_some());
        assert!(Claim::alone(path).expect("it can be written").is_none());
    }

    #[test]
    fn a_folder_that_is_gone_is_not_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let gone = folder.path().join("gone");
        drop(Claim::shared(&gone));
        assert!(!gone.exists());
        assert!(Claim::alone(&gone).is_err());
    }
}
