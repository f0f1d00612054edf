//! The rooms that read other people's bytes, and what fuzzing asks of them.
//!
//! The rooms are compiled here by themselves, from the program's own files: so an instrumented build
//! takes a minute and needs neither GStreamer nor a graphics library. It holds as long as they know
//! lower floors only.

#[path = "../../src/bitstream/mod.rs"]
pub mod bitstream;
#[path = "../../src/clip/mod.rs"]
pub mod clip;
#[path = "../../src/control/mod.rs"]
pub mod control;
#[path = "../../src/modulation/mod.rs"]
pub mod modulation;
#[path = "../../src/params/mod.rs"]
pub mod params;
#[path = "../../src/playhead/mod.rs"]
pub mod playhead;
#[path = "../../src/ports/mod.rs"]
pub mod ports;
#[path = "../../src/units/mod.rs"]
pub mod units;

pub mod targets;
