//! Timeline functions: slice as a function of superframe number, as Compressure has them.

use std::f64::consts::TAU;

/// The function itself, over the phase 2 pi `frequency` x, where x runs over 0..=1.
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

/// Smallest and largest value of a timeline over its own samples: what "scaled" scales by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    min: f64,
    max: f64,
}

impl Timeline {
    /// Finds the extremes of the samples. O(superframes), allocates nothing; done when the timeline
    /// changes, not for every superframe.
    pub fn shape(&self) -> Shape {
        let start = Shape { min: f64::INFINITY, max: f64::NEG_INFINITY };
        (0..u64::from(self.superframes.max(1))).map(|number| self.value(number)).fold(
            start,
            |shape, value| Shape { min: shape.min.min(value), max: shape.max.max(value) },
        )
    }

    /// The slice of superframe `number`, in 0..`slices`, truncated toward zero.
    ///
    /// Within the output (`number` < `superframes`) this is Compressure's array; beyond it the
    /// phase runs on, so that a live performance does not jump where the output would have ended.
    pub fn slice_at(&self, shape: Shape, number: u64, slices: u32) -> u32 {
        let last = f64::from(slices.saturating_sub(1));
        let value = self.value(number);
        let position = match self.wave {
            Wave::RectifiedSine => value.abs() * last,
            Wave::Sinusoid { is_rectified: true, .. } => value.abs() * last,
            Wave::Sinusoid { .. } => {
                let span = shape.max - shape.min;
                let part = if span > 0.0 { (value - shape.min) / span } else { 0.0 };
                part * (f64::from(slices) - 2.0) + 1.0
            }
        };
        // Truncation, clamped: a clip of one slice has no place 1.
        position.clamp(0.0, last) as u32
    }

    fn value(&self, number: u64) -> f64 {
        match self.wave {
            Wave::RectifiedSine => self.phase(self.frequency, number).sin(),
            Wave::Sinusoid { amplitude_secondary, frequency_secondary, .. } => {
                -self.phase(self.frequency, number).cos()
                    - amplitude_secondary * self.phase(frequency_secondary, number).cos()
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Arrays computed with numpy by the tool that these functions come from.
    const GOLDEN: &str = include_str!("../../tests/golden/timeline.json");

    fn positions(timeline: &Timeline, slices: u32) -> Vec<u64> {
        let shape = timeline.shape();
        (0..u64::from(timeline.superframes))
            .map(|number| u64::from(timeline.slice_at(shape, number, slices)))
            .collect()
    }

    fn check(name: &str, wave: impl Fn(&Value) -> Wave) {
        let golden: Value = serde_json::from_str(GOLDEN).expect("golden file");
        let cases = golden[name].as_array().expect("cases");
        assert!(cases.len() >= 7);
        for case in cases {
            let timeline = Timeline {
                wave: wave(case),
                frequency: case["frequency"].as_f64().expect("frequency"),
                superframes: case["superframes"].as_u64().expect("superframes") as u32,
            };
            let slices = case["slices"].as_u64().expect("slices") as u32;
            let wanted: Vec<u64> = case["positions"]
                .as_array()
                .expect("positions")
                .iter()
                .map(|position| position.as_u64().expect("position"))
                .collect();
            assert_eq!(positions(&timeline, slices), wanted, "{name} {case}");
        }
    }

    #[test]
    fn rectified_sine_reproduces_every_array() {
        check("rectified_sine", |_| Wave::RectifiedSine);
    }

    #[test]
    fn sinusoid_reproduces_every_array() {
        check("sinusoid", |case| Wave::Sinusoid {
            is_rectified: case["rectified"].as_bool().unwrap_or(false),
            amplitude_secondary: case["amplitude_secondary"].as_f64().unwrap_or(0.0),
            frequency_secondary: case["frequency_secondary"].as_f64().unwrap_or(0.0),
        });
    }

    #[test]
    fn beyond_the_output_the_phase_runs_on() {
        let timeline = Timeline { wave: Wave::RectifiedSine, frequency: 0.5, superframes: 101 };
        let shape = timeline.shape();
        // |sin| has half the period of the sine: superframe 150 is as far as superframe 50.
        assert_eq!(timeline.slice_at(shape, 150, 1000), timeline.slice_at(shape, 50, 1000));
        assert_eq!(timeline.slice_at(shape, 50, 1000), 999);
    }
}
