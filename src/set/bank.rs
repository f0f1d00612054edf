//! The presets that can be called by number, and where they lie.
//!
//! Their order, which is their numbers: those that the set lists under `presets`, then those in the
//! folder `presets` beside the set, then the user's own, then those that come with the program; within
//! a folder by name. A name that has come already is the same preset and is not counted again.

use super::{
    Values,
    shipped::{SHIPPED, shipped_text},
    values::{self, ValuesError},
};
use crate::params::Registry;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What a folder of presets is called.
pub const PRESETS: &str = "presets";

/// What the name of a preset's file ends with.
const ENDING: &str = "toml";

/// A preset that has a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelved {
    /// What it is called: its file's name without the ending.
    pub name: String,
    /// How a set lists it: its name, or a path from the set's folder.
    pub listed: String,
    /// Its file; `None` where it comes with the program, or with a take.
    pub file: Option<PathBuf>,
    /// Its values; what it names that is not there is left out.
    pub values: Values,
}

/// Where presets are looked for.
#[derive(Clone, Debug, Default)]
pub struct PresetPlaces {
    /// What the set lists: names, or paths from the set's folder.
    pub listed: Vec<String>,
    /// The set's folder, where there is a set.
    pub set_folder: Option<PathBuf>,
    /// The user's own folder of presets.
    pub own: Option<PathBuf>,
}

/// The folder of a set's presets: beside its file.
pub fn preset_folder(set: &Path) -> PathBuf {
    set.with_file_name(PRESETS)
}

/// The files of a folder of presets, by name. A folder that is not there has none.
pub fn preset_files(folder: &Path) -> Vec<PathBuf> {
    files_with(folder, ENDING)
}

/// The files of a folder with this ending, by name; none where there is no folder.
pub fn files_with(folder: &Path, ending: &str) -> Vec<PathBuf> {
    // A file that is named without a folder lies in the working folder.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let has_ending = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| has_ending(path) && path.is_file())
        .collect();
    files.sort();
    files
}

/// Whether a set lists a preset by its path from the set's folder, and not by its name.
pub fn is_preset_path(listed: &str) -> bool {
    Path::new(listed).extension().is_some_and(|ending| ending == ENDING)
}

/// What the preset in a file is called.
pub fn preset_name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl PresetPlaces {
    /// What a set means by an entry of its list: the preset's name, and its file unless it comes with
    /// the program. `None` where there is no such preset.
    pub fn find(&self, listed: &str) -> Option<(String, Option<PathBuf>)> {
        if is_preset_path(listed) {
            let file = self.set_folder.as_deref().unwrap_or(Path::new("")).join(listed);
            return file.is_file().then(|| (preset_name(&file), Some(file)));
        }
        let file = format!("{listed}.{ENDING}");
        let own = self.folders().map(|folder| folder.join(&file)).find(|file| file.is_file());
        match own {
            Some(own) => Some((listed.to_owned(), Some(own))),
            None => shipped_text(listed).map(|_| (listed.to_owned(), None)),
        }
    }

    /// The folders that are looked through, in their order.
    fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let beside = self.set_folder.as_ref().map(|folder| folder.join(PRESETS));
        beside.into_iter().chain(self.own.clone())
    }
}

/// Reads all presets in their order, and says what is wrong with some; those are left out, or what is
/// wrong in them is.
pub fn shelve(registry: &Registry, places: &PresetPlaces) -> (Vec<Shelved>, Vec<String>) {
    let mut shelf: Vec<Shelved> = Vec::new();
    let mut problems = Vec::new();
    let mut found: Vec<(String, String, Option<PathBuf>)> = Vec::new();
    for listed in &places.listed {
        match places.find(listed) {
            Some((name, file)) => found.push((listed.clone(), name, file)),
            None => problems.push(format!("there is no preset '{listed}', which the set lists")),
        }
    }
    for folder in places.folders() {
        let files = preset_files(&folder).into_iter();
        found.extend(files.map(|file| (preset_name(&file), preset_name(&file), Some(file))));
    }
    found.extend(SHIPPED.iter().map(|(name, _)| ((*name).to_owned(), (*name).to_owned(), None)));
    for (listed, name, file) in found {
        if shelf.iter().any(|shelved| shelved.name == name) {
            continue;
        }
        match read(registry, &name, file.as_deref()) {
            Ok((values, remarks)) => {
                problems.extend(remarks.iter().map(|remark| format!("preset {name}: {remark}")));
                shelf.push(Shelved { name, listed, file, values });
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    (shelf, problems)
}

fn read(
    registry: &Registry,
    name: &str,
    file: Option<&Path>,
) -> Result<(Values, Vec<String>), ValuesError> {
    let Some(file) = file else {
        let text = shipped_text(name).unwrap_or_default();
        return values::parse_preset_leniently(registry, name, text);
    };
    let path = file.display().to_string();
    let text = fs::read_to_string(file)
        .map_err(|source| ValuesError::Read { path: path.clone(), source })?;
    values::parse_preset_leniently(registry, &path, &text)
}
