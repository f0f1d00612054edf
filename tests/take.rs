//! A performance is recorded as a take and rendered again: the same pictures come out.

mod common;

use common::{Instrument, free_port, library, picture_count, residua, scene, succeed, trace};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};
use tempfile::TempDir;

const CLIPS: [&str; 2] = ["toy_rabbit.mp4", "flower.mp4"];

/// Sends a message with the real thing.
fn oscsend(port: u16, words: &[&str]) {
    let status = Command::new("oscsend")
        .args(["127.0.0.1", &port.to_string()])
        .args(words)
        .status()
        .expect("oscsend (liblo-tools) is installed");
    assert!(status.success());
}

/// Stops the instrument for a while, as a machine under load does.
fn stall(instrument: &Instrument, millis: u64) {
    let id = instrument.child.id().to_string();
    common::peer("kill", &["-STOP", &id]);
    thread::sleep(Duration::from_millis(millis));
    common::peer("kill", &["-CONT", &id]);
}

/// A performance with a take, under way.
struct Performance {
    instrument: Instrument,
    port: u16,
    folder: TempDir,
}

impl Performance {
    fn start(more: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let port = free_port();
        let mut command = scene("play", &CLIPS);
        command
            .current_dir(folder.path())
            .args(["--trace-hash", "--seed", "7", "--osc", &format!("127.0.0.1:{port}")])
            .args(["--record-take", "show.take"])
            .args(more);
        Self { instrument: Instrument::start(command), port, folder }
    }

    fn send(&self, words: &[&str]) {
        oscsend(self.port, words);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Plays so many slots more.
    fn play(&mut self, slots: usize) {
        let wanted = self.instrument.trace().len() + slots;
        self.instrument.wait_for("more slots", |trace| trace.len() >= wanted);
    }
}

/// Renders a take; returns its trace and the file.
fn render(take: &Path, more: &[&str]) -> (Vec<Value>, PathBuf) {
    let folder = take.parent().expect("a folder");
    let (lines, out) = (folder.join("render.jsonl"), folder.join("render.mkv"));
    let _ = fs::remove_file(&out);
    let mut command = residua();
    command.args(["render", "--take"]).arg(take).arg("--library").arg(library());
    command.arg("--trace").arg(&lines).arg("--trace-hash").arg("-o").arg(&out).args(more);
    succeed(&mut command);
    (trace(&lines), out)
}

/// What the audience saw in each slot, and whether it was late.
fn seen(trace: &[Value]) -> Vec<(u64, bool, String)> {
    let line = |line: &Value| {
        let slot = line["tick"].as_u64().expect("a slot");
        let late = line["late"].as_bool().expect("late or not");
        (slot, late, line["frame_hash"].as_str().unwrap_or("none").to_owned())
    };
    trace.iter().map(line).collect()
}

#[test]
fn a_take_renders_the_pictures_of_the_performance_held_slots_included() {
    let mut show = Performance::start(&["--set", "decay.noise_amplitude=0.1"]);
    show.send(&["/decay/dct_amount", "f", "0.4"]);
    show.send(&["/decay/feedback", "f", "0.6"]);
    show.play(10);
    show.send(&["/clip/select", "i", "2"]);
    show.send(&["/mix/clean", "f", "0.3"]);
    stall(&show.instrument, 250);
    show.play(10);
    // A picture of the programme, which live is some slots old, thrown in as soon as it is coded.
    show.send(&["/grab/source", "s", "programme"]);
    show.send(&["/grab/1"]);
    show.play(12);
    show.send(&["/throw/1"]);
    show.send(&["/mosh/drive", "i", "3"]);
    stall(&show.instrument, 200);
    show.play(10);
    show.send(&["/mosh/melt", "T"]);
    show.send(&["/cue/3/go"]);
    show.play(10);
    show.send(&["/panic"]);
    show.send(&["/decay/codec_amount", "f", "0.5"]);
    show.play(10);
    show.instrument.stop();
    let live = seen(&show.instrument.trace());
    let take = show.path("show.take");
    let text = fs::read_to_string(&take).expect("a take");
    let (render, file) = render(&take, &[]);
    let rendered = seen(&render);
    assert_eq!(live.len(), rendered.len());
    let codec = text.lines().find_map(|line| line.strip_suffix(" !codec-late"));
    let end: usize = codec.map_or(live.len(), |slot| slot.parse().expect("a slot"));
    for (live, rendered) in live.iter().zip(&rendered).take(end) {
        assert_eq!(live, rendered, "{text}");
    }
    let hashes: std::collections::HashSet<_> = live.iter().map(|(.., hash)| hash).collect();
    assert!(hashes.len() > live.len() / 3, "{} pictures of {} slots", hashes.len(), live.len());
    let late = live.iter().filter(|(_, late, _)| *late).count();
    assert!(late >= 8, "{late} late slots of {}", live.len());
    assert_eq!(picture_count(&file), live.len());
    for word in ["!grab 1 filled", "!grab-of ", "throw.1 fire osc", "!late"] {
        assert!(text.contains(word), "{word} is not in {text}");
    }

    // Steady: each picture once, in the same order.
    let (steady, file) = self::render(&take, &["--steady"]);
    let shown: Vec<_> = live.iter().filter(|(_, late, _)| !late).map(|(slot, ..)| *slot).collect();
    let steady: Vec<_> = seen(&steady).iter().map(|(slot, late, _)| (*slot, *late)).collect();
    assert_eq!(steady, shown.iter().map(|slot| (*slot, false)).collect::<Vec<_>>());
    assert_eq!(picture_count(&file), shown.len());
}
