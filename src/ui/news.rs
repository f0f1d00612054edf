//! What the instrument has said, the latest first.

use super::{View, theme};
use egui::Ui;

/// All lines that there is room for.
pub(super) fn show(ui: &mut Ui, view: &View<'_>) {
    egui::ScrollArea::vertical().id_salt("news").auto_shrink(false).show(ui, |ui| {
        for line in view.news.iter().rev() {
            let color = theme::severity_color(ui, line.notice.severity);
            let seconds = line.at_secs as u64;
            ui.horizontal_wrapped(|ui| {
                ui.weak(format!("{:02}:{:02}", seconds / 60, seconds % 60));
                ui.colored_label(color, &line.notice.text);
            });
        }
    });
}
