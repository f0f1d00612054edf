//! The rows of LFOs, envelopes, sequencers, patches, and of what the clip itself gives.
//!
//! Which of them there are is said once, by number; ids never change. Members of a family stand next to
//! each other, as the families of pads do.

use crate::{
    modulation::LfoShape,
    params::{Curve, Family, Grid, ParamIndex, ParamSpec, Registry},
};
use std::array;

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

/// A family of details.
const fn details<const COUNT: usize>(row: ParamSpec) -> Family<COUNT> {
    Family::new(row.detail())
}

static LFO_SHAPE: Family<LFOS> = details(ParamSpec::choice(
    "lfo.N.shape",
    "LFO N shape",
    "The LFO's wave, from -1 to 1; a rectified sine goes from 0 to 1.",
    LfoShape::NAMES,
    0,
));
static LFO_RATE: Family<LFOS> = details(
    ParamSpec::float(
        "lfo.N.rate_hz",
        "LFO N rate",
        "Periods a second, while the LFO is free.",
        (0.0, 20.0),
        0.5,
    )
    .curve(Curve::Power(3.0))
    .unit("Hz"),
);
static LFO_BEATS: Family<LFOS> = details(ParamSpec::choice(
    "lfo.N.beats",
    "LFO N period",
    "The LFO's period: its own rate (free), or so many beats, beginning with the bar.",
    &PERIODS,
    0,
));
static LFO_PHASE: Family<LFOS> = details(ParamSpec::float(
    "lfo.N.phase",
    "LFO N phase",
    "Where in its period the LFO begins.",
    (0.0, 1.0),
    0.0,
));
static LFO_WIDTH: Family<LFOS> = details(ParamSpec::float(
    "lfo.N.width",
    "LFO N width",
    "Of a square the part of the period that is up, of a random walk its longest step.",
    (0.0, 1.0),
    0.5,
));
// Each its own, or all of them would do the same.
static LFO_SEED: Family<LFOS> = details(ParamSpec::int(
    "lfo.N.seed",
    "LFO N seed",
    "Which chance a random walk, or sample and hold, follows.",
    (0, 65_535),
    0,
))
.each(|row, place| row.at_first((place + 1) as f64));
static LFO_OUT: Family<LFOS> = details(
    ParamSpec::float("lfo.N.out", "LFO N", "What the LFO gives.", (-1.0, 1.0), 0.0).meter(),
);

const fn envelope_secs(
    id: &'static str,
    name: &'static str,
    help: &'static str,
    default: f64,
) -> Family<ENVELOPES> {
    let row = ParamSpec::float(id, name, help, (0.0, SECS_MAX), default);
    details(row.curve(Curve::Power(3.0)).unit("s"))
}

static ENVELOPE_TRIGGER: Family<ENVELOPES> = details(ParamSpec::reference(
    "envelope.N.trigger",
    "Envelope N trigger",
    "What begins the envelope: a trigger strikes it with its force, anything else opens it while in \
     the upper half of its range.",
));
static ENVELOPE_ATTACK: Family<ENVELOPES> = envelope_secs(
    "envelope.N.attack_secs",
    "Envelope N attack",
    "How long the envelope takes to its top.",
    0.01,
);
static ENVELOPE_DECAY: Family<ENVELOPES> = envelope_secs(
    "envelope.N.decay_secs",
    "Envelope N decay",
    "How long it takes from there to what is sustained.",
    0.3,
);
static ENVELOPE_SUSTAIN: Family<ENVELOPES> = details(ParamSpec::float(
    "envelope.N.sustain",
    "Envelope N sustain",
    "The level that is kept for as long as the envelope is open.",
    (0.0, 1.0),
    0.0,
));
static ENVELOPE_HOLD: Family<ENVELOPES> = envelope_secs(
    "envelope.N.hold_secs",
    "Envelope N hold",
    "How long a strike keeps that level.",
    0.0,
);
static ENVELOPE_RELEASE: Family<ENVELOPES> = envelope_secs(
    "envelope.N.release_secs",
    "Envelope N release",
    "How long it takes down to nothing.",
    0.3,
);
static ENVELOPE_OUT: Family<ENVELOPES> = details(
    ParamSpec::float("envelope.N.out", "Envelope N", "What the envelope gives.", (0.0, 1.0), 0.0)
        .meter(),
);

