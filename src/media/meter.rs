//! How far an import has come, told to whoever asked for it, and the way to stop it.
//!
//! Two lanes work at the same time: the one on the caller's thread tells, the other leaves its share
//! where the first finds it.

use super::request::{ImportError, Progress};
use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// Takes the part of a lane's work that is done, 0..=1; fails when the lane must stop.
pub(super) type Tell<'a> = dyn FnMut(f32) -> Result<(), ImportError> + 'a;

/// Progress with the time left.
pub(super) struct Meter<'a> {
    started: Instant,
    tell: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl<'a> Meter<'a> {
    pub(super) fn new(tell: &'a mut dyn FnMut(Progress) -> ControlFlow<()>) -> Self {
        Self { started: Instant::now(), tell }
    }

    /// `part` of the whole is done.
    pub(super) fn tell(&mut self, part: f32) -> Result<(), ImportError> {
        let elapsed = self.started.elapsed();
        // Too early, the estimate would jump about.
        let is_steady = part > 0.02 && elapsed > Duration::from_millis(500);
        let left = is_steady.then(|| elapsed.mul_f32((1.0 - part) / part));
        match (self.tell)(Progress { part: part.clamp(0.0, 1.0), left }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ImportError::Stopped),
        }
    }
}

/// What the second lane has done, and whether it must stop.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// As the bits of a float.
    part: AtomicU32,
    is_stopped: AtomicBool,
}

impl Share {
    /// Done so far, 0..=1.
    pub(super) fn part(&self) -> f32 {
        f32::from_bits(self.part.load(Ordering::Relaxed))
    }

    /// For the lane: leaves its part, learns whether to stop.
    pub(super) fn leave(&self, part: f32) -> Result<(), ImportError> {
        self.part.store(part.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
        if self.is_stopped.load(Ordering::Relaxed) { Err(ImportError::Stopped) } else { Ok(()) }
    }

    /// Lets the lane stop at its next picture.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }
}
