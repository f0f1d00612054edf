//! Events of one batch of messages, thinned so that a flood of values does not fill the queue.
//!
//! Of several values of one parameter the latest stays; but never across an event that cannot be
//! replaced (a trigger, a toggle, a nudge), since what was set before it must be in force when it
//! happens. Used by the threads of `osc` and `midi`, one each.

use super::ear::Notes;
use crate::params::{
    CAPACITY, Change, ControlEvent, ControlQueue, Kind, ParamIndex, QUEUE_CAPACITY, Registry,
    Source,
};
use std::sync::Arc;

/// Messages taken into one batch before it goes to the queue, so that a sender that never pauses
/// does not hold back what it sent first. At most this many events, a quarter of the queue.
pub(super) const BATCH_MESSAGES: usize = 1024;

/// Events on their way to the queue.
#[derive(Debug)]
pub(super) struct Batch {
    registry: Arc<Registry>,
    queue: ControlQueue,
    source: Source,
    events: Vec<ControlEvent>,
    /// By parameter: where its latest value stands in `events`, where that is at or after `fence`.
    latest: Vec<Option<usize>>,
    /// Events before this place stand as they are.
    fence: usize,
    /// What was taken in since somebody asked to have it noted.
    notes: Option<Notes>,
}

impl Batch {
    /// An empty batch. Events that it sends have this source.
    pub(super) fn new(registry: Arc<Registry>, queue: ControlQueue, source: Source) -> Self {
        let latest = vec![None; CAPACITY];
        Self {
            registry,
            queue,
            source,
            events: Vec::with_capacity(BATCH_MESSAGES),
            latest,
            fence: 0,
            notes: None,
        }
    }

    /// The queue that the events go to.
    pub(super) fn queue(&self) -> &ControlQueue {
        &self.queue
    }

    /// Notes what is taken in from now on, for people.
    pub(super) fn note_all(&mut self) {
        self.notes = Some(Notes::default());
    }

    /// Notes a change that is taken in later.
    pub(super) fn note(&mut self, param: ParamIndex, change: Change) {
        if let Some(notes) = &mut self.notes {
            notes.add(param, change);
        }
    }

    /// What was noted, where that was asked for; nothing is noted any more.
    pub(super) fn noted(&mut self) -> Option<Notes> {
        self.notes.take()
    }

    /// Takes one change in.
    pub(super) fn push(&mut self, param: ParamIndex, change: Change) {
        self.push_as(param, change, self.source);
    }

    /// Takes one change in that comes from elsewhere.
    pub(super) fn push_as(&mut self, param: ParamIndex, change: Change, source: Source) {
        self.note(param, change);
        let event = ControlEvent { param, change, source };
        let is_value = matches!(change, Change::Plain(_) | Change::Normalised(_))
            && !matches!(self.registry.row(param).kind, Kind::Trigger);
        if !is_value {
            self.events.push(event);
            self.fence = self.events.len();
        } else {
            let latest = &mut self.latest[param.dense()];
            match latest.filter(|place| *place >= self.fence) {
                Some(place) => self.events[place] = event,
                None => {
                    *latest = Some(self.events.len());
                    self.events.push(event);
                }
            }
        }
        if self.events.len() >= BATCH_MESSAGES {
            self.send();
        }
    }

    /// Sends what was gathered, unless the queue is half full: then the tick is behind, and what
    /// comes meanwhile is thinned here rather than refused there. Returns whether it was sent.
    pub(super) fn send_with_room(&mut self) -> bool {
        let has_room = self.queue.len() <= QUEUE_CAPACITY / 2;
        if has_room {
            self.send();
        }
        has_room
    }