/// The same step of all sequencers, then the next.
static SEQUENCER_STEPS: Family<{ SEQUENCERS * STEPS }> = details(ParamSpec::float(
    "sequencer.N.steps.M",
    "Sequencer N step M",
    "The height of this step.",
    (0.0, 1.0),
    0.0,
))
.numbered(|place| [place % SEQUENCERS + 1, place / SEQUENCERS + 1]);
static SEQUENCER_LENGTH: Family<SEQUENCERS> = details(ParamSpec::int(
    "sequencer.N.length",
    "Sequencer N length",
    "Steps that are played before the first comes again.",
    (1, STEPS as i64),
    STEPS as i64,
));
static SEQUENCER_BEATS: Family<SEQUENCERS> = details(ParamSpec::choice(
    "sequencer.N.beats",
    "Sequencer N step",
    "The length of a step; the first begins with the bar.",
    STEP_LENGTHS,
    0,
));
static SEQUENCER_GLIDE: Family<SEQUENCERS> = details(ParamSpec::float(
    "sequencer.N.glide",
    "Sequencer N glide",
    "The part of each step that is taken to come from the one before.",
    (0.0, 1.0),
    0.0,
));
static SEQUENCER_OUT: Family<SEQUENCERS> = details(
    ParamSpec::float(
        "sequencer.N.out",
        "Sequencer N",
        "What the sequencer gives.",
        (0.0, 1.0),
        0.0,
    )
    .meter(),
);

static PATCH_SOURCE: Family<PATCHES> = details(ParamSpec::reference(
    "patch.N.source",
    "Patch N source",
    "What modulates: any parameter or meter; what goes below 0 counts from -1 to 1, all else from 0 \
     to 1, a trigger with its force in the tick in which it fires.",
));
static PATCH_TARGET: Family<PATCHES> = details(ParamSpec::reference(
    "patch.N.target",
    "Patch N target",
    "What is modulated: any parameter but meters, references, the recorder's switch and the flash \
     limiter.",
));
static PATCH_DEPTH: Family<PATCHES> = details(
    ParamSpec::float(
        "patch.N.depth",
        "Patch N depth",
        "How far: 1 is the target's whole range; a trigger fires when the source rises above 1 - depth \
         (below 0: when it falls below the depth's amount).",
        (-1.0, 1.0),
        0.0,
    )
    .smoothed(30.0),
);
static PATCH_CURVE: Family<PATCHES> = details(ParamSpec::float(
    "patch.N.curve",
    "Patch N curve",
    "Bends the source: above 0 small values become smaller, below 0 greater.",
    (-1.0, 1.0),
    0.0,
));

/// All of them, in the order a person reads them.
pub fn params() -> [&'static [ParamSpec]; 24] {
    [
        &[CLIP_MOTION, CLIP_BRIGHTNESS],
        LFO_SHAPE.rows(),
        LFO_RATE.rows(),
        LFO_BEATS.rows(),
        LFO_PHASE.rows(),
        LFO_WIDTH.rows(),
        LFO_SEED.rows(),
        LFO_OUT.rows(),
        ENVELOPE_TRIGGER.rows(),
        ENVELOPE_ATTACK.rows(),
        ENVELOPE_DECAY.rows(),
        ENVELOPE_SUSTAIN.rows(),
        ENVELOPE_HOLD.rows(),
        ENVELOPE_RELEASE.rows(),
        ENVELOPE_OUT.rows(),
        SEQUENCER_STEPS.rows(),
        SEQUENCER_LENGTH.rows(),
        SEQUENCER_BEATS.rows(),
        SEQUENCER_GLIDE.rows(),
        SEQUENCER_OUT.rows(),
        PATCH_SOURCE.rows(),
        PATCH_TARGET.rows(),
        PATCH_DEPTH.rows(),
        PATCH_CURVE.rows(),
    ]
}

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
        Self {
            lfos: LfoRows::resolve(registry),
            envelopes: EnvelopeRows::resolve(registry),
            sequencers: SequencerRows::resolve(registry),
            patches: PatchRows::resolve(registry),
        }
    }
}

