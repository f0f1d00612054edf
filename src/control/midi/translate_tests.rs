//! The translator as devices and the instrument see it: bytes in, events out, bytes back.

use super::{
    LearnDesk, MidiPlan, Mirror, Origin, PadTarget, auto::AutoAssign, translate::Translator,
    wire::Outlet,
};
use crate::{
    control::{
        BANK, ControllerMap, Mapping, Mappings,
        batch::Batch,
        controller_maps,
        mapping::{Feedback, FeedbackSpec, MessageKind, Mode, Takeover},
    },
    params::{
        Change, ControlQueue, Gesture, ParamIndex, ParamSpec, Registry, Snapshot, Source, Store,
    },
    ports::Notices,
};
use proptest::prelude::*;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

const ROWS: [ParamSpec; 8] = [
    ParamSpec::float("t.a", "Position", "", (0.0, 10.0), 0.0),
    ParamSpec::float("t.b", "Speed", "", (0.0, 10.0), 5.0),
    ParamSpec::switch("t.hold", "Hold", "", false),
    ParamSpec::trigger("t.heal", "Heal", ""),
    ParamSpec::int("t.preset", "Preset", "", (0, 128), 0),
    ParamSpec::float("tempo.bpm", "Tempo", "", (20.0, 300.0), 120.0),
    ParamSpec::float("tempo.position", "Beats", "", (0.0, 1e9), 0.0),
    BANK,
];

const ON: Change = Change::Normalised(1.0);
const OFF: Change = Change::Normalised(0.0);

/// The engine as controllers see it.
#[derive(Debug)]
struct Seen {
    store: Arc<Mutex<Store>>,
    base: Snapshot,
}

impl Mirror for Seen {
    fn update(&mut self) -> bool {
        self.base.copy_from(self.store.lock().expect("alive").base());
        true
    }

    fn base(&self) -> &Snapshot {
        &self.base
    }

    fn position(&self) -> f64 {
        0.25
    }

    fn slices(&self) -> u32 {
        101
    }

    fn gesture(&self, _: ParamIndex) -> Gesture {
        Gesture::Latch
    }
}

/// What a device was told.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Vec<u8>>>>);

impl Outlet for Heard {
    fn send(&mut self, message: &[u8]) {
        self.0.lock().expect("alive").push(message.to_vec());
    }
}

impl Heard {
    fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.0.lock().expect("alive"))
    }
}

/// The translator between a device and an engine, at a time of the test's own.
pub(super) struct Rig {
    pub(super) translator: Translator,
    registry: Arc<Registry>,
    queue: ControlQueue,
    notices: Notices,
    pub(super) desk: LearnDesk,
    store: Arc<Mutex<Store>>,
    now: Duration,
}

impl Rig {
    pub(super) fn new(list: Vec<Mapping>, memory: Option<PathBuf>, is_seen: bool) -> Self {
        Self::with(
            &ROWS,
            MidiPlan { mappings: Mappings { list }, memory, ..MidiPlan::default() },
            is_seen,
        )
    }

    fn with(rows: &[ParamSpec], plan: MidiPlan, is_seen: bool) -> Self {
        let registry = Arc::new(Registry::join(&[rows]).expect("rows"));
        let (queue, notices, desk) =
            (ControlQueue::default(), Notices::default(), LearnDesk::default());
        let pad = |param, pressed, released| PadTarget { param, pressed, released };
        let find = |id| registry.find(id);
        let pads = [
            find("t.heal").map(|heal| pad(heal, Change::Press(1.0), Some(Change::Release))),
            find("t.hold").map(|hold| pad(hold, Change::Plain(1.0), Some(Change::Plain(0.0)))),
        ];
        let auto_assign = AutoAssign {
            knobs: [find("t.a"), find("t.b")].into_iter().flatten().collect(),
            pads: pads.into_iter().flatten().collect(),
            modulation_wheel: find("t.b"),
            pitch_bend: find("t.a"),
            program: find("t.preset"),
        };
        let store = Arc::new(Mutex::new(Store::new(Arc::clone(&registry))));
        let seen =
            Seen { base: store.lock().expect("alive").base().clone(), store: Arc::clone(&store) };
        let mirror = is_seen.then(|| Box::new(seen) as Box<dyn Mirror>);
        let plan = MidiPlan { auto_assign, desk: desk.clone(), mirror, ..plan };
        let batch = Batch::new(Arc::clone(&registry), queue.clone(), Source::Midi);
        let beginning = plan.begin(&registry, &notices);
        let translator = Translator::new(Arc::clone(&registry), batch, notices.clone(), beginning);
        Self { translator, registry, queue, notices, desk, store, now: Duration::ZERO }
    }

