//! The tempo: what moves the beat on, taps, and clocks that it follows.
//!
//! On the engine thread. Clocks (MIDI's, OSC's) come as events of [`Source::Clock`] on these rows,
//! from threads that know their bytes; here it is decided whether anybody listens to them.

mod rows;
mod taps;
#[cfg(test)]
mod tests;

pub use rows::TempoSource;
pub(super) use rows::{PARAMS, POSITION};

use super::beat::Beat;
use crate::params::{
    BEATS_PER_BAR, Change, ControlEvent, ParamIndex, Registry, Snapshot, Source, Store,
};
use rows::TempoRows;
use std::time::Duration;
use taps::Taps;

/// How far the tempo is pushed by a nudge that is held, as a part of it: what pitch bend buttons of
/// turntables do.
const NUDGE: f64 = 0.04;

/// After what silence a clock is no longer followed, in seconds.
const SILENCE_SECS: f64 = 2.0;

/// What came of an event on these rows, where others have to do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Something to say to the person.
    Say(&'static str),
    /// The playhead is to play or pause.
    Play(bool),
}

/// The tempo and its beat.
#[derive(Debug)]
pub(super) struct Tempo {
    pub beat: Beat,
    pub rows: TempoRows,
    hertz: f64,
    taps: Taps,
    /// Ticks since the clock was last heard; `None` = never, or its silence has been told.
    silent_ticks: Option<u32>,
    /// What the performer has moved the beat by against the clock, in beats.
    offset: f64,
}

impl Tempo {
    /// At `hertz` ticks a second.
    pub fn new(registry: &Registry, hertz: f64) -> Self {
        Self {
            beat: Beat::default(),
            rows: TempoRows::resolve(registry),
            hertz,
            taps: Taps::default(),
            silent_ticks: None,
            offset: 0.0,
        }
    }

    /// Whether a trigger sets the tempo.
    pub fn moves_tempo(&self, trigger: ParamIndex) -> bool {
        [self.rows.tap, self.rows.double, self.rows.halve].contains(&trigger)
    }

    /// Whether a row pushes the beat while somebody holds it.
    pub fn is_push(&self, param: ParamIndex) -> bool {
        [self.rows.nudge, self.rows.slower, self.rows.faster].contains(&param)
    }

    /// Who leads; where nobody is chosen a clock that is there, else the instrument.
    pub fn source(&self, base: &Snapshot) -> TempoSource {
        TempoSource::of_choice(base.int(self.rows.source)).unwrap_or(match self.silent_ticks {
            Some(_) => TempoSource::Midi,
            None => TempoSource::Internal,
        })
    }

    /// Whether a clock is followed.
    pub fn is_locked(&self, base: &Snapshot) -> bool {
        self.source(base) != TempoSource::Internal && self.silent_ticks.is_some()
    }

