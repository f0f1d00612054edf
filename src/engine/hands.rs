//! From hands to rows: how an event is met, obeyed, waited with, and taken back.
//!
//! On the engine thread, once per executed tick. Tempo, gestures, macros and history each know their
//! own part; here they meet the store and the clips. Nothing here allocates in the steady state.

use super::{
    gestures::{Deed, Gestures, HeldIn, Meeting},
    history::{History, Kept, Move, What},
    instrument::Engine,
    macros::{Macros, TARGETS},
    tempo::{Tempo, Told},
};
use crate::{
    params::{
        Applied, Change, ControlEvent, Counters, Gesture, Grid, Kind, ParamIndex, ParamSpec,
        Registry, Snapshot, Source,
    },
    playhead::{Mode, Settings},
    ports::DecoderMaker,
    units::Canvas,
};
use std::time::Duration;

/// Takes the last step back.
pub const EDIT_UNDO: ParamSpec = ParamSpec::trigger(
    "edit.undo",
    "Undo",
    "Takes back what was changed last, step by step: a value, a macro, a whole look, a panic, a stored \
     snapshot, what presses do. What the audience would start at stays: blackout, recording, and the \
     place while it plays.",
);
/// Makes it again.
pub const EDIT_REDO: ParamSpec =
    ParamSpec::trigger("edit.redo", "Redo", "Changes again what was taken back last.");
/// What jumps wait for.
pub const QUANTISE_JUMP: ParamSpec = ParamSpec::choice(
    "quantise.jump",
    "Jumps wait for",
    "What a cue, another clip, and a position that a pad is pressed for wait for; they then happen at \
     once. A scrub waits for nothing.",
    Grid::NAMES,
    0,
)
.transport();
/// A loop from here on.
pub const LOOP_HERE: ParamSpec = ParamSpec::trigger(
    "loop.here",
    "Loop here",
    "Puts the loop's beginning where the playhead is, and turns the loop on.",
);

/// All of them.
pub const PARAMS: &[ParamSpec] = &[EDIT_UNDO, EDIT_REDO, QUANTISE_JUMP, LOOP_HERE];

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
struct HandRows {
    undo: ParamIndex,
    redo: ParamIndex,
    quantise_jump: ParamIndex,
    loop_here: ParamIndex,
}

/// What stands between the hands and the rows.
#[derive(Debug)]
pub(super) struct Hands {
    pub tempo: Tempo,
    pub gestures: Gestures,
    macros: Macros,
    history: History,
    rows: HandRows,
    /// The values before a step that may change many of them.
    pub before: Snapshot,
    /// Whether a jump that has waited for the beat is to happen now.
    is_jump_due: bool,
    /// Whether this tick has asked the playhead yet: what begins with the beat begins once.
    is_beat_told: bool,
}

impl Hands {
    pub fn new(registry: &Registry, base: &Snapshot, canvas: Canvas) -> Self {
        let hertz = canvas.rate.hertz();
        Self {
            tempo: Tempo::new(registry, hertz),
            gestures: Gestures::new(hertz),
            macros: Macros::resolve(registry),
            history: History::new(base, hertz),
            rows: HandRows {
                undo: registry.index_of(&EDIT_UNDO),
                redo: registry.index_of(&EDIT_REDO),
                quantise_jump: registry.index_of(&QUANTISE_JUMP),
                loop_here: registry.index_of(&LOOP_HERE),
            },
            before: base.clone(),
            is_jump_due: false,
            is_beat_told: false,
        }
    }
}

impl<M: DecoderMaker> Engine<M> {
    /// A tick begins: rows that have come are taken in, and the beat moves on.
    pub(super) fn begin_beat(&mut self) {
        let gestures = &mut self.hands.gestures;
        self.looks.welcome(|new, old| gestures.hand_down(old, new));
        self.hands.is_jump_due = false;
        self.hands.is_beat_told = false;
        if let Some(line) = self.hands.tempo.advance(&mut self.store) {
            self.notices.warn(line);
        }
    }

