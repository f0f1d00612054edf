//! The rows of LFOs, envelopes, sequencers, patches, and of what the clip itself gives.
//!
//! Which of them there are is said once, by number; ids never change. Members of a family stand next to
//! each other, as the families of pads do.

use crate::{
    modulation::LfoShape,
    params::{Curve, Grid, ParamIndex, ParamSpec, Registry},
};
use std::sync::LazyLock;

/// How many LFOs there are.
pub const LFOS: usize = 8;
/// How many envelopes there are.
pub const ENVELOPES: usize = 4;
/// How many sequencers there are.
pub const SEQUENCERS: usize = 2;
/// How many patches there are.
pub const PATCHES: usize = 32;
/// Steps of a sequencer.
pub const STEPS: usize = 16;

/// Longest attack, decay, hold or release, in seconds.
const SECS_MAX: f64 = 10.0;

/// What an LFO's period may be: its own, or that of a grid.
const PERIODS: [&str; Grid::NAMES.len()] = {
    let mut names = ["free"; Grid::NAMES.len()];
    let mut at = 1;
    while at < names.len() {
        names[at] = Grid::NAMES[at];
        at += 1;
    }
    names
};

/// What a sequencer's step may be: any grid, but not none.
const STEP_LENGTHS: &[&str] = Grid::NAMES.split_at(1).1;

/// The motion of the access unit that was fed last.
pub const CLIP_MOTION: ParamSpec = ParamSpec::float(
    "clip.motion",
    "Motion",
    "How much moves: the bytes of the access unit just fed, from the stillest twentieth of its clip \
     (0) to the liveliest (1); 0 while the picture is held.",
    (0.0, 1.0),
    0.0,
)
.meter();
/// The brightness of the decoded picture.
pub const CLIP_BRIGHTNESS: ParamSpec = ParamSpec::float(
    "clip.brightness",
    "Brightness",
    "The mean luma of the decoded picture, from black to white.",
    (0.0, 1.0),
    0.0,
)
.meter();

/// A text for ever: rows are declared once a process, so nothing piles up.
fn keep(text: String) -> &'static str {
    text.leak()
}

/// Rows of all members of a family. The first `N` of id and name is the member's number.
fn members(
    count: usize,
    (id, name): (&str, &str),
    row: impl Fn(&'static str, &'static str) -> ParamSpec,
) -> Vec<ParamSpec> {
    let numbered = |text: &str, number: usize| keep(text.replacen('N', &number.to_string(), 1));
    (1..=count).map(|number| row(numbered(id, number), numbered(name, number)).detail()).collect()
}

fn lfo_rows() -> Vec<ParamSpec> {
    let shape = members(LFOS, ("lfo.N.shape", "LFO N shape"), |id, name| {
        let help = "The LFO's wave, from -1 to 1; a rectified sine goes from 0 to 1.";
        ParamSpec::choice(id, name, help, LfoShape::NAMES, 0)
    });
    let rate = members(LFOS, ("lfo.N.rate_hz", "LFO N rate"), |id, name| {
        let help = "Periods a second, while the LFO is free.";
        ParamSpec::float(id, name, help, (0.0, 20.0), 0.5).curve(Curve::Power(3.0)).unit("Hz")
    });
    let beats = members(LFOS, ("lfo.N.beats", "LFO N period"), |id, name| {
        let help =
            "The LFO's period: its own rate (free), or so many beats, beginning with the bar.";
        ParamSpec::choice(id, name, help, &PERIODS, 0)
    });
    let phase = members(LFOS, ("lfo.N.phase", "LFO N phase"), |id, name| {
        let help = "Where in its period the LFO begins.";
        ParamSpec::float(id, name, help, (0.0, 1.0), 0.0)
    });
    let width = members(LFOS, ("lfo.N.width", "LFO N width"), |id, name| {
        let help =
            "Of a square the part of the period that is up, of a random walk its longest step.";
        ParamSpec::float(id, name, help, (0.0, 1.0), 0.5)
    });
    let mut seed = members(LFOS, ("lfo.N.seed", "LFO N seed"), |id, name| {
        let help = "Which chance a random walk, or sample and hold, follows.";
        ParamSpec::int(id, name, help, (0, 65_535), 0)
    });
    // Each its own, or all of them would do the same.
    for (row, number) in seed.iter_mut().zip(1_u8..) {
        (row.default, row.neutral) = (number.into(), number.into());
    }
    let out = members(LFOS, ("lfo.N.out", "LFO N"), |id, name| {
        let help = "What the LFO gives.";
        ParamSpec::float(id, name, help, (-1.0, 1.0), 0.0).meter()
    });
    [shape, rate, beats, phase, width, seed, out].concat()
}

