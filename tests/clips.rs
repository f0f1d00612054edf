//! The library from outside: listed, named, verified, repaired, pruned, shared by processes, and
//! filled by several imports at once.

mod common;

use common::{fail, peer, residua, succeed, trace};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
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
        let file = File::options().write(true).open(clip.join("used")).expect("the file is there");
        let time = SystemTime::now() - Duration::from_secs(days * 86_400);
        file.set_modified(time).expect("its time can be set");
    }
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

#[test]
fn the_folders_are_the_truth() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.moving);
    let list = shelf.list();
    assert_eq!(names(&list), ["moving"]);
    // Three seconds at 30 pictures per second.
    assert_eq!((&list[0]["pictures"], &list[0]["length_secs"]), (&90.into(), &3.0.into()));
    assert_eq!((&list[0]["canvas"], &list[0]["encoder"]), (&SMALL.into(), &"mpeg4".into()));
    let bytes: u64 = fs::read_dir(&clip)
        .expect("a folder")
        .flatten()
        .map(|file| file.metadata().expect("facts").len())
        .sum();
    assert_eq!(list[0]["bytes"], bytes);
    // The badge by its definition, from the figures that the import prints.
    let points = list[0]["mosh_hold"].as_array().expect("points");
    let at_two = points.iter().find(|point| point["after_secs"] == 2.0).expect("it is long enough");
    let badge = match at_two["correlation"].as_f64().expect("a number") {
        low if low < 0.2 => "forever",
        middle if middle < 0.5 => "hard",
        _ => "soft",
    };
    assert_eq!(list[0]["hold"], badge);

    // What is put in or taken out by hand is seen; what is no clip is not.
    let copy = shelf.library().join("by-hand");
    copy_folder(&clip, &copy);
    fs::create_dir(shelf.library().join("notes")).expect("a folder");
    assert_eq!(shelf.list().len(), 2);
    fs::remove_dir_all(&clip).expect("removed");
    let list = shelf.list();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["id"], "by-hand");
    let table = said(&mut shelf.clips(&[]));
    assert!(table.contains("moving") && table.contains("1 clips"), "{table}");
    let nowhere = shelf.folder.path().join("nowhere");
    let line = fail(residua().args(["clips", "list", "--library"]).arg(&nowhere), 1);
    assert!(line.contains("nowhere") && !nowhere.exists(), "{line}");
}

#[test]
fn a_damaged_clip_takes_no_other_with_it() {
    let shelf = Shelf::new();
    let (bars, moving) = (shelf.clip(&shelf.bars), shelf.clip(&shelf.moving));
    truncate(&bars.join("backward.m4v"));
    let list = shelf.list();
    assert_eq!(names(&list), ["bars", "moving"]);
    assert!(list[0]["damaged"].as_str().expect("a reason").contains("backward.m4v"));
    assert!(list[1]["damaged"].is_null());
    let table = said(&mut shelf.clips(&[]));
    assert!(table.contains("DAMAGED") && table.contains("moving"), "{table}");

    let output = shelf.clips(&["verify"]).output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("bars: DAMAGED") && text.contains("moving: ok"), "{text}");
    succeed(&mut shelf.clips(&["verify", "moving"]));

    // One wrong byte, in each of the streams in turn.
    for file in ["forward.m4v", "backward.m4v", "intra.m4v", "intra_backward.m4v"] {
        flip_last_byte(&moving.join(file));
        let output = shelf.clips(&["verify", "moving"]).output().expect("starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{file}");
        assert!(text.contains(file), "{text}");
        flip_last_byte(&moving.join(file));
        succeed(&mut shelf.clips(&["verify", "moving"]));
    }

    // Not even a description is left.
    fs::write(moving.join("clip.toml"), "[[[").expect("written");
    let list = shelf.list();
    let id = moving.file_name().expect("a name").to_string_lossy();
    assert_eq!(
        list.iter().filter(|clip| clip["id"] == *id && !clip["damaged"].is_null()).count(),
        1
    );
    let output = shelf.clips(&["verify", "--repair", &id]).output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.code() == Some(1) && text.contains("import its source again"), "{text}");
}

