//! What moves parameters by itself.

use super::*;
use crate::engine::Modulated;
use egui::Shape;

impl Bench {
    /// Sets rows, as if the engine had; all others are as they are at first.
    fn set_all(&mut self, values: &[(&str, &str)]) {
        let registry = Arc::clone(&self.studio().registry);
        let mut store = Store::new(Arc::clone(&registry));
        for (id, text) in values {
            let row = registry.find(id).expect("a row");
            store.set(row, registry.parse(row, text).expect("a value"));
        }
        store.settle();
        self.studio().status.base = store.base().clone();
        self.studio().status.result = store.result().clone();
        self.run();
    }

    /// The event that sets a row to a value as people write it.
    fn set_to(&mut self, id: &str, text: &str) -> ControlEvent {
        let registry = Arc::clone(&self.studio().registry);
        let row = registry.find(id).expect("a row");
        by_hand(row, Change::Plain(registry.parse(row, text).expect("a value")))
    }

    /// Shapes of this colour that were drawn last.
    fn painted(&self, color: egui::Color32) -> usize {
        let shapes = self.harness.output().shapes.iter();
        let is_so = |shape: &Shape| match shape {
            Shape::Path(path) => path.stroke.color == egui::epaint::ColorMode::Solid(color),
            Shape::LineSegment { stroke, .. } => stroke.color == color,
            Shape::Rect(rect) => rect.fill == color,
            Shape::Circle(circle) => circle.fill == color,
            _ => false,
        };
        shapes.filter(|clipped| is_so(&clipped.shape)).count()
    }
}

/// A patch of LFO 1 on the noise, one of the sequencer on hold, and values on their way.
fn busy() -> Bench {
    let mut bench = Bench::page(Page::Modulation);
    bench.studio().status.lfo_periods = [0.3, 0.1, 7.4, 2.6, 0.8, 0.9, 0.2, 0.0];
    bench.studio().status.beats = 5.5;
    let steps = ["1", "0.2", "0.6", "0.1", "0.8", "0.3", "0.9", "0"];
    let ids: Vec<String> = (1..=8).map(|step| format!("sequencer.1.steps.{step}")).collect();
    let mut values: Vec<(&str, &str)> = ids.iter().map(String::as_str).zip(steps).collect();
    values.extend([
        ("patch.1.source", "lfo.1.out"),
        ("patch.1.target", "decay.noise_amplitude"),
        ("patch.1.depth", "0.25"),
        ("patch.3.source", "sequencer.1.out"),
        ("patch.3.target", "programme.hold"),
        ("patch.3.depth", "1"),
        ("lfo.2.shape", "triangle"),
        ("lfo.3.shape", "sample_and_hold"),
        ("lfo.4.shape", "random_walk"),
        ("lfo.5.shape", "square"),
        ("lfo.6.shape", "rectified_sine"),
        ("lfo.7.shape", "saw"),
        ("lfo.1.out", "0.31"),
        ("envelope.1.trigger", "listen.onset"),
        ("envelope.1.attack_secs", "0.2"),
        ("envelope.1.sustain", "0.4"),
        ("envelope.1.hold_secs", "0.5"),
        ("envelope.1.out", "0.6"),
        ("sequencer.1.length", "8"),
        ("sequencer.1.beats", "1/2 beat"),
    ]);
    bench.set_all(&values);
    let (noise, hold) = (bench.find("decay.noise_amplitude"), bench.find("programme.hold"));
    let modulated = |row, up| Some(Modulated { row, offset: 0.0, down: 0.0, up });
    bench.studio().status.modulated[0] = modulated(noise, 0.25);
    bench.studio().status.modulated[2] = modulated(hold, 1.0);
    bench.run();
    bench
}

#[test]
fn patches_in_use_are_listed_with_one_that_is_free() {
    let mut bench = busy();
    bench.look("page-modulation");
    assert!(bench.has("2 of 32 in use"));
    assert!(bench.has("Patch 1 source") && bench.has("Patch 3 target"));
    // The first that is free is number 2; there is no other.
    assert!(bench.has("Patch 2 source") && !bench.has("Patch 4 source"));
    assert_eq!(bench.click("Add a patch"), []);
    assert!(bench.has("Patch 4 source") && !bench.has("Patch 5 source"));
    let defaults = ["source", "target", "depth", "curve"].map(|row| format!("patch.3.{row}"));
    let values = defaults.iter().zip(["none", "none", "0", "0"]);
    let wanted: Vec<_> = values.map(|(id, text)| bench.set_to(id, text)).collect();
    assert_eq!(bench.click("Remove patch 3"), wanted);
}

#[test]
fn a_picker_finds_by_name_and_by_id_and_gives_the_patch_a_depth() {
    let mut bench = busy();
    bench.click("Patch 2 source");
    bench.widget("Find").type_text("lfo 8");
    bench.run();
    bench.look("picker");
    assert!(bench.has("LFO 8 (lfo.8.out)"));
    assert!(!bench.has("LFO 7 (lfo.7.out)") && !bench.has("Glide (playhead.glide_secs)"));
    let wanted = bench.set_to("patch.2.source", "lfo.8.out");
    assert_eq!(bench.click("LFO 8 (lfo.8.out)"), [wanted]);
    assert!(!bench.has("Find"), "it closes");

    // The other end makes it complete.
    bench.set_all(&[("patch.1.source", "lfo.8.out")]);
    bench.click("Patch 1 target");
    bench.widget("Find").type_text("GLIDE_S");
    bench.run();
    bench.harness.key_press(egui::Key::Enter);
    bench.run();
    let depth = bench.set_to("patch.1.depth", "0.25");
    let target = bench.set_to("patch.1.target", "playhead.glide_secs");
    assert_eq!(bench.events(), [depth, target]);
}

