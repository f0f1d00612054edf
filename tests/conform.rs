//! What an import makes of colours, rates and orientations that sources come in: known patches of
//! colour, and counts, are the judges.

#![cfg(feature = "media")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod support;

use residua::{
    clip::{Clip, Encoder, Fit},
    media::{self, ImportRequest, SourceHashes},
    units::Picture,
};
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};
use support::{decode, ffmpeg};
use tempfile::{TempDir, tempdir};

/// Three upright bars of these colours.
const BARS: [[f64; 3]; 3] = [[200.0, 80.0, 60.0], [40.0, 180.0, 90.0], [250.0, 240.0, 30.0]];

/// The same as a graph of ffmpeg's.
fn bars(size: &str) -> String {
    let channel = |at: usize| {
        let [a, b, c] = BARS.map(|colour| colour[at]);
        format!("'if(lt(X,W/3),{a},if(lt(X,2*W/3),{b},{c}))'")
    };
    let (red, green, blue) = (channel(0), channel(1), channel(2));
    format!("color=s={size}:r=30:d=0.2,format=gbrp,geq=r={red}:g={green}:b={blue}")
}

fn import(source: &Path, canvas: &str) -> Vec<Picture> {
    let request = ImportRequest {
        coding: residua::clip::Coding {
            options: vec![("qp".to_owned(), "4".to_owned())],
            ..Encoder::Libx264.into()
        },
        fit: Fit::Stretch,
        still_secs: 0.1,
        ..ImportRequest::new(source, canvas.parse().unwrap())
    };
    let folder = tempdir().unwrap();
    let hashes = SourceHashes::of(&request).unwrap();
    let staging = folder.path().join("clip");
    media::import(&request, &hashes, &staging, &mut |_| ControlFlow::Continue(())).unwrap();
    let clip = Clip::load(&staging).unwrap();
    decode(&[(&clip.forward, 0..clip.forward.len() as u32)])
}

/// The mean of a plane in a part of the picture, all in parts of its width and height.
fn mean(picture: &Picture, plane: usize, centre: (f64, f64)) -> f64 {
    let planes = picture.planes();
    let shift = u32::from(plane > 0);
    let (width, height) = (picture.width() >> shift, picture.height() >> shift);
    let (x, y) = (f64::from(width) * centre.0, f64::from(height) * centre.1);
    let around = |at: f64| (at as usize - 4)..(at as usize + 4);
    let sum: f64 = around(y)
        .flat_map(|row| around(x).map(move |column| (row, column)))
        .map(|(row, column)| f64::from(planes.data[plane][row * planes.stride[plane] + column]))
        .sum();
    sum / 64.0
}

/// A colour must arrive as BT.709 has it (ITU-R BT.709-6, 3: the equations of Y', Cb, Cr, limited
/// range), within two code values.
fn assert_colour(picture: &Picture, centre: (f64, f64), [r, g, b]: [f64; 3], what: &str) {
    let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let expected = [
        16.0 + 219.0 * luma / 255.0,
        128.0 + 224.0 * (b - luma) / 1.8556 / 255.0,
        128.0 + 224.0 * (r - luma) / 1.5748 / 255.0,
    ];
    for (plane, expected) in expected.into_iter().enumerate() {
        let found = mean(picture, plane, centre);
        assert!((found - expected).abs() <= 2.0, "{what}, plane {plane}: {found}, not {expected}");
    }
}

/// Encodes the bars with this matrix and range, told by these words.
fn told(folder: &TempDir, name: &str, form: &str, words: &[&str]) -> PathBuf {
    let path = folder.path().join(name);
    let graph = format!("{},{form}", bars("320x192"));
    let coded = ["-f", "lavfi", "-i", &graph, "-c:v", "libx264", "-qp", "4"];
    ffmpeg(&[&coded, words].concat(), &path);
    path
}

