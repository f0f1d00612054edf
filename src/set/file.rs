//! The set file.

use super::{
    clip::{ClipEntry, ClipFile},
    lenient,
    values::{self, Values, ValuesError},
};
use crate::{
    clip::GRAB_SLOTS,
    control::{Mapping, MappingError, Mappings},
    decay::dct::{
        Dct,
        stored::{StoredTablesError, stored_tables},
    },
    modulation::{CurveError, Positions, PositionsError},
    params::{Gesture, Grid, ParamIndex, Registry, SNAPSHOTS, UnknownWord},
    units::{Canvas, CanvasError},
};
use serde::Deserialize;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Changes that enter by themselves at a fixed time.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreEntry {
    /// Seconds from the start.
    pub at_secs: f64,
    /// What is set then.
    pub values: Values,
    /// The line on the screen from then on; empty takes it away.
    pub caption: Option<String>,
}

/// What a performer opens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// Size and rate of the programme, where the set asks for one.
    pub canvas: Option<Canvas>,
    /// The clips, `clip.select` 1 first.
    pub clips: Vec<ClipEntry>,
    /// Where OSC is listened for, if at all.
    pub osc: Option<SocketAddr>,
    /// Who is told by OSC what changes: `HOST:PORT`.
    pub osc_out: Vec<String>,
    /// Where OSCQuery is served, if not at the usual place.
    pub web: Option<SocketAddr>,
    /// Quantisation tables for `decay.dct_table` = file.
    pub tables: Option<Dct>,
    /// Pictures for the slots that can be thrown, by slot from 1.
    pub grabs: Vec<(u8, PathBuf)>,
    /// Starting values.
    pub values: Values,
    /// What controllers move.
    pub mappings: Mappings,
    /// What plays by itself until a person touches something.
    pub score: Vec<ScoreEntry>,
    /// The first presets that can be called by number: names, or paths from the set's folder.
    pub presets: Vec<String>,
    /// Quick looks, by number from 1; what they do not name is neutral in them.
    pub snapshots: Vec<(usize, Values)>,
    /// Rows that presets and snapshots leave alone.
    pub exclude: Vec<ParamIndex>,
    /// What presses do to rows.
    pub gestures: Vec<(ParamIndex, Gesture)>,
    /// What triggers and presses of rows wait for.
    pub quantise: Vec<(ParamIndex, Grid)>,
    /// The file as it was read.
    pub text: String,
    /// What of it could not be taken, where it was read leniently.
    pub remarks: Vec<String>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetFile {
    pub(super) canvas: Option<String>,
    osc: Option<SocketAddr>,
    #[serde(default)]
    osc_out: OneOrMore,
    web: Option<SocketAddr>,
    tables: Option<PathBuf>,
    #[serde(default)]
    clip: Vec<ClipFile>,
    #[serde(default)]
    values: toml::Table,
    #[serde(default)]
    grabs: BTreeMap<String, PathBuf>,
    #[serde(default)]
    mapping: Vec<Mapping>,
    #[serde(default)]
    score: Vec<ScoreFile>,
    #[serde(default)]
    presets: Vec<String>,
    #[serde(default)]
    snapshots: BTreeMap<String, toml::Table>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    gestures: BTreeMap<String, GestureFile>,
}

/// One text, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl From<OneOrMore> for Vec<String> {
    fn from(texts: OneOrMore) -> Self {
        match texts {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        }
    }
}

/// `"mosh.bloom" = "latch"`, or `{ gesture = "latch", quantise = "1 bar" }`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum GestureFile {
    Gesture(String),
    Both { gesture: Option<String>, quantise: Option<String> },
}

