//! How much moves: bytes of each access unit, forward above the middle line, backward below it.
//!
//! Both lanes show the same moments at the same places. What was drawn is kept as a mesh for as long as
//! nothing about it changes, which is from drawing to drawing all that it costs.

use super::{AT_REST, Axis};
use crate::{
    clip,
    ui::{ClipCard, theme},
    units::Direction,
};
use egui::{Color32, Mesh, Rect, pos2};
use std::sync::Arc;

/// Width of a bar in points, its gap to the next included, where access units are narrower.
const BAR: f32 = 3.0;
/// The part of all access units that must fit: those beyond it, the great first pictures among them,
/// are cut at the top.
const FITTING: f64 = 0.98;
/// Small motion is still seen: heights go by this power of the bytes.
const POWER: f32 = 0.7;

/// A stream's bytes, told from others without looking into them: where they stand, how many.
type Bytes = (usize, usize);

/// What a mesh was drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    streams: [Bytes; 2],
    place: Rect,
    sight: (f64, f64),
    direction: Direction,
}

/// The mesh, and the scale of the clip it shows.
#[derive(Debug, Default)]
pub(super) struct Waveform {
    key: Option<Key>,
    mesh: Arc<Mesh>,
    scale: Option<([Bytes; 2], f32)>,
}

impl Waveform {
    /// The mesh of this clip at these places; the lane that is played is the brighter one.
    pub fn mesh(&mut self, card: &ClipCard, axis: &Axis, direction: Direction) -> Arc<Mesh> {
        let streams = [&card.forward_bytes, &card.backward_bytes]
            .map(|bytes| (bytes.as_ptr() as usize, bytes.len()));
        let sight = (axis.sight.from, axis.sight.to);
        let key = Key { streams, place: axis.place, sight, direction };
        if self.key != Some(key) {
            let scale = match self.scale {
                Some((of, scale)) if of == streams => scale,
                _ => scale_of(card),
            };
            self.scale = Some((streams, scale));
            self.mesh = Arc::new(draw(card, axis, direction, scale));
            self.key = Some(key);
        }
        Arc::clone(&self.mesh)
    }
}

/// The bytes that fill a lane.
fn scale_of(card: &ClipCard) -> f32 {
    let mut bytes: Vec<u32> =
        card.forward_bytes.iter().chain(&card.backward_bytes).copied().collect();
    if bytes.is_empty() {
        return 1.0;
    }
    let place = ((bytes.len() - 1) as f64 * FITTING) as usize;
    let (_, fitting, _) = bytes.select_nth_unstable(place);
    (*fitting).max(1) as f32
}

fn draw(card: &ClipCard, axis: &Axis, direction: Direction, scale: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let place = axis.place;
    let middle = place.center().y;
    let room = place.height() / 2.0 - 1.0;
    let colors = [Direction::Forward, Direction::Backward].map(|lane| color(lane == direction));
    for Bar { left, right, first, end } in bars(axis) {
        let lanes =
            [(most(&card.forward_bytes, first, end), -1.0), (most_backward(card, first, end), 1.0)];
        for ((bytes, way), color) in lanes.into_iter().zip(colors) {
            let height = (bytes as f32 / scale).min(1.0).powf(POWER) * room;
            if height < 0.25 {
                continue;
            }
            let foot = middle + way;
            let (top, bottom) = (foot.min(foot + way * height), foot.max(foot + way * height));
            let bar = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
            mesh.add_colored_rect(bar.intersect(place), color);
        }
    }
    mesh
}

/// The lane that is played stands out; which is which says its side of the line.
fn color(is_played: bool) -> Color32 {
    if is_played { theme::WEAK } else { theme::WEAK.gamma_multiply(AT_REST) }
}

/// A bar, and its access units: the first, and the one after the last.
struct Bar {
    left: f32,
    right: f32,
    first: u32,
    end: u32,
}

/// One for each access unit where there is room, else as many as there is room for.
fn bars(axis: &Axis) -> Vec<Bar> {
    let width = axis.unit_width();
    if width >= BAR {
        let (first, end) = axis.units_in_sight();
        let bar = |unit: u32| {
            let (left, right) = (axis.x(f64::from(unit)), axis.x(f64::from(unit + 1)));
            Bar { left, right: right - (width * 0.25).min(1.0), first: unit, end: unit + 1 }
        };
        return (first..end).map(bar).collect();
    }
    let count = (axis.place.width() / BAR).floor() as u32;
    let bar = |number: u32| {
        let left = axis.place.left() + number as f32 * BAR;
        let first = axis.unit(left).floor() as u32;
        let end = (axis.unit(left + BAR).ceil() as u32).clamp(first + 1, axis.units.max(first + 1));
        Bar { left, right: left + BAR - 1.0, first, end }
    };
    (0..count).map(bar).collect()
}

