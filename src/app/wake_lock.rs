//! Keeps the machine awake and the display on while the output fills a screen.
//!
//! Asking goes over D-Bus and may take as long as it likes, so a thread of its own does it.

use crate::ports::Notices;
use std::{sync::mpsc, thread};

/// Held while the machine must stay awake; dropping it lets the machine sleep again.
pub(super) struct WakeLock {
    _ends_the_thread: mpsc::Sender<()>,
}

impl WakeLock {
    /// Asks the system to stay awake. A refusal is told as a notice: the show goes on.
    pub(super) fn take(notices: Notices) -> Self {
        let (keep, ended) = mpsc::channel::<()>();
        let ask = move || {
            let awake = keepawake::Builder::default()
                .display(true)
                .idle(true)
                .reason("the output is in full screen")
                .app_name("Residua")
                .app_reverse_domain("org.residua.Residua")
                .create();
            match awake {
                // Nothing is ever sent: the wait ends when the lock is dropped.
                Ok(_awake) => drop(ended.recv()),
                Err(error) => {
                    log::debug!("keep awake: {error}");
                    notices.warn("the system cannot be kept awake: turn off its screen saver");
                }
            }
        };
        let spawned = thread::Builder::new().name("keep-awake".to_owned()).spawn(ask);
        if let Err(error) = spawned {
            log::warn!("no thread to keep the system awake: {error}");
        }
        Self { _ends_the_thread: keep }
    }
}
