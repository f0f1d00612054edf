//! The tempo under hands and clocks.

use super::{rows::*, *};
use crate::{
    engine,
    params::{Applied, ParamSpec},
};
use std::sync::Arc;

struct Desk {
    store: Store,
    tempo: Tempo,
}

/// Thirty ticks a second.
fn desk() -> Desk {
    let registry = Arc::new(engine::registry().expect("rows"));
    let store = Store::new(Arc::clone(&registry));
    let tempo = Tempo::new(&registry, 30.0);
    Desk { store, tempo }
}

impl Desk {
    fn ticks(&mut self, ticks: u32) -> Vec<&'static str> {
        let mut said = Vec::new();
        for _ in 0..ticks {
            said.extend(self.tempo.advance(&mut self.store));
            self.tempo.show(&mut self.store);
            self.store.advance(1000.0 / 30.0);
        }
        said
    }

    fn send(&mut self, row: &ParamSpec, plain: f64, source: Source, at: Duration) {
        let param = self.store.registry().index_of(row);
        let event = ControlEvent { param, change: Change::Plain(plain), source };
        if self.tempo.hears(&event, self.store.base()).0 {
            let applied = self.store.apply(&event);
            let has_fired = matches!(applied, Applied::Fired(_));
            let _ = self.tempo.obey(&event, has_fired, at, &mut self.store);
        }
    }

    fn fire(&mut self, row: &ParamSpec, millis: u64) {
        self.send(row, 1.0, Source::Keys, Duration::from_millis(millis));
    }

    fn base(&self, row: &ParamSpec) -> f64 {
        self.store.base().get(self.store.registry().index_of(row))
    }
}

#[test]
fn four_taps_make_a_tempo_and_the_last_is_a_beat() {
    let mut desk = desk();
    desk.ticks(8);
    for millis in [0, 480, 1000] {
        desk.fire(&TAP, millis);
        assert_eq!(desk.base(&BPM), 120.0);
    }
    desk.fire(&TAP, 1500);
    // Three intervals of half a second on the average.
    assert_eq!(desk.base(&BPM), 120.0);
    assert_eq!(desk.tempo.beat.beats().fract(), 0.0);
    desk.fire(&TAP, 1750);
    // The last four: 480 to 1750 in three intervals.
    assert!((desk.base(&BPM) - 180.0 / 1.27).abs() < 1e-9);
    // Two seconds and a half: they begin anew.
    let bpm = desk.base(&BPM);
    for millis in [4250, 4650, 5050] {
        desk.fire(&TAP, millis);
        assert_eq!(desk.base(&BPM), bpm);
    }
    desk.fire(&TAP, 5450);
    assert!((desk.base(&BPM) - 150.0).abs() < 1e-9);
}

#[test]
fn the_tempo_doubles_and_halves_within_its_range() {
    let mut desk = desk();
    for (row, expected) in [
        (&DOUBLE, 240.0),
        (&DOUBLE, 240.0),
        (&HALVE, 120.0),
        (&HALVE, 60.0),
        (&HALVE, 30.0),
        (&HALVE, 30.0),
    ] {
        desk.fire(row, 0);
        assert_eq!(desk.base(&BPM), expected);
    }
}

#[test]
fn a_nudge_pushes_the_beat_and_leaves_the_tempo() {
    let mut desk = desk();
    desk.ticks(1);
    desk.send(&NUDGE_FASTER, 1.0, Source::Keys, Duration::ZERO);
    desk.ticks(1);
    let from = desk.tempo.beat.beats();
    desk.ticks(30);
    // A second at 120 bpm is two beats, and 4 % of them.
    assert!((desk.tempo.beat.beats() - from - 2.08).abs() < 1e-9);
    assert_eq!(desk.base(&BPM), 120.0);
}

