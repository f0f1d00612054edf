//! Disks that fill up: a recording ends properly and the show goes on; what cannot be written is
//! refused in one clear line, and nothing is left of it.
//!
//! Each disk is a small tmpfs in a mount namespace of its own, reached through the process that
//! holds it, so no rights are needed but unprivileged user namespaces (or root). Where neither is to
//! be had these tests fail; `RESIDUA_NO_MOUNT=1` leaves them out.

mod common;

use common::{
    CANVAS, Instrument, demo_clip, fail, peer, picture_count, residua, scene, succeed, trace,
};
use residua::{
    bitstream::Splicer,
    clip::Clip,
    media::StreamFile,
    ports::{Notices, SplicedUnit, StreamSink},
    units::{AccessUnitIndex, FrameRate},
};
use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What the recorder keeps free.
const RESERVE_MIB: usize = 256;

/// A disk of its own, gone with this value.
struct Disk {
    holder: Child,
    /// Its root, as seen from outside.
    path: PathBuf,
    _mount_point: TempDir,
}

impl Disk {
    /// A disk of `size`, as `mount -o size=` has it; none where the environment forbids mounting
    /// and the caller has said so.
    fn new(size: &str) -> Option<Self> {
        if env::var_os("RESIDUA_NO_MOUNT").is_some_and(|value| value == "1") {
            eprintln!("RESIDUA_NO_MOUNT=1: NOT TESTED on a full disk");
            return None;
        }
        let mut said = String::new();
        for arguments in [&["--mount", "--map-root-user"][..], &["--mount"]] {
            match Self::mount(size, arguments) {
                Ok(disk) => return Some(disk),
                Err(error) => said += &error,
            }
        }
        panic!(
            "a small disk is needed, and no tmpfs can be mounted here:\n{said}\
             allow unprivileged user namespaces, run as root, or set RESIDUA_NO_MOUNT=1"
        );
    }

    /// The holder ends when its standard input does, so it never outlives the test.
    fn mount(size: &str, arguments: &[&str]) -> Result<Self, String> {
        let mount_point = TempDir::new().expect("a folder");
        let script = r#"mount -t tmpfs -o "size=$1" tmpfs "$2" && echo mounted && exec cat"#;
        let mut holder = Command::new("unshare")
            .args(arguments)
            .args(["sh", "-c", script, "sh", size])
            .arg(mount_point.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("unshare: {error}\n"))?;
        let mut line = String::new();
        let said = holder.stdout.take().map(BufReader::new);
        said.expect("it is piped").read_line(&mut line).expect("it can be read");
        if line.trim() != "mounted" {
            let mut text = String::new();
            let _ = holder.stderr.take().expect("it is piped").read_to_string(&mut text);
            let _ = holder.wait();
            return Err(text);
        }
        let inside = mount_point.path().strip_prefix("/").expect("an absolute path");
        let path = Path::new("/proc").join(holder.id().to_string()).join("root").join(inside);
        Ok(Self { holder, path, _mount_point: mount_point })
    }

