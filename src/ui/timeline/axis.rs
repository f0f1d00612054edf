//! Which place of the clip stands where in the strip. Arithmetic alone.
//!
//! The strip runs over the access units of the forward stream, so that a superframe is as wide as what
//! it plays and the strip's end is the clip's. Positions and loops are counted in slices, which are
//! fewer: the last superframe begins a superframe before the end.

use crate::playhead::{self, Part};
use egui::Rect;

/// Access units that are in sight at least, in superframes: two, so that one sees what comes next.
const SUPERFRAMES_MIN: u32 = 2;

/// The part of a clip that is in sight, 0..=1 of its length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sight {
    pub from: f64,
    pub to: f64,
}

impl Default for Sight {
    fn default() -> Self {
        Self { from: 0.0, to: 1.0 }
    }
}

impl Sight {
    /// Whether less than all is in sight.
    pub fn is_zoomed(self) -> bool {
        self.to - self.from < 1.0
    }

    /// So many times closer, around a place that stays where it is; never closer than `span_min`.
    pub fn zoomed(self, around: f64, times: f64, span_min: f64) -> Self {
        let before = self.to - self.from;
        let span = (before / times).clamp(span_min.min(1.0), 1.0);
        Self { from: around - (around - self.from) / before * span, to: 0.0 }.with_span(span)
    }

    /// Moved on by a part of the clip.
    pub fn moved(self, by: f64) -> Self {
        Self { from: self.from + by, ..self }.with_span(self.to - self.from)
    }

    /// With this much in sight, inside the clip.
    fn with_span(self, span: f64) -> Self {
        let from = self.from.clamp(0.0, 1.0 - span);
        Self { from, to: from + span }
    }
}

/// A clip laid out from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub place: Rect,
    /// Access units of the forward stream, at least 1.
    pub units: u32,
    /// Access units per superframe, at most `units`.
    pub size: u32,
    pub sight: Sight,
}

impl Axis {
    pub fn new(place: Rect, units: u32, superframe_size: u32, sight: Sight) -> Self {
        let units = units.max(1);
        Self { place, units, size: superframe_size.clamp(1, units), sight }
    }

    /// Where an access unit begins.
    pub fn x(&self, unit: f64) -> f32 {
        let part = (unit / f64::from(self.units) - self.sight.from) / self.span();
        // Far outside is far enough.
        let part = part.clamp(-4.0, 5.0) as f32;
        self.place.left() + part * self.place.width()
    }

    /// The place under the pointer, in access units.
    pub fn unit(&self, x: f32) -> f64 {
        self.part(x) * f64::from(self.units)
    }

    /// The same as a part of the clip, 0..=1.
    pub fn part(&self, x: f32) -> f64 {
        let across = f64::from((x - self.place.left()) / self.place.width().max(1.0));
        (self.sight.from + across * self.span()).clamp(0.0, 1.0)
    }

    /// The access unit whose beginning is nearest to the pointer.
    pub fn nearest(&self, x: f32) -> u32 {
        self.unit(x).round() as u32
    }

    /// How wide an access unit is, in points.
    pub fn unit_width(&self) -> f32 {
        (f64::from(self.place.width()) / (f64::from(self.units) * self.span())) as f32
    }

    /// The access units in sight: the first, and the one after the last.
    pub fn units_in_sight(&self) -> (u32, u32) {
        let units = f64::from(self.units);
        let first = (self.sight.from * units).floor() as u32;
        (first, ((self.sight.to * units).ceil() as u32).min(self.units))
    }

    /// All slices of the clip.
    pub fn whole(&self) -> Part {
        Part::whole(playhead::slices(self.units, self.size))
    }

    /// The superframe that begins nearest to the pointer.
    pub fn slice(&self, x: f32) -> u32 {
        self.whole().clamp(self.nearest(x))
    }

    /// First and last slice of a loop that plays what lies between two access units.
    pub fn loop_between(&self, one: u32, other: u32) -> (u32, u32) {
        let whole = self.whole();
        let first = whole.clamp(one.min(other));
        let last = whole.clamp(one.max(other).saturating_sub(self.size));
        (first, last.max(first))
    }

    /// The least that may be in sight.
    pub fn span_min(&self) -> f64 {
        f64::from(self.size * SUPERFRAMES_MIN) / f64::from(self.units)
    }

    fn span(&self) -> f64 {
        self.sight.to - self.sight.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    fn axis(sight: Sight) -> Axis {
        Axis::new(Rect::from_min_size(pos2(10.0, 0.0), vec2(800.0, 60.0)), 200, 6, sight)
    }

    #[test]
    fn places_and_pointers_are_inverse() {
        let axis = axis(Sight { from: 0.25, to: 0.75 });
        // 100 of 200 access units over 800 points: 8 points each, from number 50 on.
        assert_eq!((axis.x(50.0), axis.x(75.0), axis.unit_width()), (10.0, 210.0, 8.0));
        assert_eq!((axis.unit(210.0), axis.part(210.0), axis.nearest(213.0)), (75.0, 0.375, 75));
        assert_eq!(axis.units_in_sight(), (50, 150));
    }

    #[test]
    fn the_last_superframe_begins_a_superframe_before_the_end() {
        let axis = axis(Sight::default());
        assert_eq!((axis.slice(810.0), axis.whole().clip_last), (194, 194));
        assert_eq!(axis.loop_between(100, 40), (40, 94));
        // Shorter than a superframe: one superframe.
        assert_eq!(
            (axis.loop_between(40, 43), axis.loop_between(199, 200)),
            ((40, 40), (194, 194))
        );
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer_and_stays_in_the_clip() {
        let near = |one: Sight, from: f64, to: f64| {
            assert!((one.from - from).abs() < 1e-9 && (one.to - to).abs() < 1e-9, "{one:?}");
        };
        let all = Sight::default();
        near(all.zoomed(0.5, 2.0, 0.01), 0.25, 0.75);
        // A fifth of the way in stays a fifth of the way in: 0.2 - 0.2 / 4 = 0.15.
        near(all.zoomed(0.2, 4.0, 0.01), 0.15, 0.4);
        near(all.zoomed(0.0, 1000.0, 0.1), 0.0, 0.1);
        near(all.zoomed(0.9, 2.0, 0.01).zoomed(0.9, 0.1, 0.01), 0.0, 1.0);
        near(all.zoomed(0.5, 2.0, 0.01).moved(1.0), 0.5, 1.0);
        assert!(!all.is_zoomed() && all.zoomed(0.5, 2.0, 0.01).is_zoomed());
        // A clip shorter than two superframes cannot be zoomed.
        near(all.zoomed(0.5, 2.0, 3.0), 0.0, 1.0);
    }
}
