//! Clips side by side, as many as fit; only those in sight are drawn.

use super::tile::{self, Form};
use crate::ui::{Doings, Surface, View};
use egui::{ScrollArea, Ui, scroll_area::ScrollBarVisibility};

/// Tiles are at least this wide on the page of clips.
const TILE: f32 = 122.0;
/// Space between tiles.
const GAP: f32 = 6.0;
/// Columns while playing: so few that names and pictures are seen from two metres.
const STAGE_COLUMNS: usize = 3;

/// On the page of clips, with all that is to be known of each.
pub(in crate::ui) fn page(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
) {
    let room = ui.available_width();
    let columns = (((room + GAP) / (TILE + GAP)) as usize).max(1);
    let area = ScrollArea::vertical().id_salt("bank").auto_shrink(false);
    let form = Form { width: width(room, columns), letters: 14.0, has_facts: true };
    rows(ui, area, view, surface, doings, (columns, form));
}

/// While playing: picture, number and name, at most this high; the clip in play is always in sight.
pub(in crate::ui) fn stage(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    height: f32,
) {
    let columns = STAGE_COLUMNS;
    let form =
        Form { width: width(ui.available_width(), columns), letters: 16.0, has_facts: false };
    let line = form.height() + GAP;
    let lines = view.clips.len().div_ceil(columns) as f32;
    // Whole lines, so that none is cut through.
    let fits = ((height + GAP) / line).floor().max(1.0);
    let mut area = ScrollArea::vertical()
        .id_salt("bank on stage")
        .max_height(fits * line - GAP)
        .scroll_bar_visibility(ScrollBarVisibility::VisibleWhenNeeded);
    let playing = view.clip().map(|(place, _)| place);
    if surface.followed != playing {
        surface.followed = playing;
        if let Some(place) = playing {
            let first = (place / columns) as f32 - ((fits - 1.0) / 2.0).floor();
            let last = (lines - fits).max(0.0);
            area = area.vertical_scroll_offset(first.clamp(0.0, last) * line);
        }
    }
    rows(ui, area, view, surface, doings, (columns, form));
}

fn width(room: f32, columns: usize) -> f32 {
    ((room - GAP * (columns - 1) as f32) / columns as f32).floor()
}

fn rows(
    ui: &mut Ui,
    area: ScrollArea,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    (columns, form): (usize, Form),
) {
    let Some(param) = view.roles.clip else { return };
    if view.clips.is_empty() {
        ui.weak("There is no clip yet");
        return;
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(GAP, GAP);
        let lines = view.clips.len().div_ceil(columns);
        area.show_rows(ui, form.height(), lines, |ui, seen| {
            for line in seen {
                ui.horizontal(|ui| {
                    let places = line * columns..((line + 1) * columns).min(view.clips.len());
                    for place in places {
                        // Named by its place, so that it is the same tile wherever it is scrolled to.
                        ui.push_id(place, |ui| {
                            tile::show(ui, view, surface, doings, (param, place), form);
                        });
                    }
                });
            }
        });
    });
}
