//! How the tests drive the real binary and its peers.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod screen;

use serde_json::Value;
use std::{
    fs,
    net::UdpSocket,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The size and rate most tests play at: small, with a width that is no multiple of 16.
pub const CANVAS: &str = "328x184@30";

/// A clip of the demo.
pub fn demo_clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo").join(name)
}

/// The library that all tests of a run share, so that each clip is imported once.
pub fn library() -> PathBuf {
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("library");
    fs::create_dir_all(&library).expect("a library for the tests");
    library
}

/// The binary, with the shared library, away from the user's configuration.
pub fn residua() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_residua"));
    command
        .env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"))
        // What one test has killed must not go on in another.
        .env("XDG_STATE_HOME", state_folder())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null());
    command
}

/// A folder of its own for what one run remembers; made by the run itself.
fn state_folder() -> PathBuf {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let name = format!("state/{}-{run}", std::process::id());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// `residua play` or `render` of the demo's clips at the tests' canvas, without controllers.
pub fn scene(subcommand: &str, clips: &[&str]) -> Command {
    let mut command = residua();
    command.arg(subcommand).args(["--canvas", CANVAS, "--library"]).arg(library());
    if subcommand == "play" {
        command.args(["--headless", "--no-midi"]);
    }
    for clip in clips {
        command.arg(demo_clip(clip));
    }
    command
}

/// Runs to the end and must succeed.
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("the command starts");
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs to the end, must fail with this exit code and exactly one line; returns the line.
pub fn fail(command: &mut Command, code: i32) -> String {
    let output = command.output().expect("the command starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{command:?}: {text}");
    assert!(!text.contains("panicked"), "{text}");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("residua: ")).collect();
    assert_eq!(lines.len(), 1, "one line, not: {text}");
    lines[0].to_owned()
}

/// Standard output of a peer that must succeed.
pub fn peer(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed for the tests: {error}"));
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Raw I420 pictures of a file, as ffmpeg decodes them.
pub fn decode(file: &Path, width: usize, height: usize) -> Vec<Vec<u8>> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-f", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough", "-"])
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg is needed for the tests");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.chunks_exact(width * height * 3 / 2).map(<[u8]>::to_vec).collect()
}

/// Pictures in a file, counted by decoding them all.
pub fn picture_count(file: &Path) -> usize {
    let text = peer(
        "ffprobe",
        &[
            "-v",
            "error",
            "-count_frames",
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=nb_read_frames",
            "-of",
            "csv=p=0",
            &file.display().to_string(),
        ],
    );
    text.trim().trim_end_matches(',').parse().expect("a number of pictures")
}

/// Mean of the luma plane.
pub fn luma_mean(picture: &[u8], width: usize, height: usize) -> f64 {
    let luma = &picture[..width * height];
    luma.iter().map(|sample| f64::from(*sample)).sum::<f64>() / luma.len() as f64
}

/// Peak signal-to-noise ratio of two luma planes in dB; infinite where they are equal.
pub fn psnr(one: &[u8], other: &[u8], luma: usize) -> f64 {
    let squares: f64 = one[..luma]
        .iter()
        .zip(&other[..luma])
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    10.0 * (255.0_f64.powi(2) * luma as f64 / squares).log10()
}

/// The lines of a trace that are complete.
pub fn trace(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    complete.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// A running instrument; killed when the test ends.
pub struct Instrument {
    pub child: Child,
    pub folder: TempDir,
}

impl Instrument {
    /// Starts it with a trace, and waits until it plays.
    pub fn start(command: Command) -> Self {
        Self::start_saying(command, Stdio::inherit())
    }

    /// The same, with its standard error going elsewhere.
    pub fn start_saying(mut command: Command, stderr: Stdio) -> Self {
        let folder = TempDir::new().expect("a folder");
        command.arg("--trace").arg(folder.path().join("trace.jsonl"));
        let child = command.stderr(stderr).spawn().expect("the instrument starts");
        let mut instrument = Self { child, folder };
        instrument.wait_for("its first slots", |trace| trace.len() > 3);
        instrument
    }

    pub fn trace(&self) -> Vec<Value> {
        trace(&self.folder.path().join("trace.jsonl"))
    }

    /// Waits, with a bound, until the trace shows something; returns the trace.
    pub fn wait_for(&mut self, what: &str, seen: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let begin = Instant::now();
        loop {
            let trace = self.trace();
            if seen(&trace) {
                return trace;
            }
            if let Some(status) = self.child.try_wait().expect("the instrument can be asked") {
                panic!("the instrument ended ({status}) before {what} was seen");
            }
            assert!(begin.elapsed() < Duration::from_secs(180), "{what} was never seen");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as Ctrl-C would, and waits until its files are written.
    pub fn stop(&mut self) {
        peer("kill", &["-INT", &self.child.id().to_string()]);
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(120) {
            if let Some(status) = self.child.try_wait().expect("the instrument can be asked") {
                assert!(status.success(), "the instrument ended with {status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the instrument does not end");
    }
}

impl Drop for Instrument {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A UDP port that is free now.
pub fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.local_addr().expect("an address").port()
}

#[test]
fn another_picture_is_told_apart() {
    let one: Vec<u8> = (0..=255).collect();
    let other: Vec<u8> = (0..=255).rev().collect();
    assert_eq!(psnr(&one, &one, 256), f64::INFINITY);
    // The mean square of 255 - 2x over 0..=255 is (256^2 - 1) / 3 = 21845: 10 log10(65025 / 21845).
    assert!((psnr(&one, &other, 256) - 4.737).abs() < 0.01);
}
