//! The timeline function, laid over the strip while the playhead follows it.
//!
//! The strip's places stay where they are: time runs down, from the function's beginning at the top to
//! its end at the bottom, so that the line of the playhead meets the curve where it is now.

use super::Axis;
use crate::{
    engine::Status,
    modulation::{Curve, Positions, Timeline, Wave},
    playhead::{FunctionState, Part},
};
use egui::{Pos2, pos2};

/// Points of the line at most.
const POINTS_MAX: u64 = 400;

/// What a line was computed from.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    timeline: Timeline,
    part: Part,
    first: u64,
    length: u64,
    curve: Option<Curve>,
    positions: Option<Positions>,
}

/// A function over a part of a clip, kept until it is another.
#[derive(Debug, Default)]
pub(in crate::ui) struct Course {
    key: Option<Key>,
    /// Slice, and the part of the function's time that is over.
    points: Vec<(u32, f32)>,
    length: u64,
}

impl Course {
    /// Computes it where it is another than before.
    pub fn follow(&mut self, status: &Status, timeline: Timeline, part: Part) {
        let length = match (timeline.wave, &status.positions) {
            (Wave::List, Some(positions)) => positions.slices().len() as u64,
            _ => timeline.length(part.slices()),
        };
        let length = length.max(1);
        // A live performance goes on beyond the function's length: the run that it is in is shown.
        let first = current(status) / length * length;
        let paths = (status.curve.as_ref(), status.positions.as_ref());
        self.lay(timeline, part, (first, length), paths);
    }

    /// The same for so many superframes from one on, whatever plays.
    pub fn lay(
        &mut self,
        timeline: Timeline,
        part: Part,
        (first, length): (u64, u64),
        (curve, positions): (Option<&Curve>, Option<&Positions>),
    ) {
        self.length = length;
        let is_it = |key: &Key| {
            (key.timeline, key.part, key.first, key.length) == (timeline, part, first, length)
                && key.curve.as_ref() == curve
                && key.positions.as_ref() == positions
        };
        if self.key.as_ref().is_some_and(is_it) {
            return;
        }
        let (curve, positions) = (curve.cloned(), positions.cloned());
        let mut function = FunctionState::default();
        function.curve.clone_from(&curve);
        function.positions.clone_from(&positions);
        self.key = Some(Key { timeline, part, first, length, curve, positions });
        let count = self.length.min(POINTS_MAX);
        self.points = (0..count)
            .map(|point| {
                let number = point * self.length / count;
                let slice = function.slice_at(timeline, first + number, part);
                (slice, down(number, self.length))
            })
            .collect();
    }

    /// Slices, and the part of the time that is over at each.
    pub fn points(&self) -> &[(u32, f32)] {
        &self.points
    }

    /// The line, and where on it the latest superframe is.
    pub(super) fn line(&self, status: &Status, axis: &Axis) -> (Vec<Pos2>, Pos2) {
        let place = axis.place.shrink2(egui::vec2(0.0, 2.0));
        let at = |slice: u32, part: f32| {
            pos2(axis.x(f64::from(slice)), egui::lerp(place.top()..=place.bottom(), part))
        };
        let line = self.points.iter().map(|(slice, part)| at(*slice, *part)).collect();
        let (number, _) = self.progress(status);
        (line, at(status.slice, down(number, self.length)))
    }

    /// Which superframe of how many, counted from 0.
    pub fn progress(&self, status: &Status) -> (u64, u64) {
        (current(status) % self.length.max(1), self.length)
    }
}

/// The number of the superframe that the function chose last.
fn current(status: &Status) -> u64 {
    status.superframe_number.saturating_sub(1)
}

/// Where a superframe's time is, 0..=1.
fn down(number: u64, length: u64) -> f32 {
    (number as f64 / length.saturating_sub(1).max(1) as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::timeline::axis::Sight;
    use egui::{Rect, vec2};

    /// The slices of a function over 101 slices and five superframes, so many superframes on.
    fn slices(wave: Wave, status: &Status) -> Vec<u32> {
        let timeline = Timeline { wave, frequency: 1.0, superframes: 5 };
        let mut course = Course::default();
        course.follow(status, timeline, Part::whole(101));
        course.points.iter().map(|(slice, _)| *slice).collect()
    }

    fn status(superframe_number: u64) -> Status {
        Status { superframe_number, ..Status::default() }
    }

    #[test]
    fn the_run_that_is_played_is_shown() {
        assert_eq!(slices(Wave::Ramp, &status(0)), [0, 25, 50, 75, 100]);
        assert_eq!(slices(Wave::Ramp, &status(5)), [0, 25, 50, 75, 100]);
        // Beyond its length the phase runs on: numbers 5 to 9 over 4 are 1.25 to 2.25 periods.
        assert_eq!(slices(Wave::Ramp, &status(6)), [25, 50, 75, 100, 25]);
    }

    #[test]
    fn a_drawn_curve_and_a_list_are_those_of_the_clip() {
        let curve = Some("0:1 1:0".parse().expect("a curve"));
        let drawn = Status { curve, ..status(0) };
        assert_eq!(slices(Wave::Drawn, &drawn), [100, 75, 50, 25, 0]);
        let positions = Some("3 1 200".parse().expect("a list"));
        assert_eq!(slices(Wave::List, &Status { positions, ..status(0) }), [3, 1, 100]);
    }

    #[test]
    fn time_runs_down() {
        let place = Rect::from_min_size(pos2(0.0, 0.0), vec2(1060.0, 44.0));
        let axis = Axis::new(place, 106, 6, Sight::default());
        let timeline = Timeline { wave: Wave::Ramp, frequency: 1.0, superframes: 5 };
        let mut course = Course::default();
        let status = Status { slice: 50, ..status(3) };
        course.follow(&status, timeline, axis.whole());
        let (line, now) = course.line(&status, &axis);
        // Two points are left free above and below.
        assert_eq!(
            (line[0], line[4], now),
            (pos2(0.0, 2.0), pos2(1000.0, 42.0), pos2(500.0, 22.0))
        );
        assert_eq!(course.progress(&status), (2, 5));
    }

    #[test]
    fn a_long_function_is_a_line_of_few_points() {
        let timeline = Timeline { wave: Wave::Ramp, frequency: 1.0, superframes: 100_000 };
        let mut course = Course::default();
        course.follow(&status(0), timeline, Part::whole(101));
        assert_eq!(course.points.len(), 400);
    }
}
