//! What devices are given that nobody has mapped: what the program offers, and the maps of their names.

use super::*;
use crate::control::{ControllerMap, Origin, controller_maps};
use std::sync::atomic::Ordering;

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
