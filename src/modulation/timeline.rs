//! Timeline functions: slice as a function of superframe number, Compressure's and more.

use super::{
    chance::Walk,
    wave::{folded, held, rectified_sine, sinusoid, triangle},
};
use std::f64::consts::TAU;

/// The function itself. Waves and curves run over the phase 2 pi `frequency` x, where x runs over
/// 0..=1 in the output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wave {
    /// |sin|: rests at the start of the clip, sweeps to its end and back.
    RectifiedSine,
    /// -cos, plus a second, scaled oscillator of its own frequency.
    Sinusoid {
        /// Fold the negative half up instead of scaling all of it into the clip.
        is_rectified: bool,
        /// Amplitude of the second oscillator; 0 = none.
        amplitude_secondary: f64,
        /// Periods of the second oscillator over the whole output.
        frequency_secondary: f64,
    },
    /// From start to end in superframes, plus a saw of three steps; then begins again. Compressure's
    /// "supersaw"; `frequency`, rounded and at least 1, says how often it runs in the output.
    Supersaw {
        /// Access units per superframe, at least 1: the slices from one step to the next.
        superframe_size: u32,
        /// Amplitude of the saw, in slices.
        amplitude_secondary: f64,
    },
    /// Evenly from start to end and back.
    Triangle,
    /// Evenly from start to end, then begins again at the start.
    Ramp,
    /// From the middle by random steps to either side, turned round at both ends; back in the middle
    /// every 8192 superframes.
    RandomWalk {
        /// Another seed, another walk.
        seed: u64,
        /// Largest step, as a part of the clip.
        step: f64,
    },
    /// A random slice, held for some superframes.
    SampleAndHold {
        /// Another seed, other slices.
        seed: u64,
        /// Superframes that each is held for, at least 1.
        hold: u32,
    },
    /// A [`Curve`](super::Curve) over one period, which the caller keeps; by itself a ramp.
    Drawn,
    /// [`Positions`](super::Positions), which the caller keeps; by itself the start of the clip.
    List,
}

/// A wave laid over an output of `superframes` superframes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timeline {
    /// The function.
    pub wave: Wave,
    /// Periods over the whole output.
    pub frequency: f64,
    /// Superframes in the output, at least 1.
    pub superframes: u32,
}

/// How far a sample may be from its exact value, with room: phases go up to 2 pi 256, and a double
/// holds them to 2e-13; amplitudes go up to 5.
const ROUNDING: f64 = 1e-11;

/// Smallest and largest value of a timeline over its own samples: what "scaled" scales by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    min: f64,
    max: f64,
}

impl Timeline {
    /// Finds the extremes of a sinusoid's samples; the other functions need none. Looks at some
    /// dozens of samples for each period, however many there are; allocates nothing; done when the
    /// timeline changes, not for every superframe.
    pub fn shape(&self) -> Shape {
        let Wave::Sinusoid { is_rectified: false, amplitude_secondary, frequency_secondary } =
            self.wave
        else {
            return Shape { min: 0.0, max: 1.0 };
        };
        let last = u64::from(self.superframes.max(1)) - 1;
        let turn = |frequency: f64| TAU * frequency / last.max(1) as f64;
        let bend = turn(self.frequency).powi(2)
            + amplitude_secondary.abs() * turn(frequency_secondary).powi(2);
        let (first, end) = (self.sinusoid(0), self.sinusoid(last));
        let mut shape = Shape { min: first.min(end), max: first.max(end) };
        // Without a bend all samples are one.
        if bend > 0.0 {
            self.widen(&mut shape, bend, (0, first), (last, end));
        }
        shape
    }

    /// Widens `shape` to the samples between two, of number and value each. A function whose second
    /// derivative is nowhere above `bend` leaves the line between two of its points by no more than
    /// `bend` / 8 times their distance squared (the error of linear interpolation): where that cannot
    /// matter nobody looks. What remains is halved, so the depth is the logarithm of the samples.
    fn widen(&self, shape: &mut Shape, bend: f64, from: (u64, f64), to: (u64, f64)) {
        let gap = to.0 - from.0;
        let slack = bend * (gap as f64).powi(2) / 8.0 + ROUNDING;
        let (low, high) = (from.1.min(to.1), from.1.max(to.1));
        if gap < 2 || (low - slack >= shape.min && high + slack <= shape.max) {
            return;
        }
        let number = from.0 + gap / 2;
        let middle = (number, self.sinusoid(number));
        shape.min = shape.min.min(middle.1);
        shape.max = shape.max.max(middle.1);
        self.widen(shape, bend, from, middle);
        self.widen(shape, bend, middle, to);
    }

