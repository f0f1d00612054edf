//! Looks that come as a whole: presets, snapshots, the way from one to the next, the crossfader.
//!
//! On the engine thread; everything there is room for is made with the engine. What presets hold was
//! read elsewhere and comes in as a [`Bank`]; an exchanged bank goes back to be freed there.

use super::look_rows::{LookRows, PRESETS_MAX};
use crate::params::{
    CAPACITY, Kind, ParamIndex, ParamSpec, Registry, SNAPSHOTS, Scope, Snapshot, Store,
};
use crossbeam::channel::{Receiver, Sender};
use std::sync::Arc;

/// A preset in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// What it is called.
    pub name: String,
    /// Plain values of look rows; every other look is neutral in it.
    pub values: Vec<(ParamIndex, f64)>,
}

/// The presets that can be called by number; `preset.select` 1 is the first. What comes after the
/// first [`PRESETS_MAX`] has no number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bank {
    /// The presets in their order.
    pub presets: Vec<Preset>,
}

/// The engine's end of the way to the thread that reads and writes presets.
pub struct BankDesk {
    /// Banks that take the place of the one before.
    pub banks: Receiver<Arc<Bank>>,
    /// What they took the place of, to be freed there.
    pub retired: Sender<Arc<Bank>>,
}

/// What the looks go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// A preset, counted from 0.
    Preset(usize),
    /// A snapshot, counted from 0.
    Snapshot(usize),
}

/// Why they do not go there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// There are only so many presets.
    Preset(usize),
    /// Nothing was stored in it.
    Snapshot(usize),
}

/// On the way from one look to another.
#[derive(Debug)]
struct Morph {
    from: Snapshot,
    to: Snapshot,
    /// By row: whether it still goes along.
    is_going: Box<[bool]>,
    /// Ticks that have been gone, of how many. Over where they are equal.
    gone: u32,
    whole: u32,
}

/// All that recalls need.
#[derive(Debug)]
pub(super) struct Looks {
    registry: Arc<Registry>,
    rows: LookRows,
    bank: Arc<Bank>,
    snapshots: Vec<Snapshot>,
    /// Snapshots that hold something, the first in the lowest bit.
    filled: u16,
    /// By row: whether recalls leave it alone.
    excluded: Box<[bool]>,
    /// Rows that have been welcomed.
    known: usize,
    morph: Morph,
}

impl Looks {
    pub fn new(registry: &Arc<Registry>, base: &Snapshot) -> Self {
        let none = || vec![false; CAPACITY].into_boxed_slice();
        let morph =
            Morph { from: base.clone(), to: base.clone(), is_going: none(), gone: 0, whole: 0 };
        Self {
            rows: LookRows::resolve(registry),
            registry: Arc::clone(registry),
            bank: Arc::default(),
            snapshots: vec![base.clone(); SNAPSHOTS],
            filled: 0,
            excluded: none(),
            known: registry.len(),
            morph,
        }
    }

    /// Takes rows in that have come since: one that was declared in another way has the place of the
    /// one before it in all snapshots, and is left alone where that was. Any other is neutral in them.
    /// Calls `came` with the new row and the one before it.
    pub fn welcome(&mut self, mut came: impl FnMut(ParamIndex, ParamIndex)) {
        if self.registry.len() == self.known {
            return;
        }
        for kept in &mut self.snapshots {
            kept.welcome(&self.registry, |row| row.neutral);
        }
        for (index, _) in self.registry.iter().filter(|(index, _)| index.dense() >= self.known) {
            if let Some(old) = self.registry.forebear(index) {
                self.excluded[index.dense()] = self.excluded[old.dense()];
                came(index, old);
            }
        }
        self.known = self.registry.len();
    }

    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    pub fn rows(&self) -> &LookRows {
        &self.rows
    }

    pub fn exchange_bank(&mut self, bank: Arc<Bank>) -> Arc<Bank> {
        std::mem::replace(&mut self.bank, bank)
    }

    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    pub fn preset_name(&self, preset: usize) -> Option<&str> {
        self.bank.presets.get(preset).map(|preset| preset.name.as_str())
    }

    pub fn filled(&self) -> u16 {
        self.filled
    }

    pub fn snapshots(&self) -> &[Snapshot] {
        &self.snapshots
    }

    pub fn excluded(&self) -> &[bool] {
        &self.excluded
    }

    /// Leaves a row alone from now on, or takes it along again. Returns whether that is news.
    pub fn exclude(&mut self, param: ParamIndex, is_excluded: bool) -> bool {
        let place = self.registry.current(param).dense();
        std::mem::replace(&mut self.excluded[place], is_excluded) != is_excluded
    }

    /// Keeps the looks of `base` in a snapshot.
    pub fn store(&mut self, snapshot: usize, base: &Snapshot) {
        if let Some(kept) = self.snapshots.get_mut(snapshot) {
            kept.copy_from(base);
            self.filled |= 1 << snapshot;
        }
    }

    /// What a snapshot holds, and whether it holds anything.
    pub fn stored(&self, snapshot: usize) -> Option<(&Snapshot, bool)> {
        Some((self.snapshots.get(snapshot)?, self.filled >> snapshot & 1 == 1))
    }

    /// Exchanges what a snapshot holds, and whether it holds anything, for these.
    pub fn exchange(&mut self, snapshot: usize, looks: &mut Snapshot, is_filled: &mut bool) {
        if let Some(kept) = self.snapshots.get_mut(snapshot) {
            std::mem::swap(kept, looks);
            let was_filled = self.filled >> snapshot & 1 == 1;
            let bit = 1 << snapshot;
            self.filled = if *is_filled { self.filled | bit } else { self.filled & !bit };
            *is_filled = was_filled;
        }
    }

