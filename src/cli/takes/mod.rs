//! What `play` and `render` need of takes: recording one, and finding everything that one was played
//! with.

mod finder;

use super::{
    material::{ClipHashes, Material, open_library},
    opening::set_file,
    options::SceneOptions,
    scene::Scene,
};
use crate::{
    bitstream::Stream,
    clip::{Clip, SliceBuffer},
    decay::{Shelf, dct::Dct, shader_files},
    engine::{self, Engine, Preset, Replay, ReplayKind},
    gpu::Gpu,
    media::GstDecoders,
    params::{ParamIndex, Registry, Store},
    ports::Notices,
    set::{self, ClipEntry, Set, Shelved},
    take::{
        self, Changes, Inexact, Recorder,
        format::{ClipFacts, Header, Take},
    },
    units::Canvas,
};
use anyhow::{Context, Result, anyhow, bail};
use finder::Finder;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use xxhash_rust::xxh3::xxh3_64;

/// Where `take.keep` puts takes when `--record-take` names no file; numbered.
const DEFAULT_TAKE: &str = "residua.take";

/// Everything that a take was played with, found again.
pub struct Found {
    pub take: Take,
    pub material: Material,
    pub replay: Replay,
    /// What the engine is told when it is there.
    own: Vec<(usize, ParamIndex, f64)>,
    new_clip: Vec<(ParamIndex, f64)>,
    grabs: Vec<(usize, Arc<Stream>)>,
    snapshots: Vec<(usize, Vec<(ParamIndex, f64)>)>,
    excluded: Vec<ParamIndex>,
}

/// What is to be other than it was.
#[derive(Default)]
pub struct Wishes<'a> {
    pub kind: Option<ReplayKind>,
    pub canvas: Option<Canvas>,
    pub preset: Option<&'a Path>,
    pub is_px_scaled: bool,
    /// What is missing or changed is told, and ends nothing.
    pub is_lenient: bool,
}

/// Starts to record what a scene will play. `played` is the take that it plays, where it plays one.
pub fn record(
    scene: &mut Scene,
    options: &SceneOptions,
    played: Option<&Header>,
    file: Option<&Path>,
) -> Result<Recorder> {
    let header = Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: take::build().context("the program itself cannot be read")?,
        adapter: scene.adapter.clone(),
        clips: clips_of(&scene.engine, &scene.set),
        curves: of_clips(&scene.set, |clip| clip.curve.as_ref().map(ToString::to_string)),
        lists: of_clips(&scene.set, |clip| {
            let list = clip.positions.as_ref()?;
            let slices: Vec<_> = list.slices().iter().map(ToString::to_string).collect();
            Some(slices.join(" "))
        }),
        ..match played {
            Some(played) => Header {
                set: played.set.clone(),
                shader_folder: played.shader_folder.clone(),
                shaders: played.shader_folder.as_deref().map(shaders_in).unwrap_or_default(),
                tables: played.tables,
                seed: played.seed,
                ..Header::default()
            },
            None => origin(options, &scene.set)?,
        }
    };
    let header = take::header(&scene.engine, &scene.registry, header);
    let kept = file.map_or_else(|| PathBuf::from(DEFAULT_TAKE), Path::to_owned);
    let (recorder, observer) =
        Recorder::start(&header, Arc::clone(&scene.registry), file, kept, scene.notices.clone())?;
    scene.engine.observe(Box::new(observer));
    Ok(recorder)
}

