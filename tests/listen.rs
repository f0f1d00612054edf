//! Real sound through a real JACK server (`jackd -d dummy`): the metronome `jack_metro` clicks, and is
//! heard.
//!
//! JACK finds its server by an environment variable, which a test cannot set for itself: it runs
//! this program once more with it set.

mod jack_peers;

use jack_peers::{Process, run_with_server, server_name, until};
use residua::{
    audio::{self, Ears, Wish, Wisher},
    control::{MidiPlan, MidiPorts},
    params::{Change, ControlQueue, Queued, Registry, Source, Store},
    ports::{Notices, Tap},
};
use std::{process::Command, sync::Arc, time::Duration};

/// Ears, and the JACK client that hears for them.
struct Listener {
    _ears: Ears,
    _midi: MidiPorts,
    wisher: Wisher,
    store: Store,
    registry: Arc<Registry>,
    queue: ControlQueue,
    notices: Notices,
}

impl Listener {
    fn new() -> Self {
        let registry = Arc::new(Registry::join(&[audio::PARAMS]).expect("rows"));
        let (queue, notices) = (ControlQueue::default(), Notices::default());
        let (wish, tap) = (Arc::new(Wish::default()), Arc::new(Tap::default()));
        let wisher = Wisher::new(&registry, Arc::clone(&wish));
        let told = notices.clone();
        let ears = Ears::start(&registry, queue.clone(), told, wish, Arc::clone(&tap));
        let plan = MidiPlan { tap: Some(tap), ..MidiPlan::default() };
        let (rows, events) = (Arc::clone(&registry), ControlQueue::default());
        let midi = MidiPorts::start(rows, events, notices.clone(), plan);
        let store = Store::new(Arc::clone(&registry));
        Self { _ears: ears, _midi: midi, wisher, store, registry, queue, notices }
    }

    fn set(&mut self, id: &str, plain: f64) {
        self.store.cut(self.registry.find(id).expect("a row"), plain);
        self.wisher.wish(self.store.result());
    }

    /// The next event: its row, its value, and when it was sent.
    fn next(&self) -> (&'static str, f64, Duration) {
        let Queued { event, at } = until("an event", || self.queue.pop());
        assert_eq!(event.source, Source::Audio);
        let Change::Plain(plain) = event.change else { panic!("{event:?}") };
        (self.registry.row(event.param).id, plain, at)
    }

    /// Waits for a line; those before it are let go.
    fn says(&self, text: &str) {
        until(text, || (self.notices.take()?.text == text).then_some(()));
    }
}

/// Two beats a second, connected to our ears.
fn metronome() -> Process {
    let metro =
        Process::start("jack_metro", &["-n", "metro", "-b", "120", "-D", "10", "-f", "1000"]);
    until("the metronome", || {
        let mut connect = Command::new("jack_connect");
        let connect = connect.args(["-s", &server_name(), "metro:120_bpm", "residua:audio_in"]);
        connect.output().expect("jack_connect is installed").status.success().then_some(())
    });
    metro
}

#[test]
fn a_metronome_in_jack_is_heard_beat_by_beat() {
    run_with_server("with_a_metronome");
}

#[test]
#[ignore = "run by a_metronome_in_jack_is_heard_beat_by_beat"]
fn with_a_metronome() {
    let jackd = Process::jackd(&server_name());
    let mut listener = Listener::new();
    until("our port", || {
        let mut ports = Command::new("jack_lsp");
        let ports = ports.args(["-s", &server_name()]).output().expect("jack_lsp is installed");
        String::from_utf8_lossy(&ports.stdout).contains("residua:audio_in").then_some(())
    });
    let _metro = metronome();
    // Nobody has asked for it: nothing is heard.
    std::thread::sleep(Duration::from_millis(1200));
    assert!(listener.queue.is_empty());
    listener.set("listen.input", 1.0);
    listener.set("listen.on", 1.0);
    listener.says("listening to JACK");
    let (mut onsets, mut loudest, mut mid, mut high) = (Vec::new(), 0.0, 0.0, 0.0);
    while onsets.len() < 12 {
        match listener.next() {
            ("listen.onset", force, at) => {
                assert!(force > 0.0 && force <= 1.0);
                onsets.push(at.as_secs_f64());
            }
            ("listen.level", level, _) => loudest = f64::max(loudest, level),
            ("listen.mid", level, _) => mid = f64::max(mid, level),
            ("listen.high", level, _) => high = f64::max(high, level),
            ("listen.low", ..) => {}
            other => panic!("{other:?}"),
        }
    }
    // Intervals of half a second, and no onset between the beats. A server on a busy machine may
    // stand still for a while, so that some are longer.
    let mut intervals: Vec<f64> = onsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
    intervals.sort_by(f64::total_cmp);
    let (least, median) = (intervals[0], intervals[intervals.len() / 2]);
    assert!(least > 0.4 && (0.45..0.58).contains(&median), "{intervals:?}");
    // The beep has 1 kHz.
    assert!(loudest > 0.3 && mid > 0.3 && mid > high, "{loudest} {mid} {high}");

    // The server goes: silence, and no more. It comes back, and so does what is heard.
    drop(jackd);
    listener.says("nothing to listen to: no JACK server");
    let level = listener.registry.find("listen.level").expect("a row");
    let mut last = 1.0;
    while let Some(Queued { event, .. }) = listener.queue.pop() {
        if let (true, Change::Plain(plain)) = (event.param == level, event.change) {
            last = plain;
        }
    }
    assert_eq!(last, 0.0);
    let _jackd = Process::jackd(&server_name());
    listener.says("listening to JACK");
    let _metro = metronome();
    until("an onset", || (listener.next().0 == "listen.onset").then_some(()));
    // Off again.
    listener.set("listen.on", 0.0);
    until("silence", || {
        std::thread::sleep(Duration::from_millis(100));
        let before = listener.queue.len();
        std::thread::sleep(Duration::from_millis(1200));
        (listener.queue.len() == before).then_some(())
    });
}
