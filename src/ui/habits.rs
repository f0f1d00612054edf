//! The menu of a switch or a trigger: what presses do to it, and what it waits for.

use super::View;
use crate::params::{Change, Gesture, Grid, Kind, ParamIndex, ParamSpec};
use egui::Ui;

/// How a gesture is called where there is room to say it.
fn name(gesture: Gesture) -> &'static str {
    match gesture {
        Gesture::Hold => "pressed: while it is held",
        Gesture::Latch => "pressed: until pressed again",
        Gesture::OneShot => "pressed: once",
    }
}

/// Whether presses of a row are worth a menu: a fader has none.
fn has_menu(row: &ParamSpec) -> bool {
    matches!(row.kind, Kind::Bool | Kind::Trigger) && !row.is_meter
}

/// What the menu has of it; what is chosen goes to `send`.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, index: ParamIndex, mut send: impl FnMut(Change)) {
    let row = view.registry.row(index);
    if !has_menu(row) {
        return;
    }
    let habits = &view.status.habits;
    let (now, grid) = (habits.gesture(index, row), habits.grid(index));
    for gesture in Gesture::ALL {
        if ui.radio(gesture == now, name(gesture)).clicked() {
            send(Change::Gesture(gesture));
        }
    }
    ui.separator();
    ui.label("waits for");
    for other in Grid::ALL {
        if ui.radio(other == grid, other.name()).clicked() {
            send(Change::Quantise(other));
        }
    }
    ui.separator();
}
