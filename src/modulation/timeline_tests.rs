//! Timelines against arrays of the earlier tool, and against orders worked out by hand.

use super::{Timeline, Wave, timeline::supersaw};
use serde_json::Value;
use std::f64::consts::TAU;

/// Arrays computed with numpy by the tool that these functions come from.
const GOLDEN: &str = include_str!("../../tests/golden/timeline.json");

fn golden(name: &str) -> Vec<Value> {
    let golden: Value = serde_json::from_str(GOLDEN).expect("golden file");
    let cases = golden[name].as_array().expect("cases");
    assert!(cases.len() >= 5);
    cases.clone()
}

fn number(case: &Value, key: &str) -> u32 {
    case[key].as_u64().expect(key) as u32
}

fn wanted(case: &Value) -> Vec<i64> {
    let positions = case["positions"].as_array().expect("positions").iter();
    positions.map(|position| position.as_i64().expect("position")).collect()
}

fn positions(timeline: &Timeline, slices: u32, count: u64) -> Vec<i64> {
    let shape = timeline.shape();
    (0..count).map(|number| i64::from(timeline.slice_at(shape, number, slices))).collect()
}

fn check(name: &str, wave: impl Fn(&Value) -> Wave) {
    let cases = golden(name);
    assert!(cases.len() >= 7);
    for case in cases {
        let superframes = number(&case, "superframes");
        let timeline = Timeline {
            wave: wave(&case),
            frequency: case["frequency"].as_f64().expect("frequency"),
            superframes,
        };
        let slices = number(&case, "slices");
        assert_eq!(timeline.length(slices), u64::from(superframes));
        let found = positions(&timeline, slices, superframes.into());
        assert_eq!(found, wanted(&case), "{name} {case}");
    }
}

#[test]
fn rectified_sine_reproduces_every_array() {
    check("rectified_sine", |_| Wave::RectifiedSine);
}

#[test]
fn sinusoid_reproduces_every_array() {
    check("sinusoid", |case| Wave::Sinusoid {
        is_rectified: case["rectified"].as_bool().unwrap_or(false),
        amplitude_secondary: case["amplitude_secondary"].as_f64().unwrap_or(0.0),
        frequency_secondary: case["frequency_secondary"].as_f64().unwrap_or(0.0),
    });
}

#[test]
fn supersaw_reproduces_every_array_and_keeps_the_player_inside_the_clip() {
    for case in golden("supersaw") {
        let (slices, size) = (number(&case, "slices"), number(&case, "superframe_size"));
        let amplitude = case["amplitude_secondary"].as_f64().expect("amplitude");
        let timeline = Timeline {
            wave: Wave::Supersaw { superframe_size: size, amplitude_secondary: amplitude },
            frequency: f64::from(number(&case, "repeats")),
            superframes: 3,
        };
        let wanted = wanted(&case);
        let length = timeline.length(slices);
        assert_eq!(length, wanted.len() as u64, "{case}");
        let raw: Vec<i64> =
            (0..length).map(|at| supersaw(at, slices, size, amplitude) as i64).collect();
        assert_eq!(raw, wanted, "{case}");
        let last = i64::from(slices) - 1;
        let inside: Vec<i64> = wanted.iter().map(|slice| *slice.clamp(&0, &last)).collect();
        // It runs on as it began.
        let twice = [inside.clone(), inside].concat();
        assert_eq!(positions(&timeline, slices, 2 * length), twice, "{case}");
    }
}

#[test]
fn beyond_the_output_the_phase_runs_on() {
    let timeline = Timeline { wave: Wave::RectifiedSine, frequency: 0.5, superframes: 101 };
    let shape = timeline.shape();
    // |sin| has half the period of the sine: superframe 150 is as far as superframe 50.
    assert_eq!(timeline.slice_at(shape, 150, 1000), timeline.slice_at(shape, 50, 1000));
    assert_eq!(timeline.slice_at(shape, 50, 1000), 999);
}