    fn is_empty(&self) -> bool {
        fs::read_dir(&self.path).expect("the disk can be read").next().is_none()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// How long the recorder may take to see that the disk is full, and to end its file.
const PATIENCE: Duration = Duration::from_secs(180);

/// Reads a file until it holds `words`; returns the text.
fn wait_for_words(file: &Path, words: &str, patience: Duration) -> String {
    let begin = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.contains(words) {
            return text;
        }
        assert!(begin.elapsed() < patience, "'{words}' was never said: {text}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Plays and records until somebody else fills the disk up to the reserve.
fn record_until_full(name: &str) {
    let Some(disk) = Disk::new(&format!("{}m", RESERVE_MIB + 34)) else { return };
    let folder = TempDir::new().expect("a folder");
    let said = folder.path().join("said.txt");
    let recording = disk.path.join(name);
    let mut command = scene("play", &["toy_rabbit.mp4"]);
    command.arg("--record").arg(&recording);
    let stderr = fs::File::create(&said).expect("a file");
    let mut instrument = Instrument::start_saying(command, stderr.into());
    let before = instrument.wait_for("two seconds", |trace| trace.len() > 60).len();
    fs::write(disk.path.join("filler"), vec![0; 40 << 20]).expect("there is room for it");
    let text = wait_for_words(&said, "recording stopped", PATIENCE);
    assert!(text.contains(&format!("{RESERVE_MIB} MiB")) && text.contains(name), "{text}");
    let then = instrument.trace().len();
    instrument.wait_for("two seconds without recording", |trace| trace.len() > then + 60);

    // Ended while the show goes on, with its length in the header, readable without a complaint.
    let file = recording.display().to_string();
    let stable = fs::metadata(&recording).expect("it is there").len();
    let pictures = picture_count(&recording);
    assert!(
        (before / 2..=then + 1).contains(&pictures),
        "{pictures} pictures, played were {before} before and {then} at the end"
    );
    let probe = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", &file];
    let length: f64 = peer("ffprobe", &probe).trim().parse().expect("a length in the header");
    assert!((1.0..=then as f64 / 30.0 + 1.0).contains(&length), "{length} s");
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-i", &file, "-f", "null", "-"])
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg is needed for the tests");
    assert!(decoded.status.success() && decoded.stderr.is_empty(), "{decoded:?}");
    instrument.stop();
    assert_eq!(fs::metadata(&recording).expect("still there").len(), stable);
}

#[test]
fn a_disk_that_fills_up_ends_the_matroska_recording_not_the_show() {
    record_until_full("out.mkv");
}

#[test]
fn a_disk_that_fills_up_ends_the_mp4_recording_not_the_show() {
    record_until_full("out.mp4");
}

#[test]
fn a_disk_that_fills_up_ends_a_spliced_stream_properly() {
    let Some(disk) = Disk::new(&format!("{}m", RESERVE_MIB + 34)) else { return };
    let mut command = residua();
    command.args(["import", "--canvas", CANVAS, "--library"]).arg(common::library());
    let said = succeed(command.arg(demo_clip("flower.mp4")));
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let folder = PathBuf::from(text.lines().next().expect("the folder comes first"));
    let stream = Clip::load(&folder).expect("a clip").forward;
    for name in ["out.mp4", "out.mkv"] {
        let path = disk.path.join(name);
        let notices = Notices::default();
        let mut file =
            StreamFile::start(&path, FrameRate::whole(30), notices.clone()).expect("it begins");
        let (mut splicer, mut bytes, mut taken) = (Splicer::new(), Vec::new(), 0_u32);
        let begin = Instant::now();
        // The clip over and over, faster than life, until the file takes no more.
        loop {
            bytes.clear();
            let unit = AccessUnitIndex(taken % 150);
            splicer.splice(&stream, unit, &mut bytes).expect("it splices");
            let is_taken = file.write(&SplicedUnit {
                slot: u64::from(taken),
                part: 0,
                parts: 1,
                is_intra: stream.is_intra(unit),
                format: stream.format(),
                bytes: &bytes,
            });
            if !is_taken {
                break;
            }
            taken += 1;
            if taken == 60 {
                fs::write(disk.path.join("filler"), vec![0; 40 << 20]).expect("there is room");
            }
            assert!(begin.elapsed() < PATIENCE, "never over");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(file.is_over());
        let line = notices.take().expect("it is said").text;
        assert!(line.contains("recording stopped") && line.contains(name), "{line}");
        let written = file.finish().expect("it ends properly").written as usize;
        assert!(written > 60 && written <= taken as usize, "{written} of {taken}");
        assert_eq!(picture_count(&path), written);
        let decoded = Command::new("ffmpeg")
            .args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"])
            .arg(&path)
            .args(["-f", "null", "-"])
            .output()
            .expect("ffmpeg is needed for the tests");
        assert!(decoded.status.success() && decoded.stderr.is_empty(), "{decoded:?}");
        fs::remove_file(disk.path.join("filler")).expect("it was there");
        fs::remove_file(&path).expect("it was there");
    }
}

#[test]
fn a_disk_below_the_reserve_is_refused() {
    let Some(disk) = Disk::new("100m") else { return };
    let file = disk.path.join("out.mkv");
    let mut play = scene("play", &["flower.mp4"]);
    let mut render = scene("render", &["flower.mp4"]);
    let mut copy = scene("render", &["flower.mp4"]);
    play.args(["--duration", "1s", "--record"]).arg(&file);
    render.args(["--superframes", "2", "-o"]).arg(&file);
    copy.args(["--superframes", "2", "--copy", "-o"]).arg(&file);
    for command in [&mut play, &mut render, &mut copy] {
        let line = fail(command, 1);
        assert!(line.contains("out.mkv") && line.contains("100 MiB are free"), "{line}");
        assert!(line.contains(&RESERVE_MIB.to_string()) && line.contains("make room"), "{line}");
        assert!(disk.is_empty(), "something was left");
    }
}

#[test]
fn an_import_without_room_leaves_nothing() {
    // Too small for the headers, the streams, and the intermediate.
    for size in ["8k", "64k", "600k", "2m"] {
        let Some(disk) = Disk::new(size) else { return };
        for encoder in ["libx264", "mpeg4"] {
            let mut command = residua();
            command.args(["import", "--canvas", CANVAS, "--encoder", encoder, "--library"]);
            let line = fail(command.arg(&disk.path).arg(demo_clip("toy_rabbit.mp4")), 1);
            assert!(line.contains("the disk is full") && line.contains("room"), "{size}: {line}");
            assert!(disk.is_empty(), "{size}, {encoder}: something was left");
        }
    }
}

#[test]
fn a_trace_without_room_ends_alone() {
    let Some(disk) = Disk::new("8k") else { return };
    let folder = TempDir::new().expect("a folder");
    let (lines, recording) = (disk.path.join("trace.jsonl"), folder.path().join("out.mkv"));
    let mut command = scene("play", &["toy_rabbit.mp4"]);
    command.args(["--duration", "4s", "--trace"]).arg(&lines).arg("--record").arg(&recording);
    let output = succeed(&mut command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the trace ends here"), "{said}");
    let traced = trace(&lines).len();
    let recorded = picture_count(&recording);
    assert!(0 < traced && traced < recorded, "{traced} lines, {recorded} pictures");
}

#[test]
#[should_panic(expected = "was never said")]
fn what_was_not_said_is_not_found() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("said.txt");
    fs::write(&file, "recording out.mkv\n").expect("written");
    wait_for_words(&file, "recording stopped", Duration::from_millis(200));
}
