//! Clips of a set whose sources are not where the set says.

use super::{material::open_library, opening::set_file, options::SceneOptions};
use crate::{
    library::{Lost, find_source},
    set::ClipEntry,
    units::Canvas,
};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Finds them: in the library, in the set's folder, in those of `--search`; and says so. What is not
/// found stays as it is, for a neighbour to stand in.
pub fn find(clips: &mut [ClipEntry], options: &SceneOptions, canvas: Canvas) -> Result<()> {
    let is_gone = |path: &PathBuf| !path.exists();
    let is_lost =
        |clip: &ClipEntry| is_gone(&clip.path) || clip.backward.as_ref().is_some_and(is_gone);
    if !clips.iter().any(is_lost) {
        return Ok(());
    }
    let library = open_library(&options.conform)?;
    let beside = set_file(&options.clips).and_then(Path::parent).map(|folder| match folder {
        // A set that is named without a folder lies in the working folder.
        folder if folder.as_os_str().is_empty() => PathBuf::from("."),
        folder => folder.to_owned(),
    });
    let folders: Vec<PathBuf> = beside.into_iter().chain(options.search.iter().cloned()).collect();
    for (place, clip) in clips.iter_mut().enumerate().filter(|(_, clip)| is_lost(clip)) {
        let number = place + 1;
        let name = clip.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lost = Lost { path: &clip.path, hash: clip.hash.as_deref() };
        let backward =
            clip.backward.as_ref().map(|path| Lost { path, hash: clip.backward_hash.as_deref() });
        if let Some(folder) = library.find_import(lost, backward, canvas) {
            eprintln!(
                "residua: clip {number}, {name}, is not there any more: it plays from the library"
            );
            (clip.path, clip.backward) = (folder, None);
            continue;
        }
        let find = |lost: Lost<'_>| match lost.path.exists() {
            true => Some(lost.path.to_owned()),
            false => find_source(lost, &folders),
        };
        let (forward, backward) = (find(lost), backward.map(find));
        match (forward, backward) {
            (Some(forward), None) => clip.path = forward,
            (Some(forward), Some(Some(backward))) => {
                (clip.path, clip.backward) = (forward, Some(backward));
            }
            // Who loads it says so.
            _ => continue,
        }
        eprintln!("residua: clip {number}, {name}, is not there: {} is taken", clip.path.display());
    }
    Ok(())
}
