//! Renders from the command line: the spliced stream itself, the earlier tool's options, and that
//! every way to a file makes the same choices.

mod common;

use common::{
    CANVAS, decode, demo_clip, fail, library, peer, picture_count, residua, scene, succeed, trace,
};
use residua::{
    clip::{Clip, SliceBuffer},
    export::{Course, Route, Walk},
    modulation::{Timeline, Wave},
    params::Store,
    playhead,
    units::Direction,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use tempfile::TempDir;

const WIDTH: usize = 328;
const HEIGHT: usize = 184;

/// `residua render` of the demo's clips as the earlier command line has them.
fn old(forward: &[&str], extra: &[&str]) -> Command {
    let mut command = residua();
    command.args(["render", "--canvas", CANVAS, "--library"]).arg(library());
    command.arg("-f").args(forward.iter().map(|clip| demo_clip(clip))).args(extra);
    command
}

/// Renders, and returns the file that it says it wrote.
fn rendered(command: &mut Command, output: &Path) -> PathBuf {
    let said = succeed(command.arg("-o").arg(output));
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    PathBuf::from(text.lines().next().expect("the file is said"))
}

/// Imports a demo clip and returns its folder.
fn clip_folder(name: &str, encoder: &str) -> PathBuf {
    let mut command = residua();
    command.args(["import", "--canvas", CANVAS, "--encoder", encoder, "--library"]).arg(library());
    let said = succeed(command.arg(demo_clip(name)));
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    PathBuf::from(text.lines().next().expect("the folder comes first"))
}

/// ffmpeg decodes all of it at its strictest without a word.
fn is_legal(file: &Path) {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"])
        .arg(file)
        .args(["-f", "null", "-"])
        .output()
        .expect("ffmpeg is needed for the tests");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{}: {said}", file.display());
}

/// The hashes of the engine's pictures, slot by slot.
fn engine_hashes(command: &mut Command, folder: &TempDir) -> Vec<String> {
    let file = folder.path().join("trace.jsonl");
    let output = folder.path().join("engine.mkv");
    succeed(command.args(["--trace-hash", "--trace"]).arg(&file).arg("-o").arg(output));
    let lines = trace(&file);
    let hash = |line: &serde_json::Value| line["frame_hash"].as_str().map(str::to_owned);
    lines.iter().map(|line| hash(line).expect("a hash in every slot")).collect()
}

/// The same of a file, as ffmpeg decodes it.
fn file_hashes(file: &Path) -> Vec<String> {
    let pictures = decode(file, WIDTH, HEIGHT);
    let hash = |picture: &Vec<u8>| format!("{:016x}", xxhash_rust::xxh3::xxh3_64(picture));
    pictures.iter().map(hash).collect()
}

#[test]
fn six_hundred_of_six_hundred_in_every_container() {
    let folder = TempDir::new().expect("a folder");
    for encoder in ["libx264", "mpeg4"] {
        for (number, ending) in ["mp4", "mkv", "mov"].into_iter().enumerate() {
            // Intra pictures on the way are played, so that nothing is missing.
            let key_interval = ["6000", "30", "50"][number];
            let words = ["--encoder", encoder, "-g", key_interval, "--n_superframes", "100"];
            let rest = ["--superframe_size", "6", "--scaled", "--copy"];
            let output = folder.path().join(encoder).with_extension(ending);
            let mut command = old(&["toy_rabbit.mp4"], &[&words[..], &rest].concat());
            let file = rendered(&mut command, &output);
            assert_eq!(file, output);
            assert_eq!(picture_count(&file), 600, "{encoder} {ending}");
            is_legal(&file);
        }
    }
    let mut command =
        old(&["toy_rabbit.mp4"], &["--n-superframes", "100", "--superframe-size", "6"]);
    let file = rendered(&mut command, &folder.path().join("encoded.mp4"));
    assert_eq!(picture_count(&file), 600);
    is_legal(&file);
}

#[test]
fn a_copy_is_what_the_engine_plays() {
    for (encoder, extra) in [
        ("libx264", &[][..]),
        ("mpeg4", &["--rectified", "--frequency", "2"]),
        ("mpeg4", &["--set", "playhead.mode=speed", "--set", "playhead.speed=-0.6"]),
        ("libx264", &["--set", "playhead.mode=manual", "--set", "playhead.position=0.4"]),
        ("libx264", &["--function", "triangle", "--set", "clip.select=2"]),
    ] {
        let folder = TempDir::new().expect("a folder");
        let command = || {
            let mut command = scene("render", &["flower.mp4", "toy_rabbit.mp4"]);
            command.args(["--encoder", encoder, "--superframes", "24"]).args(extra);
            command
        };
        let engine = engine_hashes(&mut command(), &folder);
        assert_eq!(engine.len(), 144);
        let copy = rendered(command().arg("--copy"), &folder.path().join("copy.mkv"));
        let copied = file_hashes(&copy);
        assert!(copied == engine, "{encoder} {extra:?}: {} pictures", copied.len());
    }
}

#[test]
fn a_copy_follows_the_positions_of_a_set() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("positions.txt"), "10\n60\n30\n5\n").expect("written");
    let set = folder.path().join("set.toml");
    let clip = demo_clip("flower.mp4");
    fs::write(&set, format!("[[clip]]\npath = {clip:?}\npositions = \"positions.txt\"\n"))
        .expect("written");
    let command = || {
        let mut command = scene("render", &[]);
        command.arg(&set).args(["--function", "list", "--superframes", "9"]);
        command
    };
    let engine = engine_hashes(&mut command(), &folder);
    let lines = trace(&folder.path().join("trace.jsonl"));
    // The first superframe heals from further back; after it, one after the other.
    let mut slices: Vec<i64> = lines.iter().filter_map(|line| line["slice"].as_i64()).collect();
    slices.dedup();
    assert_eq!(slices[..5], [10, 60, 30, 5, 10]);
    let copy = rendered(command().arg("--copy"), &folder.path().join("copy.mkv"));
    assert!(file_hashes(&copy) == engine, "other pictures");
}

