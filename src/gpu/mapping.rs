//! Buffers on their way to memory.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// Whether a buffer that was asked for is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// Not yet. The first, since a flag begins at 0.
    Pending,
    /// Its bytes can be read.
    Mapped,
    /// It never will be: to unmap it would be an error of its own.
    Failed,
}

/// What wgpu's callback says of one buffer, while the device is polled; pending at first.
#[derive(Debug, Default)]
pub struct MappingFlag(Arc<AtomicU8>);

impl MappingFlag {
    /// Asks for a buffer to be read, once the work that fills it is submitted.
    pub fn ask(&self, buffer: &wgpu::Buffer) {
        self.0.store(Mapping::Pending as u8, Ordering::Release);
        let flag = Arc::clone(&self.0);
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            let mapping = if result.is_ok() { Mapping::Mapped } else { Mapping::Failed };
            flag.store(mapping as u8, Ordering::Release);
        });
    }

    /// What has been said.
    pub fn get(&self) -> Mapping {
        match self.0.load(Ordering::Acquire) {
            mapped if mapped == Mapping::Mapped as u8 => Mapping::Mapped,
            failed if failed == Mapping::Failed as u8 => Mapping::Failed,
            _ => Mapping::Pending,
        }
    }
}
