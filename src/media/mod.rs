//! Everything that GStreamer does: decoding, import, recording. The only room that names it.
//!
//! Each pipeline runs on threads of its own; callers are the engine (decoder, recorder's `offer`)
//! and whoever imports. Nothing here may be waited for by the engine without a bound.

mod bank;
mod coding;
mod conform;
mod decoder;
mod encoder;
mod fault;
mod gif;
mod hold;
mod import;
mod lane;
mod material;
mod meter;
mod plugins;
mod probe;
mod recorder;
mod reel;
mod request;
mod slots;
mod source;
mod tone;

pub use coding::{CodingError, check, settings};
pub use decoder::{GstDecoder, GstDecoders};
pub use import::import;
pub use plugins::{Device, MediaError, PLUGINS, Plugin, devices, init};
pub use probe::{Probe, probe};
pub use recorder::{RecordError, Recorded, Recorder};
pub use request::{ImportError, ImportRequest, Imported, Progress, SourceHashes};
