//! One walk through the window, with real hands: a file is dropped and imported, the strip scrubbed, a
//! control of a MIDI controller learned, the programme recorded, and the file found and played.
//!
//! Xvfb with a window manager, xdotool, a drag source of our own, a JACK server and a client of it.

mod common;
mod jack_peers;

use common::{CANVAS, Instrument, demo_clip, picture_count, residua, screen::Screen};
use jack_peers::{Controller, Process, run_with_server, server_name};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// How long anything here may take: machines are slow and busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the strip is in a window of 1280x800 that shows the surface for playing; the button that opens
/// the pages, and on the first of them (motion) the line of the speed.
const STRIP: i32 = 630;
const PREPARE: (i32, i32) = (107, 22);
const SPEED: (i32, i32) = (150, 158);

#[test]
fn dropped_scrubbed_learned_recorded_and_found() {
    run_with_server("with_a_controller");
}

#[test]
fn a_start_with_nothing_leads_to_a_moshed_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut hands = Hands::start(folder.path(), &["--no-midi"], &[]);
    // A video is dropped, and plays by itself, clean.
    hands.drop_file(&demo_clip("flower.mp4"));
    let is_clean =
        |trace: &[Value]| trace.iter().any(|line| line["clip"] == 2 && line["healed"] == true);
    hands.until("the flower, clean", |_| {}, is_clean);
    // The strip is pressed: the playhead jumps, and no clean picture comes between.
    let slots = hands.instrument.trace().len();
    hands.activate();
    hands.scrub(0.1, 0.8);
    let is_moshed = move |trace: &[Value]| {
        let after = &trace[slots..];
        after.iter().any(|line| line["position"].as_f64().is_some_and(|at| at > 0.7))
            && after.iter().all(|line| line["healed"] == false)
    };
    hands.until("the jump", |_| {}, is_moshed);
    hands.instrument.stop();
}

/// The show, and the hands on it.
struct Hands {
    screen: Screen,
    instrument: Instrument,
    control: String,
}

impl Hands {
    fn start(folder: &Path, words: &[&str], clips: &[PathBuf]) -> Self {
        let screen = Screen::start();
        let mut command = residua();
        command.env("DISPLAY", &screen.name).current_dir(folder);
        // What another test has taught the controllers is nothing here.
        command.env("XDG_CONFIG_HOME", folder.join("config"));
        command.args(["play", "--no-osc", "--canvas", CANVAS]).args(words).arg("--library");
        command.arg(folder.join("library")).args(clips);
        let instrument = Instrument::start(command);
        screen.window("Residua output");
        let control = screen.window("Residua");
        let hands = Self { screen, instrument, control };
        // Known size, known place of everything.
        hands.screen.xdotool(&["windowsize", "--sync", &hands.control, "1280", "800"]);
        hands.activate();
        hands
    }

    fn activate(&self) {
        self.screen.xdotool(&["windowactivate", "--sync", &self.control]);
    }

    fn key(&self, key: &str) {
        self.screen.xdotool(&["windowactivate", "--sync", &self.control, "key", key]);
    }

    /// The pointer goes to a place of the control window, in points.
    fn point(&self, (x, y): (i32, i32)) {
        let (x, y) = (x.to_string(), y.to_string());
        self.screen.xdotool(&["mousemove", "--window", &self.control, &x, &y]);
    }

