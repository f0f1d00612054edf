//! What whoever looks on is told of what devices send.

use super::*;
use crate::control::{Ear, HeardFrom, Outcome, Why};

#[test]
fn every_message_is_told_with_what_became_of_it() {
    let ear = Ear::default();
    let list = vec![
        cc(7, "t.b", Mode::Absolute),
        Mapping { bank: Some(2), ..cc(9, "t.a", Mode::Absolute) },
        cc(20, "t.heal", Mode::Absolute),
    ];
    let plan = MidiPlan { mappings: Mappings { list }, ear: ear.clone(), ..MidiPlan::default() };
    let mut rig = Rig::with(&ROWS, plan, true);
    rig.translator.here(1, "nano".to_owned());
    rig.play(&[0xB0, 7, 100]);
    assert_eq!(ear.take(), None, "nobody looks on");
    ear.open(true);
    let [a, b, heal] = ["t.a", "t.b", "t.heal"].map(|id| rig.registry.find(id).expect("a row"));
    let moves = |change: (_, Change)| Outcome::Moves { first: vec![change], others: 0 };
    // 5 of 10 is set; the knob comes from 100 of 127 and crosses 63.5 on its way.
    let cases: [(&[u8], &str, Outcome); 7] = [
        (&[0xB0, 7, 90], "CC 7 = 90, channel 1", Outcome::Nothing(Why::Waits(b))),
        (&[0xB0, 7, 50], "CC 7 = 50, channel 1", moves((b, Change::Normalised(50.0 / 127.0)))),
        (
            &[0xB2, 9, 64],
            "CC 9 = 64, channel 3",
            Outcome::Nothing(Why::Elsewhere { param: a, bank: 2 }),
        ),
        (&[0xB0, 20, 127], "CC 20 = 127, channel 1", moves((heal, Change::Press(1.0)))),
        (&[0xB0, 20, 127], "CC 20 = 127, channel 1", Outcome::Nothing(Why::Idle(Some(heal)))),
        // A device that has mappings is offered nothing.
        (&[0x90, 60, 99], "note 60 struck with 99, channel 1", Outcome::Nothing(Why::Unmapped)),
        // Controller 99 is half of the number of an NRPN.
        (&[0xB0, 99, 1], "CC 99 = 1, channel 1", Outcome::Nothing(Why::Half)),
    ];
    for (bytes, text, outcome) in cases {
        rig.play(bytes);
        let line = ear.take().expect("a line");
        assert_eq!((line.text.as_str(), line.outcome), (text, outcome));
        assert_eq!(line.from, HeardFrom::Device("nano".to_owned()));
        assert_eq!(ear.take(), None, "{text}");
    }
    // While something is learnt nothing moves.
    rig.desk.arm("t.a");
    rig.turn();
    rig.play(&[0xB0, 7, 60]);
    assert_eq!(ear.take().expect("a line").outcome, Outcome::Nothing(Why::Learning));
}

#[test]
fn what_is_offered_is_told_too() {
    let ear = Ear::default();
    let plan = MidiPlan { ear: ear.clone(), ..MidiPlan::default() };
    let mut rig = Rig::with(&ROWS, plan, true);
    ear.open(true);
    rig.translator.here(1, "pad".to_owned());
    rig.play(&[0xB0, 16, 127]);
    let a = rig.registry.find("t.a").expect("a row");
    let wanted = Outcome::Moves { first: vec![(a, Change::Normalised(1.0))], others: 0 };
    assert_eq!(ear.take().expect("a line").outcome, wanted);
}
