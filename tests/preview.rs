//! `residua preview`, driven from outside.

mod common;

use common::{demo_clip, fail, residua, succeed};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/preview")
}

fn preview(words: &[&str]) -> Command {
    let mut command = residua();
    command.arg("preview").args(words);
    command
}

/// What a row of the reference says of a picture.
fn reference(picture: &str, row: &str, what: &str) -> f64 {
    let text = fs::read_to_string(corpus().join("reference.json")).expect("the reference");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    all[format!("{picture}|{row}")][what].as_f64().expect("a figure")
}

/// Codes and decodes the corpus; each picture's SSIMULACRA2, by name.
fn scores(way: &str) -> Vec<(String, f64)> {
    let work = tempfile::tempdir().expect("a folder");
    let pictures = work.path().join("in");
    fs::create_dir(&pictures).expect("a folder");
    for file in fs::read_dir(corpus()).expect("the corpus").flatten() {
        if file.path().extension().is_some_and(|ending| ending == "png") {
            fs::copy(file.path(), pictures.join(file.file_name())).expect("a copy");
        }
    }
    let (coded, decoded) = (work.path().join("coded"), work.path().join("decoded"));
    succeed(preview(&["encode", "--way", way]).arg(&pictures).arg(&coded));
    let files: Vec<_> = fs::read_dir(&coded).expect("a folder").flatten().collect();
    assert_eq!(files.len(), 8);
    for file in files {
        let bytes = file.metadata().expect("a file").len();
        assert!(bytes <= 4096, "{:?}: {bytes}", file.path());
    }
    succeed(preview(&["decode"]).arg(&coded).arg(&decoded));
    let output = succeed(preview(&["score"]).arg(&pictures).arg(&decoded));
    let text = String::from_utf8(output.stdout).expect("text");
    let rows = text.lines().filter_map(|line| {
        let (name, figures) = line.split_once(".png ")?;
        let score = figures.split_whitespace().next()?.parse().ok()?;
        Some((name.to_owned(), score))
    });
    let rows: Vec<(String, f64)> = rows.collect();
    assert_eq!(rows.len(), 8, "{text}");
    rows
}

fn mean(scores: &[(String, f64)]) -> f64 {
    scores.iter().map(|(_, score)| score).sum::<f64>() / scores.len() as f64
}

#[test]
fn raw_pixels_look_as_the_first_old_answer_does() {
    let scores = scores("lanczos");
    for (name, score) in &scores {
        let old = reference(name, "ppm", "ssimulacra2");
        assert!((score - old).abs() < 0.02 * old.abs(), "{name}: {score}, {old}");
    }
    let old =
        scores.iter().map(|(name, _)| reference(name, "ppm", "ssimulacra2")).sum::<f64>() / 8.0;
    assert!((mean(&scores) - old).abs() < 0.02 * old.abs());
}

#[test]
fn patches_look_better_than_the_second_old_answer_on_every_picture() {
    let scores = scores("codebook");
    for (name, score) in &scores {
        let old = reference(name, "vq_synth", "ssimulacra2");
        assert!(*score > old, "{name}: {score}, {old}");
    }
    assert!(mean(&scores) >= -5.6, "{scores:?}");
}

#[test]
fn the_best_way_is_as_good_as_was_promised() {
    let scores = scores("best");
    assert!(mean(&scores) >= 9.0, "{scores:?}");
}

#[test]
fn the_quick_way_is_no_worse_than_plain_webp() {
    let scores = scores("webp");
    let old =
        scores.iter().map(|(name, _)| reference(name, "webp", "ssimulacra2")).sum::<f64>() / 8.0;
    assert!(mean(&scores) >= old, "{} {old}: {scores:?}", mean(&scores));
}

fn gradient(path: &Path, size: &str) {
    let status =
        Command::new("convert").args(["-size", size, "gradient:red-blue"]).arg(path).status();
    assert!(status.expect("imagemagick").success());
}

