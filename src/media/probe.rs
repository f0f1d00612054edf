//! What a file's pictures are like, without importing it.
//!
//! Runs on the caller's thread, which waits for the threads of GStreamer; never the engine's.

use super::{
    fault::{Fault, Watched},
    plugins::{self, MediaError},
};
use crate::units::FrameRate;
use gstreamer as gst;
use gstreamer::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a file may take to show its first picture.
const PATIENCE: Duration = Duration::from_secs(20);

/// The rate where a file does not say any.
const RATE: FrameRate = FrameRate::whole(25);

/// What a file's pictures are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Width in pixels after rotation, even.
    pub width: u32,
    /// Height in pixels after rotation, even.
    pub height: u32,
    /// Pictures per second, in 1..=240.
    pub rate: FrameRate,
}

/// Why nothing is known of a file.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It is not there, or shows no picture.
    #[error("{path} is no video that can be read ({reason}): check that it plays elsewhere")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        reason: String,
    },
    /// GStreamer is not to be had.
    #[error(transparent)]
    Media(#[from] MediaError),
}

/// Reads a file up to its first picture.
///
/// # Errors
/// It is not there, or holds no picture that can be decoded.
pub fn probe(path: &Path) -> Result<Probe, ProbeError> {
    plugins::init()?;
    let unreadable = |reason: String| ProbeError::Unreadable { path: path.to_owned(), reason };
    let facts = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !facts.is_file() {
        return Err(unreadable("it is no file".to_owned()));
    }
    first_picture(path).map_err(|fault| unreadable(fault.to_string()))
}

#[derive(Debug, Default)]
struct Seen {
    probe: Option<Probe>,
    is_turned: bool,
}

fn first_picture(path: &Path) -> Result<Probe, Fault> {
    let mut watched = Watched::new()?;
    let file = plugins::make("filesrc")?;
    file.set_property("location", path);
    let decoder = plugins::make("decodebin")?;
    plugins::chain(&watched.pipeline, &[&file, &decoder])?;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let pipeline = watched.pipeline.downgrade();
    let told = Arc::clone(&seen);
    decoder.connect_pad_added(move |_, pad| {
        let (Some(pipeline), Ok(sink)) = (pipeline.upgrade(), plugins::make("fakesink")) else {
            return;
        };
        plugins::configure(&sink, &[("sync", "false"), ("async", "false")]);
        let told = Arc::clone(&told);
        pad.add_probe(
            gst::PadProbeType::EVENT_DOWNSTREAM | gst::PadProbeType::BUFFER,
            move |pad, info| {
                let mut seen = told.lock().unwrap_or_else(PoisonError::into_inner);
                match &info.data {
                    Some(gst::PadProbeData::Event(event)) => {
                        if let gst::EventView::Tag(tag) = event.view()
                            && let Some(turn) = tag.tag().get::<gst::tags::ImageOrientation>()
                        {
                            seen.is_turned =
                                turn.get().ends_with("90") || turn.get().ends_with("270");
                        }
                    }
                    _ if seen.probe.is_none() => {
                        seen.probe = pad.current_caps().and_then(|caps| of_caps(&caps));
                    }
                    _ => {}
                }
                gst::PadProbeReturn::Ok
            },
        );
        // What cannot be linked is reported by the pipeline.
        let _ = pipeline.add(&sink);
        let _ = sink.sync_state_with_parent();
        if let Some(target) = sink.static_pad("sink") {
            let _ = pad.link(&target);
        }
    });
    watched.play()?;
    let begin = Instant::now();
    loop {
        let state = watched.check(gst::ClockTime::from_mseconds(2));
        {
            let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(mut probe) = seen.probe {
                if seen.is_turned {
                    (probe.width, probe.height) = (probe.height, probe.width);
                }
                return Ok(probe);
            }
        }
        state?;
        if watched.is_ended() || begin.elapsed() > PATIENCE {
            return Err(Fault::Other("it shows no picture".to_owned()));
        }
    }
}

fn of_caps(caps: &gst::Caps) -> Option<Probe> {
    let structure = caps.structure(0).filter(|s| s.name() == "video/x-raw")?;
    let even = |name: &str| {
        let size = u32::try_from(structure.get::<i32>(name).ok()?).ok()?;
        Some((size / 2 * 2).clamp(16, 8192))
    };
    let fraction = structure.get::<gst::Fraction>("framerate").ok();
    let rate = fraction.and_then(|rate| {
        let rate = FrameRate {
            numerator: u32::try_from(rate.numer()).ok().filter(|n| *n > 0)?,
            denominator: u32::try_from(rate.denom()).ok().filter(|n| *n > 0)?,
        };
        (1.0..=240.0).contains(&rate.hertz()).then_some(rate)
    });
    Some(Probe { width: even("width")?, height: even("height")?, rate: rate.unwrap_or(RATE) })
}
