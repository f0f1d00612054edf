//! The clip bank: tiles, cues, slots for grabbed pictures.

use super::*;
use crate::{clip::Mosh, engine::NextClip, params::Grid};
use egui_kittest::kittest::by;

/// A book of pages with a bright disc that wanders over a sky of this hue, 0..=1.
fn book(pages: usize, hue: f32) -> Flipbook {
    let (width, height) = (160_usize, 90_usize);
    let pixel = |page: usize, x: usize, y: usize| {
        let centre = (30.0 + 100.0 * page as f32 / pages as f32, 40.0 + 8.0 * page as f32 % 30.0);
        let away = (x as f32 - centre.0).hypot(y as f32 - centre.1);
        let value = if away < 16.0 { 1.0 } else { 0.2 + 0.5 * y as f32 / height as f32 };
        let color = egui::ecolor::Hsva::new((hue + x as f32 / 900.0).fract(), 0.6, value, 1.0);
        color.to_srgb()
    };
    let rows = (0..pages).flat_map(|page| (0..height).map(move |y| (page, y)));
    let rgb = rows.flat_map(|(page, y)| (0..width).flat_map(move |x| pixel(page, x, y)));
    Flipbook::new(width, height, rgb.collect()).expect("whole pages")
}

/// This many clips of several names, lengths and holds, with pictures.
fn many(clips: usize) -> Vec<ClipCard> {
    let names = ["rabbit", "flower", "carousel", "tram at night", "static", "the long corridor"];
    let card = |place: usize| {
        let hold = [Some(Mosh::Soft), Some(Mosh::Hard), Some(Mosh::Forever), None][place % 4];
        let card = ClipCard {
            hold,
            secs: 3.5 + 13.0 * place as f64,
            encoder: ["mpeg4", "libx264"][place % 2].to_owned(),
            ..card(names[place % names.len()])
        };
        card.pictures.put_still(book(1, place as f32 * 0.13));
        card.pictures.put_moving(book(8, place as f32 * 0.13));
        card
    };
    (0..clips).map(card).collect()
}

impl Bench {
    /// What a program says of a widget beside its name.
    fn spoken(&self, name: &str) -> String {
        self.widget(name).value().unwrap_or_default()
    }

    fn lend(&mut self, clips: Vec<ClipCard>) {
        self.studio().clips = clips;
        self.run();
    }

    fn shows(&self, name: &str) -> bool {
        self.harness.query_by_label(name).is_some()
    }
}

#[test]
fn a_click_on_a_tile_plays_the_clip() {
    let mut bench = Bench::page(Page::Clips);
    let clip = bench.find("clip.select");
    assert_eq!(bench.click("2 flower"), [by_hand(clip, Change::Plain(2.0))]);
}

#[test]
fn a_tile_says_what_the_clip_is_and_what_it_does() {
    let mut bench = Bench::page(Page::Clips);
    bench.lend(many(8));
    assert_eq!(bench.spoken("1 rabbit"), "0:04, mpeg4, SOFT, PLAYS");
    assert_eq!(bench.spoken("2 flower"), "0:17, libx264, HARD");
    assert_eq!(bench.spoken("3 carousel"), "0:30, mpeg4, FOREVER");
    assert_eq!(bench.spoken("4 tram at night"), "0:43, libx264");
    bench.studio().status.next_clip = waiting(2);
    bench.run();
    assert_eq!(bench.spoken("3 carousel"), "0:30, mpeg4, FOREVER, NEXT");
    assert_eq!(bench.spoken("1 rabbit"), "0:04, mpeg4, SOFT, PLAYS");
    let middle = bench.place("2 flower").center();
    bench.harness.hover_at(middle);
    bench.run();
    bench.look("bank");
}

#[test]
fn a_tile_has_a_menu() {
    let mut bench = Bench::page(Page::Clips);
    bench.widget("2 flower").click_secondary();
    bench.run();
    assert!(bench.has("Copy the OSC address"));
    assert_eq!(bench.events(), []);
}

#[test]
fn of_fifty_clips_only_those_in_sight_are_drawn_and_asked_for_pictures() {
    let mut bench = Bench::page(Page::Clips);
    bench.lend((0..50).map(|_| card("rabbit")).collect());
    let is_wanted =
        |bench: &mut Bench, place: usize| bench.studio().clips[place].pictures.are_wanted();
    assert!(bench.shows("1 rabbit") && is_wanted(&mut bench, 0));
    assert!(!bench.shows("50 rabbit") && !is_wanted(&mut bench, 49));
    let middle = bench.place("1 rabbit").center();
    bench.harness.hover_at(middle);
    let wheel = egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, -5_000.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    };
    bench.harness.event(wheel);
    bench.harness.run_steps(60);
    assert!(bench.shows("50 rabbit") && is_wanted(&mut bench, 49));
    assert!(!bench.shows("1 rabbit"));
}

