//! From samples to what is heard: levels of three bands, and onsets.
//!
//! Every [`HOP`] samples the last [`WINDOW`] are weighed with a Hann window and transformed. The level of
//! a band is the root mean square of what lies in it (Parseval: the sum of its squared magnitudes over
//! that of the window's). An onset is a rise of the logarithmic spectrum, summed over all bins that
//! rise ("spectral flux", Bello et al. 2005, "A tutorial on onset detection in music signals", with the
//! logarithm of Boeck et al. 2012), above what it was on the average of the last half second.

use super::{
    gain::{Follower, SILENCE, of_db},
    wish::Hearing,
};
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::{f64::consts::TAU, fmt, sync::Arc};

/// Samples from one look to the next.
pub(super) const HOP: usize = 512;
/// Samples looked at.
pub(super) const WINDOW: usize = 2048;

/// Where bands meet, in Hz; what is below the first is not heard at all.
const EDGES_HZ: [f64; 3] = [20.0, 250.0, 4000.0];
/// Loudness of a bin is log(1 + this x its magnitude), a sine of full scale having 1.
const COMPRESSION: f64 = 100.0;
/// How long the average of the flux looks back, in seconds.
const MEMORY_SECS: f64 = 0.5;
/// The shortest time from one onset to the next, in seconds: 16 a second.
const REST_SECS: f64 = 0.06;
/// The flux of an onset, per bin, and over the average: at a sensitivity of 0 and of 1.
const LEAST_FLUX: [f64; 2] = [0.12, 0.004];
const OVER_AVERAGE: [f64; 2] = [3.0, 1.2];

/// What was heard in one hop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// How loud it is, 0..=1.
    pub level: f64,
    /// How loud the three bands are, 0..=1, from low to high.
    pub bands: [f64; 3],
    /// The force of an onset, 0..=1, where there is one.
    pub onset: Option<f64>,
}

/// Listens to samples of one channel. Allocates when it is made, and no more.
pub(super) struct Analyser {
    fft: Arc<dyn RealToComplex<f32>>,
    /// The last samples, the oldest first.
    samples: Vec<f32>,
    new_samples: usize,
    window: Vec<f32>,
    /// Sum of the window, and of its squares.
    weights: (f64, f64),
    weighed: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// The bin at which each band begins.
    edges: [usize; 3],
    /// The logarithmic spectrum of the hop before.
    before: Vec<f32>,
    hop_secs: f64,
    whole: Follower,
    bands: [Follower; 3],
    average_flux: f64,
    /// Hops so far: at first the average is that of all there were.
    hops: f64,
    /// Until the next onset may come.
    rest_secs: f64,
}

