//! One line for each parameter, drawn from nothing but its row.

use super::{Doings, Surface, View, family, menu, picker, reach, theme};
use crate::params::{Change, Kind, ParamIndex, ParamSpec};
use egui::{PointerButton, Ui};

/// Width of a plain value in points.
const VALUE_WIDTH: f32 = 64.0;
/// Width of the button of a reference in points.
const REFERENCE_WIDTH: f32 = 190.0;
/// Width of the names' column in points.
const NAME_WIDTH: f32 = 132.0;

/// How far out of sight lines are drawn all the same, in points.
const NEXT: f32 = 80.0;

/// The line of one row: its name and its widget.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    index: ParamIndex,
) {
    let row = view.registry.row(index);
    if is_out_of_sight(ui, row) {
        return;
    }
    let plain = view.value(index);
    let line = ui.horizontal(|ui| {
        let is_moved = row.kind != Kind::Trigger && plain != row.default;
        let text = egui::RichText::new(row.name);
        let text = if is_moved { text.strong() } else { text };
        let text = if view.armed == Some(row.id) { text.color(theme::ACCENT) } else { text };
        let name = show_name(ui, text).on_hover_ui(|ui| tooltip(ui, row));
        if name.double_clicked() && row.kind != Kind::Trigger {
            doings.send(index, Change::Plain(row.default));
        }
        menu::attach(&name, view, doings, index);
        let mut send = |change| doings.send(index, change);
        let widget = match row.kind {
            _ if row.is_meter => meter(ui, row, view.result(index)),
            Kind::Float { .. } | Kind::Int { .. } => slider(ui, view, index, name.id, &mut send),
            Kind::Bool => switch(ui, row, plain, surface, doings, index),
            Kind::Choice(names) => choice(ui, row, names, plain, &mut send),
            Kind::Reference => reference(ui, view, index, &mut send),
            Kind::Trigger => {
                let button = egui::Button::new("fire").min_size(egui::vec2(64.0, 0.0));
                let button = ui.add(button);
                button
                    .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, row.name));
                surface.press(doings, index, &button);
                button
            }
        };
        let widget = widget.labelled_by(name.id).on_hover_ui(|ui| tooltip(ui, row));
        menu::attach(&widget, view, doings, index);
        // Where the keyboard is, one sees.
        for part in [&name, &widget] {
            if part.gained_focus() {
                part.scroll_to_me(None);
            }
        }
        if matches!(row.kind, Kind::Bool | Kind::Choice(_)) {
            reach::word(ui, view, index);
        }
    });
    let height = line.response.rect.height();
    ui.data_mut(|data| data.insert_temp(height_of(row), height));
}

/// Leaves the line's room free where nobody sees it: a list of a thousand rows costs what is in sight.
fn is_out_of_sight(ui: &mut Ui, row: &ParamSpec) -> bool {
    let Some(height) = ui.data(|data| data.get_temp::<f32>(height_of(row))) else { return false };
    let room = egui::vec2(ui.available_width(), height);
    let place = egui::Rect::from_min_size(ui.cursor().min, room);
    // What the keyboard goes to next is drawn, so that it can come into sight.
    let is_out = !ui.is_rect_visible(place.expand2(egui::vec2(0.0, NEXT)));
    if is_out {
        ui.allocate_space(room);
    }
    is_out
}

/// Where it is kept how high the last line of this kind was.
fn height_of(row: &ParamSpec) -> egui::Id {
    egui::Id::unique(("height of a row", std::mem::discriminant(&row.kind), row.is_meter))
}

/// A family of numbered triggers, in one line.
pub(super) fn show_family(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    rows: &[ParamIndex],
) {
    ui.horizontal(|ui| {
        if let Some(first) = rows.first() {
            show_name(ui, family::name(view.registry.row(*first)).into());
        }
        family::show(ui, view, surface, doings, rows);
    });
}

/// A row's name, in the names' column.
fn show_name(ui: &mut Ui, text: egui::RichText) -> egui::Response {
    let label = egui::Label::new(text).truncate().sense(egui::Sense::click());
    let room = egui::vec2(NAME_WIDTH, ui.spacing().interact_size.y);
    let from_left = egui::Layout::left_to_right(egui::Align::Center);
    let name = ui.allocate_ui_with_layout(room, from_left, |ui| {
        ui.set_min_width(NAME_WIDTH);
        ui.add(label)
    });
    name.inner
}

/// What the row says of itself.
pub(super) fn tooltip(ui: &mut Ui, row: &ParamSpec) {
    ui.set_max_width(320.0);
    ui.label(row.help);
    let unit = if row.unit.is_empty() { String::new() } else { format!(" {}", row.unit) };
    if row.kind != Kind::Trigger {
        let default = row.format(row.default);
        ui.weak(format!("{}{unit}, at first {default}", row.range_text()));
    }
    ui.weak(egui::RichText::new(format!("{}   {}", row.id, row.address())).monospace().small());
}

