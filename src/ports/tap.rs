//! Sound on its way from whoever hears it to whoever listens.

use crossbeam::queue::ArrayQueue;
use std::{
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

/// What has given nothing for so long has gone: the longest cycle of JACK there is (8,192 frames at
/// 8 kHz) takes one second.
pub const LONGEST_SILENCE: Duration = Duration::from_millis(2_500);

/// Samples that may wait: two thirds of a second at 48 kHz, longer than any thread is kept waiting.
const WAITING: usize = 32_768;

/// A bounded way for samples of one channel. No call blocks or allocates, so that it may be fed by a
/// real-time thread.
#[derive(Debug)]
pub struct Tap {
    samples: ArrayQueue<f32>,
    rate_hz: AtomicU32,
    is_open: AtomicBool,
    /// Samples that were offered while it was open.
    offered: AtomicU64,
}

impl Default for Tap {
    fn default() -> Self {
        Self {
            samples: ArrayQueue::new(WAITING),
            rate_hz: AtomicU32::new(0),
            is_open: AtomicBool::new(false),
            offered: AtomicU64::new(0),
        }
    }
}

impl Tap {
    /// Whether anybody listens. Closing forgets what is on its way.
    pub fn set_open(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::Relaxed);
        if !is_open {
            while self.samples.pop().is_some() {}
        }
    }

    /// Whether anybody listens.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Offers samples, -1..=1, of so many a second. What finds no room takes the place of the oldest.
    pub fn offer(&self, rate_hz: u32, samples: impl IntoIterator<Item = f32>) {
        if !self.is_open() {
            return;
        }
        self.rate_hz.store(rate_hz, Ordering::Relaxed);
        let mut count = 0;
        for sample in samples {
            let _ = self.samples.force_push(sample);
            count += 1;
        }
        self.offered.fetch_add(count, Ordering::Relaxed);
    }

    /// The oldest sample.
    pub fn take(&self) -> Option<f32> {
        self.samples.pop()
    }

    /// Samples a second of what was offered last; 0 = none ever was.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz.load(Ordering::Relaxed)
    }

    /// Samples offered so far: a tap that is open and whose number stands has run dry.
    pub fn offered(&self) -> u64 {
        self.offered.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_is_not_kept_and_the_oldest_goes_first() {
        let tap = Tap::default();
        tap.offer(48_000, [1.0]);
        assert_eq!((tap.take(), tap.rate_hz(), tap.offered()), (None, 0, 0));
        tap.set_open(true);
        tap.offer(44_100, [0.5, -0.5]);
        assert_eq!((tap.rate_hz(), tap.offered()), (44_100, 2));
        assert_eq!([tap.take(), tap.take(), tap.take()], [Some(0.5), Some(-0.5), None]);
        tap.offer(44_100, (0..WAITING + 3).map(|number| number as f32));
        assert_eq!(tap.take(), Some(3.0));
        tap.set_open(false);
        tap.set_open(true);
        assert_eq!(tap.take(), None);
    }
}
