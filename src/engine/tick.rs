//! One tick.

use super::{
    feeding::Awaited,
    instrument::Engine,
    live::DeskRequest,
    modulators::{Fired, Moment, mean_luma},
    replay::Replay,
    report::{Arrival, SlotReport},
    shape::Shape,
    status::{Recording, Status},
};
use crate::{
    decay::Frame,
    playhead::{self, Choice, Part},
    ports::DecoderMaker,
    units::{ClipIndex, Direction, Tick},
};
use std::time::{Duration, Instant};

/// How long a tick may wait for its picture.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Until this moment; then the slot is late.
    Live {
        /// The moment.
        decode_until: Instant,
    },
    /// Until it is there.
    Offline,
}

impl<M: DecoderMaker> Engine<M> {
    /// One tick: what happens in `slot`.
    pub fn tick(&mut self, slot: u64, pace: Pace) {
        self.chain.set_patient(matches!(pace, Pace::Offline));
        // An access unit still outstanding belongs to a tick that has begun: it is finished first,
        // and nothing else moves meanwhile.
        let begins = self.outstanding.is_none();
        self.begin_replay(slot);
        if begins {
            let is_patient = matches!(pace, Pace::Offline);
            self.begin_beat();
            self.take_events(slot, is_patient);
            self.end_beat(slot);
            self.play_loops(slot);
            let tick_secs = 1.0 / self.canvas.rate.hertz();
            self.looks.advance(&mut self.store);
            self.modulators.prepare(&self.store);
            self.store.advance(tick_secs * 1000.0);
            self.modulate(slot, tick_secs);
            self.apply_melt(tick_secs);
            self.apply_bend();
            self.steering.apply(&mut self.store);
            let is_listened_to = self.store.base().is_on(self.rows.resample_listen);
            self.delivery.set_listened_to(is_listened_to);
            let is_limited = self.store.base().is_on(self.rows.flash_limit);
            self.delivery.set_limited(is_limited);
            self.go_over();
            self.feed(slot, is_patient);
        }
        // Where the take says that the picture was late, it is left for a later slot.
        let awaited = match self.replay.as_ref().is_some_and(|replay| replay.is_begun_only(slot)) {
            true => Awaited::Late,
            false => self.await_picture(pace),
        };
        match awaited {
            Awaited::Late => {
                if begins {
                    self.arrivals.push(Arrival::Begun);
                }
                self.tell_arrivals(slot);
                self.skip_slot(slot);
            }
            Awaited::Arrived => {
                self.store.cut(self.clip_brightness, mean_luma(&self.picture));
                self.show(slot, true);
            }
            Awaited::Held => self.show(slot, false),
        }
    }

    /// Tells the observers what came into this tick at its own time.
    fn tell_arrivals(&mut self, slot: u64) {
        let lists = [&mut self.arrivals, &mut self.grabs.told, &mut self.clean.told];
        for arrival in lists.into_iter().flat_map(|list| list.drain(..)) {
            self.delivery.tell(slot, &arrival);
        }
    }

    /// Moves results by whatever modulates them, and fires what patches fire.
    fn modulate(&mut self, slot: u64, tick_secs: f64) {
        let beats = self.hands.tempo.beat.beats();
        self.modulators.run(&mut self.store, Moment { tick_secs, beats });
        while let Some(Fired { trigger, force }) = self.modulators.take_due() {
            self.fire_by_patch(slot, trigger, force);
        }
        if let Some(wisher) = &self.wisher {
            wisher.wish(self.store.result());
        }
    }

    /// A slot without a picture of its own: the last is shown again and nothing advances.
    pub fn skip_slot(&mut self, slot: u64) {
        self.late_slots += 1;
        if self.replay.as_ref().is_some_and(Replay::is_steady) {
            return;
        }
        // Nothing has advanced: the line is that of the picture that is shown again.
        let report = SlotReport {
            tick: Tick(slot),
            late: true,
            healed: false,
            units_fed: 0,
            thrown: None,
            decode_micros: 0,
            gpu_micros: 0,
            ..self.shown
        };
        self.delivery.slot(report, false);
        self.publish_status(slot);
    }

