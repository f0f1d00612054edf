//! Playing in front of people.

use super::*;
use crate::{
    engine::Recording,
    ports::{Notice, Severity},
};

#[test]
fn one_word_says_what_the_audience_sees() {
    let mut bench = Bench::stage();
    assert!(bench.has("MOSHING"));
    bench.studio().status.is_clean = true;
    bench.run();
    assert!(bench.has("CLEAN"));
    bench.set("programme.hold", 1.0);
    assert!(bench.has("HELD"));
    bench.set("programme.blackout", 1.0);
    assert!(bench.has("BLACK"));
    bench.set("programme.level", 0.0);
    assert!(bench.has("BLACK"));
}

#[test]
fn what_must_be_found_without_looking_stands_in_both_modes_alike() {
    let (stage, prepare) = (Bench::stage(), Bench::page(Page::Wear));
    for name in ["Panic", "Blackout", "Undo"] {
        assert_eq!(stage.place(name), prepare.place(name), "{name}");
    }
}

#[test]
fn panic_and_a_clip_answer() {
    let mut bench = Bench::stage();
    bench.look("stage");
    let panic = bench.find("panic");
    let pressed = [by_hand(panic, Change::Press(1.0)), by_hand(panic, Change::Release)];
    assert_eq!(bench.click("Panic"), pressed);
    let clip = bench.find("clip.select");
    assert_eq!(bench.click("2 flower"), [by_hand(clip, Change::Plain(2.0))]);
}

#[test]
fn dragging_in_the_strip_scrubs() {
    let mut bench = Bench::stage();
    let strip = bench.place("Position");
    let events = bench.click_at(strip.center());
    let Some(Change::Normalised(part)) = events.first().map(|event| event.change) else {
        panic!("nothing scrubbed: {events:?}");
    };
    // Access unit 53 of 106, in superframes of 6: slice 53 of 0 to 100.
    assert!((part - 0.53).abs() < 0.001, "{part}");
}

#[test]
fn a_button_that_is_held_is_let_go_wherever_the_pointer_went() {
    let mut bench = Bench::stage();
    let at = bench.place("Melt").center();
    let melt = bench.find("mosh.melt");
    bench.harness.drag_at(at);
    bench.run();
    assert_eq!(bench.events(), [by_hand(melt, Change::Press(1.0))]);
    bench.harness.hover_at(at + vec2(-400.0, 100.0));
    bench.run();
    assert_eq!(bench.events(), []);
    bench.harness.drop_at(at + vec2(-400.0, 100.0));
    bench.run();
    assert_eq!(bench.events(), [by_hand(melt, Change::Release)]);
}

#[test]
fn the_lamp_opens_into_reasons() {
    let mut bench = Bench::stage();
    assert!(bench.has("Health: All is well"));
    let text = "MIDI: the JACK server has gone; waiting for it".to_owned();
    let notice = Notice { severity: Severity::Warning, text: text.clone(), file: None };
    bench.studio().news.push(NewsLine { at_secs: 0.0, notice });
    bench.run();
    bench.click("Health: Something is missing");
    assert!(bench.has(&text));
    bench.look("health");
}

#[test]
fn a_recording_shows_its_length() {
    let mut bench = Bench::stage();
    // 3,600 slots at 30 a second: two minutes, less the rounding of a slot to microseconds.
    bench.studio().status.recording = Recording::On { slots: 3_600, refused: 0 };
    bench.run();
    assert!(bench.has("REC 01:59"));
}

#[test]
fn late_slots_light_the_lamp_and_are_forgotten() {
    let mut bench = Bench::stage();
    let mut after = |slot, late| {
        let status = &mut bench.studio().status;
        (status.slot, status.late_slots) = (slot, late);
        bench.run();
        bench.has("Health: Something is missing")
    };
    assert!(!after(0, 0));
    assert!(!after(100, 1), "one of a hundred");
    assert!(after(200, 31), "thirty of a hundred");
    assert!(after(400, 31), "not long ago");
    assert!(!after(800, 31), "long ago");
}

#[test]
fn a_button_that_is_held_while_the_window_loses_the_keyboard_is_let_go_once() {
    let mut bench = Bench::stage();
    let at = bench.place("Melt").center();
    let melt = bench.find("mosh.melt");
    bench.harness.drag_at(at);
    bench.run();
    bench.harness.event(egui::Event::WindowFocused(false));
    bench.run();
    bench.run();
    let once = [by_hand(melt, Change::Press(1.0)), by_hand(melt, Change::Release)];
    assert_eq!(bench.events(), once);
    bench.harness.drop_at(at);
    bench.run();
    assert_eq!(bench.events(), []);
}

#[test]
fn small_windows_keep_everything_apart() {
    for (size, scale) in [((960.0, 540.0), 1.0), ((1280.0, 800.0), 2.0), ((1920.0, 1080.0), 2.0)] {
        let layout = Layout { scale, ..Layout::default() };
        let mut bench = Bench::new(layout, vec2(size.0, size.1));
        bench.look(&format!("stage-{}-{scale}", size.0));
        let (strip, panic) = (bench.place("Position"), bench.place("Panic"));
        assert!(panic.bottom() < strip.top(), "{size:?} {strip:?} {panic:?}");
        for name in ["Macro 1: Wear", "Macro 8: Colours"] {
            assert!(bench.place(name).top() >= strip.bottom(), "{size:?} {name}");
        }
    }
}
