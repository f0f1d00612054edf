//! Any file that GStreamer decodes, as conformed pictures one after the other.
//!
//! Pulled by the importing thread; decoding and conforming run on threads of GStreamer, a few
//! pictures ahead. Only the first video stream is decoded.

use super::{
    encoder::{conformed_caps, fraction},
    fault::{Fault, Watched},
    plugins::{self, MediaError},
};
use crate::{clip::Fit, units::Canvas};
use gstreamer as gst;
use gstreamer::{glib, prelude::*};
use gstreamer_app::AppSink;
use gstreamer_video as gst_video;
use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Conformed pictures that may wait to be encoded.
const AHEAD: u32 = 3;

/// How long a source may be silent before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// After an error, pictures that were decoded before it may still come for this long.
const REST: Duration = Duration::from_secs(1);

/// What the source says next.
#[derive(Debug)]
pub(super) enum Next {
    /// A conformed picture.
    Picture(gst::Buffer),
    /// Nothing yet; a moment for whoever waits to look at other things.
    Waiting,
    /// That was all; with what stopped it, if that was not the end of the file.
    End(Option<Fault>),
}

/// What the threads of GStreamer tell the importing thread.
#[derive(Debug, Default)]
struct Shared {
    has_video: AtomicBool,
    /// It is linked through to the sink.
    is_flowing: AtomicBool,
    /// All streams of the file are known.
    is_complete: AtomicBool,
    /// The conformed stream has ended; its last pictures may still wait to be pulled.
    has_ended: AtomicBool,
    /// Where the streams have come to, the furthest of them, in nanoseconds.
    reached: AtomicU64,
    /// What building the pipeline failed on.
    fault: Mutex<Option<Fault>>,
}

impl Shared {
    fn fail(&self, error: MediaError) {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.get_or_insert(error.into());
    }

    fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes the end of the conformed stream.
    fn follow_end(self: &Arc<Self>, sink: &AppSink) {
        let Some(pad) = sink.static_pad("sink") else { return };
        let shared = Arc::clone(self);
        pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
            if info.event().is_some_and(|event| event.type_() == gst::EventType::Eos) {
                shared.has_ended.store(true, Ordering::SeqCst);
            }
            gst::PadProbeReturn::Ok
        });
    }

    /// Notes the time up to which a stream has come.
    fn follow(self: &Arc<Self>, pad: &gst::Pad) {
        let shared = Arc::clone(self);
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            if let Some(buffer) = info.buffer()
                && let Some(start) = buffer.pts()
            {
                let end = start + buffer.duration().unwrap_or_default();
                shared.reached.fetch_max(end.nseconds(), Ordering::Relaxed);
            }
            gst::PadProbeReturn::Ok
        });
    }
}

/// A file being decoded and conformed.
#[derive(Debug)]
pub(super) struct Source {
    watched: Watched,
    sink: AppSink,
    shared: Arc<Shared>,
    last_sign: Instant,
    fault: Option<Fault>,
    duration: Option<gst::ClockTime>,
}

impl Source {
    pub(super) fn open(path: &Path, canvas: Canvas, fit: Fit) -> Result<Self, Fault> {
        let watched = Watched::new()?;
        let file = plugins::make("filesrc")?;
        file.set_property("location", path);
        let decoder = plugins::make("decodebin")?;
        plugins::chain(&watched.pipeline, &[&file, &decoder])?;
        skip_what_is_not_wanted(&decoder);

        let sink = AppSink::builder()
            .caps(&conformed_caps(canvas))
            .sync(false)
            .async_(false)
            .max_buffers(AHEAD)
            .build();
        sink.set_property("enable-last-sample", false);

        let shared = Arc::new(Shared::default());
        shared.follow_end(&sink);
        let (told, end) = (Arc::clone(&shared), sink.clone());
        let pipeline = watched.pipeline.downgrade();
        decoder.connect_pad_added(move |_, pad| {
            let Some(pipeline) = pipeline.upgrade() else { return };
            let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
            told.follow(pad);
            let is_video = caps.structure(0).is_some_and(|s| s.name() == "video/x-raw");
            let linked = if is_video && !told.has_video.swap(true, Ordering::SeqCst) {
                conform(&pipeline, pad, &caps, &end, canvas, fit)
            } else {
                discard(&pipeline, pad)
            };
            match linked {
                Err(error) => told.fail(error),
                Ok(()) if is_video => told.is_flowing.store(true, Ordering::SeqCst),
                Ok(()) => {}
            }
        });
        let told = Arc::clone(&shared);
        decoder.connect_no_more_pads(move |_| told.is_complete.store(true, Ordering::SeqCst));

        let mut source =
            Self { watched, sink, shared, last_sign: Instant::now(), fault: None, duration: None };
        source.watched.play()?;
        Ok(source)
    }

