//! From a video file to the streams of a clip folder.
//!
//! The source is decoded once. Every conformed picture goes to the forward encoder and to an
//! intermediate on disk, from which the backward stream is made. Then both streams are decoded, and
//! every twelfth picture goes into their intra banks. At no time are more than a handful of raw
//! pictures in memory.
//!
//! Runs on the caller's thread, which waits for the threads of GStreamer; never the engine's.

use super::{
    MediaError, bank,
    encoder::{self, StreamEncoder},
    fault::Fault,
    hold, init,
    reel::{ReelFrame, ReelReader, ReelWriter},
    request::{ImportError, ImportRequest, Imported, Progress, SourceHashes},
    source::{Next, Source},
    still::first_picture,
};
use crate::{
    bitstream::Stream,
    clip::{
        BANK_INTERVAL, ClipError, Coding, Encoder, FORMAT_VERSION, Fit, HoldPoint, Meta,
        StreamFile, StreamMeta,
    },
    units::{AccessUnitIndex, Canvas},
};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Shares of the whole in the time that an import takes, measured on two cores.
const FORWARD_PART: f32 = 0.42;
const BACKWARD_PART: f32 = 0.32;
const BANK_PART: f32 = 0.12;

/// Other content for the mosh hold: a picture of the demo's flower, upside down, so that it is other
/// content for the flower's own clip as well (see `presets/demo`).
const OTHER_CONTENT: &[u8] = include_bytes!("../../presets/demo/flower.jpg");

/// Imports a source into `staging`, a folder that is made for it: streams and `clip.toml`.
///
/// `progress` is called many times a second and may stop the import with `ControlFlow::Break`.
/// `hashes` go into `clip.toml` (see [`SourceHashes::of`]).
///
/// # Errors
/// The source is not there, holds no picture that can be decoded, a plug-in is missing, the disk is
/// full, or the import was stopped. `staging` is then gone.
pub fn import(
    request: &ImportRequest,
    hashes: &SourceHashes,
    staging: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Imported, ImportError> {
    init()?;
    request.check()?;
    fs::create_dir_all(staging)
        .map_err(|source| ImportError::Write { path: staging.to_owned(), source })?;
    let folder = Staging { path: staging, is_kept: false };
    let mut meter = Meter { started: Instant::now(), tell: progress };
    let imported = Import { request, staging, warnings: Vec::new() }.run(hashes, &mut meter)?;
    folder.keep();
    Ok(imported)
}

/// The folder, removed unless everything went well.
struct Staging<'a> {
    path: &'a Path,
    is_kept: bool,
}

impl Staging<'_> {
    fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the library when it next opens.
        if !self.is_kept
            && let Err(error) = fs::remove_dir_all(self.path)
        {
            log::warn!("{} could not be removed: {error}", self.path.display());
        }
    }
}

/// Progress with the time left.
struct Meter<'a> {
    started: Instant,
    tell: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl Meter<'_> {
    fn tell(&mut self, part: f32) -> Result<(), ImportError> {
        let elapsed = self.started.elapsed();
        // Too early, the estimate would jump about.
        let is_steady = part > 0.02 && elapsed > Duration::from_millis(500);
        let left = is_steady.then(|| elapsed.mul_f32((1.0 - part) / part));
        match (self.tell)(Progress { part: part.clamp(0.0, 1.0), left }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ImportError::Stopped),
        }
    }
}

struct Import<'a> {
    request: &'a ImportRequest,
    staging: &'a Path,
    warnings: Vec<String>,
}

