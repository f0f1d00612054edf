//! Learning from the window: a menu on every parameter's name, and a line while one waits.

use super::{View, theme};
use crate::{
    control::{
        LearnDesk, Mapping,
        mapping::{BANKS, MessageKind, Mode, Takeover},
    },
    params::{Kind, ParamSpec},
};
use egui::{Button, Ui};

/// What a control may be taken for, in the performer's words.
const MODES: [(Mode, &str); 7] = [
    (Mode::Absolute, "Knob, fader, or press"),
    (Mode::Toggle, "Toggle"),
    (Mode::Gate, "Gate"),
    (Mode::Trigger, "Trigger"),
    (Mode::TwosComplement, "Encoder (two's complement)"),
    (Mode::SignMagnitude, "Encoder (sign and magnitude)"),
    (Mode::BinaryOffset, "Encoder (binary offset)"),
];

/// What happens where control and parameter are apart.
const TAKEOVERS: [(Takeover, &str); 4] = [
    (Takeover::Pickup, "Pick up"),
    (Takeover::Jump, "Jump"),
    (Takeover::Scale, "Scale"),
    (Takeover::Relative, "Relative"),
];

/// What a control is taken for.
pub(super) fn mode_text(mode: Mode) -> &'static str {
    MODES.iter().find(|(known, _)| *known == mode).map_or("", |(_, text)| text)
}

/// What happens where this control and its parameter are apart.
pub(super) fn takeover_text(mapping: &Mapping) -> &'static str {
    let in_force = mapping.takeover_in_force();
    match mapping.mode {
        // An encoder is never apart from its parameter; a button has no place.
        Mode::Absolute => TAKEOVERS.iter().find(|(known, _)| *known == in_force),
        _ => None,
    }
    .map_or("-", |(_, text)| text)
}

/// What is said, wherever one is, while a parameter waits.
pub(super) fn line(ui: &mut Ui, view: &View<'_>) {
    let (Some(desk), Some(armed)) = (view.learn, view.armed) else { return };
    let name = view.registry.find(armed).map_or(armed, |row| view.registry.row(row).name);
    ui.horizontal(|ui| {
        ui.colored_label(theme::ACCENT, format!("Move a control for {name}"));
        if ui.button("Cancel").clicked() {
            desk.disarm();
        }
    });
}

/// What the menu on a parameter's name has of it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, row: &ParamSpec) {
    let Some(desk) = view.learn.filter(|_| !row.is_meter && row.kind != Kind::Reference) else {
        return;
    };
    if ui.button("Learn MIDI").clicked() {
        desk.arm(row.id);
        ui.close();
    }
    let mappings = desk.mappings_of(row.id);
    if mappings.is_empty() {
        return;
    }
    if ui.button("Forget all MIDI").clicked() {
        desk.unlearn(row.id);
        ui.close();
    }
    ui.separator();
    for mapping in &mappings {
        ui.menu_button(control(mapping), |ui| change(ui, view, desk, mapping));
    }
}

/// What can be changed of a mapping.
pub(super) fn change(ui: &mut Ui, view: &View<'_>, desk: &LearnDesk, mapping: &Mapping) {
    for (mode, text) in MODES {
        // An encoder is a controller.
        if mode.is_relative() && mapping.kind != MessageKind::Cc {
            continue;
        }
        if ui.radio(mapping.mode == mode, text).clicked() {
            desk.replace(mapping, Mapping { mode, ..mapping.clone() });
        }
    }
    ui.separator();
    for (takeover, text) in TAKEOVERS {
        if ui.radio(mapping.takeover_in_force() == takeover, text).clicked() {
            desk.replace(mapping, Mapping { takeover: Some(takeover), ..mapping.clone() });
        }
    }
    ui.separator();
    let mut invert = mapping.invert;
    if ui.checkbox(&mut invert, "Turned round").changed() {
        desk.replace(mapping, Mapping { invert, ..mapping.clone() });
    }
    range(ui, view, desk, mapping);
    ui.horizontal(|ui| {
        ui.label("Bank");
        let banks = (1..=BANKS as u8).map(Some);
        for bank in std::iter::once(None).chain(banks) {
            let text = bank.map_or("all".to_owned(), |bank| bank.to_string());
            let button = ui.add(Button::selectable(mapping.bank == bank, &text));
            let name = format!("Heard in bank {text}");
            button.widget_info(|| {
                egui::WidgetInfo::selected(
                    egui::Role::RadioButton,
                    true,
                    mapping.bank == bank,
                    &name,
                )
            });
            if button.clicked() {
                desk.replace(mapping, Mapping { bank, ..mapping.clone() });
            }
        }
    });
    if ui.button("Learn another control").clicked() {
        desk.arm(&mapping.param);
        ui.close();
    }
    if ui.button("Forget").clicked() {
        desk.remove(mapping);
        ui.close();
    }
}

/// The ends of the way, set to where the parameter is now.
fn range(ui: &mut Ui, view: &View<'_>, desk: &LearnDesk, mapping: &Mapping) {
    let Some(param) = view.registry.find(&mapping.param) else { return };
    let row = view.registry.row(param);
    if !matches!(row.kind, Kind::Float { .. } | Kind::Int { .. }) {
        return;
    }
    let (now, is_whole) = (view.value(param), mapping.min.is_none() && mapping.max.is_none());
    let here = row.format(now);
    if ui.button(format!("Low end at {here}")).clicked() {
        desk.replace(mapping, Mapping { min: Some(now), ..mapping.clone() });
    }
    if ui.button(format!("High end at {here}")).clicked() {
        desk.replace(mapping, Mapping { max: Some(now), ..mapping.clone() });
    }
    if ui.add_enabled(!is_whole, Button::new("Whole range")).clicked() {
        desk.replace(mapping, Mapping { min: None, max: None, ..mapping.clone() });
    }
    ui.separator();
}

/// The ends of the way, where they are not those of the parameter: `0.2 to 1`.
pub(super) fn range_text(view: &View<'_>, mapping: &Mapping) -> Option<String> {
    let row = view.registry.row(view.registry.find(&mapping.param)?);
    let (least, most) = row.range();
    let end = |plain: Option<f64>, otherwise| row.format(plain.unwrap_or(otherwise));
    let is_whole = mapping.min.is_none() && mapping.max.is_none();
    (!is_whole).then(|| format!("{} to {}", end(mapping.min, least), end(mapping.max, most)))
}

fn control(mapping: &Mapping) -> String {
    let device = if mapping.device.is_empty() { "any device" } else { &mapping.device };
    format!("{} on {device}", mapping.control_text())
}
