//! The rehearsal: what is wrong is found, and said with what to do.

mod common;

use common::{demo_clip, free_port, residua, succeed};
use serde_json::Value;
use std::{fs, net::UdpSocket, path::Path, process::Command};
use tempfile::TempDir;

/// A library and a set of the demo's flower beside it.
struct Show {
    folder: TempDir,
}

impl Show {
    fn new(set: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::copy(demo_clip("flower.mp4"), folder.path().join("flower.mp4")).expect("copied");
        fs::write(folder.path().join("set.toml"), set).expect("written");
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A check without the timing, which depends on what else the machine does.
    fn check(&self, arguments: &[&str]) -> Command {
        let mut command = residua();
        command.args(["check", "--json", "--seconds", "0"]).args(arguments).arg("--library");
        command.arg(self.path().join("library")).arg(self.path().join("set.toml"));
        command.current_dir(self.path());
        command
    }
}

/// Runs a check, which must end with this exit code; returns what it found.
fn found(command: &mut Command, code: i32) -> Value {
    let output = command.output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}{text}");
    let report: Value = serde_json::from_str(&text).expect("an object");
    let problems = items(&report, "problem").len();
    assert_eq!(report["problems"], problems);
    assert_eq!(problems > 0, code == 1);
    report
}

/// Area and text of what has this verdict.
fn items<'a>(report: &'a Value, verdict: &str) -> Vec<(&'a str, &'a str)> {
    let text = |item: &'a Value, key: &str| item[key].as_str().expect("a text");
    let all = report["items"].as_array().expect("items").iter();
    all.filter(|item| item["verdict"] == verdict)
        .map(|item| (text(item, "area"), text(item, "text")))
        .collect()
}

fn has(report: &Value, verdict: &str, area: &str, words: &str) {
    let found = items(report, verdict);
    let is_there = found.iter().any(|(at, text)| *at == area && text.contains(words));
    assert!(is_there, "no {verdict} of {area} with '{words}': {report:#}");
}

const SET: &str = "canvas = \"64x48@30\"\n[[clip]]\npath = \"flower.mp4\"\n";

#[test]
fn a_set_that_can_be_played_has_no_problem() {
    let show = Show::new(SET);
    let report = found(&mut show.check(&["--headless"]), 0);
    assert!(report["timing"].is_null());
    has(&report, "ok", "set", "1 clips at 64x48@30");
    has(&report, "ok", "clips", "1 flower");
    has(&report, "ok", "plug-ins", "");
    has(&report, "ok", "displays", "none needed");
    // Without a display, and without --headless, somebody should know.
    let report = found(&mut show.check(&[]), 0);
    has(&report, "warning", "displays", "--headless");
    // Nothing is left where it would be recorded.
    let mut left: Vec<_> =
        fs::read_dir(show.path()).expect("a folder").flatten().map(|f| f.file_name()).collect();
    left.sort();
    assert_eq!(left, ["flower.mp4", "library", "set.toml"]);
}

#[test]
fn clips_that_cannot_be_played_are_problems() {
    let show = Show::new(&format!("{SET}[[clip]]\npath = \"missing.mp4\"\n"));
    let report = found(&mut show.check(&["--headless"]), 1);
    has(&report, "ok", "clips", "1 flower");
    has(&report, "problem", "clips", "missing.mp4");

    fs::write(show.path().join("set.toml"), SET).expect("written");
    let library = fs::read_dir(show.path().join("library")).expect("the library");
    let clip = library.flatten().next().expect("a clip").path();
    let file = clip.join("forward.m4v");
    let mut bytes = fs::read(&file).expect("readable");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(&file, bytes).expect("written");
    let report = found(&mut show.check(&["--headless"]), 1);
    has(&report, "problem", "clips", "checksum");
    has(&report, "problem", "clips", "verify --repair");

    fs::write(show.path().join("set.toml"), "[[clip]\n").expect("written");
    let report = found(&mut show.check(&["--headless"]), 1);
    has(&report, "problem", "set", "set.toml");
}

#[test]
fn clips_of_another_coding_cannot_share_a_stream() {
    let show = Show::new(SET);
    let mut import = residua();
    import.args(["import", "--canvas", "64x48@30", "--encoder", "libx264", "--library"]);
    let output = succeed(import.arg(show.path().join("other")).arg(show.path().join("flower.mp4")));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let folder = said.lines().next().expect("a folder");
    let set = format!("{SET}[[clip]]\npath = \"{folder}\"\n");
    fs::write(show.path().join("set.toml"), set).expect("written");
    let report = found(&mut show.check(&["--headless"]), 0);
    has(&report, "warning", "clips", "cannot share a stream with clip 1");
}

