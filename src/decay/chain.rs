//! The chain: one tick from a decoded picture to a programme picture on its way to memory.

use super::{
    STAGES,
    buffers::{PackedBuffer, Uniforms},
    codec::{self, Codec},
    coding::Coding,
    feedback::{self, Feedback},
    fixed::{ONE_Q16, q16},
    i420::I420,
    pictures::{Pictures, TILE_PX},
    pipelines::{Layouts, Pipelines},
    plan::{self, Executor, Place, Program, Step, Worn},
    rack::Rack,
    run::RunKey,
    settings,
    stage::{Now, StageKind, Work},
};
use crate::{
    gpu::{Gpu, ReadBackRing, ShaderError},
    params::{ParamIndex, Registry, Snapshot},
    units::{Picture, Planes},
};
use std::time::Duration;

/// Most generations in one tick: what the highest rate owes on the slowest canvas. More is cut.
pub const MAX_GENERATIONS_PER_TICK: u32 = 60;

/// Uniforms of one tick: of each generation the stages' and the head's, and one of the conversion.
const MAX_UNIFORMS: usize = MAX_GENERATIONS_PER_TICK as usize * (STAGES.len() + 1) + 1;

/// Why a chain cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DecayError {
    /// The device cannot hold such pictures.
    #[error("pictures of {width}x{height} are too large for {adapter}: choose a smaller canvas")]
    TooLarge {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
        /// The adapter.
        adapter: String,
    },
    /// A shader without which there is no picture.
    #[error(transparent)]
    Shader(#[from] ShaderError),
    /// The device failed while pictures and buffers were made.
    #[error("the graphics device failed: {0}")]
    Device(String),
}

/// What one tick asks of the chain.
#[derive(Debug)]
pub struct Frame<'a> {
    /// Slot of the programme, given back with the picture.
    pub slot: u64,
    /// The decoded picture, or `None` to keep the last one.
    pub picture: Option<&'a Planes<'a>>,
    /// Values in force.
    pub params: &'a Snapshot,
    /// Generations to make now; at most [`MAX_GENERATIONS_PER_TICK`] are made.
    pub generations: u32,
    /// Whether the worn picture is cleared first.
    pub heal: bool,
    /// Level of the programme, 0 = black, 1 = as it is.
    pub level: f32,
    /// Running number of the next generation: keys chance.
    pub generation: u64,
    /// Generations made since the decay was last healed: schedules go by it.
    pub age: u64,
}

/// What the chain did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Submitted {
    /// Generations made; 0 where the chain is neutral.
    pub generations_made: u32,
    /// Whether the chain had nothing to do, and forgot the worn picture.
    pub is_neutral: bool,
    /// Whether the picture is on its way to memory; false when the ring was full.
    pub read_back: bool,
}

/// The decay chain of one canvas. Owned by the engine thread.
#[derive(Debug)]
pub struct Chain {
    gpu: Gpu,
    rows: Rows,
    rack: Rack,
    seed: u64,
    width: u32,
    height: u32,
    pipelines: Pipelines,
    pictures: Pictures,
    bypassed: Vec<ShaderError>,
    /// The decoded picture as it came, cut to the canvas.
    staging: Picture,
    decoded: PackedBuffer,
    programme: PackedBuffer,
    uniforms: Uniforms,
    ring: ReadBackRing,
    coding: Coding,
    /// What the codec's stage did in the last generation.
    codec: Option<Codec>,
    /// Whether the picture at [`Place::Decoded`] is older than the decoded I420.
    is_decoded_stale: bool,
    /// Whether motion has been read ever since the picture at [`Place::Decoded`] was made.
    is_motion_followed: bool,
    /// The worn picture; `None` after a heal.
    worn: Option<Worn>,
}

/// Where the rows of the chain as a whole are in the registry.
#[derive(Clone, Copy, Debug)]
struct Rows {
    wear: ParamIndex,
    mix: ParamIndex,
    rounding: ParamIndex,
    feedback: feedback::Rows,
}

impl Rows {
    fn find(registry: &Registry) -> Self {
        Self {
            wear: registry.index_of(&settings::AMOUNT),
            mix: registry.index_of(&settings::MIX),
            rounding: registry.index_of(&settings::ROUNDING),
            feedback: feedback::Rows::find(registry),
        }
    }
}

