//! Hands: gestures and jumps that wait for the beat, macros, undo, wheels that push.

use crate::{
    common::CANVAS,
    stage::{Fault, Stage, imported, rabbit, stage, stage_of},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngSeed, TestRunner},
};
use residua::{
    engine::{Pace, State, Status, TempoSource},
    params::{Change, ControlEvent, Gesture, Grid, Kind, Source},
    trace::Trace,
    units::{Canvas, ClipIndex},
};
use std::{
    fs,
    time::{Duration, Instant},
};
use xxhash_rust::xxh3::xxh3_64;

/// The stage's clips play at 30 pictures a second: at 120 bpm a beat is 15 slots.
const BEAT: u64 = 15;

/// A stage whose state can be read after every tick.
fn watched() -> (Stage, triple_buffer::Output<Status>) {
    let mut stage = stage(Fault::None);
    assert_eq!(CANVAS.parse::<Canvas>().expect("a canvas").rate.hertz(), 30.0);
    let (status, watched) = triple_buffer::triple_buffer(&Status::default());
    stage.engine.publish(status);
    (stage, watched)
}

fn slots(stage: &Stage, is_meant: impl Fn(&residua::engine::SlotReport) -> bool) -> Vec<u64> {
    stage.reports().iter().filter(|report| is_meant(report)).map(|report| report.tick.0).collect()
}

#[test]
fn jumps_wait_for_the_beat_and_then_happen_at_once() {
    let rabbit = rabbit("mpeg4");
    let mut stage = stage_of(Fault::None, &[&rabbit, &imported("flower.mp4", "mpeg4")]);
    stage.send("quantise.jump", Change::Plain(3.0));
    stage.offline(0..4);
    stage.send("cue.5.go", Change::Fire);
    stage.offline(4..20);
    let reports = stage.reports();
    // Superframes of six: without a grid it would be at slot 6, and 15 is within a superframe.
    let straight = |slot: usize| reports[slot].slice;
    assert!(straight(14) <= 14 && straight(15) > 20, "{} {}", straight(14), straight(15));
    let (status, mut watched) = triple_buffer::triple_buffer(&Status::default());
    stage.engine.publish(status);
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(20..29);
    let next = watched.read();
    assert_eq!((next.clip, next.next_clip), (Some(ClipIndex(0)), Some(ClipIndex(1))));
    stage.offline(29..40);
    let entered = watched.read();
    assert_eq!((entered.clip, entered.next_clip), (Some(ClipIndex(1)), None));
    let clips: Vec<u16> = stage.reports().iter().map(|report| report.clip.0).collect();
    assert_eq!(clips.iter().position(|clip| *clip == 1), Some(30));
    // A fader that scrubs does not wait.
    stage.send("playhead.jump", Change::Plain(1.0));
    stage.send("playhead.position", Change::Plain(0.9));
    stage.offline(40..41);
    assert!(stage.reports()[40].position > 0.85);
}

#[test]
fn a_trigger_repeats_with_the_beat_until_it_is_let_go_or_panic_comes() {
    let mut stage = stage(Fault::None);
    stage.send("heal.all", Change::Quantise(Grid::Beat));
    stage.offline(0..2);
    stage.send("heal.all", Change::Press(1.0));
    stage.offline(2..40);
    stage.send("heal.all", Change::Release);
    stage.offline(40..62);
    // The start heals, too.
    assert_eq!(slots(&stage, |report| report.healed), [0, BEAT, 2 * BEAT]);
    stage.send("heal.all", Change::Gesture(Gesture::Latch));
    stage.send("heal.all", Change::Press(1.0));
    stage.offline(62..80);
    stage.send("mosh.bloom", Change::Press(1.0));
    stage.offline(80..82);
    stage.send("panic", Change::Fire);
    stage.offline(82..84);
    // Let go after the panic, which has let it go already.
    stage.send("mosh.bloom", Change::Release);
    stage.offline(84..130);
    assert_eq!(slots(&stage, |report| report.healed && report.tick.0 > 40), [75, 82]);
}

