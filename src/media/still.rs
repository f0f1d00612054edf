//! Single pictures as intra access units: what is grabbed from the programme, or comes from a file.
//!
//! They are coded as the intra bank of a clip is, so they can be fed to the decoder of any clip of
//! the same canvas and coding, at any time: its predicted pictures then move the grabbed one.
//!
//! Runs on the caller's thread, which waits for the threads of GStreamer; never the engine's.

use super::{
    MediaError, bank,
    coding::Recipe,
    encoder::{StreamEncoder, conformed_caps},
    fault::Fault,
    init,
    material::Material,
    sink::app_sink,
    source::{Next, Source},
};
use crate::{
    bitstream::Stream,
    clip::{Coding, Fit},
    units::{Canvas, Picture},
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSink;
use gstreamer_video as gst_video;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Encoders that are kept running, one for each canvas and coding: starting one takes as long as
/// several pictures. A set has one canvas and seldom more than both codings.
const WARM_MAX: usize = 2;

/// How long the encoder may take over one picture.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the encoder is asked whether it has failed.
const STEP: gst::ClockTime = gst::ClockTime::from_mseconds(50);

/// Codes single pictures. Keeps its encoders running from one picture to the next.
#[derive(Debug, Default)]
pub struct StillCoder {
    /// The one used last stands last.
    warm: Vec<Warm>,
}

impl StillCoder {
    /// Without any encoder yet: the first picture of a canvas and coding takes longer than those
    /// that follow; see [`Self::prepare`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the encoder of this canvas and coding, so that the first grab is as quick as the rest.
    ///
    /// # Errors
    /// A plug-in is missing, the encoder failed.
    pub fn prepare(&mut self, canvas: Canvas, coding: &Coding) -> Result<(), MediaError> {
        self.encode(&Picture::black(canvas.width, canvas.height), canvas, coding).map(drop)
    }

    /// One intra access unit with the parameter sets of clips of this canvas and coding, at the
    /// intra bank's finer quantiser.
    ///
    /// # Errors
    /// The picture has not the size of the canvas, a plug-in is missing, the encoder failed.
    pub fn encode(
        &mut self,
        picture: &Picture,
        canvas: Canvas,
        coding: &Coding,
    ) -> Result<Stream, MediaError> {
        let (width, height) = (picture.width(), picture.height());
        if (width, height) != (canvas.width, canvas.height) {
            return Err(MediaError::Size { width, height, canvas });
        }
        init()?;
        let info = gst_video::VideoInfo::from_caps(&conformed_caps(canvas))
            .map_err(|error| MediaError::Pipeline(error.to_string()))?;
        let buffer = bank::buffer(&info, &picture.planes()).map_err(failed)?;
        self.encode_buffer(&buffer, canvas, coding)
    }

    /// The same of the first picture in a file: a photograph, or any file that can be imported.
    ///
    /// # Errors
    /// The file is not there or gives no picture, a plug-in is missing, the encoder failed.
    pub fn encode_file(
        &mut self,
        path: &Path,
        canvas: Canvas,
        fit: Fit,
        coding: &Coding,
    ) -> Result<Stream, MediaError> {
        init()?;
        let buffer = first_picture(path, canvas, fit).map_err(|fault| MediaError::Picture {
            path: path.to_owned(),
            reason: fault.to_string(),
        })?;
        self.encode_buffer(&buffer, canvas, coding)
    }

    fn encode_buffer(
        &mut self,
        picture: &gst::Buffer,
        canvas: Canvas,
        coding: &Coding,
    ) -> Result<Stream, MediaError> {
        let known =
            self.warm.iter().position(|warm| warm.canvas == canvas && warm.coding == *coding);
        let mut warm = match known {
            Some(place) => self.warm.remove(place),
            None => Warm::start(canvas, coding).map_err(failed)?,
        };
        // One that fails is not kept.
        let bytes = warm.encode(picture).map_err(failed)?;
        if self.warm.len() >= WARM_MAX {
            self.warm.remove(0);
        }
        self.warm.push(warm);
        Stream::parse(coding.encoder.codec(), bytes)
            .map_err(|error| MediaError::Encode(error.to_string()))
    }
}

fn failed(fault: Fault) -> MediaError {
    MediaError::Encode(fault.to_string())
}

/// A running encoder that waits for its next picture.
#[derive(Debug)]
struct Warm {
    canvas: Canvas,
    coding: Coding,
    encoder: StreamEncoder,
    sink: AppSink,
}

impl Warm {
    fn start(canvas: Canvas, coding: &Coding) -> Result<Self, Fault> {
        let sink = app_sink().build();
        sink.set_property("enable-last-sample", false);
        let recipe = Recipe::of(coding).map_err(|error| Fault::Other(error.to_string()))?;
        let encoder = StreamEncoder::start_into(&recipe, canvas, sink.upcast_ref(), true)?;
        Ok(Self { canvas, coding: coding.clone(), encoder, sink })
    }

    /// The access unit of this picture. The encoders hold no picture back.
    fn encode(&mut self, picture: &gst::Buffer) -> Result<Vec<u8>, Fault> {
        self.encoder.push(picture)?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(sample) = self.sink.try_pull_sample(STEP) {
                let missing = || Fault::Other("a sample without picture".into());
                let coded = sample.buffer().ok_or_else(missing)?;
                let bytes =
                    coded.map_readable().map_err(|error| Fault::Other(error.to_string()))?;
                return Ok(bytes.to_vec());
            }
            self.encoder.check()?;
        }
        Err(Fault::Other("the encoder does not go on".into()))
    }
}

/// The first picture of a file, conformed to the canvas.
pub(super) fn first_picture(path: &Path, canvas: Canvas, fit: Fit) -> Result<gst::Buffer, Fault> {
    let material = Material::of(path).map_err(|error| Fault::Other(error.to_string()))?;
    let mut source = Source::open(path, &material, canvas.rate, canvas, fit)?;
    loop {
        match source.next() {
            Next::Picture(picture) => return Ok(picture),
            Next::Waiting => {}
            Next::End(fault) => {
                let missing = source.missing().map(|what| format!("{what} is not installed"));
                return Err(missing.map(Fault::Missing).or(fault).unwrap_or_else(|| {
                    let has_video = source.has_video();
                    let why = if has_video { "not one could be decoded" } else { "no video in it" };
                    Fault::Other(why.to_owned())
                }));
            }
        }
    }
}
