//! Loops and stutter that go by the beat.

use super::*;
use crate::playhead::rows::{LOOP_BEATS, LOOP_BEATS_OF, STUTTER_BEATS, STUTTER_BEATS_OF};

/// Plays with what `due` says of each tick.
fn play_with(playhead: &mut Playhead, due: impl Fn(usize) -> Settings, count: usize) -> Vec<u32> {
    (0..count)
        .map(|tick| playhead.next(&Plain(60), &due(tick)).map_or(999, |choice| choice.unit.0))
        .collect()
}

#[test]
fn a_loop_is_as_long_as_its_beats() {
    let looped = Settings {
        loop_points: Some((0.0, 1.0)),
        loop_units: Some(20),
        skips_intra: false,
        ..settings()
    };
    let mut playhead = Playhead::default();
    let units = play_with(&mut playhead, |_| looped, 45);
    let expected: Vec<u32> = (0..45).map(|tick| tick % 20).collect();
    assert_eq!(units, expected);
}

#[test]
fn a_loop_begins_anew_with_the_beat() {
    let looped = Settings {
        loop_points: Some((0.0, 1.0)),
        loop_units: Some(15),
        skips_intra: false,
        ..settings()
    };
    // Beats that are 14 and 15 ticks apart by turns, as 62 bpm has them.
    let beats = [0, 15, 29, 44, 58];
    let due = |tick: usize| Settings { is_loop_due: beats.contains(&tick), ..looped };
    let units = play_with(&mut Playhead::default(), due, 60);
    for pair in beats.windows(2) {
        let expected: Vec<u32> = (0..(pair[1] - pair[0]) as u32).collect();
        assert_eq!(units[pair[0]..pair[1]], expected);
    }
    // Stopped, nothing begins anew.
    let stopped = Settings { is_playing: false, is_loop_due: true, ..looped };
    let mut playhead = Playhead::default();
    play_with(&mut playhead, |_| looped, 8);
    let units = play_with(&mut playhead, |_| stopped, 10);
    assert!(!units.contains(&0), "{units:?}");
}

#[test]
fn a_stutter_begins_anew_with_the_beat() {
    let steady = Settings { skips_intra: false, ..settings() };
    let mut playhead = Playhead::default();
    play_with(&mut playhead, |_| steady, 12);
    let beats = [0, 4, 8, 11];
    let due = |tick: usize| Settings {
        stutter_units: Some(4),
        is_stutter_due: beats.contains(&tick),
        ..steady
    };
    let units = play_with(&mut playhead, due, 14);
    assert_eq!(units, [12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 12, 13, 14]);
}

#[test]
fn the_beats_of_the_choices_are_those_of_their_names() {
    let beats = |name: &str| {
        let (number, unit) = name.split_once(' ').expect("a unit");
        let number = match number.split_once('/') {
            Some((one, other)) => {
                one.parse::<f64>().expect("a number") / other.parse::<f64>().expect("a number")
            }
            None => number.parse().expect("a number"),
        };
        number * if unit.starts_with("bar") { 4.0 } else { 1.0 }
    };
    for (row, all) in
        [(STUTTER_BEATS, STUTTER_BEATS_OF.as_slice()), (LOOP_BEATS, LOOP_BEATS_OF.as_slice())]
    {
        let crate::params::Kind::Choice(names) = row.kind else { panic!("{} is a choice", row.id) };
        let of_names: Vec<f64> = names[1..].iter().map(|name| beats(name)).collect();
        assert_eq!((all[0], &all[1..]), (0.0, of_names.as_slice()), "{}", row.id);
    }
}
