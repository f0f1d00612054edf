//! The timeline strip: where the clip is played, which way, and what lies there. Dragging scrubs.

use super::{Doings, Surface, View, theme};
use crate::{params::Change, units::Direction};
use egui::{Align2, FontId, Rect, Sense, Stroke, Ui, pos2, vec2};

/// Height of the strip in points.
pub(super) const HEIGHT: f32 = 64.0;

/// Draws the strip and turns dragging into events.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, _surface: &mut Surface, doings: &mut Doings) {
    let size = vec2(ui.available_width(), HEIGHT);
    let (place, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let painter = ui.painter_at(place);
    painter.rect_filled(place, 3.0, theme::WELL);
    let status = view.status;
    let color = if status.is_playing { theme::ACCENT } else { theme::WEAK };
    let x_of = |part: f64| egui::lerp(place.left()..=place.right(), part.clamp(0.0, 1.0) as f32);
    // Where the playhead was told to be ...
    if let Some(param) = view.roles.position {
        let row = view.registry.row(param);
        let x = x_of(row.normalised_from_plain(view.value(param)));
        painter.vline(x, place.y_range(), Stroke::new(1.0, theme::WEAK));
    }
    // ... and where it is: the part behind it, and an arrow the way it goes.
    let x = x_of(status.position);
    let played = Rect::from_min_max(place.left_top(), pos2(x, place.bottom()));
    painter.rect_filled(played, 3.0, color.gamma_multiply(0.18));
    painter.vline(x, place.y_range(), Stroke::new(2.0, color));
    let way = match status.direction {
        Direction::Forward => 7.0,
        Direction::Backward => -7.0,
    };
    let middle = place.center().y;
    let arrow = vec![pos2(x, middle - 6.0), pos2(x + way, middle), pos2(x, middle + 6.0)];
    painter.add(egui::Shape::convex_polygon(arrow, color, Stroke::NONE));
    let text = match status.direction {
        Direction::Forward => format!("slice {} of {} forward", status.slice, status.slices),
        Direction::Backward => format!("slice {} of {} backward", status.slice, status.slices),
    };
    // The text keeps out of the playhead's way.
    let (corner, align) = match status.position < 0.5 {
        true => (place.right_center() - vec2(8.0, 0.0), Align2::RIGHT_CENTER),
        false => (place.left_center() + vec2(8.0, 0.0), Align2::LEFT_CENTER),
    };
    painter.text(corner, align, text, FontId::proportional(12.0), theme::TEXT);
    let Some(param) = view.roles.position else { return };
    let name = view.registry.row(param).name;
    response.widget_info(|| egui::WidgetInfo::slider(true, status.position, name));
    if let Some(pointer) = response.interact_pointer_pos()
        && (response.is_pointer_button_down_on() || response.clicked() || response.drag_stopped())
    {
        let part = f64::from((pointer.x - place.left()) / place.width()).clamp(0.0, 1.0);
        doings.send(param, Change::Normalised(part));
    }
    response.on_hover_text("Drag to scrub").on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
}
