//! The waves that timeline functions and LFOs have in common: each is written here and nowhere else.
//!
//! Heights go from 0 to 1 and begin at their lower end. A ramp (saw) needs no line: its height is the
//! part of the period itself.

use super::chance::{Purpose, uniform};

/// |sin|: rests at 0, swings out to 1 and back twice in a period.
pub(super) fn rectified_sine(radians: f64) -> f64 {
    radians.sin().abs()
}

/// -cos, from -1 to 1 and back: the sine that begins at its lower end.
pub(super) fn sinusoid(radians: f64) -> f64 {
    -radians.cos()
}

/// Evenly from 0 to 1 and back; `part` of the period, 0..=1.
pub(super) fn triangle(part: f64) -> f64 {
    1.0 - (1.0 - 2.0 * part).abs()
}

/// Where a walk of this length, begun in the middle, is between two walls that turn it round: to be
/// turned round at both ends is to walk on along a mirrored way.
pub(super) fn folded(walked: f64) -> f64 {
    let place = (0.5 + walked).rem_euclid(2.0);
    if place > 1.0 { 2.0 - place } else { place }
}

/// What is held as number `number`, in 0..1, evenly spread.
pub(super) fn held(seed: u64, number: u64) -> f64 {
    uniform(seed, Purpose::Hold, number)
}

/// Bends a value, -1..=1, about both its ends and 0: above 0 the curve makes small values smaller,
/// below 0 greater, |value|^(4^curve); at 0 the value is as it is. `curve` goes from -1 to 1.
pub fn bend(value: f64, curve: f64) -> f64 {
    if curve == 0.0 { value } else { value.abs().powf(4_f64.powf(curve)).copysign(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bend_keeps_its_ends_and_its_sign() {
        for curve in [-1.0, -0.3, 0.0, 0.5, 1.0] {
            for end in [-1.0, 0.0, 1.0] {
                assert_eq!(bend(end, curve), end);
            }
        }
        // 4^1 = 4 and 4^(1/2) = 2 as exponents, and the fourth root.
        assert_eq!(bend(0.5, 1.0), 0.0625);
        assert_eq!(bend(-0.5, 0.5), -0.25);
        assert!((bend(0.0625, -1.0) - 0.5).abs() < 1e-12);
        assert_eq!(bend(0.3, 0.0), 0.3);
    }
}
