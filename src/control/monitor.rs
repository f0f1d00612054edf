//! What the instrument shows to those who listen from outside: OSC subscribers, browsers.
//!
//! Pure declarations: the engine is on a higher floor, so whoever starts a server hands it a
//! [`Monitor`] that reads what the engine publishes.

use crate::params::Snapshot;

/// How the performance goes, beside the values of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Slots since the start.
    pub tick: u64,
    /// Slots a second.
    pub rate: f64,
    /// Of the slots so far, how many showed the last picture because theirs was late.
    pub late: u64,
    /// The clip in play, as `clip.select` counts: the first is 1; 0 where none plays.
    pub clip: u32,
    /// The slice in play, counted from 0, always the forward index.
    pub slice: u32,
    /// Generations made since the decay was last healed.
    pub generation: u64,
    /// Whether the programme is recorded.
    pub is_recording: bool,
}

/// A reader of what the engine publishes, for one thread. No call blocks or takes a lock.
pub trait Monitor: Send {
    /// Takes in the newest state. `false` where it is the one that was there before.
    fn update(&mut self) -> bool;
    /// What was set, at the newest tick that was taken in.
    fn base(&self) -> &Snapshot;
    /// How it goes, at that tick.
    fn progress(&self) -> Progress;
}
