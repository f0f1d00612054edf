//! From what a person asks of an encoder to what its GStreamer element is told.
//!
//! Every name and value is looked at here, before anything is decoded: the elements themselves pass
//! over what they do not know. What would make a stream that cannot be spliced is refused with the
//! reason. Pure but for looking at what is installed; any thread.

mod h264;
mod mosh;
mod mpeg4;
mod properties;
mod x264;
mod x264_options;

use super::plugins::{self, MediaError};
use crate::{
    clip::{Coding, Encoder},
    units::Codec,
};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::fmt::Write as _;

pub(super) use h264::{element_of, is_here};

/// A property of an element, and its value in GStreamer's own notation.
type Property = (&'static str, String);

/// Why an encoder cannot be told what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    /// It has no such option.
    #[error("{encoder} has no option '{name}': it knows {known}")]
    Unknown {
        /// The encoder.
        encoder: Encoder,
        /// What was written.
        name: String,
        /// What could have been.
        known: String,
    },
    /// The option is there, the value is none of its values.
    #[error("'{value}' is no value for {name}: write {wanted}")]
    Value {
        /// The option.
        name: String,
        /// What was written.
        value: String,
        /// What could have been.
        wanted: String,
    },
    /// The stream could not be spliced, or not be told from another.
    #[error("{name} cannot be {value} here: {reason}")]
    Refused {
        /// The option.
        name: String,
        /// What was written.
        value: String,
        /// Why not.
        reason: &'static str,
    },
    /// Options that exclude each other.
    #[error("{0} and {1} exclude each other: name one of them")]
    Both(&'static str, &'static str),
    /// This machine has no such encoder.
    #[error("{encoder} is not here ({elements}): `residua devices` lists the encoders that are")]
    Absent {
        /// The encoder.
        encoder: Encoder,
        /// The elements that would bring it.
        elements: String,
    },
    /// There are no ready-made settings for it.
    #[error("{0} has no settings for --mosh: take libx264 or mpeg4")]
    NoMosh(Encoder),
    /// Its plug-in is missing.
    #[error("{0}")]
    Plugin(String),
}

impl From<MediaError> for CodingError {
    fn from(error: MediaError) -> Self {
        Self::Plugin(error.to_string())
    }
}

/// What an encoder's element is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    pub(super) encoder: Encoder,
    pub(super) element: &'static str,
    pub(super) properties: Vec<Property>,
    /// What changes for the intra bank: a finer quantiser, since it codes what has lost already.
    pub(super) bank: Vec<Property>,
    /// Every picture whose place is a multiple of this is an intra picture; else only the first.
    pub(super) intra_every: Option<u32>,
}

