//! Chance that comes out the same again: hashes of a seed and a counter, no generator with a state.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What a random number is for. Uses of one seed must not follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Walk = 1,
    Hold = 2,
    Markov = 3,
}

/// The hash of number `number`: XXH3, 64 bits, of the number and the purpose as little-endian words.
pub(super) fn hash(seed: u64, purpose: Purpose, number: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes[8..].copy_from_slice(&(purpose as u64).to_le_bytes());
    xxh3_64_with_seed(&bytes, seed)
}

/// A number in 0..1, evenly spread: the hash's upper 53 bits, as many as a double holds.
pub(super) fn uniform(seed: u64, purpose: Purpose, number: u64) -> f64 {
    (hash(seed, purpose, number) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A sum of random steps. What it is at a number depends on seed and number alone; the last sum is
/// kept only so that the next is one step away, where a leap adds up every step before it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    seed: u64,
    number: u64,
    /// Sum of the steps before `number`, one being 2^31. Whole numbers: no order of adding matters.
    sum: i64,
}

impl Walk {
    /// Sum of the steps 0..`number`, each evenly spread over -1..1. O(1) from one number to the
    /// next, O(`number`) back or with another seed.
    pub fn sum(&mut self, seed: u64, number: u64) -> f64 {
        if self.seed != seed || self.number > number {
            *self = Self { seed, ..Self::default() };
        }
        while self.number < number {
            let step = (hash(seed, Purpose::Walk, self.number) >> 32) as u32 as i32;
            self.sum = self.sum.wrapping_add(i64::from(step));
            self.number += 1;
        }
        self.sum as f64 / (1_u64 << 31) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_xxhash_library() {
        // python-xxhash: xxh3_64_intdigest(struct.pack('<QQ', number, purpose), seed).
        const HASHES: [(u64, Purpose, u64, u64); 6] = [
            (0, Purpose::Walk, 0, 0x0cfb_aea7_4a8c_c0e5),
            (0, Purpose::Walk, 1, 0x6ca7_f978_e158_28a6),
            (7, Purpose::Walk, 99, 0x7c88_c798_e1b5_7db4),
            (7, Purpose::Hold, 99, 0xdfda_2b9e_2ff5_854a),
            (1, Purpose::Markov, 1000, 0xf732_fc7a_17de_0511),
            (u64::MAX, Purpose::Hold, 1 << 63, 0x2af8_5c35_52c9_5ae9),
        ];
        for (seed, purpose, number, wanted) in HASHES {
            assert_eq!(hash(seed, purpose, number), wanted, "{seed} {purpose:?} {number}");
        }
    }

    #[test]
    fn a_walk_is_the_same_however_it_is_looked_at() {
        let mut onward = Walk::default();
        let sums: Vec<f64> = (0..100).map(|number| onward.sum(7, number)).collect();
        assert_eq!(sums[0], 0.0);
        for number in [99, 3, 50, 51, 0] {
            assert_eq!(Walk::default().sum(7, number), sums[number as usize]);
            assert_eq!(onward.sum(7, number), sums[number as usize]);
        }
        assert!(sums.windows(2).all(|pair| (pair[1] - pair[0]).abs() <= 1.0));
        assert_ne!(Walk::default().sum(8, 50), sums[50]);
        // Another seed and back again.
        onward.sum(8, 40);
        assert_eq!(onward.sum(7, 40), sums[40]);
    }

    #[test]
    fn uniform_numbers_fill_the_range_evenly() {
        let mut counts = [0; 10];
        for number in 0..10_000 {
            counts[(uniform(1, Purpose::Hold, number) * 10.0) as usize] += 1;
        }
        // Binomial, 10,000 draws at 1/10: mean 1000, deviation 30; five deviations.
        assert!(counts.iter().all(|count| (850..=1150).contains(count)), "{counts:?}");
    }
}
