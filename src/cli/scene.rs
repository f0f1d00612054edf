//! What `play` and `render` have in common: the clips, the values, the engine.

use super::options::{ConformOptions, SceneOptions};
use crate::{
    clip::{CLIP_TOML, Clip, Meta, SliceBuffer},
    decay::Chain,
    engine::{self, Engine, Score, ScoreStep, Setup},
    gpu::Gpu,
    library::Library,
    media::{self, GstDecoders, ImportRequest},
    params::{Change, ControlEvent, ControlQueue, Registry, Source, Store},
    ports::Notices,
    set::{self, ClipEntry, Set},
    trace::Trace,
    units::Canvas,
};
use anyhow::{Context, Result, bail};
use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Where the demo lies, from the folder the program is started in.
const DEMO: &str = "presets/demo/demo.toml";

/// Everything that stands before a tick can be made.
pub struct Scene {
    pub registry: Arc<Registry>,
    pub queue: ControlQueue,
    pub notices: Notices,
    pub set: Set,
    pub canvas: Canvas,
    pub clip_names: Vec<String>,
    pub engine: Engine<GstDecoders>,
    pub trace: Option<Trace>,
}

/// The clips and the values, before there is an engine.
pub struct Material {
    pub registry: Arc<Registry>,
    pub notices: Notices,
    pub set: Set,
    pub canvas: Canvas,
    pub clips: SliceBuffer,
    pub store: Store,
}

impl Material {
    /// Reads the values, imports and loads the clips of `set`, `imports` at once. What `extra` sets
    /// gives way to what the command line does.
    pub fn gather(
        options: &SceneOptions,
        (registry, set): (Arc<Registry>, Set),
        extra: &[(&str, f64)],
        imports: usize,
        canvas: impl FnOnce(&Set) -> Result<Canvas>,
    ) -> Result<Self> {
        let notices = Notices::default();
        let mut values = set.values.clone();
        if let Some(preset) = &options.preset {
            values.extend(set::read_preset(&registry, preset)?);
        }
        for (id, plain) in extra {
            let index = registry.find(id).with_context(|| format!("no parameter {id}"))?;
            values.push((index, registry.row(index).check(*plain)?));
        }
        for text in &options.values {
            values.push(set::parse_assignment(&registry, text)?);
        }
        let canvas = match options.canvas.or(set.canvas).or_else(|| canvas_of_folders(&set.clips)) {
            Some(canvas) => canvas,
            None => canvas(&set)?,
        };
        let clips = load_clips(&set.clips, canvas, &options.conform, imports)?;
        let mut store = Store::new(Arc::clone(&registry));
        for (index, plain) in values {
            store.set(index, plain);
        }
        let clip = registry.index_of(&engine::CLIP_SELECT);
        if store.base().int(clip) > clips.len() as i64 {
            let number = store.base().int(clip);
            bail!("there is no clip {number} to begin with: there are {}", clips.len());
        }
        Ok(Self { registry, notices, set, canvas, clips, store })
    }
}

impl Scene {
    /// Reads, imports, loads and builds. `is_live` says whether slots may be late.
    pub fn build(options: &SceneOptions, is_live: bool, extra: &[(&str, f64)]) -> Result<Self> {
        media::init()?;
        let registry = Arc::new(engine::registry()?);
        let set = read_set(&registry, &options.clips)?;
        let gpu = Gpu::headless()?;
        let canvas = |_: &Set| Ok(default_canvas(gpu.is_cpu()));
        let material = Material::gather(options, (registry, set), extra, 1, canvas)?;
        let score = if is_live { score(&material.set, material.canvas) } else { Score::default() };
        Self::assemble(material, gpu, options, is_live, score)
    }

    /// Builds the engine and what follows it.
    pub fn assemble(
        material: Material,
        gpu: Gpu,
        options: &SceneOptions,
        is_live: bool,
        score: Score,
    ) -> Result<Self> {
        let Material { registry, notices, set, canvas, clips, store } = material;
        let clip_names = clips.clips().iter().map(|clip| clip.name.clone()).collect();
        let queue = ControlQueue::default();
        let chain = Chain::new(gpu, &registry, canvas.width, canvas.height, options.seed)?;
        let mut engine = Engine::new(Setup {
            registry: Arc::clone(&registry),
            store,
            queue: queue.clone(),
            notices: notices.clone(),
            clips,
            canvas,
            chain,
            maker: Arc::new(GstDecoders),
            score,
        })?;
        let (trace, observer) = match &options.trace {
            Some(path) => {
                let (trace, observer) = Trace::start(
                    path,
                    Arc::clone(&registry),
                    options.trace_hash,
                    !is_live,
                    notices.clone(),
                )?;
                (Some(trace), Some(observer))
            }
            None => (None, None),
        };
        if let Some(observer) = observer {
            engine.observe(Box::new(observer));
        }
        Ok(Self { registry, queue, notices, set, canvas, clip_names, engine, trace })
    }
}

