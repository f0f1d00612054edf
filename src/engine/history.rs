//! What performers changed, step by step, for undo and redo.
//!
//! On the engine thread, in a ring of fixed size: the oldest steps give way. It keeps numbers, and what
//! snapshots held before others were stored in them; who obeys it is [`super::hands`].

use crate::params::{CAPACITY, ParamIndex, Snapshot, Source};
use std::collections::VecDeque;

/// Moves that are kept: a whole look is a few hundred, a turn of a knob one.
const MOVES_MAX: usize = 16_384;

/// Stored snapshots that can be taken back: 16 KiB each. With an older one goes what came before it.
const STORES_MAX: usize = 64;

/// For how long moves of one row by one hand are one step, from one to the next.
const STEP_SECS: f64 = 1.0;

/// Within which knobs and faders are moved together, by two hands or one message.
const TOGETHER_SECS: f64 = 0.1;

/// What has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A row's plain value; of the clip (from 0) whose own it was, where clips keep the row.
    Value(Option<u16>),
    /// What presses do to a row: the place in [`Gesture::ALL`](crate::params::Gesture::ALL).
    Gesture,
    /// What a row waits for: the place in [`Grid::ALL`](crate::params::Grid::ALL).
    Grid,
    /// Whether presets and snapshots leave a row alone: 1 or 0.
    Exclusion,
    /// What a snapshot (from 0) holds. What it held at the other side of the step is kept beside.
    Stored {
        /// Which snapshot.
        snapshot: u8,
        /// Where its other contents are kept.
        kept: u8,
    },
}

/// One row's move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Move {
    /// The row.
    pub param: ParamIndex,
    /// What of it.
    pub what: What,
    /// Plain value, or number, before.
    pub before: f64,
    /// The same after.
    pub after: f64,
    step: u64,
}

/// What a snapshot does not hold now, but did on the other side of a step.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// The looks.
    pub looks: Snapshot,
    /// Whether it held anything.
    pub is_filled: bool,
}

/// What leads a step: whatever the same hand moves next there belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lead {
    param: ParamIndex,
    clip: Option<u16>,
    source: Source,
    slot: u64,
    /// Whether it is turned rather than struck.
    is_turned: bool,
}

/// The steps.
#[derive(Debug)]
pub(super) struct History {
    moves: VecDeque<Move>,
    /// Moves from the oldest on that have not been undone.
    done: usize,
    step: u64,
    lead: Option<Lead>,
    /// By row: the step of its last move, and which move that is, counted from the first ever.
    latest: Vec<(u64, u64)>,
    /// Moves that have given way.
    gone: u64,
    /// By turns for every snapshot that is stored.
    kept: Vec<Kept>,
    next_kept: usize,
    merge_slots: u64,
    together_slots: u64,
}

impl History {
    /// At `hertz` slots a second; snapshots have the size of `base`.
    pub fn new(base: &Snapshot, hertz: f64) -> Self {
        let kept = vec![Kept { looks: base.clone(), is_filled: false }; STORES_MAX];
        Self {
            kept,
            next_kept: 0,
            moves: VecDeque::with_capacity(MOVES_MAX),
            done: 0,
            step: 0,
            lead: None,
            latest: vec![(0, 0); CAPACITY],
            gone: 0,
            merge_slots: (STEP_SECS * hertz).round() as u64,
            together_slots: (TOGETHER_SECS * hertz).round() as u64,
        }
    }

    /// Without room for any step; stands in while the true one is read.
    pub fn none() -> Self {
        let (moves, latest, kept) = (VecDeque::new(), Vec::new(), Vec::new());
        Self {
            kept,
            next_kept: 0,
            moves,
            done: 0,
            step: 0,
            lead: None,
            latest,
            gone: 0,
            merge_slots: 0,
            together_slots: 0,
        }
    }

