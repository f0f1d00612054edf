//! What tests share: ffmpeg and ffprobe as judges, and a measure for pictures.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use residua::{
    bitstream::{Splicer, Stream},
    media::GstDecoder,
    ports::Decoder,
    units::{AccessUnitIndex, Picture},
};
use std::{ops::Range, path::Path, process::Command, time::Duration};

/// Runs a tool; its standard output. A tool that is missing or fails is a failed test.
pub fn run(tool: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(tool)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{tool} is needed for this test: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool} {arguments:?}: {said}");
    output.stdout
}

/// Makes a file with ffmpeg.
pub fn ffmpeg(arguments: &[&str], output: &Path) {
    let mut all = vec!["-v", "error", "-y"];
    all.extend(arguments);
    all.push(output.to_str().unwrap());
    run("ffmpeg", &all);
}

/// Number of pictures as ffprobe decodes them.
pub fn frames(file: &Path) -> usize {
    probe(file, "stream=nb_read_frames").trim().parse().unwrap()
}

/// I, P or B of every picture in order, as ffprobe has them.
pub fn picture_types(file: &Path) -> String {
    probe(file, "frame=pict_type").chars().filter(|c| "IPB".contains(*c)).collect()
}

/// One entry of the first video stream as ffprobe gives it.
pub fn probe(file: &Path, entry: &str) -> String {
    let file = file.to_str().unwrap();
    let arguments = [
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-count_frames",
        "-show_entries",
        entry,
        "-of",
        "csv=p=0",
        file,
    ];
    String::from_utf8(run("ffprobe", &arguments)).unwrap()
}

/// All pictures of a file as ffmpeg decodes them, through a filter where one is given.
pub fn ffmpeg_pictures(file: &Path, width: u32, height: u32, filter: &str) -> Vec<Picture> {
    let file = file.to_str().unwrap();
    let mut arguments = vec!["-v", "error", "-i", file];
    if !filter.is_empty() {
        arguments.extend(["-vf", filter]);
    }
    arguments.extend([
        "-an",
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-",
    ]);
    let raw = run("ffmpeg", &arguments);
    let size = (width * height * 3 / 2) as usize;
    assert_eq!(raw.len() % size, 0, "ffmpeg's pictures have another size");
    raw.chunks(size)
        .map(|bytes| {
            let mut picture = Picture::black(width, height);
            picture.data_mut().copy_from_slice(bytes);
            picture
        })
        .collect()
}

/// Access units spliced together.
pub fn splice(parts: &[(&Stream, Range<u32>)]) -> Vec<u8> {
    let (mut splicer, mut bytes) = (Splicer::new(), Vec::new());
    for (stream, units) in parts {
        for unit in units.clone() {
            splicer.splice(stream, AccessUnitIndex(unit), &mut bytes).unwrap();
        }
    }
    bytes
}

/// Access units spliced together and decoded, one picture for each.
pub fn decode(parts: &[(&Stream, Range<u32>)]) -> Vec<Picture> {
    let format = parts[0].0.format();
    let mut decoder = GstDecoder::new(format).unwrap();
    let mut splicer = Splicer::new();
    let (mut pictures, mut bytes) = (Vec::new(), Vec::new());
    for (stream, units) in parts {
        for unit in units.clone() {
            bytes.clear();
            splicer.splice(stream, AccessUnitIndex(unit), &mut bytes).unwrap();
            let number = pictures.len() as u64;
            decoder.push(number, &bytes).unwrap();
            let mut picture = Picture::black(format.width, format.height);
            let came = decoder.pull(number, Duration::from_secs(20), &mut |planes| {
                assert_eq!((planes.width, planes.height), (format.width, format.height));
                picture.copy_from(planes);
            });
            assert!(came.unwrap(), "no picture for access unit {unit}");
            pictures.push(picture);
        }
    }
    pictures
}

/// Peak signal-to-noise ratio of luma in decibels, peak 255.
pub fn psnr(a: &Picture, b: &Picture) -> f64 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()), "pictures of different sizes");
    let luma = (a.width() * a.height()) as usize;
    let square = |(a, b): (&u8, &u8)| (f64::from(*a) - f64::from(*b)).powi(2);
    let error = a.data()[..luma].iter().zip(&b.data()[..luma]).map(square).sum::<f64>();
    10.0 * (255.0 * 255.0 * luma as f64 / error).log10()
}

#[test]
fn the_measure_tells_pictures_apart() {
    let black = Picture::black(16, 16);
    assert!(psnr(&black, &black).is_infinite());
    // One luma step everywhere: 10 log10(255^2) = 48.13 dB.
    let mut other = black.clone();
    other.data_mut()[..256].fill(17);
    assert!((psnr(&black, &other) - 48.13).abs() < 0.01);
    other.data_mut()[..256].fill(235);
    assert!(psnr(&black, &other) < 2.0);
}
