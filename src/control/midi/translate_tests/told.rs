//! What devices are told: lamps, and faders with motors.

use super::*;
use crate::control::mapping::{Feedback, FeedbackSpec, MessageKind, Takeover};

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