fn most(bytes: &[u32], first: u32, end: u32) -> u32 {
    let end = (end as usize).min(bytes.len());
    bytes.get(first as usize..end).and_then(|bytes| bytes.iter().max()).copied().unwrap_or(0)
}

/// The most of the backward access units that show the moments of these forward ones.
fn most_backward(card: &ClipCard, first: u32, end: u32) -> u32 {
    let [forward, backward] = [&card.forward_bytes, &card.backward_bytes]
        .map(|bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let at = |unit| clip::backward_start(forward, backward, unit, 1);
    most(&card.backward_bytes, at(end.saturating_sub(1)), at(first).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::timeline::axis::Sight;
    use egui::vec2;

    fn card(forward: &[u32], backward: &[u32]) -> ClipCard {
        let (forward_bytes, backward_bytes) = (forward.to_vec(), backward.to_vec());
        ClipCard { forward_bytes, backward_bytes, ..ClipCard::default() }
    }

    fn axis(width: f32, units: u32) -> Axis {
        let place = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, 42.0));
        Axis::new(place, units, 1, Sight::default())
    }

    /// Height of the bar that begins at `left`, in the lane above or below.
    fn height(mesh: &Mesh, left: f32, is_above: bool) -> f32 {
        let corners = mesh.vertices.chunks(4).map(|corners| {
            corners
                .iter()
                .fold(Rect::NOTHING, |bounds, corner| bounds.union(Rect::from_pos(corner.pos)))
        });
        let mut lane = corners.filter(|bar| (bar.center().y < 21.0) == is_above);
        lane.find(|bar| (bar.left() - left).abs() < 0.01).map_or(0.0, |bar| bar.height())
    }

    #[test]
    fn a_great_first_picture_does_not_flatten_the_rest() {
        let mut bytes = vec![100; 100];
        bytes[0] = 60_000;
        let mesh =
            Waveform::default().mesh(&card(&bytes, &[]), &axis(1000.0, 100), Direction::Forward);
        // 98 of 100 fit: all lanes are 42 / 2 - 1 = 20 points high, the first one too.
        assert_eq!((height(&mesh, 0.0, true), height(&mesh, 500.0, true)), (20.0, 20.0));
        assert_eq!(height(&mesh, 500.0, false), 0.0);
    }

    #[test]
    fn backward_stands_below_at_the_same_moment() {
        // The backward stream begins with the last picture.
        let bytes: Vec<u32> = (0..100).map(|unit| if unit == 10 { 500 } else { 0 }).collect();
        let card = card(&bytes, &bytes.iter().rev().copied().collect::<Vec<_>>());
        let mesh = Waveform::default().mesh(&card, &axis(1000.0, 100), Direction::Backward);
        assert!(height(&mesh, 100.0, true) > 15.0 && height(&mesh, 100.0, false) > 15.0);
        assert_eq!((height(&mesh, 890.0, true), height(&mesh, 890.0, false)), (0.0, 0.0));
        // Half as many pictures backward: still at the same moment, and as long as two.
        let half = [0, 0, 0, 7, 0];
        let half = self::card(&[0; 10], &half);
        let mesh = Waveform::default().mesh(&half, &axis(1000.0, 10), Direction::Backward);
        // round((9 - i) * 4 / 9) is 3 for i = 2 (3.1) and i = 3 (2.7).
        let seen: Vec<u32> =
            (0..10).filter(|unit| height(&mesh, *unit as f32 * 100.0, false) > 0.0).collect();
        assert_eq!(seen, [2, 3]);
    }

    #[test]
    fn many_access_units_are_a_few_bars_that_hide_no_peak() {
        let bytes: Vec<u32> = (0..54_000).map(|unit| if unit == 27_001 { 9 } else { 1 }).collect();
        let mesh = Waveform::default().mesh(
            &card(&bytes, &bytes),
            &axis(1256.0, 54_000),
            Direction::Forward,
        );
        assert!(mesh.indices.len() / 3 <= 2 * 2 * 419, "{}", mesh.indices.len() / 3);
        assert!(height(&mesh, 627.0, true) >= 20.0);
    }

    #[test]
    fn nothing_is_drawn_anew_where_nothing_changed() {
        let mut waveform = Waveform::default();
        let card = card(&[1, 2, 3], &[3, 2, 1]);
        let first = waveform.mesh(&card, &axis(300.0, 3), Direction::Forward);
        let second = waveform.mesh(&card, &axis(300.0, 3), Direction::Forward);
        assert!(Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&first, &waveform.mesh(&card, &axis(301.0, 3), Direction::Forward)));
        assert!(!Arc::ptr_eq(&first, &waveform.mesh(&card, &axis(300.0, 3), Direction::Backward)));
    }
}