    /// The events of the tick are in: what was waiting for this beat happens.
    pub(super) fn end_beat(&mut self, slot: u64) {
        let at = self.canvas.rate.time_of(slot);
        let mut place = 0;
        while let Some(deed) = self.hands.gestures.due(&mut place, &self.hands.tempo.beat) {
            self.obey(slot, &deed, at);
        }
        self.hands.tempo.show(&mut self.store);
    }

    /// An event enters the tick, from whatever hand.
    pub(super) fn meet(&mut self, slot: u64, event: &ControlEvent, at: Duration) {
        let param = self.store.registry().current(event.param);
        let event = ControlEvent { param, ..*event };
        let (is_heard, told) = self.hands.tempo.hears(&event, self.store.base());
        self.mind(told);
        if !is_heard {
            return;
        }
        let row = *self.store.registry().row(param);
        let clip = self.clip_of(&row);
        let plain = (self.plain_of(param, clip), HeldIn(clip));
        let jumps = self.jump_grid(&event);
        if matches!(event.change, Change::Gesture(_) | Change::Quantise(_)) {
            self.kept_changes += 1;
            self.remember_habit(&event, &row);
        }
        match self.hands.gestures.meet(&event, &row, plain, jumps) {
            Meeting::Now(deed) => self.obey(slot, &deed, at),
            Meeting::Done => {}
            Meeting::Refused => Counters::count(&self.queue.counters().refused),
        }
    }

    /// What an event waits for because it is a jump.
    fn jump_grid(&self, event: &ControlEvent) -> Grid {
        match self.is_jump(event) {
            true => Grid::of_choice(self.store.base().int(self.hands.rows.quantise_jump)),
            false => Grid::Off,
        }
    }

    /// Whether an event asks for another place or clip.
    fn is_jump(&self, event: &ControlEvent) -> bool {
        let is_press = matches!(event.change, Change::Press(_));
        event.param == self.rows.clip_select
            || self.rows.families.cue_go.contains(&event.param)
            || (event.param == self.playhead_rows.position && is_press)
    }

    /// Does what an event asks for, in this tick.
    fn obey(&mut self, slot: u64, deed: &Deed, at: Duration) {
        let event = &deed.event;
        let row = *self.store.registry().row(event.param);
        let clip = deed.held_in.map_or_else(|| self.clip_of(&row), |held| held.0);
        let before = deed.from.unwrap_or_else(|| self.plain_of(event.param, clip));
        let is_whole = self.moves_looks(event.param);
        if is_whole {
            self.hands.before.copy_from(self.store.base());
        }
        let applied = match (deed.held_in, self.entered_next()) {
            (Some(_), _) => {
                let plain = match event.change {
                    Change::Normalised(part) => row.plain_from_normalised(part),
                    Change::Plain(plain) => plain,
                    _ => before,
                };
                self.put(event.param, clip, plain);
                Applied::Moved
            }
            (None, Some(next)) => self.own.apply(next, event, &mut self.store),
            (None, None) => self.store.apply(event),
        };
        if deed.has_waited && self.is_jump(event) {
            self.hands.is_jump_due = true;
        }
        self.mind_looks(event, applied);
        match applied {
            Applied::Clamped => Counters::count(&self.queue.counters().clamped),
            Applied::Fired(force) => self.fire_by_hand(event, force, at),
            Applied::Moved | Applied::Nothing => {}
        }
        let has_fired = matches!(applied, Applied::Fired(_));
        if is_whole && event.source.is_person() {
            if event.param == self.looks.rows().preset_select {
                self.hands.history.begin();
            } else {
                self.hands.history.lead((event.param, None), event.source, slot, true);
            }
            self.end_step();
        } else if !has_fired {
            self.remember(slot, deed, &row, clip, before);
        }
        if !has_fired {
            let told = self.hands.tempo.obey(event, false, at, &mut self.store);
            self.mind(told);
        }
    }

    /// Whether moving a row moves the looks as a whole.
    fn moves_looks(&self, param: ParamIndex) -> bool {
        let rows = self.looks.rows();
        param == rows.preset_select || rows.is_crossfader(param)
    }

