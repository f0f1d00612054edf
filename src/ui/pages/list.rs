//! Rows as lists, in sections that fold.

use crate::{
    params::ParamIndex,
    ui::{Doings, Surface, View, family, row},
};
use egui::Ui;

/// All rows, in sections by the first part of their id, in the order of the registry.
pub(super) fn all(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    scrolled(ui, |ui| show(ui, view, surface, doings, None));
}

/// The rows of these sections, in their order, but for those that have a place of their own on a page.
pub(super) fn sections(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    sections: &[&str],
) {
    scrolled(ui, |ui| show(ui, view, surface, doings, Some(sections)));
}

fn scrolled(ui: &mut Ui, draw: impl FnOnce(&mut Ui)) {
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, draw);
}

fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    wanted: Option<&[&str]>,
) {
    let mut sections: Vec<(&str, Vec<ParamIndex>)> = Vec::new();
    sections.extend(wanted.unwrap_or_default().iter().map(|section| (*section, Vec::new())));
    for (index, row) in view.registry.iter() {
        if wanted.is_some() && view.roles.have_own_place(index) {
            continue;
        }
        let section = row.id.split('.').next().unwrap_or(row.id);
        match sections.iter_mut().find(|known| known.0 == section) {
            Some(known) => known.1.push(index),
            None if wanted.is_none() => sections.push((section, vec![index])),
            None => {}
        }
    }
    sections.retain(|(_, rows)| !rows.is_empty());
    for (section, indices) in sections {
        egui::CollapsingHeader::new(super::title(section))
            .id_salt(section)
            .default_open(!indices.iter().all(|index| view.registry.row(*index).is_detail))
            .show_unindented(ui, |ui| {
                lines(ui, view, surface, doings, &indices);
                ui.add_space(4.0);
            });
    }
}

/// A line for each of these rows; families of triggers share one.
pub(super) fn lines(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    mut rows: &[ParamIndex],
) {
    while let Some((first, after)) = rows.split_first() {
        let members = family::size(view.registry, rows);
        if members > 1 {
            row::show_family(ui, view, surface, doings, &rows[..members]);
            rows = &rows[members..];
        } else {
            row::show(ui, view, surface, doings, *first);
            rows = after;
        }
    }
}
