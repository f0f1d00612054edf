//! What is no plain video: stills, sequences, GIFs, transparent, deep and wide-range pictures, odd
//! times; what a probe says of them; and the encoders' own options. ffmpeg is the judge.

#![cfg(feature = "media")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod support;

use residua::{
    clip::{Clip, Coding, Encoder, Fit, Meta, Mosh},
    media::{self, ImportRequest, Imported, SourceHashes},
    units::{FrameRate, Picture},
};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};
use support::{decode, ffmpeg, ffmpeg_pictures, frames, psnr};
use tempfile::{TempDir, tempdir};

const FLOWER: &str = "presets/demo/flower.mp4";

fn request(source: impl Into<PathBuf>, canvas: &str) -> ImportRequest {
    ImportRequest {
        coding: Encoder::Libx264.into(),
        ..ImportRequest::new(source, canvas.parse().unwrap())
    }
}

fn import(request: &ImportRequest) -> (TempDir, Imported) {
    let folder = tempdir().unwrap();
    let hashes = SourceHashes::of(request).unwrap();
    let staging = folder.path().join("clip");
    let go_on = &mut |_| ControlFlow::Continue(());
    let imported = media::import(request, &hashes, &staging, go_on).unwrap();
    (folder, imported)
}

fn clip(request: &ImportRequest) -> Clip {
    let (folder, _) = import(request);
    Clip::load(&folder.path().join("clip")).unwrap()
}

fn pictures(clip: &Clip) -> Vec<Picture> {
    decode(&[(&clip.forward, 0..clip.forward.len() as u32)])
}

/// Makes a file from a graph of ffmpeg's.
fn made(folder: &TempDir, name: &str, graph: &str, options: &[&str]) -> PathBuf {
    let path = folder.path().join(name);
    let mut arguments = vec!["-f", "lavfi", "-i", graph];
    arguments.extend(options);
    ffmpeg(&arguments, &path);
    path
}

fn mean(picture: &Picture, columns: std::ops::Range<u32>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for row in 8..picture.height() - 8 {
        for column in columns.clone() {
            sum += f64::from(picture.data()[(row * picture.width() + column) as usize]);
            count += 1.0;
        }
    }
    sum / count
}

fn assert_alike(ours: &[Picture], theirs: &[Picture], db: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let found = psnr(ours, theirs);
        assert!(found > db, "{what}: picture {number} is {found:.1} dB from ffmpeg's");
    }
}

#[test]
fn a_still_becomes_a_clip_that_holds_it() {
    let folder = tempdir().unwrap();
    for name in ["still.png", "still.jpg", "still.webp"] {
        let still = made(&folder, name, "testsrc2=s=320x180:d=1", &["-frames:v", "1"]);
        let mut request = request(&still, "320x180@30");
        request.still_secs = 1.5;
        let clip = clip(&request);
        let ours = pictures(&clip);
        let theirs = ffmpeg_pictures(&still, 320, 180, "scale=out_color_matrix=bt709:out_range=tv");
        assert_alike(&ours, &vec![theirs[0].clone(); 45], 28.0, name);
        assert!(psnr(&ours[0], &ours[44]) > 34.0, "{name} moves");
        assert_eq!(clip.backward.len(), 45);
        assert_eq!(clip.meta.still_secs, Some(1.5));
        assert_eq!(ImportRequest::from_meta(&clip.meta), request, "{name}");
        // A predicted picture of nothing is next to nothing.
        assert!(clip.forward.access_unit(residua::units::AccessUnitIndex(40)).len() < 400);
    }
    let mut request = request(folder.path().join("still.png"), "320x180@30");
    request.still_secs = f64::NAN;
    assert!(SourceHashes::of(&request).unwrap_err().to_string().contains("still"));
}

/// Puts an EXIF segment with this orientation into a JPEG (Exif 2.3, tag 0x0112).
fn with_orientation(jpeg: &Path, orientation: u8) -> Vec<u8> {
    let bytes = fs::read(jpeg).unwrap();
    let mut segment = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    segment.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
    [&bytes[..2], &segment, &bytes[2..]].concat()
}

