//! `residua decay`: the loop over a still, driven from outside.

mod common;

use common::{fail, peer, residua, succeed};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// 61x47, colour.
fn odd_picture() -> PathBuf {
    golden("pillow/large_in.png")
}

fn decay(picture: &Path) -> Command {
    let mut command = residua();
    command.arg("decay").arg(picture);
    command
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The same in another file, as ffmpeg writes it.
fn converted(folder: &Path, name: &str, options: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let picture = odd_picture();
    let arguments = [&["-v", "error", "-i", text(&picture)], options, &[text(&path)]].concat();
    peer("ffmpeg", &arguments);
    path
}

fn whole_jpeg(folder: &Path) -> PathBuf {
    converted(folder, "whole.jpg", &["-pix_fmt", "yuvj444p", "-q:v", "2"])
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[test]
fn video_files_and_zip_are_there_and_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (video, frames, zip, trace) = (at("o.mp4"), at("f"), at("f.zip"), at("t.jsonl"));
    let mut command = decay(&odd_picture());
    command.args(["--frames", "8", "--every", "3", "--fps", "6", "--look", "as-written", "-o"]);
    command.arg(&video).arg("--frames-dir").arg(&frames).arg("--zip").arg(&zip);
    let output = succeed(command.arg("--trace").arg(&trace));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("60x46 of the 61x47"), "{said}");

    assert_eq!(names(&frames), ["frame_00000.jpg", "frame_00003.jpg", "frame_00006.jpg"]);
    let show = "stream=codec_name,pix_fmt,width,height,r_frame_rate,nb_read_frames";
    let probe = |path: &Path| {
        let arguments = ["-v", "error", "-count_frames", "-show_entries", show, "-of", "csv=p=0"];
        peer("ffprobe", &[&arguments[..], &[text(path)]].concat())
    };
    assert_eq!(probe(&video).trim(), "h264,60,46,yuv420p,6/1,8");
    let jpeg = probe(&frames.join("frame_00006.jpg"));
    assert!(jpeg.starts_with("mjpeg,61,47,yuvj420p"), "{jpeg}");
    peer("unzip", &["-q", text(&zip), "-d", text(&at("out"))]);
    assert_eq!(names(&at("out")), names(&frames));
    for name in names(&frames) {
        let (one, other) = (fs::read(frames.join(&name)), fs::read(at("out").join(&name)));
        assert!(one.expect("a file") == other.expect("a file"), "{name}");
    }
    // Every file has the tables of its own frame.
    let trace = fs::read_to_string(trace).expect("a trace");
    let lines: Vec<serde_json::Value> =
        trace.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 8);
    let mut tables = Vec::new();
    for number in [0, 3, 6] {
        let file = frames.join(format!("frame_{number:05}.jpg"));
        let output = Command::new("djpeg")
            .args(["-verbose", "-verbose", "-outfile", "/dev/null"])
            .arg(&file)
            .output()
            .expect("djpeg: install libjpeg-turbo-progs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let first = told.split("Define Quantization Table 0").nth(1).expect("a table");
        // djpeg tells tables in raster order, eight entries a line.
        let seen: Vec<u64> = first
            .lines()
            .skip(1)
            .take(8)
            .flat_map(|line| line.split_whitespace())
            .map(|word| word.parse().expect("an entry"))
            .collect();
        let wanted = lines[number]["luma_raster"].as_array().expect("a table");
        let wanted: Vec<u64> = wanted.iter().filter_map(serde_json::Value::as_u64).collect();
        assert_eq!(seen, wanted, "frame {number}");
        tables.push(seen);
    }
    // Quality 98 makes 4 % of Annex K: 16 * 0.04 = 0.64, 1 at least.
    assert_eq!(tables[0][0], 1);
    assert_ne!(tables[1], tables[2]);
}

#[test]
fn colours_stay_where_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let largest = |name: &str, options: &[&str]| {
        let frames = folder.path().join(name);
        let mut command = decay(&odd_picture());
        command.args(["--frames", "5", "--look", "clouds", "--frames-dir"]).arg(&frames);
        succeed(command.args(options));
        let file = frames.join("frame_00004.jpg");
        let picture = image::open(file).expect("a frame").to_rgb8();
        let spread = |[r, g, b]: [u8; 3]| r.max(g).max(b) - r.min(g).min(b);
        picture.pixels().map(|pixel| spread(pixel.0)).max().expect("pixels")
    };
    assert_eq!(largest("grey", &[]), 0);
    assert!(largest("colour", &["--colour"]) > 100);
}

