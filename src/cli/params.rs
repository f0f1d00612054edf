//! `residua params`: the table of all parameters.

use super::{
    opening::open_set_file,
    options::{ParamsOptions, TableForm},
    out,
};
use crate::{
    engine,
    params::{Curve, Kind, ParamIndex, ParamSpec, Registry, Scope},
};
use anyhow::Result;
use serde_json::json;
use std::{fmt::Write as _, sync::Arc};

pub fn run(options: &ParamsOptions) -> Result<()> {
    let registry = Arc::new(engine::registry()?);
    if let Some(set) = &options.set {
        open_set_file(&registry, set)?;
    }
    let rows: Vec<&ParamSpec> = registry.iter().map(|(_, row)| row).collect();
    let form = match (options.json, options.markdown) {
        (true, _) => TableForm::Json,
        (_, true) => TableForm::Markdown,
        _ => options.format,
    };
    let table = match form {
        TableForm::Text => text(&rows),
        TableForm::Json => serde_json::to_string_pretty(&json(&rows))? + "\n",
        TableForm::Markdown => markdown(&registry),
    };
    out::print(&table)
}

fn default_text(row: &ParamSpec) -> String {
    match row.kind {
        Kind::Trigger => String::new(),
        _ => row.format(row.default),
    }
}

fn text(rows: &[&ParamSpec]) -> String {
    let width = |column: fn(&ParamSpec) -> usize| rows.iter().map(|row| column(row)).max();
    let ids = width(|row| row.id.len()).unwrap_or(0);
    let ranges = width(|row| row.range_text().chars().count()).unwrap_or(0);
    let defaults = width(|row| default_text(row).chars().count()).unwrap_or(0);
    let mut table = String::new();
    for row in rows {
        let (id, range, default) = (row.id, row.range_text(), default_text(row));
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "{id:ids$}  {range:ranges$}  {default:defaults$}  {}: {}",
            row.name, row.help
        );
    }
    table
}

fn json(rows: &[&ParamSpec]) -> serde_json::Value {
    let row = |row: &&ParamSpec| {
        let (min, max) = row.range();
        let (kind, choices) = match row.kind {
            Kind::Float { .. } => ("float", None),
            Kind::Int { .. } => ("int", None),
            Kind::Bool => ("bool", None),
            Kind::Choice(names) => ("choice", Some(names)),
            Kind::Trigger => ("trigger", None),
            Kind::Reference => ("reference", None),
        };
        let exponent = match row.curve {
            Curve::Linear => 1.0,
            Curve::Power(exponent) => exponent,
        };
        json!({
            "id": row.id,
            "name": row.name,
            "help": row.help,
            "osc": row.address(),
            "kind": kind,
            "choices": choices,
            "min": min,
            "max": max,
            "default": row.default,
            "neutral": row.neutral,
            "unit": row.unit,
            "curve_exponent": exponent,
            "smoothing_millis": row.smoothing_millis,
            "look": row.scope == Scope::Look,
            "meter": row.is_meter,
        })
    };
    rows.iter().map(row).collect()
}

fn markdown(registry: &Registry) -> String {
    let mut table = String::from(
        "| parameter | name | range | default | what it does |\n| --- | --- | --- | --- | --- |\n",
    );
    let rows: Vec<(ParamIndex, &ParamSpec)> = registry.iter().collect();
    for members in rows.chunk_by(|(_, one), (_, other)| is_of_family(one, other)) {
        let (Some((first, row)), Some((last, other))) = (members.first(), members.last()) else {
            continue;
        };
        let default = |index: ParamIndex| match registry.row(index).kind {
            Kind::Trigger => String::new(),
            _ => registry.format(index, registry.row(index).default),
        };
        let (id, name) = match (row.family(), other.family()) {
            (Some((family, from)), Some((_, to))) if members.len() > 1 => {
                (format!("`{family}`, N = {from} to {to}"), row.name.replacen(from, "N", 1))
            }
            _ => (format!("`{}`", row.id), row.name.to_owned()),
        };
        let mut defaults = default(*first);
        if members.iter().any(|(index, _)| default(*index) != defaults) {
            defaults = format!("{defaults} to {}", default(*last));
        }
        let range = row.range_text();
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {id} | {name} | {range} | {defaults} | {} |", row.help);
    }
    table
}

/// Whether two rows are of one family, and so told in one line.
fn is_of_family(one: &ParamSpec, other: &ParamSpec) -> bool {
    let family = |row: &ParamSpec| row.family().map(|(family, _)| family);
    family(one).is_some() && family(one) == family(other)
}
