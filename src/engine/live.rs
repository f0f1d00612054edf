//! The clock of a performance, and the desk that hands recorders over.

use super::{Engine, Pace, Replay};
use crate::{
    clip::Clip,
    decay::ShaderChange,
    ports::{DecoderMaker, PictureSink},
};
use crossbeam::channel::{Receiver, Sender};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Share of a slot that the decoder may take; the rest belongs to the GPU.
const DECODE_SHARE: f64 = 0.6;

/// How often an idle engine looks whether a read-back has arrived. A sleep of this length costs
/// nothing measurable, and a picture waits for its presenter no longer than this.
const POLL_INTERVAL: Duration = Duration::from_micros(500);

/// What the engine asks of the thread that makes and finishes recorders.
pub enum DeskRequest {
    /// A recorder, for a new file.
    Start,
    /// This one is done.
    Finish(Box<dyn PictureSink>),
}

/// The engine's end of the way to the recorder's thread: starting and finishing a recording takes
/// file I/O that a tick must not do.
pub struct Desk {
    /// Requests to the thread.
    pub requests: Sender<DeskRequest>,
    /// Its answers to [`DeskRequest::Start`]; `None` when no recorder could be started (the thread
    /// has said why).
    pub recorders: Receiver<Option<Box<dyn PictureSink>>>,
}

/// The engine's end of the way to the thread that makes clips while playing.
pub struct ClipDesk {
    /// Requests for the last so many seconds of the programme as a clip.
    pub resamples: Sender<f64>,
    /// Clips that were made; each becomes the last of the set.
    pub arrivals: Receiver<Arc<Clip>>,
}

/// The engine's end of the way to the thread that looks after the set's shaders.
pub struct ShaderDesk {
    /// Stages to be taken in or out at the next tick.
    pub changes: Receiver<ShaderChange>,
    /// What they took the place of, to be freed there.
    pub retired: Sender<ShaderChange>,
}

impl<M: DecoderMaker> Engine<M> {
    /// Plays until `quit` is set, or for `slots` slots. Runs on the engine's own thread; the
    /// canvas clock alone paces it.
    pub fn run_live(&mut self, quit: &AtomicBool, slots: Option<u64>) {
        let rate = self.canvas().rate;
        let start = Instant::now();
        let mut slot = 0;
        while !quit.load(Ordering::Relaxed) && slots.is_none_or(|slots| slot < slots) {
            let begin = start + rate.time_of(slot);
            let end = start + rate.time_of(slot + 1);
            self.idle_until(begin);
            let decode_until = begin + (end - begin).mul_f64(DECODE_SHARE);
            self.tick(slot, Pace::Live { decode_until });
            // Slots that went by while this tick took its time are late slots.
            let now = rate.slot_at(start.elapsed());
            slot += 1;
            while slot < now && slots.is_none_or(|slots| slot < slots) {
                self.skip_slot(slot);
                slot += 1;
            }
        }
        self.finish();
    }

    /// Plays `slots` slots, awaiting every picture.
    pub fn run_offline(&mut self, quit: &AtomicBool, slots: u64) {
        for slot in 0..slots {
            if quit.load(Ordering::Relaxed) {
                break;
            }
            self.tick(slot, Pace::Offline);
            self.collect(None);
        }
        self.finish();
    }

    /// Plays the take of [`Self::use_replay`] from its start to its end, awaiting every picture: a slot
    /// that was late then repeats its picture now, unless the replay is a steady one.
    pub fn run_take(&mut self, quit: &AtomicBool) {
        let slots = self.replay.as_ref().map_or(0, Replay::slots);
        for slot in 0..slots {
            if quit.load(Ordering::Relaxed) {
                break;
            }
            if self.replay.as_ref().is_some_and(|replay| replay.is_skipped(slot)) {
                self.skip_slot(slot);
            } else {
                self.tick(slot, Pace::Offline);
            }
            self.collect(None);
        }
        self.finish();
    }

    fn idle_until(&mut self, begin: Instant) {
        loop {
            self.collect(Some(Duration::ZERO));
            let now = Instant::now();
            if now >= begin {
                return;
            }
            thread::sleep((begin - now).min(POLL_INTERVAL));
        }
    }
}
