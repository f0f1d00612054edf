//! A show from outside: the real program, steered by OSC, grabs and throws pictures, makes a clip of
//! what it has just shown, and writes its spliced stream to a file.

mod common;

use common::{CANVAS, Instrument, decode, demo_clip, free_port, peer, psnr, residua};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

/// The tests' canvas in pixels.
const WIDTH: usize = 328;
const HEIGHT: usize = 184;

/// A set of both demo clips in a folder of its own, with a library of its own.
fn set(folder: &Path, encoder: &str) -> PathBuf {
    let clip = |name: &str, more: &str| {
        format!("[[clip]]\npath = {:?}\n{more}\n", demo_clip(name).display().to_string())
    };
    let text = format!(
        "canvas = \"{CANVAS}\"\n{}{}",
        clip("toy_rabbit.mp4", "curve = \"0:0 0.5:1 1:0\""),
        clip("flower.mp4", "values = { \"playhead.speed\" = 2.0, \"clip.switch\" = \"heal\" }"),
    );
    let path = folder.join(format!("show-{encoder}.toml"));
    fs::write(&path, text).expect("the set");
    path
}

struct Show {
    instrument: Instrument,
    port: String,
}

impl Show {
    fn start(folder: &Path, set: &Path, encoder: &str, more: &[&str]) -> Self {
        let port = free_port().to_string();
        let mut command = residua();
        command
            .args(["play", "--headless", "--no-midi", "--encoder", encoder, "--library"])
            .arg(folder.join("library"))
            .args(["--osc", &format!("127.0.0.1:{port}")])
            .args(more)
            .arg(set)
            .stdout(Stdio::null());
        Self { instrument: Instrument::start(command), port }
    }

    fn send(&self, address: &str, arguments: &[&str]) {
        let all = [&["127.0.0.1", &self.port, address], arguments].concat();
        peer("oscsend", &all);
    }
}

fn numbers<'a>(trace: &'a [Value], field: &'a str) -> impl Iterator<Item = u64> + 'a {
    trace.iter().filter_map(move |line| line[field].as_u64())
}

#[test]
fn pictures_are_grabbed_thrown_and_kept_and_the_show_becomes_a_clip() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = set(folder.path(), "mpeg4");
    let mut show = Show::start(folder.path(), &set, "mpeg4", &[]);
    show.instrument.wait_for("four seconds", |trace| trace.len() > 130);
    show.send("/grab/3", &[]);
    show.send("/resample/secs", &["f", "4"]);
    show.send("/resample/take", &[]);
    show.send("/throw/3", &[]);
    show.instrument.wait_for("a throw", |trace| numbers(trace, "thrown").next() == Some(3));
    // The third clip is there as soon as it can be entered.
    let trace = show.instrument.wait_for("the new clip", |trace| {
        peer("oscsend", &["127.0.0.1", &show.port, "/clip/select", "i", "3"]);
        numbers(trace, "clip").last() == Some(3)
    });
    assert!(numbers(&trace, "clip").all(|clip| clip == 1 || clip == 3));
    show.instrument.stop();
    // The picture waits for the next show ...
    assert!(set.with_extension("grabs").join("3.m4v").is_file());
    let show = Show::start(folder.path(), &set, "mpeg4", &[]);
    show.send("/throw/3", &[]);
    let mut instrument = show.instrument;
    instrument.wait_for("a throw", |trace| numbers(trace, "thrown").next() == Some(3));
    instrument.stop();
    // ... and so does the clip, of four seconds.
    let mut command = residua();
    command.args(["clips", "list", "--json", "--library"]).arg(folder.path().join("library"));
    let list: Value =
        serde_json::from_slice(&command.output().expect("a list").stdout).expect("JSON");
    let clips = list.as_array().expect("an array");
    let made = clips.iter().find(|clip| clip["name"] == "resample").expect("the new clip");
    assert_eq!(made["pictures"], 120, "{made}");
}

#[test]
fn what_is_fed_while_playing_is_a_file_that_anything_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = set(folder.path(), "libx264");
    let file = folder.path().join("fed.mkv");
    let name = file.display().to_string();
    let mut show = Show::start(folder.path(), &set, "libx264", &["--record-stream", &name]);
    for (count, (address, value)) in
        [("/clip/select", "2"), ("/mosh/drive", "2"), ("/mosh/drive", "1"), ("/clip/select", "1")]
            .into_iter()
            .enumerate()
    {
        show.instrument.wait_for("some slots", |trace| trace.len() > 15 * (count + 1));
        show.send(address, &["i", value]);
    }
    show.send("/grab/1", &[]);
    show.send("/throw/1", &[]);
    let trace =
        show.instrument.wait_for("a throw", |trace| numbers(trace, "thrown").next() == Some(1));
    assert!(numbers(&trace, "clip").any(|clip| clip == 2));
    show.instrument.stop();
    let fed: u64 = numbers(&show.instrument.trace(), "units").sum();
    let complaints = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-err_detect", "explode", "-i", &name])
        // A drive puts pictures between slots: ffmpeg's own output must count time finely enough.
        .args(["-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"])
        .output()
        .expect("ffmpeg");
    assert_eq!(String::from_utf8_lossy(&complaints.stderr), "");
    assert_eq!(decode(&file, WIDTH, HEIGHT).len() as u64, fed);
}

#[test]
fn a_still_from_outside_fills_a_slot() {
    let folder = tempfile::tempdir().expect("a folder");
    let still = folder.path().join("face.png");
    let (source, target) = (demo_clip("flower.jpg"), still.display().to_string());
    peer("ffmpeg", &["-v", "error", "-i", &source.display().to_string(), &target]);
    let set = set(folder.path(), "mpeg4");
    let recording = folder.path().join("show.mkv");
    let (grab, record) = (format!("2={target}"), recording.display().to_string());
    let more = ["--grab", grab.as_str(), "--record", record.as_str()];
    let mut show = Show::start(folder.path(), &set, "mpeg4", &more);
    show.instrument.wait_for("a second", |trace| trace.len() > 30);
    show.send("/throw/2", &[]);
    let trace = show.instrument.wait_for("a throw and what follows", |trace| {
        trace.iter().rev().skip(10).any(|line| line["thrown"] == 2)
    });
    show.instrument.stop();
    let slot = trace.iter().position(|line| line["thrown"] == 2).expect("the slot");
    // What the audience saw is the still, as ffmpeg crops and scales it.
    let scaled = folder.path().join("scaled.mkv");
    let filter = format!("scale={WIDTH}:-1:flags=bicubic,crop={WIDTH}:{HEIGHT}");
    let wide = ["-vf", &filter, "-pix_fmt", "yuv420p", "-c:v", "ffv1"];
    let scaled_name = scaled.display().to_string();
    peer("ffmpeg", &[&["-v", "error", "-i", &target], &wide[..], &[&scaled_name]].concat());
    let shown = decode(&recording, WIDTH, HEIGHT);
    let still = &decode(&scaled, WIDTH, HEIGHT)[0];
    let level = psnr(&shown[slot], still, WIDTH * HEIGHT);
    assert!(level > 24.0, "{level} dB from the still");
    let before = psnr(&shown[slot - 2], still, WIDTH * HEIGHT);
    assert!(before < level - 6.0, "{before} dB before it was thrown");
}
