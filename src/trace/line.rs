//! The form of one line.

use crate::{
    engine::SlotReport,
    params::{Change, ControlEvent, Registry, Source},
    ports::Shown,
    units::Direction,
};
use serde::Serialize;
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
    value: Option<f64>,
    change: &'static str,
    source: &'static str,
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

pub(super) fn event(registry: &Registry, event: &ControlEvent) -> Event {
    let (change, value) = match event.change {
        Change::Plain(value) => ("plain", Some(value)),
        Change::Normalised(value) => ("normalised", Some(value)),
        Change::Nudge(by) => ("nudge", Some(by)),
        Change::Toggle => ("toggle", None),
        Change::Fire => ("fire", None),
    };
    let source = match event.source {
        Source::File => "file",
        Source::Keys => "keys",
        Source::Window => "window",
        Source::Midi => "midi",
        Source::Osc => "osc",
        Source::Demo => "demo",
    };
    Event { id: registry.row(event.param).id, value, change, source }
}
