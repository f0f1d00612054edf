//! What remains of a set: one file with the set, its looks, takes, previews and shaders, who made it, and
//! what it was made from. Opened, it is a child that knows its parent.
//!
//! A ZIP file, nothing in it compressed (docs/take.md lists its names); its comment is the hash of all
//! bytes before it. Reads and writes files on the caller's thread. What is opened is somebody else's: the
//! hash, names, number and length of the files in it are looked at before anything is written.

use super::staging::Staging;
use crate::media;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Component, Path, PathBuf},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// The format that this program writes; it reads those before as well.
pub const REMAINS_FORMAT: u32 = 2;

/// The first format whose files end with their own hash.
const HASHED_FORMAT: u32 = 2;

/// Digits of a hash: XXH3-128 in hexadecimal.
const HASH_DIGITS: usize = 32;

/// The ending of such files.
pub const REMAINS_ENDING: &str = "residua";

/// The file that says what it is, in the archive and in an opened folder.
pub const REMAINS_TOML: &str = "remains.toml";

/// Most files in an archive.
const FILES_MAX: usize = 20_000;

/// Most bytes of all files: an evening's clips.
const BYTES_MAX: u64 = 256 << 30;

/// Most bytes of [`REMAINS_TOML`].
const FACTS_BYTES_MAX: u64 = 4 << 20;

/// What stands in [`REMAINS_TOML`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Remains {
    /// [`REMAINS_FORMAT`] at the time of writing.
    pub format: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The set's file.
    pub set: String,
    /// XXH3-128 of the file that it came from, and of those before, the nearest first; 32 hexadecimal
    /// digits each.
    #[serde(default)]
    pub parents: Vec<String>,
    /// Who made those, in the same order; empty where nobody said.
    #[serde(default)]
    pub ancestors: Vec<String>,
    /// The set's clips, in its order.
    #[serde(default, rename = "clip")]
    pub clips: Vec<RemainsClip>,
}

/// A clip of a set that remains.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RemainsClip {
    /// What it is called.
    pub name: String,
    /// See [`crate::clip::Meta::fingerprint`].
    pub fingerprint: String,
    /// XXH3-128 of its source.
    pub source_hash: String,
    /// Its preview.
    pub preview: String,
    /// Whether its folder is in the archive.
    pub is_packed: bool,
}

