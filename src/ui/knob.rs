//! A big knob for a row: what was set, how far modulation takes it, and what comes of it.

use super::{Doings, View, menu, row, theme};
use crate::{
    engine::Modulated,
    params::{Change, ParamIndex},
};
use egui::{
    Align2, Color32, FontId, PointerButton, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2,
};
use std::f32::consts::PI;

/// Where the scale begins and how far it goes, as the hands of a clock do, from the top.
const FROM: f32 = -0.75 * PI;
const OVER: f32 = 1.5 * PI;
/// Points of dragging from one end to the other; a tenth as fast with shift.
const TRAVEL: f32 = 180.0;

/// Draws it, this wide and high; dragging up is more, the wheel a little, a double click where it was
/// at first. `ghost`: where the controller's own knob stands while it waits to be picked up.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    doings: &mut Doings,
    index: ParamIndex,
    (name, ghost): (&str, Option<f64>),
    size: Vec2,
) -> egui::Response {
    let param = view.registry.row(index);
    let (place, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let plain = view.value(index);
    let set = param.normalised_from_plain(plain);
    let is_fine = ui.input(|input| input.modifiers.shift);
    let drag = match response.dragged_by(PointerButton::Primary) {
        true => response.drag_delta().y,
        false => 0.0,
    };
    let mut part = set - f64::from(drag / TRAVEL) * if is_fine { 0.1 } else { 1.0 };
    if response.hovered() {
        part += f64::from(ui.input(|input| input.smooth_scroll_delta().y) / 2000.0);
    }
    if response.double_clicked() {
        doings.send(index, Change::Plain(param.default));
    } else if part != set {
        doings.send(index, Change::Normalised(part.clamp(0.0, 1.0)));
    }
    let value = param.format(plain);
    response.widget_info(|| egui::WidgetInfo::slider(true, plain, param.name));
    let painter = ui.painter_at(place);
    let letters = FontId::proportional((size.y * 0.14).clamp(11.0, 17.0));
    let radius = ((size.y - 2.2 * letters.size) * 0.5).min(size.x * 0.42) - 4.0;
    let centre = pos2(place.center().x, place.top() + radius + 5.0);
    let dial = Dial { centre, radius };
    let width = (radius * 0.2).clamp(3.0, 8.0);
    dial.arc(&painter, (0.0, 1.0), Stroke::new(width, theme::RAISED));
    let in_force = param.normalised_from_plain(view.result(index));
    let neutral = param.normalised_from_plain(param.neutral);
    dial.arc(&painter, (neutral, in_force), Stroke::new(width, theme::ACCENT));
    if let Some(Modulated { down, up, .. }) = view.status.modulation(index) {
        let outer = Dial { radius: radius + width, ..dial };
        outer.arc(&painter, (set - down, set + up), Stroke::new(1.5, theme::ACCENT));
    }
    let needle = if response.hovered() { theme::BRIGHT } else { theme::TEXT };
    dial.needle(&painter, set, Stroke::new(2.5, needle));
    if let Some(ghost) = ghost.filter(|ghost| (ghost - set).abs() > 0.01) {
        dial.needle(&painter, ghost, Stroke::new(1.5, theme::WARNING));
    }
    let middle = pos2(place.center().x, centre.y + radius * 0.62);
    text(&painter, middle, &value, &letters, theme::BRIGHT);
    let foot = pos2(place.center().x, place.bottom() - letters.size * 0.6);
    text(&painter, foot, name, &letters, theme::TEXT);
    let response = response.on_hover_ui(|ui| row::tooltip(ui, param));
    menu::attach(&response, view, doings, index);
    response
}

fn text(painter: &egui::Painter, at: Pos2, text: &str, font: &FontId, color: Color32) {
    painter.text(at, Align2::CENTER_CENTER, text, font.clone(), color);
}

#[derive(Clone, Copy)]
struct Dial {
    centre: Pos2,
    radius: f32,
}

impl Dial {
    fn at(&self, part: f64, radius: f32) -> Pos2 {
        let angle = FROM + OVER * part.clamp(0.0, 1.0) as f32;
        self.centre + vec2(angle.sin(), -angle.cos()) * radius
    }

    fn arc(&self, painter: &egui::Painter, (from, to): (f64, f64), stroke: Stroke) {
        let steps = ((to - from).abs() * 40.0).ceil().max(1.0);
        let part = |step: u32| from + (to - from) * f64::from(step) / steps;
        let points = (0..=steps as u32).map(|step| self.at(part(step), self.radius)).collect();
        painter.add(Shape::line(points, stroke));
    }

    fn needle(&self, painter: &egui::Painter, part: f64, stroke: Stroke) {
        let ends = [self.at(part, self.radius * 0.45), self.at(part, self.radius)];
        painter.line_segment(ends, stroke);
    }
}

/// All of a family in one line, each with the word that tells it from the others.
pub(super) fn line(
    ui: &mut Ui,
    view: &View<'_>,
    doings: &mut Doings,
    rows: &[ParamIndex],
    room: Rect,
) {
    let width = room.width() / rows.len().max(1) as f32;
    ui.scope_builder(egui::UiBuilder::new().max_rect(room), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.horizontal(|ui| {
            for index in rows {
                let name = view.registry.row(*index).name;
                let word = name.rsplit(": ").next().unwrap_or(name);
                let ghost = view.ghost(*index);
                show(ui, view, doings, *index, (word, ghost), vec2(width, room.height()));
            }
        });
    });
}
