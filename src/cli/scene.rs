//! What `play` and `render` have in common: the clips, the values, the engine.

use super::{
    desks,
    loading::{is_clip_folder, load_all},
    missing,
    options::{ConformOptions, SceneOptions},
    presets,
    shaders::{self, Shaders},
    thumbnails::{self, Thumbnails},
};
use crate::{
    clip::{self, Meta, SliceBuffer},
    decay::{Chain, Shelf},
    engine::{self, Engine, Score, ScoreStep, Setup},
    gpu::Gpu,
    library::Library,
    media::{self, GstDecoders, StillCoder},
    params::{Change, ControlEvent, ControlQueue, Registry, Source, Store},
    playhead,
    ports::Notices,
    set::{self, ClipEntry, Set, SetError, Shelved},
    trace::Trace,
    units::Canvas,
};
use anyhow::{Context, Result, bail};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

/// Where the demo lies, from the folder the program is started in.
pub const DEMO: &str = "presets/demo/demo.toml";

/// Everything that stands before a tick can be made.
pub struct Scene {
    pub registry: Arc<Registry>,
    pub queue: ControlQueue,
    pub notices: Notices,
    pub set: Set,
    pub canvas: Canvas,
    pub clip_names: Vec<String>,
    pub clip_hashes: Vec<ClipHashes>,
    pub presets: Vec<Shelved>,
    pub engine: Engine<GstDecoders>,
    pub trace: Option<Trace>,
    /// Where the small pictures of clips and grabs are asked for, and what was asked for already.
    pub thumbnails: Thumbnails,
    pub thumbnail_orders: thumbnails::Orders,
    /// Codes grabbed pictures; ends after the engine.
    pub grab_thread: JoinHandle<()>,
    /// What the set's shaders are looked after with, where there may be some.
    pub shaders: Option<Shaders>,
    /// The adapter's name.
    pub adapter: String,
}

/// The clips and the values, before there is an engine.
pub struct Material {
    pub registry: Arc<Registry>,
    pub notices: Notices,
    pub set: Set,
    pub canvas: Canvas,
    pub clips: SliceBuffer,
    pub clip_names: Vec<String>,
    pub clip_hashes: Vec<ClipHashes>,
    /// The presets that can be called by number.
    pub presets: Vec<Shelved>,
    pub store: Store,
    /// The shaders of the set, where it is a file.
    pub shelf: Option<Shelf>,
}

/// What the sources of a clip are found by; nothing where another clip stands in for it.
#[derive(Clone, Debug, Default)]
pub struct ClipHashes {
    pub source: Option<String>,
    pub backward: Option<String>,
}

/// A set, and the shaders beside it, whose rows are declared.
pub struct Opened {
    pub set: Set,
    pub shelf: Option<Shelf>,
}

impl Material {
    /// Reads the values, imports and loads the clips of `set`. What `extra` sets gives way to what the
    /// command line does. `may_stand_in`: see [`load_clips`].
    pub fn gather(
        options: &SceneOptions,
        (registry, opened): (Arc<Registry>, Opened),
        extra: &[(&str, f64)],
        may_stand_in: bool,
        canvas: impl FnOnce(&Set) -> Result<Canvas>,
    ) -> Result<Self> {
        let notices = Notices::default();
        let Opened { mut set, shelf } = opened;
        let positions = options.positions.as_deref().map(set::read_positions).transpose()?;
        for entry in &mut set.clips {
            // What a clip of a set has of its own stands.
            entry.curve = entry.curve.take().or_else(|| options.curve.clone());
            entry.positions = entry.positions.take().or_else(|| positions.clone());
        }
        let mut values = set.values.clone();
        if let Some(preset) = &options.preset {
            values.extend(set::read_preset(&registry, preset)?);
        }
        for (id, plain) in extra {
            let index = registry.find(id).with_context(|| format!("no parameter {id}"))?;
            values.push((index, registry.row(index).check(*plain)?));
        }
        if options.seed > 0 {
            let seed = registry.index_of(&playhead::SEED);
            // Chance has a smaller seed than noise, so that a knob can turn it.
            values.push((seed, (options.seed % 65_536) as f64));
        }
        for text in &options.values {
            values.push(set::parse_assignment(&registry, text)?);
        }
        let file = set_file(&options.clips);
        let presets = presets::shelve(&registry, &presets::places(&set, file), &notices);
        // A preset to begin with goes before all that is set beside it.
        let select = registry.index_of(&engine::PRESET_SELECT);
        if let Some((_, number)) = values.iter().rfind(|(index, _)| *index == select) {
            let number = *number as usize;
            if let Some(preset) = number.checked_sub(1).map(|place| presets.get(place)) {
                let preset = preset.with_context(|| {
                    format!("there is no preset {number}: there are {}", presets.len())
                })?;
                values.splice(0..0, preset.values.iter().copied());
            }
        }
        let canvas = match options.canvas.or(set.canvas).or_else(|| canvas_of_folders(&set.clips)) {
            Some(canvas) => canvas,
            None => canvas(&set)?,
        };
        if may_stand_in {
            missing::find(&mut set.clips, options, canvas)?;
        }
        let (clips, clip_names, clip_hashes) =
            load_clips(&set.clips, canvas, &options.conform, may_stand_in)?;
        let mut store = Store::new(Arc::clone(&registry));
        for (index, plain) in values {
            store.set(index, plain);
        }
        let clip = registry.index_of(&engine::CLIP_SELECT);
        let number = store.base().int(clip);
        if number > clips.len() as i64 && may_stand_in {
            // On stage it plays: a clip that was made while playing may have been chosen.
            eprintln!("residua: there is no clip {number} to begin with: clip 1 plays");
            store.set(clip, 1.0);
        } else if number > clips.len() as i64 {
            bail!("there is no clip {number} to begin with: there are {}", clips.len());
        }
        Ok(Self {
            registry,
            notices,
            set,
            canvas,
            clips,
            clip_names,
            clip_hashes,
            presets,
            store,
            shelf,
        })
    }
}

