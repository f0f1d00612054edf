//! The menu that every widget of a parameter has.

use super::{Doings, View, habits, learn};
use crate::params::{Change, Kind, ParamIndex};

/// Opens on the right mouse button; not while the surface is locked.
pub(super) fn attach(
    response: &egui::Response,
    view: &View<'_>,
    doings: &mut Doings,
    index: ParamIndex,
) {
    attach_with(response, view, doings, index, |_, _| {});
}

/// The same, with something of its own at the top.
pub(super) fn attach_with(
    response: &egui::Response,
    view: &View<'_>,
    doings: &mut Doings,
    index: ParamIndex,
    own: impl FnOnce(&mut egui::Ui, &mut Doings),
) {
    if view.is_locked {
        return;
    }
    response.context_menu(|ui| {
        own(ui, doings);
        let row = view.registry.row(index);
        habits::show(ui, view, index, |change| doings.send(index, change));
        learn::show(ui, view, row);
        let can_be_set = !row.is_meter && row.kind != Kind::Trigger;
        if can_be_set && ui.button(format!("Reset to {}", row.format(row.default))).clicked() {
            doings.send(index, Change::Plain(row.default));
            ui.close();
        }
        if ui.button("Copy the OSC address").clicked() {
            ui.ctx().copy_text(row.address());
            ui.close();
        }
    });
}
