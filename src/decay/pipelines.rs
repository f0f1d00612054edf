//! Pipelines of the chain and what they bind.
//!
//! Stages, heads and conversions are made at the start. Fused runs are made off the engine thread when
//! an order first asks for them, and freed there; until they are made their stages run one by one,
//! which makes the same picture.

use super::{
    motion::MOTION,
    plan::{Program, RUN_UNIFORM_BYTES},
    run::{self, Head, RunKey},
    stage::{PICTURE, PassKind, StageKind, Work},
};
use crate::gpu::{Gpu, ShaderError, ShaderText, Stock, Workshop, compute_pipeline};

const I420: ShaderText =
    ShaderText { name: "i420", parts: &[PICTURE, include_str!("../../shaders/i420.wgsl")] };

/// Bytes that a pass may read of its uniform: the largest there is.
pub const UNIFORM_BYTES: usize = RUN_UNIFORM_BYTES.next_multiple_of(UNIFORM_ALIGNMENT);

/// Uniforms begin at multiples of this, the coarsest alignment that a device may ask for.
pub const UNIFORM_ALIGNMENT: usize = 256;

/// Fused runs that are kept. When one more is wanted the one that was not used for longest goes.
const RUNS_KEPT: usize = 48;

/// Runs that are there whatever the stages: a copy, and the heads for themselves.
const HEADS: [Head; 3] = [Head::Plain, Head::Mixed, Head::Turned];

/// All pipelines of one chain.
#[derive(Debug)]
pub struct Pipelines {
    /// By stage and pass; a point stage has one.
    stages: Vec<Vec<wgpu::ComputePipeline>>,
    heads: [wgpu::ComputePipeline; HEADS.len()],
    /// Fused runs.
    runs: Stock<RunKey, wgpu::ComputePipeline>,
    /// Follows the motion of the clip.
    pub motion: wgpu::ComputePipeline,
    /// Packed I420 to picture.
    pub unpack: wgpu::ComputePipeline,
    /// Pictures to packed I420.
    pub pack: wgpu::ComputePipeline,
    /// Packed I420 toward black.
    pub level: wgpu::ComputePipeline,
}

