//! Which clip comes after a superframe, by chance.

use super::chance::{Purpose, uniform};

/// Whether the clip in play is stayed with after superframe `superframe_number`; else the next clip
/// of the set follows. `probability` is clamped to 0..=1: 1 always stays, 0 never does. The same
/// seed, number and probability always give the same answer; whoever stays at a probability stays at
/// a higher one.
pub fn markov_stays(seed: u64, superframe_number: u64, probability: f64) -> bool {
    uniform(seed, Purpose::Markov, superframe_number) < probability
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_as_often_as_it_is_told() {
        for (probability, range) in [
            // Binomial, 10,000 draws: five deviations (43 at 3/4, 50 at 1/2) around the mean.
            (0.75, 7_284..=7_716),
            (0.5, 4_750..=5_250),
            (1.0, 10_000..=10_000),
            (7.0, 10_000..=10_000),
            (0.0, 0..=0),
            (-1.0, 0..=0),
        ] {
            let stays = (0..10_000).filter(|number| markov_stays(3, *number, probability)).count();
            assert!(range.contains(&stays), "{probability}: {stays}");
        }
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let draw = |seed| (0..64).map(|n| markov_stays(seed, n, 0.5)).collect::<Vec<_>>();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
