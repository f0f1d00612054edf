//! Where a value lies among many: robust against the few that lie far out.

/// Between which values most of many lie: their 5th and 95th percentile.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    low: f64,
    high: f64,
}

impl Spread {
    /// That of these values, which are put in another order. Of none it is nothing.
    pub fn of(values: &mut [u32]) -> Self {
        let Some(last) = values.len().checked_sub(1) else { return Self::default() };
        let mut at = |part: f64| {
            let place = (last as f64 * part).round() as usize;
            f64::from(*values.select_nth_unstable(place).1)
        };
        Self { low: at(0.05), high: at(0.95) }
    }

    /// How far a value is from the lower end to the upper, 0..=1; 0 where all are one.
    pub fn part(&self, value: u32) -> f64 {
        let span = self.high - self.low;
        if span > 0.0 { ((f64::from(value) - self.low) / span).clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_far_out_change_nothing() {
        // 0 to 100 backwards: the percentiles are the numbers themselves.
        let mut even: Vec<u32> = (0..=100).rev().collect();
        let spread = Spread::of(&mut even);
        assert_eq!([5, 50, 95].map(|value| spread.part(value)), [0.0, 0.5, 1.0]);
        assert_eq!([0, 4, 96, 9999].map(|value| spread.part(value)), [0.0, 0.0, 1.0, 1.0]);
        let mut wild = even.clone();
        wild[100] = u32::MAX;
        wild[0] = 0;
        assert_eq!(Spread::of(&mut wild), spread);
        assert_eq!(Spread::of(&mut [7; 30]).part(7), 0.0);
        assert_eq!(Spread::of(&mut []).part(7), 0.0);
    }
}
