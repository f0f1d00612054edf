//! What a performer opens: a set (clips, canvas, mappings, starting values, snapshots, score) and
//! presets; and what is written of a performance: the set's own file, presets, the journal.
//!
//! All are TOML files. Paths in a set are relative to its folder. What is written into a file leaves
//! comments, order and unknown keys as they are. Owns no thread; knows no window.

mod aside;
mod bank;
mod clip;
mod clip_table;
mod file;
mod journal;
mod lenient;
mod save;
mod shipped;
mod text;
mod values;

pub use aside::write_aside;
pub use bank::{PresetPlaces, Shelved, preset_files, preset_folder, shelve};
pub use clip::{ClipEntry, ClipImport};
pub use file::{
    ScoreEntry, Set, SetError, grab_folder, read_positions, read_tables, shader_folder,
};
pub use journal::{Journal, JournalClip, JournalError};
pub use save::{SaveError, Saved, SetFile, free_name, new_text};
pub use shipped::SHIPPED;
pub use text::{ClipState, SetState, clip_tables, moved_text, write_preset, write_state};
pub use values::{
    Values, ValuesError, Written, parse_assignment, parse_preset, parse_preset_leniently,
    read_preset,
};
