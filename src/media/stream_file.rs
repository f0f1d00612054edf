//! The spliced stream as a file: what the decoder is fed with, put into a container and not encoded
//! again.
//!
//! A thread of its own takes access units from a bounded queue and hands them to the muxer. The
//! engine's `offer` neither waits nor writes: it copies into one of a fixed number of buffers, and
//! where all are out the access unit is refused. A stream with a hole is not legal, so nothing is
//! taken then until the next intra picture.
//!
//! One file holds one format. Where another begins, the file is finished and the next numbered one
//! begins, each playable on its own.

use super::{
    encoder::fraction_of,
    fault::Fault,
    plugins,
    recording_file::{DISK_CHECK, DiskWatch, FilePipeline, Muxer, RecordError, claim, clock_time},
};
use crate::{
    ports::{Notices, SplicedUnit, StreamSink},
    units::{Codec, FrameRate, StreamFormat},
};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Access units that may wait for the muxer: two seconds of the fastest canvas, or a second of a
/// drive of 8 at 16 pictures per second. The muxer only copies, so this bridges a slow disk.
const QUEUE_UNITS: usize = 128;

/// Room that each buffer has from the start; a larger access unit makes its buffer grow once.
const UNIT_BYTES: usize = 32 * 1024;

/// Access units inside GStreamer's own queue. They are small, and the muxer is fast.
const MUXER_UNITS: u64 = 64;

/// An access unit on its way to the thread.
#[derive(Debug)]
struct Waiting {
    slot: u64,
    part: u32,
    parts: u32,
    is_intra: bool,
    format: StreamFormat,
    bytes: Vec<u8>,
}

/// What the thread and its owner both see.
#[derive(Debug, Default)]
struct Shared {
    /// Set when the thread takes no more.
    is_over: AtomicBool,
    written: AtomicU64,
}

/// A spliced stream on its way to a file. Dropping it ends the file properly, too.
#[derive(Debug)]
pub struct StreamFile {
    path: PathBuf,
    queue: Option<Sender<Waiting>>,
    /// Buffers that are free.
    free: Receiver<Vec<u8>>,
    shared: Arc<Shared>,
    refused: u64,
    /// An access unit was refused: what follows up to the next intra picture cannot be decoded.
    has_hole: bool,
    thread: Option<JoinHandle<Result<Vec<PathBuf>, RecordError>>>,
}

/// What became of a spliced stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamWritten {
    /// The files, in order: one for each format. None where nothing was offered.
    pub files: Vec<PathBuf>,
    /// Access units in them.
    pub written: u64,
    /// Access units refused because the disk was behind, or since they followed such a hole.
    pub refused: u64,
}

impl StreamFile {
    /// Begins a file at `path`, or at a numbered name beside it when that exists. The container is
    /// chosen by the ending: `.mkv`, `.mp4` or `.mov`. The first access unit is at time 0; `rate`
    /// is that of the slots.
    ///
    /// # Errors
    /// Another ending, no permission, no room, a plug-in missing.
    pub fn start(path: &Path, rate: FrameRate, notices: Notices) -> Result<Self, RecordError> {
        plugins::init()?;
        let muxer = Muxer::of(path)?;
        plugins::require("h264parse")?;
        let asked = path.to_owned();
        claim(path, |path| {
            let (queue, waiting) = bounded(QUEUE_UNITS);
            let (give_back, free) = bounded(QUEUE_UNITS);
            for _ in 0..QUEUE_UNITS {
                // There is room for all of them.
                let _ = give_back.try_send(Vec::with_capacity(UNIT_BYTES));
            }
            let writer = Writer {
                asked,
                next: Some(path.to_owned()),
                files: Vec::new(),
                muxer,
                rate,
                running: None,
            };
            let shared = Arc::new(Shared::default());
            let seen = Arc::clone(&shared);
            let thread = thread::Builder::new()
                .name("stream-file".into())
                .spawn(move || {
                    let result = writer.run(&waiting, &give_back, &seen, &notices);
                    seen.is_over.store(true, Ordering::Release);
                    if let Err(error) = &result {
                        notices.error(error.to_string());
                    }
                    result
                })
                .map_err(|error| RecordError::Start(error.to_string()))?;
            Ok(Self {
                path: path.to_owned(),
                queue: Some(queue),
                free,
                shared,
                refused: 0,
                has_hole: false,
                thread: Some(thread),
            })
        })
    }

