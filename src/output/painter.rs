//! Draws a planar picture, letterboxed, and a caption over it, into any texture.

use crate::units::Picture;

/// A small picture that is laid over the programme: premultiplied RGBA, rows without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `4 * width * height` bytes.
    pub rgba: Vec<u8>,
}

/// A rectangle of a window, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// The largest place in a window of `window` pixels that keeps the aspect of `picture`, centred.
pub fn letterbox(picture: (u32, u32), window: (u32, u32)) -> Place {
    let [picture_width, picture_height, window_width, window_height] =
        [picture.0, picture.1, window.0, window.1].map(|side| side.max(1) as f32);
    let scale = (window_width / picture_width).min(window_height / picture_height);
    let (width, height) = (picture_width * scale, picture_height * scale);
    // Rounding must not push the place over the edge: a viewport outside its target is an error.
    let (width, height) = (width.min(window_width), height.min(window_height));
    let (x, y) = ((window_width - width) / 2.0, (window_height - height) / 2.0);
    Place { x, y, width, height }
}

/// Where a caption lies: at the bottom, centred, scaled down where the window is narrower.
fn caption_place(overlay: (u32, u32), window: (u32, u32)) -> Place {
    let (window_width, window_height) = (window.0 as f32, window.1 as f32);
    let scale = (window_width * 0.94 / overlay.0 as f32)
        .min(window_height * 0.5 / overlay.1 as f32)
        .min(1.0);
    let (width, height) = (overlay.0 as f32 * scale, overlay.1 as f32 * scale);
    let bottom = window_height * 0.06;
    // Whole pixels, so that letters that are not scaled stay as sharp as they were made.
    let x = ((window_width - width) / 2.0).floor().max(0.0);
    Place { x, y: (window_height - height - bottom).floor().max(0.0), width, height }
}

struct Planes {
    size: (u32, u32),
    textures: [wgpu::Texture; 3],
    group: wgpu::BindGroup,
}

/// The pipelines and textures of one device. Owned by the thread that draws with that device.
pub struct Painter {
    picture: wgpu::RenderPipeline,
    lettering: wgpu::RenderPipeline,
    sampler: wgpu::Sampler,
    planes: Option<Planes>,
    overlay: Option<((u32, u32), wgpu::BindGroup)>,
}

impl Painter {
    /// For targets of this format, which must not be an sRGB one: values are gamma-coded already.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("present"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../shaders/present.wgsl").into()),
        });
        let pipeline = |entry, blend| {
            device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(entry),
                layout: None,
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: Some("corner"),
                    compilation_options: Default::default(),
                    buffers: &[],
                },
                primitive: Default::default(),
                depth_stencil: None,
                multisample: Default::default(),
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: Some(entry),
                    compilation_options: Default::default(),
                    targets: &[Some(wgpu::ColorTargetState {
                        format,
                        blend,
                        write_mask: wgpu::ColorWrites::ALL,
                    })],
                }),
                multiview_mask: None,
                cache: None,
            })
        };
        Self {
            picture: pipeline("picture", None),
            lettering: pipeline("lettering", Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING)),
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
            planes: None,
            overlay: None,
        }
    }

    /// Width and height of the picture shown, if there is one.
    pub fn picture_size(&self) -> Option<(u32, u32)> {
        self.planes.as_ref().map(|planes| planes.size)
    }

    /// Uploads the picture to be shown from now on.
    pub fn set_picture(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, picture: &Picture) {
        let size = (picture.width(), picture.height());
        if self.picture_size() != Some(size) {
            self.planes = Some(self.new_planes(device, size));
        }
        let Some(planes) = &self.planes else { return };
        let lent = picture.planes();
        for (texture, data) in planes.textures.iter().zip(lent.data) {
            write(queue, texture, data, 1);
        }
    }

    /// Uploads the caption to be shown from now on, or takes it away.
    pub fn set_overlay(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        overlay: Option<&Overlay>,
    ) {
        self.overlay = overlay.map(|overlay| {
            let size = (overlay.width, overlay.height);
            let texture = texture(device, size, wgpu::TextureFormat::Rgba8Unorm);
            write(queue, &texture, &overlay.rgba, 4);
            (size, self.group(device, &self.lettering, &[(4, &texture)]))
        });
    }

    /// Draws into the whole of `target`, which is `window` pixels large: black, the picture, the
    /// caption.
    pub fn draw(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::TextureView,
        window: (u32, u32),
    ) {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("present"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        let mut draw = |pipeline, group, place: Place| {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, group, &[]);
            pass.set_viewport(place.x, place.y, place.width, place.height, 0.0, 1.0);
            pass.draw(0..3, 0..1);
        };
        if let Some(planes) = &self.planes {
            draw(&self.picture, &planes.group, letterbox(planes.size, window));
        }
        if let Some((size, group)) = &self.overlay {
            draw(&self.lettering, group, caption_place(*size, window));
        }
    }

    fn new_planes(&self, device: &wgpu::Device, size: (u32, u32)) -> Planes {
        let plane = |size| texture(device, size, wgpu::TextureFormat::R8Unorm);
        let half = (size.0 / 2, size.1 / 2);
        let textures = [plane(size), plane(half), plane(half)];
        let bound = [(1, &textures[0]), (2, &textures[1]), (3, &textures[2])];
        let group = self.group(device, &self.picture, &bound);
        Planes { size, textures, group }
    }

    fn group(
        &self,
        device: &wgpu::Device,
        pipeline: &wgpu::RenderPipeline,
        textures: &[(u32, &wgpu::Texture)],
    ) -> wgpu::BindGroup {
        let views: Vec<_> = textures
            .iter()
            .map(|(binding, texture)| (*binding, texture.create_view(&Default::default())))
            .collect();
        let sampler = wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Sampler(&self.sampler),
        };
        let textures = views.iter().map(|(binding, view)| wgpu::BindGroupEntry {
            binding: *binding,
            resource: wgpu::BindingResource::TextureView(view),
        });
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &std::iter::once(sampler).chain(textures).collect::<Vec<_>>(),
        })
    }
}

fn texture(
    device: &wgpu::Device,
    (width, height): (u32, u32),
    format: wgpu::TextureFormat,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

fn write(queue: &wgpu::Queue, texture: &wgpu::Texture, data: &[u8], bytes_per_pixel: u32) {
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(texture.width() * bytes_per_pixel),
        rows_per_image: None,
    };
    queue.write_texture(texture.as_image_copy(), data, layout, texture.size());
}
