//! From the engine's slots to the eye: one picture, when it is asked for.

use super::clean::Place;
use crate::{
    clip::Clip,
    engine::{Arrival, CLIPS_MAX, SlotObserver, SlotReport},
    params::ControlEvent,
    ports::Shown,
    units::{AccessUnitIndex, Picture},
};
use crossbeam::channel::{Receiver, Sender, bounded};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A programme picture, and the place in a clip that it is of.
pub struct Look {
    pub place: Place,
    pub picture: Arc<Picture>,
}

/// The engine's end.
pub struct Peephole {
    is_asked: Arc<AtomicBool>,
    looks: Sender<Look>,
    clips: Sender<Arc<Clip>>,
    /// The place last played: while a picture is held it stays.
    place: Option<Place>,
}

/// The eye's end.
pub struct Window {
    is_asked: Arc<AtomicBool>,
    looks: Receiver<Look>,
    clips: Receiver<Arc<Clip>>,
}

/// Both ends, for a show that has so many clips.
pub fn pair(clips: usize) -> (Peephole, Window) {
    let is_asked = Arc::new(AtomicBool::new(false));
    // One look at a time; of clips all that may still come.
    let (look_in, look_out) = bounded(1);
    let (clip_in, clip_out) = bounded(CLIPS_MAX.saturating_sub(clips).max(1));
    let peephole =
        Peephole { is_asked: Arc::clone(&is_asked), looks: look_in, clips: clip_in, place: None };
    (peephole, Window { is_asked, looks: look_out, clips: clip_out })
}

impl Window {
    /// The picture that was asked for, where it has come; asks for the next otherwise.
    pub fn look(&self) -> Option<Look> {
        let look = self.looks.try_recv().ok();
        if look.is_none() {
            self.is_asked.store(true, Ordering::Relaxed);
        }
        look
    }

    /// Clips that have come since.
    pub fn new_clips(&self) -> impl Iterator<Item = Arc<Clip>> {
        self.clips.try_iter()
    }
}

impl SlotObserver for Peephole {
    fn event(&mut self, _slot: u64, _event: &ControlEvent, _at: Duration) {}

    fn arrival(&mut self, _slot: u64, arrival: &Arrival) {
        if let Arrival::Clip(clip) = arrival {
            // There is room for as many as a set has.
            let _ = self.clips.try_send(Arc::clone(clip));
        }
    }

    fn slot(&mut self, report: &SlotReport, shown: Option<&Shown>) {
        if let Some(unit) = report.access_unit {
            let (clip, direction) = (usize::from(report.clip.0), report.direction);
            self.place = Some(Place { clip, direction, unit: AccessUnitIndex(unit) });
        }
        let (Some(place), Some(shown)) = (self.place, shown) else { return };
        if self.is_asked.load(Ordering::Relaxed) {
            let picture = Arc::clone(&shown.picture);
            if self.looks.try_send(Look { place, picture }).is_ok() {
                self.is_asked.store(false, Ordering::Relaxed);
            }
        }
    }
}