impl GestureFile {
    /// The error is a line.
    pub(super) fn read(&self) -> Result<(Option<Gesture>, Option<Grid>), String> {
        fn word<T: FromStr<Err = UnknownWord>>(word: Option<&str>) -> Result<Option<T>, String> {
            word.map(str::parse).transpose().map_err(|error: UnknownWord| error.to_string())
        }
        match self {
            Self::Gesture(gesture) => Ok((word(Some(gesture))?, None)),
            Self::Both { gesture, quantise } => {
                Ok((word(gesture.as_deref())?, word(quantise.as_deref())?))
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScoreFile {
    at_secs: f64,
    #[serde(default)]
    values: toml::Table,
    caption: Option<String>,
}

/// Why a set cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file has another form.
    #[error("the set {path} cannot be understood{}: {why}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Form {
        /// The file.
        path: String,
        /// Where, counted from 1.
        line: Option<usize>,
        /// Why.
        why: String,
    },
    /// Its canvas is none.
    #[error("the set {path}: {source}")]
    Canvas {
        /// The file.
        path: String,
        /// Why.
        source: CanvasError,
    },
    /// A clip cannot be imported like that.
    #[error("the set {path}, clip {clip}: {why}")]
    Import {
        /// The file.
        path: String,
        /// The clip's number, counted from 1.
        clip: usize,
        /// Why.
        why: String,
    },
    /// There is no such slot.
    #[error("the set {path}: there is no slot '{slot}': a set has {} to {}", GRAB_SLOTS.start(), GRAB_SLOTS.end())]
    Slot {
        /// The file.
        path: String,
        /// What was written.
        slot: String,
    },
    /// There is no such snapshot.
    #[error("the set {path}: there is no snapshot '{snapshot}': a set has 1 to {SNAPSHOTS}")]
    Snapshot {
        /// The file.
        path: String,
        /// What was written.
        snapshot: String,
    },
    /// There is no such gesture.
    #[error("the set {path}: the gesture of {id}: {why}")]
    Gesture {
        /// The file.
        path: String,
        /// The parameter.
        id: String,
        /// Why.
        why: String,
    },
    /// A clip's curve is none.
    #[error("the set {path}: {source}")]
    Curve {
        /// The file.
        path: String,
        /// Why.
        source: CurveError,
    },
    /// A clip's list of positions cannot be had.
    #[error("the list of positions {path}: {source}")]
    Positions {
        /// The list's file.
        path: String,
        /// Why.
        source: PositionsError,
    },
    /// A JPEG file's quantisation tables cannot be had.
    #[error("the tables of {path}: {source}")]
    Tables {
        /// The JPEG file.
        path: String,
        /// Why.
        source: StoredTablesError,
    },
    /// A mapping in it moves nothing.
    #[error("the set {path}: {source}")]
    Mapping {
        /// The file.
        path: String,
        /// Why.
        source: MappingError,
    },
    /// A value in it is none.
    #[error("the set {path}: {source}")]
    Values {
        /// The file.
        path: String,
        /// Why.
        source: ValuesError,
    },
}

/// The folder in which a set keeps its grabbed pictures: beside its file, by the same name.
pub fn grab_folder(set: &Path) -> PathBuf {
    set.with_extension("grabs")
}

/// What the folder of a set's shaders is called.
pub const SHADERS: &str = "shaders";

/// The folder of a set's shaders: beside its file.
pub fn shader_folder(set: &Path) -> PathBuf {
    set.with_file_name(SHADERS)
}

/// The place of a snapshot by what it is called in a set.
pub(super) fn snapshot_place(number: &str) -> Option<usize> {
    number.parse().ok().filter(|place| (1..=SNAPSHOTS).contains(place))
}

/// A slot by what it is called in a set.
pub(super) fn grab_slot(slot: &str) -> Option<u8> {
    slot.parse().ok().filter(|number| GRAB_SLOTS.contains(number))
}

/// Reads a list of positions from a text file.
///
/// # Errors
/// The file, or what stands in it.
pub fn read_positions(path: &Path) -> Result<Positions, SetError> {
    let name = path.display().to_string();
    let text =
        fs::read_to_string(path).map_err(|source| SetError::Read { path: name.clone(), source })?;
    text.parse().map_err(|source| SetError::Positions { path: name, source })
}

/// Reads the quantisation tables of a JPEG file.
///
/// # Errors
/// The file, or what stands in it.
pub fn read_tables(path: &Path) -> Result<Dct, SetError> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| SetError::Read { path: name.clone(), source })?;
    stored_tables(&bytes).map_err(|source| SetError::Tables { path: name, source })
}

impl Set {
    /// Reads a set file.
    ///
    /// # Errors
    /// The file, its form, or a value in it.
    pub fn read(registry: &Registry, path: &Path) -> Result<Self, SetError> {
        Self::read_with(registry, path, None)
    }

    /// Reads a set file as far as it can be taken: tables, keys and parameters that are not known,
    /// what has a form or a value that it cannot have, and files beside the set that cannot be had
    /// are left out, each said in [`Self::remarks`].
    ///
    /// # Errors
    /// The file, that it is no TOML, or a clip that names no source.
    pub fn read_leniently(registry: &Registry, path: &Path) -> Result<Self, SetError> {
        let mut remarks = Vec::new();
        let set = Self::read_with(registry, path, Some(&mut remarks))?;
        Ok(Self { remarks, ..set })
    }

