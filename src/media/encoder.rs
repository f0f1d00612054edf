//! The encoders of the import: one intra picture, then predicted pictures only.
//!
//! One thread each, so that the same source gives the same stream on every machine.

use super::{
    coding::Recipe,
    fault::{Fault, Watched},
    plugins,
};
use crate::units::{Canvas, FrameRate};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use gstreamer_video as gst_video;
use std::{path::Path, time::Duration};

/// Pictures that may wait for the encoder: enough that it never starves, little memory.
const WAITING_MAX: u64 = 3;

/// How long the encoder may take over one picture before something is wrong with it.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// An encoder that writes its stream to a file, or wherever its sink takes it.
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
        recipe: &Recipe,
        canvas: Canvas,
        path: &Path,
        all_intra: bool,
    ) -> Result<Self, Fault> {
        let file = plugins::make("filesink")?;
        file.set_property("location", path);
        file.set_property("async", false);
        Self::start_into(recipe, canvas, &file, all_intra)
    }

    /// The same, with the stream going into `sink`, one buffer for each access unit.
    pub(super) fn start_into(
        recipe: &Recipe,
        canvas: Canvas,
        sink: &gst::Element,
        all_intra: bool,
    ) -> Result<Self, Fault> {
        let element = recipe.make(all_intra)?;
        if all_intra {
            force_intra(&element);
        }
        let source = AppSrc::builder()
            .caps(&conformed_caps(canvas))
            .format(gst::Format::Time)
            .block(false)
            .max_bytes(0)
            .max_buffers(0)
            .build();
        let filter = plugins::make("capsfilter")?;
        filter.set_property("caps", recipe.caps());

        let mut watched = Watched::new()?;
        plugins::chain(&watched.pipeline, &[source.upcast_ref(), &element, &filter, sink])?;
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

    /// Fails when the encoder has failed.
    pub(super) fn check(&mut self) -> Result<(), Fault> {
        self.watched.check(gst::ClockTime::ZERO)
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
