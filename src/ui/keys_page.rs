//! All keys, over everything, until the next click.

use super::{Surface, View};
use egui::{Grid, RichText, Ui};

/// Draws them where they are wanted.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface) {
    if !surface.shows_keys {
        return;
    }
    let modal = egui::Modal::new(egui::Id::unique("keys")).show(ui.ctx(), |ui| {
        ui.label(RichText::new("Keys").size(20.0).strong());
        ui.add_space(6.0);
        let half = view.keys.len().div_ceil(2);
        Grid::new("keys").num_columns(4).spacing([24.0, 4.0]).show(ui, |ui| {
            for place in 0..half {
                for line in
                    [view.keys.get(place), view.keys.get(place + half)].into_iter().flatten()
                {
                    ui.label(RichText::new(&line.key).monospace().strong());
                    ui.label(&line.help);
                }
                ui.end_row();
            }
        });
        ui.add_space(6.0);
        ui.button("Close").clicked()
    });
    if modal.inner || modal.should_close() {
        surface.shows_keys = false;
    }
}
