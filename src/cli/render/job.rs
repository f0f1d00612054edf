//! What a render is made from: the command line's sources and values, read once.

use crate::{
    cli::{
        material::{LoadedClips, Material, load_clips},
        opening::{Opened, open_set},
        options::RenderOptions,
    },
    clip::{Clip, SliceBuffer},
    engine::{self, Score, ScoreStep},
    export::{self, Course, Route, Walk},
    media,
    modulation::{Curve, Positions},
    params::{Change, ControlEvent, ParamSpec, Registry, Scope, Source, Store},
    playhead,
    set::{ClipEntry, Set},
    units::Canvas,
};
use anyhow::{Context, Result, bail};
use std::{path::PathBuf, sync::Arc};

/// The probability of staying with a clip where nobody names one: none is ever left.
const STAYS: f64 = 1.0;

/// The rows that a course is played by, whatever was set: the playhead goes where it is put, stays
/// there otherwise, and leaves no picture out.
const COURSE_ROWS: &[(&str, f64)] = &[
    ("playhead.play", 1.0),
    ("playhead.mode", 0.0),
    ("playhead.position", 0.0),
    ("playhead.rest", 1.0),
    ("playhead.intra", 1.0),
    ("playhead.jump", 1.0),
    ("playhead.glide_secs", 0.0),
    ("playhead.heal_on_jump", 0.0),
    ("playhead.stutter", 0.0),
    ("playhead.reverse", 0.0),
    ("loop.on", 0.0),
    ("mosh.bloom", 0.0),
];

/// A render, ready to be made.
pub struct Job {
    pub material: Material,
    route: Route,
    /// What the one clip that is played keeps for itself.
    own: Option<ClipEntry>,
    /// Slots in the output.
    pub slots: u64,
}

impl Job {
    /// Reads, imports and loads.
    pub fn gather(options: &RenderOptions) -> Result<Self> {
        let conform = &options.scene.conform;
        Self::of(options, |set, canvas| load_clips(&set.clips, canvas, conform, false))
    }

    /// The same with one clip that is in memory already, whatever is named as the source.
    pub fn of_clip(options: &RenderOptions, clip: Arc<Clip>) -> Result<Self> {
        Self::of(options, |_, _| Ok(LoadedClips::of(clip)))
    }

    fn of(
        options: &RenderOptions,
        load: impl FnOnce(&Set, Canvas) -> Result<LoadedClips>,
    ) -> Result<Self> {
        let registry = Arc::new(engine::registry()?);
        let opened = sources(options, &registry)?;
        let is_course =
            !options.forward.is_empty() || options.markov_p.is_some() || options.together;
        let extra = values(options, is_course);
        let scene = &options.scene;
        let mut material =
            Material::of(scene, (registry, opened), &extra, false, own_canvas, load)?;
        if options.pre_reverse_loop {
            material.clips = there_and_back(&material.clips, options.backward.len())?;
        }
        let find =
            |id: &str| material.registry.find(id).with_context(|| format!("no parameter {id}"));
        if is_course {
            for (id, plain) in COURSE_ROWS {
                material.store.set(find(id)?, *plain);
            }
            // A course is one for all clips: what each keeps for itself would change its superframes.
            for clip in &mut material.set.clips {
                clip.values.clear();
            }
        }
        let rows = playhead::Rows::resolve(&material.registry);
        let base = material.store.base();
        let timeline = rows.settings(base, false, material.canvas.rate.hertz()).timeline;
        let switch = base.int(find(engine::CLIP_SWITCH.id)?);
        let route = if is_course {
            let seed = rows.seed(base);
            let stays = options.markov_p.unwrap_or(STAYS);
            let course = Course { superframes: options.superframes, timeline, stays, seed };
            Route::Course { course, is_together: options.together, heals: switch == 1 }
        } else {
            let clip = base.int(find(engine::CLIP_SELECT.id)?) - 1;
            Route::Free { clip: usize::try_from(clip).unwrap_or(0) }
        };
        let own = match route {
            Route::Free { clip } => material.set.clips.get(clip).cloned(),
            Route::Course { .. } => None,
        };
        let size_row = material.registry.index_of(&playhead::SUPERFRAME_SIZE);
        let mut own_values = own.iter().flat_map(|own: &ClipEntry| &own.values);
        let own_size = own_values.find(|(row, _)| *row == size_row).map(|(_, size)| *size as u32);
        let size = own_size.unwrap_or_else(|| rows.superframe_size(base));
        let slots = u64::from(options.superframes) * u64::from(size);
        Ok(Self { material, route, slots, own })
    }

    /// The one clip that is played follows these where its function is a drawn curve or a list.
    pub fn use_paths(&mut self, curve: Option<Curve>, positions: Option<Positions>) {
        if let Some(own) = &mut self.own {
            (own.curve, own.positions) = (curve, positions);
        }
    }

    /// The way through the clips, without an engine.
    pub fn walk(&self) -> Result<Walk> {
        let Material { registry, store, clips, canvas, .. } = &self.material;
        let mut values = Store::new(Arc::clone(registry));
        for (index, _) in registry.iter() {
            values.set(index, store.base().get(index));
        }
        for (index, plain) in self.own.iter().flat_map(|own| &own.values) {
            values.set(*index, *plain);
        }
        let base = values.base();
        let blooms = [engine::MOSH_BLOOM, engine::MOSH_MELT]
            .iter()
            .any(|row| base.is_on(registry.index_of(row)));
        let rows = playhead::Rows::resolve(registry);
        let settings = rows.settings(base, blooms, canvas.rate.hertz());
        let mut walk = Walk::new(clips.clone(), settings, &self.route)?;
        if let Some(own) = &self.own {
            walk.set_paths(own.curve.clone(), own.positions.clone());
        }
        Ok(walk)
    }

