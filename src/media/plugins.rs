//! Which GStreamer elements the instrument needs, what brings them, and whether they are there.

use super::coding;
use crate::{clip::Encoder, units::Canvas};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::path::PathBuf;

/// A GStreamer element that the instrument uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Name of the element, as `gst-inspect-1.0` lists it.
    pub element: &'static str,
    /// The Debian package that brings it (other systems name theirs alike).
    pub package: &'static str,
    /// What is done with it.
    pub purpose: &'static str,
    /// Whether nothing works without it.
    pub is_essential: bool,
}

const BASE: &str = "gstreamer1.0-plugins-base";
const GOOD: &str = "gstreamer1.0-plugins-good";
const BAD: &str = "gstreamer1.0-plugins-bad";
const UGLY: &str = "gstreamer1.0-plugins-ugly";
const LIBAV: &str = "gstreamer1.0-libav";

const fn plugin(
    element: &'static str,
    package: &'static str,
    purpose: &'static str,
    is_essential: bool,
) -> Plugin {
    Plugin { element, package, purpose, is_essential }
}

/// Every element that is used, with what brings it.
pub const PLUGINS: &[Plugin] = &[
    plugin("appsrc", BASE, "the way into every pipeline", true),
    plugin("appsink", BASE, "the way out of every pipeline", true),
    plugin("avdec_h264", LIBAV, "decoder for H.264", false),
    plugin("avdec_mpeg4", LIBAV, "decoder for MPEG-4 part 2", false),
    plugin("openh264dec", BAD, "decoder for H.264 Baseline where avdec_h264 is missing", false),
    plugin("avenc_mpeg4", LIBAV, "encoder for MPEG-4 part 2 (import)", false),
    plugin("x264enc", UGLY, "encoder for H.264 (import, recording)", false),
    plugin("openh264enc", BAD, "encoder for H.264 where x264enc is missing (import)", false),
    plugin("av1enc", BAD, "previews as AVIF", false),
    plugin("decodebin", BASE, "import: reads any file", false),
    plugin("parsebin", BASE, "import: reads any file without decoding it", false),
    plugin("videoconvertscale", BASE, "import: size and colour", false),
    plugin("videoconvert", BASE, "import: colour", false),
    plugin("videorate", BASE, "import: rate", false),
    plugin("videoflip", GOOD, "import: orientation", false),
    plugin("aspectratiocrop", GOOD, "import: fit 'crop'", false),
    plugin("deinterlace", GOOD, "import: interlaced sources", false),
    plugin("jpegparse", BAD, "import: how a camera was held", false),
    plugin("jpegenc", GOOD, "import: the backward stream; keeping the last seconds", false),
    plugin("jpegdec", GOOD, "import: what the backward stream is made from", false),
    plugin("h264parse", BAD, "recording", false),
    plugin("matroskamux", GOOD, "recording to .mkv", false),
    plugin("mp4mux", GOOD, "recording to .mp4", false),
    plugin("qtmux", GOOD, "recording to .mov", false),
];

