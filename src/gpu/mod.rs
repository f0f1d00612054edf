//! The graphics device of the engine: device, shaders, faults, read-back ring.
//!
//! Owned by the engine thread (windows have devices of their own). Knows nothing of decay: it makes
//! pipelines from WGSL text and brings buffers back to memory. Nothing here panics on a GPU error:
//! errors of making a pipeline are returned, all others are recorded in [`Faults`].

mod device;
mod faults;
mod mapping;
mod readback;
mod shader;
mod stock;
mod workshop;

pub use device::{AdapterSummary, Gpu, GpuError, adapters};
pub use faults::Faults;
pub use mapping::{Mapping, MappingFlag};
pub use readback::ReadBackRing;
pub use shader::{ShaderError, ShaderText, compute_pipeline};
pub use stock::Stock;
pub use workshop::Workshop;

#[cfg(test)]
pub(crate) use device::tests::gpu as adapter_at_hand;