impl Pipelines {
    /// Makes them, and leaves `places` for stages that come later; `is_wide` says that the width is a
    /// multiple of 8 ([`Pictures::is_wide`]). Stages that do not work are told to `bypass` by number.
    ///
    /// [`Pictures::is_wide`]: super::pictures::Pictures::is_wide
    ///
    /// # Errors
    /// A shader without which there is no picture.
    pub fn new(
        gpu: &Gpu,
        layouts: &Layouts,
        (kinds, places): (&[&'static StageKind], usize),
        is_wide: bool,
        bypass: &mut dyn FnMut(usize, ShaderError),
    ) -> Result<Self, ShaderError> {
        let make = |text: &ShaderText, entry: &str| {
            compute_pipeline(gpu, text.name, &text.wgsl(), entry, &layouts.groups())
        };
        let mut stages = Vec::with_capacity(kinds.len() + places);
        for (stage, kind) in kinds.iter().enumerate() {
            let made = stage_pipelines(gpu, layouts, kinds, stage, kind);
            stages.push(made.unwrap_or_else(|error| {
                bypass(stage, error);
                Vec::new()
            }));
        }
        stages.resize_with(kinds.len() + places, Vec::new);
        let head = |head| run_pipeline(gpu, layouts, &RunKey::of(head), kinds);
        let (worker_gpu, worker_layouts, worker_kinds) =
            (gpu.clone(), layouts.clone(), kinds.to_vec());
        let workshop = Workshop::start(move |key: &RunKey| {
            run_pipeline(&worker_gpu, &worker_layouts, key, &worker_kinds)
        });
        Ok(Self {
            stages,
            heads: [head(HEADS[0])?, head(HEADS[1])?, head(HEADS[2])?],
            // Without a thread nothing is fused: slower, not different.
            runs: Stock::new(RUNS_KEPT, workshop.ok()),
            motion: make(&MOTION, "main")?,
            unpack: make(&I420, if is_wide { "unpack_wide" } else { "unpack" })?,
            pack: make(&I420, if is_wide { "pack_wide" } else { "pack" })?,
            level: make(&I420, "level")?,
        })
    }

    /// The pipeline of a step, if it is there.
    pub fn of(&self, program: &Program) -> Option<&wgpu::ComputePipeline> {
        match program {
            Program::Pass(stage, pass) => self.stages.get(*stage)?.get(*pass),
            Program::Run(key) if key.is_single() => match key.stages().next() {
                Some(stage) => self.stages.get(stage)?.first(),
                None => Some(&self.heads[key.head as usize]),
            },
            Program::Run(key) => self.runs.get(key),
        }
    }

    /// Gives a stage other pipelines; returns those it had.
    pub fn exchange(
        &mut self,
        stage: usize,
        pipelines: Vec<wgpu::ComputePipeline>,
    ) -> Vec<wgpu::ComputePipeline> {
        std::mem::replace(&mut self.stages[stage], pipelines)
    }

    /// Whether a fused run is there; asks for it where it is not.
    pub fn is_ready(&mut self, key: &RunKey) -> bool {
        self.runs.is_ready(key)
    }

    /// Makes no fused run any more.
    pub fn close_workshop(&mut self) {
        self.runs.close();
    }

    /// Takes in the runs that have been made meanwhile.
    pub fn fetch(&mut self) {
        self.runs.fetch();
    }

    /// Waits for all runs under way. Not for the engine thread.
    pub fn wait(&mut self) {
        self.runs.wait();
    }
}

/// The pipelines of one stage.
pub(super) fn stage_pipelines(
    gpu: &Gpu,
    layouts: &Layouts,
    kinds: &[&'static StageKind],
    stage: usize,
    kind: &'static StageKind,
) -> Result<Vec<wgpu::ComputePipeline>, ShaderError> {
    match &kind.work {
        Work::Point(_) => Ok(vec![run_pipeline(gpu, layouts, &RunKey::alone(stage), kinds)?]),
        Work::Passes { passes } => {
            let make = |pass: &PassKind| {
                let wgsl = pass.text.wgsl();
                compute_pipeline(gpu, pass.text.name, &wgsl, pass.entry, &layouts.groups())
            };
            passes.iter().map(make).collect()
        }
    }
}

/// The pipeline of a run.
pub(super) fn run_pipeline(
    gpu: &Gpu,
    layouts: &Layouts,
    key: &RunKey,
    kinds: &[&'static StageKind],
) -> Result<wgpu::ComputePipeline, ShaderError> {
    let (name, wgsl) = (run::name(key, kinds), run::wgsl(key, kinds));
    compute_pipeline(gpu, &name, &wgsl, "main", &layouts.groups())
}

/// What the passes bind. One pipeline layout serves all, so that groups stay bound between passes.
#[derive(Clone, Debug)]
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

    /// The groups, by number.
    pub(super) fn groups(&self) -> [&wgpu::BindGroupLayout; 3] {
        [&self.uniform, &self.pictures, &self.packed]
    }

    /// Binds the buffer of all uniforms; the offset comes with the pass.
    pub fn bind_uniforms(&self, gpu: &Gpu, buffer: &wgpu::Buffer) -> wgpu::BindGroup {
        let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer,
            offset: 0,
            size: std::num::NonZero::new(UNIFORM_BYTES as u64),
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
    use crate::decay::{STAGES, convolve, dct, feedback, i420};
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    fn checked(name: &str, wgsl: &str) -> naga::Module {
        let module =
            naga::front::wgsl::parse_str(wgsl).unwrap_or_else(|error| panic!("{name}: {error}"));
        Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        module
    }

    /// Size of a struct of a module.
    fn span(module: &naga::Module, wanted: &str) -> Option<usize> {
        module.types.iter().find_map(|(_, ty)| match &ty.inner {
            naga::TypeInner::Struct { span, .. } if ty.name.as_deref() == Some(wanted) => {
                Some(*span as usize)
            }
            _ => None,
        })
    }

    #[test]
    fn every_shader_is_valid_and_says_what_it_is() {
        let kinds = STAGES.as_slice();
        for (stage, kind) in kinds.iter().enumerate() {
            match &kind.work {
                Work::Point(point) => {
                    let key = RunKey::alone(stage);
                    let wgsl = run::wgsl(&key, kinds);
                    let size = span(&checked(kind.name, &wgsl), point.uniform);
                    let size = size.unwrap_or_else(|| panic!("no struct {}", point.uniform));
                    assert!(size <= super::super::stage::POINT_UNIFORM_BYTES, "{}", kind.name);
                    assert!(size.is_multiple_of(16), "{}: {size} bytes", kind.name);
                    assert!(point.wgsl.starts_with("// "), "{} says nothing of itself", kind.name);
                }
                Work::Passes { passes } => {
                    for pass in *passes {
                        let own = pass.text.parts[pass.text.parts.len() - 1];
                        assert!(own.starts_with("// "), "{} says nothing of itself", kind.name);
                        let module = checked(kind.name, &pass.text.wgsl());
                        let mut entries = module.entry_points.iter();
                        assert!(entries.any(|found| found.name == pass.entry), "{}", pass.entry);
                    }
                }
            }
        }
        for text in [I420, MOTION] {
            checked(text.name, &text.wgsl());
        }
        let dct = checked("dct", &dct::TRANSFORM.wgsl());
        assert_eq!(span(&dct, "Dct"), Some(size_of::<dct::Dct>()));
        let i420 = checked("i420", &I420.wgsl());
        assert_eq!(span(&i420, "I420"), Some(size_of::<i420::I420>()));
        let head = checked("head", &run::wgsl(&RunKey::of(Head::Turned), kinds));
        assert_eq!(span(&head, "Feedback"), Some(size_of::<feedback::Feedback>()));
        let convolve = checked("convolve", convolve::PICTURE_AND_CONVOLVE.concat().as_str());
        assert_eq!(span(&convolve, "Convolution"), Some(size_of::<convolve::Convolution>()));
    }

    #[test]
    fn stages_fuse_in_any_order() {
        let kinds = STAGES.as_slice();
        let points: Vec<usize> =
            (0..kinds.len()).filter(|stage| matches!(kinds[*stage].work, Work::Point(_))).collect();
        assert!(points.len() >= 3);
        for head in HEADS {
            for backward in [false, true] {
                let mut key = RunKey::of(head);
                let mut order = points.clone();
                if backward {
                    order.reverse();
                }
                order.into_iter().for_each(|stage| key.push(stage));
                checked("run", &run::wgsl(&key, kinds));
            }
        }
    }
}