/// The media framework cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The library did not start.
    #[error("GStreamer could not be started: {0}; install gstreamer1.0-plugins-base")]
    Init(String),
    /// An element is not installed.
    #[error("the GStreamer element '{element}' is missing ({purpose}): install {package}")]
    Missing {
        /// Its name.
        element: String,
        /// What brings it.
        package: &'static str,
        /// What it is for.
        purpose: &'static str,
    },
    /// An element or pipeline could not be built or started.
    #[error("a media pipeline could not be started: {0}")]
    Pipeline(String),
    /// A picture has not the size of the canvas.
    #[error(
        "a picture of {width}x{height} is not one of the canvas {canvas}: give one of its size"
    )]
    Size {
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
        /// What it should be a picture of.
        canvas: Canvas,
    },
    /// A file gave no picture.
    #[error("{path} gives no picture ({reason}): choose another file")]
    Picture {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A picture could not be encoded.
    #[error("the picture could not be encoded: {0}")]
    Encode(String),
    /// The last seconds could not be saved.
    #[error("the last seconds were not saved as {path}: {reason}")]
    Save {
        /// What was asked for.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// Starts GStreamer and looks for what nothing works without. Any thread, any number of times.
///
/// # Errors
/// GStreamer did not start, or its base plug-ins are missing.
pub fn init() -> Result<(), MediaError> {
    gst::init().map_err(|error| MediaError::Init(error.to_string()))?;
    PLUGINS.iter().filter(|p| p.is_essential).try_for_each(|p| require(p.element))
}

/// Whether an element is installed. GStreamer must have been started.
pub(super) fn is_installed(element: &str) -> bool {
    gst::ElementFactory::find(element).is_some()
}

/// Fails with the name of the package when the element is not installed.
pub(super) fn require(element: &str) -> Result<(), MediaError> {
    if is_installed(element) { Ok(()) } else { Err(missing(element)) }
}

/// The error that names what brings `element`.
pub(super) fn missing(element: &str) -> MediaError {
    let row = PLUGINS.iter().find(|plugin| plugin.element == element);
    MediaError::Missing {
        element: element.to_owned(),
        package: row.map_or(BASE, |plugin| plugin.package),
        purpose: row.map_or("a part of the pipeline", |plugin| plugin.purpose),
    }
}

/// One element, by its factory's name.
pub(super) fn make(element: &str) -> Result<gst::Element, MediaError> {
    require(element)?;
    gst::ElementFactory::make(element)
        .build()
        .map_err(|error| MediaError::Pipeline(format!("{element}: {error}")))
}

/// Sets properties given as `name=value` words, in GStreamer's own notation.
/// Only for constants of this program: an unknown name would be a mistake of ours.
pub(super) fn configure(element: &gst::Element, settings: &[(&str, &str)]) {
    for (name, value) in settings {
        element.set_property_from_str(name, value);
    }
}

/// Puts elements into the pipeline and links them in order.
pub(super) fn chain(
    pipeline: &gst::Pipeline,
    elements: &[&gst::Element],
) -> Result<(), MediaError> {
    let failed = |error: gst::glib::BoolError| MediaError::Pipeline(error.to_string());
    pipeline.add_many(elements.iter().copied()).map_err(failed)?;
    gst::Element::link_many(elements.iter().copied()).map_err(failed)
}

/// One encoder or decoder for `residua devices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The element and what it is for.
    pub plugin: Plugin,
    /// Whether it is installed.
    pub is_installed: bool,
}

/// What a hardware encoder is for, with the name that `--encoder` has for it.
const fn hardware_purpose(encoder: Encoder) -> &'static str {
    match encoder {
        Encoder::H264Videotoolbox => "encoder h264_videotoolbox (import)",
        Encoder::H264Nvenc => "encoder h264_nvenc (import)",
        Encoder::H264Vaapi => "encoder h264_vaapi (import)",
        Encoder::H264Qsv => "encoder h264_qsv (import)",
        Encoder::H264V4l2 => "encoder h264_v4l2 (import)",
        Encoder::H264Amf => "encoder h264_amf (import)",
        Encoder::Libx264 | Encoder::Mpeg4 | Encoder::Openh264 => "encoder (import)",
    }
}

/// The encoders and decoders that the instrument knows, installed or not.
///
/// # Errors
/// GStreamer did not start.
pub fn devices() -> Result<Vec<Device>, MediaError> {
    init()?;
    let codecs = PLUGINS.iter().filter(|plugin| {
        plugin.purpose.starts_with("encoder") || plugin.purpose.starts_with("decoder")
    });
    // What brings a hardware encoder depends on the machine: no package is named for it.
    let hardware =
        Encoder::ALL.into_iter().filter(|encoder| encoder.is_hardware()).map(|encoder| {
            let plugin = plugin(coding::element_of(encoder), "", hardware_purpose(encoder), false);
            Device { plugin, is_installed: coding::is_here(encoder) }
        });
    Ok(codecs
        .map(|plugin| Device { plugin: *plugin, is_installed: is_installed(plugin.element) })
        .chain(hardware)
        .collect())
}

/// The elements of [`PLUGINS`] that are not installed.
///
/// # Errors
/// GStreamer did not start, or its base plug-ins are missing.
pub fn missing_plugins() -> Result<Vec<Plugin>, MediaError> {
    init()?;
    Ok(PLUGINS.iter().filter(|plugin| !is_installed(plugin.element)).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_used_is_installed_where_tests_run() {
        init().expect("GStreamer starts");
        let missing: Vec<_> = PLUGINS.iter().filter(|p| !is_installed(p.element)).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
    }

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let line = missing("x264enc").to_string();
        assert!(line.contains("x264enc") && line.contains("gstreamer1.0-plugins-ugly"), "{line}");
        init().expect("GStreamer starts");
        assert!(matches!(require("no_such_element"), Err(MediaError::Missing { .. })));
    }
}
