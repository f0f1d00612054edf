//! Encoders without ends: how far one was turned, and how fast. Pure.
//!
//! The three codings are those of Mackie, Behringer and Novation devices; each says the same with
//! other values. A wheel that is turned fast goes further with each click: the way grows with the
//! rate to the power of the acceleration, so that slow turning stays exact.

use crate::control::mapping::Mode;
use std::time::Duration;

/// Clicks a second up to which nothing is accelerated: turned with care.
const CAREFUL_RATE: f64 = 12.0;

/// The most that acceleration makes of one click.
const MOST_GAIN: f64 = 32.0;

/// A pause after which the wheel begins anew.
const PAUSE: Duration = Duration::from_millis(250);

/// Clicks of one message, to the right above 0. `None` where the mode is none of an encoder's.
pub(super) fn clicks(mode: Mode, value: u8) -> Option<i32> {
    let value = i32::from(value);
    match mode {
        Mode::TwosComplement => Some(if value < 64 { value } else { value - 128 }),
        Mode::SignMagnitude => Some(if value < 64 { value } else { 64 - value }),
        Mode::BinaryOffset => Some(value - 64),
        Mode::Absolute | Mode::Toggle | Mode::Gate | Mode::Trigger => None,
    }
}

/// How fast a wheel is turned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Wheel {
    last: Option<Duration>,
    /// Clicks a second.
    rate: f64,
}

impl Wheel {
    /// The wheel was turned by this many clicks; returns how much further each of them goes.
    pub(super) fn gain(&mut self, clicks: i32, acceleration: f64, now: Duration) -> f64 {
        let clicks = f64::from(clicks.unsigned_abs());
        let since = self.last.replace(now).map(|last| now.saturating_sub(last));
        self.rate = match since {
            Some(since) if since < PAUSE => {
                // Several messages of one transfer come at once: a millisecond apart at least.
                let rate = clicks / since.as_secs_f64().max(1e-3);
                // Half old, half new: one late message is no change of speed.
                (self.rate + rate) / 2.0
            }
            _ => 0.0,
        };
        (self.rate / CAREFUL_RATE).max(1.0).powf(acceleration).min(MOST_GAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_codings_say_what_they_say() {
        for (mode, ways) in [
            (Mode::TwosComplement, [1, -1, -63, 63]),
            (Mode::SignMagnitude, [1, -63, -1, 63]),
            (Mode::BinaryOffset, [-63, 63, 1, -1]),
        ] {
            assert_eq!([1, 127, 65, 63].map(|value| clicks(mode, value)), ways.map(Some));
        }
        assert_eq!(clicks(Mode::Absolute, 1), None);
    }

    #[test]
    fn slow_turning_is_exact_and_fast_turning_goes_further() {
        let turned = |acceleration, millis: u64| {
            let mut wheel = Wheel::default();
            let times = (0..20).map(|click| Duration::from_millis(click * millis));
            times.map(|now| wheel.gain(1, acceleration, now)).sum::<f64>()
        };
        assert_eq!(turned(1.0, 100), 20.0);
        assert_eq!(turned(0.0, 5), 20.0);
        // 200 clicks a second are 16 times the careful rate: each goes nearly as much further.
        let fast = turned(1.0, 5);
        assert!((250.0..20.0 * 17.0).contains(&fast), "{fast}");
        // A pause, and it is exact again.
        let mut wheel = Wheel::default();
        for click in 0..20 {
            wheel.gain(3, 1.0, Duration::from_millis(click * 2));
        }
        assert_eq!(wheel.gain(1, 1.0, Duration::from_millis(500)), 1.0);
        assert!(wheel.gain(60, 4.0, Duration::from_millis(501)) <= MOST_GAIN);
    }
}