impl Chain {
    /// Makes all pipelines, pictures and buffers. The decoded picture is black at first.
    /// `width` and `height` are even.
    ///
    /// # Errors
    /// Pictures too large for the device, a shader that does not work, a device that fails.
    pub fn new(
        gpu: Gpu,
        registry: &Registry,
        width: u32,
        height: u32,
        seed: u64,
    ) -> Result<Self, DecayError> {
        let limits = gpu.device().limits();
        let staging = Picture::black(width, height);
        let bytes = staging.data().len();
        if width.max(height) > limits.max_texture_dimension_2d
            || bytes as u64 > limits.max_storage_buffer_binding_size
        {
            let adapter = gpu.adapter_name();
            return Err(DecayError::TooLarge { width, height, adapter });
        }
        let layouts = Layouts::new(&gpu);
        let pictures = Pictures::new(&gpu, &layouts, width, height);
        let mut bypassed = Vec::new();
        let kinds: Vec<&'static StageKind> = STAGES.to_vec();
        let mut rack = Rack::new(registry, &kinds);
        let mut bypass = |stage, error| {
            rack.bypass(stage);
            bypassed.push(error);
        };
        let is_wide = pictures.is_wide();
        let pipelines = Pipelines::new(&gpu, &layouts, &kinds, is_wide, &mut bypass)?;
        let chain = Self {
            rows: Rows::find(registry),
            rack,
            seed,
            width,
            height,
            pipelines,
            pictures,
            bypassed,
            decoded: PackedBuffer::new(&gpu, &layouts, bytes),
            programme: PackedBuffer::new(&gpu, &layouts, bytes),
            uniforms: Uniforms::new(&gpu, &layouts, MAX_UNIFORMS),
            ring: ReadBackRing::new(&gpu, bytes),
            coding: Coding::new(&gpu, &layouts, registry, [width, height]),
            codec: None,
            is_decoded_stale: true,
            is_motion_followed: false,
            worn: None,
            staging,
            gpu,
        };
        chain.decoded.write(&chain.gpu, chain.staging.data());
        match chain.is_broken() {
            Some(fault) => Err(DecayError::Device(fault)),
            None => Ok(chain),
        }
    }

    /// Stages that do not work on this device and are left out, with the reason.
    pub fn bypassed(&self) -> &[ShaderError] {
        &self.bypassed
    }

    /// Whether the device has failed; costs nothing.
    pub fn has_failed(&self) -> bool {
        self.gpu.faults().is_faulty()
    }

    /// The first fault of the device, after which its pictures mean nothing: show the last one.
    pub fn is_broken(&self) -> Option<String> {
        self.gpu.faults().first()
    }

    /// Whether what is made beside the chain, such as coded pictures, is waited for (offline), or left
    /// out where it comes late (live, and at first).
    pub fn set_patient(&mut self, is_patient: bool) {
        self.coding.set_patient(is_patient);
    }

    /// The codec's way.
    #[cfg(test)]
    pub fn coding(&mut self) -> &mut Coding {
        &mut self.coding
    }

    /// A line for the person about what is made beside the chain, if there is one.
    pub fn news(&mut self) -> Option<String> {
        self.coding.news()
    }

    /// Makes one tick's picture and sends it on its way to memory. Waits for nothing but wgpu's
    /// submit; does nothing on a broken device.
    pub fn submit(&mut self, frame: &Frame<'_>) -> Submitted {
        if self.gpu.faults().is_faulty() {
            return Submitted::default();
        }
        if let Some(planes) = frame.picture {
            self.staging.copy_from(planes);
            self.decoded.write(&self.gpu, self.staging.data());
            self.is_decoded_stale = true;
        }
        self.pipelines.fetch();
        self.rack.sort(frame.params);
        let now = self.now(frame);
        self.is_motion_followed &= self.rack.reads_motion(&now);
        let feedback = self.rows.feedback.read(frame.params, now.wear, now.size_px);
        let is_neutral = feedback.feedback_q16 == 0 && self.rack.is_idle(&now);
        self.coding.count_tick();
        if frame.heal || is_neutral {
            self.worn = None;
            self.coding.forget();
        }
        let generations =
            if is_neutral { 0 } else { frame.generations.min(MAX_GENERATIONS_PER_TICK) };
        let read_back = self.ring.reserve();
        let label = wgpu::CommandEncoderDescriptor { label: Some("tick") };
        let mut encoder = self.gpu.device().create_command_encoder(&label);
        self.encode(&mut encoder, frame, &feedback, generations, read_back);
        self.uniforms.upload(&self.gpu);
        self.gpu.queue().submit([encoder.finish()]);
        self.ring.submitted(frame.slot);
        self.coding.submitted();
        Submitted { generations_made: generations, is_neutral, read_back }
    }

