//! `residua decay`.

mod files;
pub(super) mod picture;

use super::{interrupt, options::DecayOptions, out};
use crate::{
    engine,
    export::{LoopAlone, LoopFrame},
    gpu::Gpu,
    media::{self, Recorder},
    params::{Registry, Store},
    ports::{Notices, Shown},
    set::{self, ValuesError},
    units::Canvas,
};
use anyhow::{Context, Result, bail};
use files::{Folder, Frames, Trace, Zip};
use std::{
    io::{IsTerminal, Write, stderr},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

/// Looks that come with the program and are made for a still, by the names of the command line.
pub const LOOKS: [&str; 4] = ["mosaic", "fade", "as-written", "clouds"];

/// How often a person is told how far it is, in frames.
const PROGRESS_FRAMES: u64 = 10;

pub fn run(options: &DecayOptions) -> Result<()> {
    media::init()?;
    let registry = Arc::new(engine::registry()?);
    let store = look(&registry, &options.look)?;
    let picture = picture::open(&options.picture)?;
    let (width, height) = (picture.width as u32, picture.height as u32);
    let (even_width, even_height) = (width & !1, height & !1);
    let canvas = Canvas { width: even_width, height: even_height, rate: options.fps };
    let quit = interrupt::flag()?;
    let gpu = Gpu::headless()?;
    let seed = options.seed;
    let mut loop_alone = LoopAlone::start(gpu, &registry, store, &picture, options.colour, seed)
        .with_context(|| options.picture.display().to_string())?;
    let mut results = Results::open(options, canvas)?;
    for stage in loop_alone.left_off() {
        eprintln!(
            "residua: the look's {stage} is off: the loop of a still has no clip and no clock"
        );
    }
    if options.output.is_some() && (even_width, even_height) != (width, height) {
        eprintln!(
            "residua: the video has {even_width}x{even_height} of the {width}x{height} pixels, \
             since video has even sides; JPEG files have all"
        );
    }
    let mut progress = Progress::new(options.frames);
    let mut made = 0;
    let ended = loop {
        if made == options.frames || quit.load(Ordering::Relaxed) {
            break Ok(());
        }
        let wants_file = results.wants_files() && made % options.every == 0;
        let frame = loop_alone.frame(wants_file).map_err(anyhow::Error::from);
        match frame.and_then(|frame| results.take(frame)) {
            Ok(()) => made += 1,
            Err(error) => break Err(error),
        }
        progress.tell(made);
    };
    progress.end();
    // What was made is ended properly, whatever happened.
    let files = results.finish();
    ended?;
    for path in &files? {
        out::say(path.display());
    }
    if made < options.frames {
        bail!("ended early: {made} of {} frames are there", options.frames);
    }
    Ok(())
}

/// The values of a look.
pub(super) fn look(registry: &Arc<Registry>, look: &Path) -> Result<Store> {
    let values = match LOOKS.iter().find(|name| Path::new(name) == look) {
        Some(name) => set::parse_preset(registry, name, text_of(name)?)?,
        None => set::read_preset(registry, look).map_err(|error| match error {
            // These name the file.
            ValuesError::Read { .. } | ValuesError::Preset { .. } => error.into(),
            error => anyhow::Error::from(error).context(look.display().to_string()),
        })?,
    };
    let mut store = Store::new(Arc::clone(registry));
    for (index, plain) in values {
        store.set(index, plain);
    }
    Ok(store)
}

/// The text of a look that comes with the program; a command line has hyphens where a file has none.
fn text_of(look: &str) -> Result<&'static str> {
    set::shipped_text(&look.replace('-', "_")).with_context(|| format!("there is no look {look}"))
}

/// Where frames go.
struct Results {
    recorder: Option<Recorder>,
    frames: Vec<Box<dyn Frames>>,
    trace: Option<Trace>,
}

impl Results {
    fn open(options: &DecayOptions, canvas: Canvas) -> Result<Self> {
        let mut frames: Vec<Box<dyn Frames>> = Vec::new();
        if let Some(path) = &options.frames_dir {
            frames.push(Box::new(Folder::open(path)?));
        }
        if let Some(path) = &options.zip {
            frames.push(Box::new(Zip::create(path)?));
        }
        let trace = options.trace.as_deref().map(Trace::create).transpose()?;
        // The last, since what the others have begun goes away where it cannot start.
        let start = |path: &PathBuf| Recorder::start(path, canvas, Notices::default());
        let recorder = options.output.as_ref().map(start).transpose()?;
        Ok(Self { recorder, frames, trace })
    }

    fn wants_files(&self) -> bool {
        !self.frames.is_empty()
    }

    fn take(&mut self, frame: LoopFrame) -> Result<()> {
        if let Some(trace) = &mut self.trace {
            trace.write(&frame)?;
        }
        if let Some(file) = &frame.file {
            let name = format!("frame_{:05}.jpg", frame.number);
            for frames in &mut self.frames {
                frames.write(&name, file)?;
            }
        }
        if let Some(recorder) = &mut self.recorder {
            let shown = Shown { slot: frame.number, picture: Arc::new(frame.shown) };
            if !recorder.write(&shown) {
                bail!("{} takes no more pictures", recorder.path().display());
            }
        }
        Ok(())
    }

    /// Ends all files properly and names them. The first error counts; all are ended.
    fn finish(self) -> Result<Vec<PathBuf>> {
        let recorded =
            self.recorder.map(|recorder| recorder.finish().map(|recorded| recorded.path));
        let recorded = recorded.map(|result| result.map_err(anyhow::Error::from));
        let frames = self.frames.into_iter().map(|frames| frames.finish());
        let trace = self.trace.map(Trace::finish);
        let all: Vec<Result<PathBuf>> = recorded.into_iter().chain(frames).chain(trace).collect();
        all.into_iter().collect()
    }
}

/// Tells a person how far it is; nothing where nobody looks.
struct Progress {
    frames: u64,
    is_seen: bool,
}

impl Progress {
    fn new(frames: u64) -> Self {
        Self { frames, is_seen: stderr().is_terminal() }
    }

    fn tell(&self, made: u64) {
        if self.is_seen && (made.is_multiple_of(PROGRESS_FRAMES) || made == self.frames) {
            // A progress line that cannot be shown is no reason to stop.
            let _ = write!(stderr(), "\rframe {made} of {}", self.frames);
        }
    }

    fn end(&mut self) {
        if self.is_seen {
            let _ = writeln!(stderr());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_of_the_command_line_comes_with_the_program() {
        for look in LOOKS {
            let text = text_of(look).expect("a look");
            assert!(text.contains("[values]"), "{look}");
        }
        assert!(text_of("sepia").is_err());
    }
}
