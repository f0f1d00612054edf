//! How long a recording may become, asked now and then.

use std::time::{Duration, Instant};

/// From one asking to the next: a disk does not fill faster.
const ASK_PAUSE: Duration = Duration::from_secs(5);

/// Asks, and keeps the answer.
pub(super) struct Room {
    ask: Box<dyn Fn() -> Option<Duration>>,
    asked: Option<Instant>,
    /// The latest answer; `None` where it is not known.
    pub value: Option<Duration>,
}

impl Room {
    /// `ask` may take as long as a file system's answer does.
    pub(super) fn new(ask: Box<dyn Fn() -> Option<Duration>>) -> Self {
        Self { ask, asked: None, value: None }
    }

    /// Asks anew where the answer is old.
    pub(super) fn tend(&mut self, now: Instant) {
        if self.asked.is_none_or(|asked| now >= asked + ASK_PAUSE) {
            self.asked = Some(now);
            self.value = (self.ask)();
        }
    }
}
