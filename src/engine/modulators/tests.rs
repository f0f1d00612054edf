//! Modulators on real rows, tick by tick, against sums worked out by hand.

use super::*;
use crate::{
    engine,
    params::{Change, ControlEvent, ParamSpec, Source},
};

/// Ten ticks a second at 120 beats a minute.
const TICK_SECS: f64 = 0.1;
const BEATS_PER_TICK: f64 = 0.2;

struct Rack {
    registry: Arc<Registry>,
    store: Store,
    modulators: Modulators,
    ticks: u32,
}

impl Rack {
    /// With these values, as a set would have them, which have arrived.
    fn with(values: &[(&str, &str)]) -> Self {
        let registry = Arc::new(engine::registry().expect("rows"));
        let store = Store::new(Arc::clone(&registry));
        let modulators = Modulators::new(Arc::clone(&registry));
        let mut rack = Self { registry, store, modulators, ticks: 0 };
        rack.set(values);
        rack
    }

    fn set(&mut self, values: &[(&str, &str)]) {
        for (id, text) in values {
            let row = self.row(id);
            let plain = self.registry.parse(row, text).expect("a value");
            self.store.set(row, plain);
        }
        self.store.settle();
    }

    fn patch(&mut self, number: usize, source: &str, target: &str, depth: &str) {
        for (field, text) in [("source", source), ("target", target), ("depth", depth)] {
            self.set(&[(&format!("patch.{number}.{field}"), text)]);
        }
    }

    fn row(&self, id: &str) -> ParamIndex {
        self.registry.find(id).unwrap_or_else(|| panic!("no row {id}"))
    }

    /// One tick; what was fired.
    fn tick(&mut self) -> Vec<(&'static str, f64)> {
        self.modulators.prepare(&self.store);
        self.store.advance(TICK_SECS * 1000.0);
        let beats = f64::from(self.ticks) * BEATS_PER_TICK;
        self.modulators.run(&mut self.store, Moment { tick_secs: TICK_SECS, beats });
        self.ticks += 1;
        let due = std::iter::from_fn(|| self.modulators.take_due()).collect::<Vec<_>>();
        due.iter().map(|fired| (self.registry.row(fired.trigger).id, fired.force)).collect()
    }

    fn result(&self, id: &str) -> f64 {
        self.store.result().get(self.row(id))
    }

    fn tick_to(&mut self, id: &str) -> f64 {
        self.tick();
        self.result(id)
    }

