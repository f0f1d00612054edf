//! Triggers that are numbered alike, as one line of pads.

use super::{Doings, Surface, View, menu, row};
use crate::params::{Kind, ParamIndex, ParamSpec, Registry};
use egui::Ui;

/// How many of these rows, from the first on, are one family of triggers. 1 where there is none.
pub(super) fn size(registry: &Registry, rows: &[ParamIndex]) -> usize {
    let of = |index: &ParamIndex| {
        let row = registry.row(*index);
        row.family().filter(|_| row.kind == Kind::Trigger).map(|(family, _)| family)
    };
    let first = rows.first().and_then(of);
    rows.iter().take_while(|index| first.is_some() && of(index) == first).count().max(1)
}

/// The name that the family has in common.
pub(super) fn name(row: &ParamSpec) -> &str {
    row.name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end()
}

/// One pad for each.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    rows: &[ParamIndex],
) {
    let gap = ui.spacing().item_spacing.x;
    let width = (ui.available_width() - gap * rows.len() as f32) / rows.len().max(1) as f32;
    for index in rows {
        let row = view.registry.row(*index);
        let text = row.family().map_or(row.name, |(_, number)| number);
        let pad = egui::Button::new(text).min_size(egui::vec2(width.clamp(20.0, 44.0), 0.0));
        let pad = ui.add(pad);
        // What it is called wherever letters do not show it.
        pad.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, row.name));
        surface.press(doings, *index, &pad);
        let pad = pad.on_hover_ui(|ui| row::tooltip(ui, row));
        menu::attach(&pad, view, doings, *index);
    }
}
