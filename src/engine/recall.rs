//! What the engine does about presets, snapshots and the crossfader, and about saving.

use super::{
    entering::selected_clip,
    gestures::Habits,
    history::What,
    instrument::Engine,
    looks::{Bank, BankDesk, Goal, Missing, is_look},
    replay::Replay,
    report::Arrival,
    state::State,
};
use crate::{
    params::{Applied, Change, ControlEvent, ParamIndex, Snapshot},
    ports::DecoderMaker,
};
use std::sync::Arc;

/// How often the state is published for whoever writes it down, in seconds. Together with the second
/// that the journal waits between two writings a crash loses less than two.
const STATE_EVERY_SECS: f64 = 0.25;

impl<M: DecoderMaker> Engine<M> {
    /// The presets that can be called by number.
    pub fn use_presets(&mut self, bank: Arc<Bank>) {
        self.looks.exchange_bank(bank);
    }

    /// Gets other presets from this desk while playing.
    pub fn use_bank_desk(&mut self, desk: BankDesk) {
        self.bank_desk = Some(desk);
    }

    /// Fills a snapshot (from 0) with these values; every other look is neutral in it.
    pub fn set_snapshot(&mut self, snapshot: usize, values: &[(ParamIndex, f64)]) {
        self.looks.fill(snapshot, self.store.base(), values);
    }

    /// The presets that can be called by number.
    pub fn presets(&self) -> &Bank {
        self.looks.bank()
    }

    /// The snapshots that hold something, by number from 0.
    pub fn snapshots(&self) -> impl Iterator<Item = (usize, &Snapshot)> {
        let filled = self.looks.filled();
        let all = self.looks.snapshots().iter().enumerate();
        all.filter(move |(number, _)| filled & 1 << number != 0)
    }

    /// Whether recalls leave a row alone.
    pub fn is_excluded(&self, param: ParamIndex) -> bool {
        self.looks.excluded().get(param.dense()).is_some_and(|is_excluded| *is_excluded)
    }

    /// What presses do to each row, and what it waits for.
    pub fn habits(&self) -> &Habits {
        self.hands.gestures.habits()
    }

    /// Where the beat is, in beats.
    pub fn beats(&self) -> f64 {
        self.hands.tempo.beat.beats()
    }

    /// Before the first tick: the beat goes on from here.
    pub fn resume_beat(&mut self, beats: f64) {
        self.hands.tempo.beat.resume(beats);
    }

    /// Where playheads were put before they played: clips from 0, places 0..=1.
    pub fn placed(&self) -> &[(usize, f64)] {
        &self.placed
    }

    /// Has recalls leave a row alone, or take it along.
    pub fn exclude(&mut self, param: ParamIndex, is_excluded: bool) {
        self.looks.exclude(param, is_excluded);
    }

    /// Goes on from where another run was: everything to its default, then these values, at once.
    /// What the demonstration had played by itself in that many slots is not played again; `None` =
    /// somebody had taken over. What clips keep for themselves follows by [`Engine::set_own`].
    pub fn resume(&mut self, values: &[(ParamIndex, f64)], beats: f64, demo_slots: Option<u64>) {
        self.hands.tempo.beat.resume(beats);
        let registry = Arc::clone(self.looks.registry());
        for (index, row) in registry.iter() {
            self.store.set(index, row.default);
        }
        for (index, plain) in values {
            self.store.set(*index, *plain);
        }
        self.store.settle();
        let selected = selected_clip(self.store.base(), self.rows.clip_select, self.clips.len());
        self.clip = selected.unwrap_or(0);
        if selected.is_none() {
            self.store.set(self.rows.clip_select, 1.0);
        }
        self.look.copy_from(self.store.result());
        match demo_slots {
            Some(slots) => self.score.skip(slots),
            None => self.score.hand_over(),
        }
    }

    /// Puts the playhead of a clip (from 0) to a place, 0..=1 of its slices, before it plays.
    pub fn place_playhead(&mut self, clip: usize, position: f64) {
        self.placed.push((clip, position));
        if let Some(playhead) = self.playheads.get_mut(clip) {
            playhead.jump(position);
            // What stands in the row is no wish to scrub.
            playhead.note_position(self.store.base().get(self.playhead_rows.position));
        }
    }

    /// Publishes the whole state a few times a second for whoever writes it down.
    pub fn keep_state(&mut self) -> triple_buffer::Output<State> {
        let (input, output) =
            triple_buffer::triple_buffer(&State::new(self.store.base(), &self.own));
        self.state = Some(input);
        self.state_due = 0;
        output
    }