    /// Writes down what a person has moved, and moves what the row moves.
    fn remember(
        &mut self,
        slot: u64,
        deed: &Deed,
        row: &ParamSpec,
        clip: Option<u16>,
        before: f64,
    ) {
        let ControlEvent { param, source, change } = deed.event;
        let after = self.plain_of(param, clip);
        if before == after {
            return;
        }
        let is_kept = source.is_person() && !deed.is_passing && self.is_undone(param);
        let is_held = row.kind == Kind::Bool
            && self.hands.gestures.habits().gesture(param, row) == Gesture::Hold;
        // A switch that is meant to be held, and is turned off by hand: it never was on.
        let is_exact = matches!(change, Change::Plain(_) | Change::Normalised(_));
        let is_cancelled =
            is_kept && is_held && is_exact && self.hands.history.cancel(param, clip, after);
        let is_kept = is_kept && !is_cancelled;
        if is_kept {
            let is_turned = matches!(row.kind, Kind::Float { .. } | Kind::Int { .. });
            self.hands.history.lead((param, clip), source, slot, is_turned);
            self.hands.history.note(param, clip, before, after);
        }
        if let Some(knob) = self.hands.macros.knob(param) {
            self.turn_macro(knob, is_kept);
        }
    }

    /// Writes down what presses did to a row, or what it waited for, before a person changes that.
    fn remember_habit(&mut self, event: &ControlEvent, row: &ParamSpec) {
        let habits = self.hands.gestures.habits();
        let (what, before, after) = match event.change {
            Change::Gesture(gesture) => {
                (What::Gesture, habits.gesture(event.param, row) as usize, gesture as usize)
            }
            Change::Quantise(grid) => {
                (What::Grid, habits.grid(event.param) as usize, grid as usize)
            }
            _ => return,
        };
        self.remember_step(event, what, before, after);
    }

    /// Writes down something a person changes beside the values: a step of its own.
    pub(super) fn remember_step(
        &mut self,
        event: &ControlEvent,
        what: What,
        before: usize,
        after: usize,
    ) {
        if event.source.is_person() && before != after {
            self.hands.history.begin();
            self.hands.history.note_what(event.param, what, before as f64, after as f64);
        }
    }

    /// Writes down what a snapshot holds before a person stores another in it.
    fn remember_stored(&mut self, trigger: ParamIndex) {
        let rows = &self.looks.rows().store;
        let Some(snapshot) = rows.iter().position(|row| *row == trigger) else { return };
        if let (Some((looks, is_filled)), Ok(number)) =
            (self.looks.stored(snapshot), u8::try_from(snapshot))
        {
            self.hands.history.begin();
            self.hands.history.note_stored(trigger, number, looks, is_filled);
        }
    }

    /// Moves what a macro moves.
    fn turn_macro(&mut self, knob: usize, is_kept: bool) {
        let moves: [Option<(ParamIndex, f64)>; TARGETS] =
            self.hands.macros.moves(knob, self.store.registry(), self.store.base());
        for (param, part) in moves.into_iter().flatten() {
            let row = *self.store.registry().row(param);
            let clip = self.clip_of(&row);
            let before = self.plain_of(param, clip);
            self.put(param, clip, row.plain_from_normalised(part));
            if is_kept && self.is_undone(param) {
                self.hands.history.note(param, clip, before, self.plain_of(param, clip));
            }
        }
    }

    /// A trigger fires by somebody's hand.
    fn fire_by_hand(&mut self, event: &ControlEvent, force: f64, at: Duration) {
        let trigger = event.param;
        let rows = self.hands.rows;
        if trigger == rows.undo || trigger == rows.redo {
            self.take_back(trigger == rows.redo);
            return;
        }
        if trigger == self.rows.panic {
            // Before the step: what passes is nothing to come back to.
            let (own, store, here) = (&mut self.own, &mut self.store, self.clip);
            self.hands.gestures.clear(|param, HeldIn(clip), plain| match clip.map(usize::from) {
                Some(clip) if clip != here => {
                    own.set(clip, param, plain);
                }
                _ => store.set(param, plain),
            });
        }
        if event.source.is_person() {
            self.remember_stored(trigger);
        }
        let is_step = event.source.is_person() && self.changes_values(trigger);
        if is_step {
            self.begin_step();
        }
        if trigger == rows.loop_here {
            self.loop_here();
        }
        let told = self.hands.tempo.obey(event, true, at, &mut self.store);
        self.mind(told);
        self.fire(trigger, force);
        if is_step {
            self.end_step();
        }
    }

