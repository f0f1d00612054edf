//! The last seconds of the programme, kept while playing, to be saved once they turn out well.
//!
//! A thread of its own codes pictures from a bounded queue as JPEGs into a ring in memory, bounded
//! in seconds and in bytes. The engine's `offer` neither waits nor codes: with a full queue the
//! picture is refused and counted. Saving runs on the caller's thread and takes nothing away; only
//! for as long as a list of addresses is copied does the coding thread wait for it.
//!
//! The JPEGs are what every reader takes JPEGs for: full range, BT.601. The programme (limited range,
//! BT.709) is converted on the way in, and an import converts it back.

use super::{
    bank,
    encoder::{conformed_caps, fraction},
    fault::{Fault, Watched},
    init,
    plugins::{self, MediaError},
    recording_file::claim_name,
    reel::Coder,
};
use crate::{
    ports::{Notices, PictureSink, Shown},
    units::{Canvas, FrameRate, Picture},
};
use crossbeam::channel::{Receiver, Sender, bounded};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use gstreamer_video as gst_video;
use std::{
    collections::VecDeque,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Seconds that can be asked for. What is longer is a recording.
pub const RECALL_SECS: RangeInclusive<f64> = 4.0..=30.0;

/// Bytes of JPEGs kept at most, whatever the seconds: 30 s of 1280x720 at 30 pictures per second may
/// then have 444 kB each, more than all but noise takes; of larger or noisier programmes less than
/// 30 s are kept.
pub const RECALL_BYTES_MAX: usize = 400_000_000;

/// Pictures that may wait to be coded: a quarter of a second at 30 pictures per second. The
/// recorder's queue and the windows draw from the same pool of pictures.
const QUEUE_PICTURES: usize = 8;

/// Failures of the coder after which it is not started again.
const FAILURES_MAX: u32 = 3;

/// How long writing a file may take from one sign of life to the next.
const PATIENCE: Duration = Duration::from_secs(30);

/// A gap longer than this part of the ring (two seconds of thirty) is no late picture.
const GAP_PARTS: u64 = 15;

/// Nor is a shorter one than this, in slots, however small the ring.
const GAP_SLOTS: u64 = 8;

/// One coded picture, shown from its slot up to that of the next one.
#[derive(Clone, Debug)]
struct Kept {
    slot: u64,
    jpeg: Arc<[u8]>,
}

/// The pictures kept, oldest first.
#[derive(Debug)]
struct Ring {
    pictures: VecDeque<Kept>,
    bytes: usize,
    bytes_max: usize,
    /// The slot after the last one seen.
    end: u64,
    slots_max: u64,
}

impl Ring {
    fn new(slots_max: u64, bytes_max: usize) -> Self {
        Self { pictures: VecDeque::new(), bytes: 0, bytes_max, end: 0, slots_max }
    }

    /// Adds the picture of a slot.
    fn push(&mut self, slot: u64, jpeg: Arc<[u8]>) {
        if slot < self.end || slot - self.end > (self.slots_max / GAP_PARTS).max(GAP_SLOTS) {
            // The engine counts anew, or nobody listened for a while: what was before it is another
            // programme.
            self.pictures.clear();
            self.bytes = 0;
        }
        self.bytes += jpeg.len();
        self.pictures.push_back(Kept { slot, jpeg });
        self.go_on_to(slot + 1);
    }

    /// The last picture has been shown up to slot `end`, exclusive.
    fn go_on_to(&mut self, end: u64) {
        self.end = end;
        let begin = end.saturating_sub(self.slots_max);
        // The oldest is needed as long as it is shown in the first slot of the window.
        while self
            .pictures
            .get(1)
            .is_some_and(|next| next.slot <= begin || self.bytes > self.bytes_max)
        {
            if let Some(gone) = self.pictures.pop_front() {
                self.bytes -= gone.jpeg.len();
            }
        }
    }

    /// The slots kept.
    fn slots(&self) -> u64 {
        let begin = self.pictures.front().map_or(self.end, |oldest| oldest.slot);
        (self.end - begin).min(self.slots_max)
    }

    /// What was shown in each of the last `slots` slots; less where less is kept.
    fn last(&self, slots: u64) -> Vec<Arc<[u8]>> {
        let begin = self.end - slots.min(self.slots());
        let shown = |slot: u64| {
            let after = self.pictures.partition_point(|kept| kept.slot <= slot);
            self.pictures.get(after.checked_sub(1)?).map(|kept| Arc::clone(&kept.jpeg))
        };
        (begin..self.end).filter_map(shown).collect()
    }
}

/// What all owners and the thread see.
#[derive(Debug)]
struct Shared {
    ring: Mutex<Ring>,
    refused: AtomicU64,
    is_over: AtomicBool,
}

impl Shared {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Nothing in there panics half-way.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the last seconds. Clones share them: one is the engine's sink, another one saves. The
/// thread ends with the last clone.
#[derive(Clone, Debug)]
pub struct Recall {
    canvas: Canvas,
    queue: Sender<Shown>,
    shared: Arc<Shared>,
}

/// What is kept at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptSlots {
    /// Slots that can be saved.
    pub slots: u64,
    /// Memory of the coded pictures, in bytes.
    pub bytes: usize,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The file; numbered when the name asked for was taken.
    pub path: PathBuf,
    /// Pictures in it, one for each slot.
    pub pictures: u64,
}

impl Recall {
    /// Starts to keep the programme of this canvas.
    ///
    /// # Errors
    /// A plug-in is missing, or the coder could not be started.
    pub fn start(canvas: Canvas, notices: Notices) -> Result<Self, MediaError> {
        init()?;
        let coder = start_coder(canvas)?;
        let (recall, pictures) = Self::new(canvas, RECALL_BYTES_MAX);
        let shared = Arc::clone(&recall.shared);
        thread::Builder::new()
            .name("recall".into())
            .spawn(move || {
                let mut worker = Worker { canvas, coder, last: None, failures: 0 };
                if let Err(fault) = worker.run(&pictures, &shared) {
                    shared.is_over.store(true, Ordering::Release);
                    notices.error(format!("the last seconds are no longer kept: {fault}"));
                }
            })
            .map_err(|error| MediaError::Pipeline(error.to_string()))?;
        Ok(recall)
    }

    fn new(canvas: Canvas, bytes_max: usize) -> (Self, Receiver<Shown>) {
        let (queue, pictures) = bounded(QUEUE_PICTURES);
        let ring = Ring::new(slots_in(*RECALL_SECS.end(), canvas.rate), bytes_max);
        let shared = Shared {
            ring: Mutex::new(ring),
            refused: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        };
        (Self { canvas, queue, shared: Arc::new(shared) }, pictures)
    }

    /// What could be saved now. Takes the lock of the coding thread: not for the engine.
    pub fn kept(&self) -> KeptSlots {
        let ring = self.shared.ring();
        KeptSlots { slots: ring.slots(), bytes: ring.bytes }
    }

    /// Pictures refused so far because the coder was behind; the slots show the one before.
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// Writes the last `secs` seconds, cut to [`RECALL_SECS`] and to what is kept, to a Matroska file
    /// of JPEGs, and goes on keeping. Where `path` is taken a number is added to its name. Waits for
    /// the disk: not for the engine.
    ///
    /// # Errors
    /// Nothing was kept yet, the name does not end in `.mkv`, or the file cannot be written; what was
    /// written by then is removed.
    pub fn save(&self, secs: f64, path: &Path) -> Result<Saved, MediaError> {
        let failed = |reason: String| MediaError::Save { path: path.to_owned(), reason };
        if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("mkv")) {
            return Err(failed("its name must end in .mkv".to_owned()));
        }
        let secs = if secs.is_nan() { *RECALL_SECS.end() } else { secs };
        let secs = secs.clamp(*RECALL_SECS.start(), *RECALL_SECS.end());
        let pictures = self.shared.ring().last(slots_in(secs, self.canvas.rate));
        if pictures.is_empty() {
            return Err(failed("nothing was played yet".to_owned()));
        }
        let count = pictures.len() as u64;
        let file = claim_name(path).map_err(|error| failed(error.to_string()))?;
        if let Err(fault) = write(&file, self.canvas, pictures) {
            // A file that ends somewhere is of no use; its pictures are still kept.
            let _ = fs::remove_file(&file);
            return Err(failed(fault.to_string()));
        }
        Ok(Saved { path: file, pictures: count })
    }
}

