//! The text of sets and presets.

use crate::{
    engine,
    params::Registry,
    set::{Set, parse_preset, parse_preset_leniently},
};
use std::{fs, sync::OnceLock};

fn rows() -> &'static Registry {
    static ROWS: OnceLock<Registry> = OnceLock::new();
    ROWS.get_or_init(|| engine::registry().expect("the rooms' rows join"))
}

/// Reads a set, strictly and with what it does not know left out: who is strict refuses more.
pub fn set(bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("set.toml");
    fs::write(&file, bytes).expect("written");
    let strict = Set::read(rows(), &file);
    let lenient = Set::read_leniently(rows(), &file);
    if let Ok(strict) = &strict {
        let lenient = lenient.as_ref().expect("what is right is right enough");
        assert_eq!(strict.clips, lenient.clips);
        assert_eq!(strict.mappings, lenient.mappings);
        // A value may be no number in itself; then it is none in both.
        assert_eq!(strict.values.len(), lenient.values.len());
    }
    lenient.is_ok()
}

/// Reads a preset both ways; what it sets is within the rows' ranges.
pub fn preset(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let strict = parse_preset(rows(), "preset", text);
    let Ok((values, _)) = parse_preset_leniently(rows(), "preset", text) else {
        assert!(strict.is_err(), "what is right is right enough");
        return false;
    };
    for (index, plain) in &values {
        rows().row(*index).check(*plain).expect("a value of its row");
    }
    if let Ok(strict) = strict {
        assert_eq!(strict, values);
    }
    true
}