    /// What an event means for looks that come as a whole. `param` is the row as it is now.
    pub(super) fn mind_looks(&mut self, event: &ControlEvent, applied: Applied) {
        let rows = *self.looks.rows();
        if let Change::Exclude(is_excluded) = event.change {
            if self.looks.exclude(event.param, is_excluded) {
                self.kept_changes += 1;
                let (before, after) = (usize::from(!is_excluded), usize::from(is_excluded));
                self.remember_step(event, What::Exclusion, before, after);
            }
            return;
        }
        let has_moved = matches!(applied, Applied::Moved | Applied::Clamped);
        if event.param == rows.preset_select {
            // The same number again is the same preset again.
            match usize::try_from(self.store.base().int(rows.preset_select) - 1) {
                Ok(preset) if event.change != Change::Release => {
                    self.recall(Goal::Preset(preset));
                }
                _ => {}
            }
        } else if rows.is_crossfader(event.param) {
            if has_moved {
                self.looks.crossfade(&mut self.store);
            }
        } else if !matches!(applied, Applied::Fired(_)) {
            self.looks.leave_to_hand(event.param);
        }
    }

    /// Triggers of presets, snapshots and saving.
    pub(super) fn fire_look(&mut self, trigger: ParamIndex) {
        let rows = *self.looks.rows();
        if let Some(snapshot) = rows.recall.member(trigger) {
            self.recall(Goal::Snapshot(snapshot));
        }
        if let Some(snapshot) = rows.store.member(trigger) {
            self.looks.store(snapshot, self.store.base());
            self.kept_changes += 1;
            self.notices.info(format!("snapshot {} stored", snapshot + 1));
        }
        if trigger == rows.set_save {
            self.saves_asked += 1;
            self.state_due = 0;
        }
        if trigger == rows.preset_store {
            self.presets_asked += 1;
            self.state_due = 0;
        }
        if trigger == rows.preset_update {
            self.updates_asked += 1;
            self.state_due = 0;
        }
    }

    /// The look changes as a whole: the one way for presets and snapshots.
    pub(super) fn recall(&mut self, goal: Goal) {
        let secs = self.store.base().get(self.looks.rows().morph_secs);
        let ticks = (secs * self.canvas.rate.hertz()).round() as u32;
        match (self.looks.go(goal, ticks, &mut self.store), goal) {
            (Ok(()), Goal::Preset(preset)) => {
                let name = self.looks.preset_name(preset).unwrap_or_default();
                self.notices.info(format!("preset {}: {name}", preset + 1));
            }
            (Ok(()), Goal::Snapshot(snapshot)) => {
                self.notices.info(format!("snapshot {}", snapshot + 1));
            }
            (Err(Missing::Preset(presets)), Goal::Preset(preset) | Goal::Snapshot(preset)) => {
                let row = self.looks.rows().preset_select;
                // The look is still what it was, and so is its number.
                let before = self.hands.before.get(row);
                let known = (0.0..=presets as f64).contains(&before);
                self.store.set(row, if known { before } else { 0.0 });
                self.notices
                    .warn(format!("there is no preset {}: there are {presets}", preset + 1));
            }
            (Err(Missing::Snapshot(snapshot)), _) => {
                self.notices.warn(format!("snapshot {} is empty: store it first", snapshot + 1));
            }
        }
    }

    /// Takes other presets in.
    pub(super) fn take_arrived_bank(&mut self) {
        while let Some(bank) = self.replay.as_mut().and_then(Replay::take_bank) {
            self.arrivals.push(Arrival::Bank(Arc::clone(&bank)));
            // A replay keeps every bank to its end: nothing is freed here.
            self.looks.exchange_bank(bank);
        }
        let Some(desk) = &self.bank_desk else { return };
        while let Ok(bank) = desk.banks.try_recv() {
            self.arrivals.push(Arrival::Bank(Arc::clone(&bank)));
            // Where there is no room the old bank is freed here: slower, not wrong.
            let _ = desk.retired.try_send(self.looks.exchange_bank(bank));
        }
    }

    /// Publishes the state where it is due.
    pub(super) fn publish_state(&mut self, slot: u64) {
        let Some(mut state) = self.state.take() else { return };
        if slot >= self.state_due {
            let every = (STATE_EVERY_SECS * self.canvas.rate.hertz()).round().max(1.0);
            self.state_due = slot + every as u64;
            self.fill_state(slot, state.input_buffer_mut());
            state.publish();
        }
        self.state = Some(state);
    }

    fn fill_state(&self, slot: u64, out: &mut State) {
        out.slot = slot;
        out.saves_asked = self.saves_asked;
        out.presets_asked = self.presets_asked;
        out.updates_asked = self.updates_asked;
        out.kept_changes = self.kept_changes;
        out.clip = self.clip;
        out.clips = self.clips.len();
        out.beats = self.hands.tempo.beat.beats();
        out.is_demo = self.score.is_playing();
        out.base.copy_from(self.store.base());
        self.own.copy_to(self.clip, self.store.base(), &mut out.own);
        for (clip, place) in out.positions.iter_mut().enumerate().take(self.playheads.len()) {
            *place = self.position_of(clip);
        }
        out.filled = self.looks.filled();
        for (kept, snapshot) in out.snapshots.iter_mut().zip(self.looks.snapshots()) {
            kept.copy_from(snapshot);
        }
        out.excluded.copy_from_slice(self.looks.excluded());
        out.habits.copy_from(self.hands.gestures.habits());
    }
}

/// Whether a row may be excluded: the looks.
pub fn may_be_excluded(row: &crate::params::ParamSpec) -> bool {
    is_look(row)
}
