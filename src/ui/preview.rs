//! The programme as the audience sees it.

use super::{View, theme};
use egui::{Align2, Color32, FontId, Rect, Sense, Ui, vec2};

/// As large as there is room, in the middle of it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>) {
    let room = ui.available_size();
    let (place, response) = ui.allocate_exact_size(room, Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Output"));
    let Some((texture, aspect)) = view.preview else {
        ui.painter().rect_filled(place, 2.0, Color32::BLACK);
        let font = FontId::proportional(16.0);
        let text = "No picture yet";
        ui.painter().text(place.center(), Align2::CENTER_CENTER, text, font, theme::WEAK);
        return;
    };
    let width = room.x.min(room.y * aspect);
    let picture = Rect::from_center_size(place.center(), vec2(width, width / aspect));
    let all = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    ui.painter().image(texture, picture, all, Color32::WHITE);
}
