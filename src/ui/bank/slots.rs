//! The slots for grabbed pictures: what each holds, a press that throws it, and one that fills it.

use super::{cues::pad, tile::plate};
use crate::{
    params::ParamIndex,
    ui::{Doings, Surface, View, flipbook::Pictures, menu, row, theme},
};
use egui::{Align2, FontId, Rect, Sense, Shape, Stroke, StrokeKind, Ui, vec2};

/// Slots in a line.
const COLUMNS: usize = 4;
/// Space between them.
const GAP: f32 = 6.0;
/// Height of the pads that fill them.
const PAD: f32 = 24.0;

/// All slots.
pub(in crate::ui) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
) {
    let width = (ui.available_width() - GAP * (COLUMNS - 1) as f32) / COLUMNS as f32;
    let pictures = view.grabs.all();
    let throws = &view.roles.throws;
    ui.spacing_mut().item_spacing = vec2(GAP, 3.0);
    for first in (0..throws.len()).step_by(COLUMNS) {
        ui.horizontal(|ui| {
            for (slot, param) in throws.iter().enumerate().skip(first).take(COLUMNS) {
                let picture = pictures.get(slot).and_then(Option::as_ref);
                throw(ui, view, surface, doings, (slot, *param), (picture, width));
            }
        });
        ui.horizontal(|ui| {
            for (slot, grab) in view.roles.grabs.iter().enumerate().skip(first).take(COLUMNS) {
                let word = format!("grab {}", slot + 1);
                pad(ui, view, surface, doings, *grab, (&word, vec2(width, PAD)));
            }
        });
        ui.add_space(3.0);
    }
}

/// What a slot holds; a press throws it.
fn throw(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    (slot, param): (usize, ParamIndex),
    (picture, width): (Option<&Pictures>, f32),
) {
    let row = view.registry.row(param);
    let is_filled = view.status.grabs_filled & (1 << slot) != 0;
    let size = vec2(width, (width * 9.0 / 16.0).round());
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::selected(egui::Role::Button, true, is_filled, row.name);
        info.current_text_value = Some(if is_filled { "filled" } else { "empty" }.to_owned());
        info
    });
    surface.press(doings, param, &response);
    paint(ui, surface, (slot, is_filled), picture, rect, &response);
    let response = response.on_hover_ui(|ui| row::tooltip(ui, row));
    menu::attach(&response, view, doings, param);
}

fn paint(
    ui: &Ui,
    surface: &mut Surface,
    (slot, is_filled): (usize, bool),
    picture: Option<&Pictures>,
    rect: Rect,
    response: &egui::Response,
) {
    let painter = ui.painter();
    painter.rect_filled(rect, 3.0, theme::WELL);
    let number = (slot + 1).to_string();
    if is_filled {
        if let Some(picture) = picture {
            surface.gallery.paint(ui, picture, rect, false);
        }
        let corner = rect.left_bottom();
        plate(painter, corner, Align2::LEFT_BOTTOM, "throw", (12.0, theme::BRIGHT), None);
        let is_down = response.is_pointer_button_down_on();
        let color = if is_down { theme::BRIGHT } else { theme::ACCENT };
        painter.rect_stroke(rect, 3.0, Stroke::new(2.0, color), StrokeKind::Inside);
    } else {
        let font = FontId::proportional(12.0);
        painter.text(rect.center(), Align2::CENTER_CENTER, "empty", font, theme::WEAK);
        let edge = rect.shrink(1.0);
        let corners =
            [edge.left_top(), edge.right_top(), edge.right_bottom(), edge.left_bottom(), edge.min];
        let stroke = Stroke::new(1.0, theme::WEAK);
        painter.extend(Shape::dashed_line(&corners, stroke, 4.0, 4.0));
    }
    plate(painter, rect.left_top(), Align2::LEFT_TOP, &number, (13.0, theme::BRIGHT), None);
    if response.has_focus() || (response.hovered() && !is_filled) {
        let stroke = Stroke::new(1.0, theme::BRIGHT);
        painter.rect_stroke(rect.shrink(3.0), 3.0, stroke, StrokeKind::Inside);
    }
}
