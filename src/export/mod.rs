//! Renders that need no engine: the spliced stream itself as a file, its pictures as they are decoded,
//! or the decay of a still ([`LoopAlone`]).
//!
//! A [`Walk`] makes the same choices, slot by slot, as the engine does in a render of the same clips
//! and settings: both ask the same playhead. A [`Course`] lays a timeline function over one clip or
//! several, superframe by superframe; the engine follows it as a score, a walk by itself.
//!
//! Runs on the caller's thread and takes its time; nothing here is for the engine's.

mod course;
mod loop_alone;
mod palindrome;
mod render;
mod walk;

pub use course::{Course, Step};
pub use loop_alone::{LoopAlone, LoopError, LoopFrame};
pub use palindrome::palindrome;
pub use render::{copy, decode};
pub use walk::{Fed, Route, Walk, position, slices};

use crate::{
    bitstream::{SpliceError, StreamError},
    ports::DecoderError,
};

/// Why a render ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is nothing to play.
    #[error("there is no clip to play: name a video")]
    NoClip,
    /// An access unit could not be joined on.
    #[error("an access unit could not be spliced: {0}")]
    Splice(#[from] SpliceError),
    /// The clip and its reverse do not make one stream.
    #[error("a clip and its reverse could not be joined: {0}")]
    Stream(#[from] StreamError),
    /// The forward and the backward clip cannot run in one decoder.
    #[error("the forward and the backward source have other parameter sets: import both alike")]
    Format,
    /// The decoder has failed.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
    /// The decoder gave no picture.
    #[error("the decoder gave no picture for slot {slot}")]
    NoPicture {
        /// The slot.
        slot: u64,
    },
    /// The file takes no more, or somebody stopped the render.
    #[error("the file is not whole: the render ended after {slots} slots")]
    Ended {
        /// Slots that are in it.
        slots: u64,
    },
}
