//! Shaders beside a set, from outside: the real program renders with them, takes edits in while it
//! plays, and goes on with the last good one when an edit is broken.

mod common;

use common::{
    CANVAS, Instrument, decode, demo_clip, fail, free_port, library, peer, psnr, residua, succeed,
    trace,
};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const WIDTH: usize = 328;
const HEIGHT: usize = 184;

const INVERT: &str = "fn stage(at: vec2<f32>) -> vec3<f32> {\n    return 1.0 - picture(at);\n}\n";

/// A picture of one colour while its amount is above 0; the third line says which.
fn flat(colour: &str) -> String {
    format!(
        "// param amount 0 0..1  How much.\nfn stage(at: vec2<f32>) -> vec3<f32> {{\n    return {colour};\n}}\n"
    )
}

/// A set of one demo clip with these shaders beside it.
fn set(folder: &TempDir, more: &str, shaders: &[(&str, &str)]) -> PathBuf {
    let path = folder.path().join("show.toml");
    let clip = demo_clip("toy_rabbit.mp4").display().to_string();
    let text = format!("canvas = \"{CANVAS}\"\n[[clip]]\npath = {clip:?}\n{more}\n");
    fs::write(&path, text).expect("the set");
    fs::create_dir(folder.path().join("shaders")).expect("a folder");
    for (name, text) in shaders {
        write(folder, name, text);
    }
    path
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join("shaders").join(name), text).expect("the shader");
}

fn command(subcommand: &str, set: &Path) -> Command {
    let mut command = residua();
    command.arg(subcommand).arg("--library").arg(library());
    if subcommand == "play" {
        command.args(["--headless", "--no-midi"]);
    }
    command.arg(set);
    command
}

/// Renders and returns the pictures as ffmpeg decodes them.
fn rendered(set: &Path, output: &Path) -> Vec<Vec<u8>> {
    succeed(command("render", set).args(["--superframes", "3", "-o"]).arg(output));
    decode(output, WIDTH, HEIGHT)
}

/// Hash in the trace of a grey picture of this luma.
fn hash_of_grey(luma: u8) -> String {
    let mut picture = vec![luma; WIDTH * HEIGHT];
    picture.resize(WIDTH * HEIGHT * 3 / 2, 128);
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&picture))
}

fn hashes(trace: &[Value]) -> Vec<&str> {
    trace.iter().filter_map(|line| line["frame_hash"].as_str()).collect()
}

#[test]
fn a_render_has_the_shader_from_the_first_picture_on() {
    let (plain, worn) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let without = rendered(&set(&plain, "", &[]), &plain.path().join("out.mkv"));
    let with = rendered(&set(&worn, "", &[("invert.wgsl", INVERT)]), &worn.path().join("out.mkv"));
    assert_eq!((without.len(), with.len()), (18, 18));
    for (without, with) in without.iter().zip(&with) {
        // Luma goes from 16 to 235: the negative of 16 + y is 235 - y.
        let negative: Vec<u8> = without.iter().map(|luma| 251_u8.saturating_sub(*luma)).collect();
        let (near, far) =
            (psnr(with, &negative, WIDTH * HEIGHT), psnr(with, without, WIDTH * HEIGHT));
        assert!(near > 30.0 && far < 15.0, "{near} dB to the negative, {far} dB to the picture");
    }
}

#[test]
fn a_set_names_the_parameters_of_its_shaders() {
    let folder = TempDir::new().expect("a folder");
    let values = "[values]\n\"shader.flat_amount\" = 1.0";
    let set = set(&folder, values, &[("flat.wgsl", &flat("vec3(p.amount)"))]);
    let file = folder.path().join("trace.jsonl");
    let mut render = command("render", &set);
    render.args(["--superframes", "1", "--trace-hash", "--trace"]).arg(&file);
    succeed(render.arg("-o").arg(folder.path().join("out.mkv")));
    assert_eq!(hashes(&trace(&file)), vec![hash_of_grey(235); 6]);

    let table = succeed(residua().args(["params", "--json"]).arg(&set)).stdout;
    let table: Value = serde_json::from_slice(&table).expect("JSON");
    let rows = table.as_array().expect("rows");
    let row = rows.iter().find(|row| row["id"] == "shader.flat_amount").expect("the row");
    assert_eq!((&row["osc"], &row["help"]), (&"/shader/flat_amount".into(), &"How much.".into()));

    let copy = folder.path().join("copy");
    let mut collect = residua();
    collect.args(["set", "collect", "--library"]).arg(library()).arg(&set).arg(&copy);
    succeed(&mut collect);
    let shader = fs::read_to_string(copy.join("shaders/flat.wgsl"));
    assert_eq!(shader.expect("it came along"), flat("vec3(p.amount)"));
}

