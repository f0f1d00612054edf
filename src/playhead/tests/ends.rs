//! Loops, what happens at an end, and the other direction.

use super::*;
use Direction::{Backward, Forward};

/// Slices 12 to 18 of a clip of 30 access units.
const LOOP: Option<(f64, f64)> = Some((0.5, 0.75));

/// The slices and directions of the superframes that start in so many ticks.
fn superframes(
    playhead: &mut Playhead,
    clip: &impl ClipShape,
    settings: &Settings,
    ticks: usize,
) -> Vec<(u32, Direction)> {
    let mut seen = Vec::new();
    for _ in 0..ticks {
        let Some(choice) = playhead.next(clip, settings) else { continue };
        let now = (choice.slice.0, choice.direction);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    seen
}

fn twice(range: std::ops::Range<u32>) -> Vec<u32> {
    range.clone().chain(range).collect()
}

#[test]
fn a_loop_begins_and_ends_where_it_is_told() {
    // The ends may be given in any order.
    for loop_points in [LOOP, Some((0.75, 0.5))] {
        let looped = Settings { loop_points, ..settings() };
        let mut playhead = Playhead::default();
        assert_eq!(play(&mut playhead, &Plain(30), &looped, 24), twice(12..24));
    }
    // Slices 12 to 14: the second superframe has two access units.
    let short = Settings { loop_points: Some((0.5, 14.0 / 24.0)), ..settings() };
    let mut playhead = Playhead::default();
    assert_eq!(play(&mut playhead, &Plain(30), &short, 16), twice(12..20));
    // Backward the same pictures, 19 to 12: access units 10 to 17.
    let back = Settings { speed: -1.0, ..short };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &back, 6);
    assert_eq!(play(&mut playhead, &Plain(30), &back, 16), twice(10..18));
    assert_eq!(playhead.direction(), Backward);
    // No loop is shorter than a superframe.
    let point = Settings { loop_points: Some((0.5, 0.5)), ..settings() };
    let mut playhead = Playhead::default();
    assert_eq!(play(&mut playhead, &Plain(30), &point, 12), twice(12..18));
}

#[test]
fn a_loop_closed_elsewhere_is_entered_by_its_near_end() {
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &settings(), 6);
    let looped = Settings { loop_points: LOOP, ..settings() };
    assert_eq!(play(&mut playhead, &Plain(30), &looped, 13)[..12], (12..24).collect::<Vec<_>>());
    // From the clip's end backward into slices 6 to 12.
    for at_end in [AtEnd::Loop, AtEnd::Bounce, AtEnd::Stop] {
        let mut playhead = Playhead::default();
        play(&mut playhead, &Plain(30), &Settings { position: 1.0, ..settings() }, 6);
        let back = Settings {
            position: 1.0,
            speed: -1.0,
            loop_points: Some((0.25, 0.5)),
            at_end,
            ..settings()
        };
        let wanted: Vec<u32> = (12..24).collect();
        assert_eq!(play(&mut playhead, &Plain(30), &back, 12), wanted, "{at_end:?}");
    }
}

#[test]
fn the_position_spans_the_loop() {
    let looped = Settings { mode: Mode::Manual, loop_points: LOOP, position: 0.5, ..settings() };
    let mut playhead = Playhead::default();
    playhead.next(&Plain(30), &looped);
    assert_eq!(playhead.slice(), SliceIndex(15));
    assert_eq!(playhead.knob_position(&Plain(30), &looped), 0.5);
    assert_eq!(playhead.position(&Plain(30), 6), 0.625);
    let whole = Settings { loop_points: None, ..looped };
    assert_eq!(playhead.knob_position(&Plain(30), &whole), 0.625);
    for (position, slice) in [(0.0, 12), (1.0, 18)] {
        let mut playhead = Playhead::default();
        playhead.next(&Plain(30), &Settings { position, ..looped });
        assert_eq!(playhead.slice(), SliceIndex(slice));
    }
    // A loop of one superframe has one position.
    let point = Settings { loop_points: Some((0.5, 0.5)), ..looped };
    assert_eq!(playhead.knob_position(&Plain(30), &point), 0.0);
    // Bloom follows into a loop that is closed elsewhere.
    let bloom = Settings { at_rest: AtRest::Bloom, loop_points: None, position: 0.0, ..looped };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &bloom, 6);
    let bloom = Settings { loop_points: LOOP, ..bloom };
    assert_eq!(play(&mut playhead, &Plain(30), &bloom, 12), twice(12..18));
}

