//! What a performer opens: a set (clips, canvas, mappings, starting values, score) and presets.
//!
//! Both are TOML files, read once at the start. Paths in a set are relative to its folder. Owns no
//! thread; knows no window.

mod file;
mod values;

pub use file::{ClipEntry, ScoreEntry, Set, SetError, read_positions};
pub use values::{Values, ValuesError, parse_assignment, read_preset};
