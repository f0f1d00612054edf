//! From read-back to everyone who wants the programme, slot by slot and in order.
//!
//! A slot's picture arrives some time after its tick; a late slot has none of its own. Here both
//! wait until their turn, so that sinks and trace see every slot once, in order. On their way they
//! pass the flash limiter: what one taker gets all of them get.

use super::{
    clean::crossfade,
    flash::FlashLimiter,
    report::{Arrival, SlotObserver, SlotReport},
};
use crate::{
    params::ControlEvent,
    ports::{PictureSink, Shown, SplicedUnit, StreamSink},
    units::{Canvas, Picture},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// Slots that may wait for a read-back: the ring has 4, late slots come between them.
const WAITING_SLOTS: usize = 256;

/// Programme pictures in circulation at most: what the queues of the recorder and of the listener
/// and the windows hold, and some on their way. When all are out, a slot repeats the last picture.
const PICTURES: usize = 96;

/// Programme pictures that a replay keeps, since a grab may name one of the last: live it takes what
/// has been read back by then, which is a few slots old.
const REPLAY_PICTURES: usize = 24;

/// How long the limiter says nothing more after it has said that it holds back.
const FLASH_NOTICE_SECS: f64 = 10.0;

struct Waiting {
    report: SlotReport,
    picture: Expected,
    /// Whether flashes are held back, as it stood at the tick.
    is_limited: bool,
}

enum Expected {
    /// The read-back is on its way.
    Later,
    /// It is here.
    Here(Arc<Picture>),
    /// A late slot: the last picture again.
    Repeat,
    /// It was skipped: the ring was full, or no picture was free.
    Skipped,
}

/// Hands pictures out.
pub(super) struct Delivery {
    canvas: Canvas,
    pool: Vec<Arc<Picture>>,
    last: Arc<Picture>,
    /// The slot that `last` is of; `None` = the black before all.
    last_slot: Option<u64>,
    /// In a replay the last pictures by their slots, newest at the end.
    history: Option<VecDeque<(u64, Arc<Picture>)>>,
    waiting: VecDeque<Waiting>,
    sinks: Vec<Box<dyn PictureSink>>,
    observers: Vec<Box<dyn SlotObserver>>,
    /// The recorder, while it records; refused pictures are counted.
    recorder: Option<Box<dyn PictureSink>>,
    recorded_slots: u64,
    refused_slots: u64,
    /// Whoever keeps the last seconds, and whether it is to.
    listener: Option<Box<dyn PictureSink>>,
    is_listened_to: bool,
    limiter: FlashLimiter,
    is_limited: bool,
    /// Slots whose pictures the limiter has held back.
    held_back_slots: u64,
    is_flash_notice_due: bool,
    /// The slot from which on the limiter may speak again.
    next_flash_notice: u64,
    /// Where the spliced stream goes.
    stream: Option<Box<dyn StreamSink>>,
    refused_units: u64,
}

impl Delivery {
    pub fn new(canvas: Canvas) -> Self {
        Self {
            canvas,
            pool: Vec::with_capacity(PICTURES),
            last: Arc::new(Picture::black(canvas.width, canvas.height)),
            last_slot: None,
            history: None,
            waiting: VecDeque::with_capacity(WAITING_SLOTS),
            sinks: Vec::new(),
            observers: Vec::new(),
            recorder: None,
            recorded_slots: 0,
            refused_slots: 0,
            listener: None,
            is_listened_to: false,
            limiter: FlashLimiter::new(canvas),
            is_limited: false,
            held_back_slots: 0,
            is_flash_notice_due: false,
            next_flash_notice: 0,
            stream: None,
            refused_units: 0,
        }
    }

    pub fn add_sink(&mut self, sink: Box<dyn PictureSink>) {
        self.sinks.push(sink);
    }

    pub fn observe(&mut self, observer: Box<dyn SlotObserver>) {
        self.observers.push(observer);
    }

    /// An event enters the tick of `slot`.
    pub fn tell_event(&mut self, slot: u64, event: &ControlEvent, at: Duration) {
        for observer in &mut self.observers {
            observer.event(slot, event, at);
        }
    }

    /// Something came into the tick of `slot` at its own time.
    pub fn tell(&mut self, slot: u64, arrival: &Arrival) {
        for observer in &mut self.observers {
            observer.arrival(slot, arrival);
        }
    }

    /// Keeps the last pictures, for a replay.
    pub fn keep_history(&mut self) {
        self.history = Some(VecDeque::with_capacity(REPLAY_PICTURES));
    }

    pub fn listen(&mut self, listener: Box<dyn PictureSink>) {
        self.listener = Some(listener);
    }

    /// Whether the listener gets the pictures from here on.
    pub fn set_listened_to(&mut self, is_on: bool) {
        self.is_listened_to = is_on;
    }

    /// Whether flashes are held back from the next slot on.
    pub fn set_limited(&mut self, is_on: bool) {
        self.is_limited = is_on;
    }

    /// Slots whose pictures the flash limiter has held back since the start.
    pub fn held_back(&self) -> u64 {
        self.held_back_slots
    }

    /// Whether the flash limiter has begun to hold back and nobody has been told; told once.
    pub fn take_flash_notice(&mut self) -> bool {
        std::mem::take(&mut self.is_flash_notice_due)
    }

    pub fn record_stream(&mut self, stream: Box<dyn StreamSink>) {
        self.stream = Some(stream);
    }

    pub fn stop_stream(&mut self) -> Option<Box<dyn StreamSink>> {
        self.stream.take()
    }

    /// An access unit was fed. Returns whether the stream's file has just begun to miss some.
    pub fn spliced(&mut self, unit: &SplicedUnit<'_>) -> bool {
        let Some(stream) = &mut self.stream else { return false };
        if stream.offer(unit) {
            self.refused_units = 0;
            return false;
        }
        self.refused_units += 1;
        // One that has ended by itself has said so, and no intra picture brings it back.
        self.refused_units == 1 && !stream.is_over()
    }

    /// A copy of the picture, for whoever keeps it; `None` while all are out.
    pub fn copy_of(&mut self, picture: &Picture) -> Option<Arc<Picture>> {
        self.free_picture(picture.data())
    }

    /// The programme picture that was delivered last, and its slot (`None` = the black before all).
    pub fn last(&self) -> (&Arc<Picture>, Option<u64>) {
        (&self.last, self.last_slot)
    }

    /// The programme picture that was the last one when that of `slot` was; in a replay only.
    pub fn picture_of(&self, slot: u64) -> Option<Arc<Picture>> {
        let mut known = self.history.iter().flatten().rev();
        known.find(|(of, _)| *of <= slot).map(|(_, picture)| Arc::clone(picture))
    }

    fn set_last(&mut self, slot: u64, picture: Arc<Picture>) {
        if let Some(history) = &mut self.history {
            if history.len() == REPLAY_PICTURES {
                history.pop_front();
            }
            history.push_back((slot, Arc::clone(&picture)));
        }
        self.last = picture;
        self.last_slot = Some(slot);
    }

    pub fn is_recording(&self) -> bool {
        self.recorder.is_some()
    }

    /// Whether the recorder has ended by itself (a full disk).
    pub fn is_recording_over(&self) -> bool {
        self.recorder.as_ref().is_some_and(|recorder| recorder.is_over())
    }

    /// Slots recorded and refused since the recording began.
    pub fn recorded(&self) -> (u64, u64) {
        (self.recorded_slots, self.refused_slots)
    }

    pub fn start_recording(&mut self, recorder: Box<dyn PictureSink>) {
        self.recorder = Some(recorder);
        self.recorded_slots = 0;
        self.refused_slots = 0;
    }

    pub fn stop_recording(&mut self) -> Option<Box<dyn PictureSink>> {
        self.recorder.take()
    }

    /// A slot is over. `has_read_back` says whether its picture will arrive.
    pub fn slot(&mut self, report: SlotReport, has_read_back: bool) {
        let picture = match (report.late, has_read_back) {
            (true, _) => Expected::Repeat,
            (false, true) => Expected::Later,
            (false, false) => Expected::Skipped,
        };
        if self.waiting.len() == WAITING_SLOTS {
            // Only a device that has stopped answering gets here: let the oldest slot go.
            if let Some(front) = self.waiting.front_mut() {
                front.picture = Expected::Skipped;
            }
            self.deliver();
        }
        self.waiting.push_back(Waiting { report, picture, is_limited: self.is_limited });
        self.deliver();
    }

    /// The read-back of `slot` is here, packed I420.
    pub fn arrived(&mut self, slot: u64, bytes: &[u8], gpu_micros: u32) {
        let picture = self.free_picture(bytes);
        let entry = self.waiting.iter_mut().find(|entry| entry.report.tick.0 == slot);
        // One that the takers must not see stays away.
        if let Some(entry) = entry.filter(|entry| matches!(entry.picture, Expected::Later)) {
            entry.report.gpu_micros = gpu_micros;
            entry.picture = picture.map_or(Expected::Skipped, Expected::Here);
        }
        self.deliver();
    }

    /// No further read-back will arrive: what waits is let go.
    pub fn close(&mut self) {
        for entry in &mut self.waiting {
            if matches!(entry.picture, Expected::Later) {
                entry.picture = Expected::Skipped;
            }
        }
        self.deliver();
    }

    fn deliver(&mut self) {
        while let Some(front) = self.waiting.front() {
            if matches!(front.picture, Expected::Later) {
                return;
            }
            let Some(waiting) = self.waiting.pop_front() else { return };
            let Waiting { report, picture, is_limited } = waiting;
            let has_picture = !matches!(picture, Expected::Skipped);
            if !is_limited {
                self.limiter.reset();
            }
            match picture {
                Expected::Here(picture) if is_limited => self.show_limited(report.tick.0, picture),
                Expected::Here(picture) => self.set_last(report.tick.0, picture),
                _ => {}
            }
            let shown = Shown { slot: report.tick.0, picture: Arc::clone(&self.last) };
            for sink in &mut self.sinks {
                sink.offer(&shown);
            }
            if let Some(listener) = self.listener.as_mut().filter(|_| self.is_listened_to) {
                listener.offer(&shown);
            }
            if let Some(recorder) = &mut self.recorder {
                if recorder.offer(&shown) {
                    self.recorded_slots += 1;
                } else {
                    self.refused_slots += 1;
                }
            }
            for observer in &mut self.observers {
                observer.slot(&report, has_picture.then_some(&shown));
                if !has_picture {
                    observer.arrival(report.tick.0, &Arrival::Unread);
                }
            }
        }
    }

    /// Shows as much of a picture as may be.
    fn show_limited(&mut self, slot: u64, picture: Arc<Picture>) {
        let part = self.limiter.allow(slot, self.last.data(), picture.data());
        if part == FlashLimiter::WHOLE {
            self.limiter.shown(slot);
            self.set_last(slot, picture);
            return;
        }
        self.held_back_slots += 1;
        if slot >= self.next_flash_notice {
            let slots = FLASH_NOTICE_SECS * self.canvas.rate.hertz();
            self.next_flash_notice = slot + slots as u64;
            self.is_flash_notice_due = true;
        }
        let last = Arc::clone(&self.last);
        let mixed = self.make_picture(|into| crossfade(&last, &picture, part, into));
        // Where all pictures are out the last one stays, which is safe, too.
        if let Some(mixed) = mixed {
            self.limiter.shown(slot);
            self.set_last(slot, mixed);
        }
    }

    /// Copies into a picture that nobody holds any more.
    fn free_picture(&mut self, bytes: &[u8]) -> Option<Arc<Picture>> {
        self.make_picture(|picture| picture.data_mut().copy_from_slice(bytes))
    }

    /// Makes a picture of one that nobody holds any more.
    fn make_picture(&mut self, make: impl Fn(&mut Picture)) -> Option<Arc<Picture>> {
        let free = self.pool.iter_mut().find_map(|picture| {
            make(Arc::get_mut(picture)?);
            Some(Arc::clone(picture))
        });
        if free.is_some() || self.pool.len() == PICTURES {
            return free;
        }
        let mut picture = Picture::black(self.canvas.width, self.canvas.height);
        make(&mut picture);
        let picture = Arc::new(picture);
        self.pool.push(Arc::clone(&picture));
        Some(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{ClipIndex, Codec, Direction, FrameRate, StreamFormat, Tick};
    use std::sync::Mutex;

    type Seen = Arc<Mutex<Vec<(u64, u8)>>>;

    struct Notebook(Seen);

    impl PictureSink for Notebook {
        fn offer(&mut self, shown: &Shown) -> bool {
            self.0.lock().expect("lock").push((shown.slot, shown.picture.data()[0]));
            true
        }
    }

    fn report(slot: u64, late: bool) -> SlotReport {
        SlotReport {
            tick: Tick(slot),
            late,
            clip: ClipIndex(0),
            direction: Direction::Forward,
            slice: 0,
            access_unit: None,
            units_fed: 0,
            thrown: None,
            healed: false,
            generation: 0,
            position: 0.0,
            decode_micros: 0,
            gpu_micros: 0,
        }
    }

    struct Refusing {
        is_over: bool,
    }

    impl StreamSink for Refusing {
        fn offer(&mut self, _: &SplicedUnit<'_>) -> bool {
            false
        }

        fn is_over(&self) -> bool {
            self.is_over
        }
    }

    #[test]
    fn a_stream_file_that_misses_some_is_told_once_and_one_that_has_ended_not_at_all() {
        let format = StreamFormat {
            codec: Codec::Mpeg4,
            width: 16,
            height: 16,
            coded_width: 16,
            coded_height: 16,
            signature: [].into(),
        };
        let unit =
            SplicedUnit { slot: 0, part: 0, parts: 1, is_intra: true, format: &format, bytes: &[] };
        for (is_over, told) in [(false, [true, false, false]), (true, [false; 3])] {
            let canvas = Canvas { width: 16, height: 16, rate: FrameRate::whole(30) };
            let mut delivery = Delivery::new(canvas);
            delivery.record_stream(Box::new(Refusing { is_over }));
            assert_eq!([0; 3].map(|_| delivery.spliced(&unit)), told);
        }
    }

    #[test]
    fn slots_come_in_order_and_late_ones_repeat() {
        let canvas = Canvas { width: 16, height: 16, rate: FrameRate::whole(30) };
        let mut delivery = Delivery::new(canvas);
        let seen = Seen::default();
        delivery.add_sink(Box::new(Notebook(Arc::clone(&seen))));
        delivery.slot(report(0, false), true);
        delivery.slot(report(1, true), false);
        delivery.slot(report(2, false), true);
        delivery.slot(report(3, false), false);
        assert!(seen.lock().expect("lock").is_empty());
        delivery.arrived(2, &[7; 384], 0);
        delivery.arrived(0, &[5; 384], 0);
        assert_eq!(*seen.lock().expect("lock"), [(0, 5), (1, 5), (2, 7), (3, 7)]);
    }

    #[test]
    fn all_takers_see_what_the_flash_limiter_lets_through() {
        let canvas = Canvas { width: 16, height: 16, rate: FrameRate::whole(30) };
        for is_limited in [true, false] {
            let mut delivery = Delivery::new(canvas);
            let takers = [Seen::default(), Seen::default(), Seen::default()];
            let [sink, listener, recorder] =
                takers.each_ref().map(|seen| Box::new(Notebook(Arc::clone(seen))));
            delivery.add_sink(sink);
            delivery.listen(listener);
            delivery.set_listened_to(true);
            delivery.start_recording(recorder);
            delivery.set_limited(is_limited);
            let mut notices = 0;
            for slot in 0..30 {
                delivery.slot(report(slot, false), true);
                let mut bytes = [128; 384];
                bytes[..256].fill(if slot % 2 == 0 { 16 } else { 235 });
                delivery.arrived(slot, &bytes, 0);
                notices += u32::from(delivery.take_flash_notice());
            }
            let [sink, listener, recorder] = takers.map(|seen| seen.lock().expect("lock").clone());
            assert!(sink == listener && sink == recorder);
            assert_eq!(delivery.last().0.data()[0], sink[29].1);
            let luma = |slot: usize| sink[slot].1;
            // Three flashes are six changes: black, white, and so on to black again.
            assert_eq!([0, 1, 2, 3, 4, 5, 6].map(luma), [16, 235, 16, 235, 16, 235, 16]);
            let is_dark = |slot: &usize| luma(*slot) < 100;
            assert_eq!((7..30).all(|slot| is_dark(&slot)), is_limited);
            assert_eq!((delivery.held_back() > 0, notices), (is_limited, u32::from(is_limited)));
        }
    }
}
