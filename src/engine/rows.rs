//! The parameters that the engine itself obeys.

use crate::params::{ParamIndex, ParamSpec, Registry};

/// The clip in play.
pub const CLIP_SELECT: ParamSpec = ParamSpec::int(
    "clip.select",
    "Clip",
    "The clip in play, counted from 1 as in the set.",
    (1, 64),
    1,
)
.transport();
/// How a clip is entered.
pub const CLIP_SWITCH: ParamSpec = ParamSpec::choice(
    "clip.switch",
    "Entry",
    "Whether another clip's motion lands on the picture there is (mosh), or the clip's own intra \
     picture is fed first (heal).",
    &["mosh", "heal"],
    0,
)
.transport();
/// Heals the codec's picture.
pub const HEAL_CODEC: ParamSpec = ParamSpec::trigger(
    "heal.codec",
    "Heal mosh",
    "Feeds the intra picture at or before the playhead's place and goes on from there.",
);
/// Heals the worn picture.
pub const HEAL_DECAY: ParamSpec =
    ParamSpec::trigger("heal.decay", "Heal wear", "Clears the worn picture: age 0.");
/// Heals both.
pub const HEAL_ALL: ParamSpec =
    ParamSpec::trigger("heal.all", "Heal", "Heals the codec's picture and the worn one.");
/// Repeats the superframe.
pub const MOSH_BLOOM: ParamSpec = ParamSpec::switch(
    "mosh.bloom",
    "Bloom",
    "While on, the superframe is repeated: its motion is added again and again.",
    false,
)
.transport();
/// Bloom and long trails.
pub const MOSH_MELT: ParamSpec = ParamSpec::switch(
    "mosh.melt",
    "Melt",
    "While held, the superframe blooms and the trails hardly fade; lets go over a second.",
    false,
)
.transport();
/// Brightness of the programme.
pub const PROGRAMME_LEVEL: ParamSpec = ParamSpec::float(
    "programme.level",
    "Level",
    "Brightness of the programme, from black to as it is.",
    (0.0, 1.0),
    1.0,
)
.smoothed(30.0)
.transport();
/// To black.
pub const PROGRAMME_BLACKOUT: ParamSpec = ParamSpec::switch(
    "programme.blackout",
    "Blackout",
    "Fades the programme to black, and back.",
    false,
)
.transport();
/// Length of the fade.
pub const PROGRAMME_BLACKOUT_SECS: ParamSpec = ParamSpec::float(
    "programme.blackout_secs",
    "Blackout fade",
    "How long the fade to black and back takes; 0 is a cut.",
    (0.0, 2.0),
    0.25,
)
.unit("s")
.transport();
/// Freezes the programme.
pub const PROGRAMME_HOLD: ParamSpec = ParamSpec::switch(
    "programme.hold",
    "Hold",
    "The audience keeps seeing this picture while the instrument plays on beneath it.",
    false,
)
.transport();
/// The recorder.
pub const RECORDER_ON: ParamSpec =
    ParamSpec::switch("recorder.on", "Record", "Records the programme to a new file.", false)
        .transport();
/// Everything back to where it is safe.
pub const PANIC: ParamSpec = ParamSpec::trigger(
    "panic",
    "Panic",
    "Heals all, lets go what is latched, neutral look, blackout off; clip and recording go on.",
);
/// Takes the panic back.
pub const PANIC_UNDO: ParamSpec = ParamSpec::trigger(
    "panic.undo",
    "Undo panic",
    "Puts every value back to what it was before the last panic.",
);

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    CLIP_SELECT,
    CLIP_SWITCH,
    HEAL_CODEC,
    HEAL_DECAY,
    HEAL_ALL,
    MOSH_BLOOM,
    MOSH_MELT,
    PROGRAMME_LEVEL,
    PROGRAMME_BLACKOUT,
    PROGRAMME_BLACKOUT_SECS,
    PROGRAMME_HOLD,
    RECORDER_ON,
    PANIC,
    PANIC_UNDO,
];

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub clip_select: ParamIndex,
    pub clip_switch: ParamIndex,
    pub heal_codec: ParamIndex,
    pub heal_decay: ParamIndex,
    pub heal_all: ParamIndex,
    pub bloom: ParamIndex,
    pub melt: ParamIndex,
    pub level: ParamIndex,
    pub blackout: ParamIndex,
    pub blackout_secs: ParamIndex,
    pub hold: ParamIndex,
    pub record: ParamIndex,
    pub panic: ParamIndex,
    pub panic_undo: ParamIndex,
}

impl Rows {
    pub fn resolve(registry: &Registry) -> Self {
        Self {
            clip_select: registry.index_of(&CLIP_SELECT),
            clip_switch: registry.index_of(&CLIP_SWITCH),
            heal_codec: registry.index_of(&HEAL_CODEC),
            heal_decay: registry.index_of(&HEAL_DECAY),
            heal_all: registry.index_of(&HEAL_ALL),
            bloom: registry.index_of(&MOSH_BLOOM),
            melt: registry.index_of(&MOSH_MELT),
            level: registry.index_of(&PROGRAMME_LEVEL),
            blackout: registry.index_of(&PROGRAMME_BLACKOUT),
            blackout_secs: registry.index_of(&PROGRAMME_BLACKOUT_SECS),
            hold: registry.index_of(&PROGRAMME_HOLD),
            record: registry.index_of(&RECORDER_ON),
            panic: registry.index_of(&PANIC),
            panic_undo: registry.index_of(&PANIC_UNDO),
        }
    }
}
