//! The recorder: the programme into a file that survives a kill.
//!
//! A thread of its own takes pictures from a bounded queue and hands them to the encoder. The
//! engine's `offer` neither waits nor writes: with a full queue the picture is refused and counted.

use super::{
    encoder::conformed_caps,
    fault::{Fault, Watched},
    plugins::{self, MediaError},
};
use crate::{
    ports::{Notices, PictureSink, Shown},
    units::{Canvas, Picture},
};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use gstreamer_video as gst_video;
use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Pictures that may wait for the encoder: half a second at 30 pictures per second bridges what a
/// loaded machine does, at 22 MB for 720p and 50 MB for 1080p.
const QUEUE_PICTURES: usize = 16;

/// Pictures inside GStreamer's own queue; ours is the one that counts refusals.
const ENCODER_PICTURES: u64 = 2;

/// The recorder stops while this much is left: a full disk would take the machine down with it.
const DISK_RESERVE_BYTES: u64 = 256 * 1024 * 1024;

/// Bits that the encoder takes for a pixel of worn pictures: the demo's flower at 640x360 took 0.15
/// clean, 0.22 at `decay.amount` 0.4, and 0.17 at 0.72. Strong noise takes more.
const TYPICAL_BITS_PER_PIXEL: f64 = 0.22;

/// How often the free space is looked at.
const DISK_CHECK: Duration = Duration::from_secs(1);

/// How long a clean end may take, and one picture.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// Numbers tried for a name that is taken.
const NAMES_MAX: u32 = 9999;

/// Why nothing is recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The name ends in something else.
    #[error("{path}: recordings end in .mkv or .mp4")]
    Container {
        /// What was asked for.
        path: PathBuf,
    },
    /// The file cannot be made.
    #[error("{path} cannot be written ({source}): record somewhere else")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is too little room to begin with.
    #[error(
        "only {free_mib} MiB are free where {path} is, {reserve_mib} must stay free: \
         make room, or record somewhere else"
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// Free space.
        free_mib: u64,
        /// What must stay free.
        reserve_mib: u64,
    },
    /// A plug-in is missing, or the pipeline would not start.
    #[error("the recorder could not be started: {0}")]
    Start(String),
    /// It failed on the way.
    #[error("the recording ended early: {0}")]
    Failed(String),
}

impl From<MediaError> for RecordError {
    fn from(error: MediaError) -> Self {
        Self::Start(error.to_string())
    }
}

impl From<Fault> for RecordError {
    fn from(fault: Fault) -> Self {
        Self::Start(fault.to_string())
    }
}

/// What the thread and its owner both see.
#[derive(Debug, Default)]
struct Shared {
    /// Set when the thread takes no more pictures.
    is_over: AtomicBool,
    recorded: AtomicU64,
    refused: AtomicU64,
}

/// A running recording. Dropping it ends the file properly, too.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    queue: Option<Sender<Shown>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<(), RecordError>>>,
}

/// What became of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// Pictures in it.
    pub recorded: u64,
    /// Pictures refused because the encoder was behind.
    pub refused: u64,
}

impl Recorder {
    /// Starts recording to `path`, or to a numbered name beside it when that exists. The container
    /// is chosen by the ending: `.mkv` or `.mp4`. The first picture is at time 0.
    ///
    /// # Errors
    /// Another ending, no permission, no room, no encoder.
    pub fn start(path: &Path, canvas: Canvas, notices: Notices) -> Result<Self, RecordError> {
        plugins::init()?;
        let muxer = muxer(path)?;
        plugins::require("x264enc")?;
        plugins::require("h264parse")?;
        let path = claim(path)?;
        let begun = check_room(&path)
            .and_then(|()| Writer::start(&path, canvas, muxer))
            .and_then(|writer| Self::spawn(&path, writer, notices));
        if begun.is_err() {
            // The empty file that held the name is of no use to anybody.
            let _ = fs::remove_file(&path);
        }
        begun
    }

    fn spawn(path: &Path, writer: Writer, notices: Notices) -> Result<Self, RecordError> {
        let shared = Arc::new(Shared::default());
        let (queue, pictures) = bounded(QUEUE_PICTURES);
        let seen = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("recorder".into())
            .spawn(move || {
                let result = writer.run(&pictures, &seen, &notices);
                seen.is_over.store(true, Ordering::Release);
                if let Err(error) = &result {
                    notices.error(error.to_string());
                }
                result
            })
            .map_err(|error| RecordError::Start(error.to_string()))?;
        Ok(Self { path: path.to_owned(), queue: Some(queue), shared, thread: Some(thread) })
    }

    /// The file that is being written; numbered when the name asked for was taken.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Pictures handed to the encoder so far.
    pub fn recorded(&self) -> u64 {
        self.shared.recorded.load(Ordering::Relaxed)
    }

    /// Pictures refused so far.
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// Whether the recorder has stopped by itself (disk full, encoder failed).
    pub fn is_over(&self) -> bool {
        self.shared.is_over.load(Ordering::Acquire)
    }

