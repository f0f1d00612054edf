//! Clips by what people call them: name, first digits of the folder, or path.

use super::{Entry, Library, LibraryError};
use crate::clip::CLIP_TOML;
use std::path::Path;

/// The fewest digits of a folder's name that name a clip: with fewer, a name is more likely meant.
const DIGITS_MIN: usize = 4;

/// Why a text names no clip.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nothing is called that.
    #[error("there is no clip '{0}': `residua clips` lists all")]
    Unknown(String),
    /// Several are.
    #[error("'{text}' could be {candidates}: name one by its first digits")]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// Which clips it fits.
        candidates: String,
    },
    /// The library cannot be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
}

impl Library {
    /// The one clip that a text names: by its title, its source's name, at least four first digits
    /// of its folder, or the path of its folder (which may be outside the library).
    ///
    /// # Errors
    /// None fits, or several do.
    pub fn find(&self, text: &str) -> Result<Entry, FindError> {
        let path = Path::new(text);
        if path.join(CLIP_TOML).exists() || (self.owns(path) && path.is_dir()) {
            return Ok(Entry::read(path));
        }
        let mut fitting: Vec<Entry> = self
            .entries()?
            .into_iter()
            .filter(|entry| fits(text, &entry.name, &entry.id()))
            .collect();
        match (fitting.pop(), fitting.is_empty()) {
            (None, _) => Err(FindError::Unknown(text.to_owned())),
            (Some(one), true) => Ok(one),
            (Some(last), false) => {
                fitting.push(last);
                let candidates: Vec<String> = fitting.iter().map(describe).collect();
                Err(FindError::Ambiguous {
                    text: text.to_owned(),
                    candidates: candidates.join(", "),
                })
            }
        }
    }
}

fn fits(text: &str, name: &str, id: &str) -> bool {
    let is_prefix = text.len() >= DIGITS_MIN && id.starts_with(&text.to_ascii_lowercase());
    text == name || text == id || is_prefix
}

fn describe(entry: &Entry) -> String {
    let facts = match entry.meta() {
        Some(meta) => format!("{}, {}", meta.canvas, meta.coding.encoder),
        None => "damaged".to_owned(),
    };
    format!("{} ({}, {facts})", entry.short_id(), entry.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_first_digits_fit() {
        let id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert!(fits("flower", "flower", id));
        assert!(fits("0a1b", "flower", id) && fits("0A1B2C", "flower", id));
        assert!(!fits("0a1", "flower", id), "three digits are too few");
        assert!(!fits("flow", "flower", id) && !fits("1b2c", "flower", id));
    }
}