    pub(super) fn bytes(&mut self, id: u32, bytes: &[u8]) {
        self.translator.bytes(id, self.now, self.now, bytes);
    }

    /// What was sent since the last time; the engine obeys it.
    pub(super) fn sent(&mut self) -> Vec<(&'static str, Change)> {
        self.translator.turn(self.now);
        let events: Vec<_> = std::iter::from_fn(|| self.queue.pop()).collect();
        for queued in &events {
            self.store.lock().expect("alive").apply(&queued.event);
        }
        self.translator.turn(self.now);
        let name = |param| self.registry.row(param).id;
        events.iter().map(|queued| (name(queued.event.param), queued.event.change)).collect()
    }

    pub(super) fn play(&mut self, bytes: &[u8]) -> Vec<(&'static str, Change)> {
        self.bytes(1, bytes);
        self.sent()
    }

    fn wait(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
        self.translator.turn(self.now);
    }

    /// Somebody else moves a parameter.
    pub(super) fn set(&mut self, id: &str, plain: f64) {
        let param = self.registry.find(id).expect("a row");
        self.store.lock().expect("alive").set(param, plain);
        self.translator.turn(self.now);
    }

    fn said(&self) -> Vec<String> {
        std::iter::from_fn(|| self.notices.take()).map(|notice| notice.text).collect()
    }
}

pub(super) fn cc(number: u16, param: &str, mode: Mode) -> Mapping {
    Mapping { number, param: param.to_owned(), mode, ..Mapping::default() }
}

#[test]
fn the_first_knobs_take_what_is_offered_and_are_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("midi.toml");
    let mut rig = Rig::new(vec![], Some(file.clone()), false);
    rig.translator.here(1, "nano".to_owned());
    let events = rig.play(&[0xB0, 16, 127, 17, 0, 18, 64]);
    assert_eq!(events, [("t.a", ON), ("t.b", OFF)]);
    assert_eq!(
        rig.said(),
        ["MIDI nano: knob CC 16 is now Position", "MIDI nano: knob CC 17 is now Speed"]
    );
    assert_eq!(rig.queue.counters().unknown.load(Ordering::Relaxed), 1);
    // After a restart the second knob is what it was, though it is moved first; and silently.
    let mut rig = Rig::new(vec![], Some(file), false);
    rig.translator.here(7, "nano".to_owned());
    rig.bytes(7, &[0xB0, 17, 127]);
    assert_eq!(rig.sent(), [("t.b", ON)]);
    assert!(rig.said().is_empty());
}

#[test]
fn pads_count_from_the_lowest_note_and_are_struck_with_a_force() {
    let mut rig = Rig::new(vec![], None, false);
    rig.translator.here(1, "pads".to_owned());
    assert_eq!(rig.play(&[0x99, 41, 127]), [("t.heal", Change::Press(1.0))]);
    let expected = [
        ("t.heal", Change::Press(64.0 / 127.0)),
        ("t.heal", Change::Release),
        ("t.hold", Change::Plain(1.0)),
    ];
    assert_eq!(rig.play(&[0x99, 40, 64, 41, 100]), expected);
    assert_eq!(
        rig.said(),
        [
            "MIDI pads: the pads begin at note 41, Heal",
            "MIDI pads: the pads begin at note 40, Heal"
        ]
    );
    assert_eq!(rig.play(&[0x89, 41, 0]), [("t.hold", Change::Plain(0.0))]);
}

