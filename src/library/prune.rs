//! Which clips may go: those that no set needs and nobody has used for long.

use super::{Entry, LibraryError, recipe::Recipe};
use crate::{
    clip::CLIP_TOML,
    media::{ImportRequest, SourceHashes},
    set::ClipEntry,
    units::Canvas,
};
use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// What sets need, however their clips were imported: folders by path, videos by content and path.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    folders: Vec<PathBuf>,
    sources: Vec<PathBuf>,
    hashes: Vec<String>,
}

impl Kept {
    /// Keeps what these clips of a set need.
    ///
    /// # Errors
    /// A video is there but cannot be read, so that nobody can tell which clip was made of it.
    pub fn add(&mut self, clips: &[ClipEntry]) -> Result<(), LibraryError> {
        for clip in clips {
            let sources = [Some(&clip.path), clip.backward.as_ref()].into_iter().flatten();
            self.sources.extend(sources.filter_map(|path| std::path::absolute(path).ok()));
            if clip.path.join(CLIP_TOML).exists() {
                self.folders.extend(clip.path.canonicalize());
            } else if clip.path.exists() {
                // Only the source's content counts: the set may be played at any canvas.
                let request = ImportRequest::new(&clip.path, Canvas::DEFAULT);
                self.hashes.push(SourceHashes::of(&request)?.source);
            }
        }
        Ok(())
    }

    /// Whether a set needs this clip.
    pub fn holds(&self, entry: &Entry) -> bool {
        let is_source = |recipe: &Recipe| {
            self.hashes.contains(&recipe.source_hash)
                || self.sources.iter().any(|path| path == Path::new(&recipe.source_path))
        };
        let is_folder = |folder: PathBuf| self.folders.contains(&folder);
        entry.folder.canonicalize().is_ok_and(is_folder)
            || entry.recipe.as_ref().is_some_and(is_source)
    }
}

/// When a clip may go. With neither rule nothing does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneRules {
    /// When it was not used for this long.
    pub unused_for: Option<Duration>,
    /// When all clips together take more than this many bytes: those unused longest first.
    pub keep_below_bytes: Option<u64>,
}

/// What a prune would do.
#[derive(Debug, Default)]
pub struct PrunePlan {
    /// What goes, unused longest first.
    pub removed: Vec<Entry>,
    /// Bytes of what stays.
    pub bytes_left: u64,
    /// How many clips stay only because a set needs them.
    pub spared: usize,
}

impl PrunePlan {
    /// Looks what may go by `now`. Removes nothing.
    pub fn new(mut entries: Vec<Entry>, rules: PruneRules, kept: &Kept, now: SystemTime) -> Self {
        entries.sort_by_key(|entry| entry.last_used);
        let mut plan =
            Self { bytes_left: entries.iter().map(|entry| entry.bytes).sum(), ..Self::default() };
        for entry in entries {
            let unused_for = entry
                .last_used
                .map_or(Duration::MAX, |used| now.duration_since(used).unwrap_or_default());
            let is_old = rules.unused_for.is_some_and(|limit| unused_for >= limit);
            let is_too_much = rules.keep_below_bytes.is_some_and(|limit| plan.bytes_left > limit);
            if !is_old && !is_too_much {
                continue;
            }
            if kept.holds(&entry) {
                plan.spared += 1;
                continue;
            }
            plan.bytes_left -= entry.bytes;
            plan.removed.push(entry);
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clip::ClipError, library::State};
    use std::io;

    const DAY: Duration = Duration::from_secs(86_400);

    fn entry(name: &str, days: u32, bytes: u64) -> Entry {
        let source = io::Error::from(io::ErrorKind::NotFound);
        Entry {
            folder: format!("/library/{name}").into(),
            name: name.to_owned(),
            state: State::Damaged(ClipError::Read { path: name.into(), source }),
            bytes,
            last_used: Some(SystemTime::UNIX_EPOCH + DAY * (100 - days)),
            recipe: None,
        }
    }

    fn removed(rules: PruneRules, kept: &Kept) -> (Vec<String>, u64, usize) {
        let entries = vec![entry("new", 1, 10), entry("old", 40, 20), entry("older", 50, 30)];
        let now = SystemTime::UNIX_EPOCH + DAY * 100;
        let plan = PrunePlan::new(entries, rules, kept, now);
        let names = plan.removed.into_iter().map(|entry| entry.name).collect();
        (names, plan.bytes_left, plan.spared)
    }

    #[test]
    fn what_was_not_used_for_long_goes() {
        let rules = |days| PruneRules { unused_for: Some(DAY * days), keep_below_bytes: None };
        assert_eq!(removed(rules(41), &Kept::default()), (vec!["older".into()], 30, 0));
        assert_eq!(removed(rules(40), &Kept::default()).0, ["older", "old"]);
        assert_eq!(removed(rules(51), &Kept::default()), (vec![], 60, 0));
        assert_eq!(removed(PruneRules::default(), &Kept::default()), (vec![], 60, 0));
    }

    #[test]
    fn what_was_unused_longest_goes_first() {
        let rules = |bytes| PruneRules { unused_for: None, keep_below_bytes: Some(bytes) };
        assert_eq!(removed(rules(60), &Kept::default()), (vec![], 60, 0));
        assert_eq!(removed(rules(59), &Kept::default()), (vec!["older".into()], 30, 0));
        assert_eq!(removed(rules(29), &Kept::default()).0, ["older", "old"]);
        assert_eq!(removed(rules(0), &Kept::default()).0, ["older", "old", "new"]);
    }
}