#[test]
fn ports_displays_and_disks_that_are_not_there() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let taken = socket.local_addr().expect("an address");
    let mapping = "[[mapping]]\ndevice = \"Moonlander 7\"\nkind = \"cc\"\nnumber = 1\n\
                   param = \"decay.feedback\"\n";
    let show = Show::new(&format!("osc = \"{taken}\"\n{SET}{mapping}"));
    let arguments = ["--display", "nowhere", "--record", "/proc/residua/out.mkv"];
    let report = found(&mut show.check(&arguments), 1);
    has(&report, "problem", "OSC", &taken.to_string());
    has(&report, "warning", "MIDI", "Moonlander 7");
    has(&report, "problem", "displays", "nowhere");
    has(&report, "problem", "disk", "/proc/residua");
    let free = format!("127.0.0.1:{}", free_port());
    let report = found(&mut show.check(&["--headless", "--osc", &free]), 0);
    has(&report, "ok", "OSC", &free);
    has(&report, "ok", "MIDI", "");
}

#[test]
fn what_is_missing_on_the_machine_is_a_problem() {
    let show = Show::new(SET);
    let mut command = show.check(&["--headless"]);
    command.env("VK_DRIVER_FILES", "/nonexistent").env("VK_ICD_FILENAMES", "/nonexistent");
    let report = found(command.env("WGPU_BACKEND", "vulkan"), 1);
    has(&report, "problem", "adapter", "mesa-vulkan-drivers");
    let mut command = show.check(&["--headless"]);
    command.env("GST_PLUGIN_SYSTEM_PATH_1_0", show.path());
    let report = found(command.env("GST_REGISTRY_1_0", show.path().join("registry")), 1);
    has(&report, "problem", "plug-ins", "gstreamer1.0-");
}

#[test]
fn the_timing_is_measured() {
    let show = Show::new(SET);
    let mut command = residua();
    command.args(["check", "--json", "--headless", "--seconds", "2", "--library"]);
    command.arg(show.path().join("library")).arg(show.path().join("set.toml"));
    // How many slots are late depends on what else the machine does, so the verdict is open.
    let output = command.current_dir(show.path()).output().expect("starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("an object");
    let timing = &report["timing"];
    let number = |value: &Value| value.as_f64().expect("a number");
    // Two seconds at 30 slots per second.
    assert_eq!(timing["slots"], 60);
    assert!((number(&timing["slot_millis"]) - 33.333).abs() < 0.01);
    for part in ["decode", "gpu"] {
        let (p50, p99) = (number(&timing[part]["p50_millis"]), number(&timing[part]["p99_millis"]));
        assert!(0.0 < p50 && p50 <= p99, "{part}: {p50} and {p99}");
    }
    let p99 = |part: &str| number(&timing[part]["p99_millis"]);
    let slack = number(&timing["slot_millis"]) - p99("decode") - p99("gpu");
    assert!((number(&timing["slack_millis"]) - slack).abs() < 1e-9);
    let verdict = |share: f64| share > 0.1;
    let late = number(&timing["late"]) / 60.0;
    assert_eq!(output.status.code(), Some(i32::from(verdict(late))), "{report:#}");
    // In words it is one line per item.
    let mut command = residua();
    command.args(["check", "--headless", "--seconds", "0", "--library"]);
    command.arg(show.path().join("library")).arg(show.path().join("set.toml"));
    let output = succeed(command.current_dir(show.path()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_item = |line: &str| ["ok ", "warning ", "problem "].iter().any(|w| line.starts_with(w));
    assert!(text.lines().count() >= 8 && text.lines().all(is_item), "{text}");
}

#[test]
fn pictures_for_throwing_are_looked_at() {
    let grabs = "grabs = { 1 = \"face.jpg\", 2 = \"gone.png\" }\n";
    let show = Show::new(&format!("{grabs}{SET}"));
    fs::copy(demo_clip("flower.jpg"), show.path().join("face.jpg")).expect("copied");
    let kept = show.path().join("set.grabs");
    fs::create_dir(&kept).expect("a folder");
    fs::write(kept.join("5.m4v"), "nothing of the kind").expect("written");
    let report = found(&mut show.check(&["--headless"]), 1);
    has(&report, "problem", "slots", "gone.png");
    has(&report, "warning", "slots", "5 is empty");
    has(&report, "ok", "slots", "1 pictures");
    // On stage the slot stays empty, and the set plays.
    let mut play = residua();
    play.args(["play", "--headless", "--no-midi", "--duration", "300ms", "--library"]);
    play.arg(show.path().join("library")).arg(show.path().join("set.toml"));
    let said = succeed(&mut play);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("slot 2: ") && said.contains("gone.png"), "{said}");
}

#[test]
fn what_the_command_line_asks_for_is_looked_at() {
    let show = Show::new(SET);
    let asked = ["--preset", "gone.toml", "--set", "decay.feedback=7", "--positions", "none.txt"];
    let report = found(&mut show.check(&[&["--headless"], &asked[..]].concat()), 1);
    for word in ["gone.toml", "decay.feedback", "none.txt"] {
        has(&report, "problem", "values", word);
    }
    assert_eq!(items(&report, "problem").len(), 3);
}
