//! Sources of every shape, and those that cannot be imported; the library; the recorder.

#![cfg(feature = "media")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod support;

use residua::{
    clip::{Clip, Encoder, Fit},
    library::Library,
    media::{self, ImportError, ImportRequest, Imported, RecordError, Recorder, SourceHashes},
    ports::{Notices, PictureSink, Shown},
    units::{Canvas, Picture},
};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};
use support::{decode, ffmpeg, ffmpeg_pictures, frames, probe, psnr};

const RABBIT: &str = "presets/demo/toy_rabbit.mp4";

fn request(source: impl Into<PathBuf>, canvas: &str, fit: Fit) -> ImportRequest {
    ImportRequest {
        fit,
        coding: Encoder::Libx264.into(),
        ..ImportRequest::new(source, canvas.parse().unwrap())
    }
}

fn import(request: &ImportRequest, folder: &Path) -> Result<Imported, ImportError> {
    let hashes = SourceHashes::of(request)?;
    media::import(request, &hashes, folder, &mut |_| ControlFlow::Continue(()))
}

/// Imports and decodes all pictures of the forward stream.
fn pictures(request: &ImportRequest) -> (Vec<Picture>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("clip");
    let imported = import(request, &folder).unwrap();
    let clip = Clip::load(&folder).unwrap();
    (decode(&[(&clip.forward, 0..clip.forward.len() as u32)]), imported.warnings)
}

/// Mean luma of a rectangle.
fn luma(picture: &Picture, x: u32, y: u32, width: u32, height: u32) -> f64 {
    let mut sum = 0.0;
    for row in y..y + height {
        for column in x..x + width {
            sum += f64::from(picture.data()[(row * picture.width() + column) as usize]);
        }
    }
    sum / f64::from(width * height)
}

fn is_near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 4.0
}

#[test]
fn every_fit_has_its_shape() {
    // White, square, into 16:9. White is luma 235, black 16 (BT.709, limited range).
    let folder = tempfile::tempdir().unwrap();
    let square = folder.path().join("square.mkv");
    ffmpeg(&["-f", "lavfi", "-i", "color=white:s=96x96:r=30:d=0.2", "-c:v", "ffv1"], &square);
    let edge = |fit| {
        let (pictures, _) = pictures(&request(&square, "320x180@30", fit));
        assert_eq!(pictures.len(), 6);
        assert!(is_near(luma(&pictures[3], 100, 20, 120, 140), 235.0));
        luma(&pictures[3], 8, 8, 32, 160)
    };
    assert!(is_near(edge(Fit::Crop), 235.0));
    assert!(is_near(edge(Fit::Stretch), 235.0));
    assert!(is_near(edge(Fit::Letterbox), 16.0));
    assert!(!is_near(30.0, 16.0));
}

#[test]
fn pixels_that_are_not_square_keep_their_shape() {
    // 96x96 with pixels 2:1 is 2:1: letterboxed into 16:9 it leaves 10 rows above and below.
    let folder = tempfile::tempdir().unwrap();
    let wide = folder.path().join("wide.mkv");
    ffmpeg(
        &["-f", "lavfi", "-i", "color=white:s=96x96:r=30:d=0.2,setsar=2/1", "-c:v", "ffv1"],
        &wide,
    );
    let (pictures, _) = pictures(&request(&wide, "320x180@30", Fit::Letterbox));
    assert!(is_near(luma(&pictures[3], 8, 20, 32, 140), 235.0));
    assert!(is_near(luma(&pictures[3], 8, 0, 300, 6), 16.0));
}

#[test]
fn orientation_is_applied() {
    // A picture dark above and bright below, stored so that players turn it by a quarter.
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.mp4");
    let turned = folder.path().join("turned.mp4");
    let halves = "color=black:s=180x320:r=30:d=0.2,drawbox=y=160:h=160:c=white:t=fill";
    ffmpeg(&["-f", "lavfi", "-i", halves, "-c:v", "mpeg4", "-q:v", "2"], &plain);
    ffmpeg(&["-i", plain.to_str().unwrap(), "-c", "copy", "-metadata:s:v:0", "rotate=90"], &turned);
    // ffmpeg turns by itself when it decodes: the truth.
    let truth = ffmpeg_pictures(&turned, 320, 180, "scale=320:180");
    let (ours, _) = pictures(&request(&turned, "320x180@30", Fit::Crop));
    let db = psnr(&ours[3], &truth[3]);
    assert!(db > 30.0, "{db:.1} dB");
    let (left, right) = (luma(&ours[3], 8, 8, 120, 160), luma(&ours[3], 192, 8, 120, 160));
    assert!((left - right).abs() > 150.0, "not turned: {left} {right}");
}

