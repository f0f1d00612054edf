//! How often looks are painted: seldom, and not at all while the programme is in need.

use std::time::{Duration, Instant};

/// From one look to the next at least: a few a second.
const PAUSE: Duration = Duration::from_millis(250);
/// The same where a CPU does the work, which the programme needs too.
const PAUSE_CPU: Duration = Duration::from_millis(1000);
/// Rest after a look, in times of what it took: a fifth of the thread's time is work at most.
const REST: u32 = 4;
/// Rest after a slot was late, and at the start, when everything is new.
const LATE_PAUSE: Duration = Duration::from_secs(5);
/// Longest rest, so that a slow machine has its looks one day.
const LONGEST: Duration = Duration::from_secs(20);

/// When the next look is due.
#[derive(Debug)]
pub(super) struct Pace {
    due: Instant,
    late_slots: u64,
}

impl Pace {
    /// Begins after a while.
    pub(super) fn new(now: Instant) -> Self {
        Self { due: now + LATE_PAUSE / 2, late_slots: 0 }
    }

    /// Whether a look may be painted now, where so many slots were late since the start.
    pub(super) fn is_due(&mut self, now: Instant, late_slots: u64) -> bool {
        if late_slots > self.late_slots {
            self.late_slots = late_slots;
            self.due = self.due.max(now + LATE_PAUSE);
        }
        now >= self.due
    }

    /// A look was painted and took this long.
    pub(super) fn rest(&mut self, now: Instant, took: Duration, is_cpu: bool) {
        let pause = if is_cpu { PAUSE_CPU } else { PAUSE };
        self.due = now + (took * REST).max(pause).min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn it_rests_between_two_and_longer_where_they_take_long() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert!(!pace.is_due(start, 0));
        let begin = start + millis(10_000);
        assert!(pace.is_due(begin, 0));
        for (took, is_cpu, rest) in
            [(10, false, 250), (10, true, 1_000), (500, true, 2_000), (60_000, false, 20_000)]
        {
            pace.rest(begin, millis(took), is_cpu);
            assert!(!pace.is_due(begin + millis(rest - 1), 0), "{took} {is_cpu}");
            assert!(pace.is_due(begin + millis(rest), 0), "{took} {is_cpu}");
        }
    }

    #[test]
    fn it_stops_while_slots_are_late() {
        let begin = Instant::now() + millis(10_000);
        let mut pace = Pace::new(begin - millis(10_000));
        assert!(pace.is_due(begin, 0));
        assert!(!pace.is_due(begin, 1));
        // Each late slot begins the pause anew, an old one does not.
        assert!(!pace.is_due(begin + millis(4_000), 2));
        assert!(!pace.is_due(begin + millis(8_999), 2));
        assert!(pace.is_due(begin + millis(9_000), 2));
    }
}