    /// The same for the engine: what it is told at the beginning of each superframe.
    pub fn score(&self) -> Result<Score> {
        let Route::Course { course, is_together, .. } = &self.route else {
            return Ok(Score::default());
        };
        if *is_together {
            bail!("--together goes with a look that changes nothing, or with --copy");
        }
        let Material { registry, store, clips, .. } = &self.material;
        let size = playhead::Rows::resolve(registry).superframe_size(store.base());
        let slices = export::slices(clips, size);
        let rows =
            [registry.index_of(&engine::CLIP_SELECT), registry.index_of(&playhead::POSITION)];
        let mut steps = Vec::new();
        for (number, step) in course.steps(&slices).into_iter().enumerate() {
            let slot = number as u64 * u64::from(size);
            let position = export::position(step.slice, slices[step.clip]);
            for (param, plain) in rows.into_iter().zip([(step.clip + 1) as f64, position]) {
                let change = Change::Plain(plain);
                let event = ControlEvent { param, change, source: Source::File };
                steps.push(ScoreStep { slot, event: Some(event), caption: None });
            }
        }
        Ok(Score::new(steps))
    }

    /// Whether flashes are held back.
    pub fn is_limited(&self) -> bool {
        let Material { registry, store, .. } = &self.material;
        store.base().is_on(registry.index_of(&engine::FLASH_LIMIT))
    }

    /// Whether one decoded picture after the other is shown as it is: whatever is set says only where
    /// the playhead goes.
    pub fn is_plain(&self) -> bool {
        /// The rows that say where the playhead goes.
        const WAY: [&str; 4] = ["playhead.", "loop.", "superframe.", "clip."];
        let Material { registry, store, .. } = &self.material;
        let base = store.base();
        // The limiter needs no graphics device.
        let plain = [engine::MOSH_BLOOM.id, engine::FLASH_LIMIT.id];
        let is_way = |id: &str| WAY.iter().any(|room| id.starts_with(room)) || plain.contains(&id);
        let is_look = |row: &ParamSpec| row.scope == Scope::Look;
        let rest_is_default = |with_looks: bool| {
            let mut rest =
                registry.iter().filter(|(_, row)| !is_way(row.id) && (with_looks || !is_look(row)));
            // A user's stage may be at work by default.
            let is_at_rest = |row: &ParamSpec| !is_look(row) || row.default == row.neutral;
            rest.all(|(index, row)| base.get(index) == row.default && is_at_rest(row))
        };
        rest_is_default(true) || (store.is_look_neutral() && rest_is_default(false))
    }
}

/// The clips: the earlier command line's sources, or those of every other command.
fn sources(options: &RenderOptions, registry: &Arc<Registry>) -> Result<Opened> {
    if options.forward.is_empty() {
        return open_set(registry, &options.scene.clips);
    }
    let (forward, backward) = (&options.forward, &options.backward);
    let alone = |path: &PathBuf| ClipEntry::of(path.clone());
    let clips = if options.pre_reverse_loop {
        // Each is looped with its own reverse.
        forward.iter().chain(backward).map(alone).collect()
    } else {
        let own = |place: usize| backward.get(place).cloned();
        let entries = forward.iter().enumerate();
        entries.map(|(place, path)| ClipEntry { backward: own(place), ..alone(path) }).collect()
    };
    Ok(Opened { set: Set { clips, ..Set::default() }, shelf: None })
}

/// The clips looped with their reverses; the last `backward` of them are backward sources.
fn there_and_back(clips: &SliceBuffer, backward: usize) -> Result<SliceBuffer> {
    let (forward, backward) = clips.clips().split_at(clips.len() - backward);
    let looped = forward.iter().enumerate().map(|(place, clip)| {
        let backward = backward.get(place).map(|clip| &**clip);
        Ok(Arc::new(export::palindrome(clip, backward)?))
    });
    Ok(SliceBuffer::new(looped.collect::<Result<_>>()?))
}

/// The values that the options stand for.
fn values(options: &RenderOptions, is_course: bool) -> Vec<(&'static str, f64)> {
    let mut values = vec![
        ("playhead.mode", if is_course { 0.0 } else { 2.0 }),
        ("playhead.function", options.function as f64),
        ("playhead.superframes", f64::from(options.superframes)),
        ("playhead.frequency", options.frequency),
        ("playhead.rectified", f64::from(u8::from(options.rectified))),
    ];
    values.extend(options.superframe_size.map(|size| ("superframe.size", f64::from(size))));
    let second = [
        ("playhead.amplitude_secondary", options.amplitude_secondary),
        ("playhead.frequency_secondary", options.frequency_secondary),
    ];
    values.extend(second.into_iter().filter_map(|(id, value)| Some((id, value?))));
    values
}

/// The canvas where nobody names one: the first source's own size and rate.
fn own_canvas(set: &Set) -> Result<Canvas> {
    let first = set.clips.first().context("name a video to render")?;
    let media::Probe { width, height, rate, .. } = media::probe(&first.path)?;
    Ok(Canvas { width, height, rate })
}
