//! Pipelines of the chain and what they bind, all made once.

use super::plan::Pass;
use crate::gpu::{Gpu, ShaderError, ShaderText, compute_pipeline};

const PICTURE: &str = include_str!("../../shaders/picture.wgsl");
const CONVOLVE: &str = include_str!("../../shaders/convolve.wgsl");

const STIR: ShaderText = ShaderText {
    name: "stir",
    parts: &[
        PICTURE,
        include_str!("../../shaders/noise.wgsl"),
        include_str!("../../shaders/stir.wgsl"),
    ],
};
const BLUR: ShaderText = ShaderText {
    name: "blur",
    parts: &[PICTURE, CONVOLVE, include_str!("../../shaders/blur.wgsl")],
};
const SHARPEN: ShaderText = ShaderText {
    name: "sharpen",
    parts: &[PICTURE, CONVOLVE, include_str!("../../shaders/sharpen.wgsl")],
};
const BLACK_AND_WHITE: ShaderText = ShaderText {
    name: "black_and_white",
    parts: &[PICTURE, include_str!("../../shaders/black_and_white.wgsl")],
};
const DCT: ShaderText =
    ShaderText { name: "dct", parts: &[PICTURE, include_str!("../../shaders/dct.wgsl")] };
const I420: ShaderText =
    ShaderText { name: "i420", parts: &[PICTURE, include_str!("../../shaders/i420.wgsl")] };

/// Every shader with its entry points.
#[cfg(test)]
pub const SHADERS: &[(ShaderText, &[&str])] = &[
    (STIR, &["main"]),
    (BLUR, &["horizontal", "vertical"]),
    (SHARPEN, &["main"]),
    (BLACK_AND_WHITE, &["main"]),
    (DCT, &["main"]),
    (I420, &["unpack", "unpack_wide", "pack", "pack_wide", "level"]),
];

/// Bytes from one uniform to the next, and the size of the largest (`Dct`). A multiple of 256, the
/// coarsest alignment that a device may ask for.
pub const UNIFORM_STRIDE: usize = 512;

/// The passes. A stage whose shader the device refuses is `None`: it is bypassed.
#[derive(Debug)]
pub struct Pipelines {
    stir: wgpu::ComputePipeline,
    blur: Option<[wgpu::ComputePipeline; 2]>,
    sharpen: Option<wgpu::ComputePipeline>,
    black_and_white: Option<wgpu::ComputePipeline>,
    dct: Option<wgpu::ComputePipeline>,
    /// Packed I420 to picture.
    pub unpack: wgpu::ComputePipeline,
    /// Pictures to packed I420.
    pub pack: wgpu::ComputePipeline,
    /// Packed I420 toward black.
    pub level: wgpu::ComputePipeline,
}

impl Pipelines {
    /// Makes them; `is_wide` says that the width is a multiple of 8 ([`Pictures::is_wide`]). Stages
    /// that do not work are named in `bypassed`.
    ///
    /// [`Pictures::is_wide`]: super::pictures::Pictures::is_wide
    ///
    /// # Errors
    /// A shader without which there is no picture.
    pub fn new(
        gpu: &Gpu,
        layouts: &Layouts,
        is_wide: bool,
        bypassed: &mut Vec<ShaderError>,
    ) -> Result<Self, ShaderError> {
        let groups = [&layouts.uniform, &layouts.pictures, &layouts.packed];
        let needed = |text, entry| compute_pipeline(gpu, text, entry, &groups);
        let mut stage =
            |text, entry| needed(text, entry).map_err(|error| bypassed.push(error)).ok();
        let rows = stage(&BLUR, "horizontal");
        let columns = stage(&BLUR, "vertical");
        Ok(Self {
            blur: rows.zip(columns).map(|(rows, columns)| [rows, columns]),
            sharpen: stage(&SHARPEN, "main"),
            black_and_white: stage(&BLACK_AND_WHITE, "main"),
            dct: stage(&DCT, "main"),
            stir: needed(&STIR, "main")?,
            unpack: needed(&I420, if is_wide { "unpack_wide" } else { "unpack" })?,
            pack: needed(&I420, if is_wide { "pack_wide" } else { "pack" })?,
            level: needed(&I420, "level")?,
        })
    }

    /// The pipeline of a pass, unless its stage is bypassed.
    pub fn of(&self, pass: Pass) -> Option<&wgpu::ComputePipeline> {
        match pass {
            Pass::Stir => Some(&self.stir),
            Pass::BlurRows | Pass::SharpenRows => self.blur.as_ref().map(|[rows, _]| rows),
            Pass::BlurColumns => self.blur.as_ref().map(|[_, columns]| columns),
            Pass::Sharpen => self.sharpen.as_ref(),
            Pass::BlackAndWhite => self.black_and_white.as_ref(),
            Pass::Dct => self.dct.as_ref(),
        }
    }
}

