//! How the machine is doing.

use crate::ui::{View, meters, news};
use egui::Ui;

/// Meters and the log.
pub(super) fn show(ui: &mut Ui, view: &View<'_>) {
    meters::show(ui, view);
    ui.separator();
    news::show(ui, view);
}
