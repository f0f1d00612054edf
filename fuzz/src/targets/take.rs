//! The text of a take.

use crate::take::format::Take;

/// Reads a take, and what it writes again.
pub fn take(bytes: &[u8]) -> bool {
    let Ok(take) = Take::read(bytes) else { return false };
    let again = Take::read(take.write().as_bytes()).expect("what was written is read");
    assert_eq!((again.slots(), again.from()), (take.slots(), take.from()));
    assert_eq!(again.lost(), take.lost());
    true
}
