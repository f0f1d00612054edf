//! The timeline strip, and the slices played below it.
//!
//! The clip has 106 access units and superframes of 6: slices 0 to 100.

use super::*;
use crate::{engine::NextClip, params::Grid, playhead::MODE, units::Direction};
use egui::{Event, Modifiers, MouseWheelUnit, Pos2, TouchPhase};

/// A clip of 30 seconds whose motion comes and goes, as that of a dance does.
fn dance() -> ClipCard {
    let bytes = |unit: u32| {
        let swell = 1.0 + (f64::from(unit) / 61.0).sin();
        let beat = (-f64::from(unit % 15) / 4.0).exp();
        let grain = f64::from(unit.wrapping_mul(2_654_435_761) >> 24) / 255.0;
        let intra = if unit == 0 { 48_000.0 } else { 0.0 };
        (300.0 + 2_000.0 * swell * (0.3 + beat) + 700.0 * grain + intra) as u32
    };
    ClipCard {
        secs: 30.0,
        forward_bytes: (0..900).map(bytes).collect(),
        backward_bytes: (0..900).rev().map(|unit| bytes(unit.max(1)) * 9 / 10).collect(),
        ..card("dance")
    }
}

/// Where an access unit of the clip begins, while all of it is in sight.
fn at(bench: &Bench, unit: f32) -> Pos2 {
    let strip = bench.place("Position");
    egui::pos2(strip.left() + strip.width() * unit / 106.0, strip.center().y)
}

fn set(bench: &Bench, id: &str, part: f64) -> ControlEvent {
    by_hand(bench.find(id), Change::Normalised(part))
}

/// Drags from place to place, with shift or without; what came of the whole gesture.
fn drag(bench: &mut Bench, from: Pos2, to: Pos2, shift: bool) -> Vec<ControlEvent> {
    let keys = if shift { Modifiers::SHIFT } else { Modifiers::NONE };
    bench.harness.event(Event::ModifiersChanged(keys));
    bench.harness.drag_at(from);
    bench.harness.step();
    bench.harness.hover_at(to);
    bench.harness.step();
    bench.harness.drop_at(to);
    bench.harness.event(Event::ModifiersChanged(Modifiers::NONE));
    bench.run();
    bench.events()
}

fn wheel(bench: &mut Bench, at: Pos2, points: f32) {
    bench.harness.hover_at(at);
    bench.harness.run_steps(10);
    bench.harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    // The wheel is smoothed over some drawings.
    bench.harness.run_steps(10);
}

#[test]
fn a_drag_scrubs_to_the_superframe_that_begins_nearest() {
    for mut bench in [Bench::stage(), Bench::page(Page::Wear)] {
        let (from, to) = (at(&bench, 20.0), at(&bench, 75.2));
        let events = drag(&mut bench, from, to, false);
        assert_eq!(events.first(), Some(&set(&bench, "playhead.position", 0.2)));
        assert_eq!(events.last(), Some(&set(&bench, "playhead.position", 0.75)));
        // Beyond its last beginning there is no superframe.
        let end = at(&bench, 105.0);
        assert_eq!(bench.click_at(end).last(), Some(&set(&bench, "playhead.position", 1.0)));
    }
}

#[test]
fn in_a_loop_the_position_spans_the_loop() {
    let mut bench = Bench::stage();
    bench.studio().status.loop_slices = Some((20, 60));
    bench.run();
    // 30 is a quarter of the way from 20 to 60; 90 lies behind it.
    for (unit, part) in [(30.0, 0.25), (90.0, 1.0), (5.0, 0.0)] {
        let place = at(&bench, unit);
        let events = bench.click_at(place);
        assert_eq!(events.first(), Some(&set(&bench, "playhead.position", part)), "{unit}");
    }
}

#[test]
fn a_drag_with_shift_makes_a_loop_of_what_it_goes_over() {
    let mut bench = Bench::stage();
    // From 80 back to 30: the superframes from 30 to 74, which ends where 80 begins.
    let (from, to) = (at(&bench, 80.0), at(&bench, 30.0));
    let events = drag(&mut bench, from, to, true);
    let switch = by_hand(bench.find("loop.on"), Change::Plain(1.0));
    let asked = [set(&bench, "loop.start", 0.3), set(&bench, "loop.end", 0.74), switch];
    assert_eq!(events[..3], asked);
    assert!(events.iter().all(|event| asked.contains(event)), "{events:?}");
    // Without a drag nothing happens, and what is on is not turned on.
    assert_eq!(drag(&mut bench, from, from, true), []);
    bench.set("loop.on", 1.0);
    let events = drag(&mut bench, from, to, true);
    assert!(!events.is_empty() && !events.contains(&switch), "{events:?}");
}

