//! The control window's device: egui and the preview on one surface.

use super::AppError;
use crate::{
    output::{Painter, plain_format},
    units::Picture,
};
use egui::TextureId;
use std::sync::{Arc, OnceLock};
use winit::window::Window;

/// Largest size of the preview's texture in pixels; egui scales it to its place.
const PREVIEW_SIZE: (u32, u32) = (640, 640);
/// The same where the adapter is a CPU, which the decay chain needs more.
const PREVIEW_SIZE_CPU: (u32, u32) = (320, 320);

/// Whether the window could be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    /// It was.
    Yes,
    /// Not just now; try again.
    Later,
    /// The device or the surface is lost: make a new [`Gpu`].
    Lost,
}

struct Preview {
    view: wgpu::TextureView,
    size: (u32, u32),
    id: TextureId,
}

/// Surface, device, egui's renderer and the preview. Owned by the main thread.
pub(super) struct Gpu {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    device: wgpu::Device,
    queue: wgpu::Queue,
    renderer: egui_wgpu::Renderer,
    painter: Painter,
    preview: Option<Preview>,
    failure: Arc<OnceLock<String>>,
    is_configured: bool,
    is_cpu: bool,
}

impl Gpu {
    /// Opens a device that draws to the window.
    pub(super) fn new(instance: &wgpu::Instance, window: Arc<Window>) -> Result<Self, AppError> {
        let size = window.inner_size();
        let surface = instance.create_surface(window)?;
        let options = wgpu::RequestAdapterOptions {
            compatible_surface: Some(&surface),
            ..Default::default()
        };
        let adapter = pollster::block_on(instance.request_adapter(&options))?;
        let descriptor = wgpu::DeviceDescriptor { label: Some("control"), ..Default::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))?;
        let mut config = surface
            .get_default_config(&adapter, size.width.max(1), size.height.max(1))
            .ok_or(AppError::Format)?;
        let formats = surface.get_capabilities(&adapter).formats;
        config.format = plain_format(&formats).ok_or(AppError::Format)?;
        // Never waits for the display: the keys of all windows come in on this thread.
        config.present_mode = wgpu::PresentMode::AutoNoVsync;
        let failure = crate::output::watch(&device);
        // Dithering would cost more per pixel than all else: there are no gradients here.
        let options = egui_wgpu::RendererOptions { dithering: false, ..Default::default() };
        Ok(Self {
            renderer: egui_wgpu::Renderer::new(&device, config.format, options),
            is_cpu: adapter.get_info().device_type == wgpu::DeviceType::Cpu,
            painter: Painter::new(&device, wgpu::TextureFormat::Rgba8Unorm),
            preview: None,
            is_configured: false,
            surface,
            config,
            device,
            queue,
            failure,
        })
    }

    /// Whether a CPU does the drawing, taking time from everything else.
    pub(super) fn is_cpu(&self) -> bool {
        self.is_cpu
    }

    /// Largest side of a texture in pixels.
    pub(super) fn max_texture_side(&self) -> usize {
        self.device.limits().max_texture_dimension_2d as usize
    }

    /// The window has this size now.
    pub(super) fn resize(&mut self, width: u32, height: u32) {
        let largest = self.device.limits().max_texture_dimension_2d;
        self.config.width = width.clamp(1, largest);
        self.config.height = height.clamp(1, largest);
        self.is_configured = false;
    }

    /// Draws a picture into the preview's texture.
    pub(super) fn set_preview(&mut self, picture: &Picture) {
        let room = if self.is_cpu { PREVIEW_SIZE_CPU } else { PREVIEW_SIZE };
        let place = crate::output::letterbox((picture.width(), picture.height()), room);
        let size = (
            (place.width.round() as u32).clamp(1, picture.width()),
            (place.height.round() as u32).clamp(1, picture.height()),
        );
        if self.preview.as_ref().is_none_or(|preview| preview.size != size) {
            if let Some(old) = self.preview.take() {
                self.renderer.free_texture(&old.id);
            }
            self.preview = Some(self.new_preview(size));
        }
        let Some(preview) = &self.preview else { return };
        self.painter.set_picture(&self.device, &self.queue, picture);
        let mut encoder = self.device.create_command_encoder(&Default::default());
        self.painter.draw(&mut encoder, &preview.view, preview.size);
        self.queue.submit([encoder.finish()]);
    }

    /// The preview for egui, and its width over its height.
    pub(super) fn preview(&self) -> Option<(TextureId, f32)> {
        let preview = self.preview.as_ref()?;
        Some((preview.id, preview.size.0 as f32 / preview.size.1 as f32))
    }

    fn new_preview(&mut self, size: (u32, u32)) -> Preview {
        let texture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("preview"),
            size: wgpu::Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        let view = texture.create_view(&Default::default());
        let linear = wgpu::FilterMode::Linear;
        let id = self.renderer.register_native_texture(&self.device, &view, linear);
        Preview { view, size, id }
    }

    /// Draws what egui made. Its textures are taken over in any case.
    pub(super) fn draw(
        &mut self,
        primitives: &[egui::ClippedPrimitive],
        mut textures: egui::TexturesDelta,
        pixels_per_point: f32,
    ) -> Drawn {
        for (id, deltas) in &textures.set {
            for delta in deltas {
                self.renderer.update_texture(&self.device, &self.queue, *id, delta);
            }
        }
        let drawn = self.draw_primitives(primitives, pixels_per_point);
        for id in &textures.free {
            self.renderer.free_texture(id);
        }
        textures.clear();
        drawn
    }

    fn draw_primitives(
        &mut self,
        primitives: &[egui::ClippedPrimitive],
        pixels_per_point: f32,
    ) -> Drawn {
        if let Some(failure) = self.failure.get() {
            log::warn!("the control window's device failed: {failure}");
            return Drawn::Lost;
        }
        if !self.is_configured {
            self.surface.configure(&self.device, &self.config);
            self.is_configured = true;
        }
        use wgpu::CurrentSurfaceTexture as Current;
        let texture = match self.surface.get_current_texture() {
            Current::Success(texture) => texture,
            Current::Suboptimal(texture) => {
                self.is_configured = false;
                texture
            }
            Current::Outdated => {
                self.is_configured = false;
                return Drawn::Later;
            }
            Current::Timeout | Current::Occluded | Current::Validation => return Drawn::Later,
            Current::Lost => return Drawn::Lost,
        };
        let screen = egui_wgpu::ScreenDescriptor {
            size_in_pixels: [self.config.width, self.config.height],
            pixels_per_point,
        };
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut buffers = self.renderer.update_buffers(
            &self.device,
            &self.queue,
            &mut encoder,
            primitives,
            &screen,
        );
        let view = texture.texture.create_view(&Default::default());
        let mut pass = encoder
            .begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("control"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(background()),
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..Default::default()
            })
            .forget_lifetime();
        self.renderer.render(&mut pass, primitives, &screen);
        drop(pass);
        buffers.push(encoder.finish());
        self.queue.submit(buffers);
        self.queue.present(texture);
        Drawn::Yes
    }
}

/// The window's own colour, gamma-coded like all that is drawn over it.
fn background() -> wgpu::Color {
    let [r, g, b, _] = crate::ui::BACKGROUND.to_array().map(|code| f64::from(code) / 255.0);
    wgpu::Color { r, g, b, a: 1.0 }
}
