//! Pictures with times of their own, brought to the canvas's rate: each is shown from the slot nearest
//! to its time until the next one comes, the last as long as it says.
//!
//! GStreamer's `videorate` changes pictures half-way between their times, and passes over the length
//! of the last: with pictures that stand for half a second both are seen.

use crate::units::FrameRate;
use std::time::Duration;

/// No gap is filled for longer than this, in seconds: times beyond are a damaged file's.
const GAP_SECS: f64 = 3600.0;

/// Times come in whole nanoseconds: half-way between two slots they would go one way or the other by
/// chance, and at twice the rate that is every second picture.
const ROUNDING_SLOTS: f64 = 1e-6;

/// The slot nearest to a time since the first picture; half-way between two, the later one.
fn nearest(since: Duration, hertz: f64) -> u64 {
    (since.as_secs_f64() * hertz + ROUNDING_SLOTS).round() as u64
}

/// The pictures that are due, and the one that is shown.
#[derive(Debug)]
pub(super) struct Slots<T> {
    hertz: f64,
    first: Option<Duration>,
    shown: Option<Shown<T>>,
    due: Option<(T, u64)>,
}

#[derive(Debug)]
struct Shown<T> {
    picture: T,
    slot: u64,
    /// When it ends, if it says so.
    end: Option<Duration>,
}

impl<T: Clone> Slots<T> {
    pub(super) fn new(rate: FrameRate) -> Self {
        Self { hertz: rate.hertz(), first: None, shown: None, due: None }
    }

    /// A picture of the source, in the order of their times; take what is due before the next one.
    /// Without a time it follows the one before.
    pub(super) fn put(&mut self, picture: T, time: Option<Duration>, length: Option<Duration>) {
        let last_end = self.shown.as_ref().and_then(|shown| shown.end);
        let time = time.or(last_end).or(self.first).unwrap_or_default();
        self.first.get_or_insert(time);
        let slot = self.slot(time);
        if let Some(shown) = self.shown.take() {
            self.due = Some((shown.picture, self.bounded(slot, shown.slot)));
        }
        self.shown = Some(Shown { picture, slot, end: length.map(|length| time + length) });
    }

    /// The next picture that is due.
    pub(super) fn take(&mut self) -> Option<T> {
        match self.due.take() {
            Some((_, 0)) | None => None,
            Some((picture, 1)) => Some(picture),
            Some((picture, count)) => {
                self.due = Some((picture.clone(), count - 1));
                Some(picture)
            }
        }
    }

    /// There are no more: the one that is shown becomes due until its end; of a source that is over
    /// within a slot, and where no end is known, once.
    pub(super) fn close(&mut self) {
        if let Some(shown) = self.shown.take() {
            let end = shown.end.map_or(0, |end| self.slot(end));
            let least = u64::from(shown.end.is_none() || shown.slot == 0);
            let count = self.bounded(end, shown.slot).max(least);
            self.due = Some((shown.picture, count));
        }
    }

    /// The slot nearest to a time.
    fn slot(&self, time: Duration) -> u64 {
        let since = time.saturating_sub(self.first.unwrap_or_default());
        nearest(since, self.hertz)
    }

    fn bounded(&self, to: u64, from: u64) -> u64 {
        to.saturating_sub(from).min((GAP_SECS * self.hertz) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rate: u32, pictures: &[(char, f64, f64)]) -> String {
        let mut slots = Slots::new(FrameRate::whole(rate));
        let mut shown = String::new();
        for (name, time, length) in pictures {
            let secs = Duration::from_secs_f64;
            slots.put(*name, Some(secs(*time)), (*length > 0.0).then(|| secs(*length)));
            shown.extend(std::iter::from_fn(|| slots.take()));
        }
        slots.close();
        shown.extend(std::iter::from_fn(|| slots.take()));
        shown
    }

    #[test]
    fn each_is_shown_until_the_next_and_the_last_as_long_as_it_says() {
        assert_eq!(run(10, &[('a', 0.0, 0.2), ('b', 0.2, 0.1), ('c', 0.3, 0.4)]), "aabcccc");
        // Times begin where the first picture is.
        assert_eq!(run(10, &[('a', 5.0, 0.1), ('b', 5.31, 0.0)]), "aaab");
        // Twice the rate: every second one goes.
        let fast: Vec<_> =
            ('a'..='f').zip(0..).map(|(n, i)| (n, f64::from(i) * 0.05, 0.05)).collect();
        assert_eq!(run(10, &fast).len(), 3);
        assert_eq!(run(25, &[('a', 0.0, 0.0)]), "a");
        // 0.58 s is 14.5 slots, which no computer can write: the later one all the same.
        for picture in 0..500 {
            let time = Duration::from_millis(20 * picture);
            assert_eq!(nearest(time, 25.0), picture.div_ceil(2), "{time:?}");
        }
        assert_eq!(run(25, &[]), "");
    }
}