/// What the command line begins with.
fn origin(options: &SceneOptions, set: &Set) -> Result<Header> {
    let tables = options.tables.as_deref().map(set::read_tables).transpose()?.or(set.tables);
    let mut header = Header {
        seed: options.seed,
        tables: tables.map(|tables| (tables.luma_raster, tables.chroma_raster)),
        ..Header::default()
    };
    if let Some(path) = set_file(&options.clips) {
        // Somebody may have changed the file since.
        header.set = Some((absolute(path), set.text.clone()));
        let folder = absolute(&set::shader_folder(path));
        header.shaders = shaders_in(&folder);
        header.shader_folder = Some(folder);
    }
    Ok(header)
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn of_clips(set: &Set, of: impl Fn(&ClipEntry) -> Option<String>) -> Vec<(u16, String)> {
    (1..).zip(&set.clips).filter_map(|(number, clip)| Some((number, of(clip)?))).collect()
}

fn clips_of(engine: &Engine<GstDecoders>, set: &Set) -> Vec<ClipFacts> {
    let clips = (0..).map_while(|place| engine.clip(place).map(|clip| (place, clip)));
    let facts = |(place, clip): (usize, &Arc<Clip>)| ClipFacts {
        name: clip.name.clone(),
        path: set.clips.get(place).map(|entry| absolute(&entry.path)).unwrap_or_default(),
        fingerprint: clip.meta.fingerprint(),
    };
    clips.map(facts).collect()
}

/// The shaders in a folder with the hashes of their texts.
fn shaders_in(folder: &str) -> Vec<(String, String)> {
    let facts = |path: PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, format!("{:016x}", xxh3_64(&fs::read(path).ok()?))))
    };
    shader_files(Path::new(folder)).into_iter().filter_map(facts).collect()
}

