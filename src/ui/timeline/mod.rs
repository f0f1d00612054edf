//! The timeline strip: where the clip is played, which way, how much moves there and what lies there.
//!
//! Dragging scrubs, dragging with shift makes a loop, dragging an edge of the loop moves it, the wheel
//! zooms. While setting up, flags of cues are dragged too; while playing they answer the press itself. Below it, where there is room,
//! the slices played in the last seconds ([`played`]).

mod axis;
mod course;
mod edges;
mod hand;
mod marks;
mod scatter;
mod waveform;

pub(super) use course::Course;
pub(super) use scatter::show as played;

use super::{ClipCard, Doings, Surface, View, menu, row, theme};
use crate::{
    clip,
    playhead::{Mode, Part},
    units::Direction,
};
use axis::{Axis, Sight};
use egui::{Align2, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};
use std::collections::HashMap;

/// Heights in points: of the strip while playing and while setting up, and of the slices played.
pub(super) const SHOW_HEIGHT: f32 = 96.0;
pub(super) const PREPARE_HEIGHT: f32 = 76.0;
pub(super) const PLAYED_HEIGHT: f32 = 46.0;
/// How bright the lane is that is not played, of the other's brightness.
pub(super) const AT_REST: f32 = 0.6;
/// Of the cues' flags, and of the line below the lanes.
const FLAGS: f32 = 13.0;
const FOOT: f32 = 6.0;

/// What the window remembers of the strip.
#[derive(Debug, Default)]
pub(super) struct Strip {
    /// What is in sight of each clip; of the others all is.
    sights: HashMap<usize, Sight>,
    grip: Option<hand::Grip>,
    /// How far from a flag's pole it was taken hold of, in points.
    flag_offset: f32,
    waveform: waveform::Waveform,
    course: Course,
    /// The slices played in the last seconds.
    pub(super) played: scatter::History,
}

/// The clip in play, laid out.
struct Scene<'a> {
    card: &'a ClipCard,
    axis: Axis,
    /// What is played of it: all, or the loop.
    part: Part,
}

impl<'a> Scene<'a> {
    fn of(view: &'a View<'_>, lanes: Rect, sight: Sight) -> Option<Self> {
        let (_, card) = view.clip()?;
        let units = u32::try_from(card.forward_bytes.len()).unwrap_or(u32::MAX);
        let result = &view.status.result;
        // The engine's snapshots have all of its rows.
        let rows = view.roles.travel.filter(|rows| result.has(rows.position))?;
        let axis = Axis::new(lanes, units, rows.superframe_size(result), sight);
        let whole = axis.whole();
        let part = view.status.loop_slices.map_or(whole, |(first, last)| Part {
            first: whole.clamp(first),
            last: whole.clamp(last.max(first)),
            ..whole
        });
        Some(Self { card, axis, part })
    }

    /// Where a stream is drawn.
    fn lane(&self, direction: Direction) -> Rect {
        let (above, below) = self.axis.place.split_top_bottom_at_fraction(0.5);
        if direction == Direction::Forward { above } else { below }
    }

    /// Where the playhead is, in access units of the forward stream: inside the superframe, as far as
    /// it has been played.
    fn unit(&self, view: &View<'_>) -> f64 {
        let status = view.status;
        let size = self.axis.size;
        let backward = u32::try_from(self.card.backward_bytes.len()).unwrap_or(u32::MAX);
        let begins = match status.direction {
            Direction::Forward => status.slice,
            Direction::Backward => {
                clip::backward_start(self.axis.units, backward, status.slice, size)
            }
        };
        // What is shown may be of elsewhere: a heal, a picture thrown in.
        let played = status.access_unit.checked_sub(begins).filter(|played| *played < size);
        let played = played.unwrap_or(0);
        f64::from(match status.direction {
            Direction::Forward => status.slice + played,
            Direction::Backward => status.slice + size - played,
        })
    }

