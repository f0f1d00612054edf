//! Playing in front of people: what one sees at a glance, and nothing else.

use super::{
    Doings, Surface, View, bank, guide, header, knob, looks, next_clip, preview, state, theme,
    timeline,
};
use crate::params::ParamIndex;
use egui::{Rect, RichText, Ui, pos2, vec2};

/// Height of the knobs' line in points.
const KNOBS: f32 = 118.0;
/// Lines of looks, and the widest of them in points.
const LOOKS: (usize, f32) = (2, 118.0);
/// Below this height looks give way to the picture.
const LOW: f32 = 600.0;
/// Width of what stands beside the picture.
const SIDE: f32 = 330.0;

/// Less height than this is none for clips.
const TILES: f32 = 60.0;
/// Height of what stands below the clips: the pads, and what is latched.
const PADS: f32 = 112.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let room = ui.available_rect_before_wrap();
    let knobs_top = room.bottom() - KNOBS;
    let strip_top = knobs_top - timeline::SHOW_HEIGHT - 6.0;
    let look = looks::tile_size(view.looks.len(), LOOKS.0, room.width(), LOOKS.1);
    let has_looks = !view.looks.is_empty() && room.height() >= LOW;
    let looks_height = if has_looks { LOOKS.0 as f32 * (look.y + looks::GAP) } else { 0.0 };
    let looks_top = strip_top - 6.0 - looks_height;
    let side_left = room.right() - SIDE;
    let top = |left: f32, right: f32| {
        Rect::from_min_max(pos2(left, room.top()), pos2(right, looks_top - 6.0))
    };
    let mut at = |place: Rect, draw: &mut dyn FnMut(&mut Ui)| {
        ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| {
            // What has no room takes no click that is meant for its neighbour.
            ui.set_clip_rect(ui.clip_rect().intersect(place));
            draw(ui);
        });
    };
    at(top(room.left(), side_left - 10.0), &mut |ui| {
        let place = ui.available_rect_before_wrap();
        preview::show(ui, view);
        guide::show(ui, view, surface, place);
    });
    at(top(side_left, room.right()), &mut |ui| side(ui, view, surface, doings));
    let shelf =
        Rect::from_min_max(pos2(room.left(), looks_top), pos2(room.right(), strip_top - 6.0));
    at(shelf, &mut |ui| {
        if !has_looks {
            return;
        }
        let scroll = egui::ScrollArea::vertical().id_salt("looks").auto_shrink(false);
        scroll.show(ui, |ui| looks::show(ui, view, surface, doings, look));
    });
    let strip =
        Rect::from_min_max(pos2(room.left(), strip_top), pos2(room.right(), knobs_top - 6.0));
    at(strip, &mut |ui| timeline::show(ui, view, surface, doings, timeline::SHOW_HEIGHT));
    guide::point(ui, view, surface, strip);
    let knobs = Rect::from_min_max(pos2(room.left(), knobs_top), room.right_bottom());
    knob::line(ui, view, doings, &view.roles.macros, knobs);
}

fn side(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let status = view.status;
    state::show(ui, view, if ui.available_height() < SIDE { 34.0 } else { 58.0 });
    ui.horizontal(|ui| {
        ui.label(RichText::new(format!("Age {}", status.generation)).size(24.0))
            .on_hover_text("Generations since the decay was last healed");
        if !status.is_playing {
            ui.label(RichText::new("paused").size(24.0).color(theme::WARNING));
        }
    });
    next_clip::names(ui, view);
    ui.add_space(8.0);
    // Clips have keys of their own; pads are wanted in the smallest window.
    let clips_height = ui.available_height() - PADS;
    if clips_height >= TILES {
        bank::stage(ui, view, surface, doings, clips_height);
        ui.add_space(8.0);
    }
    pads(ui, view, surface, doings, &view.roles.pads);
    ui.add_space(8.0);
    latched(ui, view, surface, doings);
}

/// Buttons of rows, four in a line.
fn pads(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    rows: &[ParamIndex],
) {
    let width = (ui.available_width() - 3.0 * ui.spacing().item_spacing.x) / 4.0;
    ui.horizontal_wrapped(|ui| {
        for param in rows {
            let pad = ui.allocate_ui(vec2(width, 34.0), |ui| {
                ui.set_min_width(width);
                let row = view.registry.row(*param);
                let is_on = view.value(*param) >= 0.5;
                header::press(ui, view, surface, doings, *param, (row.name, theme::ACCENT, is_on));
            });
            if view.roles.melt == Some(*param) {
                guide::point(ui, view, surface, pad.response.rect);
            }
        }
    });
}

/// What is on and will stay on until somebody lets it go: lit, and let go by a click.
fn latched(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let is_pad = |param: &ParamIndex| view.roles.pads.contains(param);
    let on = view.registry.iter().filter(|(param, row)| {
        row.kind == crate::params::Kind::Bool
            && !row.is_meter
            && row.default < 0.5
            && view.value(*param) >= 0.5
            && !is_pad(param)
    });
    ui.horizontal_wrapped(|ui| {
        for (param, row) in on {
            header::press(ui, view, surface, doings, param, (row.name, theme::ACCENT, true));
        }
    });
}
