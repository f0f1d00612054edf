//! The instrument plays real clips: what comes out, seen by ffmpeg and in the trace.

mod common;

use common::{
    CANVAS, Instrument, decode, demo_clip, free_port, library, luma_mean, peer, picture_count,
    psnr, scene, succeed, trace,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const WIDTH: usize = 328;
const HEIGHT: usize = 184;

/// Imports a demo clip and returns its folder.
fn clip_folder(name: &str, encoder: &str) -> PathBuf {
    let mut command = common::residua();
    command.args(["import", "--canvas", CANVAS, "--encoder", encoder, "--library"]).arg(library());
    let output = succeed(command.arg(demo_clip(name)));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    PathBuf::from(text.lines().next().expect("the folder comes first"))
}

fn forward_stream(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).expect("the clip folder").flatten();
    let is_forward = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "forward");
    files.find_map(|file| Some(file.path()).filter(is_forward)).expect("a forward stream")
}

fn hashes(trace: &[Value]) -> Vec<&str> {
    trace.iter().map(|line| line["frame_hash"].as_str().expect("a hash in every slot")).collect()
}

/// Renders straight play from the start, with hashes; returns the trace.
fn render(folder: &TempDir, clips: &[PathBuf], extra: &[&str]) -> Vec<Value> {
    let file = folder.path().join("trace.jsonl");
    let mut command = scene("render", &[]);
    command.args(clips).args(["--superframes", "8", "--set", "playhead.mode=speed"]);
    command.args(extra).args(["--trace-hash", "--trace"]).arg(&file).arg("-o");
    succeed(command.arg(folder.path().join("out.mkv")));
    trace(&file)
}

#[test]
fn straight_play_is_the_clean_decode_bit_for_bit() {
    for encoder in ["libx264", "mpeg4"] {
        let folder = TempDir::new().expect("a folder");
        let clip = clip_folder("toy_rabbit.mp4", encoder);
        let clean = decode(&forward_stream(&clip), WIDTH, HEIGHT);
        let trace = render(&folder, &[clip], &[]);
        assert_eq!(trace.len(), 48);
        for (slot, hash) in hashes(&trace).into_iter().enumerate() {
            let wanted = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&clean[slot]));
            assert_eq!(hash, wanted, "{encoder}, slot {slot}");
        }
    }
}

#[test]
fn two_renders_are_equal_and_another_seed_is_not() {
    let clips = [clip_folder("flower.mp4", "mpeg4"), clip_folder("toy_rabbit.mp4", "mpeg4")];
    let worn = [
        "--set",
        "playhead.mode=function",
        "--set",
        "decay.feedback=0.9",
        "--set",
        "decay.noise_amplitude=6",
        "--set",
        "decay.shift_px=3",
        "--set",
        "decay.dct_amount=0.5",
    ];
    let runs: Vec<Vec<Value>> = ["0", "0", "1"]
        .iter()
        .map(|seed| {
            let folder = TempDir::new().expect("a folder");
            render(&folder, &clips, &[&worn[..], &["--seed", seed]].concat())
        })
        .collect();
    assert_eq!(hashes(&runs[0]), hashes(&runs[1]));
    assert_ne!(hashes(&runs[0]), hashes(&runs[2]));
    assert!(runs[0].last().is_some_and(|line| line["generation"].as_u64() > Some(20)));
}

#[test]
fn a_heal_shows_the_clean_picture_within_35_db() {
    let port = free_port().to_string();
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("heal.mkv");
    let mut command = scene("play", &[]);
    command.arg(clip_folder("flower.mp4", "mpeg4")).arg(clip_folder("toy_rabbit.mp4", "mpeg4"));
    command.args(["--osc", &format!("127.0.0.1:{port}"), "--record"]).arg(&file);
    let mut instrument = Instrument::start(command);
    let send = |words: &[&str]| peer("oscsend", &[&["127.0.0.1", &port], words].concat());
    let clean = decode(&forward_stream(&clip_folder("toy_rabbit.mp4", "mpeg4")), WIDTH, HEIGHT);
    send(&["/clip/select", "i", "2"]);
    instrument.wait_for("the other clip", |trace| {
        trace
            .last()
            .is_some_and(|line| line["clip"] == 2 && line["access_unit"].as_u64() > Some(30))
    });
    send(&["/heal/all"]);
    let healed = |trace: &[Value]| trace.iter().skip(10).rposition(|line| line["healed"] == true);
    instrument.wait_for("ten pictures after the heal", |trace| {
        healed(trace).is_some_and(|at| trace.len() > at + 10 + 14)
    });
    instrument.stop();
    let trace = instrument.trace();
    let recorded = decode(&file, WIDTH, HEIGHT);
    let at = healed(&trace).expect("a heal") + 10;
    let level = |slot: usize| {
        let unit = trace[slot]["access_unit"].as_u64().expect("a unit") as usize;
        psnr(&recorded[slot], &clean[unit], WIDTH * HEIGHT)
    };
    assert!(level(at - 2) < 25.0, "before the heal the picture was moshed: {} dB", level(at - 2));
    for slot in (at..at + 11).filter(|slot| trace[*slot]["late"] == false) {
        // The recording is coded once more, which costs some of the decibels.
        assert!(level(slot) > 32.0, "{} dB {} slots after the heal", level(slot), slot - at);
    }
}

