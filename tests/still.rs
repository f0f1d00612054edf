//! Single pictures as intra access units, judged by ffmpeg: format, picture, and whether they may
//! stand anywhere in a clip.

#![cfg(feature = "media")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod support;

use residua::{
    bitstream::Stream,
    clip::{Clip, Coding, Encoder, Fit, read_grabs, write_grab},
    media::{self, ImportRequest, MediaError, SourceHashes, StillCoder},
    units::{AccessUnitIndex, Canvas, Codec, Direction, Picture},
};
use std::{fs, ops::ControlFlow, path::Path, process::Command};
use support::{ffmpeg_pictures, psnr, splice};

const FLOWER: &str = "presets/demo/flower.mp4";
const RABBIT: &str = "presets/demo/toy_rabbit.mp4";
const PHOTOGRAPH: &str = "presets/demo/flower.jpg";
/// Not a multiple of 16 either way, and a rate that is not whole.
const CANVAS: &str = "328x184@30000/1001";

fn canvas() -> Canvas {
    CANVAS.parse().unwrap()
}

fn import(source: &str, coding: &Coding, folder: &Path) -> Clip {
    let request = ImportRequest { coding: coding.clone(), ..ImportRequest::new(source, canvas()) };
    let hashes = SourceHashes::of(&request).unwrap();
    media::import(&request, &hashes, folder, &mut |_| ControlFlow::Continue(())).unwrap();
    Clip::load(folder).unwrap()
}

/// What the programme might show: a picture of the rabbit as ffmpeg conforms it.
fn natural(canvas: Canvas, number: usize) -> Picture {
    let filter = format!("scale={}:{}:flags=bicubic,setsar=1", canvas.width, canvas.height);
    ffmpeg_pictures(Path::new(RABBIT), canvas.width, canvas.height, &filter).swap_remove(number)
}

/// The pictures of a raw stream as ffmpeg has them.
fn pictures_of(codec: Codec, bytes: &[u8], canvas: Canvas) -> Vec<Picture> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(if codec == Codec::H264 { "s.h264" } else { "s.m4v" });
    fs::write(&file, bytes).unwrap();
    ffmpeg_pictures(&file, canvas.width, canvas.height, "")
}

