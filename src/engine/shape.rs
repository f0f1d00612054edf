//! A loaded clip as the playhead sees it.

use crate::{
    bitstream::Stream,
    clip::Clip,
    playhead::{ClipShape, HealPlace, IntraPicture},
    units::{AccessUnitIndex, Direction, SliceIndex},
};

/// A loaded clip, with what the playhead asks of it.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a>(
    /// The clip.
    pub &'a Clip,
);

impl ClipShape for Shape<'_> {
    fn units(&self, direction: Direction) -> u32 {
        u32::try_from(self.0.stream(direction).len()).unwrap_or(u32::MAX)
    }

    fn backward_start(&self, slice: SliceIndex, superframe_size: u32) -> AccessUnitIndex {
        self.0.backward_start(slice, superframe_size)
    }

    fn is_intra(&self, direction: Direction, unit: AccessUnitIndex) -> bool {
        self.0.stream(direction).is_intra(unit)
    }

    fn heal_place(&self, direction: Direction, unit: AccessUnitIndex) -> HealPlace {
        let place = self.0.bank_place(unit, direction);
        let healed = AccessUnitIndex(place.next.0.saturating_sub(1));
        // Where the stream itself has an intra picture, that one: the P pictures that follow were
        // coded against it, so the clean decode comes out bit for bit.
        let intra = if self.is_intra(direction, healed) {
            IntraPicture::Own(healed)
        } else {
            IntraPicture::Bank(place.unit)
        };
        HealPlace { intra, unit: healed }
    }
}

/// The most bytes that one spliced access unit of the clip takes.
pub(super) fn spliced_bytes_max(clip: &Clip) -> usize {
    let streams = [&clip.forward, &clip.backward, &clip.bank, &clip.backward_bank];
    streams.into_iter().map(Stream::spliced_bytes_max).max().unwrap_or(0)
}
