//! Emulation prevention of H.264 (clause 7.4.1): a byte 3 is put between two zero bytes and a byte
//! of 0..=3, so that no start code appears inside a NAL unit.
//!
//! Whether a byte is escaped depends on the two before it only. So a NAL unit may be cut after any
//! byte that is not zero: a new head can be escaped by itself and the old tail be kept as it is.

/// The longest head of a slice NAL unit that is looked at, in escaped bytes. The headers this
/// program accepts take at most about 40; what is beyond is kept for zeros before the cut.
pub(super) const HEAD_MAX: usize = 96;

/// Bytes of a buffer for a head, with room behind it for a window of four bytes.
pub(super) const HEAD_BUFFER: usize = HEAD_MAX + 4;

/// A head without its escapes.
pub(super) struct Head {
    /// The bytes, zeros behind them.
    pub(super) bytes: [u8; HEAD_BUFFER],
    /// How many there are.
    pub(super) len: usize,
}

impl Head {
    /// The first bytes of an escaped NAL unit, at most [`HEAD_MAX`] of them, unescaped.
    pub(super) fn of(nal: &[u8]) -> Self {
        let mut head = Self { bytes: [0; HEAD_BUFFER], len: 0 };
        let mut zeros = 0;
        for &byte in nal.iter().take(HEAD_MAX) {
            if zeros >= 2 && byte == 3 {
                zeros = 0;
                continue;
            }
            head.bytes[head.len] = byte;
            head.len += 1;
            zeros = if byte == 0 { zeros + 1 } else { 0 };
        }
        head
    }

    /// The bytes, without what is behind them.
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Where an escaped NAL unit may be cut: just behind the first byte that is not zero among the
/// unescaped ones from number `from` on. `None` if [`HEAD_MAX`] bytes hold no such place.
pub(super) fn cut(nal: &[u8], from: usize) -> Option<usize> {
    let (mut zeros, mut seen) = (0, 0);
    for (at, &byte) in nal.iter().enumerate().take(HEAD_MAX) {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        if seen >= from && byte != 0 {
            return Some(at + 1);
        }
        seen += 1;
        zeros = if byte == 0 { zeros + 1 } else { 0 };
    }
    None
}

/// A whole NAL unit without its escapes.
pub(super) fn unescape(nal: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(nal.len());
    let mut rest = nal;
    // What precedes an escape cannot hold another one, so the pieces between them copy as they are.
    while let Some(at) = memchr::memmem::find(rest, &[0, 0, 3]) {
        raw.extend_from_slice(&rest[..at + 2]);
        rest = &rest[at + 3..];
    }
    raw.extend_from_slice(rest);
    raw
}

/// Appends raw bytes to `out`, escaped. The byte before must not be zero.
pub(super) fn escape_into(raw: &[u8], out: &mut Vec<u8>) {
    let mut zeros = 0;
    for &byte in raw {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        out.push(byte);
        zeros = if byte == 0 { zeros + 1 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_those_of_the_standard() {
        for (raw, escaped) in [
            (&[0, 0, 0][..], &[0, 0, 3, 0][..]),
            (&[0, 0, 1], &[0, 0, 3, 1]),
            (&[0, 0, 2], &[0, 0, 3, 2]),
            (&[0, 0, 3], &[0, 0, 3, 3]),
            (&[0, 0, 4], &[0, 0, 4]),
            (&[0, 0, 0, 0, 0], &[0, 0, 3, 0, 0, 3, 0]),
        ] {
            let mut out = Vec::new();
            escape_into(raw, &mut out);
            assert_eq!(out, escaped);
            assert_eq!(unescape(escaped), raw);
            assert_eq!(Head::of(escaped).as_slice(), raw);
        }
    }

    /// Bytes with many zeros and small numbers among them.
    fn awkward() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![3 => Just(0_u8), 2 => 0_u8..5, 1 => any::<u8>()], 0..60)
    }

    proptest! {
        #[test]
        fn escaped_bytes_come_back_and_hide_start_codes(raw in awkward()) {
            let mut out = Vec::new();
            escape_into(&raw, &mut out);
            prop_assert!(!out.windows(3).any(|w| w[0] == 0 && w[1] == 0 && w[2] < 3));
            prop_assert_eq!(unescape(&out), raw);
        }

        #[test]
        fn a_head_and_the_old_tail_make_the_whole(raw in awkward(), from in 0_usize..40) {
            let mut whole = Vec::new();
            escape_into(&raw, &mut whole);
            if let Some(at) = cut(&whole, from) {
                let mut joined = Vec::new();
                let head = Head::of(&whole[..at]);
                prop_assert!(head.len > from);
                escape_into(head.as_slice(), &mut joined);
                joined.extend_from_slice(&whole[at..]);
                prop_assert_eq!(joined, whole);
            }
        }
    }
}