#[test]
fn a_loop_of_uneven_streams_is_the_same_moment_both_ways() {
    let clip = Uneven { forward: 150, backward: 234 };
    // Slices 36 to 72 of 0..=144, backward: (144 - slice) * 228 / 144, so 114 to 171 and 6 more.
    let looped = Settings { speed: -1.0, loop_points: Some((0.25, 0.5)), ..settings() };
    let mut playhead = Playhead::default();
    for unit in 36..42 {
        assert_eq!(playhead.next(&clip, &looped).map(|choice| choice.unit.0), Some(unit));
    }
    for start in [114, 123, 133, 142, 152, 161, 171, 114] {
        for unit in start..start + 6 {
            let choice = playhead.next(&clip, &looped).expect("plays");
            assert_eq!((choice.direction, choice.unit.0), (Backward, unit));
        }
    }
}

#[test]
fn bounce_turns_round_at_both_ends_and_leaves_nothing_out() {
    let bounce = Settings { at_end: AtEnd::Bounce, ..settings() };
    // 20 is no multiple of 6: the rest is played on both ways.
    for units in [30, 20] {
        let mut playhead = Playhead::default();
        let mut order = Vec::new();
        for _ in 0..units + 2 * (units - 1) {
            let choice = playhead.next(&Plain(units), &bounce).expect("plays");
            order.push((choice.direction, choice.unit.0));
        }
        // The stream's own intra picture is left out from the second time on.
        let way = |direction, first| (first..units).map(move |unit| (direction, unit));
        let wanted = way(Forward, 0).chain(way(Backward, 1)).chain(way(Forward, 1));
        assert_eq!(order, wanted.collect::<Vec<_>>());
    }
    let half = Settings { speed: 0.5, skips_intra: false, ..bounce };
    let wanted = [
        (0, Forward),
        (3, Forward),
        (6, Forward),
        (6, Backward),
        (3, Backward),
        (0, Backward),
        (0, Forward),
        (3, Forward),
    ];
    assert_eq!(superframes(&mut Playhead::default(), &Plain(12), &half, 48), wanted);
}

#[test]
fn bounce_keeps_to_the_loop_and_to_the_hand() {
    let bounce = Settings { at_end: AtEnd::Bounce, loop_points: LOOP, ..settings() };
    let wanted = [(12, Forward), (18, Forward), (18, Backward), (12, Backward), (12, Forward)];
    let mut playhead = Playhead::default();
    assert_eq!(superframes(&mut playhead, &Plain(30), &bounce, 30), wanted);
    let point = Settings { loop_points: Some((0.5, 0.5)), ..bounce };
    let mut playhead = Playhead::default();
    let order = superframes(&mut playhead, &Plain(30), &point, 18);
    assert_eq!(order, [(12, Forward), (12, Backward), (12, Forward)]);
    // Turned, a speed of the other sign is the other way again.
    let mut playhead = Playhead::default();
    superframes(&mut playhead, &Plain(30), &bounce, 24);
    let other = Settings { speed: -1.0, ..bounce };
    assert_eq!(superframes(&mut playhead, &Plain(30), &other, 6), [(18, Forward)]);
    // Without bounce the direction is the speed's.
    let mut playhead = Playhead::default();
    superframes(&mut playhead, &Plain(30), &bounce, 24);
    let straight = Settings { at_end: AtEnd::Loop, ..bounce };
    assert_eq!(superframes(&mut playhead, &Plain(30), &straight, 6), [(18, Forward)]);
}

#[test]
fn play_on_bounces_by_itself() {
    let manual = Settings { mode: Mode::Manual, at_end: AtEnd::Bounce, ..settings() };
    let mut playhead = Playhead::default();
    let wanted: Vec<u32> = (0..30).chain(1..30).chain(1..30).collect();
    assert_eq!(play(&mut playhead, &Plain(30), &manual, 88), wanted);
    // So it does at a speed that is none.
    let slow = Settings { mode: Mode::Speed, speed: 0.01, ..manual };
    let mut playhead = Playhead::default();
    assert_eq!(play(&mut playhead, &Plain(30), &slow, 88), wanted);
}