    /// Takes arrived read-backs; waits at most `wait` for more, or for all of them (`None`).
    pub fn collect(&mut self, wait: Option<Duration>) {
        let (delivery, submitted, gpu_micros) =
            (&mut self.delivery, &self.submitted, &mut self.gpu_micros);
        self.chain.collect(wait, &mut |slot, bytes| {
            let (of, at) = submitted[slot as usize % submitted.len()];
            let at = at.filter(|_| of == slot);
            *gpu_micros = at.map_or(0, |at| micros(at.elapsed()));
            delivery.arrived(slot, bytes, *gpu_micros);
        });
        if self.delivery.take_flash_notice() {
            self.notices.warn("flashes are held back for the audience's sake (flash.limit)");
        }
    }

    /// The end of a run: everything under way is delivered, the recording is finished.
    pub fn finish(&mut self) {
        self.collect(Some(Duration::from_secs(2)));
        self.delivery.close();
        // Its file is finished when it is dropped; at the end of the run that may take its time.
        drop(self.delivery.stop_stream());
        if let Some(recorder) = self.delivery.stop_recording()
            && let Some(desk) = &self.desk
        {
            // The last word of the run: the file's end matters more than the wait.
            let _ = desk.requests.send(DeskRequest::Finish(recorder));
        }
        self.desk = None;
        self.clip_desk = None;
        self.shader_desk = None;
        self.bank_desk = None;
        // The last word: whoever writes the state down has it as it ended.
        self.state_due = 0;
        self.publish_state(self.shown.tick.0);
        self.state = None;
        self.grabs.close();
    }

    /// Wears the picture and starts its way to the audience.
    fn show(&mut self, slot: u64, is_new: bool) {
        let hertz = self.canvas.rate.hertz();
        let result = self.store.result();
        let is_held = result.is_on(self.rows.hold);
        let fade_secs = result.get(self.rows.blackout_secs);
        let is_black = result.is_on(self.rows.blackout);
        let black = self.blackout.advance(is_black, fade_secs, fade_secs, 1.0 / hertz);
        let level = result.get(self.rows.level) * (1.0 - black);
        if is_held {
            self.generations_due = 0.0;
        } else {
            self.generations_due += result.get(self.generations_per_second) / hertz;
            self.look.copy_from(result);
        }
        self.is_picture_unshown |= is_new || self.is_mix_stale;
        self.is_mix_stale = false;
        let heals = self.is_decay_heal_due && !is_held;
        // Sixtieths and thirtieths do not add up exactly.
        let generations = (self.generations_due + 1e-9).floor();
        self.generations_due -= generations;
        if heals {
            self.generation = 0;
        }
        if self.chain.has_failed() {
            if !self.is_chain_mourned {
                self.is_chain_mourned = true;
                let why = self.chain.is_broken().unwrap_or_default();
                self.notices.error(format!("the last picture is held: {why}"));
                // What was on its way will not arrive.
                self.delivery.close();
            }
            self.tell_arrivals(slot);
            self.delivery.slot(SlotReport { late: true, ..self.report(slot) }, false);
            self.publish_status(slot);
            return;
        }
        self.submitted[slot as usize % self.submitted.len()] = (slot, Some(Instant::now()));
        let is_fresh = self.is_picture_unshown && !is_held;
        if is_fresh {
            self.mix();
        }
        let planes = if self.mix_part > 0 { &self.mixed } else { &self.picture }.planes();
        let frame = Frame {
            slot,
            picture: is_fresh.then_some(&planes),
            // While the picture is held its look is, too: only the level moves.
            params: &self.look,
            generations: generations as u32,
            heal: heals,
            level: level as f32,
            generation: self.generations_ever,
            age: self.generation,
        };
        let late_codings = self.chain.late_codings();
        let submitted = self.chain.submit(&frame);
        if self.chain.late_codings() != late_codings {
            self.arrivals.push(Arrival::CodecLate);
        }
        if let Some(news) = self.chain.news() {
            self.notices.warn(news);
        }
        self.is_decay_heal_due &= !heals;
        self.is_picture_unshown &= is_held;
        // A neutral chain keeps no worn picture: its age begins anew.
        self.generation = match submitted.is_neutral {
            true => 0,
            false => self.generation + u64::from(submitted.generations_made),
        };
        self.generations_ever += u64::from(submitted.generations_made);
        if !is_new {
            // The picture is held: no access unit was fed for this slot.
            self.choice = self.choice.map(|choice| Choice { heal: None, ..choice });
        }
        let mut report = self.report(slot);
        if !is_new {
            report.access_unit = None;
        }
        self.shown = report;
        self.tell_arrivals(slot);
        let is_unread = self.takes(&Arrival::Unread);
        self.delivery.slot(report, submitted.read_back && !is_unread);
        self.publish_status(slot);
    }