    /// The next picture, waiting a little for it.
    pub(super) fn next(&mut self) -> Next {
        if let Some(sample) = self.sink.try_pull_sample(gst::ClockTime::from_mseconds(50)) {
            self.last_sign = Instant::now();
            if self.duration.is_none() {
                self.duration = self.watched.pipeline.query_duration::<gst::ClockTime>();
            }
            return sample.buffer_owned().map_or(Next::Waiting, Next::Picture);
        }
        if let Some(fault) = self.shared.fault() {
            return Next::End(Some(fault));
        }
        // Before the sink is started pulling does not wait, so this does.
        if self.fault.is_none()
            && let Err(fault) = self.watched.check(gst::ClockTime::from_mseconds(5))
        {
            self.fault = Some(fault);
        }
        let silent_for = self.last_sign.elapsed();
        let has_video = self.has_video();
        // A sink that has not been started yet says that it is at its end.
        let is_drained = self.shared.is_flowing.load(Ordering::SeqCst) && self.sink.is_eos();
        let is_over = if self.fault.is_some() {
            !has_video || is_drained || silent_for > REST
        } else {
            (has_video && is_drained)
                || (!has_video && (self.is_complete() || self.watched.is_ended()))
        };
        if is_over {
            return Next::End(self.fault.take());
        }
        if silent_for > PATIENCE {
            return Next::End(Some(Fault::Other("nothing more comes out of it".into())));
        }
        Next::Waiting
    }

    fn is_complete(&self) -> bool {
        self.shared.is_complete.load(Ordering::SeqCst)
    }

    /// Whether a video stream was found.
    pub(super) fn has_video(&self) -> bool {
        self.shared.has_video.load(Ordering::SeqCst)
    }

    /// What a decoder is missing for, if one is.
    pub(super) fn missing(&self) -> Option<&str> {
        self.watched.missing()
    }

    /// Length of the file as its header says, where it says so.
    pub(super) fn duration(&self) -> Option<Duration> {
        self.duration.map(Into::into)
    }

    /// How much of that has been read.
    pub(super) fn reached(&self) -> Duration {
        Duration::from_nanos(self.shared.reached.load(Ordering::Relaxed))
    }
}

/// Sound and text are not decoded, and hardware decoders are left alone: their pictures may lie in
/// memory that cannot be read here, and differ from one machine to the next.
fn skip_what_is_not_wanted(decoder: &gst::Element) {
    decoder.connect("autoplug-continue", false, |values| {
        let caps = values.get(2).and_then(|value| value.get::<gst::Caps>().ok());
        let is_other = caps.as_ref().and_then(|caps| caps.structure(0)).is_some_and(|s| {
            s.name().starts_with("audio/")
                || s.name().starts_with("text/")
                || s.name().starts_with("subpicture/")
        });
        Some((!is_other).to_value())
    });
    decoder.connect("autoplug-select", false, |values| {
        let factory = values.get(3).and_then(|value| value.get::<gst::ElementFactory>().ok());
        let is_hardware = factory.is_some_and(|factory| {
            factory.metadata("klass").is_some_and(|klass| klass.contains("Hardware"))
        });
        let choices = glib::Type::from_name("GstAutoplugSelectResult")
            .and_then(glib::EnumClass::with_type)?;
        choices.to_value_by_nick(if is_hardware { "skip" } else { "try" })
    });
}

/// Lets a stream that is not wanted run into nothing.
fn discard(pipeline: &gst::Pipeline, pad: &gst::Pad) -> Result<(), MediaError> {
    let sink = plugins::make("fakesink")?;
    plugins::configure(&sink, &[("sync", "false"), ("async", "false")]);
    let failed = |error: String| MediaError::Pipeline(error);
    pipeline.add(&sink).map_err(|error| failed(error.to_string()))?;
    sink.sync_state_with_parent().map_err(|error| failed(error.to_string()))?;
    let target = sink.static_pad("sink").ok_or_else(|| failed("no pad".into()))?;
    pad.link(&target).map(|_| ()).map_err(|error| failed(error.to_string()))
}

