//! One widget for each parameter, drawn from nothing but its row.

use super::{View, by_hand, habits, learn, pads, theme};
use crate::{
    engine::Modulated,
    params::{Change, ControlEvent, Kind, ParamIndex, ParamSpec, Registry},
};
use egui::Ui;

/// Width of the names' column in points.
const NAME_WIDTH: f32 = 132.0;

/// All rows, in sections by the first part of their id, in the order of the registry.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, events: &mut Vec<ControlEvent>) {
    let mut sections: Vec<(&str, Vec<ParamIndex>)> = Vec::new();
    for (index, row) in view.registry.iter() {
        let room = row.id.split('.').next().unwrap_or(row.id);
        match sections.iter_mut().find(|section| section.0 == room) {
            Some(section) => section.1.push(index),
            None => sections.push((room, vec![index])),
        }
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (room, indices) in sections {
            egui::CollapsingHeader::new(title(room))
                .id_salt(room)
                .default_open(!indices.iter().all(|index| view.registry.row(*index).is_detail))
                .show_unindented(ui, |ui| {
                    let mut rest = indices.as_slice();
                    while let Some((first, after)) = rest.split_first() {
                        let members = pads::family(view.registry, rest);
                        if members > 1 {
                            show_family(ui, view, &rest[..members], events);
                            rest = &rest[members..];
                        } else {
                            show_row(ui, view, *first, events);
                            rest = after;
                        }
                    }
                    ui.add_space(4.0);
                });
        }
    });
}

/// A section's heading: `black_and_white` becomes `Black and white`.
fn title(room: &str) -> String {
    let mut letters = room.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + &letters.as_str().replace('_', " ")
}

fn show_row(ui: &mut Ui, view: &View<'_>, index: ParamIndex, events: &mut Vec<ControlEvent>) {
    let row = view.registry.row(index);
    let plain = view.value(index);
    let mut send = |change| events.push(by_hand(index, change));
    ui.horizontal(|ui| {
        let is_moved = row.kind != Kind::Trigger && plain != row.default;
        let text = egui::RichText::new(row.name);
        let text = if is_moved { text.strong() } else { text };
        let text = if learn::is_armed(view, row) { text.color(theme::ACCENT) } else { text };
        let name = show_name(ui, text);
        let name = name.on_hover_ui(|ui| tooltip(ui, row));
        name.context_menu(|ui| {
            habits::show(ui, view, index, &mut send);
            learn::show(ui, view, row);
        });
        if name.double_clicked() && row.kind != Kind::Trigger {
            send(Change::Plain(row.default));
        }
        let widget = match row.kind {
            _ if row.is_meter => meter(ui, row, view.result(index)),
            Kind::Float { .. } | Kind::Int { .. } => {
                let modulation = view.status.modulation(index);
                slider(ui, row, plain, (view.result(index), modulation), &mut send)
            }
            Kind::Bool => switch(ui, row, plain, &mut send),
            Kind::Choice(names) => choice(ui, row, names, plain, &mut send),
            Kind::Reference => reference(ui, view.registry, index, plain, &mut send),
            Kind::Trigger => {
                let button = egui::Button::new("fire").min_size(egui::vec2(64.0, 0.0));
                let button = ui.add(button);
                if button.clicked() {
                    send(Change::Fire);
                }
                button
            }
        };
        widget.on_hover_ui(|ui| tooltip(ui, row));
    });
}

/// A family of numbered triggers, in one line.
fn show_family(ui: &mut Ui, view: &View<'_>, rows: &[ParamIndex], events: &mut Vec<ControlEvent>) {
    ui.horizontal(|ui| {
        if let Some(first) = rows.first() {
            show_name(ui, pads::name(view.registry.row(*first)).into());
        }
        pads::show(ui, view, rows, events);
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

/// A slider over a controller's 0..=1, so that the row's curve is felt; it reads and takes plain
/// values. A small mark shows the value in force where that is another, a line beneath how far
/// modulation may take it.
fn slider(
    ui: &mut Ui,
    row: &ParamSpec,
    plain: f64,
    (result, modulation): (f64, Option<Modulated>),
    send: &mut impl FnMut(Change),
) -> egui::Response {
    let mut normalised = row.normalised_from_plain(plain);
    ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(60.0);
    let rail_width = ui.spacing().slider_width;
    let slider = egui::Slider::new(&mut normalised, 0.0..=1.0)
        .custom_formatter(|value, _| row.format(row.plain_from_normalised(value)))
        .custom_parser(|text| {
            let number = text.trim().trim_end_matches(row.unit);
            row.parse(number).ok().map(|plain| row.normalised_from_plain(plain))
        })
        .smart_aim(false);
    let response = ui.add(slider);
    if response.changed() {
        let asked = row.plain_from_normalised(normalised);
        if asked != plain {
            send(Change::Plain(asked));
        }
    }
    let handle = response.rect.height() / 2.5;
    let (left, right) = (response.rect.left() + handle, response.rect.left() + rail_width - handle);
    let at = |part: f64| egui::lerp(left..=right, part.clamp(0.0, 1.0) as f32);
    let set = row.normalised_from_plain(plain);
    if let Some(Modulated { down, up, .. }) = modulation {
        let x = egui::Rangef::new(at(set - down), at(set + up));
        ui.painter().hline(x, response.rect.bottom(), egui::Stroke::new(1.0, theme::ACCENT));
    }
    let in_force = row.normalised_from_plain(result);
    if (in_force - set).abs() > 0.004 {
        let x = at(in_force);
        let y = egui::Rangef::new(response.rect.bottom() - 4.0, response.rect.bottom());
        ui.painter().vline(x, y, egui::Stroke::new(2.0, theme::ACCENT));
    }
    response
}

fn switch(
    ui: &mut Ui,
    row: &ParamSpec,
    plain: f64,
    send: &mut impl FnMut(Change),
) -> egui::Response {
    let is_on = plain >= 0.5;
    let text = if is_on { "on" } else { "off" };
    let button = egui::Button::new(text).selected(is_on).min_size(egui::vec2(64.0, 0.0));
    let button = ui.add(button);
    if button.clicked() {
        send(Change::Plain(if is_on { 0.0 } else { 1.0 }));
    }
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
    registry: &Registry,
    index: ParamIndex,
    plain: f64,
    send: &mut impl FnMut(Change),
) -> egui::Response {
    let mut chosen = plain;
    let salt = registry.row(index).id;
    let combo = egui::ComboBox::from_id_salt(salt).selected_text(registry.format(index, plain));
    let combo = combo.show_ui(ui, |ui| {
        ui.selectable_value(&mut chosen, registry.plain_of(None), "none");
        for (named, row) in registry.iter() {
            ui.selectable_value(&mut chosen, registry.plain_of(Some(named)), row.id);
        }
    });
    if chosen != plain {
        send(Change::Plain(chosen));
    }
    combo.response
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
