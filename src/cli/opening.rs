//! What is to be played: a set's file with the shaders beside it, the demo, or clips that were named.

use crate::{
    decay::Shelf,
    params::Registry,
    set::{self, ClipEntry, Set, SetError},
};
use anyhow::{Context, Result, bail};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where the demo lies, from the folder the program is started in.
pub const DEMO: &str = "presets/demo/demo.toml";

/// A set, and the shaders beside it, whose rows are declared.
pub struct Opened {
    pub set: Set,
    pub shelf: Option<Shelf>,
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
pub fn is_set_file(clips: &[PathBuf]) -> bool {
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

/// Reads a set file as far as it can be taken: after a crash, or without its shaders. `is_safe` leaves
/// its shaders out.
pub fn open_leniently(registry: &Arc<Registry>, path: &Path, is_safe: bool) -> Result<Opened> {
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

/// Where a set keeps its grabbed pictures: beside its file. Nothing is written beside the demo.
pub fn grab_folder(clips: &[PathBuf]) -> Option<PathBuf> {
    let [path] = clips else { return None };
    (is_set_file(clips) && !is_demo(clips)).then(|| set::grab_folder(path))
}
