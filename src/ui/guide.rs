//! From nothing to a moshed picture: what somebody does first who starts without any clip.
//!
//! Three steps, each said where it is done: something is dropped, it plays, and then the strip and the
//! pad are pointed at until the picture moshes for the first time.

use super::{Mode, Page, Surface, View, state::Seen, theme};
use egui::{Align2, Button, Color32, FontId, Rect, RichText, Stroke, StrokeKind, Ui, pos2, vec2};

/// How far somebody is who began without a clip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Step {
    /// Nobody is led: there were clips from the start, or it is done.
    #[default]
    None,
    /// A clip is wanted.
    Choose,
    /// It plays; now it is to be moshed.
    Mosh,
}

/// Goes on by what there is to be seen.
pub(super) fn follow(view: &View<'_>, surface: &mut Surface) {
    let has_nothing = view.is_blank || view.clips.is_empty();
    surface.guide = match surface.guide {
        _ if has_nothing => Step::Choose,
        Step::Choose => Step::Mosh,
        Step::Mosh if Seen::of(view) == Seen::Moshing && surface.was_clean => Step::None,
        step => step,
    };
    // What a clip that comes in leaves on the picture before it is no doing of the person's.
    surface.was_clean =
        surface.guide == Step::Mosh && (surface.was_clean || Seen::of(view) == Seen::Clean);
}

/// What to do, on the picture.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, place: Rect) {
    if view.is_locked {
        return;
    }
    match surface.guide {
        Step::None => {}
        Step::Choose => choose(ui, view, surface, place),
        Step::Mosh => mosh(ui, surface, place),
    }
}

/// A ring around what is to be touched next.
pub(super) fn point(ui: &Ui, view: &View<'_>, surface: &Surface, place: Rect) {
    if surface.guide == Step::Mosh && !view.is_locked {
        let stroke = Stroke::new(3.0, theme::WARNING);
        ui.painter().rect_stroke(place, 4.0, stroke, StrokeKind::Inside);
    }
}

const STEPS: [(&str, &str); 3] = [
    ("1", "Drop a video on this window"),
    ("2", "It plays at once"),
    ("3", "Drag along the strip, or hold Melt: its motion lands on the wrong picture"),
];

fn choose(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, place: Rect) {
    ui.painter().rect_filled(place, 2.0, Color32::BLACK);
    let width = place.width().min(620.0) - 40.0;
    let inner = Rect::from_center_size(place.center(), vec2(width, place.height() - 20.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner), |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(place));
        ui.add_space((inner.height() - 190.0).max(0.0) / 2.0);
        for (at, (number, words)) in STEPS.into_iter().enumerate() {
            let color = if at == 0 { theme::BRIGHT } else { theme::WEAK };
            ui.horizontal(|ui| {
                ui.label(RichText::new(number).size(26.0).strong().color(theme::ACCENT));
                let words = RichText::new(words).size(19.0).color(color);
                ui.add(egui::Label::new(words).wrap());
            });
            if at == 0 {
                ui.horizontal(|ui| {
                    ui.add_space(26.0);
                    let button = Button::new(RichText::new("or write where it is").size(15.0));
                    if ui.add(button.min_size(vec2(0.0, 30.0))).clicked() {
                        surface.layout.mode = Mode::Prepare;
                        surface.layout.page = Page::Import;
                    }
                });
            }
            ui.add_space(6.0);
        }
        // How far what was dropped is.
        if let Some(job) = view.desk.jobs.iter().find(|job| job.state.is_under_way()) {
            ui.label(RichText::new(format!("{} is on its way", job.name)).color(theme::ACCENT));
        }
    });
}

fn mosh(ui: &mut Ui, surface: &mut Surface, place: Rect) {
    let (number, words) = STEPS[2];
    let font = FontId::proportional(18.0);
    let text = format!("{number}   {words}");
    let room = place.width() - 90.0;
    let galley = ui.painter().layout(text.clone(), font, theme::BRIGHT, room);
    let plate = Align2::CENTER_BOTTOM.anchor_size(
        pos2(place.center().x, place.bottom() - 10.0),
        galley.size() + vec2(64.0, 16.0),
    );
    ui.painter().rect_filled(plate, 4.0, theme::BACKGROUND);
    ui.painter().rect_stroke(plate, 4.0, Stroke::new(2.0, theme::WARNING), StrokeKind::Inside);
    ui.painter().galley(plate.min + vec2(14.0, 8.0), galley, theme::BRIGHT);
    let said = ui.interact(plate, ui.scope_id().with("guide"), egui::Sense::hover());
    said.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &text));
    let corner =
        Rect::from_center_size(pos2(plate.right() - 22.0, plate.center().y), vec2(28.0, 26.0));
    let close = ui.put(corner, Button::new(RichText::new("×").size(16.0)));
    close.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Hide the hint"));
    if close.clicked() {
        surface.guide = Step::None;
    }
}
