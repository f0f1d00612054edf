//! The recorder: the programme into a file that survives a kill.
//!
//! A thread of its own takes pictures from a bounded queue and hands them to the encoder. The
//! engine's `offer` neither waits nor writes: with a full queue the picture is refused and counted.

use super::{
    encoder::conformed_caps,
    fault::Fault,
    plugins,
    recording_file::{DISK_CHECK, DiskWatch, FilePipeline, Muxer, RecordError, claim, clock_time},
};
use crate::{
    ports::{Notices, PictureSink, Shown},
    units::{Canvas, Picture},
};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use gstreamer as gst;
use gstreamer_video as gst_video;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

/// Pictures that may wait for the encoder: half a second at 30 pictures per second bridges what a
/// loaded machine does, at 22 MB for 720p and 50 MB for 1080p.
const QUEUE_PICTURES: usize = 16;

/// Pictures inside GStreamer's own queue; ours is the one that counts refusals.
const ENCODER_PICTURES: u64 = 2;

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
    /// is chosen by the ending: `.mkv`, `.mp4` or `.mov`. The first picture is at time 0.
    ///
    /// # Errors
    /// Another ending, no permission, no room, no encoder.
    pub fn start(path: &Path, canvas: Canvas, notices: Notices) -> Result<Self, RecordError> {
        plugins::init()?;
        let muxer = Muxer::of(path)?;
        plugins::require("x264enc")?;
        plugins::require("h264parse")?;
        claim(path, |path| {
            let writer = Writer::start(path, canvas, muxer)?;
            Self::spawn(path, writer, notices)
        })
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
    file: FilePipeline,
    disk: DiskWatch,
    canvas: Canvas,
    first_slot: Option<u64>,
    /// The picture recorded last.
    last: Option<Shown>,
}

impl Writer {
    fn start(path: &Path, canvas: Canvas, muxer: Muxer) -> Result<Self, RecordError> {
        let encoder = plugins::make("x264enc")?;
        plugins::configure(
            &encoder,
            &[
                ("speed-preset", "superfast"),
                ("tune", "zerolatency"),
                ("pass", "quant"),
                ("quantizer", "20"),
                // Half a second at 30 pictures per second: what a kill costs at most.
                ("key-int-max", "15"),
            ],
        );
        let middle = [encoder, plugins::make("h264parse")?];
        let file = FilePipeline::start(path, &conformed_caps(canvas), &middle, muxer)?;
        Ok(Self { file, disk: DiskWatch::new(path), canvas, first_slot: None, last: None })
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
            if let Some(line) = self.disk.full() {
                shared.is_over.store(true, Ordering::Release);
                notices.warn(line);
                break;
            }
        }
        self.file.end().map_err(failed)
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
        let first = *self.first_slot.get_or_insert(shown.slot);
        let slot = shown.slot.saturating_sub(first);
        let time = |slot: u64| clock_time(self.canvas.rate.time_of(slot));
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
        self.file.push(buffer, ENCODER_PICTURES)
    }
}
