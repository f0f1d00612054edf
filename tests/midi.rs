//! Real MIDI through a real JACK server (`jackd -d dummy`): a client that sends what the test says,
//! and `jack_midiseq`.
//!
//! JACK finds its server by an environment variable, which a test cannot set for itself: it runs
//! this program once more with it set.

use crossbeam::queue::ArrayQueue;
use residua::{
    control::{AutoAssign, Mapping, Mappings, MidiPlan, MidiPorts, PadTarget, mapping},
    params::{Change, ControlQueue, ParamSpec, Registry, Source},
    ports::Notices,
};
use std::{
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const SERVER: &str = "JACK_DEFAULT_SERVER";

const ROWS: [ParamSpec; 4] = [
    ParamSpec::float("playhead.position", "Position", "", (0.0, 1.0), 0.0),
    ParamSpec::int("superframe.size", "Superframe size", "", (1, 60), 6),
    ParamSpec::trigger("heal.all", "Heal", ""),
    ParamSpec::switch("programme.hold", "Hold", "", false),
];

/// A process that ends with the test.
struct Process(Child);

impl Process {
    /// Fails where the program is not installed.
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap_or_else(|error| panic!("{program} must be installed: {error}")))
    }

    fn jackd(server: &str) -> Self {
        let arguments = ["-r", "-n", server, "-d", "dummy", "-r", "48000", "-p", "256"];
        let jackd = Self::start("jackd", &arguments);
        // Asked from outside: libjack does not bear a client of this process whose server has gone
        // beside another one that finds no server.
        until("the JACK server", || {
            let mut lsp = Command::new("jack_lsp");
            lsp.args(["-s", server]).stdout(Stdio::null()).stderr(Stdio::null());
            lsp.status().expect("jack_lsp is installed").success().then_some(())
        });
        jackd
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first, since a killed server leaves its shared memory behind.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// A controller made of software: what is put in goes out.
struct Controller {
    out: Arc<ArrayQueue<Vec<u8>>>,
    cycles: Arc<AtomicU32>,
    _client: jack::AsyncClient<(), Sender>,
}

struct Sender {
    port: jack::Port<jack::MidiOut>,
    out: Arc<ArrayQueue<Vec<u8>>>,
    cycles: Arc<AtomicU32>,
}

impl jack::ProcessHandler for Sender {
    fn process(&mut self, _: &jack::Client, scope: &jack::ProcessScope) -> jack::Control {
        self.cycles.fetch_add(1, Ordering::Relaxed);
        let mut writer = self.port.writer(scope);
        let mut time = 0;
        while let Some(bytes) = self.out.pop() {
            writer.write(&jack::RawMidi { time, bytes: &bytes }).expect("the buffer has room");
            time += 1;
        }
        jack::Control::Continue
    }
}

impl Controller {
    fn new(name: &str) -> Self {
        let options = jack::ClientOptions::NO_START_SERVER;
        let (client, _) = jack::Client::new(name, options).expect("a JACK server");
        let port = client.register_port("out", jack::MidiOut::default()).expect("a port");
        let out = Arc::new(ArrayQueue::new(64));
        let cycles = Arc::default();
        let sender = Sender { port, out: Arc::clone(&out), cycles: Arc::clone(&cycles) };
        let client = client.activate_async((), sender).expect("it runs");
        Self { out, cycles, _client: client }
    }

    fn send(&self, messages: &[&[u8]]) {
        // A connection that was just made is in force some cycles later; what is sent before is lost.
        let now = self.cycles.load(Ordering::Relaxed);
        until("cycles", || (self.cycles.load(Ordering::Relaxed) > now + 20).then_some(()));
        for message in messages {
            self.out.push(message.to_vec()).expect("the queue has room");
        }
    }
}

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
        };
        let plan = MidiPlan { mappings, auto_assign, memory: Some(memory.to_owned()) };
        let (queue, notices) = (ControlQueue::default(), Notices::default());
        let ports = MidiPorts::start(Arc::clone(&registry), queue.clone(), notices.clone(), plan);
        Self { ports, registry, queue, notices }
    }

    fn next(&self) -> (&'static str, Change) {
        let event = until("an event", || self.queue.pop());
        assert_eq!(event.source, Source::Midi);
        (self.registry.row(event.param).id, event.change)
    }

    /// Waits for a line; those before it are let go.
    fn says(&self, text: &str) {
        until(text, || (self.notices.take()?.text == text).then_some(()));
    }
}

fn until<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs one of the ignored tests below with a JACK server name of its own.
fn run_with_server(test: &str) {
    let server = format!("residua-{test}-{}", std::process::id());
    let status = Command::new(env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", test, "--nocapture"])
        .env(SERVER, server)
        .status()
        .expect("this program runs");
    assert!(status.success(), "{test}: {status}");
}

fn server_name() -> String {
    env::var(SERVER).expect("run by the test of the same name")
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
