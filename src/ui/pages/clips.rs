//! The clips of the set.

use super::{Page, list};
use crate::{
    params::Change,
    ui::{Doings, Surface, View, imports},
};
use egui::Ui;

/// A button for each clip, and the rows about clips.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    imports::show(ui, view, doings);
    if let Some(param) = view.roles.clip {
        ui.horizontal_wrapped(|ui| {
            for (place, clip) in view.clips.iter().enumerate() {
                let is_playing = view.clip().is_some_and(|(playing, _)| playing == place);
                let text = format!("{} {}", place + 1, clip.label);
                if ui.add(egui::Button::new(text).selected(is_playing)).clicked() {
                    doings.send(param, Change::Plain((place + 1) as f64));
                }
            }
        });
        ui.add_space(6.0);
    }
    list::sections(ui, view, surface, doings, Page::Clips.sections());
}
