//! Devices that people have, played by a JACK client that is not ours, in a program of its own
//! (`jack_peers/controller.py`): byte streams to the frame, and what comes back.

mod jack_peers;

use jack_peers::{Process, StreamPlayer, run_with_server, server_name, until};
use residua::{
    control::{
        LearnDesk, Mapping, Mappings, MidiPlan, MidiPorts, Monitor, Progress, controller_maps,
        mapping::{MessageKind, Mode},
    },
    engine,
    params::{Change, ControlQueue, Gesture, ParamIndex, Registry, Snapshot, Source, Store},
    ports::Notices,
};
use std::{
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// An engine that obeys at once.
#[derive(Debug)]
struct Seen {
    store: Arc<Mutex<Store>>,
    base: Snapshot,
}

impl Monitor for Seen {
    fn update(&mut self) -> bool {
        self.base.copy_from(self.store.lock().expect("alive").base());
        true
    }

    fn base(&self) -> &Snapshot {
        &self.base
    }

    fn progress(&self) -> Progress {
        Progress { position: 0.5, slices: 101, ..Progress::default() }
    }

    fn gesture(&self, _: ParamIndex) -> Gesture {
        Gesture::Hold
    }
}

struct Fixture {
    _ports: MidiPorts,
    registry: Arc<Registry>,
    queue: ControlQueue,
    notices: Notices,
    desk: LearnDesk,
    store: Arc<Mutex<Store>>,
}

impl Fixture {
    /// With the rows of the instrument. Where nothing `is_seen`, controls jump.
    fn new(plan: MidiPlan, is_seen: bool) -> Self {
        let registry = Arc::new(engine::registry().expect("rows"));
        let (queue, notices, desk) =
            (ControlQueue::default(), Notices::default(), LearnDesk::default());
        let store = Arc::new(Mutex::new(Store::new(Arc::clone(&registry))));
        let base = store.lock().expect("alive").base().clone();
        let seen = Seen { store: Arc::clone(&store), base };
        let monitor = is_seen.then(|| Box::new(seen) as Box<dyn Monitor>);
        let plan = MidiPlan { desk: desk.clone(), monitor, ..plan };
        let ports = MidiPorts::start(Arc::clone(&registry), queue.clone(), notices.clone(), plan);
        Self { _ports: ports, registry, queue, notices, desk, store }
    }

    fn with_maps(is_seen: bool) -> Self {
        let controllers = controller_maps(None, &Notices::default());
        Self::new(MidiPlan { controllers, ..MidiPlan::default() }, is_seen)
    }

    /// The next event; the engine obeys it.
    fn next(&self) -> (&'static str, Change) {
        let event = until("an event", || self.queue.pop()).event;
        assert!(matches!(event.source, Source::Midi | Source::Clock));
        self.store.lock().expect("alive").apply(&event);
        (self.registry.row(event.param).id, event.change)
    }

    fn set(&self, id: &str, plain: f64) {
        let param = self.registry.find(id).expect("a row");
        self.store.lock().expect("alive").set(param, plain);
    }

    fn says(&self, text: &str) {
        until(text, || (self.notices.take()?.text == text).then_some(()));
    }
}

#[test]
fn six_controllers_are_played_by_their_maps() {
    run_with_server("with_six_controllers");
}

/// Of each controller some controls of every kind: what it sends, by its manual, and the row that it
/// moves. The value, where one is given, is plain.
type Moves = &'static [(&'static [u8], &'static str, Option<f64>)];

const DEVICES: [(&str, &str, Moves); 6] = [
    (
        "nanoKONTROL2",
        "Korg nanoKONTROL2",
        &[
            (&[0xB0, 0, 127], "macro.1", Some(1.0)),
            (&[0xB0, 7, 127], "macro.8", Some(1.0)),
            (&[0xB0, 16, 127], "playhead.position", Some(1.0)),
            (&[0xB0, 39, 127], "clip.select", Some(8.0)),
            (&[0xB0, 48, 127], "cue.1.go", None),
            (&[0xB0, 71, 127], "throw.8", None),
            (&[0xB0, 41, 127], "playhead.play", None),
            (&[0xB0, 45, 127], "recorder.on", None),
            (&[0xB0, 58, 127], "heal.all", None),
        ],
    ),
    (
        "APC MINI",
        "Akai APC mini",
        &[
            (&[0xB0, 48, 127], "macro.1", Some(1.0)),
            (&[0xB0, 56, 0], "programme.level", Some(0.0)),
            (&[0x90, 56, 127], "clip.select", Some(1.0)),
            (&[0x90, 63, 127], "clip.select", Some(8.0)),
            (&[0x90, 32, 127], "throw.1", None),
            (&[0x90, 7, 127], "heal.all", None),
            (&[0x90, 71, 127], "panic", None),
            (&[0x90, 89, 127], "preset.select", Some(8.0)),
        ],
    ),
    (
        "APC mini mk2 Control",
        "Akai APC mini mk2",
        &[
            (&[0xB0, 55, 127], "macro.8", Some(1.0)),
            (&[0x90, 57, 127], "clip.select", Some(2.0)),
            (&[0x90, 100, 127], "playhead.play", None),
            (&[0x90, 112, 127], "preset.select", Some(1.0)),
        ],
    ),
    (
        "MIDI Mix",
        "Akai MIDImix",
        &[
            (&[0xB0, 19, 127], "macro.1", Some(1.0)),
            (&[0xB0, 61, 127], "macro.8", Some(1.0)),
            (&[0xB0, 62, 0], "programme.level", Some(0.0)),
            (&[0xB0, 46, 127], "decay.generations_per_second", Some(60.0)),
            (&[0xB0, 60, 127], "decay.codec_quality", Some(100.0)),
            (&[0x90, 22, 127], "clip.select", Some(8.0)),
            (&[0x90, 3, 127], "cue.1.go", None),
            (&[0x90, 26, 127], "heal.all", None),
        ],
    ),
    (
        "Launch Control XL",
        "Novation Launch Control XL",
        &[
            (&[0xB8, 77, 127], "macro.1", Some(1.0)),
            (&[0xB8, 84, 127], "macro.8", Some(1.0)),
            (&[0xB8, 13, 127], "playhead.position", Some(1.0)),
            (&[0xB8, 56, 127], "decay.codec_quality", Some(100.0)),
            (&[0x98, 57, 127], "clip.select", Some(5.0)),
            (&[0x98, 92, 127], "cue.8.go", None),
            (&[0x98, 108, 127], "recorder.on", None),
            (&[0xB8, 104, 127], "mosh.bloom", None),
        ],
    ),
    (
        "X-TOUCH MINI",
        "Behringer X-Touch Mini",
        &[
            (&[0xBA, 1, 127], "macro.1", Some(1.0)),
            (&[0xBA, 18, 127], "playhead.glide_secs", Some(2.0)),
            (&[0xBA, 9, 0], "programme.level", Some(0.0)),
            (&[0x9A, 7, 127], "cue.8.go", None),
            (&[0x9A, 8, 127], "clip.select", Some(1.0)),
            (&[0x9A, 23, 127], "heal.all", None),
            (&[0x9A, 47, 127], "grab.8", None),
        ],
    ),
];

#[test]
#[ignore = "run by six_controllers_are_played_by_their_maps"]
fn with_six_controllers() {
    let _jackd = Process::jackd(&server_name());
    let fixture = Fixture::with_maps(false);
    for (device, map, moves) in DEVICES {
        let mut player = StreamPlayer::new(device);
        fixture.says(&format!("MIDI {device}: played by the map for {map}"));
        thread::sleep(Duration::from_millis(200));
        for (bytes, id, plain) in moves {
            player.send(&[bytes]);
            let (moved, change) = fixture.next();
            assert_eq!(moved, *id, "{device}: {bytes:?}");
            let param = fixture.registry.find(id).expect("a row");
            match plain {
                Some(plain) => {
                    let now = fixture.store.lock().expect("alive").base().get(param);
                    assert_eq!(now, *plain, "{device}: {bytes:?}");
                }
                None => assert_eq!(change, Change::Press(1.0), "{device}: {bytes:?}"),
            }
        }
        // Buttons that are still down are let go with it.
        drop(player);
        fixture.says(&format!("MIDI {device}: gone; it plays on when it is back"));
        let held = moves.iter().filter(|(_, _, plain)| plain.is_none()).count();
        for _ in 0..held {
            assert_eq!(fixture.next().1, Change::Release, "{device}");
        }
    }
}

#[test]
fn lamps_of_a_controller_show_the_instrument_through_jack() {
    run_with_server("with_lamps");
}

#[test]
#[ignore = "run by lamps_of_a_controller_show_the_instrument_through_jack"]
fn with_lamps() {
    let _jackd = Process::jackd(&server_name());
    let fixture = Fixture::with_maps(true);
    let mut apc = StreamPlayer::new("APC MINI");
    // A pad of the first clip, which is in play, is red (3); the others are green (1).
    let told = |player: &StreamPlayer, message: &str| {
        until(message, || player.take().contains(&message.to_owned()).then_some(()));
    };
    let mut all = Vec::new();
    until("every lamp", || {
        all.extend(apc.take());
        ["903803", "903901", "903f01", "904100"]
            .iter()
            .all(|m| all.contains(&(*m).to_owned()))
            .then_some(())
    });
    fixture.set("clip.select", 2.0);
    until("the second clip's pad", || {
        all.extend(apc.take());
        let tail = all.iter().rev().take(2).collect::<Vec<_>>();
        (tail.contains(&&"903801".to_owned()) && tail.contains(&&"903903".to_owned())).then_some(())
    });
    fixture.set("loop.on", 1.0);
    told(&apc, "904101");
    // A pad that the hand is on is told nothing until it is off for a while.
    apc.send(&[&[0x90, 63, 127], &[0x80, 63, 0]]);
    assert_eq!(fixture.next().0, "clip.select");
    told(&apc, "903f03");
    // Unplugged, and back under its name: it plays at once from when it is said to be there, and is
    // told everything.
    drop(apc);
    fixture.says("MIDI APC MINI: gone; it plays on when it is back");
    let mut apc = StreamPlayer::new("APC MINI");
    fixture.says("MIDI APC MINI: plugged in (JACK)");
    apc.send(&[&[0x90, 56, 127], &[0x80, 56, 0]]);
    assert_eq!(fixture.next().0, "clip.select");
    told(&apc, "903803");
}

#[test]
fn what_a_controller_is_told_is_seen_by_jacks_own_monitor() {
    run_with_server("with_a_monitor");
}

#[test]
#[ignore = "run by what_a_controller_is_told_is_seen_by_jacks_own_monitor"]
fn with_a_monitor() {
    let _jackd = Process::jackd(&server_name());
    let list = vec![Mapping {
        device: "fader box".to_owned(),
        number: 7,
        channel: Some(3),
        param: "decay.feedback".to_owned(),
        ..Mapping::default()
    }];
    let mappings = Mappings { list };
    let fixture = Fixture::new(MidiPlan { mappings, ..MidiPlan::default() }, true);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dump");
    let dump = format!("exec stdbuf -oL jack_midi_dump -a 'fader box' > {}", file.display());
    let _dump = Process::start("sh", &["-c", &dump]);
    let shows = |text: &str| {
        until(text, || {
            std::fs::read_to_string(&file).unwrap_or_default().contains(text).then_some(())
        });
    };
    fixture.set("decay.feedback", 1.0);
    shows("b2 07 7f");
    fixture.set("decay.feedback", 0.0);
    shows("b2 07 00");
}

#[test]
fn controls_of_every_kind_are_learnt_from_their_bytes() {
    run_with_server("with_controls_to_learn");
}

#[test]
#[ignore = "run by controls_of_every_kind_are_learnt_from_their_bytes"]
fn with_controls_to_learn() {
    let _jackd = Process::jackd(&server_name());
    let fixture = Fixture::new(MidiPlan::default(), true);
    let mut player = StreamPlayer::new("bench");
    fixture.says("MIDI bench: plugged in (JACK)");
    thread::sleep(Duration::from_millis(200));
    let cc = |number: u8, values: &[u8]| {
        values.iter().map(|value| vec![0xB1, number, *value]).collect::<Vec<_>>()
    };
    let absolute = |kind, number| (kind, number, Mode::Absolute);
    let streams = [
        (cc(20, &[60, 61, 62, 64, 65]), absolute(MessageKind::Cc, 20)),
        (cc(21, &[1, 1, 2, 1, 127]), (MessageKind::Cc, 21, Mode::TwosComplement)),
        (cc(22, &[1, 1, 65, 65]), (MessageKind::Cc, 22, Mode::SignMagnitude)),
        (cc(23, &[65, 65, 63]), (MessageKind::Cc, 23, Mode::BinaryOffset)),
        (
            vec![vec![0xB1, 24, 64], vec![0xB1, 56, 3], vec![0xB1, 24, 65], vec![0xB1, 56, 9]],
            absolute(MessageKind::Cc14, 24),
        ),
        (vec![vec![0x91, 40, 99], vec![0x81, 40, 0]], (MessageKind::Note, 40, Mode::Toggle)),
        (vec![vec![0xE1, 0, 70], vec![0xE1, 0, 64]], absolute(MessageKind::PitchBend, 0)),
        (vec![vec![0xC1, 12]], absolute(MessageKind::Program, 12)),
        (
            vec![vec![0xB1, 99, 1], vec![0xB1, 98, 2], vec![0xB1, 6, 64], vec![0xB1, 38, 0]],
            absolute(MessageKind::Nrpn, 130),
        ),
    ];
    for (number, (stream, expected)) in streams.into_iter().enumerate() {
        fixture.desk.arm("decay.feedback");
        until("it is armed", || fixture.desk.state().armed.map(|_| ()));
        let events = (0..).step_by(960).zip(stream).collect::<Vec<_>>();
        player.play(&events);
        until("it is learnt", || fixture.desk.state().armed.is_none().then_some(()));
        let state = fixture.desk.state();
        let (learnt, conflicts) = state.learnt.expect("something was learnt");
        assert_eq!((learnt.kind, learnt.number, learnt.mode), expected);
        assert_eq!((learnt.channel, learnt.device.as_str()), (Some(2), "bench"));
        assert_eq!((state.mappings.len(), conflicts.len()), (number + 1, 0));
    }
}

#[test]
fn a_fader_is_picked_up_by_crossing() {
    run_with_server("with_a_fader");
}

#[test]
#[ignore = "run by a_fader_is_picked_up_by_crossing"]
fn with_a_fader() {
    let _jackd = Process::jackd(&server_name());
    let list =
        vec![Mapping { number: 7, param: "decay.feedback".to_owned(), ..Mapping::default() }];
    let fixture =
        Fixture::new(MidiPlan { mappings: Mappings { list }, ..MidiPlan::default() }, true);
    fixture.set("decay.feedback", 0.5);
    let mut fader = StreamPlayer::new("fader");
    fixture.says("MIDI fader: plugged in (JACK)");
    thread::sleep(Duration::from_millis(200));
    // .38 is too low; .62 is across. Nothing is sent before that.
    fader.send(&[&[0xB0, 7, 48], &[0xB0, 7, 79]]);
    assert_eq!(fixture.next(), ("decay.feedback", Change::Normalised(79.0 / 127.0)));
    fader.send(&[&[0xB0, 7, 90]]);
    assert_eq!(fixture.next(), ("decay.feedback", Change::Normalised(90.0 / 127.0)));
    thread::sleep(Duration::from_millis(200));
    // Somebody else moves it: it is lost until the fader is across again.
    fixture.set("decay.feedback", 0.25);
    thread::sleep(Duration::from_millis(200));
    fader.send(&[&[0xB0, 7, 91], &[0xB0, 7, 80], &[0xB0, 7, 10]]);
    assert_eq!(fixture.next(), ("decay.feedback", Change::Normalised(10.0 / 127.0)));
}

#[test]
fn a_jittery_clock_makes_a_steady_tempo_through_jack() {
    run_with_server("with_a_clock");
}

#[test]
#[ignore = "run by a_jittery_clock_makes_a_steady_tempo_through_jack"]
fn with_a_clock() {
    /// How often the clock is played where the server is late.
    const CLOCK_TRIES: u32 = 8;
    let _jackd = Process::jackd(&server_name());
    let fixture = Fixture::new(MidiPlan::default(), false);
    let mut drums = StreamPlayer::new("drums");
    fixture.says("MIDI drums: plugged in (JACK)");
    thread::sleep(Duration::from_millis(200));
    // 125 bpm: 960 frames a pulse, up to 110 frames (2.3 ms) early or late; a fixed sequence.
    let mut noise = 1_u32;
    let mut jitter = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 16) % 221
    };
    let mut events = vec![(0, vec![0xFA])];
    events.extend((0..24 * 16).map(|pulse| (200 + pulse * 960 + jitter(), vec![0xF8])));
    // What a server on a busy machine has played late says nothing of the clock: it is played again.
    let (tempi, mut positions, was_late) = (1..=CLOCK_TRIES)
        .find_map(|number| {
            drums.play(&events);
            let (mut tempi, mut positions) = (Vec::new(), Vec::new());
            let mut has_started = false;
            while !has_started || positions.last() != Some(&15.0) {
                match fixture.next() {
                    ("tempo.bpm", Change::Plain(bpm)) => tempi.push(bpm),
                    ("tempo.position", Change::Plain(beats)) => positions.push(beats),
                    // What came before is left over from a clock that was played late.
                    ("tempo.start", Change::Fire) => {
                        has_started = true;
                        tempi.clear();
                    }
                    other => panic!("{other:?}"),
                }
            }
            let start = positions.iter().rposition(|beats| *beats == 0.0).unwrap_or(0);
            positions.drain(..start);
            let was_late = drums.was_late();
            (!was_late || number == CLOCK_TRIES).then_some((tempi, positions, was_late))
        })
        .expect("the last is taken as it is");
    // The start says 0, and so does the first pulse, unless both come in one batch.
    positions.dedup();
    let expected: Vec<f64> = (0..16).map(f64::from).collect();
    // A server that never keeps its time shows no more than that the clock is followed.
    let most = if was_late { 5.0 } else { 0.1 };
    if was_late {
        eprintln!("the JACK server kept no time: the tempo is only looked at roughly");
        assert!(positions.is_sorted() && positions.last() == Some(&15.0), "{positions:?}");
    } else {
        assert_eq!(positions, expected);
    }
    for bpm in &tempi[8..] {
        assert!((bpm - 125.0).abs() < most, "{tempi:?}");
    }
}
