//! What brings decoded pictures of any form into the canvas: colour, orientation, rate, shape.

use super::{
    encoder::{conformed_caps, fraction},
    plugins::{self, MediaError},
    tone::{self, ToneMap},
};
use crate::{clip::Fit, units::Canvas};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSink;
use gstreamer_video as gst_video;

/// Builds what conforms the video of `pad`, and links it through to `sink`. Where pictures are counted
/// behind it, none is dropped.
pub(super) fn conform(
    pipeline: &gst::Pipeline,
    pad: &gst::Pad,
    caps: &gst::Caps,
    sink: &AppSink,
    canvas: Canvas,
    fit: Fit,
    is_counted: bool,
) -> Result<(), MediaError> {
    let structure = caps.structure(0);
    let field = |name: &str| structure.and_then(|s| s.get::<&str>(name).ok());
    let has_alpha = field("format")
        .and_then(|name| name.parse::<gst_video::VideoFormat>().ok())
        .is_some_and(|format| gst_video::VideoFormatInfo::from_format(format).has_alpha());
    let tones = field("colorimetry")
        .and_then(|name| name.parse::<gst_video::VideoColorimetry>().ok())
        .and_then(|colorimetry| {
            let peak =
                tone::peak_nits(field("content-light-level"), field("mastering-display-info"));
            ToneMap::of(&colorimetry, peak)
        });
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
    if is_faster && !is_counted {
        // Pictures that will be dropped are not worth scaling.
        let rate = plugins::make("videorate")?;
        // Streams may begin a picture late: that would double the first one.
        plugins::configure(&rate, &[("skip-to-first", "true")]);
        let filter = plugins::make("capsfilter")?;
        filter.set_property(
            "caps",
            gst::Caps::builder("video/x-raw").field("framerate", fraction(canvas)).build(),
        );
        elements.extend([rate, filter]);
    }
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
    if let Some(tones) = tones {
        elements.extend(toned(canvas, tones)?);
    }
    let filter = plugins::make("capsfilter")?;
    let mut scaled = conformed_caps(canvas);
    if let Some(structure) = scaled.make_mut().structure_mut(0) {
        structure.remove_field("framerate");
        structure.remove_field("interlace-mode");
    }
    filter.set_property("caps", &scaled);
    elements.push(filter);
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

/// Scales into the canvas in 16-bit RGB, and brings the colours of that into BT.709. What follows must
/// convert to the canvas's own form.
fn toned(canvas: Canvas, tones: ToneMap) -> Result<[gst::Element; 2], MediaError> {
    let filter = plugins::make("capsfilter")?;
    let mut caps = conformed_caps(canvas);
    if let Some(structure) = caps.make_mut().structure_mut(0) {
        structure.remove_field("framerate");
        structure.remove_field("interlace-mode");
        // Without a word on it, colours come through as they are.
        structure.remove_field("colorimetry");
        structure.set("format", "RGBA64_LE");
    }
    filter.set_property("caps", &caps);
    if let Some(pad) = filter.static_pad("src") {
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            if let Some(buffer) = info.buffer_mut()
                && let Ok(mut bytes) = buffer.make_mut().map_writable()
            {
                // RGBA rows are never padded to anything but whole pixels.
                tones.apply(&mut bytes);
            }
            gst::PadProbeReturn::Ok
        });
    }
    Ok([filter, plugins::make("videoconvert")?])
}
