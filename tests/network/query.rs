//! OSCQuery, with clients that are not ours: `python-oscquery`, `websocket-client`, and the rules of
//! the proposal walked attribute by attribute.

use super::*;
use std::{io::Write, net::TcpStream};

/// An HTTP answer's status and JSON, by hand.
pub fn get(port: u16, target: &str) -> (u16, Option<Value>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it serves");
    let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, serde_json::from_str(body).ok())
}

#[test]
fn python_finds_it_by_name_and_reads_it() {
    let mut house = House::open(&[]);
    let text = run_python("query_client.py", &[&house.web.to_string()]);
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told["osc_port"], house.osc);
    assert_eq!(told["osc_transport"], "UDP");
    assert!(told["name"].as_str().is_some_and(|name| name.starts_with("Residua")));
    assert_eq!(told["address"], "127.0.0.1");
    assert_eq!(told["osc_service_port"], house.osc);
    assert_eq!(told["noise"]["value"], serde_json::json!([0.0]));
    assert_eq!(told["noise"]["access"], 3);
    assert!(told["noise"]["description"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(told["trigger"]["access"], 2);
    assert_eq!(told["nothing"], Value::Null);
    assert!(told["decay_nodes"].as_u64().is_some_and(|count| count > 20), "{told}");
    assert!(told["all_nodes"].as_u64().is_some_and(|count| count > 500), "{told}");
    house.instrument.stop();
}

#[test]
fn python_listens_over_the_websocket() {
    let mut house = House::open(&[]);
    let ports = [house.web.to_string(), house.osc.to_string()];
    let text = run_python("socket_client.py", &[&ports[0], &ports[1]]);
    let lines: Vec<&str> = text.lines().collect();
    // The value there is, the one that came by OSC, the one that came by the other websocket.
    let expected = [
        "/decay/noise_amplitude [0.0]",
        "/decay/noise_amplitude [0.25]",
        "/decay/noise_amplitude [0.75]",
        "/programme/hold [False]",
    ];
    assert_eq!(lines, expected);
    assert_eq!(house.has_event("decay.noise_amplitude", "plain", 0.75)["source"], "web");
    house.instrument.stop();
}

/// Every row of `residua params` is there, and every node keeps to the proposal.
#[test]
fn every_node_keeps_to_the_proposal() {
    let mut house = House::open(&[]);
    let (status, root) = get(house.web, "/");
    let root = root.expect("JSON");
    assert_eq!(status, 200);
    let mut seen = Vec::new();
    walk(&root, "", &mut seen);
    let output = common::succeed(common::residua().args(["params", "--json"]));
    let rows: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut ids: Vec<String> = rows
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| format!("/{}", row["id"].as_str().expect("an id").replace('.', "/")))
        .collect();
    seen.sort();
    ids.sort();
    assert_eq!(seen, ids);
    let (_, info) = get(house.web, "/?HOST_INFO");
    let info = info.expect("JSON");
    for key in ["NAME", "OSC_IP", "OSC_TRANSPORT", "WS_IP"] {
        assert!(info[key].is_string(), "{key}");
    }
    assert_eq!((&info["OSC_PORT"], &info["WS_PORT"]), (&house.osc.into(), &house.web.into()));
    assert!(info["EXTENSIONS"].as_object().is_some_and(|all| all.values().all(Value::is_boolean)));
    for (target, status) in
        [("/nothing", 404), ("/decay?NOTHING", 400), ("/decay?VALUE", 204), ("/decay", 200)]
    {
        assert_eq!(get(house.web, target).0, status, "{target}");
    }
    house.instrument.stop();
}

