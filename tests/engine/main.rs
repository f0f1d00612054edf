//! A show never ends because of an error, and everything a performer plays does what it says: real
//! clips, real decoders, and faults on purpose.

#[path = "../common/mod.rs"]
mod common;
mod entering;
mod flood;
mod hands;
mod melt;
mod modulation;
mod playing;
mod stage;
mod undone;

use common::{CANVAS, decode, psnr};
use crossbeam::channel::bounded;
use residua::{
    decay::Shelf,
    engine::ShaderDesk,
    params::{Change, ControlEvent, Source},
    units::{Canvas, Direction},
};
use stage::{Fault, rabbit, stage, stage_with};
use std::{fs, sync::Arc, time::Duration};

#[test]
fn a_decoder_that_fails_is_replaced_and_healed_at_once() {
    let mut stage = stage(Fault::Push(30));
    stage.live(0..60);
    let reports = stage.reports();
    assert_eq!(reports.len(), 60);
    let healed: Vec<u64> =
        reports.iter().filter(|report| report.healed).map(|report| report.tick.0).collect();
    // The start, and one heal within two slots of the fault.
    assert_eq!(healed.len(), 2, "{healed:?}");
    assert!((30..=32).contains(&healed[1]), "{healed:?}");
    assert!(stage.notices.take().is_some_and(|notice| notice.text.contains("spare")));
}

#[test]
fn a_decoder_that_falls_silent_is_replaced_after_half_a_second() {
    let mut stage = stage(Fault::Silence(30));
    stage.live(0..90);
    let reports = stage.reports();
    let late = reports.iter().filter(|report| report.late).count();
    assert!(late > 0);
    assert!(reports.last().is_some_and(|report| !report.late));
    let held: Vec<_> = reports.iter().filter(|report| report.late).map(|r| r.slice).collect();
    assert!(held.windows(2).all(|pair| pair[0] == pair[1]), "the playhead moved while late");
    // Every slot shows a picture, the late ones the last.
    let seen = stage.seen.lock().expect("lock");
    let at = seen.iter().position(|(report, ..)| report.late).expect("a late slot");
    assert_eq!(seen[at].1, seen[at - 1].1);
}

#[test]
fn events_wait_while_a_picture_is_late_and_none_is_lost() {
    let mut stage = stage(Fault::Slow(10, Duration::from_millis(120)));
    stage.live(0..12);
    let level = stage.registry.find("programme.level").expect("a row");
    // While slot 12 may still be late, 1,000 events arrive.
    for number in 0..1000 {
        let change = Change::Plain(f64::from(number) / 1000.0);
        assert!(stage.queue.send(ControlEvent { param: level, change, source: Source::Osc }));
    }
    stage.live(12..40);
    let seen = stage.seen.lock().expect("lock");
    assert_eq!(seen.last().map(|(.., events)| *events), Some(1000));
    assert!(seen.iter().any(|(report, ..)| report.late));
    for (report, _, events) in seen.iter().filter(|(report, ..)| report.late) {
        assert!(*events == 0 || report.tick.0 > 12, "events entered a late slot");
    }
}

#[test]
fn the_same_ticks_make_the_same_pictures() {
    let pictures = |fault| {
        let mut stage = stage(fault);
        stage.offline(0..24);
        let seen = stage.seen.lock().expect("lock");
        seen.iter().map(|(_, picture, _)| picture.clone().expect("a picture")).collect::<Vec<_>>()
    };
    let (one, other) = (pictures(Fault::None), pictures(Fault::None));
    assert!(one == other);
    assert!(one != pictures(Fault::Push(10)), "a difference would be seen");
}

/// Moshes by jumping about, heals, and returns how close each picture of the last
/// eleven slots is to the clean decode of its place, in dB; the last before them first.
fn heal(encoder: &str, direction: Direction) -> Vec<f64> {
    let folder = rabbit(encoder);
    let ending = if encoder == "mpeg4" { "m4v" } else { "h264" };
    let stream = match direction {
        Direction::Forward => "forward",
        Direction::Backward => "backward",
    };
    let canvas: Canvas = CANVAS.parse().expect("a canvas");
    let (width, height) = (canvas.width as usize, canvas.height as usize);
    let clean = decode(&folder.join(format!("{stream}.{ending}")), width, height);
    let mut stage = stage_with(Fault::None, &folder);
    let mut slots = 0;
    for position in [0.9, 0.2, 0.7, 0.35, 0.6] {
        stage.send("playhead.position", Change::Plain(position));
        stage.offline(slots..slots + 8);
        slots += 8;
    }
    let speed = if direction == Direction::Forward { 1.0 } else { -1.0 };
    stage.send("playhead.speed", Change::Plain(speed));
    stage.offline(slots..slots + 15);
    stage.send("heal.all", Change::Fire);
    stage.offline(slots + 15..slots + 26);
    let seen = stage.seen.lock().expect("lock");
    let last = &seen[seen.len() - 12..];
    assert!(last[1].0.healed && !last[0].0.healed);
    last.iter()
        .map(|(report, picture, _)| {
            assert_eq!(report.direction, direction);
            let unit = report.access_unit.expect("a unit") as usize;
            psnr(picture.as_ref().expect("a picture"), &clean[unit], width * height)
        })
        .collect()
}

#[test]
fn after_a_heal_ten_pictures_are_clean_within_35_db() {
    for encoder in ["libx264", "mpeg4"] {
        for direction in [Direction::Forward, Direction::Backward] {
            let levels = heal(encoder, direction);
            assert!(levels[0] < 30.0, "it was moshed before: {levels:?}");
            let worst = levels[1..].iter().copied().fold(f64::INFINITY, f64::min);
            assert!(worst >= 35.0, "{encoder} {direction:?}: {levels:?}");
        }
    }
}

