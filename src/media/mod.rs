//! Everything that GStreamer does: decoding, import, recording. The only room that names it.
//!
//! Each pipeline runs on threads of its own; callers are the engine (decoder, recorder's `offer`)
//! and whoever imports. Nothing here may be waited for by the engine without a bound.

mod decoder;
mod plugins;

pub use decoder::{GstDecoder, GstDecoders};
pub use plugins::{Device, MediaError, PLUGINS, Plugin, devices, init};
