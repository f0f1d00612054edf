//! The thread that renders clips into files while playing: what is asked for becomes the words of
//! `residua render`, and what those words mean is made by the same code.
//!
//! Knows no engine: clips are shared as they are in memory, and everything else is files. Ends with
//! the show; a render under way then leaves nothing behind.

use super::{
    import_desk::{DeskTools, LOOK_EVERY},
    library_desk::at_home,
    line,
    options::{Cli, Command, RenderOptions},
    render::{self, Job, Made},
};
use crate::{
    app::ExportOrder,
    playhead,
    ui::{ExportAsk, ExportState},
};
use anyhow::{Context, Result, bail};
use clap::Parser;
use crossbeam::channel::{Receiver, RecvTimeoutError};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often it is said how far a render is.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Starts the thread.
pub fn start(tools: DeskTools, orders: Receiver<ExportOrder>) -> Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name("export-desk".to_owned()).spawn(move || {
        while !tools.is_over() {
            match orders.recv_timeout(LOOK_EVERY) {
                Ok(order) => work(&tools, &order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    })?;
    Ok(thread)
}

fn work(tools: &DeskTools, order: &ExportOrder) {
    let made = catch_unwind(AssertUnwindSafe(|| render(tools, order)));
    let panicked = |_| bail!("the render failed: please report what was said");
    match made.unwrap_or_else(panicked) {
        Ok(Some(files)) => {
            for file in &files {
                tools.notices.wrote(format!("rendered {}", file.display()), file);
            }
            tools.board.tell_export(order.id, ExportState::Done(files));
        }
        Ok(None) if tools.is_over() => {}
        Ok(None) => tools.notices.info(format!("{} was not rendered: stopped", order.ask.file)),
        Err(error) => {
            let why = line(&error);
            let told = format!("{} is not made, and the show goes on: {why}", order.ask.file);
            tools.board.tell_export(order.id, ExportState::Failed(told.clone()));
            tools.notices.error(told);
        }
    }
}

/// The files; `None` where nobody wants them any more.
fn render(
    tools: &DeskTools,
    ExportOrder { id, ask }: &ExportOrder,
) -> Result<Option<Vec<PathBuf>>> {
    let clip = tools.newcomers.clip(ask.clip);
    let clip = clip.with_context(|| format!("there is no clip {}", ask.clip + 1))?;
    let mut options = options(ask)?;
    // As it plays: at its own size and rate.
    options.scene.canvas = Some(clip.meta.canvas);
    let mut job = Job::of_clip(&options, Arc::clone(&clip))?;
    job.use_paths(ask.curve.clone(), ask.positions.clone());
    let output = options.output.as_deref().map(at_home).unwrap_or_default();
    let (begun, mut told) = (Instant::now(), None::<Instant>);
    let mut goes_on = |slot: u64| {
        if told.is_some_and(|at| at.elapsed() < TELL_EVERY) {
            return true;
        }
        told = Some(Instant::now());
        let part = slot as f64 / job.slots.max(1) as f64;
        let left_secs = (slot > 0).then(|| begun.elapsed().as_secs_f64() * (1.0 - part) / part);
        let now = ExportState::Running { part: part as f32, left_secs };
        tools.board.tell_export(*id, now) && !tools.is_over()
    };
    let made = render::make(&job, options.copy, &output, &mut goes_on);
    while let Some(notice) = job.material.notices.take() {
        if notice.severity > crate::ports::Severity::Info {
            tools.notices.warn(notice.text);
        }
    }
    let Made { files, ended } = made?;
    let whole = ExportState::Running { part: 1.0, left_secs: None };
    let is_wanted = tools.board.tell_export(*id, whole) && !tools.is_over();
    if !is_wanted || ended.is_err() {
        files.iter().for_each(|file| remove(file, tools));
    }
    if !is_wanted {
        return Ok(None);
    }
    ended.map(|()| Some(files))
}

/// What is not whole is nobody's: it was made under a name that was free.
fn remove(file: &Path, tools: &DeskTools) {
    if let Err(error) = fs::remove_file(file) {
        tools.notices.warn(format!("{} is not whole, and stays: {error}", file.display()));
    }
}

/// The options that the words mean, as the command line reads them.
fn options(ask: &ExportAsk) -> Result<RenderOptions> {
    let cli = Cli::try_parse_from(words(ask)?)?;
    match cli.command {
        Command::Render(options) => Ok(options),
        _ => bail!("{} cannot be rendered: these are no words of render", ask.file),
    }
}

/// What would be typed for it. The clip's name stands for the clip, which is in memory.
fn words(ask: &ExportAsk) -> Result<Vec<String>> {
    let mut words: Vec<String> = ["residua", "render", "clip"].map(str::to_owned).to_vec();
    for (id, plain) in &ask.values {
        let flag = [
            (playhead::FUNCTION.id, "--function"),
            (playhead::SUPERFRAME_SIZE.id, "--superframe-size"),
            (playhead::SUPERFRAMES.id, "--superframes"),
            (playhead::FREQUENCY.id, "--frequency"),
            (playhead::AMPLITUDE_SECONDARY.id, "--amplitude-secondary"),
            (playhead::FREQUENCY_SECONDARY.id, "--frequency-secondary"),
        ];
        match flag.into_iter().find(|(known, _)| known == id) {
            _ if *id == playhead::RECTIFIED.id => {
                words.extend((*plain >= 0.5).then(|| "--rectified".to_owned()));
            }
            Some((_, flag)) if *id == playhead::FUNCTION.id => {
                let name = playhead::FUNCTIONS.get(*plain as usize);
                let name = name.context("there is no such function")?;
                words.extend([flag.to_owned(), (*name).to_owned()]);
            }
            Some((_, flag)) => words.extend([flag.to_owned(), plain.to_string()]),
            None => words.extend(["--set".to_owned(), format!("{id}={plain}")]),
        }
    }
    words.extend(ask.is_copy.then(|| "--copy".to_owned()));
    words.push(format!("--output={}", ask.file));
    Ok(words)
}

#[cfg(test)]
#[path = "export_desk_tests.rs"]
mod tests;
