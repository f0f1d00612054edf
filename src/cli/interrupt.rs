//! Ctrl-C, for whatever is running.

use anyhow::{Context, Result};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// The flag that Ctrl-C sets (and a request to end, and a closed terminal). One for the process:
/// an import before the show and the show itself stop by the same.
///
/// # Errors
/// The system does not let signals be caught.
pub fn flag() -> Result<Arc<AtomicBool>> {
    static FLAG: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);
    let mut known = FLAG.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(flag) = &*known {
        return Ok(Arc::clone(flag));
    }
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed))
        .context("Ctrl-C cannot be caught")?;
    *known = Some(Arc::clone(&flag));
    Ok(flag)
}
