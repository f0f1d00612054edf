//! A door for fuzzing (`fuzz/`, `tests/corpus.rs`) to readers that see arbitrary bytes only behind
//! others. Nothing of the program goes through here.

use super::{escape, start_codes};
use std::ops::Range;

/// What stands between start codes: first byte of what belongs to the code, the code proper, and
/// what follows it without the zeros that trail.
pub fn segments(bytes: &[u8]) -> impl Iterator<Item = (usize, usize, Range<usize>)> {
    start_codes::segments(bytes).map(|segment| (segment.begin, segment.code, segment.payload))
}

/// A NAL unit with emulation prevention bytes.
pub fn escape(raw: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::new();
    escape::escape_into(raw, &mut escaped);
    escaped
}

/// A NAL unit without them.
pub fn unescape(nal: &[u8]) -> Vec<u8> {
    escape::unescape(nal)
}
