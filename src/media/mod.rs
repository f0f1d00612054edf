//! Everything that GStreamer does: decoding, import, recording, stills. The only room that names it.
//!
//! Each pipeline runs on threads of its own; callers are the engine (decoder, the sinks' `offer`)
//! and whoever imports. Nothing here may be waited for by the engine without a bound.

mod av1;
mod bank;
mod coding;
mod colours;
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
mod movie;
mod photo;
mod plugins;
mod probe;
mod recall;
mod recorder;
mod recording_file;
mod reel;
mod request;
mod sink;
mod slots;
mod source;
mod still;
mod stream_file;
mod tone;
mod trial;

pub use av1::{AV1_QUANTISER_MAX, AV1_SIDE_MIN, av1_still};
pub use coding::{CodingError, check, settings};
pub use decoder::{GstDecoder, GstDecoders};
pub use import::import;
pub use plugins::{Device, MediaError, PLUGINS, Plugin, devices, init, missing_plugins};
pub use probe::{Probe, probe};
pub use recall::{KeptSlots, RECALL_BYTES_MAX, RECALL_SECS, Recall, Saved};
pub use recorder::{Recorded, Recorder};
pub use recording_file::{RecordError, claim_name, room_for};
pub use request::{ImportError, ImportRequest, Imported, Progress, SourceHashes, hash, hash_file};
pub use still::StillCoder;
pub use stream_file::{StreamFile, StreamWritten};
pub use trial::{Sheet, Trial, trial};
