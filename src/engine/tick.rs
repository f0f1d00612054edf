//! One tick.

use super::{
    decoding::DecoderBay,
    delivery::Delivery,
    envelope::Ramp,
    live::{Desk, DeskRequest},
    report::{SlotObserver, SlotReport},
    rows::Rows,
    score::Score,
    shape::{self, Shape},
    status::{Recording, Status},
};
use crate::{
    bitstream::Splicer,
    clip::{Clip, SliceBuffer},
    decay::{self, Chain, Frame},
    params::{
        Applied, ControlEvent, ControlQueue, Counters, ParamIndex, Registry, Snapshot, Store,
    },
    playhead::{self, Choice, IntraPicture, Mode, Playhead, Settings},
    ports::{Decoder, DecoderError, DecoderMaker, Notices, PictureSink},
    units::{Canvas, ClipIndex, Direction, Picture, StreamFormat, Tick},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// A decoder that has said nothing for this long has failed: long enough for a machine that
/// stutters, short enough that an audience takes the standing picture for intention.
const DECODER_SILENCE: Duration = Duration::from_millis(500);

/// Offline nobody is watching: a loaded machine may take its time.
const DECODER_SILENCE_OFFLINE: Duration = Duration::from_secs(20);

/// How far trails come up while melting.
const MELT_FEEDBACK: f64 = 0.97;
/// How fast melt takes hold and lets go, in seconds.
const MELT_RISE_SECS: f64 = 0.2;
const MELT_FALL_SECS: f64 = 1.0;

/// What an engine is made of.
pub struct Setup<M: DecoderMaker> {
    /// All rows.
    pub registry: Arc<Registry>,
    /// The starting values.
    pub store: Store,
    /// Where events come from.
    pub queue: ControlQueue,
    /// Where lines for the person go.
    pub notices: Notices,
    /// The loaded clips, at least one, all of the canvas's size.
    pub clips: SliceBuffer,
    /// Size and rate of the programme.
    pub canvas: Canvas,
    /// The decay chain, of the canvas's size.
    pub chain: Chain,
    /// Makes decoders.
    pub maker: Arc<M>,
    /// Changes at fixed times.
    pub score: Score,
}

/// Why an engine cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nothing to play.
    #[error("there is no clip to play: name a video or a set")]
    NoClip,
    /// A format that nothing decodes.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
}

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

/// The access unit whose picture is awaited.
struct Outstanding {
    number: u64,
    pushed: Instant,
}

/// What a tick did with the picture of its access unit.
enum Awaited {
    Arrived,
    /// There is none to wait for: the picture is held.
    Held,
    Late,
}

/// The instrument. Lives on the engine thread.
pub struct Engine<M: DecoderMaker> {
    store: Store,
    queue: ControlQueue,
    notices: Notices,
    clips: SliceBuffer,
    canvas: Canvas,
    chain: Chain,
    decoders: DecoderBay<M>,
    splicer: Splicer,
    playheads: Vec<Playhead>,
    score: Score,
    delivery: Delivery,
    desk: Option<Desk>,
    status: Option<triple_buffer::Input<Status>>,
    rows: Rows,
    playhead_rows: playhead::Rows,
    feedback: ParamIndex,
    generations_per_second: ParamIndex,

    clip: usize,
    /// The bytes of the access unit on its way, spliced. Kept for its capacity.
    access_unit: Vec<u8>,
    outstanding: Option<Outstanding>,
    next_number: u64,
    /// The last choice, for reports.
    choice: Option<Choice>,
    picture: Picture,
    blackout: Ramp,
    melt: Ramp,
    /// Generations owed: the fraction that did not fit into whole ticks.
    generations_due: f64,
    /// Generations made since the decay was last healed.
    generation: u64,
    /// Generations made since the start: keys the noise, so that a heal does not repeat it.
    generations_ever: u64,
    is_decay_heal_due: bool,
    is_recorder_asked: bool,
    before_panic: Option<Snapshot>,
    decode_micros: u32,
    gpu_micros: u32,
    submitted: [(u64, Option<Instant>); 8],
    late_slots: u64,
    is_chain_mourned: bool,
    /// The look of the shown picture; stands while the picture is held.
    look: Snapshot,
    /// Whether a decoded picture has not been given to the chain yet.
    is_picture_unshown: bool,
    /// The report of the last slot that was no late one.
    shown: SlotReport,
}

