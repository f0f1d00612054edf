//! Real MIDI through a real JACK server (`jackd -d dummy`): a client that sends what the test says,
//! and `jack_midiseq`.
//!
//! JACK finds its server by an environment variable, which a test cannot set for itself: it runs
//! this program once more with it set.

mod jack_peers;

use jack_peers::{Controller, Process, StreamPlayer, run_with_server, server_name, until};
use residua::{
    control::{AutoAssign, Mapping, Mappings, MidiPlan, MidiPorts, PadTarget, mapping},
    params::{Change, ControlQueue, ParamSpec, Registry, Source},
    ports::Notices,
};
use std::{fs, path::Path, sync::Arc};

const ROWS: [ParamSpec; 4] = [
    ParamSpec::float("playhead.position", "Position", "", (0.0, 1.0), 0.0),
    ParamSpec::int("superframe.size", "Superframe size", "", (1, 60), 6),
    ParamSpec::trigger("heal.all", "Heal", ""),
    ParamSpec::switch("programme.hold", "Hold", "", false),
];

/// Our side.
struct Fixture {
    ports: MidiPorts,
    registry: Arc<Registry>,
    queue: ControlQueue,
    notices: Notices,
}

impl Fixture {
    fn new(mappings: Mappings, memory: &Path) -> Self {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let [position, size, heal, hold] = ROWS.map(|row| registry.index_of(&row));
        let pad = |param, pressed, released| PadTarget { param, pressed, released };
        let auto_assign = AutoAssign {
            knobs: vec![position, size],
            pads: vec![
                pad(heal, Change::Fire, None),
                pad(hold, Change::Plain(1.0), Some(Change::Plain(0.0))),
            ],
            ..AutoAssign::default()
        };
        let memory = Some(memory.to_owned());
        let plan = MidiPlan { mappings, auto_assign, memory, ..MidiPlan::default() };
        let (queue, notices) = (ControlQueue::default(), Notices::default());
        let ports = MidiPorts::start(Arc::clone(&registry), queue.clone(), notices.clone(), plan);
        Self { ports, registry, queue, notices }
    }

    fn next(&self) -> (&'static str, Change) {
        let event = until("an event", || self.queue.pop()).event;
        assert_eq!(event.source, Source::Midi);
        (self.registry.row(event.param).id, event.change)
    }

    /// Waits for a line; those before it are let go.
    fn says(&self, text: &str) {
        until(text, || (self.notices.take()?.text == text).then_some(()));
    }
}

#[test]
fn knobs_and_pads_of_jack_devices_move_parameters() {
    run_with_server("with_knobs_and_pads");
}

#[test]
#[ignore = "run by knobs_and_pads_of_jack_devices_move_parameters"]
fn with_knobs_and_pads() {
    let _jackd = Process::jackd(&server_name());
    let folder = tempfile::tempdir().expect("a folder");
    let memory = folder.path().join("midi.toml");
    let fixture = Fixture::new(Mappings::default(), &memory);

    let knobs = Controller::new("knobs");
    fixture.says("MIDI knobs: plugged in (JACK)");
    knobs.send(&[&[0xB0, 21, 127], &[0xF0, 21, 5, 0xF7], &[0xB3, 7, 0]]);
    let position = ("playhead.position", Change::Normalised(1.0));
    assert_eq!(fixture.next(), position);
    fixture.says("MIDI knobs: knob CC 21 is now Position");
    let size = ("superframe.size", Change::Normalised(0.0));
    assert_eq!(fixture.next(), size);
    fixture.says("MIDI knobs: knob CC 7 is now Superframe size");

    // A loop of half a second with one note of a third of it.
    let seq = Process::start("jack_midiseq", &["seq", "24000", "0", "60", "8000"]);
    fixture.says("MIDI seq: plugged in (JACK)");
    for _ in 0..2 {
        assert_eq!(fixture.next(), ("heal.all", Change::Fire));
    }
    drop(seq);
    fixture.says("MIDI seq: gone; it plays on when it is back");

    // What a device holds is let go with it.
    while fixture.queue.pop().is_some() {}
    knobs.send(&[&[0x90, 36, 1], &[0x90, 37, 1]]);
    assert_eq!(fixture.next(), ("heal.all", Change::Fire));
    assert_eq!(fixture.next(), ("programme.hold", Change::Plain(1.0)));
    drop(knobs);
    assert_eq!(fixture.next(), ("programme.hold", Change::Plain(0.0)));

    // After a restart it is what it was, whatever is moved first.
    drop(fixture.ports);
    let kept = fs::read_to_string(&memory).expect("it was written");
    assert!(kept.contains("playhead.position") && kept.contains("lowest_note = 36"), "{kept}");
    let fixture = Fixture::new(Mappings::default(), &memory);
    let knobs = Controller::new("knobs");
    fixture.says("MIDI knobs: plugged in (JACK)");
    knobs.send(&[&[0xB3, 7, 0], &[0xB0, 21, 127]]);
    assert_eq!([fixture.next(), fixture.next()], [size, position]);
}

