//! What performers changed, step by step, for undo and redo.
//!
//! On the engine thread, in a ring of fixed size: the oldest steps give way. It keeps numbers only;
//! who obeys them is [`super::hands`].

use crate::params::{CAPACITY, ParamIndex, Source};
use std::collections::VecDeque;

/// Moves that are kept: a whole look is a few hundred, a turn of a knob one.
const MOVES_MAX: usize = 16_384;

/// For how long moves of one row by one hand are one step, from one to the next.
const STEP_SECS: f64 = 1.0;

/// One row's move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Move {
    /// The row.
    pub param: ParamIndex,
    /// The clip (from 0) whose own value it was, where clips keep the row.
    pub clip: Option<u16>,
    /// Plain value before.
    pub before: f64,
    /// Plain value after.
    pub after: f64,
    step: u64,
}

/// What leads a step: whatever the same hand moves next there belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lead {
    param: ParamIndex,
    clip: Option<u16>,
    source: Source,
    slot: u64,
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
    merge_slots: u64,
}

impl History {
    /// At `hertz` slots a second.
    pub fn new(hertz: f64) -> Self {
        Self {
            moves: VecDeque::with_capacity(MOVES_MAX),
            done: 0,
            step: 0,
            lead: None,
            latest: vec![(0, 0); CAPACITY],
            gone: 0,
            merge_slots: (STEP_SECS * hertz).round() as u64,
        }
    }

    /// Without room for any step; stands in while the true one is read.
    pub fn none() -> Self {
        let (moves, latest) = (VecDeque::new(), Vec::new());
        Self { moves, done: 0, step: 0, lead: None, latest, gone: 0, merge_slots: 0 }
    }

    /// A hand is about to move a row at this slot: another step, or more of the last one.
    pub fn lead(&mut self, param: ParamIndex, clip: Option<u16>, source: Source, slot: u64) {
        let lead = Lead { param, clip, source, slot };
        let goes_on = self.lead.is_some_and(|last| {
            slot.saturating_sub(last.slot) <= self.merge_slots && lead == Lead { slot, ..last }
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

    /// A row has moved, in the step that has begun. Moves of one row in one step are one.
    pub fn note(&mut self, param: ParamIndex, clip: Option<u16>, before: f64, after: f64) {
        self.forget_undone();
        let step = self.step;
        let (of, number) = self.latest[param.dense()];
        let place = number.checked_sub(self.gone).filter(|_| of == step);
        let same = place.and_then(|place| self.moves.get_mut(place as usize));
        match same.filter(|made| made.param == param && made.clip == clip) {
            Some(made) => made.after = after,
            None if before == after => {}
            None => self.push(Move { param, clip, before, after, step }),
        }
    }

    /// A switch that was held has been let go: where it was turned on by itself, neither was a step.
    /// Returns whether that was so.
    pub fn cancel(&mut self, param: ParamIndex, clip: Option<u16>, after: f64) -> bool {
        self.forget_undone();
        let last = self.moves.iter().rposition(|made| made.param == param && made.clip == clip);
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

    /// Takes the last step back: gives its moves to `put`, the last first, which sets `before`.
    /// Returns whether there was one.
    pub fn undo(&mut self, mut put: impl FnMut(&Move)) -> bool {
        let last = self.done.checked_sub(1).and_then(|last| self.moves.get(last));
        let Some(step) = last.map(|made| made.step) else { return false };
        while let Some(place) = self.done.checked_sub(1)
            && self.moves[place].step == step
        {
            put(&self.moves[place]);
            self.done = place;
        }
        self.lead = None;
        true
    }

    /// Makes the step again that was taken back last: gives its moves to `put`, which sets `after`.
    /// Returns whether there was one.
    pub fn redo(&mut self, mut put: impl FnMut(&Move)) -> bool {
        let Some(step) = self.moves.get(self.done).map(|made| made.step) else { return false };
        while let Some(made) = self.moves.get(self.done).filter(|made| made.step == step) {
            put(made);
            self.done += 1;
        }
        self.lead = None;
        true
    }

    /// Something new has been done: what was taken back is gone.
    fn forget_undone(&mut self) {
        self.moves.truncate(self.done);
    }

    fn push(&mut self, made: Move) {
        if self.moves.len() == MOVES_MAX
            && let Some(oldest) = self.moves.front().map(|made| made.step)
        {
            while self.moves.front().is_some_and(|made| made.step == oldest) {
                self.moves.pop_front();
                self.gone += 1;
            }
        }
        self.latest[made.param.dense()] = (made.step, self.gone + self.moves.len() as u64);
        self.moves.push_back(made);
        self.done = self.moves.len();
    }
}