#[test]
fn every_preset_wears_a_still() {
    let folder = tempfile::tempdir().expect("a folder");
    let still = folder.path().join("still.png");
    let pixel = |x: u32, y: u32| image::Rgb([(x * 4) as u8, (y * 5) as u8, (x ^ y) as u8]);
    image::RgbImage::from_fn(64, 48, pixel).save(&still).expect("written");
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let looks: Vec<String> =
        names(&presets).into_iter().filter(|name| name.ends_with(".toml")).collect();
    assert!(looks.len() > 20, "{looks:?}");
    for look in looks {
        let frames = folder.path().join(&look);
        let mut command = decay(&still);
        command.args(["--frames", "3", "--look"]).arg(presets.join(&look));
        let output = succeed(command.arg("--frames-dir").arg(&frames));
        let wanted = ["frame_00000.jpg", "frame_00001.jpg", "frame_00002.jpg"];
        assert_eq!(names(&frames), wanted, "{look}");
        for name in wanted {
            let picture = image::open(frames.join(name)).expect("a frame").to_rgb8();
            assert_eq!(picture.dimensions(), (64, 48), "{look}: {name}");
            let is_black = picture.pixels().all(|pixel| pixel.0.iter().all(|level| *level < 8));
            assert!(!is_black, "{look}: {name}");
        }
        // A look that asks for what a still cannot have is told so, once.
        let values = fs::read_to_string(presets.join(&look)).expect("a preset");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        for stage in ["mask", "codec"] {
            let asked = usize::from(values.contains(&format!("\"decay.{stage}_amount\"")));
            let line = format!("the look's {stage} is off");
            assert_eq!(said.matches(&line).count(), asked, "{look}: {said}");
        }
    }
}

