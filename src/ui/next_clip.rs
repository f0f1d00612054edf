//! Which clip comes next, where one waits.

use super::{View, theme};
use crate::params::Grid;
use egui::{Label, RichText, Ui};

/// Its name, beside that of the clip in play; nothing where none waits.
pub(super) fn show(ui: &mut Ui, view: &View<'_>) {
    let Some(next) = view.status.next_clip else { return };
    let place = usize::from(next.clip.0);
    let Some(card) = view.clips.get(place) else { return };
    let text = RichText::new(format!("next: {}", card.name)).size(20.0).color(theme::ACCENT);
    let waits_for = match next.waits_for {
        Grid::Off => "the end of the superframe".to_owned(),
        grid => format!("the beat: {}", grid.name()),
    };
    ui.add(Label::new(text).truncate()).on_hover_text(format!("It waits for {waits_for}"));
}
