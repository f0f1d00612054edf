//! Where the output is: told by the main thread, read by the thread that keeps the journal.

use std::sync::{Mutex, PoisonError};

/// The display that the output window is on, and whether it fills it.
#[derive(Debug, Default)]
pub struct Screen(Mutex<(bool, Option<String>)>);

impl Screen {
    /// Whether the output fills its display, and that display's name.
    pub fn get(&self) -> (bool, Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, is_filled: bool, display: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (is_filled, display);
    }
}
