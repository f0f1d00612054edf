//! The thread that looks after the library while playing: what is in it, what could go, and clips of
//! it that are played at once. It also says what is in a folder while a path is typed.
//!
//! All of it reads files, which the window's thread never does.

use super::{
    import_desk::{DeskTools, LOOK_EVERY},
    line, trial,
};
use crate::{
    library::{Entry, Kept, LibraryError, Prunable, PrunePlan, PruneRules, State},
    set::ClipEntry,
    ui::{Completion, DeskWish, LibraryCard, PruneAsk, PruneNews},
    units::bytes_text,
};
use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, RecvTimeoutError};
use std::{
    env, fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

/// Paths that are offered for what was typed.
const OFFERS_MAX: usize = 200;

/// Starts the thread. `clips` are those of the set, which no prune may touch.
pub fn start(
    tools: DeskTools,
    clips: Vec<ClipEntry>,
    wishes: Receiver<DeskWish>,
) -> Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name("library-desk".to_owned()).spawn(move || {
        while !tools.is_over() {
            match wishes.recv_timeout(LOOK_EVERY) {
                Ok(first) => {
                    let all: Vec<DeskWish> = [first].into_iter().chain(wishes.try_iter()).collect();
                    let is_typed = |wish: &DeskWish| matches!(wish, DeskWish::Complete(_));
                    // Of what was typed, only the latest counts.
                    let latest = all.iter().rposition(is_typed);
                    for (place, wish) in all.into_iter().enumerate() {
                        if !is_typed(&wish) || Some(place) == latest {
                            grant(&tools, &clips, wish);
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    })?;
    Ok(thread)
}

fn grant(tools: &DeskTools, clips: &[ClipEntry], wish: DeskWish) {
    let done = match wish {
        DeskWish::Complete(typed) => {
            let completion = Arc::new(complete(typed));
            tools.board.change(|now| now.completion = completion);
            return;
        }
        DeskWish::Try(ask) => return trial::work(tools, *ask),
        DeskWish::Play(folder) => return play(tools, &folder),
        DeskWish::Look => look(tools).context("the library cannot be looked at"),
        // The desk gives these to the thread that renders.
        DeskWish::Export(_) | DeskWish::CancelExport => return,
        DeskWish::PlanPrune(ask) => prune(tools, clips, ask, false),
        DeskWish::Prune(ask) => {
            prune(tools, clips, ask, true).and_then(|()| look(tools)).context("nothing was removed")
        }
    };
    tools.board.change(|now| now.is_looking = false);
    if let Err(error) = done {
        tools.notices.error(line(&error));
    }
}

fn look(tools: &DeskTools) -> Result<()> {
    let canvas = tools.newcomers.canvas();
    let now = SystemTime::now();
    let card = |entry: Entry| {
        let meta = entry.meta();
        let age = entry.last_used.map(|used| now.duration_since(used).unwrap_or_default());
        let refusal = match &entry.state {
            State::Damaged(why) => Some(format!("damaged: {why}")),
            State::Whole(meta) if meta.canvas != canvas => {
                Some(format!("its canvas is not the one that plays, {canvas}: import its source"))
            }
            State::Whole(_) => None,
        };
        LibraryCard {
            name: entry.name.clone(),
            hold: meta.and_then(crate::clip::Meta::hold_badge),
            secs: meta.map_or(0.0, crate::clip::Meta::length_secs),
            canvas: meta.map_or_else(|| "-".to_owned(), |meta| meta.canvas.to_string()),
            encoder: meta.map_or_else(|| "-".to_owned(), |meta| meta.coding.encoder.to_string()),
            bytes: entry.bytes,
            age_secs: age.map(|age| age.as_secs()),
            tags: entry.tags().to_vec(),
            refusal,
            folder: entry.folder,
        }
    };
    let cards: Arc<[LibraryCard]> = tools.library.entries()?.into_iter().map(card).collect();
    tools.board.change(|now| now.library = Some(cards));
    Ok(())
}

/// What would go by these rules, or goes.
fn prune(tools: &DeskTools, clips: &[ClipEntry], ask: PruneAsk, is_meant: bool) -> Result<()> {
    let mut kept = Kept::default();
    kept.add(clips).context("nothing was removed")?;
    kept.add(&tools.newcomers.added()).context("nothing was removed")?;
    let rules = PruneRules {
        unused_for: ask.unused_days.map(|days| Duration::from_secs(u64::from(days) * 86_400)),
        keep_below_bytes: ask.keep_below_mb.map(|megabytes| u64::from(megabytes) * 1_000_000),
    };
    let (entries, videos) = (tools.library.entries()?, tools.library.resamples()?);
    let plan = PrunePlan::new(entries, videos, rules, &kept, SystemTime::now());
    let mut news = PruneNews {
        ask,
        bytes_left: plan.bytes_left,
        spared: plan.spared,
        is_done: is_meant,
        ..PruneNews::default()
    };
    for what in &plan.removed {
        let name = match what {
            Prunable::Clip(entry) => entry.name.clone(),
            Prunable::Resample(video) => format!("the resample {}", video.name()),
        };
        let remove = || match what {
            Prunable::Clip(entry) => tools.library.remove(&entry.folder),
            Prunable::Resample(video) => tools.library.remove_resample(video),
        };
        match if is_meant { remove() } else { Ok(()) } {
            Ok(()) => {
                news.bytes += what.bytes();
                news.lines.push(format!("{name}, {}", bytes_text(what.bytes())));
            }
            Err(error) => {
                // One that somebody is loading stays, and takes no other with it.
                news.bytes_left += what.bytes();
                if !matches!(error, LibraryError::Busy { .. }) {
                    tools.notices.error(format!("{name} was not removed: {error}"));
                }
            }
        }
    }
    tools.board.change(|now| now.prune = Some(Arc::new(news)));
    Ok(())
}

/// A clip of the library becomes the last of the set.
fn play(tools: &DeskTools, folder: &Path) {
    let mut tell = |_| match tools.is_over() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let added = match tools.library.load_folder(folder, &mut tell) {
        Ok(loaded) => {
            let whole = std::path::absolute(&loaded.folder).unwrap_or(loaded.folder);
            tools.newcomers.add(Arc::new(loaded.clip), ClipEntry::of(whole))
        }
        Err(error) => Err(error.to_string().replace('\n', " ")),
    };
    if let Err(why) = added
        && !tools.is_over()
    {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let told = format!("the clip {name} cannot be played, the show goes on without it: {why}");
        tools.notices.error(told);
    }
}

/// A path whose `~` is spelt out.
pub fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), env::var_os("HOME")) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_owned(),
    }
}

/// What is there that begins like what was typed, whatever the case of its letters.
fn complete(typed: String) -> Completion {
    let (folder, begin) = typed
        .rsplit_once('/')
        .map_or(("", typed.as_str()), |(folder, begin)| (&typed[..=folder.len()], begin));
    let looked_at = match folder {
        "" => PathBuf::from("."),
        folder => at_home(Path::new(folder)),
    };
    let begins = begin.to_lowercase();
    let mut paths: Vec<String> = fs::read_dir(looked_at)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            let is_meant = name.to_lowercase().starts_with(&begins);
            let is_hidden = name.starts_with('.') && !begin.starts_with('.');
            let slash = if file.path().is_dir() { "/" } else { "" };
            (is_meant && !is_hidden).then(|| format!("{folder}{name}{slash}"))
        })
        .collect();
    paths.sort();
    paths.truncate(OFFERS_MAX);
    Completion { typed, paths }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_completed_by_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["Beach.mp4", "bees.mov", ".bin", "cat.mp4"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        fs::create_dir(folder.path().join("before")).expect("a folder");
        let at = |name: &str| format!("{}/{name}", folder.path().display());
        let found = |typed: &str| complete(at(typed)).paths;
        assert_eq!(found("be"), [at("Beach.mp4"), at("bees.mov"), at("before/")]);
        assert_eq!(found("."), [at(".bin")]);
        assert_eq!(found("").len(), 4);
        assert!(found("x").is_empty());
        assert!(complete("/no/such/folder/x".to_owned()).paths.is_empty());
    }
}
