//! The folder of a set's shaders: what is in it, and what of it is in play.

use super::{
    Fault, ShaderChange, USER_STAGES, Workbench,
    header::{Header, is_name},
    rows::{Texts, rows},
    source::Source,
    stage::{ENTRY, UserStage, common, manner},
};
use crate::{
    decay::rack::Slot,
    gpu::{ShaderError, compute_pipeline},
    params::{ParamIndex, ParamSpec, Registry, RegistryError},
};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// What a shader's file name ends in.
const ENDING: &str = "wgsl";

/// Larger files are no shaders.
const TEXT_MAX: u64 = 1 << 18;

/// What is wrong with a shader, in one line; `file` is its path from the set.
#[derive(Debug, thiserror::Error)]
pub enum UserShaderError {
    /// The folder is there, but cannot be looked into.
    #[error("the folder {folder} cannot be read: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be read, or is no text.
    #[error("{file} cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// More than a shader.
    #[error("{file} is too large for a shader: {} KiB is the most", TEXT_MAX >> 10)]
    Large {
        /// The file.
        file: String,
    },
    /// Its name would be part of ids.
    #[error(
        "{file} cannot be a stage: its name goes into parameters: begin with a-z, go on with a-z, \
         0-9 and _, such as soft_glow.wgsl"
    )]
    Name {
        /// The file.
        file: String,
    },
    /// All places are taken.
    #[error("{file} has no place: a set has {USER_STAGES} shaders at most")]
    Many {
        /// The file.
        file: String,
    },
    /// A mistake in the text.
    #[error("{file}, line {line}: {why}")]
    Line {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// Its rows cannot be declared.
    #[error("{file}: {source}; name the parameter or the file otherwise")]
    Rows {
        /// The file.
        file: String,
        /// Why.
        source: RegistryError,
    },
    /// This device does not take it.
    #[error("{file}: {source}")]
    Device {
        /// The file.
        file: String,
        /// Why.
        source: ShaderError,
    },
}

/// What a look at the folder brought.
#[derive(Debug, Default)]
pub struct ShaderNews {
    /// For the chain, in this order.
    pub changes: Vec<ShaderChange>,
    /// One line for each shader that came, changed or went.
    pub lines: Vec<String>,
    /// What is wrong: what was in play before still is.
    pub problems: Vec<UserShaderError>,
}

/// When a file was written, and how long it is; `None` = it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// The files that are there, by name.
type Stamps = BTreeMap<String, (SystemTime, u64)>;

/// What is known of a file.
#[derive(Debug, Default)]
struct File {
    /// At the last look.
    seen: Option<Stamp>,
    /// When it was last dealt with.
    done: Option<Stamp>,
    rows: Vec<ParamIndex>,
    place: Option<usize>,
    lacks: Option<Lack>,
}

/// All that a file lacks: when that is free it is dealt with again.
#[derive(Clone, Copy, Debug)]
enum Lack {
    /// One of the places in the chain.
    Place,
    /// The id of a row that another file has.
    Row(&'static str),
}

/// A shader that holds, with its rows.
struct Read {
    header: Header,
    source: Source,
    rows: Vec<ParamSpec>,
}

/// The shaders of a set. Reads files and makes pipelines: not for the engine thread.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    registry: Arc<Registry>,
    texts: Texts,
    /// By the file's name.
    files: BTreeMap<String, File>,
    is_folder_bad: bool,
}

impl Shelf {
    /// A folder that may not be there yet.
    pub fn new(folder: &Path, registry: Arc<Registry>) -> Self {
        Self {
            folder: folder.to_owned(),
            registry,
            texts: Texts::default(),
            files: BTreeMap::new(),
            is_folder_bad: false,
        }
    }

