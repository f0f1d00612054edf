//! Playing in front of people: what one sees at a glance, and nothing else.

use super::{
    Doings, Surface, View, header, knob, looks, next_clip, preview, state, theme, timeline,
};
use crate::params::{Change, ParamIndex};
use egui::{Button, Rect, RichText, Ui, pos2, vec2};

/// Height of the knobs' line in points.
const KNOBS: f32 = 118.0;
/// Lines of looks, and the widest of them in points.
const LOOKS: (usize, f32) = (2, 118.0);
/// Width of what stands beside the picture.
const SIDE: f32 = 330.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let room = ui.available_rect_before_wrap();
    let knobs_top = room.bottom() - KNOBS;
    let strip_top = knobs_top - timeline::SHOW_HEIGHT - 6.0;
    let look = looks::tile_size(view.looks.len(), LOOKS.0, room.width(), LOOKS.1);
    let looks_height =
        if view.looks.is_empty() { 0.0 } else { LOOKS.0 as f32 * (look.y + looks::GAP) };
    let looks_top = strip_top - 6.0 - looks_height;
    let side_left = room.right() - SIDE;
    let top = |left: f32, right: f32| {
        Rect::from_min_max(pos2(left, room.top()), pos2(right, looks_top - 6.0))
    };
    let mut at = |place: Rect, draw: &mut dyn FnMut(&mut Ui)| {
        ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| draw(ui));
    };
    at(top(room.left(), side_left - 10.0), &mut |ui| preview::show(ui, view));
    at(top(side_left, room.right()), &mut |ui| side(ui, view, surface, doings));
    let shelf =
        Rect::from_min_max(pos2(room.left(), looks_top), pos2(room.right(), strip_top - 6.0));
    at(shelf, &mut |ui| {
        let scroll = egui::ScrollArea::vertical().id_salt("looks").auto_shrink(false);
        scroll.show(ui, |ui| looks::show(ui, view, surface, doings, look));
    });
    let strip =
        Rect::from_min_max(pos2(room.left(), strip_top), pos2(room.right(), knobs_top - 6.0));
    at(strip, &mut |ui| timeline::show(ui, view, surface, doings, timeline::SHOW_HEIGHT));
    let knobs = Rect::from_min_max(pos2(room.left(), knobs_top), room.right_bottom());
    knob::line(ui, view, doings, &view.roles.macros, knobs);
}

fn side(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let status = view.status;
    state::show(ui, view, 58.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new(format!("Age {}", status.generation)).size(24.0))
            .on_hover_text("Generations since the decay was last healed");
        if !status.is_playing {
            ui.label(RichText::new("paused").size(24.0).color(theme::WARNING));
        }
    });
    next_clip::names(ui, view);
    ui.add_space(8.0);
    clips(ui, view, doings);
    ui.add_space(8.0);
    pads(ui, view, surface, doings, &view.roles.pads);
    ui.add_space(8.0);
    latched(ui, view, surface, doings);
}

/// A button for each clip; the one in play is lit.
fn clips(ui: &mut Ui, view: &View<'_>, doings: &mut Doings) {
    let Some(param) = view.roles.clip else { return };
    let playing = view.clip().map(|(place, _)| place);
    let width = (ui.available_width() - 3.0 * ui.spacing().item_spacing.x) / 4.0;
    ui.horizontal_wrapped(|ui| {
        for (place, clip) in view.clips.iter().enumerate() {
            let text = RichText::new(format!("{} {}", place + 1, clip.name)).size(14.0);
            let button = Button::new(text).truncate().selected(playing == Some(place));
            let response = ui.add_sized(vec2(width, 34.0), button);
            if response.on_hover_text(&clip.label).clicked() {
                doings.send(param, Change::Plain((place + 1) as f64));
            }
        }
    });
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
            ui.allocate_ui(vec2(width, 34.0), |ui| {
                ui.set_min_width(width);
                let row = view.registry.row(*param);
                let is_on = view.value(*param) >= 0.5;
                header::press(ui, view, surface, doings, *param, (row.name, theme::ACCENT, is_on));
            });
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
