//! The decoder without delay: one access unit in, one picture out.
//!
//! Used by the engine thread (and by the import for its own measurements). The pictures are made
//! on a thread of GStreamer. `pull` is the only wait, and it is bounded.
//!
//! Made deterministic by construction: one thread, nothing skipped or dropped for lateness, no
//! parser in between, the stream declared live so that libavcodec holds no picture back.

use super::{
    plugins::{self, MediaError},
    sink::app_sink,
};
use crate::{
    ports::{Decoder, DecoderError, DecoderMaker},
    units::{Codec, Planes, StreamFormat},
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSrc};
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

/// Access units get time stamps this far apart. The figure means nothing to the decoder; whole
/// milliseconds are exact in every time base, so the number comes back unharmed.
const UNIT_SPACING: gst::ClockTime = gst::ClockTime::from_mseconds(1);

/// Input buffers kept for use again. The decoder holds the one it works on and perhaps the one
/// before; two more make waiting for it unnecessary.
const INPUT_BUFFERS: usize = 4;

/// Makes [`GstDecoder`]s. GStreamer is started with the first.
#[derive(Clone, Copy, Debug, Default)]
pub struct GstDecoders;

impl DecoderMaker for GstDecoders {
    type Decoder = GstDecoder;

    fn make(&self, format: &StreamFormat) -> Result<GstDecoder, DecoderError> {
        GstDecoder::new(format)
    }
}

/// A running GStreamer pipeline `appsrc ! decoder ! appsink`.
#[derive(Debug)]
pub struct GstDecoder {
    pipeline: gst::Pipeline,
    source: AppSrc,
    sink: AppSink,
    /// The first error line that the pipeline reported.
    failure: Arc<OnceLock<String>>,
    input: Vec<gst::Buffer>,
    /// The layout of the pictures, with the caps it was read from.
    layout: Option<(gst::Caps, gst_video::VideoInfo)>,
}

impl GstDecoder {
    /// A new decoder, started.
    ///
    /// # Errors
    /// No plug-in decodes the format, or the pipeline could not be started.
    pub fn new(format: &StreamFormat) -> Result<Self, DecoderError> {
        plugins::init().map_err(start)?;
        let (name, caps) = choose(format)?;
        let decoder = plugins::make(name).map_err(start)?;
        decoder.set_property("qos", false);
        if name.starts_with("avdec") {
            // Frame threads would hold pictures back; "strict" (the choice for streams that are
            // not live) as well. Damaged pictures are what the instrument is about: all come out.
            plugins::configure(
                &decoder,
                &[
                    ("max-threads", "1"),
                    ("std-compliance", "normal"),
                    ("output-corrupt", "true"),
                    ("discard-corrupted-frames", "false"),
                    ("automatic-request-sync-points", "false"),
                    ("max-errors", "-1"),
                ],
            );
        }
        let source = AppSrc::builder()
            .caps(&caps)
            .format(gst::Format::Time)
            .is_live(true)
            .block(false)
            .max_bytes(0)
            .max_buffers(0)
            .build();
        let sink = app_sink().qos(false).build();
        offer_padding(&sink);

        let pipeline = gst::Pipeline::new();
        plugins::chain(&pipeline, &[source.upcast_ref(), &decoder, sink.upcast_ref()])
            .map_err(start)?;
        let failure = Arc::new(OnceLock::new());
        watch(&pipeline, &failure)?;
        let this = Self { pipeline, source, sink, failure, input: Vec::new(), layout: None };
        if this.pipeline.set_state(gst::State::Playing).is_err() {
            let reason = this.failure.get().cloned();
            return Err(DecoderError::Start(reason.unwrap_or_else(|| format!("{name} refused"))));
        }
        Ok(this)
    }

    /// Tells the decoder that nothing follows, so that a decoder with delay gives its last picture.
    pub fn finish(&mut self) {
        // A pipeline that has failed cannot be finished, and its error is known already.
        let _ = self.source.end_of_stream();
    }

