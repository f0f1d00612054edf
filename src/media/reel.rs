//! The intermediate that the backward stream is made from: every conformed picture as a JPEG of
//! high quality, one after the other in a file of the staging folder, read from the end.
//!
//! Each picture stands alone, so reading backward needs one picture in memory, whatever the source;
//! at its quality it is far finer than the encoders of the import.

use super::{
    encoder::conformed_caps,
    fault::{Fault, Watched},
    plugins,
    sink::app_sink,
};
use crate::units::Canvas;
use gstreamer as gst;
use gstreamer_app::{AppSink, AppSrc};
use gstreamer_video::{self as gst_video, prelude::*};
use std::{
    fs::File,
    io::{BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, Instant},
};

/// JPEG quality, 0..=100 (libjpeg's scale): 49 dB on the demo's flower, where the stream's own loss is
/// 35 dB. At 95 it would be 51 dB and half as many bytes more, each of which takes time twice.
pub const QUALITY: i32 = 90;

/// How long one picture may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pictures decoded ahead of the backward encoder.
const AHEAD: usize = 3;

/// Samples of luma in each direction that the encoder codes together (ITU-T T.81, A.2.4: two blocks of
/// eight, in 4:2:0).
const UNIT_PX: usize = 16;

/// One JPEG in the file.
#[derive(Clone, Copy, Debug)]
struct Frame {
    offset: u64,
    bytes: u32,
}

/// A JPEG encoder or decoder as `appsrc ! element ! appsink`.
#[derive(Debug)]
pub(super) struct Coder {
    watched: Watched,
    source: AppSrc,
    sink: AppSink,
    /// Pictures inside.
    waiting: usize,
    pushed: u64,
}

impl Coder {
    pub(super) fn start(element: &gst::Element, input: &gst::Caps) -> Result<Self, Fault> {
        let source = AppSrc::builder()
            .caps(input)
            .format(gst::Format::Time)
            .max_bytes(0)
            .max_buffers(0)
            .build();
        let sink = app_sink().build();
        let mut watched = Watched::new()?;
        plugins::chain(&watched.pipeline, &[source.upcast_ref(), element, sink.upcast_ref()])?;
        watched.play()?;
        Ok(Self { watched, source, sink, waiting: 0, pushed: 0 })
    }

    pub(super) fn push(&mut self, mut buffer: gst::Buffer) -> Result<(), Fault> {
        self.watched.check(gst::ClockTime::ZERO)?;
        let writable = buffer.make_mut();
        writable.unset_flags(gst::BufferFlags::all());
        // The time only has to rise.
        writable.set_pts(gst::ClockTime::from_mseconds(self.pushed * 10));
        writable.set_dts(gst::ClockTime::NONE);
        writable.set_duration(gst::ClockTime::from_mseconds(10));
        self.pushed += 1;
        self.source.push_buffer(buffer).map_err(other)?;
        self.waiting += 1;
        Ok(())
    }

    /// The next picture out, in order.
    pub(super) fn pull(&mut self) -> Result<gst::Buffer, Fault> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(sample) = self.sink.try_pull_sample(gst::ClockTime::from_mseconds(100)) {
                self.waiting -= 1;
                return sample
                    .buffer_owned()
                    .ok_or_else(|| Fault::Other("a sample without picture".into()));
            }
            self.watched.check(gst::ClockTime::ZERO)?;
        }
        Err(Fault::Other("the JPEG coder does not go on".into()))
    }
}

/// Writes the intermediate.
#[derive(Debug)]
pub(super) struct ReelWriter {
    coder: Coder,
    canvas: gst_video::VideoInfo,
    file: BufWriter<File>,
    frames: Vec<Frame>,
    end: u64,
}

impl ReelWriter {
    pub(super) fn create(path: &Path, canvas: Canvas) -> Result<Self, Fault> {
        let encoder = plugins::make("jpegenc")?;
        encoder.set_property("quality", QUALITY);
        let caps = conformed_caps(canvas);
        let coder = Coder::start(&encoder, &caps)?;
        let canvas = gst_video::VideoInfo::from_caps(&caps).map_err(other)?;
        let file = BufWriter::new(File::create(path)?);
        Ok(Self { coder, canvas, file, frames: Vec::new(), end: 0 })
    }

