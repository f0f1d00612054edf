//! Rows as lists: every widget comes from its row.

use super::*;
use crate::{
    control::{MidiPlan, MidiPorts},
    params::{Gesture, Grid},
    ports::Notices,
};
use std::{
    thread,
    time::{Duration, Instant},
};

#[test]
fn a_page_has_the_rows_of_its_sections() {
    // So high that all of it is in sight.
    let layout = Layout { mode: Mode::Prepare, page: Page::Motion, ..Layout::default() };
    let mut bench = Bench::new(layout, vec2(1280.0, 2000.0));
    for name in ["Position", "Speed", "Glide", "Grain"] {
        assert!(bench.has(name), "{name}");
    }
    assert!(!bench.has("Noise amount"));
    bench.look("page-motion");
}

#[test]
fn a_switch_and_a_trigger_answer_a_press() {
    let mut bench = Bench::page(Page::Motion);
    let play = bench.find("playhead.reverse");
    let pressed = [by_hand(play, Change::Press(1.0)), by_hand(play, Change::Release)];
    assert_eq!(bench.click("Reverse"), pressed);
}

#[test]
fn nothing_is_sent_where_nothing_is_touched() {
    for page in Page::ALL {
        let mut bench = Bench::page(page);
        for _ in 0..3 {
            bench.run();
        }
        assert_eq!(bench.events(), [], "{page:?}");
    }
}

#[test]
fn a_menu_says_what_presses_do_and_what_they_wait_for() {
    for (line, change) in [
        ("pressed: until pressed again", Change::Gesture(Gesture::Latch)),
        ("2 bars", Change::Quantise(Grid::TwoBars)),
    ] {
        let mut bench = Bench::page(Page::Motion);
        bench.open_menu("Reverse");
        let reverse = bench.find("playhead.reverse");
        assert_eq!(bench.click(line), [by_hand(reverse, change)], "{line}");
    }
}

#[test]
fn a_menu_on_a_widget_arms_it_for_midi() {
    let mut bench = Bench::page(Page::Motion);
    let registry = Arc::clone(&bench.studio().registry);
    let (notices, queue) = (Notices::default(), ControlQueue::default());
    let desk = bench.studio().learn.clone();
    let plan = MidiPlan { desk: desk.clone(), ..MidiPlan::default() };
    let ports = MidiPorts::start(registry, queue, notices, plan);
    bench.open_menu("Reverse");
    bench.click("Learn MIDI");
    let begin = Instant::now();
    while desk.armed().as_deref() != Some("playhead.reverse") {
        assert!(begin.elapsed() < Duration::from_secs(180), "nothing was armed");
        thread::sleep(Duration::from_millis(5));
    }
    bench.run();
    assert!(bench.has("Move a control for Reverse"));
    bench.click("Cancel");
    while desk.armed().is_some() {
        assert!(begin.elapsed() < Duration::from_secs(180), "it is armed for ever");
        thread::sleep(Duration::from_millis(5));
    }
    drop(ports);
}

#[test]
fn a_menu_patches_modulation_onto_a_parameter() {
    let mut bench = Bench::page(Page::Motion);
    bench.open_menu("Glide");
    bench.click("Modulate with");
    bench.click("LFO");
    let done = bench.click("LFO 3");
    let registry = Arc::clone(&bench.studio().registry);
    let names = |id: &str| Change::Plain(registry.plain_of(registry.find(id)));
    let sent = |id: &str, change| by_hand(registry.find(id).expect("a row"), change);
    let wanted = [
        sent("patch.1.source", names("lfo.3.out")),
        sent("patch.1.depth", Change::Plain(0.25)),
        sent("patch.1.target", names("playhead.glide_secs")),
    ];
    assert_eq!(done, wanted);
}

#[test]
fn a_menu_adds_a_parameter_to_a_macro() {
    let mut bench = Bench::page(Page::Motion);
    bench.open_menu("Glide");
    bench.click("Add to macro");
    // The first macro's first two parts are taken from the start.
    let done = bench.click("Macro 1: Wear");
    let registry = Arc::clone(&bench.studio().registry);
    let sent = |id: &str, change| by_hand(registry.find(id).expect("a row"), change);
    let glide = Change::Plain(registry.plain_of(registry.find("playhead.glide_secs")));
    let wanted = [
        sent("macro_part.1.3.low", Change::Plain(0.0)),
        sent("macro_part.1.3.high", Change::Plain(1.0)),
        sent("macro_part.1.3.target", glide),
    ];
    assert_eq!(done, wanted);
}

#[test]
fn a_value_is_typed_in_the_menu() {
    let mut bench = Bench::page(Page::Motion);
    bench.open_menu("Glide");
    bench.widget("Value").focus();
    bench.run();
    bench.widget("Value").type_text("fast");
    bench.run();
    bench.look("menu");
    assert!(bench.has("fast"), "what is no value is said");
    for _ in 0.."fast".len() {
        bench.harness.key_press(egui::Key::Backspace);
        bench.run();
    }
    bench.widget("Value").type_text("1.5");
    bench.run();
    bench.harness.key_press(egui::Key::Enter);
    bench.run();
    let glide = bench.find("playhead.glide_secs");
    assert_eq!(bench.events(), [by_hand(glide, Change::Plain(1.5))]);
}
