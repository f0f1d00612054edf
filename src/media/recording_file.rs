//! What everything that writes a media file shares: its name, its container, the room on the disk,
//! and the pipeline from an `appsrc` through a muxer into the file.
//!
//! Runs on the thread of whoever writes (recorder, stream file); never on the engine's.

use super::{
    fault::{Fault, Watched},
    plugins::{self, MediaError},
};
use crate::units::Canvas;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Recording stops while this much is left: a full disk would take the machine down with it.
const DISK_RESERVE_BYTES: u64 = 256 * 1024 * 1024;

/// Bits that the encoder takes for a pixel of worn pictures: the demo's flower at 640x360 took 0.15
/// clean, 0.22 at `decay.amount` 0.4, and 0.19 at 0.72. Strong noise takes more.
const TYPICAL_BITS_PER_PIXEL: f64 = 0.22;

/// How often the free space is looked at.
pub(super) const DISK_CHECK: Duration = Duration::from_secs(1);

/// How long a clean end may take, and one picture.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// Numbers tried for a name that is taken.
const NAMES_MAX: u32 = 9999;

/// Why nothing is recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The name ends in something else.
    #[error("{path}: recordings end in .mkv, .mp4 or .mov")]
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

/// The containers, with what lets each survive a kill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Muxer {
    element: &'static str,
    settings: &'static [(&'static str, &'static str)],
}

/// Clusters of half a second, so that a player finds its way in a file without an end.
const MATROSKA: Muxer = Muxer {
    element: "matroskamux",
    settings: &[("max-cluster-duration", "500000000"), ("writing-app", "residua")],
};

/// Fragments of half a second; at a clean stop it becomes an ordinary file.
const FRAGMENTS: &[(&str, &str)] =
    &[("fragment-duration", "500"), ("fragment-mode", "first-moov-then-finalise")];
const MP4: Muxer = Muxer { element: "mp4mux", settings: FRAGMENTS };
const QUICKTIME: Muxer = Muxer { element: "qtmux", settings: FRAGMENTS };

impl Muxer {
    /// The container that the ending of a name asks for.
    pub(super) fn of(path: &Path) -> Result<Self, RecordError> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let muxer = match ending.to_ascii_lowercase().as_str() {
            "mkv" => MATROSKA,
            "mp4" => MP4,
            "mov" => QUICKTIME,
            _ => return Err(RecordError::Container { path: path.to_owned() }),
        };
        plugins::require(muxer.element)?;
        Ok(muxer)
    }
}

/// Makes an empty file of this name, or of the first numbered one that is free: `demo.mkv`,
/// `demo-1.mkv`, `demo-2.mkv`. Atomic, so that two recorders never share a file. The disk must have
/// room to begin with.
///
/// `begin` makes use of the file; where it fails, the file is removed again.
pub(super) fn claim<T>(
    path: &Path,
    begin: impl FnOnce(&Path) -> Result<T, RecordError>,
) -> Result<T, RecordError> {
    let path = claim_name(path)?;
    let begun = check_room(&path).and_then(|()| begin(&path));
    if begun.is_err() {
        // The empty file that held the name is of no use to anybody.
        let _ = fs::remove_file(&path);
    }
    begun
}

/// The name alone, with an empty file: `demo.take`, or the first of `demo-1.take`, `demo-2.take` and
/// so on that is free.
///
/// # Errors
/// The folder takes no file, or all names are taken.
pub fn claim_name(path: &Path) -> Result<PathBuf, RecordError> {
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

const MIB: u64 = 1024 * 1024;

fn check_room(path: &Path) -> Result<(), RecordError> {
    match free_bytes(path) {
        Some(free) if free < DISK_RESERVE_BYTES => Err(RecordError::DiskFull {
            path: path.to_owned(),
            free_mib: free / MIB,
            reserve_mib: DISK_RESERVE_BYTES / MIB,
        }),
        _ => Ok(()),
    }
}

/// Looks at the room on the disk every [`DISK_CHECK`].
#[derive(Debug)]
pub(super) struct DiskWatch {
    path: PathBuf,
    checked: Instant,
}

impl DiskWatch {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), checked: Instant::now() }
    }

    /// The line to say where the room has gone; `None` while there is room, and between checks.
    pub(super) fn full(&mut self) -> Option<String> {
        if self.checked.elapsed() < DISK_CHECK {
            return None;
        }
        self.checked = Instant::now();
        free_bytes(&self.path).filter(|free| *free < DISK_RESERVE_BYTES).map(|_| {
            format!(
                "recording stopped: less than {} MiB are free; {} is complete up to here",
                DISK_RESERVE_BYTES / MIB,
                self.path.display()
            )
        })
    }
}

/// `appsrc ! middle ! muxer ! filesink`, running.
#[derive(Debug)]
pub(super) struct FilePipeline {
    watched: Watched,
    source: AppSrc,
}

impl FilePipeline {
    /// Starts one that takes buffers of these caps through `middle` into the file.
    pub(super) fn start(
        path: &Path,
        caps: &gst::Caps,
        middle: &[gst::Element],
        muxer: Muxer,
    ) -> Result<Self, RecordError> {
        let source = AppSrc::builder()
            .caps(caps)
            .format(gst::Format::Time)
            .block(false)
            .max_bytes(0)
            .max_buffers(0)
            .build();
        let mux = plugins::make(muxer.element)?;
        plugins::configure(&mux, muxer.settings);
        let file = plugins::make("filesink")?;
        file.set_property("location", path);
        // What the muxer has written must be in the system's hands when the process is killed.
        plugins::configure(&file, &[("buffer-mode", "unbuffered"), ("async", "false")]);
        let mut watched = Watched::new()?;
        let mut chain = vec![source.upcast_ref()];
        chain.extend(middle);
        chain.extend([&mux, &file]);
        plugins::chain(&watched.pipeline, &chain)?;
        watched.play()?;
        Ok(Self { watched, source })
    }

    /// Hands a buffer over; waits while so many are `inside` GStreamer's own queue. The caller's
    /// queue is the one that counts refusals.
    pub(super) fn push(&mut self, buffer: gst::Buffer, inside: u64) -> Result<(), Fault> {
        let deadline = Instant::now() + END_PATIENCE;
        while self.source.current_level_buffers() >= inside {
            self.watched.check(gst::ClockTime::from_mseconds(2))?;
            if Instant::now() > deadline {
                return Err(Fault::Other("nothing more goes into the file".into()));
            }
        }
        self.watched.check(gst::ClockTime::ZERO)?;
        self.source.push_buffer(buffer).map(|_| ()).map_err(|error| Fault::Other(error.to_string()))
    }

    /// Writes what is left and ends the file properly.
    pub(super) fn end(mut self) -> Result<(), Fault> {
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

/// GStreamer's time of a [`Duration`].
pub(super) fn clock_time(time: Duration) -> gst::ClockTime {
    gst::ClockTime::from_nseconds(time.as_nanos().try_into().unwrap_or(u64::MAX - 1))
}
