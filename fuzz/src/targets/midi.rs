//! The bytes of MIDI devices.

use crate::{control::midi::fuzz, params::Change};

/// Whatever comes (running status, cut system exclusive, foreign clocks, real time within messages):
/// values stay within 0..=1, and nothing is learnt by itself.
pub fn midi(traffic: &[u8]) -> bool {
    let played = fuzz::play(traffic).expect("rows");
    assert!(played.is_unchanged, "a mapping has changed");
    for change in &played.changes {
        let value = match change {
            Change::Normalised(value) | Change::Press(value) => *value,
            _ => 0.0,
        };
        assert!((0.0..=1.0).contains(&value), "{change:?}");
    }
    !played.changes.is_empty()
}
