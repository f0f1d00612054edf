//! Modulators, and the patches that lay them on other rows.
//!
//! Once a tick, when the values are on their way ([`Store::advance`]), each LFO, envelope, sequencer and
//! patch has its turn, whoever writes before whoever reads ([`plan`]). A patch adds depth x source to its
//! target in normalised units; with all its patches added up, the target's result is
//!
//! clamp(plain(normalised(smoothed) + sum of depth x bend(source)))
//!
//! where the source counts from -1 to 1 if its row goes below 0, and from 0 to 1 if not. What was set is
//! never touched. A patch whose source or target has gone does nothing. Bools and choices go over at half
//! a step. A trigger fires when the source rises above 1 - depth, or with a depth below 0 when it falls
//! below the depth's amount; each patch by itself, and not because it has just been made. Whatever fires
//! so is seen by patches and envelopes in the next tick. The clip's motion and brightness are those of
//! the access unit and the picture of the tick before.
//!
//! Engine thread; allocates nothing in the steady state. Everything here follows from the tick's events,
//! so a take needs no line of it.

mod features;
mod plan;
mod rows;
mod status;
#[cfg(test)]
mod tests;

pub(super) use features::{Features, mean_luma};
pub(super) use rows::{CLIP_BRIGHTNESS, CLIP_MOTION, params};
pub(crate) use rows::{EnvelopeRows, LfoRows, Rows, SequencerRows};
pub use rows::{LFOS, PATCHES};
pub use status::Modulated;

use crate::{
    modulation::{Envelope, EnvelopeSettings, Lfo, LfoSettings, LfoShape, Pace, bend, sequenced},
    params::{CAPACITY, Grid, Kind, ParamIndex, Registry, Snapshot, Store},
};
use plan::{Hands, Joints, NODES, Node, Wire};
use rows::{ENVELOPES, PatchRows, SEQUENCERS, STEPS};
use std::sync::Arc;

/// What time it is.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Length of a tick.
    pub tick_secs: f64,
    /// Beats since the first.
    pub beats: f64,
}

/// A trigger that a patch has fired.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fired {
    /// Which.
    pub trigger: ParamIndex,
    /// With what force, 0..=1.
    pub force: f64,
}

/// All modulators and patches. In each tick [`Self::prepare`], then the store moves on, then
/// [`Self::run`], then [`Self::take_due`] until there is no more.
#[derive(Debug)]
pub struct Modulators {
    registry: Arc<Registry>,
    rows: Rows,
    hands: Hands,
    lfos: [Lfo; LFOS],
    envelopes: [Envelope; ENVELOPES],
    /// The step of each sequencer, and whether it is another than a tick ago.
    steps: [u64; SEQUENCERS],
    has_stepped: [bool; SEQUENCERS],
    joints: Joints,
    order: [Node; NODES],
    /// Of each patch on a trigger, whether its source is beyond the threshold.
    is_beyond: [bool; PATCHES],
    /// By row: patches on it that have not had their turn, their sum, and its last result.
    pending: Vec<u8>,
    sums: Vec<f64>,
    before: Vec<f64>,
    /// By row: with what force it has fired since the last tick, and which have.
    forces: Vec<f64>,
    fired: Vec<ParamIndex>,
    /// What patches have fired in this tick.
    due: Vec<Fired>,
}

impl Modulators {
    /// At rest, nothing joined.
    pub fn new(registry: Arc<Registry>) -> Self {
        let rows = Rows::resolve(&registry);
        let hands = Hands::new(&rows);
        let joints = Joints::default();
        Self {
            order: hands.order(&joints),
            lfos: Default::default(),
            envelopes: Default::default(),
            steps: [0; SEQUENCERS],
            has_stepped: [false; SEQUENCERS],
            is_beyond: [true; PATCHES],
            pending: vec![0; CAPACITY],
            sums: vec![0.0; CAPACITY],
            before: vec![0.0; CAPACITY],
            forces: vec![0.0; CAPACITY],
            fired: Vec::with_capacity(CAPACITY),
            due: Vec::with_capacity(PATCHES),
            joints,
            hands,
            rows,
            registry,
        }
    }

