//! Orders of access units worked out by hand.

use super::*;
use crate::modulation::{Timeline, Wave};

mod beats;
mod ends;
mod functions;
mod gestures;
mod push;
mod random;
mod stutter;

/// A clip of `0` access units both ways, with an intra picture at its start and a bank of every
/// 12th place.
struct Plain(u32);

/// A clip whose streams have different lengths.
struct Uneven {
    forward: u32,
    backward: u32,
}

impl ClipShape for Uneven {
    fn units(&self, direction: Direction) -> u32 {
        match direction {
            Direction::Forward => self.forward,
            Direction::Backward => self.backward,
        }
    }

    fn backward_start(&self, slice: SliceIndex, superframe_size: u32) -> AccessUnitIndex {
        let (forward, backward) = (self.forward - superframe_size, self.backward - superframe_size);
        AccessUnitIndex((forward - slice.0) * backward / forward)
    }

    fn is_intra(&self, _: Direction, unit: AccessUnitIndex) -> bool {
        unit.0 == 0
    }

    fn heal_place(&self, direction: Direction, unit: AccessUnitIndex) -> HealPlace {
        Plain(self.units(direction)).heal_place(direction, unit)
    }
}

impl ClipShape for Plain {
    fn units(&self, _: Direction) -> u32 {
        self.0
    }

    fn backward_start(&self, slice: SliceIndex, superframe_size: u32) -> AccessUnitIndex {
        AccessUnitIndex(self.0 - superframe_size - slice.0)
    }

    fn is_intra(&self, _: Direction, unit: AccessUnitIndex) -> bool {
        unit.0 == 0
    }

    fn heal_place(&self, _: Direction, unit: AccessUnitIndex) -> HealPlace {
        let unit = AccessUnitIndex(unit.0 / 12 * 12);
        let intra = match unit.0 {
            0 => IntraPicture::Own(unit),
            _ => IntraPicture::Bank(AccessUnitIndex(unit.0 / 12)),
        };
        HealPlace { intra, unit }
    }
}

fn settings() -> Settings {
    Settings {
        is_playing: true,
        mode: Mode::Speed,
        position: 0.0,
        push: 0.0,
        speed: 1.0,
        is_reversed: false,
        superframe_size: 6,
        at_rest: AtRest::PlayOn,
        at_end: AtEnd::Loop,
        loop_points: None,
        jumps_now: false,
        glide_ticks: 0,
        heals_on_jump: false,
        skips_intra: true,
        blooms: false,
        stutter_units: None,
        is_stutter_due: false,
        loop_units: None,
        is_loop_due: false,
        timeline: Timeline { wave: Wave::RectifiedSine, frequency: 0.5, superframes: 10 },
    }
}

fn play(playhead: &mut Playhead, clip: &Plain, settings: &Settings, count: usize) -> Vec<u32> {
    (0..count).map(|_| playhead.next(clip, settings).map_or(999, |choice| choice.unit.0)).collect()
}

#[test]
fn straight_play_starts_with_the_intra_picture_and_leaves_nothing_out() {
    let mut playhead = Playhead::default();
    let first = playhead.next(&Plain(30), &settings());
    assert_eq!(first.and_then(|choice| choice.heal), Some(IntraPicture::Own(AccessUnitIndex(0))));
    let rest: Vec<u32> = (1..30).collect();
    assert_eq!(play(&mut playhead, &Plain(30), &settings(), 29), rest);
    // Round again: the intra picture is left out, the mosh goes on.
    assert_eq!(play(&mut playhead, &Plain(30), &settings(), 3), [1, 2, 3]);
}

#[test]
fn half_speed_and_backward() {
    let half = Settings { speed: 0.5, ..settings() };
    let mut playhead = Playhead::default();
    let order = play(&mut playhead, &Plain(30), &half, 12);
    assert_eq!(order, [0, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 8]);
    let back = Settings { speed: -1.0, ..settings() };
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(30), &settings(), 18);
    // Slice 12 was played forward; slice 6 backward starts at 30 - 6 - 6.
    assert_eq!(play(&mut playhead, &Plain(30), &back, 7), [18, 19, 20, 21, 22, 23, 24]);
    assert_eq!(playhead.direction(), Direction::Backward);
    assert_eq!(playhead.slice(), SliceIndex(0));
}

#[test]
fn a_scrub_waits_for_the_superframe_or_does_not() {
    for (jumps_now, wanted) in [(false, [3, 4, 5, 24, 25]), (true, [24, 25, 26, 27, 28])] {
        let mut playhead = Playhead::default();
        play(&mut playhead, &Plain(30), &settings(), 3);
        let scrub = Settings { position: 1.0, jumps_now, ..settings() };
        assert_eq!(play(&mut playhead, &Plain(30), &scrub, 5), wanted);
    }
}

