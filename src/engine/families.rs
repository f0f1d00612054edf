//! The families of pads: cues, grabs, throws.

use crate::params::{Family, Members, ParamSpec, Registry};

/// Cues of each clip, and slots for grabbed pictures: a row of pads has eight.
pub(super) const FAMILY_SIZE: usize = 8;

static CUE_GO: Family<FAMILY_SIZE> =
    Family::new(ParamSpec::trigger("cue.N.go", "Cue N", "Jumps to this cue of the clip in play."));

static CUE_SET: Family<FAMILY_SIZE> = Family::new(ParamSpec::trigger(
    "cue.N.set",
    "Set cue N",
    "Puts this cue of the clip in play where the playhead is.",
));

pub(super) static CUE_AT: Family<FAMILY_SIZE> = Family::new(
    ParamSpec::float(
        "cue.N.at",
        "Cue N at",
        "Where the cue is, from the clip's start to its end; at first the eight are spread evenly.",
        (0.0, 1.0),
        0.0,
    )
    .transport()
    .per_clip(),
)
.each(|row, place| row.at_first(place as f64 / FAMILY_SIZE as f64));

static GRAB: Family<FAMILY_SIZE> = Family::new(ParamSpec::trigger(
    "grab.N",
    "Grab N",
    "Keeps the picture in this slot, as an intra picture of the clip's own coding.",
));

static THROW: Family<FAMILY_SIZE> = Family::new(ParamSpec::trigger(
    "throw.N",
    "Throw N",
    "Feeds this slot's picture into the running decoder: the next motion tears it.",
));

/// All of them.
pub(super) fn params() -> [&'static [ParamSpec]; 5] {
    [CUE_GO.rows(), CUE_SET.rows(), CUE_AT.rows(), GRAB.rows(), THROW.rows()]
}

/// The families' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Families {
    pub cue_go: Members<FAMILY_SIZE>,
    pub cue_set: Members<FAMILY_SIZE>,
    pub cue_at: Members<FAMILY_SIZE>,
    pub grab: Members<FAMILY_SIZE>,
    pub throw: Members<FAMILY_SIZE>,
}

impl Families {
    pub fn resolve(registry: &Registry) -> Self {
        Self {
            cue_go: CUE_GO.resolve(registry),
            cue_set: CUE_SET.resolve(registry),
            cue_at: CUE_AT.resolve(registry),
            grab: GRAB.resolve(registry),
            throw: THROW.resolve(registry),
        }
    }
}