impl PictureSink for Recall {
    fn offer(&mut self, shown: &Shown) -> bool {
        let size = (shown.picture.width(), shown.picture.height());
        let is_taken = size == (self.canvas.width, self.canvas.height)
            && !self.is_over()
            && self.queue.try_send(shown.clone()).is_ok();
        if !is_taken {
            self.shared.refused.fetch_add(1, Ordering::Relaxed);
        }
        is_taken
    }

    fn is_over(&self) -> bool {
        self.shared.is_over.load(Ordering::Acquire)
    }
}

/// Whole slots in a time.
fn slots_in(secs: f64, rate: FrameRate) -> u64 {
    (secs * rate.hertz()).round() as u64
}

/// JPEG quality, 0..=100 (libjpeg's scale).
const QUALITY: i32 = 95;

/// How JPEGs are coloured (JFIF 1.02): full range, BT.601. Transfer and primaries are unspecified.
const JPEG_COLORIMETRY: &str = "1:4:0:0";

/// From the programme to JPEGs. The colours take the way over 16 bits: from 8 to 8 bits
/// `videoconvert` (GStreamer 1.22) makes luma 3 steps too dark, measured against BT.709 and BT.601.
fn start_coder(canvas: Canvas) -> Result<Coder, MediaError> {
    for element in ["videoconvert", "jpegenc"] {
        plugins::require(element)?;
    }
    let description = format!(
        "videoconvert n-threads=1 ! video/x-raw,format=AYUV64 ! videoconvert n-threads=1 ! \
         video/x-raw,format=I420,colorimetry={JPEG_COLORIMETRY},chroma-site=jpeg ! \
         jpegenc quality={QUALITY}"
    );
    let coder = gst::parse::bin_from_description(&description, true)
        .map_err(|error| MediaError::Pipeline(error.to_string()))?;
    Coder::start(coder.upcast_ref(), &conformed_caps(canvas))
        .map_err(|fault| MediaError::Pipeline(fault.to_string()))
}