    /// Fills a snapshot with these values; every other look is neutral in it.
    pub fn fill(&mut self, snapshot: usize, base: &Snapshot, values: &[(ParamIndex, f64)]) {
        if let Some(kept) = self.snapshots.get_mut(snapshot) {
            kept.copy_from(base);
            lay(&self.registry, kept, values);
            self.filled |= 1 << snapshot;
        }
    }

    /// Goes to a look within `ticks`; 0 is at once.
    pub fn go(&mut self, goal: Goal, ticks: u32, store: &mut Store) -> Result<(), Missing> {
        let morph = &mut self.morph;
        morph.to.copy_from(store.base());
        match goal {
            Goal::Preset(place) => {
                let presets = self.bank.presets.iter().take(PRESETS_MAX);
                let Some(preset) = presets.clone().nth(place) else {
                    return Err(Missing::Preset(presets.len()));
                };
                lay(&self.registry, &mut morph.to, &preset.values);
            }
            Goal::Snapshot(place) => {
                if self.filled & (1_u16.checked_shl(place as u32).unwrap_or(0)) == 0 {
                    return Err(Missing::Snapshot(place));
                }
                let kept = &self.snapshots[place];
                for (index, _) in looks(&self.registry).filter(|(index, _)| kept.has(*index)) {
                    morph.to.put(index, kept.get(index));
                }
            }
        }
        morph.from.copy_from(store.base());
        morph.is_going.fill(false);
        for (index, _) in looks(&self.registry) {
            let is_other = morph.from.get(index) != morph.to.get(index);
            morph.is_going[index.dense()] = is_other && !self.excluded[index.dense()];
        }
        (morph.gone, morph.whole) = (0, ticks.max(1));
        if ticks == 0 {
            self.advance(store);
        }
        Ok(())
    }

    /// One tick further on the way, where there is one.
    pub fn advance(&mut self, store: &mut Store) {
        let morph = &mut self.morph;
        if morph.gone >= morph.whole {
            return;
        }
        morph.gone += 1;
        let part = f64::from(morph.gone) / f64::from(morph.whole);
        for (index, row) in looks(&self.registry).filter(|(at, _)| morph.is_going[at.dense()]) {
            store.set(index, between(row, morph.from.get(index), morph.to.get(index), part));
        }
    }

    /// How much of the way is gone, 0..=1; `None` where there is none.
    pub fn progress(&self) -> Option<f64> {
        let Morph { gone, whole, .. } = self.morph;
        (gone < whole).then(|| f64::from(gone) / f64::from(whole))
    }

    /// Where a row is still on its way to.
    pub fn goal_of(&self, param: ParamIndex) -> Option<f64> {
        let place = self.registry.current(param);
        let goes = self.progress().is_some() && self.morph.is_going[place.dense()];
        goes.then(|| self.morph.to.get(place))
    }

    /// A hand moved this row: it is that hand's from here on.
    pub fn leave_to_hand(&mut self, param: ParamIndex) {
        self.morph.is_going[self.registry.current(param).dense()] = false;
    }

    /// The looks stay where they are.
    pub fn stop(&mut self) {
        self.morph.gone = self.morph.whole;
    }

    /// Sets the looks between the two snapshots of the crossfader. Nothing where one is missing.
    pub fn crossfade(&mut self, store: &mut Store) {
        let number = |row| usize::try_from(store.base().int(row) - 1).ok();
        let (a, b) = (number(self.rows.crossfade_a), number(self.rows.crossfade_b));
        let is_filled = |place: &usize| self.filled >> place & 1 == 1;
        let (Some(a), Some(b)) = (a.filter(is_filled), b.filter(is_filled)) else { return };
        self.stop();
        let part = store.base().get(self.rows.crossfade_position);
        let (from, to) = (&self.snapshots[a], &self.snapshots[b]);
        for (index, row) in looks(&self.registry) {
            if !self.excluded[index.dense()] && from.has(index) && to.has(index) {
                store.set(index, between(row, from.get(index), to.get(index), part));
            }
        }
    }
}

/// The rows that recalls may move.
fn looks(registry: &Registry) -> impl Iterator<Item = (ParamIndex, &ParamSpec)> {
    registry.iter().filter(|(_, row)| is_look(row))
}

/// Whether recalls may move the row.
pub(super) fn is_look(row: &ParamSpec) -> bool {
    row.scope == Scope::Look && !row.is_meter && row.kind != Kind::Trigger
}

/// Every look to its neutral value, those that are named to theirs.
fn lay(registry: &Registry, onto: &mut Snapshot, values: &[(ParamIndex, f64)]) {
    for (index, row) in looks(registry) {
        onto.put(index, row.neutral);
    }
    for (index, plain) in values {
        // The row may have been declared anew since the preset was read.
        let index = registry.current(*index);
        let row = registry.row(index);
        if is_look(row) {
            onto.put(index, row.clamp(*plain));
        }
    }
}

/// A plain value on the way from one to another: evenly on the row's controller; what has no places
/// between changes at the half.
fn between(row: &ParamSpec, from: f64, to: f64, part: f64) -> f64 {
    match row.kind {
        _ if part >= 1.0 => to,
        _ if part <= 0.0 => from,
        Kind::Float { .. } | Kind::Int { .. } => {
            let (low, high) = (row.normalised_from_plain(from), row.normalised_from_plain(to));
            row.plain_from_normalised(low + (high - low) * part)
        }
        Kind::Bool | Kind::Choice(_) | Kind::Trigger | Kind::Reference => {
            if part < 0.5 {
                from
            } else {
                to
            }
        }
    }
}

#[cfg(test)]
#[path = "looks_tests.rs"]
mod tests;
