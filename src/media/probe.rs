//! What a source is like, for whoever must choose a canvas for it: size, rate, length. Nothing but
//! stills is decoded.
//!
//! Runs on the caller's thread, which waits for the threads of GStreamer; never the engine's.

use super::{
    fault::{Fault, Watched},
    gif, init,
    material::{Material, PictureKind},
    movie,
    photo::{self, Webp},
    plugins,
    request::{ImportError, ImportRequest},
    source::{discard, skip_what_is_not_wanted},
};
use crate::units::FrameRate;
use gstreamer as gst;
use gstreamer::prelude::*;
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Rates that pictures are shown at, 10 to 60.
const RATES: [FrameRate; 15] = [
    FrameRate::whole(10),
    FrameRate::whole(12),
    FrameRate { numerator: 25, denominator: 2 },
    FrameRate::whole(15),
    FrameRate::whole(20),
    FrameRate { numerator: 24000, denominator: 1001 },
    FrameRate::whole(24),
    FrameRate::whole(25),
    FrameRate { numerator: 30000, denominator: 1001 },
    FrameRate::whole(30),
    FrameRate::whole(48),
    FrameRate { numerator: 48000, denominator: 1001 },
    FrameRate::whole(50),
    FrameRate { numerator: 60000, denominator: 1001 },
    FrameRate::whole(60),
];

/// How long a source may be silent before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a source is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Width in square pixels as it is shown, orientation applied; even, 16..=8192.
    pub width: u32,
    /// Height as it is shown; even, 16..=8192.
    pub height: u32,
    /// The usual rate that is nearest to the average of the pictures' own times, 10 to 60 a second,
    /// whatever the header claims.
    pub rate: FrameRate,
    /// Coded pictures that are shown.
    pub pictures: u64,
    /// From the first picture to the end of the last; a still has none.
    pub duration: Duration,
    /// The largest distance of intra pictures, in pictures.
    pub intra_interval: u64,
}

/// Reads a source from beginning to end without decoding it.
///
/// # Errors
/// It is not there, or holds no picture that can be read.
pub fn probe(path: &Path) -> Result<Probe, ImportError> {
    init()?;
    let material = Material::of(path)?;
    if let Material::Sequence(_, files) = &material
        && let Some(first) = files.first()
    {
        let rate = ImportRequest::SEQUENCE_RATE;
        let pictures = files.len() as u64;
        let duration = rate.time_of(pictures);
        return Ok(Probe { rate, pictures, duration, intra_interval: 1, ..probe(first)? });
    }
    if let Material::Still(kind) = material
        && photo::is_decoded_here(kind, path)
    {
        let unreadable = |reason| ImportError::Unreadable { path: path.to_owned(), reason };
        let size = Some(photo::size(kind, path).map_err(unreadable)?);
        let seen = Seen { size, pictures: 1, since_intra: 1, ..Seen::default() };
        return seen.probe().ok_or(ImportError::NoVideo { path: path.to_owned() });
    }
    let unreadable =
        |fault: Fault| ImportError::Unreadable { path: path.to_owned(), reason: fault.to_string() };
    let (mut seen, fault) = look(path, &material).map_err(unreadable)?;
    if material == Material::Still(PictureKind::Webp) {
        seen.is_turned = Webp::read(path).is_some_and(Webp::is_turned);
    }
    match (seen.probe(), fault) {
        (Some(probe), _) => Ok(probe),
        (None, Some(fault)) => Err(unreadable(fault)),
        (None, None) => Err(ImportError::NoVideo { path: path.to_owned() }),
    }
}

/// Lets the source run into nothing, and notes what passes. What stops it early is told as well.
fn look(path: &Path, material: &Material) -> Result<(Seen, Option<Fault>), Fault> {
    let mut watched = Watched::new()?;
    // Stills are small, and not every kind of them has a parser.
    let is_still = matches!(material, Material::Still(kind) if *kind != PictureKind::Gif);
    let reader = plugins::make(if is_still { "decodebin" } else { "parsebin" })?;
    let (file, _) = movie::file_source(path, material, &reader)?;
    if is_still {
        skip_what_is_not_wanted(&reader);
    }
    if *material == Material::Still(PictureKind::Jpeg) {
        plugins::chain(&watched.pipeline, &[&file, &plugins::make("jpegparse")?, &reader])?;
    } else {
        plugins::chain(&watched.pipeline, &[&file, &reader])?;
    }
    let seen = Arc::new(Mutex::new(Seen::default()));
    let pipeline = watched.pipeline.downgrade();
    let noted = Arc::clone(&seen);
    reader.connect_pad_added(move |_, pad| {
        let Some(pipeline) = pipeline.upgrade() else { return };
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let name = caps.structure(0).map(|s| s.name().to_string()).unwrap_or_default();
        let is_picture = name.starts_with("video/") || name.starts_with("image/");
        let mut first = noted.lock().unwrap_or_else(PoisonError::into_inner);
        if is_picture && !first.is_found {
            first.is_found = true;
            drop(first);
            let noted = Arc::clone(&noted);
            pad.add_probe(
                gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_DOWNSTREAM,
                move |_, info| {
                    let mut seen = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    match &info.data {
                        Some(gst::PadProbeData::Buffer(buffer)) => seen.picture(buffer),
                        Some(gst::PadProbeData::Event(event)) => seen.event(event),
                        _ => {}
                    }
                    gst::PadProbeReturn::Ok
                },
            );
        } else {
            drop(first);
        }
        // A stream that leads nowhere ends the run, which is then told as its fault.
        let _ = discard(&pipeline, pad);
    });
    watched.play()?;
    let is_gif = *material == Material::Still(PictureKind::Gif);
    let expected = is_gif.then(|| gif::pictures(path)).flatten();
    let (mut last_sign, mut pictures) = (Instant::now(), 0);
    let fault = loop {
        if let Err(fault) = watched.check(gst::ClockTime::from_mseconds(20)) {
            break Some(fault);
        }
        if watched.is_ended() {
            break None;
        }
        let now = seen.lock().unwrap_or_else(PoisonError::into_inner).pictures;
        if expected.is_some_and(|expected| now >= expected) {
            break None;
        }
        if now != pictures {
            (pictures, last_sign) = (now, Instant::now());
        } else if last_sign.elapsed() > PATIENCE {
            break Some(Fault::Other("nothing more comes out of it".into()));
        }
    };
    drop(watched);
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok((seen, fault))
}