#[test]
fn a_tempo_sent_by_osc_holds_until_the_next() {
    let mut desk = desk();
    let osc = SOURCE.parse("osc").expect("a choice");
    desk.send(&SOURCE, osc, Source::Window, Duration::ZERO);
    assert_eq!(desk.tempo.source(desk.store.base()), TempoSource::Osc);
    desk.send(&BPM, 128.0, Source::Osc, Duration::ZERO);
    desk.ticks(1);
    assert_eq!((desk.base(&BPM), desk.base(&IS_LOCKED)), (128.0, 1.0));
    // Ten seconds of thirty ticks each.
    assert_eq!(desk.ticks(300), Vec::<&str>::new());
    assert_eq!((desk.base(&BPM), desk.base(&IS_LOCKED)), (128.0, 1.0));
}

#[test]
fn a_clock_leads_when_nobody_is_chosen_and_its_silence_is_told() {
    let mut desk = desk();
    desk.ticks(10);
    assert_eq!(desk.tempo.source(desk.store.base()), TempoSource::Internal);
    desk.send(&BPM, 100.0, Source::Clock, Duration::ZERO);
    desk.send(&POSITION, 33.0, Source::Clock, Duration::ZERO);
    // The choice is still the performer's: what a set keeps is not who happened to be there.
    assert_eq!((desk.base(&BPM), desk.base(&SOURCE)), (100.0, SOURCE.default));
    assert_eq!(desk.tempo.source(desk.store.base()), TempoSource::Midi);
    let said = desk.ticks(1);
    assert!(said.is_empty());
    assert_eq!(desk.base(&IS_LOCKED), 1.0);
    assert!((desk.base(&POSITION) - 33.0).abs() < 0.1);
    // Two seconds of thirty ticks each.
    assert_eq!(desk.ticks(58), Vec::<&str>::new());
    assert_eq!(desk.ticks(2).len(), 1);
    assert_eq!(desk.base(&IS_LOCKED), 0.0);
    assert_eq!(desk.base(&BPM), 100.0);
    assert_eq!(desk.tempo.source(desk.store.base()), TempoSource::Internal);
    // It is followed again when it is back.
    desk.send(&BPM, 90.0, Source::Clock, Duration::ZERO);
    assert_eq!(desk.base(&BPM), 90.0);
    assert_eq!(desk.tempo.source(desk.store.base()), TempoSource::Midi);
}

#[test]
fn who_has_chosen_the_instrument_is_not_led() {
    let mut desk = desk();
    // As a set brings it that was saved so: nobody says it again.
    let source = desk.store.registry().index_of(&SOURCE);
    desk.store.set(source, 0.0);
    desk.send(&BPM, 100.0, Source::Clock, Duration::ZERO);
    desk.send(&START, 1.0, Source::Clock, Duration::ZERO);
    assert_eq!((desk.base(&BPM), desk.base(&SOURCE)), (120.0, 0.0));
    desk.ticks(1);
    assert_eq!(desk.base(&IS_LOCKED), 0.0);
}

#[test]
fn what_the_performer_moves_the_beat_by_stays_against_a_clock() {
    let mut desk = desk();
    desk.ticks(1);
    desk.send(&BPM, 120.0, Source::Clock, Duration::ZERO);
    desk.send(&POSITION, 5.25, Source::Clock, Duration::ZERO);
    desk.ticks(1);
    desk.fire(&RESYNC, 0);
    assert_eq!(desk.tempo.beat.beats().rem_euclid(4.0), 0.0);
    // A second later, as the clock has it: two beats on.
    desk.ticks(30);
    desk.send(&POSITION, 5.25 + 2.0 / 30.0 + 2.0, Source::Clock, Duration::ZERO);
    desk.ticks(30);
    let bar = desk.tempo.beat.beats().rem_euclid(4.0);
    assert!((bar - 0.0).abs() < 1e-6 || (bar - 4.0).abs() < 1e-6, "{bar}");
    desk.send(&START, 1.0, Source::Clock, Duration::ZERO);
    assert_eq!(desk.tempo.beat.beats(), 0.0);
}
