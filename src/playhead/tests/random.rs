//! Whatever is asked, in whatever order: what is fed exists, and lies where it may.

use super::*;
use proptest::{collection::vec, option, prelude::*};

/// A clip as the clip room has it: uneven streams, an intra picture every so often.
#[derive(Clone, Copy, Debug)]
struct Streams {
    forward: u32,
    backward: u32,
    intra_interval: u32,
}

/// Distance between the pictures of the intra bank.
const BANK: u32 = 12;

impl ClipShape for Streams {
    fn units(&self, direction: Direction) -> u32 {
        match direction {
            Direction::Forward => self.forward,
            Direction::Backward => self.backward,
        }
    }

    fn backward_start(&self, slice: SliceIndex, superframe_size: u32) -> AccessUnitIndex {
        let size = superframe_size.clamp(1, self.forward);
        let (forward, backward) = (self.forward - size, self.backward.saturating_sub(size));
        if forward == 0 {
            return AccessUnitIndex(0);
        }
        let from_end = forward.saturating_sub(slice.0);
        AccessUnitIndex((from_end * backward + forward / 2) / forward)
    }

    fn is_intra(&self, direction: Direction, unit: AccessUnitIndex) -> bool {
        assert!(unit.0 < self.units(direction), "asked beyond the stream");
        unit.0.is_multiple_of(self.intra_interval)
    }

    fn heal_place(&self, direction: Direction, unit: AccessUnitIndex) -> HealPlace {
        assert!(unit.0 < self.units(direction), "healed beyond the stream");
        let unit = AccessUnitIndex(unit.0 / BANK * BANK);
        HealPlace { intra: IntraPicture::Bank(AccessUnitIndex(unit.0 / BANK)), unit }
    }
}

/// What happens besides, before a run of ticks.
#[derive(Clone, Copy, Debug)]
enum Hand {
    Nothing,
    Heal,
    Jump(f64),
    Enter(bool),
    NotePosition(f64),
}

fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![
        4 => Just(Hand::Nothing),
        1 => Just(Hand::Heal),
        1 => (0.0..=1.0).prop_map(Hand::Jump),
        1 => any::<bool>().prop_map(Hand::Enter),
        1 => prop_oneof![Just(f64::NAN), 0.0..=1.0].prop_map(Hand::NotePosition),
    ]
}

fn wave() -> impl Strategy<Value = Wave> {
    prop_oneof![
        Just(Wave::RectifiedSine),
        (any::<bool>(), 0.0..4.0).prop_map(|(is_rectified, amplitude_secondary)| {
            Wave::Sinusoid { is_rectified, amplitude_secondary, frequency_secondary: 4.0 }
        }),
        (1_u32..=60, 0.0..4.0).prop_map(|(superframe_size, amplitude_secondary)| {
            Wave::Supersaw { superframe_size, amplitude_secondary }
        }),
        Just(Wave::Triangle),
        Just(Wave::Ramp),
        (0_u64..9, 0.0..=1.0).prop_map(|(seed, step)| Wave::RandomWalk { seed, step }),
        (0_u64..9, 1_u32..9).prop_map(|(seed, hold)| Wave::SampleAndHold { seed, hold }),
        Just(Wave::Drawn),
        Just(Wave::List),
    ]
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let mode = prop_oneof![Just(Mode::Manual), Just(Mode::Speed), Just(Mode::Function)];
    let at_rest = prop_oneof![Just(AtRest::PlayOn), Just(AtRest::Bloom), Just(AtRest::Hold)];
    let at_end = prop_oneof![Just(AtEnd::Loop), Just(AtEnd::Bounce), Just(AtEnd::Stop)];
    let speed = prop_oneof![Just(1.0), Just(-1.0), -4.0..=4.0];
    let loop_points = option::of((0.0..=1.0, 0.0..=1.0));
    let glide_ticks = prop_oneof![Just(0), 0_u32..=120];
    (
        (mode, at_rest, at_end, wave(), loop_points),
        (0.0..=1.0, speed, 1_u32..=60, glide_ticks, option::of(1_u32..=60)),
        (0.0..=64.0, 1_u32..=50),
        proptest::array::uniform6(any::<bool>()),
        (option::of(1_u32..=400), any::<bool>(), any::<bool>()),
    )
        .prop_map(|(choices, numbers, (frequency, superframes), switches, beat)| {
            let (loop_units, is_loop_due, is_stutter_due) = beat;
            let (mode, at_rest, at_end, wave, loop_points) = choices;
            let (position, speed, superframe_size, glide_ticks, stutter_units) = numbers;
            let [is_stopped, jumps_now, skips_intra, blooms, is_reversed, heals_on_jump] = switches;
            Settings {
                is_playing: !is_stopped,
                mode,
                position,
                // As far as -1..=1, either way.
                push: position * speed / 4.0,
                speed,
                is_reversed,
                superframe_size,
                at_rest,
                at_end,
                loop_points,
                jumps_now,
                glide_ticks,
                heals_on_jump,
                skips_intra,
                blooms,
                stutter_units,
                is_stutter_due,
                loop_units,
                is_loop_due,
                timeline: Timeline { wave, frequency, superframes },
            }
        })
}