    fn report(&self, slot: u64) -> SlotReport {
        let playhead = &self.playheads[self.clip];
        let size = self.playhead_rows.superframe_size(self.store.result());
        SlotReport {
            tick: Tick(slot),
            late: false,
            clip: ClipIndex(self.clip as u16),
            direction: playhead.direction(),
            slice: playhead.slice().0,
            access_unit: self.choice.filter(|_| self.thrown.is_none()).map(|choice| choice.unit.0),
            units_fed: self.units_fed,
            thrown: self.thrown.map(|slot| slot as u8),
            healed: self.choice.is_some_and(|choice| choice.heal.is_some()),
            generation: self.generation,
            position: playhead.position(&Shape(&self.clips.clips()[self.clip]), size),
            decode_micros: self.decode_micros,
            gpu_micros: self.gpu_micros,
        }
    }

    fn publish_status(&mut self, slot: u64) {
        let mut readers = std::mem::take(&mut self.status);
        for reader in &mut readers {
            self.fill_status(slot, reader.input_buffer_mut());
            reader.publish();
        }
        self.status = readers;
        self.publish_state(slot);
    }

    /// Where the playhead of a clip (from 0) is, 0..=1 of its slices.
    pub(super) fn position_of(&self, clip: usize) -> f64 {
        let size = self.playhead_rows.superframe_size(self.store.result());
        self.playheads[clip].position(&Shape(&self.clips.clips()[clip]), size)
    }

    fn fill_status(&self, slot: u64, out: &mut Status) {
        let report = self.report(slot);
        let size = self.playhead_rows.superframe_size(self.store.result());
        let clip = &self.clips.clips()[self.clip];
        out.slot = slot;
        out.late_slots = self.late_slots;
        out.is_playing = self.store.result().is_on(self.playhead_rows.play);
        out.clip = Some(report.clip);
        out.next_clip = self.next_clip();
        out.direction = report.direction;
        out.slice = report.slice;
        out.slices = playhead::slices(clip.stream(Direction::Forward).len() as u32, size);
        out.access_unit = report.access_unit.unwrap_or(out.access_unit);
        out.position = report.position;
        let settings = self.settings();
        let part = Part::of(&Shape(clip), &settings);
        out.loop_slices = settings.loop_points.map(|_| (part.first, part.last));
        let playhead = &self.playheads[self.clip];
        out.superframe_number = playhead.superframe_number();
        // Shared with the playhead, which keeps them: nothing is copied or freed here.
        out.curve = playhead.function().curve.clone();
        out.positions = playhead.function().positions.clone();
        out.generation = self.generation;
        out.is_clean = !self.is_spliced && self.generation == 0;
        out.decode_micros = self.decode_micros;
        out.gpu_micros = self.gpu_micros;
        out.slot_micros = micros(self.canvas.rate.time_of(1));
        let (slots, refused) = self.delivery.recorded();
        out.held_back_slots = self.delivery.held_back();
        out.grabs_filled = self.grabs.filled();
        out.recording = match self.delivery.is_recording() {
            true => Recording::On { slots, refused },
            false => Recording::Off,
        };
        out.snapshots_filled = self.looks.filled();
        out.morph = self.looks.progress();
        out.is_demo = self.score.is_playing();
        out.caption = self.score.caption().cloned();
        let tempo = &self.hands.tempo;
        out.beats = tempo.beat.beats();
        out.bpm = self.store.result().get(tempo.rows.bpm);
        out.tempo_source = tempo.source(self.store.base());
        out.is_tempo_locked = tempo.is_locked(self.store.base());
        out.habits.copy_from(self.hands.gestures.habits());
        out.excluded.resize(self.looks.excluded().len(), false);
        out.excluded.copy_from_slice(self.looks.excluded());
        out.base.copy_from(self.store.base());
        out.result.copy_from(self.store.result());
        self.modulators.describe(&self.store, &mut out.modulated);
        out.lfo_periods = self.modulators.lfo_periods();
    }
}

/// Whole microseconds, as reports have them.
pub(super) fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
