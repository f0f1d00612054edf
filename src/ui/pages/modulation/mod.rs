//! What moves parameters by itself: patches, macros, and the sources as cards.

mod card;
mod envelopes;
mod lfos;
mod macros;
mod patches;
mod sequencers;

use super::list;
use crate::{
    params::ParamIndex,
    ui::{Doings, Surface, View, row, theme},
};
use egui::{RichText, ScrollArea, Ui};

/// What the page remembers.
#[derive(Debug, Default)]
pub struct Cards {
    /// The meter of the card that is open.
    open: Option<ParamIndex>,
    /// The macro whose parts are shown.
    knob: Option<usize>,
    /// Empty patches that were asked for, beside the first.
    added: usize,
    /// Patches in use when it was drawn last.
    in_use: usize,
}

impl Cards {
    /// Opens the card, or closes it.
    fn toggle(&mut self, meter: ParamIndex) {
        self.open = if self.open == Some(meter) { None } else { Some(meter) };
    }
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        patches::show(ui, view, surface, doings);
        heading(ui, "Macros");
        macros::show(ui, view, surface, doings);
        if let Some(sources) = &view.roles.modulators {
            heading(ui, "LFOs");
            lfos::show(ui, view, surface, doings, &sources.lfos);
            heading(ui, "Sequencers");
            sequencers::show(ui, view, surface, doings, &sources.sequencers);
            heading(ui, "Envelopes");
            envelopes::show(ui, view, surface, doings, &sources.envelopes);
        }
        heading(ui, "Listening");
        // Meters first: what is heard now; then how it is listened.
        let (meters, others): (Vec<_>, Vec<_>) =
            view.roles.listening.iter().partition(|row| view.registry.row(**row).is_meter);
        for meter in meters {
            row::show(ui, view, surface, doings, meter);
        }
        list::lines(ui, view, surface, doings, &others);
    });
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(10.0);
    ui.label(RichText::new(text).size(16.0).strong().color(theme::BRIGHT));
}
