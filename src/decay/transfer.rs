//! Working pictures to and from memory, waiting for the GPU: for tests and for work offline, never
//! for the engine thread.

use super::rgb::Rgb;
use crate::gpu::Gpu;

/// Writes a picture of the texture's size before the next submission, with motion everywhere.
pub fn write(gpu: &Gpu, texture: &wgpu::Texture, picture: &Rgb) {
    let texels: Vec<[u8; 4]> = picture.pixels.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect();
    write_texels(gpu, texture, &texels);
}

/// The same of texels as they are stored: red, green, blue, motion.
pub fn write_texels(gpu: &Gpu, texture: &wgpu::Texture, texels: &[[u8; 4]]) {
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(texture.width() * 4),
        rows_per_image: None,
    };
    let bytes = texels.as_flattened();
    gpu.queue().write_texture(texture.as_image_copy(), bytes, layout, texture.size());
}

/// Reads a picture as it is after all that has been submitted.
///
/// # Errors
/// What the device said when it failed.
pub fn read(gpu: &Gpu, texture: &wgpu::Texture) -> Result<Rgb, String> {
    let texels = read_texels(gpu, texture)?;
    Ok(Rgb {
        width: texture.width() as usize,
        height: texture.height() as usize,
        pixels: texels.into_iter().map(|[r, g, b, _]| [r, g, b]).collect(),
    })
}

/// The same of texels as they are stored.
///
/// # Errors
/// What the device said when it failed.
pub fn read_texels(gpu: &Gpu, texture: &wgpu::Texture) -> Result<Vec<[u8; 4]>, String> {
    let pitch = (texture.width() * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let encoder = gpu.device().create_command_encoder(&Default::default());
    let size = u64::from(pitch) * u64::from(texture.height());
    let bytes = fetch(gpu, encoder, size, |encoder, buffer| {
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(pitch),
            rows_per_image: None,
        };
        let memory = wgpu::TexelCopyBufferInfo { buffer, layout };
        encoder.copy_texture_to_buffer(texture.as_image_copy(), memory, texture.size());
    })?;
    let rows = bytes.chunks(pitch as usize);
    Ok(rows.flat_map(|row| row[..texture.width() as usize * 4].as_chunks().0).copied().collect())
}

/// Submits what an encoder has and what `copy` adds to it, and reads `size` bytes of the result.
///
/// # Errors
/// What the device said when it failed.
pub fn fetch(
    gpu: &Gpu,
    mut encoder: wgpu::CommandEncoder,
    size: u64,
    copy: impl FnOnce(&mut wgpu::CommandEncoder, &wgpu::Buffer),
) -> Result<Vec<u8>, String> {
    let memory = gpu.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size,
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    copy(&mut encoder, &memory);
    gpu.queue().submit([encoder.finish()]);
    let (told, asked) = std::sync::mpsc::channel();
    memory.map_async(wgpu::MapMode::Read, .., move |result| {
        // Nobody asks any more where the wait has failed.
        let _ = told.send(result);
    });
    let failed = |error: &dyn std::fmt::Display| {
        gpu.faults().first().unwrap_or_else(|| error.to_string().replace('\n', " "))
    };
    gpu.device().poll(wgpu::PollType::wait_indefinitely()).map_err(|error| failed(&error))?;
    asked.recv().map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    match gpu.faults().first() {
        Some(fault) => Err(fault),
        None => {
            let bytes = memory.get_mapped_range(..).map_err(|error| failed(&error))?;
            Ok(bytes.to_vec())
        }
    }
}
