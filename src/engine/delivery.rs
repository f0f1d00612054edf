//! From read-back to everyone who wants the programme, slot by slot and in order.
//!
//! A slot's picture arrives some time after its tick; a late slot has none of its own. Here both
//! wait until their turn, so that sinks and trace see every slot once, in order.

use super::report::{SlotObserver, SlotReport};
use crate::{
    ports::{PictureSink, Shown, SplicedUnit, StreamSink},
    units::{Canvas, Picture},
};
use std::{collections::VecDeque, sync::Arc};

/// Slots that may wait for a read-back: the ring has 4, late slots come between them.
const WAITING_SLOTS: usize = 256;

/// Programme pictures in circulation at most: what the queues of the recorder and of the listener
/// and the windows hold, and some on their way. When all are out, a slot repeats the last picture.
const PICTURES: usize = 96;

struct Waiting {
    report: SlotReport,
    picture: Expected,
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
    waiting: VecDeque<Waiting>,
    sinks: Vec<Box<dyn PictureSink>>,
    observer: Option<Box<dyn SlotObserver>>,
    /// The recorder, while it records; refused pictures are counted.
    recorder: Option<Box<dyn PictureSink>>,
    recorded_slots: u64,
    refused_slots: u64,
    /// Whoever keeps the last seconds, and whether it is to.
    listener: Option<Box<dyn PictureSink>>,
    is_listened_to: bool,
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
            waiting: VecDeque::with_capacity(WAITING_SLOTS),
            sinks: Vec::new(),
            observer: None,
            recorder: None,
            recorded_slots: 0,
            refused_slots: 0,
            listener: None,
            is_listened_to: false,
            stream: None,
            refused_units: 0,
        }
    }

    pub fn add_sink(&mut self, sink: Box<dyn PictureSink>) {
        self.sinks.push(sink);
    }

    pub fn observe(&mut self, observer: Box<dyn SlotObserver>) {
        self.observer = Some(observer);
    }

    pub fn observer(&mut self) -> Option<&mut Box<dyn SlotObserver>> {
        self.observer.as_mut()
    }

    pub fn listen(&mut self, listener: Box<dyn PictureSink>) {
        self.listener = Some(listener);
    }

    /// Whether the listener gets the pictures from here on.
    pub fn set_listened_to(&mut self, is_on: bool) {
        self.is_listened_to = is_on;
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

    /// The programme picture that was delivered last.
    pub fn last(&self) -> &Arc<Picture> {
        &self.last
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
        self.waiting.push_back(Waiting { report, picture });
        self.deliver();
    }

    /// The read-back of `slot` is here, packed I420.
    pub fn arrived(&mut self, slot: u64, bytes: &[u8], gpu_micros: u32) {
        let picture = self.free_picture(bytes);
        let entry = self.waiting.iter_mut().find(|entry| entry.report.tick.0 == slot);
        if let Some(entry) = entry {
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
            let Some(Waiting { report, picture }) = self.waiting.pop_front() else { return };
            let has_picture = !matches!(picture, Expected::Skipped);
            if let Expected::Here(picture) = picture {
                self.last = picture;
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
            if let Some(observer) = &mut self.observer {
                observer.slot(&report, has_picture.then_some(&shown));
            }
        }
    }

    /// Copies into a picture that nobody holds any more.
    fn free_picture(&mut self, bytes: &[u8]) -> Option<Arc<Picture>> {
        let free = self.pool.iter_mut().find_map(|picture| {
            Arc::get_mut(picture)?.data_mut().copy_from_slice(bytes);
            Some(Arc::clone(picture))
        });
        if free.is_some() || self.pool.len() == PICTURES {
            return free;
        }
        let mut picture = Picture::black(self.canvas.width, self.canvas.height);
        picture.data_mut().copy_from_slice(bytes);
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
}