impl Import<'_> {
    fn run(
        mut self,
        hashes: &SourceHashes,
        meter: &mut Meter<'_>,
    ) -> Result<Imported, ImportError> {
        let request = self.request;
        let source = &request.source;
        let reel = self.staging.join("reel.tmp");
        match &request.backward {
            None => {
                let parts = (0.0, FORWARD_PART);
                let frames = self.pass(source, StreamFile::Forward, Some(&reel), parts, meter)?;
                self.backward(&reel, frames, meter)?;
                fs::remove_file(&reel)
                    .map_err(|source| ImportError::Write { path: reel.clone(), source })?;
            }
            Some(other) => {
                let half = (FORWARD_PART + BACKWARD_PART) / 2.0;
                self.pass(source, StreamFile::Forward, None, (0.0, half), meter)?;
                self.pass(other, StreamFile::Backward, None, (half, half), meter)?;
            }
        }

        let (forward, forward_meta) = self.read(StreamFile::Forward)?;
        let mut clean = hold::Clean::new(&forward, request.canvas.rate);
        let begin = FORWARD_PART + BACKWARD_PART;
        self.bank(&forward, StreamFile::Intra, begin, &mut clean, meter)?;
        let (backward, backward_meta) = self.read(StreamFile::Backward)?;
        let begin = begin + BANK_PART;
        self.bank(&backward, StreamFile::IntraBackward, begin, &mut hold::Clean::none(), meter)?;
        let (_, intra_meta) = self.read(StreamFile::Intra)?;
        let (_, intra_backward) = self.read(StreamFile::IntraBackward)?;
        let mosh_hold = self.mosh_hold(&forward, &clean).unwrap_or_else(|error| {
            self.warnings.push(format!("the mosh hold could not be measured: {error}"));
            Vec::new()
        });
        let meta = Meta {
            format: FORMAT_VERSION,
            source: file_name(source),
            source_path: source.display().to_string(),
            source_hash: hashes.source.clone(),
            backward_source: request.backward.as_deref().map(file_name),
            backward_hash: hashes.backward.clone(),
            canvas: request.canvas,
            fit: request.fit,
            encoder: request.coding.encoder,
            settings: encoder::settings(request.coding.encoder),
            bank_interval: BANK_INTERVAL,
            warnings: self.warnings.clone(),
            mosh_hold,
            title: None,
            tags: Vec::new(),
            forward: forward_meta,
            backward: backward_meta,
            intra: intra_meta,
            intra_backward,
        };
        meta.write(self.staging)?;
        meter.tell(1.0)?;
        Ok(Imported { meta, warnings: self.warnings })
    }

    /// Decodes a source once, into a stream, and where asked for the intermediate.
    fn pass(
        &mut self,
        path: &Path,
        stream: StreamFile,
        reel: Option<&Path>,
        (begin, span): (f32, f32),
        meter: &mut Meter<'_>,
    ) -> Result<Vec<ReelFrame>, ImportError> {
        let ImportRequest { canvas, fit, coding: Coding { encoder, .. }, .. } = *self.request;
        let failed = |fault| self.failed(fault);
        let mut source = Source::open(path, canvas, fit).map_err(failed)?;
        let mut stream =
            StreamEncoder::start(encoder, canvas, &self.path(stream), false).map_err(failed)?;
        let mut reel =
            reel.map(|path| ReelWriter::create(path, canvas)).transpose().map_err(failed)?;
        let mut pictures: u64 = 0;
        let stopped_by = loop {
            match source.next() {
                Next::Picture(picture) => {
                    stream.push(&picture).map_err(failed)?;
                    if let Some(reel) = &mut reel {
                        reel.push(&picture).map_err(failed)?;
                    }
                    pictures += 1;
                }
                Next::Waiting => {}
                Next::End(fault) => break fault,
            }
            let done = source
                .duration()
                .filter(|all| !all.is_zero())
                .map_or(0.0, |all| source.reached().as_secs_f32() / all.as_secs_f32());
            meter.tell(begin + span * done.clamp(0.0, 1.0))?;
        };
        if pictures == 0 {
            return Err(no_picture(path, &source, stopped_by));
        }
        self.warnings.extend(cut_short(path, &source, stopped_by, pictures));
        let failed = |fault| self.failed(fault);
        stream.finish().map_err(failed)?;
        reel.map_or(Ok(Vec::new()), ReelWriter::finish).map_err(failed)
    }

    /// Makes the backward stream from the intermediate.
    fn backward(
        &self,
        reel: &Path,
        frames: Vec<ReelFrame>,
        meter: &mut Meter<'_>,
    ) -> Result<(), ImportError> {
        let ImportRequest { canvas, coding: Coding { encoder, .. }, .. } = *self.request;
        let failed = |fault| self.failed(fault);
        let all = frames.len().max(1) as f32;
        let mut reel = ReelReader::open(reel, canvas, frames).map_err(failed)?;
        let path = self.path(StreamFile::Backward);
        let mut stream = StreamEncoder::start(encoder, canvas, &path, false).map_err(failed)?;
        while let Some(picture) = reel.next_from_end().map_err(failed)? {
            stream.push(&picture).map_err(failed)?;
            let done = 1.0 - reel.left() as f32 / all;
            meter.tell(FORWARD_PART + BACKWARD_PART * done)?;
        }
        stream.finish().map_err(failed)?;
        Ok(())
    }

    /// Makes the intra bank of a stream.
    fn bank(
        &self,
        stream: &Stream,
        file: StreamFile,
        begin: f32,
        clean: &mut hold::Clean,
        meter: &mut Meter<'_>,
    ) -> Result<(), ImportError> {
        let ImportRequest { canvas, coding: Coding { encoder, .. }, .. } = *self.request;
        let all = stream.len().max(1) as f32;
        let mut stopped = Ok(());
        let made = bank::make(stream, encoder, canvas, &self.path(file), &mut |unit, planes| {
            clean.look(unit, planes);
            stopped = meter.tell(begin + BANK_PART * unit as f32 / all);
            if stopped.is_ok() { Ok(()) } else { Err(Fault::Other("stopped".to_owned())) }
        });
        stopped?;
        made.map_err(|fault| self.failed(fault))
    }

    /// Reads a finished stream back: whatever does not parse must not become a clip.
    fn read(&self, file: StreamFile) -> Result<(Stream, StreamMeta), ImportError> {
        let path = self.path(file);
        let bytes =
            fs::read(&path).map_err(|source| ClipError::Read { path: path.clone(), source })?;
        let stream = Stream::parse(self.request.coding.encoder.codec(), bytes)
            .map_err(|source| ClipError::Stream { path: path.clone(), source })?;
        let is_bank = matches!(file, StreamFile::Intra | StreamFile::IntraBackward);
        let units = u32::try_from(stream.len()).unwrap_or(u32::MAX);
        let is_expected = |unit: u32| {
            let may_be = self.request.coding.encoder == Encoder::Mpeg4
                && unit.is_multiple_of(encoder::MPEG4_INTRA_EVERY);
            stream.is_intra(AccessUnitIndex(unit)) == (is_bank || may_be)
        };
        if !(1..units).all(is_expected) {
            let what = "intra pictures in other places than asked for";
            return Err(ImportError::Encode(format!("{}: {what}", file_name(&path))));
        }
        let meta = StreamMeta::of(stream.len(), stream.bytes());
        Ok((stream, meta))
    }

    fn mosh_hold(&self, forward: &Stream, clean: &hold::Clean) -> Result<Vec<HoldPoint>, Fault> {
        let ImportRequest { canvas, coding: Coding { encoder, .. }, .. } = *self.request;
        if forward.len() < 2 {
            return Ok(Vec::new());
        }
        let still = self.staging.join("other.jpg");
        let coded = self.staging.join("other.tmp");
        fs::write(&still, OTHER_CONTENT)?;
        encode_still(&still, canvas, encoder, &coded)?;
        let other = Stream::parse(encoder.codec(), fs::read(&coded)?)
            .map_err(|error| Fault::Other(error.to_string()))?;
        fs::remove_file(&still)?;
        fs::remove_file(&coded)?;
        hold::measure(forward, &other, clean)
    }

    fn path(&self, file: StreamFile) -> PathBuf {
        self.staging.join(file.file_name(self.request.coding.encoder))
    }

    fn failed(&self, fault: Fault) -> ImportError {
        match fault {
            Fault::DiskFull => ImportError::DiskFull { folder: self.staging.to_owned() },
            Fault::Missing(line) => ImportError::Plugin(line),
            Fault::Other(line) => ImportError::Encode(line),
        }
    }
}