#[test]
fn a_damaged_clip_is_repaired_from_its_source() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.bars);
    succeed(&mut shelf.clips(&["rename", "bars", "Test card"]));
    succeed(&mut shelf.clips(&["tag", "Test card", "+still"]));
    let whole = streams(&clip);
    flip_last_byte(&clip.join("forward.m4v"));
    truncate(&clip.join("intra.m4v"));
    let damaged = streams(&clip);

    // Neither another video of the same name, nor none, does.
    let aside = shelf.folder.path().join("aside.mkv");
    fs::rename(&shelf.bars, &aside).expect("moved");
    for make_other in [true, false] {
        let _ = fs::remove_file(&shelf.bars);
        if make_other {
            fs::copy(&shelf.moving, &shelf.bars).expect("copied");
        }
        let output = shelf.clips(&["verify", "--repair"]).output().expect("starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        let why = if make_other { "other content" } else { "not there any more" };
        assert!(text.contains("not repaired") && text.contains(why), "{text}");
        assert!(streams(&clip) == damaged, "the damaged clip was touched");
    }

    fs::rename(&aside, &shelf.bars).expect("moved back");
    let text = said(&mut shelf.clips(&["verify", "--repair"]));
    assert!(text.contains("imported again"), "{text}");
    assert!(streams(&clip) == whole, "the repaired clip is another");
    let list = shelf.list();
    assert_eq!(names(&list), ["Test card"]);
    assert_eq!(list[0]["tags"], serde_json::json!(["still"]));
    // Nothing is left of the repair.
    assert_eq!(fs::read_dir(shelf.library()).expect("the library").count(), 1);
}

#[test]
fn clips_are_named_by_title_digits_and_path() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.bars);
    let id = clip.file_name().expect("a name").to_string_lossy().into_owned();
    for text in ["bars", &id, &id[..4], &clip.display().to_string()] {
        let shown = said(&mut shelf.clips(&["show", text]));
        assert!(shown.contains(&id) && shown.contains(SMALL), "{text}: {shown}");
    }
    for text in ["bar", &id[..3], "nothing"] {
        let line = fail(&mut shelf.clips(&["show", text]), 1);
        assert!(line.contains(text), "{line}");
    }

    // The same video at another canvas has the same name.
    let mut other = residua();
    other.args(["import", "--canvas", "32x32@30", "--library"]).arg(shelf.library());
    succeed(other.arg(&shelf.bars));
    let line = fail(&mut shelf.clips(&["remove", "bars"]), 1);
    assert!(
        line.contains("could be") && line.contains(SMALL) && line.contains("32x32@30"),
        "{line}"
    );
    assert!(line.contains(&id[..8]), "{line}");
    assert_eq!(shelf.list().len(), 2);

    succeed(&mut shelf.clips(&["rename", &id[..8], "Test card"]));
    assert_eq!(names(&shelf.list()), ["Test card", "bars"]);
    succeed(&mut shelf.clips(&["tag", "Test card", "+slow", "+grey", "red"]));
    succeed(&mut shelf.clips(&["tag", "Test card", "-grey"]));
    let output = succeed(&mut shelf.clips(&["list", "--json", "--tag", "slow"]));
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).expect("an array");
    assert_eq!(names(&list), ["Test card"]);
    assert_eq!(list[0]["tags"], serde_json::json!(["red", "slow"]));
    succeed(&mut shelf.clips(&["tag", "Test card", "red", "--remove"]));
    succeed(&mut shelf.clips(&["verify"]));

    // A wrong name removes nothing; outside the library nothing is removed.
    fail(&mut shelf.clips(&["remove", "Test card", "nothing"]), 1);
    assert_eq!(shelf.list().len(), 2);
    let outside = shelf.folder.path().join("outside");
    copy_folder(&clip, &outside);
    let line = fail(&mut shelf.clips(&["remove", &outside.display().to_string()]), 1);
    assert!(line.contains("not in the library") && outside.exists(), "{line}");
    succeed(&mut shelf.clips(&["remove", "Test card"]));
    assert!(!clip.exists());
    assert_eq!(names(&shelf.list()), ["bars"]);
    succeed(&mut shelf.clips(&["rename", "bars", "Other"]));
    succeed(&mut shelf.clips(&["rename", "Other", ""]));
    assert_eq!(names(&shelf.list()), ["bars"]);
}