#[test]
fn see_through_parts_are_black() {
    let folder = tempfile::tempdir().unwrap();
    let half = folder.path().join("half.png");
    let graph = "color=white:s=320x180:d=1,format=rgba,geq=r=255:g=255:b=255:a='128*gt(X,159)'";
    ffmpeg(&["-f", "lavfi", "-i", graph, "-frames:v", "1"], &half);
    let (pictures, _) = pictures(&request(&half, "320x180@30", Fit::Crop));
    assert_eq!(pictures.len(), 150, "a still is shown for 5 s");
    assert!(is_near(luma(&pictures[0], 8, 8, 140, 160), 16.0));
    // Half of white over black: 16 + 219 * 128 / 255.
    assert!(is_near(luma(&pictures[0], 170, 8, 140, 160), 125.9));
}

#[test]
fn rates_are_conformed() {
    let folder = tempfile::tempdir().unwrap();
    for rate in ["15", "60"] {
        let source = folder.path().join(format!("{rate}.mkv"));
        let graph = format!("testsrc2=s=160x90:r={rate}:d=2");
        ffmpeg(&["-f", "lavfi", "-i", &graph, "-c:v", "mpeg4", "-q:v", "3"], &source);
        let (pictures, _) = pictures(&request(&source, "160x90@30", Fit::Crop));
        assert!((59..=61).contains(&pictures.len()), "{rate}: {}", pictures.len());
    }
}

#[test]
fn what_is_no_video_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("text.mp4"), "This is no video. ".repeat(100)).unwrap();
    fs::write(at("empty.mp4"), "").unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "sine=d=1", "-c:a", "flac"], &at("sound.mkv"));
    ffmpeg(&["-f", "lavfi", "-i", "testsrc2=d=2", "-c:v", "mpeg4"], &at("whole.mp4"));
    let whole = fs::read(at("whole.mp4")).unwrap();
    let header = memchr::memmem::find(&whole, b"moov").unwrap();
    fs::write(at("headless.mp4"), &whole[..header - 4]).unwrap();
    fs::create_dir(at("folder.mp4")).unwrap();

    for (name, expected) in [
        ("text.mp4", "is no video"),
        ("empty.mp4", "is no video"),
        ("headless.mp4", "is no video"),
        ("sound.mkv", "has no picture track"),
        ("missing.mp4", "cannot be read"),
        ("folder.mp4", "is no file"),
    ] {
        let staging = at("staging");
        let line = import(&request(at(name), "64x48@30", Fit::Crop), &staging)
            .expect_err(name)
            .to_string();
        assert!(line.contains(expected) && line.contains(name), "{name}: {line}");
        assert!(!line.contains('\n'));
        assert!(!staging.exists(), "{name}: something was left behind");
    }
}

#[test]
fn of_a_truncated_video_what_decodes_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.mp4");
    ffmpeg(&["-i", RABBIT, "-c", "copy", "-movflags", "+faststart"], &whole);
    let bytes = fs::read(&whole).unwrap();
    let cut = folder.path().join("cut.mp4");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let (ours, warnings) = pictures(&request(&cut, "160x90@30", Fit::Crop));
    let theirs = frames_of_damaged(&cut);
    assert!(ours.len().abs_diff(theirs) <= 3, "{} pictures, ffmpeg has {theirs}", ours.len());
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("cut.mp4"), "{warnings:?}");
    let (_, warnings) = pictures(&request(&whole, "160x90@30", Fit::Crop));
    assert!(warnings.is_empty(), "{warnings:?}");
}

/// ffprobe complains about the end but counts.
fn frames_of_damaged(file: &Path) -> usize {
    probe(file, "stream=nb_read_frames").trim().parse().unwrap()
}

#[test]
fn an_import_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let staging = folder.path().join("staging");
    let request = request(RABBIT, "160x90@30", Fit::Crop);
    let hashes = SourceHashes::of(&request).unwrap();
    let mut last = 0.0;
    let result = media::import(&request, &hashes, &staging, &mut |progress| {
        assert!(progress.part >= last, "progress goes back");
        last = progress.part;
        if progress.part > 0.2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(result, Err(ImportError::Stopped)));
    assert!(!staging.exists());
}

