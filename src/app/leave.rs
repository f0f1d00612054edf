//! Leaving full screen takes a key held for two seconds: a slip of the hand must not end a show.

use std::time::{Duration, Instant};

/// How long the key is to be held.
pub(super) const HOLD: Duration = Duration::from_secs(2);

/// Whether a leaving key is down, and since when.
#[derive(Debug, Default)]
pub(super) struct LeaveHold {
    since: Option<Instant>,
}

impl LeaveHold {
    /// The key went down; a repeat does not count as going down.
    pub(super) fn press(&mut self, now: Instant, is_repeat: bool) {
        if !is_repeat && self.since.is_none() {
            self.since = Some(now);
        }
    }

    /// The key went up, or the keyboard went elsewhere.
    pub(super) fn release(&mut self) {
        self.since = None;
    }

    /// Time left while the key is held; zero when it is time to leave.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.since.map(|since| HOLD.saturating_sub(now.saturating_duration_since(since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seconds_of_one_press() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut hold = LeaveHold::default();
        // The repeats of the press that entered full screen do not begin to leave it.
        hold.press(at(0), true);
        assert_eq!(hold.left(at(5000)), None);
        hold.press(at(100), false);
        hold.press(at(900), true);
        assert_eq!(hold.left(at(1100)), Some(Duration::from_secs(1)));
        hold.release();
        assert_eq!(hold.left(at(1200)), None);
        hold.press(at(2000), false);
        assert_eq!(hold.left(at(3999)), Some(Duration::from_millis(1)));
        assert_eq!(hold.left(at(4000)), Some(Duration::ZERO));
        assert_eq!(hold.left(at(9000)), Some(Duration::ZERO));
    }
}
