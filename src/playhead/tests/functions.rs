//! The function mode, and the rows it is set by.

use super::{super::rows, *};
use crate::{
    modulation::{Curve, Positions},
    params::{Change, ControlEvent, Registry, Scope, Source, Store},
};
use std::sync::Arc;

fn function(wave: Wave) -> Settings {
    Settings {
        mode: Mode::Function,
        timeline: Timeline { wave, frequency: 1.0, superframes: 5 },
        ..settings()
    }
}

/// The slices of so many superframes, all of them of 6 access units.
fn slices_of(playhead: &mut Playhead, clip: &Plain, settings: &Settings, count: usize) -> Vec<u32> {
    let all = Settings { skips_intra: false, ..*settings };
    let mut next = || playhead.next(clip, &all).expect("plays").slice.0;
    (0..count).map(|_| [(); 6].map(|()| next())[5]).collect()
}

#[test]
fn a_drawn_curve_is_followed_over_the_period() {
    let curve: Curve = "0:0 0.5:1 1:0.5".parse().expect("a curve");
    let mut playhead = Playhead::default();
    // Nothing drawn: a ramp.
    let drawn = function(Wave::Drawn);
    assert_eq!(slices_of(&mut playhead, &Plain(30), &drawn, 6), [0, 6, 12, 18, 24, 6]);
    let mut playhead = Playhead::default();
    assert_eq!(playhead.set_curve(Some(curve.clone())), None);
    assert_eq!(slices_of(&mut playhead, &Plain(30), &drawn, 6), [0, 12, 24, 18, 12, 12]);
    assert_eq!(playhead.direction(), Direction::Backward);
    // In slices 12 to 18, from the second superframe of the period on.
    let looped = Settings { loop_points: Some((0.5, 0.75)), ..drawn };
    assert_eq!(slices_of(&mut playhead, &Plain(30), &looped, 3), [18, 17, 15]);
    assert_eq!(playhead.set_curve(None), Some(curve));
}

#[test]
fn a_list_is_followed_as_far_as_the_clip_goes() {
    let positions: Positions = "0 12 99\n6".parse().expect("a list");
    let list = function(Wave::List);
    let mut playhead = Playhead::default();
    assert_eq!(slices_of(&mut playhead, &Plain(30), &list, 2), [0, 0]);
    let mut playhead = Playhead::default();
    assert_eq!(playhead.set_positions(Some(positions.clone())), None);
    assert_eq!(slices_of(&mut playhead, &Plain(30), &list, 6), [0, 12, 24, 6, 0, 12]);
    // A list names slices of the clip: a loop keeps them, or the nearest it has.
    let looped = Settings { loop_points: Some((0.25, 0.75)), ..list };
    assert_eq!(slices_of(&mut playhead, &Plain(30), &looped, 4), [18, 6, 6, 12]);
    assert_eq!(playhead.set_positions(None), Some(positions));
}

#[test]
fn every_other_function_spans_the_loop() {
    let looped = |wave| Settings { loop_points: Some((0.5, 0.75)), ..function(wave) };
    let check = |wave, wanted: &[u32]| {
        let mut playhead = Playhead::default();
        let found = slices_of(&mut playhead, &Plain(30), &looped(wave), wanted.len());
        assert_eq!(found, wanted, "{wave:?}");
    };
    check(Wave::Triangle, &[12, 15, 18, 15, 12]);
    // sin of 0, 1/4, 1/2 of the period.
    check(Wave::RectifiedSine, &[12, 18, 12]);
    // 7 slices, 6 apart: 0, 6, 12, of which 12 lies beyond; then again.
    let saw = Wave::Supersaw { superframe_size: 6, amplitude_secondary: 0.0 };
    check(saw, &[12, 18, 18, 12, 18]);
}

#[test]
fn a_random_walk_comes_out_as_its_seed_has_it() {
    // As in the modulation room's own test, from a few lines of Python.
    let walk = |seed| function(Wave::RandomWalk { seed, step: 0.3 });
    let mut playhead = Playhead::default();
    let found = slices_of(&mut playhead, &Plain(106), &walk(5), 5);
    assert_eq!(found, [50, 54, 42, 58, 63]);
    // Another seed is that seed's walk, as far on as this one is.
    let found = slices_of(&mut playhead, &Plain(106), &walk(6), 3);
    assert_eq!(found, [97, 79, 96]);
}

fn store() -> (Arc<Registry>, Store) {
    let registry = Arc::new(Registry::join(&[rows::PARAMS]).expect("rows"));
    (registry.clone(), Store::new(registry))
}

#[test]
fn every_name_is_its_function() {
    let (registry, mut store) = store();
    let found = Rows::resolve(&registry);
    let param = registry.index_of(&rows::FUNCTION);
    assert_eq!(rows::FUNCTIONS[..2], ["rectified_sine", "sinusoid"], "indices are for ever");
    assert_eq!(rows::FUNCTIONS.len(), 9);
    for name in rows::FUNCTIONS {
        let change = Change::Plain(rows::FUNCTION.parse(name).expect("a name"));
        store.apply(&ControlEvent { param, change, source: Source::Osc });
        store.settle();
        let wave = found.settings(store.result(), false, 30.0).timeline.wave;
        let written = format!("{wave:?}").to_lowercase();
        assert!(written.starts_with(&name.replace('_', "")), "{name}: {written}");
    }
}

#[test]
fn the_defaults_are_plain_play() {
    let (registry, store) = store();
    let found = Rows::resolve(&registry).settings(store.result(), false, 30.0);
    let timeline = Timeline {
        wave: Wave::Sinusoid {
            is_rectified: false,
            amplitude_secondary: 0.0,
            frequency_secondary: 4.0,
        },
        frequency: 0.5,
        superframes: 400,
    };
    assert_eq!(found, Settings { timeline, ..settings() });
}

#[test]
fn rows_become_settings() {
    let (registry, mut store) = store();
    for (id, value) in [
        ("loop.on", 1.0),
        ("loop.start", 0.75),
        ("loop.end", 0.25),
        ("playhead.end", 1.0),
        ("playhead.reverse", 1.0),
        ("playhead.glide_secs", 0.5),
        ("playhead.stutter", 1.0),
        ("playhead.stutter_units", 8.0),
        ("playhead.heal_on_jump", 1.0),
        ("playhead.seed", 77.0),
    ] {
        store.set(registry.find(id).expect(id), value);
    }
    store.settle();
    let rows = Rows::resolve(&registry);
    let found = rows.settings(store.result(), false, 25.0);
    assert_eq!(found.loop_points, Some((0.75, 0.25)));
    assert_eq!(found.at_end, AtEnd::Bounce);
    assert!(found.is_reversed && found.heals_on_jump);
    // 12.5 ticks.
    assert_eq!((found.glide_ticks, found.stutter_units), (13, Some(8)));
    assert_eq!(rows.seed(store.result()), 77);
}

#[test]
fn no_row_is_a_look_and_each_clip_keeps_some() {
    assert!(rows::PARAMS.iter().all(|row| row.scope == Scope::Transport));
    let kept = rows::PARAMS.iter().filter(|row| row.is_per_clip);
    let kept: Vec<_> = kept.map(|row| row.id).collect();
    assert_eq!(
        kept,
        [
            "playhead.speed",
            "playhead.reverse",
            "superframe.size",
            "playhead.end",
            "loop.on",
            "loop.start",
            "loop.end",
            "loop.beats"
        ]
    );
}
