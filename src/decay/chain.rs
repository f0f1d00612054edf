//! The chain: one tick from a decoded picture to a programme picture on its way to memory.

use super::{
    black_and_white::BlackAndWhite,
    buffers::{PackedBuffer, Uniforms},
    convolve::Convolution,
    dct::Dct,
    fixed::{ONE_Q16, q16},
    i420::I420,
    noise,
    passes::{Layouts, Pipelines},
    pictures::Pictures,
    plan::{self, Pass, Place},
    settings::{Rows, Settings},
    shift,
    stir::Stir,
};
use crate::{
    gpu::{Gpu, ReadBackRing, ShaderError},
    params::{Registry, Snapshot},
    units::{Picture, Planes},
};
use std::time::Duration;

/// Most generations in one tick: what the highest rate owes on the slowest canvas. More is cut.
pub const MAX_GENERATIONS_PER_TICK: u32 = 60;

/// Uniforms of one tick: one for each generation, four of the stages, one of the conversion.
const MAX_UNIFORMS: usize = MAX_GENERATIONS_PER_TICK as usize + 5;

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
    /// Running number of the next generation: keys noise and shift.
    pub generation: u64,
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
    /// Whether the picture at [`Place::Decoded`] is older than the decoded I420.
    is_decoded_stale: bool,
    /// Where the worn picture is; `None` after a heal.
    worn: Option<Place>,
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
        let pipelines = Pipelines::new(&gpu, &layouts, pictures.is_wide(), &mut bypassed)?;
        let chain = Self {
            rows: Rows::find(registry),
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
            is_decoded_stale: true,
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
        let settings = self.without_bypassed(Settings::read(frame.params, &self.rows));
        let is_neutral = settings.is_neutral();
        if frame.heal || is_neutral {
            self.worn = None;
        }
        let generations =
            if is_neutral { 0 } else { frame.generations.min(MAX_GENERATIONS_PER_TICK) };
        let read_back = self.ring.reserve();
        let label = wgpu::CommandEncoderDescriptor { label: Some("tick") };
        let mut encoder = self.gpu.device().create_command_encoder(&label);
        self.encode(&mut encoder, frame, &settings, generations, read_back);
        self.uniforms.upload(&self.gpu);
        self.gpu.queue().submit([encoder.finish()]);
        self.ring.submitted(frame.slot);
        Submitted { generations_made: generations, is_neutral, read_back }
    }

    /// Lends finished pictures (packed I420) with their slots to `take`, oldest first. `wait`: how
    /// long to wait for the newest; zero only looks, `None` waits until all are in (offline).
    pub fn collect(&mut self, wait: Option<Duration>, take: &mut dyn FnMut(u64, &[u8])) {
        self.ring.collect(wait, take);
    }

    /// Pictures on their way to memory.
    pub fn pending(&self) -> usize {
        self.ring.pending()
    }

    fn without_bypassed(&self, mut settings: Settings) -> Settings {
        let missing = |pass| self.pipelines.of(pass).is_none();
        if missing(Pass::BlurRows) {
            settings.blur_px = 0.0;
        }
        if missing(Pass::SharpenRows) || missing(Pass::Sharpen) {
            settings.sharpen_q16 = 0;
        }
        if missing(Pass::BlackAndWhite) {
            settings.black_and_white_q16 = 0;
        }
        if missing(Pass::Dct) {
            settings.dct = 0.0;
        }
        settings
    }

    fn encode(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        frame: &Frame<'_>,
        settings: &Settings,
        generations: u32,
        read_back: bool,
    ) {
        let level_q16 = q16(f64::from(frame.level)).clamp(0, ONE_Q16);
        // Without a free place in the ring nobody sees the programme: only wear goes on.
        let is_faded = level_q16 < ONE_Q16 && read_back;
        let is_worn_shown =
            settings.mix_q16 > 0 && (self.worn.is_some() || generations > 0) && read_back;
        let i420 = self.uniforms.push(&I420 {
            mix_q16: settings.mix_q16,
            level_q16,
            width: self.width,
            height: self.height,
        });
        if generations > 0 || is_worn_shown {
            let mut pass = begin(encoder, "wear");
            pass.set_bind_group(2, &self.decoded.group, &[]);
            let is_decoded_read = generations > 0 || settings.mix_q16 < ONE_Q16;
            if is_decoded_read && self.is_decoded_stale {
                let places = (Place::Work(0), Place::Work(0), Place::Decoded);
                let groups = self.pictures.unpack_workgroups();
                self.dispatch(&mut pass, &self.pipelines.unpack, places, i420, groups);
                self.is_decoded_stale = false;
            }
            self.encode_generations(&mut pass, frame, settings, generations);
            if let (true, Some(worn)) = (is_worn_shown, self.worn) {
                pass.set_bind_group(2, &self.programme.group, &[]);
                // Packing writes no picture; the layout wants one that is not read.
                let places = (worn, Place::Decoded, unread(worn));
                let groups = self.pictures.pack_workgroups();
                self.dispatch(&mut pass, &self.pipelines.pack, places, i420, groups);
            }
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

    fn encode_generations(
        &mut self,
        pass: &mut wgpu::ComputePass<'_>,
        frame: &Frame<'_>,
        settings: &Settings,
        generations: u32,
    ) {
        if generations == 0 {
            return;
        }
        let stages = StageUniforms::push(&mut self.uniforms, settings);
        for number in 0..u64::from(generations) {
            let generation = frame.generation.wrapping_add(number);
            let stir = self.uniforms.push(&self.stir(settings, generation));
            let worn = plan::generation(settings, self.worn, &mut |step| {
                let Some(pipeline) = self.pipelines.of(step.pass) else { return };
                let uniform = match step.pass {
                    Pass::Stir => stir,
                    Pass::BlurRows | Pass::BlurColumns => stages.blur,
                    Pass::SharpenRows | Pass::Sharpen => stages.sharpen,
                    Pass::BlackAndWhite => stages.black_and_white,
                    Pass::Dct => stages.dct,
                };
                let places = (step.source, step.second, step.result);
                let groups = self.pictures.workgroups(step.pass);
                self.dispatch(pass, pipeline, places, uniform, groups);
            });
            self.worn = Some(worn);
        }
    }

    fn stir(&self, settings: &Settings, generation: u64) -> Stir {
        let [key_0, key_1, shift_x, shift_y] = noise::generation_words(self.seed, generation);
        let words = [shift_x, shift_y];
        let moved = shift::offset_px(settings.shift_px, settings.drift_px, generation, words);
        // The plan stirs a healed picture from the decoded one alone.
        let feedback_q16 = if self.worn.is_some() { settings.feedback_q16 } else { 0 };
        Stir {
            offset_px: [
                moved[0].rem_euclid(i64::from(self.width)) as i32,
                moved[1].rem_euclid(i64::from(self.height)) as i32,
            ],
            noise_key: [key_0, key_1],
            feedback_q16,
            noise_q16: settings.noise_q16,
            unused: [0; 2],
        }
    }

    fn dispatch(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        pipeline: &wgpu::ComputePipeline,
        (source, second, result): (Place, Place, Place),
        uniform: u32,
        (columns, rows): (u32, u32),
    ) {
        // The plan never names a picture that is read and written at once.
        let Some(pictures) = self.pictures.group(source, second, result) else { return };
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &self.uniforms.group, &[uniform]);
        pass.set_bind_group(1, pictures, &[]);
        pass.dispatch_workgroups(columns, rows, 1);
    }
}

/// Offsets of the uniforms that all generations of a tick share.
struct StageUniforms {
    blur: u32,
    sharpen: u32,
    black_and_white: u32,
    dct: u32,
}

impl StageUniforms {
    fn push(uniforms: &mut Uniforms, settings: &Settings) -> Self {
        let convolution = |sigma_px: f64, amount| Convolution::gaussian(sigma_px.max(0.1), amount);
        Self {
            blur: uniforms.push(&convolution(settings.blur_px, 0)),
            sharpen: uniforms.push(&convolution(settings.sharpen_px, settings.sharpen_q16)),
            black_and_white: uniforms
                .push(&BlackAndWhite { amount_q16: settings.black_and_white_q16, unused: [0; 3] }),
            dct: uniforms.push(&Dct::from_amount(settings.dct)),
        }
    }
}

fn begin<'a>(encoder: &'a mut wgpu::CommandEncoder, label: &'static str) -> wgpu::ComputePass<'a> {
    encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
        label: Some(label),
        timestamp_writes: None,
    })
}

/// A work picture other than this one.
fn unread(place: Place) -> Place {
    if place == Place::Work(0) { Place::Work(1) } else { Place::Work(0) }
}
