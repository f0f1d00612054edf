//! Presets in files: their order, older and newer ones.

use proptest::prelude::*;
use residua::{
    engine,
    params::Registry,
    set::{
        ClipState, PresetPlaces, SHIPPED, Set, SetState, moved_text, parse_preset,
        parse_preset_leniently, shelve, write_preset, write_state,
    },
};
use std::{fs, path::Path, sync::OnceLock};
use toml_edit::DocumentMut;

#[test]
fn the_order_is_list_set_own_shipped_and_a_name_counts_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    };
    write("set/presets/b.toml", "[values]\n\"decay.feedback\" = 0.5\n");
    write("set/presets/a.toml", "[values]\n\"decay.feedback\" = 0.25\n");
    write("set/presets/notes.txt", "no preset");
    write("set/other.toml", "[values]\n\"decay.feedback\" = 0.125\n");
    write("own/a.toml", "[values]\n\"decay.feedback\" = 0.75\n");
    write("own/fade.toml", "[values]\n\"future.row\" = 3\n\"decay.mix\" = 0.5\n");
    write("own/broken.toml", "[values\n");
    let places = PresetPlaces {
        listed: ["honey", "other.toml", "gone"].map(str::to_owned).to_vec(),
        set_folder: Some(folder.path().join("set")),
        own: Some(folder.path().join("own")),
    };
    let registry = engine::registry().expect("rows");
    let (shelf, problems) = shelve(&registry, &places);
    let names: Vec<&str> = shelf.iter().map(|preset| preset.name.as_str()).collect();
    assert_eq!(names[..6], ["honey", "other", "a", "b", "fade", "as_written"]);
    assert_eq!(names.iter().filter(|name| **name == "honey").count(), 1);
    assert_eq!(names.len(), 5 + SHIPPED.len() - 2);
    let feedback = registry.find("decay.feedback").expect("a row");
    assert_eq!(shelf[2].values, [(feedback, 0.25)], "the set's own goes before the user's");
    let mix = registry.find("decay.mix").expect("a row");
    assert_eq!(shelf[4].values, [(mix, 0.5)], "what is not known is left out");
    let said = |words: &str| problems.iter().filter(|line| line.contains(words)).count();
    assert_eq!((said("'gone'"), said("future.row"), said("broken.toml")), (1, 1, 1));
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn a_set_is_taken_as_far_as_it_can_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("set.toml");
    let text = |is_plain: bool| {
        let lines = [
            ("canvas = \"64x48@30\"", true),
            ("osc = 3", !is_plain),
            ("exclude = [\"decay.mix\", 3]", !is_plain),
            ("exclude = [\"decay.mix\"]", is_plain),
            ("future = \"x\"", !is_plain),
            ("[values]\n\"decay.feedback\" = 0.5", true),
            ("\"future.row\" = 1", !is_plain),
            ("[colour]\nhue = 3", !is_plain),
            ("[[clip]]\npath = \"a.mp4\"\ngop = 15", true),
            ("tint = \"red\"\ncurve = \"up\"\npositions = \"gone.txt\"", !is_plain),
            ("values = { \"superframe.size\" = 4 }", is_plain),
            ("values = { \"superframe.size\" = 4, \"decay.mix\" = 1 }", !is_plain),
            ("[[clip]]\npath = \"b.mp4\"", true),
            ("encoder = \"future\"\ngop = \"all\"", !is_plain),
            ("[[mapping]]\nkind = \"cc\"\nnumber = 1\nparam = \"decay.mix\"", true),
            ("[[mapping]]\nkind = \"cc\"\nparam = \"decay.mix\"\nbend = 2", !is_plain),
            ("[[mapping]]\nkind = \"breath\"\nparam = \"decay.mix\"", !is_plain),
            ("[[score]]\nat_secs = 1\ncaption = \"one\"", true),
            ("fade = 2", !is_plain),
            ("[[score]]\ncaption = \"no time\"", !is_plain),
            ("[snapshots.1]\n\"decay.feedback\" = 0.25", true),
            ("[snapshots.77]\n\"decay.feedback\" = 0.25", !is_plain),
            ("[gestures]\n\"mosh.bloom\" = \"latch\"", true),
            ("\"heal.all\" = \"tap\"", !is_plain),
            ("[grabs]\n1 = \"a.png\"", true),
            ("0 = \"a.png\"", !is_plain),
        ];
        let kept: Vec<&str> =
            lines.iter().filter(|(_, is_in)| *is_in).map(|(line, _)| *line).collect();
        kept.join("\n")
    };
    fs::write(&file, text(true)).expect("written");
    let plain = Set::read(rows(), &file).expect("a set");
    assert_eq!((plain.clips.len(), plain.mappings.list.len(), plain.score.len()), (2, 1, 1));
    // The same with what no set has in between.
    fs::write(&file, text(false)).expect("written");
    assert!(Set::read(rows(), &file).is_err(), "strict reading stays strict");
    let set = Set::read_leniently(rows(), &file).expect("as far as it can be");
    for words in [
        "osc:",
        "exclude 2:",
        "future:",
        "future.row",
        "colour:",
        "clip 1, tint:",
        "clip 1, curve:",
        "gone.txt",
        "decay.mix is not kept by each clip",
        "clip 2, encoder:",
        "clip 2, gop:",
        "mapping 2:",
        "mapping 3:",
        "score 1, fade:",
        "score 2:",
        "snapshots.77:",
        "gestures.heal.all:",
        "grabs.0:",
    ] {
        let said = set.remarks.iter().filter(|line| line.contains(words)).count();
        assert_eq!(said, 1, "{words} in {:#?}", set.remarks);
    }
    assert_eq!(set.remarks.len(), 18, "{:#?}", set.remarks);
    assert!(
        set.remarks.iter().all(|line| line.ends_with("it is left out") && !line.contains('\n'))
    );
    assert_eq!(Set { text: plain.text.clone(), remarks: Vec::new(), ..set }, plain);
    // A clip without a source would have no number, and what is no TOML is nothing.
    for none in ["[[clip]]\ngop = 15", "[values"] {
        fs::write(&file, none).expect("written");
        assert!(Set::read_leniently(rows(), &file).is_err(), "{none}");
    }
}