#[test]
fn what_is_held_is_let_go_soon_after_its_server_has_died() {
    run_with_server("with_a_server_that_dies");
}

#[test]
#[ignore = "run by what_is_held_is_let_go_soon_after_its_server_has_died"]
fn with_a_server_that_dies() {
    let jackd = Process::jackd(&server_name());
    let folder = tempfile::tempdir().expect("a folder");
    let fixture = Fixture::new(Mappings::default(), &folder.path().join("midi.toml"));
    // Another program's client: ours must be the only one of this process that outlives the server.
    let mut pads = StreamPlayer::new("pads");
    fixture.says("MIDI pads: plugged in (JACK)");
    std::thread::sleep(std::time::Duration::from_millis(200));
    pads.send(&[&[0x90, 36, 1], &[0x90, 37, 1]]);
    assert_eq!(fixture.next(), ("heal.all", Change::Fire));
    assert_eq!(fixture.next(), ("programme.hold", Change::Plain(1.0)));
    drop(jackd);
    let died = fixture.queue.now();
    let mut said = Vec::new();
    let let_go = until("the hold's end", || {
        said.extend(std::iter::from_fn(|| fixture.notices.take()));
        fixture.queue.pop()
    });
    assert!(said.iter().all(|notice| !notice.text.contains("has gone")), "{said:?}");
    assert_eq!(let_go.event.change, Change::Plain(0.0));
    println!("let go {:?} after the server's end", let_go.at.saturating_sub(died));
    // Long before the server is given up, which comes after this.
    fixture.says("MIDI: the JACK server has gone; waiting for it");
    assert!(fixture.queue.pop().is_none(), "it was let go once");
    drop(fixture.ports);
}

#[test]
fn a_jack_server_may_come_go_and_come_back() {
    run_with_server("with_a_server_that_comes_and_goes");
}

#[test]
#[ignore = "run by a_jack_server_may_come_go_and_come_back"]
fn with_a_server_that_comes_and_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let bend = Mapping {
        device: "WHEEL".to_owned(),
        kind: mapping::MessageKind::PitchBend,
        param: "playhead.position".to_owned(),
        ..Mapping::default()
    };
    let fixture = Fixture::new(Mappings { list: vec![bend] }, &folder.path().join("midi.toml"));
    let none = until("a word on what is missing", || fixture.notices.take());
    assert!(none.text.starts_with("MIDI"), "{none:?}");
    for _ in 0..2 {
        let jackd = Process::jackd(&server_name());
        let wheel = Controller::new("wheel");
        fixture.says("MIDI wheel: plugged in (JACK)");
        wheel.send(&[&[0xE0, 0, 64]]);
        assert_eq!(fixture.next(), ("playhead.position", Change::Normalised(0.5)));
        wheel.send(&[&[0xE5, 127, 127]]);
        assert_eq!(fixture.next(), ("playhead.position", Change::Normalised(1.0)));
        // First, since libjack does not bear two clients of one process that outlive their server.
        drop(wheel);
        drop(jackd);
        fixture.says("MIDI: the JACK server has gone; waiting for it");
    }
    drop(fixture.ports);
}