#[test]
fn a_folder_goes_on_after_a_bad_picture() {
    let work = tempfile::tempdir().expect("a folder");
    let input = work.path().join("in");
    fs::create_dir(&input).expect("a folder");
    gradient(&input.join("a.png"), "60x40");
    fs::write(input.join("b.png"), "no picture").expect("a file");
    gradient(&input.join("c.gif"), "30x20");
    gradient(&input.join("c.bmp"), "50x20");
    let coded = work.path().join("deep/coded");
    let output = preview(&["encode", "--way", "lanczos"]).arg(&input).arg(&coded).output();
    let output = output.expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("b.png") && text.contains("1 of 4 files"), "{text}");
    let mut names: Vec<_> =
        fs::read_dir(&coded).expect("made").flatten().map(|file| file.file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.lanczos", "c.bmp.lanczos", "c.gif.lanczos"]);
    let decoded = work.path().join("decoded");
    succeed(preview(&["decode"]).arg(&coded).arg(&decoded));
    let size = |name: &str| image::image_dimensions(decoded.join(name)).expect(name);
    assert_eq!(
        [size("a.png"), size("c.bmp.png"), size("c.gif.png")],
        [(60, 40), (50, 20), (30, 20)]
    );
    let output = succeed(preview(&["score"]).arg(&input).arg(&decoded));
    assert!(String::from_utf8_lossy(&output.stderr).contains("skipped b.png"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("3 of 4 pictures"));
}

#[test]
fn without_a_place_the_old_names_are_taken() {
    let work = tempfile::tempdir().expect("a folder");
    let picture = work.path().join("p.png");
    gradient(&picture, "64x48");
    succeed(preview(&["encode"]).arg(&picture));
    let coded = work.path().join("p.compressed");
    let bytes = fs::read(&coded).expect("beside the picture");
    assert_eq!(&bytes[..4], b"RIFF");
    succeed(preview(&["decode"]).arg(&coded));
    assert!(work.path().join("p.out.png").is_file());
    let input = work.path().join("in");
    fs::create_dir(&input).expect("a folder");
    fs::copy(&picture, input.join("q.png")).expect("a copy");
    succeed(preview(&["encode"]).arg("in").current_dir(work.path()));
    assert!(work.path().join("out/q.compressed").is_file());
}

#[test]
fn wrong_things_are_said_in_a_line() {
    let work = tempfile::tempdir().expect("a folder");
    let picture = work.path().join("p.png");
    gradient(&picture, "64x48");
    let line = fail(preview(&["encode"]).arg(work.path().join("none.png")), 1);
    assert!(line.contains("none.png"), "{line}");
    let line = fail(preview(&["decode"]).arg(&picture), 1);
    assert!(line.contains("p.png") && line.contains("no preview"), "{line}");
    let line = fail(preview(&["encode", "--bytes", "10"]).arg(&picture), 1);
    assert!(line.contains("10 bytes") && line.contains("p.png"), "{line}");
    let line = fail(preview(&["encode"]).arg(&picture).arg(&picture), 1);
    assert!(line.contains("over itself"), "{line}");
    let wrong = preview(&["encode", "--way", "zip"]).arg(&picture).output().expect("it starts");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("lanczos"));
}

#[test]
fn one_picture_is_drawn_with_the_patches_of_another() {
    let work = tempfile::tempdir().expect("a folder");
    let (picture, flower) = (work.path().join("p.png"), demo_clip("flower.jpg"));
    gradient(&picture, "64x48");
    let book = work.path().join("flower.patches");
    succeed(preview(&["learn"]).arg(&flower).arg(&book));
    let coded = work.path().join("p.cb");
    let with = ["--codebook", book.to_str().expect("a path")];
    succeed(preview(&["encode", "--way", "codebook"]).args(with).arg(&picture).arg(&coded));
    let line = fail(preview(&["decode"]).arg(&coded), 1);
    assert!(line.contains("--codebook") && line.contains("p.cb"), "{line}");
    // The same patches, learned again.
    succeed(preview(&["decode", "--codebook"]).arg(&flower).arg(&coded));
    assert!(work.path().join("p.out.png").is_file());
}

#[test]
fn a_sheet_has_a_row_for_each_picture() {
    let work = tempfile::tempdir().expect("a folder");
    gradient(&work.path().join("a.png"), "64x48");
    gradient(&work.path().join("b.png"), "48x64");
    let sheet = work.path().join("sheet.png");
    succeed(preview(&["sheet"]).arg(work.path()).arg(&sheet));
    let (width, height) = image::image_dimensions(&sheet).expect("a picture");
    // The original and four ways, each with room for its label, and two rows.
    assert!(width >= 5 * 200 && height > 48 + 64, "{width}x{height}");
}
