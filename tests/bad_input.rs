//! Bad input: one clear line, exit code 1 (2 for wrong usage), nothing half-written, no panic.

mod common;

use common::{CANVAS, demo_clip, fail, library, peer, residua, scene, succeed};
use std::process::Stdio;
use std::{fs, net::UdpSocket, path::Path, process::Command};
use tempfile::TempDir;

fn import(source: &Path, library: &Path) -> Command {
    let mut command = residua();
    command.args(["import", "--canvas", CANVAS, "--library"]).arg(library).arg(source);
    command
}

/// Imports what cannot be imported: the line names the file and every one of `words`, and the
/// library stays empty.
fn refuse(source: &Path, words: &[&str]) {
    let library = TempDir::new().expect("a folder");
    let line = fail(&mut import(source, library.path()), 1);
    let name = source.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(line.contains(&name), "{line}");
    for word in words {
        assert!(line.contains(word), "'{word}' is missing: {line}");
    }
    let left: Vec<_> = fs::read_dir(library.path()).expect("the library").flatten().collect();
    assert!(left.is_empty(), "half-written: {left:?}");
}

#[test]
fn a_trace_replaces_traces_only() {
    let folder = TempDir::new().expect("a folder");
    let mine = folder.path().join("mine.txt");
    fs::write(&mine, "mine").expect("written");
    let render = |trace: &Path, out: &str| {
        let mut render = residua();
        render.args(["render", "--canvas", CANVAS, "--superframes", "1", "--library"]);
        render.arg(library()).arg("--trace").arg(trace);
        render.arg("-o").arg(folder.path().join(out)).arg(demo_clip("flower.mp4"));
        render
    };
    let line = fail(&mut render(&mine, "a.mkv"), 1);
    assert!(line.contains("no trace"), "{line}");
    assert_eq!(fs::read_to_string(&mine).expect("it is there"), "mine");
    let trace = folder.path().join("trace.jsonl");
    succeed(&mut render(&trace, "b.mkv"));
    let lines = || fs::read_to_string(&trace).expect("a trace").lines().count();
    let first = lines();
    assert!(first > 0);
    succeed(&mut render(&trace, "c.mkv"));
    assert_eq!(lines(), first, "replaced, not added to");
}

#[test]
fn sources_that_are_none() {
    let folder = TempDir::new().expect("a folder");
    refuse(&folder.path().join("missing.mp4"), &[]);
    let text = folder.path().join("text.mp4");
    fs::write(&text, "This is no video.\n".repeat(200)).expect("written");
    refuse(&text, &[]);
    let empty = folder.path().join("empty.mp4");
    fs::write(&empty, "").expect("written");
    refuse(&empty, &[]);
    let notes = folder.path().join("notes");
    fs::create_dir(&notes).expect("a folder");
    fs::write(notes.join("a.txt"), "no picture").expect("written");
    refuse(&notes, &["no pictures are in it"]);
    let sound = folder.path().join("sound.wav");
    peer("ffmpeg", &["-v", "error", "-f", "lavfi", "-i", "sine=d=1", &sound.display().to_string()]);
    refuse(&sound, &["no picture"]);
    // An MP4 whose header stands at the end, cut before it.
    let whole = folder.path().join("whole.mp4");
    peer(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-i",
            &demo_clip("flower.mp4").display().to_string(),
            "-c",
            "copy",
            "-an",
            &whole.display().to_string(),
        ],
    );
    let bytes = fs::read(&whole).expect("readable");
    let headless = folder.path().join("headless.mp4");
    fs::write(&headless, &bytes[..bytes.len() / 2]).expect("written");
    refuse(&headless, &[]);
}

