//! The rooms that read other people's bytes, and what fuzzing asks of them.
//!
//! The program's library as it is, without GStreamer.

pub use residua::{bitstream, clip, control, engine, params, set, take, units};

pub mod targets;