    /// A hand is about to move a row at this slot: another step, or more of the last one. What is
    /// turned (`is_turned`) together with something else, by the same source, is one step with it
    /// for as long as that goes on.
    pub fn lead(
        &mut self,
        (param, clip): (ParamIndex, Option<u16>),
        source: Source,
        slot: u64,
        is_turned: bool,
    ) {
        let lead = Lead { param, clip, source, slot, is_turned };
        let is_of_step = self.latest[param.dense()].0 == self.step;
        let goes_on = self.lead.is_some_and(|last| {
            let since = slot.saturating_sub(last.slot);
            let is_together = is_turned && last.is_turned && source == last.source;
            let is_same = lead == Lead { slot, ..last };
            (since <= self.merge_slots && (is_same || is_together && is_of_step))
                || (since <= self.together_slots && is_together)
        });
        if !goes_on {
            self.step += 1;
        }
        self.lead = Some(lead);
    }

    /// Something changes that is a step of its own.
    pub fn begin(&mut self) {
        self.step += 1;
        self.lead = None;
    }

    /// A row's value has moved, in the step that has begun. Moves of one row in one step are one.
    pub fn note(&mut self, param: ParamIndex, clip: Option<u16>, before: f64, after: f64) {
        self.note_what(param, What::Value(clip), before, after);
    }

    /// The same for whatever of the row has moved.
    pub fn note_what(&mut self, param: ParamIndex, what: What, before: f64, after: f64) {
        self.forget_undone();
        let step = self.step;
        let (of, number) = self.latest[param.dense()];
        let place = number.checked_sub(self.gone).filter(|_| of == step);
        let same = place.and_then(|place| self.moves.get_mut(place as usize));
        match same.filter(|made| made.param == param && made.what == what) {
            Some(made) => made.after = after,
            None if before == after => {}
            None => self.push(Move { param, what, before, after, step }),
        }
    }

    /// A snapshot (from 0), whose row of storing is `param`, is about to be stored; `looks` is what it
    /// holds until then. In the step that has begun.
    pub fn note_stored(&mut self, param: ParamIndex, snapshot: u8, looks: &Snapshot, filled: bool) {
        self.forget_undone();
        let place = self.next_kept;
        // Where all have had their turn, the oldest step of that place gives way.
        let kept = place as u8;
        let is_in = |made: &Move| matches!(made.what, What::Stored { kept: of, .. } if of == kept);
        while self.moves.iter().any(is_in) {
            self.drop_oldest();
        }
        if let Some(room) = self.kept.get_mut(place) {
            room.looks.copy_from(looks);
            room.is_filled = filled;
            self.next_kept = (place + 1) % self.kept.len();
            let what = What::Stored { snapshot, kept };
            self.push(Move { param, what, before: 0.0, after: 0.0, step: self.step });
        }
    }

    /// A switch that was held has been let go: where it was turned on by itself, neither was a step.
    /// Returns whether that was so.
    pub fn cancel(&mut self, param: ParamIndex, clip: Option<u16>, after: f64) -> bool {
        self.forget_undone();
        let what = What::Value(clip);
        let last = self.moves.iter().rposition(|made| made.param == param && made.what == what);
        let Some((place, made)) = last.and_then(|at| Some((at, *self.moves.get(at)?))) else {
            return false;
        };
        let is_of = |at: Option<usize>| at.and_then(|at| self.moves.get(at)).map(|made| made.step);
        let is_alone = is_of(place.checked_sub(1)) != Some(made.step)
            && is_of(Some(place + 1)) != Some(made.step);
        if made.before != after || !is_alone {
            return false;
        }
        self.moves.remove(place);
        self.done = self.moves.len();
        self.lead = None;
        true
    }

    /// Takes the last step back: gives its moves to `put`, the last first, which sets `before`; where a
    /// snapshot was stored, with what it held, which is exchanged for what it holds. Returns whether there
    /// was one.
    pub fn undo(&mut self, mut put: impl FnMut(&Move, Option<&mut Kept>)) -> bool {
        let last = self.done.checked_sub(1).and_then(|last| self.moves.get(last));
        let Some(step) = last.map(|made| made.step) else { return false };
        while let Some(place) = self.done.checked_sub(1)
            && self.moves[place].step == step
        {
            let made = &self.moves[place];
            put(made, kept_of(&mut self.kept, made));
            self.done = place;
        }
        self.lead = None;
        true
    }

    /// Makes the step again that was taken back last: gives its moves to `put`, which sets `after`, or
    /// exchanges as [`Self::undo`] does. Returns whether there was one.
    pub fn redo(&mut self, mut put: impl FnMut(&Move, Option<&mut Kept>)) -> bool {
        let Some(step) = self.moves.get(self.done).map(|made| made.step) else { return false };
        while let Some(made) = self.moves.get(self.done).filter(|made| made.step == step) {
            put(made, kept_of(&mut self.kept, made));
            self.done += 1;
        }
        self.lead = None;
        true
    }

