//! What the instrument shows to those who listen from outside: controllers, OSC subscribers, browsers.
//!
//! Pure declarations: the engine is on a higher floor, so whoever starts a server hands it a
//! [`Monitor`] that reads what the engine publishes.

use crate::params::{Gesture, ParamIndex, Snapshot};

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
    /// Slices of that clip.
    pub slices: u32,
    /// Where the playhead is in it, 0..=1.
    pub position: f64,
    /// Generations made since the decay was last healed.
    pub generation: u64,
    /// Whether the programme is recorded.
    pub is_recording: bool,
    /// What the machine's eye sees; `None` until it has been open.
    pub recognised: Option<Recognised>,
}

/// What the machine's eye sees.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recognised {
    /// The line of the labels, counted from 1; 0 = nothing is said.
    pub class: u32,
    /// How sure it is that this is what the clean picture shows, 0..=1.
    pub confidence: f32,
}

/// A reader of what the engine publishes, for one thread. No call blocks or takes a lock.
pub trait Monitor: Send + std::fmt::Debug {
    /// Takes in the newest state. `false` where it is the one that was there before.
    fn update(&mut self) -> bool;
    /// What was set, at the newest tick that was taken in; empty before the first.
    fn base(&self) -> &Snapshot;
    /// How it goes, at that tick.
    fn progress(&self) -> Progress;
    /// What a press does to the row, at that tick.
    fn gesture(&self, param: ParamIndex) -> Gesture;
    /// What the class of that number (see [`Recognised::class`]) is called; nothing where it has no name.
    fn label(&self, _class: u32) -> &str {
        ""
    }
}

/// A stage for tests: it shows what they publish, and every press is latched.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Debug, Default)]
    struct Shown {
        is_new: bool,
        base: Snapshot,
        progress: Progress,
    }

    /// Clones are of one stage; each sees what it has taken in.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Stage {
        newest: Arc<Mutex<Shown>>,
        seen: Shown,
    }

    impl Stage {
        pub(crate) fn publish(&self, base: &Snapshot, progress: Progress) {
            let base = base.clone();
            *self.newest.lock().expect("whole") = Shown { is_new: true, base, progress };
        }
    }

    impl Monitor for Stage {
        fn update(&mut self) -> bool {
            let mut newest = self.newest.lock().expect("whole");
            self.seen = newest.clone();
            std::mem::take(&mut newest.is_new)
        }

        fn base(&self) -> &Snapshot {
            &self.seen.base
        }

        fn progress(&self) -> Progress {
            self.seen.progress
        }

        fn gesture(&self, _: ParamIndex) -> Gesture {
            Gesture::Latch
        }
    }

    /// A stage that panics when it is looked at for the first time.
    #[derive(Debug)]
    pub(crate) struct Shaky {
        stage: Stage,
        has_failed: bool,
    }

    impl From<Stage> for Shaky {
        fn from(stage: Stage) -> Self {
            Self { stage, has_failed: false }
        }
    }

    impl Monitor for Shaky {
        fn update(&mut self) -> bool {
            assert!(std::mem::replace(&mut self.has_failed, true), "the test's own panic");
            self.stage.update()
        }

        fn base(&self) -> &Snapshot {
            self.stage.base()
        }

        fn progress(&self) -> Progress {
            self.stage.progress()
        }

        fn gesture(&self, param: ParamIndex) -> Gesture {
            self.stage.gesture(param)
        }
    }
}