    /// Records a picture, waiting while the encoder is behind: for rendering, never for the engine.
    /// Returns whether it was taken; not when the recorder has stopped by itself.
    pub fn write(&mut self, shown: &Shown) -> bool {
        !self.is_over()
            && self.queue.as_ref().is_some_and(|queue| queue.send(shown.clone()).is_ok())
    }

    /// Writes what is left and ends the file properly. Waits, at most about ten seconds.
    ///
    /// # Errors
    /// The recording had failed, or would not end; what was written by then is in the file.
    pub fn finish(mut self) -> Result<Recorded, RecordError> {
        self.end()?;
        Ok(Recorded { path: self.path.clone(), recorded: self.recorded(), refused: self.refused() })
    }

    fn end(&mut self) -> Result<(), RecordError> {
        // The thread ends when nobody can send to it any more.
        self.queue = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(RecordError::Failed("the recorder's thread panicked".into())),
            None => Ok(()),
        }
    }
}

impl PictureSink for Recorder {
    fn offer(&mut self, shown: &Shown) -> bool {
        let is_taken = !self.is_over()
            && self.queue.as_ref().is_some_and(|queue| match queue.try_send(shown.clone()) {
                Ok(()) => true,
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
            });
        if !is_taken {
            self.shared.refused.fetch_add(1, Ordering::Relaxed);
        }
        is_taken
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Its thread has said what went wrong.
        let _ = self.end();
    }
}

/// The containers, with what lets each survive a kill.
#[derive(Clone, Copy, Debug)]
struct Muxer {
    element: &'static str,
    settings: &'static [(&'static str, &'static str)],
}

/// Clusters of half a second, so that a player finds its way in a file without an end.
const MATROSKA: Muxer = Muxer {
    element: "matroskamux",
    settings: &[("max-cluster-duration", "500000000"), ("writing-app", "residua")],
};

/// Fragments of half a second; at a clean stop it becomes an ordinary file.
const MP4: Muxer = Muxer {
    element: "mp4mux",
    settings: &[("fragment-duration", "500"), ("fragment-mode", "first-moov-then-finalise")],
};

fn muxer(path: &Path) -> Result<Muxer, RecordError> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "mkv" => Ok(MATROSKA),
        "mp4" => Ok(MP4),
        _ => Err(RecordError::Container { path: path.to_owned() }),
    }
}

/// Makes an empty file of this name, or of the first numbered one that is free: `demo.mkv`,
/// `demo-1.mkv`, `demo-2.mkv`. Atomic, so that two recorders never share a file.
pub(super) fn claim(path: &Path) -> Result<PathBuf, RecordError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let mut candidate = path.to_owned();
    for number in 1..=NAMES_MAX {
        match OpenOptions::new().write(true).create_new(true).open(&candidate) {
            Ok(_) => return Ok(candidate),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                candidate = path.with_file_name(format!("{stem}-{number}.{ending}"));
            }
            Err(source) => return Err(RecordError::Unwritable { path: candidate, source }),
        }
    }
    let source = io::Error::from(io::ErrorKind::AlreadyExists);
    Err(RecordError::Unwritable { path: path.to_owned(), source })
}

/// Free bytes where the file is; `None` where the system does not say.
fn free_bytes(path: &Path) -> Option<u64> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs4::available_space(folder.unwrap_or(Path::new("."))).ok()
}

/// How long a recording to `path` could last before the recorder stops for want of room, by what
/// worn pictures typically take ([`TYPICAL_BITS_PER_PIXEL`]); `None` where the system does not tell
/// the free space.
pub fn room_for(path: &Path, canvas: Canvas) -> Option<Duration> {
    let room = free_bytes(path)?.saturating_sub(DISK_RESERVE_BYTES);
    let pixels_per_sec = f64::from(canvas.width) * f64::from(canvas.height) * canvas.rate.hertz();
    let bytes_per_sec = TYPICAL_BITS_PER_PIXEL * pixels_per_sec / 8.0;
    Duration::try_from_secs_f64(room as f64 / bytes_per_sec).ok()
}

fn check_room(path: &Path) -> Result<(), RecordError> {
    const MIB: u64 = 1024 * 1024;
    match free_bytes(path) {
        Some(free) if free < DISK_RESERVE_BYTES => Err(RecordError::DiskFull {
            path: path.to_owned(),
            free_mib: free / MIB,
            reserve_mib: DISK_RESERVE_BYTES / MIB,
        }),
        _ => Ok(()),
    }
}

/// A picture whose samples GStreamer reads in place.
struct SharedPicture(Arc<Picture>);

impl AsRef<[u8]> for SharedPicture {
    fn as_ref(&self) -> &[u8] {
        self.0.data()
    }
}

/// The thread's side: pipeline and file.
#[derive(Debug)]
struct Writer {
    watched: Watched,
    source: AppSrc,
    canvas: Canvas,
    path: PathBuf,
    first_slot: Option<u64>,
    /// The picture recorded last.
    last: Option<Shown>,
    disk_checked: Instant,
}

