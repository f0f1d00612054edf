//! The earlier command line's positions, told from the file alone: every coded picture of a copied
//! stream is looked up among the clip's own, and the superframes must begin where the golden arrays
//! say.

mod common;

use common::{peer, residua, succeed};
use serde_json::Value;
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const GOLDEN: &str = include_str!("golden/timeline.json");

/// Coded pictures differ between a clip and a file in their headers at most, which are shorter.
const HEADER_BYTES: usize = 10;

/// Coded pictures of a raw stream, headers left out.
fn pictures(bytes: &[u8], encoder: &str) -> Vec<Vec<u8>> {
    let starts: Vec<usize> = (0..bytes.len().saturating_sub(3))
        .filter(|at| bytes[*at..].starts_with(&[0, 0, 1]))
        .map(|at| at + 3)
        .collect();
    let ends = starts.iter().skip(1).map(|start| start - 3).chain([bytes.len()]);
    let is_picture = |unit: &&[u8]| match encoder {
        "mpeg4" => unit[0] == 0xb6,
        // Slices of predicted and of IDR pictures: H.264, table 7-1.
        _ => matches!(unit[0] & 31, 1 | 5),
    };
    let units = starts.iter().zip(ends).map(|(start, end)| &bytes[*start..end]);
    let body = |unit: &[u8]| {
        let end = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        unit[HEADER_BYTES.min(end)..end].to_vec()
    };
    units.filter(is_picture).map(body).collect()
}

/// The one clip of a library.
fn clip(library: &Path) -> PathBuf {
    let mut clips = fs::read_dir(library).expect("the library").flatten().map(|entry| entry.path());
    clips.find(|path| path.join("clip.toml").exists()).expect("a clip")
}

/// A source in which no two coded pictures are alike: noise over something that moves.
fn source(folder: &Path, pictures: u32) -> PathBuf {
    let path = folder.join(format!("{pictures}.mkv"));
    let count = pictures.to_string();
    let input = "testsrc2=size=96x64:rate=30,noise=alls=12:allf=t:all_seed=7,format=yuv420p";
    let codec = ["-c:v", "ffv1", "-frames:v", &count];
    let name = path.display().to_string();
    let arguments = [&["-v", "error", "-y", "-f", "lavfi", "-i", input], &codec[..], &[&name]];
    peer("ffmpeg", &arguments.concat());
    path
}

/// Where each superframe of a file begins, as a forward index; the first picture of the stream is an
/// intra picture with another header, and is left out.
fn starts(file: &Path, clip: &Path, encoder: &str, size: usize) -> Vec<i64> {
    let (ending, form): (_, &[&str]) = match encoder {
        "mpeg4" => ("m4v", &["-f", "m4v"]),
        _ => ("h264", &["-bsf:v", "h264_mp4toannexb", "-f", "h264"]),
    };
    let raw = file.with_extension("raw");
    let (input, output) = (file.display().to_string(), raw.display().to_string());
    let arguments =
        [&["-v", "error", "-y", "-i", &input, "-c", "copy"], form, &[output.as_str()]].concat();
    peer("ffmpeg", &arguments);
    let read =
        |name: String| pictures(&fs::read(clip.join(name)).expect("the clip's stream"), encoder);
    let (forward, backward) =
        (read(format!("forward.{ending}")), read(format!("backward.{ending}")));
    let count = forward.len() as i64;
    let mut places: HashMap<Vec<u8>, (bool, i64)> = HashMap::new();
    for (is_forward, stream) in [(true, forward), (false, backward)] {
        for (place, picture) in stream.into_iter().enumerate().skip(1) {
            let before = places.insert(picture, (is_forward, place as i64));
            assert_eq!(before, None, "two coded pictures are alike");
        }
    }
    let fed = pictures(&fs::read(&raw).expect("the raw stream"), encoder);
    let superframe = |fed: &[Vec<u8>]| {
        // The last is never the stream's first: superframes here are longer than one.
        let (is_forward, last) = places[&fed[fed.len() - 1]];
        let start = last + 1 - fed.len() as i64;
        for (step, picture) in fed.iter().enumerate().filter(|(step, _)| start + *step as i64 > 0) {
            assert_eq!(
                places[picture],
                (is_forward, start + step as i64),
                "one run, one direction"
            );
        }
        // A backward superframe begins where its slice ends, counted from the clip's end.
        if is_forward { start } else { count - size as i64 - start }
    };
    assert_eq!(fed.len() % size, 0, "superframes of full size");
    fed.chunks(size).map(superframe).collect()
}

fn number(case: &Value, key: &str) -> Option<f64> {
    case[key].as_f64()
}

/// Renders a case in the earlier tool's words, and compares.
fn check(function: &str, case: &Value, encoder: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let size = number(case, "superframe_size").expect("a size") as u32;
    let slices = number(case, "slices").expect("slices") as u32;
    let positions: Vec<i64> = case["positions"]
        .as_array()
        .expect("positions")
        .iter()
        .map(|position| position.as_i64().expect("a number").min(i64::from(slices) - 1))
        .collect();
    let library = folder.path().join("library");
    let out = folder.path().join("out.mkv");
    let frequency = number(case, "frequency").or(number(case, "repeats")).expect("a frequency");
    let mut render: Command = residua();
    render.arg("render").arg("-f").arg(source(folder.path(), slices + size - 1));
    render.args(["--encoder", encoder, "--function", function, "--markov_p", "1", "--copy"]);
    // The initial superframe comes first.
    render.args(["--n_superframes", &(positions.len() + 1).to_string()]);
    render.args(["--superframe_size", &size.to_string(), "--frequency", &frequency.to_string()]);
    for (key, option) in [
        ("amplitude_secondary", "--amplitude_secondary"),
        ("frequency_secondary", "--frequency_secondary"),
    ] {
        if let Some(value) = number(case, key) {
            render.args([option, &value.to_string()]);
        }
    }
    if case["rectified"] == true {
        render.arg("--rectified");
    }
    succeed(render.arg("--dpath_workdir").arg(&library).arg("-o").arg(&out));
    let expected: Vec<i64> = [0].into_iter().chain(positions).collect();
    assert_eq!(
        starts(&out, &clip(&library), encoder, size as usize),
        expected,
        "{function} {case}"
    );
}

