//! What the pointer does to the strip: scrubs, loops, and what is in sight.

use super::{Axis, Scene, Strip, axis::Sight};
use crate::{
    params::Change,
    ui::{Doings, View},
};
use egui::{PointerButton, Rect, Response, Sense, Ui, pos2, vec2};

/// Points of the wheel that bring the clip twice as close.
const WHEEL_TWICE: f32 = 120.0;
/// Height of what is taken hold of in the overview.
pub(super) const OVERVIEW: f32 = 9.0;

/// What the pointer has taken hold of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Grip {
    /// The playhead.
    Position,
    /// A new loop, which begins or ends at this access unit.
    Loop(u32),
}

/// The wheel zooms around the pointer, sideways it moves on.
pub(super) fn sight(ui: &Ui, axis: &Axis, response: &Response, sight: &mut Sight) {
    let Some(pointer) = ui.input(|input| input.pointer.hover_pos()) else { return };
    if !response.contains_pointer() {
        return;
    }
    let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
    let times = 2.0_f32.powf(wheel.y / WHEEL_TWICE) * pinch;
    if times != 1.0 {
        *sight = sight.zoomed(axis.part(pointer.x), f64::from(times), axis.span_min());
    }
    if wheel.x != 0.0 && sight.is_zoomed() {
        let clip_width = axis.place.width() / (sight.to - sight.from) as f32;
        *sight = sight.moved(-f64::from(wheel.x / clip_width));
    }
}

/// Turns dragging into events.
pub(super) fn drag(
    ui: &Ui,
    scene: &Scene<'_>,
    response: &Response,
    view: &View<'_>,
    strip: &mut Strip,
    doings: &mut Doings,
) {
    let (is_primary, is_shifted) =
        ui.input(|input| (input.pointer.primary_down(), input.modifiers.shift));
    let is_down = is_primary && response.is_pointer_button_down_on();
    // A press that is over before the next drawing is one all the same.
    let is_over = response.clicked() || response.drag_stopped_by(PointerButton::Primary);
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| is_down || is_over) {
        let unit = scene.axis.nearest(pointer.x);
        let fresh = if is_shifted { Grip::Loop(unit) } else { Grip::Position };
        match *strip.grip.get_or_insert(fresh) {
            Grip::Position => scrub(scene, pointer.x, view, doings),
            Grip::Loop(from) if from != unit => close_loop(scene, (from, unit), view, doings),
            Grip::Loop(_) => {}
        }
    }
    if !is_down {
        strip.grip = None;
    }
}

/// Moves the position, which spans the loop while there is one.
fn scrub(scene: &Scene<'_>, x: f32, view: &View<'_>, doings: &mut Doings) {
    if let Some(position) = view.roles.position {
        let part = scene.part.position_of(scene.axis.slice(x));
        doings.send(position, Change::Normalised(part));
    }
}

/// Sets both ends of the loop, and turns it on.
fn close_loop(scene: &Scene<'_>, (one, other): (u32, u32), view: &View<'_>, doings: &mut Doings) {
    let whole = scene.axis.whole();
    let (first, last) = scene.axis.loop_between(one, other);
    for (end, slice) in [(view.roles.loop_start, first), (view.roles.loop_end, last)] {
        if let Some(end) = end {
            doings.send(end, Change::Normalised(whole.position_of(slice)));
        }
    }
    if let Some(switch) = view.roles.loop_on.filter(|_| !view.is_on(view.roles.loop_on)) {
        doings.send(switch, Change::Plain(1.0));
    }
}

/// The line that shows which part of the clip is in sight, to be dragged. Gives where it stands.
pub(super) fn overview(ui: &Ui, axis: &Axis, place: Rect, sight: &mut Sight) -> Rect {
    let line = Rect::from_min_max(place.left_bottom() - vec2(0.0, OVERVIEW), place.max);
    let response = ui.interact(line, ui.scope_id().with("in sight"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::slider(true, sight.from, "Part in sight"));
    if response.double_clicked() {
        *sight = Sight::default();
    } else if response.dragged_by(PointerButton::Primary) {
        *sight = sight.moved(f64::from(response.drag_delta().x / line.width()));
    }
    response
        .on_hover_cursor(egui::CursorIcon::Grab)
        .on_hover_text("Drag to see another part of the clip; double click to see all");
    let x = |part: f64| line.left() + line.width() * part as f32;
    let foot = axis.place.bottom().max(line.bottom() - 4.0);
    Rect::from_min_max(pos2(x(sight.from), foot), pos2(x(sight.to), line.bottom()))
}
