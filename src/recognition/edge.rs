//! The closed loop that keeps a picture at the edge of being recognised.
//!
//! A PI controller from confidence to wear (Åström and Hägglund, "Advanced PID Control", 2006, chapters 3
//! and 9): the error is how much surer the eye is than it should be, the integral is the wear. Nobody
//! knows how steep a picture's way into nothing is (a drawing may go from sure to lost within a twentieth
//! of the wear), so the gain finds it out: each time the error changes sides it was too high, and while
//! the error stays on one side it may grow. The integral stays where wear is possible, so that nothing
//! winds up, and it rests while the eye's answer to the last wear is on its way.

use std::time::Duration;

/// Gain of the integral at first and at most, in wear a second per unit of confidence.
const GAIN_MOST: f64 = 1.6;
/// The least that it may become.
const GAIN_LEAST: f64 = 0.05;
/// What becomes of the gain when the error changes sides, and in a second on one side.
const GAIN_CUT: f64 = 0.45;
const GAIN_GROWTH: f64 = 1.7;
/// Errors below this are none: they do not cut the gain.
const QUIET: f64 = 0.02;
/// Seconds of the integral that the proportional part is worth.
const LEAD_SECS: f64 = 0.15;
/// Within this of the level it holds.
const HOLDS_WITHIN: f64 = 0.15;
/// For how long the wear must be at its end before the level is out of reach.
const OUT_OF_REACH: Duration = Duration::from_secs(5);
/// A look that comes later than this after the one before counts as this late, in seconds.
const LONGEST_STEP_SECS: f64 = 0.5;

/// How it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EdgeState {
    /// The loop is open.
    #[default]
    Off,
    /// On its way.
    Seeking,
    /// The confidence is at its level.
    Holding,
    /// All wear, or none, and the confidence is still not where it should be.
    OutOfReach,
}

/// What the loop says after a look.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Steer {
    /// The wear to give, 0..=1.
    pub wear: f64,
    /// How it goes.
    pub state: EdgeState,
}

/// The loop. Pure: what comes out follows from what went in.
#[derive(Clone, Debug)]
pub struct Edge {
    integral: f64,
    gain: f64,
    /// The last error that was more than none.
    side: f64,
    at_end: Duration,
}

impl Default for Edge {
    fn default() -> Self {
        Self { integral: 0.0, gain: GAIN_MOST, side: 0.0, at_end: Duration::ZERO }
    }
}

impl Edge {
    /// Takes in how sure the eye is, 0..=1, so long after the look before, and says how much wear to give.
    pub fn step(&mut self, confidence: f64, level: f64, since: Duration) -> Steer {
        let error = confidence.clamp(0.0, 1.0) - level.clamp(0.0, 1.0);
        let secs = since.as_secs_f64().min(LONGEST_STEP_SECS);
        if error.abs() > QUIET {
            if self.side * error < 0.0 {
                self.gain = (self.gain * GAIN_CUT).max(GAIN_LEAST);
            } else if error.abs() > HOLDS_WITHIN {
                self.gain = (self.gain * GAIN_GROWTH.powf(secs)).min(GAIN_MOST);
            }
            self.side = error;
        }
        self.integral = (self.integral + self.gain * error * secs).clamp(0.0, 1.0);
        let wear = (self.integral + self.gain * LEAD_SECS * error).clamp(0.0, 1.0);
        let pushes_out =
            (self.integral >= 1.0 && error > 0.0) || (self.integral <= 0.0 && error < 0.0);
        self.at_end = match pushes_out && error.abs() > HOLDS_WITHIN {
            true => self.at_end.saturating_add(since),
            false => Duration::ZERO,
        };
        let state = match (error.abs() <= HOLDS_WITHIN, self.at_end >= OUT_OF_REACH) {
            (true, _) => EdgeState::Holding,
            (false, true) => EdgeState::OutOfReach,
            (false, false) => EdgeState::Seeking,
        };
        Steer { wear, state }
    }