#[test]
fn colours_arrive_whatever_matrix_and_range_they_were_coded_with() {
    let folder = tempdir().unwrap();
    let bt709 =
        ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"].as_slice();
    let bt601 =
        ["-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m"];
    let full = ["-color_range", "pc"];
    let scaled = |matrix: &str, range: &str| {
        let form = if range == "pc" { "yuvj420p" } else { "yuv420p" };
        format!("scale=out_color_matrix={matrix}:out_range={range},format={form}")
    };
    let sources = [
        // MP4 holds the range beside the stream as well, where it is easily passed over.
        told(&folder, "709f.mp4", &scaled("bt709", "pc"), &[bt709, &full].concat()),
        told(&folder, "709f.mkv", &scaled("bt709", "pc"), &[bt709, &full].concat()),
        told(&folder, "709.mp4", &scaled("bt709", "tv"), bt709),
        told(&folder, "601f.mp4", &scaled("bt601", "pc"), &[&bt601[..], &full].concat()),
        told(&folder, "601.mp4", &scaled("bt601", "tv"), &bt601),
        // The range alone, and nothing at all: a small picture is BT.601.
        told(&folder, "f.mkv", &scaled("bt601", "pc"), &full),
        told(&folder, "f.mp4", &scaled("bt601", "pc"), &full),
        told(&folder, "nothing.mp4", &scaled("bt601", "tv"), &[]),
    ];
    for source in &sources {
        for canvas in ["320x192@30", "160x96@30"] {
            let pictures = import(source, canvas);
            for (bar, colour) in BARS.into_iter().enumerate() {
                let centre = ((bar as f64 + 0.5) / 3.0, 0.5);
                assert_colour(&pictures[2], centre, colour, &source.display().to_string());
            }
        }
    }
}

#[test]
fn a_turned_picture_keeps_the_colours_it_was_coded_with() {
    let folder = tempdir().unwrap();
    // 480 rows that say nothing are BT.601; turned they are 640.
    let coded = folder.path().join("coded.mp4");
    let graph = format!("{},scale=out_color_matrix=bt601,format=yuv420p", bars("640x480"));
    ffmpeg(&["-f", "lavfi", "-i", &graph, "-c:v", "libx264", "-qp", "4"], &coded);
    let turned = folder.path().join("turned.mp4");
    let turn = ["-c", "copy", "-metadata:s:v:0", "rotate=90"];
    ffmpeg(&[&["-i", coded.to_str().unwrap()], &turn[..]].concat(), &turned);
    let pictures = import(&turned, "480x640@30");
    let is_upright = mean(&pictures[0], 0, (0.2, 0.1)) - mean(&pictures[0], 0, (0.8, 0.1));
    assert!(is_upright.abs() < 2.0, "it was not turned");
    // ffmpeg shows the file turned anticlockwise: what was at the left is at the bottom.
    for (bar, colour) in BARS.into_iter().enumerate() {
        assert_colour(&pictures[2], (0.5, (2.5 - bar as f64) / 3.0), colour, "turned");
    }
}

#[test]
fn a_faster_source_lasts_as_long_as_it_did() {
    let folder = tempdir().unwrap();
    // The last one says that it has 90000 pictures a second, each of them as short.
    let claimed = ["-fps_mode", "vfr", "-r", "90000", "-enc_time_base", "1/90000"];
    for (rate, claim) in [(50, &[][..]), (60, &[]), (120, &[]), (60, &claimed)] {
        let source = folder.path().join(format!("{rate}.mp4"));
        // Each picture is of one grey, brighter than the one before: 8 steps from slot to slot.
        let graph =
            format!("color=black:s=64x64:r={rate}:d=1,format=gray,geq=lum='20+200*N/{rate}'");
        let coding = ["-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p", "-color_range", "tv"];
        ffmpeg(&[&["-f", "lavfi", "-i", &graph][..], &coding, claim].concat(), &source);
        let pictures = import(&source, "64x64@25");
        assert_eq!(pictures.len(), 25, "{rate}");
        let greys: Vec<f64> = pictures.iter().map(|picture| mean(picture, 0, (0.5, 0.5))).collect();
        for (slot, pair) in greys.windows(2).enumerate() {
            // The scale of the luma does not matter: every slot shows a later picture.
            assert!(pair[1] > pair[0] + 3.0, "{rate}: slot {slot} shows no new picture: {greys:?}");
        }
    }
}

/// A still as it must be shown: red above green, each as wide as the picture.
fn assert_red_above_green(source: &Path, what: &str) {
    let pictures = import(source, "96x192@30");
    assert_eq!(pictures.len(), 3, "{what}");
    assert_colour(&pictures[0], (0.5, 0.25), [200.0, 30.0, 20.0], what);
    assert_colour(&pictures[0], (0.5, 0.75), [20.0, 160.0, 40.0], what);
    let probe = media::probe(source).unwrap();
    assert_eq!((probe.width, probe.height, probe.pictures), (96, 192, 1), "{what}");
}