fn rows() -> &'static Registry {
    static ROWS: OnceLock<Registry> = OnceLock::new();
    ROWS.get_or_init(|| engine::registry().expect("rows"))
}

/// Text that is nearly a set or a preset: keys and values that mean something, in any order.
fn nearly() -> impl Strategy<Value = String> {
    const PARTS: [&str; 38] = [
        "[values]\n",
        "[[clip]]\n",
        "[snapshots.1]\n",
        "[snapshots.17]\n",
        "[snapshots.77]\n",
        "[colour]\n",
        "tint = 3\n",
        "[[clip]]\npath = \"b.mp4\"\n",
        "[snapshots]\n",
        "[gestures]\n",
        "[grabs]\n",
        "[[score]]\n",
        "[[mapping]]\n",
        "exclude = [\"decay.mix\"]\n",
        "exclude = 3\n",
        "presets = [\"a\", \"../b.toml\"]\n",
        "path = \"a.mp4\"\n",
        "hash = \"0a\"\n",
        "\"decay.feedback\" = 0.5\n",
        "\"decay.feedback\" = nan\n",
        "\"decay.feedback\" = 1e308\n",
        "\"clip.select\" = -9223372036854775808\n",
        "\"heal.all\" = true\n",
        "\"future.row\" = {}\n",
        "\"mosh.bloom\" = \"latch\"\n",
        "\"mosh.bloom\" = { gesture = \"hold\", quantise = \"1 bar\" }\n",
        "values = { \"superframe.size\" = 4 }\n",
        "values = []\n",
        "at_secs = -1.0\n",
        "canvas = \"0x0@0\"\n",
        "canvas = \"64x64@30\"\n",
        "kind = \"cc\"\n",
        "number = 300\n",
        "param = \"decay.mix\"\n",
        "curve = \"0:0 1:1\"\n",
        "gop = 0\n",
        "# words\n",
        "\"",
    ];
    let part = prop_oneof![
        8 => prop::sample::select(PARTS.to_vec()).prop_map(str::to_owned),
        1 => ".{0,12}",
    ];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is in a file, it is read or refused; and what is read can be written into and read
    /// again, with nothing lost that is not known here.
    #[test]
    fn any_text_is_read_or_refused(text in nearly()) {
        let registry = rows();
        let _ = parse_preset(registry, "p", &text);
        let _ = moved_text(&text, Path::new("../there"));
        if let Ok((values, _)) = parse_preset_leniently(registry, "p", &text) {
            let mut document: DocumentMut = text.parse().expect("what toml reads, toml_edit does");
            write_preset(&mut document, registry, &values);
            let again = parse_preset_leniently(registry, "p", &document.to_string());
            let same = |values: &[_]| {
                let mut values = values.to_vec();
                values.sort_by_key(|(index, _): &(residua::params::ParamIndex, f64)| index.dense());
                values
            };
            prop_assert_eq!(same(&again.expect("still a preset").0), same(&values));
            prop_assert_eq!(document.to_string().matches("future.row").count(), text.matches("future.row").count());
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("set.toml");
        fs::write(&file, &text).expect("written");
        let strict = Set::read(registry, &file);
        let lenient = Set::read_leniently(registry, &file);
        prop_assert!(strict.is_err() || lenient.is_ok());
        if let Ok(set) = lenient {
            let mut document: DocumentMut = text.parse().expect("what toml reads, toml_edit does");
            let state = SetState {
                values: set.values.clone(),
                clips: vec![ClipState::default(); set.clips.len()],
                snapshots: set.snapshots.clone(),
                exclude: Some(set.exclude.clone()),
                ..SetState::default()
            };
            write_state(&mut document, registry, &state);
            fs::write(&file, document.to_string()).expect("written");
            let again = Set::read_leniently(registry, &file).expect("still a set");
            prop_assert_eq!((again.values, again.exclude), (set.values, set.exclude));
            prop_assert_eq!((again.clips, again.presets), (set.clips, set.presets));
        }
    }

    /// Arbitrary bytes of a file that is no text at all.
    #[test]
    fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("set.toml");
        fs::write(&file, &bytes).expect("written");
        let _ = Set::read_leniently(rows(), &file);
        let _ = residua::set::Journal::read(&file);
    }
}
