//! What the instrument keeps: where it was when it was killed, what is saved into a set, presets by
//! number, clips that have moved. The real program, killed for real.

mod common;

use common::{CANVAS, Instrument, demo_clip, free_port, peer, residua, succeed};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A folder to play in, with the user's folders inside, and a port for OSC.
struct Place {
    folder: TempDir,
    port: String,
}

impl Place {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), port: free_port().to_string() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
        path
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The program in this folder, without a display.
    fn residua(&self) -> Command {
        let mut command = residua();
        command
            .current_dir(self.folder.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"));
        command
    }

    /// Playing these, steered by OSC.
    fn play(&self, clips: &[&Path]) -> Command {
        let mut command = self.residua();
        command.args(["play", "--headless", "--no-midi", "--library"]).arg(common::library());
        command.args(["--osc", &format!("127.0.0.1:{}", self.port)]).args(clips);
        command
    }

    fn start(&self, command: Command) -> Instrument {
        let stderr = fs::File::create(self.path("stderr.txt")).expect("a file");
        Instrument::start_saying(command, Stdio::from(stderr))
    }

    fn osc(&self, arguments: &[&str]) {
        peer("oscsend", &[&["127.0.0.1", self.port.as_str()], arguments].concat());
    }

    /// Waits, with a bound, until a file of the folder holds something.
    fn wait_for(&self, name: &str, holds: impl Fn(&str) -> bool) -> String {
        let begin = Instant::now();
        loop {
            let text = fs::read_to_string(self.path(name)).unwrap_or_default();
            if holds(&text) {
                return text;
            }
            assert!(begin.elapsed() < Duration::from_secs(180), "{name} never held it: {text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A set of the demo's two videos, with a comment and a key of tomorrow's program.
fn set_text() -> String {
    format!(
        "# Friday night.\ncanvas = \"{CANVAS}\"\n\n[[clip]] # the toy\npath = \"{}\"\n\n\
         [[clip]]\npath = \"{}\"\nvalues = {{ \"superframe.size\" = 4 }} # short\n\n\
         [values] # at the start\n\"decay.feedback\" = 0.25 # soft\n",
        demo_clip("toy_rabbit.mp4").display(),
        demo_clip("flower.mp4").display(),
    )
}

fn table(text: &str) -> toml::Table {
    text.parse().unwrap_or_else(|error| panic!("no TOML ({error}): {text}"))
}

fn number(table: &toml::Table, path: &[&str]) -> Option<f64> {
    let (last, tables) = path.split_last().expect("a path");
    let table = tables.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?;
    let value = table.get(*last)?;
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

fn has_event(trace: &[Value], id: &str) -> bool {
    let events = |line: &Value| line["events"].as_array().cloned().unwrap_or_default();
    trace.iter().any(|line| events(line).iter().any(|event| event["id"] == id))
}

#[test]
fn a_show_that_was_killed_goes_on_where_it_was() {
    let place = Place::new();
    let set = place.write("show.toml", &set_text());
    let mut show = place.start(place.play(&[&set]));
    place.osc(&["/clip/select", "i", "2"]);
    place.osc(&["/decay/feedback", "f", "0.75"]);
    place.osc(&["/playhead/speed", "f", "0.5"]);
    place.osc(&["/gesture/1/record", "i", "1"]);
    place.osc(&["/tempo/source", "s", "internal"]);
    place.osc(&["/snapshot/3/store", "i", "1"]);
    place.osc(&["/decay/noise_amplitude", "f", "4"]);
    show.wait_for("the clip", |trace| trace.last().is_some_and(|line| line["clip"] == 2));
    // The set keeps a snapshot by itself.
    let kept = place.wait_for("show.toml", |text| text.contains("[snapshots.3]"));
    assert_eq!(number(&table(&kept), &["snapshots", "3", "decay.feedback"]), Some(0.75));
    assert!(kept.starts_with("# Friday night.\n") && kept.contains("[[clip]] # the toy\n"));
    assert_eq!(number(&table(&kept), &["values", "decay.feedback"]), Some(0.25), "not asked for");
    // One that was stored by mistake goes out of it again.
    place.osc(&["/snapshot/4/store", "i", "1"]);
    place.wait_for("show.toml", |text| text.contains("[snapshots.4]"));
    place.osc(&["/edit/undo", "i", "1"]);
    let undone = place.wait_for("show.toml", |text| !text.contains("[snapshots.4]"));
    assert!(undone.contains("[snapshots.3]"), "{undone}");
    let journal =
        place.wait_for("state/residua/journal.toml", |text| text.contains("decay.noise_amplitude"));
    assert!(!journal.contains("gesture.1.record"), "nobody has begun that recording: {journal}");
    std::thread::sleep(Duration::from_millis(2200));
    let position = |trace: &[Value], at: usize| trace[at]["position"].as_f64().expect("a place");
    let killed = show.trace();
    show.child.kill().expect("killed");
    show.child.wait().expect("gone");
    // Where it was in the last two seconds, at 30 slots a second.
    let recent = killed.len().saturating_sub(61)..killed.len();
    let recent: Vec<f64> = recent.map(|at| position(&killed, at)).collect();

    let mut again = place.start(place.play(&[&set]));
    let trace = again.trace();
    assert_eq!(trace[0]["clip"], 2, "the clip it was in");
    let first = position(&trace, 0);
    assert!(
        recent.iter().any(|place| (place - first).abs() < 0.015),
        "it was at {recent:?}, and goes on at {first}"
    );
    let said = place.read("stderr.txt");
    assert_eq!(said.matches("goes on where it was").count(), 1, "{said}");
    place.osc(&["/set/save", "i", "1"]);
    let saved = place.wait_for("show.toml", |text| text.contains("decay.noise_amplitude"));
    let values = table(&saved);
    assert_eq!(number(&values, &["values", "decay.feedback"]), Some(0.75));
    assert_eq!(number(&values, &["values", "decay.noise_amplitude"]), Some(4.0));
    // Who leads the beat is the performer's choice, and kept.
    assert_eq!(values["values"]["tempo.source"].as_str(), Some("internal"));
    assert_eq!(number(&values, &["values", "clip.select"]), Some(2.0));
    let second = values["clip"].as_array().expect("clips")[1].as_table().expect("a clip");
    assert_eq!(number(second, &["values", "playhead.speed"]), Some(0.5));
    assert_eq!(number(second, &["values", "superframe.size"]), Some(4.0));
    assert!(saved.contains("\"decay.feedback\" = 0.75 # soft\n"), "{saved}");
    assert!(saved.contains(" # short\n"), "{saved}");

    // A clean end leaves nothing to go on from.
    again.stop();
    assert!(!place.path("state/residua/journal.toml").exists());
    fs::write(&set, set_text()).expect("written");
    let anew = place.start(place.play(&[&set]));
    assert_eq!(anew.trace()[0]["clip"], 1);
    assert!(!place.read("stderr.txt").contains("goes on"));
}

#[test]
fn fresh_begins_anew_and_the_name_alone_goes_on() {
    let place = Place::new();
    let set = place.write("show.toml", &set_text());
    let kill = |mut show: Instrument| {
        place.osc(&["/clip/select", "i", "2"]);
        show.wait_for("the clip", |trace| trace.last().is_some_and(|line| line["clip"] == 2));
        place.wait_for("state/residua/journal.toml", |text| {
            text.contains("\"clip.select\" = 2") && text.contains("arguments")
        });
        show.child.kill().expect("killed");
        show.child.wait().expect("gone");
    };
    let trace = place.path("trace.jsonl");
    let mut command = place.play(&[&set]);
    command.arg("--trace").arg(&trace);
    // This one's trace is named by the command line itself.
    let mut child = command.stderr(Stdio::null()).spawn().expect("it starts");
    place.wait_for("trace.jsonl", |text| text.lines().count() > 3);
    place.osc(&["/clip/select", "i", "2"]);
    place.wait_for("state/residua/journal.toml", |text| text.contains("\"clip.select\" = 2"));
    child.kill().expect("killed");
    child.wait().expect("gone");
    fs::remove_file(&trace).expect("removed");

    // `residua`, and nothing else.
    let mut alone = place.residua().stderr(Stdio::null()).spawn().expect("it starts");
    place.wait_for("trace.jsonl", |text| text.lines().count() > 3);
    assert_eq!(common::trace(&trace)[0]["clip"], 2);
    alone.kill().expect("killed");
    alone.wait().expect("gone");

    let mut fresh = place.play(&[&set]);
    fresh.arg("--fresh");
    let fresh = place.start(fresh);
    assert_eq!(fresh.trace()[0]["clip"], 1);
    kill(fresh);
    // Another set is another show.
    let other = place.write("other.toml", &set_text());
    let other = place.start(place.play(&[&other]));
    assert_eq!(other.trace()[0]["clip"], 1);
    assert!(!place.read("stderr.txt").contains("goes on"));
}

#[test]
fn a_set_that_somebody_changed_is_not_overwritten() {
    let place = Place::new();
    let set = place.write("show.toml", &set_text());
    let show = place.start(place.play(&[&set]));
    let theirs = format!("# Theirs.\n{}", set_text());
    fs::write(&set, &theirs).expect("written");
    place.osc(&["/decay/feedback", "f", "0.5"]);
    place.osc(&["/set/save", "i", "1"]);
    let saved = place.wait_for("show.saved.toml", |text| !text.is_empty());
    assert_eq!(number(&table(&saved), &["values", "decay.feedback"]), Some(0.5));
    assert_eq!(place.read("show.toml"), theirs);
    place.wait_for("stderr.txt", |text| text.contains("show.saved.toml"));
    drop(show);
}

#[test]
fn clips_without_a_set_are_saved_as_one_that_plays() {
    let place = Place::new();
    let clip = place.path("flower.mp4");
    fs::copy(demo_clip("flower.mp4"), &clip).expect("copied");
    let mut command = place.play(&[Path::new("flower.mp4")]);
    command.args(["--canvas", CANVAS]);
    let mut show = place.start(command);
    place.osc(&["/decay/feedback", "f", "0.5"]);
    place.osc(&["/cue/2/set", "i", "1"]);
    place.osc(&["/set/save", "i", "1"]);
    let saved = place.wait_for("residua.toml", |text| text.contains("decay.feedback"));
    assert!(saved.contains("path = \"flower.mp4\""), "{saved}");
    show.stop();
    let mut command = place.play(&[Path::new("residua.toml")]);
    command.args(["--duration", "0.5s"]);
    succeed(&mut command);
}

#[test]
fn presets_are_called_by_number_and_kept() {
    let place = Place::new();
    let listed = "presets = [\"mine\", \"looks/evening.toml\", \"honey\"";
    let set = place.write("show.toml", &format!("{listed}]\n{}", set_text()));
    place.write("looks/evening.toml", "[values]\n\"decay.mix\" = 0.75\n");
    place.write(
        "presets/mine.toml",
        "# Of an older program.\n[values]\n\"decay.mix\" = 0.5 # half\n\"gone.row\" = 3\n",
    );
    let list = succeed(place.residua().arg("presets").arg(&set));
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let numbers: Vec<&str> =
        list.lines().take(4).map(|line| line.split_whitespace().nth(1).expect("a name")).collect();
    assert_eq!(numbers, ["mine", "evening", "honey", "as_written"], "{list}");

    let show = place.start(place.play(&[&set]));
    place.osc(&["/decay/noise_amplitude", "f", "9"]);
    place.osc(&["/preset/select", "i", "1"]);
    place.osc(&["/set/save", "i", "1"]);
    let saved = place.wait_for("show.toml", |text| text.contains("decay.mix"));
    let values = table(&saved);
    assert_eq!(number(&values, &["values", "decay.mix"]), Some(0.5));
    assert_eq!(number(&values, &["values", "decay.noise_amplitude"]), None, "neutral");
    // What the file had said stands there with its neutral value.
    let registry = residua::engine::registry().expect("rows");
    let feedback = registry.row(registry.find("decay.feedback").expect("a row"));
    assert_eq!(number(&values, &["values", "decay.feedback"]), Some(feedback.neutral));
    place.wait_for("stderr.txt", |text| text.contains("gone.row"));

    place.osc(&["/decay/mix", "f", "0.25"]);
    place.osc(&["/preset/update", "i", "1"]);
    let updated = place.wait_for("presets/mine.toml", |text| text.contains("0.25"));
    let expected =
        "# Of an older program.\n[values]\n\"decay.mix\" = 0.25 # half\n\"gone.row\" = 3\n";
    assert_eq!(updated, expected);

    place.osc(&["/preset/store", "i", "1"]);
    let kept = place.wait_for("presets/look.toml", |text| text.contains("decay.mix"));
    assert_eq!(number(&table(&kept), &["values", "decay.mix"]), Some(0.25));
    // It has a number at once: the last.
    let last = residua::set::SHIPPED.len() + 3;
    place.wait_for("stderr.txt", |text| text.contains(&format!("preset {last} now")));
    place.osc(&["/decay/mix", "f", "1"]);
    place.osc(&["/preset/select", "i", &last.to_string()]);
    place.osc(&["/set/save", "i", "1"]);
    let saved = place.wait_for("show.toml", |text| text.contains("\"look\""));
    assert_eq!(number(&table(&saved), &["values", "decay.mix"]), Some(0.25));
    // What the set listed is listed as it was, or it would not be found again.
    assert!(saved.contains(listed), "{saved}");
    drop(show);
}

#[test]
fn a_take_that_plays_keeps_its_presets_and_what_its_clips_keep() {
    let place = Place::new();
    let set = place.write("show.toml", &format!("presets = [\"mine\"]\n{}", set_text()));
    place.write("presets/mine.toml", "[values]\n\"decay.mix\" = 0.5\n");
    let mut command = place.play(&[&set]);
    succeed(command.args(["--duration", "0.5s", "--record-take", "show.take"]));
    fs::remove_dir_all(place.path("presets")).expect("removed");

    let mut command = place.play(&[]);
    command.args(["--take", "show.take"]);
    let show = place.start(command);
    place.osc(&["/decay/mix", "f", "0.25"]);
    place.osc(&["/preset/store", "i", "1"]);
    // After those of the take: `mine`, and what comes with the program.
    let last = residua::set::SHIPPED.len() + 2;
    place.wait_for("stderr.txt", |text| text.contains(&format!("preset {last} now")));
    place.osc(&["/preset/select", "i", "1"]);
    place.osc(&["/preset/update", "i", "1"]);
    place.wait_for("stderr.txt", |text| text.contains("preset mine is in no file here"));
    place.osc(&["/set/save", "i", "1"]);
    let saved = place.wait_for("residua.toml", |text| text.contains("[values]"));
    let values = table(&saved);
    assert_eq!(number(&values, &["values", "decay.mix"]), Some(0.5), "{saved}");
    let second = values["clip"].as_array().expect("clips")[1].as_table().expect("a clip");
    assert_eq!(number(second, &["values", "superframe.size"]), Some(4.0), "{saved}");
    let hash = second["hash"].as_str().expect("a hash");
    let demo = fs::read(demo_clip("flower.mp4")).expect("the demo");
    assert_eq!(hash, format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&demo)));
    drop(show);
}

#[test]
fn a_safe_start_leaves_shaders_and_mappings_out() {
    let place = Place::new();
    let set = place.write("show.toml", &set_text());
    let drip = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo/shaders/drip.wgsl");
    fs::create_dir_all(place.path("shaders")).expect("made");
    fs::copy(drip, place.path("shaders/drip.wgsl")).expect("copied");
    let rows = succeed(place.residua().arg("params").arg(&set));
    let rows = String::from_utf8_lossy(&rows.stdout).into_owned();
    let row = rows.lines().find(|line| line.contains("drip")).expect("the shader's rows");
    let id = row.split_whitespace().next().expect("an id");
    let text = format!(
        "{}\"{id}\" = {}\n\n[[mapping]]\nkind = \"cc\"\nnumber = 1\nparam = \"{id}\"\n",
        set_text(),
        if row.contains("on or off") { "true" } else { "0.5" }
    );
    fs::write(&set, text).expect("written");
    let mut command = place.play(&[&set]);
    command.args(["--safe", "--duration", "0.5s"]);
    let output = succeed(&mut command);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(id) && said.contains("left out"), "{said}");
}

#[test]
fn a_clip_that_moved_is_found() {
    let place = Place::new();
    let library = place.path("library");
    let text = format!("canvas = \"{CANVAS}\"\n[[clip]]\npath = \"a.mp4\"\n");
    let set = place.write("show/set.toml", &text);
    fs::copy(demo_clip("flower.mp4"), place.path("show/a.mp4")).expect("copied");
    let play = |library: &Path, search: Option<&Path>| {
        let mut command = place.residua();
        command.args(["play", "--headless", "--no-midi", "--duration", "0.5s", "--library"]);
        command.arg(library).arg(&set);
        if let Some(search) = search {
            command.arg("--search").arg(search);
        }
        command.output().expect("it starts")
    };
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(play(&library, None).status.success());
    // Gone, but imported.
    fs::create_dir_all(place.path("elsewhere/deep")).expect("made");
    let moved = place.path("elsewhere/deep/renamed.mp4");
    fs::rename(place.path("show/a.mp4"), &moved).expect("moved");
    let output = play(&library, None);
    assert!(output.status.success() && said(&output).contains("plays from the library"));
    // Gone, imported nowhere, called otherwise: by what it holds, as the library's own file says.
    let facts = fs::read_dir(&library).expect("a library").flatten();
    let facts = facts.filter_map(|entry| fs::read_to_string(entry.path().join("clip.toml")).ok());
    let facts = table(&facts.collect::<Vec<_>>().concat());
    let hash = facts["source_hash"].as_str().expect("a hash").to_owned();
    fs::write(&set, format!("{text}hash = \"{hash}\"\n")).expect("written");
    let output = play(&place.path("other"), None);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("--search"), "one clear line: {}", said(&output));
    let output = play(&place.path("other"), Some(&place.path("elsewhere")));
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("renamed.mp4 is taken"), "{}", said(&output));
    // Another video of that name is not the clip.
    fs::remove_file(&moved).expect("removed");
    fs::copy(demo_clip("toy_rabbit.mp4"), place.path("elsewhere/a.mp4")).expect("copied");
    let output = play(&place.path("third"), Some(&place.path("elsewhere")));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn events_of_the_set_enter_the_first_tick() {
    let place = Place::new();
    let text = format!(
        "exclude = [\"decay.mix\"]\n{}\n[gestures]\n\"mosh.bloom\" = \"latch\"\n\
         \"heal.all\" = {{ gesture = \"one_shot\", quantise = \"1 bar\" }}\n",
        set_text()
    );
    let set = place.write("show.toml", &text);
    let show = place.start(place.play(&[&set]));
    let trace = show.trace();
    for id in ["decay.mix", "mosh.bloom", "heal.all"] {
        assert!(has_event(&trace[..1], id), "{id}: {}", trace[0]);
    }
    place.osc(&["/preset/select", "i", "1"]);
    place.osc(&["/set/save", "i", "1"]);
    let saved = place.wait_for("show.toml", |text| text.contains("hash"));
    assert!(saved.contains("exclude = [\"decay.mix\"]"), "{saved}");
}

/// What the performer took back of what the set says stays taken back.
#[test]
fn after_a_kill_the_set_does_not_say_it_again() {
    let place = Place::new();
    let text = format!(
        "exclude = [\"decay.mix\", \"decay.feedback\"]\n{}\n[gestures]\n\
         \"mosh.bloom\" = \"latch\"\n\
         \"heal.all\" = {{ gesture = \"one_shot\", quantise = \"1 bar\" }}\n",
        set_text()
    );
    let set = place.write("show.toml", &text);
    let journal = "state/residua/journal.toml";
    let mut show = place.start(place.play(&[&set]));
    place.osc(&["/exclude/decay/mix", "i", "0"]);
    place.osc(&["/gesture/mosh/bloom", "s", "hold"]);
    place.osc(&["/quantise/heal/all", "s", "off"]);
    let is_as_left = |text: &str| {
        text.contains("exclude = [\"decay.feedback\"]")
            && !text.contains("\"mosh.bloom\" = [")
            && !text.contains("1 bar")
    };
    place.wait_for(journal, |text| text.contains("slot") && is_as_left(text));
    show.child.kill().expect("killed");
    show.child.wait().expect("gone");
    // The set was written by itself; somebody has put their own text back.
    fs::write(&set, &text).expect("written");

    let show = place.start(place.play(&[&set]));
    place.wait_for("stderr.txt", |text| text.contains("goes on where it was"));
    fs::remove_file(place.path(journal)).expect("removed");
    let anew = place.wait_for(journal, |text| text.contains("slot"));
    assert!(is_as_left(&anew), "{anew}");
    drop(show);
}
