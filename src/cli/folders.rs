//! The user's own folders, after the XDG Base Directory Specification.

use std::{env, path::PathBuf};

/// Where what the user keeps lies: `$XDG_CONFIG_HOME/residua`.
pub fn config() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", ".config")
}

/// Where the instrument remembers what it did: `$XDG_STATE_HOME/residua`.
pub fn state() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state")
}

fn folder(variable: &str, in_home: &str) -> Option<PathBuf> {
    // The specification wants relative paths ignored.
    let named = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = named.or_else(|| env::home_dir().map(|home| home.join(in_home)))?;
    Some(folder.join("residua"))
}