#[test]
fn stop_holds_the_end_until_something_moves() {
    let stop = Settings { at_end: AtEnd::Stop, ..settings() };
    let mut playhead = Playhead::default();
    let wanted: Vec<u32> = (0..20).chain([999, 999]).collect();
    assert_eq!(play(&mut playhead, &Plain(20), &stop, 22), wanted);
    // A scrub goes back to slice 7 and plays to the end again.
    let scrub = Settings { position: 0.5, ..stop };
    let wanted: Vec<u32> = (7..13).chain(13..20).chain([999]).collect();
    assert_eq!(play(&mut playhead, &Plain(20), &scrub, 14), wanted);
    // A heal shows the end clean: the intra picture before it, and on from there.
    playhead.heal();
    let wanted: Vec<u32> = (12..20).chain([999]).collect();
    assert_eq!(play(&mut playhead, &Plain(20), &scrub, 9), wanted);
    // Reverse leads away from the end: slice 8, backward from 20 - 6 - 8.
    let back = Settings { is_reversed: true, ..scrub };
    let wanted: Vec<u32> = (6..20).chain([999]).collect();
    assert_eq!(play(&mut playhead, &Plain(20), &back, 15), wanted);
    // So does an end that is none any more.
    let on = Settings { at_end: AtEnd::Loop, ..scrub };
    assert_eq!(play(&mut playhead, &Plain(20), &on, 2), [6, 7]);
}

#[test]
fn stop_keeps_to_the_loop_and_to_whole_steps() {
    let stop = Settings { at_end: AtEnd::Stop, loop_points: LOOP, ..settings() };
    let mut playhead = Playhead::default();
    let wanted: Vec<u32> = (12..24).chain([999, 999]).collect();
    assert_eq!(play(&mut playhead, &Plain(30), &stop, 14), wanted);
    let double = Settings { speed: 2.0, loop_points: None, ..stop };
    let mut playhead = Playhead::default();
    let wanted: Vec<u32> = (0..6).chain(12..18).chain(24..30).chain([999]).collect();
    assert_eq!(play(&mut playhead, &Plain(30), &double, 19), wanted);
}

#[test]
fn reverse_turns_speed_and_play_on_while_it_is_on() {
    for mode in [Mode::Speed, Mode::Manual] {
        let straight = Settings { mode, ..settings() };
        let reversed = Settings { is_reversed: true, ..straight };
        let mut playhead = Playhead::default();
        play(&mut playhead, &Plain(30), &straight, 18);
        // Slice 12 was played; 6 and 0 follow, then the last again, 24.
        let wanted: Vec<u32> = (18..30).chain(1..6).collect();
        assert_eq!(play(&mut playhead, &Plain(30), &reversed, 17), wanted, "{mode:?}");
        assert_eq!((playhead.slice().0, playhead.direction()), (24, Backward));
        // Let go, it is the old way again: past the end to the start.
        assert_eq!(play(&mut playhead, &Plain(30), &straight, 3), [1, 2, 3]);
        assert_eq!(playhead.direction(), Forward);
    }
    // A scrub to where it is does not turn anything round.
    let reversed = Settings { mode: Mode::Manual, is_reversed: true, ..settings() };
    let mut playhead = Playhead::default();
    let order = superframes(&mut playhead, &Plain(30), &reversed, 11);
    assert_eq!(order, [(0, Forward), (24, Backward)]);
    let same = Settings { position: 1.0, ..reversed };
    let order = superframes(&mut playhead, &Plain(30), &same, 11);
    assert_eq!(order, [(24, Backward), (18, Backward)]);
}

#[test]
fn the_smallest_clips_survive_every_end() {
    for at_end in [AtEnd::Loop, AtEnd::Bounce, AtEnd::Stop] {
        for is_reversed in [false, true] {
            for loop_points in [None, Some((0.0, 1.0)), Some((0.3, 0.2))] {
                let end = Settings { at_end, is_reversed, loop_points, ..settings() };
                let order = play(&mut Playhead::default(), &Plain(1), &end, 4);
                assert_eq!(order, [0, 999, 999, 999], "{end:?}");
                let order = play(&mut Playhead::default(), &Plain(0), &end, 2);
                assert_eq!(order, [999, 999], "{end:?}");
            }
        }
    }
    // A superframe longer than its clip is the clip.
    let long = Settings { superframe_size: 60, skips_intra: false, ..settings() };
    for (at_end, wanted) in [
        (AtEnd::Loop, [0, 1, 2, 3, 0, 1]),
        (AtEnd::Bounce, [0, 1, 2, 3, 0, 1]),
        (AtEnd::Stop, [0, 1, 2, 3, 999, 999]),
    ] {
        let mut playhead = Playhead::default();
        let order = play(&mut playhead, &Plain(4), &Settings { at_end, ..long }, 6);
        assert_eq!(order, wanted);
        assert_eq!(playhead.direction() == Backward, at_end == AtEnd::Bounce);
    }
}
