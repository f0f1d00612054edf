//! Learning: a parameter is armed, a control is moved, and from then on the one moves the other.
//!
//! [`LearnDesk`] is held by windows, OSC and whoever else asks; the thread `midi` does the work and
//! shows its state. A lock is shared by these, never by the engine.

use super::parser::Message;
use crate::{control::mapping::Mapping, params::ParamIndex};
use crossbeam::channel::{self, Receiver, Sender};
use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread::Thread,
};

/// Requests that may wait: more than a person makes between two turns of the thread.
const REQUESTS_WAITING: usize = 64;

/// Where a mapping comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The set, or whoever started the ports.
    Set,
    /// It was learnt, and is kept beside the set.
    Learnt,
    /// The map that comes for the device.
    Controller,
}

/// What learning is at.
#[derive(Clone, Debug, Default)]
pub struct LearnState {
    /// Id of the parameter that waits for a control.
    pub armed: Option<String>,
    /// What would be learnt now, while the control is being moved.
    pub proposal: Option<Mapping>,
    /// What was learnt last, and the ids of what else its control moves.
    pub learnt: Option<(Mapping, Vec<String>)>,
    /// Where controls stand that wait to be picked up, as normalised values of their rows.
    pub ghosts: Vec<(ParamIndex, f64)>,
    /// All mappings in force, in their order.
    pub mappings: Vec<(Mapping, Origin)>,
    /// Names of the devices that are plugged in.
    pub devices: Vec<String>,
}

/// What is asked of the thread `midi`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Request {
    Arm(String),
    Disarm,
    Unlearn(String),
    Replace { old: Mapping, new: Mapping },
    Remove(Mapping),
}

/// Where learning is asked for and looked at. Clones share one desk.
#[derive(Clone, Debug)]
pub struct LearnDesk {
    requests: Sender<Request>,
    orders: Receiver<Request>,
    state: Arc<Mutex<LearnState>>,
    worker: Arc<OnceLock<Thread>>,
}

impl Default for LearnDesk {
    fn default() -> Self {
        let (requests, orders) = channel::bounded(REQUESTS_WAITING);
        Self { requests, orders, state: Arc::default(), worker: Arc::default() }
    }
}

impl LearnDesk {
    /// Arms the parameter with this id: the control that is moved next will move it. A mapping of the
    /// same control to the same parameter gives way. Returns `false` where too much waits already.
    pub fn arm(&self, id: &str) -> bool {
        self.ask(Request::Arm(id.to_owned()))
    }

    /// Nothing is to be learnt any more.
    pub fn disarm(&self) -> bool {
        self.ask(Request::Disarm)
    }

    /// Takes all mappings of the parameter away; those of files until the next start.
    pub fn unlearn(&self, id: &str) -> bool {
        self.ask(Request::Unlearn(id.to_owned()))
    }

    /// Puts another mapping in the place of one: another kind, mode, range, curve. It counts as
    /// learnt from then on.
    pub fn replace(&self, old: &Mapping, new: Mapping) -> bool {
        self.ask(Request::Replace { old: old.clone(), new })
    }

    /// Takes one mapping away; one of a file until the next start.
    pub fn remove(&self, mapping: &Mapping) -> bool {
        self.ask(Request::Remove(mapping.clone()))
    }

    /// A copy of what it is at.
    pub fn state(&self) -> LearnState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Id of the parameter that waits for a control.
    pub fn armed(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).armed.clone()
    }

    /// Where controls stand that wait to be picked up, as normalised values of their rows.
    pub fn ghosts(&self) -> Vec<(ParamIndex, f64)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).ghosts.clone()
    }

    /// The mappings of a parameter.
    pub fn mappings_of(&self, id: &str) -> Vec<Mapping> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = state.mappings.iter().filter(|(mapping, _)| mapping.param == id);
        of_it.map(|(mapping, _)| mapping.clone()).collect()
    }

    /// The mappings that were learnt.
    pub fn learnt(&self) -> Vec<Mapping> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let learnt = state.mappings.iter().filter(|(_, origin)| *origin == Origin::Learnt);
        learnt.map(|(mapping, _)| mapping.clone()).collect()
    }

    fn ask(&self, request: Request) -> bool {
        let is_taken = self.requests.try_send(request).is_ok();
        if let Some(worker) = self.worker.get() {
            worker.unpark();
        }
        is_taken
    }

    /// Whether a device of this name has anything to show: mappings that name it.
    pub(super) fn shows_on(&self, device: &str) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut named = state.mappings.iter().filter(|(mapping, _)| !mapping.device.is_empty());
        named.any(|(mapping, _)| mapping.is_for(device))
    }

    /// Names the thread that does the work.
    pub(super) fn is_worked_by(&self, worker: Thread) {
        // Set once; a second set of ports at one desk is woken by its own pace.
        let _ = self.worker.set(worker);
    }

    /// The next request.
    pub(super) fn next(&self) -> Option<Request> {
        self.orders.try_recv().ok()
    }

    /// Shows something.
    pub(super) fn show(&self, change: impl FnOnce(&mut LearnState)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Control { channel, number, value } => {
                write!(f, "CC {number} = {value}, channel {channel}")
            }
            Self::Control14 { channel, number, value } => {
                write!(f, "CC {number} of 14 bits = {value}, channel {channel}")
            }
            Self::Note { channel, number, velocity: 0 } => {
                write!(f, "note {number} let go, channel {channel}")
            }
            Self::Note { channel, number, velocity } => {
                write!(f, "note {number} struck with {velocity}, channel {channel}")
            }
            Self::PitchBend { channel, value } => {
                write!(f, "pitch bend = {value}, channel {channel}")
            }
            Self::Program { channel, number } => write!(f, "program {number}, channel {channel}"),
            Self::Pressure { channel, value } => {
                write!(f, "pressure = {value}, channel {channel}")
            }
            Self::Nrpn { channel, number, value } => {
                write!(f, "NRPN {number} = {value}, channel {channel}")
            }
        }
    }
}