#[test]
fn a_photograph_stands_as_the_camera_was_held() {
    let folder = tempdir().unwrap();
    let plain = made(&folder, "plain.jpg", "testsrc2=s=180x320:d=1", &["-frames:v", "1"]);
    // 6: the top of the scene is at the right of the stored picture, so it is turned clockwise.
    for (orientation, filter) in [(6, "transpose=clock"), (8, "transpose=cclock")] {
        let turned = folder.path().join(format!("{orientation}.jpg"));
        fs::write(&turned, with_orientation(&plain, orientation)).unwrap();
        let filter = format!("{filter},scale=out_color_matrix=bt709:out_range=tv");
        let truth = ffmpeg_pictures(&plain, 320, 180, &filter);
        let mut request = request(&turned, "320x180@30");
        request.still_secs = 0.1;
        let ours = pictures(&clip(&request));
        let db = psnr(&ours[0], &truth[0]);
        assert!(db > 26.0, "{orientation}: {db:.1} dB");
        let probe = media::probe(&turned).unwrap();
        assert_eq!((probe.width, probe.height), (320, 180));
    }
}

#[test]
fn a_gif_keeps_its_own_delays() {
    let folder = tempdir().unwrap();
    // Shown at 0, 0.2, 0.3, 0.8 s.
    let chosen = "testsrc2=s=161x91:r=10:d=1,select='eq(n,0)+eq(n,2)+eq(n,3)+eq(n,8)'";
    let gif = made(&folder, "animated.gif", chosen, &["-fps_mode", "vfr"]);
    let theirs = ffmpeg_pictures(
        &gif,
        160,
        90,
        "fps=30,scale=160:90:flags=bilinear:out_color_matrix=bt709:out_range=tv",
    );
    let mut request = request(&gif, "160x90@30");
    request.fit = Fit::Stretch;
    let ours = pictures(&clip(&request));
    assert!(ours.len().abs_diff(theirs.len()) <= 1, "{}, ffmpeg {}", ours.len(), theirs.len());
    for slot in [0, 3, 7, 12, 20, 23] {
        let db = psnr(&ours[slot], &theirs[slot]);
        assert!(db > 20.0, "slot {slot}: {db:.1} dB");
    }
    assert_eq!(media::probe(&gif).unwrap().pictures, frames(&gif) as u64);
}

#[test]
fn numbered_pictures_play_in_their_order() {
    let folder = tempdir().unwrap();
    for number in 8..=12 {
        // Luma rises by the number: 16 + 219 * 20 * number / 255, within rounding.
        let level = format!("{:02x}", number * 20);
        let graph = format!("color=c=0x{level}{level}{level}:s=64x48");
        made(&folder, &format!("shot_{number}.png"), &graph, &["-frames:v", "1"]);
    }
    for source in [folder.path().join("shot_%d.png"), folder.path().to_owned()] {
        let mut request = request(&source, "64x48@20");
        request.sequence_rate = FrameRate::whole(10);
        let clip = clip(&request);
        let ours = pictures(&clip);
        assert_eq!(ours.len(), 10, "{}", source.display());
        for (slot, picture) in ours.iter().enumerate() {
            let number = 8.0 + (slot / 2) as f64;
            let expected = 16.0 + 219.0 * 20.0 * number / 255.0;
            let found = mean(picture, 0..64);
            assert!((found - expected).abs() < 4.0, "slot {slot}: {found}, not {expected}");
        }
        assert_eq!(clip.meta.sequence_rate, Some(FrameRate::whole(10)));
        assert_eq!(ImportRequest::from_meta(&clip.meta), request);
    }
    assert_eq!(media::probe(&folder.path().join("shot_%d.png")).unwrap().pictures, 5);
}

#[test]
fn transparent_video_lies_over_black() {
    let folder = tempdir().unwrap();
    let graph = "color=white:s=320x180:r=30:d=0.4,format=rgba,\
                 geq=r=255:g=255:b=255:a='255*gt(X,159)'";
    let sources = [
        made(&folder, "a.webm", graph, &["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p"]),
        made(&folder, "a.mov", graph, &["-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"]),
    ];
    for source in sources {
        let ours = pictures(&clip(&request(&source, "320x180@30")));
        assert_eq!(ours.len(), 12, "{}", source.display());
        let (left, right) = (mean(&ours[6], 8..140), mean(&ours[6], 180..312));
        assert!((left - 16.0).abs() < 4.0 && (right - 235.0).abs() < 4.0, "{left} {right}");
    }
}