impl Analyser {
    /// For so many samples a second, at least 8,000.
    pub(super) fn new(rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz.max(8000));
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let turn = |number: usize| TAU * number as f64 / WINDOW as f64;
        let window: Vec<f32> =
            (0..WINDOW).map(|number| (0.5 - 0.5 * turn(number).cos()) as f32).collect();
        let sum = window.iter().map(|weight| f64::from(*weight)).sum();
        let squares = window.iter().map(|weight| f64::from(*weight).powi(2)).sum();
        let bin = |hertz: f64| (hertz * WINDOW as f64 / rate).ceil() as usize;
        Self {
            samples: vec![0.0; WINDOW],
            new_samples: 0,
            weighed: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            before: vec![0.0; WINDOW / 2 + 1],
            edges: EDGES_HZ.map(|edge| bin(edge).min(WINDOW / 2)),
            hop_secs: HOP as f64 / rate,
            whole: Follower::default(),
            bands: Default::default(),
            average_flux: 0.0,
            hops: 0.0,
            rest_secs: 0.0,
            weights: (sum, squares),
            window,
            fft,
        }
    }

    /// Takes one sample, -1..=1, in. Every [`HOP`] samples says what was heard.
    pub(super) fn sample(&mut self, sample: f32, hearing: &Hearing) -> Option<Heard> {
        let place = WINDOW - HOP + self.new_samples;
        // A device that gives what is no number gives silence.
        self.samples[place] = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        self.new_samples += 1;
        if self.new_samples < HOP {
            return None;
        }
        self.new_samples = 0;
        let heard = self.hop(hearing);
        self.samples.copy_within(HOP.., 0);
        Some(heard)
    }

    fn hop(&mut self, hearing: &Hearing) -> Heard {
        let weighed = self.samples.iter().zip(&self.window);
        for (out, (sample, weight)) in self.weighed.iter_mut().zip(weighed) {
            *out = sample * weight;
        }
        let (fft, scratch) = (&self.fft, &mut self.scratch);
        // Its only error is a length that does not fit, and it made all three itself.
        if fft.process_with_scratch(&mut self.weighed, &mut self.spectrum, scratch).is_err() {
            return Heard::default();
        }
        let levels = self.levels();
        let level = levels.iter().map(|level| level * level).sum::<f64>().sqrt();
        self.whole.hear(level, self.hop_secs);
        for (band, level) in self.bands.iter_mut().zip(levels) {
            band.hear(level, self.hop_secs);
        }
        let gain = hearing.gain_db.map(of_db);
        let onset = self.onset(level, gain.unwrap_or(self.whole.gain()), hearing.sensitivity);
        match gain {
            Some(gain) => Heard {
                level: (level * gain).min(1.0),
                bands: levels.map(|level| (level * gain).min(1.0)),
                onset,
            },
            None => Heard {
                level: self.whole.brought(level),
                bands: std::array::from_fn(|band| {
                    self.bands[band].brought_of(levels[band], self.whole)
                }),
                onset,
            },
        }
    }

    /// Root mean squares of the three bands, of full scale.
    fn levels(&self) -> [f64; 3] {
        let [low, mid, high] = self.edges;
        let power =
            |bins: &[Complex<f32>]| bins.iter().map(|bin| f64::from(bin.norm_sqr())).sum::<f64>();
        let scale = 2.0 / (WINDOW as f64 * self.weights.1);
        let ranges = [low..mid, mid..high, high..self.spectrum.len()];
        ranges.map(|range| (power(&self.spectrum[range]) * scale).sqrt())
    }

    fn onset(&mut self, level: f64, gain: f64, sensitivity: f64) -> Option<f64> {
        let scale = COMPRESSION * gain * 2.0 / self.weights.0;
        let mut flux = 0.0;
        for (bin, before) in self.spectrum.iter().zip(&mut self.before) {
            let loudness = (f64::from(bin.norm()) * scale).ln_1p() as f32;
            flux += f64::from((loudness - *before).max(0.0));
            *before = loudness;
        }
        flux /= self.before.len() as f64;
        let between = |[at_0, at_1]: [f64; 2]| at_0 + (at_1 - at_0) * sensitivity.clamp(0.0, 1.0);
        let threshold = between(LEAST_FLUX) + between(OVER_AVERAGE) * self.average_flux;
        self.hops += 1.0;
        let share = (1.0 - (-self.hop_secs / MEMORY_SECS).exp()).max(1.0 / self.hops);
        self.average_flux += (flux - self.average_flux) * share;
        self.rest_secs = (self.rest_secs - self.hop_secs).max(0.0);
        if flux <= threshold || self.rest_secs > 0.0 || level < SILENCE {
            return None;
        }
        self.rest_secs = REST_SECS;
        // What only just is one is soft, what towers above the rest hard.
        Some(1.0 - 0.75 * threshold / flux)
    }
}

