//! A set in a folder of its own plays elsewhere: without its sources, without a library.

mod common;

use common::{demo_clip, fail, library, peer, residua, succeed, trace};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

const CANVAS: &str = "64x48@30";

const SET: &str = "\
# Friday, second half.
canvas = \"64x48@30\"

[[clip]] # grows
path = \"in/flower.mp4\" # the slow one
backward = \"in/rabbit.mp4\"

# Twice the same.
[[clip]]
path = \"in/rabbit.mp4\"

[[clip]]
path = \"in/rabbit.mp4\"

[values]
\"decay.feedback\" = 0.5 # soft
";

/// A set with its videos, in a folder of its own.
fn studio() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let videos = folder.path().join("studio/in");
    fs::create_dir_all(&videos).expect("a folder");
    fs::copy(demo_clip("flower.mp4"), videos.join("flower.mp4")).expect("copied");
    fs::copy(demo_clip("toy_rabbit.mp4"), videos.join("rabbit.mp4")).expect("copied");
    let set = folder.path().join("studio/friday.toml");
    fs::write(&set, SET).expect("written");
    (folder, set)
}

fn collect(set: &Path, to: &Path) -> Command {
    let mut command = residua();
    command.args(["set", "collect", "--library"]).arg(library()).arg(set).arg(to);
    command
}

/// The hashes of the pictures that a set renders to, with a library of its own.
fn hashes(set: &Path, library: &Path) -> Vec<String> {
    hashes_of("sinusoid", set, library)
}

/// The same along another function.
fn hashes_of(function: &str, set: &Path, library: &Path) -> Vec<String> {
    let folder = TempDir::new().expect("a folder");
    let lines = folder.path().join("trace.jsonl");
    let mut command = residua();
    command.args([
        "render",
        "--superframes",
        "6",
        "--trace-hash",
        "--function",
        function,
        "--trace",
    ]);
    command.arg(&lines);
    command.arg("-o").arg(folder.path().join("out.mkv")).arg("--library").arg(library);
    succeed(command.arg(set));
    let hash = |line: &serde_json::Value| line["frame_hash"].as_str().expect("a hash").to_owned();
    trace(&lines).iter().map(hash).collect()
}

#[test]
fn a_collected_set_plays_elsewhere() {
    let (folder, set) = studio();
    let expected = hashes(&set, &library());
    assert_eq!(expected.len(), 36);
    let preset = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/growth.toml");
    let first = folder.path().join("stick/friday");
    succeed(collect(&set, &first).arg("--preset").arg(&preset));

    // Only paths have changed, and they lead nowhere outside.
    let text = fs::read_to_string(first.join("friday.toml")).expect("the set");
    let kept = SET.lines().filter(|line| !line.contains("in/"));
    for line in kept {
        assert!(text.contains(line), "'{line}' is missing:\n{text}");
    }
    assert!(text.contains("# the slow one") && !text.contains("in/") && !text.contains("backward"));
    assert_eq!(fs::read_dir(first.join("clips")).expect("clips").count(), 2);
    assert!(!first.join("sources").exists());
    let same = fs::read(first.join("presets/growth.toml")).expect("the preset");
    assert_eq!(same, fs::read(&preset).expect("the preset"));

    // Another machine: another folder, no sources, an empty library, the same pictures.
    let moved = folder.path().join("elsewhere");
    fs::rename(&first, &moved).expect("moved");
    fs::remove_dir_all(folder.path().join("studio")).expect("removed");
    let empty = folder.path().join("empty");
    assert_eq!(hashes(&moved.join("friday.toml"), &empty), expected);
    let mut play = residua();
    play.args(["play", "--headless", "--no-midi", "--no-osc", "--duration", "1s", "--library"]);
    play.arg(&empty);
    let output = succeed(play.arg(moved.join("friday.toml")));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // Drivers may have something to say; the program has not.
    assert!(!said.contains("residua:"), "{said}");
    assert_eq!(fs::read_dir(&empty).expect("the library").count(), 0);
    // Collected once more, it is the same set.
    let again = folder.path().join("again");
    succeed(&mut collect(&moved.join("friday.toml"), &again));
    assert_eq!(hashes(&again.join("friday.toml"), &empty), expected);
}

