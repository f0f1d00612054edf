//! The parameters that the engine itself obeys.

use super::families::Families;
use crate::params::{ParamIndex, ParamSpec, Registry};

/// Clips that a set may have: as many as a word has bits.
pub const CLIPS_MAX: usize = 64;

/// The clip in play.
pub const CLIP_SELECT: ParamSpec = ParamSpec::int(
    "clip.select",
    "Clip",
    "The clip in play, counted from 1 as in the set.",
    (1, CLIPS_MAX as i64),
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
.transport()
.per_clip();
/// Chance of staying.
pub const CLIP_STAY: ParamSpec = ParamSpec::float(
    "clip.stay",
    "Stay",
    "After each superframe (a held picture counts as one, over and over) the clip goes on with \
     this chance; else the next clip is entered.",
    (0.0, 1.0),
    1.0,
)
.transport();
/// Whether the clips' playheads are one.
pub const CLIP_TOGETHER: ParamSpec = ParamSpec::switch(
    "clip.together",
    "Together",
    "Whether a clip is entered at the place where the other was left, or at its own.",
    false,
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
.transport()
.held();
/// Access units per tick.
pub const MOSH_DRIVE: ParamSpec = ParamSpec::int(
    "mosh.drive",
    "Drive",
    "Access units fed in each tick: the gain of motion. Only the last one's picture is seen.",
    (1, 4),
    1,
)
.unit("AU")
.transport();
/// Which access units a drive above 1 feeds.
pub const MOSH_DRIVE_WAY: ParamSpec = ParamSpec::choice(
    "mosh.drive_way",
    "Drive way",
    "A drive above 1 feeds the access units that follow (onward), or the same one again (again): \
     its motion and residual are added as many times.",
    &["onward", "again"],
    0,
)
.transport();
/// Clean picture against moshed.
pub const MIX_CLEAN: ParamSpec = ParamSpec::float(
    "mix.clean",
    "Clean",
    "Crossfade from the moshed picture to a clean one of the same place.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);
/// What is grabbed.
pub const GRAB_SOURCE: ParamSpec = ParamSpec::choice(
    "grab.source",
    "Grab from",
    "What a grab keeps: the programme as the audience sees it, the moshed picture before the wear, \
     or the clean picture of the same place.",
    &["programme", "mosh", "clean"],
    0,
)
.transport();
/// The last seconds become a clip.
pub const RESAMPLE: ParamSpec = ParamSpec::trigger(
    "resample.take",
    "Resample",
    "Makes a clip of the last seconds of the programme, while playing on; it becomes the last clip.",
)
.by_hand();
/// What [`GRAB_SOURCE`] calls the programme, the moshed picture, and the clean one.
pub(super) const GRAB_PROGRAMME: i64 = 0;
pub(super) const GRAB_CLEAN: i64 = 2;
/// How many seconds.
pub const RESAMPLE_SECS: ParamSpec = ParamSpec::float(
    "resample.secs",
    "Resample length",
    "How much of the programme a resample takes.",
    (4.0, 30.0),
    8.0,
)
.unit("s")
.transport();
/// Bloom, long trails and a drift down.
pub const MOSH_MELT: ParamSpec = ParamSpec::switch(
    "mosh.melt",
    "Melt",
    "While held, the superframe blooms, the trails hardly fade and the picture runs down (unless \
     drift is switched off); lets go over a second.",
    false,
)
.transport()
.held();
/// Melt, as far as a wheel is turned.
pub const MOSH_MELT_AMOUNT: ParamSpec = ParamSpec::float(
    "mosh.melt_amount",
    "Melt amount",
    "Melts this far, as a wheel is turned: trails and drift by degrees, bloom from half of the way.",
    (0.0, 1.0),
    0.0,
)
.smoothed(60.0)
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
/// Whether the last seconds are kept.
pub const RESAMPLE_LISTEN: ParamSpec = ParamSpec::switch(
    "resample.listen",
    "Keep last seconds",
    "Whether the last seconds of the programme are kept for a resample; off saves processor time.",
    true,
)
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
/// Flashes.
pub const FLASH_LIMIT: ParamSpec = ParamSpec::switch(
    "flash.limit",
    "Flash limiter",
    "Lets three flashes a second at most through where they fill more than a quarter of the \
     picture, since more can bring on a seizure (red flashes of equal brightness it does \
     not see); off only where the audience has been warned.",
    true,
)
.transport()
.by_hand();
/// The recorder.
pub const RECORDER_ON: ParamSpec =
    ParamSpec::switch("recorder.on", "Record", "Records the programme to a new file.", false)
        .transport()
        .by_hand();
/// Everything back to where it is safe.
pub const PANIC: ParamSpec = ParamSpec::trigger(
    "panic",
    "Panic",
    "Heals all, lets go what is latched, neutral look, blackout off; clip and recording go on.",
);
/// Takes the panic back.
pub const PANIC_UNDO: ParamSpec = ParamSpec::trigger(
    "edit.undo_panic",
    "Undo panic",
    "Puts every value back to what it was before the last panic.",
)
.formerly("panic.undo");

/// The last minute as a take.
pub const TAKE_KEEP: ParamSpec = ParamSpec::trigger(
    "take.keep",
    "Keep",
    "Keeps what was played, the last minute marked, as a take that can be rendered again.",
)
.by_hand();

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    CLIP_SELECT,
    CLIP_SWITCH,
    CLIP_STAY,
    CLIP_TOGETHER,
    HEAL_CODEC,
    HEAL_DECAY,
    HEAL_ALL,
    MOSH_BLOOM,
    MOSH_MELT,
    MOSH_MELT_AMOUNT,
    MOSH_DRIVE,
    MOSH_DRIVE_WAY,
    MIX_CLEAN,
    GRAB_SOURCE,
    RESAMPLE,
    RESAMPLE_SECS,
    RESAMPLE_LISTEN,
    PROGRAMME_LEVEL,
    PROGRAMME_BLACKOUT,
    PROGRAMME_BLACKOUT_SECS,
    PROGRAMME_HOLD,
    FLASH_LIMIT,
    RECORDER_ON,
    TAKE_KEEP,
    PANIC,
    PANIC_UNDO,
];

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub clip_select: ParamIndex,
    pub clip_switch: ParamIndex,
    pub clip_stay: ParamIndex,
    pub clip_together: ParamIndex,
    pub heal_codec: ParamIndex,
    pub heal_decay: ParamIndex,
    pub heal_all: ParamIndex,
    pub bloom: ParamIndex,
    pub melt: ParamIndex,
    pub melt_amount: ParamIndex,
    pub drive: ParamIndex,
    pub drive_way: ParamIndex,
    pub mix_clean: ParamIndex,
    pub grab_source: ParamIndex,
    pub resample: ParamIndex,
    pub resample_secs: ParamIndex,
    pub resample_listen: ParamIndex,
    pub level: ParamIndex,
    pub blackout: ParamIndex,
    pub blackout_secs: ParamIndex,
    pub hold: ParamIndex,
    pub flash_limit: ParamIndex,
    pub record: ParamIndex,
    pub take_keep: ParamIndex,
    pub panic: ParamIndex,
    pub panic_undo: ParamIndex,
    pub families: Families,
}

impl Rows {
    pub fn resolve(registry: &Registry) -> Self {
        Self {
            clip_select: registry.index_of(&CLIP_SELECT),
            clip_switch: registry.index_of(&CLIP_SWITCH),
            clip_stay: registry.index_of(&CLIP_STAY),
            clip_together: registry.index_of(&CLIP_TOGETHER),
            heal_codec: registry.index_of(&HEAL_CODEC),
            heal_decay: registry.index_of(&HEAL_DECAY),
            heal_all: registry.index_of(&HEAL_ALL),
            bloom: registry.index_of(&MOSH_BLOOM),
            melt: registry.index_of(&MOSH_MELT),
            melt_amount: registry.index_of(&MOSH_MELT_AMOUNT),
            drive: registry.index_of(&MOSH_DRIVE),
            drive_way: registry.index_of(&MOSH_DRIVE_WAY),
            mix_clean: registry.index_of(&MIX_CLEAN),
            grab_source: registry.index_of(&GRAB_SOURCE),
            resample: registry.index_of(&RESAMPLE),
            resample_secs: registry.index_of(&RESAMPLE_SECS),
            resample_listen: registry.index_of(&RESAMPLE_LISTEN),
            level: registry.index_of(&PROGRAMME_LEVEL),
            blackout: registry.index_of(&PROGRAMME_BLACKOUT),
            blackout_secs: registry.index_of(&PROGRAMME_BLACKOUT_SECS),
            hold: registry.index_of(&PROGRAMME_HOLD),
            flash_limit: registry.index_of(&FLASH_LIMIT),
            record: registry.index_of(&RECORDER_ON),
            take_keep: registry.index_of(&TAKE_KEEP),
            panic: registry.index_of(&PANIC),
            panic_undo: registry.index_of(&PANIC_UNDO),
            families: Families::resolve(registry),
        }
    }
}