#[test]
fn wheels_and_programs_have_their_own_parameters() {
    let mut rig = Rig::new(vec![], None, false);
    rig.translator.here(1, "keys".to_owned());
    assert_eq!(rig.play(&[0xB0, 1, 127]), [("t.b", ON)]);
    assert_eq!(rig.play(&[0xE0, 0, 64]), [("t.a", Change::Normalised(0.5))]);
    // Program 5 of 0..=127 is the sixth preset.
    assert_eq!(rig.play(&[0xC3, 5]), [("t.preset", Change::Plain(6.0))]);
}

#[test]
fn what_is_held_is_let_go_when_its_device_goes() {
    let note = |number, param: &str, mode| Mapping {
        device: "keys".to_owned(),
        kind: MessageKind::Note,
        min: (param == "t.a").then_some(2.5),
        ..cc(number, param, mode)
    };
    let list = vec![note(60, "t.a", Mode::Gate), note(61, "t.hold", Mode::Absolute)];
    let mut rig = Rig::new(list, None, false);
    rig.translator.here(1, "pads".to_owned());
    rig.translator.here(2, "My Keys".to_owned());
    rig.bytes(1, &[0x90, 1, 127, 2, 1]);
    rig.bytes(2, &[0x90, 60, 1, 61, 127]);
    let pressed = [
        ("t.heal", Change::Press(1.0)),
        ("t.hold", Change::Plain(1.0)),
        ("t.a", ON),
        ("t.hold", Change::Press(1.0)),
    ];
    assert_eq!(rig.sent(), pressed);
    rig.translator.gone(1);
    rig.translator.gone(2);
    let released = [
        ("t.heal", Change::Release),
        ("t.hold", Change::Plain(0.0)),
        ("t.a", Change::Normalised(0.25)),
        ("t.hold", Change::Release),
    ];
    assert_eq!(rig.sent(), released);
    rig.translator.all_gone();
    assert_eq!(rig.sent(), []);
}

#[test]
fn modes_do_what_they_say() {
    let bend = Mapping {
        kind: MessageKind::PitchBend,
        channel: Some(2),
        min: Some(10.0),
        max: Some(5.0),
        ..cc(0, "t.b", Mode::Absolute)
    };
    let kind = |kind, number, param: &str| Mapping { kind, ..cc(number, param, Mode::Absolute) };
    let mut rig = Rig::new(
        vec![
            Mapping { invert: true, ..cc(1, "t.a", Mode::Absolute) },
            cc(2, "t.hold", Mode::Toggle),
            cc(3, "t.a", Mode::Toggle),
            cc(4, "t.hold", Mode::Gate),
            cc(5, "t.heal", Mode::Absolute),
            cc(6, "t.a", Mode::Trigger),
            cc(7, "t.gone", Mode::Absolute),
            cc(8, "t.heal", Mode::Trigger),
            Mapping { curve: 1.0, ..cc(9, "t.a", Mode::Absolute) },
            kind(MessageKind::Cc14, 20, "t.a"),
            kind(MessageKind::Nrpn, 261, "t.a"),
            kind(MessageKind::Program, 0, "t.preset"),
            kind(MessageKind::Program, 9, "t.heal"),
            kind(MessageKind::Pressure, 0, "t.b"),
            cc(30, "t.preset", Mode::TwosComplement),
            bend,
        ],
        None,
        false,
    );
    assert_eq!(rig.said().len(), 1);
    rig.translator.here(1, "any".to_owned());
    let press = |value: u8| Change::Press(f64::from(value) / 127.0);
    for (bytes, expected) in [
        (&[0xB0, 1, 127][..], vec![("t.a", OFF)]),
        (&[0xB0, 2, 127, 2, 127, 2, 0, 2, 64], vec![("t.hold", Change::Toggle); 2]),
        (&[0xB0, 3, 127], vec![("t.a", ON)]),
        (&[0xB0, 3, 0, 3, 127], vec![("t.a", OFF)]),
        (&[0xB0, 4, 127], vec![("t.hold", ON)]),
        (&[0xB0, 4, 63], vec![("t.hold", OFF)]),
        (
            &[0xB0, 5, 127, 5, 100, 5, 1, 5, 90],
            vec![("t.heal", press(127)), ("t.heal", Change::Release), ("t.heal", press(90))],
        ),
        (&[0xB0, 6, 127, 6, 0], vec![("t.a", ON)]),
        (&[0xB0, 7, 127, 99, 1], vec![]),
        (&[0xB0, 8, 127, 8, 0], vec![("t.heal", Change::Fire)]),
        // (64 / 127)^4.
        (&[0xB0, 9, 127, 9, 0], vec![("t.a", OFF)]),
        (&[0xB0, 20, 64, 52, 1], vec![("t.a", Change::Normalised(8193.0 / 16_383.0))]),
        (&[0xB0, 99, 2, 98, 5, 6, 127], vec![("t.a", ON)]),
        (&[0xC0, 4], vec![("t.preset", Change::Plain(5.0))]),
        (
            &[0xC0, 9],
            vec![
                ("t.preset", Change::Plain(10.0)),
                ("t.heal", Change::Press(1.0)),
                ("t.heal", Change::Release),
            ],
        ),
        (&[0xD0, 127], vec![("t.b", ON)]),
        (&[0xB0, 30, 3], vec![("t.preset", Change::Nudge(3.0 / 128.0))]),
        (&[0xB0, 30, 127], vec![("t.preset", Change::Nudge(-1.0 / 128.0))]),
        (&[0xE0, 0, 64], vec![]),
        (&[0xE1, 0, 64], vec![("t.b", Change::Normalised(0.75))]),
        (&[0xE1, 127, 127], vec![("t.b", Change::Normalised(0.5))]),
        (&[0xE1, 0, 0], vec![("t.b", ON)]),
    ] {
        assert_eq!(rig.play(bytes), expected, "{bytes:?}");
    }
    let events = rig.play(&[0xB0, 9, 64]);
    let expected = (64.0_f64 / 127.0).powi(4);
    assert!(
        matches!(events[..], [("t.a", Change::Normalised(value))] if (value - expected).abs() < 1e-9),
        "{events:?}"
    );
}