#[test]
fn a_course_through_two_clips_is_what_the_engine_plays() {
    for (encoder, chance) in [("libx264", "0.5"), ("mpeg4", "0"), ("libx264", "1")] {
        let folder = TempDir::new().expect("a folder");
        let command = || {
            let words = ["--encoder", encoder, "--markov_p", chance, "--seed", "5"];
            let rest = ["--n_superframes", "25", "--superframe_size", "5", "-g", "40"];
            old(&["flower.mp4", "toy_rabbit.mp4"], &[&words[..], &rest].concat())
        };
        let engine = engine_hashes(&mut command(), &folder);
        let lines = trace(&folder.path().join("trace.jsonl"));
        let clips: Vec<i64> =
            lines.iter().step_by(5).map(|line| line["clip"].as_i64().expect("a clip")).collect();
        assert_eq!(clips.len(), 25);
        match chance {
            // The initial superframe, then turn by turn.
            "0" => {
                assert!(clips.iter().skip(1).enumerate().all(|(n, clip)| *clip == n as i64 % 2 + 1))
            }
            "1" => assert!(clips.iter().all(|clip| *clip == 1)),
            _ => assert!(clips.contains(&1) && clips.contains(&2)),
        }
        assert!(
            lines.chunks(5).all(|chunk| chunk.iter().all(|line| line["clip"] == chunk[0]["clip"]))
        );
        let copy = rendered(command().arg("--copy"), &folder.path().join("copy.mkv"));
        let copied = file_hashes(&copy);
        assert!(copied == engine, "{encoder} {chance}: {} pictures", copied.len());
    }
}

#[test]
fn clips_of_another_coding_begin_another_file() {
    let folder = TempDir::new().expect("a folder");
    let clips = [clip_folder("flower.mp4", "libx264"), clip_folder("toy_rabbit.mp4", "mpeg4")];
    let command = || {
        let mut command = residua();
        command.arg("render").args(&clips).args(["--markov-p", "0", "--superframes", "6"]);
        command
    };
    let engine = engine_hashes(&mut command(), &folder);
    assert_eq!(engine.len(), 36);
    let output = folder.path().join("copy.mkv");
    let said = succeed(command().arg("--copy").arg("-o").arg(&output));
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let files: Vec<PathBuf> = text.lines().map(PathBuf::from).collect();
    // Turn by turn: 0, 0, 1, 0, 1, 0.
    assert_eq!(files.len(), 5, "{text}");
    let mut copied = Vec::new();
    for file in &files {
        is_legal(file);
        copied.extend(file_hashes(file));
    }
    assert!(copied == engine, "{} pictures", copied.len());
}