/// Encodes the first picture of a file as an intra picture.
fn encode_still(still: &Path, canvas: Canvas, encoder: Encoder, coded: &Path) -> Result<(), Fault> {
    let picture = first_picture(still, canvas, Fit::Crop)?;
    let mut stream = StreamEncoder::start(encoder, canvas, coded, false)?;
    stream.push(&picture)?;
    stream.finish().map(|_| ())
}

/// Why not a single picture came.
fn no_picture(path: &Path, source: &Source, stopped_by: Option<Fault>) -> ImportError {
    let path = path.to_owned();
    if let Some(what) = source.missing() {
        return ImportError::NoDecoder { path, what: what.to_owned() };
    }
    match stopped_by {
        Some(Fault::Missing(line)) => ImportError::Plugin(line),
        Some(Fault::DiskFull) => {
            ImportError::Unreadable { path, reason: "the disk is full".into() }
        }
        Some(Fault::Other(reason)) => ImportError::Unreadable { path, reason },
        None if source.has_video() => {
            ImportError::Unreadable { path, reason: "not one picture could be decoded".into() }
        }
        None => ImportError::NoVideo { path },
    }
}

/// A warning when less came than the header promised.
fn cut_short(
    path: &Path,
    source: &Source,
    stopped_by: Option<Fault>,
    pictures: u64,
) -> Option<String> {
    let name = file_name(path);
    if let Some(fault) = stopped_by {
        return Some(format!("{name} is damaged ({fault}): {pictures} pictures were imported"));
    }
    let (promised, reached) = (source.duration()?, source.reached());
    // Headers round, and count a last picture or not.
    let tolerance = Duration::from_millis(500) + promised / 50;
    (reached + tolerance < promised).then(|| {
        let (reached, promised) = (reached.as_secs_f32(), promised.as_secs_f32());
        format!("{name} ends after {reached:.1} of {promised:.1} s: what is there was imported")
    })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

impl From<MediaError> for ImportError {
    fn from(error: MediaError) -> Self {
        Self::Plugin(error.to_string())
    }
}