/// Reads a take and finds what it was played with.
///
/// # Errors
/// The take, or what is missing or changed, unless the wishes are lenient.
pub fn find(path: &Path, wishes: &Wishes<'_>, options: &SceneOptions) -> Result<Found> {
    let mut take = take::read(path)?;
    let Header { shader_folder, shaders, .. } = &mut take.header;
    if let Some(folder) = shader_folder {
        *folder = finder::shader_folder(path, &options.search, folder, shaders);
    }
    let name = path.display();
    let header = &take.header;
    let canvas = wishes.canvas.unwrap_or(header.canvas);
    if canvas.rate != header.canvas.rate {
        bail!(
            "{name} was played at {} pictures a second, and cannot be rendered at {}: ask for another \
             size only",
            header.canvas.rate,
            canvas.rate
        );
    }
    let missing = |what: String| match wishes.is_lenient {
        true => {
            eprintln!("residua: {what}");
            Ok(())
        }
        false => Err(anyhow!("{what} (--anyway goes on without)")),
    };
    for why in Inexact::of(&take) {
        eprintln!("residua: {name}: {why}");
    }
    let registry = Arc::new(engine::registry()?);
    let shelf = header.shader_folder.as_ref().map(|folder| {
        let mut shelf = Shelf::new(Path::new(folder), Arc::clone(&registry));
        // What is wrong with a shader is told when it is made.
        let _ = shelf.declare();
        shelf
    });
    if let Some(folder) = &header.shader_folder {
        compare_shaders(folder, &header.shaders).map_or(Ok(()), &missing)?;
    }
    let conform = &options.conform;
    let library = open_library(conform)?;
    // How its clips were imported; a set that is gone or another takes nothing from them.
    let entries = header.set.as_ref().and_then(|(set, _)| {
        Set::read_leniently(&registry, Path::new(set)).ok().map(|set| set.clips)
    });
    let finder = Finder::new(
        &library,
        (path, &options.search),
        entries.unwrap_or_default(),
        conform,
        (canvas, header.canvas),
        wishes.is_lenient,
    )?;
    let mut clips = Vec::new();
    let mut places = Vec::new();
    for facts in &header.clips {
        let loaded = finder.load(facts)?;
        // A take of this one says where the clip is now.
        let at = PathBuf::from(&facts.path);
        places.push(if at.exists() { at } else { loaded.folder });
        clips.push(Arc::new(loaded.clip));
    }
    let late = take::late_clips(&take).map(|facts| Ok(Arc::new(finder.load(facts)?.clip)));
    let late = late.collect::<Result<Vec<_>>>()?;
    if clips.is_empty() {
        bail!("{name} names no clip");
    }
    let px_scale = match wishes.is_px_scaled {
        true => f64::from(canvas.height) / f64::from(header.canvas.height),
        false => 0.0,
    };
    let changes =
        Changes { without_looks: wishes.preset.is_some(), px_scale, is_lenient: wishes.is_lenient };
    let values = Values { take: &take, registry: &registry, changes, missing: &missing };
    let mut store = Store::new(Arc::clone(&registry));
    for (row, plain) in values.read(&header.values)? {
        store.set(row, plain);
    }
    if let Some(preset) = wishes.preset {
        store.neutral_look();
        for (row, plain) in set::read_preset(&registry, preset)? {
            store.set(row, plain);
        }
    }
    let mut own = Vec::new();
    for (clip, id, value) in &header.own {
        let value = values.read(&[(id.clone(), value.clone())])?;
        own.extend(
            value
                .into_iter()
                .map(|(row, plain)| (usize::from(*clip).saturating_sub(1), row, plain)),
        );
    }
    let new_clip = values.read(&header.new_clip)?;
    let presets = take::bank(&registry, &header.presets, changes)?;
    let snapshot = |(number, kept): &(u8, Vec<_>)| {
        Ok((usize::from(*number).saturating_sub(1), values.read(kept)?))
    };
    let snapshots = header.snapshots.iter().map(snapshot).collect::<Result<_>>()?;
    let excluded = header.excluded.iter().filter_map(|id| registry.find(id)).collect();
    let kind = wishes.kind.unwrap_or(ReplayKind::Exact);
    let replay =
        take::replay(&take, &registry, kind, &late, changes).with_context(|| name.to_string())?;
    let mut set = Set {
        canvas: Some(canvas),
        tables: header
            .tables
            .map(|(luma, chroma)| Dct { luma_raster: luma, chroma_raster: chroma }),
        clips: places.into_iter().map(ClipEntry::of).collect(),
        ..Set::default()
    };
    for (clip, curve) in &header.curves {
        if let Some(entry) = set.clips.get_mut(usize::from(*clip).wrapping_sub(1)) {
            entry.curve = Some(curve.parse().with_context(|| format!("{name}: clip {clip}"))?);
        }
    }
    for (clip, list) in &header.lists {
        if let Some(entry) = set.clips.get_mut(usize::from(*clip).wrapping_sub(1)) {
            entry.positions = Some(list.parse().with_context(|| format!("{name}: clip {clip}"))?);
        }
    }
    let grabs = if (canvas.width, canvas.height) == (header.canvas.width, header.canvas.height) {
        let stream = |(slot, codec, bytes): &(u8, _, Vec<u8>)| {
            let stream = Stream::parse(*codec, bytes.clone());
            let stream = stream.with_context(|| format!("{name}: the picture of slot {slot}"))?;
            Ok((usize::from(*slot).saturating_sub(1), Arc::new(stream)))
        };
        header.grabs.iter().map(stream).collect::<Result<_>>()?
    } else {
        if !header.grabs.is_empty() {
            eprintln!(
                "residua: {name}: the pictures in its slots are of another size: they are left out"
            );
        }
        Vec::new()
    };
    let material = Material {
        registry: Arc::clone(&registry),
        notices: Notices::default(),
        set,
        canvas,
        clip_names: clips.iter().map(|clip| clip.meta.label()).collect(),
        clip_hashes: clips.iter().map(|clip| ClipHashes::of(&clip.meta)).collect(),
        presets: presets.presets.into_iter().map(shelved).collect(),
        clips: SliceBuffer::new(clips),
        store,
        shelf,
    };
    Ok(Found { material, replay, own, new_clip, grabs, snapshots, excluded, take })
}

/// A preset that came with a take, whose file is not known.
fn shelved(Preset { name, values }: Preset) -> Shelved {
    Shelved { listed: name.clone(), name, file: None, values }
}

/// Says in a line what else is not as it was: then pictures may differ.
pub fn tell_differences(header: &Header, adapter: &str) {
    let mut differs = Vec::new();
    if header.version != env!("CARGO_PKG_VERSION") {
        differs.push(format!("version {} of the program", header.version));
    } else if take::build().is_ok_and(|build| build != header.build) {
        differs.push("another build of the program".to_owned());
    }
    if header.adapter != adapter {
        differs.push(format!("the adapter {}", header.adapter));
    }
    if !differs.is_empty() {
        eprintln!(
            "residua: this take was played with {}: the pictures may differ from those of then",
            differs.join(" and ")
        );
    }
}