#[test]
fn the_course_is_that_of_the_earlier_tool() {
    let folder = TempDir::new().expect("a folder");
    let words = ["--n_superframes", "12", "--superframe_size", "6", "--frequency", "1", "--scaled"];
    engine_hashes(&mut old(&["toy_rabbit.mp4"], &words), &folder);
    let lines = trace(&folder.path().join("trace.jsonl"));
    // The clip has 234 pictures, so 229 slices. numpy: x = -cos(linspace(0, 2 pi, 11));
    // ((x - x.min()) / (x.max() - x.min()) * (229 - 2) + 1).astype(int); the initial state before.
    let slices = [0, 1, 22, 79, 149, 206, 228, 206, 149, 79, 22, 1];
    let directions = ["forward"; 7].into_iter().chain(["backward"; 5]);
    for ((chunk, slice), direction) in lines.chunks(6).zip(slices).zip(directions) {
        assert_eq!(chunk.len(), 6);
        for (place, line) in chunk.iter().enumerate() {
            assert_eq!(line["slice"], slice);
            assert_eq!(line["direction"], direction, "{slice}");
            let begin = if direction == "forward" { slice } else { 234 - 6 - slice };
            assert_eq!(line["access_unit"], begin + place as i64);
        }
    }
}

#[test]
fn pictures_without_a_look_are_the_engines_within_the_recorders_loss() {
    let folder = TempDir::new().expect("a folder");
    let command = || scene("render", &["flower.mp4"]);
    let render = |name: &str, extra: &[&str]| {
        let mut command = command();
        command.args(["--superframes", "10"]).args(extra);
        let file = rendered(&mut command, &folder.path().join(name));
        decode(&file, WIDTH, HEIGHT)
    };
    let lines = folder.path().join("t.jsonl").display().to_string();
    let engine = render("engine.mkv", &["--trace", &lines]);
    let plain = render("plain.mkv", &[]);
    // The recorder's encoder gets the same pictures, and gives the same.
    assert_eq!(engine.len(), 60);
    assert!(engine == plain, "other pictures than the engine's");
    let worn = render("worn.mkv", &["--set", "decay.dct_amount=0.6"]);
    assert!(worn != plain, "the look was left out");
}

#[test]
fn a_render_without_a_look_limits_flashes_as_the_engine_does() {
    let folder = TempDir::new().expect("a folder");
    let strobe = folder.path().join("strobe.mkv").display().to_string();
    // Two pictures white, two black: seven and a half flashes a second.
    let levels = "color=s=328x184:r=30:d=2,geq=lum='if(lt(mod(N,4),2),235,16)':cb=128:cr=128";
    let arguments = ["-v", "error", "-f", "lavfi", "-i", levels, "-c:v", "ffv1", &strobe];
    common::peer("ffmpeg", &arguments);
    let render = |name: &str, extra: &[&str]| {
        let mut command = residua();
        command.args(["render", "--canvas", CANVAS, "--library"]).arg(library()).arg(&strobe);
        command.args(["--superframes", "10"]).args(extra);
        let file = rendered(&mut command, &folder.path().join(name));
        decode(&file, WIDTH, HEIGHT)
    };
    let changes = |pictures: &[Vec<u8>]| {
        let mean = |picture: &Vec<u8>| {
            let luma = &picture[..WIDTH * HEIGHT];
            luma.iter().map(|luma| i64::from(*luma)).sum::<i64>() / luma.len() as i64
        };
        let means: Vec<i64> = pictures.iter().map(mean).collect();
        let count = |second: &[i64]| {
            second.windows(2).filter(|pair| (pair[0] - pair[1]).abs() > 60).count()
        };
        means.windows(31).map(count).max()
    };
    let plain = render("plain.mkv", &[]);
    let unlimited = render("unlimited.mkv", &["--set", "flash.limit=0"]);
    assert!(changes(&unlimited) > Some(8), "{:?} changes are no strobe", changes(&unlimited));
    assert!(changes(&plain) <= Some(6), "{:?}", changes(&plain));
    let lines = folder.path().join("t.jsonl").display().to_string();
    let engine = render("engine.mkv", &["--trace", &lines]);
    assert!(engine == plain, "other pictures than the engine's");
}

