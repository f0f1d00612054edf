//! What a performance begins with, gathered from an engine that has not played yet.

use super::format::{Header, PresetFacts, Value};
use crate::{
    engine::{self, Bank, Engine, Preset},
    params::{Grid, Kind, ParamIndex, Registry, Scope, Snapshot},
    ports::DecoderMaker,
};
use std::{fs, io};
use xxhash_rust::xxh3::xxh3_64;

/// XXH3-64 of the program that runs, as 16 hexadecimal digits.
///
/// # Errors
/// The system does not tell where it is, or it cannot be read.
pub fn build() -> io::Result<String> {
    Ok(format!("{:016x}", xxh3_64(&fs::read(std::env::current_exe()?)?)))
}

/// A value as a take has it.
fn value(registry: &Registry, row: ParamIndex, plain: f64) -> Value {
    match registry.row(row).kind {
        Kind::Reference => Value::Row(registry.format(row, plain)),
        _ => Value::Number(plain),
    }
}

/// Presets as a take has them.
pub(super) fn presets(registry: &Registry, bank: &Bank) -> Vec<PresetFacts> {
    let named = |(row, plain): &(ParamIndex, f64)| {
        (registry.row(*row).id.to_owned(), value(registry, *row, *plain))
    };
    let facts = |preset: &Preset| PresetFacts {
        name: preset.name.clone(),
        values: preset.values.iter().map(named).collect(),
    };
    bank.presets.iter().map(facts).collect()
}

/// Adds to a header what the engine begins with: values, what clips keep, pictures to throw.
pub fn header<M: DecoderMaker>(engine: &Engine<M>, registry: &Registry, header: Header) -> Header {
    let base = engine.base();
    let named = |(row, plain): (ParamIndex, f64)| {
        (registry.row(row).id.to_owned(), value(registry, row, plain))
    };
    // Whether the programme is recorded is no part of it.
    let no_part = [engine::RECORDER_ON.id];
    let set = registry.iter().filter(|(_, row)| {
        !row.is_meter && row.kind != Kind::Trigger && !no_part.contains(&row.id)
    });
    let set = set.map(|(index, row)| (index, row, base.get(index)));
    let values = set.filter(|(_, row, plain)| *plain != row.default);
    let differs = |(row, plain): &(ParamIndex, f64)| *plain != base.get(*row);
    let clips = (0..).take_while(|clip| engine.clip(*clip).is_some());
    let own = clips.flat_map(|clip| {
        let own = engine.own_values(clip).filter(differs).map(named);
        own.map(move |(id, value)| (clip as u16 + 1, id, value))
    });
    let grabs = engine
        .kept_grabs()
        .map(|(slot, stream)| (slot as u8 + 1, stream.format().codec, stream.bytes().to_vec()));
    // Everything that is not said is neutral.
    let looks = |snapshot: &Snapshot| -> Vec<(String, Value)> {
        let looks = registry.iter().filter(|(_, row)| row.scope == Scope::Look && !row.is_meter);
        let held = looks.filter(|(index, row)| {
            snapshot.has(*index) && row.kind != Kind::Trigger && snapshot.get(*index) != row.neutral
        });
        held.map(|(index, _)| named((index, snapshot.get(index)))).collect()
    };
    let habits = engine.habits();
    let id = |index: ParamIndex| registry.row(index).id.to_owned();
    let gestures =
        registry.iter().filter_map(|(index, _)| Some((id(index), habits.changed_gesture(index)?)));
    let grids = registry.iter().map(|(index, _)| (id(index), habits.grid(index)));
    let excluded = registry.iter().filter(|(index, _)| engine.is_excluded(*index));
    Header {
        presets: presets(registry, engine.presets()),
        snapshots: engine.snapshots().map(|(at, kept)| (at as u8 + 1, looks(kept))).collect(),
        excluded: excluded.map(|(index, _)| id(index)).collect(),
        gestures: gestures.collect(),
        grids: grids.filter(|(_, grid)| *grid != Grid::Off).collect(),
        beats: engine.beats(),
        places: engine.placed().iter().map(|(clip, at)| (*clip as u16 + 1, *at)).collect(),
        values: values.map(|(index, _, plain)| named((index, plain))).collect(),
        new_clip: engine.new_clip_values().filter(differs).map(named).collect(),
        own: own.collect(),
        grabs: grabs.collect(),
        canvas: engine.canvas(),
        ..header
    }
}
