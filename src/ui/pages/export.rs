//! A clip along a timeline function, as a file: the function drawn, its numbers, how long it becomes.

use crate::{
    params::{Kind, ParamSpec},
    ui::{
        DeskWish, Doings, ExportNews, ExportState, Surface, View, Wish, exports::made_up, row,
        theme,
    },
};
use egui::{
    Align2, Button, ComboBox, DragValue, FontId, ProgressBar, RichText, Sense, Shape, Stroke,
    TextEdit, Ui, pos2, vec2,
};

/// Height of the graph in points.
const GRAPH: f32 = 150.0;
/// Width of what is said beside the graph.
const WORDS: f32 = 90.0;
/// Width of the names at the left.
const NAMES: f32 = 132.0;
/// Height of a line.
const LINE: f32 = 26.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    if !view.desk.is_open || view.clips.is_empty() {
        ui.colored_label(theme::WARNING, "Nothing can be rendered here: no clip plays");
        return;
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let Some(plan) = surface.exporter.plan(view).cloned() else { return };
        let Some(place) = surface.exporter.place(view) else { return };
        let clip = &view.clips[place];
        graph(ui, view, surface, place);
        let pictures = plan.pictures();
        let secs = clip.secs / clip.forward_bytes.len().max(1) as f64 * pictures as f64;
        let length = format!(
            "{} superframes of {}: {pictures} pictures, {:02}:{:04.1}",
            plan.superframes(),
            plan.size,
            (secs / 60.0).floor(),
            secs % 60.0
        );
        ui.label(RichText::new(length).size(16.0).color(theme::BRIGHT));
        ui.add_space(6.0);
        choose_clip(ui, view, surface, place);
        for number in 0..view.roles.course.len() {
            let matters = plan.matters.get(number).copied().unwrap_or(false);
            value(ui, view, surface, number, matters);
        }
        ui.add_space(6.0);
        way(ui, surface);
        file(ui, surface, &clip.name);
        ui.add_space(8.0);
        start(ui, view, surface, doings);
    });
}

/// The function over the clip: time to the right, the clip from its start at the bottom to its end.
fn graph(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, place: usize) {
    let exporter = &mut surface.exporter;
    let (curve, positions) = exporter.paths(view);
    let units = u32::try_from(view.clips[place].forward_bytes.len()).unwrap_or(u32::MAX);
    let (room, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), GRAPH), Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Image, true, "The function over the clip")
    });
    let Some(plan) = exporter.plan(view).cloned() else { return };
    let part = plan.part(units);
    let length = u64::from(plan.superframes());
    exporter.course.lay(plan.timeline, part, (0, length), (curve.as_ref(), positions.as_ref()));
    let painter = ui.painter_at(room);
    painter.rect_filled(room, 3.0, theme::WELL);
    let inside = room.shrink2(vec2(8.0, 10.0));
    let inside = inside.with_min_x(inside.left() + WORDS);
    let last = f32::max(part.slices().saturating_sub(1) as f32, 1.0);
    let at = |slice: u32, done: f32| {
        let up = slice.saturating_sub(part.first) as f32 / last;
        pos2(egui::lerp(inside.x_range(), done), egui::lerp(inside.bottom()..=inside.top(), up))
    };
    for y in [inside.top(), inside.bottom()] {
        painter.hline(inside.x_range(), y, Stroke::new(1.0, theme::RAISED));
    }
    let line: Vec<_> =
        exporter.course.points().iter().map(|(slice, done)| at(*slice, *done)).collect();
    painter.add(Shape::line(line, Stroke::new(1.5, theme::ACCENT)));
    for (y, align, word) in [
        (inside.top(), Align2::LEFT_TOP, "end of the clip"),
        (inside.bottom(), Align2::LEFT_BOTTOM, "its start"),
    ] {
        let corner = pos2(room.left() + 8.0, y);
        painter.text(corner, align, word, FontId::proportional(12.0), theme::WEAK);
    }
    // How far the render is.
    if let Some(ExportState::Running { part, .. }) = view.desk.export.as_ref().map(|n| &n.state) {
        let x = egui::lerp(inside.x_range(), *part);
        painter.vline(x, inside.y_range(), Stroke::new(2.0, theme::BRIGHT));
    }
    response.on_hover_text(
        "To the right runs the time of the file; upward the place in the clip that each superframe \
         is taken from",
    );
}

fn line(ui: &mut Ui, name: &str, draw: impl FnOnce(&mut Ui, egui::Id)) {
    ui.horizontal(|ui| {
        let from_left = egui::Layout::left_to_right(egui::Align::Center);
        let label = ui.allocate_ui_with_layout(vec2(NAMES, LINE), from_left, |ui| {
            ui.set_min_size(vec2(NAMES, LINE));
            ui.label(name)
        });
        draw(ui, label.inner.id);
    });
}

fn choose_clip(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, place: usize) {
    line(ui, "Clip", |ui, label| {
        let name = |place: usize| format!("{} {}", place + 1, view.clips[place].name);
        let combo = ComboBox::from_id_salt("clip to render").selected_text(name(place));
        let combo = combo.show_ui(ui, |ui| {
            for other in 0..view.clips.len() {
                let is_chosen = other == place;
                if ui.selectable_label(is_chosen, name(other)).clicked() {
                    surface.exporter.clip = Some(other);
                }
            }
        });
        combo.response.labelled_by(label);
        let help = "Takes over size, function and numbers as they are set for playing";
        if ui.button("As it plays now").on_hover_text(help).clicked() {
            surface.exporter.take_over(view);
            surface.exporter.clip = None;
        }
    });
}

