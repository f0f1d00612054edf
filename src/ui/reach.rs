//! What modulation makes of a value, beside what was set: on switches, choices, and as a bar.

use super::{View, theme};
use crate::{engine::Modulated, params::ParamIndex};
use egui::{Rangef, Rect, RichText, Sense, Shape, Stroke, Ui, Vec2, lerp, pos2, vec2};

/// In normalised units: what is nearer is the same to the eye.
const SEEN: f64 = 0.004;

/// A word on what is in force, where modulation may make it another than what was set.
pub(super) fn word(ui: &mut Ui, view: &View<'_>, index: ParamIndex) {
    if view.status.modulation(index).is_none() {
        return;
    }
    let now = view.registry.format(index, view.result(index));
    let text = RichText::new(format!("now {now}")).color(theme::ACCENT);
    ui.label(text).on_hover_text("What is in force: modulated, and what was set stays as it is");
}

/// A line under a button whose row is modulated: thick while it is in force.
pub(super) fn underline(ui: &Ui, view: &View<'_>, index: ParamIndex, button: Rect) {
    if view.status.modulation(index).is_some() {
        let width = if view.result(index) >= 0.5 { 3.0 } else { 1.0 };
        let y = button.bottom() + 0.5;
        ui.painter().hline(button.x_range(), y, Stroke::new(width, theme::ACCENT));
    }
}

/// Marks on a scale from `left` to `right` above `bottom`: how far modulation may take the value as a
/// line, where it is as a tick.
pub(super) fn marks(ui: &Ui, view: &View<'_>, index: ParamIndex, (x, bottom): (Rangef, f32)) {
    let row = view.registry.row(index);
    let set = row.normalised_from_plain(view.value(index));
    let at = |part: f64| lerp(x.min..=x.max, part.clamp(0.0, 1.0) as f32);
    if let Some(Modulated { down, up, .. }) = view.status.modulation(index) {
        let reach = Rangef::new(at(set - down), at(set + up));
        ui.painter().hline(reach, bottom, Stroke::new(1.0, theme::ACCENT));
    }
    let in_force = row.normalised_from_plain(view.result(index));
    if (in_force - set).abs() > SEEN {
        let y = Rangef::new(bottom - 4.0, bottom);
        ui.painter().vline(at(in_force), y, Stroke::new(2.0, theme::ACCENT));
    }
}

/// A mark at the top of a scale: there stands the controller's own knob, and waits to be picked up.
pub(super) fn ghost(ui: &Ui, view: &View<'_>, index: ParamIndex, (x, top): (Rangef, f32)) {
    let row = view.registry.row(index);
    let set = row.normalised_from_plain(view.value(index));
    let Some(ghost) = view.ghost(index).filter(|ghost| (ghost - set).abs() > SEEN) else { return };
    let tip = pos2(lerp(x.min..=x.max, ghost.clamp(0.0, 1.0) as f32), top + 7.0);
    let corners = vec![tip, tip + vec2(-4.5, -7.0), tip + vec2(4.5, -7.0)];
    ui.painter().add(Shape::closed_line(corners, Stroke::new(1.5, theme::WARNING)));
}

/// A small scale with what was set, how far it may be taken, and where it is.
pub(super) fn bar(ui: &mut Ui, view: &View<'_>, index: ParamIndex, size: Vec2) {
    let (place, response) = ui.allocate_exact_size(size, Sense::hover());
    let row = view.registry.row(index);
    let painter = ui.painter();
    painter.rect_filled(place, 2.0, theme::WELL);
    let x = place.x_range().shrink(3.0);
    let at = |part: f64| lerp(x.min..=x.max, part.clamp(0.0, 1.0) as f32);
    let set = row.normalised_from_plain(view.value(index));
    if let Some(Modulated { down, up, .. }) = view.status.modulation(index) {
        let reach =
            Rect::from_x_y_ranges(at(set - down)..=at(set + up), place.y_range().shrink(5.0));
        painter.rect_filled(reach, 0.0, theme::ACCENT.gamma_multiply(0.45));
    }
    let y = place.y_range().shrink(2.0);
    painter.vline(at(set), y, Stroke::new(1.5, theme::WEAK));
    let in_force = row.normalised_from_plain(view.result(index));
    painter.vline(at(in_force), y, Stroke::new(2.5, theme::BRIGHT));
    response
        .on_hover_text("Grey: what was set. Bright: what is in force. Green: how far it may go");
}
