//! Start codes and emulation prevention.

use super::memory::{FLOOR, in_proportion};
use crate::bitstream::fuzz::{escape, segments, unescape};
use std::ops::Range;

/// Bytes fall into NAL units as the plainest reading of the standard has it, and escapes come off
/// and on again. Whether there is any.
pub fn nal_splitter(input: &[u8]) -> bool {
    let found: Vec<_> = segments(input).collect();
    assert_eq!(found, plainly(input));

    let (escaped, raw) = in_proportion(input.len(), FLOOR, || (escape(input), unescape(input)));
    assert!(!escaped.windows(3).any(|w| w[0] == 0 && w[1] == 0 && w[2] < 3));
    assert_eq!(unescape(&escaped), input);
    assert!(raw.len() <= input.len());
    // Nothing but emulation prevention bytes may be lost: what is left stands in the same order.
    let mut rest = input.iter();
    assert!(raw.iter().all(|byte| rest.any(|other| other == byte)));
    !found.is_empty()
}

/// Byte by byte: first byte of what belongs to the start code, the start code proper, the payload
/// without the zeros that trail (clause B.1.1).
fn plainly(bytes: &[u8]) -> Vec<(usize, usize, Range<usize>)> {
    let codes: Vec<usize> =
        (2..bytes.len()).filter(|&at| bytes[at - 2..=at] == [0, 0, 1]).map(|at| at - 2).collect();
    let (mut found, mut begin) = (Vec::new(), 0);
    for (number, &code) in codes.iter().enumerate() {
        let mut end = codes.get(number + 1).copied().unwrap_or(bytes.len());
        while end > code + 3 && bytes[end - 1] == 0 {
            end -= 1;
        }
        if end > code + 3 {
            found.push((begin, code, code + 3..end));
            begin = end;
        }
    }
    found
}