    /// One executed tick: the beat moves on, the meters follow. Returns what there is to say.
    pub fn advance(&mut self, store: &mut Store) -> Option<&'static str> {
        let rows = self.rows;
        let result = store.result();
        let pushed = result.get(rows.nudge) + f64::from(u8::from(result.is_on(rows.faster)))
            - f64::from(u8::from(result.is_on(rows.slower)));
        let pace = result.get(rows.bpm) / 60.0 / self.hertz;
        let push = pace * NUDGE * pushed.clamp(-1.0, 1.0);
        if self.is_locked(store.base()) {
            self.offset += push;
        }
        self.beat.advance(pace + push);
        self.silent_ticks = self.silent_ticks.map(|ticks| ticks.saturating_add(1));
        // A tempo that is sent by OSC holds until the next: it falls silent never.
        let source = self.source(store.base());
        let is_over = source != TempoSource::Osc
            && self.silent_ticks.is_some_and(|ticks| f64::from(ticks) >= SILENCE_SECS * self.hertz);
        let was_led = source != TempoSource::Internal;
        if is_over {
            self.silent_ticks = None;
        }
        (is_over && was_led).then_some("the clock has fallen silent: the beat goes on at its tempo")
    }

    /// Shows where the beat is. Called when the events of the tick are in.
    pub fn show(&self, store: &mut Store) {
        let (rows, beats) = (self.rows, self.beat.beats());
        store.set(rows.position, beats.max(0.0));
        store.set(rows.phase, beats.rem_euclid(1.0));
        store.set(rows.bar_phase, (beats / BEATS_PER_BAR).rem_euclid(1.0));
        let is_locked = self.is_locked(store.base());
        store.set(rows.is_locked, f64::from(u8::from(is_locked)));
    }

    /// Before an event is obeyed: whether it is listened to. Where nobody is chosen to lead, a clock
    /// that comes leads, which is said.
    pub fn hears(&self, event: &ControlEvent, base: &Snapshot) -> (bool, Option<Told>) {
        if event.source != Source::Clock || !self.rows.is_clocks(event.param) {
            return (true, None);
        }
        match TempoSource::of_choice(base.int(self.rows.source)) {
            Some(TempoSource::Midi | TempoSource::Link) => (true, None),
            Some(TempoSource::Internal | TempoSource::Osc) => (false, None),
            None => {
                let line = "a clock has come and leads the beat (tempo.source)";
                (true, self.silent_ticks.is_none().then_some(Told::Say(line)))
            }
        }
    }

    /// An event has been obeyed: what it means for the beat. `at` is when it was sent; `has_fired`
    /// says whether it fired, where the row is a trigger.
    pub fn obey(
        &mut self,
        event: &ControlEvent,
        has_fired: bool,
        at: Duration,
        store: &mut Store,
    ) -> Option<Told> {
        let rows = self.rows;
        let source = self.source(store.base());
        let is_clock = match event.source {
            Source::Clock => rows.is_clocks(event.param),
            Source::Osc => source == TempoSource::Osc && event.param == rows.bpm,
            _ => false,
        };
        if is_clock {
            let was_locked = self.silent_ticks.replace(0).is_some();
            if event.param == rows.position
                && let Change::Plain(beats) = event.change
                && beats.is_finite()
            {
                let beats = beats + self.offset;
                if was_locked { self.beat.follow(beats) } else { self.beat.go_to(beats) }
            }
        }
        has_fired.then(|| self.fire(event.param, at, store)).flatten()
    }

    fn fire(&mut self, trigger: ParamIndex, at: Duration, store: &mut Store) -> Option<Told> {
        let rows = self.rows;
        let bpm = store.base().get(rows.bpm);
        let is_locked = self.is_locked(store.base());
        if trigger == rows.tap {
            if is_locked {
                return Some(Told::Say("not tapped: a clock leads the beat (tempo.source)"));
            }
            if let Some(bpm) = self.taps.tap(at) {
                store.set(rows.bpm, bpm);
                self.beat.align();
            }
        } else if trigger == rows.double && bpm * 2.0 <= store.registry().row(rows.bpm).range().1 {
            store.set(rows.bpm, bpm * 2.0);
        } else if trigger == rows.halve && bpm / 2.0 >= store.registry().row(rows.bpm).range().0 {
            store.set(rows.bpm, bpm / 2.0);
        } else if trigger == rows.resync {
            let on = self.beat.restart();
            self.offset = if is_locked { self.offset + on } else { 0.0 };
        } else if trigger == rows.start {
            if store.base().is_on(rows.obey_start) {
                self.offset = 0.0;
                self.beat.go_to(0.0);
            }
            return store.base().is_on(rows.obey_stop).then_some(Told::Play(true));
        } else if trigger == rows.go_on {
            return store.base().is_on(rows.obey_stop).then_some(Told::Play(true));
        } else if trigger == rows.stop {
            return store.base().is_on(rows.obey_stop).then_some(Told::Play(false));
        }
        None
    }
}
