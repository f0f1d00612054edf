//! The slices played in the last seconds: time from left to right, places of the clip from bottom to
//! top. Upward triangles were played forward, downward ones backward.

use crate::{
    engine::Status,
    ui::{Surface, View, theme},
    units::Direction,
};
use egui::{Align2, FontId, Mesh, Pos2, Sense, Stroke, Ui, pos2, vec2};
use std::collections::VecDeque;

/// How long a slice stays.
const KEPT_MICROS: u64 = 30_000_000;
/// From one to the next at least: a slot at 30 pictures a second, rounded as slots are.
const STEP_MICROS: u64 = 33_000;
/// At most so many.
const DOTS_MAX: usize = 900;
/// Half the width of a triangle, in points.
const HALF: f32 = 2.2;

/// A slice that was played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ui) struct Dot {
    slot: u64,
    /// The clip, from 0.
    pub clip: u16,
    /// Where in the clip, 0..=1.
    pub position: f64,
    pub direction: Direction,
}

/// The slices of the last seconds, oldest first.
#[derive(Debug, Default)]
pub(in crate::ui) struct History {
    dots: VecDeque<Dot>,
    /// The latest slot and its length in microseconds.
    now: (u64, u64),
    unit: u32,
}

impl History {
    /// Takes in what the instrument plays now.
    pub fn note(&mut self, status: &Status) {
        let is_older = status.slot < self.now.0;
        if is_older {
            // Another engine: its slots begin anew.
            self.dots.clear();
        }
        self.now = (status.slot, u64::from(status.slot_micros));
        while self.dots.front().is_some_and(|dot| self.age(dot) > KEPT_MICROS) {
            self.dots.pop_front();
        }
        let Some(clip) = status.clip.filter(|_| status.slices > 0) else { return };
        let (slot, position) = (status.slot, status.position.clamp(0.0, 1.0));
        let dot = Dot { slot, clip: clip.0, position, direction: status.direction };
        if let Some(last) = self.dots.back() {
            let is_same =
                *last == Dot { slot: last.slot, ..dot } && self.unit == status.access_unit;
            if self.age(last) < STEP_MICROS || (is_same && !status.is_playing) {
                return;
            }
        }
        self.unit = status.access_unit;
        if self.dots.len() == DOTS_MAX {
            self.dots.pop_front();
        }
        self.dots.push_back(dot);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.dots.is_empty()
    }

    /// All of them, oldest first.
    #[cfg(test)]
    pub fn dots(&self) -> impl Iterator<Item = &Dot> {
        self.dots.iter()
    }

    /// Microseconds since a slice was played.
    fn age(&self, dot: &Dot) -> u64 {
        (self.now.0 - dot.slot) * self.now.1
    }
}

/// Draws it, as wide as there is room.
pub(in crate::ui) fn show(ui: &mut Ui, view: &View<'_>, surface: &Surface, height: f32) {
    let size = vec2(ui.available_width(), height);
    let (place, response) = ui.allocate_exact_size(size, Sense::hover());
    let words = "Slices played in the last 30 seconds";
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, words));
    let painter = ui.painter_at(place);
    painter.rect_filled(place, 3.0, theme::WELL);
    let room = place.shrink2(vec2(HALF + 1.0, HALF + 2.0));
    let history = &surface.strip.played;
    let mut mesh = Mesh::default();
    let mut clip = None;
    let mut named = place.left();
    for dot in &history.dots {
        let x = room.right() - room.width() * history.age(dot) as f32 / KEPT_MICROS as f32;
        if clip != Some(dot.clip) {
            if clip.is_some() {
                painter.vline(x, place.y_range(), Stroke::new(1.0, theme::WEAK));
            }
            clip = Some(dot.clip);
            // One name beside the other, however often the clips take turns.
            if let Some(card) = view.clips.get(usize::from(dot.clip)).filter(|_| x >= named) {
                let corner = pos2(x + 3.0, place.top() + 1.0);
                let font = FontId::proportional(10.0);
                let name = &card.name;
                named = painter.text(corner, Align2::LEFT_TOP, name, font, theme::WEAK).right();
            }
        }
        let y = room.bottom() - room.height() * dot.position as f32;
        triangle(&mut mesh, pos2(x, y), dot.direction);
    }
    painter.add(mesh);
    response.on_hover_text(
        "The slices played in the last 30 seconds, now at the right; the clip's end is at the top. \
         Pointing up: played forward; pointing down: backward",
    );
}

fn triangle(mesh: &mut Mesh, at: Pos2, direction: Direction) {
    let (way, color) = match direction {
        Direction::Forward => (-1.0, theme::ACCENT),
        Direction::Backward => (1.0, theme::BRIGHT),
    };
    let first = mesh.vertices.len() as u32;
    let corners = [(0.0, way), (-1.0, -way), (1.0, -way)];
    for (x, y) in corners {
        mesh.colored_vertex(at + vec2(x, y) * HALF, color);
    }
    mesh.add_triangle(first, first + 1, first + 2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ClipIndex;

    fn status(slot: u64, position: f64) -> Status {
        Status {
            slot,
            position,
            clip: Some(ClipIndex(0)),
            slices: 100,
            slot_micros: 33_333,
            is_playing: true,
            ..Status::default()
        }
    }

    #[test]
    fn thirty_seconds_are_kept_and_no_more() {
        let mut history = History::default();
        for slot in 0..2_000 {
            history.note(&status(slot, 0.5));
            history.note(&status(slot, 0.5));
        }
        // 30 s are 900 slots of 33,333 us; the latest is 1,999.
        let slots: Vec<u64> = history.dots().map(|dot| dot.slot).collect();
        assert_eq!((slots.len(), slots[0], slots[899]), (900, 1_100, 1_999));
        // Ten seconds later, and nothing in between: 900 slots are a little less than 30 s.
        history.note(&status(2_299, 0.5));
        let slots: Vec<u64> = history.dots().map(|dot| dot.slot).collect();
        assert_eq!((slots.len(), slots[0], slots[600], slots[601]), (602, 1_399, 1_999, 2_299));
    }

    #[test]
    fn faster_slots_are_thinned_out() {
        let mut history = History::default();
        for slot in 0..600 {
            history.note(&Status { slot_micros: 16_667, ..status(slot, 0.5) });
        }
        assert_eq!(history.dots().count(), 300);
    }

    #[test]
    fn at_rest_nothing_is_played_and_another_engine_begins_anew() {
        let mut history = History::default();
        for slot in 100..130 {
            history.note(&Status { is_playing: false, ..status(slot, 0.5) });
        }
        assert_eq!(history.dots().count(), 1);
        history.note(&Status { is_playing: false, ..status(131, 0.25) });
        assert_eq!(history.dots().count(), 2);
        history.note(&status(3, 0.75));
        assert_eq!(history.dots().map(|dot| dot.position).collect::<Vec<_>>(), [0.75]);
    }
}