    /// Declares the rows of all shaders, so that a set can name them before there is a device. Even a
    /// shader with a mistake has its rows if its head is right. Returns what is wrong.
    pub fn declare(&mut self) -> Vec<UserShaderError> {
        let mut problems = Vec::new();
        let stamps = self.list().unwrap_or_else(|error| {
            problems.push(error);
            Stamps::new()
        });
        for name in stamps.keys() {
            let declared = self.text(name).and_then(|text| {
                let line =
                    |Fault { line, why }| UserShaderError::Line { file: file(name), line, why };
                let header = Header::parse(stem(name), &text).map_err(line)?;
                let rows = rows(stem(name), &header, &mut self.texts);
                self.declare_rows(name, &rows)?;
                Source::new(&text, &header).map(|_| ()).map_err(line)
            });
            problems.extend(declared.err());
        }
        problems
    }

    /// Number of shaders in the folder, whole or not.
    pub fn len(&self) -> usize {
        self.list().map_or(0, |stamps| stamps.len())
    }

    /// Whether there is no shader in the folder.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks what has come, changed and gone. While playing (`is_patient`) a file is dealt with once
    /// it was the same at two looks, so that nothing is read while it is being written.
    pub fn look(&mut self, bench: &Workbench, is_patient: bool) -> ShaderNews {
        let mut news = ShaderNews::default();
        let stamps = match self.list() {
            Ok(stamps) => stamps,
            Err(error) => {
                if !std::mem::replace(&mut self.is_folder_bad, true) {
                    news.problems.push(error);
                }
                return news;
            }
        };
        self.is_folder_bad = false;
        // What has gone leaves first, so that its place is free for what has come: a file that was
        // renamed, or one that has waited.
        let is_gone = |name: &&String| !stamps.contains_key(*name);
        let gone: Vec<String> = self.files.keys().filter(is_gone).cloned().collect();
        for name in gone.into_iter().chain(stamps.keys().cloned()) {
            let stamp: Stamp = stamps.get(&name).copied();
            let is_free = self.free_place().is_some();
            let file = self.files.entry(name.clone()).or_default();
            let is_settled = file.seen.replace(stamp) == Some(stamp);
            let is_due = file.lacks.is_some_and(|lack| match lack {
                Lack::Place => is_free,
                Lack::Row(id) => self.registry.find(id).is_none(),
            });
            let is_done = file.done == Some(stamp) && !is_due;
            if is_done || (is_patient && !is_settled) {
                continue;
            }
            file.done = Some(stamp);
            file.lacks = None;
            let dealt_with = match stamp {
                Some(_) => self.take_in(&name, bench).map(Some),
                None => self.take_out(&name),
            };
            match dealt_with {
                Ok(change) => {
                    let what = if stamp.is_some() { "is in play" } else { "is gone" };
                    news.lines
                        .extend(change.is_some().then(|| format!("{} {what}", self::file(&name))));
                    news.changes.extend(change);
                }
                Err(problem) => news.problems.push(problem),
            }
        }
        news
    }

    fn take_in(&mut self, name: &str, bench: &Workbench) -> Result<ShaderChange, UserShaderError> {
        let text = self.text(name)?;
        let Read { header, source, rows } = self.read(name, &text)?;
        let place = self.place_for(name)?;
        let groups = bench.layouts.groups();
        let pipeline = compute_pipeline(&bench.gpu, stem(name), &source.wgsl, ENTRY, &groups)
            .map_err(|source| UserShaderError::Device { file: file(name), source })?;
        // Only now: a shader that does not hold must not change the rows of the one in play.
        let places = self.declare_rows(name, &rows)?;
        let stage = UserStage::new(stem(name), &header, &rows, &places);
        let slot = common(header.params.len(), &places).map(|common| Slot {
            manner: manner(source.reads_worn),
            common,
            stage: Box::new(stage),
        });
        if let Some(file) = self.files.get_mut(name) {
            file.place = Some(place);
        }
        Ok(ShaderChange { place, slot, pipelines: vec![pipeline] })
    }

