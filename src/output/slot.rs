//! The newest programme picture, handed from the engine to those who show it.

use crate::{
    ports::{PictureSink, Shown},
    units::Picture,
};
use crossbeam::queue::ArrayQueue;
use std::sync::Arc;

/// The engine's end. `publish` takes no lock, waits for nobody and allocates nothing.
///
/// Each reader may hold up to two pictures (one waiting, one being shown), so an engine that writes
/// into pictures again once nobody holds them needs `2 * readers` beyond its own.
#[derive(Debug)]
pub struct ProgrammeWriter {
    slots: Vec<Arc<ArrayQueue<Arc<Picture>>>>,
}

/// The end of one presenter or preview. Clones share one slot, so that one of them is to be used at a
/// time.
#[derive(Clone, Debug)]
pub struct ProgrammeReader {
    slot: Arc<ArrayQueue<Arc<Picture>>>,
}

/// A writer and as many readers as displays and previews want it.
pub fn programme(readers: usize) -> (ProgrammeWriter, Vec<ProgrammeReader>) {
    let slots: Vec<_> = (0..readers).map(|_| Arc::new(ArrayQueue::new(1))).collect();
    let readers = slots.iter().map(|slot| ProgrammeReader { slot: slot.clone() }).collect();
    (ProgrammeWriter { slots }, readers)
}

impl ProgrammeWriter {
    /// Puts a picture into every reader's slot, in place of one that was not taken.
    pub fn publish(&self, picture: &Arc<Picture>) {
        for slot in &self.slots {
            slot.force_push(picture.clone());
        }
    }
}

impl PictureSink for ProgrammeWriter {
    fn offer(&mut self, shown: &Shown) -> bool {
        self.publish(&shown.picture);
        true
    }
}

impl ProgrammeReader {
    /// The newest picture, or none if none came since the last call.
    pub fn take(&self) -> Option<Arc<Picture>> {
        self.slot.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_gets_the_newest_once() {
        let (writer, readers) = programme(2);
        let pictures: Vec<_> = (1..=3).map(|n| Arc::new(Picture::black(16 * n, 16))).collect();
        writer.publish(&pictures[0]);
        assert_eq!(readers[0].take().map(|picture| picture.width()), Some(16));
        writer.publish(&pictures[1]);
        writer.publish(&pictures[2]);
        for reader in &readers {
            assert_eq!(reader.take().map(|picture| picture.width()), Some(48));
            assert_eq!(reader.take(), None);
        }
        // What was not taken is not kept: the engine may write into it again.
        assert!(pictures.iter().all(|picture| Arc::strong_count(picture) == 1));
    }
}
