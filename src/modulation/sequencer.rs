//! A row of steps in beats.

/// What a sequencer gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequenced {
    /// Steps since the first, which tells one from the next even where both are as high.
    pub number: u64,
    /// The value, between those of the steps.
    pub value: f64,
}

/// Where a sequencer is after `beats` beats (what is below 0 counts as 0): the steps follow each other
/// every `step_beats` (above 0) and begin again after the last. For the part `glide`, 0..=1, of each
/// step its value is on its way from that of the step before; at the very start there is none before.
pub fn sequenced(steps: &[f64], beats: f64, step_beats: f64, glide: f64) -> Sequenced {
    let place = (beats / step_beats).max(0.0);
    let (number, part) = (place as u64, place.fract());
    let len = steps.len().max(1) as u64;
    let step = |number: u64| steps.get((number % len) as usize).copied().unwrap_or(0.0);
    let here = step(number);
    let before = number.checked_sub(1).map_or(here, step);
    let arrived = if part < glide { part / glide } else { 1.0 };
    Sequenced { number, value: before + (here - before) * arrived }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_each_other_and_begin_again() {
        let steps = [0.0, 1.0, 0.5];
        let at = |beats, glide| sequenced(&steps, beats, 0.25, glide);
        for (beats, number, value) in [
            (0.0, 0, 0.0),
            (0.2, 0, 0.0),
            (0.25, 1, 1.0),
            (0.5, 2, 0.5),
            (0.75, 3, 0.0),
            (1.0, 4, 1.0),
        ] {
            assert_eq!(at(beats, 0.0), Sequenced { number, value }, "{beats}");
        }
        // Over half a step: halfway there after a quarter of it.
        assert_eq!(at(0.3125, 0.5).value, 0.5);
        assert_eq!(at(0.375, 0.5).value, 1.0);
        assert_eq!(at(0.5625, 0.5).value, 0.75);
        assert_eq!(at(0.875, 1.0).value, 0.25, "from the last to the first");
        assert_eq!(at(0.01, 1.0).value, 0.0, "nothing comes before the start");
        assert_eq!(at(-3.0, 1.0).number, 0);
        assert_eq!(sequenced(&[], 1.0, 1.0, 0.0).value, 0.0);
    }
}
