//! Values that take their time: the fade to black, and melt letting go.

/// A value on its way between 0 and 1 at a constant pace.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ramp {
    value: f64,
}

impl Ramp {
    /// Moves towards 1 (`is_on`) or 0 by one tick; the whole way takes `rise_secs` up and
    /// `fall_secs` down, 0 being at once. Returns where it is now.
    pub fn advance(&mut self, is_on: bool, rise_secs: f64, fall_secs: f64, tick_secs: f64) -> f64 {
        let (goal, secs) = if is_on { (1.0, rise_secs) } else { (0.0, fall_secs) };
        let step = if secs > 0.0 { tick_secs / secs } else { 1.0 };
        let way: f64 = goal - self.value;
        self.value += way.clamp(-step, step);
        // Adding thirtieths does not end at a whole number by itself.
        if (goal - self.value).abs() < 1e-9 {
            self.value = goal;
        }
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::Ramp;

    #[test]
    fn it_takes_the_time_it_is_given() {
        let mut ramp = Ramp::default();
        for tick in 1..=15 {
            let value = ramp.advance(true, 0.5, 1.0, 1.0 / 30.0);
            assert!((value - f64::from(tick) / 15.0).abs() < 1e-9);
        }
        assert_eq!(ramp.advance(true, 0.5, 1.0, 1.0 / 30.0), 1.0);
        assert_eq!(ramp.advance(false, 0.5, 0.0, 1.0 / 30.0), 0.0);
    }
}