    /// The loop is open: the next step begins anew.
    pub fn open(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(125);

    /// A picture that follows the wear with this time constant, looked at eight times a second; what the
    /// eye says is one look late. Confidence by wear is `shape`. Returns confidences and steers.
    fn run(secs: f64, lag_secs: f64, level: f64, shape: impl Fn(f64) -> f64) -> Vec<(f64, Steer)> {
        let (mut edge, mut worn, mut late) = (Edge::default(), 0.0, 0.0);
        let looks = (secs / LOOK.as_secs_f64()) as usize;
        let look = |_| {
            worn += (late - worn) * (1.0 - (-LOOK.as_secs_f64() / lag_secs).exp());
            let confidence = shape(worn);
            let steer = edge.step(confidence, level, LOOK);
            late = steer.wear;
            (confidence, steer)
        };
        (0..looks).map(look).collect()
    }

    /// From sure to nothing, `steep` = the slope in its middle.
    fn fall(middle: f64, steep: f64) -> impl Fn(f64) -> f64 {
        move |wear| 1.0 / (1.0 + (4.0 * steep * (wear - middle)).exp())
    }

    #[test]
    fn a_step_settles_within_five_seconds_and_stays() {
        for (middle, steep) in [(0.3, 2.0), (0.5, 4.0), (0.7, 8.0), (0.9, 3.0), (0.15, 6.0)] {
            for lag_secs in [0.05, 0.2, 0.35] {
                for level in [0.3, 0.5, 0.7] {
                    let course = run(40.0, lag_secs, level, fall(middle, steep));
                    for (at, (confidence, steer)) in course.iter().enumerate().skip(40) {
                        let secs = at as f64 * LOOK.as_secs_f64();
                        let of = format!("{middle} {steep} {lag_secs} {level} at {secs} s");
                        assert!((confidence - level).abs() <= 0.15, "{of}: {confidence}");
                        assert_eq!(steer.state, EdgeState::Holding, "{of}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_winds_up() {
        let mut edge = Edge::default();
        // A minute in which no wear is enough.
        for _ in 0..480 {
            assert!(edge.step(1.0, 0.5, LOOK).wear <= 1.0);
        }
        // The first look below the level takes wear away at once, and a second of them much of it.
        let first = edge.step(0.2, 0.5, LOOK);
        assert!(first.wear < 0.97, "{first:?}");
        let mut edge = Edge::default();
        for _ in 0..480 {
            assert_eq!(edge.step(0.0, 0.5, LOOK).wear, 0.0);
        }
        assert!(edge.step(1.0, 0.5, LOOK).wear > 0.03);
    }

    #[test]
    fn out_of_reach_is_said_after_five_seconds_at_an_end_and_taken_back() {
        let mut edge = Edge::default();
        let mut states = (0..120).map(|_| edge.step(0.9, 0.5, LOOK).state);
        let first = states.position(|state| state == EdgeState::OutOfReach).expect("said");
        // Some looks until all wear is given, and then five seconds of eight looks.
        assert!((40..80).contains(&first), "{first}");
        assert!(states.all(|state| state == EdgeState::OutOfReach));
        assert_eq!(edge.step(0.5, 0.5, LOOK).state, EdgeState::Holding);
        assert_eq!(edge.step(0.9, 0.5, LOOK).state, EdgeState::Seeking);
        // A picture that is nothing without any wear cannot be brought up either.
        let mut edge = Edge::default();
        let last = (0..60).map(|_| edge.step(0.1, 0.5, LOOK)).last().expect("steps");
        assert_eq!(last, Steer { wear: 0.0, state: EdgeState::OutOfReach });
        edge.open();
        assert_eq!(edge.step(0.1, 0.5, LOOK).state, EdgeState::Seeking);
    }

    #[test]
    fn a_look_that_was_long_in_coming_moves_no_further_than_half_a_second() {
        let (mut one, mut other) = (Edge::default(), Edge::default());
        let late = one.step(0.9, 0.5, Duration::from_secs(60)).wear;
        assert_eq!(late, other.step(0.9, 0.5, Duration::from_millis(500)).wear);
    }
}