/// Why remains are not packed or opened.
#[derive(Debug, thiserror::Error)]
pub enum RemainsError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is something already.
    #[error("{0} is there already: name another one")]
    Taken(PathBuf),
    /// The file is no archive, or a broken one.
    #[error("{path} holds no remains of a set: {why}")]
    NoRemains {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It is not what was packed.
    #[error("{0} is damaged: it is not as it was packed; copy it again from where it came from")]
    Damaged(PathBuf),
    /// A name that leads out of the folder.
    #[error("{path} was not opened: it wants to write '{name}', which is not inside its folder")]
    Outside {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// More than is taken.
    #[error("{path} was not opened: it holds more than {FILES_MAX} files or {} GiB", BYTES_MAX >> 30)]
    Large {
        /// The file.
        path: PathBuf,
    },
    /// Another format.
    #[error(
        "{path} is of format {format}, and this program reads none above {REMAINS_FORMAT}: use a newer one"
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
}

/// XXH3-128 of a file, as 32 hexadecimal digits.
///
/// # Errors
/// It cannot be read.
pub fn file_hash(path: &Path) -> Result<String, RemainsError> {
    media::hash_file(path).map_err(|source| RemainsError::Read { path: path.to_owned(), source })
}

impl Remains {
    /// What an opened folder says of itself; `None` where it is no child.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn of_folder(folder: &Path) -> Result<Option<Self>, RemainsError> {
        let path = folder.join(REMAINS_TOML);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(RemainsError::Read { path, source }),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, RemainsError> {
        let no = |why: String| RemainsError::NoRemains { path: path.to_owned(), why };
        let table: toml::Table =
            text.parse().map_err(|_| no(format!("{REMAINS_TOML} is no TOML")))?;
        if let Some(format) = table.get("format").and_then(toml::Value::as_integer)
            && !(1..=i64::from(REMAINS_FORMAT)).contains(&format)
        {
            let format = u32::try_from(format).unwrap_or(u32::MAX);
            return Err(RemainsError::OtherFormat { path: path.to_owned(), format });
        }
        table.try_into().map_err(|error: toml::de::Error| {
            let line = error.message().lines().next().unwrap_or("not what it should be").to_owned();
            no(format!("{REMAINS_TOML}: {line}"))
        })
    }
}

/// Makes one file of a folder and what it says of itself. The name is taken once the file is whole.
///
/// # Errors
/// The file is there already, or something cannot be read or written.
pub fn pack(remains: &Remains, folder: &Path, file: &Path) -> Result<(), RemainsError> {
    if file.symlink_metadata().is_ok() {
        return Err(RemainsError::Taken(file.to_owned()));
    }
    let write = |source| RemainsError::Write { path: file.to_owned(), source };
    let facts = toml::to_string(remains).map_err(io::Error::other).map_err(write)?;
    let part = file.with_extension(format!("{REMAINS_ENDING}.part"));
    let packed = (|| {
        let mut archive = ZipWriter::new(BufWriter::new(File::create(&part).map_err(write)?));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        let zip = |error: zip::result::ZipError| write(io::Error::other(error));
        archive.start_file(REMAINS_TOML, options).map_err(zip)?;
        archive.write_all(facts.as_bytes()).map_err(write)?;
        let mut files = Vec::new();
        files_in(folder, &mut files)?;
        files.sort();
        for path in files {
            let inside = path.strip_prefix(folder).unwrap_or(&path);
            let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
            let name = parts.join("/");
            if name == REMAINS_TOML {
                continue;
            }
            archive.start_file(name, options).map_err(zip)?;
            let read = |source| RemainsError::Read { path: path.clone(), source };
            let mut from = File::open(&path).map_err(read)?;
            io::copy(&mut from, &mut archive).map_err(write)?;
        }
        // Its own hash takes the place once all before it stands.
        archive.set_raw_comment(vec![b'0'; HASH_DIGITS].into_boxed_slice()).map_err(zip)?;
        let inner = archive.finish().map_err(zip)?;
        drop(inner.into_inner().map_err(|error| write(error.into_error()))?);
        let mut whole = File::options().read(true).write(true).open(&part).map_err(write)?;
        let length = whole.metadata().map_err(write)?.len() - HASH_DIGITS as u64;
        let found = media::hash((&mut whole).take(length)).map_err(write)?;
        whole.seek(SeekFrom::Start(length)).map_err(write)?;
        whole.write_all(found.as_bytes()).map_err(write)?;
        whole.sync_all().map_err(write)?;
        fs::rename(&part, file).map_err(write)
    })();
    if packed.is_err() {
        let _ = fs::remove_file(&part);
    }
    packed
}

fn files_in(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), RemainsError> {
    let bad = |source| RemainsError::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(bad)? {
        let path = entry.map_err(bad)?.path();
        if path.is_dir() { files_in(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// What a file says of itself.
///
/// # Errors
/// It is no such file, or a damaged one.
pub fn facts(file: &Path) -> Result<Remains, RemainsError> {
    let mut archive = Archive::open(file)?;
    let facts = archive.facts()?;
    archive.check(&facts)?;
    Ok(facts)
}

/// Makes a folder of a file: a child, which names the file as its parent. Returns the set's file.
///
/// # Errors
/// The folder is there and not empty, the file is none, is damaged or wants too much; nothing is left
/// behind then.
pub fn open(file: &Path, folder: &Path) -> Result<PathBuf, RemainsError> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        return Err(RemainsError::Taken(folder.to_owned()));
    }
    let mut archive = Archive::open(file)?;
    let found = archive.facts()?;
    archive.check(&found)?;
    let names = archive.names()?;
    if !names.iter().any(|(_, path, _)| *path == Path::new(&found.set)) {
        let why = format!("the set {} is not in it", found.set);
        return Err(RemainsError::NoRemains { path: file.to_owned(), why });
    }
    let folder = std::path::absolute(folder)
        .map_err(|source| RemainsError::Write { path: folder.to_owned(), source })?;
    let taken = |source| RemainsError::Write { path: folder.clone(), source };
    let staging = Staging::beside(&folder).map_err(taken)?;
    for (place, path, _) in &names {
        archive.extract(*place, &staging.path().join(path))?;
    }
    let mut child = found.clone();
    child.parents.insert(0, file_hash(file)?);
    child.ancestors.insert(0, found.author.clone().unwrap_or_default());
    let path = staging.path().join(REMAINS_TOML);
    let write = |source| RemainsError::Write { path: path.clone(), source };
    let text = toml::to_string(&child).map_err(io::Error::other).map_err(write)?;
    fs::write(&path, text).map_err(write)?;
    fs::rename(staging.path(), &folder).map_err(taken)?;
    Ok(folder.join(&found.set))
}

struct Archive<'a> {
    path: &'a Path,
    archive: ZipArchive<BufReader<File>>,
}

impl<'a> Archive<'a> {
    fn open(path: &'a Path) -> Result<Self, RemainsError> {
        let read = |source| RemainsError::Read { path: path.to_owned(), source };
        let file = BufReader::new(File::open(path).map_err(read)?);
        let archive = ZipArchive::new(file).map_err(|error| RemainsError::NoRemains {
            path: path.to_owned(),
            why: error.to_string().replace('\n', " "),
        })?;
        if archive.len() > FILES_MAX {
            return Err(RemainsError::Large { path: path.to_owned() });
        }
        Ok(Self { path, archive })
    }

    fn broken(&self, why: impl std::fmt::Display) -> RemainsError {
        let why = why.to_string().replace('\n', " ");
        RemainsError::NoRemains { path: self.path.to_owned(), why }
    }

    fn facts(&mut self) -> Result<Remains, RemainsError> {
        let missing = format!("it has no {REMAINS_TOML}");
        let path = self.path.to_owned();
        let broken = |why: String| RemainsError::NoRemains { path: path.clone(), why };
        let file = self.archive.by_name(REMAINS_TOML).map_err(|_| broken(missing))?;
        let mut text = String::new();
        file.take(FACTS_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(|error| broken(format!("{REMAINS_TOML}: {error}")))?;
        Remains::parse(&path, &text)
    }

    /// Whether every byte is as it was packed. Formats before hashes have the checksums of ZIP alone,
    /// which are looked at as the files are read.
    fn check(&self, facts: &Remains) -> Result<(), RemainsError> {
        if facts.format < HASHED_FORMAT {
            return Ok(());
        }
        let read = |source| RemainsError::Read { path: self.path.to_owned(), source };
        let mut file = File::open(self.path).map_err(read)?;
        let length = file.metadata().map_err(read)?.len();
        let length = length.saturating_sub(HASH_DIGITS as u64);
        let found = media::hash((&mut file).take(length)).map_err(read)?;
        let mut packed = Vec::new();
        file.take(HASH_DIGITS as u64).read_to_end(&mut packed).map_err(read)?;
        match found.as_bytes() == packed && self.archive.comment() == packed {
            true => Ok(()),
            false => Err(RemainsError::Damaged(self.path.to_owned())),
        }
    }

    /// The files in it: place, path, length.
    fn names(&mut self) -> Result<Vec<(usize, PathBuf, u64)>, RemainsError> {
        let mut names: Vec<(usize, PathBuf, u64)> = Vec::new();
        let mut bytes: u64 = 0;
        for place in 0..self.archive.len() {
            let found = self.archive.by_index_raw(place).and_then(|file| {
                let name = file.name()?.into_owned();
                Ok((name, file.is_dir(), file.is_symlink(), file.size()))
            });
            let (name, is_dir, is_link, length) = found.map_err(|error| self.broken(error))?;
            let path = Path::new(&name);
            let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
            let is_inside = !name.is_empty()
                && !name.contains(['\\', ':', '\0'])
                && !name.starts_with('/')
                && path.components().all(is_plain);
            if !is_inside || is_link {
                return Err(RemainsError::Outside { path: self.path.to_owned(), name });
            }
            bytes = bytes.saturating_add(length);
            if bytes > BYTES_MAX {
                return Err(RemainsError::Large { path: self.path.to_owned() });
            }
            if !is_dir && name != REMAINS_TOML {
                names.push((place, path.to_owned(), length));
            }
        }
        Ok(names)
    }

    fn extract(&mut self, place: usize, to: &Path) -> Result<(), RemainsError> {
        let write = |source| RemainsError::Write { path: to.to_owned(), source };
        let path = self.path.to_owned();
        let broken = |why: String| RemainsError::NoRemains { path: path.clone(), why };
        let mut file = self.archive.by_index(place).map_err(|error| broken(error.to_string()))?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(write)?;
        }
        let length = file.size();
        let mut out = File::create_new(to).map_err(write)?;
        // Never more than it says; what it says has been counted.
        let copied = io::copy(&mut (&mut file).take(length), &mut out)
            .map_err(|error| broken(format!("{}: {error}", to.display())))?;
        // Its checksum is compared where its end is read, and not before.
        match (copied == length, file.read(&mut [0])) {
            (false, _) => Err(broken("it is cut off".to_owned())),
            (true, Ok(0)) => Ok(()),
            (true, _) => Err(RemainsError::Damaged(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(folder: &Path, remains: &Remains) -> PathBuf {
        let source = folder.join("source");
        fs::create_dir_all(source.join("takes")).expect("a folder");
        fs::write(source.join("night.toml"), "canvas = \"64x64@25\"\n").expect("written");
        fs::write(source.join("takes/one.take"), "residua-take 1\n").expect("written");
        let file = folder.join("night.residua");
        pack(remains, &source, &file).expect("packed");
        file
    }

    fn remains() -> Remains {
        Remains {
            format: REMAINS_FORMAT,
            version: "1".to_owned(),
            author: Some("Ada".to_owned()),
            set: "night.toml".to_owned(),
            ..Remains::default()
        }
    }

    #[test]
    fn a_child_has_everything_and_knows_its_parents() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = packed(folder.path(), &remains());
        assert_eq!(facts(&file).expect("facts"), remains());
        let child = folder.path().join("child");
        assert_eq!(open(&file, &child).expect("opened"), child.join("night.toml"));
        let take = fs::read_to_string(child.join("takes/one.take")).expect("a take");
        assert_eq!(take, "residua-take 1\n");
        let found = Remains::of_folder(&child).expect("readable").expect("a child");
        assert_eq!(
            (found.parents, found.ancestors),
            (vec![file_hash(&file).expect("hash")], vec!["Ada".to_owned()])
        );
        assert!(matches!(open(&file, &child), Err(RemainsError::Taken(_))));
        assert!(matches!(pack(&remains(), &child, &file), Err(RemainsError::Taken(_))));
    }

    #[test]
    fn names_that_lead_out_are_refused_and_leave_nothing() {
        for name in ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "c:evil"] {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("bad.residua");
            let mut archive = ZipWriter::new(File::create(&file).expect("a file"));
            let facts = toml::to_string(&Remains { format: 1, ..remains() }).expect("facts");
            for (name, text) in [(REMAINS_TOML, facts.as_str()), ("night.toml", ""), (name, "x")] {
                let options = SimpleFileOptions::default();
                archive.start_file(name, options).expect("a name");
                archive.write_all(text.as_bytes()).expect("written");
            }
            archive.finish().expect("finished");
            let error = open(&file, &folder.path().join("child")).expect_err(name);
            assert!(matches!(error, RemainsError::Outside { .. }), "{name}: {error}");
            assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "{name}");
        }
    }

    #[test]
    fn what_holds_no_remains_is_said_in_a_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = packed(folder.path(), &Remains { format: 9, ..remains() });
        let error = facts(&file).expect_err("another format").to_string();
        assert!(
            error.ends_with("is of format 9, and this program reads none above 2: use a newer one")
        );
        let none = folder.path().join("none.residua");
        fs::write(&none, "nothing").expect("written");
        let error = open(&none, &folder.path().join("x")).expect_err("none").to_string();
        assert!(error.contains("holds no remains") && !error.contains('\n'), "{error}");
        let set =
            packed(&folder.path().join("b"), &Remains { set: "day.toml".to_owned(), ..remains() });
        let error = open(&set, &folder.path().join("x")).expect_err("no set").to_string();
        assert!(error.ends_with("the set day.toml is not in it"), "{error}");
    }

    /// A file as programs before the hash have packed them: the same ZIP file without a comment.
    fn packed_before(folder: &Path) -> PathBuf {
        let file = folder.join("old.residua");
        let mut archive = ZipWriter::new(File::create(&file).expect("a file"));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let facts = toml::to_string(&Remains { format: 1, ..remains() }).expect("facts");
        for (name, text) in [(REMAINS_TOML, facts.as_str()), ("night.toml", "the set's own text")] {
            archive.start_file(name, options).expect("a name");
            archive.write_all(text.as_bytes()).expect("written");
        }
        archive.finish().expect("finished");
        file
    }

    #[test]
    fn files_of_the_format_before_are_opened_and_their_checksums_looked_at() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = packed_before(folder.path());
        let set = open(&file, &folder.path().join("child")).expect("opened");
        assert_eq!(fs::read_to_string(set).expect("a set"), "the set's own text");
        let mut bytes = fs::read(&file).expect("readable");
        let text = b"the set's own text";
        let place = bytes.windows(text.len()).position(|part| part == text).expect("stored");
        bytes[place] ^= 1;
        fs::write(&file, &bytes).expect("written");
        let error = open(&file, &folder.path().join("other")).expect_err("damaged");
        assert!(matches!(error, RemainsError::Damaged(_)), "{error}");
        assert!(!folder.path().join("other").exists());
    }

    #[test]
    fn the_hash_is_that_of_all_bytes_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = fs::read(packed(folder.path(), &remains())).expect("readable");
        let (before, digits) = bytes.split_at(bytes.len() - 32);
        let expected = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(before));
        assert_eq!(digits, expected.as_bytes());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_file_with_other_bytes_is_refused_and_leaves_nothing(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..6),
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let file = packed(folder.path(), &remains());
            let whole = fs::read(&file).expect("readable");
            let mut bytes = whole.clone();
            for (place, flips) in changes {
                let place = place.index(bytes.len());
                bytes[place] ^= flips;
            }
            fs::write(&file, &bytes).expect("written");
            let child = folder.path().join("child");
            let opened = open(&file, &child);
            prop_assert_eq!(opened.is_ok(), bytes == whole);
            prop_assert_eq!(opened.is_ok(), child.exists());
            prop_assert_eq!(facts(&file).is_ok(), bytes == whole);
        }
    }
}
