//! A set with everything it needs in one folder, to be played elsewhere.
//!
//! Copies clip folders, stills, lists of positions, presets, shaders and grabbed pictures, and rewrites the
//! paths in the set; everything else in it stays as it was written, comments included. The folder is
//! filled beside its place and renamed, so it is complete or not there.

use super::{
    claim::Claim,
    recipe::Recipe,
    set_text::{Place, SetText, Source},
    short_name,
    staging::Staging,
};
use crate::{
    clip::{self, Clip, ClipError, Meta, StreamFile},
    decay,
    set::{self, Named, PRESETS, PresetPlaces},
    units::Canvas,
};
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// What the folder of a collected set's clips is called.
pub const CLIPS: &str = "clips";

/// Where everything else is in a collected set.
const POSITIONS: &str = "positions";
const STILLS: &str = "stills";
const TABLES: &str = "tables";
const SOURCES: &str = "sources";

/// What goes into the folder.
#[derive(Clone, Copy, Debug)]
pub struct Collected<'a> {
    /// The set's file.
    pub set: &'a Path,
    /// The clip folders of its clips, in the set's order.
    pub folders: &'a [PathBuf],
    /// Their sources and backward sources, in the same order, where these go along.
    pub sources: &'a [Vec<PathBuf>],
    /// Presets that go along, besides those that the set lists and those beside it.
    pub presets: &'a [PathBuf],
    /// Where those are that it lists.
    pub places: &'a PresetPlaces,
    /// The canvas that the clips were imported at.
    pub canvas: Canvas,
    /// Whether clip folders are copied; else the new set names their sources, and what those hold.
    pub is_with_clips: bool,
}

/// Why a set was not collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// There is something in the folder already.
    #[error("{0} is not empty: name a folder that is not there yet")]
    NotEmpty(PathBuf),
    /// The set cannot be read any more.
    #[error("the set {path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The set is no TOML any more.
    #[error("the set {path} changed while it was collected: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        why: String,
    },
    /// A file could not be copied.
    #[error("{from} could not be copied to {to}: {source}")]
    Copy {
        /// What.
        from: PathBuf,
        /// Where to.
        to: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder cannot be written.
    #[error("{path} cannot be written ({source}): collect somewhere else")]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A clip is damaged, here or in the copy.
    #[error(transparent)]
    Clip(#[from] ClipError),
    /// Somebody wanted no more of it.
    #[error("stopped: nothing was left behind")]
    Stopped,
}

/// Makes `folder` with the set and all that it needs; returns the new set's file. `is_stopped` is
/// asked between files.
///
/// # Errors
/// See [`CollectError`]. `folder` is then as it was.
pub fn collect(
    what: &Collected<'_>,
    folder: &Path,
    is_stopped: &dyn Fn() -> bool,
) -> Result<PathBuf, CollectError> {
    let write = |source| CollectError::Write { path: folder.to_owned(), source };
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(CollectError::NotEmpty(folder.to_owned()));
            }
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(write(error)),
        Err(_) => {}
    }
    let folder = std::path::absolute(folder).map_err(write)?;
    let staging = Staging::beside(&folder).map_err(write)?;
    let copier = Copier { staging: staging.path(), is_stopped };
    let mut places = Vec::with_capacity(what.folders.len());
    for (number, clip) in what.folders.iter().enumerate() {
        if !what.is_with_clips {
            places.push(sources(clip)?);
            continue;
        }
        let sources = what.sources.get(number).map_or(&[][..], Vec::as_slice);
        places.push(Place::Folder(copier.clip(clip, sources)?));
    }
    let name = what.set.file_name().map_or_else(|| "set.toml".into(), OsString::from);
    let text = fs::read_to_string(what.set)
        .map_err(|source| CollectError::Read { path: what.set.to_owned(), source })?;
    let form = |why| CollectError::Form { path: what.set.to_owned(), why };
    let mut text = SetText::parse(&text).map_err(form)?;
    text.give_clips(&places).map_err(form)?;
    let beside = what.set.parent().unwrap_or(Path::new(""));
    // Presets of one name are one preset: the first.
    let mut shelf = Vec::new();
    text.take_files(&mut |kind, path| {
        let folder = match kind {
            Named::Clip | Named::Backward => return Ok(path.to_owned()),
            Named::Preset => return copier.preset(path, what.places, &mut shelf),
            Named::Positions => POSITIONS,
            Named::Still => STILLS,
            Named::Tables => TABLES,
        };
        let name = copier.file(&beside.join(path), folder)?;
        Ok::<_, CollectError>(format!("{folder}/{name}"))
    })?;
    for preset in set::preset_files(&set::preset_folder(what.set)) {
        if !shelf.contains(&set::preset_name(&preset)) {
            copier.file(&preset, PRESETS)?;
        }
    }
    for preset in what.presets {
        copier.file(preset, PRESETS)?;
    }
    let grabs = set::grab_folder(Path::new(&name));
    for grab in clip::grab_files(&set::grab_folder(what.set)) {
        copier.file(&grab, &grabs.to_string_lossy())?;
    }
    for shader in decay::shader_files(&set::shader_folder(what.set)) {
        copier.file(&shader, &set::shader_folder(Path::new(&name)).to_string_lossy())?;
    }
    let text = text.finish(what.canvas);
    fs::write(staging.path().join(&name), text).map_err(write)?;
    fs::rename(staging.path(), &folder).map_err(write)?;
    Ok(folder.join(name))
}

