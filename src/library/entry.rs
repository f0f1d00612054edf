//! What is in the library: one entry per folder, whole or damaged, read anew each time.

use super::{Library, LibraryError, claim, is_address, recipe::Recipe, short_name};
use crate::clip::{CLIP_TOML, Clip, ClipError, Meta, StreamFile, StreamMeta};
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Whether a clip can be played.
#[derive(Debug)]
pub enum State {
    /// All its files are there in full length.
    Whole(Box<Meta>),
    /// Something is missing; the reason says what and what to do.
    Damaged(ClipError),
}

/// A clip folder.
#[derive(Debug)]
pub struct Entry {
    /// Where it is.
    pub folder: PathBuf,
    /// What it is called: title, source without ending, or the digits of its folder.
    pub name: String,
    /// Whole or damaged.
    pub state: State,
    /// Bytes of all files in it.
    pub bytes: u64,
    /// When it was loaded last; where it never was, when it was imported.
    pub last_used: Option<SystemTime>,
    pub(super) recipe: Option<Recipe>,
}

impl Entry {
    /// Reads what is in a folder. Looks at lengths only: [`Entry::verify`] looks at the bytes.
    pub fn read(folder: &Path) -> Self {
        let recipe = Recipe::read(folder);
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let bytes = files.filter_map(|file| file.metadata().ok()).map(|facts| facts.len()).sum();
        Self {
            name: recipe.as_ref().map_or_else(|| short_name(folder), Recipe::name),
            state: check(folder).map_or_else(State::Damaged, |meta| State::Whole(Box::new(meta))),
            bytes,
            last_used: claim::last_used(folder),
            recipe,
            folder: folder.to_owned(),
        }
    }

    /// The name of its folder.
    pub fn id(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The first digits of its folder's name: enough to name it by.
    pub fn short_id(&self) -> String {
        short_name(&self.folder)
    }

    /// The facts, where it is whole.
    pub fn meta(&self) -> Option<&Meta> {
        match &self.state {
            State::Whole(meta) => Some(meta),
            State::Damaged(_) => None,
        }
    }

    /// Words that the person finds it by.
    pub fn tags(&self) -> &[String] {
        self.recipe.as_ref().map_or(&[], |recipe| &recipe.tags)
    }

    /// Reads every stream and compares it with its checksum.
    ///
    /// # Errors
    /// The first file that is missing or not what was written.
    pub fn verify(&self) -> Result<(), ClipError> {
        Clip::load(&self.folder)?.verify()
    }
}

/// The facts of a folder whose files are all there in full length.
pub(super) fn check(folder: &Path) -> Result<Meta, ClipError> {
    let meta = Meta::read(folder)?;
    let encoder = meta.coding.encoder;
    let is_there = |file: StreamFile, facts: &StreamMeta| {
        let path = folder.join(file.file_name(encoder));
        match fs::metadata(&path) {
            Ok(found) if found.len() == facts.bytes => Ok(()),
            Ok(_) => Err(ClipError::Damaged { path, what: "its length" }),
            Err(source) => Err(ClipError::Read { path, source }),
        }
    };
    is_there(StreamFile::Forward, &meta.forward)?;
    is_there(StreamFile::Backward, &meta.backward)?;
    is_there(StreamFile::Intra, &meta.intra)?;
    is_there(StreamFile::IntraBackward, &meta.intra_backward)?;
    Ok(meta)
}

impl Library {
    /// Every clip in it, by name. Folders that are no clips are left out.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, LibraryError> {
        let folders = fs::read_dir(&self.root)
            .map_err(|source| LibraryError::Unreadable { path: self.root.clone(), source })?;
        let mut entries: Vec<Entry> = folders
            .flatten()
            .filter(|folder| {
                let name = folder.file_name();
                let name = name.to_string_lossy();
                let is_clip = is_address(&name) || folder.path().join(CLIP_TOML).exists();
                folder.path().is_dir() && !name.starts_with('.') && is_clip
            })
            .map(|folder| Entry::read(&folder.path()))
            .collect();
        entries.sort_by(|a, b| (&a.name, &a.folder).cmp(&(&b.name, &b.folder)));
        Ok(entries)
    }
}