    fn read_with(
        registry: &Registry,
        path: &Path,
        remarks: Option<&mut Vec<String>>,
    ) -> Result<Self, SetError> {
        let remarks = RefCell::new(remarks);
        let name = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|source| SetError::Read { path: name.clone(), source })?;
        let bad_form = |error: toml::de::Error| SetError::Form {
            path: name.clone(),
            line: error.span().map(|span| text[..span.start].lines().count().max(1)),
            why: error.message().lines().next().unwrap_or("not TOML").to_owned(),
        };
        let file: SetFile = match &mut *remarks.borrow_mut() {
            Some(remarks) => {
                let mut table: toml::Table = toml::from_str(&text).map_err(bad_form)?;
                lenient::prune(&mut table, remarks);
                table.try_into().map_err(bad_form)?
            }
            None => toml::from_str(&text).map_err(bad_form)?,
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let bad_values = |source| SetError::Values { path: name.clone(), source };
        let take = |table: &toml::Table| match &mut *remarks.borrow_mut() {
            Some(remarks) => Ok(values::from_table_leniently(registry, table, remarks)),
            None => values::from_table(registry, table).map_err(bad_values),
        };
        let row = |id: &str| match (values::find(registry, id), &mut *remarks.borrow_mut()) {
            (Ok(row), _) => Ok(Some(row)),
            // Presses are for triggers too.
            (Err(ValuesError::Trigger(_)), _) => Ok(registry.find(id)),
            (Err(error), Some(remarks)) => {
                remarks.push(format!("{error}; it is left out"));
                Ok(None)
            }
            (Err(error), None) => Err(bad_values(error)),
        };
        let canvas = file.canvas.as_deref().map(str::parse).transpose();
        let mut mappings = Mappings { list: file.mapping };
        if let Some(remarks) = &mut *remarks.borrow_mut() {
            mappings.list.retain(|mapping| {
                let one = Mappings { list: vec![mapping.clone()] };
                let checked = one.check(registry);
                remarks.extend(checked.as_ref().err().map(|e| format!("{e}; it is left out")));
                checked.is_ok()
            });
        }
        mappings
            .check(registry)
            .map_err(|source| SetError::Mapping { path: name.clone(), source })?;
        let snapshots = file.snapshots.iter().map(|(number, looks)| {
            let place = snapshot_place(number);
            let no_snapshot =
                || SetError::Snapshot { path: name.clone(), snapshot: number.clone() };
            Ok((place.ok_or_else(no_snapshot)?, take(looks)?))
        });
        let snapshots = snapshots.collect::<Result<_, SetError>>()?;
        let exclude = file.exclude.iter().map(|id| row(id)).filter_map(Result::transpose);
        let exclude = exclude.collect::<Result<_, SetError>>()?;
        let (mut gestures, mut quantise) = (Vec::new(), Vec::new());
        for (id, written) in &file.gestures {
            let bad = |why| SetError::Gesture { path: name.clone(), id: id.clone(), why };
            let (gesture, grid) = written.read().map_err(bad)?;
            if let Some(row) = row(id)? {
                gestures.extend(gesture.map(|gesture| (row, gesture)));
                quantise.extend(grid.map(|grid| (row, grid)));
            }
        }
        let score = file.score.iter().map(|entry| {
            let values = take(&entry.values)?;
            let (at_secs, caption) = (entry.at_secs.max(0.0), entry.caption.clone());
            Ok(ScoreEntry { at_secs, values, caption })
        });
        let clip = |(place, clip): (usize, &ClipFile)| {
            let import = clip.import().map_err(|why| SetError::Import {
                path: name.clone(),
                clip: place + 1,
                why,
            })?;
            let mut own = Values::new();
            for (index, plain) in take(&clip.values)? {
                let row = registry.row(index);
                let is_own = match row.is_per_clip {
                    true => Ok((index, plain)),
                    false => Err(bad_values(ValuesError::NotOwn(row.id))),
                };
                own.extend(or_left_out(is_own, &remarks)?);
            }
            let curve = clip.curve.as_deref().map(str::parse).transpose();
            let positions = clip.positions.as_ref().map(|file| read_positions(&folder.join(file)));
            Ok(ClipEntry {
                path: folder.join(&clip.path),
                backward: clip.backward.as_ref().map(|backward| folder.join(backward)),
                hash: clip.hash.clone(),
                backward_hash: clip.backward_hash.clone(),
                import,
                values: own,
                curve: curve.map_err(|source| SetError::Curve { path: name.clone(), source })?,
                positions: match positions {
                    Some(positions) => or_left_out(positions, &remarks)?,
                    None => None,
                },
            })
        };
        let grab = |(slot, still): (&String, &PathBuf)| {
            let number = grab_slot(slot)
                .ok_or_else(|| SetError::Slot { path: name.clone(), slot: slot.clone() })?;
            Ok((number, folder.join(still)))
        };
        let tables = match &file.tables {
            Some(tables) => or_left_out(read_tables(&folder.join(tables)), &remarks)?,
            None => None,
        };
        let clips = file.clip.iter().enumerate().map(clip).collect::<Result<_, SetError>>()?;
        Ok(Self {
            canvas: canvas.map_err(|source| SetError::Canvas { path: name.clone(), source })?,
            clips,
            osc: file.osc,
            osc_out: file.osc_out.into(),
            web: file.web,
            tables,
            grabs: file.grabs.iter().map(grab).collect::<Result<_, SetError>>()?,
            values: take(&file.values)?,
            mappings,
            score: score.collect::<Result<_, SetError>>()?,
            presets: file.presets,
            snapshots,
            exclude,
            gestures,
            quantise,
            text,
            remarks: Vec::new(),
        })
    }
}

/// What was read; where a set is read leniently, what could not be is nothing, and said.
fn or_left_out<T>(
    read: Result<T, SetError>,
    remarks: &RefCell<Option<&mut Vec<String>>>,
) -> Result<Option<T>, SetError> {
    match (read, &mut *remarks.borrow_mut()) {
        (Ok(read), _) => Ok(Some(read)),
        (Err(error), Some(remarks)) => {
            remarks.push(format!("{error}; it is left out"));
            Ok(None)
        }
        (Err(error), None) => Err(error),
    }
}