/// What the clip in a folder was made from, by which it is found on another machine.
fn sources(folder: &Path) -> Result<Place, CollectError> {
    let Meta { source_hash, backward_hash, .. } = Meta::read(folder)?;
    let (forward, backward) =
        Recipe::read(folder).map(|recipe| recipe.sources(folder)).unwrap_or_default();
    let source = |path: PathBuf, hash| {
        let path = std::path::absolute(&path).unwrap_or(path);
        Source { path: path.to_string_lossy().into_owned(), hash }
    };
    let backward = backward.zip(backward_hash).map(|(path, hash)| source(path, hash));
    Ok(Place::Sources(source(forward, source_hash), backward))
}

struct Copier<'a> {
    staging: &'a Path,
    is_stopped: &'a dyn Fn() -> bool,
}

impl Copier<'_> {
    /// Copies a clip folder and looks whether the copy is whole; returns its path from the set.
    fn clip(&self, folder: &Path, sources: &[PathBuf]) -> Result<String, CollectError> {
        let _claim = folder.join(super::claim::USED).exists().then(|| Claim::shared(folder));
        let mut meta = Meta::read(folder)?;
        let place = format!("{CLIPS}/{}-{}", plain(&meta.name()), short_name(folder));
        let target = self.staging.join(&place);
        if target.exists() {
            // The set has this clip twice.
            return Ok(place);
        }
        fs::create_dir_all(&target)
            .map_err(|source| CollectError::Write { path: target.clone(), source })?;
        let streams = [
            StreamFile::Forward,
            StreamFile::Backward,
            StreamFile::Intra,
            StreamFile::IntraBackward,
        ];
        for file in streams {
            let name = file.file_name(meta.coding.encoder);
            self.copy(&folder.join(&name), &target.join(&name))?;
        }
        let mut names = Vec::new();
        for source in sources {
            names.push(self.file(source, SOURCES)?);
        }
        // From the clip's folder, so that it can be imported again wherever the set is.
        if let Some(name) = names.first() {
            meta.source_path = format!("../../{SOURCES}/{name}");
        }
        if let Some(name) = names.get(1) {
            meta.backward_source = Some(name.clone());
        }
        meta.write(&target)?;
        Clip::load(&target)?.verify()?;
        Ok(place)
    }

    /// Copies a preset that the set lists, unless one of its name is on the shelf; returns how it is
    /// listed from now on. A name that is nobody's here may be known elsewhere.
    fn preset(
        &self,
        listed: &str,
        places: &PresetPlaces,
        shelf: &mut Vec<String>,
    ) -> Result<String, CollectError> {
        let is_path = set::is_preset_path(listed);
        let (name, file) = match places.find(listed) {
            Some(found) => found,
            None if is_path => {
                let file = places.set_folder.as_deref().unwrap_or(Path::new("")).join(listed);
                (set::preset_name(&file), Some(file))
            }
            None => return Ok(listed.to_owned()),
        };
        if shelf.contains(&name) {
            return Ok(name);
        }
        if let Some(file) = file {
            self.file(&file, PRESETS)?;
        }
        let listed = if is_path { format!("{PRESETS}/{name}.toml") } else { listed.to_owned() };
        shelf.push(name);
        Ok(listed)
    }

    /// Copies a file into a folder of the collection; returns its name there. One that has the name
    /// already is the same file, or gets a number.
    fn file(&self, from: &Path, folder: &str) -> Result<String, CollectError> {
        let folder = self.staging.join(folder);
        fs::create_dir_all(&folder)
            .map_err(|source| CollectError::Write { path: folder.clone(), source })?;
        let stem = from.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let ending =
            from.extension().map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
        let mut name = format!("{stem}{ending}");
        let mut number = 1;
        while folder.join(&name).exists() {
            if is_alike(from, &folder.join(&name)) {
                return Ok(name);
            }
            name = format!("{stem}-{number}{ending}");
            number += 1;
        }
        self.copy(from, &folder.join(&name))?;
        Ok(name)
    }

    fn copy(&self, from: &Path, to: &Path) -> Result<(), CollectError> {
        if (self.is_stopped)() {
            return Err(CollectError::Stopped);
        }
        let copied = fs::copy(from, to);
        copied.map(|_| ()).map_err(|source| CollectError::Copy {
            from: from.to_owned(),
            to: to.to_owned(),
            source,
        })
    }
}

/// Whether two files have the same content. What cannot be read is not alike.
fn is_alike(one: &Path, other: &Path) -> bool {
    let is_as_long = match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => one.len() == other.len(),
        _ => false,
    };
    is_as_long && matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

/// A name that any file system takes.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '-' };
    name.chars().map(plain).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert_eq!(plain("Blüte: a/b c"), "Blüte--a-b-c");
    }
}
