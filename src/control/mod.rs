//! Other people's hands: OSC and MIDI, turned into [`ControlEvent`](crate::params::ControlEvent)s.
//!
//! Everything meets in [`params`](crate::params): addresses, ranges, and names come from the rows of
//! the registry, and whatever arrives leaves through one
//! [`ControlQueue`](crate::params::ControlQueue). What cannot be understood is counted, never fatal.
//!
//! Threads of its own: `osc` (one per server), `midi` and `midi-ports`; MIDI callbacks run on the
//! threads of ALSA and JACK, where they neither allocate nor lock. Knows nothing of the engine.

mod batch;
mod ear;
pub mod mapping;
mod maps;
pub mod midi;
mod monitor;
pub mod osc;
mod rows;

pub use ear::{Ear, HEARD_KEPT, HeardFrom, HeardLine, Outcome, Why};
pub use mapping::{Mapping, MappingError, Mappings};
pub use maps::{ControllerMap, controller_maps};
pub use midi::{AutoAssign, LearnDesk, LearnState, MidiPlan, MidiPorts, Origin, PadTarget};
#[cfg(test)]
pub(crate) use monitor::testing::{Shaky, Stage};
pub use monitor::{Monitor, Progress, Recognised};
pub use osc::{LearnHook, LearnRequest, OscError, OscPlan, OscServer, OscTarget};
pub use rows::{BANK, PARAMS};
