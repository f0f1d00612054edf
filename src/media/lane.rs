//! One direction of a clip in the making: from pictures to a stream, and from that to its intra bank.
//!
//! The two lanes of an import share nothing but what they read, so each may run on a thread of its
//! own.

use super::{
    bank,
    coding::Recipe,
    encoder::StreamEncoder,
    fault::Fault,
    hold,
    material::Material,
    meter::Tell,
    reel::{ReelFrame, ReelReader, ReelWriter},
    request::{ImportError, ImportRequest},
    source::{Next, Source},
};
use crate::{
    bitstream::Stream,
    clip::{ClipError, StreamFile, StreamMeta},
    units::AccessUnitIndex,
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// What both lanes read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane<'a> {
    pub(super) request: &'a ImportRequest,
    pub(super) recipe: &'a Recipe,
    pub(super) staging: &'a Path,
}

/// What came of decoding a source.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// Where its pictures lie in the intermediate, if there is one.
    pub(super) frames: Vec<ReelFrame>,
    pub(super) warnings: Vec<String>,
}

impl Lane<'_> {
    /// Decodes a source once, into a stream, and where asked for the intermediate.
    pub(super) fn pass(
        self,
        path: &Path,
        file: StreamFile,
        reel: Option<&Path>,
        tell: &mut Tell<'_>,
    ) -> Result<Passed, ImportError> {
        let ImportRequest { canvas, fit, .. } = *self.request;
        let failed = |fault| self.failed(fault);
        let material = Material::of(path)?;
        let mut source = Source::open(path, &material, self.request.sequence_rate, canvas, fit)
            .map_err(failed)?;
        let mut stream =
            StreamEncoder::start(self.recipe, canvas, &self.path(file), false).map_err(failed)?;
        let mut reel =
            reel.map(|path| ReelWriter::create(path, canvas)).transpose().map_err(failed)?;
        let most = self.request.first_secs.map(|secs| (secs * canvas.rate.hertz()).ceil() as u64);
        let mut pictures: u64 = 0;
        let mut first = None;
        let stopped_by = loop {
            match source.next() {
                Next::Picture(picture) => {
                    stream.push(&picture).map_err(failed)?;
                    if let Some(reel) = &mut reel {
                        reel.push(&picture).map_err(failed)?;
                    }
                    first = (pictures == 0).then_some(picture);
                    pictures += 1;
                    if most.is_some_and(|most| pictures >= most) {
                        break None;
                    }
                }
                Next::Waiting => {}
                Next::End(fault) => break fault,
            }
            tell(most.map_or_else(|| source.done(), |most| pictures as f32 / most as f32))?;
        };
        if pictures == 0 {
            return Err(no_picture(path, &source, stopped_by));
        }
        let mut copies: u64 = 1;
        if let (Material::Still(_), Some(picture)) = (&material, &first) {
            copies = (self.request.still_secs * canvas.rate.hertz()).round().max(1.0) as u64;
            for copy in 1..copies {
                stream.push(picture).map_err(failed)?;
                tell(copy as f32 / copies as f32)?;
            }
        }
        let short = cut_short(path, &source, stopped_by, pictures);
        let warnings = short.filter(|_| most.is_none()).into_iter().collect();
        stream.finish().map_err(failed)?;
        let mut frames = reel.map_or(Ok(Vec::new()), ReelWriter::finish).map_err(failed)?;
        if let ([frame], true) = (frames.as_slice(), copies > 1) {
            frames = vec![*frame; usize::try_from(copies).unwrap_or(1)];
        }
        Ok(Passed { frames, warnings })
    }

    /// Makes the backward stream from the intermediate.
    pub(super) fn reverse(
        self,
        reel: &Path,
        frames: Vec<ReelFrame>,
        tell: &mut Tell<'_>,
    ) -> Result<(), ImportError> {
        let canvas = self.request.canvas;
        let failed = |fault| self.failed(fault);
        let all = frames.len().max(1) as f32;
        let mut reel = ReelReader::open(reel, canvas, frames).map_err(failed)?;
        let path = self.path(StreamFile::Backward);
        let mut stream = StreamEncoder::start(self.recipe, canvas, &path, false).map_err(failed)?;
        while let Some(picture) = reel.next_from_end().map_err(failed)? {
            stream.push(&picture).map_err(failed)?;
            tell(1.0 - reel.left() as f32 / all)?;
        }
        stream.finish().map_err(failed)?;
        Ok(())
    }

    /// Makes the intra bank of a stream.
    pub(super) fn bank(
        self,
        stream: &Stream,
        file: StreamFile,
        clean: &mut hold::Clean,
        tell: &mut Tell<'_>,
    ) -> Result<(), ImportError> {
        let canvas = self.request.canvas;
        let all = stream.len().max(1) as f32;
        let mut stopped = Ok(());
        let path = self.path(file);
        let made = bank::make(stream, self.recipe, canvas, &path, &mut |unit, planes| {
            clean.look(unit, planes);
            stopped = tell(unit as f32 / all);
            if stopped.is_ok() { Ok(()) } else { Err(Fault::Other("stopped".to_owned())) }
        });
        stopped?;
        made.map_err(|fault| self.failed(fault))
    }

    /// Reads a finished stream back: whatever does not parse must not become a clip.
    pub(super) fn read(self, file: StreamFile) -> Result<(Stream, StreamMeta), ImportError> {
        let path = self.path(file);
        let bytes =
            fs::read(&path).map_err(|source| ClipError::Read { path: path.clone(), source })?;
        let stream = Stream::parse(self.recipe.encoder.codec(), bytes)
            .map_err(|source| ClipError::Stream { path: path.clone(), source })?;
        let is_bank = matches!(file, StreamFile::Intra | StreamFile::IntraBackward);
        let units = u32::try_from(stream.len()).unwrap_or(u32::MAX);
        let is_expected = |unit: u32| {
            let is_due = self.recipe.intra_every.is_some_and(|every| unit.is_multiple_of(every));
            stream.is_intra(AccessUnitIndex(unit)) == (is_bank || is_due)
        };
        if !(1..units).all(is_expected) {
            let what = "intra pictures in other places than asked for";
            return Err(ImportError::Encode(format!("{}: {what}", file_name(&path))));
        }
        let meta = StreamMeta::of(stream.len(), stream.bytes());
        Ok((stream, meta))
    }

    pub(super) fn path(self, file: StreamFile) -> PathBuf {
        self.staging.join(file.file_name(self.recipe.encoder))
    }

    pub(super) fn failed(self, fault: Fault) -> ImportError {
        match fault {
            Fault::DiskFull => ImportError::DiskFull { folder: self.staging.to_owned() },
            Fault::Missing(line) => ImportError::Plugin(line),
            Fault::Other(line) => ImportError::Encode(line),
        }
    }
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

/// A file name without folders.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
