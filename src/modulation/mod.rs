//! Pure functions of time and number that move parameters and the playhead.
//!
//! Owns no thread and no state; what looks random is a hash of a seed and a number, so that the same
//! performance comes out again.

mod chance;
mod curve;
mod markov;
mod positions;
mod timeline;

pub use chance::Walk;
pub use curve::{Curve, CurveError, Point};
pub use markov::markov_stays;
pub use positions::{Positions, PositionsError};
pub use timeline::{Shape, Timeline, Wave, slice_of};

#[cfg(test)]
mod timeline_tests;