    /// A trigger has fired: this tick's patches and envelopes see it.
    pub fn note_fired(&mut self, trigger: ParamIndex, force: f64) {
        let trigger = self.registry.current(trigger);
        let noted = &mut self.forces[trigger.dense()];
        if *noted == 0.0 && force > 0.0 {
            self.fired.push(trigger);
        }
        *noted = noted.max(force);
    }

    /// Looks at what is joined and what the last tick has left, before values move on.
    pub fn prepare(&mut self, store: &Store) {
        let joints = self.joints_of(store.base());
        if joints != self.joints {
            for (at, wire) in joints.wires.iter().enumerate() {
                // A new patch fires nothing that is up already.
                self.is_beyond[at] |= *wire != self.joints.wires[at];
            }
            self.joints = joints;
            self.order = self.hands.order(&joints);
        }
        for wire in self.joints.wires.iter().flatten() {
            let target = wire.target.dense();
            self.pending[target] += 1;
            self.sums[target] = 0.0;
            self.before[target] = store.result().get(wire.target);
        }
    }

    fn joints_of(&self, base: &Snapshot) -> Joints {
        let named = |row: ParamIndex| {
            let row = self.registry.named_by(base.get(row))?;
            base.has(row).then_some(row)
        };
        let wire = |patch: &PatchRows| {
            let (source, target) = (named(patch.source)?, named(patch.target)?);
            let is_source = self.registry.row(source).kind != Kind::Reference;
            (is_source && self.is_target(target)).then_some(Wire { source, target })
        };
        Joints {
            wires: self.rows.patches.each_ref().map(wire),
            triggers: self.rows.envelopes.each_ref().map(|envelope| named(envelope.trigger)),
        }
    }

    fn is_target(&self, row: ParamIndex) -> bool {
        let spec = self.registry.row(row);
        spec.can_be_modulated() || spec.can_be_fired()
    }

    /// Gives everyone their turn, after values have moved on.
    pub fn run(&mut self, store: &mut Store, moment: Moment) {
        self.due.clear();
        for turn in 0..NODES {
            match self.order[turn] {
                Node::Lfo(at) => self.run_lfo(at, store, moment),
                Node::Envelope(at) => self.run_envelope(at, store, moment),
                Node::Sequencer(at) => self.run_sequencer(at, store, moment),
                Node::Patch(at) => self.run_patch(at, store),
            }
        }
        for trigger in self.fired.drain(..) {
            self.forces[trigger.dense()] = 0.0;
        }
    }

    /// What patches have fired in this tick, in their order; to be asked until there is no more.
    pub fn take_due(&mut self) -> Option<Fired> {
        (!self.due.is_empty()).then(|| self.due.remove(0))
    }

    /// What a row has now; in a ring, what it had a tick ago.
    fn read(&self, store: &Store, row: ParamIndex) -> f64 {
        match self.pending[row.dense()] {
            0 => store.result().get(row),
            _ => self.before[row.dense()],
        }
    }

    fn read_int(&self, store: &Store, row: ParamIndex) -> i64 {
        self.read(store, row).round() as i64
    }

    fn run_lfo(&mut self, at: usize, store: &mut Store, moment: Moment) {
        let rows = self.rows.lfos[at];
        let grid = Grid::of_choice(self.read_int(store, rows.beats));
        let pace = match grid.beats() {
            None => Pace::Free { hertz: self.read(store, rows.rate) },
            Some(period_beats) => Pace::Beats { beats: moment.beats, period_beats },
        };
        let settings = LfoSettings {
            shape: LfoShape::of_choice(self.read_int(store, rows.shape)),
            pace,
            phase: self.read(store, rows.phase),
            width: self.read(store, rows.width),
            seed: self.read_int(store, rows.seed).unsigned_abs(),
        };
        let value = self.lfos[at].next(&settings, moment.tick_secs);
        store.cut(rows.out, value);
    }

