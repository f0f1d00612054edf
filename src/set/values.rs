//! Parameter values as people write them: in presets, in sets, on the command line.

use crate::params::{Kind, ParamIndex, Registry, Scope, ValueError};
use std::{fs, io, path::Path};

/// Plain values, checked against their rows.
pub type Values = Vec<(ParamIndex, f64)>;

/// Why values cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// Not `ID=VALUE`.
    #[error("'{0}' is no assignment: write ID=VALUE, such as decay.feedback=0.9")]
    Form(String),
    /// No such row.
    #[error("there is no parameter '{id}'{}; `residua params` lists all", hint(.near))]
    Unknown {
        /// What was asked for.
        id: String,
        /// Ids that resemble it.
        near: Vec<&'static str>,
    },
    /// Not a value of this row.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A trigger has no value.
    #[error("{0} is a trigger: it can be fired while playing, but not set")]
    Trigger(String),
    /// One value for all clips.
    #[error("{0} is not kept by each clip: move it from the clip to the set's [values]")]
    NotOwn(&'static str),
    /// Neither number, text nor bool.
    #[error("{0} must be a number, on/off, or one of its names")]
    Type(String),
    /// The file cannot be read.
    #[error("the preset {path} cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file is no preset.
    #[error("the preset {path} is no preset: {why}")]
    Preset {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

fn hint(near: &[&str]) -> String {
    if near.is_empty() { String::new() } else { format!(" (near: {})", near.join(", ")) }
}

/// Reads one `ID=VALUE`.
///
/// # Errors
/// An unknown parameter, or a value it cannot have.
pub fn parse_assignment(registry: &Registry, text: &str) -> Result<(ParamIndex, f64), ValuesError> {
    let (id, value) = text.split_once('=').ok_or_else(|| ValuesError::Form(text.to_owned()))?;
    let index = find(registry, id.trim())?;
    Ok((index, registry.parse(index, value)?))
}

/// Reads a table of `id = value`, as the `[values]` of sets and presets.
///
/// # Errors
/// An unknown parameter, or a value it cannot have.
pub(super) fn from_table(registry: &Registry, table: &toml::Table) -> Result<Values, ValuesError> {
    table.iter().map(|(id, value)| from_entry(registry, id, value)).collect()
}

/// Reads a table as [`from_table`] does; what cannot be taken is left out, and said.
pub(super) fn from_table_leniently(
    registry: &Registry,
    table: &toml::Table,
    remarks: &mut Vec<String>,
) -> Values {
    let read = |(id, value): (&String, &toml::Value)| from_entry(registry, id, value);
    let keep = |read: Result<_, ValuesError>| {
        read.map_err(|error| remarks.push(format!("{error}; it is left out"))).ok()
    };
    table.iter().map(read).filter_map(keep).collect()
}

pub(super) fn from_entry(
    registry: &Registry,
    id: &str,
    value: &toml::Value,
) -> Result<(ParamIndex, f64), ValuesError> {
    let index = find(registry, id)?;
    let row = registry.row(index);
    let plain = match value {
        toml::Value::String(text) => registry.parse(index, text)?,
        toml::Value::Integer(number) => row.read_number(*number as f64)?,
        toml::Value::Float(number) => row.read_number(*number)?,
        toml::Value::Boolean(is_on) => row.check(f64::from(u8::from(*is_on)))?,
        _ => return Err(ValuesError::Type(id.to_owned())),
    };
    Ok((index, plain))
}

/// A value as files have it.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// Off or on.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// The name of a choice, or the id of a row.
    Text(String),
}

impl Written {
    /// A plain value of the row, exactly.
    pub fn of(registry: &Registry, index: ParamIndex, plain: f64) -> Self {
        match registry.row(index).kind {
            Kind::Bool | Kind::Trigger => Self::Bool(plain >= 0.5),
            Kind::Int { .. } => Self::Int(plain as i64),
            Kind::Float { .. } => Self::Float(plain),
            Kind::Choice(_) | Kind::Reference => Self::Text(registry.format(index, plain)),
        }
    }
}

impl From<Written> for toml::Value {
    fn from(written: Written) -> Self {
        match written {
            Written::Bool(is_on) => is_on.into(),
            Written::Int(number) => number.into(),
            Written::Float(number) => number.into(),
            Written::Text(text) => text.into(),
        }
    }
}

impl From<Written> for toml_edit::Value {
    fn from(written: Written) -> Self {
        match written {
            Written::Bool(is_on) => is_on.into(),
            Written::Int(number) => number.into(),
            Written::Float(number) => number.into(),
            Written::Text(text) => text.into(),
        }
    }
}

/// Reads a preset: a TOML file with a `[values]` table. It may touch looks only.
///
/// # Errors
/// The file, its form, an unknown parameter, a value out of range, or one that is no look.
pub fn read_preset(registry: &Registry, path: &Path) -> Result<Values, ValuesError> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path)
        .map_err(|source| ValuesError::Read { path: name.clone(), source })?;
    parse_preset(registry, &name, &text)
}

/// Reads the text of a preset, which is called `name` where something is wrong with it.
///
/// # Errors
/// Its form, an unknown parameter, a value out of range, or one that is no look.
pub fn parse_preset(registry: &Registry, name: &str, text: &str) -> Result<Values, ValuesError> {
    let values = from_table(registry, &preset_table(name, text)?)?;
    match values.iter().find_map(|(index, _)| no_look(registry, *index)) {
        Some(why) => Err(ValuesError::Preset { path: name.to_owned(), why }),
        None => Ok(values),
    }
}

/// Reads a preset as [`parse_preset`] does, of an older or newer program perhaps: what cannot be taken
/// is left out, and said in a line.
///
/// # Errors
/// Its form.
pub fn parse_preset_leniently(
    registry: &Registry,
    name: &str,
    text: &str,
) -> Result<(Values, Vec<String>), ValuesError> {
    let mut remarks = Vec::new();
    let mut values = from_table_leniently(registry, &preset_table(name, text)?, &mut remarks);
    values.retain(|(index, _)| {
        let why = no_look(registry, *index);
        remarks.extend(why.iter().cloned());
        why.is_none()
    });
    Ok((values, remarks))
}

fn no_look(registry: &Registry, index: ParamIndex) -> Option<String> {
    let row = registry.row(index);
    let is_look = row.scope == Scope::Look;
    (!is_look).then(|| format!("{} is no look, and presets touch looks only", row.id))
}

fn preset_table(name: &str, text: &str) -> Result<toml::Table, ValuesError> {
    let bad = |why: &str| ValuesError::Preset { path: name.to_owned(), why: why.to_owned() };
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        bad(error.message().lines().next().unwrap_or("not TOML"))
    })?;
    match table.remove("values") {
        Some(toml::Value::Table(values)) => Ok(values),
        _ => Err(bad("it has no [values] table")),
    }
}

pub(super) fn find(registry: &Registry, id: &str) -> Result<ParamIndex, ValuesError> {
    let unknown = || ValuesError::Unknown { id: id.to_owned(), near: registry.suggestions(id) };
    let index = registry.find(id).ok_or_else(unknown)?;
    match registry.row(index).kind {
        Kind::Trigger => Err(ValuesError::Trigger(id.to_owned())),
        _ => Ok(index),
    }
}
