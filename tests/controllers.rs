//! A real MIDI controller, through a real JACK server, moves a running instrument.

mod common;
mod jack_peers;

use common::{CANVAS, Instrument, demo_clip, library, residua};
use jack_peers::{Controller, Process, run_with_server, server_name, until};
use serde_json::Value;
use std::fs;

fn is_from_midi(line: &Value, id: &str) -> bool {
    let events = line["events"].as_array().expect("events");
    events.iter().any(|event| event["id"] == id && event["source"] == "midi")
}

#[test]
fn the_first_knobs_and_pads_of_a_controller_play_the_instrument() {
    run_with_server("with_a_controller");
}

#[test]
#[ignore = "run by the_first_knobs_and_pads_of_a_controller_play_the_instrument"]
fn with_a_controller() {
    let _jackd = Process::jackd(&server_name());
    let memory = tempfile::tempdir().expect("a folder");
    let mut command = residua();
    command.env("XDG_CONFIG_HOME", memory.path());
    command.args(["play", "--headless", "--canvas", CANVAS, "--library"]).arg(library());
    command.args(["--set", "playhead.mode=manual", "--set", "decay.dct_amount=0.4"]);
    command.arg(demo_clip("flower.mp4")).arg(demo_clip("toy_rabbit.mp4"));
    let mut instrument = Instrument::start(command);

    let controller = Controller::new("faders");
    until("a connection", || {
        let ports = common::peer("jack_lsp", &["-s", &server_name(), "-c"]);
        ports.contains("   faders:out").then_some(())
    });

    // The first controller is Position, the second Grain, the fifth Trails.
    controller.send(&[&[0xB0, 10, 127]]);
    instrument.wait_for("the playhead at the end", |trace| {
        trace.iter().any(|line| is_from_midi(line, "playhead.position"))
            && trace.iter().any(|line| line["position"].as_f64() > Some(0.99))
    });
    controller.send(&[&[0xB0, 11, 0], &[0xB0, 12, 96], &[0xB0, 13, 0], &[0xB0, 14, 120]]);
    instrument.wait_for("wear that remembers", |trace| {
        trace.iter().any(|line| is_from_midi(line, "decay.feedback"))
            && trace.last().is_some_and(|line| line["generation"].as_u64() > Some(10))
    });

    // The lowest pad is clip 1, the next clip 2, the ninth heals.
    controller.send(&[&[0x90, 36, 100], &[0x80, 36, 0], &[0x90, 37, 100], &[0x80, 37, 0]]);
    instrument
        .wait_for("the second clip", |trace| trace.last().is_some_and(|line| line["clip"] == 2));
    controller.send(&[&[0x90, 44, 100], &[0x80, 44, 0]]);
    instrument.wait_for("the heal", |trace| {
        let at = trace.iter().position(|line| is_from_midi(line, "heal.all"));
        at.is_some_and(|at| trace[at..].iter().any(|line| line["healed"] == true))
    });
    instrument.stop();
    let kept = fs::read_to_string(memory.path().join("residua/midi.toml")).expect("remembered");
    assert!(kept.contains("faders") && kept.contains("decay.feedback"), "{kept}");
}
