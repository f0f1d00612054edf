//! Any file that GStreamer decodes, as conformed pictures one after the other.
//!
//! Pulled by the importing thread; decoding and conforming run on threads of GStreamer, a few
//! pictures ahead. Only the first video stream is decoded.

use super::{
    colours,
    conform::{Target, conform},
    encoder::{conformed_caps, fraction_of},
    fault::{Fault, Watched},
    gif,
    material::{Material, PictureKind},
    movie,
    photo::{self, Webp},
    plugins::{self, MediaError},
    sink::app_sink,
    slots::Slots,
};
use crate::{
    clip::Fit,
    units::{Canvas, FrameRate},
};
use gstreamer as gst;
use gstreamer::{glib, prelude::*};
use gstreamer_app::{AppSink, AppSrc, AppSrcCallbacks};
use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
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

    /// Notes the time up to which a stream has come: as it is shown, or in the file's own time.
    fn follow(self: &Arc<Self>, pad: &gst::Pad, is_shown: bool) {
        let shared = Arc::clone(self);
        pad.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
            if let Some(buffer) = info.buffer()
                && let Some(start) = buffer.pts()
            {
                let segment =
                    is_shown.then(|| pad.sticky_event::<gst::event::Segment>(0)).flatten();
                let shown = segment.and_then(|event| {
                    event.segment().downcast_ref::<gst::ClockTime>()?.to_running_time(start)
                });
                let start = shown.unwrap_or(start);
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
    slots: Slots<gst::Buffer>,
    /// Pictures still to come, where that is known.
    left: Option<u64>,
}

impl Source {
    /// Opens what `material` says is at `path`; `rate` goes for a sequence.
    pub(super) fn open(
        path: &Path,
        material: &Material,
        rate: FrameRate,
        canvas: Canvas,
        fit: Fit,
    ) -> Result<Self, Fault> {
        let watched = Watched::new()?;
        let is_gif = *material == Material::Still(PictureKind::Gif);
        let mut target = Target { canvas, fit, direction: None };
        if *material == Material::Still(PictureKind::Webp) {
            target.direction = Webp::read(path).map(Webp::direction);
        }
        let sink = sink(canvas);
        let shared = Arc::new(Shared::default());
        let mut source = Self {
            watched,
            sink,
            shared,
            last_sign: Instant::now(),
            fault: None,
            duration: None,
            slots: Slots::new(canvas.rate),
            left: is_gif.then(|| gif::pictures(path)).flatten(),
        };
        if let Material::Sequence(_, files) = material {
            source.duration = gst::ClockTime::try_from(rate.time_of(files.len() as u64)).ok();
        }
        match material {
            Material::Still(kind) if photo::is_decoded_here(*kind, path) => {
                source.show(*kind, vec![path.to_owned()], None, target)?;
            }
            Material::Sequence(kind, files)
                if files.first().is_some_and(|first| photo::is_decoded_here(*kind, first)) =>
            {
                source.show(*kind, files.clone(), Some(rate), target)?;
            }
            _ => source.decode(path, material, rate, target)?,
        }
        source.watched.play()?;
        Ok(source)
    }

    /// Leads picture files that are decoded here to the sink.
    fn show(
        &mut self,
        kind: PictureKind,
        files: Vec<PathBuf>,
        rate: Option<FrameRate>,
        target: Target,
    ) -> Result<(), Fault> {
        let decode = move |bytes: Vec<u8>| {
            photo::decode(kind, &bytes).map(|(caps, buffer)| (Some(caps), buffer))
        };
        let first = files.first().map(fs::read).transpose();
        let first = first.map_err(|error| Fault::Other(error.to_string()))?.unwrap_or_default();
        let (caps, _) = photo::decode(kind, &first).map_err(Fault::Other)?;
        let feed = sequence(&caps, files, rate, decode);
        let failed = |error: String| MediaError::Pipeline(error);
        self.watched.pipeline.add(&feed).map_err(|error| failed(error.to_string()))?;
        let pad = feed.static_pad("src").ok_or_else(|| failed("no pad".into()))?;
        self.shared.follow(&pad, false);
        for known in [&self.shared.has_video, &self.shared.is_flowing, &self.shared.is_complete] {
            known.store(true, Ordering::SeqCst);
        }
        Ok(conform(&self.watched.pipeline, &pad, &caps, &self.sink, target)?)
    }

    /// Lets GStreamer decode the source, and leads its video to the sink.
    fn decode(
        &mut self,
        path: &Path,
        material: &Material,
        rate: FrameRate,
        target: Target,
    ) -> Result<(), Fault> {
        let (watched, shared) = (&self.watched, &self.shared);
        let decoder = plugins::make("decodebin")?;
        match material {
            Material::Sequence(kind, files) => {
                let caps = gst::Caps::builder(kind.caps_name())
                    .field("framerate", fraction_of(rate))
                    .build();
                let plain = |bytes| Ok((None, gst::Buffer::from_mut_slice(bytes)));
                let source = sequence(&caps, files.clone(), Some(rate), plain);
                plugins::chain(&watched.pipeline, &[source.upcast_ref(), &decoder])?;
            }
            Material::Still(PictureKind::Jpeg) => {
                // The parser reads how the camera was held; decodebin leaves it away.
                let (file, parser) = (plugins::make("filesrc")?, plugins::make("jpegparse")?);
                file.set_property("location", path);
                plugins::chain(&watched.pipeline, &[&file, &parser, &decoder])?;
            }
            Material::Still(_) | Material::Video => {
                let (file, shown) = movie::file_source(path, material, &decoder)?;
                self.duration = shown.and_then(|shown| gst::ClockTime::try_from(shown).ok());
                plugins::chain(&watched.pipeline, &[&file, &decoder])?;
            }
        }
        skip_what_is_not_wanted(&decoder);
        colours::believe_the_stream(&decoder);
        if *material == Material::Still(PictureKind::Gif) {
            keep_times_of_gif(&decoder);
        }

        let is_shown = self.duration.is_some();
        let (told, end) = (Arc::clone(shared), self.sink.clone());
        let pipeline = watched.pipeline.downgrade();
        decoder.connect_pad_added(move |_, pad| {
            let Some(pipeline) = pipeline.upgrade() else { return };
            let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
            told.follow(pad, is_shown);
            let is_video = caps.structure(0).is_some_and(|s| s.name() == "video/x-raw");
            let linked = if is_video && !told.has_video.swap(true, Ordering::SeqCst) {
                conform(&pipeline, pad, &caps, &end, target)
            } else {
                discard(&pipeline, pad)
            };
            match linked {
                Err(error) => told.fail(error),
                Ok(()) if is_video => told.is_flowing.store(true, Ordering::SeqCst),
                Ok(()) => {}
            }
        });
        let told = Arc::clone(shared);
        decoder.connect_no_more_pads(move |_| told.is_complete.store(true, Ordering::SeqCst));

        Ok(())
    }

    /// The next picture, waiting a little for it.
    pub(super) fn next(&mut self) -> Next {
        if let Some(picture) = self.slots.take() {
            return Next::Picture(picture);
        }
        let next = self.pull();
        if matches!(next, Next::End(_)) {
            self.slots.close();
            if let Some(picture) = self.slots.take() {
                if let Next::End(fault) = next {
                    // It is told once the rest is taken.
                    self.fault = fault;
                }
                return Next::Picture(picture);
            }
        }
        next
    }

    /// Puts the next decoded picture into its slot, or says that there is none.
    fn pull(&mut self) -> Next {
        if self.left == Some(0) {
            return Next::End(None);
        }
        if let Some(sample) = self.sink.try_pull_sample(gst::ClockTime::from_mseconds(50)) {
            self.last_sign = Instant::now();
            if self.duration.is_none() {
                self.duration = self.watched.pipeline.query_duration::<gst::ClockTime>();
            }
            let segment = sample.segment().and_then(|segment| segment.downcast_ref().cloned());
            if let Some(buffer) = sample.buffer_owned() {
                self.left = self.left.map(|left| left.saturating_sub(1));
                let segment: Option<gst::FormattedSegment<gst::ClockTime>> = segment;
                let time = buffer.pts();
                let time = segment.and_then(|s| s.to_running_time(time)).or(time);
                let length = buffer.duration().map(Into::into);
                self.slots.put(buffer, time.map(Into::into), length);
            }
            return self.slots.take().map_or(Next::Waiting, Next::Picture);
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

    /// How much of it has been read, 0..=1; 0 where its length is not known.
    pub(super) fn done(&self) -> f32 {
        self.duration()
            .filter(|all| !all.is_zero())
            .map_or(0.0, |all| (self.reached().as_secs_f32() / all.as_secs_f32()).clamp(0.0, 1.0))
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
pub(super) fn skip_what_is_not_wanted(decoder: &gst::Element) {
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

/// `avdec_gif` gives every picture the time and length of the first: each gets back what the demuxer
/// had given it. One picture comes out for each that goes in.
fn keep_times_of_gif(decoder: &gst::Element) {
    let Some(bin) = decoder.downcast_ref::<gst::Bin>() else { return };
    bin.connect_element_added(|_, element| {
        let is_gif = element.factory().is_some_and(|factory| factory.name() == "avdec_gif");
        let (Some(sink), Some(source)) = (element.static_pad("sink"), element.static_pad("src"))
        else {
            return;
        };
        if !is_gif {
            return;
        }
        let times = Arc::new(Mutex::new(VecDeque::new()));
        let noted = Arc::clone(&times);
        sink.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            if let Some(buffer) = info.buffer() {
                let mut times = noted.lock().unwrap_or_else(PoisonError::into_inner);
                times.push_back((buffer.pts(), buffer.duration()));
            }
            gst::PadProbeReturn::Ok
        });
        source.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Some(buffer), Some((start, length))) = (info.buffer_mut(), times.pop_front()) {
                let buffer = buffer.make_mut();
                buffer.set_pts(start);
                buffer.set_duration(length);
            }
            gst::PadProbeReturn::Ok
        });
    });
}

/// Lets a stream that is not wanted run into nothing.
pub(super) fn discard(pipeline: &gst::Pipeline, pad: &gst::Pad) -> Result<(), MediaError> {
    let sink = plugins::make("fakesink")?;
    plugins::configure(&sink, &[("sync", "false"), ("async", "false")]);
    let failed = |error: String| MediaError::Pipeline(error);
    pipeline.add(&sink).map_err(|error| failed(error.to_string()))?;
    sink.sync_state_with_parent().map_err(|error| failed(error.to_string()))?;
    let target = sink.static_pad("sink").ok_or_else(|| failed("no pad".into()))?;
    pad.link(&target).map(|_| ()).map_err(|error| failed(error.to_string()))
}

/// Where conformed pictures come out.
fn sink(canvas: Canvas) -> AppSink {
    // Pictures come with times of their own, whatever rate their form announces.
    let mut form = conformed_caps(canvas);
    if let Some(structure) = form.make_mut().structure_mut(0) {
        structure.remove_field("framerate");
    }
    app_sink().caps(&form).max_buffers(AHEAD).build()
}

/// Files as `read` makes them, each with its time where there is a rate, one after the other by a
/// thread of GStreamer. `read` may say that the form has changed.
fn sequence(
    caps: &gst::Caps,
    files: Vec<PathBuf>,
    rate: Option<FrameRate>,
    read: impl Fn(Vec<u8>) -> Result<(Option<gst::Caps>, gst::Buffer), String> + Send + 'static,
) -> AppSrc {
    let mut files = (0..).zip(files);
    let feed = move |source: &AppSrc, _| {
        let Some((place, file)) = files.next() else {
            // It fails only where the pipeline is being stopped.
            let _ = source.end_of_stream();
            return;
        };
        match fs::read(&file).map_err(|error| error.to_string()).and_then(&read) {
            Ok((caps, mut buffer)) => {
                let writable = buffer.make_mut();
                let time = |place| {
                    let time = rate.map_or(Duration::ZERO, |rate| rate.time_of(place));
                    gst::ClockTime::try_from(time).unwrap_or_default()
                };
                writable.set_pts(time(place));
                if rate.is_some() {
                    writable.set_duration(time(place + 1) - time(place));
                }
                if caps.is_some() && caps != source.caps() {
                    source.set_caps(caps.as_ref());
                }
                let _ = source.push_buffer(buffer);
            }
            Err(error) => {
                let text = format!("{} cannot be read: {error}", file.display());
                gst::element_error!(source, gst::ResourceError::Read, ("{}", text));
                let _ = source.end_of_stream();
            }
        }
    };
    AppSrc::builder()
        .caps(caps)
        .format(gst::Format::Time)
        .callbacks(AppSrcCallbacks::builder().need_data(feed).build())
        .build()
}