impl Recipe {
    /// Reads a coding. GStreamer must have been started.
    pub(super) fn of(coding: &Coding) -> Result<Self, CodingError> {
        let ready_made = coding.mosh.map_or(Ok(&[][..]), |mosh| {
            mosh::options(coding.encoder, mosh).ok_or(CodingError::NoMosh(coding.encoder))
        })?;
        // Later ones count, so what was asked for by name counts most.
        let options: Vec<(&str, &str)> = ready_made
            .iter()
            .copied()
            .chain(coding.options.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .collect();
        match coding.encoder {
            Encoder::Libx264 => x264::recipe(&options, coding.intra_every),
            Encoder::Mpeg4 => mpeg4::recipe(&options, coding.intra_every),
            other => h264::recipe(other, &options, coding.intra_every),
        }
    }

    /// The element, set up; `is_bank` for the intra bank.
    pub(super) fn make(&self, is_bank: bool) -> Result<gst::Element, MediaError> {
        let element = plugins::make(self.element)?;
        let bank = is_bank.then_some(&self.bank).into_iter().flatten();
        for (name, value) in self.properties.iter().chain(bank) {
            // Hardware encoders differ from one version of GStreamer to the next; what comes out of
            // them is looked at anyway.
            if element.find_property(name).is_some() {
                plugins::configure(&element, &[(name, value)]);
            } else {
                log::warn!("{} has no property {name}", self.element);
            }
        }
        Ok(element)
    }

    /// What comes out of the element.
    pub(super) fn caps(&self) -> gst::Caps {
        match self.encoder.codec() {
            Codec::H264 => gst::Caps::builder("video/x-h264")
                .field("stream-format", "byte-stream")
                .field("alignment", "au")
                .build(),
            Codec::Mpeg4 => gst::Caps::builder("video/mpeg").field("mpegversion", 4).build(),
        }
    }

    /// Word for word; part of a clip's address.
    pub(super) fn text(&self) -> String {
        let mut text = self.element.to_owned();
        for (name, value) in &self.properties {
            // Writing to a string cannot fail.
            let _ = write!(text, " {name}={value}");
        }
        text.push_str("; intra bank of the decoded stream");
        for (name, value) in &self.bank {
            let _ = write!(text, " {name}={value}");
        }
        text
    }
}

/// What can be had: where x264 is not installed, OpenH264 stands in for it, with a warning.
pub(super) fn available(coding: &Coding) -> (Coding, Option<String>) {
    stood_in(coding, is_here)
}

fn stood_in(coding: &Coding, is_here: impl Fn(Encoder) -> bool) -> (Coding, Option<String>) {
    let (wanted, other) = (Encoder::Libx264, Encoder::Openh264);
    if coding.encoder != wanted || is_here(wanted) || !is_here(other) {
        return (coding.clone(), None);
    }
    let lost = if coding.options.is_empty() && coding.mosh.is_none() {
        ""
    } else {
        ", and its settings do not count"
    };
    let line = format!(
        "{wanted} is not installed, so {other} stands in for it{lost}: install \
         gstreamer1.0-plugins-ugly and import again"
    );
    (Coding { intra_every: coding.intra_every, ..other.into() }, Some(line))
}

/// The encoder's settings, word for word; of a coding that is none, what was asked for.
pub fn settings(coding: &Coding) -> String {
    super::init()
        .map_err(CodingError::from)
        .and_then(|()| Recipe::of(&available(coding).0))
        .map_or_else(|_| format!("{coding:?}"), |recipe| recipe.text())
}

/// Looks whether a coding can be made on this machine.
///
/// # Errors
/// An option or value is unknown or refused, or the encoder is not here. GStreamer did not start.
pub fn check(coding: &Coding) -> Result<(), CodingError> {
    super::init()?;
    Recipe::of(coding).map(|_| ())
}

/// A whole number within bounds.
fn whole(
    name: &str,
    value: &str,
    bounds: std::ops::RangeInclusive<i64>,
) -> Result<i64, CodingError> {
    value.trim().parse().ok().filter(|number| bounds.contains(number)).ok_or_else(|| {
        CodingError::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            wanted: format!("a whole number in {}..={}", bounds.start(), bounds.end()),
        }
    })
}