#[test]
fn macros_move_what_they_name_and_undo_puts_it_back() {
    let (mut stage, mut status) = watched();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let [knob, wear, sharp] = ["macro.1", "decay.dct_amount", "decay.sharpen_amount"].map(row);
    stage.send("decay.dct_amount", Change::Plain(0.3));
    stage.offline(0..40);
    stage.send("macro.1", Change::Plain(0.5));
    stage.offline(40..45);
    stage.send("macro.1", Change::Plain(1.0));
    stage.offline(45..50);
    let base = |status: &mut triple_buffer::Output<Status>| {
        [knob, wear, sharp].map(|row| status.read().base.get(row))
    };
    let turned = base(&mut status);
    // As the README has it: to 0.85 of the range, which is evenly 0 to 1.
    assert_eq!(turned[..2], [1.0, 0.85]);
    assert!(turned[2] > 0.0);
    stage.send("edit.undo", Change::Fire);
    stage.offline(50..51);
    assert_eq!(base(&mut status), [0.0, 0.3, 0.0], "one turn of the knob is one step");
    stage.send("edit.redo", Change::Fire);
    stage.offline(51..52);
    assert_eq!(base(&mut status), turned);
    stage.send("edit.undo", Change::Fire);
    stage.send("edit.undo", Change::Fire);
    stage.offline(52..53);
    assert_eq!(base(&mut status), [0.0; 3]);
}

#[test]
fn a_panic_and_a_recall_are_taken_back_but_not_the_blackout() {
    let (mut stage, mut status) = watched();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let rows = ["decay.feedback", "mix.clean", "programme.level", "programme.blackout"].map(row);
    let base =
        |status: &mut triple_buffer::Output<Status>| rows.map(|row| status.read().base.get(row));
    stage.offline(0..2);
    stage.send("snapshot.3.store", Change::Fire);
    stage.send("decay.feedback", Change::Plain(0.5));
    stage.send("mix.clean", Change::Plain(0.25));
    stage.send("programme.level", Change::Plain(0.75));
    stage.send("programme.blackout", Change::Plain(1.0));
    stage.offline(2..4);
    let played = base(&mut status);
    assert_eq!(played, [0.5, 0.25, 0.75, 1.0]);
    stage.send("panic", Change::Fire);
    stage.offline(4..6);
    assert_eq!(base(&mut status), [0.0, 0.0, 1.0, 0.0]);
    stage.send("edit.undo", Change::Fire);
    stage.offline(6..7);
    assert_eq!(base(&mut status), [0.5, 0.25, 0.75, 0.0], "the audience is not left in the dark");
    // A recall that takes its time is taken back while it is under way.
    stage.send("snapshot.morph_secs", Change::Plain(2.0));
    stage.send("snapshot.3.recall", Change::Fire);
    stage.offline(7..37);
    let way = base(&mut status);
    assert!(way[0] > 0.1 && way[0] < 0.4, "{way:?}");
    stage.send("edit.undo", Change::Fire);
    stage.offline(37..80);
    assert_eq!(base(&mut status), [0.5, 0.25, 0.75, 0.0]);
    stage.send("edit.redo", Change::Fire);
    stage.offline(80..81);
    assert_eq!(base(&mut status)[..2], [0.0, 0.0]);
}

#[test]
fn wheels_push_the_results_and_leave_what_was_set() {
    let (mut stage, mut status) = watched();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let [speed, feedback, bend] = ["playhead.speed", "decay.feedback", "playhead.bend"].map(row);
    stage.send("playhead.speed", Change::Plain(0.5));
    stage.send("playhead.bend_range", Change::Plain(2.0));
    stage.send("playhead.bend", Change::Normalised(0.75));
    stage.send("mosh.melt_amount", Change::Plain(1.0));
    stage.offline(0..60);
    let seen = status.read();
    // Half of the way up, of a range of two.
    assert_eq!((seen.base.get(speed), seen.result.get(speed)), (0.5, 1.5));
    assert!((seen.result.get(feedback) - 0.97).abs() < 1e-3, "{}", seen.result.get(feedback));
    assert_eq!(seen.base.get(feedback), 0.0);
    // A pad that bends springs back by itself.
    stage.send("playhead.bend", Change::Plain(0.0));
    stage.send("playhead.bend", Change::Press(1.0));
    stage.offline(60..61);
    assert_eq!(status.read().result.get(speed), 2.5);
    stage.send("playhead.bend", Change::Release);
    stage.send("mosh.melt_amount", Change::Plain(0.0));
    stage.offline(61..90);
    let seen = status.read();
    assert_eq!((seen.base.get(bend), seen.result.get(speed)), (0.0, 0.5));
    assert_eq!(seen.result.get(feedback), 0.0);
}

