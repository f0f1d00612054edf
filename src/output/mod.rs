//! The programme on its way to the displays.
//!
//! The engine owns a device of its own, without a window; every window has its own device too. What
//! goes between is the programme as a packed I420 picture, in a slot that holds the newest one
//! ([`programme`]): a window that stalls keeps an old picture and nothing else.
//!
//! Why not one device: configuring a surface again waits until the whole device is idle, so a
//! window being resized waits for the engine, and the engine's submit for the window. Measured by
//! `benches/device_sharing.rs` (lavapipe, two busy cores, a window resized all the time): with one
//! device 5 to 19 reconfigurations a run failed altogether, because the engine never let the device
//! be idle (an error that wgpu answers with a panic unless told otherwise), with two none did. The
//! engine's submit took 8 to 9 ms at the 99th percentile against 6 to 7 ms, and 22 against 3 ms
//! where the engine's work was longer than its slot.
//!
//! A [`Presenter`] is one thread with one surface. This room names wgpu but no windowing library:
//! surfaces are made on the main thread and moved in. It never writes to a picture, and nothing
//! drawn here (captions) is ever in the recording.

mod painter;
mod presenter;
mod slot;

pub use painter::{Overlay, Painter, Place, letterbox};
pub use presenter::{Presenter, PresenterConfig, watch};
pub use slot::{ProgrammeReader, ProgrammeWriter, programme};

/// The surface format to draw gamma-coded values into: the first 8-bit one that is not sRGB.
pub fn plain_format(formats: &[wgpu::TextureFormat]) -> Option<wgpu::TextureFormat> {
    use wgpu::TextureFormat as Format;
    let is_plain = |format: &&Format| matches!(format, Format::Bgra8Unorm | Format::Rgba8Unorm);
    formats.iter().find(is_plain).copied()
}

#[cfg(test)]
mod tests;
