//! What went wrong in a pipeline, in words a person can use.

use super::plugins::MediaError;
use gstreamer as gst;
use gstreamer::prelude::*;
use std::io;

/// Why a pipeline stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// A plug-in is missing; the text says for what.
    #[error("{0}")]
    Missing(String),
    /// Anything else, as GStreamer words it.
    #[error("{0}")]
    Other(String),
}

impl From<MediaError> for Fault {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Missing { .. } | MediaError::Init(_) => Self::Missing(error.to_string()),
            MediaError::Pipeline(line) => Self::Other(line),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// A pipeline of the import, with the messages it sends.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) pipeline: gst::Pipeline,
    bus: gst::Bus,
    is_ended: bool,
    missing: Option<String>,
}

impl Watched {
    pub(super) fn new() -> Result<Self, Fault> {
        let pipeline = gst::Pipeline::new();
        let bus = pipeline.bus().ok_or_else(|| Fault::Other("a pipeline without bus".into()))?;
        Ok(Self { pipeline, bus, is_ended: false, missing: None })
    }

    /// Starts it.
    pub(super) fn play(&mut self) -> Result<(), Fault> {
        if self.pipeline.set_state(gst::State::Playing).is_ok() {
            return Ok(());
        }
        self.check(gst::ClockTime::ZERO)?;
        Err(Fault::Other("a pipeline could not be started".into()))
    }

    /// Whether the end of the stream has come out.
    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// What a plug-in is missing for, if the pipeline said so.
    pub(super) fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    /// Reads what the pipeline says; waits at most `wait` for it to say anything.
    pub(super) fn check(&mut self, wait: gst::ClockTime) -> Result<(), Fault> {
        let mut wait = wait;
        let kinds = [gst::MessageType::Error, gst::MessageType::Eos, gst::MessageType::Element];
        while let Some(message) = self.bus.timed_pop_filtered(wait, &kinds) {
            wait = gst::ClockTime::ZERO;
            match message.view() {
                gst::MessageView::Eos(_) => self.is_ended = true,
                gst::MessageView::Error(error) => {
                    let error = error.error();
                    return Err(if error.matches(gst::ResourceError::NoSpaceLeft) {
                        Fault::DiskFull
                    } else {
                        Fault::Other(error.message().trim_end_matches('.').to_owned())
                    });
                }
                _ => {
                    if let Some(structure) = message.structure()
                        && structure.name() == "missing-plugin"
                        && self.missing.is_none()
                    {
                        self.missing = Some(
                            structure.get::<String>("name").unwrap_or_else(|_| "a decoder".into()),
                        );
                    }
                }
            }
        }
        Ok(())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Stopping can only fail for a pipeline that has failed before.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}
