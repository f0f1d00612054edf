//! The place that Ableton Link would take.

use std::time::Duration;

/// A tempo that several programs share over the network, as Ableton Link does.
///
/// Nothing here implements it: Link's library is under the GPL (or a licence of Ableton's own), and
/// this program is not. Whoever builds one for themselves implements this on a thread of its own
/// that asks [`TempoLink::moment`] a few times a beat, and sends what it hears as events of
/// [`Source::Clock`](crate::params::Source::Clock) on `tempo.bpm` and `tempo.position`, with
/// `tempo.source` at `link`: from there on it is a clock as any other.
pub trait TempoLink: Send {
    /// Where the session is; `None` while nobody else is in it.
    fn moment(&self) -> Option<LinkMoment>;

    /// Asks the session for another tempo, in beats a minute (20 to 300).
    fn propose(&mut self, bpm: f64);
}

/// Where a shared beat is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkMoment {
    /// Beats a minute.
    pub bpm: f64,
    /// Beats since the session began; whole at a beat, a multiple of 4 where a bar begins.
    pub beats: f64,
    /// How long ago that was.
    pub age: Duration,
}
