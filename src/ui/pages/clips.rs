//! The clips of the set, and beside them what there is of the clip in play.

use super::{Page, list};
use crate::{
    params::{ParamIndex, ParamSpec},
    ui::{Doings, Surface, View, bank, imports, theme},
};
use egui::{RichText, ScrollArea, Ui};

/// Width of what stands beside the tiles, in points.
const SIDE: f32 = 326.0;
/// Width of the bar that scrolls it.
const BAR: f32 = 9.0;

/// The bank at the left; cues, grabbed pictures and settings at the right.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    imports::show(ui, view, doings);
    egui::Panel::right("clip in play").exact_size(SIDE).resizable(false).show(ui, |ui| {
        ScrollArea::vertical().id_salt("clip in play").auto_shrink(false).show(ui, |ui| {
            // The bar that scrolls lies over nothing.
            ui.set_width(ui.available_width() - BAR);
            side(ui, view, surface, doings);
        });
    });
    egui::CentralPanel::default().show(ui, |ui| bank::grid(ui, view, surface, doings));
}

fn side(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let name = view.clip().map_or("No clip plays", |(_, clip)| clip.name.as_str());
    let name = RichText::new(name).size(18.0).strong().color(theme::BRIGHT);
    ui.add(egui::Label::new(name).truncate().selectable(false));
    if view.clip().is_some() {
        heading(ui, "Cues");
        bank::cues(ui, view, surface, doings);
    }
    heading(ui, "Grabbed pictures");
    ui.scope(|ui| bank::slots(ui, view, surface, doings));
    let sections = Page::Clips.sections();
    let is_here =
        |row: &ParamSpec| row.id.split('.').next().is_some_and(|it| sections.contains(&it));
    if view.clip().is_some() {
        heading(ui, "Of this clip alone");
        // How it is entered stands before how it is travelled.
        rows(ui, view, surface, doings, |row| row.is_per_clip && is_here(row));
        rows(ui, view, surface, doings, |row| row.is_per_clip && !is_here(row));
    }
    heading(ui, "Of all clips");
    rows(ui, view, surface, doings, |row| is_here(row) && !row.is_per_clip);
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(8.0);
    ui.label(RichText::new(text).size(14.0).color(theme::WEAK));
}

/// The rows that are meant and do not stand elsewhere on the page.
fn rows(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    is_meant: impl Fn(&ParamSpec) -> bool,
) {
    let has_place = |index| view.roles.have_own_place(index);
    let meant = view.registry.iter().filter(|(index, row)| is_meant(row) && !has_place(*index));
    let meant: Vec<ParamIndex> = meant.map(|(index, _)| index).collect();
    list::lines(ui, view, surface, doings, &meant);
}
