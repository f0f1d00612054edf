//! Bits of a byte string, most significant first, and the Exp-Golomb codes of H.264.

/// Reads bits. Reading past the end gives `None` and never anything else.
#[derive(Clone, Debug)]
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    /// The next bit, counted from the first byte's most significant one.
    position: usize,
}

impl<'a> BitReader<'a> {
    /// Begins at bit `position` of `data`.
    pub(super) fn new(data: &'a [u8], position: usize) -> Self {
        Self { data, position }
    }

    /// The bit that is read next.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// `count` bits (0..=32) as an unsigned number, u(n).
    pub(super) fn bits(&mut self, count: u32) -> Option<u32> {
        let end = self.position + count as usize;
        let bytes = self.data.get(self.position / 8..end.div_ceil(8))?;
        // At most 39 bits are looked at: five bytes.
        let window = bytes.iter().fold(0_u64, |window, &byte| window << 8 | u64::from(byte));
        self.position = end;
        let below = (8 - end % 8) % 8;
        u32::try_from((window >> below) & ((1_u64 << count) - 1)).ok()
    }

    /// One bit, u(1).
    pub(super) fn flag(&mut self) -> Option<bool> {
        self.bits(1).map(|bit| bit == 1)
    }

    /// An unsigned Exp-Golomb code, ue(v) (H.264 clause 9.1), below 2^32 - 1.
    pub(super) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let suffix = self.bits(zeros)?;
        Some(((1_u32 << zeros) - 1) + suffix)
    }

    /// A signed Exp-Golomb code, se(v) (H.264 clause 9.1.1).
    pub(super) fn se(&mut self) -> Option<i64> {
        let code = i64::from(self.ue()?);
        Some(if code % 2 == 1 { (code + 1) / 2 } else { -(code / 2) })
    }
}

/// Writes bits to a byte string that it owns; the last byte is filled up with zeros.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    data: Vec<u8>,
    /// Bits still free in the last byte.
    free: u32,
}

impl BitWriter {
    /// Appends the lowest `count` bits (0..=32) of `value`.
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        let mut left = count;
        while left > 0 {
            if self.free == 0 {
                self.data.push(0);
                self.free = 8;
            }
            let taken = left.min(self.free);
            let part = (u64::from(value) >> (left - taken)) & ((1 << taken) - 1);
            if let Some(last) = self.data.last_mut() {
                *last |= (part << (self.free - taken)) as u8;
            }
            self.free -= taken;
            left -= taken;
        }
    }

    /// Appends the bits `reader` gives from where it stands to bit `end`.
    pub(super) fn copy(&mut self, reader: &mut BitReader<'_>, end: usize) -> Option<()> {
        while reader.position() < end {
            let count = (end - reader.position()).min(32) as u32;
            let value = reader.bits(count)?;
            self.bits(value, count);
        }
        Some(())
    }

    /// Fills the last byte up with ones.
    pub(super) fn align_with_ones(&mut self) {
        self.bits(u32::MAX, self.free);
    }

    /// The bytes written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.data
    }
}

/// Overwrites `count` bits (1..=16) of `data` at bit `position` with the lowest bits of `value`.
/// The four bytes from the one that holds the first bit must exist; otherwise nothing is written.
pub(super) fn overwrite(data: &mut [u8], position: usize, count: u32, value: u32) {
    let at = position / 8;
    if let Some(window) = data.get_mut(at..at + 4).and_then(|w| <&mut [u8; 4]>::try_from(w).ok()) {
        let below = 32 - (position % 8) as u32 - count;
        let mask = ((1_u32 << count) - 1) << below;
        let bits = (u32::from_be_bytes(*window) & !mask) | ((value << below) & mask);
        *window = bits.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Table 9-2 of H.264: code words and the numbers they stand for.
    const CODES: [(&str, u32); 7] =
        [("1", 0), ("010", 1), ("011", 2), ("00100", 3), ("00101", 4), ("00110", 5), ("00111", 6)];

    #[test]
    fn codes_read_as_in_the_standard() {
        for (code, value) in CODES {
            let mut writer = BitWriter::default();
            for bit in code.bytes() {
                writer.bits(u32::from(bit == b'1'), 1);
            }
            let bytes = writer.into_bytes();
            let mut reader = BitReader::new(&bytes, 0);
            assert_eq!(reader.ue(), Some(value), "{code}");
            assert_eq!(reader.position(), code.len());
            // Table 9-3: the sign alternates, positive first.
            let signed = [0, 1, -1, 2, -2, 3, -3][value as usize];
            assert_eq!(BitReader::new(&bytes, 0).se(), Some(signed), "{code}");
        }
    }

    #[test]
    fn the_end_is_an_end() {
        assert_eq!(BitReader::new(&[0xff], 7).bits(2), None);
        assert_eq!(BitReader::new(&[0; 64], 0).ue(), None);
        assert_eq!(BitReader::new(&[], 0).flag(), None);
        assert_eq!(BitReader::new(&[], 0).bits(0), Some(0));
    }

    #[test]
    fn a_window_at_the_edge_is_left_alone() {
        let mut data = [0xaa; 4];
        overwrite(&mut data, 8, 4, 0);
        assert_eq!(data, [0xaa; 4]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in prop::collection::vec((any::<u32>(), 0_u32..=32), 0..40)) {
            let mut writer = BitWriter::default();
            for &(value, count) in &values {
                writer.bits(value, count);
            }
            let bytes = writer.into_bytes();
            let mut reader = BitReader::new(&bytes, 0);
            for &(value, count) in &values {
                let kept = u64::from(value) & ((1_u64 << count) - 1);
                prop_assert_eq!(reader.bits(count).map(u64::from), Some(kept));
            }
        }

        #[test]
        fn overwriting_touches_its_bits_only(
            data in prop::array::uniform8(any::<u8>()), position in 0_usize..32, count in 1_u32..=16, value: u32,
        ) {
            let mut changed = data;
            overwrite(&mut changed, position, count, value);
            for bit in 0..64 {
                let of = |bytes: &[u8; 8]| BitReader::new(bytes, bit).flag();
                let end = position + count as usize;
                let expected = if (position..end).contains(&bit) {
                    Some(value >> (end - 1 - bit) & 1 == 1)
                } else {
                    of(&data)
                };
                prop_assert_eq!(of(&changed), expected, "bit {}", bit);
            }
        }
    }
}
