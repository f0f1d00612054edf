//! When the window is drawn, and what of it: nothing moves, nothing is drawn.

use super::*;
use crate::{
    engine::Recording,
    ports::{Notice, Severity},
};

/// Whether this change of the instrument is one to draw.
fn is_seen(mode: Mode, page: Page, change: impl Fn(&mut Status)) -> bool {
    let mut studio = Studio::new(Layout { mode, page, ..Layout::default() });
    let (registry, mut status) = (Arc::clone(&studio.registry), studio.status.clone());
    assert!(studio.surface.sees(&registry, &status), "the first time everything is new");
    if mode == Mode::Show {
        assert!(!studio.surface.sees(&registry, &status), "nothing has changed");
    }
    change(&mut status);
    studio.surface.sees(&registry, &status)
}

#[test]
fn a_slot_in_which_nothing_happens_is_not_drawn() {
    let idle = |status: &mut Status| {
        status.slot += 1;
        status.decode_micros += 70;
        status.gpu_micros += 300;
        status.beats += 0.01;
    };
    assert!(!is_seen(Mode::Show, Page::Status, idle));
    assert!(!is_seen(Mode::Prepare, Page::Clips, idle));
    // Pages of counters and meters.
    for page in [Page::Status, Page::Modulation, Page::Mappings, Page::All] {
        assert!(is_seen(Mode::Prepare, page, idle), "{page:?}");
    }
}

#[test]
fn whatever_is_in_sight_is_drawn_when_it_changes() {
    let second = |status: &mut Status, slots| {
        status.recording = Recording::On { slots, refused: 0 };
    };
    let changes: [&dyn Fn(&mut Status); 7] = [
        &|status| status.slice += 1,
        &|status| status.access_unit += 1,
        &|status| status.generation += 1,
        &|status| status.beats += 1.0,
        &|status| status.is_playing = false,
        &|status| second(status, 0),
        &|status| status.caption = Some("Melt".into()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert!(is_seen(Mode::Show, Page::Clips, change), "{number}");
    }
    let mut studio = Studio::new(Layout::default());
    let registry = Arc::clone(&studio.registry);
    let row = registry.find("decay.feedback").expect("a row");
    let meter = registry.find("lfo.1.out").expect("a row");
    assert!(registry.row(meter).is_meter);
    let mut status = studio.status.clone();
    studio.surface.sees(&registry, &status);
    status.result.put(meter, 0.7);
    assert!(!studio.surface.sees(&registry, &status), "no meter is in sight");
    status.result.put(row, 0.7);
    assert!(studio.surface.sees(&registry, &status));
    // One late slot of a hundred is nothing, thirty of two hundred light the lamp.
    (status.slot, status.late_slots) = (100, 1);
    assert!(!studio.surface.sees(&registry, &status));
    (status.slot, status.late_slots) = (200, 30);
    assert!(studio.surface.sees(&registry, &status), "the lamp warns");
    (status.slot, status.late_slots) = (210, 32);
    assert!(!studio.surface.sees(&registry, &status), "it warns already");
    // The recorder's clock shows seconds: 29 slots of 33,333 us are less than one.
    second(&mut status, 1);
    assert!(studio.surface.sees(&registry, &status));
    second(&mut status, 29);
    assert!(!studio.surface.sees(&registry, &status));
    second(&mut status, 31);
    assert!(studio.surface.sees(&registry, &status));
}

fn say(bench: &mut Bench, at_secs: f64, severity: Severity, text: &str) {
    let notice = Notice { severity, text: text.to_owned(), file: None };
    bench.studio().news.push(NewsLine { at_secs, notice });
    bench.run();
}

#[test]
fn an_error_stays_in_the_lamp_until_it_is_seen() {
    let mut bench = Bench::stage();
    say(&mut bench, 1.0, Severity::Error, "the disk is full");
    say(&mut bench, 1.0, Severity::Warning, "a port is gone");
    bench.studio().now_secs = 500.0;
    bench.run();
    bench.click("Health: Something failed");
    // What is over and no error was forgotten by itself.
    assert!(bench.has("the disk is full") && !bench.has("a port is gone"));
    bench.look("lamp");
    bench.click("Health: Something failed");
    bench.place("Health: All is well");
    say(&mut bench, 501.0, Severity::Error, "the encoder failed");
    bench.studio().now_secs = 900.0;
    bench.run();
    bench.click("Health: Something failed");
    assert!(bench.has("the encoder failed") && !bench.has("the disk is full"));
}

#[test]
fn rows_out_of_sight_are_not_drawn_and_keep_their_place() {
    let mut bench = Bench::page(Page::Motion);
    let is_drawn =
        |bench: &Bench, name: &str| bench.harness.query_all_by_label(name).next().is_some();
    // The first and one of the last sections.
    assert!(is_drawn(&bench, "Speed") && !is_drawn(&bench, "Tempo x2"));
    let middle = bench.harness.query_all_by_label("Speed").next().expect("a row").rect().center();
    bench.harness.hover_at(middle);
    for _ in 0..20 {
        bench.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -400.0),
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
            source: egui::MouseWheelSource::Wheel,
        });
        bench.harness.run_steps(10);
    }
    assert!(!is_drawn(&bench, "Speed") && is_drawn(&bench, "Tempo x2"));
}

#[test]
fn the_keyboard_comes_to_rows_out_of_sight() {
    let mut bench = Bench::page(Page::Motion);
    let is_drawn = |bench: &Bench| bench.harness.query_all_by_label("Tempo x2").next().is_some();
    assert!(!is_drawn(&bench));
    for _ in 0..300 {
        bench.harness.key_press(egui::Key::Tab);
        bench.harness.run_steps(2);
        if is_drawn(&bench) {
            return;
        }
    }
    panic!("it never came there");
}

#[test]
fn the_library_is_searched_when_it_or_the_words_change() {
    let mut bench = Bench::page(Page::Library);
    bench.studio().desk.is_open = true;
    let card = |name: &str| LibraryCard {
        folder: format!("/library/{name}").into(),
        name: name.to_owned(),
        hold: None,
        secs: 1.0,
        canvas: "640x360@30".to_owned(),
        encoder: "mpeg4".to_owned(),
        bytes: 1_000_000,
        age_secs: None,
        tags: vec!["Sea".to_owned()],
        refusal: None,
    };
    bench.studio().desk.library = Some(["Beach", "Forest"].map(card).into());
    bench.run();
    bench.widget("Find").focus();
    bench.run();
    bench.widget("Find").type_text("BEA sea");
    bench.run();
    assert!(bench.has("1 of 2 clips"));
    let searched = bench.studio().surface.shelf.searches();
    bench.run();
    bench.run();
    assert_eq!(bench.studio().surface.shelf.searches(), searched);
    bench.studio().desk.library = Some(["Beach", "beads", "Forest"].map(card).into());
    bench.run();
    assert!(bench.has("2 of 3 clips"));
}
