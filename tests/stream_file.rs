//! Spliced streams in containers: ffmpeg and ffprobe read what was written, and count.

mod common;
#[allow(dead_code, reason = "this test uses a part of it")]
#[path = "splice/encode.rs"]
mod encode;

use common::peer;
use residua::{
    bitstream::{Splicer, Stream},
    media::{StreamFile, StreamWritten},
    ports::{Notices, SplicedUnit, StreamSink},
    units::{AccessUnitIndex, Codec, FrameRate},
};
use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const RATE: FrameRate = FrameRate::whole(30);

/// One spliced access unit after the other, with what a sink is told.
struct Feed<'a> {
    splicer: Splicer,
    bytes: Vec<u8>,
    /// All bytes, as a decoder would get them.
    all: Vec<u8>,
    file: &'a mut StreamFile,
}

impl<'a> Feed<'a> {
    fn new(file: &'a mut StreamFile) -> Self {
        Self { splicer: Splicer::new(), bytes: Vec::new(), all: Vec::new(), file }
    }

    fn feed(&mut self, stream: &Stream, unit: u32, slot: u64, (part, parts): (u32, u32)) {
        self.bytes.clear();
        let unit = AccessUnitIndex(unit);
        self.splicer.splice(stream, unit, &mut self.bytes).expect("it may follow");
        self.all.extend_from_slice(&self.bytes);
        let is_intra = stream.is_intra(unit);
        let format = stream.format();
        let unit = SplicedUnit { slot, part, parts, is_intra, format, bytes: &self.bytes };
        assert!(self.file.write(&unit), "slot {slot} was not taken");
    }
}

fn start(path: &Path) -> StreamFile {
    StreamFile::start(path, RATE, Notices::default()).expect("it begins")
}

/// What ffprobe says of every picture.
fn probe(file: &Path, entry: &str) -> Vec<f64> {
    let arguments =
        ["-v", "error", "-select_streams", "v:0", "-show_entries", entry, "-of", "csv=p=0"];
    let text = peer("ffprobe", &[&arguments[..], &[&file.display().to_string()]].concat());
    let numbers = text.lines().map(|line| line.trim().trim_end_matches(','));
    numbers.filter(|line| !line.is_empty()).map(|line| line.parse().expect("a number")).collect()
}

/// ffmpeg decodes all of it at its strictest without a word, and finds so many pictures.
fn is_legal(file: &Path, pictures: usize) {
    let name = file.display().to_string();
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-err_detect", "explode", "-i", &name])
        // Parts of a slot are finer than the picture rate that ffmpeg takes the file for.
        .args(["-enc_time_base", "-1", "-f", "null", "-"])
        .output()
        .expect("ffmpeg is needed for the tests");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{name}: {said}");
    assert_eq!(common::picture_count(file), pictures, "{name}");
}

/// The pictures of a file, or of a raw stream, as ffmpeg decodes them.
fn pictures(file: &Path) -> Vec<Vec<u8>> {
    common::decode(file, encode::WIDTH as usize, encode::HEIGHT as usize)
}

/// Jumps in both directions between two clips; superframes of 6.
fn jumps(codec: Codec, file: &mut StreamFile, superframes: u64) -> Vec<u8> {
    let clips = encode::clips(codec);
    let mut feed = Feed::new(file);
    for number in 0..superframes {
        let clip = &clips[usize::from(number % 5 > 2)];
        let stream = if number % 3 == 1 { &clip.backward } else { &clip.forward };
        // From 1 on: the first access unit of each stream is intra.
        let begin = if number == 0 { 0 } else { 1 + (number * 37 % 110) as u32 };
        for unit in 0..6 {
            feed.feed(stream, begin + unit, number * 6 + u64::from(unit), (0, 1));
        }
    }
    feed.all
}

