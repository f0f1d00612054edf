//! Modulators in a real engine: what they do to the playhead, what the clip gives them, what they fire.

use crate::{
    common::{CANVAS, decode},
    stage::{Fault, Stage, rabbit, stage, stage_with},
};
use residua::{
    clip::Clip,
    engine::Status,
    modulation::{Timeline, Wave},
    params::{Change, ControlEvent, Source},
    units::{AccessUnitIndex, Canvas},
};
use std::time::Duration;

/// Sets a row as a person would write it.
fn set(stage: &Stage, id: &str, text: &str) {
    let param = stage.registry.find(id).unwrap_or_else(|| panic!("no row {id}"));
    let plain = stage.registry.parse(param, text).expect("a value");
    let change = Change::Plain(plain);
    assert!(stage.queue.send(ControlEvent { param, change, source: Source::Osc }));
}

fn patch(stage: &Stage, number: usize, source: &str, target: &str, depth: &str) {
    for (field, text) in [("source", source), ("target", target), ("depth", depth)] {
        set(stage, &format!("patch.{number}.{field}"), text);
    }
}

/// The status after every slot.
fn statuses(stage: &mut Stage, slots: std::ops::Range<u64>) -> Vec<Status> {
    let (input, mut output) = triple_buffer::triple_buffer(&Status::default());
    stage.engine.publish(input);
    slots
        .map(|slot| {
            stage.offline(slot..slot + 1);
            output.read().clone()
        })
        .collect()
}

#[test]
fn an_lfo_on_the_playhead_is_the_timeline_function_of_its_name() {
    // A period of 1.6 s is 48 ticks at 30 a second: nine superframes of six, from end to end.
    let ways = [
        (Wave::Triangle, "triangle", "0.5", "0.5"),
        (Wave::RectifiedSine, "rectified_sine", "0", "1"),
        (Wave::Ramp, "saw", "0.5", "0.5"),
    ];
    for (wave, shape, centre, depth) in ways {
        let mut stage = stage(Fault::None);
        for (id, text) in [
            ("playhead.mode", "manual"),
            ("playhead.rest", "hold"),
            ("playhead.position", centre),
            ("lfo.1.shape", shape),
            ("lfo.1.rate_hz", "0"),
        ] {
            set(&stage, id, text);
        }
        patch(&stage, 1, "lfo.1.out", "playhead.position", depth);
        // The depth glides in; then the LFO begins.
        stage.offline(0..24);
        set(&stage, "lfo.1.rate_hz", "0.625");
        stage.offline(24..73);
        let reports = stage.reports();
        let slices = statuses(&mut stage, 73..74)[0].slices;
        assert_eq!(reports[24].slice, 0, "{shape}: at its lower end, held");
        let timeline = Timeline { wave, frequency: 1.0, superframes: 49 };
        let mut far = 0;
        // In tick 25 it has moved, and a superframe begins; so does every sixth from there.
        for number in (1..49).step_by(6) {
            let wanted = timeline.slice_at(timeline.shape(), number, slices);
            let found = reports[24 + number as usize].slice;
            // A sine is cut to whole slices, a position rounded.
            assert!(wanted.abs_diff(found) <= 1, "{shape} {number}: {found} is not {wanted}");
            far = far.max(found);
        }
        assert!(far > slices * 3 / 4, "{shape}: {far} of {slices}");
    }
}

