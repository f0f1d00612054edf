//! `residua remains`: a set and what belongs to it as one file.

use super::{
    options::{RemainsCommand, RemainsOpenOptions, RemainsPackOptions},
    out,
    set::Bundle,
};
use crate::{
    clip::Clip,
    decay,
    library::{self, REMAINS_ENDING, REMAINS_FORMAT, Remains, RemainsClip, Staging},
    media::GstDecoders,
    ports::{Decoder, DecoderMaker},
    set, take,
    units::{AccessUnitIndex, Picture},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Folders of what a set needs no name for.
const TAKES: &str = "takes";
const PREVIEWS: &str = "previews";

/// What the name of a take's file ends with.
const TAKE: &str = "take";

/// How long a decoder may take over a preview.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs one of them.
pub fn run(command: &RemainsCommand) -> Result<()> {
    match command {
        RemainsCommand::Pack(options) => pack(options),
        RemainsCommand::Open(options) => open(options),
        RemainsCommand::Show(options) => show(&options.file),
    }
}

fn pack(options: &RemainsPackOptions) -> Result<()> {
    let output =
        options.output.clone().unwrap_or_else(|| options.set.with_extension(REMAINS_ENDING));
    if output.exists() {
        bail!("{} is there already: name another file with --output", output.display());
    }
    let beside = options.set.parent().unwrap_or(Path::new(""));
    let takes: Vec<PathBuf> = match options.take.is_empty() {
        true => {
            [set::files_with(beside, TAKE), set::files_with(&beside.join(TAKES), TAKE)].concat()
        }
        false => options.take.clone(),
    };
    for path in &takes {
        take::read(path)?;
    }
    let bundle = Bundle::gather(&options.set, &options.preset, options.canvas, &options.conform)?;
    let staging = Staging::beside(&output).with_context(|| output.display().to_string())?;
    let folder = staging.path().join("set");
    bundle.collect(&[], options.with_clips, &folder)?;
    copy(&takes, &folder.join(TAKES))?;
    fs::create_dir_all(folder.join(PREVIEWS))?;
    let mut clips = Vec::new();
    for (number, ready) in (1..).zip(&bundle.clips) {
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
    let mut decoder = GstDecoders.make(clip.bank.format())?;
    let mut picture = Picture::black(clip.meta.canvas.width, clip.meta.canvas.height);
    decoder.push(0, clip.bank.access_unit(AccessUnitIndex(0)))?;
    if !decoder.pull(0, PATIENCE, &mut |planes| picture.copy_from(planes))? {
        bail!("its first picture cannot be decoded");
    }
    let rgb = decay::unpacked(&picture);
    let bytes: Vec<u8> = rgb.pixels.iter().flatten().copied().collect();
    let (width, height) = (rgb.width as u32, rgb.height as u32);
    image::save_buffer(file, &bytes, width, height, image::ColorType::Rgb8)?;
    Ok(())
}
