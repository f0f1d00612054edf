//! One process looks after its library: lists, verifies, repairs, names, tags, removes, prunes.

use crate::{
    SMALL, Shelf,
    common::{fail, residua, succeed},
    copy_folder, flip_last_byte, names, said, streams, truncate, video, written_days_ago,
};
use serde_json::Value;
use std::fs;

#[test]
fn the_folders_are_the_truth() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.moving);
    let list = shelf.list();
    assert_eq!(names(&list), ["moving"]);
    // Three seconds at 30 pictures per second.
    assert_eq!((&list[0]["pictures"], &list[0]["length_secs"]), (&90.into(), &3.0.into()));
    assert_eq!((&list[0]["canvas"], &list[0]["encoder"]), (&SMALL.into(), &"mpeg4".into()));
    let bytes: u64 = fs::read_dir(&clip)
        .expect("a folder")
        .flatten()
        .map(|file| file.metadata().expect("facts").len())
        .sum();
    assert_eq!(list[0]["bytes"], bytes);
    // The badge by its definition, from the figures that the import prints.
    let points = list[0]["mosh_hold"].as_array().expect("points");
    let at_two = points.iter().find(|point| point["after_secs"] == 2.0).expect("it is long enough");
    let badge = match at_two["correlation"].as_f64().expect("a number") {
        low if low < 0.2 => "forever",
        middle if middle < 0.5 => "hard",
        _ => "soft",
    };
    assert_eq!(list[0]["hold"], badge);

    // What is put in or taken out by hand is seen; what is no clip is not.
    let copy = shelf.library().join("by-hand");
    copy_folder(&clip, &copy);
    fs::create_dir(shelf.library().join("notes")).expect("a folder");
    assert_eq!(shelf.list().len(), 2);
    fs::remove_dir_all(&clip).expect("removed");
    let list = shelf.list();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["id"], "by-hand");
    let table = said(&mut shelf.clips(&[]));
    assert!(table.contains("moving") && table.contains("1 clips"), "{table}");
    let nowhere = shelf.folder.path().join("nowhere");
    let line = fail(residua().args(["clips", "list", "--library"]).arg(&nowhere), 1);
    assert!(line.contains("nowhere") && !nowhere.exists(), "{line}");
}

#[test]
fn a_damaged_clip_takes_no_other_with_it() {
    let shelf = Shelf::new();
    let (bars, moving) = (shelf.clip(&shelf.bars), shelf.clip(&shelf.moving));
    truncate(&bars.join("backward.m4v"));
    let list = shelf.list();
    assert_eq!(names(&list), ["bars", "moving"]);
    assert!(list[0]["damaged"].as_str().expect("a reason").contains("backward.m4v"));
    assert!(list[1]["damaged"].is_null());
    let table = said(&mut shelf.clips(&[]));
    assert!(table.contains("DAMAGED") && table.contains("moving"), "{table}");

    let output = shelf.clips(&["verify"]).output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("bars: DAMAGED") && text.contains("moving: ok"), "{text}");
    succeed(&mut shelf.clips(&["verify", "moving"]));

    // One wrong byte, in each of the streams in turn.
    for file in ["forward.m4v", "backward.m4v", "intra.m4v", "intra_backward.m4v"] {
        flip_last_byte(&moving.join(file));
        let output = shelf.clips(&["verify", "moving"]).output().expect("starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{file}");
        assert!(text.contains(file), "{text}");
        flip_last_byte(&moving.join(file));
        succeed(&mut shelf.clips(&["verify", "moving"]));
    }

    // Not even a description is left.
    fs::write(moving.join("clip.toml"), "[[[").expect("written");
    let list = shelf.list();
    let id = moving.file_name().expect("a name").to_string_lossy();
    assert_eq!(
        list.iter().filter(|clip| clip["id"] == *id && !clip["damaged"].is_null()).count(),
        1
    );
    let output = shelf.clips(&["verify", "--repair", &id]).output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.code() == Some(1) && text.contains("import its source again"), "{text}");
}

