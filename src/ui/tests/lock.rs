//! The lock of the surface for playing, and the size of everything.

use super::*;

#[test]
fn a_locked_surface_opens_nothing_and_leaves_only_when_held() {
    let mut bench = Bench::page(Page::Wear);
    bench.click("Lock");
    assert!(bench.has("MOSHING") && !bench.has("Prepare") && !bench.has("All keys"));
    bench.studio().surface.toggle_keys();
    bench.widget("Melt").click_secondary();
    bench.run();
    assert!(!bench.has("Learn MIDI") && !bench.has("Close"));
    bench.look("locked");

    // Held for less than its time it stays, for longer it opens.
    let at = bench.place("Hold to unlock").center();
    for (held_secs, is_locked) in [(1.0, true), (1.6, false)] {
        bench.harness.drag_at(at);
        bench.harness.step();
        bench.studio().now_secs += held_secs;
        bench.harness.step();
        bench.harness.drop_at(at);
        bench.run();
        assert_eq!(bench.studio().surface.is_locked(), is_locked, "{held_secs}");
    }
    assert!(bench.has("Prepare"));
}

#[test]
fn the_size_of_everything_is_the_layouts_and_what_keys_make_of_it() {
    let layout = Layout { scale: 2.0, ..Layout::default() };
    let mut bench = Bench::new(layout, vec2(1280.0, 800.0));
    assert_eq!(bench.harness.ctx.zoom_factor(), 2.0);
    bench.look("scale-200");
    bench.harness.ctx.set_zoom_factor(1.25);
    bench.run();
    assert_eq!(bench.studio().surface.layout.scale, 1.25);
}
