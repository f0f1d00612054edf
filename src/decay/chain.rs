//! The chain: one tick from a decoded picture to a programme picture on its way to memory.

mod dispatcher;
mod offline;

pub use offline::Told;

use super::{
    STAGES,
    buffers::{PackedBuffer, Uniforms},
    codec::Codec,
    coding::Coding,
    dct::Dct,
    feedback::{self, Feedback},
    fixed::{ONE_Q16, q16},
    i420::I420,
    pictures::{Pictures, TILE_PX},
    pipelines::{Layouts, Pipelines},
    plan::{self, Place, Worn},
    rack::Rack,
    settings,
    stage::{Now, StageKind},
    user::{ShaderChange, USER_STAGES, Workbench},
};
use crate::{
    gpu::{Gpu, ReadBackRing, ShaderError},
    params::{ParamIndex, Registry, Snapshot},
    units::{Picture, Planes},
};
use dispatcher::{Dispatcher, dispatch};
use std::time::Duration;

/// Most generations in one tick: what the highest rate owes on the slowest canvas. More is cut.
pub const MAX_GENERATIONS_PER_TICK: u32 = 60;

/// Stages that there may be.
const STAGES_MAX: usize = STAGES.len() + USER_STAGES;

/// Uniforms of one tick: of each generation the stages' and the head's, and one of the conversion.
const MAX_UNIFORMS: usize = MAX_GENERATIONS_PER_TICK as usize * (STAGES_MAX + 1) + 1;

/// Of a working picture.
const BYTES_PER_PIXEL: u64 = 4;

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
    /// Bytes that the generations' passes read and wrote: each its source and its result, a mixing
    /// head its second picture too. What passes read again or besides is not counted.
    pub bytes_moved: u64,
}

/// The decay chain of one canvas. Owned by the engine thread.
#[derive(Debug)]
pub struct Chain {
    gpu: Gpu,
    layouts: Layouts,
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
    /// Number of the stage whose first pass's source is kept at [`Place::Spare`].
    kept_stage: Option<usize>,
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
    ///
    /// Programme pictures have even sides: where `width` or `height` (2 or more) is odd, the last
    /// column or row is worn, but not shown.
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
        let staging = Picture::black(width & !1, height & !1);
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
        let mut rack = Rack::new(registry, &kinds, USER_STAGES);
        let mut bypass = |stage, error| {
            rack.bypass(stage);
            bypassed.push(error);
        };
        let is_wide = pictures.is_wide();
        let pipelines =
            Pipelines::new(&gpu, &layouts, (&kinds, USER_STAGES), is_wide, &mut bypass)?;
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
            kept_stage: None,
            staging,
            layouts,
            gpu,
        };
        chain.decoded.write(&chain.gpu, chain.staging.data());
        match chain.is_broken() {
            Some(fault) => Err(DecayError::Device(fault)),
            None => Ok(chain),
        }
    }

    /// Gives the DCT tables for its choice `file`. Before the show begins.
    pub fn use_tables(&mut self, tables: &Dct) {
        self.rack.use_tables(tables);
    }

    /// Stages that do not work on this device and are left out, with the reason.
    pub fn bypassed(&self) -> &[ShaderError] {
        &self.bypassed
    }

    /// What the shaders of users are made with.
    pub fn workbench(&self) -> Workbench {
        Workbench { gpu: self.gpu.clone(), layouts: self.layouts.clone() }
    }

    /// Takes a user's stage in, or out; returns what it takes the place of, to be freed elsewhere.
    pub fn exchange(&mut self, change: ShaderChange) -> ShaderChange {
        let ShaderChange { place, slot, pipelines } = change;
        let stage = STAGES.len() + place;
        ShaderChange {
            place,
            slot: self.rack.exchange(stage, slot),
            pipelines: self.pipelines.exchange(stage, pipelines),
        }
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

    /// Pictures of the codec stage that came late and were left out, since the start.
    pub fn late_codings(&self) -> u64 {
        self.coding.late()
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
        let bytes_moved = self.encode(&mut encoder, frame, &feedback, generations, read_back);
        self.uniforms.upload(&self.gpu);
        self.gpu.queue().submit([encoder.finish()]);
        self.ring.submitted(frame.slot);
        self.coding.submitted();
        Submitted { generations_made: generations, is_neutral, read_back, bytes_moved }
    }

    /// Runs all stages one by one from now on: the same pictures, and no shader is made any more.
    pub fn without_fusing(&mut self) {
        self.pipelines.close_workshop();
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
    ) -> u64 {
        let mut bytes_moved = 0;
        let level_q16 = q16(f64::from(frame.level)).clamp(0, ONE_Q16);
        let mix_q16 = q16(frame.params.get(self.rows.mix)).clamp(0, ONE_Q16);
        // Without a free place in the ring nobody sees the programme: only wear goes on.
        let is_faded = level_q16 < ONE_Q16 && read_back;
        let is_worn_shown = mix_q16 > 0 && (self.worn.is_some() || generations > 0) && read_back;
        let (width, height) = (self.staging.width(), self.staging.height());
        let i420 = I420 { mix_q16, level_q16, width, height };
        let i420 = self.uniforms.push(bytemuck::bytes_of(&i420));
        // Motion goes from picture to picture, also where none of them is worn.
        let is_followed = self.is_decoded_stale && self.rack.reads_motion(&self.now(frame));
        if generations > 0 || is_worn_shown || is_followed {
            let mut pass = begin(encoder, "wear");
            pass.set_bind_group(2, &self.decoded.group, &[]);
            let is_decoded_read = generations > 0 || mix_q16 < ONE_Q16 || is_followed;
            if is_decoded_read && self.is_decoded_stale {
                self.unpack(&mut pass, frame, i420);
            }
            pass.set_bind_group(2, &self.coding.difference.group, &[]);
            bytes_moved = self.make_generations(&mut pass, frame, feedback, generations);
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
        bytes_moved
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
    ) -> u64 {
        if generations == 0 {
            return 0;
        }
        let mut pictures_moved = 0;
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
                pictures_moved: 0,
                kept_stage: self.kept_stage,
            };
            self.worn =
                Some(plan::generation(&mut self.rack, &now, feedback, self.worn, &mut dispatcher));
            pictures_moved += dispatcher.pictures_moved;
        }
        pictures_moved * u64::from(self.width) * u64::from(self.height) * BYTES_PER_PIXEL
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

fn begin<'a>(encoder: &'a mut wgpu::CommandEncoder, label: &'static str) -> wgpu::ComputePass<'a> {
    encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
        label: Some(label),
        timestamp_writes: None,
    })
}
