//! Elementary streams as bytes: where the pictures lie in them, and how to join them in any order.
//!
//! A [`Stream`] is one elementary stream with an index of its access units. A [`Splicer`] follows
//! one running decoder and turns access units, picked in any order from any streams of one format,
//! into one legal stream: every access unit fed gives exactly one picture, in every decoder.
//!
//! Owns no thread. [`Stream::parse`] allocates and takes its time (off the engine thread);
//! [`Splicer::splice`] runs on the engine thread and neither allocates, nor waits, nor fails on
//! anything that parsed. Nothing here decodes pictures or knows a decoder.

mod bits;
mod escape;
#[doc(hidden)]
pub mod fuzz;
mod h264;
mod mpeg4;
mod splicer;
mod start_codes;
mod stream;

pub use splicer::{SpliceError, Splicer};
pub use stream::{Stream, StreamError};