    /// The first file; numbered when the name asked for was taken.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Access units given to the muxer so far.
    pub fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Relaxed)
    }

    /// Access units refused so far.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Takes an access unit, waiting while the file is behind: for rendering, never for the engine.
    /// Returns whether it was taken; not when the file has ended by itself.
    pub fn write(&mut self, unit: &SplicedUnit<'_>) -> bool {
        let is_taken =
            !self.is_over() && self.free.recv().is_ok_and(|buffer| self.send(unit, buffer));
        self.note(is_taken)
    }

    /// Writes what is left and ends the file properly. Waits, at most about ten seconds.
    ///
    /// # Errors
    /// Writing had failed, or would not end; what was written by then is in the files.
    pub fn finish(mut self) -> Result<StreamWritten, RecordError> {
        let files = self.end()?;
        Ok(StreamWritten { files, written: self.written(), refused: self.refused })
    }

    fn end(&mut self) -> Result<Vec<PathBuf>, RecordError> {
        // The thread ends when nobody can send to it any more.
        self.queue = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(RecordError::Failed("the thread that writes panicked".into())),
            None => Ok(Vec::new()),
        }
    }

    fn send(&self, unit: &SplicedUnit<'_>, mut buffer: Vec<u8>) -> bool {
        buffer.clear();
        buffer.extend_from_slice(unit.bytes);
        let waiting = Waiting {
            slot: unit.slot,
            part: unit.part,
            parts: unit.parts.max(1),
            is_intra: unit.is_intra,
            format: unit.format.clone(),
            bytes: buffer,
        };
        // As many buffers as places: there is room, unless the thread has ended.
        self.queue.as_ref().is_some_and(|queue| queue.try_send(waiting).is_ok())
    }

    fn note(&mut self, is_taken: bool) -> bool {
        self.has_hole = !is_taken;
        self.refused += u64::from(!is_taken);
        is_taken
    }
}

impl StreamSink for StreamFile {
    fn offer(&mut self, unit: &SplicedUnit<'_>) -> bool {
        let may_follow = unit.is_intra || !self.has_hole;
        let is_taken = may_follow
            && !self.is_over()
            && self.free.try_recv().is_ok_and(|buffer| self.send(unit, buffer));
        self.note(is_taken)
    }

    fn is_over(&self) -> bool {
        self.shared.is_over.load(Ordering::Acquire)
    }
}

impl Drop for StreamFile {
    fn drop(&mut self) {
        // Its thread has said what went wrong.
        let _ = self.end();
    }
}

/// The thread's side.
#[derive(Debug)]
struct Writer {
    /// The name that was asked for; further files are numbered from it.
    asked: PathBuf,
    /// The first file's name, until it is begun.
    next: Option<PathBuf>,
    files: Vec<PathBuf>,
    muxer: Muxer,
    rate: FrameRate,
    running: Option<Running>,
}

/// One file being written.
#[derive(Debug)]
struct Running {
    file: FilePipeline,
    disk: DiskWatch,
    format: StreamFormat,
    /// When the first access unit was, since slot 0.
    begin: Duration,
    /// The access unit that waits to know how long it is shown.
    last: Option<Stamped>,
}

/// An access unit with its times.
#[derive(Debug)]
struct Stamped {
    buffer: gst::Buffer,
    /// Since slot 0.
    at: Duration,
    /// Where nothing follows: a slot's share.
    shortest: Duration,
}

