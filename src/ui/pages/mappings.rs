//! What controllers move, and what they and programs send just now.

use super::monitor;
use crate::{
    control::{LearnDesk, LearnState, Mapping, Origin},
    params::{Change, Kind, ParamSpec},
    ui::{Doings, Surface, View, learn, menu, picker, theme},
};
use egui::{Button, Grid, RichText, ScrollArea, Ui, vec2};

/// Share of the page's height that what is heard takes.
const HEARD: f32 = 0.4;
/// Widest a device's name is shown.
const DEVICE: f32 = 130.0;

/// Devices, bank, mappings, the monitor.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let heard_height = ui.available_height() * HEARD;
    let room = vec2(ui.available_width(), ui.available_height() - heard_height);
    ui.allocate_ui(room, |ui| {
        ui.set_min_height(room.y);
        match view.learn {
            Some(desk) => controllers(ui, view, doings, desk),
            None => {
                ui.label("No controller is listened to: the program was started with --no-midi");
            }
        }
    });
    ui.separator();
    monitor::show(ui, view, surface);
}

fn controllers(ui: &mut Ui, view: &View<'_>, doings: &mut Doings, desk: &LearnDesk) {
    let state = desk.state();
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Controllers").size(16.0).strong().color(theme::BRIGHT));
        match state.devices.is_empty() {
            true => ui.weak("none is plugged in"),
            false => ui.label(state.devices.join(", ")),
        };
    });
    ui.horizontal(|ui| {
        let button = ui.button("Learn a control for...");
        let meant = |row: &ParamSpec| !row.is_meter && row.kind != Kind::Reference;
        if let Some(Some(param)) = picker::list(&button, view, None, meant) {
            desk.arm(view.registry.row(param).id);
        }
        bank(ui, view, doings);
    });
    if let Some(proposal) = &state.proposal {
        ui.colored_label(theme::ACCENT, format!("{} it may be", proposal.control_text()));
    }
    ScrollArea::both()
        .id_salt("mappings")
        .auto_shrink(false)
        .show(ui, |ui| mappings(ui, view, desk, &state));
}

/// The bank in force, as a row of buttons.
fn bank(ui: &mut Ui, view: &View<'_>, doings: &mut Doings) {
    let Some(param) = view.roles.bank else { return };
    let row = view.registry.row(param);
    let (first, last) = row.range();
    ui.separator();
    let label = ui.label(row.name).on_hover_text(row.help);
    menu::attach(&label, view, doings, param);
    for number in first as i64..=last as i64 {
        let is_on = view.value(param) as i64 == number;
        let button = ui.add(Button::selectable(is_on, number.to_string()));
        let name = format!("{} {number}", row.name);
        button.widget_info(|| {
            egui::WidgetInfo::selected(egui::Role::RadioButton, true, is_on, &name)
        });
        if button.clicked() {
            doings.send(param, Change::Plain(number as f64));
        }
        menu::attach(&button, view, doings, param);
    }
}

/// One line for each mapping in force: from what, to what, how, where it comes from.
fn mappings(ui: &mut Ui, view: &View<'_>, desk: &LearnDesk, state: &LearnState) {
    if state.mappings.is_empty() {
        ui.weak("Nothing is mapped. Click anything with the right button: Learn MIDI");
        return;
    }
    let bank_now = view.roles.bank.map(|bank| view.value(bank) as u8);
    Grid::new("mappings").num_columns(8).spacing([12.0, 4.0]).show(ui, |ui| {
        for head in ["parameter", "control", "", "taken as", "take-over", "bank", "device", "from"]
        {
            ui.weak(head);
        }
        ui.end_row();
        for (mapping, origin) in &state.mappings {
            ui.label(name(view, mapping)).on_hover_text(&mapping.param);
            ui.label(mapping.control_text());
            edits(ui, view, desk, mapping);
            ui.label(taken_as(view, mapping));
            ui.label(learn::takeover_text(mapping));
            match mapping.bank {
                None => ui.weak("all"),
                Some(bank) if Some(bank) == bank_now => ui.label(format!("{bank}")),
                // It is not heard.
                Some(bank) => ui.colored_label(theme::WARNING, format!("{bank}, not now")),
            };
            let device = if mapping.device.is_empty() { "any" } else { &mapping.device };
            ui.scope(|ui| {
                ui.set_max_width(DEVICE);
                ui.add(egui::Label::new(RichText::new(device).weak()).truncate());
            });
            ui.weak(match origin {
                Origin::Set => "of the set",
                Origin::Learnt => "learnt",
                Origin::Controller => "the controller's map",
            });
            ui.end_row();
        }
    });
}

fn edits(ui: &mut Ui, view: &View<'_>, desk: &LearnDesk, mapping: &Mapping) {
    ui.horizontal(|ui| {
        let called = format!("{} by {}", name(view, mapping), mapping.control_text());
        ui.menu_button("Change", |ui| learn::change(ui, view, desk, mapping))
            .response
            .widget_info(|| labelled(&format!("Change {called}")));
        let forget = ui.add(Button::new("Forget"));
        forget.widget_info(|| labelled(&format!("Forget {called}")));
        if forget.clicked() {
            desk.remove(mapping);
        }
    });
}

/// What the control is taken for, and what is special of it.
fn taken_as(view: &View<'_>, mapping: &Mapping) -> String {
    let mut text = learn::mode_text(mapping.mode).to_owned();
    if mapping.invert {
        text.push_str(", turned round");
    }
    if let Some(range) = learn::range_text(view, mapping) {
        text.push_str(", ");
        text.push_str(&range);
    }
    text
}

/// What the performer calls the parameter; its id where there is none.
fn name<'a>(view: &'a View<'_>, mapping: &'a Mapping) -> &'a str {
    let row = view.registry.find(&mapping.param).map(|row| view.registry.row(row));
    row.map_or(mapping.param.as_str(), |row| row.name)
}

fn labelled(name: &str) -> egui::WidgetInfo {
    egui::WidgetInfo::labeled(egui::Role::Button, true, name)
}
