//! The worn picture on its way through the codec and back, beside the chain.
//!
//! One picture is under way at a time. It is copied after the generations of a tick, read back, coded on
//! the codec's thread, and its difference is due a fixed number of ticks later: counted, never timed. A
//! patient chain (offline) waits for it then, and for what is given up, so that the next one is copied in
//! the same tick again; a live one does not: what is late is dropped and counted.
//! Owned by the engine thread; live, it waits for nothing and allocates nothing in the steady state.

use super::{
    buffers::PackedBuffer,
    codec::{Codec, Rows},
    coder::{Coder, CoderError, Job},
    fixed::ONE_Q16,
    pipelines::Layouts,
    stage::Coded,
};
use crate::{
    gpu::{Gpu, Mapping, MappingFlag},
    params::{Registry, Snapshot},
};

/// Ticks from the copy of a picture to its difference: two until the picture is in memory (median,
/// measured), one for the codec.
pub const DELAY_TICKS: u32 = 3;

/// Ticks between two notices of late pictures, so that a slow machine does not talk all the time.
const NOTICE_TICKS: u64 = 1000;

/// Bytes of a pixel.
const PIXEL_BYTES: u32 = 4;

/// Where the picture is.
#[derive(Debug)]
enum Way {
    /// Nowhere: the job rests.
    Resting(Job),
    /// Copied in the tick that is being made.
    Copied(Job),
    /// On its way to memory.
    Reading(Job),
    /// On the codec's thread.
    Coding,
    /// Back.
    Back(Job),
    /// The codec does not work, and is left out.
    Off,
}

/// The way of the worn picture through the codec.
#[derive(Debug)]
pub struct Coding {
    gpu: Gpu,
    rows: Rows,
    coder: Option<Coder>,
    /// What the stage adds: the difference, and behind it the way.
    pub difference: PackedBuffer,
    memory: wgpu::Buffer,
    size_px: [u32; 2],
    mapping: MappingFlag,
    way: Way,
    /// Ticks since the picture was copied.
    ticks: u32,
    /// Whether what comes back belongs to a picture that is gone.
    is_void: bool,
    /// Whether there is a difference that is held up.
    is_held: bool,
    /// Whether a picture that is due is waited for.
    is_patient: bool,
    late: u64,
    ticks_ever: u64,
    /// When the picture under way was copied, in [`Self::ticks_ever`].
    copied_tick: u64,
    /// The same of the picture whose difference there is.
    held_tick: u64,
    notice_from: u64,
    late_told: u64,
    /// Whether the codec has been on.
    is_asked: bool,
    fault: Option<String>,
}