impl Writer {
    fn run(
        mut self,
        waiting: &Receiver<Waiting>,
        give_back: &Sender<Vec<u8>>,
        shared: &Shared,
        notices: &Notices,
    ) -> Result<Vec<PathBuf>, RecordError> {
        loop {
            match waiting.recv_timeout(DISK_CHECK) {
                Ok(unit) => {
                    if self.take(&unit, notices)? {
                        shared.written.fetch_add(1, Ordering::Relaxed);
                    }
                    // As many places as buffers.
                    let _ = give_back.try_send(unit.bytes);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if let Some(line) = self.running.as_mut().and_then(|running| running.disk.full()) {
                shared.is_over.store(true, Ordering::Release);
                notices.warn(line);
                break;
            }
        }
        if let Some(running) = self.running.take() {
            running.end()?;
        }
        if let Some(unused) = self.next.take() {
            // The empty file that held the name is of no use to anybody.
            let _ = fs::remove_file(unused);
        }
        Ok(self.files)
    }

    /// Writes one access unit; returns whether it can be shown.
    fn take(&mut self, unit: &Waiting, notices: &Notices) -> Result<bool, RecordError> {
        let begin = self.rate.time_of(unit.slot);
        let slot = self.rate.time_of(unit.slot + 1) - begin;
        let at = begin + slot * unit.part / unit.parts;
        if !self.running.as_ref().is_some_and(|running| running.format == unit.format) {
            if !unit.is_intra {
                return Ok(false);
            }
            self.turn_over(unit, at, notices)?;
        }
        let Some(running) = &mut self.running else { return Ok(false) };
        let mut buffer = gst::Buffer::from_slice(unit.bytes.clone());
        if let Some(buffer) = buffer.get_mut() {
            let time = clock_time(at.saturating_sub(running.begin));
            buffer.set_pts(time);
            // No picture is shown out of order.
            buffer.set_dts(time);
            if !unit.is_intra {
                buffer.set_flags(gst::BufferFlags::DELTA_UNIT);
            }
        }
        running.push_last(Some(at)).map_err(failed)?;
        running.last = Some(Stamped { buffer, at, shortest: slot / unit.parts });
        Ok(true)
    }

    /// Ends the file there is and begins the next.
    fn turn_over(
        &mut self,
        unit: &Waiting,
        at: Duration,
        notices: &Notices,
    ) -> Result<(), RecordError> {
        if let Some(running) = self.running.take() {
            running.end()?;
        }
        let (muxer, rate, format) = (self.muxer, self.rate, &unit.format);
        let begin = |path: &Path| {
            let file = start(path, muxer, rate, format)?;
            let disk = DiskWatch::new(path);
            Ok((path.to_owned(), file, disk))
        };
        let (path, file, disk) = match self.next.take() {
            Some(path) => begin(&path)?,
            None => claim(&self.asked, begin)?,
        };
        if !self.files.is_empty() {
            notices.info(format!(
                "the stream has another coding from here on: it is written to {}",
                path.display()
            ));
        }
        self.files.push(path);
        self.running = Some(Running { file, disk, format: format.clone(), begin: at, last: None });
        Ok(())
    }
}

impl Running {
    /// Hands the access unit before over: it is shown until `until`.
    fn push_last(&mut self, until: Option<Duration>) -> Result<(), Fault> {
        let Some(mut last) = self.last.take() else { return Ok(()) };
        let duration = until.map_or(last.shortest, |until| until.saturating_sub(last.at));
        if let Some(buffer) = last.buffer.get_mut() {
            buffer.set_duration(clock_time(duration));
        }
        self.file.push(last.buffer, MUXER_UNITS)
    }

    fn end(mut self) -> Result<(), RecordError> {
        self.push_last(None).map_err(failed)?;
        self.file.end().map_err(failed)
    }
}

fn failed(fault: Fault) -> RecordError {
    RecordError::Failed(fault.to_string())
}

/// The pipeline for streams of this format.
fn start(
    path: &Path,
    muxer: Muxer,
    rate: FrameRate,
    format: &StreamFormat,
) -> Result<FilePipeline, RecordError> {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let caps = match format.codec {
        Codec::H264 => gst::Caps::builder("video/x-h264")
            .field("stream-format", "byte-stream")
            .field("alignment", "au"),
        Codec::Mpeg4 => gst::Caps::builder("video/mpeg")
            .field("mpegversion", 4)
            .field("systemstream", false)
            .field("parsed", true)
            .field("codec_data", gst::Buffer::from_slice(Arc::clone(&format.signature))),
    };
    let caps = caps
        .field("width", number(format.width))
        .field("height", number(format.height))
        .field("framerate", fraction_of(rate))
        .build();
    // Muxers have entries for sound, too: the link must say that this is none.
    let filter = plugins::make("capsfilter")?;
    filter.set_property("caps", &caps);
    let middle = match format.codec {
        Codec::H264 => vec![filter, plugins::make("h264parse")?],
        // A parser would hold a picture back, and add nothing.
        Codec::Mpeg4 => vec![filter],
    };
    FilePipeline::start(path, &caps, &middle, muxer)
}
