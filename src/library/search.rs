//! Sources that are not where a set says: found by what they hold, or by their name.

use super::{Entry, Library};
use crate::{media::hash_file, units::Canvas};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How deep folders are looked into: a folder of shows with a folder of videos each, and some more.
const DEPTH: usize = 4;

/// Files that are looked at in all: a folder such as `/` must not hold a start up for minutes.
const FILES: usize = 20_000;

/// Bytes of other files that are read to compare what they hold: some ten seconds of a disk.
const BYTES: u64 = 4 << 30;

/// A source that is not there.
#[derive(Clone, Copy, Debug)]
pub struct Lost<'a> {
    /// Where it was.
    pub path: &'a Path,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits, where that is known.
    pub hash: Option<&'a str>,
}

/// Looks for a source in these folders: a file of its name, with what it held where that is known;
/// else one of another name that holds the same.
pub fn find_source(lost: Lost<'_>, folders: &[PathBuf]) -> Option<PathBuf> {
    let mut files = Vec::new();
    for folder in folders {
        gather(folder, DEPTH, &mut files);
    }
    let holds =
        |file: &Path| lost.hash.is_none_or(|hash| hash_file(file).is_ok_and(|found| found == hash));
    let is_named = |file: &&PathBuf| file.file_name() == lost.path.file_name();
    if let Some(file) = files.iter().filter(is_named).find(|file| holds(file)) {
        return Some(file.clone());
    }
    lost.hash?;
    let mut bytes = BYTES;
    let is_alike = |file: &&PathBuf| !is_named(file) && file.extension() == lost.path.extension();
    let mut others = files.iter().filter(is_alike).take_while(|file| {
        let length = fs::metadata(file).map_or(0, |facts| facts.len());
        let is_affordable = length <= bytes;
        bytes = bytes.saturating_sub(length);
        is_affordable
    });
    others.find(|file| holds(file)).cloned()
}

impl Library {
    /// The clip that was imported from a source at this canvas: by what it held, or, where that is not
    /// known, by where it was. The backward source, where there was one, must be the same as well.
    pub fn find_import(
        &self,
        lost: Lost<'_>,
        backward: Option<Lost<'_>>,
        canvas: Canvas,
    ) -> Option<PathBuf> {
        let is_it = |lost: Lost<'_>, path: &str, hash: &str| match lost.hash {
            Some(known) => known == hash,
            None => std::path::absolute(lost.path).is_ok_and(|lost| lost == Path::new(path)),
        };
        let fits = |entry: &Entry| {
            let meta = entry.meta().filter(|meta| meta.canvas == canvas);
            meta.is_some_and(|meta| {
                let back = (backward, meta.backward_path.as_deref(), meta.backward_hash.as_deref());
                is_it(lost, &meta.source_path, &meta.source_hash)
                    && match back {
                        (None, _, None) => true,
                        (Some(lost), Some(path), Some(hash)) => is_it(lost, path, hash),
                        _ => false,
                    }
            })
        };
        let mut entries = self.entries().ok()?;
        entries.retain(fits);
        // Imported twice, with other settings perhaps: the one that was played last.
        entries.into_iter().max_by_key(|entry| entry.last_used).map(|entry| entry.folder)
    }
}

/// The files of a folder and of those in it, by name.
fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let (folders, found): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
    files.extend(found.into_iter().filter(|path| path.is_file()));
    files.truncate(FILES);
    if depth > 0 && files.len() < FILES {
        folders.iter().for_each(|folder| gather(folder, depth - 1, files));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XXH3-128 of no bytes, as the algorithm's own test vectors have it (seed 0).
    const OF_NOTHING: &str = "99aa06d3014798d86001c324468d497f";

    #[test]
    fn a_source_is_found_by_what_it_holds_and_else_by_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).expect("made");
        fs::write(folder.path().join("clip.mp4"), "another clip").expect("written");
        fs::write(deep.join("clip.mp4"), "").expect("written");
        fs::write(deep.join("renamed.mp4"), "").expect("written");
        let folders = [folder.path().to_owned()];
        let find = |name: &str, hash| find_source(Lost { path: Path::new(name), hash }, &folders);
        assert_eq!(find("gone/clip.mp4", None), Some(folder.path().join("clip.mp4")));
        assert_eq!(find("gone/clip.mp4", Some(OF_NOTHING)), Some(deep.join("clip.mp4")));
        fs::remove_file(deep.join("clip.mp4")).expect("removed");
        assert_eq!(find("gone/clip.mp4", Some(OF_NOTHING)), Some(deep.join("renamed.mp4")));
        assert_eq!(find("gone/clip.mov", Some(OF_NOTHING)), None, "another kind of file");
        assert_eq!(find("gone/other.mp4", None), None, "nothing to know it by");
        assert_eq!(find("gone/clip.mp4", Some("00")), None, "another clip of that name");
    }
}
