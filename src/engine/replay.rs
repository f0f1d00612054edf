//! A take that plays: its events, and what came into its ticks at its own time.
//!
//! Lives on the engine thread; nothing is allocated after it is made. Exactly replayed
//! ([`ReplayKind::Exact`]) every tick is what it was: events enter the same tick, coded pictures and clips
//! arrive in the same tick and are waited for, what was late or missing then is late or missing now.
//! As a part of a performance ([`ReplayKind::Overdub`]) only the events are played, at their slots, and
//! a row that a person touches is the person's from then on.

use super::{
    clean::CleanScript, grabs::GrabScript, instrument::Engine, looks::Bank, report::Arrival,
};
use crate::{
    clip::Clip,
    params::{CAPACITY, ControlEvent, ParamIndex},
    ports::DecoderMaker,
};
use std::{mem::discriminant, sync::Arc, time::Duration};

/// Arrivals of one tick at most: beyond it the list grows.
const DUE_MAX: usize = 64;

/// How a take is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayKind {
    /// As it was, held slots included.
    Exact,
    /// As it was, without the held slots.
    Steady,
    /// The events alone, beside a performer.
    Overdub,
}

/// The events and arrivals of a take, by slot.
#[derive(Debug)]
pub struct Replay {
    kind: ReplayKind,
    slots: u64,
    events: Vec<(u64, ControlEvent, Duration)>,
    next_event: usize,
    arrivals: Vec<(u64, Arrival)>,
    next_arrival: usize,
    /// Late slots as first and last, in order.
    late: Vec<(u64, u64)>,
    /// Slots in which a tick began whose picture was late, and those in which a decoder failed.
    begun: Vec<u64>,
    failed: Vec<u64>,
    /// What this tick has of the arrivals, as long as nobody has asked for it.
    due: Vec<Arrival>,
    /// Rows that a person has touched.
    taken_over: Vec<bool>,
    /// Rows that nobody takes over.
    shared: Vec<bool>,
}

impl Replay {
    /// A take of `slots` slots: its events, arrivals, and late slots (first and last of each run).
    /// What belongs to one slot stays in the order given.
    pub fn new(
        kind: ReplayKind,
        slots: u64,
        mut events: Vec<(u64, ControlEvent, Duration)>,
        mut arrivals: Vec<(u64, Arrival)>,
        mut late: Vec<(u64, u64)>,
    ) -> Self {
        events.sort_by_key(|(slot, ..)| *slot);
        arrivals.sort_by_key(|(slot, _)| *slot);
        late.sort_unstable();
        let of = |wanted: Arrival| -> Vec<u64> {
            let is_wanted = |(_, arrival): &&(u64, Arrival)| is_same(arrival, &wanted);
            arrivals.iter().filter(is_wanted).map(|(slot, _)| *slot).collect()
        };
        Self {
            kind,
            slots,
            begun: of(Arrival::Begun),
            failed: of(Arrival::DecoderFailed),
            events,
            next_event: 0,
            arrivals: if kind == ReplayKind::Overdub { Vec::new() } else { arrivals },
            next_arrival: 0,
            late: if kind == ReplayKind::Overdub { Vec::new() } else { late },
            due: Vec::with_capacity(DUE_MAX),
            taken_over: vec![false; CAPACITY],
            shared: vec![false; CAPACITY],
        }
    }

    /// Slots from the start of the take to its end.
    pub fn slots(&self) -> u64 {
        self.slots
    }

    /// Whether every tick is what it was.
    pub fn is_exact(&self) -> bool {
        self.kind != ReplayKind::Overdub
    }

    /// Whether held slots are left out.
    pub fn is_steady(&self) -> bool {
        self.kind == ReplayKind::Steady
    }

    /// Rows that take and person go on sharing whoever touches them: triggers.
    pub fn share(&mut self, rows: impl Iterator<Item = ParamIndex>) {
        for row in rows {
            if let Some(shared) = self.shared.get_mut(row.dense()) {
                *shared = true;
            }
        }
    }

    /// The row is the person's from now on.
    pub fn take_over(&mut self, row: ParamIndex) {
        if self.kind == ReplayKind::Overdub
            && !self.shared[row.dense()]
            && let Some(taken_over) = self.taken_over.get_mut(row.dense())
        {
            *taken_over = true;
        }
    }

