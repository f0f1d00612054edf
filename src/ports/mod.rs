//! The doors between the instrument and whatever decodes or takes pictures away.
//!
//! Traits only: `media` implements them with GStreamer, tests with something simpler.

mod link;
mod notice;
mod shelf;
mod tap;

pub use link::{LinkMoment, TempoLink};
pub use notice::{Notice, Notices, Severity};
pub use shelf::{PictureOf, Shelf};
pub use tap::{LONGEST_SILENCE, Tap};

use crate::units::{Codec, Picture, Planes, StreamFormat};
use std::{sync::Arc, time::Duration};

/// A running decoder: one access unit in, one picture out, without delay.
///
/// Owned by the engine thread. After an error it is of no more use and is retired.
pub trait Decoder: Send {
    /// Gives the decoder one access unit. `number` rises by at least one with every call and comes
    /// back with the picture. Does not wait.
    ///
    /// # Errors
    /// The decoder has failed.
    fn push(&mut self, number: u64, access_unit: &[u8]) -> Result<(), DecoderError>;

    /// Waits at most `timeout` for the picture of access unit `number` and lends it to `take`.
    /// Pictures of other numbers are thrown away. Returns whether it came.
    ///
    /// # Errors
    /// The decoder has failed.
    fn pull(
        &mut self,
        number: u64,
        timeout: Duration,
        take: &mut dyn FnMut(&Planes<'_>),
    ) -> Result<bool, DecoderError>;
}

/// A decoder that has failed.
#[derive(Debug, thiserror::Error)]
pub enum DecoderError {
    /// No plug-in decodes this coding.
    #[error("no decoder for {codec:?}: install {package}")]
    Missing {
        /// The coding.
        codec: Codec,
        /// What brings one.
        package: &'static str,
    },
    /// It could not be started.
    #[error("the decoder could not be started: {0}")]
    Start(String),
    /// It reported an error while running.
    #[error("the decoder failed: {0}")]
    Failed(String),
}

/// Makes decoders. Shared between threads: the spare one is made away from the engine.
pub trait DecoderMaker: Send + Sync + 'static {
    /// What it makes.
    type Decoder: Decoder + 'static;

    /// A new decoder, started, for streams of this format.
    ///
    /// # Errors
    /// No plug-in, or it could not be started.
    fn make(&self, format: &StreamFormat) -> Result<Self::Decoder, DecoderError>;
}

/// One programme picture on its way to a sink.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The slot, counted from the engine's start; presentation time = slot / canvas rate.
    pub slot: u64,
    /// The picture, packed I420. Sinks never write to it.
    pub picture: Arc<Picture>,
}

/// Whatever takes the programme away: recorder, network, file.
///
/// `offer` is called by the engine thread: it must not block, allocate without bound, or do I/O.
pub trait PictureSink: Send {
    /// Takes a picture, or refuses it (its queue is full) and counts that.
    fn offer(&mut self, shown: &Shown) -> bool;

    /// Whether it has ended by itself and takes no more (a recorder whose disk is full).
    fn is_over(&self) -> bool {
        false
    }
}

/// One spliced access unit on its way to a file: what the running decoder is fed with.
#[derive(Clone, Copy, Debug)]
pub struct SplicedUnit<'a> {
    /// The slot it was fed in, counted from the engine's start.
    pub slot: u64,
    /// Which of the slot's access units it is, counted from 0: a drive above 1 feeds several.
    pub part: u32,
    /// How many access units the slot has, at least 1. The presentation time is
    /// (slot + part / parts) / canvas rate.
    pub parts: u32,
    /// Whether it holds an intra picture. The first unit offered does, and the first of another
    /// format.
    pub is_intra: bool,
    /// The format of its stream.
    pub format: &'a StreamFormat,
    /// Its bytes, legal after all that were offered before. With an intra picture come the parameter
    /// sets.
    pub bytes: &'a [u8],
}

/// Whatever takes the spliced stream away, without encoding anything again.
///
/// `offer` is called by the engine thread: it must not block, allocate without bound, or do I/O.
pub trait StreamSink: Send {
    /// Takes an access unit, or refuses it (its queue is full). A stream with a hole is not legal:
    /// after a refusal nothing is taken until the next intra picture.
    fn offer(&mut self, unit: &SplicedUnit<'_>) -> bool;

    /// Whether it has ended by itself and takes no more (a full disk).
    fn is_over(&self) -> bool {
        false
    }
}
