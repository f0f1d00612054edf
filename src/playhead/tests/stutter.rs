//! Stutter: what is repeated, and where play is when it is let go.

use super::*;

fn stutter(units: u32) -> Settings {
    Settings { stutter_units: Some(units), ..settings() }
}

#[test]
fn it_repeats_the_superframes_beginning_and_lets_go_where_time_has_got_to() {
    let clip = Plain(60);
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &settings(), 14);
    let order = play(&mut playhead, &clip, &stutter(3), 7);
    assert_eq!(order, [12, 13, 14, 12, 13, 14, 12]);
    // What is shown is slice 12; time has got to slice 18, and 14 and 7 is 21.
    assert_eq!((playhead.slice(), playhead.direction()), (SliceIndex(12), Direction::Forward));
    assert_eq!(playhead.knob_position(&clip, &settings()), 18.0 / 54.0);
    assert_eq!(playhead.position(&clip, 6), 12.0 / 54.0);
    assert_eq!(play(&mut playhead, &clip, &settings(), 4), [21, 22, 23, 24]);
    assert_eq!(playhead.slice(), SliceIndex(24));
    // Between two superframes it takes the one that begins, and a new length at once.
    play(&mut playhead, &clip, &settings(), 5);
    assert_eq!(play(&mut playhead, &clip, &stutter(3), 2), [30, 31]);
    assert_eq!(play(&mut playhead, &clip, &stutter(1), 3), [30, 30, 30]);
    assert_eq!(play(&mut playhead, &clip, &stutter(4), 5), [30, 31, 32, 33, 30]);
}

#[test]
fn it_may_be_longer_than_a_superframe_but_not_than_clip_or_loop() {
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(60), &settings(), 14);
    let wanted: Vec<u32> = (12..22).chain(12..14).collect();
    assert_eq!(play(&mut playhead, &Plain(60), &stutter(10), 12), wanted);
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(20), &settings(), 14);
    let wanted: Vec<u32> = (12..20).chain(12..14).collect();
    assert_eq!(play(&mut playhead, &Plain(20), &stutter(60), 10), wanted);
    // Slices 12 to 14 of a clip of 30.
    let loop_points = Some((0.5, 14.0 / 24.0));
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &Settings { loop_points, ..settings() }, 2);
    let looped = Settings { loop_points, ..stutter(60) };
    assert_eq!(play(&mut playhead, &Plain(30), &looped, 10), wanted);
}

#[test]
fn it_stutters_backward_too() {
    let back = Settings { speed: -1.0, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(60), &settings(), 18);
    play(&mut playhead, &Plain(60), &back, 2);
    // Slice 6, backward from 60 - 6 - 6.
    let stuttering = Settings { speed: -1.0, ..stutter(2) };
    assert_eq!(play(&mut playhead, &Plain(60), &stuttering, 3), [48, 49, 48]);
    assert_eq!(playhead.direction(), Direction::Backward);
    assert_eq!(play(&mut playhead, &Plain(60), &back, 2), [53, 54]);
}

#[test]
fn the_streams_intra_pictures_stay_out_of_it() {
    let mut playhead = Playhead::default();
    let order = play(&mut playhead, &Plain(60), &stutter(3), 8);
    // The start is healed before anything is repeated.
    assert_eq!(order, [0, 1, 2, 3, 1, 2, 3, 1]);
    let mut playhead = Playhead::default();
    let played = Settings { skips_intra: false, ..stutter(3) };
    assert_eq!(play(&mut playhead, &Plain(60), &played, 7), [0, 0, 1, 2, 0, 1, 2]);
    // There is nothing to repeat in a clip of one picture.
    let mut playhead = Playhead::default();
    assert_eq!(play(&mut playhead, &Plain(1), &stutter(3), 3), [0, 999, 999]);
    let mut playhead = Playhead::default();
    assert_eq!(play(&mut playhead, &Plain(1), &played, 3), [0, 0, 0]);
}

#[test]
fn a_heal_heals_what_is_repeated() {
    let clip = Plain(60);
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &settings(), 20);
    assert_eq!(play(&mut playhead, &clip, &stutter(3), 2), [18, 19]);
    playhead.heal();
    let healed = playhead.next(&clip, &stutter(3)).expect("plays");
    assert_eq!(healed.heal, Some(IntraPicture::Bank(AccessUnitIndex(1))));
    assert_eq!(healed.unit, AccessUnitIndex(12));
    // Led in from the intra picture's place.
    let wanted: Vec<u32> = (13..21).chain([18, 19]).collect();
    assert_eq!(play(&mut playhead, &clip, &stutter(3), 10), wanted);
}

#[test]
fn a_jump_beneath_is_healed_when_it_is_let_go() {
    let clip = Plain(60);
    let clean = Settings { heals_on_jump: true, jumps_now: true, ..settings() };
    let stuttering = Settings { stutter_units: Some(3), ..clean };
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &clean, 14);
    assert_eq!(play(&mut playhead, &clip, &stuttering, 2), [12, 13]);
    let there = Settings { position: 30.0 / 54.0, ..stuttering };
    assert_eq!(play(&mut playhead, &clip, &there, 2), [14, 12]);
    let let_go = Settings { stutter_units: None, ..there };
    let healed = playhead.next(&clip, &let_go).expect("plays");
    assert_eq!(healed.heal, Some(IntraPicture::Bank(AccessUnitIndex(2))));
    assert_eq!(play(&mut playhead, &clip, &let_go, 2), [25, 26]);
    // Begun by a jump, it heals its own first picture and owes nothing.
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &clean, 6);
    let healed = playhead.next(&clip, &there).expect("plays");
    assert_eq!((healed.heal.is_some(), healed.unit.0, healed.slice.0), (true, 24, 30));
    let let_go = playhead.next(&clip, &let_go).expect("plays");
    assert_eq!(let_go.heal, None);
}

#[test]
fn it_rests_with_the_playhead_and_stays_with_its_clip() {
    let clip = Plain(60);
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &settings(), 14);
    play(&mut playhead, &clip, &stutter(3), 2);
    let stopped = Settings { is_playing: false, ..stutter(3) };
    assert_eq!(play(&mut playhead, &clip, &stopped, 2), [999, 999]);
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &settings(), 14);
    play(&mut playhead, &clip, &stutter(3), 2);
    playhead.enter(false);
    assert_eq!(play(&mut playhead, &clip, &stutter(3), 4), [18, 19, 20, 18]);
    // At the end of a clip that stops there, the last superframe can still be repeated.
    let end = Settings { at_end: AtEnd::Stop, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &end, 40);
    let stuttering = Settings { at_end: AtEnd::Stop, ..stutter(2) };
    assert_eq!(play(&mut playhead, &Plain(30), &stuttering, 3), [24, 25, 24]);
    assert_eq!(play(&mut playhead, &Plain(30), &end, 1), [999]);
}
