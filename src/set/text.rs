//! The text of a set or preset with other values in it: comments, order and whatever is not known
//! here stay as they were written.

use super::{
    Values,
    paths::clip_tables,
    values::{Written, from_entry},
};
use crate::{
    control::Mapping,
    params::{Gesture, Grid, ParamIndex, Registry},
};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// What of a performance goes into a set's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SetState {
    /// What is set: of every row that a set keeps its value, defaults included. Empty where the set
    /// keeps by itself only what was stored.
    pub values: Values,
    /// The clips in their order.
    pub clips: Vec<ClipState>,
    /// Quick looks, by number from 1, with the values of all looks.
    pub snapshots: Vec<(usize, Values)>,
    /// Those that hold nothing any more, by number from 1.
    pub emptied: Vec<usize>,
    /// Rows that presets and snapshots leave alone; `None` = as it stands.
    pub exclude: Option<Vec<ParamIndex>>,
    /// What presses do to rows and what they wait for, where that is not as at first; `None` = as it
    /// stands.
    pub gestures: Option<Vec<(ParamIndex, Gesture, Grid)>>,
    /// What was learnt of controllers, to be added to what stands there.
    pub learnt: Vec<Mapping>,
    /// The presets by number; `None` = as it stands.
    pub presets: Option<Vec<String>>,
}

/// What of a clip goes into a set's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClipState {
    /// What its source is found by.
    pub hash: Option<String>,
    /// The same of its backward source.
    pub backward_hash: Option<String>,
    /// What it keeps for itself, defaults included.
    pub values: Values,
}

/// Writes a state into a set's text. Clips are written where the text has as many.
pub fn write_state(text: &mut DocumentMut, registry: &Registry, state: &SetState) {
    let is_shared = |(index, _): &&(ParamIndex, f64)| !registry.row(*index).is_per_clip;
    let shared: Vec<_> = state.values.iter().filter(is_shared).copied().collect();
    write_table(text.as_table_mut(), "values", registry, &shared, &|index| {
        registry.row(index).default
    });
    // What a clip begins with stands in the set's own values.
    let begin = |text: &DocumentMut, index: ParamIndex| {
        let row = registry.row(index);
        let values = text.get("values").and_then(Item::as_table_like);
        let written = values.and_then(|values| values.get(row.id));
        written.and_then(|item| read(registry, row.id, item)).unwrap_or(row.default)
    };
    let begins: Vec<Values> = state
        .clips
        .iter()
        .map(|clip| clip.values.iter().map(|(index, _)| (*index, begin(text, *index))).collect())
        .collect();
    let mut clips = clip_tables(text);
    if clips.len() == state.clips.len() {
        for ((table, clip), begins) in clips.iter_mut().zip(&state.clips).zip(&begins) {
            for (key, hash) in [("hash", &clip.hash), ("backward_hash", &clip.backward_hash)] {
                if let Some(hash) = hash {
                    put_value(*table, key, hash.as_str().into());
                }
            }
            let begin = |index| {
                let found = begins.iter().find(|(begin, _)| *begin == index);
                found.map_or(0.0, |(_, plain)| *plain)
            };
            write_table(*table, "values", registry, &clip.values, &begin);
        }
    }
    if let Some(table) = text.get_mut("snapshots").and_then(Item::as_table_like_mut) {
        for number in &state.emptied {
            table.remove(&number.to_string());
        }
    }
    write_snapshots(text, registry, &state.snapshots);
    if let Some(excluded) = &state.exclude {
        write_list(text, "exclude", registry, excluded);
    }
    if let Some(gestures) = &state.gestures {
        write_gestures(text, registry, gestures);
    }
    if let Some(presets) = &state.presets {
        let names: Array = presets.iter().map(String::as_str).collect();
        put_value(text.as_table_mut(), "presets", Value::Array(names));
    }
    add_mappings(text, &state.learnt);
}

/// Writes the looks of a preset into its text.
pub fn write_preset(text: &mut DocumentMut, registry: &Registry, looks: &Values) {
    write_table(text.as_table_mut(), "values", registry, looks, &|index| {
        registry.row(index).neutral
    });
}

/// Writes values into a table: over those that stand there, and beside them where they are not what
/// is meant by nothing.
fn write_table(
    parent: &mut dyn TableLike,
    key: &str,
    registry: &Registry,
    values: &[(ParamIndex, f64)],
    meant_by_nothing: &dyn Fn(ParamIndex) -> f64,
) {
    let is_there = |id: &str| {
        let table = parent.get(key).and_then(Item::as_table_like);
        table.and_then(|table| table.get(id)).map(|item| read(registry, id, item))
    };
    let news: Vec<(&str, Written)> = values
        .iter()
        .filter(|(index, plain)| match is_there(registry.row(*index).id) {
            Some(written) => written != Some(*plain),
            None => meant_by_nothing(*index) != *plain,
        })
        .map(|(index, plain)| (registry.row(*index).id, Written::of(registry, *index, *plain)))
        .collect();
    if news.is_empty() {
        return;
    }
    let Some(table) = table_in(parent, key) else { return };
    for (id, written) in news {
        put_value(table, id, written.into());
    }
}

