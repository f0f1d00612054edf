//! The window without a window: egui's context is given events, and what it answers is looked at.

use super::*;
use crate::{
    control::{MidiPlan, MidiPorts},
    params::{Curve, Gesture, Grid, ParamSpec, Store},
    ports::{Notices, Severity},
    units::ClipIndex,
};
use egui::{Event, Modifiers, PointerButton, Pos2, Rect, pos2, vec2};
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const ROWS: [ParamSpec; 7] = [
    ParamSpec::float("travel.place", "Place", "Where.", (0.0, 1.0), 0.0).transport(),
    ParamSpec::int("travel.size", "Size", "How many.", (1, 60), 6),
    ParamSpec::float("wear.amount", "Amount", "How much.", (0.0, 64.0), 16.0)
        .curve(Curve::Power(2.0))
        .unit("px"),
    ParamSpec::switch("wear.is_on", "Wear", "Whether.", false),
    ParamSpec::choice("wear.way", "Way", "Which.", &["mosh", "heal"], 1),
    ParamSpec::trigger("wear.clean", "Clean", "Begins again."),
    ParamSpec::int("pick.number", "Number", "Which.", (1, 9), 1).transport(),
];

/// A family of triggers, and one that only looks like a member.
const PADS: [ParamSpec; 4] = [
    ParamSpec::trigger("slot.1", "Pad 1", "The first."),
    ParamSpec::trigger("slot.2", "Pad 2", "The second."),
    ParamSpec::trigger("slot.3", "Pad 3", "The third."),
    ParamSpec::trigger("slot.all", "Pads", "All."),
];

/// A window of 1000x720 points over an engine that does nothing.
struct Bench {
    context: egui::Context,
    registry: Arc<Registry>,
    status: Status,
    queue: ControlQueue,
    news: Vec<NewsLine>,
    clip_names: Vec<String>,
    learn: LearnDesk,
}

impl Bench {
    fn new() -> Self {
        let registry = Arc::new(Registry::join(&[&ROWS, &PADS]).expect("rows"));
        let store = Store::new(registry.clone());
        let status = Status {
            base: store.base().clone(),
            result: store.result().clone(),
            clip: Some(ClipIndex(0)),
            slices: 100,
            slot_micros: 33_333,
            ..Status::default()
        };
        let context = egui::Context::default();
        apply_theme(&context);
        Self {
            context,
            registry,
            status,
            queue: ControlQueue::default(),
            news: Vec::new(),
            clip_names: vec!["rabbit".to_owned(), "flower".to_owned()],
            learn: LearnDesk::default(),
        }
    }

    fn find(&self, id: &str) -> ParamIndex {
        self.registry.find(id).expect("a row of this test")
    }

    /// Draws once with these events; gives what the person did and all text with its place.
    fn frame(&self, input: Vec<Event>) -> (Vec<ControlEvent>, Vec<(String, Rect)>) {
        let armed = self.learn.armed();
        let view = View {
            registry: &self.registry,
            status: &self.status,
            news: &self.news,
            clip_names: &self.clip_names,
            queue: &self.queue,
            port_lines: &[],
            preview: None,
            strip: Some(self.find("travel.place")),
            clip_select: Some(self.find("pick.number")),
            keys_line: "space play or pause",
            learn: Some(&self.learn),
            armed: armed.as_deref(),
        };
        let raw = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1000.0, 720.0))),
            events: input,
            ..Default::default()
        };
        let mut events = Vec::new();
        let mut output = self.context.run_ui(raw, |ui| show(ui, &view, &mut events));
        output.textures_delta.clear();
        let mut texts = Vec::new();
        for shape in output.shapes {
            collect(shape.shape, &mut texts);
        }
        (events, texts)
    }

    /// Two frames without input, so that everything has found its place.
    fn texts(&self) -> Vec<(String, Rect)> {
        self.frame(Vec::new());
        self.frame(Vec::new()).1
    }

    fn place_of(&self, text: &str) -> Rect {
        let texts = self.texts();
        let found = texts.iter().find(|(shown, _)| shown == text);
        found.unwrap_or_else(|| panic!("'{text}' is not among {texts:?}")).1
    }

    /// Presses and lets go at a point; gives what the person did.
    fn click(&self, at: Pos2) -> Vec<ControlEvent> {
        self.click_with(PointerButton::Primary, at)
    }

    fn click_with(&self, button: PointerButton, at: Pos2) -> Vec<ControlEvent> {
        let button =
            |pressed| Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE };
        let mut events = self.frame(vec![Event::PointerMoved(at)]).0;
        events.extend(self.frame(vec![button(true)]).0);
        events.extend(self.frame(vec![button(false)]).0);
        events
    }
}

