//! What presses do, tick by tick; where the steps are is said by whole numbers, not by the beat.

use super::*;
use crate::params::{Applied, Registry, Store};
use proptest::prelude::*;
use std::sync::Arc;

const HELD: ParamSpec = ParamSpec::switch("t.held", "Held", "", false).held();
const LATCHED: ParamSpec = ParamSpec::switch("t.latched", "Latched", "", false);
const LEVEL: ParamSpec = ParamSpec::float("t.level", "Level", "", (0.0, 1.0), 0.25);
const FIRE: ParamSpec = ParamSpec::trigger("t.fire", "Fire", "");

struct Desk {
    store: Store,
    gestures: Gestures,
    beat: Beat,
    beats_per_tick: f64,
    /// The tick that is next.
    tick: u64,
    /// Ticks at which the trigger fired, and with what force.
    fired: Vec<(u64, f64)>,
    jumps: Grid,
}

fn desk(bpm: f64, hertz: f64) -> Desk {
    let registry = Arc::new(Registry::join(&[&[HELD, LATCHED, LEVEL, FIRE]]).expect("rows"));
    Desk {
        store: Store::new(registry),
        gestures: Gestures::new(hertz),
        beat: Beat::default(),
        beats_per_tick: bpm / 60.0 / hertz,
        tick: 0,
        fired: Vec::new(),
        jumps: Grid::Off,
    }
}

impl Desk {
    /// One tick that these events enter.
    fn tick(&mut self, events: &[(&ParamSpec, Change)]) {
        self.beat.advance(self.beats_per_tick);
        for (row, change) in events {
            let param = self.store.registry().index_of(row);
            let event = ControlEvent { param, change: *change, source: Source::Osc };
            let plain = self.store.base().get(param);
            let meeting = self.gestures.meet(&event, row, (plain, HeldIn(None)), self.jumps);
            if let Meeting::Now(deed) = meeting {
                self.obey(&deed);
            }
        }
        let mut place = 0;
        while let Some(deed) = self.gestures.due(&mut place, &self.beat) {
            self.obey(&deed);
        }
        self.tick += 1;
    }

    fn obey(&mut self, deed: &Deed) {
        if let Applied::Fired(force) = self.store.apply(&deed.event) {
            self.fired.push((self.tick, force));
        }
    }

    fn ticks(&mut self, ticks: u64) {
        (0..ticks).for_each(|_| self.tick(&[]));
    }

    fn base(&self, row: &ParamSpec) -> f64 {
        self.store.base().get(self.store.registry().index_of(row))
    }

    /// The base value of a row after each of so many ticks.
    fn course(&mut self, row: &ParamSpec, ticks: u64) -> Vec<f64> {
        (0..ticks)
            .map(|_| {
                self.tick(&[]);
                self.base(row)
            })
            .collect()
    }
}

const PRESS: Change = Change::Press(0.5);

#[test]
fn without_a_grid_presses_act_at_once() {
    let mut desk = desk(120.0, 30.0);
    desk.tick(&[(&HELD, PRESS), (&LATCHED, PRESS), (&FIRE, PRESS), (&LEVEL, PRESS)]);
    assert_eq!((desk.base(&HELD), desk.base(&LATCHED), desk.base(&LEVEL)), (1.0, 1.0, 0.5));
    assert_eq!(desk.fired, [(0, 0.5)]);
    let release = Change::Release;
    desk.tick(&[(&HELD, release), (&LATCHED, release), (&FIRE, release), (&LEVEL, release)]);
    assert_eq!((desk.base(&HELD), desk.base(&LATCHED), desk.base(&LEVEL)), (0.0, 1.0, 0.5));
    desk.tick(&[(&LATCHED, PRESS), (&HELD, release)]);
    assert_eq!((desk.base(&HELD), desk.base(&LATCHED)), (0.0, 0.0));
    desk.ticks(100);
    assert_eq!(desk.fired.len(), 1);
}

