//! What a path stands for: one file, a still, or a sequence of numbered pictures.
//!
//! Looks at names and at the first bytes of files; decodes nothing.

use super::{photo::Webp, request::ImportError};
use std::{
    cmp::Ordering,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

/// Kinds of picture files, by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PictureKind {
    Png,
    Jpeg,
    Webp,
    Gif,
    Bmp,
    Tiff,
}

impl PictureKind {
    /// Looks at the first bytes; whatever is none of these may still be a video.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let mut head = Vec::with_capacity(12);
        File::open(path).ok()?.take(12).read_to_end(&mut head).ok()?;
        match head.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => Some(Self::Webp),
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            [b'B', b'M', ..] => Some(Self::Bmp),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            _ => None,
        }
    }

    /// The name that GStreamer has for it.
    pub(super) const fn caps_name(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
        }
    }
}

/// What a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Material {
    /// A video file, or anything else that is for GStreamer to find out.
    Video,
    /// A picture file; it may yet hold several pictures (animated GIF).
    Still(PictureKind),
    /// Pictures of one kind, in their order.
    Sequence(PictureKind, Vec<PathBuf>),
}

impl Material {
    /// Looks what is at `path`: a file, a folder of pictures, or a pattern such as `shot_%04d.png`.
    pub(super) fn of(path: &Path) -> Result<Self, ImportError> {
        match fs::metadata(path) {
            Ok(facts) if facts.is_file() => match PictureKind::of(path) {
                Some(PictureKind::Webp)
                    if Webp::read(path).is_some_and(|webp| webp.is_animated) =>
                {
                    Err(ImportError::AnimatedWebp { path: path.to_owned() })
                }
                kind => Ok(kind.map_or(Self::Video, Self::Still)),
            },
            Ok(facts) if facts.is_dir() => {
                let mut files = pictures_in(path, |name| !name.starts_with('.'))?;
                files.sort_by(|(one, _), (other, _)| natural(&text(one), &text(other)));
                Self::sequence(path, files)
            }
            Ok(_) => Err(ImportError::NoFile { path: path.to_owned() }),
            Err(source) => match Pattern::of(path) {
                Some(pattern) => {
                    let mut files =
                        pictures_in(&pattern.folder, |name| pattern.number(name).is_some())?;
                    files.sort_by_key(|(file, _)| pattern.number(&text(file)));
                    Self::sequence(path, files)
                }
                None => Err(ImportError::Read { path: path.to_owned(), source }),
            },
        }
    }

    fn sequence(path: &Path, files: Vec<(PathBuf, PictureKind)>) -> Result<Self, ImportError> {
        let Some((_, kind)) = files.first().cloned() else {
            return Err(ImportError::NoFile { path: path.to_owned() });
        };
        if let Some((other, _)) = files.iter().find(|(_, other)| *other != kind) {
            return Err(ImportError::MixedKinds { path: path.to_owned(), file: text(other) });
        }
        Ok(Self::Sequence(kind, files.into_iter().map(|(file, _)| file).collect()))
    }
}

/// `shot_%04d.png`, taken apart.
#[derive(Debug)]
struct Pattern {
    folder: PathBuf,
    before: String,
    after: String,
}

impl Pattern {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let (before, rest) = name.split_once('%')?;
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix('d')?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Some(Self { folder, before: before.to_owned(), after: after.to_owned() })
    }

    /// The number in a name that fits.
    fn number(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    }
}

/// The picture files of a folder whose names are wanted.
fn pictures_in(
    folder: &Path,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(PathBuf, PictureKind)>, ImportError> {
    let entries = fs::read_dir(folder)
        .map_err(|source| ImportError::Read { path: folder.to_owned(), source })?;
    let names = entries.flatten().filter(|entry| is_wanted(&entry.file_name().to_string_lossy()));
    Ok(names
        .map(|entry| entry.path())
        .filter_map(|file| PictureKind::of(&file).map(|kind| (file, kind)))
        .collect())
}

fn text(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Order of names as people count: 2 before 10.
fn natural(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        let (digits, rest) = number(one);
        let (others, rest_of_other) = number(other);
        if !digits.is_empty() && !others.is_empty() {
            // Without leading zeros, a longer number is a larger one.
            let order = digits.len().cmp(&others.len()).then_with(|| digits.cmp(others));
            if order != Ordering::Equal {
                return order;
            }
            (one, other) = (rest, rest_of_other);
            continue;
        }
        match (one.split_first(), other.split_first()) {
            (Some((a, rest)), Some((b, rest_of_other))) if a == b => {
                (one, other) = (rest, rest_of_other);
            }
            (a, b) => return a.map(|(byte, _)| byte).cmp(&b.map(|(byte, _)| byte)),
        }
    }
}

/// The number at the beginning, without leading zeros but for a lone one, and what follows it.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    (&digits[zeros.min(end.saturating_sub(1))..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";

    #[test]
    fn numbers_sort_as_people_count() {
        let mut names = ["b1", "a10", "a9", "a09b", "a2", "a", "a1"];
        names.sort_by(|one, other| natural(one, other));
        assert_eq!(names, ["a", "a1", "a2", "a9", "a09b", "a10", "b1"]);
    }

    #[test]
    fn sequences_are_found_by_folder_and_by_pattern() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["shot_10.png", "shot_9.png", "shot_x.png", "other_1.png", "shot_11.jpg"] {
            fs::write(folder.path().join(name), PNG).expect("a file");
        }
        fs::write(folder.path().join("notes.txt"), "no picture").expect("a file");
        let names = |path: PathBuf| match Material::of(&path).expect("a sequence") {
            Material::Sequence(PictureKind::Png, files) => {
                files.iter().map(|file| text(file)).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        let at = |name: &str| folder.path().join(name);
        assert_eq!(names(at("shot_%02d.png")), ["shot_9.png", "shot_10.png"]);
        assert_eq!(names(at("shot_%d.png")), ["shot_9.png", "shot_10.png"]);
        assert_eq!(
            names(folder.path().to_owned()),
            ["other_1.png", "shot_9.png", "shot_10.png", "shot_11.jpg", "shot_x.png"]
        );
        fs::write(at("shot_12.png"), b"GIF89a......").expect("a file");
        let line = Material::of(&at("shot_%d.png")).expect_err("two kinds").to_string();
        assert!(line.contains("shot_12.png"), "{line}");
        assert!(matches!(Material::of(&at("none_%d.png")), Err(ImportError::NoFile { .. })));
        assert!(matches!(Material::of(&at("none.png")), Err(ImportError::Read { .. })));
    }
}
