//! More events than any hand has: each is in the picture of the tick that it was there for.

use crate::{
    common::CANVAS,
    stage::{Fault, stage},
};
use residua::{
    engine::Pace,
    params::{Change, ControlEvent, Source},
    trace::Trace,
    units::Canvas,
};
use std::{
    fs,
    time::{Duration, Instant},
};
use xxhash_rust::xxh3::xxh3_64;

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
    // Ticks by the slot that shows them, with the slot that they began in: on a busy machine an earlier
    // one.
    let mut executed = Vec::new();
    let mut begun_in = None;
    let mut hashes = Vec::new();
    for line in text.lines().skip(5) {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let tick = line["tick"].as_u64().expect("a tick");
        let is_late = line["late"].as_bool().expect("a bool");
        // What entered a tick whose picture came later is seen in the slot that shows it.
        let events = line["events"].as_array().expect("events");
        entered.extend(events.iter().map(|_| tick));
        let begun = *begun_in.get_or_insert(tick);
        if !is_late {
            begun_in = None;
            executed.push((tick, began[begun as usize]));
            hashes.push((tick, line["frame_hash"].as_str().map(str::to_owned)));
        }
    }
    assert_eq!((entered.len(), queued.len()), (EVENTS, EVENTS));
    assert!(entered.windows(2).all(|pair| pair[0] <= pair[1]));
    let ticks_used = entered.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(ticks_used > 2, "all entered in {ticks_used} ticks: there was no load");
    for (at, slot) in queued.iter().zip(&entered) {
        let missed = executed.iter().find(|(tick, began)| tick < slot && began >= at);
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
