//! The library from outside: listed, named, verified, repaired, pruned, shared by processes, and
//! filled by several imports at once.

#[path = "../common/mod.rs"]
mod common;

mod care;
mod sharing;

use common::{peer, residua, succeed};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

/// Small enough that an import takes a moment only.
const SMALL: &str = "64x48@30";

/// A video of `secs` seconds at 30 pictures per second; `pattern` is a test source of ffmpeg.
fn video(folder: &Path, name: &str, pattern: &str, secs: u32, size: &str) -> PathBuf {
    let path = folder.join(name);
    let graph = format!("{pattern}=s={size}:r=30:d={secs}");
    let file = path.display().to_string();
    let coding = ["-c:v", "mpeg4", "-q:v", "4"];
    let mut arguments = vec!["-v", "error", "-y", "-f", "lavfi", "-i", &graph];
    arguments.extend(coding);
    arguments.push(&file);
    peer("ffmpeg", &arguments);
    path
}

/// A library of its own with two videos beside it.
struct Shelf {
    folder: TempDir,
    bars: PathBuf,
    moving: PathBuf,
}

impl Shelf {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let bars = video(folder.path(), "bars.mkv", "smptebars", 1, "64x48");
        let moving = video(folder.path(), "moving.mkv", "testsrc2", 3, "64x48");
        Self { folder, bars, moving }
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("library")
    }

    fn import(&self, sources: &[&Path]) -> Command {
        let mut command = residua();
        command.args(["import", "--canvas", SMALL, "--library"]).arg(self.library()).args(sources);
        command
    }

    /// Imports one video; returns its folder, as the program prints it.
    fn clip(&self, source: &Path) -> PathBuf {
        let output = succeed(&mut self.import(&[source]));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().next().expect("a line with the folder").into()
    }

    fn clips(&self, arguments: &[&str]) -> Command {
        let mut command = residua();
        command.arg("clips").args(arguments).arg("--library").arg(self.library());
        command
    }

    fn list(&self) -> Vec<Value> {
        let output = succeed(&mut self.clips(&["list", "--json"]));
        serde_json::from_slice(&output.stdout).expect("an array")
    }

    /// Says when a clip was used last.
    fn used_days_ago(&self, clip: &Path, days: u64) {
        written_days_ago(&clip.join("used"), days);
    }
}

/// Says when a file was written.
fn written_days_ago(file: &Path, days: u64) {
    let file = File::options().write(true).open(file).expect("the file is there");
    let time = SystemTime::now() - Duration::from_secs(days * 86_400);
    file.set_modified(time).expect("its time can be set");
}

fn said(command: &mut Command) -> String {
    String::from_utf8_lossy(&succeed(command).stdout).into_owned()
}

/// All streams of a clip folder.
fn streams(clip: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(clip)
        .expect("a clip folder")
        .flatten()
        .filter(|file| file.path().extension().is_some_and(|ending| ending == "m4v"))
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            (name, fs::read(file.path()).expect("readable"))
        })
        .collect();
    files.sort();
    assert_eq!(files.len(), 4);
    files
}

/// Changes the last byte of a stream: it parses as before, but is not what was written.
fn flip_last_byte(file: &Path) {
    let mut bytes = fs::read(file).expect("readable");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(file, bytes).expect("written");
}

fn truncate(file: &Path) {
    let length = file.metadata().expect("it is there").len();
    File::options().write(true).open(file).expect("writable").set_len(length / 2).expect("cut");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(file.path(), to.join(file.file_name())).expect("copied");
    }
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter().map(|clip| clip["name"].as_str().expect("a name")).collect()
}