#[test]
fn while_playing_the_clip_in_play_is_in_sight() {
    let mut bench = Bench::stage();
    bench.lend(many(50));
    assert!(bench.shows("1 rabbit") && !bench.shows("41 static"));
    bench.studio().status.clip = Some(ClipIndex(40));
    bench.studio().status.next_clip = waiting(41);
    bench.run();
    assert!(!bench.shows("1 rabbit"));
    assert!(bench.spoken("41 static").ends_with("PLAYS"));
    let pads = bench.place("Melt").top();
    assert!(bench.place("41 static").bottom() < pads);
    bench.look("bank-stage");
}

#[test]
fn cues_are_gone_to_set_and_moved() {
    let mut bench = Bench::page(Page::Clips);
    let (go, set, at) = (bench.find("cue.3.go"), bench.find("cue.3.set"), bench.find("cue.3.at"));
    let pressed = |param| [by_hand(param, Change::Press(1.0)), by_hand(param, Change::Release)];
    assert_eq!(bench.click("Cue 3"), pressed(go));
    assert_eq!(bench.click("Set cue 3"), pressed(set));
    let bar = bench.place("Cue 3 at");
    bench.harness.drag_at(bar.center());
    bench.run();
    bench.harness.hover_at(bar.center() + vec2(bar.width() / 4.0, 0.0));
    bench.run();
    bench.harness.drop_at(bar.center() + vec2(bar.width() / 4.0, 0.0));
    bench.run();
    let events = bench.events();
    let Some(ControlEvent { param, change: Change::Normalised(part), .. }) = events.last() else {
        panic!("nothing moved: {events:?}");
    };
    assert!(*param == at && (part - 0.75).abs() < 0.02, "{part}");
}

#[test]
fn slots_say_whether_they_hold_a_picture() {
    let mut bench = Bench::page(Page::Clips);
    bench.lend(many(7));
    bench.studio().status.grabs_filled = 0b1000_0101;
    bench.studio().grabs.put(0, book(1, 0.5));
    bench.studio().grabs.put(2, book(1, 0.9));
    bench.run();
    for (slot, word) in [(1, "filled"), (2, "empty"), (3, "filled"), (7, "empty"), (8, "filled")] {
        assert_eq!(bench.spoken(&format!("Throw {slot}")), word, "{slot}");
    }
    let (grab, throw) = (bench.find("grab.2"), bench.find("throw.3"));
    let pressed = |param| [by_hand(param, Change::Press(1.0)), by_hand(param, Change::Release)];
    assert_eq!(bench.click("Grab 2"), pressed(grab));
    assert_eq!(bench.click("Throw 3"), pressed(throw));
    bench.look("bank-slots");
}

#[test]
fn the_page_has_the_settings_of_the_clip_and_of_all_clips_once_each() {
    let mut bench = Bench::new(
        Layout { mode: Mode::Prepare, page: Page::Clips, ..Layout::default() },
        vec2(1600.0, 2400.0),
    );
    bench.run();
    for name in ["Entry", "Grain", "Speed", "Stay", "Together", "Grab from", "Resample length"] {
        let names = by().role(egui::Role::Label).value(name);
        assert_eq!(bench.harness.query_all(names).count(), 1, "{name}");
    }
    bench.look("bank-tall");
}

#[test]
fn without_a_clip_there_is_a_line_that_says_so() {
    let mut bench = Bench::page(Page::Clips);
    bench.studio().status.clip = None;
    bench.lend(Vec::new());
    assert!(bench.has("There is no clip yet") && bench.has("No clip plays"));
}

#[test]
fn pictures_are_put_on_the_device_once_and_again_on_another() {
    let (clip, other) = (Pictures::default(), Pictures::default());
    clip.put_still(book(1, 0.0));
    let mut gallery = gallery::Gallery::default();
    let mut draw = |context: &egui::Context, in_motion: bool| {
        let mut is_there = (false, false);
        let output = context.run_ui(egui::RawInput::default(), |ui| {
            let place = Rect::from_min_size(egui::Pos2::ZERO, vec2(160.0, 90.0));
            is_there.0 = gallery.paint(ui, &clip, place, in_motion);
            is_there.1 = gallery.paint(ui, &other, place, in_motion);
        });
        assert_eq!(is_there, (true, false));
        // The letters are another.
        let mut textures = output.textures_delta;
        let is_ours = |id: &&egui::TextureId| **id != egui::TextureId::default();
        let ours = textures.set.keys().filter(is_ours).count();
        textures.clear();
        ours
    };
    let (first, second) = (egui::Context::default(), egui::Context::default());
    assert_eq!((draw(&first, false), draw(&first, false)), (1, 0));
    assert_eq!((draw(&second, false), draw(&second, false)), (1, 0));
    assert!(other.are_wanted());
    // What does not move yet stands still.
    assert_eq!(draw(&second, true), 0);
    clip.put_moving(book(8, 0.0));
    assert_eq!((draw(&second, true), draw(&second, true)), (1, 0));
}

/// This clip waits for the superframe's end.
fn waiting(clip: u16) -> Option<NextClip> {
    Some(NextClip { clip: ClipIndex(clip), waits_for: Grid::Off })
}
