//! The clean lane: a second decoder that plays the same place without damage.
//!
//! Runs on the engine thread while it is wanted, and costs nothing otherwise. Where the playhead has
//! jumped it begins at the intra picture at or before the place and catches up, a few access units a
//! tick: the picture lags for some ticks, but it is clean at every one of them.

use super::{decoding::DecoderBay, report::Arrival, shape::Shape};
use crate::{
    bitstream::{Splicer, Stream},
    clip::Clip,
    playhead::{Choice, ClipShape, IntraPicture},
    ports::{Decoder, DecoderError, DecoderMaker, Notices},
    units::{AccessUnitIndex, Canvas, Direction, Picture, StreamFormat},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Access units fed in a tick at most. At this pace the eleven pictures after an intra picture are
/// caught up with in three ticks, and a decoder has time for them.
const UNITS_PER_TICK: u32 = 4;

/// How long after a failure the next decoder may be tried.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// Where the lane is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    clip: usize,
    direction: Direction,
    unit: u32,
}

pub(super) struct CleanLane<M: DecoderMaker> {
    decoders: DecoderBay<M>,
    splicer: Splicer,
    access_unit: Vec<u8>,
    /// The place whose picture was fed last; `None` = begin with an intra picture.
    place: Option<Place>,
    next_number: u64,
    outstanding: Option<(u64, Instant)>,
    picture: Picture,
    has_picture: bool,
    notices: Notices,
    /// When the decoder was given up, until the next picture comes.
    failed: Option<Instant>,
    /// What happened in this tick at its own time.
    pub told: Vec<Arrival>,
    /// What is to happen, where a take is replayed.
    script: CleanScript,
}

/// What a take says of the lane in one tick.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CleanScript {
    /// Its decoder was not ready.
    pub has_no_decoder: bool,
    /// Its picture was late.
    pub is_late: bool,
}

/// What can happen in one tick: no decoder, late, failed.
const TOLD_MAX: usize = 8;

impl<M: DecoderMaker> CleanLane<M> {
    /// A lane that makes its decoder when it is first wanted. `capacity_bytes` holds any spliced
    /// access unit.
    pub fn new(
        maker: Arc<M>,
        canvas: Canvas,
        capacity_bytes: usize,
        notices: Notices,
    ) -> Result<Self, DecoderError> {
        Ok(Self {
            decoders: DecoderBay::new(maker, &[], notices.clone())?,
            notices,
            told: Vec::with_capacity(TOLD_MAX),
            script: CleanScript::default(),
            failed: None,
            splicer: Splicer::new(),
            access_unit: Vec::with_capacity(capacity_bytes),
            place: None,
            next_number: 0,
            outstanding: None,
            picture: Picture::black(canvas.width, canvas.height),
            has_picture: false,
        })
    }

    /// The tick that begins goes as a take says.
    pub fn obey(&mut self, script: CleanScript) {
        self.script = script;
    }

    /// The clean picture, where there is one.
    pub fn picture(&self) -> Option<&Picture> {
        self.has_picture.then_some(&self.picture)
    }

    /// Nobody wants it: the next time it begins anew.
    pub fn rest(&mut self) {
        self.place = None;
        self.has_picture = false;
    }

    /// Feeds what leads to the place of `choice`. `is_patient` waits for a decoder to be made.
    pub fn follow(&mut self, index: usize, clip: &Clip, choice: &Choice, is_patient: bool) {
        let is_resting = self.failed.is_some_and(|failed| failed.elapsed() < RETRY_INTERVAL);
        if self.outstanding.is_some() || is_resting {
            return;
        }
        let wanted = Place { clip: index, direction: choice.direction, unit: choice.unit.0 };
        let heal = Shape(clip).heal_place(choice.direction, choice.unit);
        let mut left = UNITS_PER_TICK;
        let goes_on = self.place.is_some_and(|place| {
            place.clip == index
                && place.direction == wanted.direction
                // A shorter way there than by an intra picture.
                && (heal.unit.0.saturating_sub(1)..=wanted.unit).contains(&place.unit)
        });
        if !goes_on {
            let (stream, unit) = match heal.intra {
                IntraPicture::Own(unit) => (clip.stream(choice.direction), unit),
                IntraPicture::Bank(unit) => (clip.bank_of(choice.direction), unit),
            };
            if !self.decoders.fits(stream.format()) && !self.renew(stream.format(), is_patient) {
                return;
            }
            if !self.feed(stream, unit) {
                return;
            }
            self.place = Some(Place { unit: heal.unit.0, ..wanted });
            left -= 1;
        }
        while left > 0
            && let Some(place) = self.place.filter(|place| place.unit < wanted.unit)
        {
            let next = AccessUnitIndex(place.unit + 1);
            if !self.feed(clip.stream(wanted.direction), next) {
                return;
            }
            self.place = Some(Place { unit: next.0, ..place });
            left -= 1;
        }
    }

