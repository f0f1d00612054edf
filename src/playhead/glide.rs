//! Gliding: a new position is approached, not jumped to.

/// On the way from one slice to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glide {
    from: u32,
    to: u32,
    /// Ticks that the whole way takes, at least 1.
    ticks: u32,
    elapsed_ticks: u32,
}

impl Glide {
    pub fn new(from: u32, to: u32, ticks: u32) -> Self {
        Self { from, to, ticks: ticks.max(1), elapsed_ticks: 0 }
    }

    /// One tick has gone by.
    pub fn advance(&mut self) {
        self.elapsed_ticks = self.elapsed_ticks.saturating_add(1);
    }

    /// The slice for a superframe of `size` ticks that begins now: where the glide will be when it
    /// is over, so that the last superframe of the glide ends as its time does. With it, whether
    /// that is the goal.
    pub fn slice(&self, size: u32) -> (u32, bool) {
        let reached = self.elapsed_ticks.saturating_add(size);
        if reached >= self.ticks {
            return (self.to, true);
        }
        let (from, ticks) = (i64::from(self.from), i64::from(self.ticks));
        let way = (i64::from(self.to) - from) * i64::from(reached);
        // To the nearest whole slice.
        let slice = from + (2 * way + ticks).div_euclid(2 * ticks);
        // Between two slices lies a slice.
        (u32::try_from(slice).unwrap_or(self.to), false)
    }
}

#[cfg(test)]
mod tests {
    use super::Glide;

    #[test]
    fn it_arrives_with_the_superframe_that_ends_as_its_time_does() {
        // 100 slices in 30 ticks, superframes of 6: fifths of the way.
        for (from, to, wanted) in
            [(0, 100, [20, 40, 60, 80, 100]), (101, 1, [81, 61, 41, 21, 1]), (5, 5, [5; 5])]
        {
            let mut glide = Glide::new(from, to, 30);
            let mut slices = Vec::new();
            loop {
                let (slice, has_arrived) = glide.slice(6);
                slices.push(slice);
                if has_arrived {
                    break;
                }
                (0..6).for_each(|_| glide.advance());
            }
            assert_eq!(slices, wanted);
        }
        assert_eq!(Glide::new(3, 9, 6).slice(6), (9, true));
        assert_eq!(Glide::new(0, u32::MAX, 2).slice(1), (1 << 31, false));
    }
}
