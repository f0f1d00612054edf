//! Taps: the tempo of a hand.

use std::time::Duration;

/// Taps that make a tempo.
const TAPS: usize = 4;

/// After which silence they begin anew.
const RESET: Duration = Duration::from_secs(2);

/// The latest taps.
#[derive(Debug, Default)]
pub struct Taps {
    /// Their stamps, the oldest first.
    stamps: [Duration; TAPS],
    count: usize,
}

impl Taps {
    /// A tap at this time. Returns the tempo, in beats a minute, that it makes with those before.
    pub fn tap(&mut self, at: Duration) -> Option<f64> {
        let last = self.count.checked_sub(1).map(|last| self.stamps[last]);
        if last.is_some_and(|last| at.saturating_sub(last) > RESET) {
            self.count = 0;
        }
        if self.count == TAPS {
            self.stamps.rotate_left(1);
            self.count -= 1;
        }
        self.stamps[self.count] = at;
        self.count += 1;
        let secs = at.saturating_sub(self.stamps[0]).as_secs_f64();
        (self.count == TAPS && secs > 0.0).then(|| 60.0 * (TAPS - 1) as f64 / secs)
    }
}
