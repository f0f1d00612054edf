//! Pure functions of time and number that move parameters and the playhead.
//!
//! Owns no thread and no state.

mod timeline;

pub use timeline::{Shape, Timeline, Wave};