#[test]
fn deep_odd_and_edited_video_is_ffmpegs() {
    let folder = tempdir().unwrap();
    let scene = "testsrc2=s=322x182:r=30:d=1.5";
    let hevc = ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none"];
    let whole = made(&folder, "whole.mp4", scene, &hevc);
    let edited = folder.path().join("edited.mp4");
    ffmpeg(&["-ss", "0.5", "-i", whole.to_str().unwrap(), "-c", "copy"], &edited);
    let sources = [
        edited,
        made(&folder, "p.mov", scene, &["-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"]),
        made(&folder, "odd.mkv", "testsrc2=s=321x181:r=30:d=1", &["-c:v", "ffv1"]),
        made(&folder, "one.mp4", scene, &["-frames:v", "1", "-c:v", "mpeg4", "-q:v", "2"]),
    ];
    for source in sources {
        let filter = "scale=320:180:flags=bilinear:out_color_matrix=bt709:out_range=tv";
        let theirs = ffmpeg_pictures(&source, 320, 180, filter);
        let mut request = request(&source, "320x180@30");
        request.fit = Fit::Stretch;
        let ours = pictures(&clip(&request));
        assert_alike(&ours, &theirs, 23.0, &source.display().to_string());
    }
}

#[test]
fn what_was_cut_without_coding_it_anew_keeps_its_end() {
    let folder = tempdir().unwrap();
    // Cuts begin at the intra picture before them and hold another one, which lies beyond the length
    // of what is shown by the clock of the media. Scenes that pan: every picture is another one.
    let scene = "testsrc2=s=480x180:r=20:d=6,crop=320:180:n:0";
    let hevc = |deep: bool, params: &str| {
        let form = if deep { "yuv420p10le" } else { "yuv420p" };
        let params = format!("log-level=none:{params}");
        ["-c:v", "libx265", "-pix_fmt", form, "-x265-params", params.as_str()].map(str::to_owned)
    };
    let avc = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-x264-params", "keyint=60:bframes=0"];
    let fragments = ["-movflags", "frag_keyframe"];
    let sources = [
        ("deep, open", hevc(true, "keyint=60:bframes=3"), "2.0", &[][..]),
        ("deep, no B", hevc(true, "keyint=60:bframes=0"), "1.3", &[]),
        ("closed", hevc(false, "keyint=60:bframes=3:open-gop=0"), "2.2", &[]),
        ("before an intra picture", hevc(false, "keyint=60:bframes=3:open-gop=1"), "2.95", &[]),
        ("fragments", hevc(true, "keyint=60:bframes=3"), "1.3", &fragments),
        ("AVC", avc.map(str::to_owned), "1.3", &[]),
    ];
    for (number, (what, coding, from, options)) in sources.iter().enumerate() {
        let sound = ["-f", "lavfi", "-i", "sine=440:d=6", "-c:a", "aac"];
        let coding = coding.iter().map(String::as_str);
        let all: Vec<&str> = sound.into_iter().chain(coding).collect();
        let whole = made(&folder, &format!("whole-{number}.mp4"), scene, &all);
        let cut = folder.path().join(format!("cut-{number}.mp4"));
        let mut arguments = vec!["-ss", *from, "-i", whole.to_str().unwrap(), "-c", "copy"];
        arguments.extend(["-t", "3"]);
        arguments.extend(*options);
        ffmpeg(&arguments, &cut);
        // A cut through B pictures leaves gaps, which stand still in a clip.
        let filter = "fps=20,scale=out_color_matrix=bt709:out_range=tv";
        let theirs = ffmpeg_pictures(&cut, 320, 180, filter);
        assert!(theirs.len() >= 60, "{what}");
        let mut request = request(&cut, "320x180@20");
        request.coding = coded(Encoder::Libx264, None, &[("qp", "18")]);
        let (imported, facts) = import(&request);
        let clip = Clip::load(&imported.path().join("clip")).unwrap();
        assert_alike(&pictures(&clip), &theirs, 28.0, what);
        assert!(facts.warnings.is_empty(), "{what}: {:?}", facts.warnings);
        assert_eq!(media::probe(&cut).unwrap().pictures, frames(&cut) as u64, "{what}");
    }
}

