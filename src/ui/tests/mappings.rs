//! What controllers move.

use super::*;
use crate::control::{Mapping, Mappings, MidiPlan, MidiPorts, Origin, mapping::MessageKind};
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
