//! The displays: which of them shows the programme, and the test card to set them by.

use crate::ui::{DisplayUse, Doings, View, Wish, theme};
use egui::{Button, RichText, Ui, vec2};

/// A line for each display.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, doings: &mut Doings) {
    ui.label(RichText::new("Displays").size(16.0).strong());
    ui.add_space(4.0);
    for display in view.displays {
        ui.horizontal(|ui| {
            let (width, height) = display.size;
            let is_filled = display.used == DisplayUse::Filled;
            let word = if is_filled { "Leave" } else { "Fill" };
            let button = Button::new(RichText::new(word).size(15.0)).selected(is_filled);
            let button = ui.add(button.min_size(vec2(70.0, 30.0)));
            let name = format!("{word} {}", display.name);
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if button.clicked() {
                doings.wishes.push(match is_filled {
                    true => Wish::LeaveDisplay(display.name.clone()),
                    false => Wish::FillDisplay(display.name.clone()),
                });
            }
            ui.label(RichText::new(format!("{}  {width}x{height}", display.name)).size(16.0));
            match display.used {
                DisplayUse::Filled => ui.colored_label(theme::ACCENT, "shows the programme"),
                DisplayUse::Window => ui.weak("the output's window is here"),
                DisplayUse::None => ui.weak("dark"),
            };
        });
    }
    if view.displays.is_empty() {
        ui.weak("The window system tells of no display");
    }
    ui.add_space(10.0);
    let word = if view.shows_card { "Programme again" } else { "Test card" };
    let button = Button::new(RichText::new(word).size(15.0)).selected(view.shows_card);
    let help = "Colour bars, a ramp and the picture's edge on every display, in place of the \
                programme; a recording goes on without it";
    if ui.add(button.min_size(vec2(150.0, 30.0))).on_hover_text(help).clicked() {
        doings.wishes.push(Wish::TestCard(!view.shows_card));
    }
}