#[test]
fn stutter_and_loop_keep_the_beat() {
    let mut stage = stage(Fault::None);
    // 128 bpm: half a beat is 7.03 slots, so that steps are 7 and sometimes 8 apart.
    stage.send("tempo.bpm", Change::Plain(128.0));
    stage.send("stutter.beats", Change::Plain(3.0));
    stage.offline(0..20);
    stage.send("playhead.stutter", Change::Press(1.0));
    stage.offline(20..80);
    stage.send("playhead.stutter", Change::Release);
    stage.send("loop.beats", Change::Plain(3.0));
    stage.send("loop.on", Change::Press(1.0));
    stage.offline(80..180);
    let units: Vec<u32> = stage.reports().iter().filter_map(|report| report.access_unit).collect();
    // Slot t stands at t * 128 / 1800 beats: the first at or after each half beat.
    let is_step = |slot: u64, halves: u64| {
        let at = |slot: u64| slot * 128 * 2 / (1800 * halves);
        at(slot) > at(slot - 1)
    };
    let first = units[20];
    let begun: Vec<u64> = (21..80).filter(|slot| units[*slot as usize] == first).collect();
    assert_eq!(begun, (21..80).filter(|slot| is_step(*slot, 1)).collect::<Vec<_>>());
    // The loop is of a beat, from the clip's start, whose intra picture is left out.
    let begun: Vec<u64> = (90..180).filter(|slot| units[*slot as usize] == 1).collect();
    assert_eq!(begun, (90..180).filter(|slot| is_step(*slot, 2)).collect::<Vec<_>>());
    assert!(units[100..].iter().all(|unit| *unit < 16), "{:?}", &units[100..]);
}

#[test]
fn a_loop_begins_where_the_playhead_is() {
    let (mut stage, mut status) = watched();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let [start, on] = ["loop.start", "loop.on"].map(row);
    stage.offline(0..30);
    stage.send("loop.here", Change::Press(1.0));
    stage.offline(30..31);
    let (position, seen) = (stage.reports()[29].position, status.read());
    assert!(position > 0.0);
    assert_eq!((seen.base.get(start), seen.base.get(on)), (position, 1.0));
    stage.send("edit.undo", Change::Fire);
    stage.offline(31..32);
    let seen = status.read();
    assert_eq!((seen.base.get(start), seen.base.get(on)), (0.0, 0.0));
}

#[test]
fn a_clock_leads_and_is_seen() {
    let (mut stage, mut status) = watched();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let [bpm, position, phase] = ["tempo.bpm", "tempo.position", "tempo.phase"].map(row);
    let clock = |stage: &Stage, param, plain| {
        let change = Change::Plain(plain);
        assert!(stage.queue.send(ControlEvent { param, change, source: Source::Clock }));
    };
    stage.offline(0..10);
    assert_eq!(status.read().tempo_source, TempoSource::Internal);
    clock(&stage, bpm, 90.0);
    clock(&stage, position, 12.0);
    stage.offline(10..11);
    let seen = status.read();
    assert_eq!((seen.tempo_source, seen.is_tempo_locked), (TempoSource::Midi, true));
    assert_eq!((seen.bpm, seen.beats, seen.result.get(phase)), (90.0, 12.0, 0.0));
    // A person reads the meters, and does not move them.
    stage.send("tempo.phase", Change::Plain(0.9));
    stage.offline(11..12);
    let seen = status.read();
    // A thirtieth of a second at 90 bpm.
    assert!((seen.beats - 12.05).abs() < 1e-9 && (seen.result.get(phase) - 0.05).abs() < 1e-9);
    stage.offline(12..80);
    assert!(!status.read().is_tempo_locked);
    let lines: Vec<_> = std::iter::from_fn(|| stage.notices.take()).collect();
    assert!(lines.iter().any(|line| line.text.contains("fallen silent")));
}

#[test]
fn what_is_held_is_let_go_in_the_clip_in_which_it_was_pressed() {
    let rabbit = rabbit("mpeg4");
    let mut stage = stage_of(Fault::None, &[&rabbit, &rabbit]);
    let mut state = stage.engine.keep_state();
    let reverse = stage.registry.find("playhead.reverse").expect("a row");
    let reversed = |state: &State| -> Vec<f64> {
        let own = (0..2).flat_map(|clip| state.own_of(clip));
        own.filter(|(row, _)| *row == reverse).map(|(_, plain)| plain).collect()
    };
    stage.send("playhead.reverse", Change::Press(1.0));
    stage.offline(0..10);
    assert_eq!(reversed(state.read()), [1.0, 0.0]);
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(10..30);
    assert_eq!(stage.reports()[29].clip.0, 1);
    stage.send("playhead.reverse", Change::Release);
    stage.offline(30..40);
    assert_eq!(reversed(state.read()), [0.0, 0.0]);
}

/// What a hand does to a row, picked by number so that it fits any row.
#[derive(Clone, Debug)]
enum Doing {
    Set(f64),
    Turn(f64),
    Toggle,
    Press(f64),
    Release,
}

