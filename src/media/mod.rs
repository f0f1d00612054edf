//! Everything that GStreamer does: decoding, import, recording. The only room that names it.
//!
//! Each pipeline runs on threads of its own; callers are the engine (decoder, recorder's `offer`)
//! and whoever imports. Nothing here may be waited for by the engine without a bound.

mod bank;
mod decoder;
mod encoder;
mod fault;
mod hold;
mod import;
mod plugins;
mod probe;
mod recorder;
mod recording_file;
mod reel;
mod request;
mod source;
mod stream_file;

pub use decoder::{GstDecoder, GstDecoders};
pub use encoder::settings;
pub use import::import;
pub use plugins::{Device, MediaError, PLUGINS, Plugin, devices, init};
pub use probe::{Probe, ProbeError, probe};
pub use recorder::{Recorded, Recorder};
pub use recording_file::RecordError;
pub use request::{ImportError, ImportRequest, Imported, Progress, SourceHashes};
pub use stream_file::{StreamFile, StreamWritten};