/// The thread's side.
struct Worker {
    canvas: Canvas,
    coder: Coder,
    /// The picture coded last. While it is held here nobody can write another one in its place.
    last: Option<Arc<Picture>>,
    failures: u32,
}

impl Worker {
    /// Until the last sender is gone.
    fn run(&mut self, pictures: &Receiver<Shown>, shared: &Shared) -> Result<(), Fault> {
        let info = gst_video::VideoInfo::from_caps(&conformed_caps(self.canvas))
            .map_err(|error| Fault::Other(error.to_string()))?;
        for Shown { slot, picture } in pictures {
            let is_repeated = self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &picture));
            let end = shared.ring().end;
            if is_repeated && slot >= end {
                shared.ring().go_on_to(slot + 1);
                continue;
            }
            match self.code(&info, &picture) {
                Ok(jpeg) => shared.ring().push(slot, jpeg),
                Err(fault) => {
                    shared.refused.fetch_add(1, Ordering::Relaxed);
                    self.failures += 1;
                    if self.failures >= FAILURES_MAX {
                        return Err(fault);
                    }
                    log::warn!("a picture of the last seconds was not kept: {fault}");
                    self.coder = start_coder(self.canvas)?;
                    continue;
                }
            }
            self.last = Some(picture);
        }
        Ok(())
    }

    fn code(&mut self, info: &gst_video::VideoInfo, picture: &Picture) -> Result<Arc<[u8]>, Fault> {
        self.coder.push(bank::buffer(info, &picture.planes())?)?;
        let jpeg = self.coder.pull()?;
        let bytes = jpeg.map_readable().map_err(|error| Fault::Other(error.to_string()))?;
        // The coder's own buffer has room for a raw picture.
        Ok(Arc::from(bytes.as_slice()))
    }
}