fn clip() -> impl Strategy<Value = Streams> {
    let units = || prop_oneof![1_u32..8, 1_u32..300];
    (units(), units(), prop_oneof![1_u32..4, Just(1000)]).prop_map(
        |(forward, backward, intra_interval)| Streams { forward, backward, intra_interval },
    )
}

fn obey(playhead: &mut Playhead, hand: Hand) {
    match hand {
        Hand::Nothing => {}
        Hand::Heal => playhead.heal(),
        Hand::Jump(position) => playhead.jump(position),
        Hand::Enter(with_heal) => playhead.enter(with_heal),
        Hand::NotePosition(position) => playhead.note_position(position),
    }
}

/// The first access unit that a loop may feed in a direction, and the one after its last: slices
/// first to last, both of them whole.
fn loop_units(clip: &Streams, settings: &Settings, direction: Direction) -> (u32, u32) {
    let units = clip.units(direction);
    let clip_last = f64::from(slices(clip.forward, settings.superframe_size) - 1);
    let place = |part: f64| (part * clip_last).round() as u32;
    let (one, other) = settings.loop_points.unwrap_or((0.0, 1.0));
    let (first, last) = (place(one.min(other)), place(one.max(other)));
    let size = settings.superframe_size.min(units);
    let (start, end) = match direction {
        Direction::Forward => (first, last + size),
        Direction::Backward => {
            let backward = |slice| clip.backward_start(SliceIndex(slice), size).0;
            // The stream's own end belongs to its last superframe, in clips shorter than one.
            let end = if first == 0 { units } else { backward(first) + size };
            (backward(last), end)
        }
    };
    (start.min(units - size), end.min(units))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_fed_that_is_not_there_and_it_comes_out_the_same_again(
        clip in clip(),
        runs in vec((any_settings(), hand(), 1_usize..80), 1..8),
    ) {
        let mut playhead = Playhead::default();
        let mut again = Playhead::default();
        for (settings, hand, ticks) in runs {
            obey(&mut playhead, hand);
            obey(&mut again, hand);
            for _ in 0..ticks {
                let choice = playhead.next(&clip, &settings);
                prop_assert_eq!(choice, again.next(&clip, &settings));
                if let Some(choice) = choice {
                    prop_assert!(choice.unit.0 < clip.units(choice.direction), "{:?}", choice);
                    prop_assert!(choice.slice.0 < clip.forward, "{:?}", choice);
                    prop_assert_eq!(choice.direction, playhead.direction());
                }
                let knob = playhead.knob_position(&clip, &settings);
                prop_assert!((0.0..=1.0).contains(&knob));
            }
        }
    }

    #[test]
    fn a_loop_is_not_left(
        clip in clip(),
        before in vec((any_settings(), hand(), 1_usize..80), 0..3),
        settings in any_settings(),
        scrubs in vec(0.0..=1.0, 1..6),
    ) {
        let mut playhead = Playhead::default();
        for (settings, hand, ticks) in before {
            obey(&mut playhead, hand);
            (0..ticks).for_each(|_| { playhead.next(&clip, &settings); });
        }
        let mut settings = Settings {
            is_playing: true,
            heals_on_jump: false,
            // How long such a loop is, is a matter of its own.
            loop_units: None,
            ..settings
        };
        // What was begun before ends: a superframe, healed or not, and what stuttered.
        let calm = Settings { stutter_units: None, ..settings };
        (0..150).for_each(|_| { playhead.next(&clip, &calm); });
        for position in scrubs {
            settings.position = position;
            for _ in 0..70 {
                let Some(choice) = playhead.next(&clip, &settings) else { continue };
                let (first, end) = loop_units(&clip, &settings, choice.direction);
                prop_assert!((first..end).contains(&choice.unit.0), "{choice:?} {first}..{end}");
            }
        }
    }
}