#[test]
fn a_truncated_video_with_a_header_is_imported_as_far_as_it_goes() {
    let folder = TempDir::new().expect("a folder");
    let whole = folder.path().join("whole.mp4");
    peer(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-i",
            &demo_clip("toy_rabbit.mp4").display().to_string(),
            "-c",
            "copy",
            "-an",
            "-movflags",
            "+faststart",
            &whole.display().to_string(),
        ],
    );
    let bytes = fs::read(&whole).expect("readable");
    let cut = folder.path().join("cut.mp4");
    fs::write(&cut, &bytes[..bytes.len() / 2]).expect("written");
    let output = succeed(&mut import(&cut, &folder.path().join("library")));
    let warning = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(warning.contains("cut.mp4"), "a warning was wanted: {warning}");
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in [
        &["play", "--canvas", "12by12"][..],
        &["fly"],
        &["render", "a.mp4"],
        &["play", "--duration", "soon"],
    ] {
        let output = residua().args(arguments).output().expect("starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn parameters_presets_and_sets() {
    let folder = TempDir::new().expect("a folder");
    let line = fail(scene("play", &["flower.mp4"]).args(["--set", "decay.feedbak=1"]), 1);
    assert!(line.contains("decay.feedbak"), "{line}");
    let line = fail(scene("play", &["flower.mp4"]).args(["--set", "decay.feedback=2"]), 1);
    assert!(line.contains("0..=1"), "{line}");
    let line = fail(scene("play", &["flower.mp4"]).args(["--set", "clip.select=2"]), 1);
    assert!(line.contains("no clip 2"), "{line}");
    let line = fail(scene("play", &["flower.mp4"]).args(["--set", "heal.all=1"]), 1);
    assert!(line.contains("trigger"), "{line}");
    let preset = folder.path().join("look.toml");
    fs::write(&preset, "[values]\n\"clip.select\" = 2\n").expect("written");
    let line = fail(scene("play", &["flower.mp4"]).arg("--preset").arg(&preset), 1);
    assert!(line.contains("clip.select") && line.contains("looks only"), "{line}");
    let set = folder.path().join("set.toml");
    fs::write(&set, "[[mapping]]\nkind = \"cc\"\nnumber = 1\nparam = \"decay.nose\"\n")
        .expect("written");
    let line = fail(scene("play", &[]).arg(&set), 1);
    assert!(line.contains("set.toml") && line.contains("decay.nose"), "{line}");
    fs::write(&set, "[[clip]\npath = 3\n").expect("written");
    let line = fail(scene("play", &[]).arg(&set), 1);
    assert!(line.contains("set.toml") && line.contains("line 1"), "{line}");
}

#[test]
fn ports_outputs_and_displays() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("an address").to_string();
    let line =
        fail(scene("play", &["flower.mp4"]).args(["--duration", "1s", "--osc", &address]), 1);
    assert!(line.contains(&address), "{line}");
    let nowhere = "/proc/residua/out.mkv";
    let line =
        fail(scene("play", &["flower.mp4"]).args(["--duration", "1s", "--record", nowhere]), 1);
    assert!(line.contains(nowhere), "{line}");
    let line =
        fail(scene("render", &["flower.mp4"]).args(["--superframes", "2", "-o", nowhere]), 1);
    assert!(line.contains(nowhere), "{line}");
    let line =
        fail(scene("render", &["flower.mp4"]).args(["--superframes", "2", "-o", "out.gif"]), 1);
    assert!(line.contains("mkv") && line.contains("mp4"), "{line}");
    let line = fail(scene("play", &["flower.mp4"]).args(["--trace", "/proc/residua/t"]), 1);
    assert!(line.contains("/proc/residua/t"), "{line}");
    let mut command = residua();
    command
        .args(["play", "--canvas", CANVAS, "--library"])
        .arg(library())
        .arg(demo_clip("flower.mp4"));
    let line = fail(&mut command, 1);
    assert!(line.contains("--headless"), "{line}");
}

#[test]
fn no_adapter_and_no_plug_in() {
    // A Vulkan loader without drivers, and GStreamer without plug-ins.
    let empty = TempDir::new().expect("a folder");
    let mut command = scene("play", &["flower.mp4"]);
    command.env("VK_DRIVER_FILES", "/nonexistent").env("VK_ICD_FILENAMES", "/nonexistent");
    command.env("WGPU_BACKEND", "vulkan").args(["--duration", "1s"]);
    let line = fail(&mut command, 1);
    assert!(line.contains("mesa-vulkan-drivers"), "{line}");
    let mut command = scene("play", &["flower.mp4"]);
    command.env("GST_PLUGIN_SYSTEM_PATH_1_0", empty.path());
    command.env("GST_REGISTRY_1_0", empty.path().join("registry")).args(["--duration", "1s"]);
    let line = fail(&mut command, 1);
    assert!(line.contains("gstreamer1.0-"), "{line}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["devices"][..], &["params"], &["clips", "list"]] {
        let mut command = residua();
        command.args(arguments);
        if arguments[0] == "clips" {
            command.arg("--library").arg(folder.path());
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        // The pipe's other end is closed before anything is written.
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !said.contains("panicked"), "{arguments:?}: {said}");
    }
}