    /// Waits until all shaders that have been asked for are made. Not for a live engine.
    pub fn wait_for_shaders(&mut self) {
        self.pipelines.wait();
    }

    /// The moment of the next generation.
    fn now<'a>(&self, frame: &Frame<'a>) -> Now<'a> {
        Now {
            params: frame.params,
            wear: frame.params.get(self.rows.wear),
            generation: frame.generation,
            age: if frame.heal || self.worn.is_none() { 1 } else { frame.age + 1 },
            seed: self.seed,
            size_px: [self.width, self.height],
            truncates: frame.params.int(self.rows.rounding) == 1,
            is_grey: false,
            coded: None,
        }
    }

    /// Lends finished pictures (packed I420) with their slots to `take`, oldest first. `wait`: how
    /// long to wait for the newest; zero only looks, `None` waits until all are in (offline).
    pub fn collect(&mut self, wait: Option<Duration>, take: &mut dyn FnMut(u64, &[u8])) {
        self.ring.collect(wait, take);
        self.coding.go_on();
    }

    /// Pictures on their way to memory.
    pub fn pending(&self) -> usize {
        self.ring.pending()
    }

    fn encode(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        frame: &Frame<'_>,
        feedback: &Feedback,
        generations: u32,
        read_back: bool,
    ) {
        let level_q16 = q16(f64::from(frame.level)).clamp(0, ONE_Q16);
        let mix_q16 = q16(frame.params.get(self.rows.mix)).clamp(0, ONE_Q16);
        // Without a free place in the ring nobody sees the programme: only wear goes on.
        let is_faded = level_q16 < ONE_Q16 && read_back;
        let is_worn_shown = mix_q16 > 0 && (self.worn.is_some() || generations > 0) && read_back;
        let (width, height) = (self.width, self.height);
        let i420 = I420 { mix_q16, level_q16, width, height };
        let i420 = self.uniforms.push(bytemuck::bytes_of(&i420));
        if generations > 0 || is_worn_shown {
            let mut pass = begin(encoder, "wear");
            pass.set_bind_group(2, &self.decoded.group, &[]);
            let is_decoded_read = generations > 0 || mix_q16 < ONE_Q16;
            if is_decoded_read && self.is_decoded_stale {
                self.unpack(&mut pass, frame, i420);
            }
            pass.set_bind_group(2, &self.coding.difference.group, &[]);
            self.make_generations(&mut pass, frame, feedback, generations);
            if let (true, Some(worn)) = (is_worn_shown, self.worn) {
                pass.set_bind_group(2, &self.programme.group, &[]);
                // Packing writes no picture; the layout wants one that is not read.
                let places = (worn.place, Place::Decoded, Place::Spare);
                let groups = self.pictures.pack_workgroups();
                self.dispatch(&mut pass, &self.pipelines.pack, places, i420, groups);
            }
        }
        if let (true, Some(worn)) = (generations > 0, self.worn) {
            let pictures = [worn.place, Place::Decoded].map(|place| self.pictures.texture(place));
            self.coding.copy(encoder, pictures, frame.params, self.codec);
        }
        if is_faded {
            if !is_worn_shown {
                self.decoded.copy_to(encoder, &self.programme);
            }
            let mut pass = begin(encoder, "level");
            pass.set_bind_group(2, &self.programme.group, &[]);
            let places = (Place::Decoded, Place::Decoded, Place::Work(0));
            let groups = self.pictures.word_workgroups();
            self.dispatch(&mut pass, &self.pipelines.level, places, i420, groups);
        }
        let shown = if is_worn_shown || is_faded { &self.programme } else { &self.decoded };
        self.ring.copy(encoder, &shown.buffer);
    }

    /// Makes the decoded picture from its I420, with the motion of the clip where a stage reads it.
    fn unpack(&mut self, pass: &mut wgpu::ComputePass<'_>, frame: &Frame<'_>, i420: u32) {
        let groups = self.pictures.unpack_workgroups();
        let is_motion_read = self.rack.reads_motion(&self.now(frame));
        if is_motion_read && self.is_motion_followed {
            let new = match self.worn {
                Some(Worn { place: Place::Work(0), .. }) => Place::Work(1),
                _ => Place::Work(0),
            };
            let places = (Place::Decoded, Place::Decoded, new);
            self.dispatch(pass, &self.pipelines.unpack, places, i420, groups);
            let places = (new, Place::Decoded, Place::Spare);
            let groups = self.pictures.workgroups(TILE_PX);
            self.dispatch(pass, &self.pipelines.motion, places, i420, groups);
            self.pictures.swap();
        } else {
            let places = (Place::Work(0), Place::Work(0), Place::Decoded);
            self.dispatch(pass, &self.pipelines.unpack, places, i420, groups);
        }
        self.is_decoded_stale = false;
        // Without a picture before it, the first one has no motion: its own begins with the next.
        self.is_motion_followed = is_motion_read;
    }

    fn make_generations(
        &mut self,
        pass: &mut wgpu::ComputePass<'_>,
        frame: &Frame<'_>,
        feedback: &Feedback,
        generations: u32,
    ) {
        if generations == 0 {
            return;
        }
        let first = self.now(frame);
        let mut coded = self.coding.arrive(frame.params, feedback.feedback_q16);
        for number in 0..u64::from(generations) {
            let generation = first.generation.wrapping_add(number);
            let now = Now { generation, age: first.age + number, coded, ..first };
            coded = self.coding.held(feedback.feedback_q16);
            self.codec = None;
            let mut dispatcher = Dispatcher {
                pass,
                pipelines: &mut self.pipelines,
                pictures: &self.pictures,
                uniforms: &mut self.uniforms,
                codec: &mut self.codec,
                last: None,
            };
            self.worn =
                Some(plan::generation(&mut self.rack, &now, feedback, self.worn, &mut dispatcher));
        }
    }

    fn dispatch(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        pipeline: &wgpu::ComputePipeline,
        places: (Place, Place, Place),
        uniform: u32,
        groups: (u32, u32),
    ) {
        dispatch(pass, pipeline, &self.pictures, &self.uniforms, places, uniform, groups);
    }
}