    fn status(&self) -> engine::Status {
        let mut status = engine::Status::default();
        self.modulators.describe(&self.store, &mut status.modulated);
        status
    }
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

/// A saw that stands at three quarters of its period: 0.5.
const HALF: [(&str, &str); 3] =
    [("lfo.1.shape", "saw"), ("lfo.1.rate_hz", "0"), ("lfo.1.phase", "0.75")];

#[test]
fn patches_add_up_and_leave_what_was_set_alone() {
    let mut rack = Rack::with(&HALF);
    rack.set(&[("decay.mix", "0.25"), ("clip.stay", "0.4")]);
    near(rack.tick_to("decay.mix"), 0.25);
    rack.patch(1, "lfo.1.out", "decay.mix", "0.5");
    near(rack.tick_to("decay.mix"), 0.25 + 0.5 * 0.5);
    rack.patch(32, "clip.stay", "decay.mix", "0.5");
    near(rack.tick_to("decay.mix"), 0.5 + 0.4 * 0.5);
    // 0.4^4 with the strongest bend.
    rack.set(&[("patch.32.curve", "1")]);
    near(rack.tick_to("decay.mix"), 0.5 + 0.0256 * 0.5);
    let mix = rack.row("decay.mix");
    assert_eq!(rack.store.base().get(mix), 0.25);
    let all = rack.status().modulation(mix).expect("it is modulated");
    near(all.offset, 0.25 + 0.0128);
    assert_eq!((all.down, all.up), (0.5, 1.0), "the LFO both ways, chance upward only");
    // To the end of the range and no further.
    rack.patch(2, "lfo.1.out", "decay.mix", "-1");
    rack.patch(3, "lfo.1.out", "decay.mix", "-1");
    assert_eq!(rack.tick_to("decay.mix"), 0.0);
    for number in ["1", "2", "3", "32"] {
        rack.set(&[(&format!("patch.{number}.depth"), "0")]);
    }
    assert_eq!(rack.tick_to("decay.mix"), 0.25);
    assert_eq!(rack.status().modulation(mix), None);
}

#[test]
fn curves_steps_and_switches_are_moved_along_their_controllers_way() {
    let mut rack = Rack::with(&HALF);
    rack.patch(1, "lfo.1.out", "playhead.amplitude_secondary", "0.5");
    rack.patch(2, "lfo.1.out", "playhead.function", "0.5");
    rack.patch(3, "lfo.1.out", "mosh.bloom", "0.99");
    rack.patch(4, "lfo.1.out", "mosh.drive", "0.6");
    rack.patch(5, "lfo.1.out", "playhead.speed", "0.25");
    // 64 x^3: 8 lies at 0.5, and 0.75 is 27.
    rack.set(&[("playhead.amplitude_secondary", "8"), ("playhead.function", "sinusoid")]);
    rack.tick();
    near(rack.result("playhead.amplitude_secondary"), 27.0);
    // One of nine, an eighth apart: a quarter is two on.
    assert_eq!(rack.result("playhead.function"), 3.0);
    assert_eq!(rack.result("mosh.bloom"), 0.0);
    // 1..=4: a third apart, 0.3 is nearest to one on.
    assert_eq!(rack.result("mosh.drive"), 2.0);
    // -4..=4: an eighth of 8.
    near(rack.result("playhead.speed"), 2.0);
    rack.set(&[("patch.3.depth", "1")]);
    assert_eq!(rack.tick_to("mosh.bloom"), 1.0);
}

#[test]
fn sources_are_read_by_their_range() {
    // A speed of 2 among -4..=4 is half of its way up.
    let mut rack = Rack::with(&[("playhead.speed", "2"), ("decay.mix", "0")]);
    rack.patch(1, "playhead.speed", "decay.mix", "1");
    near(rack.tick_to("decay.mix"), 0.5);
    rack.set(&[("playhead.speed", "-4"), ("decay.mix", "1")]);
    near(rack.tick_to("decay.mix"), 0.0);
    // Of 1..=60 the last is 1.
    rack.set(&[
        ("decay.mix", "0"),
        ("patch.1.source", "superframe.size"),
        ("superframe.size", "60"),
    ]);
    near(rack.tick_to("decay.mix"), 1.0);
    // A reference gives nothing.
    rack.set(&[("patch.1.source", "patch.2.target"), ("patch.2.target", "panic")]);
    near(rack.tick_to("decay.mix"), 0.0);
}

#[test]
fn what_has_gone_or_is_spared_is_not_moved() {
    const GUEST: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 1.0), 0.25);
    let mut rack = Rack::with(&HALF);
    let guest = rack.registry.replace(&[], &[GUEST]).expect("rows");
    rack.patch(1, "lfo.1.out", "guest.amount", "1");
    rack.patch(2, "guest.amount", "decay.mix", "-1");
    rack.tick();
    near(rack.result("guest.amount"), 0.75);
    near(rack.result("decay.mix"), 0.25);
    rack.registry.replace(&guest, &[]).expect("rows");
    near(rack.tick_to("decay.mix"), 1.0);
    // It is there again: so is the patch, which was never taken out.
    rack.registry.replace(&[], &[GUEST]).expect("rows");
    near(rack.tick_to("guest.amount"), 0.75);
    rack.set(&[("lfo.2.rate_hz", "0")]);
    for spared in ["recorder.on", "flash.limit", "clip.motion", "lfo.2.out", "patch.9.target"] {
        rack.patch(3, "lfo.1.out", spared, "-1");
        let before = rack.result(spared);
        assert_eq!(rack.tick_to(spared), before, "{spared}");
    }
}

