//! The encoders of the import: one intra picture, then predicted pictures only.
//!
//! One thread each, so that the same source gives the same stream on every machine.

use super::{
    fault::{Fault, Watched},
    plugins,
};
use crate::{
    clip::Encoder,
    units::{Canvas, FrameRate},
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use gstreamer_video as gst_video;
use std::{fmt::Write as _, path::Path, time::Duration};

/// Pictures that may wait for the encoder: enough that it never starves, little memory.
const WAITING_MAX: u64 = 3;

/// How long the encoder may take over one picture before something is wrong with it.
const PATIENCE: Duration = Duration::from_secs(60);

/// No further intra picture, no B pictures, one reference, no weighting, constant quantiser.
/// `stitchable` makes the parameter sets independent of the quantiser and of key intervals.
const LIBX264: &[(&str, &str)] = &[
    ("speed-preset", "veryfast"),
    ("tune", "zerolatency"),
    ("pass", "quant"),
    ("quantizer", "31"),
    ("threads", "1"),
    ("sliced-threads", "false"),
    ("key-int-max", "2147483647"),
    ("bframes", "0"),
    ("ref", "1"),
    ("byte-stream", "true"),
    ("aud", "false"),
    ("option-string", "keyint=infinite:scenecut=0:weightp=0:min-keyint=1:stitchable=1"),
];

/// From one intra picture to the next, at most, with `avenc_mpeg4`: libavcodec cuts a longer distance
/// down to this (`mpegvideo_enc.c`), and GStreamer leaves no way round it.
pub(super) const MPEG4_INTRA_EVERY: u32 = 600;

/// Intra blocks inside predicted pictures are made as dear as the encoder allows: they would repair
/// the damage that the instrument lives on.
const MPEG4: &[(&str, &str)] = &[
    // Not `pass=quant`: GStreamer tells libavcodec the quantiser with the first picture only, and
    // all that follow get the finest there is. Rate control between 6 and 6 is a constant 6.
    ("pass", "cbr"),
    ("qmin", "6"),
    ("qmax", "6"),
    // `MPEG4_INTRA_EVERY`
    ("gop-size", "600"),
    ("max-bframes", "0"),
    ("sc-threshold", "1000000000"),
    ("intra-penalty", "1000000000"),
    ("threads", "1"),
];

/// What the intra bank changes: a finer quantiser, since it codes what has lost enough already.
const fn bank_settings(encoder: Encoder) -> &'static [(&'static str, &'static str)] {
    match encoder {
        Encoder::Libx264 => &[("quantizer", "23")],
        Encoder::Mpeg4 => &[("qmin", "3"), ("qmax", "3")],
    }
}

const fn element_and_settings(
    encoder: Encoder,
) -> (&'static str, &'static [(&'static str, &'static str)]) {
    match encoder {
        Encoder::Libx264 => ("x264enc", LIBX264),
        Encoder::Mpeg4 => ("avenc_mpeg4", MPEG4),
    }
}

/// The encoder's settings, word for word; part of a clip's address.
pub fn settings(encoder: Encoder) -> String {
    let (element, settings) = element_and_settings(encoder);
    let mut text = element.to_owned();
    for (name, value) in settings {
        // Writing to a string cannot fail.
        let _ = write!(text, " {name}={value}");
    }
    text.push_str("; intra bank of the decoded stream");
    for (name, value) in bank_settings(encoder) {
        let _ = write!(text, " {name}={value}");
    }
    text
}

/// What every source is conformed to: 8-bit 4:2:0, BT.709, limited range, square pixels.
pub(super) fn conformed_caps(canvas: Canvas) -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", i32::try_from(canvas.width).unwrap_or(i32::MAX))
        .field("height", i32::try_from(canvas.height).unwrap_or(i32::MAX))
        .field("framerate", fraction(canvas))
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .field("interlace-mode", "progressive")
        .field("colorimetry", "bt709")
        .build()
}

/// The canvas rate as GStreamer has it.
pub(super) fn fraction(canvas: Canvas) -> gst::Fraction {
    fraction_of(canvas.rate)
}

/// A rate as GStreamer has it.
pub(super) fn fraction_of(rate: FrameRate) -> gst::Fraction {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    gst::Fraction::new(number(rate.numerator), number(rate.denominator))
}