/// Checks a node and all beneath; collects the paths that have a value or can be sent to.
fn walk(node: &Value, path: &str, seen: &mut Vec<String>) {
    let shown = if path.is_empty() { "/" } else { path };
    let fields = node.as_object().expect("an object");
    assert_eq!(node["FULL_PATH"], shown);
    let access = node["ACCESS"].as_u64().expect("ACCESS is an integer");
    assert!(access <= 3, "{shown}");
    // What fires by itself has a type, and neither a value nor anybody who may send it.
    let is_meter = || node["TAGS"].as_array().is_some_and(|tags| tags.contains(&"meter".into()));
    if access > 0 || node["TYPE"] == "N" {
        seen.push(path.to_owned());
        // One tag, so one value, one range, one clip mode, one unit.
        let kind = node["TYPE"].as_str().expect("TYPE is a string");
        for key in ["VALUE", "RANGE", "CLIPMODE", "UNIT"] {
            if let Some(list) = fields.get(key) {
                assert_eq!(list.as_array().map(Vec::len), Some(1), "{shown} {key}");
            }
        }
        let (value, range) = (&node["VALUE"][0], &node["RANGE"][0]);
        match kind {
            "f" | "i" => {
                let number = value.as_f64().expect("a number");
                assert!(kind == "f" || value.is_i64() || value.is_u64(), "{shown}");
                let (min, max) = (range["MIN"].as_f64(), range["MAX"].as_f64());
                let (min, max) = (min.expect("a MIN"), max.expect("a MAX"));
                assert!(min <= number && number <= max, "{shown}: {number}");
                assert_eq!(node["CLIPMODE"][0], "both", "{shown}");
            }
            "T" => assert_eq!(value, true, "{shown}"),
            "F" => assert_eq!(value, false, "{shown}"),
            "N" if is_meter() => assert!(!fields.contains_key("VALUE") && access == 0, "{shown}"),
            "N" => assert!(value.is_null() && access == 2, "{shown}"),
            "s" => {
                assert!(value.is_string(), "{shown}");
                if let Some(names) = range["VALS"].as_array() {
                    assert!(names.contains(value), "{shown}: {value}");
                }
            }
            other => panic!("{shown} has the type {other}"),
        }
        assert!(node["DESCRIPTION"].as_str().is_some_and(|text| !text.is_empty()), "{shown}");
    } else {
        assert!(fields.contains_key("CONTENTS"), "{shown} is neither container nor method");
        assert!(!fields.contains_key("VALUE"), "{shown}");
    }
    for (name, inner) in node["CONTENTS"].as_object().into_iter().flatten() {
        walk(inner, &format!("{path}/{name}"), seen);
    }
}

#[test]
fn a_walk_that_finds_nothing_wrong_would_find_something_wrong() {
    let right = serde_json::json!({"FULL_PATH": "/a", "ACCESS": 3, "TYPE": "f", "VALUE": [0.5],
        "RANGE": [{"MIN": 0.0, "MAX": 1.0}], "CLIPMODE": ["both"], "DESCRIPTION": "A."});
    walk(&right, "/a", &mut Vec::new());
    for (key, value) in [
        ("FULL_PATH", serde_json::json!("/b")),
        ("VALUE", serde_json::json!([2.0])),
        ("VALUE", serde_json::json!([0.5, 0.5])),
        ("TYPE", serde_json::json!("T")),
        ("CLIPMODE", serde_json::json!(["none"])),
    ] {
        let mut wrong = right.clone();
        wrong[key] = value;
        let found = std::panic::catch_unwind(|| walk(&wrong, "/a", &mut Vec::new()));
        assert!(found.is_err(), "{key} was let through");
    }
}

#[test]
fn doors_that_nobody_asked_for_open_here_and_close_on_demand() {
    let mut command = scene("play", &["toy_rabbit.mp4"]);
    command.args(["--duration", "2s"]);
    let said = |command: &mut Command| {
        String::from_utf8_lossy(&common::succeed(command).stderr).into_owned()
    };
    let text = said(&mut command);
    assert!(text.contains("OSC: listening on 127.0.0.1:"), "{text}");
    assert!(text.contains("OSCQuery: http://127.0.0.1:"), "{text}");
    let text = said(command.arg("--no-osc"));
    assert!(!text.contains("OSC"), "{text}");
    // What was asked for and cannot be had is said, with what to do.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut command = scene("play", &["toy_rabbit.mp4"]);
    let line = common::fail(command.args(["--web", &address]), 1);
    assert!(line.contains("the port is in use"), "{line}");
    let mut command = scene("play", &["toy_rabbit.mp4"]);
    let line = common::fail(command.args(["--osc-out", "nowhere"]), 1);
    assert!(line.contains("write HOST:PORT"), "{line}");
}
