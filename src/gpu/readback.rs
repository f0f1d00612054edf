//! Buffers on their way from the GPU to memory.

use super::{
    device::Gpu,
    mapping::{Mapping, MappingFlag},
};
use std::{collections::VecDeque, time::Duration};

/// Read-backs in flight. The picture comes back two ticks after its submission (median, measured);
/// with 2 buffers some ticks find none free, with 4 none does.
const RING_LENGTH: usize = 4;

/// One buffer of the ring.
#[derive(Debug)]
struct Place {
    buffer: wgpu::Buffer,
    mapping: MappingFlag,
    tag: u64,
}

/// A ring of buffers that bring one picture each back to memory. Owned by the engine thread.
#[derive(Debug)]
pub struct ReadBackRing {
    gpu: Gpu,
    places: [Place; RING_LENGTH],
    /// Indices of places in flight, oldest first.
    in_flight: VecDeque<usize>,
    free: Vec<usize>,
    /// Bytes of a picture; the buffers are rounded up to wgpu's alignment.
    bytes: usize,
    /// The place that is copied into next.
    reserved: Option<usize>,
}

impl ReadBackRing {
    /// A ring for pictures of `bytes` bytes.
    pub fn new(gpu: &Gpu, bytes: usize) -> Self {
        let size = (bytes as u64).next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        let place = |_| Place {
            buffer: gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("read-back"),
                size,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            }),
            mapping: MappingFlag::default(),
            tag: 0,
        };
        Self {
            gpu: gpu.clone(),
            places: std::array::from_fn(place),
            in_flight: VecDeque::with_capacity(RING_LENGTH),
            free: (0..RING_LENGTH).collect(),
            bytes,
            reserved: None,
        }
    }

    /// Takes a free buffer for the next [`Self::copy`]; false when there is none.
    pub fn reserve(&mut self) -> bool {
        self.reserved = self.reserved.or_else(|| self.free.pop());
        self.reserved.is_some()
    }

    /// Records the copy of `source` into the reserved buffer; nothing without one.
    /// [`Self::submitted`] must follow once the encoder is submitted.
    pub fn copy(&mut self, encoder: &mut wgpu::CommandEncoder, source: &wgpu::Buffer) {
        if let Some(place) = self.reserved {
            let result = &self.places[place].buffer;
            encoder.copy_buffer_to_buffer(source, 0, result, 0, result.size());
        }
    }

    /// Asks for the copied buffer in memory, under this tag.
    pub fn submitted(&mut self, tag: u64) {
        let Some(index) = self.reserved.take() else { return };
        let place = &mut self.places[index];
        place.tag = tag;
        place.mapping.ask(&place.buffer);
        self.in_flight.push_back(index);
    }

    /// Read-backs that were asked for and not yet taken.
    pub fn pending(&self) -> usize {
        self.in_flight.len()
    }

    /// Lends finished pictures to `take`, oldest first. `wait`: how long to wait for the newest;
    /// zero only looks, `None` waits until all are in.
    pub fn collect(&mut self, wait: Option<Duration>, take: &mut dyn FnMut(u64, &[u8])) {
        if self.in_flight.is_empty() {
            return;
        }
        let poll = match wait {
            Some(Duration::ZERO) => wgpu::PollType::Poll,
            timeout => wgpu::PollType::Wait { submission_index: None, timeout },
        };
        match self.gpu.device().poll(poll) {
            Ok(_) | Err(wgpu::PollError::Timeout) => {}
            Err(error) => self.gpu.faults().record(error.to_string()),
        }
        while let Some(&index) = self.in_flight.front() {
            let place = &self.places[index];
            match place.mapping.get() {
                Mapping::Mapped => {
                    match place.buffer.get_mapped_range(..) {
                        Ok(view) => take(place.tag, &view[..self.bytes]),
                        Err(error) => self.gpu.faults().record(error.to_string()),
                    }
                    place.buffer.unmap();
                }
                Mapping::Failed => {
                    self.gpu.faults().record("a picture could not be read back".to_owned());
                }
                Mapping::Pending => return,
            }
            self.in_flight.pop_front();
            self.free.push(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_back_in_order_and_a_full_ring_refuses() {
        let Some(gpu) = crate::gpu::adapter_at_hand() else { return };
        // 6 bytes: no multiple of wgpu's alignment of 4.
        let mut ring = ReadBackRing::new(&gpu, 6);
        let source = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 8,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let offer = |ring: &mut ReadBackRing, number: u8| {
            gpu.queue().write_buffer(&source, 0, &[number; 8]);
            let mut encoder = gpu.device().create_command_encoder(&Default::default());
            let taken = ring.reserve();
            ring.copy(&mut encoder, &source);
            gpu.queue().submit([encoder.finish()]);
            ring.submitted(u64::from(number));
            taken
        };
        let taken: Vec<bool> = (0..5).map(|number| offer(&mut ring, number)).collect();
        assert_eq!(taken, [true, true, true, true, false]);
        let mut seen = Vec::new();
        ring.collect(None, &mut |tag, bytes| seen.push((tag, bytes.to_vec())));
        assert_eq!(seen, (0..4).map(|n| (n, vec![n as u8; 6])).collect::<Vec<_>>());
        assert!(offer(&mut ring, 9));
        seen.clear();
        ring.collect(Some(Duration::from_secs(60)), &mut |tag, bytes| {
            seen.push((tag, bytes.to_vec()));
        });
        assert_eq!(seen, [(9, vec![9; 6])]);
        assert_eq!(ring.pending(), 0);
    }
}