fn cases(function: &str) -> Vec<Value> {
    let golden: Value = serde_json::from_str(GOLDEN).expect("the golden file");
    golden[function].as_array().expect("cases").clone()
}

#[test]
fn the_sinusoid_goes_where_the_earlier_tool_went() {
    let all = cases("sinusoid");
    // Scaled, rectified, and with a second oscillator.
    let chosen: Vec<&Value> =
        all.iter().filter(|case| case["slices"] != 295 || case["rectified"] == true).collect();
    assert_eq!(chosen.len(), 3);
    assert!(chosen.iter().any(|case| case["amplitude_secondary"].is_f64()));
    for (case, encoder) in chosen.into_iter().zip(["libx264", "mpeg4", "libx264"]) {
        check("sinusoid", case, encoder);
    }
}

#[test]
fn the_rectified_sine_goes_where_the_earlier_tool_went() {
    let all = cases("rectified_sine");
    for case in all.iter().filter(|case| case["slices"] == 26) {
        check("rectified_sine", case, "mpeg4");
    }
}

#[test]
fn the_supersaw_goes_where_the_earlier_tool_went() {
    let all = cases("supersaw");
    let chosen: Vec<&Value> = all.iter().filter(|case| case["slices"] != 295).collect();
    assert_eq!(chosen.len(), 4);
    for (case, encoder) in chosen.into_iter().zip(["mpeg4", "libx264"].into_iter().cycle()) {
        check("supersaw", case, encoder);
    }
}

#[test]
fn another_order_is_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (library, out) = (folder.path().join("library"), folder.path().join("out.mkv"));
    let mut render = residua();
    render.arg("render").arg("-f").arg(source(folder.path(), 31));
    render.args(["--function", "ramp", "--frequency", "1", "--n_superframes", "4", "--copy"]);
    succeed(render.arg("--dpath_workdir").arg(&library).arg("-o").arg(&out));
    // Three positions from the first slice to the last of 26: 0, 12.5, 25.
    assert_eq!(starts(&out, &clip(&library), "libx264", 6), [0, 0, 13, 25]);
}

#[test]
fn the_earlier_tools_own_defaults_are_taken_and_wrong_words_are_wrong_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    let (library, out) = (folder.path().join("library"), folder.path().join("out.mov"));
    let source = source(folder.path(), 12);
    let render = || {
        let mut render = residua();
        render.args(["render", "-f"]).arg(&source).arg("--dpath_workdir").arg(&library);
        render.args(["--n_superframes", "3", "-o"]).arg(&out);
        render
    };
    // What it told libx264 where nobody said otherwise; -1 is "none asked for" in ffmpeg.
    succeed(render().args(["--encoder_config", "preset", "veryfast", "qp", "-1", "bf", "0"]));
    assert_eq!(common::picture_count(&out), 18);
    for wrong in [
        &["--encoder_config", "qp"][..],
        &["--frequency", "nan"],
        &["--frequency=-1"],
        &["--amplitude_secondary", "much"],
        &["--still-secs", "0"],
        &["-b", "a.mp4", "b.mp4"],
        &["-g", "1"],
        &["--markov_p", "2"],
    ] {
        let output = render().args(wrong).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{said}");
    }
}

#[test]
fn a_set_whose_clip_has_a_size_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    source(folder.path(), 31);
    let set = folder.path().join("set.toml");
    let clip_table = "[[clip]]\npath = \"31.mkv\"\nvalues = { \"superframe.size\" = 4 }\n";
    fs::write(&set, format!("canvas = \"96x64@30\"\n{clip_table}")).expect("written");
    let library = folder.path().join("library");
    let render = |words: &[&str], out: &str| {
        let out = folder.path().join(out);
        let mut render = residua();
        render.args(["render", "--superframes", "5"]).args(words).arg("--library").arg(&library);
        succeed(render.arg("-o").arg(&out).arg(&set));
        out
    };
    // Alone it is played in its own superframes: five of four pictures.
    assert_eq!(common::picture_count(&render(&["--copy"], "own.mkv")), 20);
    // A course has one size for all: five of six, wherever it is made. The first, then as numpy has
    // it: x = -cos(linspace(0, pi, 4)); ((x + 1) / 2 * (26 - 2) + 1).astype(int) = 1, 6, 18, 25 (the
    // two in the middle are 6.999... and 18.999...).
    let expected = [0, 1, 6, 18, 25];
    let copied = render(&["--markov-p", "1", "--copy"], "copied.mkv");
    assert_eq!(starts(&copied, &clip(&library), "mpeg4", 6), expected);
    let lines = folder.path().join("trace.jsonl");
    let trace = lines.display().to_string();
    let played = render(&["--markov-p", "1", "--trace", &trace], "played.mkv");
    assert_eq!(common::picture_count(&played), 30);
    let slices: Vec<i64> =
        common::trace(&lines).iter().map(|line| line["slice"].as_i64().expect("a slice")).collect();
    let begun: Vec<i64> = slices.chunks(6).map(|superframe| superframe[0]).collect();
    assert_eq!(begun, expected);
}
