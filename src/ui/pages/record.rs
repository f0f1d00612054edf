//! Recordings and takes: what is being written, for how long there is room, and what was written.

use super::{Page, list};
use crate::{
    engine::Recording,
    ui::{Doings, Surface, View, Wish, header, theme},
};
use egui::{Button, RichText, Ui, vec2};

/// Less room than this is worth a warning, in minutes.
const LITTLE_ROOM: f64 = 15.0;

/// Buttons, room, files, rows.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    ui.horizontal(|ui| {
        if let Some(param) = view.roles.record {
            let is_on = view.value(param) >= 0.5;
            let word = if is_on { "Stop recording" } else { "Record" };
            header::press(ui, view, surface, doings, param, (word, theme::ERROR, is_on));
        }
        if let Some(param) = view.roles.keep {
            let word = ("Keep the last minute as a take", theme::BRIGHT, false);
            header::press(ui, view, surface, doings, param, word);
        }
    });
    if let Recording::On { slots, refused } = view.status.recording {
        let secs = slots as f64 * f64::from(view.status.slot_micros) / 1e6;
        ui.label(
            RichText::new(format!("{:02.0}:{:02.0}", (secs / 60.0).floor(), secs % 60.0))
                .size(32.0),
        );
        ui.label(match refused {
            0 => "every picture is in it".to_owned(),
            some => format!("{some} pictures are missing: the encoder could not keep up"),
        });
    }
    room(ui, view);
    ui.add_space(6.0);
    ui.label(RichText::new("Written since the start").size(16.0).strong());
    let files = view.news.iter().rev().filter_map(|line| Some((line, line.notice.file.as_ref()?)));
    let mut is_empty = true;
    for (line, file) in files {
        is_empty = false;
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        ui.horizontal(|ui| {
            let show = ui.add(Button::new(name.as_ref()).min_size(vec2(180.0, 0.0)));
            if show.on_hover_text("Shows the file in its folder").clicked() {
                doings.wishes.push(Wish::Reveal(file.clone()));
            }
            ui.add(
                egui::Label::new(RichText::new(&line.notice.text).color(theme::WEAK)).truncate(),
            );
        });
    }
    if is_empty {
        ui.weak("nothing yet");
    }
    ui.add_space(6.0);
    list::sections(ui, view, surface, doings, Page::Record.sections());
}

/// How long a recording may become.
pub(in crate::ui) fn room(ui: &mut Ui, view: &View<'_>) {
    let Some(room) = view.recording_room else { return };
    let minutes = room.as_secs_f64() / 60.0;
    let text = match minutes {
        many if many >= 600.0 => format!("room for {:.0} hours", many / 60.0),
        some => format!("room for {some:.0} minutes"),
    };
    match minutes < LITTLE_ROOM {
        true => ui.colored_label(theme::WARNING, format!("only {text}")),
        false => ui.weak(text),
    };
}
