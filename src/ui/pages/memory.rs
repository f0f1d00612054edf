//! Snapshots, presets, the crossfader, and what is written down.

use super::{Page, list};
use crate::{
    params::{Change, ParamIndex},
    ui::{Doings, Surface, View, header, menu, row, theme},
};
use egui::{Button, RichText, Ui, vec2};

/// Snapshots in one line.
const IN_LINE: usize = 8;
/// Height of a snapshot in points.
const TILE: f32 = 52.0;

/// The snapshots as tiles, then the rows.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Snapshots").size(16.0).strong());
        ui.weak("press: recall   shift: store   right: more");
        if let Some(part) = view.status.morph {
            ui.add(egui::ProgressBar::new(part as f32).desired_width(120.0).text("on the way"));
        }
        if let Some(param) = view.roles.save_set {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                header::press(ui, view, surface, doings, param, ("Save set", theme::BRIGHT, false));
            });
        }
    });
    let gap = ui.spacing().item_spacing.x;
    let width = (ui.available_width() - gap * (IN_LINE - 1) as f32) / IN_LINE as f32;
    let snapshots: Vec<_> =
        view.roles.recalls.iter().copied().zip(view.roles.stores.iter().copied()).collect();
    for (line, members) in snapshots.chunks(IN_LINE).enumerate() {
        ui.horizontal(|ui| {
            for (place, (recall, store)) in members.iter().enumerate() {
                let number = line * IN_LINE + place;
                tile(ui, view, surface, doings, (number, *recall, *store), vec2(width, TILE));
            }
        });
    }
    ui.add_space(6.0);
    list::sections(ui, view, surface, doings, Page::Memory.sections());
}

/// One snapshot: its number, whether it keeps something, and whether it stands at the crossfader.
fn tile(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    (number, recall, store): (usize, ParamIndex, ParamIndex),
    size: egui::Vec2,
) {
    let is_filled = view.status.snapshots_filled >> number & 1 == 1;
    let end = |param: Option<ParamIndex>, letter| {
        let is_there = param.is_some_and(|param| view.value(param) as usize == number + 1);
        if is_there { letter } else { "" }
    };
    let ends = [end(view.roles.crossfade_a, " A"), end(view.roles.crossfade_b, " B")].concat();
    let state = if is_filled { "kept" } else { "empty" };
    let text = RichText::new(format!("{}{ends}\n{state}", number + 1)).size(15.0);
    let text = if is_filled { text.color(theme::BRIGHT) } else { text.color(theme::WEAK) };
    let fill = if is_filled { theme::RAISED } else { theme::WELL };
    let response = ui.add_sized(size, Button::new(text).fill(fill));
    let param = if ui.input(|input| input.modifiers.shift) { store } else { recall };
    let name = format!("Snapshot {} {state}", number + 1);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    surface.press(doings, param, &response);
    let response = response.on_hover_ui(|ui| row::tooltip(ui, view.registry.row(recall)));
    menu::attach_with(&response, view, doings, recall, |ui, doings| {
        if ui.button("Store the look here").clicked() {
            doings.send(store, Change::Fire);
            ui.close();
        }
        for (param, word) in [(view.roles.crossfade_a, "A"), (view.roles.crossfade_b, "B")] {
            if let Some(param) = param
                && ui.button(format!("Put it at end {word} of the crossfader")).clicked()
            {
                doings.send(param, Change::Plain((number + 1) as f64));
                ui.close();
            }
        }
    });
}