#[test]
fn the_canvas_is_the_first_sources_own() {
    let folder = TempDir::new().expect("a folder");
    // An odd width, a rate of its own.
    let source = folder.path().join("odd.mkv").display().to_string();
    let test = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=181x120:rate=12:duration=3"];
    peer("ffmpeg", &[&test[..], &["-c:v", "ffv1", &source]].concat());
    let output = folder.path().join("out.mp4");
    let mut command = residua();
    command.args(["render", "-f", &source, "--n_superframes", "4", "--copy", "--library"]);
    let file = rendered(command.arg(folder.path().join("library")), &output);
    let entry =
        ["-v", "error", "-show_entries", "stream=width,height,r_frame_rate", "-of", "csv=p=0"];
    let text = peer("ffprobe", &[&entry[..], &[&file.display().to_string()]].concat());
    assert_eq!(text.trim(), "180,120,12/1");
    assert_eq!(picture_count(&file), 24);
}

/// Directions at the beginning of each superframe, of a course that changes the clip every time.
fn directions(is_together: bool) -> Vec<(usize, Direction)> {
    let clips = ["flower.mp4", "toy_rabbit.mp4"]
        .map(|name| Arc::new(Clip::load(&clip_folder(name, "mpeg4")).expect("a clip")));
    let registry = residua::engine::registry().expect("rows");
    let rows = playhead::Rows::resolve(&registry);
    let settings = rows.settings(Store::new(Arc::new(registry)).base(), false, 30.0);
    let wave =
        Wave::Sinusoid { is_rectified: false, amplitude_secondary: 0.0, frequency_secondary: 0.0 };
    let timeline = Timeline { wave, frequency: 3.5, superframes: 1 };
    let course = Course { superframes: 12, timeline, stays: 0.0, seed: 0 };
    let route = Route::Course { course, is_together, heals: false };
    let mut walk = Walk::new(SliceBuffer::new(clips.to_vec()), settings, &route).expect("clips");
    let fed: Vec<_> = (0..72)
        .map(|_| {
            let fed = walk.next_slot().expect("it splices").expect("every slot has one");
            (fed.clip, fed.choice.direction)
        })
        .collect();
    assert!(fed.chunks(6).all(|chunk| chunk.iter().all(|one| *one == chunk[0])));
    fed.into_iter().step_by(6).collect()
}

#[test]
fn clips_that_move_together_know_where_they_have_been() {
    use Direction::{Backward, Forward};
    // x = -cos(linspace(0, 7 pi, 11)) = -1, .59, .31, -.95, .81, 0, -.81, .95, -.31, -.59, 1.
    // Turn by turn from the initial superframe on; each clip compares with where it was itself.
    let alone = [
        Forward, Forward, Forward, Forward, Backward, Forward, Forward, Backward, Forward, Forward,
        Backward, Forward,
    ];
    // All compare with the position before.
    let together = [
        Forward, Forward, Forward, Backward, Backward, Forward, Backward, Backward, Forward,
        Backward, Backward, Forward,
    ];
    for (is_together, wanted) in [(false, alone), (true, together)] {
        let turns = [0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0];
        let wanted: Vec<_> = turns.into_iter().zip(wanted).collect();
        assert_eq!(directions(is_together), wanted, "together: {is_together}");
    }
}

