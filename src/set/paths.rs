//! The files that the text of a set names.

use super::bank::is_preset_path;
use std::path::Path;
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// What a set names by a path, or a preset by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A clip: a video, or a clip folder.
    Clip,
    /// The source of a clip's backward stream.
    Backward,
    /// A clip's list of positions.
    Positions,
    /// A picture for a slot that can be thrown.
    Still,
    /// A JPEG file whose quantisation tables are used.
    Tables,
    /// A preset that has a number, by its name or its path.
    Preset,
}

/// The clips of a set, whichever way they are written.
pub fn clip_tables(text: &mut DocumentMut) -> Vec<&mut dyn TableLike> {
    match text.get_mut("clip") {
        Some(Item::ArrayOfTables(clips)) => {
            clips.iter_mut().map(|clip| clip as &mut dyn TableLike).collect()
        }
        Some(Item::Value(Value::Array(clips))) => clips
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .map(|clip| clip as &mut dyn TableLike)
            .collect(),
        _ => Vec::new(),
    }
}

/// Hands over everything that a set names, and writes what comes back in its place; comments stay.
///
/// # Errors
/// The first one that `other` comes back with.
pub fn replace_paths<E>(
    text: &mut DocumentMut,
    other: &mut dyn FnMut(Named, &str) -> Result<String, E>,
) -> Result<(), E> {
    let mut replace = |named, value: Option<&mut Value>| {
        let Some(value) = value else { return Ok(()) };
        let Some(path) = value.as_str() else { return Ok(()) };
        let new = other(named, path)?;
        if new != path {
            let mut new = Value::from(new);
            *new.decor_mut() = value.decor().clone();
            *value = new;
        }
        Ok(())
    };
    let of_clip =
        [("path", Named::Clip), ("backward", Named::Backward), ("positions", Named::Positions)];
    for clip in &mut clip_tables(text) {
        for (key, named) in of_clip {
            replace(named, clip.get_mut(key).and_then(Item::as_value_mut))?;
        }
    }
    let grabs = text.get_mut("grabs").and_then(Item::as_table_like_mut);
    for (_, still) in grabs.into_iter().flat_map(|grabs| grabs.iter_mut()) {
        replace(Named::Still, still.as_value_mut())?;
    }
    replace(Named::Tables, text.get_mut("tables").and_then(Item::as_value_mut))?;
    let presets = text.get_mut("presets").and_then(Item::as_array_mut);
    for preset in presets.into_iter().flat_map(|presets| presets.iter_mut()) {
        replace(Named::Preset, Some(preset))?;
    }
    Ok(())
}

/// The text of a set with its paths as they are from another folder, where `folder` is how that one
/// calls the set's.
///
/// # Errors
/// It is no TOML; the error is a line.
pub fn moved_text(text: &str, folder: &Path) -> Result<String, String> {
    let mut text: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        error.message().lines().next().unwrap_or("not TOML").to_owned()
    })?;
    replace_paths(&mut text, &mut |named, path| match named {
        Named::Preset if !is_preset_path(path) => Ok(path.to_owned()),
        _ => Ok::<_, String>(folder.join(path).display().to_string()),
    })?;
    Ok(text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_another_folder() {
        let set = "tables = \"a.jpg\"\npresets = ['looks/e.toml', \"honey\"] # two\n\
                   [[clip]] # one\npath = \"b.mp4\" # two\nbackward = \"/c.mp4\"\n\
                   [grabs]\n1 = \"../d.png\"\n";
        let moved = moved_text(set, Path::new("sets/demo")).expect("TOML");
        let expected = "tables = \"sets/demo/a.jpg\"\n\
                        presets = [\"sets/demo/looks/e.toml\", \"honey\"] # two\n\
                        [[clip]] # one\npath = \"sets/demo/b.mp4\" # two\n\
                        backward = \"/c.mp4\"\n[grabs]\n1 = \"sets/demo/../d.png\"\n";
        assert_eq!(moved, expected);
        assert!(moved_text("[", Path::new("")).is_err());
    }
}
