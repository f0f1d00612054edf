//! The thread that writes down what is worth keeping while playing: the journal every second, the
//! set's file and presets when asked.
//!
//! It reads the engine's state, which is published a few times a second, and so never holds a tick up.

use super::{
    material::ClipHashes,
    opening::DEMO,
    presets::{self, bank},
    resume::{JOURNAL, Lock},
};
use crate::{
    app::Screen,
    control::LearnDesk,
    engine::{self, Bank, BankDesk, Engine, State},
    files,
    params::{Gesture, Grid, ParamIndex, ParamSpec, Registry, SNAPSHOTS, Snapshot},
    ports::{DecoderMaker, Notices},
    set::{self, ClipState, Journal, JournalClip, Saved, SetFile, SetState, Shelved},
    units::Canvas,
};
use anyhow::Result;
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::{
    fs,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use toml_edit::DocumentMut;

/// How often the state is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// From one writing of the journal to the next. With the quarter of a second for which the engine
/// keeps its state to itself, and this thread's look, a crash loses less than two seconds.
const JOURNAL_EVERY: Duration = Duration::from_secs(1);

/// Banks on their way: each is a person's doing.
const BANKS: usize = 4;

/// What a new preset is called; numbered.
const NEW_PRESET: &str = "look.toml";

/// What the thread works with.
pub struct Memory {
    pub registry: Arc<Registry>,
    pub notices: Notices,
    /// The set's file, or the one that saving makes.
    pub set: SetFile,
    /// Whether the file may be written without being asked: not the demo's, and none that is not there.
    pub keeps_by_itself: bool,
    /// Whether the set's text has a score that was the demonstration's.
    pub is_copy_of_demo: bool,
    /// The program's own rows: a new set has no shaders beside it, and names none of theirs.
    pub own_rows: Registry,
    /// The hashes of the clips' sources, in their order.
    pub hashes: Vec<ClipHashes>,
    pub shelf: Vec<Shelved>,
    /// Where presets go that the window shall know, too.
    pub shown: Sender<Arc<Bank>>,
    /// The journal's fixed part, with the hold on it; `None` where none is kept.
    pub journal: Option<(Journal, Lock)>,
    /// Where the output is.
    pub screen: Arc<Screen>,
    /// What was learnt of controllers.
    pub learn: LearnDesk,
}

/// The thread's handle.
pub struct Running {
    over: Sender<()>,
    thread: JoinHandle<()>,
}

impl Running {
    /// The show is over: what was asked for last is written. A clean end leaves no journal.
    pub fn finish(self, is_clean: bool) {
        if is_clean {
            let _ = self.over.send(());
        }
        drop(self.over);
        let _ = self.thread.join();
    }
}

/// Starts the thread.
pub fn start<M: DecoderMaker>(memory: Memory, engine: &mut Engine<M>) -> Result<Running> {
    let (banks, arrivals) = bounded(BANKS);
    let (retired, old) = bounded(BANKS);
    engine.use_bank_desk(BankDesk { banks: arrivals, retired });
    let state = engine.keep_state();
    let (over, ends) = bounded(1);
    let thread = thread::Builder::new().name("memory".to_owned()).spawn(move || {
        Keeper {
            memory,
            banks,
            old,
            last: None,
            journal_text: String::new(),
            journal_at: None,
            is_journal_lost: false,
            has_new_presets: false,
            filled: 0,
        }
        .run(state, &ends);
    })?;
    Ok(Running { over, thread })
}

struct Keeper {
    memory: Memory,
    banks: Sender<Arc<Bank>>,
    old: Receiver<Arc<Bank>>,
    /// What had been asked for, and changed, at the last look.
    last: Option<Asked>,
    journal_text: String,
    journal_at: Option<Instant>,
    is_journal_lost: bool,
    has_new_presets: bool,
    /// Snapshots that have held something in this run, the first in the lowest bit: of the others the
    /// set's file may know more.
    filled: u16,
}

#[derive(Clone, Copy)]
struct Asked {
    saves: u64,
    presets: u64,
    updates: u64,
    changes: u64,
}

impl Asked {
    fn of(state: &State) -> Self {
        Self {
            saves: state.saves_asked,
            presets: state.presets_asked,
            updates: state.updates_asked,
            changes: state.kept_changes,
        }
    }
}

impl Keeper {
    fn run(mut self, mut state: triple_buffer::Output<State>, ends: &Receiver<()>) {
        let is_clean = loop {
            match ends.recv_timeout(LOOK_EVERY) {
                Err(RecvTimeoutError::Timeout) => self.look(&mut state),
                Ok(()) => break true,
                Err(RecvTimeoutError::Disconnected) => break false,
            }
        };
        self.look(&mut state);
        if let Some((_, lock)) = self.memory.journal.take()
            && is_clean
        {
            // A clean end leaves nothing to go on from.
            let _ = fs::remove_file(lock.folder().join(JOURNAL));
        }
    }

    fn look(&mut self, state: &mut triple_buffer::Output<State>) {
        self.old.try_iter().for_each(drop);
        let is_new = state.update();
        let state = state.output_buffer();
        if is_new {
            self.filled |= state.filled;
            let now = Asked::of(state);
            // What the set itself said at the start is nothing new.
            let last = self.last.replace(now).unwrap_or(Asked { changes: now.changes, ..ZERO });
            if now.updates != last.updates {
                self.update_preset(state);
            }
            if now.presets != last.presets {
                self.store_preset(state);
            }
            if now.saves != last.saves {
                self.save(state, true);
            } else if now.changes != last.changes && self.memory.keeps_by_itself {
                self.save(state, false);
            }
        }
        if self.last.is_some() {
            self.write_journal(state);
        }
    }

    /// Writes the set's file: all that is set, or only what is kept by itself.
    fn save(&mut self, state: &State, is_all: bool) {
        let memory = &mut self.memory;
        if memory.is_copy_of_demo && !state.is_demo {
            memory.set.drop_score();
        }
        let mut saved = set_state(&memory.registry, state, &memory.hashes, is_all);
        let is_emptied = |at: &usize| (self.filled & !state.filled) >> at & 1 == 1;
        saved.emptied = (0..SNAPSHOTS).filter(is_emptied).map(|at| at + 1).collect();
        if !memory.set.is_read() {
            let own = &memory.own_rows;
            let is_own =
                |(index, _): &(ParamIndex, f64)| own.find(memory.registry.row(*index).id).is_some();
            let tables = saved.clips.iter_mut().map(|clip| &mut clip.values);
            let tables = tables.chain(saved.snapshots.iter_mut().map(|(_, looks)| looks));
            tables.chain([&mut saved.values]).for_each(|values| values.retain(is_own));
        }
        if is_all {
            saved.learnt = memory.learn.learnt();
        }
        if self.has_new_presets {
            saved.presets = Some(memory.shelf.iter().map(|preset| preset.listed.clone()).collect());
        }
        match memory.set.save(&memory.registry, &saved) {
            Ok(Saved::AsBefore) if is_all => memory.notices.info("the set is as it was saved"),
            Ok(Saved::AsBefore) => {}
            Ok(Saved::There(path)) => {
                memory.keeps_by_itself = true;
                if is_all {
                    memory.notices.info(format!("the set was saved: {}", path.display()));
                }
            }
            Ok(Saved::Beside(path)) => memory.notices.warn(format!(
                "somebody else has changed {}: what is set went into {}",
                memory.set.path().display(),
                path.display()
            )),
            Err(error) => memory.notices.error(error.to_string()),
        }
    }

    /// Writes the look into a new preset, which gets the last number.
    fn store_preset(&mut self, state: &State) {
        let memory = &mut self.memory;
        let folder = match memory.set.is_there() {
            true => Some(set::preset_folder(memory.set.path())),
            false => presets::own_folder(),
        };
        let Some(folder) = folder else {
            return memory.notices.error("no place for presets: set XDG_CONFIG_HOME or HOME");
        };
        let mut text = DocumentMut::new();
        let looks = looks(&memory.registry, state);
        set::write_preset(&mut text, &memory.registry, &looks);
        if !text.contains_key("values") {
            // A neutral look is one, too.
            text.insert("values", toml_edit::table());
        }
        let taken = |name: &str| memory.shelf.iter().any(|preset| preset.name == name);
        let file = files::free_name(&folder.join(NEW_PRESET), &taken);
        let written = fs::create_dir_all(&folder)
            .and_then(|()| files::write_aside(&file, text.to_string().as_bytes()));
        match written {
            Ok(()) => {
                let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let listed = name.clone();
                memory.shelf.push(Shelved {
                    name,
                    listed,
                    file: Some(file.clone()),
                    values: looks,
                });
                self.has_new_presets = true;
                self.send_bank();
                let memory = &self.memory;
                let (number, file) = (memory.shelf.len(), file.display());
                memory.notices.info(format!("the look is preset {number} now: {file}"));
            }
            Err(error) => {
                let file = file.display();
                memory.notices.error(format!("the preset {file} cannot be written: {error}"));
            }
        }
    }

    /// Writes the look into the file of the preset that was recalled last.
    fn update_preset(&mut self, state: &State) {
        let memory = &mut self.memory;
        let registry = &memory.registry;
        let select = registry.index_of(&engine::PRESET_SELECT);
        let place = usize::try_from(state.base.int(select) - 1).ok();
        let Some(preset) = place.and_then(|place| memory.shelf.get_mut(place)) else {
            return memory.notices.warn("no preset was recalled: keep the look with preset.store");
        };
        let Some(file) = &preset.file else {
            return memory.notices.warn(format!(
                "preset {} is in no file here: keep the look as a new one with preset.store",
                preset.name
            ));
        };
        let looks = looks(registry, state);
        let written =
            fs::read_to_string(file).map_err(|error| error.to_string()).and_then(|text| {
                let mut text: DocumentMut =
                    text.parse().map_err(|_| "it is no TOML any more".to_owned())?;
                set::write_preset(&mut text, registry, &looks);
                files::write_aside(file, text.to_string().as_bytes())
                    .map_err(|error| error.to_string())
            });
        match written {
            Ok(()) => {
                memory.notices.info(format!("preset {} is as it looks now", preset.name));
                preset.values = looks;
                self.send_bank();
            }
            Err(why) => {
                let file = file.display();
                memory.notices.error(format!("the preset {file} cannot be written: {why}"));
            }
        }
    }

    fn send_bank(&self) {
        // Full only where the engine stands still; the next one brings all.
        let bank = bank(&self.memory.shelf);
        let _ = self.memory.shown.try_send(Arc::clone(&bank));
        let _ = self.banks.try_send(bank);
    }

    fn write_journal(&mut self, state: &State) {
        let Some((fixed, lock)) = &self.memory.journal else { return };
        if self.journal_at.is_some_and(|at| at.elapsed() < JOURNAL_EVERY) {
            return;
        }
        self.journal_at = Some(Instant::now());
        let journal = journal(&self.memory.registry, state, fixed, &self.memory.screen);
        let Ok(text) = journal.to_text() else { return };
        if text == self.journal_text {
            return;
        }
        match Journal::write(&lock.folder().join(JOURNAL), &text) {
            Ok(()) => {
                self.journal_text = text;
                self.is_journal_lost = false;
            }
            Err(error) if !self.is_journal_lost => {
                self.is_journal_lost = true;
                self.memory.notices.warn(error.to_string());
            }
            Err(_) => {}
        }
    }
}

const ZERO: Asked = Asked { saves: 0, presets: 0, updates: 0, changes: 0 };

/// The looks as they are set.
fn looks(registry: &Registry, state: &State) -> set::Values {
    looks_of(registry, &|index| state.base.has(index).then(|| state.base.get(index)))
}

fn looks_of(registry: &Registry, get: &dyn Fn(ParamIndex) -> Option<f64>) -> set::Values {
    let looks = registry.iter().filter(|(_, row)| engine::may_be_excluded(row));
    looks.filter_map(|(index, _)| Some((index, get(index)?))).collect()
}

fn snapshots(registry: &Registry, state: &State) -> Vec<(usize, set::Values)> {
    let filled = state.snapshots.iter().enumerate().filter(|(at, _)| state.filled >> at & 1 == 1);
    let values =
        |kept: &Snapshot| looks_of(registry, &|index| kept.has(index).then(|| kept.get(index)));
    filled.map(|(at, kept)| (at + 1, values(kept))).collect()
}

fn excluded(registry: &Registry, state: &State) -> Vec<ParamIndex> {
    let is_excluded =
        |index: &ParamIndex| state.excluded.get(index.dense()).copied().unwrap_or(false);
    registry.iter().map(|(index, _)| index).filter(is_excluded).collect()
}

/// What of a state goes into the set's file.
fn set_state(registry: &Registry, state: &State, hashes: &[ClipHashes], is_all: bool) -> SetState {
    let is_kept = |index: ParamIndex| {
        let row = registry.row(index);
        if is_all { engine::is_kept_by_sets(row) } else { engine::is_kept_at_once(row) }
    };
    let shared = registry.iter().filter(|(index, row)| {
        is_all && !row.is_per_clip && is_kept(*index) && state.base.has(*index)
    });
    let clip = |(place, hashes): (usize, &ClipHashes)| ClipState {
        hash: hashes.source.clone(),
        backward_hash: hashes.backward.clone(),
        values: state.own_of(place).filter(|(index, _)| is_kept(*index)).collect(),
    };
    SetState {
        values: shared.map(|(index, _)| (index, state.base.get(index))).collect(),
        clips: hashes.iter().enumerate().map(clip).collect(),
        snapshots: snapshots(registry, state),
        emptied: Vec::new(),
        exclude: Some(excluded(registry, state)),
        gestures: Some(habits(registry, state)),
        learnt: Vec::new(),
        presets: None,
    }
}

/// What presses do to rows and what they wait for, where somebody has said so.
fn habits(registry: &Registry, state: &State) -> Vec<(ParamIndex, Gesture, Grid)> {
    let of = |(index, row): (ParamIndex, &ParamSpec)| {
        let (gesture, grid) = (state.habits.gesture(index, row), state.habits.grid(index));
        let is_changed = gesture != row.gesture || grid != Grid::Off;
        is_changed.then_some((index, gesture, grid))
    };
    registry.iter().filter_map(of).collect()
}

/// The journal of a state.
fn journal(registry: &Registry, state: &State, fixed: &Journal, screen: &Screen) -> Journal {
    let is_set = |(index, row): &(ParamIndex, &ParamSpec)| {
        let plain = state.base.has(*index).then(|| state.base.get(*index));
        engine::is_kept_by_journals(row) && plain.is_some_and(|plain| plain != row.default)
    };
    let values = registry.iter().filter(is_set).map(|(index, _)| (index, state.base.get(index)));
    let clip = |(place, position): (usize, &f64)| {
        let is_kept =
            |(index, _): &(ParamIndex, f64)| engine::is_kept_by_journals(registry.row(*index));
        let own = state.own_of(place).filter(is_kept);
        JournalClip { position: *position, values: Journal::table_of(registry, own) }
    };
    let positions = state.positions.iter().take(state.clips);
    let snapshots = snapshots(registry, state).into_iter().map(|(number, mut looks)| {
        looks.retain(|(index, plain)| *plain != registry.row(*index).neutral);
        (number.to_string(), Journal::table_of(registry, looks))
    });
    let (is_full_screen, display) = screen.get();
    Journal {
        display,
        is_full_screen,
        slot: state.slot,
        beats: state.beats,
        is_demo: state.is_demo,
        exclude: excluded(registry, state)
            .into_iter()
            .map(|index| registry.row(index).id.to_owned())
            .collect(),
        values: Journal::table_of(registry, values),
        gestures: habits(registry, state)
            .into_iter()
            .map(|(index, gesture, grid)| {
                let words = (gesture.name().to_owned(), grid.name().to_owned());
                (registry.row(index).id.to_owned(), words)
            })
            .collect(),
        snapshots: snapshots.collect(),
        clip: positions.enumerate().map(clip).collect(),
        ..fixed.clone()
    }
}

/// The set's file that saving writes into: its own, or a new one where the demo or clips without a
/// set are played.
pub fn set_file(set: &set::Set, file: Option<&Path>, is_demo: bool, canvas: Canvas) -> SetFile {
    let new = || set::new_text(canvas, &set.clips, &set.presets);
    match file {
        Some(file) if !is_demo => SetFile::read(file, set.text.clone()),
        file if !set.text.is_empty() => {
            let folder = file.unwrap_or(Path::new(DEMO)).parent().unwrap_or(Path::new(""));
            SetFile::new(set::moved_text(&set.text, folder).unwrap_or_else(|_| new()))
        }
        _ => SetFile::new(new()),
    }
}