    /// Takes the newest picture, waiting at most `timeout` for it. Returns whether one came. A
    /// decoder that has been silent for `silence` is given up.
    pub fn collect(&mut self, timeout: Duration, silence: Duration) -> bool {
        let Some((number, pushed)) = self.outstanding else { return false };
        if self.script.is_late {
            self.told.push(Arrival::CleanLate);
            return false;
        }
        let Some(decoder) = self.decoders.running() else { return false };
        let picture = &mut self.picture;
        match decoder.pull(number, timeout, &mut |planes| picture.copy_from(planes)) {
            Ok(true) => {
                self.outstanding = None;
                self.has_picture = true;
                self.failed = None;
                true
            }
            Ok(false) if pushed.elapsed() < silence => {
                self.told.push(Arrival::CleanLate);
                false
            }
            Ok(false) | Err(_) => {
                self.give_up();
                false
            }
        }
    }

    /// Whether a picture is on its way.
    pub fn is_waiting(&self) -> bool {
        self.outstanding.is_some()
    }

    /// The decoder is of no more use: another one begins with an intra picture.
    pub fn give_up(&mut self) {
        if self.failed.replace(Instant::now()).is_none() {
            self.told.push(Arrival::CleanFailed);
            self.notices.warn("the clean picture is away: its decoder failed, another one follows");
        }
        self.decoders.retire();
        self.outstanding = None;
        self.place = None;
        self.has_picture = false;
    }

    /// Makes room for spliced access units of this size.
    pub fn reserve(&mut self, bytes: usize) {
        self.access_unit.clear();
        self.access_unit.reserve(bytes);
    }

    fn renew(&mut self, format: &StreamFormat, is_patient: bool) -> bool {
        self.splicer.reset();
        let is_there = !self.script.has_no_decoder && self.decoders.swap(format, is_patient);
        if !is_there {
            self.told.push(Arrival::NoCleanDecoder);
        }
        is_there
    }

    fn feed(&mut self, stream: &Stream, unit: AccessUnitIndex) -> bool {
        self.access_unit.clear();
        let number = self.next_number;
        let is_fed = self.splicer.splice(stream, unit, &mut self.access_unit).is_ok()
            && self
                .decoders
                .running()
                .is_some_and(|decoder| decoder.push(number, &self.access_unit).is_ok());
        if is_fed {
            self.next_number += 1;
            self.outstanding = Some((number, Instant::now()));
        } else {
            self.give_up();
        }
        is_fed
    }
}

/// `mosh` and `clean` crossfaded: `part` of 256 is clean. Rounded to the nearest sample value.
pub(super) fn crossfade(mosh: &Picture, clean: &Picture, part: u16, into: &mut Picture) {
    let part = part.min(256);
    let pairs = mosh.data().iter().zip(clean.data());
    for (out, (mosh, clean)) in into.data_mut().iter_mut().zip(pairs) {
        *out = crossfaded(*mosh, *clean, part);
    }
}

/// One byte of a crossfade: `part`, 0..=256, of 256 is `to`. Rounded to the nearest.
#[inline]
pub(super) fn crossfaded(from: u8, to: u8, part: u16) -> u8 {
    // 255 * 256 + 128 is below 2^16.
    ((u16::from(from) * (256 - part) + u16::from(to) * part + 128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossfade_is_the_rounded_mean() {
        let (mut mosh, mut clean) = (Picture::black(2, 2), Picture::black(2, 2));
        mosh.data_mut().copy_from_slice(&[0, 255, 10, 16, 128, 255]);
        clean.data_mut().copy_from_slice(&[255, 0, 11, 235, 128, 255]);
        let mut out = Picture::black(2, 2);
        crossfade(&mosh, &clean, 0, &mut out);
        assert_eq!(out.data(), mosh.data());
        crossfade(&mosh, &clean, 256, &mut out);
        assert_eq!(out.data(), clean.data());
        crossfade(&mosh, &clean, 64, &mut out);
        // By hand: 63.75, 191.25, 10.25, 16 + 219 / 4 = 70.75.
        assert_eq!(out.data(), [64, 191, 10, 71, 128, 255]);
    }
}