    /// An event of the instrument itself enters the tick after what waited for this beat has happened:
    /// where it waits for the beat as well, it may be this one.
    pub(super) fn meet_late(&mut self, slot: u64, event: &ControlEvent, at: Duration) {
        let mut place = self.hands.gestures.waiting();
        self.meet(slot, event, at);
        while let Some(deed) = self.hands.gestures.due(&mut place, &self.hands.tempo.beat) {
            self.obey(slot, &deed, at);
        }
    }

    /// A patch fires a trigger.
    pub(super) fn fire_by_patch(&mut self, slot: u64, trigger: ParamIndex, force: f64) {
        let at = self.canvas.rate.time_of(slot);
        // No person's hand, so nothing to be undone; and of no take: it follows from what a take has.
        let source = Source::Loop;
        let event = ControlEvent { param: trigger, change: Change::Plain(force), source };
        self.meet_late(slot, &event, at);
    }

    /// Whether a trigger moves rows, which is a step that can be taken back.
    fn changes_values(&self, trigger: ParamIndex) -> bool {
        trigger == self.rows.panic
            || trigger == self.rows.panic_undo
            || trigger == self.hands.rows.loop_here
            || self.hands.tempo.moves_tempo(trigger)
            || self.rows.families.cue_set.contains(&trigger)
            || self.looks.rows().recall.contains(&trigger)
    }

    /// What changes from here to [`Self::end_step`] is one step of the history, whatever it is: for
    /// looks that change as a whole.
    pub(super) fn begin_step(&mut self) {
        self.hands.history.begin();
        self.hands.before.copy_from(self.store.base());
    }

    /// See [`Self::begin_step`].
    pub(super) fn end_step(&mut self) {
        let before = std::mem::take(&mut self.hands.before);
        for (param, row) in self.store.registry().iter() {
            if row.is_meter || !before.has(param) || !self.is_undone(param) {
                continue;
            }
            // What is still on its way belongs to the step that sent it.
            let after = self.looks.goal_of(param).unwrap_or(self.store.base().get(param));
            let clip = row.is_per_clip.then_some(self.clip as u16);
            self.hands.history.note(param, clip, before.get(param), after);
        }
        self.hands.before = before;
    }

    fn loop_here(&mut self) {
        let settings = self.settings();
        let shape = super::shape::Shape(&self.clips.clips()[self.clip]);
        let position = self.playheads[self.clip].position(&shape, settings.superframe_size);
        self.store.set(self.playhead_rows.loop_start, position);
        self.store.set(self.playhead_rows.loop_on, 1.0);
    }

    /// Takes a step back, or makes it again.
    fn take_back(&mut self, is_redo: bool) {
        let mut history = std::mem::replace(&mut self.hands.history, History::none());
        let has_one = match is_redo {
            false => history.undo(|made, kept| self.put_back(made, made.before, kept)),
            true => history.redo(|made, kept| self.put_back(made, made.after, kept)),
        };
        self.hands.history = history;
        if !has_one {
            self.notices.info(match is_redo {
                false => "there is nothing more to undo",
                true => "there is nothing to redo",
            });
        }
    }

