//! Going on where a run that was killed has been.

use super::{folders, options::PlayOptions, scene::Scene};
use crate::{
    engine::is_kept_by_journals,
    params::{Change, ControlEvent, Grid, ParamIndex, Registry, Source},
    set::{Journal, Set},
};
use anyhow::Result;
use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

/// The journal's name in the folder.
pub const JOURNAL: &str = "journal.toml";

/// What is held while a journal is kept: two instruments at once must not write one.
const LOCK: &str = "journal.lock";

/// The hold on the journal; let go of when the process ends, however it does.
#[derive(Debug)]
pub struct Lock {
    folder: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes hold of the user's journal. `None` where another instrument keeps it, or there is no
    /// place for one.
    pub fn take() -> Option<Self> {
        let folder = folders::state()?;
        fs::create_dir_all(&folder).ok()?;
        let options = &mut File::options();
        let file = options.create(true).truncate(false).write(true).open(folder.join(LOCK)).ok()?;
        file.try_lock().ok()?;
        Some(Self { folder, _file: file })
    }

    /// The folder that the journal lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The command line that `residua` alone stands for: that of the run that was killed.
pub fn command_line() -> Option<Vec<OsString>> {
    let lock = Lock::take()?;
    let journal = Journal::read(&lock.folder().join(JOURNAL)).ok()??;
    env::set_current_dir(&journal.folder).ok()?;
    let name = OsString::from("residua");
    Some([name].into_iter().chain(journal.arguments.into_iter().map(OsString::from)).collect())
}

/// What was named, as full paths.
fn full_paths(clips: &[PathBuf]) -> Vec<PathBuf> {
    let full = |path: &PathBuf| fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    clips.iter().map(|path| full(path).unwrap_or_else(|_| path.clone())).collect()
}

/// The journal to go on from, where there is one of what is to be played. One that cannot be read is
/// no reason not to play: it is said, and the show begins anew.
pub fn find(lock: &Lock, options: &PlayOptions) -> Option<Journal> {
    match Journal::read(&lock.folder().join(JOURNAL)) {
        Ok(journal) => {
            let clips = full_paths(&options.scene.clips);
            journal.filter(|journal| !options.fresh && journal.clips == clips)
        }
        Err(error) => {
            eprintln!("residua: {error}; the show begins anew");
            None
        }
    }
}

/// What the journal says before anything is built. What is asked for now goes before it.
pub fn adopt(options: &mut PlayOptions, journal: &Journal) {
    options.scene.canvas = options.scene.canvas.or_else(|| journal.canvas.parse().ok());
    if options.display.is_none() {
        options.display.clone_from(&journal.display);
        options.is_display_a_wish = true;
    }
    options.fullscreen |= journal.is_full_screen;
}

/// Puts the instrument to where it was.
pub fn resume(scene: &mut Scene, journal: &Journal) {
    let Scene { registry, engine, notices, queue, set, .. } = scene;
    let mut values = Journal::values_of(registry, &journal.values);
    // A journal of another version may have kept more.
    values.retain(|(param, _)| is_kept_by_journals(registry.row(*param)));
    engine.resume(&values, journal.beats, journal.is_demo.then_some(journal.slot));
    for (clip, state) in journal.clip.iter().enumerate() {
        for (param, plain) in Journal::values_of(registry, &state.values) {
            engine.set_own(clip, param, plain);
        }
        engine.place_playhead(clip, state.position);
    }
    for (number, looks) in journal.snapshots(registry) {
        if let Some(place) = number.checked_sub(1) {
            engine.set_snapshot(place, &looks);
        }
    }
    for (param, change) in habits(registry, set, journal) {
        queue.send(ControlEvent { param, change, source: Source::File });
    }
    notices
        .info("the last run did not end by itself: it goes on where it was (--fresh begins anew)");
}

/// What recalls left alone, what presses did and waited for. It enters the first tick after what the
/// set says of the same, which may have been changed since: what the journal has nothing of was then
/// as it is where nobody says anything.
fn habits(registry: &Registry, set: &Set, journal: &Journal) -> Vec<(ParamIndex, Change)> {
    let mut changes = Vec::new();
    let excluded = journal.excluded(registry);
    let of_set = set.exclude.iter().filter(|row| !excluded.contains(row));
    changes.extend(of_set.map(|row| (*row, Change::Exclude(false))));
    changes.extend(excluded.iter().map(|row| (*row, Change::Exclude(true))));
    let kept = journal.gestures(registry);
    let is_gone = |row: &ParamIndex| !kept.iter().any(|(other, ..)| other == row);
    let gestures = set.gestures.iter().map(|(row, _)| *row).filter(is_gone);
    changes.extend(gestures.map(|row| (row, Change::Gesture(registry.row(row).gesture))));
    let grids = set.quantise.iter().map(|(row, _)| *row).filter(is_gone);
    changes.extend(grids.map(|row| (row, Change::Quantise(Grid::Off))));
    for (row, gesture, grid) in kept {
        changes.extend([(row, Change::Gesture(gesture)), (row, Change::Quantise(grid))]);
    }
    changes
}

/// The journal's part that stays.
pub fn fixed(options: &PlayOptions, canvas: crate::units::Canvas) -> Result<Journal> {
    Ok(Journal {
        arguments: options.arguments.clone(),
        folder: env::current_dir()?,
        clips: full_paths(&options.scene.clips),
        canvas: canvas.to_string(),
        ..Journal::default()
    })
}