impl Scene {
    /// Reads, imports, loads and builds. `is_live` says whether slots may be late.
    pub fn build(options: &SceneOptions, is_live: bool, extra: &[(&str, f64)]) -> Result<Self> {
        media::init()?;
        let registry = Arc::new(engine::registry()?);
        let opened = match (options.is_lenient, options.clips.as_slice()) {
            (true, []) if Path::new(DEMO).exists() => {
                open_leniently(&registry, Path::new(DEMO), options.is_safe)?
            }
            (true, [path]) if is_set_path(path) => {
                open_leniently(&registry, path, options.is_safe)?
            }
            _ => open_set(&registry, &options.clips)?,
        };
        let gpu = Gpu::headless()?;
        let canvas = |_: &Set| Ok(default_canvas(gpu.is_cpu()));
        // On stage a set plays with what there is; a render, and what was just typed, is right or not.
        let may_stand_in = is_live && is_set_file(&options.clips);
        let material = Material::gather(options, (registry, opened), extra, may_stand_in, canvas)?;
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
        let Material {
            registry,
            notices,
            set,
            canvas,
            clips,
            clip_names,
            clip_hashes,
            presets,
            store,
            shelf,
        } = material;
        for remark in &set.remarks {
            notices.warn(remark.clone());
        }
        let queue = ControlQueue::default();
        let adapter = gpu.adapter_name();
        let mut chain = Chain::new(gpu, &registry, canvas.width, canvas.height, options.seed)?;
        let shaders = match shelf {
            Some(shelf) => Some(shaders::place(shelf, &mut chain, is_live.then_some(&notices))?),
            None => None,
        };
        // What was just typed goes before what the set says.
        let tables = options.tables.as_deref().map(set::read_tables).transpose()?;
        if let Some(tables) = tables.or(set.tables) {
            chain.use_tables(&tables);
        }
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
        engine.use_presets(presets::bank(&presets));
        for (number, looks) in &set.snapshots {
            engine.set_snapshot(number - 1, looks);
        }
        for event in first_events(&set) {
            queue.send(event);
        }
        for (clip, entry) in set.clips.iter().enumerate() {
            engine.set_paths(clip, entry.curve.clone(), entry.positions.clone());
            for (param, plain) in &entry.values {
                engine.set_own(clip, *param, *plain);
            }
            // What was just typed goes before what the set says.
            for text in &options.values {
                let (param, plain) = set::parse_assignment(&registry, text)?;
                engine.set_own(clip, param, plain);
            }
        }
        let grabs = grab_folder(&options.clips);
        fill_slots(&mut engine, grabs.as_deref(), &set, &options.grabs, is_live, &notices)?;
        let prepared = engine.clip(0).filter(|_| is_live).cloned();
        let (thumbnails, thumbnail_orders) = thumbnails::orders();
        let (desk, grab_thread) =
            desks::grabs(grabs, prepared, thumbnails.clone(), notices.clone())?;
        engine.use_grab_desk(desk);
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
        Ok(Self {
            registry,
            queue,
            notices,
            set,
            canvas,
            clip_names,
            clip_hashes,
            presets,
            engine,
            trace,
            thumbnails,
            thumbnail_orders,
            grab_thread,
            shaders,
            adapter,
        })
    }
}

