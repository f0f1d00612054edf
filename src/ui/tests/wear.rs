//! The rack of wear, and the looks.

use super::*;
use crate::set;
use egui::{Color32, ColorImage};
use egui_kittest::kittest::NodeT;

/// As many looks as come with the program, each with a picture of stripes in a colour of its own.
fn looks() -> Vec<LookCard> {
    let picture = |place: usize| {
        let hue = place as f32 / set::SHIPPED.len() as f32;
        let color = Color32::from(egui::ecolor::Hsva::new(hue, 0.7, 0.9, 1.0));
        let pixel = |at: usize| {
            let (x, y) = (at % 160, at / 160);
            color.gamma_multiply(((x + y * (1 + place % 3)) % 40) as f32 / 40.0)
        };
        Arc::new(ColorImage::new([160, 90], (0..160 * 90).map(pixel).collect()))
    };
    let card = |(place, (name, _)): (usize, &(&str, &str))| LookCard {
        name: (*name).to_owned(),
        // One has none yet.
        picture: (place != 7).then(|| picture(place)),
    };
    set::SHIPPED.iter().enumerate().map(card).collect()
}

/// The rack, high enough for all strips.
fn rack() -> Bench {
    let layout = Layout { mode: Mode::Prepare, page: Page::Wear, ..Layout::default() };
    Bench::new(layout, vec2(1280.0, 1400.0))
}

/// Several rows at once.
fn set_all(bench: &mut Bench, values: &[(&str, f64)]) {
    let registry = Arc::clone(&bench.studio().registry);
    let mut store = Store::new(registry);
    for (id, plain) in values {
        store.set(bench.find(id), *plain);
    }
    store.settle();
    bench.studio().status.base = store.base().clone();
    bench.studio().status.result = store.result().clone();
    bench.run();
}