    fn run_envelope(&mut self, at: usize, store: &mut Store, moment: Moment) {
        let rows = self.rows.envelopes[at];
        let settings = EnvelopeSettings {
            attack_secs: self.read(store, rows.attack),
            decay_secs: self.read(store, rows.decay),
            sustain: self.read(store, rows.sustain),
            hold_secs: self.read(store, rows.hold),
            release_secs: self.read(store, rows.release),
        };
        let mut is_open = false;
        if let Some(trigger) = self.joints.triggers[at] {
            let row = self.registry.row(trigger);
            if row.kind == Kind::Trigger {
                let force = self.forces[trigger.dense()];
                if force > 0.0 {
                    self.envelopes[at].strike(force);
                }
            } else {
                is_open = row.normalised_from_plain(self.read(store, trigger)) >= 0.5;
            }
        }
        let envelope = &mut self.envelopes[at];
        envelope.gate(is_open);
        let value = envelope.next(&settings, moment.tick_secs);
        store.cut(rows.out, value);
    }

    fn run_sequencer(&mut self, at: usize, store: &mut Store, moment: Moment) {
        let rows = self.rows.sequencers[at];
        let steps: [f64; STEPS] = rows.steps.map(|step| self.read(store, step));
        let len = (self.read_int(store, rows.length).max(1) as usize).min(STEPS);
        // Its choices are the grids without the first, which is none.
        let grid = Grid::of_choice(self.read_int(store, rows.beats) + 1);
        let step_beats = grid.beats().unwrap_or(1.0);
        let glide = self.read(store, rows.glide);
        let now = sequenced(&steps[..len], moment.beats, step_beats, glide);
        self.has_stepped[at] = now.number != self.steps[at];
        self.steps[at] = now.number;
        store.cut(rows.out, now.value);
    }

    fn run_patch(&mut self, at: usize, store: &mut Store) {
        let Some(wire) = self.joints.wires[at] else { return };
        let rows = self.rows.patches[at];
        let depth = self.read(store, rows.depth);
        let value = bend(self.value(store, wire.source), self.read(store, rows.curve));
        let target = wire.target.dense();
        self.pending[target] -= 1;
        if self.registry.row(wire.target).kind == Kind::Trigger {
            self.mind_threshold(at, wire, depth, value);
            return;
        }
        self.sums[target] += depth * value;
        if self.pending[target] == 0 && self.sums[target] != 0.0 {
            store.modulate_normalised(wire.target, self.sums[target]);
        }
    }

    /// What a source gives: -1..=1 where its row goes below 0, else 0..=1.
    fn value(&self, store: &Store, source: ParamIndex) -> f64 {
        let row = self.registry.row(source);
        if row.kind == Kind::Trigger {
            return self.forces[source.dense()];
        }
        let part = row.normalised_from_plain(self.read(store, source));
        if row.range().0 < 0.0 { 2.0 * part - 1.0 } else { part }
    }

    /// Fires the trigger when the source goes beyond the threshold, and at each step of a sequencer
    /// that is.
    fn mind_threshold(&mut self, at: usize, wire: Wire, depth: f64, value: f64) {
        let is_beyond = match depth {
            0.0 => false,
            depth if depth > 0.0 => value > 1.0 - depth,
            depth => value < -depth,
        };
        let is_new = match self.hands.maker(wire.source) {
            Some(Node::Sequencer(sequencer)) => self.has_stepped[sequencer],
            _ => false,
        };
        if is_beyond && (!self.is_beyond[at] || is_new) {
            let force = if depth > 0.0 { value.clamp(0.0, 1.0) } else { 1.0 };
            self.due.push(Fired { trigger: wire.target, force });
        }
        self.is_beyond[at] = is_beyond;
    }
}