#[test]
fn a_mistake_ends_a_render_and_not_a_show() {
    let folder = TempDir::new().expect("a folder");
    let broken = INVERT.replace("picture", "pixture");
    let set = set(&folder, "", &[("invert.wgsl", &broken)]);
    let said = "shaders/invert.wgsl, line 2: no definition in scope for identifier: `pixture`";
    let output = folder.path().join("out.mkv");
    let line = fail(command("render", &set).arg("-o").arg(&output), 1);
    assert_eq!(line, format!("residua: {said}"));
    let shown = succeed(command("play", &set).args(["--duration", "500ms"]));
    let text = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert!(text.contains(said), "{text}");
    let mut check = command("check", &set);
    let checked = check.args(["--headless", "--seconds", "0"]).output().expect("it starts");
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(text.contains(&format!("problem  shaders   {said}")), "{text}");
    // A head that cannot be read is why the set's values are unknown.
    fs::write(&set, fs::read_to_string(&set).expect("it") + "[values]\n\"shader.invert_x\" = 1\n")
        .expect("written");
    write(&folder, "invert.wgsl", "// param x 1 0-2\n");
    let line = fail(command("play", &set).args(["--duration", "500ms"]), 1);
    assert!(line.starts_with("residua: shaders/invert.wgsl, line 1: write: param NAME"), "{line}");
}

#[test]
fn edits_are_live_and_a_broken_one_keeps_the_last_good() {
    let folder = TempDir::new().expect("a folder");
    let set = set(&folder, "", &[("flat.wgsl", &flat("vec3(1.0)"))]);
    let words = folder.path().join("words");
    let port = free_port().to_string();
    let mut play = command("play", &set);
    play.args(["--osc", &format!("127.0.0.1:{port}"), "--trace-hash"]).stdout(Stdio::null());
    let stderr = File::create(&words).expect("a file");
    let mut show = Instrument::start_saying(play, stderr.into());
    let send = |address: &str, value: &str| {
        peer("oscsend", &["127.0.0.1", &port, address, "f", value]);
    };
    let shows = |show: &mut Instrument, what: &str, luma: u8| {
        let hash = hash_of_grey(luma);
        show.wait_for(what, |trace| hashes(trace).last() == Some(&hash.as_str())).len()
    };
    let says = |what: &str| {
        let begin = Instant::now();
        while !fs::read_to_string(&words).expect("readable").contains(what) {
            let said = fs::read_to_string(&words).expect("readable");
            assert!(begin.elapsed() < Duration::from_secs(180), "no '{what}' in: {said}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let white = hash_of_grey(235);
    assert!(!hashes(&show.trace()).contains(&white.as_str()), "its amount is 0");
    send("/shader/flat_amount", "1");
    shows(&mut show, "a shader moved by OSC", 235);
    write(&folder, "flat.wgsl", &flat("vec3(0.0)"));
    shows(&mut show, "an edit", 16);
    says("shaders/flat.wgsl is in play");

    write(&folder, "flat.wgsl", &flat("vec3(nothing)"));
    says("shaders/flat.wgsl, line 3: no definition in scope for identifier: `nothing`");
    let before = show.trace().len();
    let after = show.wait_for("some more slots", |trace| trace.len() > before + 15);
    let black = hash_of_grey(16);
    assert!(hashes(&after[before..]).iter().all(|hash| *hash == black), "the last good one stays");

    // Mended, with one more parameter: what was set before is kept. Half of 255 is 128 levels, and
    // 16 + 219 x 128 / 255 is 125.9.
    let more = flat("vec3(p.depth)").replace("fn", "// param depth 0.5 0..1\nfn");
    write(&folder, "flat.wgsl", &more);
    shows(&mut show, "another parameter", 126);
    send("/shader/flat_depth", "1");
    shows(&mut show, "the new parameter moved by OSC", 235);
    send("/shader/flat", "0");
    let colourful =
        |trace: &[Value]| hashes(trace).last().is_some_and(|hash| *hash != white && *hash != black);
    show.wait_for("the clip itself", colourful);
    send("/shader/flat", "1");
    shows(&mut show, "the shader again", 235);
    // A new file is a new stage, after the other one; one that goes away is gone.
    write(&folder, "invert.wgsl", &format!("// place: 90\n{INVERT}"));
    shows(&mut show, "a new file", 16);
    fs::remove_file(folder.path().join("shaders/invert.wgsl")).expect("removed");
    shows(&mut show, "a file that went", 235);
    fs::remove_dir_all(folder.path().join("shaders")).expect("removed");
    show.wait_for("the clip itself", colourful);
    says("shaders/flat.wgsl is gone");
    show.stop();
}
