//! An adaptive arithmetic coder of yes and no, written for pictures of a few thousand bytes: it learns
//! fast at first, and spends no byte on an end.
//!
//! The arithmetic is that of a range coder with 32 bits and carries (G. Martin, "Range encoding", 1979).

/// Below this range a byte is shifted out.
const TOP: u32 = 1 << 24;
/// Chances are counted in this many parts.
const PARTS: u32 = 1 << 16;
/// A chance moves by one part in this many at least, however much was seen.
const SLOWEST: u32 = 40;

/// How likely yes is at one place of the format, learned while coding.
#[derive(Clone, Copy, Debug)]
pub struct Chance {
    yes: u16,
    seen: u8,
}

impl Chance {
    /// Yes in so many of 256 cases, until something is seen.
    pub const fn of(yes_of_256: u8) -> Self {
        Self { yes: (yes_of_256 as u16) << 8, seen: 0 }
    }

    fn learn(&mut self, yes: bool) {
        let pace = (u32::from(self.seen) * 2 + 5).min(2 * SLOWEST);
        self.seen = self.seen.saturating_add(1);
        let now = u32::from(self.yes);
        let next = if yes { now + (PARTS - now) * 2 / pace } else { now - now * 2 / pace };
        self.yes = next.clamp(512, PARTS - 512) as u16;
    }

    /// What an answer costs, in bits.
    pub fn cost_bits(self, yes: bool) -> f32 {
        let parts = if yes { u32::from(self.yes) } else { PARTS - u32::from(self.yes) };
        16.0 - (parts.max(1) as f32).log2()
    }
}

/// One half, which does not learn.
pub const EVEN_BITS: f32 = 1.0;

/// Writes answers.
#[derive(Debug)]
pub struct Writer {
    low: u64,
    range: u32,
    held: Option<u8>,
    run: usize,
    bytes: Vec<u8>,
}

impl Writer {
    /// Behind what stands in the bytes already.
    pub fn behind(bytes: Vec<u8>) -> Self {
        Self { low: 0, range: u32::MAX, held: None, run: 0, bytes }
    }

    /// One answer, with what is known of it.
    pub fn put(&mut self, chance: &mut Chance, yes: bool) {
        self.split(u32::from(chance.yes), yes);
        chance.learn(yes);
    }

    /// The lowest bits of a value, all even chances.
    pub fn put_even(&mut self, value: u32, bits: u32) {
        for bit in (0..bits).rev() {
            self.split(PARTS / 2, value >> bit & 1 == 1);
        }
    }

    fn split(&mut self, yes_parts: u32, yes: bool) {
        let bound = (self.range >> 16) * yes_parts;
        if yes {
            self.range = bound;
        } else {
            self.low += u64::from(bound);
            self.range -= bound;
        }
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        let carry = (self.low >> 32) as u8;
        if self.low as u32 >= 0xff00_0000 && carry == 0 {
            self.run += 1;
        } else {
            if let Some(held) = self.held {
                self.bytes.push(held.wrapping_add(carry));
            }
            let fill = 0xff_u8.wrapping_add(carry);
            self.bytes.extend(std::iter::repeat_n(fill, self.run));
            self.run = 0;
            self.held = Some((self.low >> 24) as u8);
        }
        self.low = (self.low << 8) & 0xffff_ffff;
    }

    /// All bytes. Zeros at the end are left away: a reader finds them there anyway.
    pub fn finish(mut self, keep: usize) -> Vec<u8> {
        // Any number in the range will do: the one with most zeros at its end.
        let (from, to) = (self.low, self.low + u64::from(self.range) - 1);
        for zeros in (0..32).rev() {
            let mask = (1_u64 << zeros) - 1;
            let round = (from + mask) & !mask;
            if round <= to {
                self.low = round;
                break;
            }
        }
        for _ in 0..5 {
            self.shift();
        }
        while self.bytes.len() > keep && self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

/// Reads what a [`Writer`] has written; behind the end it reads zeros for ever.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    range: u32,
    code: u32,
}

impl<'a> Reader<'a> {
    /// From the first byte that the writer wrote.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { bytes, range: u32::MAX, code: 0 };
        for _ in 0..4 {
            reader.code = reader.code << 8 | reader.byte();
        }
        reader
    }

    fn byte(&mut self) -> u32 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                u32::from(*first)
            }
            None => 0,
        }
    }

    /// One answer.
    pub fn get(&mut self, chance: &mut Chance) -> bool {
        let yes = self.split(u32::from(chance.yes));
        chance.learn(yes);
        yes
    }

    /// A value of so many bits.
    pub fn get_even(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |value, _| value << 1 | u32::from(self.split(PARTS / 2)))
    }

    fn split(&mut self, yes_parts: u32) -> bool {
        let bound = (self.range >> 16) * yes_parts;
        let yes = self.code < bound;
        if yes {
            self.range = bound;
        } else {
            self.code -= bound;
            self.range -= bound;
        }
        while self.range < TOP {
            self.range <<= 8;
            self.code = self.code << 8 | self.byte();
        }
        yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(answers in prop::collection::vec((0..3_usize, any::<bool>()), 0..4000)) {
            let start = [Chance::of(128), Chance::of(3), Chance::of(250)];
            let (mut writer, mut chances) = (Writer::behind(vec![7, 0]), start);
            for (place, yes) in &answers {
                writer.put(&mut chances[*place], *yes);
                writer.put_even(u32::from(*yes) * 5, 3);
            }
            let bytes = writer.finish(2);
            let (mut reader, mut chances) = (Reader::new(&bytes[2..]), start);
            for (place, yes) in &answers {
                prop_assert_eq!(reader.get(&mut chances[*place]), *yes);
                prop_assert_eq!(reader.get_even(3), u32::from(*yes) * 5);
            }
        }
    }

    #[test]
    fn what_is_likely_costs_next_to_nothing() {
        let (mut writer, mut chance) = (Writer::behind(Vec::new()), Chance::of(128));
        for number in 0..8000 {
            writer.put(&mut chance, number % 100 == 0);
        }
        // The entropy of one in a hundred is 0.0808 bits: 8,000 take 81 bytes at least.
        let bytes = writer.finish(0);
        assert!((81..125).contains(&bytes.len()), "{}", bytes.len());
    }
}