fn collect(shape: egui::Shape, texts: &mut Vec<(String, Rect)>) {
    match shape {
        egui::Shape::Vec(shapes) => shapes.into_iter().for_each(|shape| collect(shape, texts)),
        egui::Shape::Text(text) => {
            let place = text.visual_bounding_rect();
            texts.push((text.galley.text().to_owned(), place));
        }
        _ => {}
    }
}

#[test]
fn every_row_is_drawn_from_its_row() {
    let bench = Bench::new();
    let texts: Vec<String> = bench.texts().into_iter().map(|(text, _)| text).collect();
    for row in ROWS {
        assert!(texts.iter().any(|text| text == row.name), "{} not in {texts:?}", row.name);
    }
    for value in ["16 px", "off", "heal", "fire", "Travel", "Wear", "Pick"] {
        assert!(texts.iter().any(|text| text == value), "{value} not in {texts:?}");
    }
}

#[test]
fn a_menu_says_what_presses_do_and_what_they_wait_for() {
    for (name, id) in [("Clean", "wear.clean"), ("2", "slot.2")] {
        for (line, change) in [
            ("pressed: until pressed again", Change::Gesture(Gesture::Latch)),
            ("2 bars", Change::Quantise(Grid::TwoBars)),
        ] {
            let bench = Bench::new();
            let at = bench.place_of(name).center();
            assert_eq!(bench.click_with(PointerButton::Secondary, at), []);
            let done = bench.click(bench.place_of(line).center());
            assert_eq!(done, [by_hand(bench.find(id), change)], "{name}: {line}");
        }
    }
    let bench = Bench::new();
    let at = bench.place_of("Amount").center();
    bench.click_with(PointerButton::Secondary, at);
    assert!(bench.texts().iter().all(|(text, _)| text != "waits for"), "a fader waits for nothing");
}

#[test]
fn numbered_triggers_are_pads_in_one_line() {
    let bench = Bench::new();
    let (pad, second, third) = (bench.place_of("Pad"), bench.place_of("2"), bench.place_of("3"));
    assert!(
        (pad.center().y - second.center().y).abs() < 2.0 && second.left() > pad.right(),
        "{pad:?} {second:?}"
    );
    assert!((second.center().y - third.center().y).abs() < 2.0 && third.left() > second.right());
    let fired = by_hand(bench.find("slot.2"), Change::Fire);
    assert_eq!(bench.click(second.center()), [fired]);
    // The one that is no member has a line of its own.
    assert!(bench.place_of("Pads").top() > pad.bottom());
}

#[test]
fn nothing_is_sent_where_nothing_is_touched() {
    let bench = Bench::new();
    for _ in 0..3 {
        assert_eq!(bench.frame(Vec::new()).0, []);
    }
}

#[test]
fn a_window_without_a_first_slot_shows_defaults() {
    let mut bench = Bench::new();
    bench.status = Status::default();
    bench.place_of("16 px");
}

#[test]
fn a_switch_a_trigger_and_a_clip_answer_a_click() {
    let bench = Bench::new();
    let wear = by_hand(bench.find("wear.is_on"), Change::Plain(1.0));
    assert_eq!(bench.click(bench.place_of("off").center()), [wear]);
    let clean = by_hand(bench.find("wear.clean"), Change::Fire);
    assert_eq!(bench.click(bench.place_of("fire").center()), [clean]);
    let second = by_hand(bench.find("pick.number"), Change::Plain(2.0));
    assert_eq!(bench.click(bench.place_of("2 flower").center()), [second]);
    // None of these keeps the keyboard: the keys of the instrument go on working.
    assert!(!bench.context.egui_wants_keyboard_input());
}

