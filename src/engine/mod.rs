//! The instrument itself: one tick after another, live or offline.
//!
//! [`Engine::tick`] is the only thing that advances it. A tick drains the control queue, moves the
//! values on, lets the playhead choose an access unit, splices it into the running decoder's
//! stream, waits (bounded) for its picture, wears it, and starts its read-back. Everything that
//! crosses a thread does so by a bounded queue ([`crate::params::ControlQueue`], pictures, notices)
//! or a triple buffer ([`Status`]); the engine thread takes no lock, does no file I/O, and in the
//! steady state allocates nothing of its own: pictures are pooled, reports are copied, decoders are
//! made and freed by the `decoders` thread. wgpu does take memory for every submission, from the
//! same heap; `tests/allocations.rs` tells the two apart.
//!
//! Generic over [`crate::ports::DecoderMaker`]; knows no window and no GStreamer.

mod beat;
mod clean;
mod decoding;
mod delivery;
mod entering;
mod envelope;
mod events;
mod families;
mod feeding;
mod flash;
mod gesture_loops;
mod gestures;
mod grabs;
mod hands;
mod history;
mod instrument;
mod keeping;
mod live;
mod look_rows;
mod looks;
mod macros;
mod modulators;
mod own;
mod recall;
mod registry;
mod replay;
mod report;
mod rows;
mod score;
mod shape;
mod state;
mod status;
mod tempo;
mod tick;

pub use flash::FlashLimiter;
pub use gestures::Habits;
pub use grabs::{GrabDesk, GrabRequest, Grabbed};
pub use instrument::{Engine, EngineError, Setup};
pub use keeping::{is_kept_at_once, is_kept_by_journals, is_kept_by_sets};
pub use live::{ClipDesk, Desk, DeskRequest, ShaderDesk};
pub use look_rows::{
    CROSSFADE_A, CROSSFADE_B, CROSSFADE_POSITION, MORPH_SECS, PRESET_SELECT, PRESET_STORE,
    PRESET_UPDATE, PRESETS_MAX, SET_SAVE,
};
pub use looks::{Bank, BankDesk, Preset};
pub(crate) use modulators::{EnvelopeRows, LfoRows, Rows as ModulatorRows, SequencerRows};
pub use modulators::{Fired, LFOS, Modulated, Modulators, Moment, PATCHES};
pub use recall::may_be_excluded;
pub use registry::registry;
pub use replay::{Replay, ReplayKind};
pub use report::{Arrival, SlotObserver, SlotReport};
pub use rows::{
    CLIP_SELECT, CLIP_SWITCH, CLIPS_MAX, FLASH_LIMIT, HEAL_ALL, MIX_CLEAN, MOSH_BLOOM, MOSH_DRIVE,
    MOSH_MELT, PANIC, PARAMS, PROGRAMME_BLACKOUT, PROGRAMME_HOLD, PROGRAMME_LEVEL, RECORDER_ON,
    TAKE_KEEP,
};
pub use score::{Score, ScoreStep};
pub use shape::Shape;
pub use state::{OwnState, State};
pub use status::{NextClip, Recording, Status};
pub use tempo::TempoSource;
pub use tick::Pace;
