//! The rows as OSCQuery tells them. Pure; every attribute is derived from the row.
//!
//! Attributes of the proposal: FULL_PATH, CONTENTS, TYPE, ACCESS, VALUE, RANGE, DESCRIPTION, TAGS,
//! CLIPMODE, UNIT; of a host NAME, EXTENSIONS, OSC_IP, OSC_PORT, OSC_TRANSPORT, WS_IP, WS_PORT.

use crate::params::{Kind, ParamIndex, ParamSpec, Registry, Scope, Snapshot};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, net::SocketAddr};

/// The attributes that a node may have, and may be asked for alone.
pub(super) const ATTRIBUTES: [&str; 10] = [
    "FULL_PATH",
    "CONTENTS",
    "TYPE",
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "TAGS",
    "CLIPMODE",
    "UNIT",
];

/// What can be done beyond the required: attributes, and commands over the websocket.
const EXTENSIONS: [&str; 12] = [
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "TAGS",
    "CLIPMODE",
    "UNIT",
    "LISTEN",
    "IGNORE",
    "PATH_CHANGED",
    "PATH_ADDED",
    "PATH_REMOVED",
];

/// Of the proposal's attributes and commands, those that are not there.
const NO_EXTENSIONS: [&str; 6] =
    ["EXTENDED_TYPE", "CRITICAL", "OVERLOADS", "HTML", "ECHO", "PATH_RENAMED"];

/// ACCESS of what has no value: containers, and what fires by itself.
const NO_VALUE: u8 = 0;
/// ACCESS of what is only read.
const READ: u8 = 1;
/// ACCESS of what is only sent.
const WRITE: u8 = 2;
/// ACCESS of what is read and set.
const READ_AND_WRITE: u8 = 3;

/// Who serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// As people see it in lists.
    pub(super) name: String,
    /// Where OSC is listened for.
    pub(super) osc: SocketAddr,
    /// Where this is served.
    pub(super) web: SocketAddr,
}

/// The answer to HOST_INFO.
pub(super) fn host_info(host: &Host) -> Value {
    let known = EXTENSIONS.iter().map(|name| (*name, true));
    let unknown = NO_EXTENSIONS.iter().map(|name| (*name, false));
    let extensions: BTreeMap<&str, bool> = known.chain(unknown).collect();
    let mut info = Map::new();
    info.insert("NAME".to_owned(), json!(host.name));
    info.insert("EXTENSIONS".to_owned(), json!(extensions));
    info.insert("OSC_PORT".to_owned(), json!(host.osc.port()));
    info.insert("OSC_TRANSPORT".to_owned(), json!("UDP"));
    info.insert("WS_PORT".to_owned(), json!(host.web.port()));
    // Where all addresses are served, the client knows by which it came.
    for (key, address) in [("OSC_IP", host.osc), ("WS_IP", host.web)] {
        if !address.ip().is_unspecified() {
            info.insert(key.to_owned(), json!(address.ip().to_string()));
        }
    }
    Value::Object(info)
}

/// A part of the address space.
#[derive(Debug, Default)]
struct Branch {
    row: Option<ParamIndex>,
    contents: BTreeMap<String, Branch>,
}

/// The node at a path, with everything beneath it; `None` where there is none.
pub(super) fn node(registry: &Registry, base: &Snapshot, path: &str) -> Option<Value> {
    let path = path.trim_end_matches('/');
    let mut root = Branch::default();
    let mut is_there = path.is_empty();
    for (param, row) in registry.iter() {
        let address = row.address();
        let Some(beneath) = address.strip_prefix(path) else { continue };
        if !beneath.is_empty() && !beneath.starts_with('/') {
            continue;
        }
        is_there = true;
        let parts = beneath.split('/').filter(|part| !part.is_empty());
        let place = parts
            .fold(&mut root, |branch, part| branch.contents.entry(part.to_owned()).or_default());
        place.row = Some(param);
    }
    is_there.then(|| json_of(registry, base, path, &root))
}

fn json_of(registry: &Registry, base: &Snapshot, path: &str, branch: &Branch) -> Value {
    let mut node = match branch.row {
        Some(param) => attributes(registry, base, param),
        None => Map::from_iter([("ACCESS".to_owned(), json!(NO_VALUE))]),
    };
    node.insert("FULL_PATH".to_owned(), json!(if path.is_empty() { "/" } else { path }));
    if !branch.contents.is_empty() {
        let contents = branch.contents.iter().map(|(name, inner)| {
            (name.clone(), json_of(registry, base, &format!("{path}/{name}"), inner))
        });
        node.insert("CONTENTS".to_owned(), Value::Object(contents.collect()));
    }
    Value::Object(node)
}