    fn drop_file(&self, file: &Path) {
        let output = Command::new("/usr/bin/python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drop/drag.py"))
            .arg(&self.control)
            .arg(file)
            .env("DISPLAY", &self.screen.name)
            .output()
            .expect("Python is needed for the tests: run scripts/setup test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Drags on the strip from one part of it to another.
    fn scrub(&mut self, from: f64, to: f64) {
        let strip = |part: f64| (8 + (1264.0 * part) as i32, STRIP);
        let is_at = |part: f64| {
            move |trace: &[Value]| {
                let scrubbed = values(trace, "playhead.position", "window");
                scrubbed.last().is_some_and(|at| (at - part).abs() < 0.1)
            }
        };
        self.point(strip(from));
        self.screen.xdotool(&["mousedown", "1"]);
        self.until("the press on the strip", |_| {}, is_at(from));
        self.point(strip(to));
        self.until("the scrub", |_| {}, is_at(to));
        self.screen.xdotool(&["mouseup", "1"]);
    }

    /// Does something again and again until the trace shows what comes of it.
    fn until(&mut self, what: &str, mut act: impl FnMut(&Self), seen: impl Fn(&[Value]) -> bool) {
        let begin = Instant::now();
        while !seen(&self.instrument.trace()) {
            let end = self.instrument.child.try_wait().expect("it can be asked");
            assert!(end.is_none(), "the instrument ended before {what}: {end:?}");
            assert!(begin.elapsed() < PATIENCE, "{what} was never seen");
            act(self);
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

/// The values of a row's events from one source, in their order.
fn values(trace: &[Value], id: &str, source: &str) -> Vec<f64> {
    let events = trace.iter().flat_map(|line| line["events"].as_array().into_iter().flatten());
    let meant = events.filter(|event| event["id"] == id && event["source"] == source);
    meant.filter_map(|event| event["value"].as_f64()).collect()
}

/// The recording in a folder, once there is one.
fn recording(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path());
    files.into_iter().find(|file| file.extension().is_some_and(|ending| ending == "mkv"))
}

#[test]
#[ignore = "run by dropped_scrubbed_learned_recorded_and_found"]
fn with_a_controller() {
    let _jackd = Process::jackd(&server_name());
    let folder = tempfile::tempdir().expect("a folder");
    let controller = Controller::new("knobs");
    let mut hands = Hands::start(folder.path(), &[], &[demo_clip("toy_rabbit.mp4")]);

    // A file is dropped, and is a clip of the set.
    hands.drop_file(&demo_clip("flower.mp4"));
    let plays = |trace: &[Value]| trace.last().is_some_and(|line| line["clip"] == 2);
    hands.until("the flower", |hands| hands.key("2"), plays);

    // The strip is scrubbed: from a quarter of its width to three quarters of it.
    hands.activate();
    hands.scrub(0.25, 0.75);

    // A knob is learned: the menu of the speed, its first line, and a knob that is turned. (Left alone,
    // the first knob that is ever moved takes the position.)
    hands.point(PREPARE);
    hands.screen.xdotool(&["click", "1"]);
    let learned = |trace: &[Value]| !values(trace, "playhead.speed", "midi").is_empty();
    let mut turn = 0_u8;
    hands.until(
        "the learned knob",
        |hands| {
            if turn.is_multiple_of(8) {
                // Whatever is open closes, and the menu opens anew.
                hands.key("Escape");
                hands.point(SPEED);
                hands.screen.xdotool(&["click", "3"]);
                std::thread::sleep(Duration::from_millis(500));
                hands.point((SPEED.0 + 40, SPEED.1 + 18));
                hands.screen.xdotool(&["click", "1"]);
                std::thread::sleep(Duration::from_millis(500));
            }
            turn += 1;
            // Through the whole range, so that it is picked up wherever the speed stands.
            controller.send(&[&[0xB0, 21, 0], &[0xB0, 21, 64], &[0xB0, 21, 127]]);
        },
        learned,
    );

    // It is recorded, and what was recorded is found.
    hands.key("r");
    let begin = Instant::now();
    while recording(folder.path()).is_none() {
        assert!(begin.elapsed() < PATIENCE, "nothing is recorded");
        std::thread::sleep(Duration::from_millis(50));
    }
    let slots = hands.instrument.trace().len();
    hands.instrument.wait_for("two seconds", |trace| trace.len() > slots + 60);
    hands.key("r");
    let is_over = |trace: &[Value]| values(trace, "recorder.on", "keys").len() >= 2;
    hands.until("the recorder's end", |_| {}, is_over);
    hands.instrument.stop();
    let file = recording(folder.path()).expect("a recording");
    let pictures = picture_count(&file);
    assert!(pictures >= 60, "{} has {pictures} pictures", file.display());
}
