//! The thread that makes clips of videos while playing: one after the other, each with its progress
//! on the board, each to be stopped at any time.
//!
//! Ends with the show; an import under way then leaves nothing behind.

use super::{
    library_desk::at_home,
    line,
    loading::{self, Ready},
    newcomers::{self, Newcomers},
    options::ConformOptions,
};
use crate::{
    app::{Board, ImportOrder},
    clip::{Encoder, Mosh},
    library::{Library, LibraryError},
    media::{self, ImportError, Progress},
    ports::Notices,
    set::{ClipEntry, ClipImport},
    ui::{CodingLine, ImportAsk, JobState},
};
use anyhow::Result;
use crossbeam::channel::{Receiver, RecvTimeoutError};
use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How often the end of the show is looked for while there is nothing to do.
pub const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What the threads of the desk work with.
#[derive(Clone)]
pub struct DeskTools {
    /// Where clips go.
    pub library: Library,
    /// How they are imported where nobody chooses.
    pub conform: ConformOptions,
    /// The way into the set.
    pub newcomers: Newcomers,
    /// What the window shows.
    pub board: Board,
    /// For what the performer must know.
    pub notices: Notices,
    /// The show is over.
    pub quit: Arc<AtomicBool>,
}

impl DeskTools {
    pub fn is_over(&self) -> bool {
        self.quit.load(Ordering::Relaxed)
    }
}

/// Starts the thread.
pub fn start(tools: DeskTools, orders: Receiver<ImportOrder>) -> Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name("import-desk".to_owned()).spawn(move || {
        let codings = codings(&tools);
        tools.board.change(|now| {
            now.canvas = tools.newcomers.canvas().to_string();
            now.encoder = tools.conform.encoder;
            now.fit = tools.conform.fit;
            now.codings = codings.into();
        });
        while !tools.is_over() {
            match orders.recv_timeout(LOOK_EVERY) {
                Ok(order) => work(&tools, order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    })?;
    Ok(thread)
}

/// What the encoders of this machine would be told, for every choice there is.
fn codings(tools: &DeskTools) -> Vec<CodingLine> {
    let choices = || [None].into_iter().chain(Mosh::ALL.map(Some));
    let all = Encoder::ALL.into_iter().flat_map(|encoder| choices().map(move |m| (encoder, m)));
    let told = |(encoder, mosh): (Encoder, Option<Mosh>)| {
        let import = ClipImport { encoder: Some(encoder), mosh, ..ClipImport::default() };
        let entry = ClipEntry { import, ..ClipEntry::of(PathBuf::new()) };
        let coding = tools.conform.request(&entry, tools.newcomers.canvas()).ok()?.coding;
        media::check(&coding).ok()?;
        Some(CodingLine { encoder, mosh, text: media::settings(&coding) })
    };
    all.filter_map(told).collect()
}

/// How an import ended.
enum End {
    /// It is this clip of the set.
    Added(usize),
    /// Nobody wants it any more.
    Stopped,
}

fn work(tools: &DeskTools, order: ImportOrder) {
    let ImportOrder { id, ask } = order;
    let name = name_of(&ask.path);
    let worked = catch_unwind(AssertUnwindSafe(|| import(tools, id, ask)));
    let panicked = |_| Err("the import failed: please report what was said".to_owned());
    match worked.unwrap_or_else(panicked) {
        Ok(End::Added(clip)) => {
            tools.board.tell(id, JobState::Done(clip));
        }
        Ok(End::Stopped) if tools.is_over() => {}
        Ok(End::Stopped) => tools.notices.info(format!("{name} is not imported: it was stopped")),
        Err(why) => {
            let told = format!("{name} is no clip now, and the show goes on without it: {why}");
            tools.board.tell(id, JobState::Failed(told.clone()));
            tools.notices.error(told);
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn import(tools: &DeskTools, id: u64, ask: ImportAsk) -> Result<End, String> {
    let running = |part, left_secs| JobState::Running { part, left_secs };
    if !tools.board.tell(id, running(0.0, None)) {
        return Ok(End::Stopped);
    }
    if let Some(why) = tools.newcomers.refusal() {
        return Err(why);
    }
    let entry = entry(ask)?;
    let canvas = tools.newcomers.canvas();
    let request = tools.conform.request(&entry, canvas).map_err(|error| line(&error))?;
    let mut tell = |Progress { part, left }: Progress| {
        let told = running(part, left.map(|left| left.as_secs_f64()));
        match tools.board.tell(id, told) && !tools.is_over() {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    let loaded = match loading::load(&tools.library, &request, &mut tell) {
        Err(LibraryError::Import(ImportError::Stopped)) => return Ok(End::Stopped),
        loaded => loaded,
    };
    let (Ready { clip, folder }, remarks) = loading::outcome(&entry, loaded, canvas)?;
    for remark in remarks {
        tools.notices.warn(format!("{}: {remark}", clip.name));
    }
    // It was cancelled in its last moment.
    if !tools.board.tell(id, running(1.0, None)) {
        return Ok(End::Stopped);
    }
    let is_folder = loading::is_clip_folder(&entry);
    let entry = match is_folder {
        true => ClipEntry::of(entry.path),
        false => newcomers::entry_of(&clip.meta, &folder, Some(entry), &tools.conform),
    };
    tools.newcomers.add(clip, entry).map(End::Added)
}

/// What is asked for as a set would say it, with whole paths.
///
/// # Errors
/// It is no source at all; the line says what it is.
pub fn entry(ask: ImportAsk) -> Result<ClipEntry, String> {
    let whole = |path: &Path| {
        let path = at_home(path);
        std::path::absolute(&path).unwrap_or(path)
    };
    let mut entry = ClipEntry::of(whole(&ask.path));
    entry.backward = ask.backward.as_deref().map(whole);
    entry.import = ask.import;
    if entry.path.extension().is_some_and(|ending| ending == "toml") {
        let path = entry.path.display();
        return Err(format!(
            "it is a set, not a video: end this show, and play it with: residua play {path}"
        ));
    }
    Ok(entry)
}

#[cfg(test)]
#[path = "import_desk_tests.rs"]
mod tests;