#[test]
fn the_library_imports_once() {
    let folder = tempfile::tempdir().unwrap();
    let short = folder.path().join("short.mkv");
    ffmpeg(&["-f", "lavfi", "-i", "testsrc2=s=160x90:d=1", "-c:v", "mpeg4"], &short);
    let root = folder.path().join("clips");
    // Two at once, as two processes would.
    let both: Vec<_> = (0..2)
        .map(|_| {
            let (root, short) = (root.clone(), short.clone());
            thread::spawn(move || {
                let request = request(short, "160x90@30", Fit::Crop);
                let library = Library::open(&root).unwrap();
                library.load(&request, &mut |_| ControlFlow::Continue(())).unwrap()
            })
        })
        .collect();
    let both: Vec<_> = both.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(both[0].folder, both[1].folder);
    Clip::load(&both[0].folder).unwrap().verify().unwrap();

    // The same bytes under another name are the same clip, at once.
    let other = folder.path().join("other.mkv");
    fs::copy(&short, &other).unwrap();
    let library = Library::open(&root).unwrap();
    let again = library
        .load(&request(other, "160x90@30", Fit::Crop), &mut |_| panic!("imported again"))
        .unwrap();
    assert!(again.is_reused);
    assert_eq!(again.folder, both[0].folder);
    assert_eq!(fs::read_dir(&root).unwrap().count(), 1, "something was left behind");

    // A damaged folder is imported again.
    fs::remove_file(again.folder.join("intra.h264")).unwrap();
    let request = request(short, "160x90@30", Fit::Crop);
    let mended = library.load(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(!mended.is_reused);
    Clip::load(&mended.folder).unwrap().verify().unwrap();
    assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
}

/// A grey that rises with the slot.
fn shown(canvas: Canvas, slot: u64) -> Shown {
    let mut picture = Picture::black(canvas.width, canvas.height);
    let luma = (canvas.width * canvas.height) as usize;
    picture.data_mut()[..luma].fill(40 + (slot % 150) as u8);
    Shown { slot, picture: Arc::new(picture) }
}

#[test]
fn recordings_play_and_are_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let canvas: Canvas = "160x90@30".parse().unwrap();
    for ending in ["mkv", "mp4"] {
        let wanted = folder.path().join(format!("demo.{ending}"));
        for name in ["demo", "demo-1", "demo-2"] {
            let mut recorder = Recorder::start(&wanted, canvas, Notices::default()).unwrap();
            assert_eq!(recorder.path(), folder.path().join(format!("{name}.{ending}")));
            // A recording may begin at any slot; one that is missing shows the one before it.
            for slot in (100..160).filter(|slot| *slot != 120) {
                assert!(recorder.write(&shown(canvas, slot)));
            }
            let done = recorder.finish().unwrap();
            assert_eq!((done.recorded, done.refused), (59, 0));
            assert_eq!(frames(&done.path), 60);
        }
        let pictures = ffmpeg_pictures(&wanted, 160, 90, "");
        for (number, picture) in pictures.iter().enumerate().step_by(5) {
            let slot = if number == 20 { 19 } else { number };
            let expected = 40.0 + (100 + slot) as f64 % 150.0;
            assert!(is_near(luma(picture, 8, 8, 140, 70), expected), "{ending} {number}");
        }
        let times = probe(&wanted, "frame=pts_time");
        let times: Vec<f64> =
            times.lines().filter_map(|line| line.trim_matches(',').parse().ok()).collect();
        assert_eq!(times.len(), 60);
        for (slot, time) in times.iter().enumerate() {
            assert!((time - slot as f64 / 30.0).abs() < 0.002, "{ending}: {time} in {slot}");
        }
    }
}

#[test]
fn a_full_queue_refuses_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let canvas: Canvas = "1280x720@30".parse().unwrap();
    let wanted = folder.path().join("burst.mkv");
    let mut recorder = Recorder::start(&wanted, canvas, Notices::default()).unwrap();
    let taken: Vec<u64> = (0..200).filter(|slot| recorder.offer(&shown(canvas, *slot))).collect();
    let done = recorder.finish().unwrap();
    assert!(taken.len() < 200, "nothing was refused");
    assert_eq!(done.recorded, taken.len() as u64);
    assert_eq!(done.refused, 200 - done.recorded);
    // Between the first and the last that were taken, refused slots show the one before them.
    assert_eq!(frames(&done.path) as u64, taken[taken.len() - 1] + 1);
}

#[test]
fn a_recording_without_a_picture_ends() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["mkv", "mp4"] {
        let wanted = folder.path().join(format!("none.{ending}"));
        let recorder =
            Recorder::start(&wanted, "160x90@30".parse().unwrap(), Notices::default()).unwrap();
        assert_eq!(recorder.finish().unwrap().recorded, 0);
    }
}

#[test]
fn what_cannot_be_recorded_says_so() {
    let canvas: Canvas = "160x90@30".parse().unwrap();
    let start = |path: &str| Recorder::start(Path::new(path), canvas, Notices::default());
    assert!(matches!(start("/nowhere/at/all.mkv"), Err(RecordError::Unwritable { .. })));
    assert!(matches!(start("/tmp/picture.avi"), Err(RecordError::Container { .. })));
}
