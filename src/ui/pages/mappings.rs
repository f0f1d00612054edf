//! What controllers move, and what they send just now.

use super::{Page, list};
use crate::{
    control::{HeardMessage, LearnState, Mapping, Origin},
    ui::{Doings, Surface, View, learn, theme},
};
use egui::{Button, Grid, RichText, ScrollArea, Ui, vec2};

/// Share of the page's height that what is heard takes.
const HEARD: f32 = 0.3;

/// Devices, mappings, the monitor, the rows.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let Some(desk) = view.learn else {
        ui.label("No controller is listened to: the program was started with --no-midi");
        return;
    };
    let state = desk.state();
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Controllers").size(16.0).strong());
        match state.devices.is_empty() {
            true => ui.weak("none is plugged in"),
            false => ui.label(state.devices.join(", ")),
        };
    });
    let heard_height = ui.available_height() * HEARD;
    let room = vec2(ui.available_width(), ui.available_height() - heard_height - 40.0);
    ui.allocate_ui(room, |ui| {
        ScrollArea::vertical().id_salt("mappings").auto_shrink(false).show(ui, |ui| {
            mappings(ui, view, &state);
            list::rows(ui, view, surface, doings, Page::Mappings.sections());
        });
    });
    ui.separator();
    ui.label(RichText::new("Heard last").size(16.0).strong());
    ScrollArea::vertical()
        .id_salt("heard")
        .auto_shrink(false)
        .show(ui, |ui| heard(ui, view, &state));
}

/// One line for each mapping in force: from what, to what, where it comes from.
fn mappings(ui: &mut Ui, view: &View<'_>, state: &LearnState) {
    let Some(desk) = view.learn else { return };
    if state.mappings.is_empty() {
        ui.weak("Nothing is mapped. Click a name with the right button: Learn MIDI");
        return;
    }
    Grid::new("mappings").num_columns(5).striped(true).spacing([14.0, 4.0]).show(ui, |ui| {
        for (mapping, origin) in &state.mappings {
            ui.label(name(view, mapping));
            ui.label(mapping.control_text());
            let device = if mapping.device.is_empty() { "any device" } else { &mapping.device };
            ui.weak(device);
            ui.weak(match origin {
                Origin::Set => "of the set",
                Origin::Learnt => "learnt",
                Origin::Controller => "the controller's map",
            });
            ui.horizontal(|ui| {
                let called = format!("{} by {}", name(view, mapping), mapping.control_text());
                ui.menu_button("Change", |ui| learn::change(ui, desk, mapping))
                    .response
                    .widget_info(|| labelled(&format!("Change {called}")));
                let forget = ui.add(Button::new("Forget"));
                forget.widget_info(|| labelled(&format!("Forget {called}")));
                if forget.clicked() {
                    desk.remove(mapping);
                }
            });
            ui.end_row();
        }
    });
}

/// What came last, the newest first, and what it moves.
fn heard(ui: &mut Ui, view: &View<'_>, state: &LearnState) {
    if state.heard.is_empty() {
        ui.weak("Nothing yet: move a control");
    }
    for heard in state.heard.iter().rev() {
        ui.horizontal(|ui| {
            ui.label(heard.message.to_string());
            ui.weak(&heard.device);
            let moved = moved(view, state, heard);
            match moved.is_empty() {
                true => ui.colored_label(theme::WARNING, "moves nothing"),
                false => ui.colored_label(theme::ACCENT, format!("moves {}", moved.join(", "))),
            };
        });
    }
}

fn moved<'a>(view: &'a View<'_>, state: &'a LearnState, heard: &HeardMessage) -> Vec<&'a str> {
    let mappings = state.mappings.iter().map(|(mapping, _)| mapping);
    mappings.filter(|mapping| heard.is_for(mapping)).map(|mapping| name(view, mapping)).collect()
}

/// What the performer calls the parameter; its id where there is none.
fn name<'a>(view: &'a View<'_>, mapping: &'a Mapping) -> &'a str {
    let row = view.registry.find(&mapping.param).map(|row| view.registry.row(row));
    row.map_or(mapping.param.as_str(), |row| row.name)
}

fn labelled(name: &str) -> egui::WidgetInfo {
    egui::WidgetInfo::labeled(egui::Role::Button, true, name)
}