#[test]
fn a_menu_on_the_name_arms_a_parameter_for_midi() {
    let bench = Bench::new();
    let (notices, queue) = (Notices::default(), ControlQueue::default());
    let plan = MidiPlan { desk: bench.learn.clone(), ..MidiPlan::default() };
    let ports = MidiPorts::start(Arc::clone(&bench.registry), queue, notices, plan);
    let name = bench.place_of("Number").center();
    bench.click_with(PointerButton::Secondary, name);
    bench.click(bench.place_of("Learn MIDI").center());
    let begin = Instant::now();
    while bench.learn.armed().as_deref() != Some("pick.number") {
        assert!(begin.elapsed() < Duration::from_secs(30), "nothing was armed");
        thread::sleep(Duration::from_millis(5));
    }
    bench.place_of("Move a control for Number");
    bench.click(bench.place_of("Cancel").center());
    while bench.learn.armed().is_some() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it is armed for ever");
        thread::sleep(Duration::from_millis(5));
    }
    drop(ports);
}

#[test]
fn a_slider_gives_plain_values_through_its_curve() {
    let bench = Bench::new();
    // At its default of 16 of 64 px the handle stands in the middle (exponent 2). A click on the
    // rail's right quarter is more, and less than all.
    let name = bench.place_of("Amount");
    let value = bench.place_of("16 px");
    let at = |part: f32| {
        pos2(egui::lerp(name.left() + 140.0..=value.left() - 12.0, part), name.center().y)
    };
    let events = bench.click(at(0.75));
    let Some(Change::Plain(plain)) = events.first().map(|event| event.change) else {
        panic!("no plain value in {events:?}");
    };
    // 64 * 0.75^2 = 36; the rail's ends are known here to within a few points.
    assert!((26.0..46.0).contains(&plain), "{plain}");
    assert!(events.iter().all(|event| event.param == bench.find("wear.amount")));
    assert!(!bench.context.egui_wants_keyboard_input());
}

#[test]
fn dragging_in_the_strip_scrubs() {
    let bench = Bench::new();
    let text = bench.place_of("slice 0 of 100 forward");
    let left = 430.0;
    let events = bench.click(pos2((left + 1000.0) / 2.0, text.center().y));
    let Some(Change::Normalised(part)) = events.first().map(|event| event.change) else {
        panic!("nothing scrubbed: {events:?}");
    };
    assert!((part - 0.5).abs() < 0.05, "{part}");
}

#[test]
fn news_and_meters_are_told() {
    let mut bench = Bench::new();
    bench.news.push(NewsLine {
        at_secs: 62.0,
        notice: crate::ports::Notice {
            severity: Severity::Warning,
            text: "MIDI: knob 16 is now Position".to_owned(),
        },
    });
    bench.status.late_slots = 7;
    bench.status.recording = crate::engine::Recording::On { slots: 3_600, refused: 0 };
    // 3,600 slots at 30 a second: two minutes.
    for text in ["MIDI: knob 16 is now Position", "01:02", "7 late", "REC 01:59"] {
        bench.place_of(text);
    }
}

#[test]
fn letters_are_white_on_a_plate() {
    let overlay = Lettering::default().draw("Hi", 24.0, 400.0);
    assert_eq!(overlay.rgba.len(), (overlay.width * overlay.height * 4) as usize);
    let pixels = || overlay.rgba.chunks_exact(4);
    // Premultiplied: no channel above its alpha.
    assert!(pixels().all(|pixel| pixel[..3].iter().all(|channel| *channel <= pixel[3])));
    assert!(pixels().any(|pixel| pixel == [255; 4]));
    assert_eq!(pixels().next(), Some(&[0, 0, 0, 168][..]));
    let white = |overlay: &crate::output::Overlay| {
        overlay.rgba.chunks_exact(4).filter(|pixel| pixel[0] > 128).count()
    };
    let more = Lettering::default().draw("Hi Hi Hi", 24.0, 400.0);
    assert!(white(&more) > 2 * white(&overlay));
    // Too long for its width: more lines, not a wider picture.
    let broken = Lettering::default().draw("Hi Hi Hi", 24.0, 40.0);
    assert!(broken.width < more.width && broken.height > more.height);
}