    fn check(&self) -> Result<(), DecoderError> {
        match self.failure.get() {
            Some(line) => Err(DecoderError::Failed(line.clone())),
            None => Ok(()),
        }
    }

    /// A buffer that nobody uses any more and that holds `bytes`, or a new one.
    fn buffer(&mut self, bytes: usize) -> gst::Buffer {
        let free = self
            .input
            .iter_mut()
            .position(|buffer| buffer.maxsize() >= bytes && buffer.get_mut().is_some());
        if let Some(place) = free {
            return self.input.swap_remove(place);
        }
        // Room to spare, so that the buffer serves most later access units as well.
        let room = bytes.next_power_of_two().max(64 * 1024);
        gst::Buffer::with_size(room).unwrap_or_default()
    }
}

impl Decoder for GstDecoder {
    fn push(&mut self, number: u64, access_unit: &[u8]) -> Result<(), DecoderError> {
        self.check()?;
        let mut buffer = self.buffer(access_unit.len());
        let short = || DecoderError::Failed("no memory for an access unit".into());
        {
            let buffer = buffer.get_mut().ok_or_else(short)?;
            buffer.unset_flags(gst::BufferFlags::all());
            if buffer.maxsize() < access_unit.len() {
                return Err(short());
            }
            buffer.set_size(access_unit.len());
            buffer.copy_from_slice(0, access_unit).map_err(|_| short())?;
            buffer.set_pts(UNIT_SPACING * number);
            buffer.set_dts(UNIT_SPACING * number);
            buffer.set_duration(UNIT_SPACING);
        }
        if self.input.len() >= INPUT_BUFFERS {
            self.input.remove(0);
        }
        self.input.push(buffer.clone());
        self.source.push_buffer(buffer).map(|_| ()).map_err(|error| {
            let reason = self.failure.get().cloned();
            DecoderError::Failed(reason.unwrap_or_else(|| error.to_string()))
        })
    }

