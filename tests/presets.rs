//! Presets in files: their order, older and newer ones.

use residua::{
    engine,
    set::{PresetPlaces, SHIPPED, shelve},
};
use std::fs;

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