#[derive(Clone, Debug)]
struct Act {
    row: usize,
    doing: Doing,
    source: usize,
    ticks: u64,
}

fn act() -> impl Strategy<Value = Act> {
    let doing = prop_oneof![
        4 => (0.0..=1.0).prop_map(Doing::Set),
        2 => (-0.5..=0.5).prop_map(Doing::Turn),
        1 => Just(Doing::Toggle),
        2 => (0.1..=1.0).prop_map(Doing::Press),
        1 => Just(Doing::Release),
    ];
    let ticks = prop_oneof![12 => Just(0_u64), 1 => 1_u64..4, 1 => 30_u64..40];
    (0_usize..10_000, doing, 0_usize..5, ticks).prop_map(|(row, doing, source, ticks)| Act {
        row,
        doing,
        source,
        ticks,
    })
}

/// Triggers that move rows.
const MOVERS: [&str; 10] = [
    "panic",
    "panic.undo",
    "tempo.tap",
    "tempo.double",
    "tempo.halve",
    "loop.here",
    "cue.2.set",
    "snapshot.1.store",
    "snapshot.1.recall",
    "snapshot.2.recall",
];

#[test]
fn whatever_hands_do_is_taken_back_and_made_again() {
    let rabbit = rabbit("mpeg4");
    let mut stage = stage_of(Fault::None, &[&rabbit, &rabbit]);
    let mut state = stage.engine.keep_state();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    // What nobody takes back, what makes this test slow, and what moves rows by chance.
    let left_out = [
        "recorder.on",
        "programme.blackout",
        "programme.hold",
        "playhead.position",
        "playhead.bend",
        "tempo.nudge",
        "tempo.nudge_slower",
        "tempo.nudge_faster",
        "clip.stay",
        "edit.undo",
        "edit.redo",
        "snapshot.morph_secs",
    ]
    .map(row);
    let mut rows: Vec<_> = stage
        .registry
        .iter()
        .filter(|(index, spec)| !left_out.contains(index) && spec.can_be_modulated())
        .map(|(index, _)| index)
        .collect();
    let compared = rows.clone();
    // Now and then a whole look.
    (0..12).for_each(|_| rows.extend(MOVERS.map(row)));
    let sources = [Source::Keys, Source::Window, Source::Midi, Source::Osc, Source::Web];
    let hold = row("programme.hold");
    let mut slot = 0;
    let mut play = |stage: &mut Stage, ticks: u64| {
        // Whatever wears the picture need not be worn; nobody's hand, so no step.
        let (param, change) = (hold, Change::Plain(1.0));
        assert!(stage.queue.send(ControlEvent { param, change, source: Source::File }));
        stage.offline(slot..slot + ticks);
        slot += ticks;
    };
    play(&mut stage, 12);
    let all = |state: &State| -> Vec<f64> {
        let base = compared.iter().map(|row| state.base.get(*row));
        let own = (0..2).flat_map(|clip| state.own_of(clip)).map(|(_, plain)| plain);
        base.chain(own).collect()
    };
    let start = all(state.read());
    let mut runner = TestRunner::new(ProptestConfig {
        rng_seed: RngSeed::Fixed(20),
        ..ProptestConfig::default()
    });
    let mut most = 0;
    for _ in 0..8 {
        let acts = prop::collection::vec(act(), 20..120).new_tree(&mut runner).expect("acts");
        let acts = acts.current();
        for act in &acts {
            let param = rows[act.row % rows.len()];
            let kind = stage.registry.row(param).kind;
            let change = match act.doing {
                Doing::Set(part) => Change::Normalised(part),
                Doing::Turn(by) => Change::Nudge(by),
                Doing::Toggle if kind == Kind::Bool => Change::Toggle,
                Doing::Toggle | Doing::Press(_) if kind == Kind::Trigger => Change::Fire,
                Doing::Toggle => Change::Normalised(0.5),
                Doing::Press(force) => Change::Press(force),
                Doing::Release => Change::Release,
            };
            let source = sources[act.source];
            assert!(stage.queue.send(ControlEvent { param, change, source }));
            if act.ticks > 0 {
                play(&mut stage, act.ticks);
            }
        }
        for param in &rows {
            let (param, change) = (*param, Change::Release);
            stage.queue.send(ControlEvent { param, change, source: Source::Osc });
            if stage.queue.len() > 3000 {
                play(&mut stage, 1);
            }
        }
        play(&mut stage, 12);
        let played = all(state.read());
        most = most.max(played.iter().zip(&start).filter(|(one, other)| one != other).count());
        for (id, expected) in [("edit.undo", &start), ("edit.redo", &played), ("edit.undo", &start)]
        {
            (0..400).for_each(|_| stage.send(id, Change::Fire));
            while stage.notices.take().is_some() {}
            play(&mut stage, 12);
            let lines: Vec<_> = std::iter::from_fn(|| stage.notices.take()).collect();
            assert!(lines.iter().any(|line| line.text.contains("nothing")), "more than 400 steps");
            let found = all(state.read());
            for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
                let row = compared.get(place).map(|row| stage.registry.row(*row).id);
                assert_eq!(found, expected, "{row:?} after {id} of {acts:?}");
            }
        }
    }
    assert!(most > 30, "only {most} values were moved");
}

