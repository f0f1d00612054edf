//! What can be said to the eye, and what it says; and the wear that the edge of recognition adds.

use crate::params::{ParamIndex, ParamSpec, Registry, Store};

/// What the edge of recognition may steer, by the names of `recognition.steers`; the last steers nothing
/// by itself.
pub const STEERED: &[&str] = &["wear", "blur", "noise", "trails", "patches"];

/// What each of them adds to at a whole `recognition.wear`: the row, and how much in its own unit.
///
/// Blur takes away what a picture is known by little by little, the more the older the trails; blocks are
/// not among them, since a classifier may know a picture better in coarser ones.
const TARGETS: [&[(&str, Part)]; 4] = [
    &[("decay.blur_radius_px", Part::Add(8.0)), ("decay.feedback", Part::Toward(0.9, 0.07))],
    &[("decay.blur_radius_px", Part::Add(8.0))],
    &[("decay.noise_amplitude", Part::Add(64.0))],
    &[("decay.feedback", Part::Toward(0.98, 0.0))],
];
/// Rows of one of them at most.
const PARTS: usize = 2;

/// How a row is moved.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// By so much.
    Add(f64),
    /// To the first, unless it is above it already; all wear takes it further by the second, which only
    /// comes near the end: old trails are slow to follow.
    Toward(f64, f64),
}

/// What the eye goes by, by the names of `recognition.by`.
pub const SIGHTS: &[&str] = &["nothing", "model", "likeness"];

/// How it goes at the edge, by the names of `recognition.state`.
pub const STATES: &[&str] = &["off", "seeking", "holding", "out_of_reach"];

/// Whether the eye looks.
pub const RECOGNITION_ON: ParamSpec = ParamSpec::switch(
    "recognition.on",
    "Recognise",
    "Looks at the programme a few times a second, and says how sure it is of what the clean picture of \
     the same place shows: by a classifier where one was named, else by how alike the two are.",
    false,
)
.transport();
/// Whether wear is steered.
pub const RECOGNITION_EDGE: ParamSpec = ParamSpec::switch(
    "recognition.edge",
    "Edge of recognition",
    "Wears the picture just so far that the confidence stays at its level: between being something and \
     being nothing. The eye is open meanwhile.",
    false,
)
.transport();
/// Where the confidence is to stay.
pub const RECOGNITION_LEVEL: ParamSpec = ParamSpec::float(
    "recognition.level",
    "Edge level",
    "The confidence that the edge of recognition keeps.",
    (0.0, 1.0),
    0.5,
)
.transport();
/// How far it may go.
pub const RECOGNITION_REACH: ParamSpec = ParamSpec::float(
    "recognition.reach",
    "Edge strength",
    "How much wear the edge of recognition may add at most: 1 = all there is.",
    (0.0, 1.0),
    1.0,
)
.transport();
/// What is steered.
pub const RECOGNITION_STEERS: ParamSpec = ParamSpec::choice(
    "recognition.steers",
    "Edge steers",
    "What the edge of recognition adds to: blur and trails (wear), one of them alone, or noise, each \
     where its switch is on; or nothing but what patches take from recognition.wear.",
    STEERED,
    0,
)
.transport()
.detail();
/// What it sees.
pub const RECOGNITION_CLASS: ParamSpec = ParamSpec::int(
    "recognition.class",
    "Class seen",
    "The line of the labels that the programme is taken for, counted from 1; 0 = nothing is said.",
    (0, 100_000),
    0,
)
.meter();
/// How sure it is.
pub const RECOGNITION_CONFIDENCE: ParamSpec = ParamSpec::float(
    "recognition.confidence",
    "Confidence",
    "How sure the eye is that the programme shows what the clean picture shows; without a classifier \
     how alike the two are.",
    (0.0, 1.0),
    0.0,
)
.meter();
/// What the edge gives.
pub const RECOGNITION_WEAR: ParamSpec = ParamSpec::float(
    "recognition.wear",
    "Edge wear",
    "How much wear the edge of recognition gives at this moment.",
    (0.0, 1.0),
    0.0,
)
.meter();
/// What it goes by.
pub const RECOGNITION_BY: ParamSpec = ParamSpec::choice(
    "recognition.by",
    "Recognised by",
    "What the confidence is of: nothing (the eye is shut), the model's class, or the likeness to the \
     clean picture.",
    SIGHTS,
    0,
)
.meter()
.detail();
/// How it goes.
pub const RECOGNITION_STATE: ParamSpec = ParamSpec::choice(
    "recognition.state",
    "Edge state",
    "How it goes at the edge of recognition: off, seeking its level, holding it, or the level is out of \
     reach.",
    STATES,
    0,
)
.meter()
.detail();
/// It is nothing any more.
pub const RECOGNITION_LOST: ParamSpec = ParamSpec::trigger(
    "recognition.lost",
    "Lost",
    "Fires when the programme is no more taken for what the clean picture shows.",
)
.meter();
/// It is something again.
pub const RECOGNITION_FOUND: ParamSpec = ParamSpec::trigger(
    "recognition.found",
    "Found",
    "Fires when the programme is taken for what the clean picture shows, again.",
)
.meter();

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    RECOGNITION_ON,
    RECOGNITION_EDGE,
    RECOGNITION_LEVEL,
    RECOGNITION_REACH,
    RECOGNITION_STEERS,
    RECOGNITION_CLASS,
    RECOGNITION_CONFIDENCE,
    RECOGNITION_WEAR,
    RECOGNITION_BY,
    RECOGNITION_STATE,
    RECOGNITION_LOST,
    RECOGNITION_FOUND,
];

/// Adds the edge's wear to what it steers. Neither blocks nor allocates.
#[derive(Clone, Debug)]
pub struct Steering {
    edge: ParamIndex,
    wear: ParamIndex,
    reach: ParamIndex,
    steers: ParamIndex,
    targets: [[Option<(ParamIndex, Part)>; PARTS]; TARGETS.len()],
}

impl Steering {
    /// The rows of a registry that has [`PARAMS`].
    pub fn resolve(registry: &Registry) -> Self {
        Self {
            edge: registry.index_of(&RECOGNITION_EDGE),
            wear: registry.index_of(&RECOGNITION_WEAR),
            reach: registry.index_of(&RECOGNITION_REACH),
            steers: registry.index_of(&RECOGNITION_STEERS),
            targets: TARGETS.map(|parts| {
                std::array::from_fn(|at| {
                    let (id, part) = parts.get(at)?;
                    Some((registry.find(id)?, *part))
                })
            }),
        }
    }

    /// Whether wear is steered at all: [`RECOGNITION_EDGE`].
    pub fn edge_row(&self) -> ParamIndex {
        self.edge
    }

    /// Once a tick, after what patches have done.
    pub fn apply(&self, store: &mut Store) {
        let result = store.result();
        if !result.is_on(self.edge) {
            return;
        }
        let wear = result.get(self.wear) * result.get(self.reach);
        let chosen = usize::try_from(result.int(self.steers)).ok();
        let Some(parts) = chosen.and_then(|chosen| self.targets.get(chosen)) else { return };
        for (param, part) in parts.iter().flatten().filter(|_| wear > 0.0) {
            let more = match part {
                Part::Add(whole) => *whole,
                Part::Toward(end, last) => {
                    let end = end + last * wear.powi(4);
                    (end - store.result().get(*param)).max(0.0)
                }
            };
            store.modulate(*param, more * wear);
        }
    }
}
