//! Finds what a take was played with where it is now: at its old place, in the library, beside the
//! take or in the folders of `--search`. Pictures and hashes judge, never names.

use super::compare_shaders;
use crate::{
    cli::{interrupt, options::ConformOptions},
    clip::{CLIP_TOML, Meta},
    library::{CLIPS, Library, Loaded, Lost, State, Tell, find_source},
    media::ImportRequest,
    set::{ClipEntry, SHADERS},
    take::format::ClipFacts,
    units::Canvas,
};
use anyhow::{Context, Result, bail};
use std::{
    collections::HashMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

/// Where the folders of a set lie that a take belongs to: with it, or around its folder of takes.
const AROUND: [&str; 2] = ["", ".."];

/// The folder of a take.
fn folder_of(take: &Path) -> &Path {
    // A take that is named without a folder lies in the working folder.
    take.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A take's folder, and folders of this name around it and in those of `--search`.
fn places(take: &Path, search: &[PathBuf], name: &str) -> Vec<PathBuf> {
    let here = folder_of(take);
    let around = AROUND.iter().map(|around| here.join(around).join(name));
    let searched = search.iter().flat_map(|folder| [folder.clone(), folder.join(name)]);
    [here.to_owned()].into_iter().chain(around).chain(searched).collect()
}

/// The folder of a take's shaders: where they were, or else the first one that holds the very same;
/// without one, where they were.
pub(super) fn shader_folder(
    take: &Path,
    search: &[PathBuf],
    then: &str,
    shaders: &[(String, String)],
) -> String {
    if compare_shaders(then, shaders).is_none() {
        return then.to_owned();
    }
    let others = places(take, search, SHADERS).into_iter().map(|folder| super::absolute(&folder));
    let mut others = others.filter(|folder| Path::new(folder).is_dir());
    others.find(|folder| compare_shaders(folder, shaders).is_none()).unwrap_or(then.to_owned())
}

/// Finds clips by their fingerprints.
pub(super) struct Finder<'a> {
    library: &'a Library,
    /// Clips in the library and in clip folders near the take.
    by_fingerprint: HashMap<String, PathBuf>,
    /// Where sources are looked for that are gone.
    folders: Vec<PathBuf>,
    /// The clips as the take's set has them, which says how they were imported.
    entries: Vec<ClipEntry>,
    conform: &'a ConformOptions,
    canvas: Canvas,
    played: Canvas,
    is_lenient: bool,
}

impl<'a> Finder<'a> {
    /// Looks through the library and near the take. `canvases` are the one that is wanted and the one
    /// that was played at.
    pub(super) fn new(
        library: &'a Library,
        (take, search): (&Path, &[PathBuf]),
        entries: Vec<ClipEntry>,
        conform: &'a ConformOptions,
        (canvas, played): (Canvas, Canvas),
        is_lenient: bool,
    ) -> Result<Self> {
        let known = library.entries()?.into_iter();
        let known = known.filter_map(|entry| match &entry.state {
            State::Whole(meta) => Some((meta.fingerprint(), entry.folder)),
            State::Damaged(_) => None,
        });
        let mut by_fingerprint: HashMap<_, _> = known.collect();
        let folders = places(take, search, CLIPS);
        for folder in folders.iter().flat_map(|folder| clip_folders(folder)) {
            if let Ok(meta) = Meta::read(&folder) {
                by_fingerprint.entry(meta.fingerprint()).or_insert(folder);
            }
        }
        Ok(Self { library, by_fingerprint, folders, entries, conform, canvas, played, is_lenient })
    }

    /// A clip of the take: from its clip folder, or imported again from its source.
    ///
    /// # Errors
    /// It is missing or has changed, unless what is there is wanted; or cannot be read.
    pub(super) fn load(&self, facts: &ClipFacts) -> Result<Loaded> {
        let quit = interrupt::flag()?;
        let mut tell = |_| match quit.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let at = Path::new(&facts.path);
        let named = Meta::read(at).ok().filter(|_| at.join(CLIP_TOML).is_file());
        let known = match &named {
            Some(meta) if meta.fingerprint() == facts.fingerprint => Some(at.to_owned()),
            _ => self.by_fingerprint.get(&facts.fingerprint).cloned(),
        };
        if let Some(folder) = known {
            return self.at_canvas(facts, &folder, &mut tell);
        }
        let ClipFacts { name, path, .. } = facts;
        let (what, folder) = if named.is_some() {
            let what = format!("the clip {name} is not as it was played: {path} has changed");
            (what, at.to_owned())
        } else if let Some(request) = self.request(at)? {
            let source = request.source.display();
            let loaded = self.library.load(&request, &mut tell).with_context(|| {
                format!("the clip {name} cannot be imported again from {source}")
            })?;
            if loaded.clip.meta.fingerprint() == facts.fingerprint {
                eprintln!("residua: the clip {name} was not at hand: {source} is imported again");
                return self.at_canvas(facts, &loaded.folder, &mut tell);
            }
            let what = format!(
                "the clip {name} is not as it was played: {source}, imported again, gives another clip; \
                 it has changed, or was imported otherwise (ask for the same --fit, --encoder, --mosh \
                 and --gop)"
            );
            (what, loaded.folder)
        } else {
            bail!(
                "the clip {name} is missing: {path} is not there, nor the clip in the library or \
                 beside the take (--search names the folder that it is in)"
            );
        };
        if !self.is_lenient {
            bail!("{what} (--anyway plays what is there)");
        }
        eprintln!("residua: {what}");
        self.at_canvas(facts, &folder, &mut tell)
    }

    /// How a clip is imported again from its source, at the canvas of the take; nothing where the
    /// source is not found.
    fn request(&self, at: &Path) -> Result<Option<ImportRequest>> {
        let entry = self
            .entries
            .iter()
            .find(|entry| std::path::absolute(&entry.path).is_ok_and(|path| path == at));
        let mut entry = entry.cloned().unwrap_or_else(|| ClipEntry::of(at.to_owned()));
        // Of a numbered sequence only its pattern is named, which is no file.
        let is_pattern =
            at.to_string_lossy().contains('%') && at.parent().is_some_and(Path::is_dir);
        let there = |path: &Path, hash: Option<&str>| match path.exists() {
            true => Some(path.to_owned()),
            false => find_source(Lost { path, hash }, &self.folders),
        };
        match there(at, entry.hash.as_deref()) {
            Some(source) => entry.path = source,
            None if is_pattern => entry.path = at.to_owned(),
            None => return Ok(None),
        }
        if let Some(backward) = entry.backward.take() {
            let Some(found) = there(&backward, entry.backward_hash.as_deref()) else {
                bail!("the backward source {} is missing", backward.display());
            };
            entry.backward = Some(found);
        }
        self.conform.request(&entry, self.played).map(Some)
    }

    /// A clip of this folder, imported again where another canvas is wanted.
    fn at_canvas(&self, facts: &ClipFacts, folder: &Path, tell: &mut Tell) -> Result<Loaded> {
        if self.canvas == self.played {
            return Ok(self.library.load_folder(folder, tell)?);
        }
        let meta = Meta::read(folder)?;
        let request = ImportRequest { canvas: self.canvas, ..ImportRequest::from_meta(&meta) };
        let loaded = self.library.load(&request, tell);
        loaded.with_context(|| format!("the clip {} cannot be had at {}", facts.name, self.canvas))
    }
}

/// A folder, if it is that of a clip, and the clip folders in it.
fn clip_folders(folder: &Path) -> Vec<PathBuf> {
    let inner = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = inner.chain([folder.to_owned()]).collect();
    folders.retain(|folder| folder.join(CLIP_TOML).is_file());
    folders.sort();
    folders
}
