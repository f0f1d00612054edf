//! Which clip plays, and which comes next, where one waits.

use super::{View, theme};
use crate::{engine::NextClip, params::Grid};
use egui::{Label, RichText, Ui};

/// Height of the letters in points.
const LETTERS: f32 = 20.0;

/// Their names, in one line; a long one leaves room for the other.
pub(super) fn names(ui: &mut Ui, view: &View<'_>) {
    let name = view.clip().map_or("no clip", |(_, clip)| clip.name.as_str());
    let next = view.status.next_clip.and_then(|next| {
        let card = view.clips.get(usize::from(next.clip.0))?;
        Some((next, card.name.as_str()))
    });
    ui.horizontal(|ui| {
        let room = ui.available_width() * if next.is_some() { 0.5 } else { 1.0 };
        ui.scope(|ui| {
            ui.set_max_width(room);
            ui.add(Label::new(RichText::new(name).size(LETTERS).strong()).truncate());
        });
        if let Some((next, name)) = next {
            waiting(ui, next, name);
        }
    });
}

fn waiting(ui: &mut Ui, next: NextClip, name: &str) {
    let text = RichText::new(format!("next: {name}")).size(LETTERS).color(theme::ACCENT);
    let waits_for = match next.waits_for {
        Grid::Off => "the end of the superframe".to_owned(),
        grid => format!("the beat: {}", grid.name()),
    };
    ui.add(Label::new(text).truncate()).on_hover_text(format!("It waits for {waits_for}"));
}
