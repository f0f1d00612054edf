//! Buffers of the chain: packed I420 pictures, and the uniforms of one tick.

use super::pipelines::{Layouts, UNIFORM_ALIGNMENT, UNIFORM_BYTES};
use crate::gpu::Gpu;

/// A packed I420 picture on the GPU. Its size is rounded up to wgpu's alignment of 4 bytes.
#[derive(Debug)]
pub struct PackedBuffer {
    /// The buffer.
    pub buffer: wgpu::Buffer,
    /// The buffer, bound.
    pub group: wgpu::BindGroup,
}

impl PackedBuffer {
    /// Makes one for pictures of `bytes` bytes.
    pub fn new(gpu: &Gpu, layouts: &Layouts, bytes: usize) -> Self {
        use wgpu::BufferUsages as Usage;
        let buffer = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some("packed picture"),
            size: (bytes as u64).next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT),
            usage: Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST,
            mapped_at_creation: false,
        });
        Self { group: layouts.bind_packed(gpu, &buffer), buffer }
    }

    /// Writes a picture before the next submission.
    pub fn write(&self, gpu: &Gpu, bytes: &[u8]) {
        let (words, rest) = bytes.split_at(bytes.len() & !3);
        gpu.queue().write_buffer(&self.buffer, 0, words);
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            gpu.queue().write_buffer(&self.buffer, words.len() as u64, &word);
        }
    }

    /// Records a copy of this picture to another.
    pub fn copy_to(&self, encoder: &mut wgpu::CommandEncoder, other: &Self) {
        encoder.copy_buffer_to_buffer(&self.buffer, 0, &other.buffer, 0, self.buffer.size());
    }
}

/// All uniforms of one tick in one buffer, uploaded by one call; passes choose by offset.
#[derive(Debug)]
pub struct Uniforms {
    buffer: wgpu::Buffer,
    /// The buffer, bound, with the offset left open.
    pub group: wgpu::BindGroup,
    bytes: Vec<u8>,
    used: usize,
}

impl Uniforms {
    /// Makes room for `count` uniforms a tick, all of the largest size.
    pub fn new(gpu: &Gpu, layouts: &Layouts, count: usize) -> Self {
        let bytes = vec![0; count * UNIFORM_BYTES];
        let buffer = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some("uniforms"),
            size: bytes.len() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self { group: layouts.bind_uniforms(gpu, &buffer), buffer, bytes, used: 0 }
    }

    /// Adds a uniform of at most [`UNIFORM_BYTES`] and returns its offset. There is always room: a
    /// tick's number is bounded.
    pub fn push(&mut self, uniform: &[u8]) -> u32 {
        // The last one may be read to the size of the largest.
        let offset = self.used.min(self.bytes.len() - UNIFORM_BYTES);
        self.bytes[offset..offset + uniform.len()].copy_from_slice(uniform);
        self.used = (offset + uniform.len()).next_multiple_of(UNIFORM_ALIGNMENT);
        offset as u32
    }

    /// Writes what was added before the next submission, and starts anew.
    pub fn upload(&mut self, gpu: &Gpu) {
        gpu.queue().write_buffer(&self.buffer, 0, &self.bytes[..self.used]);
        self.used = 0;
    }
}