#[test]
fn every_container_holds_every_picture() {
    let folder = TempDir::new().expect("a folder");
    for (codec, raw) in [(Codec::H264, "raw.h264"), (Codec::Mpeg4, "raw.m4v")] {
        for ending in ["mp4", "mkv", "mov"] {
            let path = folder.path().join(format!("{codec:?}.{ending}"));
            let mut file = start(&path);
            let all = jumps(codec, &mut file, 40);
            let written = file.finish().expect("it ends");
            assert_eq!(
                written,
                StreamWritten { files: vec![path.clone()], written: 240, refused: 0 }
            );
            is_legal(&path, 240);
            // Not one bit is lost: the pictures are those of the stream before it was put in.
            let raw = folder.path().join(raw);
            fs::write(&raw, all).expect("written");
            assert!(pictures(&path) == pictures(&raw), "{codec:?} in {ending}: other pictures");
            let times = probe(&path, "packet=pts_time");
            for (slot, time) in times.iter().enumerate() {
                let wanted = slot as f64 / 30.0;
                assert!((time - wanted).abs() < 0.001, "{ending}: slot {slot} at {time}");
            }
            let length = probe(&path, "format=duration")[0];
            assert!((length - 8.0).abs() < 0.002, "{ending}: {length} s");
        }
    }
}

#[test]
fn held_slots_prolong_the_picture_before_and_parts_share_a_slot() {
    let folder = TempDir::new().expect("a folder");
    for codec in [Codec::H264, Codec::Mpeg4] {
        for ending in ["mp4", "mkv"] {
            let path = folder.path().join(format!("{codec:?}.{ending}"));
            let mut file = start(&path);
            let stream = &encode::clips(codec)[0].forward;
            let mut feed = Feed::new(&mut file);
            // The first at slot 100; slots 102..=104 hold; slot 106 has three.
            let fed =
                [(100, 0, 1), (101, 0, 1), (105, 0, 1), (106, 0, 3), (106, 1, 3), (106, 2, 3)];
            for (unit, (slot, part, parts)) in fed.into_iter().enumerate() {
                feed.feed(stream, unit as u32, slot, (part, parts));
            }
            file.finish().expect("it ends");
            is_legal(&path, 6);
            // In ninetieths of a second, by hand.
            let wanted = [0.0, 3.0, 15.0, 18.0, 19.0, 20.0];
            let times = probe(&path, "packet=pts_time");
            assert_eq!(times.len(), 6);
            for (time, wanted) in times.iter().zip(wanted) {
                assert!((time - wanted / 90.0).abs() < 0.0011, "{ending}: {times:?}");
            }
            // The last picture has its part of a slot; behind a parser it has a whole one.
            let length = probe(&path, "format=duration")[0] * 90.0;
            assert!((20.8..=23.2).contains(&length), "{ending}: {length} ninetieths");
        }
    }
}

#[test]
fn picture_parameter_sets_may_change_on_the_way() {
    let folder = TempDir::new().expect("a folder");
    // The quantiser stands in the picture parameter set; the sequence parameter sets are equal.
    let stream = |quantiser: u32| {
        let bytes = encode::encoded(&format!(
            "-c:v libx264 -preset veryfast -qp {quantiser} -x264-params \
             keyint=infinite:scenecut=0:bframes=0:ref=1:weightp=0 -f h264"
        ));
        Stream::parse(Codec::H264, bytes).expect("it can be spliced")
    };
    let (fine, coarse) = (stream(18), stream(40));
    assert_eq!(fine.format(), coarse.format());
    for ending in ["mp4", "mkv"] {
        let path = folder.path().join("out").with_extension(ending);
        let mut file = start(&path);
        let mut feed = Feed::new(&mut file);
        for unit in 0..100 {
            let stream = if unit / 5 % 2 == 1 { &coarse } else { &fine };
            feed.feed(stream, if unit == 0 { 0 } else { 1 + unit % 9 }, u64::from(unit), (0, 1));
        }
        let raw = folder.path().join("raw.h264");
        fs::write(&raw, &feed.all).expect("written");
        assert_eq!(file.finish().expect("it ends").files, std::slice::from_ref(&path));
        is_legal(&path, 100);
        assert!(pictures(&path) == pictures(&raw), "{ending}: other pictures");
    }
}

#[test]
fn another_coding_begins_another_file() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("out.mp4");
    let notices = Notices::default();
    let mut file = StreamFile::start(&path, RATE, notices.clone()).expect("it begins");
    for (turn, codec) in [Codec::H264, Codec::Mpeg4, Codec::H264].into_iter().enumerate() {
        let mut feed = Feed::new(&mut file);
        for unit in 0..30 {
            feed.feed(
                &encode::clips(codec)[0].forward,
                unit,
                turn as u64 * 30 + u64::from(unit),
                (0, 1),
            );
        }
    }
    let written = file.finish().expect("it ends");
    let names = ["out.mp4", "out-1.mp4", "out-2.mp4"].map(|name| folder.path().join(name));
    assert_eq!(written, StreamWritten { files: names.to_vec(), written: 90, refused: 0 });
    for (name, codec) in names.iter().zip(["h264", "mpeg4", "h264"]) {
        is_legal(name, 30);
        let name = name.display().to_string();
        let entry = ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", &name];
        assert_eq!(peer("ffprobe", &entry).trim(), codec);
        assert!((probe(Path::new(&name), "packet=pts_time")[0]).abs() < 1e-9);
    }
    assert!(notices.take().is_some_and(|notice| notice.text.contains("out-1.mp4")));
    assert!(notices.take().is_some_and(|notice| notice.text.contains("out-2.mp4")));
}