/// Records the steps of generations.
struct Dispatcher<'a, 'p> {
    pass: &'a mut wgpu::ComputePass<'p>,
    pipelines: &'a mut Pipelines,
    pictures: &'a Pictures,
    uniforms: &'a mut Uniforms,
    /// What the codec's stage does.
    codec: &'a mut Option<Codec>,
    /// The stage whose uniform was pushed last, and its offset: its passes share it.
    last: Option<(usize, u32)>,
}

impl Executor for Dispatcher<'_, '_> {
    fn is_ready(&mut self, run: &RunKey) -> bool {
        self.pipelines.is_ready(run)
    }

    fn run(&mut self, step: &Step<'_>) {
        let uniform = match (step.program, self.last) {
            (Program::Pass(stage, _), Some((last, offset))) if last == stage => offset,
            _ => self.uniforms.push(step.uniform),
        };
        self.last = match step.program {
            Program::Pass(stage, _) => Some((stage, uniform)),
            Program::Run(_) => None,
        };
        if let Program::Pass(stage, _) = step.program
            && std::ptr::eq(STAGES[stage], &codec::STAGE)
        {
            *self.codec = bytemuck::try_pod_read_unaligned(step.uniform).ok();
        }
        let tile_px = match step.program {
            Program::Run(_) => TILE_PX,
            Program::Pass(stage, pass) => match &STAGES[stage].work {
                Work::Passes { passes, .. } => passes[pass].tile_px,
                Work::Point(_) => TILE_PX,
            },
        };
        // A stage whose pipelines are missing is bypassed, and fused runs are asked about first.
        let Some(pipeline) = self.pipelines.of(&step.program) else { return };
        let places = (step.source, step.second, step.result);
        let groups = self.pictures.workgroups(tile_px);
        dispatch(self.pass, pipeline, self.pictures, self.uniforms, places, uniform, groups);
    }
}

fn dispatch(
    pass: &mut wgpu::ComputePass<'_>,
    pipeline: &wgpu::ComputePipeline,
    pictures: &Pictures,
    uniforms: &Uniforms,
    (source, second, result): (Place, Place, Place),
    uniform: u32,
    (columns, rows): (u32, u32),
) {
    // The plan never names a picture that is read and written at once.
    let Some(pictures) = pictures.group(source, second, result) else { return };
    pass.set_pipeline(pipeline);
    pass.set_bind_group(0, &uniforms.group, &[uniform]);
    pass.set_bind_group(1, pictures, &[]);
    pass.dispatch_workgroups(columns, rows, 1);
}

fn begin<'a>(encoder: &'a mut wgpu::CommandEncoder, label: &'static str) -> wgpu::ComputePass<'a> {
    encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
        label: Some(label),
        timestamp_writes: None,
    })
}
