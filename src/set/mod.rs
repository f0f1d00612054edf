//! What a performer opens: a set (clips, canvas, mappings, starting values, score) and presets.
//!
//! Both are TOML files, read once at the start. Paths in a set are relative to its folder. Owns no
//! thread; knows no window.

mod clip;
mod file;
mod values;

pub use clip::{ClipEntry, ClipImport};
pub use file::{ScoreEntry, Set, SetError, grab_folder, read_positions, shader_folder};
pub use values::{Values, ValuesError, parse_assignment, parse_preset, read_preset};
