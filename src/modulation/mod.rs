//! Pure functions of time and number that move parameters and the playhead.
//!
//! Owns no thread; what goes on from tick to tick (a walk, an LFO, an envelope) is kept by whoever asks.
//! What looks random is a hash of a seed and a number, so that the same
//! performance comes out again.

mod chance;
mod curve;
mod envelope;
mod lfo;
mod markov;
mod positions;
mod sequencer;
mod spread;
mod timeline;
mod wave;

pub use chance::Walk;
pub use curve::{Curve, CurveError, Point};
pub use envelope::{Envelope, EnvelopeSettings};
pub use lfo::{Lfo, LfoSettings, LfoShape, Pace};
pub use markov::markov_stays;
pub use positions::{Positions, PositionsError};
pub use sequencer::{Sequenced, sequenced};
pub use spread::Spread;
pub use timeline::{Shape, Timeline, Wave, slice_of};
pub use wave::bend;

#[cfg(test)]
mod timeline_tests;