fn envelope_rows() -> Vec<ParamSpec> {
    let secs = |field: &str, word: &str, help: &'static str, default: f64| {
        let (id, name) = (format!("envelope.N.{field}_secs"), format!("Envelope N {word}"));
        members(ENVELOPES, (&id, &name), |id, name| {
            let row = ParamSpec::float(id, name, help, (0.0, SECS_MAX), default);
            row.curve(Curve::Power(3.0)).unit("s")
        })
    };
    let trigger = members(ENVELOPES, ("envelope.N.trigger", "Envelope N trigger"), |id, name| {
        let help = "What begins the envelope: a trigger strikes it with its force, anything else \
                    opens it while in the upper half of its range.";
        ParamSpec::reference(id, name, help)
    });
    let attack = secs("attack", "attack", "How long the envelope takes to its top.", 0.01);
    let decay = secs("decay", "decay", "How long it takes from there to what is sustained.", 0.3);
    let sustain = members(ENVELOPES, ("envelope.N.sustain", "Envelope N sustain"), |id, name| {
        let help = "The level that is kept for as long as the envelope is open.";
        ParamSpec::float(id, name, help, (0.0, 1.0), 0.0)
    });
    let hold = secs("hold", "hold", "How long a strike keeps that level.", 0.0);
    let release = secs("release", "release", "How long it takes down to nothing.", 0.3);
    let out = members(ENVELOPES, ("envelope.N.out", "Envelope N"), |id, name| {
        let help = "What the envelope gives.";
        ParamSpec::float(id, name, help, (0.0, 1.0), 0.0).meter()
    });
    [trigger, attack, decay, sustain, hold, release, out].concat()
}

fn sequencer_rows() -> Vec<ParamSpec> {
    let mut rows = Vec::new();
    for step in 1..=STEPS {
        let id = format!("sequencer.N.steps.{step}");
        let name = format!("Sequencer N step {step}");
        rows.extend(members(SEQUENCERS, (&id, &name), |id, name| {
            ParamSpec::float(id, name, "The height of this step.", (0.0, 1.0), 0.0)
        }));
    }
    rows.extend(members(SEQUENCERS, ("sequencer.N.length", "Sequencer N length"), |id, name| {
        let help = "Steps that are played before the first comes again.";
        ParamSpec::int(id, name, help, (1, STEPS as i64), STEPS as i64)
    }));
    rows.extend(members(SEQUENCERS, ("sequencer.N.beats", "Sequencer N step"), |id, name| {
        let help = "The length of a step; the first begins with the bar.";
        ParamSpec::choice(id, name, help, STEP_LENGTHS, 0)
    }));
    rows.extend(members(SEQUENCERS, ("sequencer.N.glide", "Sequencer N glide"), |id, name| {
        let help = "The part of each step that is taken to come from the one before.";
        ParamSpec::float(id, name, help, (0.0, 1.0), 0.0)
    }));
    rows.extend(members(SEQUENCERS, ("sequencer.N.out", "Sequencer N"), |id, name| {
        let help = "What the sequencer gives.";
        ParamSpec::float(id, name, help, (0.0, 1.0), 0.0).meter()
    }));
    rows
}

fn patch_rows() -> Vec<ParamSpec> {
    let source = members(PATCHES, ("patch.N.source", "Patch N source"), |id, name| {
        let help = "What modulates: any parameter or meter; what goes below 0 counts from -1 to 1, all \
                    else from 0 to 1, a trigger with its force in the tick in which it fires.";
        ParamSpec::reference(id, name, help)
    });
    let target = members(PATCHES, ("patch.N.target", "Patch N target"), |id, name| {
        let help = "What is modulated: any parameter but meters, references, the recorder's switch and \
                    the flash limiter.";
        ParamSpec::reference(id, name, help)
    });
    let depth = members(PATCHES, ("patch.N.depth", "Patch N depth"), |id, name| {
        let help = "How far: 1 is the target's whole range; a trigger fires when the source rises above \
                    1 - depth (below 0: when it falls below the depth's amount).";
        ParamSpec::float(id, name, help, (-1.0, 1.0), 0.0).smoothed(30.0)
    });
    let curve = members(PATCHES, ("patch.N.curve", "Patch N curve"), |id, name| {
        let help = "Bends the source: above 0 small values become smaller, below 0 greater.";
        ParamSpec::float(id, name, help, (-1.0, 1.0), 0.0)
    });
    [source, target, depth, curve].concat()
}

