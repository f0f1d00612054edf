//! What devices hold down, and what lets it go again: bytes in, events out.

use super::*;
use crate::control::mapping::MessageKind;

const NOTHING: [(&str, Change); 0] = [];

fn of_kind(kind: MessageKind, number: u16, param: &str, mode: Mode) -> Mapping {
    Mapping { kind, ..cc(number, param, mode) }
}

#[test]
fn a_program_change_is_a_whole_press_each_time() {
    let program = |number, param, mode| of_kind(MessageKind::Program, number, param, mode);
    let list = vec![
        program(0, "t.heal", Mode::Absolute),
        program(1, "t.heal", Mode::Trigger),
        program(2, "t.hold", Mode::Toggle),
        program(3, "t.b", Mode::Toggle),
        program(4, "t.hold", Mode::Gate),
    ];
    let mut rig = Rig::new(list, None, false);
    rig.translator.here(1, "pedals".to_owned());
    // The number of a program says which button it is, and nothing of a force.
    let press = vec![("t.heal", Change::Press(1.0)), ("t.heal", Change::Release)];
    let (up, down) = (Change::Normalised(1.0), Change::Normalised(0.0));
    for (bytes, expected) in [
        (&[0xC0, 0][..], press.clone()),
        (&[0xC0, 0], press.clone()),
        (&[0xC0, 0, 0], [press.clone(), press].concat()),
        (&[0xC0, 1], vec![("t.heal", Change::Fire)]),
        (&[0xC0, 1], vec![("t.heal", Change::Fire)]),
        (&[0xC0, 2], vec![("t.hold", Change::Toggle)]),
        (&[0xC0, 2], vec![("t.hold", Change::Toggle)]),
        (&[0xC0, 3], vec![("t.b", up)]),
        (&[0xC0, 3], vec![("t.b", down)]),
        (&[0xC0, 4], vec![("t.hold", up)]),
        (&[0xC0, 4], vec![("t.hold", up)]),
    ] {
        assert_eq!(rig.play(bytes), expected, "{bytes:?}");
    }
    // Nothing is held of it.
    rig.translator.gone(1);
    assert_eq!(rig.sent(), NOTHING);
}

#[test]
fn what_still_comes_of_a_device_that_has_gone_is_dropped() {
    let mut rig = Rig::new(vec![], None, false);
    rig.translator.here(1, "pads".to_owned());
    assert_eq!(rig.play(&[0x90, 41, 127]), [("t.heal", Change::Press(1.0))]);
    rig.translator.gone(1);
    assert_eq!(rig.sent(), [("t.heal", Change::Release)]);
    assert_eq!(rig.play(&[0x90, 41, 127]), NOTHING);
    assert_eq!(rig.desk.state().devices, [] as [String; 0]);
    // What is plugged in by hand has never been announced.
    rig.bytes(0, &[0x90, 41, 127]);
    assert_eq!(rig.sent(), [("t.heal", Change::Press(1.0))]);
    assert_eq!(rig.desk.state().devices, ["JACK"]);
}

/// A pad of a device without mappings, and a key of one that has some.
fn two_held() -> Rig {
    let list = vec![Mapping {
        device: "keys".to_owned(),
        ..of_kind(MessageKind::Note, 61, "t.hold", Mode::Absolute)
    }];
    let mut rig = Rig::new(list, None, false);
    rig.translator.here(1, "pads".to_owned());
    rig.translator.here(2, "My Keys".to_owned());
    rig.bytes(1, &[0x90, 41, 127]);
    rig.bytes(2, &[0x90, 61, 127]);
    let pressed = [("t.heal", Change::Press(1.0)), ("t.hold", Change::Press(1.0))];
    assert_eq!(rig.sent(), pressed);
    rig
}

const LET_GO: [(&str, Change); 2] = [("t.heal", Change::Release), ("t.hold", Change::Release)];

#[test]
fn what_is_held_while_a_parameter_is_armed_is_let_go() {
    let mut rig = two_held();
    // The keys' own messages are for learning from now on.
    rig.desk.arm("t.b");
    assert_eq!(rig.sent(), LET_GO);
    rig.desk.disarm();
    assert_eq!(rig.sent(), NOTHING);
    rig.bytes(1, &[0x80, 41, 0, 0x90, 41, 127]);
    rig.bytes(2, &[0x80, 61, 0, 0x90, 61, 127]);
    let pressed = [("t.heal", Change::Press(1.0)), ("t.hold", Change::Press(1.0))];
    assert_eq!(rig.sent(), pressed);
}

#[test]
fn what_is_held_while_the_mappings_change_is_let_go() {
    let mut rig = two_held();
    rig.desk.unlearn("t.b");
    assert_eq!(rig.sent(), LET_GO);
    rig.translator.all_gone();
    assert_eq!(rig.sent(), NOTHING);
}

#[test]
fn what_was_pressed_in_another_bank_is_not_let_go() {
    let note =
        |bank, param| Mapping { bank, ..of_kind(MessageKind::Note, 1, param, Mode::Absolute) };
    let mut rig = Rig::new(vec![note(Some(2), "t.hold"), note(None, "t.heal")], None, true);
    rig.translator.here(1, "any".to_owned());
    assert_eq!(rig.play(&[0x90, 1, 127]), [("t.heal", Change::Press(1.0))]);
    rig.set("midi.bank", 2.0);
    assert_eq!(rig.sent(), NOTHING, "the one was never pressed, the other is of every bank");
    assert_eq!(rig.play(&[0x90, 1, 0]), [("t.heal", Change::Release)]);
}
