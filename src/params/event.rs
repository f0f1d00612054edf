//! What moves parameters: events from every hand, through one bounded queue.

use super::{
    gesture::{Gesture, Grid},
    registry::ParamIndex,
};
use crossbeam::queue::ArrayQueue;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Events that may wait for the next tick. At 30 ticks a second this takes 120,000 events a second,
/// more than the fastest controller or a flood of small datagrams brings; 40 bytes each.
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
    /// A button went down, with this force, 0..=1; what that does is the row's gesture.
    Press(f64),
    /// The button was let go.
    Release,
    /// What presses do to the row from now on.
    Gesture(Gesture),
    /// What the row's triggers and presses wait for from now on.
    Quantise(Grid),
    /// Whether presets and snapshots leave the row alone from now on.
    Exclude(bool),
}

impl Change {
    /// One of each, with nothing to it.
    pub const ALL: [Self; 10] = [
        Self::Plain(0.0),
        Self::Normalised(0.0),
        Self::Nudge(0.0),
        Self::Toggle,
        Self::Fire,
        Self::Press(0.0),
        Self::Release,
        Self::Gesture(Gesture::Hold),
        Self::Quantise(Grid::Off),
        Self::Exclude(false),
    ];

    /// Its name, as traces and takes have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain(_) => "plain",
            Self::Normalised(_) => "normalised",
            Self::Nudge(_) => "nudge",
            Self::Toggle => "toggle",
            Self::Fire => "fire",
            Self::Press(_) => "press",
            Self::Release => "release",
            Self::Gesture(_) => "gesture",
            Self::Quantise(_) => "quantise",
            Self::Exclude(_) => "exclude",
        }
    }
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
    /// A browser, or whoever else comes over HTTP.
    Web,
    /// A recorded gesture that plays again.
    Loop,
    /// A clock that the tempo follows.
    Clock,
    /// What is heard on the line in.
    Audio,
    /// What the machine's eye sees.
    Recognition,
}

impl Source {
    /// Whether a person did this.
    pub fn is_person(self) -> bool {
        !matches!(
            self,
            Self::File | Self::Demo | Self::Loop | Self::Clock | Self::Audio | Self::Recognition
        )
    }

    /// Whether it may move meters.
    pub fn is_instrument(self) -> bool {
        matches!(self, Self::Clock | Self::Audio | Self::Recognition)
    }

    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::File,
        Self::Keys,
        Self::Window,
        Self::Midi,
        Self::Osc,
        Self::Demo,
        Self::Web,
        Self::Loop,
        Self::Clock,
        Self::Audio,
        Self::Recognition,
    ];

    /// Its name, as traces and takes have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keys => "keys",
            Self::Window => "window",
            Self::Midi => "midi",
            Self::Osc => "osc",
            Self::Demo => "demo",
            Self::Web => "web",
            Self::Loop => "loop",
            Self::Clock => "clock",
            Self::Audio => "audio",
            Self::Recognition => "recognition",
        }
    }
}

/// No such source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no source of events")]
pub struct UnknownSource(String);

impl std::str::FromStr for Source {
    type Err = UnknownSource;

    fn from_str(name: &str) -> Result<Self, UnknownSource> {
        let found = Self::ALL.into_iter().find(|source| source.name() == name);
        found.ok_or_else(|| UnknownSource(name.to_owned()))
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

/// An event on its way, and when it was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queued {
    /// The event.
    pub event: ControlEvent,
    /// When it was sent, since the queue was made, on a clock that never goes back.
    pub at: Duration,
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
    events: Arc<ArrayQueue<Queued>>,
    counters: Arc<Counters>,
    made: Instant,
}

impl Default for ControlQueue {
    fn default() -> Self {
        Self {
            events: Arc::new(ArrayQueue::new(QUEUE_CAPACITY)),
            counters: Arc::new(Counters::default()),
            made: Instant::now(),
        }
    }
}

impl ControlQueue {
    /// Queues an event for the next tick; when the queue is full it is refused and counted.
    pub fn send(&self, event: ControlEvent) -> bool {
        let taken = self.events.push(Queued { event, at: self.now() }).is_ok();
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
    pub fn pop(&self) -> Option<Queued> {
        self.events.pop()
    }

    /// The time on the clock that events are stamped by, in whole microseconds: takes write it down,
    /// and must give the engine the same.
    pub fn now(&self) -> Duration {
        Duration::from_micros(self.made.elapsed().as_micros() as u64)
    }

    /// What could not be taken.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