/// What of a set enters the first tick: it is a performer's doing, which may be undone and done again.
fn first_events(set: &Set) -> impl Iterator<Item = ControlEvent> {
    let excluded = set.exclude.iter().map(|row| (*row, Change::Exclude(true)));
    let gestures = set.gestures.iter().map(|(row, gesture)| (*row, Change::Gesture(*gesture)));
    let grids = set.quantise.iter().map(|(row, grid)| (*row, Change::Quantise(*grid)));
    let changes = excluded.chain(gestures).chain(grids);
    changes.map(|(param, change)| ControlEvent { param, change, source: Source::File })
}

/// The canvas that the first clip that is there was imported at, where it is a clip folder already.
pub fn canvas_of_folders(entries: &[ClipEntry]) -> Option<Canvas> {
    let first = entries.iter().find(|entry| entry.path.exists())?;
    if !is_clip_folder(first) {
        return None;
    }
    Meta::read(&first.path).ok().map(|meta| meta.canvas)
}

/// The canvas where nobody names one: a CPU adapter wears a smaller picture in time.
pub fn default_canvas(is_cpu: bool) -> Canvas {
    if is_cpu { Canvas::DEFAULT_CPU } else { Canvas::DEFAULT }
}

/// Where a set keeps its grabbed pictures: beside its file. Nothing is written beside the demo.
pub fn grab_folder(clips: &[PathBuf]) -> Option<PathBuf> {
    let [path] = clips else { return None };
    (is_set_file(clips) && !is_demo(clips)).then(|| set::grab_folder(path))
}