    /// The slice of superframe `number`, in 0..`slices`.
    ///
    /// Within the output (`number` < `superframes`) the sines are Compressure's arrays, truncated
    /// toward zero; beyond it the phase runs on, so that a live performance does not jump where the
    /// output would have ended. O(1), but for a random walk, which adds up some steps: see [`Walk`].
    pub fn slice_at(&self, shape: Shape, number: u64, slices: u32) -> u32 {
        let last = f64::from(slices.saturating_sub(1));
        let position = match self.wave {
            Wave::RectifiedSine => rectified_sine(self.phase(self.frequency, number)) * last,
            Wave::Sinusoid { is_rectified: true, .. } => self.sinusoid(number).abs() * last,
            Wave::Sinusoid { .. } => {
                let span = shape.max - shape.min;
                let value = self.sinusoid(number);
                let part = if span > 0.0 { (value - shape.min) / span } else { 0.0 };
                part * (f64::from(slices) - 2.0) + 1.0
            }
            Wave::Supersaw { superframe_size, amplitude_secondary } => {
                supersaw(number, slices, superframe_size.max(1), amplitude_secondary)
            }
            Wave::Triangle => {
                return slice_of(triangle(self.part(number)), slices);
            }
            Wave::Ramp | Wave::Drawn => return slice_of(self.part(number), slices),
            Wave::RandomWalk { seed, .. } => {
                return self.walked(Walk::default().sum(seed, number), slices);
            }
            Wave::SampleAndHold { seed, hold } => {
                held(seed, number / u64::from(hold.max(1))) * f64::from(slices)
            }
            Wave::List => 0.0,
        };
        // Truncation, clamped: a clip of one slice has no place 1.
        position.clamp(0.0, last) as u32
    }

    /// The slice where a random walk is after steps that add up to `sum`.
    pub fn walked(&self, sum: f64, slices: u32) -> u32 {
        let Wave::RandomWalk { step, .. } = self.wave else { return 0 };
        slice_of(folded(step * sum), slices)
    }

    /// How far superframe `number` is in its period, 0..=1. Where a period is over it is 1, so that
    /// the end is reached; it begins again with the next superframe.
    pub fn part(&self, number: u64) -> f64 {
        let gaps = u64::from(self.superframes.max(1)) - 1;
        // Multiplied before it is divided: whole periods come out whole.
        let periods = number as f64 * self.frequency / gaps.max(1) as f64;
        if periods > 0.0 { periods - (periods.ceil() - 1.0) } else { 0.0 }
    }

    /// Superframes in the whole output over a clip of so many slices. The supersaw's own length says
    /// it, whatever `superframes` is.
    pub fn length(&self, slices: u32) -> u64 {
        match self.wave {
            Wave::Supersaw { superframe_size, .. } => {
                let repeats = self.frequency.round().max(1.0) as u64;
                repeats.saturating_mul(supersaw_length(slices, superframe_size.max(1)))
            }
            _ => u64::from(self.superframes.max(1)),
        }
    }

    fn sinusoid(&self, number: u64) -> f64 {
        let Wave::Sinusoid { amplitude_secondary, frequency_secondary, .. } = self.wave else {
            return 0.0;
        };
        sinusoid(self.phase(self.frequency, number))
            + amplitude_secondary * sinusoid(self.phase(frequency_secondary, number))
    }

    /// numpy's `linspace(0, 2 pi frequency, superframes)[number]`, rounding included: the step is
    /// computed first, and the last sample is the end itself.
    fn phase(&self, frequency: f64, number: u64) -> f64 {
        let end = TAU * frequency;
        let gaps = u64::from(self.superframes.max(1)) - 1;
        match gaps {
            0 => number as f64 * end,
            gaps if number == gaps => end,
            gaps => number as f64 * (end / gaps as f64),
        }
    }
}

/// The slice at a part, 0..=1, of a clip; the nearest, so that equal parts are equally far.
pub fn slice_of(part: f64, slices: u32) -> u32 {
    let last = f64::from(slices.saturating_sub(1));
    (part * last).round().clamp(0.0, last) as u32
}

/// Superframes of one run of the supersaw: 0, size, 2 size, ... up to slices + size.
fn supersaw_length(slices: u32, superframe_size: u32) -> u64 {
    (u64::from(slices) + u64::from(superframe_size)) / u64::from(superframe_size) + 1
}

/// Where the supersaw is; before it is clamped this may lie outside the clip.
pub(super) fn supersaw(number: u64, slices: u32, superframe_size: u32, amplitude: f64) -> f64 {
    let step = number % supersaw_length(slices, superframe_size);
    let saw = [0.0, amplitude, -amplitude][(step % 3) as usize];
    (step * u64::from(superframe_size)) as f64 + saw
}
