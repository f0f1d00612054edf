//! Maps for controllers that people have: taken by the device's name where the set maps nothing.
//!
//! ```toml
//! name = "Korg nanoKONTROL2"
//! device = ["nanoKONTROL2"]   # parts of names that the device may have, in any case
//! [[mapping]]                 # as in a set, without `device`
//! kind = "cc"
//! number = 0
//! param = "decay.amount"
//! ```
//!
//! Those of `presets/controllers/` are in the program. A file of the same name in the folder
//! `controllers` of the user's configuration is taken instead, and others there are added.

use super::mapping::Mapping;
use crate::ports::Notices;
use serde::Deserialize;
use std::{fs, path::Path};

/// The map of one kind of device.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControllerMap {
    /// What the device is called by people.
    pub name: String,
    /// Parts of the names by which systems know it, compared without regard to case.
    pub device: Vec<String>,
    /// What its controls do; their `device` is left out.
    #[serde(default)]
    pub mapping: Vec<Mapping>,
}

/// The maps in the program, by their files' names.
const FACTORY: [(&str, &str); 6] = [
    ("akai_apc_mini.toml", include_str!("../../presets/controllers/akai_apc_mini.toml")),
    ("akai_apc_mini_mk2.toml", include_str!("../../presets/controllers/akai_apc_mini_mk2.toml")),
    ("akai_midimix.toml", include_str!("../../presets/controllers/akai_midimix.toml")),
    (
        "behringer_x_touch_mini.toml",
        include_str!("../../presets/controllers/behringer_x_touch_mini.toml"),
    ),
    ("korg_nanokontrol2.toml", include_str!("../../presets/controllers/korg_nanokontrol2.toml")),
    (
        "novation_launch_control_xl.toml",
        include_str!("../../presets/controllers/novation_launch_control_xl.toml"),
    ),
];

/// The maps in the program, and those in `folder`, which come first. A file that cannot be read is
/// left away with a notice.
pub fn controller_maps(folder: Option<&Path>, notices: &Notices) -> Vec<ControllerMap> {
    let mut files: Vec<(String, String)> = Vec::new();
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    for path in entries.into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            continue;
        };
        match fs::read_to_string(&path) {
            Ok(text) => files.push((name, text)),
            Err(error) => {
                notices.warn(format!("MIDI: {} cannot be read: {error}", path.display()));
            }
        }
    }
    files.sort();
    for (name, text) in FACTORY {
        if files.iter().all(|(own, _)| own != name) {
            files.push((name.to_owned(), text.to_owned()));
        }
    }
    let read = |(name, text): &(String, String)| match toml::from_str(text) {
        Ok(map) => Some(map),
        Err(error) => {
            let why = error.message().lines().next().unwrap_or("not TOML").to_owned();
            let line = error.span().map_or(0, |span| text[..span.start].lines().count());
            let line = line.max(1);
            notices.warn(format!("MIDI: the map {name} cannot be understood, line {line}: {why}"));
            None
        }
    };
    files.iter().filter_map(read).collect()
}

/// The map for a device of this name: the one that names the most of it.
pub(super) fn best<'a>(maps: &'a [ControllerMap], device: &str) -> Option<&'a ControllerMap> {
    let device = device.to_lowercase();
    let reach = |map: &&ControllerMap| {
        let parts = map.device.iter().map(|part| part.to_lowercase());
        parts.filter(|part| !part.is_empty() && device.contains(part)).map(|part| part.len()).max()
    };
    // The first of several that name as much.
    let fitting = maps.iter().filter_map(|map| Some((reach(&map)?, map)));
    fitting.rev().max_by_key(|(reach, _)| *reach).map(|(_, map)| map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(device: &str) -> Option<String> {
        let maps = controller_maps(None, &Notices::default());
        best(&maps, device).map(|map| map.name.clone())
    }

    #[test]
    fn devices_are_known_by_their_names() {
        let notices = Notices::default();
        assert_eq!(controller_maps(None, &notices).len(), FACTORY.len());
        assert!(notices.take().is_none());
        // As ALSA and JACK name them.
        for (device, map) in [
            ("nanoKONTROL2", "Korg nanoKONTROL2"),
            ("nanoKONTROL2 nanoKONTROL2 _ CTRL", "Korg nanoKONTROL2"),
            ("APC MINI", "Akai APC mini"),
            ("APC mini mk2 Control", "Akai APC mini mk2"),
            ("MIDI Mix", "Akai MIDImix"),
            ("Launch Control XL", "Novation Launch Control XL"),
            ("X-TOUCH MINI", "Behringer X-Touch Mini"),
        ] {
            assert_eq!(names(device).as_deref(), Some(map), "{device}");
        }
        assert_eq!(names("Arturia KeyStep"), None);
    }

    #[test]
    fn files_of_the_user_win() {
        let folder = tempfile::tempdir().expect("a folder");
        let map = "name = \"Mine\"\ndevice = [\"nanoKONTROL2\"]";
        fs::write(folder.path().join("korg_nanokontrol2.toml"), map).expect("written");
        fs::write(folder.path().join("other.toml"), "name = 3").expect("written");
        fs::write(folder.path().join("notes.txt"), "none").expect("written");
        let notices = Notices::default();
        let maps = controller_maps(Some(folder.path()), &notices);
        assert_eq!(best(&maps, "nanoKONTROL2").map(|map| map.name.as_str()), Some("Mine"));
        assert_eq!(maps.len(), FACTORY.len());
        let said = notices.take().map(|notice| notice.text).unwrap_or_default();
        assert!(
            said.starts_with("MIDI: the map other.toml cannot be understood, line 1"),
            "{said}"
        );
    }
}
