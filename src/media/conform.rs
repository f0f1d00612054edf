//! What brings decoded pictures of any form into the canvas: colour, orientation, shape. Rates are for
//! `Slots`: what a stream announces of its own may be wrong by thousands.

use super::{
    colours,
    encoder::conformed_caps,
    plugins::{self, MediaError},
    tone::{self, ToneMap},
};
use crate::{clip::Fit, units::Canvas};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSink;
use gstreamer_video as gst_video;

/// What pictures are brought to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) canvas: Canvas,
    pub(super) fit: Fit,
    /// How pictures are turned, in the words of `videoflip`; as their stream says, if there is none.
    pub(super) direction: Option<&'static str>,
}

/// Builds what conforms the video of `pad`, and links it through to `sink`.
pub(super) fn conform(
    pipeline: &gst::Pipeline,
    pad: &gst::Pad,
    caps: &gst::Caps,
    sink: &AppSink,
    target: Target,
) -> Result<(), MediaError> {
    let Target { canvas, fit, direction } = target;
    let structure = caps.structure(0);
    let field = |name: &str| structure.and_then(|s| s.get::<&str>(name).ok());
    let has_alpha = field("format")
        .and_then(|name| name.parse::<gst_video::VideoFormat>().ok())
        .is_some_and(|format| gst_video::VideoFormatInfo::from_format(format).has_alpha());
    let colours = colours::of(caps).or_else(|| field("colorimetry").and_then(|c| c.parse().ok()));
    let tones = colours.as_ref().and_then(|colours| {
        let peak = tone::peak_nits(field("content-light-level"), field("mastering-display-info"));
        ToneMap::of(colours, peak)
    });
    // `videoconvert` leaves the range as it is where nothing else changes.
    let is_full_range = colours::of(caps)
        .is_some_and(|colours| colours.range() == gst_video::VideoColorRange::Range0_255);
    let is_interlaced = field("interlace-mode").is_some_and(|mode| mode != "progressive");

    let mut elements = vec![plugins::make("videoconvert")?];
    if has_alpha {
        elements.push(over_black()?);
    }
    let flip = plugins::make("videoflip")?;
    plugins::configure(&flip, &[("video-direction", direction.unwrap_or("auto"))]);
    if is_interlaced {
        elements.push(plugins::make("deinterlace")?);
    }
    elements.push(flip);
    let scale = plugins::make("videoconvertscale")?;
    match fit {
        Fit::Crop => {
            let crop = plugins::make("aspectratiocrop")?;
            let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
            crop.set_property(
                "aspect-ratio",
                gst::Fraction::new(number(canvas.width), number(canvas.height)),
            );
            let pad = elements[0].static_pad("sink");
            if let (Some(pad), Some(bin)) = (pad, crop.downcast_ref::<gst::Bin>()) {
                forget_crop(&pad, bin);
            }
            elements.push(crop);
            scale.set_property("add-borders", false);
        }
        Fit::Letterbox => scale.set_property("add-borders", true),
        Fit::Stretch => scale.set_property("add-borders", false),
    }
    elements.push(scale);
    if tones.is_some() || is_full_range {
        elements.extend(in_rgb(canvas, tones)?);
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
    colours::complete(&target);
    pad.link(&target)
        .map(|_| ())
        .map_err(|error| failed(format!("pictures of the form {caps}: {error}")))
}

/// Takes the announced end out of every segment: where the sound is longer, or the file is cut off, an
/// element that fills gaps would repeat the last picture up to it.
pub(super) fn open_end(pad: &gst::Pad) {
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

/// Undoes what `aspectratiocrop` cuts away before pictures of another size come: what was right for
/// the ones before may be more than all of the next, which it would refuse.
fn forget_crop(pad: &gst::Pad, crop: &gst::Bin) {
    let crop = crop.downgrade();
    pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        let is_caps = info.event().is_some_and(|event| event.type_() == gst::EventType::Caps);
        if let Some(crop) = crop.upgrade()
            && is_caps
        {
            for child in crop.children() {
                for side in ["left", "right", "top", "bottom"] {
                    child.set_property(side, 0_i32);
                }
            }
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
                for pixel in bytes.chunks_exact_mut(4).filter(|pixel| pixel[3] < 255) {
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

/// Scales into the canvas in 16-bit RGB, and brings the colours of that into BT.709 where they are not.
/// What follows must convert to the canvas's own form.
fn in_rgb(canvas: Canvas, tones: Option<ToneMap>) -> Result<[gst::Element; 2], MediaError> {
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
    if let (Some(tones), Some(pad)) = (tones, filter.static_pad("src")) {
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
