//! The clip bank: the clips as tiles with their pictures, the cues of the clip in play, the slots for
//! grabbed pictures.

mod cues;
mod grid;
mod slots;
mod tile;

pub(super) use cues::show as cues;
pub(super) use grid::{page as grid, stage};
pub(super) use slots::show as slots;
