//! What modulation does to a playhead that travels by itself.

use super::*;
use crate::modulation::{Timeline, Wave};

/// Slices of superframes that are played one after the other under these pushes.
fn slices(settings: Settings, pushes: &[f64]) -> Vec<u32> {
    let mut playhead = Playhead::default();
    let slice = |push: &f64| {
        let pushed = Settings { push: *push, ..settings };
        play(&mut playhead, &Plain(106), &pushed, 6);
        playhead.slice().0
    };
    pushes.iter().map(slice).collect()
}

#[test]
fn at_a_speed_it_goes_on_by_what_has_come_to_the_push() {
    // 106 access units have 101 slices of 6: a hundredth is one slice.
    let speed = Settings { mode: Mode::Speed, speed: 1.0, ..settings() };
    assert_eq!(slices(speed, &[0.0, 0.0, 0.1, 0.1, 0.1, 0.0]), [0, 6, 22, 28, 34, 30]);
    // Against its way, and for once not at all.
    assert_eq!(slices(speed, &[0.3, 0.3, 0.2, 0.14, 0.14]), [0, 6, 2, 2, 8]);
    let still = Settings { speed: 0.0, at_rest: AtRest::Hold, ..speed };
    assert_eq!(slices(still, &[0.0, 0.5, 0.5, 0.25]), [0, 50, 50, 25]);
}

#[test]
fn a_function_is_that_far_off() {
    let timeline = Timeline { wave: Wave::Ramp, frequency: 1.0, superframes: 11 };
    let function = Settings { mode: Mode::Function, timeline, ..settings() };
    assert_eq!(slices(function, &[0.0, 0.05, 0.0, -0.2, -0.2, 1.0]), [0, 15, 20, 10, 20, 100]);
}
