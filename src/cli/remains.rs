//! `residua remains`: a set and what belongs to it as one file.

use super::{
    interrupt, intra,
    loading::load_all,
    material::{known_canvas, open_library, usual_canvas},
    opening::{Opened, open_set_file},
    options::{RemainsCommand, RemainsOpenOptions, RemainsPackOptions},
    out,
};
use crate::{
    clip::Clip,
    decay, engine,
    library::{
        self, Collected, REMAINS_ENDING, REMAINS_FORMAT, REMAINS_TOML, Remains, RemainsClip,
    },
    media, set, take,
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

/// Folders of what a set needs no name for.
const TAKES: &str = "takes";
const PREVIEWS: &str = "previews";
const PRESETS: &str = "presets";

/// Runs one of them.
pub fn run(command: &RemainsCommand) -> Result<()> {
    match command {
        RemainsCommand::Pack(options) => pack(options),
        RemainsCommand::Open(options) => open(options),
        RemainsCommand::Show(options) => show(&options.file),
    }
}

fn pack(options: &RemainsPackOptions) -> Result<()> {
    media::init()?;
    let output =
        options.output.clone().unwrap_or_else(|| options.set.with_extension(REMAINS_ENDING));
    if output.exists() {
        bail!("{} is there already: name another file with --output", output.display());
    }
    let registry = Arc::new(engine::registry()?);
    let Opened { set, .. } = open_set_file(&registry, &options.set)?;
    let beside = options.set.parent().unwrap_or(Path::new(""));
    let presets = files(&beside.join(PRESETS), "toml").into_iter().chain(options.preset.clone());
    let presets: Vec<PathBuf> = presets.collect();
    for preset in &presets {
        // What this program does not know may be known where it goes.
        let name = preset.display().to_string();
        let text = std::fs::read_to_string(preset).with_context(|| name.clone())?;
        set::parse_preset_leniently(&registry, &name, &text)?;
    }
    let takes: Vec<PathBuf> = match options.take.is_empty() {
        true => [files(beside, "take"), files(&beside.join(TAKES), "take")].concat(),
        false => options.take.clone(),
    };
    for path in &takes {
        take::read(path)?;
    }
    let canvas = known_canvas(options.canvas, &set).unwrap_or_else(usual_canvas);
    let library = open_library(&options.conform)?;
    let ready = load_all(&library, &set.clips, canvas, &options.conform)?;
    let ready: Vec<_> =
        ready.into_iter().collect::<Result<_, String>>().map_err(anyhow::Error::msg)?;
    let folders: Vec<PathBuf> = ready.iter().map(|ready| ready.folder.clone()).collect();
    let staging = tempdir_beside(&output)?;
    let folder = staging.path.join("set");
    let quit = interrupt::flag()?;
    let what = Collected {
        set: &options.set,
        folders: &folders,
        sources: &vec![Vec::new(); folders.len()],
        presets: &presets,
        canvas,
        is_with_clips: options.with_clips,
    };
    library::collect(&what, &folder, &|| quit.load(Ordering::Relaxed))?;
    copy(&takes, &folder.join(TAKES))?;
    fs::create_dir_all(folder.join(PREVIEWS))?;
    let mut clips = Vec::new();
    for (number, ready) in (1..).zip(&ready) {
        let preview = format!("{PREVIEWS}/{number}.png");
        write_preview(&ready.clip, &folder.join(&preview))
            .with_context(|| format!("the preview of {}", ready.clip.name))?;
        let meta = &ready.clip.meta;
        clips.push(RemainsClip {
            name: ready.clip.name.clone(),
            fingerprint: meta.fingerprint(),
            source_hash: meta.source_hash.clone(),
            preview,
            is_packed: options.with_clips,
        });
    }
    let parent = Remains::of_folder(beside)?.unwrap_or_default();
    let remains = Remains {
        format: REMAINS_FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        author: options.author.clone(),
        set: options.set.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        parents: parent.parents,
        ancestors: parent.ancestors,
        clips,
    };
    library::pack_remains(&remains, &folder, &output)?;
    out::say(output.display());
    Ok(())
}

fn open(options: &RemainsOpenOptions) -> Result<()> {
    let folder = options.folder.clone().unwrap_or_else(|| options.file.with_extension(""));
    let set = library::open_remains(&options.file, &folder)?;
    out::say(set.display());
    Ok(())
}

fn show(file: &Path) -> Result<()> {
    let remains = library::remains_facts(file)?;
    let author = remains.author.as_deref().unwrap_or("nobody said who");
    out::say(format_args!("set      {}", remains.set));
    out::say(format_args!("author   {author}"));
    out::say(format_args!("version  {}", remains.version));
    out::say(format_args!("hash     {}", library::file_hash(file)?));
    for (hash, author) in remains.parents.iter().zip(remains.ancestors.iter().map(String::as_str)) {
        out::say(format_args!("parent   {hash} {author}"));
    }
    for clip in &remains.clips {
        let packed = if clip.is_packed { "packed" } else { "not packed" };
        out::say(format_args!("clip     {} {} {packed}", clip.fingerprint, clip.name));
    }
    Ok(())
}

/// The files of a folder with this ending, by name; none where there is no folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.is_file() && path.extension().is_some_and(|found| found == ending))
        .filter(|path| path.file_name().is_some_and(|name| name != REMAINS_TOML))
        .collect();
    files.sort();
    files
}

fn copy(files: &[PathBuf], folder: &Path) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    for file in files {
        let to = folder.join(file.file_name().unwrap_or_default());
        if to.exists() {
            bail!("two takes are called {}: rename one", to.display());
        }
        fs::copy(file, &to).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// The first clean picture of a clip.
fn write_preview(clip: &Clip, file: &Path) -> Result<()> {
    let rgb = decay::unpacked(&intra::first(&clip.bank, clip.meta.canvas)?);
    let bytes: Vec<u8> = rgb.pixels.iter().flatten().copied().collect();
    let (width, height) = (rgb.width as u32, rgb.height as u32);
    image::save_buffer(file, &bytes, width, height, image::ColorType::Rgb8)?;
    Ok(())
}

/// A folder that goes away.
struct Staging {
    path: PathBuf,
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn tempdir_beside(file: &Path) -> Result<Staging> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let path = file.with_file_name(format!(".{name}-{}", std::process::id()));
    fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
    Ok(Staging { path })
}
