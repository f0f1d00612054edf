//! What decoded pictures say of their colours, completed before they are converted.
//!
//! In the threads of GStreamer that pictures pass, on their caps alone.

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video as gst_video;
use std::sync::{Arc, Mutex, PoisonError};

/// Up to this many rows, pictures that do not say how they were coded are taken for BT.601, as
/// GStreamer and most players do.
const BT601_ROWS_MAX: u32 = 576;

/// Lets H.264 and HEVC streams say themselves what colours they have: `qtdemux` leaves the range out
/// of what the container says (ISO 14496-12, 12.1.5: `full_range_flag`), and the parsers believe it.
/// What the container says still goes where the stream says nothing.
pub(super) fn believe_the_stream(decoder: &gst::Element) {
    let Some(bin) = decoder.downcast_ref::<gst::Bin>() else { return };
    bin.connect_element_added(|_, element| {
        let is_parser = element
            .factory()
            .is_some_and(|factory| ["h264parse", "h265parse"].contains(&factory.name().as_str()));
        let (Some(sink), Some(source)) = (element.static_pad("sink"), element.static_pad("src"))
        else {
            return;
        };
        if !is_parser {
            return;
        }
        let said = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&said);
        edit_caps(&sink, move |caps| {
            let colours = caps.structure(0)?.get::<String>("colorimetry").ok()?;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(colours);
            let mut caps = caps.to_owned();
            caps.make_mut().structure_mut(0)?.remove_field("colorimetry");
            Some(caps)
        });
        edit_caps(&source, move |caps| {
            if caps.structure(0)?.has_field("colorimetry") {
                return None;
            }
            let colours = said.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
            let mut caps = caps.to_owned();
            caps.make_mut().structure_mut(0)?.set("colorimetry", colours);
            Some(caps)
        });
    });
}

/// Writes out what pictures leave unsaid: without a matrix nothing is converted at all, and what
/// GStreamer takes for granted goes by the height, which turning changes.
pub(super) fn complete(pad: &gst::Pad) {
    edit_caps(pad, |caps| {
        let mut caps = caps.to_owned();
        let colours = of(&caps)?;
        caps.make_mut().structure_mut(0)?.set("colorimetry", colours.to_string());
        Some(caps)
    });
}

/// The colours of pictures of this form, nothing left unsaid; none for RGB and grey, which have no
/// matrix.
pub(super) fn of(caps: &gst::CapsRef) -> Option<gst_video::VideoColorimetry> {
    let info = gst_video::VideoInfo::from_caps(caps).ok()?;
    if !info.format_info().is_yuv() {
        return None;
    }
    // Of what it cannot use, such as a range alone, `VideoInfo` keeps nothing.
    let said = caps.structure(0)?.get::<&str>("colorimetry").ok();
    let said = said.and_then(|said| said.parse::<gst_video::VideoColorimetry>().ok());
    let Some(said) = said else { return Some(info.colorimetry()) };
    if said.matrix() != gst_video::VideoColorMatrix::Unknown {
        return Some(info.colorimetry());
    }
    let usual = if info.height() > BT601_ROWS_MAX { "bt709" } else { "bt601" };
    let usual = usual.parse::<gst_video::VideoColorimetry>().ok()?;
    let range = match said.range() {
        gst_video::VideoColorRange::Unknown => usual.range(),
        range => range,
    };
    Some(gst_video::VideoColorimetry::new(
        range,
        usual.matrix(),
        usual.transfer(),
        usual.primaries(),
    ))
}

/// Puts other caps in the place of those that come, where `edit` gives any.
fn edit_caps(
    pad: &gst::Pad,
    edit: impl Fn(&gst::CapsRef) -> Option<gst::Caps> + Send + Sync + 'static,
) {
    pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        if let Some(event) = info.event()
            && let gst::EventView::Caps(caps) = event.view()
            && let Some(edited) = edit(caps.caps())
        {
            let seqnum = event.seqnum();
            info.data = Some(gst::PadProbeData::Event(
                gst::event::Caps::builder(&edited).seqnum(seqnum).build(),
            ));
        }
        gst::PadProbeReturn::Ok
    });
}