#[test]
fn a_damaged_clip_is_repaired_from_its_source() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.bars);
    succeed(&mut shelf.clips(&["rename", "bars", "Test card"]));
    succeed(&mut shelf.clips(&["tag", "Test card", "+still"]));
    let whole = streams(&clip);
    flip_last_byte(&clip.join("forward.m4v"));
    truncate(&clip.join("intra.m4v"));
    let damaged = streams(&clip);

    // Neither another video of the same name, nor none, does.
    let aside = shelf.folder.path().join("aside.mkv");
    fs::rename(&shelf.bars, &aside).expect("moved");
    for make_other in [true, false] {
        let _ = fs::remove_file(&shelf.bars);
        if make_other {
            fs::copy(&shelf.moving, &shelf.bars).expect("copied");
        }
        let output = shelf.clips(&["verify", "--repair"]).output().expect("starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        let why = if make_other { "other content" } else { "not there any more" };
        assert!(text.contains("not repaired") && text.contains(why), "{text}");
        assert!(streams(&clip) == damaged, "the damaged clip was touched");
    }

    fs::rename(&aside, &shelf.bars).expect("moved back");
    let text = said(&mut shelf.clips(&["verify", "--repair"]));
    assert!(text.contains("imported again"), "{text}");
    assert!(streams(&clip) == whole, "the repaired clip is another");
    let list = shelf.list();
    assert_eq!(names(&list), ["Test card"]);
    assert_eq!(list[0]["tags"], serde_json::json!(["still"]));

    // A clip of another version of the format is imported again as well.
    let facts = fs::read_to_string(clip.join("clip.toml")).expect("the facts");
    let line = facts.lines().find(|line| line.starts_with("format = ")).expect("a format");
    fs::write(clip.join("clip.toml"), facts.replace(line, "format = 0")).expect("written");
    assert!(shelf.list()[0]["damaged"].as_str().is_some_and(|why| why.contains("format 0")));
    succeed(&mut shelf.clips(&["verify", "--repair"]));
    assert_eq!(fs::read_to_string(clip.join("clip.toml")).expect("the facts"), facts);
    // Nothing is left of the repairs.
    assert_eq!(fs::read_dir(shelf.library()).expect("the library").count(), 1);
}

#[test]
fn clips_are_named_by_title_digits_and_path() {
    let shelf = Shelf::new();
    let clip = shelf.clip(&shelf.bars);
    let id = clip.file_name().expect("a name").to_string_lossy().into_owned();
    for text in ["bars", &id, &id[..4], &clip.display().to_string()] {
        let shown = said(&mut shelf.clips(&["show", text]));
        assert!(shown.contains(&id) && shown.contains(SMALL), "{text}: {shown}");
    }
    for text in ["bar", &id[..3], "nothing"] {
        let line = fail(&mut shelf.clips(&["show", text]), 1);
        assert!(line.contains(text), "{line}");
    }

    // The same video at another canvas has the same name.
    let mut other = residua();
    other.args(["import", "--canvas", "32x32@30", "--library"]).arg(shelf.library());
    succeed(other.arg(&shelf.bars));
    let line = fail(&mut shelf.clips(&["remove", "bars"]), 1);
    assert!(
        line.contains("could be") && line.contains(SMALL) && line.contains("32x32@30"),
        "{line}"
    );
    assert!(line.contains(&id[..8]), "{line}");
    assert_eq!(shelf.list().len(), 2);

    succeed(&mut shelf.clips(&["rename", &id[..8], "Test card"]));
    assert_eq!(names(&shelf.list()), ["Test card", "bars"]);
    succeed(&mut shelf.clips(&["tag", "Test card", "+slow", "+grey", "red"]));
    succeed(&mut shelf.clips(&["tag", "Test card", "-grey"]));
    let output = succeed(&mut shelf.clips(&["list", "--json", "--tag", "slow"]));
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).expect("an array");
    assert_eq!(names(&list), ["Test card"]);
    assert_eq!(list[0]["tags"], serde_json::json!(["red", "slow"]));
    succeed(&mut shelf.clips(&["tag", "Test card", "red", "--remove"]));
    succeed(&mut shelf.clips(&["verify"]));

    // A wrong name removes nothing; outside the library nothing is removed.
    fail(&mut shelf.clips(&["remove", "Test card", "nothing"]), 1);
    assert_eq!(shelf.list().len(), 2);
    let outside = shelf.folder.path().join("outside");
    copy_folder(&clip, &outside);
    let line = fail(&mut shelf.clips(&["remove", &outside.display().to_string()]), 1);
    assert!(line.contains("not in the library") && outside.exists(), "{line}");
    succeed(&mut shelf.clips(&["remove", "Test card"]));
    assert!(!clip.exists());
    assert_eq!(names(&shelf.list()), ["bars"]);
    succeed(&mut shelf.clips(&["rename", "bars", "Other"]));
    succeed(&mut shelf.clips(&["rename", "Other", ""]));
    assert_eq!(names(&shelf.list()), ["bars"]);
}