    /// Sends what was gathered.
    pub(super) fn send(&mut self) {
        for event in self.events.drain(..) {
            self.queue.send(event);
        }
        self.latest.fill(None);
        self.fence = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;
    use proptest::prelude::*;

    const ROWS: [ParamSpec; 3] = [
        ParamSpec::float("t.a", "A", "", (0.0, 1000.0), 0.0),
        ParamSpec::float("t.b", "B", "", (0.0, 1000.0), 0.0),
        ParamSpec::trigger("t.fire", "Fire", ""),
    ];

    #[test]
    fn while_the_queue_is_half_full_values_are_thinned_and_none_is_refused() {
        let mut batch = batch();
        let registry = Arc::clone(&batch.registry);
        let (param, _) = registry.iter().next().expect("a row");
        for value in 0..20_000 {
            batch.push(param, Change::Plain(f64::from(value)));
            batch.send_with_room();
        }
        assert!(!batch.send_with_room());
        assert_eq!(batch.queue.counters().refused.load(std::sync::atomic::Ordering::Relaxed), 0);
        while batch.queue.pop().is_some() {}
        assert_eq!(sent(&mut batch), [(0, Change::Plain(19_999.0))]);
    }

    fn batch() -> Batch {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        Batch::new(registry, ControlQueue::default(), Source::Osc)
    }

    fn sent(batch: &mut Batch) -> Vec<(usize, Change)> {
        batch.send();
        std::iter::from_fn(|| batch.queue.pop())
            .map(|queued| queued.event)
            .map(|event| (event.param.dense(), event.change))
            .collect()
    }

    #[test]
    fn the_latest_value_stays_but_never_across_a_trigger() {
        let mut batch = batch();
        let registry = Arc::clone(&batch.registry);
        let [a, b, fire] = ROWS.map(|row| registry.index_of(&row));
        for (param, change) in [
            (a, Change::Plain(1.0)),
            (b, Change::Plain(2.0)),
            (a, Change::Plain(3.0)),
            (fire, Change::Fire),
            (a, Change::Plain(4.0)),
            (a, Change::Plain(5.0)),
            (fire, Change::Fire),
            (fire, Change::Plain(0.0)),
        ] {
            batch.push(param, change);
        }
        let expected = vec![
            (0, Change::Plain(3.0)),
            (1, Change::Plain(2.0)),
            (2, Change::Fire),
            (0, Change::Plain(5.0)),
            (2, Change::Fire),
            (2, Change::Plain(0.0)),
        ];
        assert_eq!(sent(&mut batch), expected);
        assert_eq!(sent(&mut batch), vec![]);
    }

    #[test]
    fn a_flood_of_values_leaves_the_queue_room() {
        let mut batch = batch();
        let a = batch.registry.index_of(&ROWS[0]);
        for value in 0..100_000 {
            batch.push(a, Change::Plain(f64::from(value)));
        }
        assert_eq!(sent(&mut batch), vec![(0, Change::Plain(99_999.0))]);
    }

    proptest! {
        /// Values in force whenever a trigger fires, and at the end, are those of the whole
        /// sequence: a plain replay is the truth.
        #[test]
        fn thinning_changes_nothing_that_can_be_seen(
            sequence in prop::collection::vec((0_usize..3, 0_u8..50), 0..300)
        ) {
            fn replay(events: &[(usize, Change)]) -> Vec<[f64; 2]> {
                let mut values = [0.0; 2];
                let mut seen = Vec::new();
                for (param, change) in events {
                    match (param, change) {
                        (2, _) => seen.push(values),
                        (param, Change::Plain(value)) => values[*param] = *value,
                        _ => {}
                    }
                }
                seen.push(values);
                seen
            }
            let mut batch = batch();
            let registry = Arc::clone(&batch.registry);
            let mut whole = Vec::new();
            for (param, value) in sequence {
                let change =
                    if param == 2 { Change::Fire } else { Change::Plain(f64::from(value)) };
                whole.push((param, change));
                batch.push(registry.index_of(&ROWS[param]), change);
            }
            prop_assert_eq!(replay(&sent(&mut batch)), replay(&whole));
        }
    }
}