#[test]
fn the_clip_gives_its_motion_and_its_brightness() {
    let folder = rabbit("mpeg4");
    let mut stage = stage_with(Fault::None, &folder);
    let motion = stage.registry.find("clip.motion").expect("a row");
    let brightness = stage.registry.find("clip.brightness").expect("a row");
    let statuses = statuses(&mut stage, 0..60);
    let reports = stage.reports();
    // The bytes of every predicted picture, and between which most of them lie, by sorting them.
    let clip = Clip::load(&folder).expect("a clip");
    let units = clip.forward.len() as u32;
    let bytes = |unit: u32| clip.forward.access_unit(AccessUnitIndex(unit)).len() as f64;
    let mut sorted: Vec<f64> = (1..units).map(bytes).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part).round() as usize];
    let (low, high) = (at(0.05), at(0.95));
    let canvas: Canvas = CANVAS.parse().expect("a canvas");
    let (width, height) = (canvas.width as usize, canvas.height as usize);
    let clean = decode(&folder.join("forward.m4v"), width, height);
    let mut moved = 0;
    for (status, report) in statuses.iter().zip(&reports).skip(1) {
        let unit = report.access_unit.expect("a unit");
        let wanted = ((bytes(unit) - low) / (high - low)).clamp(0.0, 1.0);
        assert_eq!(status.result.get(motion), wanted, "unit {unit}");
        moved += usize::from(wanted > 0.0 && wanted < 1.0);
        // Straight play from the start: the picture is that of ffmpeg. All of its luma.
        let luma = &clean[unit as usize][..width * height];
        let mean = luma.iter().map(|luma| f64::from(*luma)).sum::<f64>() / luma.len() as f64;
        let wanted = (mean - 16.0) / 219.0;
        let found = status.result.get(brightness);
        assert!((found - wanted).abs() < 0.01, "unit {unit}: {found} is not {wanted}");
    }
    assert!(moved > 40, "most of the clip is between its ends: {moved}");
    // Held, nothing moves.
    stage.send("playhead.play", Change::Plain(0.0));
    let held = self::statuses(&mut stage, 60..70);
    assert_eq!(held.last().map(|status| status.result.get(motion)), Some(0.0));
}

#[test]
fn a_sequencer_heals_and_an_lfo_changes_clips_grain_and_speed() {
    let mut stage = stage(Fault::None);
    // Half a second a beat, 15 ticks: heals at beats 1, 3, 5 and so on.
    set(&stage, "sequencer.1.steps.2", "1");
    set(&stage, "sequencer.1.length", "2");
    set(&stage, "sequencer.1.beats", "1 beat");
    patch(&stage, 1, "sequencer.1.out", "heal.all", "1");
    stage.offline(0..80);
    let healed: Vec<u64> =
        stage.reports().iter().filter(|report| report.healed).map(|r| r.tick.0).collect();
    assert_eq!(healed, [0, 15, 45, 75]);
    // Base 6 of 1..=60, and 0.5 of that whole way: 36.
    set(&stage, "lfo.3.shape", "square");
    set(&stage, "lfo.3.width", "1");
    set(&stage, "patch.1.source", "none");
    patch(&stage, 2, "lfo.3.out", "superframe.size", "0.5");
    patch(&stage, 3, "lfo.3.out", "mosh.drive", "1");
    let statuses = statuses(&mut stage, 80..130);
    let size = stage.registry.find("superframe.size").expect("a row");
    let last = statuses.last().expect("a status");
    assert_eq!((last.base.int(size), last.result.int(size)), (6, 36));
    let told = last.modulation(size).expect("it is modulated");
    assert_eq!((told.offset, told.up, told.down), (30.0, 0.5, 0.5));
    let report = *stage.reports().last().expect("a report");
    assert_eq!(report.units_fed, 4, "a drive of 1, and all of its way");
}

#[test]
fn modulators_stand_while_a_picture_is_late_and_play_the_same_again() {
    let play = |fault| {
        let mut stage = stage(fault);
        set(&stage, "lfo.1.shape", "random_walk");
        set(&stage, "lfo.1.rate_hz", "5");
        patch(&stage, 1, "lfo.1.out", "decay.feedback", "1");
        patch(&stage, 2, "lfo.1.out", "throw.1", "0.5");
        let out = stage.registry.find("lfo.1.out").expect("a row");
        let (input, mut output) = triple_buffer::triple_buffer(&Status::default());
        stage.engine.publish(input);
        let mut values = Vec::new();
        for slot in 0..40 {
            match fault {
                Fault::None => stage.offline(slot..slot + 1),
                _ => stage.live(slot..slot + 1),
            }
            values.push(output.read().result.get(out));
        }
        (values, stage.reports())
    };
    let (values, _) = play(Fault::None);
    assert_eq!(play(Fault::None).0, values);
    let (late, reports) = play(Fault::Slow(10, Duration::from_millis(150)));
    assert!(reports.iter().any(|report| report.late));
    let executed = late.iter().zip(&reports).filter(|(_, report)| !report.late);
    let executed: Vec<f64> = executed.map(|(value, _)| *value).collect();
    // The tick whose picture was late had begun: its value is that of the slot that shows it.
    assert_eq!(executed, values[..executed.len()]);
}