#[test]
fn a_fader_picks_its_parameter_up_and_loses_it_to_a_preset() {
    let mut rig = Rig::new(vec![cc(1, "t.b", Mode::Absolute)], None, true);
    rig.translator.here(1, "any".to_owned());
    let value = |value: u8| Change::Normalised(f64::from(value) / 127.0);
    // The parameter is at .5; 48 is .38, 79 is .62.
    assert_eq!(rig.play(&[0xB0, 1, 48]), []);
    assert_eq!(rig.play(&[0xB0, 1, 79]), [("t.b", value(79))]);
    assert_eq!(rig.play(&[0xB0, 1, 100]), [("t.b", value(100))]);
    rig.set("t.b", 2.0);
    assert_eq!(rig.play(&[0xB0, 1, 101]), []);
    assert_eq!(rig.play(&[0xB0, 1, 20]), [("t.b", value(20))]);
    // With `jump` it follows at once.
    let jump = Mapping { takeover: Some(Takeover::Jump), ..cc(1, "t.b", Mode::Absolute) };
    let mut rig = Rig::new(vec![jump], None, true);
    rig.translator.here(1, "any".to_owned());
    assert_eq!(rig.play(&[0xB0, 1, 48]), [("t.b", value(48))]);
}

#[test]
fn several_mappings_a_control_and_several_controls_a_parameter() {
    let list = vec![
        cc(1, "t.a", Mode::Absolute),
        Mapping { min: Some(5.0), ..cc(1, "t.b", Mode::Absolute) },
        cc(2, "t.a", Mode::Absolute),
    ];
    let mut rig = Rig::new(list, None, false);
    rig.translator.here(1, "any".to_owned());
    assert_eq!(rig.play(&[0xB0, 1, 0]), [("t.a", OFF), ("t.b", Change::Normalised(0.5))]);
    assert_eq!(rig.play(&[0xB0, 2, 127]), [("t.a", ON)]);
}