/// Fills the slots: what the set has kept, then its stills, then those of the command line. On stage
/// a still of the set that cannot be had leaves its slot as it is.
fn fill_slots(
    engine: &mut Engine<GstDecoders>,
    folder: Option<&Path>,
    set: &Set,
    asked: &[(u8, PathBuf)],
    is_live: bool,
    notices: &Notices,
) -> Result<()> {
    let mut keep = |slot: u8, stream| engine.keep_grab(usize::from(slot) - 1, Arc::new(stream));
    for (slot, grab) in folder.map(clip::read_grabs).unwrap_or_default() {
        match grab {
            Ok(stream) => {
                keep(slot, stream);
            }
            Err(error) => notices.warn(format!("slot {slot} is empty: {error}")),
        }
    }
    let of_set = set.grabs.iter().map(|still| (still, is_live));
    let stills: Vec<_> = of_set.chain(asked.iter().map(|still| (still, false))).collect();
    let Some(like) = engine.clip(0).filter(|_| !stills.is_empty()).cloned() else { return Ok(()) };
    let mut coder = StillCoder::new();
    for ((slot, path), may_be_missing) in stills {
        let Meta { canvas, fit, coding, .. } = &like.meta;
        match coder.encode_file(path, *canvas, *fit, coding) {
            Ok(stream) => {
                engine.keep_grab(usize::from(*slot) - 1, Arc::new(stream));
            }
            Err(error) if may_be_missing => notices.warn(format!("slot {slot}: {error}")),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The file of the set that plays, where one does.
pub fn set_file(clips: &[PathBuf]) -> Option<&Path> {
    match clips {
        [] => Some(Path::new(DEMO)),
        [path] if is_set_path(path) => Some(path),
        _ => None,
    }
}

/// Whether this is the bundled demo.
pub fn is_demo(clips: &[PathBuf]) -> bool {
    match clips {
        [] => true,
        [path] => path.file_name() == Path::new(DEMO).file_name(),
        _ => false,
    }
}

pub fn is_set_path(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

/// Whether a set plays, rather than clips that were named one by one.
fn is_set_file(clips: &[PathBuf]) -> bool {
    clips.is_empty() || clips.iter().any(|path| is_set_path(path))
}

/// The set: a file with the shaders beside it, or made of the clips that were named.
pub fn open_set(registry: &Arc<Registry>, clips: &[PathBuf]) -> Result<Opened> {
    match clips {
        [] => {
            let demo = Path::new(DEMO);
            if !demo.exists() {
                bail!("name a video or a set to play, such as: residua play holiday.mp4");
            }
            open_set_file(registry, demo)
        }
        [path] if is_set_path(path) => open_set_file(registry, path),
        paths => {
            if let Some(path) = paths.iter().find(|path| is_set_path(path)) {
                bail!("{} is a set: play it alone, without other clips", path.display());
            }
            let clips = paths.iter().cloned().map(ClipEntry::of).collect();
            Ok(Opened { set: Set { clips, ..Set::default() }, shelf: None })
        }
    }
}

/// Reads a set file as far as it can be taken: after a crash, or without its shaders. `is_safe` leaves its shaders out.
fn open_leniently(registry: &Arc<Registry>, path: &Path, is_safe: bool) -> Result<Opened> {
    let mut shelf = (!is_safe).then(|| Shelf::new(&set::shader_folder(path), Arc::clone(registry)));
    // What is wrong with a shader is said when it is made.
    shelf.as_mut().map(Shelf::declare);
    Ok(Opened { set: Set::read_leniently(registry, path)?, shelf })
}

/// Reads a set file. Its shaders' rows are declared before, so that it can name them; what is wrong
/// with a shader is said again when it is made, unless the set names what is not there for it.
pub fn open_set_file(registry: &Arc<Registry>, path: &Path) -> Result<Opened> {
    let mut shelf = Shelf::new(&set::shader_folder(path), Arc::clone(registry));
    let problems = shelf.declare();
    match (Set::read(registry, path), problems.into_iter().next()) {
        (Ok(set), _) => Ok(Opened { set, shelf: Some(shelf) }),
        (Err(error @ (SetError::Values { .. } | SetError::Mapping { .. })), Some(problem)) => {
            Err(error).context(problem)
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// What to do about a clip that is not there.
fn searched(entry: &ClipEntry) -> &'static str {
    match entry.path.exists() {
        true => "",
        false => " (--search names the folder that it is in)",
    }
}

/// Imports what is not in the library yet, and loads all. `may_stand_in` says whether a clip that
/// cannot be had is replaced by a neighbour: then every number, pad and score keeps its clip.
/// Returns the clips with their names.
fn load_clips(
    entries: &[ClipEntry],
    canvas: Canvas,
    conform: &ConformOptions,
    may_stand_in: bool,
) -> Result<(SliceBuffer, Vec<String>, Vec<ClipHashes>)> {
    let library = open_library(conform)?;
    let outcomes = load_all(&library, entries, canvas, conform)?;
    let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    if refused > 0 && (!may_stand_in || refused == outcomes.len()) {
        let others = match refused {
            1 => String::new(),
            _ => format!(" ({refused} of {} clips cannot be had)", outcomes.len()),
        };
        let first = outcomes.iter().position(Result::is_err).unwrap_or(0);
        let searched = searched(&entries[first]);
        let why = outcomes.into_iter().find_map(Result::err).unwrap_or_default();
        bail!("{why}{searched}{others}");
    }
    let (mut clips, mut names, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for (place, outcome) in outcomes.iter().enumerate() {
        let stand_in = || {
            let before = (0..place).rev().chain(place + 1..outcomes.len());
            before.filter_map(|at| outcomes[at].as_ref().ok().map(|ready| (at, ready))).next()
        };
        match (outcome, stand_in()) {
            (Ok(ready), _) => {
                names.push(ready.clip.meta.label());
                hashes.push(ClipHashes {
                    source: Some(ready.clip.meta.source_hash.clone()),
                    backward: ready.clip.meta.backward_hash.clone(),
                });
                clips.push(Arc::clone(&ready.clip));
            }
            (Err(why), Some((at, ready))) => {
                let stem = entries[place].path.file_stem().unwrap_or_default().to_string_lossy();
                let searched = searched(&entries[place]);
                eprintln!(
                    "residua: clip {} cannot be had: {why}{searched}; clip {}, {}, stands in for it",
                    place + 1,
                    at + 1,
                    ready.clip.name
                );
                names.push(format!("{stem} (missing)"));
                hashes.push(ClipHashes::default());
                clips.push(Arc::clone(&ready.clip));
            }
            (Err(why), None) => bail!("{why}"),
        }
    }
    Ok((SliceBuffer::new(clips), names, hashes))
}

/// The library that was asked for, or the user's own.
pub fn open_library(conform: &ConformOptions) -> Result<Library> {
    let root = match &conform.library {
        Some(root) => root.clone(),
        None => Library::default_root()?,
    };
    Ok(Library::open(&root)?)
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
