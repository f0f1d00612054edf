//! What the engine says of every slot, for the trace.

use super::looks::Bank;
use crate::{
    clip::Clip,
    params::ControlEvent,
    ports::Shown,
    units::{ClipIndex, Direction, Tick},
};
use std::{sync::Arc, time::Duration};

/// One slot. Copied, never allocated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SlotReport {
    /// The slot.
    pub tick: Tick,
    /// Whether it shows the last picture because its own was not there in time.
    pub late: bool,
    /// The clip in play.
    pub clip: ClipIndex,
    /// The stream in play.
    pub direction: Direction,
    /// The slice in play (always the forward index).
    pub slice: u32,
    /// The access unit shown, in the stream of `direction`; `None` while the picture is held.
    pub access_unit: Option<u32>,
    /// Access units fed in this slot: more than one with a drive above 1, none while held.
    pub units_fed: u32,
    /// The slot (from 0) whose grabbed picture was thrown in, if one was.
    pub thrown: Option<u8>,
    /// Whether this access unit was fed as an intra picture.
    pub healed: bool,
    /// Generations made since the decay was last healed.
    pub generation: u64,
    /// Where the playhead is, 0..=1.
    pub position: f64,
    /// From giving the decoder the access unit to having its picture.
    pub decode_micros: u32,
    /// From the first command to the programme in memory; of late slots 0.
    pub gpu_micros: u32,
}

/// What came into a tick, or failed to, at its own time: neither the events nor the slot's number say
/// it, and the pictures depend on it. A take has these, and a replay waits for them or does without.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// The answer to a grab's request, for this slot (from 0).
    Grab {
        /// The slot.
        slot: u8,
        /// Whether a picture came.
        is_filled: bool,
    },
    /// A grab that could not be asked for: the pictures before were still being coded.
    GrabRefused,
    /// A grab for which no picture was free.
    NoPicture,
    /// The programme picture that was grabbed is that of this slot; `None` = the black before all.
    GrabOf(Option<u64>),
    /// A clip made while playing.
    Clip(Arc<Clip>),
    /// Other presets took the place of those before.
    Bank(Arc<Bank>),
    /// A user's shader came, changed or went.
    Shader,
    /// The decoder that was wanted was not ready.
    NoDecoder,
    /// The decoder did not take an access unit.
    FeedFailed,
    /// The decoder broke down, or was silent for too long.
    DecoderFailed,
    /// The clean lane's decoder was not ready.
    NoCleanDecoder,
    /// The clean picture was late: the one before was mixed in.
    CleanLate,
    /// The clean lane's decoder failed.
    CleanFailed,
    /// The codec stage's picture was late, and left out.
    CodecLate,
    /// The tick began in this slot, and its picture was not there in time.
    Begun,
    /// The picture was made, but not read back: the takers saw the one before once more.
    Unread,
    /// Somebody wants the last minute kept.
    Keep,
}

/// Whoever writes down what the engine does. Called on the engine thread: must not block or
/// allocate without bound.
pub trait SlotObserver: Send {
    /// An event entered the tick of `slot`; `at` is when it was sent, on the queue's clock.
    fn event(&mut self, slot: u64, event: &ControlEvent, at: Duration);
    /// Something came into the tick of `slot` at its own time. [`Arrival::Unread`] is told later than
    /// the slots that follow.
    fn arrival(&mut self, _slot: u64, _arrival: &Arrival) {}
    /// A slot is over. `shown` is its picture, `None` where the read-back skipped it.
    fn slot(&mut self, report: &SlotReport, shown: Option<&Shown>);
}
