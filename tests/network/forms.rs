//! What stands in `docs/control`: its form, and that every address in it is one of ours.

use super::*;
use std::{collections::BTreeSet, fs};

fn addresses() -> BTreeSet<String> {
    let output = common::succeed(common::residua().args(["params", "--json"]));
    let rows: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| format!("/{}", row["id"].as_str().expect("an id").replace('.', "/"))).collect()
}

/// Whether an address is one of ours: a row's, with or without a verb, or the server's own.
fn is_ours(address: &str, rows: &BTreeSet<String>) -> bool {
    const OWN: [&str; 5] = ["/subscribe", "/unsubscribe", "/refresh", "/learn", "/unlearn"];
    const STATUS: [&str; 7] = ["tick", "rate", "late", "clip", "slice", "generation", "recording"];
    const VERBS: [&str; 7] =
        ["normalised", "press", "toggle", "nudge", "gesture", "quantise", "exclude"];
    let row = VERBS.iter().find_map(|verb| {
        let rest = address.strip_prefix('/')?.strip_prefix(verb)?;
        rest.starts_with('/').then_some(rest)
    });
    rows.contains(row.unwrap_or(address))
        || OWN.contains(&address)
        || address.strip_prefix("/status/").is_some_and(|name| STATUS.contains(&name))
}

#[test]
fn the_max_patch_is_whole() {
    let text = fs::read_to_string(repository("docs/control/residua.maxpat")).expect("readable");
    let patch: Value = serde_json::from_str(&text).expect("JSON");
    let patcher = &patch["patcher"];
    assert_eq!(patcher["appversion"]["major"], 8);
    let boxes = patcher["boxes"].as_array().expect("boxes");
    let found = |id: &Value| boxes.iter().map(|b| &b["box"]).find(|b| b["id"] == *id);
    let lines = patcher["lines"].as_array().expect("lines");
    assert!(lines.len() > 15);
    for line in lines {
        let line = &line["patchline"];
        for (end, ports) in [("source", "numoutlets"), ("destination", "numinlets")] {
            let object = found(&line[end][0]).unwrap_or_else(|| panic!("{line} ends nowhere"));
            assert!(line[end][1].as_u64() < object[ports].as_u64(), "{line}");
        }
    }
    let melt = boxes.iter().find(|b| b["box"]["text"] == "prepend /press/mosh/melt");
    let label = boxes.iter().find(|b| b["box"]["text"] == "Melt, while it is down");
    let place = |b: Option<&Value>| b.expect("a box")["box"]["patching_rect"][1].clone();
    assert_eq!(place(melt), place(label), "what is called so is beside it");
    let rows = addresses();
    let texts = boxes.iter().filter(|b| b["box"]["maxclass"] != "comment");
    let texts = texts.filter_map(|b| b["box"]["text"].as_str());
    let words: Vec<&str> =
        texts.flat_map(str::split_whitespace).filter(|word| word.starts_with('/')).collect();
    assert!(words.len() > 8);
    for word in words {
        assert!(is_ours(word, &rows), "{word} is no address");
    }
}

#[test]
fn the_layout_for_touchosc_opens_and_is_what_the_script_writes() {
    let text = run_python("layout.py", &[&repository("").display().to_string()]);
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told["is_as_written"], true, "run scripts/touchosc-layout");
    // A label is the name of the row that its button presses.
    assert_eq!(told["buttons"]["Melt"], "/press/mosh/melt");
    assert_eq!(told["buttons"]["Panic"], "/panic");
    let rows = addresses();
    let found = told["addresses"].as_array().expect("a list");
    assert!(found.len() >= 20);
    for address in found.iter().filter_map(Value::as_str) {
        assert!(is_ours(address, &rows), "{address} is no address");
    }
}

#[test]
fn the_lines_for_supercollider_and_python_name_our_addresses() {
    let rows = addresses();
    for (file, least) in [("residua.scd", 8), ("residua.py", 7)] {
        let text = fs::read_to_string(repository("docs/control").join(file)).expect("readable");
        let quoted = text.split(['"', '\'']).filter(|part| {
            part.starts_with('/') && part.len() > 1 && !part.contains(char::is_whitespace)
        });
        let quoted: Vec<&str> = quoted.collect();
        assert!(quoted.len() >= least, "{file}: {quoted:?}");
        for address in quoted {
            assert!(is_ours(address, &rows), "{file}: {address} is no address");
        }
    }
    assert!(!is_ours("/decay/nothing", &rows) && !is_ours("/presses/panic", &rows));
}