impl Coding {
    /// Makes buffers and the thread. Pictures beyond what JPEG or the device can take leave the codec
    /// out, with a notice once it is asked for.
    pub fn new(gpu: &Gpu, layouts: &Layouts, registry: &Registry, size_px: [u32; 2]) -> Self {
        let [width, height] = size_px;
        let most = gpu.device().limits().max_storage_buffer_binding_size;
        let bytes = u64::from(width) * u64::from(height) * u64::from(PIXEL_BYTES);
        let sides = size_px.map(u16::try_from);
        let (fits, coder) = match sides {
            [Ok(_), Ok(_)] if 2 * bytes <= most => (true, Coder::start().ok()),
            _ => (false, None),
        };
        let fault = match (fits, &coder) {
            (false, _) => {
                Some(format!("the codec is left out: {width}x{height} is too large for it"))
            }
            (true, None) => Some("the codec is left out: the system gives it no thread".to_owned()),
            (true, Some(_)) => None,
        };
        let bytes = if coder.is_some() { bytes as usize } else { PIXEL_BYTES as usize };
        let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
        let job = Job {
            size_px: size_px.map(side),
            pixels: vec![0; bytes],
            decoded: vec![0; bytes],
            difference: vec![0; bytes / PIXEL_BYTES as usize],
            way: vec![0; bytes / PIXEL_BYTES as usize],
            ..Job::default()
        };
        let rows_bytes =
            if coder.is_some() { u64::from(pitch(width)) * u64::from(height) } else { 4 };
        Self {
            gpu: gpu.clone(),
            rows: Rows::find(registry),
            difference: PackedBuffer::new(gpu, layouts, 2 * bytes),
            memory: gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("pictures for the codec"),
                size: 2 * rows_bytes,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            }),
            size_px,
            mapping: MappingFlag::default(),
            way: if coder.is_some() { Way::Resting(job) } else { Way::Off },
            coder,
            ticks: 0,
            is_void: false,
            is_held: false,
            is_patient: false,
            late: 0,
            ticks_ever: 0,
            copied_tick: 0,
            held_tick: 0,
            notice_from: 0,
            late_told: 0,
            is_asked: false,
            fault,
        }
    }

    /// Whether a picture that is due is waited for (offline), or dropped when it is late (live).
    pub fn set_patient(&mut self, is_patient: bool) {
        self.is_patient = is_patient;
    }

    /// The worn picture has been given up: what is under way belongs to nothing.
    pub fn forget(&mut self) {
        self.is_held = false;
        self.is_void = self.is_under_way();
    }

    /// Begins a tick that makes generations. What the stage may add in its first one; `feedback_q16` is
    /// how much of the worn picture goes into each.
    pub fn arrive(&mut self, params: &Snapshot, feedback_q16: i32) -> Option<Coded> {
        match self.rows.quality(params) {
            Some(_) => self.is_asked = true,
            None => self.forget(),
        }
        if self.ticks >= DELAY_TICKS && !self.is_void && self.is_under_way() {
            if self.is_patient {
                self.wait();
            }
            if let Some(job) = self.take_back() {
                let difference: &[u8] = bytemuck::cast_slice(&job.difference);
                let way: &[u8] = bytemuck::cast_slice(&job.way);
                self.difference.write(&self.gpu, difference);
                let behind = difference.len() as u64;
                self.gpu.queue().write_buffer(&self.difference.buffer, behind, way);
                self.way = Way::Resting(job);
                self.is_held = true;
                self.held_tick = self.copied_tick;
            } else if self.is_under_way() {
                self.late += 1;
                self.is_void = true;
                // What is held belongs to the picture before this one.
                self.is_held = false;
            }
        }
        self.held(feedback_q16)
    }

    /// What the stage may add in all further generations of the tick.
    pub fn held(&self, feedback_q16: i32) -> Option<Coded> {
        let (copied_tick, tick) = (self.held_tick, self.ticks_ever);
        self.is_held.then_some(Coded { copied_tick, tick, lost_q16: ONE_Q16 - feedback_q16 })
    }

    /// Counts a tick, and lets a picture that is under way go on.
    pub fn count_tick(&mut self) {
        self.ticks = self.ticks.saturating_add(1);
        self.ticks_ever += 1;
        self.go_on();
        if self.is_void && self.is_patient {
            self.wait();
        }
        if self.is_void
            && let Some(job) = self.take_back()
        {
            self.way = Way::Resting(job);
            self.is_void = false;
        }
    }

    /// Ends a tick that made generations: copies the worn and the decoded picture where none is under
    /// way. `stage` is what the stage did in the last generation.
    pub fn copy(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        pictures: [&wgpu::Texture; 2],
        params: &Snapshot,
        stage: Option<Codec>,
    ) {
        let Some(quality) = self.rows.quality(params) else { return };
        self.way = match std::mem::replace(&mut self.way, Way::Off) {
            Way::Resting(mut job) => {
                job.quality = quality;
                job.held_q16 = stage.map_or(0, |stage| stage.held_q16);
                let halves = [0, self.memory.size() / 2];
                for (picture, offset) in pictures.into_iter().zip(halves) {
                    let layout = wgpu::TexelCopyBufferLayout {
                        offset,
                        bytes_per_row: Some(pitch(self.size_px[0])),
                        rows_per_image: None,
                    };
                    let memory = wgpu::TexelCopyBufferInfo { buffer: &self.memory, layout };
                    encoder.copy_texture_to_buffer(picture.as_image_copy(), memory, picture.size());
                }
                Way::Copied(job)
            }
            other => other,
        };
    }

    /// Asks for the copied picture, once its tick is submitted.
    pub fn submitted(&mut self) {
        self.way = match std::mem::replace(&mut self.way, Way::Off) {
            Way::Copied(job) => {
                self.ticks = 0;
                self.copied_tick = self.ticks_ever;
                self.is_void = false;
                self.mapping.ask(&self.memory);
                Way::Reading(job)
            }
            other => other,
        };
    }

    /// Hands a picture that is in memory to the codec, and takes back what it has coded. Waits for
    /// nothing; wgpu is polled by others.
    pub fn go_on(&mut self) {
        self.way = match std::mem::replace(&mut self.way, Way::Off) {
            Way::Reading(job) => match self.mapping.get() {
                Mapping::Pending => Way::Reading(job),
                Mapping::Mapped => self.hand_over(job),
                Mapping::Failed => self.fail("a picture could not be read back".to_owned()),
            },
            other => other,
        };
        if matches!(self.way, Way::Coding)
            && let Some(coded) = self.coder.as_ref().and_then(Coder::fetch)
        {
            self.receive(coded);
        }
    }

    /// What there is to tell, once: that the codec is off, or that pictures come late.
    pub fn news(&mut self) -> Option<String> {
        if self.is_asked && self.fault.is_some() {
            return self.fault.take();
        }
        if self.late == self.late_told || self.ticks_ever < self.notice_from {
            return None;
        }
        self.late_told = self.late;
        self.notice_from = self.ticks_ever + NOTICE_TICKS;
        Some(format!("the codec is slow here, what comes late is left out ({} so far)", self.late))
    }

    /// Pictures that came late, since the start.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Puts another thread in the place of the codec's.
    #[cfg(test)]
    pub fn set_coder(&mut self, coder: Coder) {
        self.coder = Some(coder);
    }

    fn is_under_way(&self) -> bool {
        !matches!(self.way, Way::Resting(_) | Way::Off)
    }

    /// The job of a picture that is back; the caller says where it goes.
    fn take_back(&mut self) -> Option<Job> {
        match std::mem::replace(&mut self.way, Way::Off) {
            Way::Back(job) => Some(job),
            other => {
                self.way = other;
                None
            }
        }
    }

    /// Waits until the picture that is under way is back. Not for a live engine.
    fn wait(&mut self) {
        if matches!(self.way, Way::Reading(_))
            && let Err(error) = self.gpu.device().poll(wgpu::PollType::wait_indefinitely())
        {
            self.gpu.faults().record(error.to_string());
        }
        self.go_on();
        if matches!(self.way, Way::Coding) {
            match self.coder.as_ref().and_then(Coder::wait) {
                Some(coded) => self.receive(coded),
                None => self.way = self.fail("its thread has ended".to_owned()),
            }
        }
    }

    /// Gives a picture in memory to the codec's thread.
    fn hand_over(&mut self, mut job: Job) -> Way {
        let row_bytes = (self.size_px[0] * PIXEL_BYTES) as usize;
        let result = self.memory.get_mapped_range(..).map(|view| {
            let rows = view.chunks(pitch(self.size_px[0]) as usize);
            let pictures = [&mut job.pixels, &mut job.decoded];
            let own = pictures.into_iter().flat_map(|picture| picture.chunks_mut(row_bytes));
            for (row, from) in own.zip(rows) {
                row.copy_from_slice(&from[..row_bytes]);
            }
        });
        self.memory.unmap();
        if let Err(error) = result {
            return self.fail(error.to_string());
        }
        match self.coder.as_ref().map(|coder| coder.send(job)) {
            Some(None) => Way::Coding,
            _ => self.fail("its thread has ended".to_owned()),
        }
    }

    fn receive(&mut self, (job, result): (Job, Result<(), CoderError>)) {
        self.way = match result {
            Ok(()) => Way::Back(job),
            Err(error) => self.fail(error.to_string()),
        };
    }

    fn fail(&mut self, why: String) -> Way {
        self.is_held = false;
        self.fault = Some(format!("the codec is left out: {why}"));
        Way::Off
    }
}

/// Bytes of a row of a picture on its way to memory, as wgpu wants them.
fn pitch(width: u32) -> u32 {
    (width * PIXEL_BYTES).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)
}