/// All of them, in the order a person reads them.
pub static PARAMS: LazyLock<Vec<ParamSpec>> = LazyLock::new(|| {
    let clip = vec![CLIP_MOTION, CLIP_BRIGHTNESS];
    [clip, lfo_rows(), envelope_rows(), sequencer_rows(), patch_rows()].concat()
});

/// The rows of one LFO.
#[derive(Clone, Copy, Debug)]
pub struct LfoRows {
    pub shape: ParamIndex,
    pub rate: ParamIndex,
    pub beats: ParamIndex,
    pub phase: ParamIndex,
    pub width: ParamIndex,
    pub seed: ParamIndex,
    pub out: ParamIndex,
}

/// The rows of one envelope.
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeRows {
    pub trigger: ParamIndex,
    pub attack: ParamIndex,
    pub decay: ParamIndex,
    pub sustain: ParamIndex,
    pub hold: ParamIndex,
    pub release: ParamIndex,
    pub out: ParamIndex,
}

/// The rows of one sequencer.
#[derive(Clone, Copy, Debug)]
pub struct SequencerRows {
    pub steps: [ParamIndex; STEPS],
    pub length: ParamIndex,
    pub beats: ParamIndex,
    pub glide: ParamIndex,
    pub out: ParamIndex,
}

/// The rows of one patch.
#[derive(Clone, Copy, Debug)]
pub struct PatchRows {
    pub source: ParamIndex,
    pub target: ParamIndex,
    pub depth: ParamIndex,
    pub curve: ParamIndex,
}

/// The rows' places in the registry, looked up once.
#[derive(Clone, Debug)]
pub struct Rows {
    pub lfos: [LfoRows; LFOS],
    pub envelopes: [EnvelopeRows; ENVELOPES],
    pub sequencers: [SequencerRows; SEQUENCERS],
    pub patches: [PatchRows; PATCHES],
}

impl Rows {
    pub fn resolve(registry: &Registry) -> Self {
        let row = |family: &str, place: usize, field: &str| {
            let id = format!("{family}.{}.{field}", place + 1);
            registry.find(&id).expect("declared above, and joined in engine::registry")
        };
        Self {
            lfos: std::array::from_fn(|place| LfoRows {
                shape: row("lfo", place, "shape"),
                rate: row("lfo", place, "rate_hz"),
                beats: row("lfo", place, "beats"),
                phase: row("lfo", place, "phase"),
                width: row("lfo", place, "width"),
                seed: row("lfo", place, "seed"),
                out: row("lfo", place, "out"),
            }),
            envelopes: std::array::from_fn(|place| EnvelopeRows {
                trigger: row("envelope", place, "trigger"),
                attack: row("envelope", place, "attack_secs"),
                decay: row("envelope", place, "decay_secs"),
                sustain: row("envelope", place, "sustain"),
                hold: row("envelope", place, "hold_secs"),
                release: row("envelope", place, "release_secs"),
                out: row("envelope", place, "out"),
            }),
            sequencers: std::array::from_fn(|place| SequencerRows {
                steps: std::array::from_fn(|step| {
                    row("sequencer", place, &format!("steps.{}", step + 1))
                }),
                length: row("sequencer", place, "length"),
                beats: row("sequencer", place, "beats"),
                glide: row("sequencer", place, "glide"),
                out: row("sequencer", place, "out"),
            }),
            patches: std::array::from_fn(|place| PatchRows {
                source: row("patch", place, "source"),
                target: row("patch", place, "target"),
                depth: row("patch", place, "depth"),
                curve: row("patch", place, "curve"),
            }),
        }
    }
}

impl LfoRows {
    /// What the LFO obeys.
    pub fn read(&self) -> [ParamIndex; 6] {
        [self.shape, self.rate, self.beats, self.phase, self.width, self.seed]
    }
}

impl EnvelopeRows {
    /// What the envelope obeys.
    pub fn read(&self) -> [ParamIndex; 5] {
        [self.attack, self.decay, self.sustain, self.hold, self.release]
    }
}

impl SequencerRows {
    /// What the sequencer obeys.
    pub fn read(&self) -> impl Iterator<Item = ParamIndex> {
        self.steps.into_iter().chain([self.length, self.beats, self.glide])
    }
}

impl PatchRows {
    /// What the patch obeys, but for what it joins.
    pub fn read(&self) -> [ParamIndex; 2] {
        [self.depth, self.curve]
    }
}