impl<M: DecoderMaker> Engine<M> {
    /// Builds the instrument: decoders are made here, so that the first tick finds them.
    ///
    /// # Errors
    /// No clip, or a coding that nothing decodes.
    pub fn new(setup: Setup<M>) -> Result<Self, EngineError> {
        let Setup { registry, mut store, queue, notices, clips, canvas, chain, maker, score } =
            setup;
        if clips.is_empty() {
            return Err(EngineError::NoClip);
        }
        let mut formats: Vec<StreamFormat> = Vec::new();
        for clip in clips.clips() {
            for stream in [&clip.forward, &clip.backward] {
                if !formats.contains(stream.format()) {
                    formats.push(stream.format().clone());
                }
            }
        }
        let largest = clips.clips().iter().map(|clip| shape::largest_access_unit(clip)).max();
        let largest = largest.unwrap_or(0);
        store.settle();
        for stage in chain.bypassed() {
            notices.warn(format!("a stage is left out: {stage}"));
        }
        let rows = Rows::resolve(&registry);
        Ok(Self {
            decoders: DecoderBay::new(maker, formats, notices.clone())?,
            splicer: Splicer::new(),
            playheads: vec![Playhead::default(); clips.len()],
            delivery: Delivery::new(canvas),
            desk: None,
            status: None,
            rows,
            playhead_rows: playhead::Rows::resolve(&registry),
            feedback: registry.index_of(&decay::FEEDBACK),
            generations_per_second: registry.index_of(&decay::GENERATIONS_PER_SECOND),
            clip: selected_clip(store.base(), rows.clip_select, clips.len()).unwrap_or(0),
            // Splicing adds parameter sets and escapes; twice the largest unit holds any of it.
            access_unit: Vec::with_capacity(largest * 2 + 4096),
            outstanding: None,
            next_number: 0,
            choice: None,
            picture: Picture::black(canvas.width, canvas.height),
            blackout: Ramp::default(),
            melt: Ramp::default(),
            generations_due: 0.0,
            generation: 0,
            generations_ever: 0,
            is_decay_heal_due: true,
            is_recorder_asked: false,
            before_panic: None,
            decode_micros: 0,
            gpu_micros: 0,
            submitted: [(0, None); 8],
            late_slots: 0,
            is_chain_mourned: false,
            look: store.result().clone(),
            is_picture_unshown: false,
            shown: SlotReport::default(),
            store,
            queue,
            notices,
            clips,
            canvas,
            chain,
            score,
        })
    }

    /// Size and rate of the programme.
    pub fn canvas(&self) -> Canvas {
        self.canvas
    }

    /// Sends the programme to one more taker, for the whole run.
    pub fn add_sink(&mut self, sink: Box<dyn PictureSink>) {
        self.delivery.add_sink(sink);
    }

    /// Tells every slot to an observer.
    pub fn observe(&mut self, observer: Box<dyn SlotObserver>) {
        self.delivery.observe(observer);
    }

    /// Publishes the state after every slot.
    pub fn publish(&mut self, status: triple_buffer::Input<Status>) {
        self.status = Some(status);
    }

    /// Gets recorders from this desk.
    pub fn use_desk(&mut self, desk: Desk) {
        self.desk = Some(desk);
    }

    /// Records from the first slot on.
    pub fn start_recording(&mut self, recorder: Box<dyn PictureSink>) {
        self.delivery.start_recording(recorder);
        self.store.set(self.rows.record, 1.0);
    }

    /// Slots that so many superframes take.
    pub fn slots_of_superframes(&self, superframes: u32) -> u64 {
        let size = self.playhead_rows.superframe_size(self.store.base());
        u64::from(superframes) * u64::from(size)
    }

