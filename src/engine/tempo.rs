//! The tempo: the rows that a beat is set by, taps, and clocks that it follows.
//!
//! On the engine thread. Clocks (MIDI's, OSC's) come as events of [`Source::Clock`] on these rows,
//! from threads that know their bytes; here it is decided whether anybody listens to them.

use super::beat::Beat;
use crate::params::{
    BEATS_PER_BAR, Change, ControlEvent, ParamIndex, ParamSpec, Registry, Snapshot, Source, Store,
};
use std::time::Duration;

/// How far the tempo is pushed by a nudge that is held, as a part of it: what pitch bend buttons of
/// turntables do.
const NUDGE: f64 = 0.04;

/// Taps that make a tempo, and after which silence they begin anew.
const TAPS: usize = 4;
const TAP_RESET: Duration = Duration::from_secs(2);

/// After what silence a clock is no longer followed, in seconds.
const SILENCE_SECS: f64 = 2.0;

/// The tempo.
pub const BPM: ParamSpec = ParamSpec::float(
    "tempo.bpm",
    "Tempo",
    "Beats in a minute; a clock that is followed moves it.",
    (20.0, 300.0),
    120.0,
)
.unit("bpm")
.transport();
/// Tap.
pub const TAP: ParamSpec = ParamSpec::trigger(
    "tempo.tap",
    "Tap",
    "Four taps set the tempo, and the last is a beat; after two seconds they begin anew.",
);
/// Push.
pub const NUDGE_BY: ParamSpec = ParamSpec::float(
    "tempo.nudge",
    "Nudge",
    "Pushes the beat while it is off its middle: up to 4 % faster or slower; the tempo stays.",
    (-1.0, 1.0),
    0.0,
)
.transport()
.held();
/// Push back.
pub const NUDGE_SLOWER: ParamSpec = ParamSpec::switch(
    "tempo.nudge_slower",
    "Nudge back",
    "While on, the beat is 4 % slower: it comes later.",
    false,
)
.transport()
.held();
/// Push on.
pub const NUDGE_FASTER: ParamSpec = ParamSpec::switch(
    "tempo.nudge_faster",
    "Nudge on",
    "While on, the beat is 4 % faster: it comes sooner.",
    false,
)
.transport()
.held();
/// Twice as fast.
pub const DOUBLE: ParamSpec =
    ParamSpec::trigger("tempo.double", "Tempo x2", "Counts twice as fast, up to 300 bpm.");
/// Half as fast.
pub const HALVE: ParamSpec =
    ParamSpec::trigger("tempo.halve", "Tempo /2", "Counts half as fast, down to 20 bpm.");
/// The bar begins.
pub const RESYNC: ParamSpec =
    ParamSpec::trigger("tempo.resync", "Resync", "The beat is now, and a bar begins.");
/// Who leads.
pub const SOURCE: ParamSpec = ParamSpec::choice(
    "tempo.source",
    "Tempo from",
    "Who leads the beat: the instrument itself whatever comes, a MIDI clock, OSC, or Link (not in this \
     build). Auto follows a MIDI clock while there is one.",
    &["internal", "midi", "osc", "link", "auto"],
    4,
)
.transport();
/// What a clock's start means.
pub const OBEY_START: ParamSpec = ParamSpec::switch(
    "tempo.obey_start",
    "Obey start",
    "Whether the start of a clock begins a bar.",
    true,
)
.transport();
/// What a clock's stop means.
pub const OBEY_STOP: ParamSpec = ParamSpec::switch(
    "tempo.obey_stop",
    "Obey stop",
    "Whether the stop of a clock pauses the playhead, and its start or continue lets it go on.",
    false,
)
.transport();
/// A clock starts.
pub const START: ParamSpec = ParamSpec::trigger(
    "tempo.start",
    "Clock start",
    "A clock starts from its beginning: see tempo.obey_start.",
)
.detail();
/// A clock goes on.
pub const CONTINUE: ParamSpec = ParamSpec::trigger(
    "tempo.continue",
    "Clock continue",
    "A clock goes on from where it is: see tempo.obey_stop.",
)
.detail();
/// A clock stops.
pub const STOP: ParamSpec = ParamSpec::trigger(
    "tempo.stop",
    "Clock stop",
    "A clock stops: see tempo.obey_stop. The beat goes on.",
)
.detail();
/// Where the beat is.
pub const POSITION: ParamSpec = ParamSpec::float(
    "tempo.position",
    "Beats",
    "Beats since the start, or where the clock that is followed says that it is.",
    (0.0, 1e9),
    0.0,
)
.meter()
.detail();
/// Where in the beat.
pub const PHASE: ParamSpec =
    ParamSpec::float("tempo.phase", "Beat", "How much of this beat is over.", (0.0, 1.0), 0.0)
        .meter();