    /// Puts what has moved to where it was on one side of a step.
    fn put_back(&mut self, made: &Move, plain: f64, kept: Option<&mut Kept>) {
        let param = made.param;
        match (made.what, kept) {
            (What::Value(clip), _) => {
                self.hands.gestures.forget_row(param, HeldIn(clip));
                self.put(param, clip, plain);
                return;
            }
            (What::Gesture, _) => {
                let row = *self.store.registry().row(param);
                if let Some(gesture) = Gesture::ALL.get(plain as usize) {
                    self.hands.gestures.put_gesture(param, &row, *gesture);
                }
            }
            (What::Grid, _) => {
                self.hands.gestures.put_grid(param, Grid::of_choice(plain as i64));
            }
            (What::Exclusion, _) => {
                self.looks.exclude(param, plain > 0.0);
            }
            (What::Stored { snapshot, .. }, Some(Kept { looks, is_filled })) => {
                self.looks.exchange(usize::from(snapshot), looks, is_filled);
            }
            (What::Stored { .. }, None) => {}
        }
        // A set keeps these by itself.
        self.kept_changes += 1;
    }

    /// Whether moves of a row are steps that can be taken back.
    fn is_undone(&self, param: ParamIndex) -> bool {
        let (rows, playhead) = (self.rows, &self.playhead_rows);
        let never = [rows.record, rows.blackout, playhead.bend_row()];
        if never.contains(&param) || self.hands.tempo.is_push(param) {
            return false;
        }
        // While it plays the position is where the clip is.
        param != playhead.position || self.is_position_a_knob()
    }

    fn is_position_a_knob(&self) -> bool {
        let settings = self.settings();
        !settings.is_playing || settings.mode == Mode::Manual
    }

    /// The clip whose own value of a row hands move now, where clips keep it.
    fn clip_of(&self, row: &ParamSpec) -> Option<u16> {
        row.is_per_clip.then(|| self.entered_next().unwrap_or(self.clip) as u16)
    }

    fn plain_of(&self, param: ParamIndex, clip: Option<u16>) -> f64 {
        let base = self.store.base().get(param);
        match clip.map(usize::from) {
            Some(clip) if clip != self.clip => self.own.get(clip, param).unwrap_or(base),
            _ => base,
        }
    }

    fn put(&mut self, param: ParamIndex, clip: Option<u16>, plain: f64) {
        self.looks.leave_to_hand(param);
        match clip.map(usize::from) {
            Some(clip) if clip != self.clip => {
                let plain = self.store.registry().row(param).clamp(plain);
                self.own.set(clip, param, plain);
            }
            _ => self.store.set(param, plain),
        }
    }

    fn mind(&mut self, told: Option<Told>) {
        match told {
            Some(Told::Say(line)) => self.notices.info(line),
            Some(Told::Play(is_playing)) => {
                self.store.set(self.playhead_rows.play, f64::from(u8::from(is_playing)));
            }
            None => {}
        }
    }

    /// The results that hands push for as long as they push: called once a tick, when the values of
    /// the tick stand.
    pub(super) fn apply_bend(&mut self) {
        let bend = self.playhead_rows.bend(self.store.result());
        if bend != 0.0 {
            self.store.modulate(self.playhead_rows.speed, bend);
        }
    }

    /// What the beat says of the playhead's settings.
    pub(super) fn settle_with_beat(&self, mut settings: Settings, questions: u32) -> Settings {
        let (hands, result) = (&self.hands, self.store.result());
        settings.jumps_now |= hands.is_jump_due;
        let ticks = |beats: f64| {
            let per_tick = result.get(hands.tempo.rows.bpm) / 60.0 / self.canvas.rate.hertz();
            // Rather too long than too short: the beat begins it anew.
            let ticks = (beats / per_tick - 1e-6).ceil().max(1.0) as u32;
            ticks.saturating_mul(questions)
        };
        let is_due = |beats: f64| !hands.is_beat_told && hands.tempo.beat.has_passed(beats);
        if settings.stutter_units.is_some()
            && let Some(beats) = self.playhead_rows.stutter_beats(result)
        {
            settings.stutter_units = Some(ticks(beats));
            settings.is_stutter_due = is_due(beats);
        }
        if settings.loop_points.is_some()
            && let Some(beats) = self.playhead_rows.loop_beats(result)
        {
            settings.loop_units = Some(ticks(beats));
            settings.is_loop_due = is_due(beats);
        }
        settings
    }

    /// The playhead has been asked: what begins with this beat has begun.
    pub(super) fn note_asked(&mut self) {
        self.hands.is_beat_told = true;
    }
}
