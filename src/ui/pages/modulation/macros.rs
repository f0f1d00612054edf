//! Macros: eight knobs, and what the chosen one moves.

use crate::{
    params::Change,
    ui::{Doings, PartRows, Surface, View, knob, menu, picker, row, theme},
};
use egui::{Button, Grid, RichText, Ui, vec2};

/// Height of a knob.
const KNOB: f32 = 94.0;
/// Width of the buttons that name parameters.
const NAMES: f32 = 170.0;

/// The knobs, a button with the number of parts under each, and the parts of one.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let (knobs, parts) = (&view.roles.macros, &view.roles.macro_parts);
    let gap = 4.0;
    let width = ui.available_width() / knobs.len().max(1) as f32 - gap;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for (at, (index, parts)) in knobs.iter().zip(parts).enumerate() {
            ui.vertical(|ui| {
                ui.set_width(width);
                let name = view.registry.row(*index).name;
                let word = name.rsplit(": ").next().unwrap_or(name);
                let shown = (word, view.ghost(*index));
                knob::show(ui, view, doings, *index, shown, vec2(width, KNOB));
                let count = parts.iter().filter(|part| view.named_by(part.target).is_some());
                let text = match count.count() {
                    0 => "empty".to_owned(),
                    1 => "1 part".to_owned(),
                    many => format!("{many} parts"),
                };
                let is_open = surface.modulation.knob == Some(at);
                let button = Button::selectable(is_open, text);
                let button = ui.add_sized(vec2(width, ui.spacing().interact_size.y), button);
                let called = format!("Parts of {name}");
                button.widget_info(|| {
                    egui::WidgetInfo::selected(egui::Role::Button, true, is_open, &called)
                });
                if button.clicked() {
                    surface.modulation.knob = (!is_open).then_some(at);
                }
            });
        }
    });
    let open = surface.modulation.knob;
    if let Some((index, parts)) = open.and_then(|at| Some((*knobs.get(at)?, parts.get(at)?))) {
        ui.add_space(4.0);
        ui.label(RichText::new(view.registry.row(index).name).color(theme::BRIGHT));
        table(ui, view, doings, parts);
    }
}

fn table(ui: &mut Ui, view: &View<'_>, doings: &mut Doings, parts: &[PartRows]) {
    Grid::new("parts").num_columns(7).spacing([8.0, 4.0]).show(ui, |ui| {
        for head in ["moves", "from", "", "to", "", "curve", "now"] {
            ui.weak(head);
        }
        ui.end_row();
        for part in parts {
            line(ui, view, doings, part);
            ui.end_row();
        }
    });
}

fn line(ui: &mut Ui, view: &View<'_>, doings: &mut Doings, part: &PartRows) {
    let meant = |row: &crate::params::ParamSpec| row.can_be_modulated();
    let (button, chosen) = picker::reference(ui, view, part.target, NAMES, meant);
    if let Some(plain) = chosen {
        doings.send(part.target, Change::Plain(plain));
    }
    menu::attach(&button, view, doings, part.target);
    let target = view.named_by(part.target);
    let spec = target.map(|target| view.registry.row(target));
    for end in [part.low, part.high] {
        row::cell(ui, view, doings, end);
        // As what the target has there.
        ui.weak(spec.map_or_else(String::new, |spec| {
            spec.format(spec.plain_from_normalised(view.value(end)))
        }));
    }
    row::cell(ui, view, doings, part.curve);
    match target {
        Some(target) => ui.label(view.registry.format(target, view.value(target))),
        None => ui.weak("nothing"),
    };
}
