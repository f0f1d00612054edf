//! Hands: gestures and jumps that wait for the beat, macros, undo, wheels that push.

use crate::{
    common::CANVAS,
    stage::{Fault, Stage, imported, rabbit, stage, stage_of},
};
use residua::{
    engine::{NextClip, State, Status, TempoSource},
    params::{Change, ControlEvent, Gesture, Grid, Source},
    units::{Canvas, ClipIndex},
};

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
    assert_eq!(
        (next.clip, next.next_clip),
        (Some(ClipIndex(0)), Some(NextClip { clip: ClipIndex(1), waits_for: Grid::Beat }))
    );
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
fn the_clip_that_waits_is_told_and_so_is_the_loop() {
    let rabbit = rabbit("mpeg4");
    let mut stage = stage_of(Fault::None, &[&rabbit, &imported("flower.mp4", "mpeg4")]);
    let (status, mut watched) = triple_buffer::triple_buffer(&Status::default());
    stage.engine.publish(status);
    let next = |clip, waits_for| Some(NextClip { clip: ClipIndex(clip), waits_for });
    stage.send("quantise.jump", Change::Plain(3.0));
    stage.offline(0..4);
    assert_eq!(watched.read().next_clip, None);
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(4..6);
    assert_eq!(watched.read().next_clip, next(1, Grid::Beat));
    stage.send("clip.select", Change::Normalised(0.0));
    stage.offline(6..7);
    assert_eq!(watched.read().next_clip, None, "the clip in play was chosen instead");
    stage.send("clip.select", Change::Nudge(1.0 / 63.0));
    stage.offline(7..8);
    assert_eq!(watched.read().next_clip, next(1, Grid::Beat));
    stage.offline(8..16);
    assert_eq!((watched.read().next_clip, watched.read().clip), (None, Some(ClipIndex(1))));
    // Without a grid it is the superframe of six, begun in slot 15, that is played to its end.
    stage.send("quantise.jump", Change::Plain(0.0));
    stage.send("clip.select", Change::Plain(1.0));
    stage.offline(16..17);
    assert_eq!(watched.read().next_clip, next(0, Grid::Off));
    stage.offline(17..24);
    assert_eq!((watched.read().next_clip, watched.read().clip), (None, Some(ClipIndex(0))));
    assert_eq!(watched.read().loop_slices, None);
    stage.send("loop.start", Change::Plain(1.0));
    stage.send("loop.end", Change::Plain(0.5));
    stage.send("loop.on", Change::Plain(1.0));
    stage.offline(24..26);
    let last = watched.read().slices - 1;
    assert_eq!(watched.read().loop_slices, Some((last.div_ceil(2), last)));
    assert_eq!(watched.read().superframe_number, 0);
    stage.send("playhead.mode", Change::Plain(2.0));
    stage.offline(26..50);
    // Four superframes of six slots, or three and what was left of one.
    assert!((3..=4).contains(&watched.read().superframe_number));
}

