//! The clips and the values of what is played, before there is an engine.

use super::{
    loading::{is_clip_folder, load_all},
    missing,
    opening::{Opened, set_file},
    options::{ConformOptions, SceneOptions},
    presets,
};
use crate::{
    clip::{Clip, Meta, SliceBuffer},
    decay::Shelf,
    engine,
    gpu::Gpu,
    library::Library,
    params::{Registry, Store},
    playhead,
    ports::Notices,
    set::{self, ClipEntry, Set, Shelved},
    units::Canvas,
};
use anyhow::{Context, Result, bail};
use std::sync::Arc;

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

/// Clips in memory, each with its name and hashes.
pub struct LoadedClips {
    pub clips: SliceBuffer,
    pub names: Vec<String>,
    pub hashes: Vec<ClipHashes>,
}

impl LoadedClips {
    /// One clip.
    pub fn of(clip: Arc<Clip>) -> Self {
        let (names, hashes) = (vec![clip.meta.label()], vec![ClipHashes::of(&clip.meta)]);
        Self { clips: SliceBuffer::new(vec![clip]), names, hashes }
    }
}

/// What the sources of a clip are found by; nothing where another clip stands in for it.
#[derive(Clone, Debug, Default)]
pub struct ClipHashes {
    pub source: Option<String>,
    pub backward: Option<String>,
}

impl ClipHashes {
    /// Those of a clip.
    pub fn of(meta: &Meta) -> Self {
        Self { source: Some(meta.source_hash.clone()), backward: meta.backward_hash.clone() }
    }
}

impl Material {
    /// Reads the values, imports and loads the clips of `set`. What `extra` sets gives way to what the
    /// command line does. `may_stand_in`: see [`load_clips`].
    pub fn gather(
        options: &SceneOptions,
        opened: (Arc<Registry>, Opened),
        extra: &[(&str, f64)],
        may_stand_in: bool,
        canvas: impl FnOnce(&Set) -> Result<Canvas>,
    ) -> Result<Self> {
        let load =
            |set: &Set, canvas| load_clips(&set.clips, canvas, &options.conform, may_stand_in);
        Self::of(options, opened, extra, may_stand_in, canvas, load)
    }

    /// The same, with clips that come from elsewhere.
    pub fn of(
        options: &SceneOptions,
        (registry, opened): (Arc<Registry>, Opened),
        extra: &[(&str, f64)],
        may_stand_in: bool,
        canvas: impl FnOnce(&Set) -> Result<Canvas>,
        load: impl FnOnce(&Set, Canvas) -> Result<LoadedClips>,
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
        let canvas = match known_canvas(options.canvas, &set) {
            Some(canvas) => canvas,
            None => canvas(&set)?,
        };
        if may_stand_in {
            missing::find(&mut set.clips, options, canvas)?;
        }
        let LoadedClips { clips, names: clip_names, hashes: clip_hashes } = load(&set, canvas)?;
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

/// The canvas that the first clip that is there was imported at, where it is a clip folder already.
fn canvas_of_folders(entries: &[ClipEntry]) -> Option<Canvas> {
    let first = entries.iter().find(|entry| entry.path.exists())?;
    if !is_clip_folder(first) {
        return None;
    }
    Meta::read(&first.path).ok().map(|meta| meta.canvas)
}

/// The canvas that was asked for, else the set's own, else that of its first clip folder.
pub fn known_canvas(asked: Option<Canvas>, set: &Set) -> Option<Canvas> {
    asked.or(set.canvas).or_else(|| canvas_of_folders(&set.clips))
}

/// The canvas where nobody names one, on this machine.
pub fn usual_canvas() -> Canvas {
    default_canvas(Gpu::headless().is_ok_and(|gpu| gpu.is_cpu()))
}

/// The canvas where nobody names one: a CPU adapter wears a smaller picture in time.
pub fn default_canvas(is_cpu: bool) -> Canvas {
    if is_cpu { Canvas::DEFAULT_CPU } else { Canvas::DEFAULT }
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
pub fn load_clips(
    entries: &[ClipEntry],
    canvas: Canvas,
    conform: &ConformOptions,
    may_stand_in: bool,
) -> Result<LoadedClips> {
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
                hashes.push(ClipHashes::of(&ready.clip.meta));
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
    Ok(LoadedClips { clips: SliceBuffer::new(clips), names, hashes })
}

/// The library that was asked for, or the user's own.
pub fn open_library(conform: &ConformOptions) -> Result<Library> {
    let root = match &conform.library {
        Some(root) => root.clone(),
        None => Library::default_root()?,
    };
    Ok(Library::open(&root)?)
}
