//! Pure functions of time and number that move parameters and the playhead.
//!
//! Owns no thread and no state.

mod markov;
mod timeline;

pub use markov::markov_stays;
pub use timeline::{Shape, Timeline, Wave};
