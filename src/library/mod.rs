//! The library: every clip that was ever imported, found again by what it was made from.
//!
//! A clip's folder is named by a hash of the sources' content, the canvas and the settings. Imports
//! are staged in a folder beside it and renamed into place, so a folder with a hash for a name is
//! complete. The folders are the truth: there is no list of them, and what is put in or taken out by
//! hand is seen the next time. A damaged clip never takes the others with it.
//!
//! Runs on the thread of whoever calls. Any number of processes may share a library.

mod change;
mod claim;
mod collect;
mod entry;
mod find;
mod parallel;
mod preview;
mod prune;
mod recipe;
mod remains;
mod resamples;
mod search;
mod set_text;
mod staging;

pub use collect::{CLIPS, CollectError, Collected, collect};
pub use entry::{Entry, State};
pub use find::FindError;
pub use parallel::{Batch, BatchProgress, in_parallel};
pub use preview::{PreviewError, preview};
pub use prune::{Kept, Prunable, PrunePlan, PruneRules};
pub use recipe::sources_of;
pub use remains::{
    REMAINS_ENDING, REMAINS_FORMAT, REMAINS_TOML, Remains, RemainsClip, RemainsError,
    facts as remains_facts, file_hash, open as open_remains, pack as pack_remains,
};
pub use resamples::Resample;
pub use search::{Lost, find_source};
pub use staging::Staging;

use crate::{
    clip::{Clip, ClipError, FORMAT_VERSION},
    media::{self, ImportError, ImportRequest, Imported, Progress, SourceHashes, Trial},
};
use claim::Claim;
use recipe::Recipe;
use std::{
    env, fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// How the names of unfinished folders begin; the process's number and a counter follow.
const STAGING: &str = ".staging-";

/// Why the library did not do what it was asked for.
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
    /// The folder cannot be read.
    #[error("the library {path} cannot be read ({source}): name another with --library")]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The source could not be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A clip folder cannot be used.
    #[error(transparent)]
    Clip(#[from] ClipError),
    /// A clip is damaged, and its source does not help.
    #[error("{damage}; its source cannot replace it: {why}")]
    Lost {
        /// What is wrong with it.
        damage: ClipError,
        /// Why it was not imported again.
        why: Box<LibraryError>,
    },
    /// Another process is at the clip.
    #[error("{name} is being loaded or changed by another process: try again in a moment")]
    Busy {
        /// The clip.
        name: String,
    },
    /// The folder is not one of the library's.
    #[error("{folder} is not in the library {library}: name its library with --library")]
    Elsewhere {
        /// The folder.
        folder: PathBuf,
        /// The library.
        library: PathBuf,
    },
    /// What the clip was made of is not known any more.
    #[error("{folder} does not say what it was made of: import its source again")]
    NoRecipe {
        /// The folder.
        folder: PathBuf,
    },
    /// The source is not where it was.
    #[error("{path} is not there any more")]
    SourceGone {
        /// Where it was.
        path: PathBuf,
    },
    /// The source is another one now.
    #[error("{path} has other content now than what was imported")]
    SourceChanged {
        /// The source.
        path: PathBuf,
    },
}

/// A clip that was asked for, in memory.
#[derive(Debug)]
pub struct Loaded {
    /// The clip.
    pub clip: Clip,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it was there already, and nothing had to be imported.
    pub is_reused: bool,
    /// What was wrong with the one that was there, where it was damaged and imported again.
    pub mended: Option<String>,
}

/// What a person added to a clip, which survives another import of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Labels {
    title: Option<String>,
    tags: Vec<String>,
}

/// A folder of clips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    root: PathBuf,
}

