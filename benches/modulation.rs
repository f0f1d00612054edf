//! What a tick of all modulators costs: 8 LFOs, 4 envelopes, 2 sequencers, 32 patches.
//!
//! Against moving all values on, which every tick does. Each figure is the best of many rounds, so that
//! a loaded machine changes little.

use residua::{
    engine::{self, Modulators, Moment, PATCHES},
    params::{Registry, Store},
};
use std::{sync::Arc, time::Instant};

/// Ticks of each measure.
const ROUNDS: u32 = 3000;

fn main() {
    let registry = Arc::new(engine::registry().expect("rows"));
    for (name, patches) in [("none joined", 0), ("all joined", PATCHES)] {
        let mut store = Store::new(Arc::clone(&registry));
        join(&registry, &mut store, patches);
        let mut modulators = Modulators::new(Arc::clone(&registry));
        let (mut advance_secs, mut modulate_secs) = (f64::INFINITY, f64::INFINITY);
        for tick in 0..ROUNDS {
            let start = Instant::now();
            modulators.prepare(&store);
            let prepare_secs = start.elapsed().as_secs_f64();
            let start = Instant::now();
            store.advance(1000.0 / 30.0);
            advance_secs = advance_secs.min(start.elapsed().as_secs_f64());
            let start = Instant::now();
            let moment = Moment { tick_secs: 1.0 / 30.0, beats: f64::from(tick) / 15.0 };
            modulators.run(&mut store, moment);
            while modulators.take_due().is_some() {}
            let run_secs = start.elapsed().as_secs_f64();
            modulate_secs = modulate_secs.min(prepare_secs + run_secs);
        }
        println!(
            "{name}: {:.2} us a tick, {:.2} times moving {} values on ({:.2} us)",
            modulate_secs * 1e6,
            modulate_secs / advance_secs,
            registry.len(),
            advance_secs * 1e6,
        );
    }
}

/// Every shape on rows with and without a curve, chains and a ring among them, and triggers.
fn join(registry: &Registry, store: &mut Store, patches: usize) {
    let mut set = |id: &str, text: &str| {
        let row = registry.find(id).expect("a row");
        store.set(row, registry.parse(row, text).expect("a value"));
    };
    let targets = ["decay.feedback", "playhead.amplitude_secondary", "throw.1", "lfo.5.rate_hz"];
    for patch in 0..patches {
        let source = match patch % 4 {
            3 => "sequencer.1.out".to_owned(),
            _ => format!("lfo.{}.out", patch % 8 + 1),
        };
        set(&format!("lfo.{}.shape", patch % 8 + 1), &(patch % 7).to_string());
        set(&format!("patch.{}.source", patch + 1), &source);
        set(&format!("patch.{}.target", patch + 1), targets[patch % 4]);
        set(&format!("patch.{}.depth", patch + 1), "0.3");
        set(&format!("patch.{}.curve", patch + 1), "0.2");
    }
}