#[test]
fn prune_spares_what_sets_need() {
    let shelf = Shelf::new();
    let third = video(shelf.folder.path(), "third.mkv", "rgbtestsrc", 1, "64x48");
    let (bars, moving, third) =
        (shelf.clip(&shelf.bars), shelf.clip(&shelf.moving), shelf.clip(&third));
    for (clip, days) in [(&bars, 50), (&moving, 40), (&third, 10)] {
        shelf.used_days_ago(clip, days);
    }
    let usage = shelf.clips(&["prune"]).output().expect("starts");
    assert_eq!(usage.status.code(), Some(2), "a prune without a rule");

    let text = said(&mut shelf.clips(&["prune", "--older-than", "30d", "--dry-run"]));
    assert!(text.contains("bars") && text.contains("moving") && !text.contains("third"), "{text}");
    assert_eq!(shelf.list().len(), 3);

    // One set names a video, which is found by its content under another name; the other a folder.
    let sets = shelf.folder.path().join("sets");
    fs::create_dir(&sets).expect("a folder");
    fs::rename(&shelf.bars, sets.join("renamed.mkv")).expect("moved");
    let one = sets.join("one.toml");
    fs::write(&one, "[[clip]]\npath = \"renamed.mkv\"\n").expect("written");
    let other = shelf.folder.path().join("other.toml");
    let by_folder = format!("[[clip]]\npath = \"{}\"\n", moving.display());
    fs::write(&other, by_folder).expect("written");
    let broken = shelf.folder.path().join("broken.toml");
    fs::write(&broken, "[[clip]\n").expect("written");
    let line = fail(shelf.clips(&["prune", "--older-than", "0d"]).arg("--keep").arg(&broken), 1);
    assert!(line.contains("nothing was removed") && line.contains("broken.toml"), "{line}");
    assert_eq!(shelf.list().len(), 3);
    let mut prune = shelf.clips(&["prune", "--older-than", "0d"]);
    let text = said(prune.arg("--keep").arg(&other).arg("--sets-dir").arg(&sets));
    assert!(text.contains("removed") && text.contains("2 kept for sets"), "{text}");
    assert!(bars.exists() && moving.exists() && !third.exists());

    // By size, unused longest first.
    let left = shelf.list();
    let size = |name: &str| {
        let clip = left.iter().find(|clip| clip["name"] == name).expect("it is there");
        clip["bytes"].as_u64().expect("a number")
    };
    let limit = size("moving").to_string();
    said(&mut shelf.clips(&["prune", "--keep-below", &limit]));
    assert!(!bars.exists() && moving.exists());
    said(&mut shelf.clips(&["prune", "--older-than", "41d"]));
    assert!(moving.exists());
    said(&mut shelf.clips(&["prune", "--older-than", "39d"]));
    assert!(!moving.exists());
}

#[test]
fn prune_takes_the_videos_of_resampled_clips_too() {
    let shelf = Shelf::new();
    let folder = shelf.library().join("resamples");
    fs::create_dir_all(&folder).expect("a folder");
    let [unused, needed, lonely, fresh] = ["a.mkv", "b.mkv", "c.mkv", "d.mkv"].map(|name| {
        let pattern = if name == "b.mkv" { "rgbtestsrc" } else { "testsrc2" };
        video(&folder, name, pattern, 1, "64x48")
    });
    let clips = [shelf.clip(&unused), shelf.clip(&needed)];
    for clip in &clips {
        shelf.used_days_ago(clip, 40);
    }
    for file in [&unused, &needed, &lonely] {
        written_days_ago(file, 50);
    }
    let set = shelf.folder.path().join("set.toml");
    let by_folder = format!("[[clip]]\npath = \"{}\"\n", clips[1].display());
    fs::write(&set, by_folder).expect("written");
    let prune =
        |rule: &str| said(shelf.clips(&["prune", "--older-than", rule]).arg("--keep").arg(&set));
    // As long unused as its clip; one without a clip since it was written.
    let text = prune("45d");
    assert!(text.contains("removed the resample c.mkv, "), "{text}");
    assert!(unused.exists() && needed.exists() && !lonely.exists() && fresh.exists());
    let text = prune("0d");
    assert!(text.contains("removed the resample a.mkv, "), "{text}");
    assert!(text.contains("2 kept for sets"), "{text}");
    assert!(!unused.exists() && !clips[0].exists() && needed.exists() && clips[1].exists());
    assert!(fresh.exists(), "a clip may be in the making from it");
}

#[test]
fn names_stay_on_one_line() {
    let shelf = Shelf::new();
    let odd = shelf.folder.path().join("two\nlines\u{1b}[31m.mp4");
    fs::copy(&shelf.bars, &odd).expect("copied");
    shelf.clip(&odd);
    let table = said(&mut shelf.clips(&["list"]));
    assert_eq!(table.lines().count(), 2, "a clip and the sum: {table}");
    assert!(table.contains("two lines [31m") && !table.contains('\u{1b}'), "{table}");
    // By the name that is shown, it is found.
    said(&mut shelf.clips(&["rename", "two lines [31m", "calm"]));
    let line = fail(&mut shelf.clips(&["rename", "calm", "two\nlines"]), 1);
    assert!(line.contains("one line"), "{line}");
    assert_eq!(names(&shelf.list()), ["calm"]);
    let text = said(&mut shelf.clips(&["list", "--tag", "slow"]));
    assert!(text.starts_with("no clips tagged slow in "), "{text}");
}