/// The canvas that the first clip was imported at, where it is a clip folder already.
fn canvas_of_folders(entries: &[ClipEntry]) -> Option<Canvas> {
    let folder = &entries.first()?.path;
    if !folder.join(CLIP_TOML).is_file() {
        return None;
    }
    Meta::read(folder).ok().map(|meta| meta.canvas)
}

/// The canvas where nobody names one: a CPU adapter wears a smaller picture in time.
pub fn default_canvas(is_cpu: bool) -> Canvas {
    if is_cpu { Canvas::DEFAULT_CPU } else { Canvas::DEFAULT }
}

/// Whether this is the bundled demo.
pub fn is_demo(clips: &[PathBuf]) -> bool {
    match clips {
        [] => true,
        [path] => path.file_name() == Path::new(DEMO).file_name(),
        _ => false,
    }
}

/// The set: a file, or made of the clips that were named.
pub fn read_set(registry: &Registry, clips: &[PathBuf]) -> Result<Set> {
    let is_set = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
    match clips {
        [] => {
            let demo = Path::new(DEMO);
            if !demo.exists() {
                bail!("name a video or a set to play, such as: residua play holiday.mp4");
            }
            Ok(Set::read(registry, demo)?)
        }
        [path] if is_set(path) => Ok(Set::read(registry, path)?),
        paths => {
            if let Some(path) = paths.iter().find(|path| is_set(path)) {
                bail!("{} is a set: play it alone, without other clips", path.display());
            }
            let entry = |path: &PathBuf| ClipEntry { path: path.clone(), backward: None };
            Ok(Set { clips: paths.iter().map(entry).collect(), ..Set::default() })
        }
    }
}

/// Imports what is not in the library yet, so many `imports` at once, and loads all.
fn load_clips(
    entries: &[ClipEntry],
    canvas: Canvas,
    conform: &ConformOptions,
    imports: usize,
) -> Result<SliceBuffer> {
    let library = open_library(conform)?;
    let load = |entry: &ClipEntry| {
        let folder = if entry.path.join(CLIP_TOML).is_file() {
            entry.path.clone()
        } else {
            import(&library, entry, canvas, conform)?
        };
        let clip = Clip::load(&folder)?;
        if clip.meta.canvas != canvas {
            bail!(
                "{} is a clip of {}, but the canvas is {canvas}: import its source again, or ask \
                 for its canvas with --canvas",
                entry.path.display(),
                clip.meta.canvas
            );
        }
        Ok(Arc::new(clip))
    };
    let loaded: Vec<OnceLock<Result<Arc<Clip>>>> =
        entries.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..imports.clamp(1, entries.len().max(1)) {
            scope.spawn(|| {
                while let Some((entry, place)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    entries.get(number).zip(loaded.get(number))
                } {
                    // Each place is filled once.
                    let _ = place.set(load(entry));
                }
            });
        }
    });
    let clips = loaded.into_iter().filter_map(OnceLock::into_inner).collect::<Result<Vec<_>>>()?;
    Ok(SliceBuffer::new(clips))
}

/// The library that was asked for, or the user's own.
pub fn open_library(conform: &ConformOptions) -> Result<Library> {
    let root = match &conform.library {
        Some(root) => root.clone(),
        None => Library::default_root()?,
    };
    Ok(Library::open(&root)?)
}

/// Imports one source, with progress on a terminal. Returns the clip folder.
pub fn import(
    library: &Library,
    entry: &ClipEntry,
    canvas: Canvas,
    conform: &ConformOptions,
) -> Result<PathBuf> {
    let request = ImportRequest {
        source: entry.path.clone(),
        backward: entry.backward.clone(),
        canvas,
        fit: conform.fit,
        coding: conform.coding()?,
    };
    let is_terminal = std::io::stderr().is_terminal();
    let name = entry.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut has_line = false;
    let folder = library.clip(&request, &mut |progress| {
        if is_terminal {
            let left = progress
                .left
                .map_or(String::new(), |left| format!(", {} s left", left.as_secs_f64().ceil()));
            let percent = progress.part * 100.0;
            // A terminal that has gone away is no reason to stop.
            let _ = write!(std::io::stderr(), "\rimporting {name}: {percent:.0} %{left}   ");
            has_line = true;
        }
        std::ops::ControlFlow::Continue(())
    });
    if has_line {
        eprintln!();
    }
    let imported = folder?;
    for warning in &imported.meta.warnings {
        eprintln!("residua: {name}: {warning}");
    }
    Ok(imported.folder)
}

/// The set's score as events at slots.
fn score(set: &Set, canvas: Canvas) -> Score {
    let hertz = canvas.rate.hertz();
    let mut steps = Vec::new();
    for entry in &set.score {
        let slot = (entry.at_secs * hertz).round() as u64;
        let caption = entry.caption.as_deref().map(Arc::from);
        steps.push(ScoreStep { slot, event: None, caption });
        steps.extend(entry.values.iter().map(|(param, plain)| {
            let change = Change::Plain(*plain);
            let event = ControlEvent { param: *param, change, source: Source::Demo };
            ScoreStep { slot, event: Some(event), caption: None }
        }));
    }
    Score::new(steps)
}
