//! How the machine is doing: the time of a tick, counts, ports, what plays on what, the log.

use crate::ui::{Surface, View, health, meters, news, theme};
use egui::{RichText, Ui};

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &Surface) {
    let reasons = health::reasons(view, surface);
    if reasons.is_empty() {
        ui.label(RichText::new("All is well").size(18.0).color(theme::ACCENT));
    }
    for (severity, text) in &reasons {
        let color = theme::severity_color(ui, *severity);
        ui.label(RichText::new(text).size(16.0).color(color));
    }
    ui.add_space(6.0);
    meters::tick_bar(ui, view);
    meters::counts(ui, view);
    ui.add_space(6.0);
    egui::Grid::new("machine").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        for (name, value) in view.machine {
            ui.weak(name);
            ui.label(value);
            ui.end_row();
        }
    });
    for line in view.port_lines {
        ui.label(line);
    }
    ui.separator();
    news::show(ui, view);
}