/// Writes one JPEG for each slot.
fn write(path: &Path, canvas: Canvas, pictures: Vec<Arc<[u8]>>) -> Result<(), Fault> {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let caps = gst::Caps::builder("image/jpeg")
        .field("parsed", true)
        .field("width", number(canvas.width))
        .field("height", number(canvas.height))
        .field("framerate", fraction(canvas))
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .field("colorimetry", JPEG_COLORIMETRY)
        .build();
    let source = AppSrc::builder().caps(&caps).format(gst::Format::Time).max_bytes(0).build();
    let muxer = plugins::make("matroskamux")?;
    plugins::configure(&muxer, &[("writing-app", "residua")]);
    let file = plugins::make("filesink")?;
    file.set_property("location", path);
    plugins::configure(&file, &[("async", "false")]);
    let mut watched = Watched::new()?;
    plugins::chain(&watched.pipeline, &[source.upcast_ref(), &muxer, &file])?;
    watched.play()?;
    let time = |slot: u64| {
        let nanos = canvas.rate.time_of(slot).as_nanos();
        gst::ClockTime::from_nseconds(nanos.try_into().unwrap_or(0))
    };
    for (slot, jpeg) in (0..).zip(pictures) {
        let mut buffer = gst::Buffer::from_slice(jpeg);
        let stamped = buffer.make_mut();
        stamped.set_pts(time(slot));
        stamped.set_duration(time(slot + 1) - time(slot));
        source.push_buffer(buffer).map_err(|error| Fault::Other(error.to_string()))?;
    }
    source.end_of_stream().map_err(|error| Fault::Other(error.to_string()))?;
    let (mut left, mut since) = (u64::MAX, Instant::now());
    while !watched.is_ended() {
        watched.check(gst::ClockTime::from_mseconds(20))?;
        let now = source.current_level_buffers();
        if now < left {
            (left, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            return Err(Fault::Other("the disk does not take it".to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(bytes: usize) -> Arc<[u8]> {
        vec![0; bytes].into()
    }

    fn shown(ring: &Ring, slots: u64) -> Vec<usize> {
        ring.last(slots).iter().map(|jpeg| jpeg.len()).collect()
    }

    #[test]
    fn slots_without_a_picture_show_the_one_before() {
        let mut ring = Ring::new(6, 1000);
        assert_eq!((ring.slots(), shown(&ring, 6)), (0, vec![]));
        ring.push(10, jpeg(1));
        ring.push(11, jpeg(2));
        ring.push(14, jpeg(3));
        ring.go_on_to(16);
        // By hand: slots 10 11 12 13 14 15 show 1 2 2 2 3 3.
        assert_eq!(shown(&ring, 99), [1, 2, 2, 2, 3, 3]);
        assert_eq!(shown(&ring, 3), [2, 3, 3]);
        // Two slots on, 10 and 11 are outside; the picture of 11 is still shown in 12 and 13.
        ring.push(17, jpeg(4));
        assert_eq!(shown(&ring, 99), [2, 2, 3, 3, 3, 4]);
        assert_eq!((ring.pictures.len(), ring.bytes), (3, 2 + 3 + 4));
        // The engine begins anew.
        ring.push(0, jpeg(5));
        assert_eq!((shown(&ring, 99), ring.bytes), (vec![5], 5));
    }

    #[test]
    fn the_oldest_give_way_when_the_bytes_are_many() {
        let mut ring = Ring::new(100, 1000);
        for slot in 0..20 {
            ring.push(slot, jpeg(300));
            assert!(ring.bytes <= 1000);
        }
        assert_eq!(shown(&ring, 100), [300, 300, 300]);
        // One that is larger than all is kept alone.
        ring.push(20, jpeg(2000));
        assert_eq!(shown(&ring, 100), [2000]);
    }

    #[test]
    fn a_full_queue_refuses_and_counts() {
        let canvas: Canvas = "16x16@30".parse().expect("a canvas");
        let (mut recall, waiting) = Recall::new(canvas, RECALL_BYTES_MAX);
        let shown = Shown { slot: 0, picture: Arc::new(Picture::black(16, 16)) };
        let taken = (0..QUEUE_PICTURES + 5).filter(|_| recall.offer(&shown)).count();
        assert_eq!((taken, recall.refused()), (8, 5));
        assert!(waiting.try_recv().is_ok() && recall.offer(&shown));
        // Nobody codes any more.
        drop(waiting);
        assert!(!recall.offer(&shown));
        assert_eq!(recall.refused(), 6);
    }
}