#[test]
fn at_rest_it_plays_on_blooms_or_holds() {
    for (at_rest, wanted) in [
        (AtRest::PlayOn, [12, 13, 14, 15, 16, 17, 18]),
        (AtRest::Bloom, [12, 13, 14, 15, 16, 17, 12]),
        (AtRest::Hold, [12, 13, 14, 15, 16, 17, 999]),
    ] {
        let manual = Settings { mode: Mode::Manual, position: 0.5, at_rest, ..settings() };
        let mut playhead = Playhead::default();
        assert_eq!(play(&mut playhead, &Plain(30), &manual, 7), wanted);
    }
}

#[test]
fn a_function_sets_slice_and_direction() {
    let function = Settings {
        mode: Mode::Function,
        superframe_size: 2,
        timeline: Timeline { wave: Wave::RectifiedSine, frequency: 1.0, superframes: 5 },
        ..settings()
    };
    let mut playhead = Playhead::default();
    // |sin| at 0, 1/4, 1/2, 3/4 of the period: slices 0, 28, 0, 28.
    let mut slices = Vec::new();
    for _ in 0..8 {
        let choice = playhead.next(&Plain(30), &function).expect("plays");
        slices.push((choice.slice.0, choice.direction));
    }
    use Direction::{Backward, Forward};
    assert_eq!(slices[1..3], [(0, Forward), (28, Forward)]);
    assert_eq!(slices[4..6], [(0, Backward), (0, Backward)]);
}

#[test]
fn a_heal_feeds_the_intra_picture_before_the_place_and_goes_on_from_there() {
    let mut playhead = Playhead::default();
    play(&mut playhead, &Plain(60), &settings(), 20);
    playhead.heal();
    let healed = playhead.next(&Plain(60), &settings()).expect("plays");
    assert_eq!(healed.unit, AccessUnitIndex(12));
    assert_eq!(healed.heal, Some(IntraPicture::Bank(AccessUnitIndex(1))));
    assert_eq!(play(&mut playhead, &Plain(60), &settings(), 3), [13, 14, 15]);
}

#[test]
fn a_clip_of_one_picture_is_shown_and_held() {
    let mut playhead = Playhead::default();
    assert_eq!(play(&mut playhead, &Plain(1), &settings(), 3), [0, 999, 999]);
    let playing = Settings { skips_intra: false, ..settings() };
    assert_eq!(play(&mut playhead, &Plain(1), &playing, 3), [0, 0, 0]);
}

#[test]
fn a_superframe_longer_than_the_clip_is_cut_to_it() {
    let long = Settings { superframe_size: 60, skips_intra: false, ..settings() };
    let mut playhead = Playhead::default();
    assert_eq!(play(&mut playhead, &Plain(4), &long, 6), [0, 1, 2, 3, 0, 1]);
    assert_eq!(slices(4, 60), 1);
    assert_eq!(slices(0, 6), 0);
    assert_eq!(slices(10, 6), 5);
}

#[test]
fn at_a_stop_the_picture_is_held_and_a_scrub_plays_its_superframe() {
    let stopped = Settings { is_playing: false, ..settings() };
    let mut playhead = Playhead::default();
    // The first picture is shown even so.
    assert_eq!(play(&mut playhead, &Plain(30), &stopped, 3), [0, 999, 999]);
    let scrub = Settings { position: 1.0, ..stopped };
    assert_eq!(play(&mut playhead, &Plain(30), &scrub, 8), [24, 25, 26, 27, 28, 29, 999, 999]);
}

#[test]
fn the_rest_of_a_clip_is_a_shorter_superframe() {
    let mut playhead = Playhead::default();
    let wanted: Vec<u32> = (0..20).chain([1, 2, 3]).collect();
    assert_eq!(play(&mut playhead, &Plain(20), &settings(), 23), wanted);
    // At double speed superframes are left out anyway.
    let double = Settings { speed: 2.0, ..settings() };
    let mut playhead = Playhead::default();
    let order = play(&mut playhead, &Plain(20), &double, 13);
    assert_eq!(order, [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 1]);
}

#[test]
fn a_heal_where_the_direction_turns_is_of_the_new_stream() {
    let clip = Uneven { forward: 150, backward: 234 };
    let mut playhead = Playhead::default();
    for _ in 0..48 {
        playhead.next(&clip, &settings());
    }
    // Slice 42 has been played to its end; the next superframe goes back to slice 36, whose
    // backward place (144 - 36) * 228 / 144 = 171 lies beyond the forward stream's end.
    playhead.heal();
    let back = Settings { speed: -1.0, ..settings() };
    let healed = playhead.next(&clip, &back).expect("plays");
    assert_eq!((healed.direction, healed.unit.0), (Direction::Backward, 168));
    assert_eq!(healed.heal, Some(IntraPicture::Bank(AccessUnitIndex(14))));
}

#[test]
fn a_scrub_is_obeyed_in_function_mode() {
    let function = Settings { mode: Mode::Function, ..settings() };
    let mut playhead = Playhead::default();
    for _ in 0..12 {
        playhead.next(&Plain(60), &function);
    }
    let scrub = Settings { position: 1.0, ..function };
    let choice = playhead.next(&Plain(60), &scrub).expect("plays");
    assert_eq!(choice.slice, SliceIndex(54));
}