#[test]
fn the_wheel_zooms_around_the_pointer() {
    let mut bench = Bench::stage();
    let middle = at(&bench, 53.0);
    wheel(&mut bench, middle, 120.0);
    // Twice as close around access unit 53: 26.5 to 79.5. What stood at 43 is 48 now, 73 is 63.
    for (unit, part) in [(53.0, 0.53), (43.0, 0.48), (73.0, 0.63)] {
        let place = at(&bench, unit);
        let events = bench.click_at(place);
        assert_eq!(events.first(), Some(&set(&bench, "playhead.position", part)), "{unit}");
    }
    // The part in sight is dragged: half of the strip is half of the clip.
    let line = bench.place("Part in sight");
    assert!(
        drag(&mut bench, line.center(), line.center() + vec2(-line.width(), 0.0), false).is_empty()
    );
    let place = at(&bench, 20.0);
    assert_eq!(bench.click_at(place).first(), Some(&set(&bench, "playhead.position", 0.1)));
    wheel(&mut bench, place, -400.0);
    assert!(!bench.has("Part in sight"));
    let place = at(&bench, 20.0);
    assert_eq!(bench.click_at(place).first(), Some(&set(&bench, "playhead.position", 0.2)));
}

#[test]
fn a_double_click_below_shows_all_again_and_every_clip_is_zoomed_by_itself() {
    let mut bench = Bench::stage();
    let middle = at(&bench, 53.0);
    wheel(&mut bench, middle, 240.0);
    assert!(bench.has("Part in sight"));
    bench.studio().status.clip = Some(ClipIndex(1));
    bench.run();
    assert!(!bench.has("Part in sight"));
    bench.studio().status.clip = Some(ClipIndex(0));
    bench.run();
    assert!(bench.has("Part in sight"));
    let below = bench.place("Part in sight").center();
    let button = |pressed| Event::PointerButton {
        pos: below,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    // All in one drawing: as fast as two clicks are meant to be.
    let clicks = [true, false, true, false].map(button);
    bench.harness.input_mut().events.extend(clicks);
    bench.harness.step();
    bench.run();
    assert!(!bench.has("Part in sight"));
}

#[test]
fn a_click_on_a_flag_goes_to_its_cue() {
    let mut bench = Bench::stage();
    bench.set("cue.3.at", 0.9);
    // 0.9 of slices 0 to 100 is 90.
    let flag = bench.place("Cue 3 in the strip");
    assert!((flag.left() - at(&bench, 90.0).x).abs() < 1.0, "{flag}");
    let go = bench.find("cue.3.go");
    let pressed = [by_hand(go, Change::Press(1.0)), by_hand(go, Change::Release)];
    assert_eq!(bench.click_at(flag.center()), pressed);
    assert_eq!(bench.click("Cue 8 in the strip")[0].param, bench.find("cue.8.go"));
}

#[test]
fn a_flag_is_dragged_while_setting_up_and_never_while_playing() {
    let mut bench = Bench::page(Page::Wear);
    bench.set("cue.3.at", 0.9);
    let flag = bench.place("Cue 3 in the strip").center();
    // Taken hold of in its middle, let go as far from where it shall be: 40 access units to the left.
    let width = bench.place("Position").width() / 106.0;
    let to = flag - vec2(40.0 * width, 0.0);
    let events = drag(&mut bench, flag, to, false);
    let moved = set(&bench, "cue.3.at", 0.5);
    assert!(events.last() == Some(&moved), "{events:?}");
    let at = bench.find("cue.3.at");
    assert!(events.iter().all(|event| event.param == at), "no jump: {events:?}");
    // A click goes there; with alt the cue is where it was at first.
    let go = bench.find("cue.3.go");
    let pressed = [by_hand(go, Change::Press(1.0)), by_hand(go, Change::Release)];
    assert_eq!(bench.click_at(flag), pressed);
    bench.harness.event(Event::ModifiersChanged(Modifiers::ALT));
    let default = bench.harness.state().registry.row(at).default;
    assert_eq!(bench.click_at(flag), [by_hand(at, Change::Plain(default))]);
    bench.harness.event(Event::ModifiersChanged(Modifiers::NONE));

    let mut bench = Bench::stage();
    bench.set("cue.3.at", 0.9);
    let flag = bench.place("Cue 3 in the strip").center();
    let events = drag(&mut bench, flag, flag - vec2(200.0, 0.0), false);
    assert!(events.iter().all(|event| event.param == go), "{events:?}");
}

#[test]
fn the_edges_of_a_loop_are_dragged() {
    for mut bench in [Bench::stage(), Bench::page(Page::Wear)] {
        assert!(bench.harness.query_by_label("Loop in in the strip").is_none(), "no loop, no edge");
        for (id, part) in [("loop.start", 0.2), ("loop.end", 0.6)] {
            let row = bench.find(id);
            bench.studio().status.base.put(row, part);
        }
        bench.studio().status.loop_slices = Some((20, 60));
        bench.run();
        // It begins with slice 20, and the last superframe, from 60, is played to 66.
        let (from, to) = (at(&bench, 20.0), at(&bench, 35.0));
        let events = drag(&mut bench, from, to, false);
        assert_eq!(events, [set(&bench, "loop.start", 0.35)], "and nothing is scrubbed");
        let (from, to) = (at(&bench, 66.0), at(&bench, 96.0));
        assert_eq!(drag(&mut bench, from, to, false), [set(&bench, "loop.end", 0.9)]);
        // One never passes the other.
        let (from, to) = (at(&bench, 66.0), at(&bench, 3.0));
        assert_eq!(drag(&mut bench, from, to, false), [set(&bench, "loop.end", 0.2)]);
        // The beat says how long it is: only its beginning is to be had.
        bench.studio().status.loop_slices = Some((20, 44));
        bench.run();
        assert!(bench.harness.query_by_label("Loop in in the strip").is_some());
        assert!(bench.harness.query_by_label("Loop out in the strip").is_none());
    }
}

#[test]
fn a_right_click_does_not_scrub() {
    let mut bench = Bench::stage();
    bench.widget("Position").click_secondary();
    bench.run();
    assert_eq!(bench.events(), []);
    assert!(bench.has("Copy the OSC address"));
}

#[test]
fn the_clip_that_waits_is_named() {
    let mut bench = Bench::stage();
    assert!(!bench.has("next:"));
    let next = NextClip { clip: ClipIndex(2), waits_for: Grid::Bar };
    bench.studio().status.next_clip = Some(next);
    bench.run();
    assert!(bench.has("next: carousel"));
}

#[test]
fn no_clip_is_said_and_answers_nothing() {
    let mut bench = Bench::stage();
    bench.studio().status.clip = None;
    bench.run();
    let place = bench.place("Position").center();
    assert_eq!(bench.click_at(place), []);
}

#[test]
fn what_was_played_is_remembered_in_both_modes() {
    let mut bench = Bench::stage();
    for slot in 1..=60 {
        bench.studio().status.slot = slot;
        bench.harness.step();
    }
    // The first drawing was slot 0.
    assert_eq!(bench.studio().surface.strip.played.dots().count(), 61);
    bench.studio().surface.layout.mode = Mode::Prepare;
    bench.run();
    assert!(bench.has("Slices played in the last 30 seconds"));
    assert_eq!(bench.studio().surface.strip.played.dots().count(), 61);
}

/// A stretch of playing: on and on, scrubbed back, a loop, another clip.
fn play(bench: &mut Bench) {
    bench.studio().clips[0] = dance();
    for slot in 0..1_000_u64 {
        let status = &mut bench.studio().status;
        let (slice, direction) = match slot {
            0..300 => (slot / 6 * 6, Direction::Forward),
            300..500 => (300 - (slot - 300) / 6 * 6, Direction::Backward),
            500..700 => (420 + slot % 90 / 6 * 6, Direction::Forward),
            _ => (slot.wrapping_mul(2_654_435_761) / 7 % 890, Direction::Forward),
        };
        status.slot = slot;
        status.clip = Some(ClipIndex(u16::from((600..640).contains(&slot))));
        status.slices = 895;
        status.slice = slice as u32;
        status.access_unit = slice as u32 + (slot % 6) as u32;
        status.position = slice as f64 / 894.0;
        status.direction = direction;
        let Studio { surface, status, .. } = bench.studio();
        surface.strip.played.note(status);
    }
    let status = &mut bench.studio().status;
    (status.slice, status.access_unit, status.position) = (420, 423, 0.47);
    bench.run();
}

#[test]
fn pictures() {
    for (name, size, scale) in [
        ("1280", vec2(1280.0, 800.0), 1.0),
        ("1920", vec2(1920.0, 1080.0), 1.0),
        ("1280-twice", vec2(2560.0, 1600.0), 2.0),
    ] {
        for mode in [Mode::Show, Mode::Prepare] {
            let layout = Layout { mode, page: Page::Wear, ..Layout::default() };
            let mut bench = Bench::new(layout, size);
            bench.harness.set_pixels_per_point(scale);
            play(&mut bench);
            bench.set("cue.3.at", 0.31);
            bench.look(&format!("strip-{mode:?}-{name}"));
            if scale > 1.0 {
                continue;
            }
            // In a loop, against its way, while another clip waits.
            bench.studio().status.loop_slices = Some((380, 600));
            bench.studio().status.direction = Direction::Backward;
            let next = NextClip { clip: ClipIndex(1), waits_for: Grid::Bar };
            bench.studio().status.next_clip = Some(next);
            bench.run();
            let pointer = bench.place("Position").center() + vec2(100.0, 0.0);
            bench.harness.hover_at(pointer);
            bench.harness.run_steps(10);
            bench.look(&format!("loop-{mode:?}-{name}"));
            bench.harness.remove_cursor();
            bench.studio().status.next_clip = None;
            bench.studio().status.loop_slices = None;
            bench.studio().status.direction = Direction::Forward;
            // On a function's way, zoomed in.
            bench.set("playhead.mode", MODE.plain_from_normalised(1.0));
            bench.studio().status.superframe_number = 190;
            bench.run();
            bench.look(&format!("function-{mode:?}-{name}"));
            let strip = bench.place("Position");
            let pointer = egui::pos2(strip.left() + strip.width() * 0.47, strip.center().y);
            wheel(&mut bench, pointer, 500.0);
            bench.harness.remove_cursor();
            bench.studio().status.is_playing = false;
            bench.run();
            bench.look(&format!("zoomed-{mode:?}-{name}"));
        }
    }
}
