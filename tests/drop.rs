//! Files that are dropped on real windows: Xvfb, a window manager, and a drag source of our own.

mod common;

use common::{CANVAS, Instrument, demo_clip, residua, screen::Screen};
use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// Drags a file over a window, and lets it go there or takes it away.
fn drag(screen: &Screen, words: &[&str], file: &Path) {
    // The system's Python: it has the X library of its packages.
    let output = Command::new("/usr/bin/python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drop/drag.py"))
        .args(words)
        .arg(file)
        .env("DISPLAY", &screen.name)
        .output()
        .expect("Python is needed for the tests: run scripts/setup test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_dropped_video_plays_and_is_saved_with_the_set() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("library");
    let mut command = residua();
    command.env("DISPLAY", &screen.name).current_dir(folder.path());
    command.args(["play", "--no-midi", "--canvas", CANVAS, "--library"]).arg(&library);
    command.arg(demo_clip("toy_rabbit.mp4"));
    let mut instrument = Instrument::start(command);
    screen.window("Residua output");
    let control = screen.window("Residua");
    let imported = || fs::read_dir(&library).expect("the library").count();
    assert_eq!(imported(), 1, "the rabbit");

    // What is only held over the window does nothing.
    drag(&screen, &["--away", &control], &demo_clip("flower.mp4"));
    drag(&screen, &[&control], &demo_clip("flower.mp4"));
    let begin = Instant::now();
    let is_playing =
        |instrument: &Instrument| instrument.trace().last().is_some_and(|line| line["clip"] == 2);
    while !is_playing(&instrument) {
        assert!(begin.elapsed() < Duration::from_secs(180), "the flower never played");
        // Until it is there, the key finds no clip.
        screen.xdotool(&["windowactivate", "--sync", &control, "key", "2"]);
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(imported(), 2, "it was imported once");

    // It is a clip of the set as any other.
    screen.xdotool(&["windowactivate", "--sync", &control, "key", "ctrl+s"]);
    let set = folder.path().join("residua.toml");
    let begin = Instant::now();
    let text = loop {
        match fs::read_to_string(&set) {
            Ok(text) if !text.is_empty() => break text,
            _ => assert!(begin.elapsed() < Duration::from_secs(180), "the set was never saved"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    instrument.stop();
    let set: toml::Table = text.parse().expect("TOML");
    let paths: Vec<&str> = set["clip"]
        .as_array()
        .expect("clips")
        .iter()
        .map(|clip| clip["path"].as_str().expect("a path"))
        .collect();
    let wanted = ["toy_rabbit.mp4", "flower.mp4"].map(demo_clip);
    assert_eq!(paths, wanted.each_ref().map(|path| path.to_str().expect("text")));
}