#[test]
fn backward_sources_and_reverse_loops() {
    let folder = TempDir::new().expect("a folder");
    // Position 1 down to 0: the backward stream, whole, superframe after superframe.
    let words = ["--n_superframes", "3", "--rectified", "--frequency", "0.5", "--copy"];
    let backward = demo_clip("toy_rabbit.mp4").display().to_string();
    let mut command = old(&["flower.mp4"], &[&words[..], &["-b", &backward]].concat());
    let file = rendered(&mut command, &folder.path().join("two.mkv"));
    assert_eq!(picture_count(&file), 18);
    is_legal(&file);
    let mut command = old(&["flower.mp4", "toy_rabbit.mp4"], &["-b", &backward, "--copy"]);
    let output = command.output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("2 forward and 1 backward"), "{said}");

    // There and back: 150 pictures become 299. From one end to the other with a superframe of 1,
    // each position once: the picture in the middle is the clip's last.
    let words = ["--pre_reverse_loop", "--superframe_size", "1", "--n_superframes", "300"];
    let rest = ["--function", "ramp", "--frequency", "1", "--copy"];
    let mut command = old(&["flower.mp4"], &[&words[..], &rest].concat());
    let file = rendered(&mut command, &folder.path().join("loop.mkv"));
    is_legal(&file);
    let looped = decode(&file, WIDTH, HEIGHT);
    assert_eq!(looped.len(), 300);
    let source = folder.path().join("source.mkv");
    let mut straight = scene("render", &["flower.mp4"]);
    straight.args([
        "--encoder",
        "libx264",
        "--superframes",
        "25",
        "--set",
        "playhead.mode=speed",
        "--copy",
    ]);
    let source = decode(&rendered(&mut straight, &source), WIDTH, HEIGHT);
    assert_eq!(source.len(), 150);
    // One picture more at the start: the initial state before the function's first position.
    for (place, least) in [(0, 40.0), (75, 40.0), (149, 40.0), (200, 25.0), (298, 25.0)] {
        let there = if place < 150 { place } else { 298 - place };
        let level = common::psnr(&looped[place + 1], &source[there], WIDTH * HEIGHT);
        assert!(level > least, "place {place}: {level} dB");
    }
}

#[test]
fn a_copy_can_be_imported_again() {
    let folder = TempDir::new().expect("a folder");
    for encoder in ["libx264", "mpeg4"] {
        let output = folder.path().join(encoder).with_extension("mp4");
        let words = ["--encoder", encoder, "--n_superframes", "10", "--copy"];
        let file = rendered(&mut old(&["flower.mp4"], &words), &output);
        let mut command = residua();
        command
            .args(["import", "--canvas", CANVAS, "--library"])
            .arg(folder.path().join("library"));
        let said = succeed(command.arg(&file));
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(text.contains("60 pictures"), "{text}");
    }
}

#[test]
fn what_goes_without_saying() {
    let folder = TempDir::new().expect("a folder");
    // The default name, in the folder the program is started in; never overwritten.
    for name in ["output.mov", "output-1.mov"] {
        let mut command =
            old(&["flower.mp4"], &["--n_superframes", "2", "--copy", "--n_workers", "2"]);
        let said = succeed(command.args(["--fpath_manifest", "m.json"]).current_dir(folder.path()));
        assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), name);
        assert!(String::from_utf8_lossy(&said.stderr).contains("no manifest"));
        assert_eq!(picture_count(&folder.path().join(name)), 12);
    }
    let mut command =
        old(&["flower.mp4"], &["--n_superframes", "2", "--copy", "--set", "decay.dct_amount=1"]);
    let said = succeed(command.arg("-o").arg(folder.path().join("look.mkv")));
    assert!(String::from_utf8_lossy(&said.stderr).contains("the look is left out"));
    let line = fail(
        old(&["flower.mp4"], &["--together", "--set", "decay.dct_amount=1", "-o", "no.mkv"])
            .current_dir(folder.path()),
        1,
    );
    assert!(line.contains("--together"), "{line}");
    let line = fail(&mut old(&["flower.mp4"], &["--copy", "-o", "/nowhere/at/all.mkv"]), 1);
    assert!(line.contains("/nowhere/at/all.mkv"), "{line}");
    assert!(fs::read_dir(folder.path()).expect("a folder").count() == 3);
}