    /// The next event due at this slot, and when it was sent.
    pub(super) fn next(&mut self, slot: u64) -> Option<(ControlEvent, Duration)> {
        while let Some((of, event, at)) = self.events.get(self.next_event) {
            if *of > slot {
                return None;
            }
            self.next_event += 1;
            if !self.taken_over.get(event.param.dense()).is_some_and(|is_taken| *is_taken) {
                return Some((*event, *at));
            }
        }
        None
    }

    /// A clip that arrived in this tick.
    pub(super) fn take_clip(&mut self) -> Option<Arc<Clip>> {
        let place = self.due.iter().position(|due| matches!(due, Arrival::Clip(_)))?;
        match self.due.remove(place) {
            Arrival::Clip(clip) => Some(clip),
            _ => None,
        }
    }

    /// The presets that came in this tick.
    pub(super) fn take_bank(&mut self) -> Option<Arc<Bank>> {
        let place = self.due.iter().position(|due| matches!(due, Arrival::Bank(_)))?;
        match self.due.remove(place) {
            Arrival::Bank(bank) => Some(bank),
            _ => None,
        }
    }

    /// Whether the slot only repeats the picture before: no tick began in it, and none ended.
    pub(super) fn is_skipped(&self, slot: u64) -> bool {
        let place = self.late.partition_point(|(first, _)| *first <= slot);
        let is_late = place.checked_sub(1).is_some_and(|place| slot <= self.late[place].1);
        is_late
            && self.begun.binary_search(&slot).is_err()
            && self.failed.binary_search(&slot).is_err()
    }

    /// Whether a tick began in the slot whose picture came in a later one.
    pub(super) fn is_begun_only(&self, slot: u64) -> bool {
        self.is_exact()
            && self.begun.binary_search(&slot).is_ok()
            && self.failed.binary_search(&slot).is_err()
    }

    /// Brings forth what is due at this slot.
    fn begin(&mut self, slot: u64) {
        self.due.clear();
        while let Some((_, arrival)) =
            self.arrivals.get(self.next_arrival).filter(|(of, _)| *of <= slot)
        {
            self.next_arrival += 1;
            self.due.push(arrival.clone());
        }
    }

    fn take(&mut self, wanted: &Arrival) -> Option<Arrival> {
        let place = self.due.iter().position(|due| is_same(due, wanted))?;
        Some(self.due.remove(place))
    }

    fn count(&self, wanted: &Arrival) -> usize {
        self.due.iter().filter(|due| is_same(due, wanted)).count()
    }
}

/// Whether both are of one kind.
fn is_same(one: &Arrival, other: &Arrival) -> bool {
    discriminant(one) == discriminant(other)
}

impl<M: DecoderMaker> Engine<M> {
    /// Whether a take says of every tick what it was.
    pub(super) fn is_replayed_exactly(&self) -> bool {
        self.replay.as_ref().is_some_and(Replay::is_exact)
    }

    /// Lets the tick of `slot` be what the take says.
    pub(super) fn begin_replay(&mut self, slot: u64) {
        let Some(replay) = self.replay.as_mut().filter(|replay| replay.is_exact()) else { return };
        replay.begin(slot);
        self.grabs.follow(GrabScript {
            answers: replay.count(&Arrival::Grab { slot: 0, is_filled: true }),
            refusals: replay.count(&Arrival::GrabRefused),
        });
        self.clean.obey(CleanScript {
            has_no_decoder: replay.count(&Arrival::NoCleanDecoder) > 0,
            is_late: replay.count(&Arrival::CleanLate) > 0,
        });
    }

    /// Whether the take says that this happened in this tick; asked once for each time it did.
    pub(super) fn takes(&mut self, wanted: &Arrival) -> bool {
        self.replay.as_mut().and_then(|replay| replay.take(wanted)).is_some()
    }

    /// The slot of the programme picture that was grabbed, where a take says it.
    pub(super) fn take_programme_slot(&mut self) -> Option<Option<u64>> {
        match self.replay.as_mut()?.take(&Arrival::GrabOf(None))? {
            Arrival::GrabOf(slot) => Some(slot),
            _ => None,
        }
    }
}