    /// A file has gone: its rows go, and its stage.
    fn take_out(&mut self, name: &str) -> Result<Option<ShaderChange>, UserShaderError> {
        self.declare_rows(name, &[])?;
        let place = self.files.get_mut(name).and_then(|file| file.place.take());
        Ok(place.map(|place| ShaderChange { place, slot: None, pipelines: Vec::new() }))
    }

    fn read(&mut self, name: &str, text: &str) -> Result<Read, UserShaderError> {
        let line = |Fault { line, why }| UserShaderError::Line { file: file(name), line, why };
        let header = Header::parse(stem(name), text).map_err(line)?;
        let source = Source::new(text, &header).map_err(line)?;
        let rows = rows(stem(name), &header, &mut self.texts);
        Ok(Read { header, source, rows })
    }

    fn declare_rows(
        &mut self,
        name: &str,
        rows: &[ParamSpec],
    ) -> Result<Vec<ParamIndex>, UserShaderError> {
        let known = self.files.entry(name.to_owned()).or_default();
        match self.registry.replace(&known.rows, rows) {
            Ok(places) => {
                known.rows.clone_from(&places);
                Ok(places)
            }
            Err(source) => {
                if let RegistryError::Twice(id) = source
                    && self.registry.find(id).is_some_and(|other| !known.rows.contains(&other))
                {
                    known.lacks = Some(Lack::Row(id));
                }
                Err(UserShaderError::Rows { file: file(name), source })
            }
        }
    }

    /// The place that a file has, or the first that is free.
    fn place_for(&mut self, name: &str) -> Result<usize, UserShaderError> {
        let own = self.files.get(name).and_then(|file| file.place);
        let place = own.or_else(|| self.free_place());
        if let Some(file) = self.files.get_mut(name) {
            file.lacks = place.is_none().then_some(Lack::Place);
        }
        place.ok_or_else(|| UserShaderError::Many { file: file(name) })
    }

    fn free_place(&self) -> Option<usize> {
        let is_free = |place: &usize| self.files.values().all(|file| file.place != Some(*place));
        (0..USER_STAGES).find(is_free)
    }

    fn list(&self) -> Result<Stamps, UserShaderError> {
        let bad = |source| UserShaderError::Folder { folder: self.folder.clone(), source };
        stamps_in(&self.folder).map_err(bad)
    }

    fn text(&self, name: &str) -> Result<String, UserShaderError> {
        if !is_name(stem(name)) {
            return Err(UserShaderError::Name { file: file(name) });
        }
        let bad = |source| UserShaderError::Read { file: file(name), source };
        let path = self.folder.join(name);
        if fs::metadata(&path).map_err(bad)?.len() > TEXT_MAX {
            return Err(UserShaderError::Large { file: file(name) });
        }
        fs::read_to_string(&path).map_err(bad)
    }
}

/// The shaders in a folder; none where it cannot be read.
pub fn shader_files(folder: &Path) -> Vec<PathBuf> {
    let names = stamps_in(folder).unwrap_or_default().into_keys();
    names.map(|name| folder.join(name)).collect()
}

/// The shaders in a folder by name; none where it is not there. Hidden files are those of editors.
fn stamps_in(folder: &Path) -> io::Result<Stamps> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Stamps::new()),
        Err(error) => return Err(error),
    };
    let mut stamps = Stamps::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_shader = path.extension().is_some_and(|ending| ending == ENDING);
        // What went meanwhile is not there.
        if let (true, false, Ok(meta)) = (is_shader, name.starts_with('.'), fs::metadata(&path))
            && meta.is_file()
        {
            let written = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            stamps.insert(name, (written, meta.len()));
        }
    }
    Ok(stamps)
}

/// The file as a person reads it, from the set.
fn file(name: &str) -> String {
    format!("shaders/{name}")
}

/// The shader's name.
fn stem(name: &str) -> &str {
    name.strip_suffix(ENDING).and_then(|name| name.strip_suffix('.')).unwrap_or(name)
}
