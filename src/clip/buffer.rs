//! Clips in memory, and the arithmetic of places in them.

use super::Meta;
use crate::{
    bitstream::Stream,
    units::{AccessUnitIndex, Direction, SliceIndex},
};
use std::sync::Arc;

/// Every how many pictures the intra bank has one. At 30 pictures per second a heal is then never
/// more than 0.4 s away from the playhead's place, at about a third more memory.
pub const BANK_INTERVAL: u32 = 12;

/// A clip in memory: two streams and the intra bank, all of one format.
#[derive(Debug)]
pub struct Clip {
    /// See [`Meta::name`].
    pub name: String,
    /// The facts from its folder.
    pub meta: Meta,
    /// The stream in the order of the source.
    pub forward: Stream,
    /// The stream against it, or of another source.
    pub backward: Stream,
    /// Intra pictures of the forward stream's places 0, `bank_interval`, twice that, and so on.
    pub bank: Stream,
    /// The same of the backward stream's places.
    pub backward_bank: Stream,
    /// Distance between the pictures of a bank, in pictures.
    pub bank_interval: u32,
    /// A small picture of it, as a WebP file; older folders have none.
    pub preview: Option<Vec<u8>>,
}

/// Where to find the intra picture that heals a place, and where to go on from there.
#[derive(Clone, Copy, Debug)]
pub struct BankPlace<'a> {
    /// The stream that holds the intra picture.
    pub stream: &'a Stream,
    /// The intra picture in that stream.
    pub unit: AccessUnitIndex,
    /// The access unit that follows, in the stream of the direction asked for. Equal to that
    /// stream's length where the intra picture stands in for its last access unit.
    pub next: AccessUnitIndex,
}

impl Clip {
    /// The stream of a direction.
    pub fn stream(&self, direction: Direction) -> &Stream {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Backward => &self.backward,
        }
    }

    /// Where in the backward stream the slice begins:
    /// round((nf - N - i) * (nb - N) / (nf - N)), so that both streams show the same moment.
    pub fn backward_start(&self, slice: SliceIndex, superframe_size: u32) -> AccessUnitIndex {
        let (forward, backward) = (units(&self.forward), units(&self.backward));
        AccessUnitIndex(backward_start(forward, backward, slice.0, superframe_size))
    }

    /// The intra bank of a direction's stream.
    pub fn bank_of(&self, direction: Direction) -> &Stream {
        match direction {
            Direction::Forward => &self.bank,
            Direction::Backward => &self.backward_bank,
        }
    }

    /// The intra picture at or before `unit` in the order of play, and how to go on.
    pub fn bank_place(&self, unit: AccessUnitIndex, direction: Direction) -> BankPlace<'_> {
        let stream = self.bank_of(direction);
        let (place, next) = bank_place(unit.0, self.bank_interval, units(stream));
        BankPlace { stream, unit: AccessUnitIndex(place), next: AccessUnitIndex(next) }
    }

    /// Bytes of memory that the streams take.
    pub fn memory_bytes(&self) -> usize {
        self.forward.memory_bytes()
            + self.backward.memory_bytes()
            + self.bank.memory_bytes()
            + self.backward_bank.memory_bytes()
    }
}

fn units(stream: &Stream) -> u32 {
    // Streams stay below 4 GiB, so they hold fewer access units than that.
    u32::try_from(stream.len()).unwrap_or(u32::MAX)
}

/// [`Clip::backward_start`] for streams of so many access units.
pub fn backward_start(forward: u32, backward: u32, slice: u32, superframe_size: u32) -> u32 {
    let size = superframe_size.clamp(1, forward.max(1));
    let (forward_span, backward_span) =
        (u64::from(forward.saturating_sub(size)), u64::from(backward.saturating_sub(size)));
    if forward_span == 0 {
        return 0;
    }
    let from_end = forward_span.saturating_sub(u64::from(slice));
    narrow(rounded_ratio(from_end * backward_span, forward_span))
}

/// Bank picture and next access unit.
fn bank_place(unit: u32, interval: u32, bank: u32) -> (u32, u32) {
    let place = (unit / interval).min(bank.saturating_sub(1));
    (place, place * interval + 1)
}

/// a / b to the nearest whole number, halves away from zero.
fn rounded_ratio(a: u64, b: u64) -> u64 {
    (a + b / 2) / b
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// All loaded clips. A slice is an index range in one of them, never a copy.
#[derive(Clone, Debug, Default)]
pub struct SliceBuffer {
    clips: Vec<Arc<Clip>>,
}

impl SliceBuffer {
    /// The buffer of these clips, in the order of the set.
    pub fn new(clips: Vec<Arc<Clip>>) -> Self {
        Self { clips }
    }

    /// The clips, in the order of the set.
    pub fn clips(&self) -> &[Arc<Clip>] {
        &self.clips
    }

    /// One more clip, the last.
    pub fn push(&mut self, clip: Arc<Clip>) {
        self.clips.push(clip);
    }

    /// Makes room for this many clips in all.
    pub fn reserve_for(&mut self, clips: usize) {
        self.clips.reserve(clips.saturating_sub(self.clips.len()));
    }

    /// Number of clips.
    pub fn len(&self) -> usize {
        self.clips.len()
    }

    /// Whether there is nothing to play.
    pub fn is_empty(&self) -> bool {
        self.clips.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backward_slices_show_the_same_moment() {
        // Equal lengths: slice i covers pictures i..i+N, the backward stream has them at nf-N-i.
        for slice in 0..=94 {
            assert_eq!(backward_start(100, 100, slice, 6), 94 - slice);
        }
        // Half as long: 94 places onto 44, by hand: 94 - 47 = 47; 47 * 44 / 94 = 22.
        assert_eq!(backward_start(100, 50, 47, 6), 22);
        // 94 - 1 = 93; 93 * 44 / 94 = 43.53 -> 44.
        assert_eq!(backward_start(100, 50, 1, 6), 44);
        assert_eq!(backward_start(6, 6, 0, 6), 0);
        assert_eq!(backward_start(3, 100, 0, 6), 0);
        assert_eq!(backward_start(100, 3, 50, 6), 0);
        assert_eq!(backward_start(100, 100, 1000, 6), 0);
    }

    #[test]
    fn heals_lie_at_or_before_the_place() {
        assert_eq!(bank_place(0, 12, 9), (0, 1));
        assert_eq!(bank_place(11, 12, 9), (0, 1));
        assert_eq!(bank_place(12, 12, 9), (1, 13));
        assert_eq!(bank_place(99, 12, 9), (8, 97));
        assert_eq!(bank_place(5000, 12, 9), (8, 97));
    }
}
