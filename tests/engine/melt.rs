//! Melt: the superframe blooms, trails stay, the picture runs down; let go, all is as it was.

use crate::stage::{Fault, Stage, stage};
use residua::{engine::Status, params::Change};

const WIDTH: usize = 328;
const HEIGHT: usize = 184;

/// A stage whose results can be read after every tick.
fn watched() -> (Stage, triple_buffer::Output<Status>) {
    let mut stage = stage(Fault::None);
    let (status, watched) = triple_buffer::triple_buffer(&Status::default());
    stage.engine.publish(status);
    (stage, watched)
}

#[test]
fn melt_blooms_trails_and_drifts_and_lets_go_within_a_second() {
    let (mut stage, mut status) = watched();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let rows = ["decay.feedback", "decay.shift_drift_y_px", "decay.shift_drift_x_px"].map(row);
    // Something of the performer's own, to come back to.
    stage.send("decay.feedback", Change::Plain(0.25));
    stage.send("decay.shift_drift_y_px", Change::Plain(-1.5));
    stage.offline(0..60);
    let before = rows.map(|row| status.read().result.get(row));
    assert_eq!(before, [0.25, -1.5, 0.0]);
    stage.send("mosh.melt", Change::Plain(1.0));
    stage.offline(60..90);
    let melting = rows.map(|row| status.read().result.get(row));
    // Half a pixel of 720 lines, of 184 lines.
    let drift = 0.5 * 184.0 / 720.0;
    assert!((melting[0] - 0.97).abs() < 1e-9, "{melting:?}");
    assert!((melting[1] - (drift - 1.5)).abs() < 1e-9, "{melting:?}");
    assert_eq!(rows.map(|row| status.read().base.get(row)), before, "what was set stays");
    stage.send("mosh.melt", Change::Plain(0.0));
    stage.offline(90..105);
    let fading = rows.map(|row| status.read().result.get(row));
    // Half a second of one: half of the trails, and half of the drift, where its ease is steepest.
    assert!((fading[0] - (0.25 + 0.72 / 2.0)).abs() < 1e-9, "{fading:?}");
    assert!((fading[1] - (drift / 2.0 - 1.5)).abs() < 1e-9, "{fading:?}");
    stage.offline(105..120);
    let after = rows.map(|row| status.read().result.get(row));
    assert_eq!(after, before, "to the last bit");
    stage.offline(120..150);
    let slices: Vec<u32> = stage.reports().iter().map(|report| report.slice).collect();
    // One superframe may have been under way.
    assert!(slices[66..90].iter().all(|slice| *slice == slices[66]), "{slices:?}");
    let moves = |part: &[u32]| part.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!((4..=5).contains(&moves(&slices[30..60])) && (4..=5).contains(&moves(&slices[120..])));
}

/// How far down the luma of `moved` is from that of `still`, in whole lines: where they differ least.
fn lines_down(still: &[u8], moved: &[u8]) -> i32 {
    let difference = |lines: i32| -> u64 {
        let inner = 20..HEIGHT as i32 - 20;
        let row = |data: &'_ [u8], y: i32| data[y as usize * WIDTH..][..WIDTH].to_vec();
        inner
            .map(|y| {
                let pairs = row(still, y).into_iter().zip(row(moved, y + lines));
                pairs.map(|(still, moved)| u64::from(still.abs_diff(moved))).sum::<u64>()
            })
            .sum()
    };
    (-16..=16).min_by_key(|lines| difference(*lines)).expect("lines")
}

#[test]
fn a_melting_picture_runs_down_unless_drift_is_off() {
    let melted = |is_drifting: bool| -> (Vec<u8>, Vec<u8>, bool) {
        let (mut stage, mut status) = watched();
        stage.offline(0..20);
        stage.send("playhead.play", Change::Plain(0.0));
        stage.send("decay.shift", Change::Plain(f64::from(u8::from(is_drifting))));
        stage.offline(20..30);
        let before = status.read().result.clone();
        stage.send("mosh.melt", Change::Plain(1.0));
        stage.offline(30..150);
        stage.send("mosh.melt", Change::Plain(0.0));
        stage.offline(150..180);
        // What the instrument itself moves goes on: beats, motion, brightness.
        let mut rows = stage.registry.iter().filter(|(_, row)| !row.is_meter);
        let same = |(row, _)| before.get(row) == status.read().result.get(row);
        let is_same = rows.all(same);
        (stage.picture(29), stage.picture(149), is_same)
    };
    let (still, moved, is_same) = melted(true);
    // Four seconds of trails whose mean age is 0.97 / 0.03, 32 generations of an eighth of a line.
    let lines = lines_down(&still, &moved);
    assert!((1..=8).contains(&lines), "{lines} lines");
    assert!(is_same, "some value is not what it was");
    let (still, stood, ..) = melted(false);
    assert_eq!(lines_down(&still, &stood), 0);
    let apart = |other: &[u8]| -> u64 {
        let luma = still[..WIDTH * HEIGHT].iter().zip(other);
        luma.map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
    };
    assert!(apart(&moved) > 4 * apart(&stood), "{} {}", apart(&moved), apart(&stood));
}
