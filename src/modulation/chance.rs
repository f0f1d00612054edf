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

/// Steps of a walk's way out. Then the same steps are taken back in another order, so that every
/// [`ROUND`] superframes it is where it began: what it is then needs no look at the steps before. At
/// one access unit a superframe that is two minutes out and two back.
const WAY_OUT: u64 = 4096;

/// Steps out and back.
const ROUND: u64 = 2 * WAY_OUT;

/// Which of the steps out is taken back as number `number` of the way back: odd, so that every step
/// has its turn, and far enough on that nobody sees the way again.
fn taken_back(number: u64) -> u64 {
    (number * 1229 + 577) % WAY_OUT
}

/// A sum of random steps. What it is at a number depends on seed and number alone; the last sum is
/// kept only so that the next is one step away, where a leap adds up the steps of its round.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    seed: u64,
    number: u64,
    /// Sum of the steps before `number`, one being 2^31. Whole numbers: no order of adding matters.
    sum: i64,
}

impl Walk {
    /// Sum of the steps 0..`number`, each evenly spread over -1..1. O(1) from one number to the
    /// next; a leap, or another seed, costs no more than a round's 8192 steps.
    pub fn sum(&mut self, seed: u64, number: u64) -> f64 {
        let round = number / ROUND * ROUND;
        if self.seed != seed || !(round..=number).contains(&self.number) {
            *self = Self { seed, number: round, sum: 0 };
        }
        while self.number < number {
            self.sum = self.sum.wrapping_add(self.step());
            self.number += 1;
        }
        self.sum as f64 / (1_u64 << 31) as f64
    }

    /// The sum at a place between two numbers, as if the step were taken evenly; what is below 0
    /// counts as 0. Costs what [`Self::sum`] does.
    pub fn between(&mut self, seed: u64, place: f64) -> f64 {
        let before = self.sum(seed, place as u64);
        before + place.max(0.0).fract() * (self.step() as f64 / (1_u64 << 31) as f64)
    }

    /// The step that follows.
    fn step(&self) -> i64 {
        let place = self.number % ROUND;
        let (sign, of) = match place.checked_sub(WAY_OUT) {
            None => (1, place),
            Some(back) => (-1, taken_back(back)),
        };
        let hash = hash(self.seed, Purpose::Walk, self.number - place + of);
        sign * i64::from((hash >> 32) as u32 as i32)
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
    fn a_walk_that_is_hours_long_is_no_more_work_than_its_round() {
        // From a few lines of Python over python-xxhash, as `Walk` describes the walk.
        const SUMS: [(u64, f64); 7] = [
            (1, 0.5568733201362193),
            (50, -3.723423137329519),
            (4096, 23.54113955050707),
            (4097, 22.87452079495415),
            (6000, 19.335274799726903),
            (8191, -0.022760861087590456),
            (108_007, 18.008678742218763),
        ];
        for (number, wanted) in SUMS {
            assert_eq!(Walk::default().sum(7, number), wanted, "{number}");
        }
        // Not even an endless walk has further to go; at 13 ns a step this would be 7,000 years.
        let end = u64::MAX / ROUND * ROUND;
        assert_eq!(Walk::default().sum(7, end), 0.0);
        let mut onward = Walk::default();
        let sums: Vec<f64> = (0..3 * ROUND).map(|number| onward.sum(7, number)).collect();
        assert!(sums.windows(2).all(|pair| (pair[1] - pair[0]).abs() <= 1.0));
        for round in [0, ROUND, 2 * ROUND] {
            assert_eq!(sums[round as usize], 0.0);
        }
        for number in [1, 9000, 16_383, 22_000] {
            assert_eq!(Walk::default().sum(7, number), sums[number as usize]);
        }
        // Every round is another, and so is the way back.
        let part = |from: u64| &sums[from as usize..][..4000];
        assert!(part(0) != part(ROUND));
        let mut back = sums[WAY_OUT as usize..=ROUND as usize].to_vec();
        back.reverse();
        assert!(back[..4000] != *part(0));
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
