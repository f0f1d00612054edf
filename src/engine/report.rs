//! What the engine says of every slot, for the trace.

use crate::{
    params::ControlEvent,
    ports::Shown,
    units::{ClipIndex, Direction, Tick},
};
use std::time::Duration;

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

/// Whoever writes down what the engine does. Called on the engine thread: must not block or
/// allocate without bound.
pub trait SlotObserver: Send {
    /// An event entered the tick of `slot`; `at` is when it was sent, on the queue's clock.
    fn event(&mut self, slot: u64, event: &ControlEvent, at: Duration);
    /// A slot is over. `shown` is its picture, `None` where the read-back skipped it.
    fn slot(&mut self, report: &SlotReport, shown: Option<&Shown>);
}
