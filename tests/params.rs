//! The parameter table, and the README's copy of it.

mod common;

use common::{residua, succeed};
use std::{collections::HashSet, fs, path::Path};

fn table(form: &str) -> String {
    let output = succeed(residua().args(["params", "--format", form]));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn json_markdown_and_text_have_the_same_rows() {
    let json: serde_json::Value = serde_json::from_str(&table("json")).expect("JSON");
    let rows = json.as_array().expect("rows");
    assert!(rows.len() > 40);
    let (markdown, text) = (table("markdown"), table("text"));
    let mut ids = HashSet::new();
    for row in rows {
        let id = row["id"].as_str().expect("an id");
        assert!(ids.insert(id), "{id} is there twice");
        assert_eq!(row["osc"], format!("/{}", id.replace('.', "/")));
        // Numbered rows stand there once for all.
        let mut letters = ["N", "M"].into_iter();
        let part = |part: &str| match part.parse::<u8>() {
            Ok(_) => letters.next().expect("two numbers at most").to_owned(),
            Err(_) => part.to_owned(),
        };
        let family = id.split('.').map(part).collect::<Vec<_>>().join(".");
        let line = |line: &&str| line.contains(&format!("`{family}`"));
        assert_eq!(markdown.lines().filter(line).count(), 1, "{family}");
        assert_eq!(text.lines().filter(|line| line.starts_with(&format!("{id} "))).count(), 1);
    }
}

#[test]
fn the_readme_has_the_current_table() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("README.md");
    assert!(
        readme.contains(table("markdown").trim()),
        "README.md has an old parameter table: put in what `residua params --markdown` prints"
    );
}

#[test]
fn every_preset_and_the_demo_can_be_opened() {
    let registry = residua::engine::registry().expect("rows");
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let files = fs::read_dir(&presets).expect("presets").flatten();
    let looks: Vec<_> = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    assert!(looks.len() >= 5);
    for look in looks {
        let values = residua::set::read_preset(&registry, &look);
        assert!(values.is_ok_and(|values| !values.is_empty()), "{}", look.display());
    }
    let demo = residua::set::Set::read(&registry, &presets.join("demo/demo.toml"));
    assert!(demo.is_ok_and(|demo| demo.score.len() >= 4));
}