fn attributes(registry: &Registry, base: &Snapshot, param: ParamIndex) -> Map<String, Value> {
    let row = registry.row(param);
    // A row that has just come: the engine has not met it yet.
    let plain = if base.has(param) { base.get(param) } else { row.default };
    let mut node = Map::new();
    let mut put = |key: &str, value: Value| {
        node.insert(key.to_owned(), value);
    };
    let access = match row.kind {
        Kind::Trigger if row.is_meter => NO_VALUE,
        Kind::Trigger => WRITE,
        _ if row.is_meter => READ,
        _ => READ_AND_WRITE,
    };
    put("ACCESS", json!(access));
    put("DESCRIPTION", json!(format!("{}: {}", row.name, row.help)));
    put("TAGS", json!(tags(row)));
    let (kind, value) = match row.kind {
        Kind::Float { .. } => ("f", json!(plain)),
        Kind::Int { .. } => ("i", json!(plain as i64)),
        // Both tags mean a bool; the tag is part of the value.
        Kind::Bool if plain >= 0.5 => ("T", json!(true)),
        Kind::Bool => ("F", json!(false)),
        Kind::Choice(_) | Kind::Reference => ("s", json!(registry.format(param, plain))),
        // The proposal's JSON for nil.
        Kind::Trigger => ("N", Value::Null),
    };
    put("TYPE", json!(kind));
    if access != NO_VALUE {
        put("VALUE", json!([value]));
    }
    let range = match row.kind {
        Kind::Float { min, max } => Some(json!({"MIN": min, "MAX": max})),
        Kind::Int { min, max } => Some(json!({"MIN": min, "MAX": max})),
        Kind::Choice(names) => Some(json!({"VALS": names})),
        Kind::Bool | Kind::Trigger | Kind::Reference => None,
    };
    if let Some(range) = range {
        put("RANGE", json!([range]));
    }
    if matches!(row.kind, Kind::Float { .. } | Kind::Int { .. }) {
        put("CLIPMODE", json!(["both"]));
    }
    if !row.unit.is_empty() {
        put("UNIT", json!([unit(row.unit)]));
    }
    node
}