impl LfoRows {
    fn resolve(registry: &Registry) -> [Self; LFOS] {
        let shape = LFO_SHAPE.resolve(registry);
        let rate = LFO_RATE.resolve(registry);
        let beats = LFO_BEATS.resolve(registry);
        let phase = LFO_PHASE.resolve(registry);
        let width = LFO_WIDTH.resolve(registry);
        let seed = LFO_SEED.resolve(registry);
        let out = LFO_OUT.resolve(registry);
        array::from_fn(|place| Self {
            shape: shape[place],
            rate: rate[place],
            beats: beats[place],
            phase: phase[place],
            width: width[place],
            seed: seed[place],
            out: out[place],
        })
    }

    /// What the LFO obeys.
    pub fn read(&self) -> [ParamIndex; 6] {
        [self.shape, self.rate, self.beats, self.phase, self.width, self.seed]
    }
}

impl EnvelopeRows {
    fn resolve(registry: &Registry) -> [Self; ENVELOPES] {
        let trigger = ENVELOPE_TRIGGER.resolve(registry);
        let attack = ENVELOPE_ATTACK.resolve(registry);
        let decay = ENVELOPE_DECAY.resolve(registry);
        let sustain = ENVELOPE_SUSTAIN.resolve(registry);
        let hold = ENVELOPE_HOLD.resolve(registry);
        let release = ENVELOPE_RELEASE.resolve(registry);
        let out = ENVELOPE_OUT.resolve(registry);
        array::from_fn(|place| Self {
            trigger: trigger[place],
            attack: attack[place],
            decay: decay[place],
            sustain: sustain[place],
            hold: hold[place],
            release: release[place],
            out: out[place],
        })
    }

    /// What the envelope obeys.
    pub fn read(&self) -> [ParamIndex; 5] {
        [self.attack, self.decay, self.sustain, self.hold, self.release]
    }
}

impl SequencerRows {
    fn resolve(registry: &Registry) -> [Self; SEQUENCERS] {
        let steps = SEQUENCER_STEPS.resolve(registry);
        let length = SEQUENCER_LENGTH.resolve(registry);
        let beats = SEQUENCER_BEATS.resolve(registry);
        let glide = SEQUENCER_GLIDE.resolve(registry);
        let out = SEQUENCER_OUT.resolve(registry);
        array::from_fn(|place| Self {
            steps: array::from_fn(|step| steps[step * SEQUENCERS + place]),
            length: length[place],
            beats: beats[place],
            glide: glide[place],
            out: out[place],
        })
    }

    /// What the sequencer obeys.
    pub fn read(&self) -> impl Iterator<Item = ParamIndex> {
        self.steps.into_iter().chain([self.length, self.beats, self.glide])
    }
}

impl PatchRows {
    fn resolve(registry: &Registry) -> [Self; PATCHES] {
        let source = PATCH_SOURCE.resolve(registry);
        let target = PATCH_TARGET.resolve(registry);
        let depth = PATCH_DEPTH.resolve(registry);
        let curve = PATCH_CURVE.resolve(registry);
        array::from_fn(|place| Self {
            source: source[place],
            target: target[place],
            depth: depth[place],
            curve: curve[place],
        })
    }

    /// What the patch obeys, but for what it joins.
    pub fn read(&self) -> [ParamIndex; 2] {
        [self.depth, self.curve]
    }
}
