//! The line above everything, alike in both modes: what must be found without looking.

use super::{Doings, Mode, Surface, View, Wish, health, learn, meters, theme};
use crate::{engine::Recording, params::ParamIndex};
use egui::{Align, Button, Color32, Layout, RichText, Sense, Ui, vec2};

/// In a window narrower than this, what can be left out is.
const NARROW: f32 = 1000.0;
/// Height in points.
pub(super) const HEIGHT: f32 = 44.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal_centered(|ui| {
        match surface.is_locked() {
            true => unlock(ui, view, surface),
            false => modes(ui, view, surface, doings),
        }
        ui.separator();
        if !is_narrow {
            meters::beat(ui, view);
        }
        if !surface.is_locked() {
            learn::line(ui, view);
        }
        if view.status.is_demo && view.armed.is_none() {
            ui.separator();
            ui.colored_label(theme::ACCENT, "demonstration: touch anything to take over");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut emergency = |ui: &mut Ui, param: Option<ParamIndex>, word, color| {
                if let Some(param) = param {
                    let is_on = view.value(param) >= 0.5;
                    press(ui, view, surface, doings, param, (word, color, is_on));
                }
            };
            emergency(ui, view.roles.panic, "Panic", theme::ERROR);
            emergency(ui, view.roles.blackout, "Blackout", theme::BRIGHT);
            emergency(ui, view.roles.undo, "Undo", theme::TEXT);
            ui.separator();
            let keys = Button::new("?").min_size(vec2(26.0, 26.0));
            if !surface.is_locked() && ui.add(keys).on_hover_text("All keys").clicked() {
                surface.toggle_keys();
            }
            health::lamp(ui, view, surface);
            if !is_narrow || view.status.recording != Recording::Off {
                meters::recorder(ui, view);
            }
        });
    });
}

/// The two modes, and the way into the lock.
fn modes(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    for (mode, word) in [(Mode::Show, "Show"), (Mode::Prepare, "Prepare")] {
        let is_open = surface.layout.mode == mode;
        let button = Button::new(RichText::new(word).size(16.0)).selected(is_open);
        if ui.add(button.min_size(vec2(0.0, 30.0))).clicked() {
            surface.layout.mode = mode;
        }
    }
    let lock = Button::new(RichText::new("Lock").size(16.0)).min_size(vec2(0.0, 30.0));
    let help =
        "Nothing but playing until it is held for a moment: no menus, no dialogs, no closing";
    if ui.add(lock).on_hover_text(help).clicked() {
        surface.lock();
        // What is touched next plays, and maps nothing.
        if let Some(desk) = view.learn.filter(|_| view.armed.is_some()) {
            desk.disarm();
        }
        if view.shows_card {
            doings.wishes.push(Wish::TestCard(false));
        }
    }
}

/// The way out of the lock: to be held, filling while it is.
fn unlock(ui: &mut Ui, view: &View<'_>, surface: &mut Surface) {
    let text = RichText::new("LOCKED  hold to unlock").size(16.0).color(theme::BRIGHT);
    let response = ui.add(Button::new(text).min_size(vec2(0.0, 30.0)).sense(Sense::drag()));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Hold to unlock"));
    let part = surface.hold_lock(response.is_pointer_button_down_on(), view.now_secs);
    if part > 0.0 {
        let mut line = response.rect;
        line.set_top(line.bottom() - 3.0);
        line.set_width(line.width() * part as f32);
        ui.painter().rect_filled(line, 0.0, theme::BRIGHT);
        ui.ctx().request_repaint();
    }
}

/// A button of the row, filled while its row is on.
pub(super) fn press(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    param: ParamIndex,
    (word, color, is_on): (&str, Color32, bool),
) {
    let row = view.registry.row(param);
    let text = RichText::new(word).size(15.0).strong();
    let button = match is_on {
        true => Button::new(text.color(theme::BACKGROUND)).fill(color),
        false => Button::new(text.color(color)),
    };
    let response = ui.add(button.min_size(vec2(74.0, 30.0)));
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, is_on, row.name));
    surface.press(doings, param, &response);
    super::reach::underline(ui, view, param, response.rect);
    let response = response.on_hover_ui(|ui| super::row::tooltip(ui, row));
    super::menu::attach(&response, view, doings, param);
}
