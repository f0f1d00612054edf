//! The measures everything else is written in: indices, rates, canvases, ticks, pictures.
//!
//! Owns no thread and no state. Knows no other room.

mod canvas;
mod format;
mod picture;
mod text;

pub use canvas::{Canvas, CanvasError, FrameRate};
pub use format::StreamFormat;
pub use picture::{Picture, Planes};
pub use text::{age_text, bytes_text};

use serde::{Deserialize, Serialize};

/// Place of an access unit (the coded data of one picture) in a stream, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccessUnitIndex(pub u32);

/// A slice of a clip: the superframe that starts at this access unit of the forward stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SliceIndex(pub u32);

/// Place of a clip in the set, counted from 0.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ClipIndex(pub u16);

/// Number of a slot on the canvas clock, counted from 0 at the engine's start.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Tick(pub u64);

/// Which of a clip's two streams is played. Each is a stream of its own, coded in its own order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The stream in the order of the source.
    #[default]
    Forward,
    /// The stream of the source reversed, or of another source.
    Backward,
}

/// The video codings a clip may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// ITU-T H.264 | ISO/IEC 14496-10, Annex B byte stream.
    H264,
    /// ISO/IEC 14496-2 (MPEG-4 Visual), video object layer with start codes.
    Mpeg4,
}
