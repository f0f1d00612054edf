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
    let mut values = Values::with_capacity(table.len());
    for (id, value) in table {
        let index = find(registry, id)?;
        let row = registry.row(index);
        let plain = match value {
            toml::Value::String(text) => registry.parse(index, text)?,
            toml::Value::Integer(number) => row.read_number(*number as f64)?,
            toml::Value::Float(number) => row.read_number(*number)?,
            toml::Value::Boolean(is_on) => row.check(f64::from(u8::from(*is_on)))?,
            _ => return Err(ValuesError::Type(id.clone())),
        };
        values.push((index, plain));
    }
    Ok(values)
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
    let bad = |why: String| ValuesError::Preset { path: name.to_owned(), why };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        bad(error.message().lines().next().unwrap_or("not TOML").to_owned())
    })?;
    let values = table
        .get("values")
        .and_then(toml::Value::as_table)
        .ok_or_else(|| bad("it has no [values] table".to_owned()))?;
    let values = from_table(registry, values)?;
    for (index, _) in &values {
        let row = registry.row(*index);
        if row.scope == Scope::Transport {
            return Err(bad(format!("{} is no look, and presets touch looks only", row.id)));
        }
    }
    Ok(values)
}

fn find(registry: &Registry, id: &str) -> Result<ParamIndex, ValuesError> {
    let unknown = || ValuesError::Unknown { id: id.to_owned(), near: registry.suggestions(id) };
    let index = registry.find(id).ok_or_else(unknown)?;
    match registry.row(index).kind {
        Kind::Trigger => Err(ValuesError::Trigger(id.to_owned())),
        _ => Ok(index),
    }
}