#[test]
fn osc_moves_playhead_decay_and_level_of_a_running_instrument() {
    let port = free_port().to_string();
    let recording = TempDir::new().expect("a folder");
    let file = recording.path().join("show.mkv");
    let mut command = scene("play", &["toy_rabbit.mp4"]);
    command.args(["--osc", &format!("127.0.0.1:{port}"), "--record"]).arg(&file);
    let mut instrument = Instrument::start(command);
    let send = |words: &[&str]| peer("oscsend", &[&["127.0.0.1", &port], words].concat());

    send(&["/playhead/mode", "s", "manual"]);
    send(&["/playhead/position", "f", "0.75"]);
    instrument.wait_for("the new position", |trace| {
        trace.iter().any(|line| (line["position"].as_f64().unwrap_or(0.0) - 0.75).abs() < 0.01)
    });
    send(&["/decay/feedback", "f", "0.9"]);
    send(&["/normalised/decay/dct_amount", "f", "0.5"]);
    instrument.wait_for("generations", |trace| {
        trace.last().is_some_and(|line| line["generation"].as_u64() > Some(5))
    });
    send(&["/programme/blackout_secs", "f", "0"]);
    send(&["/programme/blackout", "T"]);
    let blackout = |trace: &[Value]| {
        trace.iter().position(|line| {
            let events = line["events"].as_array().expect("events");
            events.iter().any(|event| event["id"] == "programme.blackout")
        })
    };
    instrument
        .wait_for("the blackout", |trace| blackout(trace).is_some_and(|at| trace.len() > at + 20));
    instrument.stop();

    let trace = instrument.trace();
    let at = blackout(&trace).expect("the blackout");
    let pictures = decode(&file, WIDTH, HEIGHT);
    assert_eq!(pictures.len(), trace.len(), "one picture per slot");
    assert!(luma_mean(&pictures[at - 1], WIDTH, HEIGHT) > 40.0);
    // The event is in the picture of the very tick that it entered.
    assert!(luma_mean(&pictures[at], WIDTH, HEIGHT) < 18.0);
    let ticks: Vec<u64> = trace.iter().filter_map(|line| line["tick"].as_u64()).collect();
    assert_eq!(ticks, (0..ticks.len() as u64).collect::<Vec<_>>(), "every slot has its line");
}

#[test]
fn headless_play_ends_by_itself_and_records_every_slot() {
    let folder = TempDir::new().expect("a folder");
    for container in ["mkv", "mp4"] {
        let file = folder.path().join(format!("out.{container}"));
        let mut command = scene("play", &["toy_rabbit.mp4"]);
        succeed(command.args(["--duration", "1.5s", "--record"]).arg(&file));
        assert_eq!(picture_count(&file), 45);
    }
    // The file is there: it is not written over, the next one has a number.
    let mut command = scene("play", &["toy_rabbit.mp4"]);
    succeed(command.args(["--duration", "0.2s", "--record"]).arg(folder.path().join("out.mkv")));
    assert_eq!(picture_count(&folder.path().join("out.mkv")), 45);
    assert_eq!(picture_count(&folder.path().join("out-1.mkv")), 6);
}

#[test]
fn a_canvas_of_any_even_size_is_recorded_as_it_is() {
    let folder = TempDir::new().expect("a folder");
    for (canvas, width, height) in [("426x240@30", 426, 240), ("90x162@25", 90, 162)] {
        let file = folder.path().join(format!("{width}.mkv"));
        let mut command = common::residua();
        command.args(["play", "--headless", "--no-midi", "--canvas", canvas, "--library"]);
        command.arg(library()).arg(demo_clip("flower.mp4"));
        succeed(command.args(["--duration", "1s", "--record"]).arg(&file));
        let pictures = decode(&file, width, height);
        assert!(pictures.len() >= 25);
        let source = decode_scaled(&demo_clip("flower.mp4"), width, height);
        let level = psnr(&pictures[0], &source, width * height);
        assert!(level > 25.0, "{canvas}: {level} dB");
    }
}

/// The first picture of a file, cropped and scaled by ffmpeg.
fn decode_scaled(file: &Path, width: usize, height: usize) -> Vec<u8> {
    let filter = format!(
        "scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height}"
    );
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-vf", &filter, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"])
        .output()
        .expect("ffmpeg is needed for the tests");
    output.stdout
}

#[test]
fn a_recording_survives_kill_9_up_to_its_last_second() {
    for container in ["mkv", "mp4"] {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join(format!("killed.{container}"));
        let mut command = scene("play", &["toy_rabbit.mp4"]);
        command.arg("--record").arg(&file);
        let mut instrument = Instrument::start(command);
        let slots = instrument.wait_for("four seconds", |trace| trace.len() >= 120).len();
        instrument.child.kill().expect("SIGKILL");
        let _ = instrument.child.wait();
        let pictures = picture_count(&file);
        assert!(pictures + 30 >= slots, "{container}: {pictures} of {slots} pictures survived");
    }
}

#[test]
fn panic_heals_and_leaves_the_clip_alone() {
    let port = free_port().to_string();
    let mut command = scene("play", &["flower.mp4", "toy_rabbit.mp4"]);
    command.args(["--osc", &format!("127.0.0.1:{port}"), "--set", "clip.select=2", "--set"]);
    command.args(["decay.feedback=0.8", "--set", "decay.dct_amount=0.5"]);
    let mut instrument = Instrument::start(command);
    instrument.wait_for("wear", |trace| {
        trace.last().is_some_and(|line| line["generation"].as_u64() > Some(10))
    });
    peer("oscsend", &["127.0.0.1", &port, "/panic"]);
    let trace = instrument.wait_for("the panic", |trace| {
        trace.last().is_some_and(|line| line["generation"].as_u64() == Some(0))
    });
    let last = trace.last().expect("a line");
    assert_eq!(last["clip"], 2);
    peer("oscsend", &["127.0.0.1", &port, "/panic/undo"]);
    instrument.wait_for("wear again", |trace| {
        trace.last().is_some_and(|line| line["generation"].as_u64() > Some(10))
    });
}
