//! What is learnt by turning and pressing.

use super::*;

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
