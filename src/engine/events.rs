//! What enters a tick, and what comes of it.

use super::{
    envelope::Ramp,
    instrument::Engine,
    live::DeskRequest,
    report::Arrival,
    rows::{CLIPS_MAX, GRAB_CLEAN, GRAB_PROGRAMME},
    shape::Shape,
};
use crate::{
    params::{Change, ControlEvent, ParamIndex, Queued, Source},
    playhead,
    ports::DecoderMaker,
    units::Picture,
};
use std::{sync::Arc, time::Duration};

/// How far trails come up while melting.
const MELT_FEEDBACK: f64 = 0.97;
/// How far the picture runs down in every generation while melting, in heights of the picture: half
/// a pixel of 720, which crosses the picture in 48 seconds at 30 generations a second.
const MELT_DRIFT_HEIGHTS: f64 = 1.0 / 1440.0;
/// How fast melt takes hold and lets go, in seconds.
const MELT_RISE_SECS: f64 = 0.2;
const MELT_FALL_SECS: f64 = 1.0;

impl<M: DecoderMaker> Engine<M> {
    pub(super) fn take_events(&mut self, slot: u64, is_patient: bool) {
        while let Some(event) = self.score.take_due(slot) {
            let at = self.canvas.rate.time_of(slot);
            self.apply(slot, &event, at);
        }
        while let Some((event, at)) = self.replay.as_mut().and_then(|replay| replay.next(slot)) {
            self.apply(slot, &event, at);
        }
        // Only what was there when the tick began: a flood must not hold the tick up.
        for _ in 0..self.queue.len() {
            let Some(Queued { event, at }) = self.queue.pop() else { break };
            if event.source.is_person() && self.score.is_playing() {
                // The clip plays on straight, and whatever the person touches next is obeyed.
                self.score.hand_over();
                let change = Change::Plain(playhead::MODE.default);
                let param = self.playhead_rows.mode;
                self.apply(slot, &ControlEvent { param, change, source: Source::Demo }, at);
            }
            if let Some(replay) = self.replay.as_mut().filter(|_| event.source.is_person()) {
                replay.take_over(event.param);
            }
            self.apply(slot, &event, at);
        }
        self.mind_recorder();
        self.take_arrived_clips();
        self.take_arrived_shaders();
        self.take_arrived_bank();
        self.grabs.collect(is_patient);
    }

    /// Takes users' stages in and out. While the picture is held they wait: a stage less might leave
    /// the chain neutral, and another shader is another picture.
    fn take_arrived_shaders(&mut self) {
        if self.store.in_force(self.rows.hold) >= 0.5 {
            return;
        }
        let Some(desk) = &self.shader_desk else { return };
        while let Ok(change) = desk.changes.try_recv() {
            self.arrivals.push(Arrival::Shader);
            let old = self.chain.exchange(change);
            // Where there is no room the old stage is freed here: slower, not wrong.
            let _ = desk.retired.try_send(old);
        }
    }

    fn apply(&mut self, slot: u64, event: &ControlEvent, at: Duration) {
        self.delivery.tell_event(slot, event, at);
        self.tell_loops(event);
        self.meet(slot, event, at);
    }

    /// The clip that is selected and not entered yet. What a clip keeps for itself is from here on
    /// set for that one: the performer has gone over already.
    pub(super) fn entered_next(&self) -> Option<usize> {
        self.wanted_clip().filter(|wanted| *wanted != self.clip)
    }

    /// What a trigger does; `force` is how hard it was pressed, 0..=1.
    pub(super) fn fire(&mut self, trigger: ParamIndex, force: f64) {
        let rows = self.rows;
        self.modulators.note_fired(trigger, force);
        if trigger == rows.heal_codec || trigger == rows.heal_all {
            self.playheads[self.clip].heal();
        }
        if trigger == rows.heal_decay || trigger == rows.heal_all {
            self.is_decay_heal_due = true;
        }
        if trigger == rows.resample {
            self.resample();
        }
        self.fire_member(trigger);
        self.fire_look(trigger);
        if trigger == rows.panic {
            self.panic();
        }
        self.clear_loop(trigger);
        if trigger == rows.take_keep {
            self.arrivals.push(Arrival::Keep);
        }
        if trigger == rows.panic_undo
            && let Some(before) = self.before_panic.take()
        {
            self.looks.stop();
            self.store.restore_look(&before);
            self.store.set(rows.level, before.get(rows.level));
            for row in self.latched() {
                self.store.set(row, before.get(row));
            }
            self.notices.info("panic undone");
        }
    }

    /// What panic lets go, and its undo takes up again.
    fn latched(&self) -> [ParamIndex; 8] {
        let (rows, playhead) = (self.rows, &self.playhead_rows);
        [
            rows.bloom,
            rows.melt,
            rows.melt_amount,
            rows.blackout,
            rows.hold,
            playhead.stutter,
            playhead.bend_row(),
            self.steering.edge_row(),
        ]
    }

    /// Triggers of which there are eight.
    fn fire_member(&mut self, trigger: ParamIndex) {
        let families = self.rows.families;
        let (clip, settings) = (self.clip, self.settings());
        if let Some(cue) = families.cue_go.member(trigger) {
            self.cue_due = Some(cue);
        }
        if let Some(cue) = families.cue_set.member(trigger) {
            let shape = Shape(&self.clips.clips()[clip]);
            let position = self.playheads[clip].position(&shape, settings.superframe_size);
            self.store.set(families.cue_at[cue], position);
            self.kept_changes += 1;
        }
        if let Some(slot) = families.grab.member(trigger) {
            self.grab(slot);
        }
        if let Some(slot) = families.throw.member(trigger) {
            self.grabs.throw(slot);
        }
    }

