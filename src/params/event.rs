//! What moves parameters: events from every hand, through one bounded queue.

use super::registry::ParamIndex;
use crossbeam::queue::ArrayQueue;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Events that may wait for the next tick. At 30 ticks a second this takes 120,000 events a second,
/// more than the fastest controller or a flood of small datagrams brings; 24 bytes each.
pub const QUEUE_CAPACITY: usize = 4096;

/// What an event does to its parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Sets the plain value (clamped to the range, and counted when it had to be).
    Plain(f64),
    /// Sets the value from a controller's 0..=1.
    Normalised(f64),
    /// Moves the normalised value by this much, for encoders and arrow keys.
    Nudge(f64),
    /// Turns a bool round.
    Toggle,
    /// Fires a trigger.
    Fire,
}

/// Where an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The command line, a set or a preset, before or while playing.
    File,
    /// The keyboard, in any window.
    Keys,
    /// The control window.
    Window,
    /// A MIDI port.
    Midi,
    /// OSC.
    Osc,
    /// The demonstration that plays until a person touches something.
    Demo,
}

impl Source {
    /// Whether a person did this.
    pub fn is_person(self) -> bool {
        !matches!(self, Source::File | Source::Demo)
    }
}

/// One change of one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlEvent {
    /// Which parameter.
    pub param: ParamIndex,
    /// What happens to it.
    pub change: Change,
    /// Who did it.
    pub source: Source,
}

/// Counted, never silent: what controllers sent and the instrument could not take as it was.
#[derive(Debug, Default)]
pub struct Counters {
    /// Events refused because the queue was full.
    pub refused: AtomicU64,
    /// Values outside their range, clamped.
    pub clamped: AtomicU64,
    /// Messages of any protocol that could not be understood.
    pub malformed: AtomicU64,
    /// Messages understood but for no parameter.
    pub unknown: AtomicU64,
}

impl Counters {
    /// Adds one to one of the counters.
    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// The queue between all hands and the engine. Clones share one queue; no call blocks or allocates.
#[derive(Clone, Debug)]
pub struct ControlQueue {
    events: Arc<ArrayQueue<ControlEvent>>,
    counters: Arc<Counters>,
}

impl Default for ControlQueue {
    fn default() -> Self {
        Self {
            events: Arc::new(ArrayQueue::new(QUEUE_CAPACITY)),
            counters: Arc::new(Counters::default()),
        }
    }
}

impl ControlQueue {
    /// Queues an event for the next tick; when the queue is full it is refused and counted.
    pub fn send(&self, event: ControlEvent) -> bool {
        let taken = self.events.push(event).is_ok();
        if !taken {
            Counters::count(&self.counters.refused);
        }
        taken
    }

    /// Events waiting now.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether none is waiting.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The next event, in order of arrival. Called by the engine only.
    pub fn pop(&self) -> Option<ControlEvent> {
        self.events.pop()
    }

    /// What could not be taken.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
