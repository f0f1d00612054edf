//! What comes in, for people: the last messages of controllers, of OSC and of browsers, and what
//! became of each.
//!
//! The threads that read them (`midi`, `osc`, those of browsers) put lines in while somebody looks on;
//! the window takes them out. Bounded, without locks: what is not taken gives way to what is newer.
//! While nobody looks on it costs a message one read of a flag. The callbacks of MIDI systems know
//! nothing of it.

use crate::params::{Change, ParamIndex};
use crossbeam::queue::ArrayQueue;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Lines that are kept: more than a screen of them is read by nobody.
pub const HEARD_KEPT: usize = 50;

/// Changes of one message that are told one by one: a pattern of OSC may mean hundreds.
const CHANGES_TOLD: usize = 4;

/// Who sent a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeardFrom {
    /// A MIDI device of this name.
    Device(String),
    /// A program, by OSC over UDP.
    Program(SocketAddr),
    /// The connection of this number, by OSC over TCP.
    Connection(usize),
    /// A browser, or whoever else came by OSCQuery.
    Browser,
}

impl std::fmt::Display for HeardFrom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(name) => f.write_str(name),
            Self::Program(address) => write!(f, "OSC from {address}"),
            Self::Connection(number) => write!(f, "OSC over TCP, connection {number}"),
            Self::Browser => f.write_str("browser"),
        }
    }
}

/// Why a message has changed nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Why {
    /// No mapping listens to it, and nothing was offered.
    #[default]
    Unmapped,
    /// A parameter waits for a control: nothing is moved meanwhile.
    Learning,
    /// The mapping is heard in another bank.
    Elsewhere {
        /// What it would move.
        param: ParamIndex,
        /// The bank in which it would.
        bank: u8,
    },
    /// The control waits to be picked up.
    Waits(ParamIndex),
    /// It is understood, and there is nothing to do: a button that was let go, a finger on a fader.
    Idle(Option<ParamIndex>),
    /// It is one half of a longer message.
    Half,
    /// It asked something of the server itself, such as `/subscribe`.
    Asked,
    /// There is no parameter of this address.
    Unknown,
    /// The address is known, the value is none of the parameter's.
    Refused,
    /// It has no legal form.
    Malformed,
}

/// What a message has done.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It went to these parameters: the first few, and how many others.
    Moves {
        /// In the order in which they were asked to change.
        first: Vec<(ParamIndex, Change)>,
        /// Beside those.
        others: usize,
    },
    /// It changed nothing.
    Nothing(Why),
}

/// A message that came.
#[derive(Clone, Debug, PartialEq)]
pub struct HeardLine {
    /// Who sent it.
    pub from: HeardFrom,
    /// What it said, for people.
    pub text: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Changes that were asked for while one message was met.
#[derive(Debug, Default)]
pub(super) struct Notes {
    first: Vec<(ParamIndex, Change)>,
    others: usize,
}

impl Notes {
    pub(super) fn add(&mut self, param: ParamIndex, change: Change) {
        match self.first.len() < CHANGES_TOLD {
            true => self.first.push((param, change)),
            false => self.others += 1,
        }
    }

    /// What came of the message; where there was nothing, why.
    pub(super) fn outcome(self, why: Why) -> Outcome {
        let Self { first, others } = self;
        if first.is_empty() { Outcome::Nothing(why) } else { Outcome::Moves { first, others } }
    }
}

#[derive(Debug)]
struct Shared {
    is_open: AtomicBool,
    lines: ArrayQueue<HeardLine>,
}

/// Where lines go in and out. Clones share one.
#[derive(Clone, Debug)]
pub struct Ear(Arc<Shared>);

impl Default for Ear {
    fn default() -> Self {
        let lines = ArrayQueue::new(HEARD_KEPT);
        Self(Arc::new(Shared { is_open: AtomicBool::new(false), lines }))
    }
}

impl Ear {
    /// Somebody looks on from now on, or nobody does.
    pub fn open(&self, is_open: bool) {
        self.0.is_open.store(is_open, Ordering::Relaxed);
    }

    /// Whether somebody looks on: nothing need be put in where nobody does.
    pub fn is_open(&self) -> bool {
        self.0.is_open.load(Ordering::Relaxed)
    }

    /// Puts a line in; the oldest gives way where there is no room.
    pub fn put(&self, line: HeardLine) {
        let _ = self.0.lines.force_push(line);
    }

    /// Takes the oldest line out.
    pub fn take(&self) -> Option<HeardLine> {
        self.0.lines.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_gives_way_to_what_is_newer() {
        let ear = Ear::default();
        assert!(!ear.is_open(), "nobody looks on at first");
        for number in 0..HEARD_KEPT + 3 {
            ear.put(HeardLine {
                from: HeardFrom::Browser,
                text: number.to_string(),
                outcome: Outcome::Nothing(Why::Unknown),
            });
        }
        let texts: Vec<_> = std::iter::from_fn(|| ear.take()).map(|line| line.text).collect();
        assert_eq!(texts.len(), HEARD_KEPT);
        assert_eq!((texts[0].as_str(), texts[HEARD_KEPT - 1].as_str()), ("3", "52"));
    }
}
