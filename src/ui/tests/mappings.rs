//! What controllers move.

use super::*;
use crate::control::{
    HEARD_KEPT, HeardFrom, HeardLine, Mapping, Mappings, MidiPlan, MidiPorts, Origin, Outcome, Why,
    mapping::MessageKind,
};
use crate::ports::Notices;
use std::{
    thread,
    time::{Duration, Instant},
};

/// A bench whose desk is worked by the thread `midi`, with one mapping of the set.
fn bench() -> (Bench, MidiPorts) {
    let mut bench = Bench::page(Page::Mappings);
    let mapping = Mapping {
        device: "Mix".to_owned(),
        kind: MessageKind::Cc,
        number: 16,
        param: "playhead.glide_secs".to_owned(),
        ..Mapping::default()
    };
    let desk = bench.studio().learn.clone();
    let plan = MidiPlan { desk, mappings: Mappings { list: vec![mapping] }, ..MidiPlan::default() };
    let registry = Arc::clone(&bench.studio().registry);
    let ports = MidiPorts::start(registry, ControlQueue::default(), Notices::default(), plan);
    until(&mut bench, |bench| bench.has("CC 16"));
    (bench, ports)
}

fn until(bench: &mut Bench, mut is_so: impl FnMut(&mut Bench) -> bool) {
    let begin = Instant::now();
    while !is_so(bench) {
        assert!(begin.elapsed() < Duration::from_secs(180), "it never came");
        thread::sleep(Duration::from_millis(5));
        bench.run();
    }
}

#[test]
fn a_mapping_is_listed_by_the_performers_word_and_forgotten_by_a_click() {
    let (mut bench, ports) = bench();
    assert!(bench.has("of the set") && bench.has("Nothing yet: move a control"));
    let origin = bench.studio().learn.state().mappings[0].1;
    assert_eq!(origin, Origin::Set);
    bench.look("page-mappings");
    bench.click("Forget Glide by CC 16");
    until(&mut bench, |bench| bench.has("Nothing is mapped"));
    drop(ports);
}

#[test]
fn a_mapping_is_changed_in_place() {
    let (mut bench, ports) = bench();
    bench.click("Change Glide by CC 16");
    bench.click("Turned round");
    until(&mut bench, |bench| bench.studio().learn.state().mappings[0].0.invert);
    drop(ports);
}

#[test]
fn the_ends_of_a_mapping_are_set_to_where_its_parameter_is() {
    let (mut bench, ports) = bench();
    bench.set("playhead.glide_secs", 1.5);
    bench.click("Change Glide by CC 16");
    bench.look("mapping-range");
    bench.click("Low end at 1.5 s");
    until(&mut bench, |bench| bench.studio().learn.state().mappings[0].0.min == Some(1.5));
    until(&mut bench, |bench| bench.has("1.5 s to 2 s"));
    drop(ports);
}

#[test]
fn a_mapping_is_put_into_a_bank_and_one_is_learnt_beside_it() {
    let (mut bench, ports) = bench();
    assert!(bench.has("Pick up"), "what is usual for a knob");
    bench.click("Change Glide by CC 16");
    bench.look("mapping-change");
    bench.click("Heard in bank 2");
    until(&mut bench, |bench| bench.has("2, not now"));
    assert_eq!(bench.studio().learn.state().mappings[0].0.bank, Some(2));
    let row = bench.find("midi.bank");
    assert_eq!(bench.click("Bank 2"), [by_hand(row, Change::Plain(2.0))]);
    bench.click("Learn a control for...");
    bench.widget("Find").type_text("playhead.speed");
    bench.run();
    bench.click("Speed (playhead.speed)");
    until(&mut bench, |bench| bench.studio().learn.armed().is_some());
    assert_eq!(bench.studio().learn.armed().as_deref(), Some("playhead.speed"));
    drop(ports);
}

fn line(text: &str, outcome: Outcome) -> HeardLine {
    HeardLine { from: HeardFrom::Device("Mix".to_owned()), text: text.to_owned(), outcome }
}

#[test]
fn what_comes_is_told_with_what_became_of_it() {
    let (mut bench, ports) = bench();
    let [glide, hold] = ["playhead.glide_secs", "programme.hold"].map(|id| bench.find(id));
    let ear = bench.studio().ear.clone();
    assert!(ear.is_open());
    let moves = |change| Outcome::Moves { first: vec![change], others: 0 };
    ear.put(line("CC 16 = 64, channel 1", moves((glide, Change::Plain(1.5)))));
    ear.put(line("note 3 struck with 9, channel 1", moves((hold, Change::Press(0.1)))));
    ear.put(line("CC 17 = 3, channel 1", Outcome::Nothing(Why::Unmapped)));
    ear.put(line("CC 16 = 70, channel 1", Outcome::Nothing(Why::Waits(glide))));
    let from = HeardFrom::Program(([127, 0, 0, 1], 5000).into());
    let many = Outcome::Moves { first: vec![(glide, Change::Normalised(0.0))], others: 7 };
    ear.put(HeardLine { from: from.clone(), text: "/playhead/* 0".to_owned(), outcome: many });
    let outcome = Outcome::Nothing(Why::Unknown);
    ear.put(HeardLine { from, text: "/nobody 1".to_owned(), outcome });
    bench.run();
    bench.look("page-mappings-heard");
    for text in [
        "Glide = 1.5",
        "Hold pressed",
        "no mapping listens to it",
        "move it across Glide",
        "7 more",
        "no parameter has this address",
        "OSC from 127.0.0.1:5000",
    ] {
        assert!(bench.has(text), "{text}");
    }

    // Held, it stays; then what comes is heard again.
    bench.click("Hold the list");
    bench.run();
    assert!(!ear.is_open(), "nothing is overheard meanwhile");
    bench.click("Hold the list");
    bench.click("Clear");
    assert!(bench.has("Nothing yet"));
    for number in 0..HEARD_KEPT {
        ear.put(line(&format!("CC {number} = 1"), Outcome::Nothing(Why::Unmapped)));
    }
    bench.run();
    ear.put(line("the last", Outcome::Nothing(Why::Half)));
    bench.run();
    assert!(bench.has("the last"));

    // On another page nobody listens.
    bench.click("Motion");
    bench.run();
    assert!(!ear.is_open());
    drop(ports);
}