#[test]
fn what_cannot_be_done_is_one_line_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["text.txt", "text.png"] {
        fs::write(at(name), "no picture").expect("written");
    }
    image::RgbImage::new(8, 8).save(at("small.png")).expect("written");
    let broken = fs::read(odd_picture()).expect("a picture");
    fs::write(at("broken.png"), &broken[..broken.len() / 2]).expect("written");
    let jpeg = fs::read(whole_jpeg(folder.path())).expect("a picture");
    fs::write(at("half.jpg"), &jpeg[..jpeg.len() / 2]).expect("written");
    fs::write(at("endless.jpg"), &jpeg[..jpeg.len() - 2]).expect("written");
    for (name, wanted) in [
        ("missing.png", "No such file"),
        ("text.txt", "PNG, JPEG or WebP"),
        ("text.png", "PNG"),
        ("small.png", "8x8 pixels"),
        ("broken.png", "broken.png"),
        ("half.jpg", "half.jpg is cut off"),
        ("endless.jpg", "endless.jpg is cut off"),
    ] {
        let mut command = decay(&at(name));
        let line = fail(command.arg("--frames-dir").arg(at("frames")), 1);
        assert!(line.contains(name) && line.contains(wanted), "{line}");
        assert!(!at("frames").exists(), "nothing is begun");
    }
    let run = |option: &str, path: &Path| {
        let mut command = decay(&odd_picture());
        fail(command.args(["--frames", "2"]).arg(option).arg(path), 1)
    };
    fs::write(at("mine.zip"), "mine").expect("written");
    assert!(run("--zip", &at("mine.zip")).contains("is there already"));
    assert_eq!(fs::read(at("mine.zip")).expect("as it was"), b"mine");
    fs::create_dir(at("mine")).expect("a folder");
    fs::write(at("mine/frame_00001.jpg"), "mine").expect("written");
    assert!(run("--frames-dir", &at("mine")).contains("holds frames already"));
    assert_eq!(fs::read(at("mine/frame_00001.jpg")).expect("as it was"), b"mine");
    assert!(run("-o", &at("o.gif")).contains("o.gif"));
    // What a later result cannot do is nothing to the ones before.
    fs::write(at("mine.jsonl"), "mine").expect("written");
    fs::write(at("other.zip.part"), "mine").expect("written");
    let before = names(folder.path());
    for (options, wanted) in [
        (["--trace", "mine.jsonl", "-o", "o.mp4"], "mine.jsonl is there already"),
        (["--trace", "mine.jsonl", "-o", "o.gif"], "mine.jsonl is there already"),
        (["--trace", "new.jsonl", "-o", "o.gif"], "o.gif"),
        (["--trace", "new.jsonl", "--zip", "missing/f.zip"], "missing/f.zip"),
        (["--trace", "new.jsonl", "--zip", "other.zip"], "other.zip.part is there already"),
        (["--trace", "mine.jsonl", "--zip", "f.zip"], "mine.jsonl is there already"),
    ] {
        let mut command = decay(&odd_picture());
        let line = fail(command.current_dir(folder.path()).args(options), 1);
        assert!(line.contains(wanted), "{options:?}: {line}");
        assert_eq!(names(folder.path()), before, "{options:?}");
    }
    for name in ["mine.jsonl", "other.zip.part"] {
        assert_eq!(fs::read(at(name)).expect("as it was"), b"mine");
    }
    for (text, wanted) in [
        ("", "no [values] table"),
        ("[values", "look.toml"),
        ("[values]\n\"decay.nothing\" = 1", "decay.nothing"),
        ("[values]\n\"decay.dct_amount\" = \"much\"", "decay.dct_amount"),
    ] {
        fs::write(at("look.toml"), text).expect("written");
        let mut command = decay(&odd_picture());
        command.arg("--look").arg(at("look.toml")).arg("--zip").arg(at("f.zip"));
        let line = fail(&mut command, 1);
        assert!(line.contains("look.toml") && line.contains(wanted), "{text}: {line}");
        assert!(!at("f.zip").exists(), "{text}: nothing is begun");
    }
    for wrong in [&["--look", "sepia", "--zip", "a.zip"][..], &["--frames", "0"], &[]] {
        let output = decay(&odd_picture()).args(wrong).output().expect("the command starts");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn the_same_picture_in_another_file_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["-c:v", "libwebp", "-lossless", "1", "-pix_fmt", "bgra"];
    let webp = converted(folder.path(), "picture.webp", &options);
    let jpeg = whole_jpeg(folder.path());
    let frames: Vec<Vec<u8>> = [("png", odd_picture()), ("webp", webp), ("jpeg", jpeg)]
        .iter()
        .map(|(name, picture)| {
            let frames = folder.path().join(name);
            succeed(decay(picture).args(["--frames", "2", "--frames-dir"]).arg(&frames));
            fs::read(frames.join("frame_00001.jpg")).expect("a frame")
        })
        .collect();
    assert!(frames[0] == frames[1], "WebP without loss is another picture");
    assert!(frames[0] != frames[2], "the comparison notices what a JPEG loses");
}

#[test]
fn an_interrupt_leaves_nothing_half() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (video, frames, zip) = (at("o.mp4"), at("f"), at("f.zip"));
    let mut command = decay(&odd_picture());
    command.args(["--frames", "1000000", "-o"]).arg(&video).arg("--zip").arg(&zip);
    let child = command.arg("--frames-dir").arg(&frames).stderr(Stdio::piped()).spawn();
    let child = child.expect("the command starts");
    let patience = Instant::now() + Duration::from_secs(180);
    while !frames.join("frame_00005.jpg").exists() {
        assert!(Instant::now() < patience, "no frames");
        sleep(Duration::from_millis(50));
    }
    peer("kill", &["-INT", &child.id().to_string()]);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("ended early: ") && said.contains("of 1000000 frames"), "{said}");
    let made = names(&frames).len();
    assert!(names(&frames).iter().all(|name| name.ends_with(".jpg")));
    let show = ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames"];
    let count = peer("ffprobe", &[&show[..], &["-of", "csv=p=0", text(&video)]].concat());
    assert_eq!(count.trim(), made.to_string());
    let listed = peer("unzip", &["-Z1", text(&zip)]);
    assert_eq!(listed.lines().count(), made);
    peer("unzip", &["-tq", text(&zip)]);
    assert_eq!(names(folder.path()), ["f", "f.zip", "o.mp4"]);
}
