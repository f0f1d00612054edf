//! The beat: where time is in the music, and which steps of a grid a tick has come to.
//!
//! Pure arithmetic, on the engine thread. It moves on by executed ticks alone, never by the time of
//! day, so that a take counts as its performance did.

use crate::params::{BEATS_PER_BAR, Grid};

/// The widest grid, in beats: a restart goes to the next of its steps, so that every grid steps.
const WIDEST_BEATS: f64 = 4.0 * BEATS_PER_BAR;

/// What a sum of many parts of a beat may lack at a step, in steps.
const SLACK: f64 = 1e-9;

/// How far a clock may be from the beat and still be followed softly, in beats; beyond it the beat
/// goes where the clock is. A tick of 24 a second at 300 bpm is a fifth of a beat.
const REACH_BEATS: f64 = 0.5;

/// The share of a clock's lead that is made up in one tick: its stamps jitter, and a tick takes its
/// place in time anywhere between two of them.
const FOLLOWING: f64 = 0.2;

/// The position in beats since the start. A step falls into the first tick at or after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    beats: f64,
    /// At the tick before; just below `beats` where it has gone somewhere else.
    before: f64,
    /// Where the pace last changed, and how many ticks ago: a product has no error that adds up.
    anchor: f64,
    ticks: u64,
    beats_per_tick: f64,
    /// What is still to be made up, in beats.
    lead: f64,
    is_started: bool,
}

impl Default for Beat {
    fn default() -> Self {
        Self {
            beats: 0.0,
            before: 0.0,
            anchor: 0.0,
            ticks: 0,
            beats_per_tick: 0.0,
            lead: 0.0,
            is_started: false,
        }
    }
}

impl Beat {
    /// One tick, at this pace. The first stands at beat 0, which is a step of every grid.
    pub fn advance(&mut self, beats_per_tick: f64) {
        if !self.is_started {
            self.is_started = true;
            self.go_to(0.0);
            return;
        }
        if beats_per_tick != self.beats_per_tick {
            self.beats_per_tick = beats_per_tick;
            self.anchor_here();
        }
        if self.lead != 0.0 {
            // Never backward: no step comes twice.
            let part = (self.lead * FOLLOWING).max(-0.5 * beats_per_tick);
            self.lead -= part;
            self.anchor += part;
        }
        self.ticks += 1;
        self.before = self.beats;
        self.beats = self.anchor + self.ticks as f64 * beats_per_tick;
    }

    /// Beats since the start, or since a clock's.
    pub fn beats(&self) -> f64 {
        self.beats
    }

    /// Whether this tick is the first at or after a step of the grid; always, where there is none.
    pub fn has_stepped(&self, grid: Grid) -> bool {
        grid.beats().is_none_or(|beats| self.has_passed(beats))
    }

    /// Whether this tick is the first at or after a multiple of so many beats.
    pub fn has_passed(&self, beats: f64) -> bool {
        let step = |at: f64| (at / beats + SLACK).floor();
        step(self.beats) > step(self.before)
    }

    /// Goes somewhere else; where that is a step, it is one of this tick's.
    pub fn go_to(&mut self, beats: f64) {
        self.beats = beats;
        self.before = beats - 1e-6;
        self.lead = 0.0;
        self.anchor_here();
    }

    /// Goes on where another run's beat was, from the first tick on.
    pub fn resume(&mut self, beats: f64) {
        self.is_started = true;
        self.go_to(beats);
    }

    /// A bar begins now, of every grid. Returns how far on that is, in beats.
    pub fn restart(&mut self) -> f64 {
        let here = self.beats;
        self.go_to(((here / WIDEST_BEATS - SLACK).floor() + 1.0) * WIDEST_BEATS);
        self.beats - here
    }

    /// A beat is now.
    pub fn align(&mut self) {
        self.go_to(self.beats.round());
    }

    /// A clock says where it is: softly there, or at once where that is far.
    pub fn follow(&mut self, beats: f64) {
        let lead = beats - self.beats;
        if lead.abs() > REACH_BEATS { self.go_to(beats) } else { self.lead = lead }
    }

