//! A score: changes at fixed times, as the demonstration has them.

use crate::params::ControlEvent;
use std::sync::Arc;

/// One change of a score.
#[derive(Clone, Debug)]
pub struct ScoreStep {
    /// The slot at whose tick it enters.
    pub slot: u64,
    /// The change, if this step makes one.
    pub event: Option<ControlEvent>,
    /// The line on the screen from here on; `None` leaves the last.
    pub caption: Option<Arc<str>>,
}

/// Plays its steps until a person touches something.
#[derive(Debug, Default)]
pub struct Score {
    steps: Vec<ScoreStep>,
    next: usize,
    caption: Option<Arc<str>>,
}

impl Score {
    /// A score of these steps, in any order.
    pub fn new(mut steps: Vec<ScoreStep>) -> Self {
        steps.sort_by_key(|step| step.slot);
        Self { steps, next: 0, caption: None }
    }

    /// Whether it has steps left, or a line on the screen.
    pub fn is_playing(&self) -> bool {
        self.next < self.steps.len() || self.caption.is_some()
    }

    /// The next step due at this slot.
    pub fn take_due(&mut self, slot: u64) -> Option<ControlEvent> {
        while let Some(step) = self.steps.get(self.next).filter(|step| step.slot <= slot) {
            self.next += 1;
            if let Some(caption) = &step.caption {
                self.caption = (!caption.is_empty()).then(|| Arc::clone(caption));
            }
            if let Some(event) = step.event {
                return Some(event);
            }
        }
        None
    }

    /// Goes on where another run was after so many slots: what was due by then has been done.
    pub fn skip(&mut self, slots: u64) {
        while self.take_due(slots).is_some() {}
        for step in &mut self.steps {
            step.slot = step.slot.saturating_sub(slots);
        }
    }

    /// The line on the screen.
    pub fn caption(&self) -> Option<&Arc<str>> {
        self.caption.as_ref()
    }

    /// A person took over.
    pub fn hand_over(&mut self) {
        self.next = self.steps.len();
        self.caption = None;
    }
}
