//! From the playhead's choice to the decoder, and back with a picture.

use super::{
    instrument::Engine,
    shape::Shape,
    tick::{Pace, micros},
};
use crate::{
    clip::Clip,
    params::{ParamIndex, Snapshot},
    playhead::{IntraPicture, Mode, Settings},
    ports::{Decoder, DecoderMaker},
    units::Direction,
};
use std::time::{Duration, Instant};

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

/// What a tick did with the picture of its access unit.
pub(super) enum Awaited {
    Arrived,
    /// There is none to wait for: the picture is held.
    Held,
    Late,
}

impl<M: DecoderMaker> Engine<M> {
    /// Goes over to the selected clip, at the superframe's end or now.
    pub(super) fn enter_selected_clip(&mut self) {
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
        let wanted_stream = self.clips.clips()[wanted].stream(Direction::Forward);
        let can_follow = self.splicer.can_follow(wanted_stream);
        if !can_follow {
            self.notices.info("this clip has another coding: it is entered with an intra picture");
        }
        let is_healing =
            is_heal_asked || self.store.base().int(rows.clip_switch) == 1 || !can_follow;
        self.clip = wanted;
        let playhead = &mut self.playheads[wanted];
        playhead.enter(is_healing);
        if settings.mode == Mode::Manual || is_scrub {
            // The knob stands where it stands: the new clip goes there too.
            playhead.note_position(f64::NAN);
        } else {
            let own = playhead.knob_position(&Shape(&self.clips.clips()[wanted]), &settings);
            // At a stop a scrub to its own place shows the new clip.
            playhead.note_position(if settings.is_playing { own } else { f64::NAN });
            self.store.set(self.playhead_rows.position, own);
        }
    }

    fn settings(&self) -> Settings {
        let result = self.store.result();
        let blooms = result.is_on(self.rows.bloom) || result.is_on(self.rows.melt);
        let mut settings = self.playhead_rows.settings(result, blooms, self.canvas.rate.hertz());
        // Smoothing and modulation are for looks: the playhead obeys what was set.
        settings.position = self.store.base().get(self.playhead_rows.position);
        settings
    }

    /// Chooses the next access unit and gives it to the decoder. Offline it waits for a spare where
    /// one is needed.
    pub(super) fn feed(&mut self, is_patient: bool) {
        let settings = self.settings();
        let clip: &Clip = &self.clips.clips()[self.clip];
        let playhead = &mut self.playheads[self.clip];
        let Some(choice) = playhead.next(&Shape(clip), &settings) else {
            return;
        };
        // The position follows the playhead, unless the performer has just moved it.
        if !playhead.is_scrub(&settings) && settings.mode != Mode::Manual {
            let own = playhead.knob_position(&Shape(clip), &settings);
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

    pub(super) fn await_picture(&mut self, pace: Pace) -> Awaited {
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
}

/// The selected clip as an index; `None` where there is no such clip.
pub(super) fn selected_clip(base: &Snapshot, row: ParamIndex, clips: usize) -> Option<usize> {
    usize::try_from(base.int(row) - 1).ok().filter(|clip| *clip < clips)
}
