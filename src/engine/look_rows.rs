//! The rows of presets, snapshots and the crossfader, and of what is written to files while playing.

use crate::params::{Family, Members, ParamIndex, ParamSpec, Registry, SNAPSHOTS};

/// Presets that can be called by number: as many as MIDI has programs.
pub const PRESETS_MAX: usize = 128;

/// The preset in force.
pub const PRESET_SELECT: ParamSpec = ParamSpec::int(
    "preset.select",
    "Preset",
    "Recalls this preset, as `residua presets` numbers them: every look that is not excluded goes \
     to what the preset says, or to neutral. 0 is none.",
    (0, PRESETS_MAX as i64),
    0,
)
.transport();
/// The look as a file.
pub const PRESET_STORE: ParamSpec = ParamSpec::trigger(
    "preset.store",
    "Keep as preset",
    "Writes the look as it is set now to a new file in the folder presets beside the set.",
)
.by_hand();
/// The look into the preset it came from.
pub const PRESET_UPDATE: ParamSpec = ParamSpec::trigger(
    "preset.update",
    "Update preset",
    "Writes the look as it is set now into the file of the preset that was recalled last.",
)
.by_hand();
/// How long a recall takes.
pub const MORPH_SECS: ParamSpec = ParamSpec::float(
    "snapshot.morph_secs",
    "Morph",
    "How long presets and snapshots take to come; what is touched meanwhile is left to the hand.",
    (0.0, 60.0),
    0.0,
)
.unit("s")
.transport();
/// One end of the crossfader.
pub const CROSSFADE_A: ParamSpec = ParamSpec::int(
    "crossfade.a",
    "Crossfade A",
    "The snapshot at one end of the crossfader; 0 is none.",
    (0, SNAPSHOTS as i64),
    0,
)
.transport();
/// The other end.
pub const CROSSFADE_B: ParamSpec = ParamSpec::int(
    "crossfade.b",
    "Crossfade B",
    "The snapshot at the other end of the crossfader; 0 is none.",
    (0, SNAPSHOTS as i64),
    0,
)
.transport();
/// Where the crossfader is.
pub const CROSSFADE_POSITION: ParamSpec = ParamSpec::float(
    "crossfade.position",
    "Crossfade",
    "Sets every look that is not excluded between snapshot A (0) and snapshot B (1).",
    (0.0, 1.0),
    0.0,
)
.transport();
/// The set as a file.
pub const SET_SAVE: ParamSpec = ParamSpec::trigger(
    "set.save",
    "Save set",
    "Writes what is set now into the set's file; what else stands in it, comments included, stays.",
)
.by_hand();

static RECALL: Family<SNAPSHOTS> = Family::new(ParamSpec::trigger(
    "snapshot.N.recall",
    "Snapshot N",
    "Goes to the look that this snapshot keeps.",
));

static STORE: Family<SNAPSHOTS> = Family::new(ParamSpec::trigger(
    "snapshot.N.store",
    "Store snapshot N",
    "Keeps the look as it is set now in this snapshot.",
));

static SINGLE: [ParamSpec; 8] = [
    PRESET_SELECT,
    PRESET_STORE,
    PRESET_UPDATE,
    MORPH_SECS,
    CROSSFADE_A,
    CROSSFADE_B,
    CROSSFADE_POSITION,
    SET_SAVE,
];

/// All of them.
pub(super) fn params() -> [&'static [ParamSpec]; 3] {
    [&SINGLE, RECALL.rows(), STORE.rows()]
}

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub(super) struct LookRows {
    pub preset_select: ParamIndex,
    pub preset_store: ParamIndex,
    pub preset_update: ParamIndex,
    pub morph_secs: ParamIndex,
    pub crossfade_a: ParamIndex,
    pub crossfade_b: ParamIndex,
    pub crossfade_position: ParamIndex,
    pub set_save: ParamIndex,
    pub recall: Members<SNAPSHOTS>,
    pub store: Members<SNAPSHOTS>,
}

impl LookRows {
    /// Whether the crossfader is moved by this row, which sets looks as a whole.
    pub fn is_crossfader(&self, param: ParamIndex) -> bool {
        [self.crossfade_a, self.crossfade_b, self.crossfade_position].contains(&param)
    }

    pub fn resolve(registry: &Registry) -> Self {
        Self {
            preset_select: registry.index_of(&PRESET_SELECT),
            preset_store: registry.index_of(&PRESET_STORE),
            preset_update: registry.index_of(&PRESET_UPDATE),
            morph_secs: registry.index_of(&MORPH_SECS),
            crossfade_a: registry.index_of(&CROSSFADE_A),
            crossfade_b: registry.index_of(&CROSSFADE_B),
            crossfade_position: registry.index_of(&CROSSFADE_POSITION),
            set_save: registry.index_of(&SET_SAVE),
            recall: RECALL.resolve(registry),
            store: STORE.resolve(registry),
        }
    }
}