#[test]
fn a_chain_is_through_in_one_tick_and_a_ring_takes_one_tick_a_round() {
    // Level -> depth of patch 1 -> mix: numbered the wrong way round.
    let mut rack = Rack::with(&HALF);
    rack.set(&[("decay.mix", "0"), ("clip.stay", "0.5")]);
    rack.patch(1, "lfo.1.out", "decay.mix", "0");
    rack.patch(2, "clip.stay", "patch.1.depth", "0.5");
    // Depth goes from -1 to 1: a quarter of its way is 0.5.
    near(rack.tick_to("decay.mix"), 0.25);

    let mut rack = Rack::with(&[("mix.clean", "0.1"), ("decay.mix", "0.2")]);
    rack.patch(1, "mix.clean", "decay.mix", "1");
    rack.patch(2, "decay.mix", "mix.clean", "1");
    for (mix, clean) in [(0.3, 0.4), (0.6, 0.7), (0.9, 1.0)] {
        near(rack.tick_to("decay.mix"), mix);
        near(rack.result("mix.clean"), clean);
    }
}

#[test]
fn an_lfo_goes_free_or_with_the_beat() {
    let mut rack = Rack::with(&[("lfo.2.shape", "saw"), ("lfo.2.rate_hz", "2.5")]);
    for wanted in [-1.0, -0.5, 0.0, 0.5, -1.0] {
        near(rack.tick_to("lfo.2.out"), wanted);
    }
    // A beat is five ticks: at tick 5 it begins, whatever the phase was before.
    rack.set(&[("lfo.2.beats", "1 beat")]);
    for wanted in [-1.0, -0.6, -0.2, 0.2, 0.6, -1.0] {
        near(rack.tick_to("lfo.2.out"), wanted);
    }
    rack.set(&[("lfo.2.beats", "4 bars")]);
    // Tick 11 is beat 2.2 of 16.
    near(rack.tick_to("lfo.2.out"), 2.0 * 2.2 / 16.0 - 1.0);
}

#[test]
fn chance_differs_from_lfo_to_lfo() {
    let shape = ["lfo.1.shape", "lfo.2.shape"].map(|id| (id, "sample_and_hold"));
    let mut rack = Rack::with(&shape);
    rack.tick();
    assert_ne!(rack.result("lfo.1.out"), rack.result("lfo.2.out"));
    rack.set(&[("lfo.2.seed", "1")]);
    rack.tick();
    assert_eq!(rack.result("lfo.1.out"), rack.result("lfo.2.out"));
}

#[test]
fn envelopes_are_struck_by_triggers_and_opened_by_the_rest() {
    let times = [
        ("envelope.1.attack_secs", "0.2"),
        ("envelope.1.decay_secs", "0.2"),
        ("envelope.1.release_secs", "0.2"),
    ];
    let mut rack = Rack::with(&times);
    rack.set(&HALF);
    rack.set(&[("envelope.1.trigger", "heal.all")]);
    assert_eq!(rack.tick_to("envelope.1.out"), 0.0);
    let heal = rack.row("heal.all");
    let press = ControlEvent { param: heal, change: Change::Press(0.5), source: Source::Midi };
    let applied = rack.store.apply(&press);
    assert_eq!(applied, crate::params::Applied::Fired(0.5));
    rack.modulators.note_fired(heal, 0.5);
    for wanted in [0.0, 0.25, 0.5, 0.25, 0.0, 0.0] {
        near(rack.tick_to("envelope.1.out"), wanted);
    }
    // A switch keeps it open, at what is sustained.
    rack.set(&[("envelope.1.trigger", "mosh.bloom"), ("envelope.1.sustain", "0.5")]);
    rack.set(&[("mosh.bloom", "on")]);
    for wanted in [0.0, 0.5, 1.0, 0.75, 0.5, 0.5, 0.5] {
        near(rack.tick_to("envelope.1.out"), wanted);
    }
    rack.set(&[("mosh.bloom", "off")]);
    for wanted in [0.5, 0.25, 0.0] {
        near(rack.tick_to("envelope.1.out"), wanted);
    }
    // So does a value, as long as it is in its upper half: modulated ones, too.
    rack.set(&[("envelope.1.trigger", "mix.clean"), ("mix.clean", "0.2")]);
    near(rack.tick_to("envelope.1.out"), 0.0);
    rack.patch(1, "lfo.1.out", "mix.clean", "0.6");
    near(rack.tick_to("envelope.1.out"), 0.0);
    near(rack.tick_to("envelope.1.out"), 0.5);
}