/// What the passes bind. One pipeline layout serves all, so that groups stay bound between passes.
#[derive(Debug)]
pub struct Layouts {
    uniform: wgpu::BindGroupLayout,
    pictures: wgpu::BindGroupLayout,
    packed: wgpu::BindGroupLayout,
}

impl Layouts {
    /// Makes them.
    pub fn new(gpu: &Gpu) -> Self {
        let group = |label, types: &[wgpu::BindingType]| {
            let entries: Vec<_> = (0..)
                .zip(types)
                .map(|(binding, ty)| wgpu::BindGroupLayoutEntry {
                    binding,
                    visibility: wgpu::ShaderStages::COMPUTE,
                    ty: *ty,
                    count: None,
                })
                .collect();
            gpu.device().create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(label),
                entries: &entries,
            })
        };
        let buffer = |ty, has_dynamic_offset| wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset,
            min_binding_size: None,
        };
        let read = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Uint,
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let write = wgpu::BindingType::StorageTexture {
            access: wgpu::StorageTextureAccess::WriteOnly,
            format: wgpu::TextureFormat::Rgba8Uint,
            view_dimension: wgpu::TextureViewDimension::D2,
        };
        let storage = wgpu::BufferBindingType::Storage { read_only: false };
        Self {
            uniform: group("uniform", &[buffer(wgpu::BufferBindingType::Uniform, true)]),
            pictures: group("pictures", &[read, read, write]),
            packed: group("packed", &[buffer(storage, false)]),
        }
    }

    /// Binds the buffer of all uniforms; the offset comes with the pass.
    pub fn bind_uniforms(&self, gpu: &Gpu, buffer: &wgpu::Buffer) -> wgpu::BindGroup {
        let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer,
            offset: 0,
            size: std::num::NonZero::new(UNIFORM_STRIDE as u64),
        });
        bind(gpu, &self.uniform, &[resource])
    }

    /// Binds two pictures to be read and one to be written.
    pub fn bind_pictures(&self, gpu: &Gpu, views: [&wgpu::TextureView; 3]) -> wgpu::BindGroup {
        bind(gpu, &self.pictures, &views.map(wgpu::BindingResource::TextureView))
    }

    /// Binds a packed picture.
    pub fn bind_packed(&self, gpu: &Gpu, buffer: &wgpu::Buffer) -> wgpu::BindGroup {
        bind(gpu, &self.packed, &[buffer.as_entire_binding()])
    }
}

fn bind(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    resources: &[wgpu::BindingResource<'_>],
) -> wgpu::BindGroup {
    let entries: Vec<_> = (0..)
        .zip(resources)
        .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource: resource.clone() })
        .collect();
    gpu.device().create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout,
        entries: &entries,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::{black_and_white, convolve, dct, i420, stir};
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    #[test]
    fn every_shader_is_valid_and_says_what_it_is() {
        let sizes = [
            ("Stir", size_of::<stir::Stir>()),
            ("Convolution", size_of::<convolve::Convolution>()),
            ("BlackAndWhite", size_of::<black_and_white::BlackAndWhite>()),
            ("Dct", size_of::<dct::Dct>()),
            ("I420", size_of::<i420::I420>()),
        ];
        let mut seen = Vec::new();
        for (text, entries) in SHADERS {
            for part in text.parts {
                assert!(part.starts_with("// "), "a file of {} says nothing of itself", text.name);
            }
            let module = naga::front::wgsl::parse_str(&text.wgsl())
                .unwrap_or_else(|error| panic!("{}: {error}", text.name));
            Validator::new(ValidationFlags::all(), Capabilities::empty())
                .validate(&module)
                .unwrap_or_else(|error| panic!("{}: {error:?}", text.name));
            let found: Vec<&str> =
                module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
            assert_eq!(&found, entries, "{}", text.name);
            for (_, ty) in module.types.iter() {
                let (Some(name), naga::TypeInner::Struct { span, .. }) = (&ty.name, &ty.inner)
                else {
                    continue;
                };
                if let Some((name, size)) = sizes.iter().find(|(known, _)| known == name) {
                    assert_eq!(*span as usize, *size, "size of {name}");
                    assert!(*size <= UNIFORM_STRIDE);
                    seen.push(*name);
                }
            }
        }
        assert!(sizes.iter().all(|(name, _)| seen.contains(name)), "{seen:?}");
    }
}