    fn pull(
        &mut self,
        number: u64,
        timeout: Duration,
        take: &mut dyn FnMut(&Planes<'_>),
    ) -> Result<bool, DecoderError> {
        let wanted = UNIT_SPACING * number;
        let deadline = Instant::now() + timeout;
        loop {
            self.check()?;
            let left = deadline.saturating_duration_since(Instant::now());
            let left = gst::ClockTime::from_nseconds(left.as_nanos().try_into().unwrap_or(0));
            let Some(sample) = self.sink.try_pull_sample(left) else {
                self.check()?;
                return Ok(false);
            };
            let Some(buffer) = sample.buffer() else { continue };
            if buffer.pts() != Some(wanted) {
                continue;
            }
            let caps = sample.caps().ok_or_else(|| DecoderError::Failed("no layout".into()))?;
            if self.layout.as_ref().is_none_or(|(known, _)| known.as_ref() != caps) {
                let info = gst_video::VideoInfo::from_caps(caps)
                    .map_err(|error| DecoderError::Failed(error.to_string()))?;
                if info.format() != gst_video::VideoFormat::I420 {
                    let line = format!("pictures of format {:?}, wanted I420", info.format());
                    return Err(DecoderError::Failed(line));
                }
                self.layout = Some((caps.to_owned(), info));
            }
            let Some((_, info)) = &self.layout else { return Ok(false) };
            let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(buffer, info)
                .map_err(|error| DecoderError::Failed(error.to_string()))?;
            lend(&frame, take)?;
            return Ok(true);
        }
    }
}

impl Drop for GstDecoder {
    fn drop(&mut self) {
        // Stopping can only fail for a pipeline that has failed before.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Lends the planes of a mapped I420 picture.
pub(super) fn lend(
    frame: &gst_video::VideoFrameRef<&gst::BufferRef>,
    take: &mut dyn FnMut(&Planes<'_>),
) -> Result<(), DecoderError> {
    let plane = |index: u32| {
        frame.plane_data(index).map_err(|error| DecoderError::Failed(error.to_string()))
    };
    let stride =
        |index: usize| usize::try_from(frame.plane_stride()[index]).unwrap_or(usize::MAX).max(1);
    take(&Planes {
        width: frame.width(),
        height: frame.height(),
        data: [plane(0)?, plane(1)?, plane(2)?],
        stride: [stride(0), stride(1), stride(2)],
    });
    Ok(())
}

fn start(error: MediaError) -> DecoderError {
    DecoderError::Start(error.to_string())
}

/// The element for a format, and the caps of its input.
fn choose(format: &StreamFormat) -> Result<(&'static str, gst::Caps), DecoderError> {
    let width = i32::try_from(format.coded_width).unwrap_or(i32::MAX);
    let height = i32::try_from(format.coded_height).unwrap_or(i32::MAX);
    // The rate that belongs to `UNIT_SPACING`.
    let rate = gst::Fraction::new(1000, 1);
    match format.codec {
        Codec::H264 => {
            // profile_idc is the byte after the NAL unit's header (ITU-T H.264, 7.3.2.1.1).
            let profile_idc = format.signature.get(1).copied().unwrap_or(100);
            let (name, profile) = if plugins::is_installed("avdec_h264") {
                ("avdec_h264", if profile_idc == 66 { "constrained-baseline" } else { "high" })
            } else if profile_idc == 66 && plugins::is_installed("openh264dec") {
                // Without delay for Baseline only.
                ("openh264dec", "constrained-baseline")
            } else {
                return Err(absent(format.codec));
            };
            let caps = gst::Caps::builder("video/x-h264")
                .field("stream-format", "byte-stream")
                .field("alignment", "au")
                .field("profile", profile)
                .field("width", width)
                .field("height", height)
                .field("framerate", rate)
                .build();
            Ok((name, caps))
        }
        Codec::Mpeg4 if plugins::is_installed("avdec_mpeg4") => {
            let caps = gst::Caps::builder("video/mpeg")
                .field("mpegversion", 4)
                .field("systemstream", false)
                .field("parsed", true)
                .field("width", width)
                .field("height", height)
                .field("framerate", rate)
                .build();
            Ok(("avdec_mpeg4", caps))
        }
        Codec::Mpeg4 => Err(absent(format.codec)),
    }
}

fn absent(codec: Codec) -> DecoderError {
    DecoderError::Missing { codec, package: "gstreamer1.0-libav" }
}

/// Keeps the first error and drops every message, so that none piles up on a bus nobody reads.
fn watch(pipeline: &gst::Pipeline, failure: &Arc<OnceLock<String>>) -> Result<(), DecoderError> {
    let bus = pipeline.bus().ok_or_else(|| DecoderError::Start("a pipeline without bus".into()))?;
    let failure = Arc::clone(failure);
    bus.set_sync_handler(move |_, message| {
        if let gst::MessageView::Error(error) = message.view() {
            // Later errors follow from the first.
            let _ = failure.set(error.error().to_string());
        }
        gst::BusSyncReply::Drop
    });
    Ok(())
}

/// Tells the decoder that rows may be padded: it then decodes into its own buffers and lends
/// them, instead of copying every picture.
fn offer_padding(sink: &AppSink) {
    let Some(pad) = sink.static_pad("sink") else { return };
    pad.add_probe(gst::PadProbeType::QUERY_DOWNSTREAM, |_, info| {
        if let Some(query) = info.query_mut()
            && let gst::QueryViewMut::Allocation(allocation) = query.view_mut()
        {
            allocation.add_allocation_meta::<gst_video::VideoMeta>(None);
            return gst::PadProbeReturn::Handled;
        }
        gst::PadProbeReturn::Ok
    });
}
