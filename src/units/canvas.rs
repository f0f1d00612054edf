//! Width, height and rate of the programme.

use std::{fmt, str::FromStr, time::Duration};

/// Pictures per second as a fraction, since broadcast rates such as 30000/1001 are not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameRate {
    /// Pictures ...
    pub numerator: u32,
    /// ... per this many seconds.
    pub denominator: u32,
}

impl FrameRate {
    /// A whole number of pictures per second.
    pub const fn whole(pictures_per_second: u32) -> Self {
        Self { numerator: pictures_per_second, denominator: 1 }
    }

    /// Pictures per second.
    pub fn hertz(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Time from the start to slot `number`, exact to the nanosecond (rounded down).
    pub fn time_of(self, number: u64) -> Duration {
        let nanos = u128::from(number) * u128::from(self.denominator) * 1_000_000_000
            / u128::from(self.numerator);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The slot in which the moment `since_start` lies.
    pub fn slot_at(self, since_start: Duration) -> u64 {
        let slot = since_start.as_nanos() * u128::from(self.numerator)
            / (u128::from(self.denominator) * 1_000_000_000);
        let slot = u64::try_from(slot).unwrap_or(u64::MAX);
        // `time_of` rounds down, so the first nanosecond of a slot may compute as the one before.
        if self.time_of(slot.saturating_add(1)) <= since_start { slot + 1 } else { slot }
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            denominator => write!(f, "{}/{denominator}", self.numerator),
        }
    }
}

impl FromStr for FrameRate {
    type Err = CanvasError;

    fn from_str(text: &str) -> Result<Self, CanvasError> {
        let bad = || CanvasError::Rate(text.to_owned());
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let rate = Self {
            numerator: numerator.parse().map_err(|_| bad())?,
            denominator: denominator.parse().map_err(|_| bad())?,
        };
        if rate.numerator == 0 || rate.denominator == 0 || !(1.0..=240.0).contains(&rate.hertz()) {
            return Err(bad());
        }
        Ok(rate)
    }
}

/// Size and rate of the programme; every clip is conformed to it at import. Written `1280x720@30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Canvas {
    /// Width in pixels, even, 16..=8192.
    pub width: u32,
    /// Height in pixels, even, 16..=8192.
    pub height: u32,
    /// Pictures per second.
    pub rate: FrameRate,
}

impl Canvas {
    /// The canvas where nobody names one.
    pub const DEFAULT: Self = Self { width: 1280, height: 720, rate: FrameRate::whole(30) };

    /// The canvas where nobody names one and the adapter is a CPU.
    pub const DEFAULT_CPU: Self = Self { width: 640, height: 360, rate: FrameRate::whole(30) };

    /// Bytes of one packed I420 picture of this size.
    pub fn i420_bytes(self) -> usize {
        (self.width * self.height * 3 / 2) as usize
    }
}

impl fmt::Display for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}@{}", self.width, self.height, self.rate)
    }
}

impl FromStr for Canvas {
    type Err = CanvasError;

    fn from_str(text: &str) -> Result<Self, CanvasError> {
        let bad = || CanvasError::Canvas(text.to_owned());
        let (size, rate) = text.split_once('@').ok_or_else(bad)?;
        let (width, height) = size.split_once('x').ok_or_else(bad)?;
        let width: u32 = width.parse().map_err(|_| bad())?;
        let height: u32 = height.parse().map_err(|_| bad())?;
        let sizes = 16..=8192;
        if !sizes.contains(&width) || !sizes.contains(&height) || width % 2 == 1 || height % 2 == 1
        {
            return Err(CanvasError::Size { width, height });
        }
        Ok(Self { width, height, rate: rate.parse()? })
    }
}

/// Why a text is no canvas.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CanvasError {
    /// The text has another form.
    #[error("'{0}' is no canvas: write WIDTHxHEIGHT@RATE, such as 1280x720@30")]
    Canvas(String),
    /// The size cannot be coded in 4:2:0, or is absurd.
    #[error("a canvas of {width}x{height} cannot be made: both must be even and in 16..=8192")]
    Size {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// The rate is no rate.
    #[error("'{0}' is no rate: write pictures per second in 1..=240, such as 30 or 30000/1001")]
    Rate(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canvas_reads_as_it_writes() {
        for text in ["1280x720@30", "640x360@30000/1001", "16x16@1"] {
            assert_eq!(text.parse::<Canvas>().map(|c| c.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_canvas_says_so() {
        assert!(matches!("1280x720".parse::<Canvas>(), Err(CanvasError::Canvas(_))));
        assert!(matches!("1281x720@30".parse::<Canvas>(), Err(CanvasError::Size { .. })));
        assert!(matches!("1280x720@0".parse::<Canvas>(), Err(CanvasError::Rate(_))));
    }

    #[test]
    fn slots_and_times_agree() {
        for rate in [FrameRate::whole(30), FrameRate { numerator: 30000, denominator: 1001 }] {
            for slot in (0..200_000).step_by(977) {
                assert_eq!(rate.slot_at(rate.time_of(slot)), slot);
                assert_eq!(rate.slot_at(rate.time_of(slot + 1) - Duration::from_nanos(1)), slot);
            }
        }
    }
}
