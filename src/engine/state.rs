//! The whole state, for whoever writes it down: the journal and the set's file.

use super::{gestures::Habits, own::OwnValues, rows::CLIPS_MAX};
use crate::params::{CAPACITY, ParamIndex, SNAPSHOTS, Snapshot};

/// What the instrument would go on from. Published through a triple buffer without allocating: all
/// its room is there from the start.
#[derive(Clone, Debug)]
pub struct State {
    /// The slot after which it was so; slots begin at 0 with every start.
    pub slot: u64,
    /// How often `set.save` was fired.
    pub saves_asked: u64,
    /// How often `preset.store` was fired.
    pub presets_asked: u64,
    /// How often `preset.update` was fired.
    pub updates_asked: u64,
    /// Counts what a set keeps by itself: snapshots stored, cues set, gestures, exclusions.
    pub kept_changes: u64,
    /// The clip in play, from 0.
    pub clip: usize,
    /// Clips there are.
    pub clips: usize,
    /// Beats since the start, or since a clock's.
    pub beats: f64,
    /// Whether the demonstration still plays itself.
    pub is_demo: bool,
    /// What was set.
    pub base: Snapshot,
    /// What the clips keep for themselves.
    pub own: OwnState,
    /// Where the playhead of each clip is, 0..=1 of its slices. Of the first [`State::clips`].
    pub positions: Vec<f64>,
    /// Snapshots that hold something, the first in the lowest bit.
    pub filled: u16,
    /// What they hold.
    pub snapshots: Vec<Snapshot>,
    /// By dense index: whether presets and snapshots leave the row alone.
    pub excluded: Box<[bool]>,
    /// What presses do to each row, and what it waits for.
    pub habits: Habits,
}

/// What the clips keep for themselves.
#[derive(Clone, Debug)]
pub struct OwnState {
    /// The rows of which every clip has its own value.
    pub rows: Vec<ParamIndex>,
    /// As many values for each clip, one clip after the other; room for all clips there may be.
    pub values: Vec<f64>,
}

impl OwnState {
    /// What a clip (from 0) keeps.
    pub fn of(&self, clip: usize) -> impl Iterator<Item = (ParamIndex, f64)> {
        let rows = self.rows.len();
        let values = self.values.get(clip * rows..(clip + 1) * rows).unwrap_or_default();
        self.rows.iter().copied().zip(values.iter().copied())
    }

    /// The place of what a clip (from 0) keeps of a row, where it does.
    pub(super) fn place(&self, clip: usize, row: ParamIndex) -> Option<usize> {
        let place = self.rows.iter().position(|own| *own == row)?;
        Some(clip * self.rows.len() + place).filter(|place| *place < self.values.len())
    }

    /// The clip is left, or looked at: it keeps what is set now.
    pub(super) fn save(&mut self, clip: usize, base: &Snapshot) {
        let values = self.values.iter_mut().skip(clip * self.rows.len());
        for (value, row) in values.zip(&self.rows) {
            *value = base.get(*row);
        }
    }
}

impl State {
    pub(super) fn new(base: &Snapshot, own: &OwnValues) -> Self {
        let rows = own.rows().to_vec();
        Self {
            slot: 0,
            saves_asked: 0,
            presets_asked: 0,
            updates_asked: 0,
            kept_changes: 0,
            clip: 0,
            clips: 0,
            beats: 0.0,
            is_demo: false,
            base: base.clone(),
            own: OwnState { values: vec![0.0; rows.len() * CLIPS_MAX], rows },
            positions: vec![0.0; CLIPS_MAX],
            filled: 0,
            snapshots: vec![base.clone(); SNAPSHOTS],
            excluded: vec![false; CAPACITY].into_boxed_slice(),
            habits: Habits::new(),
        }
    }

    /// What a clip (from 0) keeps for itself.
    pub fn own_of(&self, clip: usize) -> impl Iterator<Item = (ParamIndex, f64)> {
        self.own.of(clip)
    }
}
