//! The pages of setting up, one file each.

mod clips;
mod export;
mod import;
mod library;
mod list;
mod mappings;
mod memory;
mod modulation;
mod monitor;
mod outputs;
mod record;
mod status;
mod trial;
mod wear;

pub(super) use library::Shelf;
pub use modulation::Cards;
pub use monitor::Heard;
pub(super) use monitor::tend as tend_monitor;
pub use wear::Rack;

use super::{Doings, Surface, View};
use serde::{Deserialize, Serialize};

/// A page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// The clips of the set.
    Clips,
    /// Videos become clips.
    Import,
    /// A clip along a timeline function becomes a file.
    Export,
    /// Everything that was ever imported.
    Library,
    /// How the playhead travels.
    #[default]
    Motion,
    /// The stages that wear the picture.
    Wear,
    /// What moves parameters by itself.
    Modulation,
    /// What controllers move.
    Mappings,
    /// Snapshots, presets, the crossfader.
    Memory,
    /// Recordings and takes.
    Record,
    /// The displays.
    Outputs,
    /// How the machine is doing.
    Status,
    /// Every row.
    All,
}

impl Page {
    /// All, in the order in which they stand.
    pub const ALL: [Self; 13] = [
        Self::Clips,
        Self::Import,
        Self::Export,
        Self::Library,
        Self::Motion,
        Self::Wear,
        Self::Modulation,
        Self::Mappings,
        Self::Memory,
        Self::Record,
        Self::Outputs,
        Self::Status,
        Self::All,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clips => "Clips",
            Self::Import => "Import",
            Self::Export => "Export",
            Self::Library => "Library",
            Self::Motion => "Motion",
            Self::Wear => "Wear",
            Self::Modulation => "Modulation",
            Self::Mappings => "Mappings",
            Self::Memory => "Memory",
            Self::Record => "Record",
            Self::Outputs => "Outputs",
            Self::Status => "Status",
            Self::All => "Everything",
        }
    }

    /// The sections of rows (first parts of ids) that stand on it as lists; [`Self::All`] has all.
    fn sections(self) -> &'static [&'static str] {
        match self {
            Self::Clips => &["clip", "cue", "grab", "throw", "resample"],
            Self::Motion => &[
                "playhead",
                "superframe",
                "loop",
                "stutter",
                "mosh",
                "mix",
                "heal",
                "tempo",
                "quantise",
            ],
            Self::Wear => &["decay", "order", "age", "flash", "recognition"],
            Self::Memory => &["preset", "crossfade", "snapshot", "gesture", "set", "edit"],
            Self::Record => &["programme", "recorder", "take"],
            Self::Import
            | Self::Export
            | Self::Modulation
            | Self::Mappings
            | Self::Library
            | Self::Outputs
            | Self::Status
            | Self::All => &[],
        }
    }
}

/// Sections that are no words.
const ABBREVIATIONS: [&str; 2] = ["lfo", "midi"];

/// A section's heading: `black_and_white` becomes `Black and white`.
pub(super) fn title(section: &str) -> String {
    if ABBREVIATIONS.contains(&section) {
        return section.to_uppercase();
    }
    let mut letters = section.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + &letters.as_str().replace('_', " ")
}

/// Draws the page that is open.
pub(super) fn show(ui: &mut egui::Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    match surface.layout.page {
        Page::Clips => clips::show(ui, view, surface, doings),
        Page::Wear => wear::show(ui, view, surface, doings),
        Page::Import => import::show(ui, view, surface, doings),
        Page::Export => export::show(ui, view, surface, doings),
        Page::Library => library::show(ui, view, surface, doings),
        Page::Modulation => modulation::show(ui, view, surface, doings),
        Page::Mappings => mappings::show(ui, view, surface, doings),
        Page::Memory => memory::show(ui, view, surface, doings),
        Page::Record => record::show(ui, view, surface, doings),
        Page::Outputs => outputs::show(ui, view, doings),
        Page::Status => status::show(ui, view, surface),
        Page::All => list::all(ui, view, surface, doings),
        page => list::sections(ui, view, surface, doings, page.sections()),
    }
}
