//! The contents of the control window.
//!
//! Two modes: [`Mode::Show`] is for playing in front of people, and shows at a glance what counts then;
//! [`Mode::Prepare`] is for setting up, and has a page for everything. What must be found without
//! looking stands in both at the same place.
//!
//! Runs on the main thread. Knows no window and no device (`app` has them), and no particular
//! parameter: every widget is drawn from its row, and which rows have a job of their own is said in
//! [`Roles`]. Changes nothing itself; what a person does comes out as [`Doings`], but for what
//! controllers shall learn, which is asked of their desk.

mod bank;
mod caption;
mod card;
mod desk;
mod exports;
mod family;
mod flipbook;
mod gallery;
mod glance;
mod guide;
mod habits;
mod header;
mod health;
mod imports;
mod keys_page;
mod knob;
mod learn;
mod looks;
mod menu;
mod meters;
mod news;
mod next_clip;
mod pages;
mod picker;
mod prepare;
mod preview;
mod reach;
mod roles;
mod row;
mod stage;
mod state;
mod surface;
mod theme;
mod timeline;
mod view;

pub use caption::Lettering;
pub use card::ClipCard;
pub use desk::{
    CodingLine, Completion, DeskNow, DeskWish, ImportAsk, ImportJob, JobState, LibraryCard,
    PruneAsk, PruneNews, TrialNews, TrialShown, TrialState,
};
pub use exports::{ExportAsk, ExportNews, ExportState};
pub use flipbook::{Flipbook, GrabPictures, Pictures};
pub use looks::LookCard;
pub use pages::Page;
pub use roles::{PartRows, PatchRows, Roles};
pub use surface::{Layout, Mode, Surface};
pub use theme::{BACKGROUND, apply_theme};
pub use view::{DisplayLine, DisplayUse, Doings, KeyLine, NewsLine, View, Wish};

/// Draws the whole window and adds what the person did to `doings`.
pub fn show(ui: &mut egui::Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    surface.scale(ui.ctx());
    surface.looks.begin(ui.ctx());
    guide::follow(view, surface);
    pages::tend_monitor(view, surface);
    surface.lately.note(view.status.slot, view.status.late_slots);
    egui::Panel::top("header")
        .exact_size(header::HEIGHT)
        .show(ui, |ui| header::show(ui, view, surface, doings));
    match surface.layout.mode {
        Mode::Show => {
            egui::CentralPanel::default().show(ui, |ui| stage::show(ui, view, surface, doings));
        }
        Mode::Prepare => prepare::show(ui, view, surface, doings),
    }
    keys_page::show(ui, view, surface);
    imports::hover(ui, view, surface);
    surface.let_go(ui, view, doings);
}

#[cfg(test)]
mod tests;
