//! The plan of the house: a room may know rooms on lower floors only.

use std::{fs, path::Path};

/// Rooms by floor, ground floor first.
const FLOORS: [&[&str]; 9] = [
    &["units", "files"],
    &["params", "bitstream", "modulation", "ports"],
    &["clip", "playhead", "gpu"],
    &["decay", "media", "control", "audio", "recognition"],
    &["engine", "set", "preview"],
    &["library", "export", "output", "take", "trace", "web"],
    &["ui"],
    &["app"],
    &["cli"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn sources(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            sources(&entry.path(), files);
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            files.push(entry.path());
        }
    }
}

/// The rooms that a source names after `crate::`, groups of `use crate::{...}` included.
fn rooms_named(source: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for part in source.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 1;
            let mut item = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 || (depth == 1 && c == ',') {
                    rooms.push(item.trim().split("::").next().unwrap_or("").trim().to_owned());
                    item.clear();
                    if depth == 0 {
                        break;
                    }
                } else {
                    item.push(c);
                }
            }
        } else {
            rooms.push(
                part.split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or("")
                    .to_owned(),
            );
        }
    }
    rooms
}

/// What a room on its floor must not name.
fn breaches(room: &str, source: &str) -> Vec<String> {
    let own = floor(room).unwrap_or_else(|| panic!("the room {room} stands on no floor"));
    // Documentation may point anywhere.
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    rooms_named(&code)
        .into_iter()
        .filter(|named| named != room && floor(named).is_some_and(|floor| floor >= own))
        .collect()
}

#[test]
fn every_room_knows_lower_floors_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 40, "the sources are not where they are looked for");
    for file in files {
        let inside = file.strip_prefix(&root).expect("inside").to_owned();
        let room = inside.components().next().expect("a room");
        let room = room.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        if room == "lib" || room == "main" {
            continue;
        }
        let source = fs::read_to_string(&file).expect("readable");
        let found = breaches(&room, &source);
        assert!(found.is_empty(), "{} names {found:?}", inside.display());
    }
}

#[test]
fn a_breach_would_be_seen() {
    assert_eq!(breaches("params", "use crate::engine::Status;"), ["engine"]);
    assert_eq!(
        breaches("clip", "use crate::{units::Canvas, playhead::{self, Rows}};"),
        ["playhead"]
    );
    assert!(breaches("engine", "use crate::{units::Tick, clip::Clip};").is_empty());
}

#[test]
fn libraries_stay_in_their_rooms() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let homes: [(&[&str], &[&str]); 5] = [
        (&["gstreamer::", "gstreamer_app", "gstreamer_video", "gst::"], &["media"]),
        (&["wgpu::"], &["gpu", "decay", "engine", "output", "ui", "app"]),
        (&["egui::", "winit::"], &["ui", "app", "output"]),
        (&["cpal::", "realfft::"], &["audio"]),
        (&["rten::", "rten_tensor::"], &["recognition"]),
    ];
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let source = fs::read_to_string(&file).expect("readable");
        let inside = file.strip_prefix(&root).expect("inside").display().to_string();
        for (words, rooms) in homes {
            let is_home = rooms.iter().any(|room| inside.starts_with(room));
            let named = words.iter().find(|word| source.contains(*word));
            assert!(is_home || named.is_none(), "{inside} names {named:?}");
        }
    }
}
