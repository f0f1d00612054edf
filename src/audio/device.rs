//! The system's own input, through cpal (ALSA, and so PipeWire and PulseAudio; CoreAudio; WASAPI).
//!
//! The callback runs on a thread of the system's: it mixes the channels to one and passes them on, and
//! neither allocates nor locks.

use crate::ports::Tap;
use cpal::{
    FromSample, Sample, SampleFormat, SizedSample, StreamConfig,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long the system may take to open its input.
const OPENING: Duration = Duration::from_secs(2);

/// An input that is open. Dropping it closes it.
pub(super) struct Device {
    name: String,
    has_failed: Arc<AtomicBool>,
    _stream: cpal::Stream,
}

impl Device {
    /// Opens the system's default input into a tap.
    ///
    /// # Errors
    /// Why there is none, in a few words.
    pub fn open(tap: &Arc<Tap>) -> Result<Self, String> {
        let device = cpal::default_host().default_input_device().ok_or("no input device")?;
        let name = name_of(&device);
        let config = device.default_input_config().map_err(|error| error.to_string())?;
        let has_failed = Arc::new(AtomicBool::new(false));
        let opening = Opening { device, config: config.config(), tap, has_failed: &has_failed };
        let stream = match config.sample_format() {
            SampleFormat::F32 => opening.stream::<f32>(),
            SampleFormat::I16 => opening.stream::<i16>(),
            SampleFormat::I32 => opening.stream::<i32>(),
            SampleFormat::U16 => opening.stream::<u16>(),
            SampleFormat::U8 => opening.stream::<u8>(),
            other => Err(format!("{name} gives samples that are not understood ({other})")),
        }?;
        stream.play().map_err(|error| error.to_string())?;
        Ok(Self { name, has_failed, _stream: stream })
    }

    /// The device's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the system has said that it is no more.
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What opening takes.
struct Opening<'a> {
    device: cpal::Device,
    config: StreamConfig,
    tap: &'a Arc<Tap>,
    has_failed: &'a Arc<AtomicBool>,
}

impl Opening<'_> {
    fn stream<T: SizedSample>(self) -> Result<cpal::Stream, String>
    where
        f32: FromSample<T>,
    {
        let (tap, has_failed) = (Arc::clone(self.tap), Arc::clone(self.has_failed));
        let channels = usize::from(self.config.channels.max(1));
        let rate_hz = self.config.sample_rate;
        let stream = self.device.build_input_stream(
            self.config,
            move |samples: &[T], _: &cpal::InputCallbackInfo| {
                let frames = samples.chunks_exact(channels);
                let mono = |frame: &[T]| {
                    let sum: f32 = frame.iter().map(|sample| f32::from_sample(*sample)).sum();
                    sum / channels as f32
                };
                tap.offer(rate_hz, frames.map(mono));
            },
            move |error| {
                // Samples that were lost, or a device that was changed for another, go on.
                use cpal::ErrorKind::{DeviceChanged, RealtimeDenied, Xrun};
                if !matches!(error.kind(), DeviceChanged | RealtimeDenied | Xrun) {
                    has_failed.store(true, Ordering::Relaxed);
                }
            },
            Some(OPENING),
        );
        stream.map_err(|error| error.to_string())
    }
}

fn name_of(device: &cpal::Device) -> String {
    device.description().map_or_else(|_| "an input".to_owned(), |told| told.name().to_owned())
}

/// The inputs there are.
///
/// # Errors
/// Why none can be told, in a few words.
pub(super) fn list() -> Result<Vec<String>, String> {
    let devices = cpal::default_host().input_devices().map_err(|error| error.to_string())?;
    Ok(devices.map(|device| name_of(&device)).collect())
}
