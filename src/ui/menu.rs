//! The menu that every widget of a parameter has.

use super::{Doings, View, habits, learn, theme};
use crate::{
    engine,
    params::{Change, Kind, ParamIndex},
};
use egui::{Key, Popup, PopupCloseBehavior, SetOpenCommand, TextEdit, Ui};

/// How deep a patch made from the menu goes at first: heard at once, and short of too much.
pub(super) const DEPTH: f64 = 0.25;

/// Opens on the right mouse button; not while the surface is locked.
pub(super) fn attach(
    response: &egui::Response,
    view: &View<'_>,
    doings: &mut Doings,
    index: ParamIndex,
) {
    attach_with(response, view, doings, index, |_, _| {});
}

/// The same, with something of its own at the top.
pub(super) fn attach_with(
    response: &egui::Response,
    view: &View<'_>,
    doings: &mut Doings,
    index: ParamIndex,
    own: impl FnOnce(&mut Ui, &mut Doings),
) {
    if view.is_locked {
        return;
    }
    // Not as `Response::context_menu` has it: that takes clicks from widgets that sense them only, and
    // sliders sense drags.
    let is_asked = response.contains_pointer()
        && response.ctx.input(|input| input.pointer.secondary_clicked());
    let menu = Popup::menu(response)
        .at_pointer_fixed()
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    menu.open_memory(is_asked.then_some(SetOpenCommand::Bool(true))).show(|ui| {
        own(ui, doings);
        let row = view.registry.row(index);
        habits::show(ui, view, index, |change| doings.send(index, change));
        learn::show(ui, view, row);
        if row.can_be_modulated() {
            modulate(ui, view, doings, index);
            add_to_macro(ui, view, doings, index);
        }
        if !row.is_meter && row.kind != Kind::Trigger {
            if ui.button(format!("Reset to {}", view.registry.format(index, row.default))).clicked()
            {
                doings.send(index, Change::Plain(row.default));
                ui.close();
            }
            type_a_value(ui, view, doings, index);
        }
        if engine::may_be_excluded(row) {
            let is_now = view.status.excluded.get(index.dense()).is_some_and(|is| *is);
            let mut is_excluded = is_now;
            ui.checkbox(&mut is_excluded, "Exclude from presets")
                .on_hover_text("Presets and snapshots leave it as it is");
            if is_excluded != is_now {
                doings.send(index, Change::Exclude(is_excluded));
            }
        }
        if ui.button("Copy the OSC address").clicked() {
            ui.ctx().copy_text(row.address());
            ui.close();
        }
    });
}

/// All that moves by itself, by sections: the first free patch takes it and the parameter.
fn modulate(ui: &mut Ui, view: &View<'_>, doings: &mut Doings, index: ParamIndex) {
    let is_free = |patch: &&super::PatchRows| view.named_by(patch.target).is_none();
    let Some(free) = view.roles.patches.iter().find(is_free) else {
        ui.weak("All patches are taken");
        return;
    };
    ui.menu_button("Modulate with", |ui| {
        let mut sections: Vec<(&str, Vec<ParamIndex>)> = Vec::new();
        for (source, row) in view.registry.iter().filter(|(_, row)| row.is_meter) {
            let section = row.id.split('.').next().unwrap_or(row.id);
            match sections.iter_mut().find(|known| known.0 == section) {
                Some(known) => known.1.push(source),
                None => sections.push((section, vec![source])),
            }
        }
        for (section, sources) in sections {
            ui.menu_button(super::pages::title(section), |ui| {
                for source in sources {
                    if ui.button(view.registry.row(source).name).clicked() {
                        let names = |row| Change::Plain(view.registry.plain_of(Some(row)));
                        doings.send(free.source, names(source));
                        doings.send(free.depth, Change::Plain(DEPTH));
                        doings.send(free.target, names(index));
                        ui.close();
                    }
                }
            });
        }
    });
}

/// The macros: the first free part of one takes the parameter, from where it does nothing to its end.
fn add_to_macro(ui: &mut Ui, view: &View<'_>, doings: &mut Doings, index: ParamIndex) {
    ui.menu_button("Add to macro", |ui| {
        for (knob, parts) in view.roles.macros.iter().zip(&view.roles.macro_parts) {
            let free = parts.iter().find(|part| view.named_by(part.target).is_none());
            let button = egui::Button::new(view.registry.row(*knob).name);
            if ui.add_enabled(free.is_some(), button).clicked()
                && let Some(part) = free
            {
                let row = view.registry.row(index);
                let low = row.normalised_from_plain(row.neutral);
                doings.send(part.low, Change::Plain(low));
                // What does nothing at its end runs down to the other one.
                doings.send(part.high, Change::Plain(if low > 0.99 { 0.0 } else { 1.0 }));
                let target = view.registry.plain_of(Some(index));
                doings.send(part.target, Change::Plain(target));
                ui.close();
            }
        }
    });
}

/// A line to type a plain value in; what is none is said beneath.
fn type_a_value(ui: &mut Ui, view: &View<'_>, doings: &mut Doings, index: ParamIndex) {
    let key = ui.scope_id().with("typed");
    let mut text: String = ui.data(|data| data.get_temp(key)).unwrap_or_default();
    ui.horizontal(|ui| {
        let label = ui.label("Value");
        let hint = view.registry.format(index, view.value(index));
        let field = ui.add(TextEdit::singleline(&mut text).hint_text(hint).desired_width(90.0));
        let field = field.labelled_by(label.id);
        if field.lost_focus()
            && ui.input(|input| input.key_pressed(Key::Enter))
            && let Ok(plain) = view.registry.parse(index, &text)
        {
            doings.send(index, Change::Plain(plain));
            text.clear();
            ui.close();
        }
    });
    if !text.is_empty()
        && let Err(error) = view.registry.parse(index, &text)
    {
        ui.colored_label(theme::WARNING, error.to_string());
    }
    ui.data_mut(|data| data.insert_temp(key, text));
}