/// A bit rate in kilobits per second: a plain number is one, `800k` and `10M` are read as ffmpeg does.
fn kilobits(
    name: &str,
    value: &str,
    bounds: std::ops::RangeInclusive<i64>,
) -> Result<i64, CodingError> {
    let text = value.trim();
    match (text.strip_suffix(['k', 'K']), text.strip_suffix('M')) {
        (Some(kilo), _) => whole(name, kilo, bounds),
        (_, Some(mega)) => {
            let most = bounds.end() / 1000;
            Ok(whole(name, mega, 1..=most)? * 1000)
        }
        _ => whole(name, text, bounds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::Mosh;

    fn coding(encoder: Encoder, options: &[(&str, &str)]) -> Coding {
        let options = options.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Coding { encoder, options, ..Coding::default() }
    }

    fn error(encoder: Encoder, name: &str, value: &str) -> String {
        super::super::init().expect("GStreamer starts");
        Recipe::of(&coding(encoder, &[(name, value)])).expect_err(name).to_string()
    }

    fn text(encoder: Encoder, options: &[(&str, &str)]) -> String {
        super::super::init().expect("GStreamer starts");
        Recipe::of(&coding(encoder, options)).expect("a recipe").text()
    }

    #[test]
    fn what_the_earlier_tool_was_told_is_understood() {
        let told = text(Encoder::Libx264, &[("preset", "superfast"), ("qp", "37"), ("bf", "0")]);
        assert!(told.contains("speed-preset=superfast") && told.contains("quantizer=37"), "{told}");
        assert!(told.contains("bframes=0"), "{told}");
        // qp -1 was its default: the encoder's own.
        let own = [("preset", "veryfast"), ("qp", "-1"), ("bf", "0")];
        assert_eq!(text(Encoder::Libx264, &own), text(Encoder::Libx264, &own[2..]));
        let told = text(Encoder::Libx264, &[("bitrate", "10M")]);
        assert!(told.contains("bitrate=10000 "), "{told}");
        assert_eq!(told, text(Encoder::Libx264, &[("b", "10000k")]));
        let told = text(Encoder::Mpeg4, &[("qscale", "12"), ("intra_penalty", "0")]);
        assert!(told.contains("qmin=12") && told.contains("qmax=12"), "{told}");
        assert!(told.contains("intra-penalty=0") && !told.contains("intra-penalty=1"), "{told}");
    }

    #[test]
    fn quantisers_are_those_of_x264() {
        // The bank has one of its own, whatever the stream has.
        let parts = |name, value| {
            let told = text(Encoder::Libx264, &[(name, value)]);
            let (stream, bank) = told.split_once("; ").expect("a bank");
            assert!(!bank.contains("qp=") && !bank.contains("crf="), "{bank}");
            (stream.to_owned(), bank.to_owned())
        };
        for (name, value, wanted) in [
            ("qp", "1", "quantizer=1 "),
            ("qp", "50", "quantizer=50 "),
            ("qp", "51", ":qp=51"),
            ("crf", "18", "quantizer=18 "),
            ("crf", "23.5", ":crf=23.5"),
            ("crf", "51", ":crf=51"),
        ] {
            let (stream, bank) = parts(name, value);
            assert!(stream.contains(wanted), "{name} {value}: {stream}");
            assert!(bank.contains("pass=quant"), "{bank}");
        }
        assert!(parts("qp", "10").1.contains("quantizer=8 "));
        for (name, value) in [("qp", "0"), ("crf", "0"), ("crf", "0.5")] {
            let line = error(Encoder::Libx264, name, value);
            assert!(line.contains("without loss") && line.contains("1 is the finest"), "{line}");
        }
        for (name, value) in [("qp", "52"), ("qp", "20.5"), ("crf", "51.5"), ("crf", "NaN")] {
            let line = error(Encoder::Libx264, name, value);
            assert!(line.contains("number in 1..=51"), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_spliced_is_refused_with_the_reason() {
        for (name, value) in [
            ("bf", "2"),
            ("bframes", "1"),
            ("ref", "3"),
            ("weightp", "2"),
            ("interlaced", "1"),
            ("tff", "1"),
            ("keyint", "0"),
            ("scenecut", "40"),
            ("threads", "4"),
            ("stitchable", "0"),
        ] {
            let line = error(Encoder::Libx264, name, value);
            assert!(line.contains(name), "{line}");
        }
        let line = error(Encoder::Mpeg4, "bf", "2");
        assert!(line.contains("max-bframes cannot be 2"), "{line}");
        let line = error(Encoder::Mpeg4, "flags", "+global_header");
        assert!(line.contains("flags"), "{line}");
    }

    #[test]
    fn what_is_unknown_is_named_with_what_is_known() {
        let line = error(Encoder::Libx264, "merrange", "16");
        assert!(line.contains("'merrange'") && line.contains("merange, "), "{line}");
        let line = error(Encoder::Mpeg4, "crf", "20");
        assert!(line.contains("'crf'") && line.contains("intra-penalty"), "{line}");
        assert!(!line.contains("multipass"), "{line}");
        for (name, value) in
            [("qp", "99"), ("me", "best"), ("aq-strength", "much"), ("psy", "perhaps")]
        {
            let line = error(Encoder::Libx264, name, value);
            assert!(line.contains(value) && line.contains("write"), "{line}");
        }
        let line = error(Encoder::Mpeg4, "mbd", "best");
        assert!(line.contains("simple"), "{line}");
    }

    #[test]
    fn what_is_asked_for_by_name_counts_more_than_what_is_ready_made() {
        super::super::init().expect("GStreamer starts");
        for encoder in Encoder::SOFTWARE {
            for mosh in Mosh::ALL {
                let ready_made = Coding { encoder, mosh: Some(mosh), ..Coding::default() };
                let quantiser = if encoder == Encoder::Mpeg4 { "qscale" } else { "qp" };
                let mut named = ready_made.clone();
                named.options = vec![(quantiser.to_owned(), "11".to_owned())];
                let (plain, named) = (settings(&ready_made), settings(&named));
                assert_ne!(plain, settings(&encoder.into()));
                assert!(named.contains("=11 "), "{named}");
            }
        }
        let none =
            Coding { encoder: Encoder::Openh264, mosh: Some(Mosh::Soft), ..Coding::default() };
        assert_eq!(Recipe::of(&none), Err(CodingError::NoMosh(Encoder::Openh264)));
    }

    #[test]
    fn openh264_stands_in_for_x264_alone() {
        let coding = Coding { intra_every: Some(50), ..Encoder::Libx264.into() };
        let (same, line) = stood_in(&coding, |_| true);
        assert_eq!((same, line), (coding.clone(), None));
        let (other, line) = stood_in(&coding, |encoder| encoder != Encoder::Libx264);
        assert_eq!((other.encoder, other.intra_every), (Encoder::Openh264, Some(50)));
        assert!(line.is_some_and(|line| line.contains("gstreamer1.0-plugins-ugly")));
        let (same, line) = stood_in(&coding, |_| false);
        assert_eq!((same, line), (coding, None));
        let other = Coding::from(Encoder::Mpeg4);
        assert_eq!(stood_in(&other, |encoder| encoder != Encoder::Mpeg4), (other, None));
    }
}
