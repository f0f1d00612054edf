//! The importer: two sources, an encoder, a try, and a button.

use super::trial;
use crate::{
    clip::{Encoder, Fit, Mosh},
    ui::{DeskWish, Doings, Surface, View, Wish, imports, theme},
};
use egui::{Button, RichText, TextEdit, Ui, vec2};

/// How long damage lives, in the performer's words.
const MOSHES: [(Option<Mosh>, &str, &str); 4] = [
    (None, "as it comes", "As the encoder is used where nobody chooses"),
    (Some(Mosh::Soft), "soft", "Damage heals by itself within a second or two"),
    (Some(Mosh::Hard), "hard", "Damage lives for seconds"),
    (Some(Mosh::Forever), "forever", "Damage stays as long as the encoder lets it"),
];

/// How a source of another shape comes into the canvas.
const FITS: [(Fit, &str, &str); 3] = [
    (Fit::Crop, "fill", "Fills the canvas; what stands over is cut off (crop)"),
    (Fit::Letterbox, "whole", "All of the picture, with black borders (letterbox)"),
    (Fit::Stretch, "stretch", "Fills the canvas, out of shape (stretch)"),
];

/// Paths offered for what is typed.
const OFFERS: usize = 8;

/// Width of the names at the left.
const NAMES: f32 = 96.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        imports::show(ui, view, doings);
        if !view.desk.is_open {
            ui.colored_label(theme::WARNING, "Nothing can be imported here: no clip plays");
            return;
        }
        ui.label("Drop files on the window, or write where they are. The show goes on meanwhile.");
        ui.add_space(8.0);
        sources(ui, view, surface, doings);
        ui.add_space(10.0);
        choices(ui, view, surface);
        ui.add_space(12.0);
        button(ui, view, surface, doings);
    });
}

fn line(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui, egui::Id)) {
    ui.horizontal(|ui| {
        let from_left = egui::Layout::left_to_right(egui::Align::Center);
        let label = ui.allocate_ui_with_layout(vec2(NAMES, 28.0), from_left, |ui| {
            ui.set_min_size(vec2(NAMES, 28.0));
            ui.label(RichText::new(name).size(15.0))
        });
        content(ui, label.inner.id);
    });
}

fn sources(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let importer = &mut surface.importer;
    let fields = [
        ("Forward", &mut importer.forward, "a video, a picture, a folder of numbered pictures"),
        ("Backward", &mut importer.backward, "the forward one reversed"),
    ];
    for (name, text, hint) in fields {
        let mut is_typed = false;
        line(ui, name, |ui, label| {
            let field = TextEdit::singleline(text)
                .id_salt(name)
                .hint_text(hint)
                .margin(egui::Margin::symmetric(8, 6));
            let field = field.desired_width((ui.available_width() - 44.0).max(120.0));
            let response = ui.add(field).labelled_by(label);
            is_typed = response.has_focus();
            let clear =
                ui.add_enabled(!text.is_empty(), Button::new(RichText::new("×").size(17.0)));
            let what = format!("Clear {name}");
            clear.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &what));
            if clear.clicked() {
                text.clear();
            }
        });
        if is_typed && importer.completed != *text {
            importer.completed.clone_from(text);
            doings.wishes.push(Wish::Desk(DeskWish::Complete(text.clone())));
        }
        let offers = &view.desk.completion;
        // They stay while one of them is clicked, which takes the keyboard away from the field.
        let is_for_this = !text.is_empty() && offers.typed == *text;
        let is_done = offers.paths.len() == 1 && offers.paths[0] == *text;
        if is_for_this && !is_done {
            ui.horizontal_wrapped(|ui| {
                ui.add_space(NAMES + 8.0);
                for path in offers.paths.iter().take(OFFERS) {
                    if ui.add(Button::new(end(path))).on_hover_text(path).clicked() {
                        text.clone_from(path);
                        importer.completed.clone_from(path);
                        doings.wishes.push(Wish::Desk(DeskWish::Complete(path.clone())));
                    }
                }
                if offers.paths.len() > OFFERS {
                    ui.weak(format!("and {} more", offers.paths.len() - OFFERS));
                } else if offers.paths.is_empty() {
                    ui.colored_label(theme::WARNING, "nothing there begins like this");
                }
            });
        }
    }
}

/// The last part of a path; a folder keeps its slash.
fn end(path: &str) -> &str {
    let begin = path.trim_end_matches('/').rfind('/').map_or(0, |slash| slash + 1);
    &path[begin..]
}