#[test]
fn a_value_that_is_held_goes_back_to_where_it_was() {
    let mut desk = desk(120.0, 30.0);
    desk.tick(&[(&LEVEL, Change::Gesture(Gesture::Hold)), (&LEVEL, Change::Press(1.0))]);
    assert_eq!(desk.base(&LEVEL), 1.0);
    // Twice pressed, and from where it was at first.
    desk.tick(&[(&LEVEL, Change::Press(0.75))]);
    assert_eq!(desk.base(&LEVEL), 0.75);
    desk.tick(&[(&LEVEL, Change::Release)]);
    assert_eq!(desk.base(&LEVEL), 0.25);
    // A fader takes it over: then the release is nothing.
    desk.tick(&[(&LEVEL, PRESS), (&LEVEL, Change::Plain(0.1)), (&LEVEL, Change::Release)]);
    assert_eq!(desk.base(&LEVEL), 0.1);
}

#[test]
fn a_one_shot_is_on_for_a_quarter_of_a_second_or_for_a_step() {
    let mut desk = desk(120.0, 24.0);
    desk.tick(&[(&HELD, Change::Gesture(Gesture::OneShot)), (&HELD, PRESS)]);
    // Six ticks of 24 a second: this one and five more.
    assert_eq!(desk.course(&HELD, 7), [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    // Of twelve ticks is a beat: the next begins at 12, this is tick 8.
    desk.tick(&[(&HELD, Change::Quantise(Grid::Beat)), (&HELD, PRESS)]);
    let course = desk.course(&HELD, 20);
    let on: Vec<usize> = (0..20).filter(|at| course[*at] == 1.0).map(|at| at + 9).collect();
    assert_eq!(on, (12..24).collect::<Vec<_>>());
}

#[test]
fn a_held_switch_goes_from_step_to_step() {
    let mut desk = desk(120.0, 30.0);
    desk.tick(&[(&HELD, Change::Quantise(Grid::Beat))]);
    desk.ticks(1);
    // A tap between two steps: from 15 to 30.
    desk.tick(&[(&HELD, PRESS), (&HELD, Change::Release)]);
    let course = desk.course(&HELD, 30);
    let on: Vec<usize> = (0..30).filter(|at| course[*at] == 1.0).map(|at| at + 3).collect();
    assert_eq!(on, (15..30).collect::<Vec<_>>());
}

#[test]
fn a_trigger_with_a_grid_fires_by_its_gesture() {
    let fired = |gesture, hold_ticks| {
        let mut desk = desk(120.0, 30.0);
        desk.ticks(2);
        desk.tick(&[
            (&FIRE, Change::Quantise(Grid::Beat)),
            (&FIRE, Change::Gesture(gesture)),
            (&FIRE, PRESS),
        ]);
        desk.ticks(hold_ticks);
        desk.tick(&[(&FIRE, Change::Release)]);
        desk.ticks(30);
        desk.tick(&[(&FIRE, PRESS), (&FIRE, Change::Release)]);
        desk.ticks(40);
        desk.fired.iter().map(|(tick, _)| *tick).collect::<Vec<_>>()
    };
    // Held from 2 to 43; pressed again at 74.
    assert_eq!(fired(Gesture::Hold, 40), [15, 30, 75]);
    // A tap is not lost.
    assert_eq!(fired(Gesture::Hold, 1), [15, 45]);
    assert_eq!(fired(Gesture::OneShot, 40), [15, 75]);
    // From press to press.
    assert_eq!(fired(Gesture::Latch, 40), [15, 30, 45, 60]);
}

#[test]
fn many_hits_before_a_step_are_one_and_only_jumps_wait_for_the_jumps() {
    let mut desk = desk(120.0, 30.0);
    desk.jumps = Grid::Beat;
    desk.ticks(1);
    desk.tick(&[
        (&FIRE, Change::Fire),
        (&FIRE, Change::Plain(0.25)),
        (&LEVEL, Change::Plain(0.5)),
        (&LEVEL, Change::Plain(0.75)),
    ]);
    let waits_for = |desk: &Desk, row| {
        let awaited = desk.gestures.awaited(desk.store.registry().index_of(row));
        awaited.map(|(change, _)| change)
    };
    desk.ticks(13);
    assert_eq!((desk.base(&LEVEL), desk.fired.len()), (0.25, 0));
    assert_eq!(waits_for(&desk, &LEVEL), Some(Change::Plain(0.75)));
    assert_eq!(waits_for(&desk, &LATCHED), None);
    desk.ticks(1);
    assert_eq!((desk.base(&LEVEL), &desk.fired[..]), (0.75, &[(15, 0.25)][..]));
    assert_eq!(waits_for(&desk, &LEVEL), None);
    desk.jumps = Grid::Off;
    desk.tick(&[(&LEVEL, Change::Quantise(Grid::Bar)), (&LEVEL, Change::Plain(1.0))]);
    assert_eq!(desk.base(&LEVEL), 1.0);
}

#[test]
fn what_is_cleared_does_not_come_and_what_is_held_goes_back() {
    let mut desk = desk(120.0, 30.0);
    desk.ticks(1);
    desk.tick(&[(&HELD, PRESS), (&FIRE, Change::Quantise(Grid::Beat)), (&FIRE, PRESS)]);
    let mut back = Vec::new();
    desk.gestures.clear(|param, _, plain| back.push((param.dense(), plain)));
    // The trigger was held, too.
    assert!(back.contains(&(0, 0.0)), "{back:?}");
    desk.ticks(60);
    assert!(desk.fired.is_empty());
}

#[test]
fn more_than_there_is_room_for_is_refused_and_told() {
    let mut gestures = Gestures::new(30.0);
    let rows: Vec<ParamSpec> = (0..=WAITING_MAX)
        .map(|number| ParamSpec { id: format!("many.{number}").leak(), ..FIRE })
        .collect();
    let registry = Registry::join(&[&rows]).expect("rows");
    let mut meetings = Vec::new();
    for row in &rows {
        let event =
            |change| ControlEvent { param: registry.index_of(row), change, source: Source::Osc };
        gestures.meet(&event(Change::Quantise(Grid::Bar)), row, (0.0, HeldIn(None)), Grid::Off);
        meetings.push(gestures.meet(&event(Change::Fire), row, (0.0, HeldIn(None)), Grid::Off));
    }
    assert_eq!(meetings.pop(), Some(Meeting::Refused));
    assert!(meetings.iter().all(|meeting| *meeting == Meeting::Done));
}

/// What hands do to the held switch: presses, releases, other grids, other ways of passing, time.
fn hand() -> impl Strategy<Value = Vec<Change>> {
    let one = prop_oneof![
        4 => (0.1..=1.0).prop_map(Change::Press),
        4 => Just(Change::Release),
        1 => prop::sample::select(Grid::ALL.to_vec()).prop_map(Change::Quantise),
        1 => prop::sample::select(vec![Gesture::Hold, Gesture::OneShot]).prop_map(Change::Gesture),
    ];
    prop::collection::vec(one, 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_pressed_and_let_go_is_off(
        bpm in 20_u64..=300,
        hands in prop::collection::vec((hand(), 0_u64..40), 1..40),
    ) {
        let mut desk = desk(bpm as f64, 30.0);
        for (changes, ticks) in hands {
            let events: Vec<_> = changes.into_iter().map(|change| (&HELD, change)).collect();
            desk.tick(&events);
            desk.ticks(ticks);
        }
        desk.tick(&[(&HELD, Change::Release)]);
        // On at a step and off at the next, of four bars at most, 16 beats each.
        desk.ticks(2 * 16 * 60 * 30 / bpm + 10);
        prop_assert_eq!(desk.base(&HELD), 0.0);
        desk.ticks(100);
        prop_assert_eq!(desk.base(&HELD), 0.0);
    }

    /// Step k of a grid of q quarters is at the first tick t with 4 t bpm >= 60 hertz q k.
    #[test]
    fn what_waits_happens_at_the_next_step(
        bpm in 20_u64..=300,
        hertz in prop::sample::select(vec![24_u64, 25, 30, 60]),
        grid in prop::sample::select(Grid::ALL[1..].to_vec()),
        sent in 0_u64..3000,
    ) {
        let mut desk = desk(bpm as f64, hertz as f64);
        desk.gestures.habits.grids.fill(grid);
        desk.ticks(sent);
        desk.tick(&[(&FIRE, Change::Fire)]);
        let quarters = (grid.beats().expect("a grid") * 4.0) as u64;
        let expected = (0..)
            .map(|step: u64| (60 * hertz * quarters * step).div_ceil(4 * bpm))
            .find(|tick| *tick >= sent)
            .expect("a step");
        desk.ticks(expected - sent + 5);
        prop_assert_eq!(&desk.fired, &[(expected, 1.0)]);
    }
}