    pub(super) fn push(&mut self, picture: &gst::Buffer) -> Result<(), Fault> {
        self.coder.push(padded(picture, &self.canvas)?)?;
        while self.coder.waiting > AHEAD {
            self.store()?;
        }
        Ok(())
    }

    fn store(&mut self) -> Result<(), Fault> {
        let buffer = self.coder.pull()?;
        let bytes = buffer.map_readable().map_err(other)?;
        self.file.write_all(&bytes)?;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.frames.push(Frame { offset: self.end, bytes: length });
        self.end += u64::from(length);
        Ok(())
    }

    /// Writes what is left, and turns round.
    pub(super) fn finish(mut self) -> Result<Vec<ReelFrame>, Fault> {
        while self.coder.waiting > 0 {
            self.store()?;
        }
        self.file.flush()?;
        Ok(self.frames.into_iter().map(ReelFrame).collect())
    }
}

/// A copy of an I420 picture whose last column and row go on up to whole units of the encoder. It reads
/// that far, whatever lies there: where nobody has written, no two imports would be the same.
fn padded(picture: &gst::Buffer, info: &gst_video::VideoInfo) -> Result<gst::Buffer, Fault> {
    let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(picture, info).map_err(other)?;
    let mut bytes = Vec::new();
    let (mut offsets, mut strides) = (Vec::new(), Vec::new());
    for (plane, subsampling) in (0..).zip([1, 2, 2]) {
        let whole = |length: u32| (length as usize).next_multiple_of(UNIT_PX) / subsampling;
        let (stride, rows) = (whole(info.width()), whole(info.height()));
        let width = info.width() as usize / subsampling;
        let height = info.height() as usize / subsampling;
        let from = frame.plane_data(plane).map_err(other)?;
        let from_stride = usize::try_from(frame.plane_stride()[plane as usize]).map_err(other)?;
        offsets.push(bytes.len());
        strides.push(i32::try_from(stride).map_err(other)?);
        bytes.reserve_exact(stride * rows);
        for row in from.chunks(from_stride.max(1)).take(height) {
            let row = row.get(..width).ok_or_else(|| other("a picture that is cut off"))?;
            bytes.extend_from_slice(row);
            bytes.extend(row.iter().rev().take(1).cycle().take(stride - width));
        }
        for _ in height..rows {
            bytes.extend_from_within(bytes.len() - stride..);
        }
    }
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    gst_video::VideoMeta::add_full(
        buffer.make_mut(),
        gst_video::VideoFrameFlags::empty(),
        gst_video::VideoFormat::I420,
        info.width(),
        info.height(),
        &offsets,
        &strides,
    )
    .map_err(other)?;
    Ok(buffer)
}

fn other(error: impl ToString) -> Fault {
    Fault::Other(error.to_string())
}

/// Where one picture of the intermediate lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReelFrame(Frame);

/// Reads the intermediate from the end.
#[derive(Debug)]
pub(super) struct ReelReader {
    coder: Coder,
    file: File,
    frames: Vec<ReelFrame>,
}

impl ReelReader {
    pub(super) fn open(path: &Path, canvas: Canvas, frames: Vec<ReelFrame>) -> Result<Self, Fault> {
        let decoder = plugins::make("jpegdec")?;
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let caps = gst::Caps::builder("image/jpeg")
            .field("parsed", true)
            .field("width", number(canvas.width))
            .field("height", number(canvas.height))
            .field("framerate", gst::Fraction::new(100, 1))
            .build();
        Ok(Self { coder: Coder::start(&decoder, &caps)?, file: File::open(path)?, frames })
    }

    /// Pictures not yet taken.
    pub(super) fn left(&self) -> usize {
        self.frames.len() + self.coder.waiting
    }

    /// The last picture that has not been taken yet.
    pub(super) fn next_from_end(&mut self) -> Result<Option<gst::Buffer>, Fault> {
        while self.coder.waiting < AHEAD
            && let Some(ReelFrame(frame)) = self.frames.pop()
        {
            let mut bytes = vec![0; frame.bytes as usize];
            self.file.seek(SeekFrom::Start(frame.offset))?;
            self.file.read_exact(&mut bytes)?;
            self.coder.push(gst::Buffer::from_mut_slice(bytes))?;
        }
        if self.coder.waiting == 0 { Ok(None) } else { self.coder.pull().map(Some) }
    }
}