fn choices(ui: &mut Ui, view: &View<'_>, surface: &mut Surface) {
    let import = &mut surface.importer.import;
    let codings = &view.desk.codings;
    let encoder = import.encoder.unwrap_or(view.desk.encoder);
    let told = |encoder: Encoder, mosh: Option<Mosh>| {
        codings.iter().find(|line| line.encoder == encoder && line.mosh == mosh)
    };
    line(ui, "Damage", |ui, _| {
        for (mosh, word, help) in MOSHES {
            let settings = told(encoder, mosh);
            let button = Button::new(RichText::new(word).size(15.0)).selected(import.mosh == mosh);
            let button = ui.add_enabled(settings.is_some(), button.min_size(vec2(0.0, 28.0)));
            let button = button.on_hover_ui(|ui| {
                ui.label(help);
                if let Some(settings) = settings {
                    ui.weak(RichText::new(format!("{encoder}: {}", settings.text)).monospace());
                }
            });
            if button.on_disabled_hover_text("This encoder has no such settings").clicked() {
                import.mosh = mosh;
            }
        }
    });
    line(ui, "Encoder", |ui, _| {
        for one in Encoder::ALL {
            if !codings.iter().any(|line| line.encoder == one) {
                continue;
            }
            let button = Button::new(RichText::new(one.name()).size(15.0)).selected(one == encoder);
            let button = ui.add(button.min_size(vec2(0.0, 28.0))).on_hover_text(word(one));
            if button.clicked() {
                import.encoder = Some(one);
                // What another encoder was told is nothing for this one.
                import.mosh = import.mosh.filter(|mosh| told(one, Some(*mosh)).is_some());
            }
        }
        ui.weak(word(encoder));
    });
    line(ui, "Shape", |ui, _| {
        for (fit, text, help) in FITS {
            let is_chosen = import.fit.unwrap_or(view.desk.fit) == fit;
            let button = Button::new(RichText::new(text).size(15.0)).selected(is_chosen);
            let button = ui.add(button.min_size(vec2(0.0, 28.0)));
            if button.on_hover_text(help).clicked() {
                import.fit = Some(fit);
            }
        }
    });
    line(ui, "Canvas", |ui, _| {
        ui.label(&view.desk.canvas).on_hover_text(
            "Size and rate of everything that plays: the set's canvas, or what --canvas says",
        );
    });
    if let Some(settings) = told(encoder, import.mosh) {
        line(ui, "Exactly", |ui, _| {
            let text =
                RichText::new(format!("{encoder}: {}", settings.text)).monospace().size(12.0);
            ui.add(egui::Label::new(text.color(theme::WEAK)).wrap());
        });
    }
    let name = encoder.name();
    if view.clip().is_some_and(|(_, clip)| !clip.encoder.is_empty() && clip.encoder != name) {
        ui.weak("Between clips of two encoders a clean picture comes: they cannot share a stream.");
    }
}

/// What an encoder is good for.
fn word(encoder: Encoder) -> &'static str {
    match encoder {
        Encoder::Mpeg4 => "damage lives longest",
        Encoder::Libx264 => "any decoder plays it, hardware ones included",
        Encoder::Openh264 => "where x264 is not installed",
        _ => "a part of this machine",
    }
}

fn button(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let importer = &mut surface.importer;
    let ask = importer.ask();
    let is_named = ask.is_some();
    line(ui, "", |ui, _| {
        let text = RichText::new("Import").size(18.0).strong();
        let button = match is_named {
            true => Button::new(text.color(theme::BACKGROUND)).fill(theme::ACCENT),
            false => Button::new(text),
        };
        let button = ui.add_enabled(is_named, button.min_size(vec2(120.0, 36.0)));
        button.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, is_named, "Import it now")
        });
        let is_pressed = button.on_disabled_hover_text("Name a forward source first").clicked();
        if let Some(ask) = ask.clone().filter(|_| is_pressed) {
            doings.wishes.push(Wish::Import(Box::new(ask)));
            importer.forward.clear();
            importer.backward.clear();
        }
        let text = RichText::new("Try two seconds").size(15.0);
        let button = ui.add_enabled(is_named, Button::new(text).min_size(vec2(0.0, 36.0)));
        let button = button.on_hover_text("Shows how its beginning moshes; nothing stays of it");
        if let Some(ask) = ask.clone().filter(|_| button.clicked()) {
            doings.wishes.push(Wish::Desk(DeskWish::Try(Box::new(ask))));
        }
        let waiting = view.desk.jobs.iter().filter(|job| job.state.is_under_way()).count();
        ui.weak(format!("becomes clip {}", view.clips.len() + waiting + 1));
    });
    let news = view.desk.trial.as_ref();
    // What is shown is how it would be now.
    if let Some(news) = news.filter(|news| Some(&news.ask) == ask.as_ref()) {
        ui.add_space(8.0);
        trial::show(ui, news);
    }
}
