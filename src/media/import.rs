//! From a video file to the streams of a clip folder.
//!
//! The source is decoded once. Every conformed picture goes to the forward encoder and to an
//! intermediate on disk, from which the backward stream is made. Both streams are decoded again, and
//! every twelfth picture goes into their intra banks. At no time are more than a handful of raw
//! pictures in memory.
//!
//! Runs on the caller's thread and one more, which wait for the threads of GStreamer; never the
//! engine's. Imports share nothing: any number may run at once.

use super::{
    MediaError,
    coding::{self, Recipe},
    encoder::StreamEncoder,
    fault::Fault,
    hold, init,
    lane::{Lane, Passed, file_name},
    meter::{Meter, Share, Tell},
    request::{ImportError, ImportRequest, Imported, Progress, SourceHashes},
    still::first_picture,
};
use crate::{
    bitstream::Stream,
    clip::{BANK_INTERVAL, FORMAT_VERSION, Fit, HoldPoint, Meta, StreamFile, StreamMeta},
    units::Canvas,
};
use std::{fs, ops::ControlFlow, path::Path, thread, time::Duration};

/// Shares of the whole in the time that an import takes, measured on two cores: decoding and the
/// forward stream, then both lanes beside each other.
const PASS_PART: f32 = 0.5;
const FORWARD_PART: f32 = 0.2;
const BACKWARD_PART: f32 = 0.3;

/// What encoding takes of a lane's time; the rest is its intra bank.
const ENCODE_PART: f32 = 0.75;

/// How often the waiting lane looks for the other.
const LOOK: Duration = Duration::from_millis(10);

/// Other content for the mosh hold: a picture of the demo's flower, upside down, so that it is other
/// content for the flower's own clip as well (see `presets/demo`).
const OTHER_CONTENT: &[u8] = include_bytes!("../../presets/demo/flower.jpg");