/// Builds what conforms the video of `pad`, and links it through to `sink`.
fn conform(
    pipeline: &gst::Pipeline,
    pad: &gst::Pad,
    caps: &gst::Caps,
    sink: &AppSink,
    canvas: Canvas,
    fit: Fit,
) -> Result<(), MediaError> {
    let structure = caps.structure(0);
    let field = |name: &str| structure.and_then(|s| s.get::<&str>(name).ok());
    let has_alpha = field("format")
        .and_then(|name| name.parse::<gst_video::VideoFormat>().ok())
        .is_some_and(|format| gst_video::VideoFormatInfo::from_format(format).has_alpha());
    let is_interlaced = field("interlace-mode").is_some_and(|mode| mode != "progressive");
    let source_rate = structure.and_then(|s| s.get::<gst::Fraction>("framerate").ok());

    let mut elements = vec![plugins::make("videoconvert")?];
    if has_alpha {
        elements.push(over_black()?);
    }
    let flip = plugins::make("videoflip")?;
    plugins::configure(&flip, &[("video-direction", "auto")]);
    if is_interlaced {
        elements.push(plugins::make("deinterlace")?);
    }
    elements.push(flip);
    let is_faster = source_rate.is_some_and(|rate| {
        f64::from(rate.numer()) > canvas.rate.hertz() * f64::from(rate.denom())
    });
    let rate = plugins::make("videorate")?;
    // Streams may begin a picture late: that would double the first one.
    plugins::configure(&rate, &[("skip-to-first", "true")]);
    let rate_filter = plugins::make("capsfilter")?;
    rate_filter.set_property(
        "caps",
        gst::Caps::builder("video/x-raw").field("framerate", fraction(canvas)).build(),
    );
    // Pictures that will be dropped are not worth scaling, doubled ones are scaled once.
    let (before, after) = if is_faster {
        (vec![rate, rate_filter], vec![])
    } else {
        (vec![], vec![rate, rate_filter])
    };
    elements.extend(before);
    let scale = plugins::make("videoconvertscale")?;
    match fit {
        Fit::Crop => {
            let crop = plugins::make("aspectratiocrop")?;
            let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
            crop.set_property(
                "aspect-ratio",
                gst::Fraction::new(number(canvas.width), number(canvas.height)),
            );
            elements.push(crop);
            scale.set_property("add-borders", false);
        }
        Fit::Letterbox => scale.set_property("add-borders", true),
        Fit::Stretch => scale.set_property("add-borders", false),
    }
    elements.push(scale);
    let filter = plugins::make("capsfilter")?;
    let mut scaled = conformed_caps(canvas);
    if let Some(structure) = scaled.make_mut().structure_mut(0) {
        structure.remove_field("framerate");
        structure.remove_field("interlace-mode");
    }
    filter.set_property("caps", &scaled);
    elements.push(filter);
    elements.extend(after);
    elements.push(sink.clone().upcast());

    let all: Vec<_> = elements.iter().collect();
    plugins::chain(pipeline, &all)?;
    let failed = |error: String| MediaError::Pipeline(error);
    for element in elements.iter().rev() {
        element.sync_state_with_parent().map_err(|error| failed(error.to_string()))?;
    }
    let target = elements[0].static_pad("sink").ok_or_else(|| failed("no pad".into()))?;
    open_end(&target);
    pad.link(&target)
        .map(|_| ())
        .map_err(|error| failed(format!("pictures of the form {caps}: {error}")))
}

/// Takes the announced end out of every segment: up to it `videorate` would repeat the last picture,
/// where the sound is longer, or the file is cut off.
fn open_end(pad: &gst::Pad) {
    pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, |_, info| {
        if let Some(event) = info.event()
            && let gst::EventView::Segment(segment) = event.view()
            && let Some(time) = segment.segment().downcast_ref::<gst::ClockTime>()
            && time.stop().is_some()
        {
            let mut open = time.clone();
            open.set_stop(gst::ClockTime::NONE);
            let seqnum = event.seqnum();
            info.data = Some(gst::PadProbeData::Event(
                gst::event::Segment::builder(&open).seqnum(seqnum).build(),
            ));
        }
        gst::PadProbeReturn::Ok
    });
}

/// A filter for RGBA that lays the picture over black: each colour times its opacity.
fn over_black() -> Result<gst::Element, MediaError> {
    let filter = plugins::make("capsfilter")?;
    filter.set_property("caps", gst::Caps::builder("video/x-raw").field("format", "RGBA").build());
    if let Some(pad) = filter.static_pad("src") {
        pad.add_probe(gst::PadProbeType::BUFFER, |_, info| {
            if let Some(buffer) = info.buffer_mut()
                && let Ok(mut bytes) = buffer.make_mut().map_writable()
            {
                // RGBA rows are never padded to anything but whole pixels.
                for pixel in bytes.chunks_exact_mut(4) {
                    let opacity = u16::from(pixel[3]);
                    for colour in &mut pixel[..3] {
                        *colour = ((u16::from(*colour) * opacity + 127) / 255) as u8;
                    }
                    pixel[3] = 255;
                }
            }
            gst::PadProbeReturn::Ok
        });
    }
    Ok(filter)
}
