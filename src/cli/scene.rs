//! What `play` and `render` have in common: the clips, the values, the engine.

use super::{
    desks,
    material::{ClipHashes, Material, default_canvas},
    opening::{DEMO, grab_folder, is_set_file, is_set_path, open_leniently, open_set},
    options::SceneOptions,
    presets,
    shaders::{self, Shaders},
};
use crate::{
    clip::{self, Meta},
    decay::{Chain, dct::Dct},
    engine::{self, Engine, Score, ScoreStep, Setup},
    gpu::Gpu,
    media::{self, GstDecoders, StillCoder},
    params::{Change, ControlEvent, ControlQueue, Registry, Source},
    ports::Notices,
    set::{self, Set, Shelved},
    trace::Trace,
    units::Canvas,
};
use anyhow::Result;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

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
    /// Codes grabbed pictures; ends after the engine.
    pub grab_thread: JoinHandle<()>,
    /// What the set's shaders are looked after with, where there may be some.
    pub shaders: Option<Shaders>,
    /// Quantisation tables of a file, where there is one.
    pub tables: Option<Dct>,
    /// The adapter's name.
    pub adapter: String,
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
        let Material { registry, notices, set, canvas, presets, .. } = material;
        let Material { clips, clip_names, clip_hashes, store, shelf, .. } = material;
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
        let tables = tables.or(set.tables);
        if let Some(tables) = &tables {
            chain.use_tables(tables);
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
        let (desk, grab_thread) = desks::grabs(grabs, prepared, notices.clone())?;
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
            grab_thread,
            shaders,
            tables,
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
