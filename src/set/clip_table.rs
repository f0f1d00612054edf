//! A clip as it is written into a set's text.

use super::clip::ClipEntry;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value, value};

/// The `[[clip]]` of an entry, with its paths as they stand there; without its values and hashes.
pub(super) fn clip_table(clip: &ClipEntry) -> Table {
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
    table
}

/// Adds a clip behind those of a text, written as they are.
pub(super) fn add_clip(text: &mut DocumentMut, clip: &ClipEntry) {
    let table = clip_table(clip);
    match text.entry("clip").or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(clips) => clips.push(table),
        Item::Value(Value::Array(clips)) => clips.push(table.into_inline_table()),
        _ => {}
    }
}