/// Tells an engine what the scene itself does not.
pub fn prepare(
    engine: &mut Engine<GstDecoders>,
    own: &[(usize, ParamIndex, f64)],
    new_clip: &[(ParamIndex, f64)],
) {
    for (row, plain) in new_clip {
        engine.set_new_clip_value(*row, *plain);
    }
    for (clip, row, plain) in own {
        engine.set_own(*clip, *row, *plain);
    }
}

/// A scene of what was found, and the header of its take.
pub fn scene(found: Found, options: &SceneOptions, is_live: bool) -> Result<(Scene, Take)> {
    let Found { take, material, replay, own, new_clip, grabs, snapshots, excluded } = found;
    let gpu = Gpu::headless()?;
    tell_differences(&take.header, &gpu.adapter_name());
    let options = SceneOptions { seed: take.header.seed, ..options.clone() };
    let mut scene = Scene::assemble(material, gpu, &options, is_live, engine::Score::default())?;
    prepare(&mut scene.engine, &own, &new_clip);
    for (slot, stream) in grabs {
        scene.engine.keep_grab(slot, stream);
    }
    for (number, kept) in snapshots {
        scene.engine.set_snapshot(number, &kept);
    }
    for row in excluded {
        scene.engine.exclude(row, true);
    }
    if take.header.beats > 0.0 {
        scene.engine.resume_beat(take.header.beats);
    }
    for (clip, place) in &take.header.places {
        scene.engine.place_playhead(usize::from(*clip).saturating_sub(1), *place);
    }
    scene.engine.use_replay(replay);
    Ok((scene, take))
}

/// Reads values by their ids.
struct Values<'a, F: Fn(String) -> Result<()>> {
    take: &'a Take,
    registry: &'a Registry,
    changes: Changes,
    missing: &'a F,
}

impl<F: Fn(String) -> Result<()>> Values<'_, F> {
    fn read(&self, values: &[(String, take::format::Value)]) -> Result<Vec<(ParamIndex, f64)>> {
        let mut read = Vec::new();
        for (id, value) in values {
            match self.registry.find(id) {
                Some(row) => match self.changes.plain(self.registry, row, value) {
                    Ok(plain) => read.push((row, plain)),
                    Err(error) => (self.missing)(error.to_string())?,
                },
                None => {
                    let version = &self.take.header.version;
                    (self.missing)(format!(
                        "there is no parameter {id} here, which the take of version {version} begins with"
                    ))?;
                }
            }
        }
        Ok(read)
    }
}

/// What is missing, changed or new of the shaders, in a line.
fn compare_shaders(folder: &str, then: &[(String, String)]) -> Option<String> {
    let now = shaders_in(folder);
    let find = |list: &[(String, String)], name: &str| {
        list.iter().find(|(other, _)| other == name).map(|(_, hash)| hash.clone())
    };
    let mut lines: Vec<String> = Vec::new();
    for (name, hash) in then {
        match find(&now, name) {
            None => lines.push(format!("{name} is missing")),
            Some(found) if found != *hash => lines.push(format!("{name} has changed")),
            Some(_) => {}
        }
    }
    let new = now.iter().filter(|(name, _)| find(then, name).is_none());
    lines.extend(new.map(|(name, _)| format!("{name} is new")));
    let text = format!("the shaders in {folder} are not what they were: {}", lines.join(", "));
    (!lines.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Words {
        #[command(flatten)]
        scene: SceneOptions,
    }

    #[test]
    fn a_take_has_the_set_that_is_played() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("set.toml");
        fs::write(&path, "# as it is now\n").expect("written");
        let set = Set { text: "# as it was read\n".to_owned(), ..Set::default() };
        let words = Words::parse_from(["residua".as_ref(), path.as_os_str()]);
        let header = origin(&words.scene, &set).expect("a header");
        assert_eq!(header.set, Some((path.display().to_string(), "# as it was read\n".to_owned())));
    }
}
