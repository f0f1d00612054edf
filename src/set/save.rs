//! A set's file that is saved while playing.

use super::{
    clip::ClipEntry,
    text::{SetState, write_state},
};
use crate::{
    files::{free_name, write_aside},
    params::Registry,
    units::Canvas,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

/// What a new set is called where there was none; numbered.
const NEW_NAME: &str = "residua.toml";

/// Why a set was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The file cannot be written.
    #[error("the set {path} cannot be written ({source}): nothing was saved")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is no TOML any more.
    #[error("the set {path} cannot be understood ({why}): nothing was saved")]
    Form {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Where a set was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It was so already.
    AsBefore,
    /// Into its file.
    There(PathBuf),
    /// Beside its file, which somebody else has changed since it was read.
    Beside(PathBuf),
}

/// A set's file, and what stood in it when it was read or written last.
#[derive(Clone, Debug)]
pub struct SetFile {
    path: PathBuf,
    /// What is known to stand in the file; `None` where there is no file yet.
    on_disk: Option<String>,
    text: String,
    /// Where the text goes instead once somebody else has changed the file.
    beside: Option<PathBuf>,
    is_read: bool,
}

impl SetFile {
    /// A file that was read, with its text.
    pub fn read(path: &Path, text: String) -> Self {
        Self {
            path: path.to_owned(),
            on_disk: Some(text.clone()),
            text,
            beside: None,
            is_read: true,
        }
    }

    /// A file that is not there yet, in the working folder; it gets its name when it is saved.
    pub fn new(text: String) -> Self {
        Self { path: PathBuf::from(NEW_NAME), on_disk: None, text, beside: None, is_read: false }
    }

    /// Whether it stands on the disk.
    pub fn is_there(&self) -> bool {
        self.on_disk.is_some()
    }

    /// Whether it is a file that was opened, not one that saving makes.
    pub fn is_read(&self) -> bool {
        self.is_read
    }

    /// Takes the score out of the text: what played by itself was taken over.
    pub fn drop_score(&mut self) {
        if let Ok(mut text) = self.text.parse::<DocumentMut>()
            && text.remove("score").is_some()
        {
            self.text = text.to_string();
        }
    }

    /// Where it is, or would be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a state into it. A file that somebody else has changed is not touched: the text goes
    /// beside it.
    ///
    /// # Errors
    /// The file cannot be written; then it is as it was.
    pub fn save(&mut self, registry: &Registry, state: &SetState) -> Result<Saved, SaveError> {
        let form = |error: toml_edit::TomlError| SaveError::Form {
            path: self.path.clone(),
            why: error.message().lines().next().unwrap_or("not TOML").to_owned(),
        };
        let mut document: DocumentMut = self.text.parse().map_err(form)?;
        write_state(&mut document, registry, state);
        let text = document.to_string();
        if text == self.text && self.on_disk.is_some() {
            return Ok(Saved::AsBefore);
        }
        if self.on_disk.is_none() {
            self.path = free_name(Path::new(NEW_NAME), &|_| false);
        } else if self.beside.is_none() && fs::read_to_string(&self.path).ok() != self.on_disk {
            self.beside = Some(free_name(&self.path.with_extension("saved.toml"), &|_| false));
        }
        let target = self.beside.as_ref().unwrap_or(&self.path);
        let write = |source| SaveError::Write { path: target.clone(), source };
        write_aside(target, text.as_bytes()).map_err(write)?;
        self.text.clone_from(&text);
        if let Some(beside) = &self.beside {
            return Ok(Saved::Beside(beside.clone()));
        }
        self.on_disk = Some(text);
        Ok(Saved::There(self.path.clone()))
    }
}

/// The text of a set of these clips, with paths as they are from the working folder.
pub fn new_text(canvas: Canvas, clips: &[ClipEntry], presets: &[String]) -> String {
    let mut text = DocumentMut::new();
    text.insert("canvas", value(canvas.to_string()));
    if !presets.is_empty() {
        text.insert("presets", value(presets.iter().map(String::as_str).collect::<Array>()));
    }
    let mut tables = ArrayOfTables::new();
    for clip in clips {
        let mut table = Table::new();
        table.insert("path", value(clip.path.display().to_string()));
        if let Some(backward) = &clip.backward {
            table.insert("backward", value(backward.display().to_string()));
        }
        let import = &clip.import;
        let words = [
            ("encoder", import.encoder.map(|encoder| encoder.to_string())),
            ("mosh", import.mosh.map(|mosh| mosh.to_string())),
            ("fit", import.fit.map(|fit| fit.to_string())),
            ("curve", clip.curve.as_ref().map(ToString::to_string)),
        ];
        for (key, word) in words {
            if let Some(word) = word {
                table.insert(key, value(word));
            }
        }
        if let Some(gop) = import.gop {
            table.insert("gop", value(i64::from(gop)));
        }
        if let Some(secs) = import.still_secs {
            table.insert("still_secs", value(secs));
        }
        tables.push(table);
    }
    text.insert("clip", Item::ArrayOfTables(tables));
    text.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;

    const AMOUNT: ParamSpec = ParamSpec::float("wear.amount", "Amount", "", (0.0, 1.0), 0.0);

    fn state(registry: &Registry, amount: f64) -> SetState {
        SetState { values: vec![(registry.index_of(&AMOUNT), amount)], ..SetState::default() }
    }

    #[test]
    fn a_file_that_somebody_else_changed_is_not_touched() {
        let registry = Registry::join(&[&[AMOUNT]]).expect("rows");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("show.toml");
        let text = "# mine\ncanvas = \"64x64@25\"\n";
        fs::write(&path, text).expect("written");
        let mut file = SetFile::read(&path, text.to_owned());
        let saved = file.save(&registry, &state(&registry, 0.5)).expect("saved");
        assert_eq!(saved, Saved::There(path.clone()));
        let mine = format!("{text}\n[values]\n\"wear.amount\" = 0.5\n");
        assert_eq!(fs::read_to_string(&path).expect("read"), mine);
        let again = file.save(&registry, &state(&registry, 0.5)).expect("saved");
        assert_eq!(again, Saved::AsBefore);
        // Somebody writes in it.
        fs::write(&path, "# theirs\n").expect("written");
        let beside = folder.path().join("show.saved.toml");
        let saved = file.save(&registry, &state(&registry, 0.75)).expect("saved");
        assert_eq!(saved, Saved::Beside(beside.clone()));
        assert_eq!(fs::read_to_string(&path).expect("read"), "# theirs\n");
        assert!(fs::read_to_string(&beside).expect("read").contains("0.75"));
        let saved = file.save(&registry, &state(&registry, 0.25)).expect("saved");
        assert_eq!(saved, Saved::Beside(beside), "the same one again");
    }

    #[test]
    fn a_new_set_reads_as_it_was_played() {
        let registry = Registry::join(&[&[AMOUNT]]).expect("rows");
        let mut clip = ClipEntry::of(PathBuf::from("videos/a b.mp4"));
        clip.backward = Some(PathBuf::from("/c.mov"));
        clip.import.gop = Some(250);
        clip.curve = Some("0:0 0.25:1 1:0".parse().expect("a curve"));
        let clips = [clip, ClipEntry::of(PathBuf::from("d.mkv"))];
        let canvas: Canvas = "640x360@25".parse().expect("a canvas");
        let text = new_text(canvas, &clips, &["honey".to_owned()]);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new.toml");
        fs::write(&path, text).expect("written");
        let set = crate::set::Set::read(&registry, &path).expect("a set");
        assert_eq!((set.canvas, set.presets), (Some(canvas), vec!["honey".to_owned()]));
        // Paths are from the set's folder.
        assert_eq!(set.clips[0].path, folder.path().join("videos/a b.mp4"));
        assert_eq!(set.clips[0].backward, clips[0].backward);
        assert_eq!((set.clips[0].import.gop, &set.clips[0].curve), (Some(250), &clips[0].curve));
        assert_eq!(set.clips.len(), 2);
    }
}