#[test]
fn every_event_queued_before_a_tick_begins_is_in_that_ticks_picture() {
    const EVENTS: usize = 10_000;
    let mut stage = stage(Fault::None);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace");
    let registry = std::sync::Arc::clone(&stage.registry);
    let (trace, observer) =
        Trace::start(&path, registry, true, false, stage.notices.clone()).expect("a trace");
    stage.engine.observe(Box::new(observer));
    stage.send("programme.blackout_secs", Change::Plain(0.0));
    stage.live(0..5);
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let (level, blackout) = (row("decay.feedback"), row("programme.blackout"));
    let queue = stage.queue.clone();
    // Ten thousand values in bursts, and at last black. When each was in the queue is written down
    // after it was.
    let sender = std::thread::spawn(move || {
        let mut queued = Vec::with_capacity(EVENTS);
        for number in 0..EVENTS {
            let (param, plain) = match number + 1 {
                EVENTS => (blackout, 1.0),
                _ => (level, (number % 7) as f64 / 10.0),
            };
            let event = ControlEvent { param, change: Change::Plain(plain), source: Source::Osc };
            while queue.len() > 4000 || !queue.send(event) {
                std::thread::yield_now();
            }
            queued.push(queue.now());
            if number % 500 == 499 {
                std::thread::sleep(Duration::from_millis(9));
            }
        }
        queued
    });
    let mut began = vec![Duration::MAX; 5];
    let mut last_slots = 5;
    while last_slots > 0 {
        let slot = began.len() as u64;
        began.push(stage.queue.now());
        let decode_until = Instant::now() + Duration::from_millis(20);
        stage.engine.tick(slot, Pace::Live { decode_until });
        stage.engine.collect(None);
        last_slots -= u64::from(sender.is_finished()).min(last_slots);
    }
    let queued = sender.join().expect("the sender");
    drop(stage);
    trace.join();
    let text = fs::read_to_string(&path).expect("the trace");
    let mut entered = Vec::new();
    let mut executed = Vec::new();
    let mut hashes = Vec::new();
    for line in text.lines().skip(5) {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let tick = line["tick"].as_u64().expect("a tick");
        let is_late = line["late"].as_bool().expect("a bool");
        // What entered a tick whose picture came later is seen in the slot that shows it.
        let events = line["events"].as_array().expect("events");
        entered.extend(events.iter().map(|_| tick));
        if !is_late {
            executed.push(tick);
            hashes.push((tick, line["frame_hash"].as_str().map(str::to_owned)));
        }
    }
    assert_eq!((entered.len(), queued.len()), (EVENTS, EVENTS));
    assert!(entered.windows(2).all(|pair| pair[0] <= pair[1]));
    let ticks_used = entered.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(ticks_used > 2, "all entered in {ticks_used} ticks: there was no load");
    for (at, slot) in queued.iter().zip(&entered) {
        let missed = executed.iter().find(|tick| *tick < slot && began[**tick as usize] >= *at);
        assert_eq!(missed, None, "queued at {at:?}, it entered only in slot {slot}");
    }
    // The last event made that very picture black.
    let canvas: Canvas = CANVAS.parse().expect("a canvas");
    let mut black = vec![128; canvas.i420_bytes()];
    black[..(canvas.width * canvas.height) as usize].fill(16);
    let black = Some(format!("{:016x}", xxh3_64(&black)));
    // A picture that the read-back skipped on a busy machine has no hash; the next one shows it.
    let last = entered.last().copied().expect("events");
    let (before, after): (Vec<_>, Vec<_>) = hashes.iter().partition(|(tick, _)| *tick < last);
    assert!(before.iter().all(|(_, hash)| *hash != black), "it was black too early");
    let shown: Vec<_> = after.iter().filter(|(_, hash)| hash.is_some()).collect();
    assert!(!shown.is_empty() && shown.iter().all(|(_, hash)| *hash == black), "{shown:?}");
}
