//! What controllers see of the instrument. Lives on the thread `midi`; takes no lock.

use crate::params::{Gesture, ParamIndex, ParamSpec, Registry, Snapshot};

/// Where the parameters are, as the engine published it last. Read by one thread.
pub trait Mirror: Send + std::fmt::Debug {
    /// Takes in what was published last. Returns whether that is new.
    fn update(&mut self) -> bool;

    /// What was set. Empty before the first tick.
    fn base(&self) -> &Snapshot;

    /// Where the playhead is, 0..=1.
    fn position(&self) -> f64;

    /// Slices of the clip in play.
    fn slices(&self) -> u32;

    /// What a press does to the row.
    fn gesture(&self, param: ParamIndex) -> Gesture;
}

/// The rows and, where the engine has a mirror, their values.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub registry: &'a Registry,
    pub mirror: Option<&'a dyn Mirror>,
}

impl<'a> View<'a> {
    /// The row, as it is declared now.
    pub(super) fn row(&self, param: ParamIndex) -> &'a ParamSpec {
        self.registry.row(self.registry.current(param))
    }

    /// The plain value that was set, where it is known.
    pub(super) fn plain(&self, param: ParamIndex) -> Option<f64> {
        let param = self.registry.current(param);
        let base = self.mirror?.base();
        base.has(param).then(|| base.get(param))
    }
}