/// The table of this name, made where there is none. `None` where something else has the name.
fn table_in<'a>(parent: &'a mut dyn TableLike, key: &str) -> Option<&'a mut dyn TableLike> {
    let is_inline = parent.get("path").is_some();
    if parent.get(key).is_none() {
        // A clip's own values in one line, as they are written by hand.
        let table = match is_inline {
            true => Item::Value(Value::InlineTable(InlineTable::new())),
            false => Item::Table(Table::new()),
        };
        parent.insert(key, table);
    }
    parent.get_mut(key).and_then(Item::as_table_like_mut)
}

/// Puts a value in its place; the comment behind it stays.
pub fn put_value(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// What stands there as a plain value of its row.
fn read(registry: &Registry, id: &str, item: &Item) -> Option<f64> {
    let value = match item.as_value()? {
        Value::String(text) => toml::Value::String(text.value().clone()),
        Value::Integer(number) => toml::Value::Integer(*number.value()),
        Value::Float(number) => toml::Value::Float(*number.value()),
        Value::Boolean(is_on) => toml::Value::Boolean(*is_on.value()),
        _ => return None,
    };
    from_entry(registry, id, &value).ok().map(|(_, plain)| plain)
}

fn write_snapshots(text: &mut DocumentMut, registry: &Registry, snapshots: &[(usize, Values)]) {
    if snapshots.is_empty() {
        return;
    }
    if text.get("snapshots").is_none() {
        let mut table = Table::new();
        // Only [snapshots.1] and so on have a line of their own.
        table.set_implicit(true);
        text.insert("snapshots", Item::Table(table));
    }
    let Some(table) = text.get_mut("snapshots").and_then(Item::as_table_like_mut) else { return };
    for (number, looks) in snapshots {
        let key = number.to_string();
        // A neutral look is one, too.
        table_in(table, &key);
        write_table(table, &key, registry, looks, &|index| registry.row(index).neutral);
    }
}

/// Writes a list of rows; ids that are not known here stay in it.
fn write_list(text: &mut DocumentMut, key: &str, registry: &Registry, rows: &[ParamIndex]) {
    let ids: Vec<&str> = rows.iter().map(|row| registry.row(*row).id).collect();
    if text.get(key).is_none() && ids.is_empty() {
        return;
    }
    let list = text.entry(key).or_insert(Item::Value(Value::Array(Array::new())));
    let Some(list) = list.as_array_mut() else { return };
    list.retain(|id| {
        let id = id.as_str().unwrap_or_default();
        ids.contains(&id) || registry.find(id).is_none()
    });
    for id in ids {
        if !list.iter().any(|known| known.as_str() == Some(id)) {
            list.push(id);
        }
    }
}

fn write_gestures(
    text: &mut DocumentMut,
    registry: &Registry,
    gestures: &[(ParamIndex, Gesture, Grid)],
) {
    if text.get("gestures").is_none() && gestures.is_empty() {
        return;
    }
    let Some(table) = table_in(text.as_table_mut(), "gestures") else { return };
    let is_kept = |id: &str| gestures.iter().any(|(row, ..)| registry.row(*row).id == id);
    let gone: Vec<String> = table
        .iter()
        .map(|(id, _)| id.to_owned())
        .filter(|id| registry.find(id).is_some() && !is_kept(id))
        .collect();
    for id in gone {
        table.remove(&id);
    }
    for (row, gesture, grid) in gestures {
        let value = match grid {
            Grid::Off => Value::from(gesture.name()),
            grid => {
                let mut both = InlineTable::new();
                both.insert("gesture", gesture.name().into());
                both.insert("quantise", grid.name().into());
                Value::InlineTable(both)
            }
        };
        let id = registry.row(*row).id;
        let as_before = table.get(id).map(|item| item.to_string().trim().to_owned());
        if as_before.as_deref() != Some(value.to_string().trim()) {
            put_value(table, id, value);
        }
    }
}

/// Adds mappings that are not there yet.
fn add_mappings(text: &mut DocumentMut, learnt: &[Mapping]) {
    let mut missing: Vec<&Mapping> = learnt.iter().collect();
    let mut is_there = |written: String| {
        let read: Option<Mapping> = toml::from_str(&written).ok();
        missing.retain(|mapping| Some(*mapping) != read.as_ref());
    };
    match text.get("mapping") {
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter().for_each(|table| is_there(table.to_string()));
        }
        Some(Item::Value(Value::Array(list))) => {
            let tables = list.iter().filter_map(Value::as_inline_table).cloned();
            tables.for_each(|table| is_there(table.into_table().to_string()));
        }
        _ => {}
    }
    if missing.is_empty() {
        return;
    }
    let new = missing.into_iter().filter_map(|mapping| {
        let text = toml::to_string(mapping).ok()?;
        text.parse::<DocumentMut>().ok().map(|text| text.as_table().clone())
    });
    let mappings = text.entry("mapping").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    match mappings {
        Item::ArrayOfTables(tables) => new.for_each(|table| tables.push(table)),
        Item::Value(Value::Array(list)) => {
            new.map(Table::into_inline_table).for_each(|table| list.push(table));
        }
        _ => {}
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
