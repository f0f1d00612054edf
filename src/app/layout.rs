//! The file that keeps how the control window is laid out.

use crate::{files::write_aside, ui::Layout};
use std::{fs, io, path::Path};

/// How it was laid out; as at first where nothing is kept, or what is kept cannot be read: a layout is
/// no reason to say anything.
pub(super) fn read(path: &Path) -> Layout {
    let text = fs::read_to_string(path).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// Keeps it.
///
/// # Errors
/// The file or its folder cannot be written.
pub(super) fn write(path: &Path, layout: &Layout) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = toml::to_string(layout).map_err(io::Error::other)?;
    write_aside(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Mode, Page};

    #[test]
    fn what_was_written_is_read_and_nonsense_is_as_at_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state/window.toml");
        assert_eq!(read(&path), Layout::default());
        let layout = Layout { mode: Mode::Prepare, page: Page::Memory, scale: 1.5 };
        write(&path, &layout).expect("written");
        assert_eq!(read(&path), layout);
        fs::write(&path, "mode = 7").expect("written");
        assert_eq!(read(&path), Layout::default());
    }
}