/// What has passed.
#[derive(Clone, Debug, Default)]
struct Seen {
    is_found: bool,
    /// Width and height in square pixels, before orientation.
    size: Option<(u32, u32)>,
    is_turned: bool,
    segment: Option<gst::FormattedSegment<gst::ClockTime>>,
    pictures: u64,
    /// The first time, the last, and the end of what lasts longest, in nanoseconds.
    span: Option<(u64, u64, u64)>,
    since_intra: u64,
    intra_interval: u64,
}

impl Seen {
    fn event(&mut self, event: &gst::EventRef) {
        match event.view() {
            gst::EventView::Caps(caps) => self.caps(caps.caps()),
            gst::EventView::Segment(segment) => {
                self.segment = segment.segment().clone().downcast().ok();
            }
            gst::EventView::Tag(tags) => {
                if let Some(turn) = tags.tag().get::<gst::tags::ImageOrientation>() {
                    self.is_turned = turn.get().ends_with("90") || turn.get().ends_with("270");
                }
            }
            _ => {}
        }
    }

    fn caps(&mut self, caps: &gst::CapsRef) {
        let Some(structure) = caps.structure(0) else { return };
        let number = |name: &str| structure.get::<i32>(name).ok().filter(|number| *number > 0);
        let (Some(width), Some(height)) = (number("width"), number("height")) else { return };
        let shape = structure.get::<gst::Fraction>("pixel-aspect-ratio");
        let shape = shape.map_or(1.0, |f| f64::from(f.numer()) / f64::from(f.denom()));
        let width = (f64::from(width) * shape).round() as u32;
        self.size.get_or_insert((width, height.unsigned_abs()));
    }

    fn picture(&mut self, buffer: &gst::BufferRef) {
        if let (Some(time), Some(segment)) = (buffer.pts(), &self.segment) {
            // An edit list leaves pictures away that others are made from.
            let is_early = segment.start().is_some_and(|start| time < start);
            let is_late = segment.stop().is_some_and(|stop| time >= stop);
            if is_early || is_late {
                return;
            }
        }
        if self.pictures > 0 && !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT) {
            self.intra_interval = self.intra_interval.max(self.since_intra);
            self.since_intra = 0;
        }
        self.pictures += 1;
        self.since_intra += 1;
        if let Some(time) = buffer.pts().map(gst::ClockTime::nseconds) {
            let end = time + buffer.duration().map_or(0, gst::ClockTime::nseconds);
            let (first, last, latest) = self.span.unwrap_or((time, time, end));
            self.span = Some((first.min(time), last.max(time), latest.max(end)));
        }
    }

    fn probe(&self) -> Option<Probe> {
        let (width, height) = self.size.filter(|_| self.pictures > 0)?;
        let (width, height) = if self.is_turned { (height, width) } else { (width, height) };
        let even = |length: u32| (length & !1).clamp(16, 8192);
        let (first, last, end) = self.span.unwrap_or_default();
        let secs = (last - first) as f64 / 1e9;
        let average = (secs > 0.0).then(|| (self.pictures - 1) as f64 / secs);
        let duration = match average {
            Some(average) => {
                let counted = secs + 1.0 / average;
                Duration::from_secs_f64(counted.max((end - first) as f64 / 1e9))
            }
            None => Duration::ZERO,
        };
        Some(Probe {
            width: even(width),
            height: even(height),
            rate: average.map_or(ImportRequest::SEQUENCE_RATE, nearest),
            pictures: self.pictures,
            duration,
            intra_interval: self.intra_interval.max(self.since_intra),
        })
    }
}

/// The usual rate that is nearest, by ratio.
fn nearest(average: f64) -> FrameRate {
    let distance = |rate: &FrameRate| (rate.hertz() / average).ln().abs();
    let better = |one, other| if distance(&other) < distance(&one) { other } else { one };
    RATES.into_iter().fold(FrameRate::whole(30), better)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_becomes_a_usual_rate() {
        for (average, expected) in [
            (1.0, "10"),
            (12.6, "25/2"),
            (14.2, "15"),
            (23.98, "24000/1001"),
            (24.0, "24"),
            (29.96, "30000/1001"),
            (30.0, "30"),
            (59.9, "60000/1001"),
            (90000.0, "60"),
        ] {
            assert_eq!(nearest(average).to_string(), expected, "{average}");
        }
    }
}