impl fmt::Debug for Analyser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyser").field("hop_secs", &self.hop_secs).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;
    const PLAIN: Hearing = Hearing { gain_db: Some(0.0), sensitivity: 0.5 };
    const AUTO: Hearing = Hearing { gain_db: None, sensitivity: 0.5 };

    fn hear(
        analyser: &mut Analyser,
        samples: impl Iterator<Item = f64>,
        by: &Hearing,
    ) -> Vec<Heard> {
        samples.filter_map(|sample| analyser.sample(sample as f32, by)).collect()
    }

    fn sine(hertz: f64, amplitude: f64, secs: f64) -> impl Iterator<Item = f64> {
        let count = (secs * f64::from(RATE)) as u32;
        (0..count).map(move |at| amplitude * (TAU * hertz * f64::from(at) / f64::from(RATE)).sin())
    }

    /// Noise that is the same every time: a linear congruential generator (Knuth's MMIX).
    fn noise(amplitude: f64) -> impl Iterator<Item = f64> {
        let mut state = 1_u64;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            amplitude * ((state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0)
        })
    }

    #[test]
    fn a_sine_is_in_its_band_at_its_root_mean_square() {
        for (hertz, band) in [(100.0, 0), (1000.0, 1), (9000.0, 2)] {
            let heard = hear(&mut Analyser::new(RATE), sine(hertz, 0.5, 0.5), &PLAIN);
            let last = heard.last().expect("many hops");
            // An amplitude of 1/2 has 1/2 / sqrt 2.
            assert!((last.level - 0.125_f64.sqrt()).abs() < 0.002, "{hertz}: {last:?}");
            for (place, level) in last.bands.into_iter().enumerate() {
                let wanted = if place == band { 0.125_f64.sqrt() } else { 0.0 };
                assert!((level - wanted).abs() < 0.003, "{hertz} Hz, band {place}: {level}");
            }
        }
        // 6 dB more are twice as much.
        let more = Hearing { gain_db: Some(6.0206), ..PLAIN };
        let heard = hear(&mut Analyser::new(RATE), sine(100.0, 0.25, 0.5), &more);
        assert!((heard.last().expect("hops").bands[0] - 0.125_f64.sqrt()).abs() < 0.002);
    }

    #[test]
    fn quiet_and_loud_are_brought_up_and_the_other_bands_are_not() {
        for db in [-40.0, -3.0] {
            let mut analyser = Analyser::new(RATE);
            let heard = hear(&mut analyser, sine(100.0, of_db(db), 25.0), &AUTO);
            let last = heard.last().expect("many hops");
            assert!(last.level > 0.5 && last.bands[0] > 0.5, "{db} dB: {last:?}");
            assert!(last.bands[1] < 0.05 && last.bands[2] < 0.05, "{db} dB: {last:?}");
        }
    }

    /// The hops in which there was an onset.
    fn onsets(heard: &[Heard]) -> Vec<usize> {
        (0..heard.len()).filter(|hop| heard[*hop].onset.is_some()).collect()
    }

    #[test]
    fn clicks_are_onsets_where_they_are() {
        // Eight clicks of 5 ms, half a second apart, first alone and then under a steady hum and hiss.
        let starts: Vec<usize> = (1..=8).map(|click| click * 24_000 + click * 137).collect();
        for ground in [0.0, 0.02] {
            let click = |at: usize| {
                let since = starts.iter().rev().find(|start| **start <= at).map(|start| at - start);
                let since = since.filter(|since| *since < 240);
                since.map_or(0.0, |since| if since % 24 < 12 { 0.5 } else { -0.5 })
            };
            let hum = sine(120.0, ground, 10.0).zip(noise(ground));
            let samples = hum.enumerate().map(|(at, (hum, hiss))| hum + hiss + click(at));
            let heard = hear(&mut Analyser::new(RATE), samples, &AUTO);
            let found = onsets(&heard);
            // What begins at the very start is an onset, too.
            let found: Vec<usize> = found.into_iter().filter(|hop| *hop > 8).collect();
            let wanted: Vec<usize> = starts.iter().map(|start| start / HOP).collect();
            assert_eq!(found.len(), wanted.len(), "{ground}: {found:?} for {wanted:?}");
            for (found, wanted) in found.iter().zip(&wanted) {
                assert!(found.abs_diff(*wanted) <= 1, "{ground}: {found} for {wanted}");
            }
            assert!(heard.iter().filter_map(|heard| heard.onset).all(|force| force <= 1.0));
        }
    }

    #[test]
    fn what_goes_on_is_no_onset() {
        let steady = hear(&mut Analyser::new(RATE), sine(440.0, 0.3, 10.0), &AUTO);
        assert!(onsets(&steady).into_iter().all(|hop| hop < 5), "{:?}", onsets(&steady));
        let hiss = hear(&mut Analyser::new(RATE), noise(0.3).take(480_000), &AUTO);
        assert!(onsets(&hiss).into_iter().all(|hop| hop < 12), "{:?}", onsets(&hiss));
        // What nobody can hear is none, and what is no number is silence.
        let faint = (0..96_000).map(|at| if at % 24_000 < 100 { 1e-5 } else { 0.0 });
        assert!(onsets(&hear(&mut Analyser::new(RATE), faint, &AUTO)).is_empty());
        let broken = [f64::NAN, f64::INFINITY].into_iter().cycle().take(48_000);
        let heard = hear(&mut Analyser::new(RATE), broken, &AUTO);
        assert!(heard.iter().all(|heard| *heard == Heard::default()));
    }
}
