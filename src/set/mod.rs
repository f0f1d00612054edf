//! What a performer opens: a set (clips, canvas, mappings, starting values, snapshots, score) and
//! presets; and what is written of a performance: the set's own file, presets, the journal.
//!
//! All are TOML files. Paths in a set are relative to its folder. What is written into a file leaves
//! comments, order and unknown keys as they are. Owns no thread; knows no window.

mod bank;
mod clip;
mod file;
mod journal;
mod lenient;
mod paths;
mod save;
mod shipped;
mod text;
mod values;

pub use bank::{
    PRESETS, PresetPlaces, Shelved, files_with, is_preset_path, preset_files, preset_folder,
    preset_name, shelve,
};
pub use clip::{ClipEntry, ClipImport};
pub use file::{
    SHADERS, ScoreEntry, Set, SetError, grab_folder, read_positions, read_tables, shader_folder,
};
pub use journal::{Journal, JournalClip, JournalError};
pub use paths::{Named, clip_tables, moved_text, replace_paths};
pub use save::{SaveError, Saved, SetFile, new_text};
pub use shipped::{SHIPPED, shipped_text};
pub use text::{ClipState, SetState, put_value, write_preset, write_state};
pub use values::{
    Values, ValuesError, Written, parse_assignment, parse_preset, parse_preset_leniently,
    read_preset,
};
