//! Setting up: pages at the left, the programme and the timeline always in sight.

use super::{Doings, Surface, View, news, pages, preview, state, timeline};
use egui::{Button, RichText, Ui, vec2};
use pages::Page;

/// Width of the list of pages in points.
const PAGES: f32 = 112.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    egui::Panel::left("pages").exact_size(PAGES).resizable(false).show(ui, |ui| {
        ui.add_space(4.0);
        for page in Page::ALL {
            let is_open = surface.layout.page == page;
            let button = Button::new(RichText::new(page.name()).size(15.0)).selected(is_open);
            if ui.add_sized(vec2(ui.available_width(), 30.0), button).clicked() {
                surface.layout.page = page;
            }
        }
    });
    let height = timeline::PREPARE_HEIGHT + timeline::PLAYED_HEIGHT + 14.0;
    egui::Panel::bottom("timeline").exact_size(height).show(ui, |ui| {
        ui.add_space(4.0);
        timeline::show(ui, view, surface, doings, timeline::PREPARE_HEIGHT);
        timeline::played(ui, view, surface, timeline::PLAYED_HEIGHT);
    });
    let width = (ui.available_width() * 0.36).max(260.0);
    egui::Panel::right("programme").default_size(width).size_range(220.0..=900.0).show(ui, |ui| {
        let aspect = view.preview.map_or(16.0 / 9.0, |(_, aspect)| aspect);
        let height = (ui.available_width() / aspect).min(ui.available_height() * 0.6);
        ui.allocate_ui(vec2(ui.available_width(), height), |ui| preview::show(ui, view));
        state::show(ui, view, 26.0);
        news::show(ui, view);
    });
    egui::CentralPanel::default().show(ui, |ui| pages::show(ui, view, surface, doings));
}
