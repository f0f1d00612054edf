//! Patches as a table: from where, to where, how far, and what each does now.

use crate::{
    params::{Change, Kind, ParamIndex, ParamSpec},
    ui::{Doings, PatchRows, Surface, View, menu, picker, reach, row, theme},
};
use egui::{Button, Grid, RichText, Ui, vec2};

/// Width of the buttons that name parameters.
const NAMES: f32 = 150.0;
/// Size of the scale that shows the target.
const BAR: egui::Vec2 = vec2(90.0, 16.0);

/// Those in use, one that is free, and a button for more.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let is_used = |patch: &PatchRows| {
        view.named_by(patch.source).is_some() || view.named_by(patch.target).is_some()
    };
    let patches = &view.roles.patches;
    let in_use = patches.iter().filter(|patch| is_used(patch)).count();
    let cards = &mut surface.modulation;
    if in_use > cards.in_use {
        // What was empty has been put to use.
        cards.added = 0;
    }
    cards.in_use = in_use;
    ui.horizontal(|ui| {
        ui.label(RichText::new("Patches").size(16.0).strong().color(theme::BRIGHT));
        ui.weak(format!("{in_use} of {} in use", patches.len()));
        let is_free = in_use + cards.added + 1 < patches.len();
        let add = ui.add_enabled(is_free, Button::new("Add"));
        add.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, is_free, "Add a patch"));
        if add.clicked() {
            cards.added += 1;
        }
    });
    let mut empty = cards.added + 1;
    Grid::new("patches").num_columns(7).spacing([8.0, 4.0]).show(ui, |ui| {
        for head in ["source", "target", "depth", "curve", "now", "", ""] {
            ui.weak(head);
        }
        ui.end_row();
        for (at, patch) in patches.iter().enumerate() {
            let is_used = is_used(patch);
            if !is_used && empty == 0 {
                continue;
            }
            empty -= usize::from(!is_used);
            line(ui, view, doings, (at, patch), is_used);
            ui.end_row();
        }
    });
}

fn line(
    ui: &mut Ui,
    view: &View<'_>,
    doings: &mut Doings,
    (at, patch): (usize, &PatchRows),
    is_used: bool,
) {
    name(ui, view, doings, (patch.source, patch.target), patch, |_| true);
    let is_target =
        |row: &ParamSpec| !row.is_meter && (row.can_be_modulated() || row.kind == Kind::Trigger);
    name(ui, view, doings, (patch.target, patch.source), patch, is_target);
    row::cell(ui, view, doings, patch.depth);
    row::cell(ui, view, doings, patch.curve);
    let target = view.named_by(patch.target);
    match target.filter(|_| view.status.modulated.get(at).is_some_and(Option::is_some)) {
        Some(target) if view.registry.row(target).kind == Kind::Trigger => {
            ui.label("fires it");
            ui.label("");
        }
        Some(target) => {
            reach::bar(ui, view, target, BAR);
            let format = |plain| view.registry.format(target, plain);
            let (set, now) = (format(view.value(target)), format(view.result(target)));
            let text = if set == now { now } else { format!("{set} > {now}") };
            ui.label(RichText::new(text).color(theme::ACCENT));
        }
        None if is_used => {
            ui.weak(why(view, patch));
            ui.label("");
        }
        None => {
            ui.label("");
            ui.label("");
        }
    }
    let number = at + 1;
    if is_used {
        let remove = ui.button("Remove");
        let name = format!("Remove patch {number}");
        remove.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
        if remove.clicked() {
            for row in [patch.source, patch.target, patch.depth, patch.curve] {
                doings.send(row, Change::Plain(view.registry.row(row).default));
            }
        }
    }
}

/// Why a patch does nothing.
fn why(view: &View<'_>, patch: &PatchRows) -> &'static str {
    match (view.named_by(patch.source), view.named_by(patch.target)) {
        (None, _) => "no source",
        (_, None) => "no target",
        _ if view.value(patch.depth) == 0.0 => "no depth",
        _ => "cannot be modulated",
    }
}

/// The name at one end. A patch that is complete by that, and goes nowhere, is given a depth.
fn name(
    ui: &mut Ui,
    view: &View<'_>,
    doings: &mut Doings,
    (end, other): (ParamIndex, ParamIndex),
    patch: &PatchRows,
    meant: impl Fn(&ParamSpec) -> bool,
) {
    let (button, chosen) = picker::reference(ui, view, end, NAMES, meant);
    if let Some(plain) = chosen {
        let is_complete = view.named_by(other).is_some() && view.registry.named_by(plain).is_some();
        if is_complete && view.value(patch.depth) == 0.0 {
            doings.send(patch.depth, Change::Plain(menu::DEPTH));
        }
        doings.send(end, Change::Plain(plain));
    }
    let spec = view.named_by(end).unwrap_or(end);
    let button = button.on_hover_ui(|ui| row::tooltip(ui, view.registry.row(spec)));
    menu::attach(&button, view, doings, end);
}
