//! OSC in and out, with liblo's tools, Pure Data and Python.

use super::*;
use serde_json::json;

/// liblo's `oscdump` at a free port.
fn oscdump() -> (Talker, u16) {
    let port = free_port();
    (Talker::start(Command::new("oscdump").args(["-L", &port.to_string()]), false), port)
}

#[test]
fn a_fixed_target_and_a_subscriber_hear_what_changes() {
    let (mut fixed, fixed_port) = oscdump();
    let (mut subscriber, port) = oscdump();
    let mut house = House::open(&["--osc-out", &format!("127.0.0.1:{fixed_port}")]);
    fixed.hears("/decay/noise_amplitude f 0.000000");
    fixed.hears("/clip/switch s \"mosh\"");
    fixed.hears("/programme/hold i 0");
    for status in
        ["/status/tick i", "/status/rate f 30.0", "/status/clip i 1", "/status/recording i 0"]
    {
        fixed.hears(status);
    }
    house.send(&["/subscribe", "i", &port.to_string()]);
    subscriber.hears("/decay/noise_amplitude f 0.000000");
    subscriber.forgets();
    fixed.forgets();
    house.send(&["/normalised/decay/noise_amplitude", "f", "0.5"]);
    house.send(&["/programme/hold", "T"]);
    let told = subscriber.hears("/decay/noise_amplitude f");
    assert!(!told.contains("f 0.0000"), "{told}");
    fixed.hears("/programme/hold i 1");
    assert!(
        !subscriber.heard.iter().any(|line| line.contains("/decay/feedback")),
        "nothing else changed"
    );
    house.send(&["/no/such/address"]);
    fixed.hears("/status/osc/unknown i 1");
    house.send(&["/unsubscribe", "i", &port.to_string()]);
    house.has_event("decay.noise_amplitude", "normalised", 0.5);
    subscriber.forgets();
    house.send(&["/programme/hold", "F"]);
    fixed.hears("/programme/hold i 0");
    subscriber.forgets();
    assert_eq!(subscriber.heard, Vec::<String>::new());
    house.instrument.stop();
}

#[test]
fn every_verb_reaches_the_engine_from_oscsend() {
    let mut house = House::open(&[]);
    for (arguments, id, change, value) in [
        (
            &["/decay/noise_amplitude", "f", "0.25"][..],
            "decay.noise_amplitude",
            "plain",
            json!(0.25),
        ),
        (&["/normalised/decay/feedback", "f", "0.5"], "decay.feedback", "normalised", json!(0.5)),
        (&["/nudge/decay/feedback", "f", "0.125"], "decay.feedback", "nudge", json!(0.125)),
        (&["/toggle/programme/hold"], "programme.hold", "toggle", Value::Null),
        (&["/press/mosh/bloom", "f", "0.5"], "mosh.bloom", "press", json!(0.5)),
        (&["/press/mosh/bloom", "i", "0"], "mosh.bloom", "release", Value::Null),
        (&["/gesture/mosh/bloom", "s", "latch"], "mosh.bloom", "gesture", json!("latch")),
        (&["/quantise/heal/all", "s", "1 bar"], "heal.all", "quantise", json!("1 bar")),
        (&["/exclude/decay/feedback", "T"], "decay.feedback", "exclude", json!(1.0)),
    ] {
        house.send(arguments);
        let event = house.has_event(id, change, value);
        assert_eq!(event["source"], "osc");
    }
    house.instrument.stop();
}

#[test]
fn python_speaks_over_tcp_in_both_framings() {
    let mut house = House::open(&[]);
    for (framing, value) in [("1.0", 0.125), ("1.1", 0.375)] {
        let told =
            run_python("tcp_client.py", &[&house.osc.to_string(), framing, &value.to_string()]);
        assert!(told.contains("/decay/noise_amplitude 0.0"), "{told}");
        assert!(told.contains("/status/tick"), "{told}");
        house.has_event("decay.noise_amplitude", "plain", value);
        house.send(&["/decay/noise_amplitude", "f", "0"]);
    }
    // liblo frames by size.
    common::peer(
        "oscsend",
        &[&format!("osc.tcp://127.0.0.1:{}/", house.osc), "/superframe/size", "i", "9"],
    );
    house.has_event("superframe.size", "plain", 9.0);
    house.instrument.stop();
}

#[test]
fn the_python_example_plays_and_hears() {
    let mut house = House::open(&[]);
    let mut command = python();
    command.arg(repository("docs/control/residua.py"));
    command.args(["--port", &house.osc.to_string(), "--seconds", "600"]);
    let mut example = Talker::start(&mut command, false);
    house.has_event("playhead.position", "normalised", 0.5);
    house.has_event("heal.all", "fire", Value::Null);
    house.has_event("mosh.bloom", "release", Value::Null);
    house.has_event("heal.all", "quantise", "1 bar");
    example.hears("/clip/switch heal");
    house.send(&["/superframe/size", "i", "11"]);
    example.hears("/superframe/size 11");
    house.instrument.stop();
}

#[test]
fn the_pure_data_patch_plays_and_hears() {
    let mut house = House::open(&[]);
    let connect = format!("residua-connect 127.0.0.1 {}", house.osc);
    let mut command = Command::new("pd");
    command.args(["-nogui", "-noaudio", "-nomidi", "-stderr"]);
    for message in [
        connect.as_str(),
        "residua-print 1",
        "residua-position 0.25",
        "residua-noise 0.75",
        "residua-hold 1",
        "residua-heal bang",
        "residua-melt 1",
    ] {
        command.args(["-send", message]);
    }
    let mut patch = Talker::start(command.arg(repository("docs/control/residua.pd")), true);
    house.has_event("playhead.position", "normalised", 0.25);
    house.has_event("decay.noise_amplitude", "normalised", 0.75);
    house.has_event("programme.hold", "plain", 1.0);
    house.has_event("heal.all", "fire", Value::Null);
    house.has_event("mosh.melt", "press", 1.0);
    // Its subscription: what changes comes back through its own parser.
    patch.hears("residua: list status tick");
    house.send(&["/superframe/size", "i", "13"]);
    patch.hears("residua: list superframe size 13");
    house.instrument.stop();
}

#[test]
fn a_set_says_who_is_told_and_where_it_is_served() {
    let (mut told, target) = oscdump();
    let (osc, web) = (free_port(), free_port());
    let folder = tempfile::TempDir::new().expect("a folder");
    let set = folder.path().join("show.toml");
    let clip = common::demo_clip("toy_rabbit.mp4");
    let text = format!(
        "osc = \"127.0.0.1:{osc}\"\nosc_out = [\"127.0.0.1:{target},normalised\"]\n\
         web = \"127.0.0.1:{web}\"\n[[clip]]\npath = {:?}\n",
        clip.display().to_string()
    );
    std::fs::write(&set, text).expect("the set is written");
    let mut command = scene("play", &[]);
    command.arg(&set);
    let mut house = House { instrument: Instrument::start(command), osc, web };
    told.hears("/normalised/decay/noise_amplitude f 0.000000");
    house.send(&["/superframe/size", "i", "60"]);
    // The most that it takes.
    told.hears("/normalised/superframe/size f 1.000000");
    let (status, node) = query::get(house.web, "/superframe/size?VALUE");
    assert_eq!((status, node), (200, Some(json!({"VALUE": [60]}))));
    house.instrument.stop();
}
