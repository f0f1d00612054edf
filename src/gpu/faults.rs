//! GPU errors that no call returns: recorded, never a panic.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// What went wrong on a device since it was made. The first fault's text is kept, since later ones
/// usually follow from it; all are counted. Written by wgpu's callbacks on any thread.
#[derive(Debug, Default)]
pub struct Faults {
    is_faulty: AtomicBool,
    count: AtomicU64,
    first: Mutex<Option<String>>,
}

impl Faults {
    /// Keeps the text if it is the first, and counts it.
    pub fn record(&self, text: String) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            log::error!("GPU: {text}");
            *first = Some(text);
        }
        self.is_faulty.store(true, Ordering::Release);
    }

    /// Whether anything went wrong. One atomic load; called at every tick.
    pub fn is_faulty(&self) -> bool {
        self.is_faulty.load(Ordering::Acquire)
    }

    /// Faults so far.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The first fault. Allocates only where there is one.
    pub fn first(&self) -> Option<String> {
        if !self.is_faulty() {
            return None;
        }
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
