//! The programme on its way to the displays.
//!
//! The engine owns a device of its own, without a window; every window has its own device too. What
//! goes between is the programme as a packed I420 picture, in a slot that holds the newest one
//! ([`programme`]): a window that stalls keeps an old picture and nothing else.
//!
//! Why not one device: configuring a surface again waits until the whole device is idle, so a
//! window being resized waits for the engine, and the engine's submit for the window. Measured by
//! `benches/device_sharing.rs` (lavapipe, two cores, a window resized all the time): with one device
//! the engine's submit took 6.4 ms at the 99th percentile, with one each 2.4 ms. With one device 2
//! reconfigurations failed altogether, because the engine never let the device be idle (an error
//! that wgpu answers with a panic unless told otherwise); with one each none did.
//!
//! A [`Presenter`] is one thread with one surface. This room names wgpu but no windowing library:
//! surfaces are made on the main thread and moved in. It never writes to a picture, and nothing
//! drawn here (captions) is ever in the recording.

mod card;
mod painter;
mod presenter;
mod slot;

pub use card::test_card;
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
