//! Whether a server that brings messages still calls: what devices hold is let go soon after it has
//! stopped, since nobody will say so. Pure, but for the count that its callback keeps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// After how long without a cycle what is held is let go: longer than a server stands still on a busy
/// machine, and well within the second in which a hold must end.
const SILENCE: Duration = Duration::from_millis(600);

/// The most that counts between two looks: when this thread itself stood still, so may the server have,
/// and it is looked again before anything is let go.
const LONGEST_LOOK: Duration = Duration::from_millis(250);

/// The calls of a server, as the translating thread sees them.
#[derive(Debug)]
pub(super) struct Pulse {
    cycles: Arc<AtomicU32>,
    limit: Duration,
    seen: u32,
    looked: Option<Duration>,
    silence: Duration,
    is_told: bool,
}

impl Pulse {
    /// Of a callback that counts its `cycles`, one in every `period`.
    pub(super) fn new(cycles: Arc<AtomicU32>, period: Duration) -> Self {
        Self {
            seen: cycles.load(Ordering::Relaxed),
            cycles,
            limit: SILENCE.max(period * 2),
            looked: None,
            silence: Duration::ZERO,
            is_told: false,
        }
    }

    /// Looks; whether the server has just been silent for too long. Once for each silence.
    pub(super) fn has_stopped(&mut self, now: Duration) -> bool {
        let looked = self.looked.replace(now).unwrap_or(now);
        let cycles = self.cycles.load(Ordering::Relaxed);
        if std::mem::replace(&mut self.seen, cycles) != cycles {
            self.silence = Duration::ZERO;
            self.is_told = false;
            return false;
        }
        self.silence += now.saturating_sub(looked).min(LONGEST_LOOK);
        self.silence >= self.limit && !std::mem::replace(&mut self.is_told, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK_MILLIS: u64 = 200;

    /// When it is found that a server has stopped that calls every 10 ms, but for this silence; the
    /// looks begin at `first`.
    fn found(silence: std::ops::Range<u64>, first: u64, period: Duration) -> Vec<u64> {
        let cycles: Arc<AtomicU32> = Arc::default();
        let mut pulse = Pulse::new(Arc::clone(&cycles), period);
        let mut found = Vec::new();
        for millis in 0..10_000 {
            if millis % 10 == 0 && !silence.contains(&millis) {
                cycles.fetch_add(1, Ordering::Relaxed);
            }
            let is_look = millis >= first && (millis - first).is_multiple_of(LOOK_MILLIS);
            if is_look && pulse.has_stopped(Duration::from_millis(millis)) {
                found.push(millis);
            }
        }
        found
    }

    #[test]
    fn a_server_that_has_gone_is_found_within_a_second_and_told_once() {
        for first in 0..LOOK_MILLIS {
            let found = found(3_000..20_000, first, Duration::from_millis(10));
            assert_eq!(found.len(), 1);
            assert!((3_590..3_800).contains(&found[0]), "{first}: {found:?}");
        }
    }

    #[test]
    fn half_a_second_is_no_end() {
        for first in 0..LOOK_MILLIS {
            assert!(found(3_000..3_500, first, Duration::from_millis(10)).is_empty());
            // Silences are told apart.
            assert_eq!(found(3_000..4_500, first, Duration::from_millis(10)).len(), 1);
        }
        // The longest cycle there is: 8,192 frames at 8 kHz.
        assert!(found(3_000..4_024, 0, Duration::from_millis(1_024)).is_empty());
    }

    #[test]
    fn who_stood_still_itself_looks_again() {
        let cycles: Arc<AtomicU32> = Arc::default();
        let mut pulse = Pulse::new(Arc::clone(&cycles), Duration::from_millis(10));
        assert!(!pulse.has_stopped(Duration::from_secs(1)));
        // The whole program was stopped for a minute, and so was its callback.
        assert!(!pulse.has_stopped(Duration::from_secs(61)));
        cycles.fetch_add(1, Ordering::Relaxed);
        assert!(!pulse.has_stopped(Duration::from_millis(61_010)));
    }
}
