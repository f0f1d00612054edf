//! The two edges of the loop, to be taken hold of.

use super::Scene;
use crate::{
    modulation::slice_of,
    params::{Change, ParamIndex},
    ui::{Doings, View, menu, row, theme},
};
use egui::{CursorIcon, PointerButton, Rect, Sense, Stroke, Ui, pos2, vec2};

/// How near to an edge it is taken hold of, in points.
const REACH: f32 = 5.0;

/// One edge.
#[derive(Clone, Copy)]
struct Edge {
    row: ParamIndex,
    slice: u32,
    is_last: bool,
}

/// Draws what is under the pointer, and moves what is dragged.
pub(super) fn show(ui: &Ui, scene: &Scene<'_>, view: &View<'_>, doings: &mut Doings) {
    let (Some(start), Some(end)) = (view.roles.loop_start, view.roles.loop_end) else { return };
    let whole = scene.axis.whole();
    let at = |row: ParamIndex| slice_of(view.value(row), whole.slices());
    // Beyond each other the two change places.
    let (low, high) = if at(start) <= at(end) { (start, end) } else { (end, start) };
    let (first, last) = (at(low), at(high));
    let is_on = view.status.loop_slices.is_some();
    if !is_on && (first, last) == (whole.first, whole.last) {
        return;
    }
    // Where the beat says how long the loop is, its end is not to be dragged.
    let shown = view.status.loop_slices.unwrap_or((first, last));
    for (row, slice, is_shown, is_last) in
        [(low, first, shown.0 == first, false), (high, last, shown.1 == last, true)]
    {
        let id = ui.scope_id().with(("loop", is_last));
        if is_shown || ui.ctx().is_being_dragged(id) {
            let limit = if is_last { (first, whole.last) } else { (whole.first, last) };
            handle(ui, scene, view, doings, (id, Edge { row, slice, is_last }, limit));
        }
    }
}

fn handle(
    ui: &Ui,
    scene: &Scene<'_>,
    view: &View<'_>,
    doings: &mut Doings,
    (id, edge, limit): (egui::Id, Edge, (u32, u32)),
) {
    let place = scene.axis.place;
    // The last superframe is played to its end.
    let size = if edge.is_last { scene.axis.size } else { 0 };
    let x = scene.axis.x(f64::from(edge.slice + size));
    if !place.expand(1.0).x_range().contains(x) {
        return;
    }
    let spec = view.registry.row(edge.row);
    let reach =
        Rect::from_center_size(pos2(x, place.center().y), vec2(2.0 * REACH, place.height()));
    let response = ui.interact(reach, id, Sense::drag());
    let name = format!("{} in the strip", spec.name);
    response.widget_info(|| egui::WidgetInfo::slider(true, view.value(edge.row), &name));
    if response.hovered() || response.dragged() {
        ui.painter().vline(x, place.y_range(), Stroke::new(4.0, theme::BRIGHT));
    }
    let pointer = response.interact_pointer_pos();
    let is_moved = response.dragged_by(PointerButton::Primary);
    if let Some(pointer) = pointer.filter(|_| is_moved) {
        let slice = scene.axis.nearest(pointer.x).saturating_sub(size).clamp(limit.0, limit.1);
        if slice != edge.slice {
            let part = scene.axis.whole().position_of(slice);
            doings.send(edge.row, Change::Normalised(part));
        }
    }
    let response =
        response.on_hover_cursor(CursorIcon::ResizeColumn).on_hover_ui(|ui| row::tooltip(ui, spec));
    menu::attach(&response, view, doings, edge.row);
}
