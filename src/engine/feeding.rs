//! From the playhead's choice to the decoder, and back with a picture.

use super::{
    clean::crossfade,
    instrument::Engine,
    report::Arrival,
    rows::GRAB_CLEAN,
    shape::Shape,
    tick::{Pace, micros},
};
use crate::{
    bitstream::Stream,
    clip::Clip,
    playhead::{Choice, IntraPicture, Mode, Settings},
    ports::{Decoder, DecoderMaker, SplicedUnit},
    units::{AccessUnitIndex, Direction, StreamFormat},
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

/// The access unit whose picture is awaited.
pub(super) struct Outstanding {
    number: u64,
    pushed: Instant,
}

/// Where in time an access unit is fed.
#[derive(Clone, Copy)]
struct Moment {
    slot: u64,
    /// Which of the slot's access units it is, of how many.
    part: u32,
    parts: u32,
}

/// What a tick did with the picture of its access unit.
pub(super) enum Awaited {
    Arrived,
    /// There is none to wait for: the picture is held.
    Held,
    Late,
}

impl<M: DecoderMaker> Engine<M> {
    pub(super) fn settings(&self) -> Settings {
        let result = self.store.result();
        let blooms = result.is_on(self.rows.bloom)
            || result.is_on(self.rows.melt)
            || result.get(self.rows.melt_amount) >= 0.5;
        let mut settings = self.playhead_rows.settings(result, blooms, self.canvas.rate.hertz());
        // The place that was set follows the playhead within the tick. Where it does, modulation
        // cannot hold it anywhere: it pushes.
        let position = self.playhead_rows.position;
        settings.position = match settings.mode {
            Mode::Manual => self.store.in_force(position),
            Mode::Speed | Mode::Function => self.store.base().get(position),
        };
        settings.push = self.store.offset(position);
        // The playhead counts what it is asked for; a drive asks several times a tick.
        settings.glide_ticks *= self.questions_per_tick();
        self.settle_with_beat(settings, self.questions_per_tick())
    }

    /// Access units fed in each tick.
    fn units_per_tick(&self) -> u32 {
        self.store.result().int(self.rows.drive).clamp(1, 4) as u32
    }

    /// Whether a drive feeds the same access unit again, rather than those that follow.
    fn is_fed_again(&self) -> bool {
        self.store.result().int(self.rows.drive_way) == 1
    }

    /// How often the playhead is asked in each tick.
    fn questions_per_tick(&self) -> u32 {
        if self.is_fed_again() { 1 } else { self.units_per_tick() }
    }

    /// Gives the decoder what this tick is fed with. Offline it waits for a spare where one is
    /// needed.
    pub(super) fn feed(&mut self, slot: u64, is_patient: bool) {
        self.units_fed = 0;
        self.thrown = None;
        self.store.cut(self.clip_motion, 0.0);
        if self.feed_thrown(slot, is_patient) {
            return;
        }
        let parts = self.units_per_tick();
        let is_again = self.is_fed_again();
        for part in 0..parts {
            if part > 0 && !is_again {
                // A superframe may have ended between two access units of this tick.
                self.go_over();
            }
            // Each time anew: the position has followed the playhead, the clip may be another.
            let settings = self.settings();
            // What is added again is motion: an intra picture twice is the same picture.
            let again = self.choice.filter(|choice| is_again && part > 0 && choice.heal.is_none());
            let Some(choice) = again.or_else(|| self.choose(&settings)) else { break };
            let is_first = choice.heal.is_some();
            if !self.feed_choice(&choice, Moment { slot, part, parts }, is_patient) {
                break;
            }
            if is_again && is_first {
                break;
            }
        }
        self.follow_cleanly(is_patient);
    }

    /// Asks the playhead for the next access unit.
    fn choose(&mut self, settings: &Settings) -> Option<Choice> {
        let clip: &Clip = &self.clips.clips()[self.clip];
        let playhead = &mut self.playheads[self.clip];
        let choice = playhead.next(&Shape(clip), settings);
        self.note_asked();
        let clip: &Clip = &self.clips.clips()[self.clip];
        let playhead = &mut self.playheads[self.clip];
        let Some(choice) = choice else {
            // A picture that stands (a clip of one picture, rest, the end) ends no superframe by
            // itself: chance is asked as often as if it were played again and again.
            self.held_ticks += u32::from(settings.is_playing);
            if self.held_ticks >= settings.superframe_size {
                self.held_ticks = 0;
                self.superframes_ended += 1;
            }
            return None;
        };
        self.held_ticks = 0;
        if playhead.is_between_superframes() {
            self.superframes_ended += 1;
        }
        // The position follows the playhead, unless the performer has just moved it.
        if !playhead.is_scrub(settings) && settings.mode != Mode::Manual {
            let own = playhead.knob_position(&Shape(clip), settings);
            playhead.note_position(own);
            self.store.set(self.playhead_rows.position, own);
        }
        self.choice = Some(choice);
        self.choice_clip = self.clip;
        Some(choice)
    }

    /// Splices a choice and gives it to the decoder. Returns whether that went well.
    fn feed_choice(&mut self, choice: &Choice, moment: Moment, is_patient: bool) -> bool {
        let clip = Arc::clone(&self.clips.clips()[self.clip]);
        let (stream, unit) = match choice.heal {
            Some(IntraPicture::Bank(unit)) => (clip.bank_of(choice.direction), unit),
            Some(IntraPicture::Own(unit)) => (clip.stream(choice.direction), unit),
            None => (clip.stream(choice.direction), choice.unit),
        };
        if !self.decoders.fits(stream.format()) {
            // The start, another format, or a decoder that has failed.
            self.splicer.reset();
            if !self.swap_decoder(stream.format(), is_patient) {
                self.playheads[self.clip].heal();
                return false;
            }
            if choice.heal.is_none() {
                self.playheads[self.clip].heal();
                let settings = self.settings();
                return self
                    .choose(&settings)
                    .is_some_and(|choice| self.feed_choice(&choice, moment, is_patient));
            }
        }
        let is_fed = self.feed_unit(stream, unit, moment);
        if is_fed {
            self.note_fed(choice);
        }
        if is_fed && choice.heal.is_none() {
            let bytes = stream.access_unit(unit).len();
            let motion = self.features.motion(self.clip, choice.direction, bytes);
            self.store.cut(self.clip_motion, motion);
        }
        is_fed
    }

    /// Notes whether the decoder's picture is still the clip's own: from an intra picture on, for as
    /// long as every access unit is the next of the same stream.
    fn note_fed(&mut self, choice: &Choice) {
        let here = (self.clip, choice.direction, choice.unit.0);
        if choice.heal.is_some() {
            self.is_spliced = false;
        } else if self.last_fed.is_none_or(|(clip, way, unit)| (clip, way, unit + 1) != here) {
            self.is_spliced = true;
        }
        self.last_fed = Some(here);
    }

    /// Puts a fresh decoder in the place of the running one; where none is ready, now or in the take
    /// that is replayed, the picture is held.
    fn swap_decoder(&mut self, format: &StreamFormat, is_patient: bool) -> bool {
        let is_there = !self.takes(&Arrival::NoDecoder) && self.decoders.swap(format, is_patient);
        if !is_there {
            self.arrivals.push(Arrival::NoDecoder);
        }
        is_there
    }

    /// The thrown picture takes this tick: the next motion falls on it.
    fn feed_thrown(&mut self, slot: u64, is_patient: bool) -> bool {
        let clip = Arc::clone(&self.clips.clips()[self.clip]);
        let format = clip.stream(Direction::Forward).format();
        if is_patient {
            self.grabs.collect(true);
        }
        let Some((number, stream)) = self.grabs.thrown(format, &clip) else { return false };
        if !self.decoders.fits(format) {
            self.splicer.reset();
            if !self.swap_decoder(format, is_patient) {
                self.grabs.throw(number);
                return false;
            }
        }
        self.thrown = Some(number);
        self.last_fed = None;
        self.is_spliced = true;
        self.choice = self.choice.map(|choice| Choice { heal: None, ..choice });
        self.feed_unit(&stream, AccessUnitIndex(0), Moment { slot, part: 0, parts: 1 })
    }

    fn feed_unit(&mut self, stream: &Stream, unit: AccessUnitIndex, moment: Moment) -> bool {
        self.access_unit.clear();
        if let Err(error) = self.splicer.splice(stream, unit, &mut self.access_unit) {
            self.notices
                .error(format!("healing, since an access unit could not be spliced: {error}"));
            self.playheads[self.clip].heal();
            return false;
        }
        let number = self.next_number;
        self.next_number += 1;
        if self.takes(&Arrival::FeedFailed) {
            self.replace_decoder("as in the take", Arrival::FeedFailed);
            return false;
        }
        let Some(decoder) = self.decoders.running() else { return false };
        match decoder.push(number, &self.access_unit) {
            Ok(()) => {
                let pushed = self.outstanding.as_ref().map_or_else(Instant::now, |out| out.pushed);
                self.outstanding = Some(Outstanding { number, pushed });
                self.units_fed += 1;
            }
            Err(error) => {
                self.replace_decoder(&error.to_string(), Arrival::FeedFailed);
                return false;
            }
        }
        let Moment { slot, part, parts } = moment;
        let has_refused = self.delivery.spliced(&SplicedUnit {
            slot,
            part,
            parts,
            is_intra: stream.is_intra(unit),
            format: stream.format(),
            bytes: &self.access_unit,
        });
        if has_refused {
            self.notices
                .warn("the stream's file goes on at the next intra picture: heal to resume");
        }
        true
    }

    /// Lets the clean lane go to the place in play, while somebody wants its picture.
    fn follow_cleanly(&mut self, is_patient: bool) {
        let is_wanted = self.store.result().get(self.rows.mix_clean) > 0.0
            || self.store.result().int(self.rows.grab_source) == GRAB_CLEAN;
        let Some(choice) = self.choice.filter(|_| is_wanted) else { return self.clean.rest() };
        // Where the picture is held, the clip that it is of may have been left.
        let index = self.choice_clip;
        self.clean.follow(index, &self.clips.clips()[index], &choice, is_patient);
    }

    /// The decoder has failed: the spare takes over with an intra picture at the next tick.
    fn replace_decoder(&mut self, why: &str, arrival: Arrival) {
        self.arrivals.push(arrival);
        self.notices.warn(format!("the spare decoder takes over: {why}"));
        self.outstanding = None;
        self.decoders.retire();
        self.playheads[self.clip].heal();
    }

    pub(super) fn await_picture(&mut self, pace: Pace) -> Awaited {
        let awaited = self.await_mosh(pace);
        if !matches!(awaited, Awaited::Late) {
            self.await_clean(pace);
        }
        awaited
    }

    /// Takes the clean lane's picture and crossfades.
    fn await_clean(&mut self, pace: Pace) {
        if self.clean.is_waiting() {
            let (timeout, silence) = patience(pace);
            self.is_mix_stale |= self.clean.collect(timeout, silence);
        }
        let clean = self.store.result().get(self.rows.mix_clean);
        let part = match self.clean.picture() {
            Some(_) => (clean * 256.0).round() as u16,
            None => 0,
        };
        self.is_mix_stale |= part != self.mix_part;
        self.mix_part = part;
    }

    /// Makes the crossfade with the clean picture; where `mix_part` is 0 the moshed one is worn.
    pub(super) fn mix(&mut self) {
        if let Some(clean) = self.clean.picture().filter(|_| self.mix_part > 0) {
            crossfade(&self.picture, clean, self.mix_part, &mut self.mixed);
        }
    }

    fn await_mosh(&mut self, pace: Pace) -> Awaited {
        let Some(Outstanding { number, pushed }) = self.outstanding else { return Awaited::Held };
        if self.takes(&Arrival::DecoderFailed) {
            self.replace_decoder("as in the take", Arrival::DecoderFailed);
            return Awaited::Late;
        }
        let (timeout, silence) = patience(pace);
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
                    self.replace_decoder("the decoder has fallen silent", Arrival::DecoderFailed);
                }
                Awaited::Late
            }
            Err(error) => {
                self.replace_decoder(&error.to_string(), Arrival::DecoderFailed);
                Awaited::Late
            }
        }
    }
}

/// How long this tick may still wait for a picture, and after what silence a decoder has failed.
fn patience(pace: Pace) -> (Duration, Duration) {
    match pace {
        Pace::Live { decode_until } => {
            (decode_until.saturating_duration_since(Instant::now()), DECODER_SILENCE)
        }
        Pace::Offline => (DECODER_SILENCE_OFFLINE, DECODER_SILENCE_OFFLINE),
    }
}