    /// A place as the time of the clip, `mm:ss.s`.
    fn time(&self, unit: f64) -> String {
        let secs = self.card.secs * unit / f64::from(self.axis.units);
        let tenths = (secs * 10.0).round().max(0.0) as u64;
        format!("{:02}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
    }
}

/// Draws the strip and turns what the pointer does into events.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    height: f32,
) {
    surface.strip.played.note(view.status);
    let size = vec2(ui.available_width(), height);
    let (place, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    if let Some(position) = view.roles.position {
        let name = view.registry.row(position).name;
        response.widget_info(|| egui::WidgetInfo::slider(true, view.status.position, name));
        menu::attach(&response, view, doings, position);
    }
    let lanes = Rect::from_min_max(
        pos2(place.left(), place.top() + FLAGS),
        pos2(place.right(), place.bottom() - FOOT),
    );
    let painter = ui.painter_at(place);
    painter.rect_filled(lanes, 3.0, theme::WELL);
    let clip = view.clip().map(|(clip, _)| clip);
    let before = clip.and_then(|clip| surface.strip.sights.get(&clip)).copied().unwrap_or_default();
    let mut sight = before;
    let Some(mut scene) = Scene::of(view, lanes, sight) else {
        let at = lanes.center();
        marks::plate(&painter, at, Align2::CENTER_CENTER, "No clip in play", theme::WEAK);
        return;
    };
    hand::sight(ui, &scene.axis, &response, &mut sight);
    if sight.is_zoomed() {
        let thumb = hand::overview(ui, &scene.axis, place, &mut sight);
        let line = Rect::from_min_max(pos2(place.left(), thumb.top()), place.max);
        painter.rect_filled(line, 2.0, theme::WELL);
        painter.rect_filled(thumb, 2.0, theme::WEAK);
        let part = scene.unit(view) / f64::from(scene.axis.units);
        let x = place.left() + place.width() * part as f32;
        painter.vline(x, line.expand(1.0).y_range(), Stroke::new(3.0, theme::ACCENT));
    }
    if sight != before
        && let Some(clip) = clip
    {
        surface.strip.sights.insert(clip, sight);
    }
    scene.axis.sight = sight;
    hand::drag(ui, &scene, &response, view, &mut surface.strip, doings);

    let inner = ui.painter_at(lanes);
    let mesh = surface.strip.waveform.mesh(scene.card, &scene.axis, view.status.direction);
    inner.add(Shape::Mesh(mesh));
    marks::superframe(&inner, &scene, view);
    marks::clean_points(&inner, &scene);
    marks::loop_bracket(&inner, &scene, view);
    marks::lanes(&inner, &scene, view);
    let function = course_line(&inner, &scene, view, surface);
    edges::show(ui, &scene, view, doings);
    marks::cues(ui, &scene, view, surface, doings);
    marks::playhead(&inner, &scene, view);
    words(&inner, &scene, view, function);
    hover(ui, &scene, &response, view, surface.layout.mode);
}

/// The timeline function, where the playhead follows one. Gives what is to be said of it.
fn course_line(
    painter: &egui::Painter,
    scene: &Scene<'_>,
    view: &View<'_>,
    surface: &mut Surface,
) -> Option<String> {
    let rows = view.roles.travel?;
    let settings = rows.settings(&view.status.result, false, 1.0);
    if settings.mode != Mode::Function {
        return None;
    }
    let course = &mut surface.strip.course;
    course.follow(view.status, settings.timeline, scene.part);
    let (line, now) = course.line(view.status, &scene.axis);
    painter.add(Shape::line(line, Stroke::new(1.5, theme::BRIGHT)));
    painter.circle(now, 4.5, theme::BRIGHT, Stroke::new(1.5, theme::WELL));
    let (number, length) = course.progress(view.status);
    let name = view.roles.function.map(|row| {
        let name = view.registry.row(row).format(view.result(row));
        name.replace('_', " ")
    })?;
    Some(format!("{name} {} of {length}", number + 1))
}

/// Where the playhead is, in words, out of its way.
fn words(painter: &egui::Painter, scene: &Scene<'_>, view: &View<'_>, function: Option<String>) {
    let status = view.status;
    let way = match status.direction {
        Direction::Forward => "forward",
        Direction::Backward => "backward",
    };
    let mut text = format!(
        "{} of {}   slice {} of {} {way}",
        scene.time(scene.unit(view)),
        scene.time(f64::from(scene.axis.units)),
        status.slice,
        status.slices,
    );
    if let Some(function) = function {
        text = format!("{text}   {function}");
    }
    let place = scene.axis.place.shrink2(vec2(7.0, 2.0));
    let is_left = scene.axis.x(scene.unit(view)) < scene.axis.place.center().x;
    let (at, align) = match is_left {
        true => (place.right_bottom(), Align2::RIGHT_BOTTOM),
        false => (place.left_bottom() + vec2(18.0, 0.0), Align2::LEFT_BOTTOM),
    };
    marks::plate(painter, at, align, &text, theme::TEXT);
}

/// What the pointer would go to.
fn hover(
    ui: &Ui,
    scene: &Scene<'_>,
    response: &egui::Response,
    view: &View<'_>,
    mode: super::Mode,
) {
    let response = response.clone().on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    if let Some(at) = response.hover_pos().filter(|_| response.hovered()) {
        let painter = ui.painter_at(scene.axis.place);
        let place = scene.axis.place;
        painter.vline(at.x, place.y_range(), Stroke::new(1.0, theme::WEAK));
        let slice = scene.axis.slice(at.x);
        let text = format!("{}   slice {slice}", scene.time(scene.axis.unit(at.x)));
        let is_left = at.x < place.center().x;
        let (x, align) = match is_left {
            true => (at.x + 8.0, Align2::LEFT_TOP),
            false => (at.x - 8.0, Align2::RIGHT_TOP),
        };
        marks::plate(&painter, pos2(x, place.top() + 2.0), align, &text, theme::BRIGHT);
    }
    // While playing nothing may lie over the knobs.
    if mode == super::Mode::Show {
        return;
    }
    response.on_hover_ui(|ui| {
        ui.label("Drag to scrub, with shift to make a loop; the wheel zooms");
        ui.label("Drag flags and the loop's edges to move them; a click with alt resets a cue");
        if let Some(position) = view.roles.position {
            row::tooltip(ui, view.registry.row(position));
        }
    });
}
