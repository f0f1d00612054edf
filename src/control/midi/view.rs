//! What controllers see of the instrument. Lives on the thread `midi`; takes no lock.

use crate::{
    control::Monitor,
    params::{ParamIndex, ParamSpec, Registry},
};

/// The rows and, where the engine can be seen, their values.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub registry: &'a Registry,
    pub monitor: Option<&'a dyn Monitor>,
}

impl<'a> View<'a> {
    /// The row, as it is declared now.
    pub(super) fn row(&self, param: ParamIndex) -> &'a ParamSpec {
        self.registry.row(self.registry.current(param))
    }

    /// The plain value that was set, where it is known.
    pub(super) fn plain(&self, param: ParamIndex) -> Option<f64> {
        let param = self.registry.current(param);
        let base = self.monitor?.base();
        base.has(param).then(|| base.get(param))
    }
}