/// Imports a source into `staging`, a folder that is made for it: streams and `clip.toml`.
///
/// `progress` is called many times a second and may stop the import with `ControlFlow::Break`.
/// `hashes` go into `clip.toml` (see [`SourceHashes::of`]).
///
/// # Errors
/// The source is not there, holds no picture that can be decoded, a plug-in is missing, the encoder
/// cannot be told what was asked for, the disk is full, or the import was stopped. `staging` is then
/// gone.
pub fn import(
    request: &ImportRequest,
    hashes: &SourceHashes,
    staging: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Imported, ImportError> {
    init()?;
    let (coding, stand_in) = coding::available(&request.coding);
    let request = &ImportRequest { coding, ..request.clone() };
    request.check()?;
    let recipe = Recipe::of(&request.coding)?;
    fs::create_dir_all(staging)
        .map_err(|source| ImportError::Write { path: staging.to_owned(), source })?;
    let folder = Staging { path: staging, is_kept: false };
    let mut meter = Meter::new(progress);
    let lane = Lane { request, recipe: &recipe, staging };
    let imported = run(lane, stand_in, hashes, &mut meter)?;
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

/// One finished direction.
struct Finished {
    stream: Stream,
    meta: StreamMeta,
    bank: StreamMeta,
    warnings: Vec<String>,
}

fn run(
    lane: Lane<'_>,
    stand_in: Option<String>,
    hashes: &SourceHashes,
    meter: &mut Meter<'_>,
) -> Result<Imported, ImportError> {
    let request = lane.request;
    let reel = lane.staging.join("reel.tmp");
    let share = Share::default();
    let mut clean = None;
    let (forward, backward) = thread::scope(|scope| {
        let share = &share;
        let to_reel = request.backward.is_none().then_some(reel.as_path());
        let start = |frames| scope.spawn(move || backward_lane(lane, to_reel, frames, share));
        // A source of its own need not wait for the other's pictures.
        let early = request.backward.is_some().then(|| start(Vec::new()));
        let mut tell_pass = |part: f32| meter.tell(PASS_PART * part + BACKWARD_PART * share.part());
        let passed = lane.pass(&request.source, StreamFile::Forward, to_reel, &mut tell_pass);
        let finish = || -> Result<_, ImportError> {
            let Passed { frames, warnings } = passed?;
            let worker = match early {
                Some(worker) => worker,
                None => start(frames),
            };
            let mut tell = |part: f32| {
                meter.tell(PASS_PART + FORWARD_PART * part + BACKWARD_PART * share.part())
            };
            let forward = forward_lane(lane, warnings, &mut clean, &mut tell);
            while forward.is_ok() && !worker.is_finished() {
                tell(1.0)?;
                thread::sleep(LOOK);
            }
            let forward = forward?;
            let backward = worker.join().unwrap_or_else(|_| {
                Err(ImportError::Encode("the backward stream's thread panicked".to_owned()))
            })?;
            Ok((forward, backward))
        };
        let finished = finish();
        if finished.is_err() {
            // The scope waits for the other lane, which has no reason to go on.
            share.stop();
        }
        finished
    })?;
    if request.backward.is_none() {
        fs::remove_file(&reel)
            .map_err(|source| ImportError::Write { path: reel.clone(), source })?;
    }

    let mut warnings: Vec<String> = stand_in.into_iter().collect();
    warnings.extend(forward.warnings);
    warnings.extend(backward.warnings);
    let mosh_hold = clean
        .map_or(Ok(Vec::new()), |clean| mosh_hold(lane, &forward.stream, &clean))
        .unwrap_or_else(|error| {
            warnings.push(format!("the mosh hold could not be measured: {error}"));
            Vec::new()
        });
    let meta = Meta {
        format: FORMAT_VERSION,
        title: None,
        tags: Vec::new(),
        source: file_name(&request.source),
        source_path: request.source.display().to_string(),
        source_hash: hashes.source.clone(),
        backward_source: request.backward.as_deref().map(file_name),
        backward_path: request.backward.as_ref().map(|path| path.display().to_string()),
        backward_hash: hashes.backward.clone(),
        still_secs: request.still(),
        sequence_rate: request.sequence(),
        canvas: request.canvas,
        fit: request.fit,
        coding: request.coding.clone(),
        settings: lane.recipe.text(),
        bank_interval: BANK_INTERVAL,
        warnings: warnings.clone(),
        mosh_hold,
        forward: forward.meta,
        backward: backward.meta,
        intra: forward.bank,
        intra_backward: backward.bank,
    };
    meta.write(lane.staging)?;
    meter.tell(1.0)?;
    Ok(Imported { meta, warnings })
}

/// The forward stream's bank, once the stream is written. Leaves its clean decode behind.
fn forward_lane(
    lane: Lane<'_>,
    warnings: Vec<String>,
    clean: &mut Option<hold::Clean>,
    tell: &mut Tell<'_>,
) -> Result<Finished, ImportError> {
    let (stream, meta) = lane.read(StreamFile::Forward)?;
    let clean = clean.insert(hold::Clean::new(&stream, lane.request.canvas.rate));
    lane.bank(&stream, StreamFile::Intra, clean, tell)?;
    let (_, bank) = lane.read(StreamFile::Intra)?;
    Ok(Finished { stream, meta, bank, warnings })
}

/// The backward stream and its bank: from the intermediate, or from a source of its own.
fn backward_lane(
    lane: Lane<'_>,
    reel: Option<&Path>,
    frames: Vec<super::reel::ReelFrame>,
    share: &Share,
) -> Result<Finished, ImportError> {
    let mut warnings = Vec::new();
    let mut tell = |part: f32| share.leave(ENCODE_PART * part);
    match (reel, &lane.request.backward) {
        (Some(reel), _) => lane.reverse(reel, frames, &mut tell)?,
        (None, other) => {
            let path = other.as_ref().unwrap_or(&lane.request.source);
            warnings = lane.pass(path, StreamFile::Backward, None, &mut tell)?.warnings;
        }
    }
    let (stream, meta) = lane.read(StreamFile::Backward)?;
    let mut tell = |part: f32| share.leave(ENCODE_PART + (1.0 - ENCODE_PART) * part);
    lane.bank(&stream, StreamFile::IntraBackward, &mut hold::Clean::none(), &mut tell)?;
    let (_, bank) = lane.read(StreamFile::IntraBackward)?;
    Ok(Finished { stream, meta, bank, warnings })
}

fn mosh_hold(
    lane: Lane<'_>,
    forward: &Stream,
    clean: &hold::Clean,
) -> Result<Vec<HoldPoint>, Fault> {
    if forward.len() < 2 {
        return Ok(Vec::new());
    }
    let other = other_content(lane)?;
    hold::measure(forward, &other, clean)
}

/// A picture of other content, encoded as the clip is.
pub(super) fn other_content(lane: Lane<'_>) -> Result<Stream, Fault> {
    let still = lane.staging.join("other.jpg");
    let coded = lane.staging.join("other.tmp");
    fs::write(&still, OTHER_CONTENT)?;
    encode_still(&still, lane.request.canvas, lane.recipe, &coded)?;
    let other = Stream::parse(lane.recipe.encoder.codec(), fs::read(&coded)?)
        .map_err(|error| Fault::Other(error.to_string()))?;
    fs::remove_file(&still)?;
    fs::remove_file(&coded)?;
    Ok(other)
}

/// Encodes the first picture of a file as an intra picture.
fn encode_still(still: &Path, canvas: Canvas, recipe: &Recipe, coded: &Path) -> Result<(), Fault> {
    let picture = first_picture(still, canvas, Fit::Crop)?;
    let mut stream = StreamEncoder::start(recipe, canvas, coded, false)?;
    stream.push(&picture)?;
    stream.finish().map(|_| ())
}

impl From<MediaError> for ImportError {
    fn from(error: MediaError) -> Self {
        Self::Plugin(error.to_string())
    }
}