/// What ffmpeg says of a stream that it must read to its end, giving up at the first fault.
fn complaints(codec: Codec, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spliced");
    fs::write(&file, bytes).unwrap();
    let demuxer = if codec == Codec::H264 { "h264" } else { "m4v" };
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-err_detect", "explode", "-r", "25", "-f", demuxer, "-i"])
        .arg(&file)
        .args(["-fps_mode", "passthrough", "-f", "framemd5", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { said } else { format!("{said}{}", output.status) }
}

/// Luma that a grabbed picture must keep: 36 dB in H.264, 34 dB in MPEG-4 part 2.
fn wanted_decibels(encoder: Encoder) -> f64 {
    if encoder.codec() == Codec::H264 { 36.0 } else { 34.0 }
}

#[test]
fn a_grabbed_picture_has_the_format_of_the_clips_and_stays_itself() {
    let mut coder = StillCoder::new();
    for encoder in Encoder::SOFTWARE {
        let coding = Coding::from(encoder);
        let folder = tempfile::tempdir().unwrap();
        let clip = import(FLOWER, &coding, &folder.path().join("clip"));
        coder.prepare(canvas(), &coding).unwrap();
        // They come from a running encoder: each must bring its parameter sets all the same.
        for number in [30, 90] {
            let picture = natural(canvas(), number);
            let grab = coder.encode(&picture, canvas(), &coding).unwrap();
            assert_eq!((grab.len(), grab.is_intra(AccessUnitIndex(0))), (1, true), "{encoder}");
            assert_eq!(grab.format(), clip.forward.format(), "{encoder}");
            let decoded = pictures_of(encoder.codec(), grab.bytes(), canvas());
            assert_eq!(decoded.len(), 1, "{encoder}");
            let decibels = psnr(&decoded[0], &picture);
            assert!(decibels >= wanted_decibels(encoder), "{encoder}: {decibels:.1} dB");
            let other = psnr(&decoded[0], &natural(canvas(), 120 - number));
            assert!(other < decibels - 6.0, "{encoder}: {other:.1} dB to another picture");
        }
    }
}

#[test]
fn a_grabbed_picture_may_stand_anywhere_in_a_clip() {
    let mut coder = StillCoder::new();
    for encoder in Encoder::SOFTWARE {
        let coding = Coding::from(encoder);
        let folder = tempfile::tempdir().unwrap();
        let clip = import(FLOWER, &coding, &folder.path().join("clip"));
        let grabs: Vec<Stream> = [12, 60]
            .map(|number| coder.encode(&natural(canvas(), number), canvas(), &coding).unwrap())
            .into();
        let (one, other) = (&grabs[0], &grabs[1]);
        for direction in [Direction::Forward, Direction::Backward] {
            let stream = clip.stream(direction);
            let end = stream.len() as u32;
            // First of all, twice in a row, one picture apart, far apart, and last of all.
            let parts = [
                (one, 0..1),
                (stream, 1..2),
                (other, 0..1),
                (one, 0..1),
                (stream, 40..57),
                (other, 0..1),
                (stream, 7..8),
                (one, 0..1),
                (stream, end - 3..end),
                (&clip.bank, 2..3),
                (other, 0..1),
            ];
            let bytes = splice(&parts);
            let codec = encoder.codec();
            assert_eq!(complaints(codec, &bytes), "", "{encoder}, {direction:?}");
            let pictures = pictures_of(codec, &bytes, canvas());
            assert_eq!(pictures.len(), 1 + 1 + 2 + 17 + 1 + 1 + 1 + 3 + 2, "{encoder}");
            // Whatever stood before, a grabbed picture comes out the same, and moves on from there.
            let alone = pictures_of(codec, one.bytes(), canvas()).swap_remove(0);
            assert!(pictures[0] == alone && pictures[3] == alone && pictures[23] == alone);
            assert!(pictures[1] != alone, "{encoder}: the clip's motion moves nothing");
        }
    }
}

#[test]
fn a_photograph_comes_as_ffmpeg_shows_it() {
    let mut coder = StillCoder::new();
    let canvas = canvas();
    let filter = format!(
        "scale={0}:{1}:force_original_aspect_ratio=increase:flags=bicubic:in_range=pc:\
         in_color_matrix=bt601:out_range=tv:out_color_matrix=bt709,crop={0}:{1}",
        canvas.width, canvas.height
    );
    let expected =
        ffmpeg_pictures(Path::new(PHOTOGRAPH), canvas.width, canvas.height, &filter).swap_remove(0);
    for encoder in Encoder::SOFTWARE {
        let coding = Coding::from(encoder);
        let path = Path::new(PHOTOGRAPH);
        let still = coder.encode_file(path, canvas, Fit::Crop, &coding).unwrap();
        let decoded = pictures_of(encoder.codec(), still.bytes(), canvas);
        assert_eq!(decoded.len(), 1, "{encoder}");
        let decibels = psnr(&decoded[0], &expected);
        assert!(decibels >= 28.0, "{encoder}: {decibels:.1} dB");
    }
}

#[test]
fn what_cannot_be_grabbed_says_so() {
    let mut coder = StillCoder::new();
    let coding = Coding::default();
    let small = Picture::black(320, 180);
    let error = coder.encode(&small, canvas(), &coding).unwrap_err();
    assert!(matches!(error, MediaError::Size { width: 320, height: 180, .. }), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.jpg");
    fs::write(&text, "not a picture at all, whatever it is called").unwrap();
    for path in [text, folder.path().join("nowhere.png")] {
        let error = coder.encode_file(&path, canvas(), Fit::Crop, &coding).unwrap_err();
        let line = error.to_string();
        assert!(matches!(error, MediaError::Picture { .. }), "{line}");
        assert!(line.contains(path.to_str().unwrap()) && !line.contains('\n'), "{line}");
    }
    // And it goes on.
    assert!(coder.encode(&Picture::black(328, 184), canvas(), &coding).is_ok());
}

#[test]
fn grabs_come_back_from_the_disk_and_a_damaged_one_keeps_none_away() {
    let mut coder = StillCoder::new();
    let folder = tempfile::tempdir().unwrap();
    let slots = folder.path().join("show/grabs");
    assert!(read_grabs(&slots).is_empty());
    let canvas = canvas();
    let mut grab = |encoder: Encoder, luma: u8| {
        let mut picture = Picture::black(canvas.width, canvas.height);
        picture.data_mut()[..(canvas.width * canvas.height) as usize].fill(luma);
        coder.encode(&picture, canvas, &encoder.into()).unwrap()
    };
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&slots)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let (one, eight) = (grab(Encoder::Libx264, 60), grab(Encoder::Mpeg4, 200));
    assert_eq!(write_grab(&slots, 1, &one).unwrap(), slots.join("1.h264"));
    assert_eq!(write_grab(&slots, 8, &eight).unwrap(), slots.join("8.m4v"));
    for slot in [0, 9] {
        let line = write_grab(&slots, slot, &one).unwrap_err().to_string();
        assert!(line.contains(&slot.to_string()) && line.contains("1 to 8"), "{line}");
    }
    assert_eq!(names(), ["1.h264", "8.m4v"]);
    let read = read_grabs(&slots);
    assert_eq!(read.iter().map(|(slot, _)| *slot).collect::<Vec<_>>(), [1, 8]);
    for ((_, read), written) in read.iter().zip([&one, &eight]) {
        let read = read.as_ref().unwrap();
        assert_eq!((read.bytes(), read.format()), (written.bytes(), written.format()));
    }

    // Another picture in a slot leaves nothing of the one before, whatever its coding.
    let other = grab(Encoder::Mpeg4, 120);
    write_grab(&slots, 1, &other).unwrap();
    assert_eq!(names(), ["1.m4v", "8.m4v"]);
    assert_eq!(read_grabs(&slots)[0].1.as_ref().unwrap().bytes(), other.bytes());

    fs::write(slots.join("3.h264"), b"damaged").unwrap();
    fs::create_dir(slots.join("5.m4v")).unwrap();
    let read = read_grabs(&slots);
    let played: Vec<_> = read.iter().map(|(slot, read)| (*slot, read.is_ok())).collect();
    assert_eq!(played, [(1, true), (3, false), (5, false), (8, true)]);
    for (slot, name) in [(1, "3.h264"), (2, "5.m4v")] {
        let line = read[slot].1.as_ref().unwrap_err().to_string();
        assert!(line.contains(name) && line.ends_with("grab it again"), "{line}");
    }

    // What cannot be written loses nothing.
    // Where it would be written aside, something else is.
    fs::create_dir(slots.join(format!(".8.h264.{}.new", std::process::id()))).unwrap();
    assert!(write_grab(&slots, 8, &one).is_err());
    assert_eq!(read_grabs(&slots)[3].1.as_ref().unwrap().bytes(), eight.bytes());
}
