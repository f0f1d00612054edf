//! Loops of gestures: what persons do to rows is kept with its beats, and repeated.
//!
//! On the engine thread; all room is there from the start. A loop keeps the events themselves, not
//! what came of them, and its clock is the beat: faster tempo, faster loop. What it repeats has the
//! source [`Source::Loop`], so that no loop records another. A row that a person touches while a loop
//! plays is left to the hand in that loop, until it is started again.

use super::instrument::Engine;
use crate::{
    params::{
        CAPACITY, Change, ControlEvent, Family, Grid, Members, ParamIndex, ParamSpec, Registry,
        Snapshot, Source, Store,
    },
    ports::DecoderMaker,
};

/// Loops there are: a row of pads.
const LOOPS: usize = 8;

/// Events of one loop: a fader that moves in every tick for two minutes at 30 ticks a second, or
/// eight of them for a quarter of a minute. 40 bytes each.
const EVENTS_MAX: usize = 4096;

/// Rows that a loop lets go again by itself: more than pads are held at once.
const PRESSED_MAX: usize = 32;

/// The longest loop, in beats: a quarter of an hour at 120 to the minute.
const BEATS_MAX: f64 = 1800.0;

/// A leap of the beat beyond this (a restart, a clock that begins elsewhere) is no time that passes,
/// in beats: a tick at 300 to the minute and 24 ticks a second is a fifth of one.
const LEAP_BEATS: f64 = 0.5;

static RECORD: Family<LOOPS> = Family::new(
    ParamSpec::switch(
        "gesture.N.record",
        "Record gestures N",
        "Keeps whatever persons do to parameters while it is on, in the place of what was there.",
        false,
    )
    .transport(),
);

static PLAY: Family<LOOPS> = Family::new(
    ParamSpec::switch(
        "gesture.N.play",
        "Play gestures N",
        "Repeats what was recorded, round and round; what is touched meanwhile is left to the hand.",
        false,
    )
    .transport(),
);

static CLEAR: Family<LOOPS> = Family::new(ParamSpec::trigger(
    "gesture.N.clear",
    "Clear gestures N",
    "Stops this loop and forgets it.",
));

static BEATS: Family<LOOPS> = Family::new(
    ParamSpec::float(
        "gesture.N.beats",
        "Gestures N",
        "How long this loop is: what was recorded, rounded to the steps that its recording waits \
         for; 0 = there is none.",
        (0.0, BEATS_MAX),
        0.0,
    )
    .unit("beats")
    .meter(),
);

/// Whether a row says that a loop records or plays. What a loop holds is gone with the program, and
/// nothing is recorded that nobody has begun.
pub(super) fn is_of_the_moment(row: &ParamSpec) -> bool {
    RECORD.rows().iter().chain(PLAY.rows()).any(|known| known.id == row.id)
}

/// All of them.
pub(super) fn params() -> [&'static [ParamSpec]; 4] {
    [RECORD.rows(), PLAY.rows(), CLEAR.rows(), BEATS.rows()]
}

/// One event, and when it was in the loop.
#[derive(Clone, Copy, Debug)]
struct Kept {
    beats: f64,
    /// In the order of the hands.
    number: u16,
    event: ControlEvent,
}

/// One loop.
#[derive(Debug)]
struct Loop {
    events: Vec<Kept>,
    length_beats: f64,
    is_recording: bool,
    is_playing: bool,
    /// How far it has come, in beats since recording or playing began.
    elapsed_beats: f64,
    /// The next event of this round.
    next: usize,
    /// Rows that a person has touched since it began to play.
    is_left: Box<[bool]>,
    /// Rows that it has pressed and not let go yet.
    pressed: Vec<ParamIndex>,
    has_overflowed: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct GestureLoops {
    record: Members<LOOPS>,
    play: Members<LOOPS>,
    clear: Members<LOOPS>,
    beats: Members<LOOPS>,
    loops: [Loop; LOOPS],
    /// Rows whose events are kept in no loop.
    never: Box<[bool]>,
    before_beats: f64,
}

impl GestureLoops {
    /// No loop keeps the events of rows that only hands move, nor those of the loops themselves.
    pub fn new(registry: &Registry) -> Self {
        let (record, play) = (RECORD.resolve(registry), PLAY.resolve(registry));
        let clear = CLEAR.resolve(registry);
        let mut is_never = vec![false; CAPACITY].into_boxed_slice();
        let by_hand = registry.iter().filter(|(_, spec)| spec.is_by_hand).map(|(row, _)| row);
        for row in [&record[..], &play[..], &clear[..]].concat().into_iter().chain(by_hand) {
            is_never[row.dense()] = true;
        }
        Self {
            record,
            play,
            clear,
            beats: BEATS.resolve(registry),
            loops: std::array::from_fn(|_| Loop {
                events: Vec::with_capacity(EVENTS_MAX),
                length_beats: 0.0,
                is_recording: false,
                is_playing: false,
                elapsed_beats: 0.0,
                next: 0,
                is_left: vec![false; CAPACITY].into_boxed_slice(),
                pressed: Vec::with_capacity(PRESSED_MAX),
                has_overflowed: false,
            }),
            never: is_never,
            before_beats: 0.0,
        }
    }

