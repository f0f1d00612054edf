//! The form of one line.

use crate::{
    engine::SlotReport,
    params::{Change, ControlEvent, Kind, Registry},
    ports::Shown,
    units::Direction,
};
use serde::Serialize;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

/// One slot, as JSON.
#[derive(Serialize)]
pub(super) struct Line {
    tick: u64,
    late: bool,
    /// Counted from 1, as `clip.select`.
    clip: u32,
    direction: Direction,
    slice: u32,
    access_unit: Option<u32>,
    healed: bool,
    /// Access units fed in this slot.
    units: u32,
    /// The slot, counted from 1, of the grabbed picture that was thrown in.
    #[serde(skip_serializing_if = "Option::is_none")]
    thrown: Option<u8>,
    generation: u64,
    position: f64,
    decode_micros: u32,
    gpu_micros: u32,
    events: Vec<Event>,
    /// Lines and events that the trace lacks so far, since the disk was too slow.
    #[serde(skip_serializing_if = "is_none")]
    trace_refused: u64,
    /// xxh3-64 of the packed I420 programme, 16 hex digits; null where the read-back skipped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_hash: Option<Option<String>>,
}

/// One event that entered the tick.
#[derive(Serialize)]
pub(super) struct Event {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    change: &'static str,
    source: &'static str,
    /// When it was sent, on the clock of the queue.
    at_micros: u64,
}

/// What an event carries.
#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Number(f64),
    Text(String),
}

impl Line {
    pub fn new(report: &SlotReport, events: Vec<Event>, trace_refused: u64) -> Self {
        Self {
            tick: report.tick.0,
            late: report.late,
            clip: u32::from(report.clip.0) + 1,
            direction: report.direction,
            slice: report.slice,
            access_unit: report.access_unit,
            healed: report.healed,
            units: report.units_fed,
            thrown: report.thrown.map(|slot| slot + 1),
            generation: report.generation,
            position: report.position,
            decode_micros: report.decode_micros,
            gpu_micros: report.gpu_micros,
            events,
            trace_refused,
            frame_hash: None,
        }
    }

    pub fn with_hash(mut self, shown: Option<&Shown>) -> Self {
        let hash = shown.map(|shown| format!("{:016x}", xxh3_64(shown.picture.data())));
        self.frame_hash = Some(hash);
        self
    }
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

pub(super) fn event(registry: &Registry, event: &ControlEvent, at: Duration) -> Event {
    let number = |value| Some(Value::Number(value));
    let row = registry.row(event.param);
    let value = match event.change {
        Change::Plain(value) if row.kind == Kind::Reference => {
            Some(Value::Text(registry.format(event.param, value)))
        }
        Change::Plain(value) | Change::Normalised(value) => number(value),
        Change::Nudge(by) => number(by),
        Change::Toggle | Change::Fire | Change::Release => None,
        Change::Press(force) => number(force),
        Change::Gesture(gesture) => Some(Value::Text(gesture.name().to_owned())),
        Change::Quantise(grid) => Some(Value::Text(grid.name().to_owned())),
        Change::Exclude(is_excluded) => number(f64::from(u8::from(is_excluded))),
    };
    let change = event.change.name();
    let at_micros = at.as_micros() as u64;
    Event { id: row.id, value, change, source: event.source.name(), at_micros }
}