#[test]
fn a_bank_is_heard_while_it_is_in_force() {
    let jump = |bank, param: &str, kind| Mapping {
        bank: Some(bank),
        kind,
        takeover: Some(Takeover::Jump),
        ..cc(1, param, Mode::Absolute)
    };
    let list = vec![
        jump(1, "t.a", MessageKind::Cc),
        jump(2, "t.b", MessageKind::Cc),
        jump(1, "t.hold", MessageKind::Note),
        Mapping { max: Some(2.0), ..cc(9, "midi.bank", Mode::Trigger) },
    ];
    let mut rig = Rig::new(list, None, true);
    rig.translator.here(1, "any".to_owned());
    assert_eq!(rig.play(&[0xB0, 1, 127]), [("t.a", ON)]);
    assert_eq!(rig.play(&[0x90, 1, 127]), [("t.hold", Change::Press(1.0))]);
    rig.bytes(1, &[0xB0, 9, 127]);
    rig.translator.turn(rig.now);
    assert_eq!(rig.sent(), [("midi.bank", Change::Normalised(1.0 / 7.0))]);
    // What was held in the first bank is let go.
    assert_eq!(rig.sent(), [("t.hold", Change::Release)]);
    assert_eq!(rig.play(&[0xB0, 1, 0]), [("t.b", OFF)]);
    assert_eq!(rig.play(&[0x90, 1, 0, 1, 127]), []);
}

#[test]
fn a_jog_wheel_scrubs_slice_by_slice_and_faster_when_turned_fast() {
    let mut rows = ROWS;
    rows[0] = crate::playhead::POSITION;
    let list = vec![cc(60, "playhead.position", Mode::BinaryOffset)];
    let plan = MidiPlan { mappings: Mappings { list }, ..MidiPlan::default() };
    let mut rig = Rig::with(&rows, plan, true);
    rig.translator.here(1, "any".to_owned());
    let place = |rig: &mut Rig, bytes: &[u8]| match rig.play(bytes)[..] {
        [("playhead.position", Change::Normalised(place))] => place,
        ref other => panic!("{other:?}"),
    };
    // 101 slices: a click is a hundredth, from where the playhead is.
    assert!((place(&mut rig, &[0xB0, 60, 65]) - 0.26).abs() < 1e-9);
    rig.wait(150);
    assert!((place(&mut rig, &[0xB0, 60, 65]) - 0.27).abs() < 1e-9);
    rig.wait(150);
    assert!((place(&mut rig, &[0xB0, 60, 63]) - 0.26).abs() < 1e-9);
    let before = 0.26;
    let mut after = before;
    for _ in 0..10 {
        rig.wait(10);
        after = place(&mut rig, &[0xB0, 60, 65]);
    }
    assert!(after > before + 0.3, "ten quick clicks went from {before} to {after}");
    // After a rest it begins where the playhead is again.
    rig.wait(1_000);
    assert!((place(&mut rig, &[0xB0, 60, 63]) - 0.24).abs() < 1e-9);
}

#[test]
fn a_control_is_learnt_kept_and_unlearnt() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("midi.toml");
    let mut rig = Rig::new(vec![], Some(file.clone()), true);
    rig.translator.here(1, "nano".to_owned());
    assert!(rig.desk.arm("t.b"));
    rig.wait(0);
    assert_eq!(rig.desk.state().armed.as_deref(), Some("t.b"));
    // An encoder: what is learnt moves nothing meanwhile.
    assert_eq!(rig.play(&[0xB0, 40, 1, 40, 1]), []);
    let proposal = rig.desk.state().proposal.expect("a proposal");
    assert_eq!((proposal.number, proposal.mode), (40, Mode::TwosComplement));
    rig.wait(500);
    let state = rig.desk.state();
    assert_eq!((state.armed, state.mappings.len()), (None, 1));
    assert_eq!(state.heard.len(), 2);
    assert_eq!(
        rig.said().last().map(String::as_str),
        Some("MIDI nano: CC 40 (encoder, two's complement) moves t.b")
    );
    rig.wait(1_000);
    let step = 0.5 + 1.0 / 127.0;
    assert_eq!(rig.play(&[0xB0, 40, 1]), [("t.b", Change::Normalised(step))]);
    // Other knobs still take what is offered.
    assert_eq!(rig.play(&[0xB0, 16, 127]), [("t.a", ON)]);

    // After a restart it is known; another parameter on the same control is said.
    let mut rig = Rig::new(vec![], Some(file.clone()), true);
    rig.translator.here(1, "nano".to_owned());
    assert_eq!(rig.play(&[0xB0, 40, 1]), [("t.b", Change::Normalised(step))]);
    rig.desk.arm("t.a");
    rig.wait(0);
    rig.play(&[0xB0, 40, 1, 40, 1, 40, 127]);
    rig.wait(500);
    assert_eq!(rig.desk.state().learnt.expect("learnt").1, ["t.b"]);
    assert_eq!(rig.play(&[0xB0, 40, 1]).len(), 2);
    // Learnt again it is one mapping, not two.
    rig.desk.arm("t.a");
    rig.wait(0);
    rig.play(&[0xB0, 40, 1, 40, 1]);
    rig.wait(500);
    assert_eq!(rig.desk.state().mappings.len(), 2);
    // Changed by hand.
    let old = rig.desk.state().mappings[0].0.clone();
    rig.desk.replace(&old, Mapping { mode: Mode::SignMagnitude, ..old.clone() });
    rig.wait(0);
    let modes = rig.desk.state().mappings.iter().map(|m| m.0.mode).collect::<Vec<_>>();
    assert_eq!(modes.iter().filter(|mode| **mode == Mode::SignMagnitude).count(), 1);
    rig.desk.unlearn("t.a");
    rig.desk.unlearn("t.b");
    rig.wait(0);
    assert_eq!(rig.desk.state().mappings, []);
    let kept = std::fs::read_to_string(file).expect("it was written");
    assert!(!kept.contains("[[mapping]]"), "{kept}");
}