#[test]
fn sources_go_along_and_repair() {
    let (folder, set) = studio();
    let to = folder.path().join("with");
    succeed(collect(&set, &to).arg("--with-sources"));
    for (name, demo) in [("flower.mp4", "flower.mp4"), ("rabbit.mp4", "toy_rabbit.mp4")] {
        let copied = fs::read(to.join("sources").join(name)).expect("it is there");
        assert_eq!(copied, fs::read(demo_clip(demo)).expect("the demo"));
    }
    let moved = folder.path().join("moved");
    fs::rename(&to, &moved).expect("moved");
    fs::remove_dir_all(folder.path().join("studio")).expect("removed");
    let clips: Vec<PathBuf> =
        fs::read_dir(moved.join("clips")).expect("clips").flatten().map(|f| f.path()).collect();
    assert_eq!(clips.len(), 2);
    for clip in &clips {
        let file = clip.join("backward.m4v");
        let whole = fs::read(&file).expect("it is there");
        fs::write(&file, &whole[..whole.len() / 2]).expect("written");
        let mut verify = residua();
        verify.args(["clips", "verify", "--repair", "--library"]).arg(moved.join("clips"));
        succeed(&mut verify);
        assert!(fs::read(&file).expect("it is there") == whole);
    }
}

#[test]
fn what_cannot_be_collected_leaves_nothing() {
    let (folder, set) = studio();
    let full = folder.path().join("full");
    fs::create_dir(&full).expect("a folder");
    fs::write(full.join("mine.txt"), "mine").expect("written");
    let line = fail(&mut collect(&set, &full), 1);
    assert!(line.contains("not empty"), "{line}");
    assert_eq!(fs::read_dir(&full).expect("a folder").count(), 1);

    let none = folder.path().join("none");
    fs::remove_file(folder.path().join("studio/in/rabbit.mp4")).expect("removed");
    let line = fail(&mut collect(&set, &none), 1);
    assert!(line.contains("rabbit.mp4"), "{line}");
    let line = fail(collect(&set, &none).arg("--preset").arg("no.toml"), 1);
    assert!(line.contains("no.toml"), "{line}");
    assert!(!none.exists());
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(names.is_empty(), "left: {names:?}");
}

#[test]
fn a_set_without_a_canvas_is_given_the_one_it_was_imported_at() {
    let (folder, set) = studio();
    fs::write(&set, "# Mine.\n[[clip]]\npath = \"in/flower.mp4\"\n").expect("written");
    let to = folder.path().join("to");
    succeed(collect(&set, &to).args(["--canvas", CANVAS]));
    let text = fs::read_to_string(to.join("friday.toml")).expect("the set");
    assert!(text.contains(&format!("canvas = \"{CANVAS}\"")) && text.contains("# Mine."), "{text}");
}

