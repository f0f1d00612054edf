//! A set whose clips are coded differently: each as it asks for, switched with a clean picture.

mod common;

use common::{decode, demo_clip, fail, picture_count, residua, succeed, trace};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the clips of the set ask for, one of them nothing.
const SET: &str = r#"canvas = "64x48@30"

[[clip]]
path = "rabbit.mp4"

[[clip]]
path = "rabbit.mp4"
encoder = "libx264"
fit = "letterbox"
gop = 12

[[clip]]
path = "face.png"
encoder = "mpeg4"
mosh = "hard"
still_secs = 0.4

[[score]]
at_secs = 0.5
values = { "clip.select" = 2 }

[[score]]
at_secs = 1.0
values = { "clip.select" = 3 }
"#;

fn set(folder: &Path, text: &str) -> PathBuf {
    fs::copy(demo_clip("toy_rabbit.mp4"), folder.join("rabbit.mp4")).expect("copied");
    fs::copy(demo_clip("flower.jpg"), folder.join("face.png")).expect("copied");
    let set = folder.join("mixed.toml");
    fs::write(&set, text).expect("written");
    set
}

fn play(folder: &Path) -> Command {
    let mut play = residua();
    play.args(["play", "--headless", "--no-midi", "--library"]).arg(folder.join("library"));
    play
}

#[test]
fn every_clip_is_imported_as_it_asks_for_and_each_coding_gets_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = set(folder.path(), SET);
    let (fed, shown) = (folder.path().join("fed.mkv"), folder.path().join("shown.mkv"));
    let lines = folder.path().join("trace.jsonl");
    // The command line's encoder is for the clip that names none.
    let mut play = play(folder.path());
    play.args(["--duration", "1500ms", "--encoder", "mpeg4", "--encoder-config", "qscale=9"]);
    play.arg("--record").arg(&shown).arg("--record-stream").arg(&fed);
    let said = succeed(play.arg("--trace").arg(&lines).arg(&set));
    let said = String::from_utf8_lossy(&said.stderr).into_owned();

    let listed = succeed(
        residua().args(["clips", "list", "--json", "--library"]).arg(folder.path().join("library")),
    );
    let clips: Vec<Value> = serde_json::from_slice(&listed.stdout).expect("an array");
    let facts = |clip: &Value| {
        let meta = fs::read_to_string(
            Path::new(clip["folder"].as_str().expect("a folder")).join("clip.toml"),
        );
        let meta: toml::Table = meta.expect("clip.toml").parse().expect("TOML");
        let coding = meta["coding"].as_table().expect("a coding").clone();
        let text = |key: &str| clip[key].as_str().map(str::to_owned);
        (text("name"), text("encoder"), text("fit"), clip["pictures"].as_u64(), coding)
    };
    let find = |name: &str, encoder: &str| {
        let mut fitting = clips
            .iter()
            .map(facts)
            .filter(|clip| clip.0.as_deref() == Some(name) && clip.1.as_deref() == Some(encoder));
        fitting.next().unwrap_or_else(|| panic!("no {name} of {encoder}: {clips:?}"))
    };
    assert_eq!(clips.len(), 3);
    let (_, _, fit, _, coding) = find("rabbit", "mpeg4");
    assert_eq!(fit.as_deref(), Some("crop"));
    assert_eq!(coding["options"].as_array().map(Vec::len), Some(1), "qscale is for mpeg4");
    let (_, _, fit, _, coding) = find("rabbit", "libx264");
    assert_eq!(fit.as_deref(), Some("letterbox"));
    assert_eq!(coding["intra_every"].as_integer(), Some(12));
    assert!(!coding.contains_key("options"), "qscale is not for libx264");
    let (_, _, _, pictures, coding) = find("face", "mpeg4");
    // 0.4 s at 30 pictures per second.
    assert_eq!((pictures, coding["mosh"].as_str()), (Some(12), Some("hard")));

    // Both codings were played, the program said so, and each stretch decodes by itself.
    let numbers: Vec<PathBuf> = (0..4)
        .map(|n| if n == 0 { fed.clone() } else { folder.path().join(format!("fed-{n}.mkv")) })
        .collect();
    let files: Vec<&PathBuf> = numbers.iter().filter(|file| file.exists()).collect();
    assert!(files.len() >= 2, "{said}");
    let pictures: usize = files.iter().map(|file| decode(file, 64, 48).len()).sum();
    let units: u64 = trace(&lines).iter().filter_map(|line| line["units"].as_u64()).sum();
    assert_eq!(pictures as u64, units);
    assert!(picture_count(&shown) >= 40, "1.5 s at 30 pictures per second: {said}");
}

#[test]
fn what_a_clip_cannot_ask_for_is_told_with_its_number() {
    let folder = tempfile::tempdir().expect("a folder");
    for (wrong, word) in [
        ("encoder = \"h265\"", "libx264"),
        ("mosh = \"never\"", "forever"),
        ("fit = \"zoom\"", "letterbox"),
        ("gop = 1", "gop 1"),
    ] {
        let text =
            format!("[[clip]]\npath = \"rabbit.mp4\"\n[[clip]]\npath = \"rabbit.mp4\"\n{wrong}\n");
        let set = set(folder.path(), &text);
        let line = fail(play(folder.path()).arg(&set), 1);
        assert!(line.contains("clip 2") && line.contains(word), "{line}");
    }
    let text = "[[clip]]\npath = \"face.png\"\nstill_secs = 0.0\n";
    let set = set(folder.path(), text);
    let line = fail(play(folder.path()).arg(&set), 1);
    assert!(line.contains("0.04"), "{line}");
}
