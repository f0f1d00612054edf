//! Glides, cues, clean jumps.

use super::*;

fn runs(starts: &[u32]) -> Vec<u32> {
    starts.iter().flat_map(|start| *start..*start + 6).collect()
}

/// Where heals are fed in so many ticks: tick and access unit.
fn heals(
    playhead: &mut Playhead,
    clip: &Plain,
    settings: &Settings,
    ticks: usize,
) -> Vec<(usize, u32)> {
    (0..ticks)
        .filter_map(|tick| {
            let choice = playhead.next(clip, settings)?;
            choice.heal.map(|_| (tick, choice.unit.0))
        })
        .collect()
}

#[test]
fn a_glide_travels_through_the_places_between() {
    // 121 slices; 24 ticks are four superframes.
    let clip = Plain(126);
    let hold =
        Settings { mode: Mode::Manual, at_rest: AtRest::Hold, glide_ticks: 24, ..settings() };
    for is_playing in [true, false] {
        let rest = Settings { is_playing, ..hold };
        let mut playhead = Playhead::default();
        play(&mut playhead, &clip, &rest, 6);
        let there = Settings { position: 0.5, ..rest };
        let order = play(&mut playhead, &clip, &there, 26);
        assert_eq!(order[..24], runs(&[15, 30, 45, 60]), "playing: {is_playing}");
        assert_eq!((&order[24..], playhead.direction()), (&[999, 999][..], Direction::Forward));
        // Back: 126 - 6 - 45 and so on.
        let order = play(&mut playhead, &clip, &rest, 25);
        assert_eq!(order[..24], runs(&[75, 90, 105, 120]));
        assert_eq!((order[24], playhead.direction()), (999, Direction::Backward));
    }
    // A new goal is approached from where it is, and play goes on from there.
    let speed = Settings { mode: Mode::Speed, ..hold };
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &speed, 6);
    play(&mut playhead, &clip, &Settings { position: 0.5, ..speed }, 6);
    let nearer = Settings { position: 0.25, ..speed };
    // A quarter, a half, three quarters of the way from 15 to 30: 18.75, 22.5, 26.25.
    let order = play(&mut playhead, &clip, &nearer, 30);
    assert_eq!(order, runs(&[19, 23, 26, 30, 36]));
}

#[test]
fn a_glide_no_longer_than_a_superframe_is_a_jump() {
    for glide_ticks in [0, 6] {
        let glide = Settings { glide_ticks, ..settings() };
        let mut playhead = Playhead::default();
        play(&mut playhead, &Plain(126), &glide, 6);
        let there = Settings { position: 0.5, ..glide };
        assert_eq!(play(&mut playhead, &Plain(126), &there, 12), runs(&[60, 66]));
    }
}

#[test]
fn a_function_waits_for_the_glide() {
    let function = Settings {
        mode: Mode::Function,
        glide_ticks: 12,
        timeline: Timeline { wave: Wave::Ramp, frequency: 0.0, superframes: 4 },
        ..settings()
    };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(126), &function, 6);
    let there = Settings { position: 0.5, ..function };
    let order = play(&mut playhead, &Plain(126), &there, 17);
    assert_eq!(order[..12], runs(&[30, 60]));
    // And then has it again: slice 0, backward from 120.
    assert_eq!(order[12..], [120, 121, 122, 123, 124]);
}

#[test]
fn a_cue_goes_there_without_gliding() {
    for (jumps_now, wanted) in
        [(false, [3, 4, 5, 12, 13, 14, 15]), (true, [12, 13, 14, 15, 16, 17, 18])]
    {
        let cued = Settings { jumps_now, glide_ticks: 24, ..settings() };
        let mut playhead = Playhead::default();
        play(&mut playhead, &Plain(30), &cued, 3);
        playhead.jump(1.0);
        // The later one counts.
        playhead.jump(0.5);
        assert_eq!(play(&mut playhead, &Plain(30), &cued, 7), wanted);
    }
    // It ends a glide, and wins over a scrub of the same moment.
    let glide = Settings { glide_ticks: 24, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(126), &glide, 6);
    let there = Settings { position: 0.5, ..glide };
    play(&mut playhead, &Plain(126), &there, 6);
    playhead.jump(1.0 / 3.0);
    let again = Settings { position: 0.9, ..glide };
    assert_eq!(play(&mut playhead, &Plain(126), &again, 12), runs(&[40, 46]));
}