/// Green at the left, red at the right, or red above green.
fn two_colours(folder: &TempDir, name: &str, is_lying: bool, options: &[&str]) -> PathBuf {
    let path = folder.path().join(name);
    let (size, is_red) = if is_lying { ("192x96", "gte(X,96)") } else { ("96x192", "lt(Y,96)") };
    let graph = format!(
        "color=s={size}:d=1,format=gbrp,geq=r='if({is_red},200,20)':g='if({is_red},30,160)':\
         b='if({is_red},20,40)'"
    );
    let source = ["-f", "lavfi", "-i", &graph, "-frames:v", "1"];
    ffmpeg(&[&source, options].concat(), &path);
    path
}

/// EXIF with this orientation (Exif 2.3, tag 0x0112), as PNG and WebP hold it.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

/// CRC-32 as PNG has it (ISO 15948, annex D), bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

#[test]
fn png_of_every_depth_is_itself_and_stands_as_the_camera_was_held() {
    let folder = tempdir().unwrap();
    for form in ["rgb24", "rgba", "rgb48be", "rgba64be"] {
        let png = two_colours(&folder, &format!("{form}.png"), false, &["-pix_fmt", form]);
        assert_red_above_green(&png, form);
    }
    // Orientation 8: the picture is turned anticlockwise, so that its right is above.
    let lying = std::fs::read(two_colours(&folder, "lying.png", true, &[])).unwrap();
    let chunk = [b"eXIf", &exif(8)[..]].concat();
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    // Behind the signature and IHDR.
    let (head, tail) = lying.split_at(33);
    let crc = crc(&chunk).to_be_bytes();
    let turned = folder.path().join("turned.png");
    std::fs::write(&turned, [head, &length, &chunk, &crc, tail].concat()).unwrap();
    assert_red_above_green(&turned, "eXIf");
}

#[test]
fn webp_stands_as_the_camera_was_held_and_an_animation_says_what_to_do() {
    let folder = tempdir().unwrap();
    let options = ["-c:v", "libwebp", "-lossless", "1"];
    let lying = std::fs::read(two_colours(&folder, "lying.webp", true, &options)).unwrap();
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        [name, &length[..], body, &[0][..body.len() % 2]].concat()
    };
    // RFC 9649, 2.7: flags (EXIF 8, animation 2), then the size less one in 24 bits each.
    let webp = |flags: u8, rest: &[u8]| {
        let head = chunk(b"VP8X", &[flags, 0, 0, 0, 191, 0, 0, 95, 0, 0]);
        chunk(b"RIFF", &[b"WEBP", &head[..], rest].concat())
    };
    let image = lying.windows(4).position(|name| name == b"VP8L").unwrap();
    let turned = folder.path().join("turned.webp");
    let rest = [&lying[image..], &chunk(b"EXIF", &exif(8))].concat();
    std::fs::write(&turned, webp(8, &rest)).unwrap();
    assert_red_above_green(&turned, "EXIF");

    let animated = folder.path().join("animated.webp");
    std::fs::write(&animated, webp(2, &lying[image..])).unwrap();
    for line in [
        media::probe(&animated).unwrap_err().to_string(),
        SourceHashes::of(&ImportRequest::new(&animated, "64x64@30".parse().unwrap()))
            .unwrap_err()
            .to_string(),
    ] {
        assert!(line.contains("animated WebP") && line.contains("GIF"), "{line}");
    }
}

#[test]
fn pictures_of_several_sizes_make_one_sequence() {
    for ending in ["png", "jpg"] {
        let folder = tempdir().unwrap();
        for (number, size) in ["320x180", "200x300", "320x180"].iter().enumerate() {
            let path = folder.path().join(format!("{number}.{ending}"));
            let graph = format!("color=c=0xc81e14:s={size}");
            ffmpeg(&["-f", "lavfi", "-i", &graph, "-frames:v", "1", "-q:v", "1"], &path);
        }
        let request = ImportRequest {
            sequence_rate: residua::units::FrameRate::whole(20),
            ..ImportRequest::new(folder.path(), "320x180@20".parse().unwrap())
        };
        let hashes = SourceHashes::of(&request).unwrap();
        let staging = folder.path().join("clip");
        let imported =
            media::import(&request, &hashes, &staging, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(imported.warnings, Vec::<String>::new(), "{ending}");
        assert_eq!(imported.meta.forward.units, 3, "{ending}");
    }
}
