//! What mappings do, and clocks.

use super::*;
use crate::control::mapping::{MessageKind, Takeover};

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
    rig.turn();
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
fn a_knob_that_waits_to_be_picked_up_is_seen_where_it_stands() {
    let mut rig = Rig::new(vec![cc(1, "t.b", Mode::Absolute)], None, true);
    rig.translator.here(1, "faders".to_owned());
    let speed = rig.registry.find("t.b").expect("a row");
    assert_eq!(rig.desk.ghosts(), []);
    // The parameter stands at 5 of 10, the knob at its low end.
    assert_eq!(rig.play(&[0xB0, 1, 0]), []);
    assert_eq!(rig.desk.ghosts(), [(speed, 0.0)]);
    // Crossed: it is picked up, and there is none.
    assert_eq!(rig.play(&[0xB0, 1, 127]), [("t.b", ON)]);
    assert_eq!(rig.desk.ghosts(), []);
    // Another hand takes the parameter away: the knob stands where it was left.
    rig.set("t.b", 2.0);
    assert_eq!(rig.desk.ghosts(), [(speed, 1.0)]);
    rig.translator.gone(1);
    rig.turn();
    assert_eq!(rig.desk.ghosts(), []);
}
