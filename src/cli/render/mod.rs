//! `residua render`.

mod job;
mod take;

use super::{interrupt, options::RenderOptions, out, scene::Scene};
use crate::{
    engine::Engine,
    export,
    gpu::Gpu,
    media::{self, GstDecoders, Recorder, StreamFile},
    ports::{Notices, PictureSink, Shown},
};
use anyhow::{Context, Result, bail};
use crossbeam::channel::{Sender, bounded};
pub use job::Job;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Gives every picture to the recorder, waiting where it is behind. A recorder that has ended by
/// itself ends the render.
struct Patient {
    recorder: Option<Recorder>,
    /// The first slot that is wanted.
    first: u64,
    /// Where slots are left out, the next of the file.
    next: Option<u64>,
    back: Sender<Recorder>,
    quit: Arc<AtomicBool>,
}

impl PictureSink for Patient {
    fn offer(&mut self, shown: &Shown) -> bool {
        if shown.slot < self.first {
            return true;
        }
        let slot = self.next.unwrap_or(shown.slot - self.first);
        self.next = self.next.map(|next| next + 1);
        let shown = &Shown { slot, picture: Arc::clone(&shown.picture) };
        let is_taken = self.recorder.as_mut().is_some_and(|recorder| recorder.write(shown));
        if !is_taken {
            self.quit.store(true, Ordering::Relaxed);
        }
        is_taken
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            let _ = self.back.send(recorder);
        }
    }
}

/// What was made, and why it is not whole where it is not.
pub struct Made {
    pub files: Vec<PathBuf>,
    pub ended: Result<()>,
}

pub fn run(options: &RenderOptions) -> Result<()> {
    media::init()?;
    if let Some(path) = &options.take {
        return take::run(path, options);
    }
    if options.fpath_manifest.is_some() {
        eprintln!("residua: there is no manifest: the library's folders say what they are");
    }
    let output = options.output.as_deref().context("name the file to write with --output")?;
    let job = Job::gather(options)?;
    let notices = job.material.notices.clone();
    let quit = interrupt::flag()?;
    let made = if options.copy || (job.is_plain() && options.scene.trace.is_none()) {
        let goes_on = &mut |_| !quit.load(Ordering::Relaxed);
        make(&job, options.copy, output, goes_on).and_then(|made| made.ended.map(|()| made.files))
    } else {
        play(job, options, output, &quit)
    };
    say(&notices);
    for path in made? {
        out::say(path.display());
    }
    Ok(())
}

/// What needs no engine: the spliced stream itself, or its pictures. Before each slot `goes_on` is told
/// how many are done.
///
/// # Errors
/// Nothing was made.
pub fn make(
    job: &Job,
    is_copy: bool,
    output: &Path,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Made> {
    if is_copy { copy(job, output, goes_on) } else { decode(job, output, goes_on) }
}

fn say(notices: &Notices) {
    while let Some(notice) = notices.take() {
        eprintln!("residua: {}", notice.text);
    }
}

/// The spliced stream itself.
fn copy(job: &Job, output: &Path, goes_on: &mut dyn FnMut(u64) -> bool) -> Result<Made> {
    let notices = &job.material.notices;
    if !job.is_plain() {
        notices.warn("--copy writes the coded pictures, one for each slot: the look is left out");
    }
    let mut walk = job.walk()?;
    let mut file = StreamFile::start(output, job.material.canvas.rate, notices.clone())?;
    let path = file.path().to_owned();
    let copied = export::copy(&mut walk, job.slots, &mut file, goes_on);
    let files = file.finish()?.files;
    Ok(Made { files, ended: copied.with_context(|| path.display().to_string()) })
}

/// The decoded pictures as they are, without a graphics device.
fn decode(job: &Job, output: &Path, goes_on: &mut dyn FnMut(u64) -> bool) -> Result<Made> {
    let canvas = job.material.canvas;
    let mut walk = job.walk()?;
    let mut recorder = Recorder::start(output, canvas, job.material.notices.clone())?;
    let path = recorder.path().to_owned();
    let is_limited = job.is_limited();
    let decoded = export::decode(&mut walk, job.slots, canvas, is_limited, &mut recorder, goes_on);
    recorder.finish()?;
    let ended = decoded.with_context(|| path.display().to_string());
    Ok(Made { files: vec![path], ended })
}

/// The engine's programme.
fn play(
    job: Job,
    options: &RenderOptions,
    output: &Path,
    quit: &Arc<AtomicBool>,
) -> Result<Vec<PathBuf>> {
    let (score, slots) = (job.score()?, job.slots);
    let scene = Scene::assemble(job.material, Gpu::headless()?, &options.scene, false, score)?;
    let run = |engine: &mut Engine<GstDecoders>| engine.run_offline(quit, slots);
    write(scene, output, quit, (0, None), run)
}

/// Runs an engine, and writes its programme: from the first slot that is wanted on; with `next`, slot
/// by slot whatever their numbers.
fn write(
    scene: Scene,
    output: &Path,
    quit: &Arc<AtomicBool>,
    (first, next): (u64, Option<u64>),
    run: impl FnOnce(&mut Engine<GstDecoders>),
) -> Result<Vec<PathBuf>> {
    let Scene { canvas, notices, mut engine, trace, .. } = scene;
    let recorder = Recorder::start(output, canvas, notices)?;
    let path = recorder.path().to_owned();
    let (back, finished) = bounded(1);
    let quit_flag = Arc::clone(quit);
    let patient = Patient { recorder: Some(recorder), first, next, back, quit: quit_flag };
    engine.add_sink(Box::new(patient));
    run(&mut engine);
    let has_failed = engine.has_failed();
    drop(engine);
    let recorded = finished.recv().map(Recorder::finish);
    if let Some(trace) = trace {
        trace.join();
    }
    if let Ok(recorded) = recorded {
        recorded?;
    }
    if has_failed || quit.load(Ordering::Relaxed) {
        bail!("{} is not whole: the render ended early", path.display());
    }
    Ok(vec![path])
}