    /// One tick: what happens in `slot`.
    pub fn tick(&mut self, slot: u64, pace: Pace) {
        // An access unit still outstanding belongs to a tick that has begun: it is finished first,
        // and nothing else moves meanwhile.
        if self.outstanding.is_none() {
            self.take_events(slot);
            let tick_secs = 1.0 / self.canvas.rate.hertz();
            self.store.advance(tick_secs * 1000.0);
            self.apply_melt(tick_secs);
            self.enter_selected_clip();
            self.feed(matches!(pace, Pace::Offline));
        }
        match self.await_picture(pace) {
            Awaited::Late => self.skip_slot(slot),
            Awaited::Arrived => self.show(slot, true),
            Awaited::Held => self.show(slot, false),
        }
    }

    /// A slot without a picture of its own: the last is shown again and nothing advances.
    pub fn skip_slot(&mut self, slot: u64) {
        self.late_slots += 1;
        // Nothing has advanced: the line is that of the picture that is shown again.
        let report = SlotReport {
            tick: Tick(slot),
            late: true,
            healed: false,
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
    }

    /// Whether the graphics device has failed, so that pictures are missing.
    pub fn has_failed(&self) -> bool {
        self.chain.has_failed()
    }

    /// The end of a run: everything under way is delivered, the recording is finished.
    pub fn finish(&mut self) {
        self.collect(Some(Duration::from_secs(2)));
        self.delivery.close();
        if let Some(recorder) = self.delivery.stop_recording()
            && let Some(desk) = &self.desk
        {
            // The last word of the run: the file's end matters more than the wait.
            let _ = desk.requests.send(DeskRequest::Finish(recorder));
        }
        self.desk = None;
    }

    fn take_events(&mut self, slot: u64) {
        while let Some(event) = self.score.take_due(slot) {
            self.apply(slot, &event);
        }
        // Only what was there when the tick began: a flood must not hold the tick up.
        for _ in 0..self.queue.len() {
            let Some(event) = self.queue.pop() else { break };
            if event.source.is_person() && self.score.is_playing() {
                // The clip plays on straight, and whatever the person touches next is obeyed.
                self.score.hand_over();
                self.store.set(self.playhead_rows.mode, playhead::MODE.default);
            }
            self.apply(slot, &event);
        }
        self.mind_recorder();
    }

    fn apply(&mut self, slot: u64, event: &ControlEvent) {
        if let Some(observer) = self.delivery.observer() {
            observer.event(slot, event);
        }
        match self.store.apply(event) {
            Applied::Clamped => Counters::count(&self.queue.counters().clamped),
            Applied::Fired => self.fire(event.param),
            Applied::Moved | Applied::Nothing => {}
        }
    }

    fn fire(&mut self, trigger: ParamIndex) {
        let rows = self.rows;
        if trigger == rows.heal_codec || trigger == rows.heal_all {
            self.playheads[self.clip].heal();
        }
        if trigger == rows.heal_decay || trigger == rows.heal_all {
            self.is_decay_heal_due = true;
        }
        if trigger == rows.panic {
            self.panic();
        }
        if trigger == rows.panic_undo
            && let Some(before) = self.before_panic.take()
        {
            self.store.restore_look(&before);
            for row in [self.rows.level, self.rows.bloom, self.rows.hold, self.rows.blackout] {
                self.store.set(row, before.get(row));
            }
            self.notices.info("panic undone");
        }
    }

    fn panic(&mut self) {
        // Pressed twice, the second changes nothing that could be undone.
        if self.before_panic.is_none() || !self.store.is_look_neutral() {
            self.before_panic = Some(self.store.base().clone());
        }
        self.store.neutral_look();
        for latched in [self.rows.bloom, self.rows.melt, self.rows.blackout, self.rows.hold] {
            self.store.set(latched, 0.0);
        }
        self.store.set(self.rows.level, 1.0);
        // At once: smoothing and fades are for gestures.
        self.store.settle();
        self.melt = Ramp::default();
        self.blackout = Ramp::default();
        self.playheads[self.clip].heal();
        self.is_decay_heal_due = true;
        self.notices.info("panic: healed, look neutral (undo with panic.undo)");
    }

    fn apply_melt(&mut self, tick_secs: f64) {
        let is_on = self.store.base().is_on(self.rows.melt);
        let melt = self.melt.advance(is_on, MELT_RISE_SECS, MELT_FALL_SECS, tick_secs);
        if melt > 0.0 {
            let feedback = self.store.result().get(self.feedback);
            self.store.modulate(self.feedback, (MELT_FEEDBACK - feedback).max(0.0) * melt);
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

    /// Goes over to the selected clip, at the superframe's end or now.
    fn enter_selected_clip(&mut self) {
        let (base, rows) = (self.store.base(), self.rows);
        let Some(wanted) = selected_clip(base, rows.clip_select, self.clips.len()) else {
            self.notices.warn(format!(
                "there is no clip {}: the set has {}",
                base.int(rows.clip_select),
                self.clips.len()
            ));
            self.store.set(rows.clip_select, (self.clip + 1) as f64);
            return;
        };
        let settings = self.settings();
        let left = &mut self.playheads[self.clip];
        let may_enter = settings.jumps_now || !settings.is_playing || left.is_between_superframes();
        if wanted == self.clip || !may_enter {
            return;
        }
        // What was asked of the clip that is left is asked of the one that is entered.
        let is_scrub = left.is_scrub(&settings);
        let is_heal_asked = left.is_heal_due();
        left.enter(false);
        left.note_position(settings.position);
        let is_healing = is_heal_asked
            || self.store.base().int(rows.clip_switch) == 1
            || !self.splicer.can_follow(self.clips.clips()[wanted].stream(Direction::Forward));
        self.clip = wanted;
        let playhead = &mut self.playheads[wanted];
        playhead.enter(is_healing);
        if settings.mode == Mode::Manual || is_scrub {
            // The knob stands where it stands: the new clip goes there too.
            playhead.note_position(f64::NAN);
        } else {
            let size = settings.superframe_size;
            let own = playhead.position(&Shape(&self.clips.clips()[wanted]), size);
            // At a stop a scrub to its own place shows the new clip.
            playhead.note_position(if settings.is_playing { own } else { f64::NAN });
            self.store.set(self.playhead_rows.position, own);
        }
    }

    fn settings(&self) -> Settings {
        let result = self.store.result();
        let blooms = result.is_on(self.rows.bloom) || result.is_on(self.rows.melt);
        let mut settings = self.playhead_rows.settings(result, blooms);
        // Smoothing and modulation are for looks: the playhead obeys what was set.
        settings.position = self.store.base().get(self.playhead_rows.position);
        settings
    }

    /// Chooses the next access unit and gives it to the decoder. Offline it waits for a spare where
    /// one is needed.
    fn feed(&mut self, is_patient: bool) {
        let settings = self.settings();
        let clip: &Clip = &self.clips.clips()[self.clip];
        let playhead = &mut self.playheads[self.clip];
        let Some(choice) = playhead.next(&Shape(clip), &settings) else {
            return;
        };
        // The position follows the playhead, unless the performer has just moved it.
        if !playhead.is_scrub(&settings) && settings.mode != Mode::Manual {
            let own = playhead.position(&Shape(clip), settings.superframe_size);
            playhead.note_position(own);
            self.store.set(self.playhead_rows.position, own);
        }
        self.choice = Some(choice);
        let (stream, unit) = match choice.heal {
            Some(IntraPicture::Bank(unit)) => (clip.bank_of(choice.direction), unit),
            Some(IntraPicture::Own(unit)) => (clip.stream(choice.direction), unit),
            None => (clip.stream(choice.direction), choice.unit),
        };
        if !self.decoders.fits(stream.format()) {
            // The start, another format, or a decoder that has failed.
            self.splicer.reset();
            if !self.decoders.swap(stream.format(), is_patient) {
                self.playheads[self.clip].heal();
                return;
            }
            if choice.heal.is_none() {
                self.playheads[self.clip].heal();
                return self.feed(is_patient);
            }
        }
        self.access_unit.clear();
        if let Err(error) = self.splicer.splice(stream, unit, &mut self.access_unit) {
            self.notices
                .error(format!("healing, since an access unit could not be spliced: {error}"));
            self.playheads[self.clip].heal();
            return;
        }
        let number = self.next_number;
        self.next_number += 1;
        let Some(decoder) = self.decoders.running() else { return };
        match decoder.push(number, &self.access_unit) {
            Ok(()) => self.outstanding = Some(Outstanding { number, pushed: Instant::now() }),
            Err(error) => self.replace_decoder(&error.to_string()),
        }
    }

    /// The decoder has failed: the spare takes over with an intra picture at the next tick.
    fn replace_decoder(&mut self, why: &str) {
        self.notices.warn(format!("the spare decoder takes over: {why}"));
        self.outstanding = None;
        self.decoders.retire();
        self.playheads[self.clip].heal();
    }

    fn await_picture(&mut self, pace: Pace) -> Awaited {
        let Some(Outstanding { number, pushed }) = self.outstanding else { return Awaited::Held };
        let (timeout, silence) = match pace {
            Pace::Live { decode_until } => {
                (decode_until.saturating_duration_since(Instant::now()), DECODER_SILENCE)
            }
            Pace::Offline => (DECODER_SILENCE_OFFLINE, DECODER_SILENCE_OFFLINE),
        };
        let Some(decoder) = self.decoders.running() else { return Awaited::Late };
        let picture = &mut self.picture;
        let pulled = decoder.pull(number, timeout, &mut |planes| picture.copy_from(planes));
        match pulled {
            Ok(true) => {
                self.outstanding = None;
                self.decode_micros = micros(pushed.elapsed());
                Awaited::Arrived
            }
            Ok(false) => {
                if pushed.elapsed() >= silence {
                    self.replace_decoder("the decoder has fallen silent");
                }
                Awaited::Late
            }
            Err(error) => {
                self.replace_decoder(&error.to_string());
                Awaited::Late
            }
        }
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
        self.is_picture_unshown |= is_new;
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
            self.delivery.slot(SlotReport { late: true, ..self.report(slot) }, false);
            self.publish_status(slot);
            return;
        }
        self.submitted[slot as usize % self.submitted.len()] = (slot, Some(Instant::now()));
        let planes = self.picture.planes();
        let frame = Frame {
            slot,
            picture: (self.is_picture_unshown && !is_held).then_some(&planes),
            // While the picture is held its look is, too: only the level moves.
            params: &self.look,
            generations: generations as u32,
            heal: heals,
            level: level as f32,
            generation: self.generations_ever,
        };
        let submitted = self.chain.submit(&frame);
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
        self.delivery.slot(report, submitted.read_back);
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
            access_unit: self.choice.map(|choice| choice.unit.0),
            healed: self.choice.is_some_and(|choice| choice.heal.is_some()),
            generation: self.generation,
            position: playhead.position(&Shape(&self.clips.clips()[self.clip]), size),
            decode_micros: self.decode_micros,
            gpu_micros: self.gpu_micros,
        }
    }

    fn publish_status(&mut self, slot: u64) {
        let Some(mut status) = self.status.take() else { return };
        let report = self.report(slot);
        let size = self.playhead_rows.superframe_size(self.store.result());
        let clip = &self.clips.clips()[self.clip];
        let out = status.input_buffer_mut();
        out.slot = slot;
        out.late_slots = self.late_slots;
        out.is_playing = self.store.base().is_on(self.playhead_rows.play);
        out.clip = Some(report.clip);
        out.direction = report.direction;
        out.slice = report.slice;
        out.slices = playhead::slices(clip.stream(Direction::Forward).len() as u32, size);
        out.access_unit = report.access_unit.unwrap_or(out.access_unit);
        out.position = report.position;
        out.generation = self.generation;
        out.decode_micros = self.decode_micros;
        out.gpu_micros = self.gpu_micros;
        out.slot_micros = micros(self.canvas.rate.time_of(1));
        let (slots, refused) = self.delivery.recorded();
        out.recording = match self.delivery.is_recording() {
            true => Recording::On { slots, refused },
            false => Recording::Off,
        };
        out.is_demo = self.score.is_playing();
        out.caption = self.score.caption().cloned();
        out.base.copy_from(self.store.base());
        out.result.copy_from(self.store.result());
        status.publish();
        self.status = Some(status);
    }
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

/// The selected clip as an index; `None` where there is no such clip.
fn selected_clip(base: &Snapshot, row: ParamIndex, clips: usize) -> Option<usize> {
    usize::try_from(base.int(row) - 1).ok().filter(|clip| *clip < clips)
}
