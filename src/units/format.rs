//! What kind of stream an access unit belongs to.

use super::Codec;
use std::sync::Arc;

/// What a decoder must know before its first access unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamFormat {
    /// The coding.
    pub codec: Codec,
    /// Width after cropping, in pixels.
    pub width: u32,
    /// Height after cropping, in pixels.
    pub height: u32,
    /// Width as coded, before cropping.
    pub coded_width: u32,
    /// Height as coded, before cropping.
    pub coded_height: u32,
    /// The parameter sets that a running decoder cannot change between intra pictures: the SPS NAL
    /// unit (H.264), or everything before the first VOP (MPEG-4). Streams that are equal here may
    /// be spliced into each other at any place.
    pub signature: Arc<[u8]>,
}
