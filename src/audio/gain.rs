//! Automatic gain: brings what is heard slowly to one level.

/// Where the loudest of the last seconds is brought, of 1.
const TARGET: f64 = 0.7;
/// How fast it gives way to what is louder, and comes back when it is not: time constants.
const LOUDER_SECS: f64 = 0.25;
const QUIETER_SECS: f64 = 5.0;
/// Below this there is nothing to hear: the gain stands, so that hiss does not come up in a pause.
/// -66 dB of full scale.
pub(super) const SILENCE: f64 = 0.0005;
/// How far a band may be below the whole and still be brought up to it: 30 dB.
const BAND_BELOW: f64 = 0.0316;

/// A slow follower of one level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follower {
    loudest: f64,
}

impl Default for Follower {
    /// As if a line had been at -20 dB.
    fn default() -> Self {
        Self { loudest: 0.1 }
    }
}

impl Follower {
    /// Hears a level (root mean square, of full scale) for `secs`.
    pub fn hear(&mut self, level: f64, secs: f64) {
        if level < SILENCE {
            return;
        }
        let constant = if level > self.loudest { LOUDER_SECS } else { QUIETER_SECS };
        self.loudest += (level - self.loudest) * (1.0 - (-secs / constant).exp());
    }

    /// What this level is with the gain, 0..=1.
    pub fn brought(&self, level: f64) -> f64 {
        (level * self.gain()).min(1.0)
    }

    /// The factor.
    pub fn gain(&self) -> f64 {
        TARGET / self.loudest.max(SILENCE)
    }

    /// What the level of a band is with a gain of its own, which `whole` limits.
    pub fn brought_of(&self, level: f64, whole: Self) -> f64 {
        (level * TARGET / self.loudest.max(whole.loudest * BAND_BELOW).max(SILENCE)).min(1.0)
    }
}

/// A factor of so many decibels.
pub(super) fn of_db(db: f64) -> f64 {
    10_f64.powf(db / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(level: f64, secs: f64) -> Follower {
        let mut follower = Follower::default();
        (0..(secs / 0.01) as u32).for_each(|_| follower.hear(level, 0.01));
        follower
    }

    #[test]
    fn quiet_and_loud_come_to_the_same() {
        for level in [of_db(-43.0), of_db(-20.0), of_db(-6.0)] {
            let brought = settled(level, 30.0).brought(level);
            assert!((brought - 0.7).abs() < 0.03, "{level}: {brought}");
        }
        // Loud is there soon: after a second of full scale e^-4 of the way is left.
        let gain = settled(1.0, 1.0).gain();
        assert!((gain - 0.7 / (1.0 - 0.9 * (-4.0_f64).exp())).abs() < 1e-6, "{gain}");
    }

    #[test]
    fn a_pause_does_not_bring_the_hiss_up() {
        let mut follower = settled(0.2, 30.0);
        let gain = follower.gain();
        (0..6000).for_each(|_| follower.hear(0.0003, 0.01));
        assert_eq!(follower.gain(), gain);
        // A band that is next to nothing of the whole stays so.
        let band = settled(0.001, 60.0);
        assert!(band.brought_of(0.001, follower) < 0.15);
        assert!(band.brought_of(0.001, band) > 0.6);
    }

    #[test]
    fn decibels_are_those_of_amplitudes() {
        assert!((of_db(20.0) - 10.0).abs() < 1e-12 && (of_db(-6.0206) - 0.5).abs() < 1e-5);
    }
}
