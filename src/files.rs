//! Files that are complete or as they were: written aside, then renamed. And names that are free.
//!
//! Owns no thread and no state; reads and writes on the caller's, which is never the engine's. Knows
//! no other room.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
};

/// Puts these bytes in a file's place, on the disk before the name: whoever reads finds the file as
/// it was or as it is now, also after the power failed. A link stays one; its target is replaced.
///
/// # Errors
/// The folder cannot be written; then the file is as it was.
pub fn write_aside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = path.with_file_name(format!(".{name}.{}.new", process::id()));
    let written = write(&aside, path, bytes);
    if written.is_err() {
        // What is half-written is nobody's.
        let _ = fs::remove_file(&aside);
    }
    written
}

fn write(aside: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(aside)?;
    file.write_all(bytes)?;
    if let Ok(facts) = fs::metadata(path) {
        file.set_permissions(facts.permissions())?;
    }
    file.sync_all()?;
    fs::rename(aside, path)
}

/// The name, or the first numbered one that is not taken: `a.toml`, `a-1.toml`, ... `is_taken` is
/// asked with the name without its ending, besides the disk.
pub fn free_name(path: &Path, is_taken: &dyn Fn(&str) -> bool) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
    let named = |number: u32| match number {
        0 => stem.clone().into_owned(),
        number => format!("{stem}-{number}"),
    };
    let is_free =
        |name: &String| !is_taken(name) && !path.with_file_name(format!("{name}{ending}")).exists();
    let name = (0..).map(named).find(is_free).unwrap_or_default();
    path.with_file_name(format!("{name}{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.toml");
        write_aside(&file, b"one").expect("written");
        write_aside(&file, b"two").expect("written");
        assert_eq!(fs::read(&file).expect("read"), b"two");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        assert!(write_aside(&folder.path().join("none/a.toml"), b"x").is_err());
    }

    #[test]
    fn names_that_are_taken_are_numbered() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.toml");
        assert_eq!(free_name(&path, &|_| false), path);
        fs::write(&path, "").expect("written");
        assert_eq!(free_name(&path, &|_| false), folder.path().join("a-1.toml"));
        assert_eq!(free_name(&path, &|name| name == "a-1"), folder.path().join("a-2.toml"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&file, "one").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        write_aside(&link, b"two").expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&file).expect("read"), b"two");
    }
}