#[test]
fn a_patch_fires_a_trigger_when_its_source_rises_above_the_threshold() {
    let fired = |rack: &mut Rack, values: &[f64]| -> Vec<usize> {
        let source = rack.row("clip.stay");
        let at = |(at, value): (usize, &f64)| {
            rack.store.cut(source, *value);
            let fired = rack.tick();
            assert!(fired.iter().all(|(id, _)| *id == "throw.1"));
            assert!(fired.iter().all(|(_, force)| *force == *value || *value < 0.5));
            (!fired.is_empty()).then_some(at)
        };
        values.iter().enumerate().filter_map(at).collect()
    };
    let mut rack = Rack::with(&[("clip.stay", "1")]);
    rack.patch(1, "clip.stay", "throw.1", "0.5");
    // It is up when the patch is made: that fires nothing.
    assert_eq!(fired(&mut rack, &[1.0, 1.0, 0.5, 0.51, 0.9, 0.2, 0.5, 0.6]), [3, 7]);
    rack.set(&[("patch.1.depth", "1")]);
    assert_eq!(fired(&mut rack, &[0.0, 0.01, 0.0, 1.0, 1.0]), [1, 3]);
    // Below 0: when it falls below the depth's amount.
    rack.set(&[("patch.1.depth", "-0.25")]);
    assert_eq!(fired(&mut rack, &[0.3, 0.25, 0.24, 0.1, 0.3, 0.2]), [2, 5]);
    rack.set(&[("patch.1.depth", "0")]);
    assert!(fired(&mut rack, &[0.0, 1.0, 0.0, 1.0]).is_empty());
}

#[test]
fn what_writes_files_is_fired_by_hands_alone() {
    let mut rack = Rack::with(&[("clip.stay", "0")]);
    let source = rack.row("clip.stay");
    let mut fires = |target: &str| {
        rack.patch(1, "clip.stay", target, "0.5");
        [0.0, 1.0].into_iter().any(|value| {
            rack.store.cut(source, value);
            !rack.tick().is_empty()
        })
    };
    assert!(fires("throw.1"));
    for target in ["preset.store", "preset.update", "set.save", "take.keep", "resample.take"] {
        assert!(!fires(target), "{target}");
    }
}

#[test]
fn every_step_of_a_sequencer_that_is_up_fires() {
    let steps = [1, 2, 4].map(|step| (format!("sequencer.1.steps.{step}"), "1"));
    let mut rack = Rack::with(&[("sequencer.1.length", "4"), ("sequencer.1.beats", "1/2 beat")]);
    for (id, text) in &steps {
        rack.set(&[(id, text)]);
    }
    rack.patch(1, "sequencer.1.out", "grab.3", "1");
    // Half a beat is 2.5 ticks: steps begin at ticks 0, 3, 5, 8, 10, 13.
    let fired: Vec<usize> = (0..15).filter(|_| rack.tick() == [("grab.3", 1.0)]).collect();
    assert_eq!(fired, [3, 8, 10, 13], "the very first was up already");
}

#[test]
fn a_trigger_is_a_source_in_the_tick_in_which_it_fires() {
    let mut rack = Rack::with(&[("decay.mix", "0")]);
    rack.patch(1, "heal.codec", "decay.mix", "0.5");
    rack.patch(2, "heal.codec", "throw.8", "1");
    near(rack.tick_to("decay.mix"), 0.0);
    rack.modulators.note_fired(rack.row("heal.codec"), 0.75);
    assert_eq!(rack.tick(), [("throw.8", 0.75)]);
    near(rack.result("decay.mix"), 0.375);
    assert_eq!(rack.tick(), []);
    near(rack.result("decay.mix"), 0.0);
}

#[test]
fn a_window_is_told_where_each_lfo_is() {
    let mut rack = Rack::with(&[
        ("lfo.1.rate_hz", "0.5"),
        ("lfo.1.phase", "0.25"),
        ("lfo.2.beats", "2 beats"),
        ("lfo.1.shape", "saw"),
    ]);
    for _ in 0..4 {
        rack.tick();
    }
    let periods = rack.modulators.lfo_periods();
    // The fourth tick is 0.3 s after the first: 0.15 of a period of 2 s, and 0.6 beats.
    near(periods[0], 0.15);
    near(periods[1], 0.3);
    // A saw from -1 to 1, a quarter ahead.
    near(rack.result("lfo.1.out"), 2.0 * 0.4 - 1.0);
}
