//! Low-frequency oscillators: waves over time, free or in beats.

use super::{
    chance::Walk,
    wave::{folded, held, rectified_sine, sinusoid, triangle},
};
use std::f64::consts::TAU;

/// The wave of an LFO. Timeline functions of the same name have the same wave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LfoShape {
    /// -cos: begins at its lower end.
    #[default]
    Sine,
    /// Evenly up and down.
    Triangle,
    /// Evenly up, then down at once.
    Saw,
    /// Up for `width` of the period, then down.
    Square,
    /// |sin|: from 0 to 1 only; rests, and swings out twice in a period.
    RectifiedSine,
    /// Another random value in each period.
    SampleAndHold,
    /// By a random step in each period, evenly, turned round at both ends.
    RandomWalk,
}

impl LfoShape {
    /// Their names, in the order of [`Self::ALL`], which is kept for ever: new ones at the end.
    pub const NAMES: &'static [&'static str] =
        &["sine", "triangle", "saw", "square", "rectified_sine", "sample_and_hold", "random_walk"];
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Sine,
        Self::Triangle,
        Self::Saw,
        Self::Square,
        Self::RectifiedSine,
        Self::SampleAndHold,
        Self::RandomWalk,
    ];

    /// The shape of a choice row whose names are [`Self::NAMES`].
    pub fn of_choice(choice: i64) -> Self {
        usize::try_from(choice).ok().and_then(|at| Self::ALL.get(at)).copied().unwrap_or_default()
    }
}

/// How fast an LFO runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// By itself, so many periods a second; a change of pace does not make it jump.
    Free {
        /// Periods a second.
        hertz: f64,
    },
    /// With the beat: period number `beats` / `period_beats`, so that all LFOs of one length move as
    /// one and begin with the bar.
    Beats {
        /// Beats since the first.
        beats: f64,
        /// Beats of a period, above 0.
        period_beats: f64,
    },
}

/// What an LFO is told at one tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LfoSettings {
    /// The wave.
    pub shape: LfoShape,
    /// How fast.
    pub pace: Pace,
    /// Where in its period it begins, 0..=1.
    pub phase: f64,
    /// Of a square the part of the period that is up; of a random walk the longest step, as a part of
    /// the way from end to end. 0..=1.
    pub width: f64,
    /// Which chance.
    pub seed: u64,
}

/// An LFO: where it has got to. What it gives depends on nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lfo {
    periods: f64,
    /// The same when it was asked last.
    place: f64,
    walk: Walk,
}

impl Lfo {
    /// The value now, -1..=1 (a rectified sine 0..=1); then goes on by `secs`.
    pub fn next(&mut self, settings: &LfoSettings, secs: f64) -> f64 {
        match settings.pace {
            Pace::Beats { beats, period_beats } => self.periods = beats / period_beats,
            Pace::Free { .. } => {}
        }
        self.place = self.periods;
        let value = self.value(settings);
        if let Pace::Free { hertz } = settings.pace {
            self.periods += hertz * secs;
        }
        value
    }

    /// Where it was when it gave its latest value, in periods since it began; its phase is added to it.
    pub fn place(&self) -> f64 {
        self.place
    }