#[test]
fn wide_range_pictures_are_neither_grey_nor_dark() {
    let folder = tempdir().unwrap();
    // PQ code values by hand from SMPTE ST 2084, 10 bits limited range: 20 cd/m2 is .3570 -> 377,
    // 203 cd/m2 is .5807 -> 573. Left half dark, right half diffuse white.
    let graph = "color=black:s=320x180:r=30:d=0.3,format=yuv420p10le,\
                 geq=lum='if(lt(X,160),377,573)':cb=512:cr=512";
    let options = [
        "-c:v",
        "libx265",
        "-color_primaries",
        "bt2020",
        "-color_trc",
        "smpte2084",
        "-colorspace",
        "bt2020nc",
        "-x265-params",
        "log-level=none",
    ];
    let source = made(&folder, "pq.mp4", graph, &options);
    let ours = pictures(&clip(&request(&source, "320x180@30")));
    assert_eq!(ours.len(), 9);
    // (20 / 203) ^ (1 / 2.4) = .3807: 16 + 219 * .3807 = 99.4.
    let (dark, white) = (mean(&ours[4], 8..140), mean(&ours[4], 180..312));
    assert!((dark - 99.4).abs() < 5.0, "{dark}");
    assert!((190.0..=230.0).contains(&white), "{white}");
}

#[test]
fn a_probe_believes_the_pictures_and_not_the_header() {
    let folder = tempdir().unwrap();
    let uneven = "testsrc2=s=320x180:r=30:d=4,select='not(eq(mod(n,5),4))'";
    let source = made(
        &folder,
        "vfr.mp4",
        uneven,
        &[
            "-fps_mode",
            "vfr",
            "-r",
            "90000",
            "-enc_time_base",
            "1/90000",
            "-c:v",
            "libx264",
            "-g",
            "20",
        ],
    );
    let probe = media::probe(&source).unwrap();
    assert_eq!(probe.pictures, frames(&source) as u64);
    assert_eq!((probe.width, probe.height), (320, 180));
    // 96 pictures in 4 s.
    assert_eq!(probe.rate.to_string(), "24");
    assert_eq!(probe.intra_interval, 20);
    assert!(probe.duration.abs_diff(Duration::from_secs(4)) < Duration::from_millis(100));
    let flower = media::probe(Path::new(FLOWER)).unwrap();
    assert_eq!((flower.width, flower.height, flower.pictures), (960, 540, 150));
    assert_eq!(flower.rate.to_string(), "30000/1001");
    assert!(media::probe(Path::new("Cargo.toml")).is_err());
}

fn coded(encoder: Encoder, mosh: Option<Mosh>, options: &[(&str, &str)]) -> Coding {
    let options = options.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Coding { encoder, mosh, options, intra_every: None }
}