#[test]
fn prune_spares_what_sets_need() {
    let shelf = Shelf::new();
    let third = video(shelf.folder.path(), "third.mkv", "rgbtestsrc", 1, "64x48");
    let (bars, moving, third) =
        (shelf.clip(&shelf.bars), shelf.clip(&shelf.moving), shelf.clip(&third));
    for (clip, days) in [(&bars, 50), (&moving, 40), (&third, 10)] {
        shelf.used_days_ago(clip, days);
    }
    let usage = shelf.clips(&["prune"]).output().expect("starts");
    assert_eq!(usage.status.code(), Some(2), "a prune without a rule");

    let text = said(&mut shelf.clips(&["prune", "--older-than", "30d", "--dry-run"]));
    assert!(text.contains("bars") && text.contains("moving") && !text.contains("third"), "{text}");
    assert_eq!(shelf.list().len(), 3);

    // One set names a video, which is found by its content under another name; the other a folder.
    let sets = shelf.folder.path().join("sets");
    fs::create_dir(&sets).expect("a folder");
    fs::rename(&shelf.bars, sets.join("renamed.mkv")).expect("moved");
    let one = sets.join("one.toml");
    fs::write(&one, "[[clip]]\npath = \"renamed.mkv\"\n").expect("written");
    let other = shelf.folder.path().join("other.toml");
    let by_folder = format!("[[clip]]\npath = \"{}\"\n", moving.display());
    fs::write(&other, by_folder).expect("written");
    let broken = shelf.folder.path().join("broken.toml");
    fs::write(&broken, "[[clip]\n").expect("written");
    let line = fail(shelf.clips(&["prune", "--older-than", "0d"]).arg("--keep").arg(&broken), 1);
    assert!(line.contains("nothing was removed") && line.contains("broken.toml"), "{line}");
    assert_eq!(shelf.list().len(), 3);
    let mut prune = shelf.clips(&["prune", "--older-than", "0d"]);
    let text = said(prune.arg("--keep").arg(&other).arg("--sets-dir").arg(&sets));
    assert!(text.contains("removed") && text.contains("2 kept for sets"), "{text}");
    assert!(bars.exists() && moving.exists() && !third.exists());

    // By size, unused longest first.
    let left = shelf.list();
    let size = |name: &str| {
        let clip = left.iter().find(|clip| clip["name"] == name).expect("it is there");
        clip["bytes"].as_u64().expect("a number")
    };
    let limit = size("moving").to_string();
    said(&mut shelf.clips(&["prune", "--keep-below", &limit]));
    assert!(!bars.exists() && moving.exists());
    said(&mut shelf.clips(&["prune", "--older-than", "41d"]));
    assert!(moving.exists());
    said(&mut shelf.clips(&["prune", "--older-than", "39d"]));
    assert!(!moving.exists());
}

#[test]
fn what_plays_is_not_old() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.bars);
    let by_path = shelf.clip(&shelf.moving);
    for clip in [&clip, &by_path] {
        shelf.used_days_ago(clip, 50);
    }
    // To look at a clip, or to change it, is not to use it.
    succeed(&mut shelf.clips(&["verify"]));
    succeed(&mut shelf.clips(&["tag", "bars", "a"]));
    assert!(shelf.list().iter().all(|clip| clip["unused_secs"].as_u64() > Some(49 * 86_400)));
    let mut play = residua();
    play.args(["play", "--headless", "--no-midi", "--duration", "200ms", "--canvas", SMALL]);
    succeed(play.arg("--library").arg(shelf.library()).arg(&shelf.bars).arg(&by_path));
    assert!(shelf.list().iter().all(|clip| clip["unused_secs"].as_u64() < Some(3600)));
}

