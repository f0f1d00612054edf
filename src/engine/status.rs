//! What the engine tells the windows after every slot, through a triple buffer.

use super::{
    gestures::Habits,
    modulators::{LFOS, Modulated, PATCHES},
    tempo::TempoSource,
};
use crate::{
    modulation::{Curve, Positions},
    params::{Grid, Snapshot},
    units::{ClipIndex, Direction},
};

/// What the recorder is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recording {
    /// Nothing is recorded.
    #[default]
    Off,
    /// Pictures go to a file.
    On {
        /// Slots recorded so far.
        slots: u64,
        /// Pictures refused because the encoder was behind.
        refused: u64,
    },
}

/// A clip that was chosen and is not played yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextClip {
    /// The clip.
    pub clip: ClipIndex,
    /// The step of the beat that it waits for; [`Grid::Off`] = the end of the superframe.
    pub waits_for: Grid,
}

/// The state of the instrument after a slot. Copied without allocating.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Slots since the start.
    pub slot: u64,
    /// Of those, how many showed the last picture because theirs was late.
    pub late_slots: u64,
    /// Whether the playhead moves.
    pub is_playing: bool,
    /// The clip in play.
    pub clip: Option<ClipIndex>,
    /// The clip that will be entered, where one waits.
    pub next_clip: Option<NextClip>,
    /// The stream in play.
    pub direction: Direction,
    /// The slice in play (always the forward index).
    pub slice: u32,
    /// Slices of the clip in play.
    pub slices: u32,
    /// The access unit shown, in the stream of `direction`.
    pub access_unit: u32,
    /// Where the playhead is, 0..=1.
    pub position: f64,
    /// First and last slice of the loop, while there is one.
    pub loop_slices: Option<(u32, u32)>,
    /// Superframes that the timeline function has chosen so far.
    pub superframe_number: u64,
    /// What the function `drawn` follows in the clip in play.
    pub curve: Option<Curve>,
    /// What the function `list` follows there.
    pub positions: Option<Positions>,
    /// Generations made since the decay was last healed.
    pub generation: u64,
    /// Whether the picture is the clip's own: nothing was spliced since the last intra picture, and
    /// nothing wears it.
    pub is_clean: bool,
    /// From giving the decoder an access unit to having its picture.
    pub decode_micros: u32,
    /// From the first command to the programme in memory.
    pub gpu_micros: u32,
    /// Length of a slot.
    pub slot_micros: u32,
    /// Slots that hold a grabbed picture, the first in the lowest bit.
    pub grabs_filled: u8,
    /// Snapshots that hold something, the first in the lowest bit.
    pub snapshots_filled: u16,
    /// How much of the way to a preset or snapshot is gone, 0..=1; `None` where there is none.
    pub morph: Option<f64>,
    /// Slots since the start whose pictures the flash limiter has held back.
    pub held_back_slots: u64,
    /// The recorder.
    pub recording: Recording,
    /// Whether the demonstration still plays itself.
    pub is_demo: bool,
    /// A line that the demonstration wants on the screen.
    pub caption: Option<std::sync::Arc<str>>,
    /// Where the beat is, in beats since the start or the clock's.
    pub beats: f64,
    /// Beats in a minute, as they are in force.
    pub bpm: f64,
    /// Who leads the beat.
    pub tempo_source: TempoSource,
    /// Whether the clock that leads it is there.
    pub is_tempo_locked: bool,
    /// What presses do to each row, and what it waits for.
    pub habits: Habits,
    /// By row: whether presets and snapshots leave it alone. Empty before the first slot.
    pub excluded: Vec<bool>,
    /// What was set.
    pub base: Snapshot,
    /// What is in force.
    pub result: Snapshot,
    /// What each patch does, see [`Status::modulation`].
    pub modulated: [Option<Modulated>; PATCHES],
    /// Where each LFO is, in periods since it began.
    pub lfo_periods: [f64; LFOS],
}