impl Writer {
    fn start(path: &Path, canvas: Canvas, muxer: Muxer) -> Result<Self, RecordError> {
        let caps = conformed_caps(canvas);
        let source = AppSrc::builder()
            .caps(&caps)
            .format(gst::Format::Time)
            .block(false)
            .max_bytes(0)
            .max_buffers(0)
            .build();
        let encoder = plugins::make("x264enc")?;
        plugins::configure(
            &encoder,
            &[
                ("speed-preset", "veryfast"),
                ("tune", "zerolatency"),
                ("pass", "quant"),
                ("quantizer", "20"),
                // Half a second at 30 pictures per second: what a kill costs at most.
                ("key-int-max", "15"),
            ],
        );
        let parser = plugins::make("h264parse")?;
        let mux = plugins::make(muxer.element)?;
        plugins::configure(&mux, muxer.settings);
        let file = plugins::make("filesink")?;
        file.set_property("location", path);
        // What the muxer has written must be in the system's hands when the process is killed.
        plugins::configure(&file, &[("buffer-mode", "unbuffered"), ("async", "false")]);
        let mut watched = Watched::new()?;
        let chain = [source.upcast_ref(), &encoder, &parser, &mux, &file];
        plugins::chain(&watched.pipeline, &chain)?;
        watched.play()?;
        let (path, disk_checked) = (path.to_owned(), Instant::now());
        Ok(Self { watched, source, canvas, path, first_slot: None, last: None, disk_checked })
    }

    fn run(
        mut self,
        pictures: &Receiver<Shown>,
        shared: &Shared,
        notices: &Notices,
    ) -> Result<(), RecordError> {
        let failed = |fault: Fault| RecordError::Failed(fault.to_string());
        loop {
            match pictures.recv_timeout(DISK_CHECK) {
                Ok(shown) => {
                    self.fill_up_to(shown.slot).map_err(failed)?;
                    self.push(&shown).map_err(failed)?;
                    self.last = Some(shown);
                    shared.recorded.fetch_add(1, Ordering::Relaxed);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.is_disk_low() {
                shared.is_over.store(true, Ordering::Release);
                notices.warn(format!(
                    "recording stopped: less than {} MiB are free; {} is complete up to here",
                    DISK_RESERVE_BYTES / (1024 * 1024),
                    self.path.display()
                ));
                break;
            }
        }
        self.end().map_err(failed)
    }

    fn is_disk_low(&mut self) -> bool {
        if self.disk_checked.elapsed() < DISK_CHECK {
            return false;
        }
        self.disk_checked = Instant::now();
        free_bytes(&self.path).is_some_and(|free| free < DISK_RESERVE_BYTES)
    }

    /// Slots whose pictures were refused show the picture before them, as the audience saw it.
    fn fill_up_to(&mut self, slot: u64) -> Result<(), Fault> {
        let Some(mut repeated) = self.last.take() else { return Ok(()) };
        while repeated.slot + 1 < slot {
            repeated.slot += 1;
            self.push(&repeated)?;
        }
        Ok(())
    }

    fn push(&mut self, shown: &Shown) -> Result<(), Fault> {
        let deadline = Instant::now() + END_PATIENCE;
        while self.source.current_level_buffers() >= ENCODER_PICTURES {
            self.watched.check(gst::ClockTime::from_mseconds(2))?;
            if Instant::now() > deadline {
                return Err(Fault::Other("the encoder does not go on".into()));
            }
        }
        self.watched.check(gst::ClockTime::ZERO)?;
        let first = *self.first_slot.get_or_insert(shown.slot);
        let slot = shown.slot.saturating_sub(first);
        let time = |slot: u64| {
            let nanos = self.canvas.rate.time_of(slot).as_nanos();
            gst::ClockTime::from_nseconds(nanos.try_into().unwrap_or(u64::MAX - 1))
        };
        let mut buffer = gst::Buffer::from_slice(SharedPicture(Arc::clone(&shown.picture)));
        if let Some(buffer) = buffer.get_mut() {
            // GStreamer would expect rows of whole words; ours are packed.
            let (width, height) = (self.canvas.width, self.canvas.height);
            let (columns, luma) = (width as i32, (width * height) as usize);
            gst_video::VideoMeta::add_full(
                buffer,
                gst_video::VideoFrameFlags::empty(),
                gst_video::VideoFormat::I420,
                width,
                height,
                &[0, luma, luma + luma / 4],
                &[columns, columns / 2, columns / 2],
            )
            .map_err(|error| Fault::Other(error.to_string()))?;
            buffer.set_pts(time(slot));
            buffer.set_duration(time(slot + 1) - time(slot));
        }
        self.source.push_buffer(buffer).map(|_| ()).map_err(|error| Fault::Other(error.to_string()))
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.source.end_of_stream().map_err(|error| Fault::Other(error.to_string()))?;
        let deadline = Instant::now() + END_PATIENCE;
        while !self.watched.is_ended() {
            self.watched.check(gst::ClockTime::from_mseconds(20))?;
            if Instant::now() > deadline {
                return Err(Fault::Other("the file could not be ended in time".into()));
            }
        }
        Ok(())
    }
}