#[test]
fn pads_are_learnt_as_presses_or_as_two_ends() {
    let mut rig = Rig::new(vec![], None, true);
    rig.translator.here(1, "pads".to_owned());
    for (id, mode) in [("t.hold", Mode::Absolute), ("t.b", Mode::Toggle)] {
        rig.desk.arm(id);
        rig.wait(0);
        assert_eq!(rig.play(&[0x90, 36, 100]), []);
        assert_eq!(rig.desk.state().mappings.last().expect("learnt").0.mode, mode);
        rig.play(&[0x80, 36, 0]);
    }
    // A knob's message in the middle of nothing: no parameter of that name.
    rig.said();
    rig.desk.arm("t.c");
    rig.wait(0);
    assert_eq!(rig.said(), ["MIDI: there is no parameter 't.c' to learn"]);
    assert_eq!(rig.desk.state().armed, None);
}

#[test]
fn lamps_show_what_has_changed_and_everything_to_a_device_that_comes_back() {
    let lamp = Feedback::By(FeedbackSpec {
        on: Some(3),
        off: Some(1),
        latched: Some(4),
        ..FeedbackSpec::default()
    });
    let note = |number, param: &str, feedback| Mapping {
        device: "apc".to_owned(),
        kind: MessageKind::Note,
        feedback,
        ..cc(number, param, Mode::Absolute)
    };
    let list = vec![
        note(1, "t.hold", lamp),
        note(2, "t.heal", Feedback::default()),
        note(3, "t.a", Feedback::Told(false)),
        Mapping { device: "apc".to_owned(), ..cc(4, "t.b", Mode::Absolute) },
        Mapping { max: Some(7.0), mode: Mode::Trigger, ..note(5, "t.preset", Feedback::default()) },
        Mapping {
            device: "apc".to_owned(),
            kind: MessageKind::PitchBend,
            ..cc(0, "t.b", Mode::Absolute)
        },
    ];
    let mut rig = Rig::new(list, None, true);
    let heard = Heard::default();
    rig.translator.here(1, "APC mini".to_owned());
    rig.translator.out_here(2, "APC mini".to_owned(), Box::new(heard.clone()));
    rig.wait(0);
    // 5 of 0..=10 is 63.5 of 127, and the middle of the wheel.
    let all = [
        vec![0x90, 1, 1],
        vec![0x90, 2, 0],
        vec![0xB0, 4, 64],
        vec![0x90, 5, 0],
        vec![0xE0, 0, 64],
    ];
    assert_eq!(heard.take(), all);
    rig.wait(50);
    assert_eq!(heard.take(), [] as [Vec<u8>; 0], "nothing has changed");
    rig.set("t.hold", 1.0);
    // The row is one of those that are latched.
    assert_eq!(heard.take(), [vec![0x90, 1, 4]]);
    rig.set("t.preset", 7.0);
    assert_eq!(heard.take(), [vec![0x90, 5, 127]]);
    // A trigger is lit while it is held, once the finger has been there for a while.
    rig.play(&[0x90, 2, 100]);
    assert_eq!(heard.take(), [] as [Vec<u8>; 0]);
    rig.wait(400);
    assert_eq!(heard.take(), [vec![0x90, 2, 127]]);
    rig.play(&[0x80, 2, 0]);
    rig.wait(400);
    assert_eq!(heard.take(), [vec![0x90, 2, 0]]);
    // Unplugged and back.
    rig.translator.out_gone(2);
    rig.translator.out_here(9, "APC mini".to_owned(), Box::new(heard.clone()));
    rig.wait(0);
    assert_eq!(heard.take().len(), all.len());
}