#[test]
fn a_meter_is_no_target_and_what_is_found_nowhere_is_said() {
    let mut bench = busy();
    bench.click("Patch 2 target");
    bench.widget("Find").type_text("lfo.1.out");
    bench.run();
    assert!(bench.has("nothing is called so"));
}

#[test]
fn a_card_opens_to_its_rows() {
    let mut bench = busy();
    assert!(!bench.has("LFO 3 seed"));
    bench.click("LFO 3");
    assert!(bench.has("LFO 3 seed") && !bench.has("LFO 4 seed"));
    bench.look("page-modulation-lfo");
    bench.click("LFO 3");
    assert!(!bench.has("LFO 3 seed"));
}

#[test]
fn steps_are_dragged_and_painted_across() {
    let mut bench = busy();
    bench.widget("Sequencer 1 step 5").scroll_to_me();
    bench.run();
    bench.run();
    let (from, to) = (bench.place("Sequencer 1 step 5"), bench.place("Sequencer 1 step 6"));
    bench.look("page-modulation-sequencer");
    let quarter = pos2(from.center().x, from.bottom() - from.height() / 4.0);
    bench.harness.drag_at(quarter);
    bench.run();
    let first = bench.events();
    let half = to.center();
    bench.harness.hover_at(half);
    bench.run();
    let second = bench.events();
    bench.harness.drop_at(half);
    bench.run();
    for (events, id, wanted) in
        [(first, "sequencer.1.steps.5", 0.25), (second, "sequencer.1.steps.6", 0.5)]
    {
        let row = bench.find(id);
        let last = events.last().expect("an event");
        let Change::Plain(plain) = last.change else { panic!("{last:?}") };
        assert_eq!(last.param, row);
        assert!((plain - wanted).abs() < 0.02, "{id}: {plain}");
    }
}

#[test]
fn a_macro_shows_its_parts_and_a_part_takes_a_parameter() {
    let mut bench = busy();
    bench.click("Parts of Macro 1: Wear");
    assert!(bench.has("Macro 1 moves (1)") && bench.has("Macro 1 from (6)"));
    bench.look("page-modulation-macro");
    bench.click("Macro 1 moves (3)");
    bench.widget("Find").type_text("playhead.glide");
    bench.run();
    let wanted = bench.set_to("macro_part.1.3.target", "playhead.glide_secs");
    assert_eq!(bench.click("Glide (playhead.glide_secs)"), [wanted]);
}

#[test]
fn what_is_in_force_stands_beside_a_switch_that_is_modulated() {
    let mut bench = Bench::page(Page::Motion);
    let reverse = bench.find("playhead.reverse");
    assert!(!bench.has("now on"));
    bench.studio().status.modulated[0] =
        Some(Modulated { row: reverse, offset: 1.0, down: 0.0, up: 1.0 });
    let registry = Arc::clone(&bench.studio().registry);
    let mut store = Store::new(registry);
    store.cut(reverse, 1.0);
    bench.studio().status.result = store.result().clone();
    bench.run();
    assert!(bench.has("now on"));
    bench.look("modulated-switch");
}

#[test]
fn a_slider_shows_where_the_controllers_own_knob_waits() {
    let mut bench = Bench::page(Page::Motion);
    let before = bench.painted(theme::WARNING);
    let glide = bench.find("playhead.glide_secs");
    bench.studio().ghosts = vec![(glide, 0.7)];
    bench.run();
    assert_eq!(bench.painted(theme::WARNING), before + 1);
    bench.look("ghost");
}

#[test]
fn a_menu_excludes_a_look_from_presets_and_nothing_else() {
    let mut bench = Bench::page(Page::Motion);
    bench.open_menu("Glide");
    assert!(!bench.has("Exclude from presets"), "transport is in no preset");
    let clean = bench.find("mix.clean");
    let name = bench.studio().registry.row(clean).name;
    let mut bench = Bench::page(Page::Motion);
    // All of the page is in sight.
    bench.harness.set_size(egui::vec2(1280.0, 4000.0));
    bench.run();
    bench.open_menu(name);
    bench.look("menu-of-a-look");
    let wanted = [by_hand(clean, Change::Exclude(true))];
    assert_eq!(bench.click("Exclude from presets"), wanted);
    bench.studio().status.excluded = vec![true; crate::params::CAPACITY];
    bench.run();
    let wanted = [by_hand(clean, Change::Exclude(false))];
    assert_eq!(bench.click("Exclude from presets"), wanted);
}

#[test]
fn the_page_is_cheap_to_draw_where_a_cpu_draws() {
    let bench = busy();
    let output = bench.harness.output();
    let primitives = bench.harness.ctx.tessellate(output.shapes.clone(), 1.0);
    let triangles = |primitive: &egui::ClippedPrimitive| match &primitive.primitive {
        egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len() / 3,
        egui::epaint::Primitive::Callback(_) => 0,
    };
    let count: usize = primitives.iter().map(triangles).sum();
    assert!(count < 20_000, "{count} triangles");
}
