//! The form of a set taken as far as it can be: after a crash, and where a person asks for it.
//!
//! What is not known, or has a form that it cannot have, is taken out of the table that was read from
//! the file, with a line each, so that what stays is a set. The file itself is not touched. Whether
//! parameters exist and have such values is not asked here. Owns no thread; reads no file.

use super::{
    clip::ClipFile,
    file::{GestureFile, ScoreFile, SetFile, grab_slot, snapshot_place},
};
use crate::{control::Mapping, modulation::Curve, units::Canvas};
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use toml::{Table, Value};

/// Leaves in the table what a set may have, and says in `remarks` what is left out. Clips stay, each
/// in its place, since others call them by number: one that names no source stays as it is.
pub(super) fn prune(set: &mut Table, remarks: &mut Vec<String>) {
    for (place, clip) in tables_of(set, "clip") {
        keep_fitting(clip, "path", &place, remarks, |clip: ClipFile| {
            clip.import()?;
            clip.curve.map_or(Ok(()), |curve| fits(curve.parse::<Curve>()))
        });
    }
    for (place, entry) in tables_of(set, "score") {
        keep_fitting(entry, "at_secs", &place, remarks, |_: ScoreFile| Ok(()));
    }
    keep_items(set, "score", remarks, read::<ScoreFile>);
    keep_items(set, "mapping", remarks, read::<Mapping>);
    keep_items(set, "exclude", remarks, read::<String>);
    keep_entries(set, "gestures", remarks, |_, gesture| {
        read::<GestureFile>(gesture)?.read().map(drop)
    });
    keep_entries(set, "snapshots", remarks, |number, looks| {
        snapshot_place(number).ok_or("there is no such snapshot")?;
        read::<Table>(looks).map(drop)
    });
    keep_entries(set, "grabs", remarks, |slot, still| {
        grab_slot(slot).ok_or("there is no such slot")?;
        read::<PathBuf>(still).map(drop)
    });
    // A clip that names no source is the set's own error.
    let clips = set.get("clip").is_some_and(Value::is_array).then(|| set.remove("clip")).flatten();
    keep_fitting(set, "", "", remarks, |set: SetFile| {
        set.canvas.map_or(Ok(()), |canvas| fits(canvas.parse::<Canvas>()))
    });
    set.extend(clips.map(|clips| ("clip".to_owned(), clips)));
}

/// The tables of a list, each with what it is called.
fn tables_of<'a>(
    set: &'a mut Table,
    key: &'a str,
) -> impl Iterator<Item = (String, &'a mut Table)> {
    let items = set.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().enumerate();
    items.filter_map(move |(place, item)| {
        Some((format!("{key} {}, ", place + 1), item.as_table_mut()?))
    })
}

/// Leaves the keys that a `T` may have beside `needed`, one by one; nothing goes where `needed` itself
/// is not there as it must be.
fn keep_fitting<T: DeserializeOwned>(
    table: &mut Table,
    needed: &str,
    place: &str,
    remarks: &mut Vec<String>,
    check: impl Fn(T) -> Result<(), String>,
) {
    let base: Table = table.get_key_value(needed).map(owned).into_iter().collect();
    if read::<T>(&Value::Table(base.clone())).is_err() {
        return;
    }
    table.retain(|key, value| {
        let mut one = base.clone();
        one.insert(key.to_owned(), value.clone());
        let outcome = read::<T>(&Value::Table(one)).and_then(&check);
        keep(outcome, &format!("{place}{key}"), remarks)
    });
}

fn owned((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

/// Leaves the items of a list that can be read.
fn keep_items<T>(
    set: &mut Table,
    key: &str,
    remarks: &mut Vec<String>,
    read: impl Fn(&Value) -> Result<T, String>,
) {
    let Some(items) = set.get_mut(key).and_then(Value::as_array_mut) else { return };
    let mut number = 0;
    items.retain(|item| {
        number += 1;
        keep(read(item).map(drop), &format!("{key} {number}"), remarks)
    });
}

/// Leaves the entries of a table that can be read.
fn keep_entries(
    set: &mut Table,
    key: &str,
    remarks: &mut Vec<String>,
    check: impl Fn(&str, &Value) -> Result<(), String>,
) {
    let Some(entries) = set.get_mut(key).and_then(Value::as_table_mut) else { return };
    entries.retain(|entry, value| keep(check(entry, value), &format!("{key}.{entry}"), remarks));
}

fn keep(outcome: Result<(), String>, what: &str, remarks: &mut Vec<String>) -> bool {
    remarks.extend(outcome.as_ref().err().map(|why| format!("{what}: {why}; it is left out")));
    outcome.is_ok()
}

/// The error is a line, without the list of all that would be known.
fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    value.clone().try_into().map_err(|error: toml::de::Error| {
        let line = error.message().lines().next().unwrap_or("of another form");
        line.split(", expected one of").next().unwrap_or(line).to_owned()
    })
}

fn fits<T, E: std::fmt::Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(drop).map_err(|error| error.to_string())
}