#[test]
fn a_held_picture_stands_whatever_is_moved_but_can_be_blacked_out() {
    let mut stage = stage(Fault::None);
    stage.offline(0..10);
    stage.send("programme.hold", Change::Plain(1.0));
    stage.offline(10..12);
    for (id, value) in [("decay.dct_amount", 0.8), ("decay.feedback", 0.9), ("decay.mix", 0.5)] {
        stage.send(id, Change::Plain(value));
    }
    stage.send("heal.all", Change::Fire);
    stage.send("clip.switch", Change::Plain(1.0));
    stage.offline(12..30);
    stage.send("programme.blackout_secs", Change::Plain(0.0));
    stage.send("programme.blackout", Change::Plain(1.0));
    stage.offline(30..32);
    stage.send("programme.blackout", Change::Plain(0.0));
    stage.send("programme.hold", Change::Plain(0.0));
    stage.offline(32..34);
    let seen = stage.seen.lock().expect("lock");
    let picture = |slot: usize| seen[slot].1.as_ref().expect("a picture");
    // The event enters its own tick: slot 10 shows what slot 9 showed.
    for slot in 10..30 {
        assert!(picture(slot) == picture(9), "the held picture changed in slot {slot}");
    }
    assert!(seen[29].0.access_unit != seen[10].0.access_unit, "it plays on beneath");
    assert!(picture(31)[..328 * 184].iter().all(|luma| *luma == 16), "black is black");
    assert!(picture(33) != picture(9), "let go, it shows where it is");
}

#[test]
fn a_shader_that_goes_while_the_picture_is_held_leaves_it_alone() {
    let mut stage = stage(Fault::None);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("black.wgsl");
    let text = "fn stage(at: vec2<f32>) -> vec3<f32> {\n    return picture(at) * 0.0;\n}\n";
    fs::write(&path, text).expect("written");
    let mut shelf = Shelf::new(folder.path(), Arc::clone(&stage.registry));
    let (send, changes) = bounded(2);
    let (retired, _old) = bounded(2);
    stage.engine.use_shader_desk(ShaderDesk { changes, retired });
    let mut look = |stage: &stage::Stage| {
        let news = shelf.look(&stage.bench, false);
        assert_eq!((news.changes.len(), news.problems.len()), (1, 0));
        news.changes.into_iter().for_each(|change| send.send(change).expect("room"));
    };
    look(&stage);
    stage.offline(0..10);
    stage.send("programme.hold", Change::Plain(1.0));
    fs::remove_file(&path).expect("removed");
    look(&stage);
    stage.offline(10..20);
    stage.send("programme.hold", Change::Plain(0.0));
    stage.offline(20..21);
    let is_black = |slot| stage.picture(slot)[..328 * 184].iter().all(|luma| *luma == 16);
    for slot in 9..20 {
        assert!(is_black(slot), "slot {slot}");
    }
    assert!(!is_black(20), "let go, the shader is gone");
}

#[test]
fn panic_is_at_once_and_undo_gives_the_look_back_but_no_transport() {
    let mut stage = stage(Fault::None);
    stage.send("decay.dct_amount", Change::Plain(0.7));
    stage.send("mosh.melt", Change::Plain(1.0));
    stage.offline(0..20);
    stage.send("panic", Change::Fire);
    stage.offline(20..21);
    stage.send("playhead.speed", Change::Plain(2.0));
    // Pressed again: what is undone is still the look before the first.
    stage.send("panic", Change::Fire);
    stage.offline(21..22);
    stage.send("panic.undo", Change::Fire);
    stage.offline(22..40);
    let reports = stage.reports();
    assert!(reports[19].generation > 0);
    assert_eq!((reports[20].generation, reports[21].generation), (0, 0));
    assert!(reports[20].healed);
    assert!(reports[39].generation > 0, "the wear is back");
    // Speed stays what it was set to: slices two superframes apart.
    let slices: Vec<u32> = reports[22..].iter().map(|report| report.slice).collect();
    let steps = slices.windows(2).map(|pair| i64::from(pair[1]) - i64::from(pair[0]));
    assert!(steps.filter(|step| *step != 0).all(|step| step == 12), "{slices:?}");
}

#[test]
fn more_than_three_flashes_a_second_reach_nobody_unless_they_are_wanted() {
    // Changes of the mean by more than a tenth of the range, the luma's own: there and back.
    let changes = |is_limited: bool| {
        let mut stage = stage(Fault::None);
        stage.send("flash.limit", Change::Plain(f64::from(u8::from(is_limited))));
        stage.send("programme.blackout_secs", Change::Plain(0.0));
        for slot in (0..30).step_by(2) {
            let is_black = f64::from(u8::from(slot % 4 == 2));
            stage.send("programme.blackout", Change::Plain(is_black));
            stage.offline(slot..slot + 2);
        }
        let mean = |slot| {
            let picture = stage.picture(slot);
            picture[..328 * 184].iter().map(|luma| u64::from(*luma)).sum::<u64>() / (328 * 184)
        };
        let means: Vec<u64> = (0..30).map(mean).collect();
        let mut lines = std::iter::from_fn(|| stage.notices.take());
        assert_eq!(lines.any(|line| line.text.contains("flashes are held back")), is_limited);
        means.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) > 60).count()
    };
    // Every other picture but the first: 28 / 2.
    assert_eq!(changes(false), 14);
    assert_eq!(changes(true), 6);
}
