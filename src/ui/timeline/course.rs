//! The timeline function, laid over the strip while the playhead follows it.
//!
//! The strip's places stay where they are: time runs down, from the function's beginning at the top to
//! its end at the bottom, so that the line of the playhead meets the curve where it is now.

use super::Axis;
use crate::{
    modulation::{Curve, Positions, Timeline, Wave},
    playhead::{FunctionState, Part},
    ui::View,
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
    curve: Option<Curve>,
    positions: Option<Positions>,
}

/// A function over a part of a clip, kept until it is another.
#[derive(Debug, Default)]
pub(super) struct Course {
    key: Option<Key>,
    /// Slice, and the part of the function's time that is over.
    points: Vec<(u32, f32)>,
    length: u64,
}

impl Course {
    /// Computes it where it is another than before.
    pub fn follow(&mut self, view: &View<'_>, timeline: Timeline, part: Part) {
        let status = view.status;
        let length = match (timeline.wave, &status.positions) {
            (Wave::List, Some(positions)) => positions.slices().len() as u64,
            _ => timeline.length(part.slices()),
        };
        self.length = length.max(1);
        // A live performance goes on beyond the function's length: the run that it is in is shown.
        let first = current(view) / self.length * self.length;
        let is_it = |key: &Key| {
            (key.timeline, key.part, key.first) == (timeline, part, first)
                && key.curve == status.curve
                && key.positions == status.positions
        };
        if self.key.as_ref().is_some_and(is_it) {
            return;
        }
        let (curve, positions) = (status.curve.clone(), status.positions.clone());
        self.key = Some(Key { timeline, part, first, curve, positions });
        let mut function = FunctionState::default();
        function.curve.clone_from(&status.curve);
        function.positions.clone_from(&status.positions);
        let count = self.length.min(POINTS_MAX);
        self.points = (0..count)
            .map(|point| {
                let number = point * self.length / count;
                let slice = function.slice_at(timeline, first + number, part);
                (slice, down(number, self.length))
            })
            .collect();
    }

    /// The line, and where on it the latest superframe is.
    pub fn line(&self, view: &View<'_>, axis: &Axis) -> (Vec<Pos2>, Pos2) {
        let place = axis.place.shrink2(egui::vec2(0.0, 2.0));
        let at = |slice: u32, part: f32| {
            pos2(axis.x(f64::from(slice)), egui::lerp(place.top()..=place.bottom(), part))
        };
        let line = self.points.iter().map(|(slice, part)| at(*slice, *part)).collect();
        let (number, _) = self.progress(view);
        (line, at(view.status.slice, down(number, self.length)))
    }

    /// Which superframe of how many, counted from 0.
    pub fn progress(&self, view: &View<'_>) -> (u64, u64) {
        (current(view) % self.length.max(1), self.length)
    }
}

/// The number of the superframe that the function chose last.
fn current(view: &View<'_>) -> u64 {
    view.status.superframe_number.saturating_sub(1)
}

/// Where a superframe's time is, 0..=1.
fn down(number: u64, length: u64) -> f32 {
    (number as f64 / length.saturating_sub(1).max(1) as f64) as f32
}
