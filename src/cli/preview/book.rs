//! The codebook that somebody asks for.

use crate::{
    cli::{
        intra::IntraDecoder,
        options::{CodebookOptions, LibraryOption},
    },
    clip::{CLIP_TOML, Clip},
    decay,
    library::Library,
    media,
    preview::{self, Codebook, codebook::SEED},
    units::AccessUnitIndex,
};
use anyhow::{Context, Result, bail};
use image::RgbImage;
use std::{fs, path::Path};

/// Pictures of a clip or a folder that patches are learned from, at most.
const PICTURES_MAX: usize = 12;
/// The word for patches that are drawn, not found.
const SYNTHETIC: &str = "synthetic";

/// What was asked for, or the one that comes with the program.
pub fn of(options: &CodebookOptions) -> Result<Codebook> {
    match &options.codebook {
        None => Ok(Codebook::built_in()),
        Some(source) => named(source, &options.library),
    }
}

/// A codebook by what it comes from.
pub fn named(source: &str, library: &LibraryOption) -> Result<Codebook> {
    let path = Path::new(source);
    if source == SYNTHETIC {
        Ok(Codebook::synthetic(SEED))
    } else if path.join(CLIP_TOML).exists() {
        of_clip(path)
    } else if path.is_dir() {
        of_folder(path)
    } else if path.is_file() {
        of_file(path)
    } else {
        let root = match &library.library {
            Some(root) => root.clone(),
            None => Library::default_root()?,
        };
        if !root.is_dir() {
            bail!("there is no file and no clip {source}, and no library {}", root.display());
        }
        of_clip(&Library::open(&root)?.find(source)?.folder)
    }
}

fn of_file(path: &Path) -> Result<Codebook> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    if let Ok(book) = Codebook::read(&bytes) {
        return Ok(book);
    }
    let picture = preview::open(path).context("it is no codebook either")?;
    Ok(Codebook::learned([&picture]))
}

fn of_folder(folder: &Path) -> Result<Codebook> {
    let files = super::files::in_folder(folder)?;
    let pictures: Vec<RgbImage> =
        files.iter().filter_map(|file| preview::open(file).ok()).take(PICTURES_MAX).collect();
    if pictures.is_empty() {
        bail!("there are no pictures to learn from in {}", folder.display());
    }
    Ok(Codebook::learned(&pictures))
}

/// One film drawn with the patches of another.
fn of_clip(folder: &Path) -> Result<Codebook> {
    media::init()?;
    let clip = Clip::load(folder)?;
    let mut decoder = IntraDecoder::new(&clip.bank, clip.meta.canvas)?;
    let count = clip.bank.len().min(PICTURES_MAX);
    let mut pictures = Vec::with_capacity(count);
    for number in 0..count {
        let unit = number * clip.bank.len() / count;
        let picture = decoder.decode(AccessUnitIndex(unit as u32))?;
        let (width, height) = (picture.width(), picture.height());
        let pixels = decay::unpacked(picture).pixels.into_flattened();
        pictures.push(RgbImage::from_raw(width, height, pixels).context("no pixels")?);
    }
    Ok(Codebook::learned(&pictures))
}