    /// Has the picture that `grab.source` names coded for a slot.
    fn grab(&mut self, slot: usize) {
        if self.takes(&Arrival::NoPicture) {
            self.arrivals.push(Arrival::NoPicture);
            return;
        }
        let picture = match self.store.in_force(self.rows.grab_source) as i64 {
            GRAB_PROGRAMME => Some(self.programme_to_grab()),
            GRAB_CLEAN => match self.clean.picture() {
                Some(clean) => self.delivery.copy_of(clean),
                None => {
                    self.notices.info("the clean picture is not there yet: the moshed one is kept");
                    self.delivery.copy_of(&self.picture)
                }
            },
            _ => self.delivery.copy_of(&self.picture),
        };
        match picture {
            Some(picture) => {
                let like = Arc::clone(&self.clips.clips()[self.clip]);
                self.grabs.take(slot, picture, like);
            }
            None => {
                self.arrivals.push(Arrival::NoPicture);
                self.notices.warn("not grabbed: all pictures are in use, try again");
            }
        }
    }

    /// The programme picture that the performer saw last; in a replay the one that it was then.
    fn programme_to_grab(&mut self) -> Arc<Picture> {
        let (last, slot) = self.delivery.last();
        let last = Arc::clone(last);
        let (picture, slot) = match self.take_programme_slot() {
            None => (last, slot),
            Some(None) => (Arc::new(Picture::black(self.canvas.width, self.canvas.height)), None),
            Some(Some(then)) => (self.delivery.picture_of(then).unwrap_or(last), Some(then)),
        };
        self.arrivals.push(Arrival::GrabOf(slot));
        picture
    }

    fn resample(&mut self) {
        if self.is_replayed_exactly() {
            // The clip that was made then comes when it came then.
            return;
        }
        let secs = self.store.in_force(self.rows.resample_secs);
        if self.clips.len() >= CLIPS_MAX {
            self.notices.warn(format!("not resampled: a set has {CLIPS_MAX} clips at most"));
            return;
        }
        match &self.clip_desk {
            Some(desk) if desk.resamples.try_send(secs).is_ok() => {
                self.notices.info(format!("the last {secs:.0} s become a clip"));
            }
            Some(_) => self.notices.warn("not resampled: the clip before is still being made"),
            None => self.notices.warn("nothing listens to the programme here: no clip is made"),
        }
    }

    fn panic(&mut self) {
        // Pressed twice, the second changes nothing that could be undone.
        if self.before_panic.is_none() || !self.store.is_look_neutral() {
            self.before_panic = Some(self.store.base().clone());
        }
        self.looks.stop();
        self.store.neutral_look();
        self.grabs.forget_throw();
        for latched in self.latched() {
            self.store.set(latched, 0.0);
        }
        self.store.set(self.rows.level, 1.0);
        // At once: smoothing and fades are for gestures.
        self.store.settle();
        self.melt = Ramp::default();
        self.blackout = Ramp::default();
        self.playheads[self.clip].heal();
        self.is_decay_heal_due = true;
        self.notices.info("panic: healed, look neutral (undo with edit.undo_panic)");
    }

    /// While melt is held, and a second longer, trails come up and the picture runs down. What was
    /// set is not touched, so that everything is as it was when melt has let go.
    pub(super) fn apply_melt(&mut self, tick_secs: f64) {
        let is_on = self.store.result().is_on(self.rows.melt);
        let melt = self.melt.advance(is_on, MELT_RISE_SECS, MELT_FALL_SECS, tick_secs);
        let melt = melt.max(self.store.result().get(self.rows.melt_amount));
        if melt > 0.0 {
            let feedback = self.store.result().get(self.feedback);
            self.store.modulate(self.feedback, (MELT_FEEDBACK - feedback).max(0.0) * melt);
            // Movement starts and ends without a jerk. Where shift is switched off, it stays off.
            let eased = melt * melt * (3.0 - 2.0 * melt);
            let drift_px = MELT_DRIFT_HEIGHTS * f64::from(self.canvas.height) * eased;
            self.store.modulate(self.drift_down, drift_px);
        }
    }

    /// Starts and stops the recording as the row says, through the desk.
    fn mind_recorder(&mut self) {
        let Some(desk) = &self.desk else { return };
        if let Ok(recorder) = desk.recorders.try_recv() {
            self.is_recorder_asked = false;
            match recorder {
                Some(recorder) => self.delivery.start_recording(recorder),
                None => self.store.set(self.rows.record, 0.0),
            }
        }
        if self.delivery.is_recording_over() {
            self.store.set(self.rows.record, 0.0);
        }
        let is_wanted = self.store.base().is_on(self.rows.record);
        if is_wanted && !self.delivery.is_recording() && !self.is_recorder_asked {
            self.is_recorder_asked = desk.requests.try_send(DeskRequest::Start).is_ok();
        }
        if !is_wanted && let Some(recorder) = self.delivery.stop_recording() {
            let _ = desk.requests.try_send(DeskRequest::Finish(recorder));
        }
    }
}