#[test]
fn what_a_loop_does_on_the_beat_happens_on_that_beat() {
    let mut stage = stage(Fault::None);
    stage.offline(0..BEAT);
    stage.send("gesture.1.record", Change::Plain(1.0));
    stage.offline(BEAT..2 * BEAT);
    stage.send("heal.codec", Change::Fire);
    stage.offline(2 * BEAT..3 * BEAT);
    stage.send("gesture.1.record", Change::Plain(0.0));
    stage.send("heal.codec", Change::Quantise(Grid::Beat));
    stage.send("gesture.1.play", Change::Plain(1.0));
    stage.offline(3 * BEAT..7 * BEAT);
    let healed = slots(&stage, |report| report.healed && report.tick.0 > 0);
    assert_eq!(healed, [2 * BEAT, 4 * BEAT, 6 * BEAT]);
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
fn what_presses_do_and_what_recalls_leave_alone_is_taken_back_and_made_again() {
    let (mut stage, mut status) = watched();
    let mut state = stage.engine.keep_state();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    let (heal, mix) = (row("heal.all"), row("decay.mix"));
    // Nobody's hand: no step.
    let change = Change::Quantise(Grid::Bar);
    assert!(stage.queue.send(ControlEvent { param: heal, change, source: Source::File }));
    stage.offline(0..12);
    let spec = *stage.registry.row(heal);
    let seen = |state: &State| {
        let habits = &state.habits;
        (habits.gesture(heal, &spec), habits.grid(heal), state.excluded[mix.dense()])
    };
    let start = (Gesture::Hold, Grid::Bar, false);
    assert_eq!(seen(state.read()), start);
    stage.send("heal.all", Change::Gesture(Gesture::Latch));
    stage.send("heal.all", Change::Quantise(Grid::Beat));
    stage.send("decay.mix", Change::Exclude(true));
    // Said again, it is no step.
    stage.send("decay.mix", Change::Exclude(true));
    stage.send("heal.all", Change::Quantise(Grid::Beat));
    stage.offline(12..24);
    let played = (Gesture::Latch, Grid::Beat, true);
    assert_eq!(seen(state.read()), played);
    assert!(status.read().excluded[mix.dense()], "windows see it too");
    let asked = state.read().kept_changes;
    let mut slot = 24;
    for (id, expected) in [
        ("edit.undo", (Gesture::Latch, Grid::Beat, false)),
        ("edit.undo", (Gesture::Latch, Grid::Bar, false)),
        ("edit.undo", start),
        ("edit.redo", (Gesture::Latch, Grid::Bar, false)),
        ("edit.redo", (Gesture::Latch, Grid::Beat, false)),
        ("edit.redo", played),
    ] {
        stage.send(id, Change::Fire);
        stage.offline(slot..slot + 12);
        slot += 12;
        assert_eq!(seen(state.read()), expected, "{id}");
    }
    // The set, which keeps them by itself, is told.
    assert_eq!(state.read().kept_changes, asked + 6);
}

#[test]
fn a_snapshot_that_was_stored_over_another_comes_back() {
    let mut stage = stage(Fault::None);
    let mut state = stage.engine.keep_state();
    let feedback = stage.registry.find("decay.feedback").expect("a row");
    let mut slot = 0;
    let mut play = |stage: &mut Stage, id: &str, change| {
        stage.send(id, change);
        stage.offline(slot..slot + 12);
        slot += 12;
    };
    let second = |state: &State| {
        let is_filled = state.filled >> 1 & 1 == 1;
        is_filled.then(|| state.snapshots[1].get(feedback))
    };
    play(&mut stage, "decay.feedback", Change::Plain(0.25));
    assert_eq!(second(state.read()), None);
    play(&mut stage, "snapshot.2.store", Change::Fire);
    play(&mut stage, "decay.feedback", Change::Plain(0.5));
    play(&mut stage, "snapshot.2.store", Change::Fire);
    assert_eq!(second(state.read()), Some(0.5));
    // Each step: what the snapshot holds, and what is set.
    let steps = [
        ("edit.undo", Some(0.25), 0.5),
        ("edit.undo", Some(0.25), 0.25),
        ("edit.undo", None, 0.25),
        ("edit.redo", Some(0.25), 0.25),
        ("edit.redo", Some(0.25), 0.5),
        ("edit.redo", Some(0.5), 0.5),
        ("edit.undo", Some(0.25), 0.5),
    ];
    for (number, (id, held, set)) in steps.into_iter().enumerate() {
        play(&mut stage, id, Change::Fire);
        let state = state.read();
        assert_eq!((second(state), state.base.get(feedback)), (held, set), "step {number}");
    }
    play(&mut stage, "snapshot.2.recall", Change::Fire);
    assert_eq!(state.read().base.get(feedback), 0.25);
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
    assert_eq!(status.read().tempo_source, TempoSource::Internal);
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