#[test]
fn triangle_and_ramp_reach_the_end() {
    let triangle = Timeline { wave: Wave::Triangle, frequency: 1.0, superframes: 9 };
    // Eighths of the period over 101 slices: quarters of the clip; then once more.
    let wanted = [0, 25, 50, 75, 100, 75, 50, 25, 0, 25, 50];
    assert_eq!(positions(&triangle, 101, 11), wanted);
    let ramp = Timeline { wave: Wave::Ramp, ..triangle };
    // 12.5 is rounded to 13, 37.5 to 38 and so on; after the end it begins again.
    let wanted = [0, 13, 25, 38, 50, 63, 75, 88, 100, 13, 25];
    assert_eq!(positions(&ramp, 101, 11), wanted);
    // A curve without points is a ramp.
    let drawn = Timeline { wave: Wave::Drawn, ..ramp };
    assert_eq!(positions(&drawn, 101, 11), wanted);
    // Two and a half periods over six superframes: half a period each.
    let quick = Timeline { frequency: 2.5, superframes: 6, ..ramp };
    assert_eq!(positions(&quick, 11, 6), [0, 5, 10, 5, 10, 5]);
    let standing = Timeline { frequency: 0.0, ..ramp };
    assert_eq!(positions(&standing, 11, 3), [0, 0, 0]);
    // An output of one superframe has one period per superframe, as the sines have.
    let single = Timeline { superframes: 1, frequency: 0.25, ..ramp };
    assert_eq!(positions(&single, 101, 6), [0, 25, 50, 75, 100, 25]);
    for wave in [Wave::Triangle, Wave::Ramp] {
        let timeline = Timeline { wave, ..triangle };
        assert_eq!(positions(&timeline, 1, 9), [0; 9]);
    }
}

#[test]
fn a_random_walk_is_that_of_its_seed_and_turns_round_at_the_ends() {
    let walk = |seed, step| Timeline {
        wave: Wave::RandomWalk { seed, step },
        frequency: 1.0,
        superframes: 4,
    };
    // From a few lines of Python over python-xxhash: the steps' sum, folded into 0..=1.
    let wanted = [50, 54, 42, 58, 63, 68, 87, 97, 95, 77, 99, 81, 100, 96, 97, 90];
    assert_eq!(positions(&walk(5, 0.3), 101, 16), wanted);
    assert_eq!(positions(&walk(6, 0.3), 101, 8), [50, 71, 78, 82, 79, 97, 79, 96]);
    assert_eq!(positions(&walk(5, 0.0), 101, 4), [50; 4]);
    // No step is longer than it may be, the ends included (3 slices in 101, and rounding).
    let small = positions(&walk(1, 0.03), 101, 5000);
    assert!(small.windows(2).all(|pair| (pair[1] - pair[0]).abs() <= 4));
    assert!(small.contains(&0) && small.contains(&100));
}

#[test]
fn sample_and_hold_holds_what_its_seed_says() {
    let held = |seed, hold| Timeline {
        wave: Wave::SampleAndHold { seed, hold },
        frequency: 1.0,
        superframes: 4,
    };
    // From the same lines of Python.
    let wanted = [8, 8, 8, 92, 92, 92, 35, 35, 35, 61, 61, 61, 40, 40];
    assert_eq!(positions(&held(5, 3), 101, 14), wanted);
    assert_eq!(positions(&held(5, 1), 2, 12), [0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(positions(&held(5, 1), 1, 4), [0; 4]);
}

#[test]
fn a_list_that_is_not_there_is_the_start() {
    let list = Timeline { wave: Wave::List, frequency: 1.0, superframes: 4 };
    assert_eq!(positions(&list, 101, 4), [0; 4]);
}

#[test]
fn a_long_sinusoid_is_scaled_by_the_extremes_of_all_its_samples() {
    const SLICES: u32 = 1000;
    for (superframes, frequency, amplitude_secondary, frequency_secondary) in [
        (100_000, 0.5, 0.0, 4.0),
        (100_000, 63.7, 3.3, 255.1),
        (99_991, 64.0, 4.0, 256.0),
        (4001, 1e-4, 0.0, 0.0),
        (4001, 0.0, 1.0, 0.0),
        (4001, 0.3, 2.0, 0.7),
        (4001, 37.3, 1.0, 37.9),
        (7, 64.0, 4.0, 3.1),
        (2, 0.5, 0.0, 0.0),
        (1, 0.5, 1.0, 4.0),
    ] {
        // numpy's linspace from 0 to 2 pi frequency, as the tool has it, and all of it looked at.
        let gaps = f64::from(superframes - 1_u32);
        let phase = |frequency: f64, number: u32| match number {
            0 => 0.0,
            _ if number + 1 == superframes => TAU * frequency,
            _ => f64::from(number) * (TAU * frequency / gaps),
        };
        let sample = |number| {
            -phase(frequency, number).cos()
                - amplitude_secondary * phase(frequency_secondary, number).cos()
        };
        let samples: Vec<f64> = (0..superframes).map(sample).collect();
        let min = samples.iter().copied().fold(f64::INFINITY, f64::min);
        let max = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let wanted = samples.iter().map(|value| {
            let part = if max > min { (value - min) / (max - min) } else { 0.0 };
            (part * (f64::from(SLICES) - 2.0) + 1.0) as i64
        });
        let wave = Wave::Sinusoid { is_rectified: false, amplitude_secondary, frequency_secondary };
        let timeline = Timeline { wave, frequency, superframes };
        let got = positions(&timeline, SLICES, u64::from(superframes));
        assert!(got.into_iter().eq(wanted), "{timeline:?}");
    }
}