/// What a set has besides its clips: lists, stills, grabbed pictures, values and curves of clips.
#[test]
fn all_that_a_set_names_goes_along() {
    let (folder, set) = studio();
    let studio = set.parent().expect("a folder");
    let text = r#"canvas = "64x48@30"
grabs = { 1 = "stills/face.png", 2 = "face.png" } # two faces

[[clip]]
path = "in/flower.mp4"
positions = "lists/order.txt" # by hand
values = { "superframe.size" = 4 }

[[clip]]
path = "in/rabbit.mp4"
curve = "0:0 0.25:1 1:0"
encoder = "libx264"
fit = "letterbox"
"#;
    fs::write(&set, text).expect("written");
    let still = |source: &str, to: &Path| {
        let to = to.display().to_string();
        let size = format!("{source}:size=64x48:rate=30");
        peer("ffmpeg", &["-v", "error", "-f", "lavfi", "-i", &size, "-frames:v", "1", &to]);
    };
    fs::create_dir_all(studio.join("lists")).expect("a folder");
    fs::create_dir_all(studio.join("stills")).expect("a folder");
    fs::create_dir_all(studio.join("friday.grabs")).expect("a folder");
    fs::write(studio.join("lists/order.txt"), "20 3 11 0 7 25").expect("written");
    // Two pictures of one name, and a picture of the set's own, grabbed at another show.
    still("color=color=red", &studio.join("face.png"));
    let other = studio.join("stills/face.png");
    still("color=color=blue", &other);
    let grabbed = studio.join("friday.grabs/5.m4v");
    still("testsrc=duration=1", &grabbed);
    fs::write(studio.join("friday.grabs/5.m4v.new"), "half").expect("written");
    let read =
        |path: PathBuf| fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let pictures = [read(other), read(studio.join("face.png")), read(grabbed)];
    assert!(pictures[0] != pictures[1]);
    let expected = hashes_of("list", &set, &library());

    let to = folder.path().join("stick");
    succeed(&mut collect(&set, &to));
    fs::remove_dir_all(studio).expect("removed");
    let text = fs::read_to_string(to.join("friday.toml")).expect("the set");
    for line in [
        "grabs = { 1 = \"stills/face.png\", 2 = \"stills/face-1.png\" } # two faces",
        "positions = \"positions/order.txt\" # by hand",
        "values = { \"superframe.size\" = 4 }",
        "curve = \"0:0 0.25:1 1:0\"",
        "fit = \"letterbox\"",
    ] {
        assert!(text.contains(line), "'{line}' is missing:\n{text}");
    }
    let found = ["stills/face.png", "stills/face-1.png", "friday.grabs/5.m4v"];
    assert!(found.map(|name| read(to.join(name))) == pictures);
    assert_eq!(read(to.join("positions/order.txt")), b"20 3 11 0 7 25");
    assert_eq!(fs::read_dir(to.join("friday.grabs")).expect("a folder").count(), 1);
    let empty = folder.path().join("empty");
    let found = hashes_of("list", &to.join("friday.toml"), &empty);
    assert_eq!(found, expected);
    // The list is followed: without it the pictures are others.
    fs::write(to.join("positions/order.txt"), "0 1 2 3 4 5").expect("written");
    assert_ne!(hashes_of("list", &to.join("friday.toml"), &empty), expected);

    // What is named and not there is said before anything is made.
    fs::remove_file(to.join("stills/face-1.png")).expect("removed");
    let again = folder.path().join("again");
    let line = fail(&mut collect(&to.join("friday.toml"), &again), 1);
    assert!(line.contains("face-1.png") && !again.exists(), "{line}");
}

