//! Start codes: the three bytes 0, 0, 1 before every NAL unit and every MPEG-4 header or picture.

use memchr::memmem;
use std::ops::Range;

/// A start code, with the zero byte in front that the first NAL unit of a picture and parameter
/// sets must have (H.264 clause B.1.2). Any may have it, so all that are written here do.
pub(super) const LONG: [u8; 4] = [0, 0, 0, 1];

/// What stands between one start code and the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// First of the bytes that belong to the start code, the zeros in front of it included.
    pub(super) begin: usize,
    /// First byte of the start code proper (0, 0, 1).
    pub(super) code: usize,
    /// What follows it, without the zero bytes that trail. Never empty.
    pub(super) payload: Range<usize>,
}

/// The segments of a byte string in their order. What comes before the first start code is no
/// segment, and neither is a start code with nothing behind it.
pub(super) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment> {
    let mut codes = memmem::find_iter(bytes, &[0, 0, 1]);
    let mut next = codes.next();
    let mut begin = 0;
    std::iter::from_fn(move || {
        loop {
            let code = next?;
            next = codes.next();
            let from = code + 3;
            let to = next.unwrap_or(bytes.len());
            let zeros = bytes[from..to].iter().rev().take_while(|&&byte| byte == 0).count();
            let payload = from..to - zeros;
            if !payload.is_empty() {
                let segment = Segment { begin, code, payload };
                begin = segment.payload.end;
                return Some(segment);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_tile_the_bytes() {
        let bytes = [9, 0, 0, 1, 5, 6, 0, 0, 0, 1, 7, 0, 0, 1, 0, 0, 1, 8, 0];
        let found: Vec<_> = segments(&bytes).map(|s| (s.begin, s.code, s.payload)).collect();
        assert_eq!(found, [(0, 1, 4..6), (6, 7, 10..11), (11, 14, 17..18)]);
        assert_eq!(segments(&[0, 0, 1]).count(), 0);
        assert_eq!(segments(&[]).count(), 0);
    }
}