#[test]
fn a_clip_that_another_process_loads_is_left() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.bars);
    shelf.used_days_ago(&clip, 50);
    // util-linux's flock takes the same advisory lock as a loading process.
    let mut holder = Command::new("flock")
        .arg("--shared")
        .arg(clip.join("used"))
        .args(["-c", "echo held; exec sleep 60"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("flock is needed for the tests");
    let mut line = String::new();
    let stdout = holder.stdout.take().expect("it is piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("readable");
    assert_eq!(line, "held\n");
    let text = said(&mut shelf.clips(&["prune", "--older-than", "30d"]));
    assert!(text.contains("kept") && text.contains("another process"), "{text}");
    let line = fail(&mut shelf.clips(&["remove", "bars"]), 1);
    assert!(line.contains("another process"), "{line}");
    succeed(&mut shelf.clips(&["verify"]));
    // The lock ends with its process.
    peer("pkill", &["-P", &holder.id().to_string()]);
    let _ = holder.kill();
    let _ = holder.wait();
    shelf.used_days_ago(&clip, 50);
    said(&mut shelf.clips(&["prune", "--older-than", "30d"]));
    assert!(!clip.exists());
}

#[test]
fn imports_and_prunes_at_once() {
    // One process prunes all it can while two others import, load and play the same clip.
    let shelf = Shelf::new();
    fs::create_dir(shelf.library()).expect("a folder");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let pruner = scope.spawn(|| {
            let mut removed = 0;
            while !is_over.load(Ordering::Relaxed) {
                let text = said(&mut shelf.clips(&["prune", "--older-than", "0d"]));
                removed += text.matches("removed").count();
            }
            removed
        });
        let import = || (0..6).for_each(|_| drop(succeed(&mut shelf.import(&[&shelf.bars]))));
        let importers = [scope.spawn(import), scope.spawn(import)];
        let ended = importers.map(|importer| importer.join());
        is_over.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok), "an import failed");
        assert!(pruner.join().expect("no prune fails") > 0, "nothing was ever removed");
    });
    shelf.clip(&shelf.bars);
    succeed(&mut shelf.clips(&["verify"]));
    assert_eq!(fs::read_dir(shelf.library()).expect("the library").count(), 1);
}

#[test]
fn each_failure_of_several_imports_is_told() {
    let shelf = Shelf::new();
    let text = shelf.folder.path().join("text.mp4");
    fs::write(&text, "This is no video.\n".repeat(200)).expect("written");
    let missing = shelf.folder.path().join("missing.mp4");
    let output =
        shelf.import(&[&text, &shelf.bars, &missing, &shelf.moving]).output().expect("starts");
    assert_eq!(output.status.code(), Some(1));
    let lines = String::from_utf8_lossy(&output.stderr).into_owned();
    for words in ["text.mp4", "missing.mp4", "2 of 4"] {
        let count = lines.lines().filter(|line| line.contains(words)).count();
        assert_eq!(count, 1, "{words}: {lines}");
    }
    // The folders are printed in the order of the videos.
    let folders = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(folders.lines().count(), 4, "{folders}");
    assert!(
        folders.lines().nth(1).is_some_and(|line| line.starts_with("30 pictures")),
        "{folders}"
    );
    assert_eq!(names(&shelf.list()), ["bars", "moving"]);
}

#[test]
fn several_imports_have_one_line_on_a_terminal() {
    let shelf = Shelf::new();
    let other = video(shelf.folder.path(), "other.mkv", "testsrc", 8, "320x180");
    // util-linux's script gives the program a terminal.
    let command = format!(
        "{} import --canvas 320x180@30 --library {} {} {}",
        env!("CARGO_BIN_EXE_residua"),
        shelf.library().display(),
        other.display(),
        shelf.moving.display()
    );
    let seen = peer("script", &["-qec", &command, "/dev/null"]);
    assert!(seen.contains(" of 2, ") && seen.contains(" %"), "{seen}");
    assert!(seen.contains("\r\u{1b}[K"), "the line stays behind: {seen}");
}

/// Starts an import of a long video, and ends it by a signal when it is under way.
fn interrupt(signal: &str) {
    let shelf = Shelf::new();
    let long = video(shelf.folder.path(), "long.mkv", "testsrc2", 60, "640x360");
    let mut command = residua();
    command.args(["import", "--canvas", "640x360@30", "--library"]).arg(shelf.library());
    let child = command
        .args([&long, &shelf.bars])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let begin = Instant::now();
    let is_staged = || {
        let folders = fs::read_dir(shelf.library()).into_iter().flatten().flatten();
        let staging = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with(".staging");
        folders
            .filter(|folder| staging(&folder.file_name()))
            .any(|folder| fs::read_dir(folder.path()).is_ok_and(|mut files| files.next().is_some()))
    };
    while !is_staged() {
        assert!(begin.elapsed() < Duration::from_secs(60), "no import begins");
        thread::sleep(Duration::from_millis(10));
    }
    peer("kill", &[signal, &child.id().to_string()]);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("residua: stopped"), "{text}");
    // A short one may have been whole by then; nothing is half there.
    for left in fs::read_dir(shelf.library()).expect("the library").flatten() {
        assert!(!left.file_name().to_string_lossy().starts_with('.'), "{left:?} was left");
    }
    assert!(!names(&shelf.list()).contains(&"long"));
    succeed(&mut shelf.clips(&["verify"]));
}