    /// Something new has been done: what was taken back is gone.
    fn forget_undone(&mut self) {
        self.moves.truncate(self.done);
    }

    /// The oldest step gives way, whole. Called where nothing is undone.
    fn drop_oldest(&mut self) {
        let Some(oldest) = self.moves.front().map(|made| made.step) else { return };
        while self.moves.front().is_some_and(|made| made.step == oldest) {
            self.moves.pop_front();
            self.gone += 1;
        }
        self.done = self.moves.len();
    }

    fn push(&mut self, made: Move) {
        if self.moves.len() == MOVES_MAX {
            self.drop_oldest();
        }
        self.latest[made.param.dense()] = (made.step, self.gone + self.moves.len() as u64);
        self.moves.push_back(made);
        self.done = self.moves.len();
    }
}

/// What is kept for a move.
fn kept_of<'a>(kept: &'a mut [Kept], made: &Move) -> Option<&'a mut Kept> {
    match made.what {
        What::Stored { kept: place, .. } => kept.get_mut(usize::from(place)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{ParamSpec, Registry};

    fn rows(count: usize) -> Vec<ParamIndex> {
        let row = |number| ParamSpec::float(number, "T", "", (0.0, 1e6), 0.0);
        let specs: Vec<_> = (0..count).map(|number| row(format!("many.{number}").leak())).collect();
        let registry = Registry::join(&[&specs]).expect("rows");
        specs.iter().map(|row| registry.index_of(row)).collect()
    }

    fn taken(history: &mut History, is_redo: bool) -> Vec<(usize, f64)> {
        let mut taken = Vec::new();
        match is_redo {
            false => history.undo(|made, _| taken.push((made.param.dense(), made.before))),
            true => history.redo(|made, _| taken.push((made.param.dense(), made.after))),
        };
        taken
    }

    #[test]
    fn moves_within_a_second_by_one_hand_are_one_step() {
        let rows = rows(2);
        let mut history = History::new(&Snapshot::default(), 30.0);
        let mut turn = |row: usize, source, slot, before, after| {
            history.lead((rows[row], None), source, slot, false);
            history.note(rows[row], None, before, after);
        };
        turn(0, Source::Midi, 0, 0.0, 1.0);
        turn(0, Source::Midi, 30, 1.0, 2.0);
        // A second and a tick later; another hand; another row.
        turn(0, Source::Midi, 61, 2.0, 3.0);
        turn(0, Source::Osc, 62, 3.0, 4.0);
        turn(1, Source::Osc, 63, 0.0, 5.0);
        turn(0, Source::Osc, 64, 4.0, 6.0);
        for (row, before) in [(0, 4.0), (1, 0.0), (0, 3.0), (0, 2.0), (0, 0.0)] {
            assert_eq!(taken(&mut history, false), [(row, before)]);
        }
        assert_eq!(taken(&mut history, false), []);
        assert_eq!(taken(&mut history, true), [(0, 2.0)]);
        assert_eq!(taken(&mut history, true), [(0, 3.0)]);
        // Something new: what was taken back is gone.
        history.lead((rows[1], None), Source::Osc, 65, false);
        history.note(rows[1], None, 0.0, 7.0);
        assert_eq!(taken(&mut history, true), []);
        assert_eq!(taken(&mut history, false), [(1, 0.0)]);
        assert_eq!(taken(&mut history, false), [(0, 2.0)]);
    }

    #[test]
    fn two_faders_that_are_moved_together_are_one_step() {
        let rows = rows(3);
        let mut history = History::new(&Snapshot::default(), 30.0);
        let mut turn = |row: usize, source, slot, before: f64| {
            history.lead((rows[row], None), source, slot, true);
            history.note(rows[row], None, before, before + 1.0);
        };
        for slot in 0..24 {
            turn(0, Source::Midi, slot, slot as f64);
            turn(1, Source::Midi, slot, slot as f64);
        }
        // One of them rests for half a second; another comes later, and is another movement.
        turn(1, Source::Midi, 38, 24.0);
        turn(2, Source::Midi, 44, 0.0);
        // Another hand at the same time.
        turn(0, Source::Osc, 44, 24.0);
        assert_eq!(taken(&mut history, false), [(0, 24.0)]);
        assert_eq!(taken(&mut history, false), [(2, 0.0)]);
        assert_eq!(taken(&mut history, false), [(1, 0.0), (0, 0.0)]);
        assert_eq!(taken(&mut history, false), []);
    }

    #[test]
    fn a_step_has_many_rows_and_goes_back_the_last_first() {
        let rows = rows(3);
        let mut history = History::new(&Snapshot::default(), 30.0);
        history.begin();
        for (row, after) in [(0, 1.0), (1, 2.0), (0, 3.0), (2, 0.0)] {
            history.note(rows[row], None, 0.0, after);
        }
        // The same row of another clip is another value.
        history.note(rows[0], Some(1), 0.5, 4.0);
        assert_eq!(taken(&mut history, false), [(0, 0.5), (1, 0.0), (0, 0.0)]);
        assert_eq!(taken(&mut history, true), [(0, 3.0), (1, 2.0), (0, 4.0)]);
    }

    #[test]
    fn the_oldest_steps_give_way_whole() {
        let rows = rows(3);
        let mut history = History::new(&Snapshot::default(), 30.0);
        let (steps, capacity) = (MOVES_MAX, history.moves.capacity());
        for step in 0..steps {
            history.begin();
            for row in &rows {
                history.note(*row, None, step as f64, (step + 1) as f64);
            }
        }
        assert_eq!(history.moves.capacity(), capacity, "it has grown");
        let mut last = f64::NAN;
        let mut undone = 0;
        loop {
            let moves = taken(&mut history, false);
            if moves.is_empty() {
                break;
            }
            assert_eq!(moves.len(), 3, "a step lost a part");
            undone += 1;
            last = moves[0].1;
        }
        assert_eq!((undone, last), (MOVES_MAX / 3, (steps - MOVES_MAX / 3) as f64));
    }

    #[test]
    fn what_snapshots_held_is_exchanged_and_the_oldest_give_way() {
        let rows = rows(2);
        let mut history = History::new(&Snapshot::default(), 30.0);
        let stores = STORES_MAX + 3;
        for number in 0..stores {
            // Beside each a move of a row in a step of its own.
            history.begin();
            history.note(rows[0], None, number as f64, number as f64 + 1.0);
            history.begin();
            history.note_stored(rows[1], 3, &Snapshot::default(), number % 2 == 0);
        }
        let mut seen = Vec::new();
        let mut moves = 0;
        while history.undo(|made, kept| {
            moves += 1;
            seen.extend(kept.map(|kept| std::mem::replace(&mut kept.is_filled, true)));
            assert_eq!(made.what == What::Stored { snapshot: 3, kept: 0 }, moves % 128 == 5);
        }) {}
        let expected: Vec<bool> = (3..stores).rev().map(|number| number % 2 == 0).collect();
        assert_eq!(seen, expected);
        // With the third store goes the move before it; the one after it is still there.
        assert_eq!(moves, 2 * STORES_MAX);
        let mut again = Vec::new();
        while history.redo(|_, kept| again.extend(kept.map(|kept| kept.is_filled))) {}
        assert_eq!(again, vec![true; STORES_MAX]);
    }

    #[test]
    fn a_switch_that_was_held_leaves_no_step() {
        let rows = rows(2);
        let mut history = History::new(&Snapshot::default(), 30.0);
        let mut turn = |row: usize, slot, before, after| {
            history.lead((rows[row], None), Source::Osc, slot, false);
            history.note(rows[row], None, before, after);
        };
        turn(1, 0, 0.0, 9.0);
        turn(0, 100, 0.0, 1.0);
        turn(1, 200, 9.0, 5.0);
        assert!(history.cancel(rows[0], None, 0.0));
        assert!(!history.cancel(rows[0], None, 0.0));
        assert!(!history.cancel(rows[1], None, 0.0), "that would not put it back");
        assert_eq!(taken(&mut history, false), [(1, 9.0)]);
        assert_eq!(taken(&mut history, false), [(1, 0.0)]);
        assert_eq!(taken(&mut history, false), []);
    }
}
