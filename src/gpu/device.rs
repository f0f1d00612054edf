//! Adapter, device and queue, without a window.

use super::faults::Faults;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The engine's graphics device. Clones share one device.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    info: Arc<wgpu::AdapterInfo>,
    faults: Arc<Faults>,
    /// Says that nobody waits for what is made any more.
    quit: Option<Arc<AtomicBool>>,
}

/// Why there is no graphics device.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// No adapter at all, not even a software one.
    #[error(
        "no graphics adapter found: install a Vulkan driver (Debian: mesa-vulkan-drivers, which brings a software one too)"
    )]
    NoAdapter(#[source] wgpu::RequestAdapterError),
    /// The adapter gives no device.
    #[error("the graphics adapter {adapter} gives no device: update its driver")]
    NoDevice {
        /// The adapter's name.
        adapter: String,
        /// What the driver said.
        #[source]
        source: wgpu::RequestDeviceError,
    },
}

impl Gpu {
    /// Opens the best adapter, or the one that wgpu's environment variables name
    /// (`WGPU_BACKEND`, and `WGPU_ADAPTER_NAME` as a part of its name).
    ///
    /// # Errors
    /// No adapter, or one that gives no device.
    pub fn headless() -> Result<Self, GpuError> {
        let instance = instance();
        let adapter = match named_adapter(&instance) {
            Some(adapter) => adapter,
            None => pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            }))
            .map_err(GpuError::NoAdapter)?,
        };
        let info = adapter.get_info();
        // The least that compute shaders need, so that small adapters serve too; but pictures as
        // large as the adapter takes.
        let required_limits = wgpu::Limits::downlevel_defaults().using_resolution(adapter.limits());
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("engine"),
            required_limits,
            ..Default::default()
        }))
        .map_err(|source| GpuError::NoDevice { adapter: info.name.clone(), source })?;
        let faults = Arc::new(Faults::default());
        let uncaptured = Arc::clone(&faults);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            uncaptured.record(one_line(&error.to_string()));
        }));
        let lost = Arc::clone(&faults);
        device.set_device_lost_callback(move |reason, message| {
            // `Destroyed` is our own end, not a fault.
            if reason != wgpu::DeviceLostReason::Destroyed {
                lost.record(format!("the graphics device was lost: {}", one_line(&message)));
            }
        });
        Ok(Self { device, queue, info: Arc::new(info), faults, quit: None })
    }

    /// The same device, which makes no shader any more once `quit` is set: many of them take long, and
    /// whoever waits for them could not end.
    #[must_use]
    pub fn until(self, quit: Arc<AtomicBool>) -> Self {
        Self { quit: Some(quit), ..self }
    }

    /// Whether nobody waits for shaders any more.
    pub(super) fn is_over(&self) -> bool {
        self.quit.as_ref().is_some_and(|quit| quit.load(Ordering::Relaxed))
    }

    /// Whether the adapter is software on the CPU.
    pub fn is_cpu(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// The adapter's name, as its driver gives it.
    pub fn adapter_name(&self) -> String {
        self.info.name.clone()
    }

    /// The device.
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// The queue.
    pub fn queue(&self) -> &wgpu::Queue {
        &self.queue
    }

    /// What went wrong on this device.
    pub fn faults(&self) -> &Arc<Faults> {
        &self.faults
    }
}

/// An adapter of this machine, as `residua devices` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterSummary {
    /// Name given by the driver.
    pub name: String,
    /// The interface it is reached through, such as `vulkan`.
    pub backend: String,
    /// Driver name and version; may be empty.
    pub driver: String,
    /// Whether it is software on the CPU.
    pub is_cpu: bool,
}

/// All adapters of this machine. Slow (opens drivers): not for the engine thread.
pub fn adapters() -> Vec<AdapterSummary> {
    pollster::block_on(instance().enumerate_adapters(wgpu::Backends::all()))
        .iter()
        .map(|adapter| {
            let info = adapter.get_info();
            AdapterSummary {
                name: info.name,
                backend: info.backend.to_string(),
                driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
                is_cpu: info.device_type == wgpu::DeviceType::Cpu,
            }
        })
        .collect()
}

/// Vulkan, Metal and DirectX 12, wgpu's first-class backends, unless the environment names others.
fn instance() -> wgpu::Instance {
    let descriptor = wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    };
    wgpu::Instance::new(descriptor.with_env())
}

/// The adapter that `WGPU_ADAPTER_NAME` asks for, if there is one.
fn named_adapter(instance: &wgpu::Instance) -> Option<wgpu::Adapter> {
    let wanted = std::env::var("WGPU_ADAPTER_NAME").ok()?.to_lowercase();
    pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()))
        .into_iter()
        .find(|adapter| adapter.get_info().name.to_lowercase().contains(&wanted))
}

/// Multi-line validation errors as one line for the status bar.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The adapter at hand. Without one: failure where `REQUIRE_GPU=1`, a loud skip elsewhere.
    pub(crate) fn gpu() -> Option<Gpu> {
        match Gpu::headless() {
            Ok(gpu) => Some(gpu),
            Err(error) if std::env::var_os("REQUIRE_GPU").is_some_and(|value| value == "1") => {
                panic!("REQUIRE_GPU=1, but {error}")
            }
            Err(error) => {
                eprintln!("SKIPPED, NOTHING WAS TESTED: {error}");
                None
            }
        }
    }

    #[test]
    fn the_adapter_in_use_is_listed() {
        let Some(gpu) = gpu() else { return };
        assert!(adapters().iter().any(|adapter| adapter.name == gpu.adapter_name()));
    }
}