#[test]
fn a_fader_under_a_hand_is_not_moved() {
    let fader = Mapping {
        device: "motor".to_owned(),
        channel: Some(1),
        takeover: Some(Takeover::Jump),
        touch: Some(104),
        ..cc(7, "t.b", Mode::Absolute)
    };
    let mut rig = Rig::new(vec![fader], None, true);
    let heard = Heard::default();
    rig.translator.here(1, "motor".to_owned());
    rig.translator.out_here(2, "motor".to_owned(), Box::new(heard.clone()));
    rig.wait(0);
    assert_eq!(heard.take(), [vec![0xB0, 7, 64]]);
    rig.play(&[0xB0, 7, 10]);
    rig.set("t.b", 10.0);
    rig.wait(200);
    assert_eq!(heard.take(), [] as [Vec<u8>; 0]);
    rig.wait(200);
    assert_eq!(heard.take(), [vec![0xB0, 7, 127]]);
    // While a finger is on it, for as long as it takes.
    rig.play(&[0x90, 104, 127]);
    rig.set("t.b", 0.0);
    rig.wait(5_000);
    assert_eq!(heard.take(), [] as [Vec<u8>; 0]);
    rig.play(&[0x90, 104, 0]);
    rig.wait(400);
    assert_eq!(heard.take(), [vec![0xB0, 7, 0]]);
}

#[test]
fn a_clock_moves_the_tempo_and_only_one_does() {
    let mut rig = Rig::new(vec![], None, false);
    rig.translator.here(1, "drums".to_owned());
    rig.translator.here(2, "foreign".to_owned());
    rig.bytes(1, &[0xFA]);
    let mut told = rig.sent();
    assert_eq!(told, [("tempo.position", Change::Plain(0.0))]);
    for _ in 0..97 {
        // 20 ms a pulse are 125 bpm; the other clock is faster.
        rig.bytes(1, &[0xF8]);
        rig.bytes(2, &[0xF8, 0xFA]);
        rig.now += Duration::from_millis(20);
        told.extend(rig.sent());
    }
    let positions: Vec<_> = told.iter().filter(|(id, _)| *id == "tempo.position").collect();
    assert_eq!(positions.len(), 1 + 5, "{positions:?}");
    let tempi: Vec<_> = told
        .iter()
        .filter_map(|event| match event {
            ("tempo.bpm", Change::Plain(bpm)) => Some(*bpm),
            _ => None,
        })
        .collect();
    assert_eq!(tempi.len(), 4);
    assert!(tempi.iter().all(|bpm| (bpm - 125.0).abs() < 1e-6), "{tempi:?}");
    // When the first is silent, the other leads.
    rig.now += Duration::from_secs(3);
    rig.bytes(2, &[0xFA]);
    assert_eq!(rig.sent(), [("tempo.position", Change::Plain(0.0))]);
}

