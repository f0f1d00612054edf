//! Clips into memory, several imports at once, with progress on a terminal.

use super::{interrupt, options::ConformOptions, without_advice};
use crate::{
    clip::{CLIP_TOML, Clip, Encoder, StreamFile},
    library::{Batch, BatchProgress, Library, LibraryError, Loaded, in_parallel},
    media::{ImportError, ImportRequest, Progress},
    set::ClipEntry,
    units::Canvas,
};
use anyhow::{Result, bail};
use std::{
    io::{IsTerminal, Write},
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

/// How often the line with the progress is written anew.
const LINE_EVERY: Duration = Duration::from_millis(100);

/// A clip in memory, as the command line needs it.
#[derive(Clone)]
pub struct Ready {
    pub clip: Arc<Clip>,
    pub folder: PathBuf,
}

/// A clip, or the line that says why there is none.
pub type Outcome = Result<Ready, String>;

/// Imports what is not in the library yet, and loads all. The outcomes come in the order of the
/// entries; one that fails keeps no other from its place.
///
/// # Errors
/// Ctrl-C: then nothing half-imported is left.
pub fn load_all(
    library: &Library,
    entries: &[ClipEntry],
    canvas: Canvas,
    conform: &ConformOptions,
) -> Result<Vec<Outcome>> {
    let quit = interrupt::flag()?;
    let is_stopped = || quit.load(Ordering::Relaxed);
    // A clip that is there twice is one job.
    let mut jobs: Vec<&ClipEntry> = Vec::new();
    let mut job_of_entry = Vec::with_capacity(entries.len());
    for entry in entries {
        let same = |job: &&ClipEntry| {
            (&job.path, &job.backward, &job.import) == (&entry.path, &entry.backward, &entry.import)
        };
        let known = jobs.iter().position(same);
        job_of_entry.push(known.unwrap_or(jobs.len()));
        if known.is_none() {
            jobs.push(entry);
        }
    }
    // What is asked of the encoder is the same for all: wrong is wrong before anything begins.
    let request = |entry: &ClipEntry| conform.request(entry, canvas);
    let jobs: Vec<(&ClipEntry, ImportRequest)> =
        jobs.into_iter().map(|entry| Ok((entry, request(entry)?))).collect::<Result<_>>()?;
    let batch = Batch::new(jobs.len());
    let line = ProgressLine::new();
    let outcomes = in_parallel(&jobs, |number, (entry, request)| {
        let mut tell = |progress: Progress| {
            batch.tell(number, progress);
            line.show(batch.progress());
            if is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let loaded = match is_stopped() {
            true => Err(ImportError::Stopped.into()),
            false => load(library, request, &mut tell),
        };
        batch.over(number, loaded.as_ref().is_ok_and(|loaded| !loaded.is_reused));
        let (ready, remarks) = outcome(entry, loaded, canvas)?;
        let name = entry.path.file_name().unwrap_or_default().to_string_lossy();
        for remark in remarks {
            line.say(&format!("residua: {name}: {remark}"));
        }
        Ok(ready)
    });
    line.clear();
    if is_stopped() {
        bail!("stopped: nothing half-imported was left behind");
    }
    let panicked = || Err("the import failed: please report what it said".to_owned());
    let outcomes: Vec<Outcome> =
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(panicked)).collect();
    Ok(job_of_entry.into_iter().map(|job| outcomes[job].clone()).collect())
}

/// The clip of one request; of a folder that holds a clip, that one.
///
/// # Errors
/// It cannot be had.
pub fn load(
    library: &Library,
    request: &ImportRequest,
    tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Loaded, LibraryError> {
    // A folder is meant as a clip even where its description or a stream is lost.
    let is_there = |name: &str| request.source.join(name).exists();
    let has_stream = || {
        Encoder::SOFTWARE.iter().any(|encoder| is_there(&StreamFile::Forward.file_name(*encoder)))
    };
    if is_there(CLIP_TOML) || (!request.is_sequence() && has_stream()) {
        return library.load_folder(&request.source, tell);
    }
    library.load(request, tell)
}

/// The clip with what there is to say about it.
///
/// # Errors
/// The line that says why there is none.
pub fn outcome(
    entry: &ClipEntry,
    loaded: Result<Loaded, LibraryError>,
    canvas: Canvas,
) -> Result<(Ready, Vec<String>), String> {
    let Loaded { clip, folder, is_reused, mended } =
        loaded.map_err(|error| error.to_string().replace('\n', " "))?;
    if clip.meta.canvas != canvas {
        return Err(format!(
            "{} is a clip of {}, but the canvas is {canvas}: import its source again, or ask for \
             its canvas with --canvas",
            entry.path.display(),
            clip.meta.canvas
        ));
    }
    let mut remarks: Vec<String> = mended
        .filter(|_| !is_reused)
        .map(|damage| {
            let damage = without_advice(&damage);
            format!("the clip in the library was damaged, and was imported again: {damage}")
        })
        .into_iter()
        .collect();
    remarks.extend(clip.meta.warnings.iter().cloned());
    Ok((Ready { clip: Arc::new(clip), folder }, remarks))
}

/// Whether an entry names a clip folder rather than a video.
pub fn is_clip_folder(entry: &ClipEntry) -> bool {
    entry.path.join(CLIP_TOML).is_file()
}

/// One line on the terminal, written anew while all imports go on; nothing where standard error is
/// no terminal.
struct ProgressLine {
    is_terminal: bool,
    /// When it was written last, while it is on the screen.
    shown: Mutex<Option<Instant>>,
}

impl ProgressLine {
    fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), shown: Mutex::new(None) }
    }

    fn show(&self, progress: BatchProgress) {
        if !self.is_terminal {
            return;
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.is_none_or(|at| at.elapsed() >= LINE_EVERY) {
            // A terminal that has gone away is no reason to stop.
            let _ = write!(std::io::stderr(), "\rimporting: {progress}\x1b[K");
            *shown = Some(Instant::now());
        }
    }

    /// A line that stays.
    fn say(&self, text: &str) {
        self.clear();
        eprintln!("{text}");
    }

    fn clear(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.take().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
