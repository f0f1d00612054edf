//! Some seconds of playing without windows, measured slot by slot.

use super::scene::Scene;
use crate::{
    engine::{SlotObserver, SlotReport},
    params::ControlEvent,
    ports::{Notices, Shown},
    units::Canvas,
};
use anyhow::{Result, anyhow};
use crossbeam::channel::{Sender, bounded};
use serde::Serialize;
use std::{
    sync::{Arc, atomic::AtomicBool},
    thread,
    time::Duration,
};

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Timing {
    /// Slots that were played.
    pub slots: usize,
    /// Of those, how many had no picture of their own in time.
    pub late: usize,
    /// Length of a slot in milliseconds.
    pub slot_millis: f64,
    /// From giving the decoder an access unit to having its picture.
    pub decode: Percentiles,
    /// From the first command on the adapter to the programme in memory.
    pub gpu: Percentiles,
    /// What is left of a slot after the slower hundredth of both, in milliseconds; below 0 the
    /// picture is shown a slot later.
    pub slack_millis: f64,
}

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half of them are below.
    pub p50_millis: f64,
    /// All but a hundredth are below.
    pub p99_millis: f64,
}

/// Writes down the times of each slot; hands them over when the engine is gone.
struct Stopwatch {
    late: usize,
    decode: Vec<u32>,
    gpu: Vec<u32>,
    slots: usize,
    back: Sender<(usize, usize, Vec<u32>, Vec<u32>)>,
}

impl SlotObserver for Stopwatch {
    fn event(&mut self, _: u64, _: &ControlEvent, _: Duration) {}

    fn slot(&mut self, report: &SlotReport, _: Option<&Shown>) {
        self.slots += 1;
        if report.late {
            self.late += 1;
            return;
        }
        // The capacity was made for all slots: nothing is allocated here.
        if self.decode.len() < self.decode.capacity() && report.access_unit.is_some() {
            self.decode.push(report.decode_micros);
        }
        if self.gpu.len() < self.gpu.capacity() && report.gpu_micros > 0 {
            self.gpu.push(report.gpu_micros);
        }
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        let (decode, gpu) = (std::mem::take(&mut self.decode), std::mem::take(&mut self.gpu));
        let _ = self.back.send((self.slots, self.late, decode, gpu));
    }
}

/// Plays a scene for some seconds. Returns the times, and whatever was said meanwhile.
///
/// # Errors
/// The engine did not get through.
pub fn rehearse(
    scene: Scene,
    seconds: u32,
    quit: &Arc<AtomicBool>,
) -> Result<(Timing, Vec<String>)> {
    let Scene { canvas, notices, mut engine, .. } = scene;
    let slots = canvas.rate.slot_at(Duration::from_secs(u64::from(seconds))).max(1);
    let (back, times) = bounded(1);
    let capacity = usize::try_from(slots).unwrap_or(usize::MAX).min(1 << 20);
    engine.observe(Box::new(Stopwatch {
        late: 0,
        decode: Vec::with_capacity(capacity),
        gpu: Vec::with_capacity(capacity),
        slots: 0,
        back,
    }));
    let stop = Arc::clone(quit);
    let thread = thread::Builder::new().name("engine".to_owned()).spawn(move || {
        engine.run_live(&stop, Some(slots));
        engine.has_failed()
    })?;
    let has_failed =
        thread.join().map_err(|_| anyhow!("the engine stopped: please report what it said"))?;
    let (slots, late, decode, gpu) = times.recv()?;
    if has_failed {
        return Err(anyhow!("the graphics device failed: {}", words(&notices).join("; ")));
    }
    Ok((timing(canvas, slots, late, decode, gpu), words(&notices)))
}

fn words(notices: &Notices) -> Vec<String> {
    std::iter::from_fn(|| notices.take()).map(|notice| notice.text).collect()
}

fn timing(canvas: Canvas, slots: usize, late: usize, decode: Vec<u32>, gpu: Vec<u32>) -> Timing {
    let slot_millis = 1000.0 / canvas.rate.hertz();
    let (decode, gpu) = (percentiles(decode), percentiles(gpu));
    let slack_millis = slot_millis - decode.p99_millis - gpu.p99_millis;
    Timing { slots, late, slot_millis, decode, gpu, slack_millis }
}

/// By the nearest rank: the smallest value that so large a share does not exceed.
fn percentiles(mut micros: Vec<u32>) -> Percentiles {
    micros.sort_unstable();
    let rank = |share: f64| {
        let place = (share * micros.len() as f64).ceil() as usize;
        micros.get(place.saturating_sub(1)).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    };
    Percentiles { p50_millis: rank(0.5), p99_millis: rank(0.99) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let found = percentiles((1..=200).rev().map(|millis| millis * 1000).collect());
        assert_eq!(found, Percentiles { p50_millis: 100.0, p99_millis: 198.0 });
        let one = percentiles(vec![1500]);
        assert_eq!(one, Percentiles { p50_millis: 1.5, p99_millis: 1.5 });
        assert_eq!(percentiles(Vec::new()), Percentiles::default());
    }

    #[test]
    fn slack_is_what_both_leave_of_a_slot() {
        let canvas = "64x64@50".parse().expect("a canvas");
        let found = timing(canvas, 10, 1, vec![4000], vec![6500]);
        assert_eq!((found.slot_millis, found.slack_millis), (20.0, 9.5));
    }
}
