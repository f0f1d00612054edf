//! The one large word: what the audience sees just now.

use super::{View, theme};
use egui::{Color32, RichText, Ui};

/// What the audience sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The test card.
    Card,
    /// Nothing.
    Black,
    /// A picture that stands still.
    Held,
    /// Motion on the wrong picture, or worn pictures.
    Moshing,
    /// The clip as it is.
    Clean,
}

impl Seen {
    /// What of it goes before all else: a picture that is black is neither held nor moshing.
    pub(super) fn of(view: &View<'_>) -> Self {
        let is_dark = view.roles.level.is_some_and(|level| view.result(level) <= 0.0);
        match () {
            () if view.shows_card => Self::Card,
            () if view.is_on(view.roles.blackout) || is_dark => Self::Black,
            () if view.is_on(view.roles.hold) => Self::Held,
            () if view.status.is_clean => Self::Clean,
            () => Self::Moshing,
        }
    }

    /// The word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Card => "TEST CARD",
            Self::Black => "BLACK",
            Self::Held => "HELD",
            Self::Moshing => "MOSHING",
            Self::Clean => "CLEAN",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Card => "The displays show the test card, see the page Outputs",
            Self::Black => "The audience sees nothing: blackout is on, or the level is down",
            Self::Held => "The audience sees one picture that stands still",
            Self::Moshing => "Motion lands on the wrong picture, or the picture is worn",
            Self::Clean => "The clip as it is: nothing spliced since the last clean point, no wear",
        }
    }

    fn color(self) -> Color32 {
        match self {
            Self::Card => theme::WARNING,
            Self::Black => theme::BRIGHT,
            Self::Held => theme::WARNING,
            Self::Moshing => theme::ACCENT,
            Self::Clean => theme::TEXT,
        }
    }
}

/// The word, in letters of this height.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, height: f32) {
    let seen = Seen::of(view);
    let word = RichText::new(seen.word()).size(height).strong().color(seen.color());
    ui.add(egui::Label::new(word).extend().selectable(false)).on_hover_text(seen.help());
}
