//! What all clients share: the newest state, and where their events go.
//!
//! The thread `web` writes it, the clients' threads read it; the engine knows nothing of the lock.

use super::query::Host;
use crate::{
    control::{Ear, Monitor},
    params::{ControlQueue, Registry, Snapshot},
};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// What all clients share.
#[derive(Debug)]
pub(super) struct Hub {
    pub(super) registry: Arc<Registry>,
    pub(super) queue: ControlQueue,
    pub(super) host: Host,
    pub(super) ear: Ear,
    base: Mutex<Snapshot>,
    /// Counts the states that were passed on.
    version: AtomicU64,
    stop: Arc<AtomicBool>,
}

impl Hub {
    pub(super) fn new(
        registry: Arc<Registry>,
        queue: ControlQueue,
        host: Host,
        stop: Arc<AtomicBool>,
        ear: Ear,
    ) -> Self {
        let base = Mutex::default();
        Self { registry, queue, host, ear, base, version: AtomicU64::new(0), stop }
    }

    /// Whether the server is closing.
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Lets all clients have the newest state.
    pub(super) fn pass_on(&self, monitor: &dyn Monitor) {
        self.base.lock().unwrap_or_else(PoisonError::into_inner).copy_from(monitor.base());
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Copies the newest state out where it is newer than version `seen`; returns its version.
    pub(super) fn take(&self, seen: u64, base: &mut Snapshot) -> u64 {
        let version = self.version.load(Ordering::Acquire);
        if version != seen {
            base.copy_from(&self.base.lock().unwrap_or_else(PoisonError::into_inner));
        }
        version
    }
}
