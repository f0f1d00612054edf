//! Real windows: Xvfb, a window manager, and xdotool's hands.

mod common;

use common::{CANVAS, Instrument, demo_clip, library, residua, screen::Screen};
use serde_json::Value;
use std::time::{Duration, Instant};

fn has_event(trace: &[Value], id: &str, source: &str) -> bool {
    trace.iter().any(|line| {
        let events = line["events"].as_array().expect("events");
        events.iter().any(|event| event["id"] == id && event["source"] == source)
    })
}

#[test]
fn keys_full_screen_and_the_way_out() {
    let screen = Screen::start();
    let mut command = residua();
    command.env("DISPLAY", &screen.name);
    command.args(["play", "--no-midi", "--canvas", CANVAS, "--library"]).arg(library());
    command.arg(demo_clip("toy_rabbit.mp4"));
    let mut instrument = Instrument::start(command);
    let output = screen.window("Residua output");
    let control = screen.window("Residua");

    // Full screen: the picture fills the screen, which was mostly empty before.
    screen.xdotool(&["windowactivate", "--sync", &output, "key", "f"]);
    let begin = Instant::now();
    while screen
        .xdotool(&["getwindowgeometry", "--shell", &output])
        .lines()
        .all(|line| line != "WIDTH=1600")
    {
        assert!(begin.elapsed() < Duration::from_secs(180), "the output never filled the screen");
        std::thread::sleep(Duration::from_millis(100));
    }
    std::thread::sleep(Duration::from_secs(1));
    let bright = screen.brightness();

    // Blackout: the audience sees black.
    screen.xdotool(&["key", "--window", &output, "b"]);
    instrument
        .wait_for("the key in the trace", |trace| has_event(trace, "programme.blackout", "keys"));
    let begin = Instant::now();
    while screen.brightness() > 0.02 {
        assert!(begin.elapsed() < Duration::from_secs(180), "the screen never went black");
    }
    assert!(bright > 0.15, "the rabbit was not to be seen: {bright}");

    // A tap on Escape does not leave full screen, holding it for two seconds does.
    screen.xdotool(&["key", "Escape"]);
    std::thread::sleep(Duration::from_millis(500));
    assert!(screen.xdotool(&["getwindowgeometry", "--shell", &output]).contains("WIDTH=1600"));
    screen.xdotool(&["keydown", "Escape", "sleep", "2.6", "keyup", "Escape"]);
    let begin = Instant::now();
    while screen.xdotool(&["getwindowgeometry", "--shell", &output]).contains("WIDTH=1600") {
        assert!(begin.elapsed() < Duration::from_secs(180), "holding Escape does not leave");
        std::thread::sleep(Duration::from_millis(100));
    }

    // The control window takes the same keys, and its resizing costs the programme nothing.
    screen.xdotool(&["windowactivate", "--sync", &control, "key", "p"]);
    instrument.wait_for("panic from the control window", |trace| has_event(trace, "panic", "keys"));
    for width in [700, 1100, 800, 1000] {
        screen.xdotool(&["windowsize", &control, &width.to_string(), "600"]);
    }
    let slots = instrument.trace().len();
    instrument.wait_for("slots after the resizing", |trace| trace.len() > slots + 30);
    instrument.stop();
}

#[test]
fn a_show_that_was_killed_fills_the_screen_again_by_itself() {
    let screen = Screen::start();
    let state = tempfile::tempdir().expect("a folder");
    let play = || {
        let mut command = residua();
        command.env("DISPLAY", &screen.name).env("XDG_STATE_HOME", state.path());
        command.args(["play", "--no-midi", "--canvas", CANVAS, "--library"]).arg(library());
        command.arg(demo_clip("toy_rabbit.mp4"));
        Instrument::start(command)
    };
    let fills = |window: &str| {
        let geometry = screen.xdotool(&["getwindowgeometry", "--shell", window]);
        geometry.lines().any(|line| line == "WIDTH=1600")
    };
    let wait = |what: &str, seen: &dyn Fn() -> bool| {
        let begin = Instant::now();
        while !seen() {
            assert!(begin.elapsed() < Duration::from_secs(180), "{what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let mut show = play();
    let output = screen.window("Residua output");
    screen.window("Residua");
    assert!(!fills(&output), "it begins as a window");
    screen.xdotool(&["windowactivate", "--sync", &output, "key", "f"]);
    wait("the output never filled the screen", &|| fills(&output));
    let journal = state.path().join("residua/journal.toml");
    wait("the journal never knew", &|| {
        let text = std::fs::read_to_string(&journal).unwrap_or_default();
        text.contains("is_full_screen = true") && text.contains("display = ")
    });
    show.child.kill().expect("killed");
    show.child.wait().expect("gone");

    let mut again = play();
    let output = screen.window("Residua output");
    wait("the output did not fill the screen again", &|| fills(&output));
    // No dialog: nothing but the two windows.
    let windows = screen.xdotool(&["search", "--onlyvisible", "--name", "."]);
    let titles: Vec<String> = windows
        .lines()
        .map(|window| screen.xdotool(&["getwindowname", window]))
        .filter(|title| title.contains("Residua") || title.contains("residua"))
        .collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
    again.stop();
    assert!(!journal.exists(), "a clean end leaves nothing to go on from");
}
