//! A performance is recorded as a take and rendered again: the same pictures come out.

mod common;

use common::{Instrument, fail, free_port, library, picture_count, residua, scene, succeed, trace};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

const CLIPS: [&str; 2] = ["toy_rabbit.mp4", "flower.mp4"];

/// Sends a message with the real thing.
fn oscsend(port: u16, words: &[&str]) {
    let status = Command::new("oscsend")
        .args(["127.0.0.1", &port.to_string()])
        .args(words)
        .status()
        .expect("oscsend (liblo-tools) is installed");
    assert!(status.success());
}

/// Stops the instrument for a while, as a machine under load does.
fn stall(instrument: &Instrument, millis: u64) {
    let id = instrument.child.id().to_string();
    common::peer("kill", &["-STOP", &id]);
    thread::sleep(Duration::from_millis(millis));
    common::peer("kill", &["-CONT", &id]);
}

/// A performance with a take, under way.
struct Performance {
    instrument: Instrument,
    port: u16,
    folder: TempDir,
}

impl Performance {
    fn start(more: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let port = free_port();
        let mut command = scene("play", &CLIPS);
        command
            .current_dir(folder.path())
            .args(["--trace-hash", "--seed", "7", "--osc", &format!("127.0.0.1:{port}")])
            .args(["--record-take", "show.take"])
            .args(more);
        Self { instrument: Instrument::start(command), port, folder }
    }