#[test]
fn clips_of_one_canvas_splice_whatever_the_encoder_was_told() {
    let folder = tempdir().unwrap();
    let source = folder.path().join("short.mkv");
    ffmpeg(&["-i", FLOWER, "-an", "-frames:v", "24", "-c:v", "mpeg4", "-q:v", "2"], &source);
    let variants: [(Encoder, &[Coding]); 2] = [
        (
            Encoder::Libx264,
            &[
                coded(Encoder::Libx264, None, &[("qp", "20")]),
                coded(Encoder::Libx264, None, &[("crf", "28"), ("tune", "psnr")]),
                coded(Encoder::Libx264, None, &[("crf", "23.5")]),
                coded(Encoder::Libx264, None, &[("qp", "51")]),
                coded(Encoder::Libx264, None, &[("preset", "ultrafast")]),
                coded(Encoder::Libx264, None, &[("x264-params", "me=umh:slices=3:deblock=-2:1")]),
                coded(Encoder::Libx264, Some(Mosh::Soft), &[]),
                coded(Encoder::Libx264, Some(Mosh::Hard), &[]),
                coded(Encoder::Libx264, Some(Mosh::Forever), &[]),
            ],
        ),
        (
            Encoder::Mpeg4,
            &[
                coded(Encoder::Mpeg4, None, &[("qscale", "20"), ("mbd", "rd")]),
                coded(Encoder::Mpeg4, Some(Mosh::Soft), &[]),
                coded(Encoder::Mpeg4, Some(Mosh::Forever), &[]),
            ],
        ),
    ];
    for (encoder, codings) in variants {
        let with = |coding: &Coding| {
            clip(&ImportRequest { coding: coding.clone(), ..request(&source, "328x184@30") })
        };
        let plain = with(&encoder.into());
        let others: Vec<Clip> = codings.iter().map(with).collect();
        let mut parts = vec![(&plain.forward, 0..6)];
        for (clip, coding) in others.iter().zip(codings) {
            assert_eq!(clip.forward.format(), plain.forward.format(), "{coding:?}");
            assert!(clip.forward.bytes() != plain.forward.bytes(), "{coding:?} changes nothing");
            assert_eq!(clip.meta.coding, *coding);
            parts.push((&clip.forward, 7..13));
            parts.push((&plain.forward, 2..8));
        }
        let ours = decode(&parts);
        let file = folder.path().join("spliced");
        fs::write(&file, support::splice(&parts)).unwrap();
        let theirs = ffmpeg_pictures(&file, 328, 184, "");
        assert_eq!(ours.len(), theirs.len(), "{encoder}");
        assert!(ours == theirs, "{encoder}: ffmpeg shows other pictures");
    }
}

#[test]
fn intra_pictures_stand_where_they_were_asked_for() {
    for encoder in [Encoder::Libx264, Encoder::Mpeg4, Encoder::Openh264] {
        let mut request = request(FLOWER, "160x90@30000/1001");
        request.coding = Coding { intra_every: Some(50), ..encoder.into() };
        let (folder, imported) = import(&request);
        let ending = if encoder == Encoder::Mpeg4 { "m4v" } else { "h264" };
        let types = support::picture_types(&folder.path().join(format!("clip/forward.{ending}")));
        let places: Vec<usize> = types.match_indices('I').map(|(place, _)| place).collect();
        assert_eq!((places, types.len()), (vec![0, 50, 100], 150), "{encoder}");
        let meta = Meta::read(&folder.path().join("clip")).unwrap();
        assert_eq!(meta, imported.meta);
        assert_eq!(ImportRequest::from_meta(&meta), request);
    }
}

#[test]
fn openh264_stands_in_where_x264_is_missing() {
    // Every installed plug-in but x264's, in a folder of their own.
    let folder = tempdir().unwrap();
    let inspected = support::run("gst-inspect-1.0", &["x264enc"]);
    let text = String::from_utf8(inspected).unwrap();
    let file = text.lines().find_map(|line| line.trim().strip_prefix("Filename")).unwrap().trim();
    let plugins = folder.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    for entry in fs::read_dir(Path::new(file).parent().unwrap()).unwrap().flatten() {
        let is_plugin = entry.file_name().to_string_lossy().ends_with(".so");
        if is_plugin && entry.path() != Path::new(file) {
            fs::copy(entry.path(), plugins.join(entry.file_name())).unwrap();
        }
    }
    let output = Command::new(env!("CARGO_BIN_EXE_residua"))
        .env("GST_PLUGIN_SYSTEM_PATH", &plugins)
        .env("GST_REGISTRY", folder.path().join("registry"))
        .args(["import", "--encoder", "libx264", "--canvas", "160x90@30", "--library"])
        .arg(folder.path().join("library"))
        .arg(FLOWER)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("openh264 stands in for it"), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let clip = Clip::load(Path::new(text.lines().next().unwrap())).unwrap();
    assert_eq!(clip.meta.coding.encoder, Encoder::Openh264);
    assert_eq!(pictures(&clip).len(), frames(Path::new(FLOWER)));
}

#[test]
fn imports_may_run_beside_each_other() {
    let request = request(FLOWER, "160x90@30");
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let request = request.clone();
            thread::spawn(move || import(&request).1.meta)
        })
        .collect();
    let metas: Vec<Meta> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(metas[0], metas[1]);
    assert_eq!(metas[0], metas[2]);
}