/// The names of these stages from top to bottom.
fn order(bench: &Bench, names: &[&str]) -> Vec<String> {
    let mut found: Vec<(f32, String)> = names
        .iter()
        .map(|name| (bench.place(&format!("Carry {name}")).top(), (*name).to_owned()))
        .collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    found.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn strips_stand_in_the_order_in_which_the_stages_run() {
    let mut bench = rack();
    assert_eq!(order(&bench, &["Noise", "Blocks", "Blur"]), ["Noise", "Blur", "Blocks"]);
    set_all(&mut bench, &[("order.noise", 99.0)]);
    assert_eq!(order(&bench, &["Noise", "Blocks", "Blur"]), ["Blur", "Blocks", "Noise"]);
}

#[test]
fn a_step_up_or_down_changes_the_place() {
    let mut bench = rack();
    // Errors stand between shift (20) and noise (30).
    let errors = bench.find("order.errors");
    assert_eq!(bench.click("Move Errors up"), [by_hand(errors, Change::Plain(15.0))]);
    let events = bench.click("Move Errors down");
    let [event] = events[..] else { panic!("{events:?}") };
    let Change::Plain(place) = event.change else { panic!("{event:?}") };
    assert!(event.param == errors && place > 30.0 && place < 40.0, "{event:?}");
    // Both ends stay where they are.
    assert_eq!(bench.click("Move Mirror up"), []);
    assert_eq!(bench.click("Move Codec down"), []);
}

#[test]
fn a_strip_that_is_dragged_lands_where_it_is_let_go() {
    let mut bench = rack();
    let grip = bench.place("Carry Mirror").center();
    let sharpen = bench.place("Carry Sharpen");
    bench.harness.drag_at(grip);
    bench.run();
    bench.harness.hover_at(pos2(grip.x, sharpen.center().y - 30.0));
    bench.run();
    bench.harness.hover_at(pos2(grip.x, sharpen.center().y + 4.0));
    bench.run();
    assert_eq!(bench.events(), [], "nothing moves before it is let go");
    bench.look("wear-carried");
    bench.harness.drop_at(pos2(grip.x, sharpen.center().y + 4.0));
    bench.run();
    let events = bench.events();
    let mirror = bench.find("order.mirror");
    let [event] = events[..] else { panic!("{events:?}") };
    let Change::Plain(place) = event.change else { panic!("{event:?}") };
    // After sharpen (60), before colour drift (65).
    assert!(event.param == mirror && place > 60.0 && place < 65.0, "{event:?}");
}

#[test]
fn a_switch_is_pressed_and_an_amount_is_set() {
    let mut bench = rack();
    let noise = bench.find("decay.noise");
    let pressed = [by_hand(noise, Change::Press(1.0)), by_hand(noise, Change::Release)];
    assert_eq!(bench.click("Noise"), pressed);
    let amount = bench.find("decay.blur_radius_px");
    let middle = bench.place("Blur radius").center();
    let events = bench.click_at(middle);
    assert!(!events.is_empty(), "nothing was set");
    for event in events {
        let Change::Normalised(part) = event.change else { panic!("{event:?}") };
        assert!(event.param == amount && (part - 0.5).abs() < 0.01, "{event:?}");
    }
}

#[test]
fn arrow_keys_step_an_amount() {
    let mut bench = rack();
    bench.widget("Noise amplitude").focus();
    bench.run();
    bench.harness.key_press(egui::Key::ArrowRight);
    bench.run();
    let amplitude = bench.find("decay.noise_amplitude");
    assert_eq!(bench.events(), [by_hand(amplitude, Change::Normalised(0.01))]);
}

#[test]
fn a_strip_says_what_its_stage_does() {
    let mut bench = rack();
    let count = |bench: &Bench, word: &str| bench.harness.query_all_by_label(word).count();
    // Nothing wears anything at first.
    assert_eq!(
        count(&bench, "rests"),
        crate::decay::Lineup::find(&bench.harness.state().registry).len()
    );
    bench.studio().status.generation = 60;
    let wearing = [
        ("decay.noise_amplitude", 4.0),
        ("decay.blur_radius_px", 1.3),
        ("age.blur_from", 70.0),
        ("decay.sharpen", 0.0),
        ("decay.sharpen_amount", 1.0),
        ("age.noise_middle", 0.5),
    ];
    set_all(&mut bench, &wearing);
    assert_eq!(count(&bench, "works"), 1);
    assert_eq!(count(&bench, "waits"), 1);
    assert_eq!(count(&bench, "off"), 1);
    assert!(bench.has("Noise by age: part 0.50 at age 60"));
    assert!(bench.has("Blur by age: part 0.00 at age 60"));
    bench.studio().status.generation = 70;
    bench.run();
    assert_eq!(count(&bench, "works"), 2);
}

#[test]
fn a_strip_opens_into_the_rest_of_its_stage() {
    let mut bench = rack();
    assert!(!bench.has("Blur from"));
    bench.click("Blur: more");
    for name in ["Blur from", "Blur every", "Blur young", "Blur middle", "Blur place"] {
        assert!(bench.has(name), "{name}");
    }
    assert!(!bench.has("Noise from"));
    bench.click("Blur: less");
    assert!(!bench.has("Blur from"));
}

#[test]
fn tables_are_shown_with_their_numbers() {
    let mut bench = rack();
    let map = "Blocks table: brightness";
    assert!(bench.has("nothing is quantised"));
    set_all(&mut bench, &[("decay.dct_table", 2.0)]);
    // The table of the loop, by its ends.
    assert!(bench.has("brightness 8 to 255"));
    let place = bench.place(map);
    // The second line's third step: 20 24 32 ... stands below 12 16 24.
    bench.harness.hover_at(place.min + place.size() * vec2(2.5 / 8.0, 1.5 / 8.0));
    for _ in 0..30 {
        bench.harness.step();
    }
    assert!(bench.has("brightness: step 24 in row 2, column 3"));
    bench.look("wear-table");
}

#[test]
fn a_look_is_called_with_a_click() {
    for mut bench in [Bench::stage(), rack()] {
        bench.studio().looks = looks();
        bench.run();
        assert!(bench.studio().surface.shows_looks());
        let select = bench.find("preset.select");
        let called = [by_hand(select, Change::Plain(16.0))];
        assert_eq!(bench.click("Look 16: mosaic"), called);
        set_all(&mut bench, &[("preset.select", 16.0)]);
        let is_on = |bench: &Bench, name: &str| {
            bench.widget(name).accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
        };
        assert!(is_on(&bench, "Look 16: mosaic"));
        assert!(!is_on(&bench, "Look 3: big tiles"));
    }
    let mut elsewhere = Bench::page(Page::Motion);
    elsewhere.studio().looks = looks();
    elsewhere.run();
    assert!(!elsewhere.studio().surface.shows_looks());
}

#[test]
fn cards_keep_their_pictures_by_name() {
    let mut cards = looks();
    let mosaic = cards[15].clone();
    assert_eq!(mosaic.name, "mosaic");
    LookCard::rename(&mut cards, vec!["own".to_owned(), "mosaic".to_owned()]);
    assert_eq!(cards, [LookCard { name: "own".to_owned(), picture: None }, mosaic]);
}

#[test]
fn the_rack_and_the_stage_to_be_looked_at() {
    let values = [
        ("preset.select", 16.0),
        ("decay.amount", 0.35),
        ("decay.feedback", 0.9),
        ("decay.shift_px", 3.0),
        ("decay.noise_amplitude", 2.0),
        ("decay.blur_radius_px", 1.3),
        ("decay.sharpen_amount", 1.8),
        ("age.sharpen_from", 51.0),
        ("age.sharpen_every", 25.0),
        ("age.noise_young", 0.2),
        ("age.noise_middle", 0.5),
        ("decay.dct_table", 2.0),
        ("decay.dct_growth_most", 0.25),
        ("decay.palette", 0.0),
        ("age.dct_young", 0.12),
    ];
    for (name, mut bench) in
        [("wear", Bench::page(Page::Wear)), ("wear-high", rack()), ("stage-looks", Bench::stage())]
    {
        bench.studio().looks = looks();
        bench.studio().status.generation = 73;
        set_all(&mut bench, &values);
        bench.look(name);
        assert!(bench.has("Look 16: mosaic"));
    }
}
