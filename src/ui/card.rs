//! What the window knows of a clip.

use super::Pictures;
use crate::{
    bitstream::Stream,
    clip::{Clip, Mosh},
    units::AccessUnitIndex,
};

/// A clip as the window shows it: facts that do not change while it plays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClipCard {
    /// What the performer calls it.
    pub name: String,
    /// Name and badge: `rabbit · forever`.
    pub label: String,
    /// How long damage lives in it; `None` where it is too short to tell.
    pub hold: Option<Mosh>,
    /// What encoded it, such as `mpeg4`.
    pub encoder: String,
    /// Length of the forward stream.
    pub secs: f64,
    /// Bytes of each access unit of the forward stream: how much moves.
    pub forward_bytes: Vec<u32>,
    /// The same of the backward stream, in its own order.
    pub backward_bytes: Vec<u32>,
    /// Distance between its clean points, in access units.
    pub clean_every: u32,
    /// Small pictures of it, as they come.
    pub pictures: Pictures,
}

impl ClipCard {
    /// The card of a clip in memory.
    pub fn of(clip: &Clip) -> Self {
        Self {
            name: clip.meta.name(),
            label: clip.meta.label(),
            hold: clip.meta.hold_badge(),
            encoder: clip.meta.coding.encoder.to_string(),
            secs: clip.meta.length_secs(),
            forward_bytes: bytes(&clip.forward),
            backward_bytes: bytes(&clip.backward),
            clean_every: clip.bank_interval,
            pictures: Pictures::default(),
        }
    }
}

fn bytes(stream: &Stream) -> Vec<u32> {
    let units = u32::try_from(stream.len()).unwrap_or(u32::MAX);
    let bytes = |unit| stream.access_unit(AccessUnitIndex(unit)).len();
    (0..units).map(|unit| u32::try_from(bytes(unit)).unwrap_or(u32::MAX)).collect()
}
