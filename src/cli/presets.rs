//! `residua presets`, and the presets that a performance can call by number.

use super::{folders, opening::open_set_file, options::PresetsOptions, out};
use crate::{
    engine::{self, Bank, PRESETS_MAX, Preset},
    params::Registry,
    ports::Notices,
    set::{self, PresetPlaces, Set, Shelved},
};
use anyhow::Result;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

pub fn run(options: &PresetsOptions) -> Result<()> {
    let registry = Arc::new(engine::registry()?);
    let set = match &options.set {
        Some(set) => open_set_file(&registry, set)?.set,
        None => Set::default(),
    };
    let (shelf, problems) = set::shelve(&registry, &places(&set, options.set.as_deref()));
    for problem in problems {
        eprintln!("residua: {problem}");
    }
    let width = shelf.iter().map(|preset| preset.name.chars().count()).max().unwrap_or(0);
    let mut table = String::new();
    for (place, Shelved { name, file, .. }) in shelf.iter().enumerate() {
        let number = match place < PRESETS_MAX {
            true => (place + 1).to_string(),
            false => "-".to_owned(),
        };
        let file = file.as_ref().map(|file| file.display().to_string());
        let file = file.unwrap_or_else(|| "(comes with the program)".to_owned());
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{number:>3}  {name:width$}  {file}");
    }
    out::print(&table)
}

/// Where the presets of a performance lie.
pub fn places(set: &Set, file: Option<&Path>) -> PresetPlaces {
    PresetPlaces {
        listed: set.presets.clone(),
        set_folder: file.map(|file| file.parent().unwrap_or(Path::new("")).to_owned()),
        own: own_folder(),
    }
}

/// The user's own presets.
pub fn own_folder() -> Option<PathBuf> {
    folders::config().map(|config| config.join(set::PRESETS))
}

/// Presets as the engine takes them.
pub fn bank(shelf: &[Shelved]) -> Arc<Bank> {
    let preset =
        |shelved: &Shelved| Preset { name: shelved.name.clone(), values: shelved.values.clone() };
    Arc::new(Bank { presets: shelf.iter().map(preset).collect() })
}

/// The presets of a performance; what is wrong with some is said there.
pub fn shelve(registry: &Registry, places: &PresetPlaces, notices: &Notices) -> Vec<Shelved> {
    let (shelf, problems) = set::shelve(registry, places);
    for problem in problems {
        notices.warn(problem);
    }
    shelf
}