#[test]
fn a_cue_is_obeyed_at_a_stop_in_bloom_at_rest_and_inside_the_loop() {
    let stopped = Settings { is_playing: false, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &stopped, 3);
    playhead.jump(0.5);
    let order = play(&mut playhead, &Plain(30), &stopped, 8);
    assert_eq!(order, [12, 13, 14, 15, 16, 17, 999, 999]);

    let blooms = Settings { blooms: true, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &blooms, 6);
    playhead.jump(0.5);
    assert_eq!(play(&mut playhead, &Plain(30), &blooms, 12), runs(&[12, 12]));

    // The knob has not moved: it does not call the playhead back.
    let hold = Settings { mode: Mode::Manual, at_rest: AtRest::Hold, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &hold, 6);
    playhead.jump(0.5);
    let order = play(&mut playhead, &Plain(30), &hold, 8);
    assert_eq!(order, [12, 13, 14, 15, 16, 17, 999, 999]);

    let looped = Settings { loop_points: Some((0.5, 0.75)), ..settings() };
    for (position, slice) in [(0.0, 12), (15.0 / 24.0, 15), (1.0, 18)] {
        let mut playhead = Playhead::default();
        play(&mut playhead, &Plain(30), &looped, 6);
        playhead.jump(position);
        playhead.next(&Plain(30), &looped);
        assert_eq!(playhead.slice(), SliceIndex(slice));
    }
}

#[test]
fn a_cue_can_be_taken_back_and_waits_for_its_clip() {
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &settings(), 3);
    playhead.jump(0.5);
    assert_eq!(playhead.take_jump(), Some(0.5));
    assert_eq!(playhead.take_jump(), None);
    assert_eq!(play(&mut playhead, &Plain(30), &settings(), 4), [3, 4, 5, 6]);
    playhead.jump(0.5);
    playhead.enter(false);
    assert_eq!(play(&mut playhead, &Plain(30), &settings(), 2), [12, 13]);
}

#[test]
fn clean_jumps_heal_after_a_scrub_and_a_cue() {
    // Slice 20 of 54: the intra picture of 12, and on from there to the superframe's end.
    let clean = Settings { heals_on_jump: true, jumps_now: true, ..settings() };
    let there = Settings { position: 20.0 / 54.0, ..clean };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(60), &clean, 8);
    let choice = playhead.next(&Plain(60), &there).expect("plays");
    assert_eq!(choice.heal, Some(IntraPicture::Bank(AccessUnitIndex(1))));
    assert_eq!((choice.unit.0, choice.slice.0), (12, 20));
    let wanted: Vec<u32> = (13..26).chain(26..28).collect();
    assert_eq!(play(&mut playhead, &Plain(60), &there, 15), wanted);
    // When the superframe is over, a cue.
    let clean = Settings { heals_on_jump: true, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(60), &clean, 8);
    playhead.jump(30.0 / 54.0);
    assert_eq!(heals(&mut playhead, &Plain(60), &clean, 30), [(4, 24)]);
    // At a stop, too.
    let stopped = Settings { is_playing: false, ..clean };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(60), &stopped, 3);
    let there = Settings { position: 20.0 / 54.0, ..stopped };
    assert_eq!(heals(&mut playhead, &Plain(60), &there, 30), [(0, 12)]);
}

#[test]
fn what_is_no_jump_does_not_heal() {
    let clip = Plain(60);
    let clean = Settings { heals_on_jump: true, ..settings() };
    // The start of everything is healed; loop wraps and functions are not.
    let looped = Settings { loop_points: Some((0.2, 0.4)), ..clean };
    assert_eq!(heals(&mut Playhead::default(), &clip, &looped, 100), [(0, 0)]);
    let function = Settings { mode: Mode::Function, ..clean };
    assert_eq!(heals(&mut Playhead::default(), &clip, &function, 100), [(0, 0)]);
    // A glide travels.
    let glide = Settings { glide_ticks: 24, ..clean };
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &glide, 6);
    let there = Settings { position: 0.9, ..glide };
    assert_eq!(heals(&mut playhead, &clip, &there, 100), []);
    // Without the row a scrub is none either.
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &settings(), 6);
    let there = Settings { position: 0.9, ..settings() };
    assert_eq!(heals(&mut playhead, &clip, &there, 100), []);
    // A clip that is entered by its knob is entered as the clip's own row says.
    let mut playhead = Playhead::default();
    play(&mut playhead, &clip, &clean, 6);
    playhead.enter(false);
    playhead.note_position(f64::NAN);
    let there = Settings { position: 0.5, ..clean };
    assert_eq!(heals(&mut playhead, &clip, &there, 30), []);
    assert_eq!(playhead.slice(), SliceIndex(27 + 6 * 4));
}