/// A unit by the proposal's own name (its `units.md`), where it has one.
fn unit(own: &'static str) -> &'static str {
    match own {
        "px" => "distance.pixels",
        "deg" => "angle.degree",
        "s" => "time.second",
        "ms" => "time.ms",
        "Hz" | "1/s" => "time.hz",
        "bpm" => "time.bpm",
        "x" => "time.speed",
        other => other,
    }
}

/// Words to filter by.
fn tags(row: &ParamSpec) -> Vec<&'static str> {
    let scope = match row.scope {
        Scope::Look => "look",
        Scope::Transport => "transport",
    };
    let more = [(row.is_meter, "meter"), (row.is_per_clip, "per_clip"), (row.is_detail, "detail")];
    let more = more.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word);
    std::iter::once(scope).chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Store;
    use std::sync::Arc;

    const ROWS: [ParamSpec; 7] = [
        ParamSpec::float("decay.noise", "Noise", "Adds noise.", (0.0, 4.0), 0.5).unit("px"),
        ParamSpec::int("superframe.size", "Size", "How long.", (1, 60), 6).transport(),
        ParamSpec::switch("programme.hold", "Hold", "Holds it.", true).transport(),
        ParamSpec::choice("clip.switch", "Switch", "How.", &["mosh", "heal"], 1),
        ParamSpec::trigger("panic", "Panic", "All back."),
        ParamSpec::reference("patch.1.target", "Target", "What it moves."),
        ParamSpec::float("clip.motion", "Motion", "How much moves.", (0.0, 1.0), 0.25).meter(),
    ];

    fn ask(path: &str) -> Option<Value> {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let store = Store::new(Arc::clone(&registry));
        node(&registry, store.base(), path)
    }

    /// What the proposal asks of each kind, written by hand.
    #[test]
    fn every_kind_has_the_attributes_of_the_proposal() {
        for (path, expected) in [
            (
                "/decay/noise",
                json!({"FULL_PATH": "/decay/noise", "TYPE": "f", "ACCESS": 3, "VALUE": [0.5],
                    "RANGE": [{"MIN": 0.0, "MAX": 4.0}], "CLIPMODE": ["both"], "UNIT": ["distance.pixels"],
                    "DESCRIPTION": "Noise: Adds noise.", "TAGS": ["look"]}),
            ),
            (
                "/superframe/size",
                json!({"FULL_PATH": "/superframe/size", "TYPE": "i", "ACCESS": 3, "VALUE": [6],
                    "RANGE": [{"MIN": 1, "MAX": 60}], "CLIPMODE": ["both"],
                    "DESCRIPTION": "Size: How long.", "TAGS": ["transport"]}),
            ),
            (
                "/programme/hold",
                json!({"FULL_PATH": "/programme/hold", "TYPE": "T", "ACCESS": 3, "VALUE": [true],
                    "DESCRIPTION": "Hold: Holds it.", "TAGS": ["transport"]}),
            ),
            (
                "/clip/switch",
                json!({"FULL_PATH": "/clip/switch", "TYPE": "s", "ACCESS": 3, "VALUE": ["heal"],
                    "RANGE": [{"VALS": ["mosh", "heal"]}],
                    "DESCRIPTION": "Switch: How.", "TAGS": ["look"]}),
            ),
            (
                "/panic",
                json!({"FULL_PATH": "/panic", "TYPE": "N", "ACCESS": 2, "VALUE": [null],
                    "DESCRIPTION": "Panic: All back.", "TAGS": ["transport"]}),
            ),
            (
                "/patch/1/target",
                json!({"FULL_PATH": "/patch/1/target", "TYPE": "s", "ACCESS": 3, "VALUE": ["none"],
                    "DESCRIPTION": "Target: What it moves.", "TAGS": ["look"]}),
            ),
            (
                "/clip/motion",
                json!({"FULL_PATH": "/clip/motion", "TYPE": "f", "ACCESS": 1, "VALUE": [0.25],
                    "RANGE": [{"MIN": 0.0, "MAX": 1.0}], "CLIPMODE": ["both"],
                    "DESCRIPTION": "Motion: How much moves.", "TAGS": ["transport", "meter"]}),
            ),
        ] {
            assert_eq!(ask(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn what_fires_by_itself_cannot_be_sent_to() {
        let row = ParamSpec::trigger("listen.onset", "Onset", "Something begins.").meter();
        let registry = Arc::new(Registry::join(&[&[row]]).expect("rows"));
        let store = Store::new(Arc::clone(&registry));
        let expected = json!({"FULL_PATH": "/listen/onset", "TYPE": "N", "ACCESS": 0,
            "DESCRIPTION": "Onset: Something begins.", "TAGS": ["transport", "meter"]});
        assert_eq!(node(&registry, store.base(), "/listen/onset"), Some(expected));
    }

    #[test]
    fn containers_hold_what_is_beneath() {
        let root = ask("/").expect("the root");
        assert_eq!((&root["FULL_PATH"], &root["ACCESS"]), (&json!("/"), &json!(0)));
        let names: Vec<_> = root["CONTENTS"].as_object().expect("contents").keys().collect();
        assert_eq!(names, ["clip", "decay", "panic", "patch", "programme", "superframe"]);
        assert_eq!(root["CONTENTS"]["clip"], ask("/clip/").expect("a container"));
        assert_eq!(root["CONTENTS"]["patch"]["CONTENTS"]["1"]["FULL_PATH"], "/patch/1");
        assert_eq!(root["CONTENTS"]["panic"], ask("/panic").expect("a method"));
        assert_eq!(root.get("VALUE"), None);
        for nothing in ["/cli", "/clip/switch/1", "/nothing", "clip"] {
            assert_eq!(ask(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_host_says_where_and_what() {
        let host = |osc: &str, web: &str| {
            let address = |text: &str| text.parse().expect("an address");
            host_info(&Host { name: "Residua".to_owned(), osc: address(osc), web: address(web) })
        };
        let info = host("127.0.0.1:7700", "127.0.0.1:8080");
        for (key, value) in [
            ("NAME", json!("Residua")),
            ("OSC_IP", json!("127.0.0.1")),
            ("OSC_PORT", json!(7700)),
            ("OSC_TRANSPORT", json!("UDP")),
            ("WS_IP", json!("127.0.0.1")),
            ("WS_PORT", json!(8080)),
        ] {
            assert_eq!(info[key], value);
        }
        for (name, is_there) in [("LISTEN", true), ("RANGE", true), ("HTML", false)] {
            assert_eq!(info["EXTENSIONS"][name], is_there);
        }
        let everywhere = host("0.0.0.0:7700", "[::]:8080");
        assert_eq!((everywhere.get("OSC_IP"), everywhere.get("WS_IP")), (None, None));
    }
}
