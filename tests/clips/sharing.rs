//! What else happens to a library: played from, shared by processes, filled by several imports at
//! once, interrupted.

use crate::{
    SMALL, Shelf,
    common::{fail, peer, residua, succeed, trace},
    names, said, streams, truncate, video,
};
use std::{
    fs,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

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
        assert!(begin.elapsed() < Duration::from_secs(180), "no import begins");
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
