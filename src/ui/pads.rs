//! Triggers that are numbered alike, as one line of pads.

use super::{View, by_hand};
use crate::params::{Change, ControlEvent, Kind, ParamIndex, ParamSpec, Registry};
use egui::Ui;

/// How many of these rows, from the first on, are one family of triggers: ids and names that differ
/// in nothing but a number. 1 where there is none.
pub(super) fn family(registry: &Registry, rows: &[ParamIndex]) -> usize {
    let Some(first) = rows.first().map(|index| registry.row(*index)) else { return 0 };
    if first.kind != Kind::Trigger || number(first).is_none() {
        return 1;
    }
    let alike = |index: &&ParamIndex| {
        let row = registry.row(**index);
        row.kind == Kind::Trigger
            && number(row).is_some()
            && without_digits(row.id).eq(without_digits(first.id))
    };
    rows.iter().take_while(alike).count().max(1)
}

/// The name that the family has in common.
pub(super) fn name(row: &ParamSpec) -> &str {
    row.name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end()
}

/// One pad for each.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    rows: &[ParamIndex],
    events: &mut Vec<ControlEvent>,
) {
    let gap = ui.spacing().item_spacing.x;
    let width = (ui.available_width() - gap * rows.len() as f32) / rows.len().max(1) as f32;
    for index in rows {
        let row = view.registry.row(*index);
        let text = number(row).unwrap_or(row.name);
        let pad = egui::Button::new(text).min_size(egui::vec2(width.clamp(20.0, 44.0), 0.0));
        let pad = ui.add(pad);
        // What it is called wherever letters do not show it.
        pad.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, row.name));
        if pad.clicked() {
            events.push(by_hand(*index, Change::Fire));
        }
        pad.on_hover_ui(|ui| super::rows::tooltip(ui, row));
    }
}

/// The number at the end of the row's name.
fn number(row: &ParamSpec) -> Option<&str> {
    let start = row.name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    Some(&row.name[start..]).filter(|number| !number.is_empty())
}

fn without_digits(id: &str) -> impl Iterator<Item = char> + '_ {
    id.chars().filter(|c| !c.is_ascii_digit())
}