    /// The rows of recording, whose grids say what lengths are rounded to.
    pub fn record_rows(&self) -> [ParamIndex; LOOPS] {
        *self.record
    }

    /// Begins and ends recordings and rounds as the rows say. Returns the loop (from 0) that was asked
    /// to play and has nothing in it.
    fn look(&mut self, base: &Snapshot, grids: [Grid; LOOPS]) -> Option<usize> {
        let mut empty = None;
        for (place, this) in self.loops.iter_mut().enumerate() {
            let is_recording = base.is_on(self.record[place]);
            if is_recording != this.is_recording {
                if is_recording {
                    this.begin_recording();
                } else {
                    this.end_recording(grids[place]);
                }
            }
            let is_playing = base.is_on(self.play[place]) && !is_recording;
            if is_playing && !this.is_playing {
                if this.length_beats > 0.0 {
                    this.begin_playing();
                } else {
                    empty = Some(place);
                }
            }
            this.is_playing &= is_playing;
        }
        empty
    }

    /// A person has done this. Returns the loop (from 0) that has no more room for it.
    fn hear(&mut self, event: &ControlEvent) -> Option<usize> {
        let is_kept = !self.never.get(event.param.dense()).is_none_or(|never| *never);
        let mut full = None;
        for (place, this) in self.loops.iter_mut().enumerate() {
            if this.is_playing && is_kept {
                this.is_left[event.param.dense()] = true;
            }
            if !this.is_recording || !is_kept {
                continue;
            }
            if this.events.len() == EVENTS_MAX {
                if !std::mem::replace(&mut this.has_overflowed, true) {
                    full = Some(place);
                }
                continue;
            }
            let event = ControlEvent { source: Source::Loop, ..*event };
            // Fewer than there are numbers.
            let number = this.events.len() as u16;
            this.events.push(Kept { beats: this.elapsed_beats, number, event });
        }
        full
    }

    /// Time goes on by one tick.
    fn advance(&mut self, beats: f64, beats_per_tick: f64) {
        let passed = beats - self.before_beats;
        self.before_beats = beats;
        let passed = if (0.0..=LEAP_BEATS).contains(&passed) { passed } else { beats_per_tick };
        for this in &mut self.loops {
            if this.is_recording || this.is_playing {
                this.elapsed_beats += passed;
            }
        }
    }

    /// The next event that is due in this tick, of any loop.
    fn due(&mut self) -> Option<ControlEvent> {
        self.loops.iter_mut().find_map(Loop::due)
    }

    fn clear(&mut self, place: usize, store: &mut Store) {
        let this = &mut self.loops[place];
        this.events.clear();
        this.length_beats = 0.0;
        this.is_recording = false;
        this.is_playing = false;
        store.set(self.record[place], 0.0);
        store.set(self.play[place], 0.0);
    }

    fn show(&self, store: &mut Store) {
        for (row, this) in self.beats.iter().zip(&self.loops) {
            store.set(*row, this.length_beats);
        }
    }
}

impl Loop {
    fn begin_recording(&mut self) {
        self.events.clear();
        self.length_beats = 0.0;
        self.elapsed_beats = 0.0;
        self.is_recording = true;
        self.is_playing = false;
        self.has_overflowed = false;
    }

    fn end_recording(&mut self, grid: Grid) {
        self.is_recording = false;
        if self.events.is_empty() {
            return;
        }
        self.length_beats = match grid.beats() {
            // What came after the last step goes round to the beginning.
            Some(step) => ((self.elapsed_beats / step).round() * step).max(step),
            None => self.elapsed_beats,
        }
        .min(BEATS_MAX);
        let length = self.length_beats;
        for kept in &mut self.events {
            kept.beats %= length;
        }
        // In the order of the hands where two are of one moment; the stable sort would allocate.
        self.events.sort_unstable_by(|one, other| {
            one.beats.total_cmp(&other.beats).then(one.number.cmp(&other.number))
        });
    }

    fn begin_playing(&mut self) {
        self.is_playing = true;
        self.elapsed_beats = 0.0;
        self.next = 0;
        self.is_left.fill(false);
    }