/// One number of the function, as its row has it.
fn value(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, number: usize, matters: bool) {
    let spec = view.registry.row(view.roles.course[number]);
    let Some(plain) = surface.exporter.values.get_mut(number) else { return };
    // What changes nothing is left out, so that what counts is seen.
    if !matters {
        return;
    }
    line(ui, spec.name, |ui, label| {
        let response = field(ui, spec, plain).labelled_by(label);
        response.on_hover_ui(|ui| row::tooltip(ui, spec));
    });
}

fn field(ui: &mut Ui, spec: &ParamSpec, plain: &mut f64) -> egui::Response {
    match spec.kind {
        Kind::Choice(names) => {
            let mut chosen = *plain as usize;
            let combo = ComboBox::from_id_salt((spec.id, "render"));
            let combo = combo.selected_text(spec.format(*plain)).show_ui(ui, |ui| {
                for (place, name) in names.iter().enumerate() {
                    ui.selectable_value(&mut chosen, place, *name);
                }
            });
            *plain = chosen as f64;
            combo.response
        }
        Kind::Bool => {
            let mut is_on = *plain >= 0.5;
            let word = if is_on { "on" } else { "off" };
            let button = Button::new(word).selected(is_on).min_size(vec2(64.0, 0.0));
            let response = ui.add(button);
            is_on ^= response.clicked();
            *plain = f64::from(u8::from(is_on));
            response.widget_info(|| {
                egui::WidgetInfo::selected(egui::Role::CheckBox, true, is_on, spec.name)
            });
            response
        }
        _ => {
            let (least, most) = spec.range();
            let drag = DragValue::new(plain).range(least..=most);
            let drag = if spec.is_stepped() { drag.speed(0.2) } else { drag.speed(0.01) };
            let drag = drag.custom_formatter(|value, _| spec.format(value));
            let drag = drag.custom_parser(|text| spec.parse(text.trim()).ok());
            let response = ui.add_sized(vec2(90.0, LINE - 4.0), drag);
            *plain = spec.clamp(*plain);
            response
        }
    }
}

fn way(ui: &mut Ui, surface: &mut Surface) {
    line(ui, "Way", |ui, _| {
        for (is_encoded, word, help) in [
            (
                false,
                "Copy the stream",
                "The coded pictures themselves, joined: nothing is decoded or encoded (--copy)",
            ),
            (
                true,
                "Encode the pictures",
                "What a decoder makes of it, encoded anew: any player shows it alike",
            ),
        ] {
            let is_chosen = surface.exporter.is_encoded == is_encoded;
            let button = Button::new(word).selected(is_chosen).min_size(vec2(0.0, LINE));
            if ui.add(button).on_hover_text(help).clicked() {
                surface.exporter.is_encoded = is_encoded;
            }
        }
    });
}

fn file(ui: &mut Ui, surface: &mut Surface, clip: &str) {
    line(ui, "File", |ui, label| {
        let hint = made_up(clip);
        let field = TextEdit::singleline(&mut surface.exporter.file).hint_text(hint);
        let field = field.desired_width((ui.available_width() - 8.0).clamp(120.0, 420.0));
        ui.add(field)
            .labelled_by(label)
            .on_hover_text(".mkv, .mp4 or .mov; a name that is taken is numbered");
    });
}

fn start(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let news = view.desk.export.as_deref();
    let is_free = !news.is_some_and(ExportNews::is_under_way);
    ui.horizontal(|ui| {
        let text = RichText::new("Start").size(18.0).strong();
        let button = match is_free {
            true => Button::new(text.color(theme::BACKGROUND)).fill(theme::ACCENT),
            false => Button::new(text),
        };
        let button = ui.add_enabled(is_free, button.min_size(vec2(110.0, 34.0)));
        button.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, is_free, "Start the render")
        });
        if let Some(ask) = surface.exporter.ask(view).filter(|_| button.clicked()) {
            doings.wishes.push(Wish::Desk(DeskWish::Export(Box::new(ask))));
        }
        if !is_free {
            let cancel = ui.add(Button::new("Cancel").min_size(vec2(80.0, 34.0)));
            cancel.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, "Cancel the render")
            });
            if cancel.on_hover_text("Stops it; nothing of it is left behind").clicked() {
                doings.wishes.push(Wish::Desk(DeskWish::CancelExport));
            }
        }
        ui.weak("The look is left out: record what plays to keep it");
    });
    if let Some(news) = news {
        ui.add_space(4.0);
        told(ui, news, doings);
    }
}

/// How far it is, or what came of it.
fn told(ui: &mut Ui, news: &ExportNews, doings: &mut Doings) {
    match &news.state {
        ExportState::Running { part, left_secs } => {
            let left =
                left_secs.map_or(String::new(), |secs| format!(", {:.0} s left", secs.ceil()));
            let text = format!("{}: {:.0} %{left}", news.file, (part * 100.0).floor());
            ui.add(ProgressBar::new(*part).desired_width(420.0).text(text));
        }
        ExportState::Stopped => {
            ui.weak(format!("{} was stopped: nothing of it is left", news.file));
        }
        ExportState::Failed(why) => {
            ui.colored_label(theme::ERROR, why);
        }
        ExportState::Done(files) => {
            for file in files {
                ui.horizontal(|ui| {
                    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
                    let button = ui.add(Button::new(name.as_ref()).min_size(vec2(180.0, 0.0)));
                    if button.on_hover_text("Shows the file in its folder").clicked() {
                        doings.wishes.push(Wish::Reveal(file.clone()));
                    }
                    ui.colored_label(theme::ACCENT, "is written");
                });
            }
        }
    }
}