/// A slider over a controller's 0..=1, so that the row's curve is felt, and beside it the plain value,
/// to be dragged or typed. A small mark shows the value in force where that is another, a line beneath
/// how far modulation may take it, a mark at the top where the controller's own knob waits.
fn slider(
    ui: &mut Ui,
    view: &View<'_>,
    index: ParamIndex,
    name: egui::Id,
    send: &mut impl FnMut(Change),
) -> egui::Response {
    let (row, plain) = (view.registry.row(index), view.value(index));
    let set = row.normalised_from_plain(plain);
    let mut normalised = set;
    ui.spacing_mut().slider_width = (ui.available_width() - VALUE_WIDTH - 20.0).max(60.0);
    let slider = egui::Slider::new(&mut normalised, 0.0..=1.0).show_value(false).smart_aim(false);
    let response = ui.add(slider);
    let handle = response.rect.height() / 2.5;
    let scale = response.rect.x_range().shrink(handle);
    reach::marks(ui, view, index, (scale, response.rect.bottom()));
    reach::ghost(ui, view, index, (scale, response.rect.top()));
    number(ui, row, &mut normalised).labelled_by(name);
    // egui's sliders follow whatever button; the others open menus.
    let is_meant = ui.input(|input| {
        let is_other =
            |button| input.pointer.button_down(button) || input.pointer.button_released(button);
        !is_other(PointerButton::Secondary) && !is_other(PointerButton::Middle)
    });
    if normalised != set && is_meant {
        let asked = row.plain_from_normalised(normalised);
        if asked != plain {
            send(Change::Plain(asked));
        }
    }
    response
}

/// The plain value of a normalised one, to be dragged or typed.
fn number(ui: &mut Ui, row: &ParamSpec, normalised: &mut f64) -> egui::Response {
    let number = egui::DragValue::new(normalised)
        .range(0.0..=1.0)
        .speed(0.002)
        .custom_formatter(|value, _| row.format(row.plain_from_normalised(value)))
        .custom_parser(|text| {
            let number = text.trim().trim_end_matches(row.unit);
            row.parse(number).ok().map(|plain| row.normalised_from_plain(plain))
        });
    let height = ui.spacing().interact_size.y;
    ui.add_sized(egui::vec2(VALUE_WIDTH, height), number)
}

/// A value by itself, for tables: to be dragged or typed.
pub(super) fn cell(ui: &mut Ui, view: &View<'_>, doings: &mut Doings, index: ParamIndex) {
    let (row, plain) = (view.registry.row(index), view.value(index));
    let set = row.normalised_from_plain(plain);
    let mut normalised = set;
    let response = number(ui, row, &mut normalised);
    response.widget_info(|| egui::WidgetInfo::slider(true, plain, row.name));
    let scale = response.rect.x_range().shrink(3.0);
    reach::marks(ui, view, index, (scale, response.rect.bottom()));
    let asked = row.plain_from_normalised(normalised);
    if normalised != set && asked != plain {
        doings.send(index, Change::Plain(asked));
    }
    let response = response.on_hover_ui(|ui| tooltip(ui, row));
    menu::attach(&response, view, doings, index);
}

fn switch(
    ui: &mut Ui,
    row: &ParamSpec,
    plain: f64,
    surface: &mut Surface,
    doings: &mut Doings,
    index: ParamIndex,
) -> egui::Response {
    let is_on = plain >= 0.5;
    let text = if is_on { "on" } else { "off" };
    let button = egui::Button::new(text).selected(is_on).min_size(egui::vec2(64.0, 0.0));
    let button = ui.add(button);
    surface.press(doings, index, &button);
    button.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, is_on, row.name));
    button
}

/// What the instrument itself moves: to be read, not to be taken hold of.
fn meter(ui: &mut Ui, row: &ParamSpec, result: f64) -> egui::Response {
    let part = row.normalised_from_plain(result) as f32;
    let bar = egui::ProgressBar::new(part).desired_width((ui.available_width() - 84.0).max(60.0));
    ui.add(bar.text(row.format(result)))
}

/// The row that a reference names, out of all that can be named.
fn reference(
    ui: &mut Ui,
    view: &View<'_>,
    index: ParamIndex,
    send: &mut impl FnMut(Change),
) -> egui::Response {
    let (button, chosen) = picker::reference(ui, view, index, REFERENCE_WIDTH, |_| true);
    if let Some(plain) = chosen {
        send(Change::Plain(plain));
    }
    button
}

fn choice(
    ui: &mut Ui,
    row: &ParamSpec,
    names: &[&str],
    plain: f64,
    send: &mut impl FnMut(Change),
) -> egui::Response {
    let mut chosen = plain as usize;
    let combo = egui::ComboBox::from_id_salt(row.id).selected_text(row.format(plain));
    let combo = combo.show_ui(ui, |ui| {
        for (place, name) in names.iter().enumerate() {
            ui.selectable_value(&mut chosen, place, *name);
        }
    });
    if chosen != plain as usize {
        send(Change::Plain(chosen as f64));
    }
    combo.response
}