    /// The next event of this round that has come; at the end a new round begins. Where the round or
    /// the loop ends, what it still presses is let go: nobody else would.
    fn due(&mut self) -> Option<ControlEvent> {
        if !self.is_playing {
            return self.let_go();
        }
        loop {
            let Some(kept) = self.events.get(self.next) else {
                if self.elapsed_beats < self.length_beats {
                    return None;
                }
                if let Some(release) = self.let_go() {
                    return Some(release);
                }
                self.elapsed_beats -= self.length_beats;
                self.next = 0;
                continue;
            };
            if kept.beats > self.elapsed_beats {
                return None;
            }
            self.next += 1;
            let event = kept.event;
            if self.is_left[event.param.dense()] {
                continue;
            }
            self.pressed.retain(|param| *param != event.param);
            if matches!(event.change, Change::Press(_)) && self.pressed.len() < PRESSED_MAX {
                self.pressed.push(event.param);
            }
            return Some(event);
        }
    }

    fn let_go(&mut self) -> Option<ControlEvent> {
        let param = self.pressed.pop()?;
        Some(ControlEvent { param, change: Change::Release, source: Source::Loop })
    }
}

impl<M: DecoderMaker> Engine<M> {
    /// A person's event enters the tick: loops that record keep it.
    pub(super) fn tell_loops(&mut self, event: &ControlEvent) {
        if !event.source.is_person() {
            return;
        }
        self.mind_loops();
        let param = self.store.registry().current(event.param);
        if let Some(place) = self.loops.hear(&ControlEvent { param, ..*event }) {
            self.notices
                .warn(format!("gesture {} is full: what comes now is not in the loop", place + 1));
        }
    }

    /// The events of the tick are in: loops that play repeat theirs.
    pub(super) fn play_loops(&mut self, slot: u64) {
        self.mind_loops();
        let at = self.canvas.rate.time_of(slot);
        while let Some(event) = self.loops.due() {
            self.delivery.tell_event(slot, &event, at);
            self.meet_late(slot, &event, at);
        }
        let per_tick =
            self.store.result().get(self.hands.tempo.rows.bpm) / 60.0 / self.canvas.rate.hertz();
        self.loops.advance(self.hands.tempo.beat.beats(), per_tick);
        self.loops.show(&mut self.store);
    }

    /// Forgets the loop that a trigger names.
    pub(super) fn clear_loop(&mut self, trigger: ParamIndex) {
        if let Some(place) = self.loops.clear.member(trigger) {
            self.loops.clear(place, &mut self.store);
        }
    }

