//! The chain as a whole: the rows of the page that belong to no stage.

use super::{fader, sections};
use crate::{
    decay::Lineup,
    params::{Kind, ParamIndex},
    ui::{Doings, Surface, View, row},
};
use egui::{CollapsingHeader, Ui, vec2};

/// Faders side by side, and their height in points.
const COLUMNS: usize = 2;
const HEIGHT: f32 = 28.0;

/// Faders for what is played, everything else folded away below them.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    lineup: &Lineup,
) {
    let of_stages: Vec<ParamIndex> =
        (0..lineup.len()).flat_map(|stage| lineup.rows(stage).all()).collect();
    let is_here = |id: &str| sections().contains(&id.split('.').next().unwrap_or(id));
    let rows =
        view.registry.iter().filter(|(index, row)| is_here(row.id) && !of_stages.contains(index));
    let (faders, rest): (Vec<_>, Vec<_>) = rows.partition(|(_, row)| {
        let is_number = matches!(row.kind, Kind::Float { .. } | Kind::Int { .. });
        is_number && !row.is_detail && !row.is_meter
    });
    let width = (ui.available_width() + ui.spacing().item_spacing.x) / COLUMNS as f32
        - ui.spacing().item_spacing.x;
    for line in faders.chunks(COLUMNS) {
        ui.horizontal(|ui| {
            for (index, row) in line {
                let is_lit = view.result(*index) != row.neutral;
                fader::show(ui, view, doings, *index, vec2(width, HEIGHT), is_lit);
            }
        });
    }
    if rest.is_empty() {
        return;
    }
    CollapsingHeader::new("More of the chain").show_unindented(ui, |ui| {
        for (index, _) in rest {
            row::show(ui, view, surface, doings, index);
        }
    });
}