    fn anchor_here(&mut self) {
        self.anchor = self.beats;
        self.ticks = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The ticks among `ticks` in which the grid steps.
    fn steps(beat: &mut Beat, beats_per_tick: f64, grid: Grid, ticks: u64) -> Vec<u64> {
        let has_stepped = |_: &u64| {
            beat.advance(beats_per_tick);
            beat.has_stepped(grid)
        };
        (0..ticks).filter(has_stepped).collect()
    }

    #[test]
    fn at_120_bpm_and_30_hertz_a_beat_is_15_ticks() {
        let steps = |grid| steps(&mut Beat::default(), 120.0 / 60.0 / 30.0, grid, 61);
        assert_eq!(steps(Grid::Beat), [0, 15, 30, 45, 60]);
        // 3.75 ticks: each step in the first tick at or after it.
        assert_eq!(steps(Grid::QuarterBeat)[..6], [0, 4, 8, 12, 15, 19]);
        assert_eq!(steps(Grid::Bar), [0, 60]);
        assert_eq!(steps(Grid::Off).len(), 61);
    }

    proptest! {
        /// Whole numbers say where the steps are: tick t stands at t * bpm / (60 * hertz) beats, so
        /// step k of a grid of q quarters falls into the first t with 4 t bpm >= 60 hertz q k.
        #[test]
        fn steps_are_where_whole_numbers_say(
            bpm in 20_u64..=300,
            hertz in prop::sample::select(vec![24_u64, 25, 30, 60]),
            grid in prop::sample::select(Grid::ALL[1..].to_vec()),
        ) {
            let quarters = (grid.beats().expect("a grid") * 4.0) as u64;
            let ticks = 20_000;
            let expected: Vec<u64> = (0..)
                .map(|step| (60 * hertz * quarters * step).div_ceil(4 * bpm))
                .take_while(|tick| *tick < ticks)
                .collect();
            let pace = bpm as f64 / 60.0 / hertz as f64;
            prop_assert_eq!(steps(&mut Beat::default(), pace, grid, ticks), expected);
        }

        #[test]
        fn a_clock_that_is_near_brings_no_step_twice(
            errors in prop::collection::vec(-0.2_f64..0.2, 1..200),
        ) {
            let mut beat = Beat::default();
            let mut last = -1.0;
            for (tick, error) in errors.into_iter().enumerate() {
                beat.advance(0.1);
                prop_assert!(beat.beats() > last);
                last = beat.beats();
                beat.follow(tick as f64 * 0.1 + error);
            }
        }
    }

    #[test]
    fn a_restart_is_a_step_of_every_grid() {
        let mut beat = Beat::default();
        (0..100).for_each(|_| beat.advance(0.37));
        let here = beat.beats();
        let on = beat.restart();
        assert!((here + on).rem_euclid(16.0) == 0.0 && on > 0.0 && on <= 16.0);
        assert!(Grid::ALL.into_iter().all(|grid| beat.has_stepped(grid)));
        beat.advance(0.37);
        assert!(!beat.has_stepped(Grid::QuarterBeat) || 0.37 >= 0.25);
        beat.go_to(3.3);
        assert!(!beat.has_stepped(Grid::QuarterBeat));
        beat.align();
        assert!(beat.has_stepped(Grid::Beat) && !beat.has_stepped(Grid::TwoBeats));
        assert_eq!(beat.beats(), 3.0);
    }

    #[test]
    fn a_clock_is_reached_softly_or_at_once() {
        let mut beat = Beat::default();
        beat.advance(0.1);
        beat.follow(0.3);
        for _ in 0..60 {
            beat.advance(0.1);
        }
        // Sixty ticks on, and what it was behind.
        assert!((beat.beats() - 6.3).abs() < 1e-5, "{}", beat.beats());
        beat.follow(400.0);
        assert_eq!(beat.beats(), 400.0);
    }
}