/// Without its clips a set of remains names the videos, by which another machine finds them.
#[test]
fn remains_without_clips_find_the_videos_by_what_they_hold() {
    let (folder, set) = studio();
    let at = |name: &str| folder.path().join(name);
    let mut pack = residua();
    pack.args(["remains", "pack", "--library"]).arg(library()).arg(&set);
    succeed(pack.arg("-o").arg(at("friday.residua")));
    // Another machine: the videos are elsewhere, and are called otherwise.
    fs::create_dir(at("videos")).expect("a folder");
    for (name, other) in [("flower.mp4", "bloom.mp4"), ("rabbit.mp4", "hare.mp4")] {
        fs::rename(at("studio/in").join(name), at("videos").join(other)).expect("moved");
    }
    fs::remove_dir_all(at("studio")).expect("removed");
    succeed(residua().args(["remains", "open"]).args([at("friday.residua"), at("child")]));
    let text = fs::read_to_string(at("child/friday.toml")).expect("the set");
    assert!(text.contains("# the slow one") && text.contains("# grows"), "{text}");

    let play = |library: &Path, search: &[&str]| {
        let mut play = residua();
        play.args(["play", "--headless", "--no-midi", "--no-osc", "--duration", "0.5s"]);
        play.arg("--library").arg(library);
        play.args(search).arg(at("child/friday.toml"));
        let output = succeed(&mut play);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let videos = at("videos").display().to_string();
    let said = play(&at("empty"), &["--search", &videos]);
    assert_eq!(said.matches("bloom.mp4 is taken").count(), 1, "{said}");
    assert_eq!(said.matches("hare.mp4 is taken").count(), 2, "{said}");
    assert!(!said.contains("stands in"), "{said}");
    let clips = fs::read_dir(at("empty")).expect("a library").flatten();
    let facts = clips.filter_map(|clip| fs::read_to_string(clip.path().join("clip.toml")).ok());
    let facts: Vec<String> = facts.collect();
    assert_eq!(facts.len(), 2);
    let is_ours = |facts: &&String| {
        facts.contains("source = \"bloom.mp4\"") && facts.contains("backward_source = \"hare.mp4\"")
    };
    assert_eq!(facts.iter().filter(is_ours).count(), 1, "{facts:?}");

    // Where they were imported once, nothing is looked for.
    let said = play(&library(), &[]);
    assert_eq!(said.matches("plays from the library").count(), 3, "{said}");
}

/// Presets that a set lists lie anywhere: where it goes they have the same numbers and looks.
#[test]
fn listed_presets_go_along_from_wherever_they_are() {
    let (folder, set) = studio();
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, mix: &str| {
        fs::create_dir_all(at(name).parent().expect("a folder")).expect("made");
        fs::write(at(name), format!("[values]\n\"decay.mix\" = {mix}\n")).expect("written");
    };
    write("studio/looks/dusk.toml", "0.125");
    // Of this name there is one before.
    write("studio/presets/dusk.toml", "0.25");
    write("studio/presets/other.toml", "0.5");
    write("config/residua/presets/mine.toml", "0.75");
    let list = "presets = [\"looks/dusk.toml\", \"mine\", \"honey\", \"tomorrow\"] # four\n";
    fs::write(&set, format!("{list}canvas = \"{CANVAS}\"\n[[clip]]\npath = \"in/rabbit.mp4\"\n"))
        .expect("written");
    let names = |set: &Path, config: &str| -> Vec<String> {
        let mut command = residua();
        command.env("XDG_CONFIG_HOME", at(config)).arg("presets").arg(set);
        let list = succeed(&mut command).stdout;
        let list = String::from_utf8(list).expect("text");
        let name = |line: &str| line.split_whitespace().nth(1).expect("a name").to_owned();
        list.lines().map(name).collect()
    };
    let before = names(&set, "config");
    assert_eq!(before[..4], ["dusk", "mine", "honey", "other"]);

    let packed = at("friday.residua");
    let mut pack = residua();
    pack.env("XDG_CONFIG_HOME", at("config")).args(["remains", "pack", "--with-clips"]);
    succeed(pack.arg("--library").arg(library()).arg(&set).arg("-o").arg(&packed));
    succeed(collect(&set, &at("stick")).env("XDG_CONFIG_HOME", at("config")));
    fs::write(&set, "presets = [\"looks/gone.toml\"]\n").expect("written");
    let line = fail(&mut collect(&set, &at("none")), 1);
    assert!(line.contains("gone.toml") && !at("none").exists(), "{line}");
    fs::remove_dir_all(at("studio")).expect("removed");
    succeed(residua().args(["remains", "open"]).arg(&packed).arg(at("child")));
    for folder in ["stick", "child"] {
        let set = at(folder).join("friday.toml");
        let text = fs::read_to_string(&set).expect("the set");
        let line = "presets = [\"presets/dusk.toml\", \"mine\", \"honey\", \"tomorrow\"] # four\n";
        assert!(text.contains(line), "{text}");
        assert_eq!(names(&set, "nobody"), before);
        let presets = at(folder).join("presets");
        assert_eq!(fs::read_dir(&presets).expect("a folder").count(), 3);
        for (name, mix) in [("dusk", "= 0.125"), ("mine", "= 0.75"), ("other", "= 0.5")] {
            let text = fs::read_to_string(presets.join(format!("{name}.toml"))).expect(name);
            assert!(text.contains(mix), "{name}: {text}");
        }
    }
}