/// Is told how far an import has come, and may stop it.
pub type Tell<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

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

    /// The clip of a request, in memory: the one that is there, or a new import. A damaged one is
    /// imported again.
    ///
    /// # Errors
    /// The source cannot be imported, or the library not be written.
    pub fn load(&self, request: &ImportRequest, tell: &mut Tell) -> Result<Loaded, LibraryError> {
        let hashes = SourceHashes::of(request)?;
        let folder = self.root.join(address(request, &hashes));
        let claim = Claim::shared(&folder);
        let damage = match folder.exists().then(|| Clip::load(&folder)) {
            Some(Ok(clip)) => {
                return Ok(Loaded { clip, folder, is_reused: true, mended: None });
            }
            Some(Err(error)) => Some(error),
            None => None,
        };
        drop(claim);
        let labels = damage.as_ref().map(|_| Labels::of(&folder)).unwrap_or_default();
        self.anew(request, &hashes, folder, labels, damage.as_ref(), tell)
    }

    /// The clip in a folder, in memory. A damaged one of this library is imported again where its
    /// source still is what it was.
    ///
    /// # Errors
    /// No clip, or damaged beyond that.
    pub fn load_folder(&self, folder: &Path, tell: &mut Tell) -> Result<Loaded, LibraryError> {
        // Where there is no such file, the folder is in no library, and nobody removes it.
        let is_ours = self.owns(folder);
        let claim = (is_ours || folder.join(claim::USED).exists()).then(|| Claim::shared(folder));
        let damage = match Clip::load(folder) {
            Ok(clip) => {
                let folder = folder.to_owned();
                return Ok(Loaded { clip, folder, is_reused: true, mended: None });
            }
            Err(damage) => damage,
        };
        drop(claim);
        if !is_ours {
            return Err(damage.into());
        }
        self.repair_from(folder, &damage, tell).map_err(|why| match why {
            stopped @ LibraryError::Import(ImportError::Stopped) => stopped,
            why => LibraryError::Lost { damage, why: Box::new(why) },
        })
    }

    /// Imports a damaged clip again from its source, if that is still there and still the same. The
    /// new one takes the old one's place, title and tags; until then, and where anything fails, the
    /// old one stays as it is. `damage` is what is wrong with it.
    ///
    /// # Errors
    /// The source is gone or another, or cannot be imported.
    pub fn repair_from(
        &self,
        folder: &Path,
        damage: &ClipError,
        tell: &mut Tell,
    ) -> Result<Loaded, LibraryError> {
        self.require_own(folder)?;
        let recipe = Recipe::read(folder)
            .ok_or_else(|| LibraryError::NoRecipe { folder: folder.to_owned() })?;
        let (request, hashes) = recipe.request(folder)?;
        // A clip of an older format gets a new address; a folder named by hand keeps its name.
        let target = match folder.file_name().and_then(|name| name.to_str()) {
            Some(name) if is_address(name) => self.root.join(address(&request, &hashes)),
            _ => folder.to_owned(),
        };
        let labels = Labels { title: recipe.title, tags: recipe.tags };
        let loaded = self.anew(&request, &hashes, target, labels, Some(damage), tell)?;
        if loaded.folder.file_name() != folder.file_name() {
            self.remove(folder)?;
        }
        Ok(loaded)
    }

    /// Imports into `folder`, in the place of what is there.
    fn anew(
        &self,
        request: &ImportRequest,
        hashes: &SourceHashes,
        folder: PathBuf,
        labels: Labels,
        damage: Option<&ClipError>,
        tell: &mut Tell,
    ) -> Result<Loaded, LibraryError> {
        let staging = self.staging();
        let Imported { mut meta, .. } = media::import(request, hashes, &staging, tell)?;
        // Found again from wherever the program is started.
        let absolute = |path: &PathBuf| Some(std::path::absolute(path).ok()?.display().to_string());
        meta.source_path = absolute(&request.source).unwrap_or(meta.source_path);
        meta.backward_path = request.backward.as_ref().and_then(absolute).or(meta.backward_path);
        meta.title = labels.title;
        meta.tags = labels.tags;
        let staged = Staged { path: &staging };
        meta.write(&staging)?;
        // In memory before it is in the library, where another process may remove it at once.
        let mut clip = Clip::load(&staging)?;
        // It can be made at any time: no import fails for it.
        match preview::make(&clip, &staging) {
            Ok(bytes) => clip.preview = Some(bytes),
            Err(error) => log::warn!("{} has no preview: {error}", clip.name),
        }
        drop(Claim::shared(&staging));
        let is_reused = !self.settle(&staging, &folder, damage.is_some())?;
        drop(staged);
        let mended = damage.map(ToString::to_string);
        Ok(Loaded { clip, folder, is_reused, mended })
    }

    /// Tries the first two seconds of a request. Nothing of it stays.
    ///
    /// # Errors
    /// The source cannot be imported.
    pub fn trial(&self, request: &ImportRequest, tell: &mut Tell) -> Result<Trial, LibraryError> {
        let staging = self.staging();
        let staged = Staged { path: &staging };
        let trial = media::trial(request, &staging, tell)?;
        drop(staged);
        Ok(trial)
    }

    /// Moves a finished import into place. Returns whether it was needed: another process may have
    /// been faster.
    fn settle(&self, staging: &Path, folder: &Path, replace: bool) -> Result<bool, LibraryError> {
        let unwritable = |source| LibraryError::Unwritable { path: folder.to_owned(), source };
        let Err(error) = fs::rename(staging, folder) else { return Ok(true) };
        if !folder.exists() {
            return Err(unwritable(error));
        }
        if !replace && entry::check(folder).is_ok() {
            return Ok(false);
        }
        let claim = Claim::alone(folder).map_err(unwritable)?;
        let _claim = claim.ok_or_else(|| LibraryError::Busy { name: short_name(folder) })?;
        let aside = self.staging();
        fs::rename(folder, &aside).map_err(unwritable)?;
        if let Err(error) = fs::rename(staging, folder) {
            let _ = fs::rename(&aside, folder);
            return Err(unwritable(error));
        }
        let _ = fs::remove_dir_all(&aside);
        Ok(true)
    }

    /// A name for an unfinished folder that nobody else uses.
    fn staging(&self) -> PathBuf {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        self.root.join(format!("{STAGING}{}-{number}", process::id()))
    }

    /// Whether a folder is one of the library's.
    fn owns(&self, folder: &Path) -> bool {
        let parent = std::path::absolute(folder)
            .ok()
            .and_then(|folder| folder.parent().and_then(|parent| parent.canonicalize().ok()));
        parent.is_some() && parent == self.root.canonicalize().ok()
    }

    fn require_own(&self, folder: &Path) -> Result<(), LibraryError> {
        if self.owns(folder) {
            return Ok(());
        }
        Err(LibraryError::Elsewhere { folder: folder.to_owned(), library: self.root.clone() })
    }
}

/// Removes what is left of a staging folder, unless it was renamed away.
struct Staged<'a> {
    path: &'a Path,
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the library next opens.
        let _ = fs::remove_dir_all(self.path);
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

/// Whether a folder has the name of a clip: [`address`].
fn is_address(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// The first digits of a folder's name, which people tell clips apart by.
fn short_name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if is_address(&name) { name[..8].to_owned() } else { name.into_owned() }
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