    fn value(&mut self, settings: &LfoSettings) -> f64 {
        let LfoSettings { shape, width, seed, .. } = *settings;
        // Beats before the first are those of a bar that has not begun.
        let place = (self.periods + settings.phase).max(0.0);
        let part = place.fract();
        let both_ways = |height: f64| 2.0 * height - 1.0;
        match shape {
            LfoShape::Sine => sinusoid(TAU * part),
            LfoShape::Triangle => both_ways(triangle(part)),
            LfoShape::Saw => both_ways(part),
            LfoShape::Square if part < width => 1.0,
            LfoShape::Square => -1.0,
            LfoShape::RectifiedSine => rectified_sine(TAU * part),
            LfoShape::SampleAndHold => both_ways(held(seed, place as u64)),
            LfoShape::RandomWalk => both_ways(folded(width * self.walk.between(seed, place))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: LfoSettings = LfoSettings {
        shape: LfoShape::Sine,
        pace: Pace::Free { hertz: 0.5 },
        phase: 0.0,
        width: 0.5,
        seed: 5,
    };

    /// Values at every quarter of a second: eighths of the period of 2 s.
    fn values(settings: LfoSettings, count: usize) -> Vec<f64> {
        let mut lfo = Lfo::default();
        (0..count).map(|_| lfo.next(&settings, 0.25)).collect()
    }

    fn near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
        }
    }

    #[test]
    fn every_wave_is_what_its_name_says() {
        let of = |shape| values(LfoSettings { shape, ..FREE }, 9);
        let half = 0.5_f64.sqrt();
        near(&of(LfoShape::Sine), &[-1.0, -half, 0.0, half, 1.0, half, 0.0, -half, -1.0]);
        near(&of(LfoShape::Triangle), &[-1.0, -0.5, 0.0, 0.5, 1.0, 0.5, 0.0, -0.5, -1.0]);
        near(&of(LfoShape::Saw), &[-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, -1.0]);
        near(&of(LfoShape::Square), &[1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0]);
        near(&of(LfoShape::RectifiedSine), &[0.0, half, 1.0, half, 0.0, half, 1.0, half, 0.0]);
        let narrow = LfoSettings { shape: LfoShape::Square, width: 0.25, ..FREE };
        near(&values(narrow, 5), &[1.0, 1.0, -1.0, -1.0, -1.0]);
        let later = LfoSettings { shape: LfoShape::Saw, phase: 0.25, ..FREE };
        near(&values(later, 7), &[-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, -1.0]);
    }

    #[test]
    fn chance_is_that_of_its_seed() {
        let held = LfoSettings { shape: LfoShape::SampleAndHold, ..FREE };
        // python-xxhash: 2 * (xxh3_64_intdigest(pack('<QQ', n, 2), 5) >> 11) / 2^53 - 1.
        let found = values(held, 24);
        for (period, wanted) in HELD.into_iter().enumerate() {
            near(&found[8 * period..8 * period + 8], &[wanted; 8]);
        }
        // The walk's sums by the same library, folded, and straight lines between them.
        let walk = LfoSettings { shape: LfoShape::RandomWalk, width: 0.3, ..FREE };
        let found = values(walk, 25);
        near(&[found[0], found[8], found[16], found[24]], &WALKED);
        near(&[found[4], found[10]], &[(WALKED[0] + WALKED[1]) / 2.0, between(1, 0.25)]);
        let other = LfoSettings { seed: 6, ..walk };
        assert_ne!(values(other, 9), values(walk, 9));
    }

    fn between(number: usize, part: f64) -> f64 {
        WALKED[number] + part * (WALKED[number + 1] - WALKED[number])
    }

    const HELD: [f64; 3] = [-0.8229977561607993, 0.8276591015099841, -0.2968331824796073];
    const WALKED: [f64; 4] = [0.0, 0.07625107951462273, -0.16646163817495108, 0.16772480746731167];

    #[test]
    fn beats_say_where_it_is_and_a_new_pace_does_not_jump() {
        let mut lfo = Lfo::default();
        let at = |beats| LfoSettings {
            shape: LfoShape::Saw,
            pace: Pace::Beats { beats, period_beats: 4.0 },
            ..FREE
        };
        assert_eq!(lfo.next(&at(0.0), 9.0), -1.0);
        assert_eq!(lfo.next(&at(2.0), 9.0), 0.0);
        assert_eq!(lfo.next(&at(103.0), 9.0), 0.5);
        assert_eq!(lfo.next(&at(-1.0), 9.0), -1.0, "before the first beat it stands");
        // Free from three quarters of its period on, at one period a second and then at two.
        lfo.next(&at(3.0), 9.0);
        let free = |hertz| LfoSettings { shape: LfoShape::Saw, pace: Pace::Free { hertz }, ..FREE };
        assert_eq!(lfo.next(&free(1.0), 0.125), 0.5);
        assert_eq!(lfo.next(&free(2.0), 0.0625), 0.75);
        assert_eq!(lfo.next(&free(2.0), 0.0625), -1.0);
    }

    #[test]
    fn names_and_shapes_are_as_many() {
        assert_eq!(LfoShape::NAMES.len(), LfoShape::ALL.len());
        for (place, shape) in LfoShape::ALL.into_iter().enumerate() {
            assert_eq!(LfoShape::of_choice(place as i64), shape);
            assert_eq!(shape as usize, place);
        }
        assert_eq!(LfoShape::of_choice(7), LfoShape::Sine);
    }
}