#[test]
fn a_map_is_taken_by_name_where_the_set_maps_nothing() {
    let map = ControllerMap {
        name: "Nano".to_owned(),
        device: vec!["nano".to_owned()],
        mapping: vec![cc(1, "t.a", Mode::Absolute), cc(2, "t.b", Mode::Absolute)],
    };
    let plan = |list| MidiPlan {
        mappings: Mappings { list },
        controllers: vec![map.clone()],
        ..MidiPlan::default()
    };
    let mut rig = Rig::with(&ROWS, plan(vec![]), false);
    rig.translator.here(1, "nanoKONTROL2".to_owned());
    assert_eq!(rig.said(), ["MIDI nanoKONTROL2: played by the map for Nano"]);
    // No knob of it takes anything else.
    assert_eq!(rig.play(&[0xB0, 2, 127, 3, 127]), [("t.b", ON)]);
    // What is learnt for one of its controls counts instead; the others stay.
    rig.desk.arm("t.a");
    rig.wait(0);
    rig.play(&[0xB0, 2, 1, 2, 50, 2, 90]);
    rig.wait(500);
    assert_eq!(rig.play(&[0xB0, 2, 127, 1, 0]), [("t.a", OFF)].into_iter().collect::<Vec<_>>());
    // It moves one thing, and the list has what counts: the map's other control, and the new one.
    assert_eq!(rig.desk.state().learnt.expect("learnt").1, [] as [String; 0]);
    let listed: Vec<_> = rig.desk.state().mappings.into_iter().map(|m| (m.0.number, m.1)).collect();
    assert_eq!(listed, [(1, Origin::Controller), (2, Origin::Learnt)]);

    let mut rig = Rig::with(&ROWS, plan(vec![cc(5, "t.a", Mode::Absolute)]), false);
    rig.translator.here(1, "nanoKONTROL2".to_owned());
    assert_eq!(rig.play(&[0xB0, 2, 127, 5, 127]), [("t.a", ON)]);
}

#[test]
fn the_maps_in_the_program_are_understood() {
    let maps = controller_maps(None, &Notices::default());
    let registry = Registry::join(&[&ROWS]).expect("rows");
    for map in &maps {
        assert!(map.mapping.len() > 50, "{}", map.name);
        for mapping in &map.mapping {
            // The rows are the engine's; what else may be wrong is found with one of any kind.
            for id in ["t.hold", "t.heal"] {
                let mapping = Mapping { param: id.to_owned(), max: None, ..mapping.clone() };
                mapping.resolve(&registry).unwrap_or_else(|error| panic!("{}: {error}", map.name));
            }
            assert!(mapping.device.is_empty() && mapping.channel.is_some());
        }
        // No control does two things.
        for (place, mapping) in map.mapping.iter().enumerate() {
            let twice = map.mapping[..place].iter().find(|other| other.overlaps(mapping));
            assert_eq!(twice, None, "{}", map.name);
        }
    }
}

proptest! {
    /// Other people's traffic (running status, cut sysex, foreign clocks, real time within messages):
    /// nothing breaks, values stay within 0..=1, and the mappings are what they were.
    #[test]
    fn no_traffic_is_too_much(
        traffic in prop::collection::vec((0_u32..4, prop::collection::vec(any::<u8>(), 1..9)), 0..120),
        is_seen in any::<bool>()
    ) {
        let modes = [Mode::Absolute, Mode::Toggle, Mode::Gate, Mode::Trigger, Mode::TwosComplement];
        let list: Vec<Mapping> = (0..40)
            .map(|n| Mapping {
                device: "mapped".to_owned(),
                bank: (n % 3 == 0).then_some(1),
                ..cc(n, ROWS[usize::from(n) % 5].id, modes[usize::from(n) % modes.len()])
            })
            .collect();
        let mut rig = Rig::new(list, None, is_seen);
        let before = rig.desk.state().mappings;
        for (id, bytes) in traffic {
            match bytes[0] {
                0..10 => rig.translator.here(id, if id == 0 { "mapped" } else { "pads" }.to_owned()),
                10..20 => rig.translator.gone(id),
                _ => rig.bytes(id, &bytes),
            }
            rig.now += Duration::from_millis(u64::from(bytes[0]));
            for (_, change) in rig.sent() {
                if let Change::Normalised(value) | Change::Press(value) = change {
                    prop_assert!((0.0..=1.0).contains(&value));
                }
            }
        }
        prop_assert_eq!(rig.desk.state().mappings, before);
        // And a whole message is understood as ever.
        rig.translator.here(9, "pads".to_owned());
        rig.sent();
        rig.bytes(9, &[0xE0, 0, 64]);
        let events = rig.sent();
        prop_assert_eq!(events.last(), Some(&("t.a", Change::Normalised(0.5))));
    }
}