#[test]
fn nothing_is_overwritten_and_nothing_empty_is_left() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("out.mp4");
    fs::write(&path, "mine").expect("written");
    let file = start(&path);
    assert_eq!(file.path(), folder.path().join("out-1.mp4"));
    let written = file.finish().expect("it ends");
    assert_eq!(written, StreamWritten { files: Vec::new(), written: 0, refused: 0 });
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    assert_eq!(fs::read_to_string(&path).expect("there"), "mine");
    let line = |name: &str| {
        StreamFile::start(Path::new(name), RATE, Notices::default()).expect_err("no").to_string()
    };
    assert!(line("out.gif").contains(".mkv, .mp4 or .mov"));
    assert!(line("/nowhere/at/all.mkv").contains("/nowhere/at/all.mkv"));
}

#[test]
fn after_a_refusal_nothing_is_taken_until_an_intra_picture() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("out.mkv");
    let mut file = start(&path);
    let stream = &encode::clips(Codec::H264)[0].forward;
    let (mut splicer, mut bytes) = (Splicer::new(), Vec::new());
    let (mut taken, mut refused, mut fed) = (0_u64, 0_u64, 0_u32);
    let begin = Instant::now();
    // As fast as it goes: sooner or later the file is behind.
    while refused < 50 {
        assert!(begin.elapsed() < Duration::from_secs(180), "never refused");
        bytes.clear();
        let unit = AccessUnitIndex(if fed == 0 { 0 } else { 1 + fed % 100 });
        splicer.splice(stream, unit, &mut bytes).expect("it may follow");
        let is_intra = fed == 0;
        let format = stream.format();
        let slot = u64::from(fed);
        let unit = SplicedUnit { slot, part: 0, parts: 1, is_intra, format, bytes: &bytes };
        let is_taken = file.offer(&unit);
        assert!(!is_taken || refused == 0, "taken after a hole");
        taken += u64::from(is_taken);
        refused += u64::from(!is_taken);
        fed += 1;
    }
    // The file catches up; an intra picture begins anew.
    thread::sleep(Duration::from_millis(300));
    for unit in 0..10 {
        bytes.clear();
        let slot = u64::from(fed + unit);
        let index = AccessUnitIndex(unit);
        splicer.splice(stream, index, &mut bytes).expect("it may follow");
        let is_intra = unit == 0;
        let format = stream.format();
        let unit = SplicedUnit { slot, part: 0, parts: 1, is_intra, format, bytes: &bytes };
        assert!(file.offer(&unit));
    }
    let written = file.finish().expect("it ends");
    assert_eq!((written.written, written.refused), (taken + 10, refused));
    is_legal(&path, taken as usize + 10);
}

#[test]
fn what_is_on_the_disk_plays_when_the_process_is_killed() {
    let folder = TempDir::new().expect("a folder");
    for codec in [Codec::H264, Codec::Mpeg4] {
        for ending in ["mp4", "mkv"] {
            let path = folder.path().join(format!("{codec:?}.{ending}"));
            let mut file = start(&path);
            jumps(codec, &mut file, 50);
            let begin = Instant::now();
            let killed = folder.path().join("killed").with_extension(ending);
            // 300 pictures, of which a second may be missing.
            loop {
                fs::copy(&path, &killed).expect("copied");
                let size = fs::metadata(&killed).expect("there").len();
                if size > 0 && file.written() == 300 && common::picture_count(&killed) >= 270 {
                    break;
                }
                assert!(begin.elapsed() < Duration::from_secs(180), "{codec:?} {ending}");
                thread::sleep(Duration::from_millis(50));
            }
            file.finish().expect("it ends");
            is_legal(&path, 300);
        }
    }
}