    fn mind_loops(&mut self) {
        let habits = self.hands.gestures.habits();
        let grids = self.loops.record_rows().map(|row| habits.grid(row));
        if let Some(place) = self.loops.look(self.store.base(), grids) {
            let row = self.loops.play[place];
            self.store.set(row, 0.0);
            self.notices.warn(format!(
                "gesture {} is empty: record something with gesture.{}.record first",
                place + 1,
                place + 1
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine;
    use std::sync::Arc;

    struct Bench {
        registry: Arc<Registry>,
        store: Store,
        loops: GestureLoops,
        beats: f64,
    }

    impl Bench {
        fn new() -> Self {
            let registry = Arc::new(engine::registry().expect("rows"));
            let loops = GestureLoops::new(&registry);
            Self { store: Store::new(Arc::clone(&registry)), registry, loops, beats: 0.0 }
        }

        fn set(&mut self, id: &str, plain: f64, grid: Grid) {
            let row = self.registry.find(id).expect("a row");
            self.store.set(row, plain);
            self.loops.look(self.store.base(), [grid; LOOPS]);
        }

        fn touch(&mut self, id: &str, plain: f64) {
            let param = self.registry.find(id).expect("a row");
            let event = ControlEvent { param, change: Change::Plain(plain), source: Source::Midi };
            assert_eq!(self.loops.hear(&event), None);
        }

        /// A quarter of a beat: what is repeated in it.
        fn tick(&mut self) -> Vec<f64> {
            let mut values = Vec::new();
            while let Some(event) = self.loops.due() {
                assert_eq!(event.source, Source::Loop);
                let Change::Plain(plain) = event.change else { panic!("a value") };
                values.push(plain);
            }
            self.beats += 0.25;
            self.loops.advance(self.beats, 0.25);
            values
        }
    }

    #[test]
    fn what_was_done_comes_round_in_whole_beats() {
        let mut bench = Bench::new();
        bench.set("gesture.1.record", 1.0, Grid::Beat);
        bench.touch("decay.mix", 0.1);
        assert_eq!(bench.tick(), Vec::<f64>::new());
        bench.touch("take.keep", 1.0);
        bench.touch("decay.mix", 0.2);
        bench.touch("decay.feedback", 0.3);
        (0..6).for_each(|_| drop(bench.tick()));
        bench.touch("decay.mix", 0.4);
        bench.tick();
        // Two beats were recorded and a quarter: the length is two.
        bench.tick();
        bench.set("gesture.1.record", 0.0, Grid::Beat);
        bench.loops.show(&mut bench.store);
        let beats = bench.registry.find("gesture.1.beats").expect("a row");
        assert_eq!(bench.store.base().get(beats), 2.0);
        bench.set("gesture.1.play", 1.0, Grid::Beat);
        let round: Vec<Vec<f64>> = (0..8).map(|_| bench.tick()).collect();
        assert_eq!(round[0], [0.1]);
        assert_eq!(round[1], [0.2, 0.3]);
        assert_eq!(round[7], [0.4]);
        assert_eq!(round.concat().len(), 4);
        let again: Vec<Vec<f64>> = (0..8).map(|_| bench.tick()).collect();
        assert_eq!(again, round);
        // Touched: left to the hand until it is started anew.
        bench.touch("decay.mix", 0.9);
        let rest: Vec<f64> = (0..8).flat_map(|_| bench.tick()).collect();
        assert_eq!(rest, [0.3]);
        bench.set("gesture.1.play", 0.0, Grid::Beat);
        assert_eq!((0..8).flat_map(|_| bench.tick()).count(), 0);
        bench.set("gesture.1.play", 1.0, Grid::Beat);
        assert_eq!((0..8).map(|_| bench.tick()).collect::<Vec<_>>(), round);
    }

    #[test]
    fn what_a_loop_presses_is_let_go_when_it_ends() {
        let mut bench = Bench::new();
        let bloom = bench.registry.find("mosh.bloom").expect("a row");
        let press = ControlEvent { param: bloom, change: Change::Press(1.0), source: Source::Keys };
        bench.set("gesture.1.record", 1.0, Grid::Beat);
        bench.tick();
        assert_eq!(bench.loops.hear(&press), None);
        (0..3).for_each(|_| drop(bench.tick()));
        // The recording ends with the pad still down.
        bench.set("gesture.1.record", 0.0, Grid::Beat);
        bench.set("gesture.1.play", 1.0, Grid::Beat);
        let tick = |bench: &mut Bench| {
            let mut changes = Vec::new();
            while let Some(event) = bench.loops.due() {
                assert_eq!(event.param, bloom);
                changes.push(event.change);
            }
            bench.beats += 0.25;
            bench.loops.advance(bench.beats, 0.25);
            changes
        };
        let round: Vec<Vec<Change>> = (0..6).map(|_| tick(&mut bench)).collect();
        let (press, release) = (vec![Change::Press(1.0)], vec![Change::Release]);
        // A beat of four ticks: pressed in the second, let go where the next round begins.
        assert_eq!(round, [vec![], press.clone(), vec![], vec![], release.clone(), press]);
        // Stopped while it presses: let go at once, and once.
        bench.set("gesture.1.play", 0.0, Grid::Beat);
        assert_eq!([tick(&mut bench), tick(&mut bench)], [release, vec![]]);
    }

    #[test]
    fn lengths_are_rounded_to_the_grid() {
        for (grid, ticks, length) in [
            (Grid::Off, 7, 1.75),
            (Grid::QuarterBeat, 7, 1.75),
            (Grid::Beat, 5, 1.0),
            (Grid::Beat, 7, 2.0),
            (Grid::Bar, 7, 4.0),
            (Grid::Bar, 17, 4.0),
        ] {
            let mut bench = Bench::new();
            bench.set("gesture.2.record", 1.0, grid);
            bench.touch("decay.mix", 0.5);
            (0..ticks).for_each(|_| drop(bench.tick()));
            bench.set("gesture.2.record", 0.0, grid);
            assert_eq!(bench.loops.loops[1].length_beats, length, "{grid:?}, {ticks} ticks");
        }
    }

    #[test]
    fn a_full_loop_says_so_once_and_a_leap_of_the_beat_is_no_time() {
        let mut bench = Bench::new();
        bench.set("gesture.3.record", 1.0, Grid::Off);
        (0..EVENTS_MAX).for_each(|_| bench.touch("decay.mix", 0.5));
        let param = bench.registry.find("decay.mix").expect("a row");
        let event = ControlEvent { param, change: Change::Plain(1.0), source: Source::Osc };
        assert_eq!(bench.loops.hear(&event), Some(2));
        assert_eq!(bench.loops.hear(&event), None);
        bench.tick();
        bench.loops.advance(bench.beats + 16.0, 0.25);
        bench.set("gesture.3.record", 0.0, Grid::Off);
        assert_eq!(bench.loops.loops[2].length_beats, 0.5);
        bench.loops.clear(2, &mut bench.store);
        bench.set("gesture.3.play", 1.0, Grid::Off);
        assert!(bench.loops.due().is_none());
    }
}