/// Where in the bar.
pub const BAR_PHASE: ParamSpec = ParamSpec::float(
    "tempo.bar_phase",
    "Bar",
    "How much of this bar of four beats is over.",
    (0.0, 1.0),
    0.0,
)
.meter();
/// Whether a clock leads.
pub const IS_LOCKED: ParamSpec = ParamSpec::switch(
    "tempo.is_locked",
    "Locked",
    "Whether the chosen clock is there and is followed.",
    false,
)
.meter();

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    BPM,
    TAP,
    NUDGE_BY,
    NUDGE_SLOWER,
    NUDGE_FASTER,
    DOUBLE,
    HALVE,
    RESYNC,
    SOURCE,
    OBEY_START,
    OBEY_STOP,
    START,
    CONTINUE,
    STOP,
    POSITION,
    PHASE,
    BAR_PHASE,
    IS_LOCKED,
];

/// Who leads the beat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TempoSource {
    /// The instrument itself.
    #[default]
    Internal,
    /// A MIDI clock.
    Midi,
    /// OSC: whoever moves the tempo there.
    Osc,
    /// Ableton Link: see [`crate::ports::TempoLink`].
    Link,
}

impl TempoSource {
    /// The source of a plain value of [`SOURCE`]; `None` for whoever comes.
    fn of_choice(choice: i64) -> Option<Self> {
        match choice {
            0 => Some(Self::Internal),
            1 => Some(Self::Midi),
            2 => Some(Self::Osc),
            3 => Some(Self::Link),
            _ => None,
        }
    }

    /// Its name, as [`SOURCE`] has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Midi => "midi",
            Self::Osc => "osc",
            Self::Link => "link",
        }
    }
}

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub(super) struct TempoRows {
    pub bpm: ParamIndex,
    tap: ParamIndex,
    nudge: ParamIndex,
    slower: ParamIndex,
    faster: ParamIndex,
    double: ParamIndex,
    halve: ParamIndex,
    resync: ParamIndex,
    source: ParamIndex,
    obey_start: ParamIndex,
    obey_stop: ParamIndex,
    start: ParamIndex,
    go_on: ParamIndex,
    stop: ParamIndex,
    position: ParamIndex,
    phase: ParamIndex,
    bar_phase: ParamIndex,
    is_locked: ParamIndex,
}

impl TempoRows {
    fn resolve(registry: &Registry) -> Self {
        let index = |row: &ParamSpec| registry.index_of(row);
        Self {
            bpm: index(&BPM),
            tap: index(&TAP),
            nudge: index(&NUDGE_BY),
            slower: index(&NUDGE_SLOWER),
            faster: index(&NUDGE_FASTER),
            double: index(&DOUBLE),
            halve: index(&HALVE),
            resync: index(&RESYNC),
            source: index(&SOURCE),
            obey_start: index(&OBEY_START),
            obey_stop: index(&OBEY_STOP),
            start: index(&START),
            go_on: index(&CONTINUE),
            stop: index(&STOP),
            position: index(&POSITION),
            phase: index(&PHASE),
            bar_phase: index(&BAR_PHASE),
            is_locked: index(&IS_LOCKED),
        }
    }

    /// Whether a clock moves this row.
    fn is_clocks(&self, param: ParamIndex) -> bool {
        [self.bpm, self.position, self.start, self.go_on, self.stop].contains(&param)
    }
}

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
    /// The stamps of the latest taps, the oldest first, and how many.
    taps: [Duration; TAPS],
    tapped: usize,
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
            taps: [Duration::ZERO; TAPS],
            tapped: 0,
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
        let is_over =
            self.silent_ticks.is_some_and(|ticks| f64::from(ticks) >= SILENCE_SECS * self.hertz);
        let was_led = self.source(store.base()) != TempoSource::Internal;
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
            self.tap(at, store);
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

    fn tap(&mut self, at: Duration, store: &mut Store) {
        let last = self.tapped.checked_sub(1).map(|last| self.taps[last]);
        if last.is_some_and(|last| at.saturating_sub(last) > TAP_RESET) {
            self.tapped = 0;
        }
        if self.tapped == TAPS {
            self.taps.rotate_left(1);
            self.tapped -= 1;
        }
        self.taps[self.tapped] = at;
        self.tapped += 1;
        let secs = at.saturating_sub(self.taps[0]).as_secs_f64();
        if self.tapped < TAPS || secs <= 0.0 {
            return;
        }
        store.set(self.rows.bpm, 60.0 * (TAPS - 1) as f64 / secs);
        self.beat.align();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine;
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
                let has_fired = matches!(applied, crate::params::Applied::Fired(_));
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
}