/// Presentation time and duration of picture `number`.
fn stamp(buffer: &mut gst::BufferRef, canvas: Canvas, number: u64) {
    let nanos = |n: u64| {
        gst::ClockTime::from_nseconds(canvas.rate.time_of(n).as_nanos().try_into().unwrap_or(0))
    };
    buffer.set_pts(nanos(number));
    buffer.set_dts(gst::ClockTime::NONE);
    buffer.set_duration(nanos(number + 1) - nanos(number));
}

/// An encoder that writes its stream to a file.
#[derive(Debug)]
pub(super) struct StreamEncoder {
    watched: Watched,
    source: AppSrc,
    canvas: Canvas,
    pictures: u64,
}

impl StreamEncoder {
    /// Starts an encoder; with `all_intra` every picture becomes an intra picture of
    /// the bank's finer quantiser, all else alike.
    pub(super) fn start(
        encoder: Encoder,
        canvas: Canvas,
        path: &Path,
        all_intra: bool,
    ) -> Result<Self, Fault> {
        let (name, settings) = element_and_settings(encoder);
        let element = plugins::make(name)?;
        plugins::configure(&element, settings);
        if all_intra {
            plugins::configure(&element, bank_settings(encoder));
            force_intra(&element);
        }
        let source = AppSrc::builder()
            .caps(&conformed_caps(canvas))
            .format(gst::Format::Time)
            .block(false)
            .max_bytes(0)
            .max_buffers(0)
            .build();
        let coded = match encoder {
            Encoder::Libx264 => gst::Caps::builder("video/x-h264")
                .field("stream-format", "byte-stream")
                .field("alignment", "au")
                .field("profile", "high")
                .build(),
            Encoder::Mpeg4 => gst::Caps::builder("video/mpeg").field("mpegversion", 4).build(),
        };
        let filter = plugins::make("capsfilter")?;
        filter.set_property("caps", &coded);
        let file = plugins::make("filesink")?;
        file.set_property("location", path);
        file.set_property("async", false);

        let mut watched = Watched::new()?;
        plugins::chain(&watched.pipeline, &[source.upcast_ref(), &element, &filter, &file])?;
        watched.play()?;
        Ok(Self { watched, source, canvas, pictures: 0 })
    }

    /// Encodes one conformed picture. Waits while the encoder is behind.
    pub(super) fn push(&mut self, picture: &gst::Buffer) -> Result<(), Fault> {
        let mut waited = Duration::ZERO;
        const STEP: Duration = Duration::from_millis(2);
        while self.source.current_level_buffers() >= WAITING_MAX {
            self.watched.check(gst::ClockTime::from_mseconds(STEP.as_millis() as u64))?;
            waited += STEP;
            if waited > PATIENCE {
                return Err(Fault::Other("the encoder does not go on".into()));
            }
        }
        self.watched.check(gst::ClockTime::ZERO)?;
        // Shares the samples, has its own time stamps.
        let mut buffer = picture.clone();
        let writable = buffer.make_mut();
        writable.unset_flags(gst::BufferFlags::all());
        stamp(writable, self.canvas, self.pictures);
        self.pictures += 1;
        if let Err(error) = self.source.push_buffer(buffer) {
            self.watched.check(gst::ClockTime::from_mseconds(100))?;
            return Err(Fault::Other(error.to_string()));
        }
        Ok(())
    }

    /// Encodes what is left and closes the file. Returns the number of pictures.
    pub(super) fn finish(mut self) -> Result<u64, Fault> {
        self.source.end_of_stream().map_err(|error| Fault::Other(error.to_string()))?;
        let mut waited = Duration::ZERO;
        const STEP: Duration = Duration::from_millis(20);
        while !self.watched.is_ended() {
            self.watched.check(gst::ClockTime::from_mseconds(STEP.as_millis() as u64))?;
            waited += STEP;
            if waited > PATIENCE {
                return Err(Fault::Other("the encoder does not end".into()));
            }
        }
        Ok(self.pictures)
    }
}

/// Asks for an intra picture before every picture that goes in.
fn force_intra(encoder: &gst::Element) {
    let (Some(sink), weak) = (encoder.static_pad("sink"), encoder.downgrade()) else { return };
    sink.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        if let Some(source) = weak.upgrade().and_then(|encoder| encoder.static_pad("src")) {
            let event = gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(true).build();
            source.send_event(event);
        }
        gst::PadProbeReturn::Ok
    });
}
