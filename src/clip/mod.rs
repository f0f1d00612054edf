//! A clip: encoded streams in memory, forward and backward, with a bank of intra pictures, and the
//! folder they come from.
//!
//! Owns no thread. Loading allocates and reads files (off the engine thread); everything else is
//! arithmetic on indices and may run anywhere, the engine thread included.

mod badge;
mod buffer;
mod coding;
mod folder;
mod grab;
mod meta;
mod settings;

pub use badge::clip_name;
pub use buffer::{BANK_INTERVAL, BankPlace, Clip, SliceBuffer, backward_start};
pub use coding::{Coding, Encoder, INTRA_EVERY, Mosh};
pub use folder::{
    CLIP_TOML, ClipError, PREVIEW, STREAM_ENDING_H264, STREAM_ENDING_MPEG4, StreamFile,
    read_preview,
};
pub use grab::{GRAB_SLOTS, grab_files, read_grabs, write_grab};
pub use meta::{FORMAT_VERSION, HoldPoint, Meta, StreamMeta};
pub use settings::{Fit, UnknownChoice};