    fn send(&self, words: &[&str]) {
        oscsend(self.port, words);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Plays so many slots more.
    fn play(&mut self, slots: usize) {
        let wanted = self.instrument.trace().len() + slots;
        self.instrument.wait_for("more slots", |trace| trace.len() >= wanted);
    }
}

/// Renders a take; returns its trace and the file.
fn render(take: &Path, more: &[&str]) -> (Vec<Value>, PathBuf) {
    let folder = take.parent().expect("a folder");
    let (lines, out) = (folder.join("render.jsonl"), folder.join("render.mkv"));
    let _ = fs::remove_file(&out);
    let mut command = residua();
    command.args(["render", "--take"]).arg(take).arg("--library").arg(library());
    command.arg("--trace").arg(&lines).arg("--trace-hash").arg("-o").arg(&out).args(more);
    succeed(&mut command);
    (trace(&lines), out)
}

/// What the audience saw in each slot, and whether it was late.
fn seen(trace: &[Value]) -> Vec<(u64, bool, String)> {
    let line = |line: &Value| {
        let slot = line["tick"].as_u64().expect("a slot");
        let late = line["late"].as_bool().expect("late or not");
        (slot, late, line["frame_hash"].as_str().unwrap_or("none").to_owned())
    };
    trace.iter().map(line).collect()
}

#[test]
fn a_take_renders_the_pictures_of_the_performance_held_slots_included() {
    let mut show = Performance::start(&["--set", "decay.noise_amplitude=0.1"]);
    show.send(&["/decay/dct_amount", "f", "0.4"]);
    show.send(&["/decay/feedback", "f", "0.6"]);
    show.play(10);
    show.send(&["/clip/select", "i", "2"]);
    show.send(&["/mix/clean", "f", "0.3"]);
    stall(&show.instrument, 250);
    show.play(10);
    // A picture of the programme, which live is some slots old, thrown in as soon as it is coded.
    show.send(&["/grab/source", "s", "programme"]);
    show.send(&["/grab/1"]);
    show.play(12);
    show.send(&["/throw/1"]);
    show.send(&["/mosh/drive", "i", "3"]);
    stall(&show.instrument, 200);
    show.play(10);
    show.send(&["/mosh/melt", "T"]);
    show.send(&["/cue/3/go"]);
    show.play(10);
    show.send(&["/panic"]);
    show.send(&["/decay/codec_amount", "f", "0.5"]);
    show.play(10);
    show.instrument.stop();
    let live = seen(&show.instrument.trace());
    let take = show.path("show.take");
    let text = fs::read_to_string(&take).expect("a take");
    let (render, file) = render(&take, &[]);
    let rendered = seen(&render);
    assert_eq!(live.len(), rendered.len());
    let codec = text.lines().find_map(|line| line.strip_suffix(" !codec-late"));
    let end: usize = codec.map_or(live.len(), |slot| slot.parse().expect("a slot"));
    for (live, rendered) in live.iter().zip(&rendered).take(end) {
        assert_eq!(live, rendered, "{text}");
    }
    let hashes: std::collections::HashSet<_> = live.iter().map(|(.., hash)| hash).collect();
    assert!(hashes.len() > live.len() / 3, "{} pictures of {} slots", hashes.len(), live.len());
    let late = live.iter().filter(|(_, late, _)| *late).count();
    assert!(late >= 8, "{late} late slots of {}", live.len());
    assert_eq!(picture_count(&file), live.len());
    for word in ["!grab 1 filled", "!grab-of ", "throw.1 fire osc", "!late"] {
        assert!(text.contains(word), "{word} is not in {text}");
    }

    // Steady: each picture once, in the same order.
    let (steady, file) = self::render(&take, &["--steady"]);
    let shown: Vec<_> = live.iter().filter(|(_, late, _)| !late).map(|(slot, ..)| *slot).collect();
    let steady: Vec<_> = seen(&steady).iter().map(|(slot, late, _)| (*slot, *late)).collect();
    assert_eq!(steady, shown.iter().map(|slot| (*slot, false)).collect::<Vec<_>>());
    assert_eq!(picture_count(&file), shown.len());
}

#[test]
fn a_take_survives_a_kill_is_kept_on_demand_and_plays_again_beside_a_performer() {
    let mut show = Performance::start(&[]);
    show.send(&["/decay/feedback", "f", "0.75"]);
    show.send(&["/playhead/speed", "f", "2"]);
    show.play(30);
    show.send(&["/take/keep"]);
    show.send(&["/decay/feedback", "f", "0.25"]);
    show.play(60);
    show.instrument.child.kill().expect("killed");
    show.instrument.child.wait().expect("gone");
    let live = seen(&show.instrument.trace());
    // The file that was asked for lacks a second at most, which is 30 slots.
    let take = show.path("show.take");
    let (rendered, _) = render(&take, &[]);
    let rendered = seen(&rendered);
    assert!(rendered.len() + 30 >= live.len(), "{} of {}", rendered.len(), live.len());
    let both = rendered.len().min(live.len());
    assert_eq!(rendered[..both], live[..both]);
    // What was kept ends where it was asked for; the whole is shorter than a minute.
    let (kept, file) = render(&show.path("show-1.take"), &[]);
    let kept = seen(&kept);
    assert!((30..live.len() - 30).contains(&kept.len()), "{} of {}", kept.len(), live.len());
    assert_eq!(kept, live[..kept.len()]);
    assert_eq!(picture_count(&file), kept.len());

    // Beside a performer: what is touched is theirs, the rest is the take's.
    let port = free_port();
    let folder = TempDir::new().expect("a folder");
    let mut command = residua();
    command.current_dir(folder.path());
    command.args(["play", "--headless", "--no-midi", "--take"]).arg(&take);
    command.arg("--library").arg(library()).args(["--record-take", "second.take"]);
    command.args(["--trace-hash", "--osc", &format!("127.0.0.1:{port}")]);
    let said = folder.path().join("stderr.txt");
    let stderr = fs::File::create(&said).expect("a file");
    let mut second = Instrument::start_saying(command, Stdio::from(stderr));
    oscsend(port, &["/decay/feedback", "f", "0.5"]);
    second.wait_for("the take's end", |trace| trace.len() > live.len());
    second.stop();
    let said = fs::read_to_string(&said).expect("readable");
    let line = "a take plays: after a crash it begins anew, and what you played is in the new take";
    assert_eq!(said.matches(line).count(), 1, "{said}");
    let events: Vec<(String, f64)> = second
        .trace()
        .iter()
        .flat_map(|line| line["events"].as_array().cloned().unwrap_or_default())
        .filter_map(|event| Some((event["id"].as_str()?.to_owned(), event["value"].as_f64()?)))
        .collect();
    let of = |id: &str| -> Vec<f64> {
        events.iter().filter(|(found, _)| found == id).map(|(_, value)| *value).collect()
    };
    assert_eq!(of("playhead.speed"), [2.0]);
    // The take's last move of it came after the performer's, and is left out.
    assert_eq!(of("decay.feedback").last(), Some(&0.5), "{events:?}");
    // The new take has both, and stands alone.
    let live = seen(&second.trace());
    let (rendered, _) = render(&folder.path().join("second.take"), &[]);
    assert_eq!(seen(&rendered), live);
}

#[test]
fn what_cannot_be_rendered_is_said_in_a_line() {
    let mut show = Performance::start(&[]);
    show.play(10);
    show.instrument.stop();
    let take = show.path("show.take");
    let text = fs::read_to_string(&take).expect("a take");
    let changed = show.path("changed.take");
    let render = |from: &str, to: &str, more: &[&str]| {
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(&changed, text.replacen(from, to, 1)).expect("written");
        let mut command = residua();
        command.current_dir(show.folder.path()).args(["render", "--take"]).arg(&changed);
        command.arg("--library").arg(library()).args(["-o", "out.mkv"]).args(more);
        command
    };
    let line = fail(&mut render("residua-take 1", "residua-take 7", &[]), 1);
    assert!(line.contains("of format 7") && line.contains("reads format 1"), "{line}");
    let line = fail(&mut render("plays\n", "plays\n0 no.such fire osc 1\n", &[]), 1);
    assert!(line.contains("the take moves no.such"), "{line}");
    succeed(&mut render("plays\n", "plays\n0 no.such fire osc 1\n", &["--anyway"]));
    // Values that a row cannot have: at the beginning, in a preset, in a preset that came later.
    for lines in [
        "value decay.mix \"none\"\nplays\n",
        "preset \"x\"\npreset-value decay.mix \"none\"\nplays\n",
        "plays\n0 !preset \"x\"\n0 !preset-value decay.mix \"none\"\n0 !presets\n",
    ] {
        let line = fail(&mut render("plays\n", lines, &[]), 1);
        assert!(line.contains("the take sets decay.mix to what it cannot be"), "{line}");
        succeed(&mut render("plays\n", lines, &["--anyway"]));
    }
    let line = fail(&mut render("toy_rabbit.mp4\" \"", "toy_rabbit.mp4\" \"0", &[]), 1);
    assert!(line.contains("rabbit") && line.contains("--anyway"), "{line}");
    let line = fail(&mut render("seed", "seed", &["--size", "64x64@25"]), 1);
    assert!(line.contains("no other can be asked for"), "{line}");
    let line = fail(&mut render("seed", "nonsense", &[]), 1);
    assert!(line.contains("line ") && line.contains("'nonsense' is not known"), "{line}");

    // Another size: its clips are imported again.
    let mut large = render("seed", "seed", &["--size", "164x92", "--scale-px"]);
    large.args(["--trace", "large.jsonl"]);
    succeed(&mut large);
    let slots = trace(&show.path("large.jsonl")).len();
    assert_eq!(slots, show.instrument.trace().len());
}

#[test]
fn a_take_plays_where_its_set_was_opened_and_without_the_library_it_was_played_from() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("old/shaders")).expect("made");
    let invert = "fn stage(at: vec2<f32>) -> vec3<f32> {\n    return 1.0 - picture(at);\n}\n";
    fs::write(at("old/shaders/invert.wgsl"), invert).expect("written");
    let clip = common::demo_clip(CLIPS[0]);
    fs::write(at("old/set.toml"), format!("[[clip]]\npath = {clip:?}\n")).expect("written");
    let set = at("old/set.toml");
    // At a width of whole macroblocks every import of a source is the same.
    let canvas = "320x176@30";
    let mut command = residua();
    command.args(["play", "--headless", "--no-midi", "--canvas", canvas, "--library"]);
    command
        .arg(library())
        .arg(&set)
        .args(["--trace-hash", "--seed", "7", "--record-take"])
        .arg(at("old/a.take"));
    let mut instrument = Instrument::start(command);
    instrument.wait_for("ten slots", |trace| trace.len() >= 10);
    instrument.stop();
    let live = seen(&instrument.trace());

    let render = |take: &str, library: &str, more: &[&str]| {
        let mut command = residua();
        command.args(["render", "--take"]).arg(at(take)).arg("--library").arg(at(library));
        command.args(["--trace-hash", "--trace"]).arg(at(&format!("{library}.jsonl")));
        command.arg("-o").arg(at(&format!("{library}.mkv"))).args(more);
        command
    };
    let pictures = |library: &str| seen(&trace(&at(&format!("{library}.jsonl"))));
    // Its sources are where they were: they are imported again, and otherwise they are another clip.
    succeed(&mut render("old/a.take", "empty", &[]));
    assert_eq!(pictures("empty"), live);
    let line = fail(&mut render("old/a.take", "other", &["--gop", "2"]), 1);
    assert!(line.contains("imported again, gives another clip"), "{line}");

    let mut pack = residua();
    pack.args(["remains", "pack", "--with-clips", "--library"]).arg(library());
    succeed(pack.args(["--canvas", canvas]).arg(&set).arg("-o").arg(at("set.residua")));
    // What the take names is on another machine.
    let text = fs::read_to_string(at("old/a.take")).expect("a take");
    fs::remove_dir_all(at("old")).expect("removed");
    succeed(residua().args(["remains", "open"]).args([at("set.residua"), at("new")]));
    let packed = at("new/takes/a.take");
    assert_eq!(fs::read_to_string(&packed).expect("the take"), text, "packed as it was");
    let elsewhere = text.replace(&*clip.to_string_lossy(), "/nowhere/toy_rabbit.mp4");
    assert_ne!(elsewhere, text);
    fs::write(&packed, &elsewhere).expect("written");
    succeed(&mut render("new/takes/a.take", "remains", &[]));
    assert_eq!(pictures("remains"), live);

    // Away from its set it is found by who says where that is, and not without.
    fs::write(at("alone.take"), &elsewhere).expect("written");
    fs::rename(at("new"), at("moved")).expect("moved");
    let line = fail(&mut render("alone.take", "lost", &[]), 1);
    assert!(line.contains("invert.wgsl is missing"), "{line}");
    let moved = at("moved").display().to_string();
    succeed(&mut render("alone.take", "found", &["--search", &moved]));
    assert_eq!(pictures("found"), live);
}