#[test]
fn an_interrupt_leaves_nothing_half_imported() {
    interrupt("-INT");
}

#[test]
fn a_request_to_end_leaves_nothing_half_imported() {
    interrupt("-TERM");
}

#[test]
fn a_damaged_clip_is_imported_again_when_it_is_played() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.bars);
    let whole = streams(&clip);
    // By the video and by the folder; too short, and with the right length but no stream.
    for (source, is_cut) in [(&shelf.bars, true), (&clip, true), (&shelf.bars, false)] {
        let file = clip.join("backward.m4v");
        if is_cut {
            truncate(&file);
        } else {
            let length = fs::metadata(&file).expect("it is there").len();
            fs::write(&file, vec![0xff; length as usize]).expect("written");
        }
        let mut play = residua();
        play.args(["play", "--headless", "--no-midi", "--duration", "200ms", "--canvas", SMALL]);
        let output = succeed(play.arg("--library").arg(shelf.library()).arg(source));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("imported again") && text.contains("backward.m4v"), "{text}");
        assert!(streams(&clip) == whole);
    }
    // Without its source it is refused, and stays.
    fs::remove_file(&shelf.bars).expect("removed");
    truncate(&clip.join("backward.m4v"));
    let mut play = residua();
    play.args(["play", "--headless", "--no-midi", "--duration", "200ms", "--canvas", SMALL]);
    let line = fail(play.arg("--library").arg(shelf.library()).arg(&clip), 1);
    assert!(line.contains("backward.m4v") && line.contains("not there any more"), "{line}");
    assert!(clip.exists());
}

#[test]
fn a_set_plays_with_what_there_is() {
    let shelf = Shelf::new();
    let set = shelf.folder.path().join("set.toml");
    let clips = ["bars.mkv", "missing.mkv", "moving.mkv"];
    let text: String = clips.iter().map(|clip| format!("[[clip]]\npath = \"{clip}\"\n")).collect();
    fs::write(&set, text).expect("written");
    for (number, units) in [(1, 30_u32), (2, 30), (3, 90)] {
        let lines = shelf.folder.path().join("trace.jsonl");
        let mut play = residua();
        play.args(["play", "--headless", "--no-midi", "--duration", "1s", "--canvas", SMALL]);
        play.args(["--set", &format!("clip.select={number}")]);
        play.arg("--library").arg(shelf.library()).arg("--trace").arg(&lines).arg(&set);
        let output = succeed(&mut play);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("clip 2 cannot be had") && text.contains("missing.mkv"), "{text}");
        assert!(text.contains("clip 1, bars, stands in"), "{text}");
        let trace = trace(&lines);
        let last = trace.last().expect("slots");
        assert_eq!(last["clip"], number);
        // The last of a clip's slices tells the clips apart: n access units have n - 6 + 1, and
        // the position is the slice's share of the way there.
        let number = |key: &str| last[key].as_f64().expect("a number");
        assert_eq!((number("slice") / number("position")).round(), f64::from(units - 6));
    }
    let mut render = residua();
    render.args(["render", "--canvas", SMALL, "--superframes", "2", "-o"]);
    render.arg(shelf.folder.path().join("out.mkv")).arg("--library").arg(shelf.library());
    let line = fail(render.arg(&set), 1);
    assert!(line.contains("missing.mkv"), "{line}");
    // Where nothing is left there is nothing to play.
    fs::write(&set, "[[clip]]\npath = \"missing.mkv\"\n").expect("written");
    let mut play = residua();
    play.args(["play", "--headless", "--no-midi", "--duration", "1s", "--library"]);
    let line = fail(play.arg(shelf.library()).arg(&set), 1);
    assert!(line.contains("missing.mkv"), "{line}");
}
