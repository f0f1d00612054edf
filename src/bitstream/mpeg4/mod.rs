//! MPEG-4 part 2 (ISO/IEC 14496-2), as far as splicing needs it: the video object layer, the heads
//! of VOPs, the index of a stream. Clause numbers are those of the third edition (2004).

mod headers;
mod index;

pub(super) use index::{Index, index};
