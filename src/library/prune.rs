//! Which clips may go, and which videos of resampled ones: those that no set needs and nobody has used
//! for long.

use super::{
    Entry, LibraryError,
    recipe::Recipe,
    resamples::{BEING_MADE, Resample},
};
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

    /// Whether a set names this video. Videos of clips that a set needs are for the plan.
    fn names(&self, video: &Resample) -> bool {
        self.sources.iter().any(|path| video.is_at(path))
    }
}

/// What a prune may remove.
#[derive(Debug)]
pub enum Prunable {
    /// A clip's folder.
    Clip(Box<Entry>),
    /// The video that a clip was made of.
    Resample(Resample),
}

impl Prunable {
    /// Bytes on the disk.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Clip(entry) => entry.bytes,
            Self::Resample(video) => video.bytes,
        }
    }
}

/// Something that may go, with what its going depends on.
#[derive(Debug)]
struct Candidate {
    what: Prunable,
    last_used: Option<SystemTime>,
    is_held: bool,
    /// It may still be at work.
    is_new: bool,
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
    pub removed: Vec<Prunable>,
    /// Bytes of what stays.
    pub bytes_left: u64,
    /// How many stay only because a set needs them.
    pub spared: usize,
}

impl PrunePlan {
    /// Looks what may go by `now`. Removes nothing. The video of a clip was used when the clip was, and
    /// stays where the clip stays for a set.
    pub fn new(
        entries: Vec<Entry>,
        videos: Vec<Resample>,
        rules: PruneRules,
        kept: &Kept,
        now: SystemTime,
    ) -> Self {
        let age = |used: SystemTime| now.duration_since(used).unwrap_or_default();
        let videos = videos.into_iter().map(|video| {
            let clips = || entries.iter().filter(|entry| video.is_source_of(entry));
            Candidate {
                last_used: clips()
                    .map(|entry| entry.last_used)
                    .chain([video.written])
                    .max()
                    .flatten(),
                is_held: kept.names(&video) || clips().any(|entry| kept.holds(entry)),
                is_new: video.written.is_some_and(|written| age(written) < BEING_MADE),
                what: Prunable::Resample(video),
            }
        });
        let mut candidates: Vec<Candidate> = videos.collect();
        candidates.extend(entries.into_iter().map(|entry| Candidate {
            last_used: entry.last_used,
            is_held: kept.holds(&entry),
            is_new: false,
            what: Prunable::Clip(Box::new(entry)),
        }));
        candidates.sort_by_key(|candidate| candidate.last_used);
        let all = candidates.iter().map(|candidate| candidate.what.bytes());
        let mut plan = Self { bytes_left: all.sum(), ..Self::default() };
        for Candidate { what, last_used, is_held, is_new } in candidates {
            let unused_for = last_used.map_or(Duration::MAX, age);
            let is_old = rules.unused_for.is_some_and(|limit| unused_for >= limit);
            let is_too_much = rules.keep_below_bytes.is_some_and(|limit| plan.bytes_left > limit);
            if is_new || (!is_old && !is_too_much) {
                continue;
            }
            if is_held {
                plan.spared += 1;
                continue;
            }
            plan.bytes_left -= what.bytes();
            plan.removed.push(what);
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

    fn plan_of(
        entries: Vec<Entry>,
        videos: Vec<Resample>,
        rules: PruneRules,
        kept: &Kept,
        now: SystemTime,
    ) -> (Vec<String>, u64, usize) {
        let plan = PrunePlan::new(entries, videos, rules, kept, now);
        let name = |what| match what {
            Prunable::Clip(entry) => entry.name,
            Prunable::Resample(video) => video.name(),
        };
        (plan.removed.into_iter().map(name).collect(), plan.bytes_left, plan.spared)
    }

    /// A clip of `video`, as it says itself.
    fn entry_of(video: &str, name: &str, days: u32, bytes: u64) -> Entry {
        let facts = format!(
            "source = '{video}'\nsource_path = 'elsewhere/resamples/{video}'\n\
             source_hash = '{name}'\ncanvas = '640x480@30'\n"
        );
        let recipe = Some(toml::from_str(&facts).expect("a recipe"));
        Entry { recipe, ..entry(name, days, bytes) }
    }

    fn video(name: &str, days: u32, bytes: u64) -> Resample {
        let written = Some(SystemTime::UNIX_EPOCH + DAY * (100 - days));
        Resample { path: format!("/library/resamples/{name}").into(), bytes, written }
    }

    #[test]
    fn videos_of_resampled_clips_go_like_clips() {
        let old = PruneRules { unused_for: Some(DAY * 30), keep_below_bytes: None };
        let now = SystemTime::UNIX_EPOCH + DAY * 100;
        let library = || {
            let clips = vec![entry_of("a.mkv", "used", 1, 1), entry_of("b.mkv", "unused", 60, 2)];
            (clips, vec![video("a.mkv", 90, 10), video("b.mkv", 90, 20), video("c.mkv", 90, 40)])
        };
        // One of a clip that was used goes as little as the clip; one that has no clip is as old as
        // it is.
        let (clips, videos) = library();
        let (names, left, spared) = plan_of(clips, videos, old, &Kept::default(), now);
        assert_eq!((names.join(" "), left, spared), ("c.mkv b.mkv unused".into(), 11, 0));
        // A set that needs the clip needs its video, and a set may name a video.
        let kept = Kept {
            hashes: vec!["unused".into()],
            sources: vec!["/library/resamples/c.mkv".into()],
            ..Kept::default()
        };
        let (clips, videos) = library();
        assert_eq!(plan_of(clips, videos, old, &kept, now), (vec![], 73, 3));
        // One that a clip may be in the making from.
        let all = PruneRules { unused_for: Some(Duration::ZERO), keep_below_bytes: Some(0) };
        let fresh = vec![Resample { written: Some(now - BEING_MADE / 2), ..video("d.mkv", 0, 5) }];
        assert_eq!(plan_of(vec![], fresh, all, &Kept::default(), now), (vec![], 5, 0));
    }

    fn removed(rules: PruneRules, kept: &Kept) -> (Vec<String>, u64, usize) {
        let entries = vec![entry("new", 1, 10), entry("old", 40, 20), entry("older", 50, 30)];
        let now = SystemTime::UNIX_EPOCH + DAY * 100;
        plan_of(entries, Vec::new(), rules, kept, now)
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
