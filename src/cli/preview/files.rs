//! Where previews come from and go to.

use anyhow::{Context, Result, bail};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// Where all of a folder goes where nobody says otherwise.
const FOLDER: &str = "out";

/// How results are called.
#[derive(Clone, Copy)]
pub struct Naming {
    /// What follows the name beside a picture.
    pub alone: &'static str,
    /// What follows it in the folder that nobody named.
    pub in_folder: &'static str,
    /// The ending in a folder that was named.
    pub in_named: &'static str,
}

/// One file to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Job {
    /// What is read.
    pub input: PathBuf,
    /// What is written.
    pub output: PathBuf,
}

impl Job {
    /// Nothing is written over what it is made of.
    fn new(input: PathBuf, output: PathBuf) -> Result<Self> {
        let is_same = match (fs::canonicalize(&input), fs::canonicalize(&output)) {
            (Ok(input), Ok(output)) => input == output,
            _ => false,
        };
        if is_same {
            bail!("{} would be written over itself: name another place", input.display());
        }
        Ok(Self { input, output })
    }
}

/// The job of one file. A folder that is there takes it by its name.
pub fn alone(input: &Path, output: Option<&Path>, naming: Naming) -> Result<Job> {
    let name = stem(input);
    let output = match output {
        None => input.with_file_name(format!("{name}{}", naming.alone)),
        Some(folder) if folder.is_dir() => folder.join(format!("{name}.{}", naming.in_named)),
        Some(file) => {
            if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                make(folder)?;
            }
            file.to_owned()
        }
    };
    Job::new(input.to_owned(), output)
}

/// The jobs of a folder, by name.
pub fn of_folder(input: &Path, output: Option<&Path>, naming: Naming) -> Result<Vec<Job>> {
    let files = in_folder(input)?;
    if files.is_empty() {
        bail!("there are no files in {}", input.display());
    }
    make(output.unwrap_or(Path::new(FOLDER)))?;
    let jobs = files.iter().zip(names(&files)).map(|(file, name)| {
        let path = match output {
            None => Path::new(FOLDER).join(format!("{name}{}", naming.in_folder)),
            Some(folder) => folder.join(format!("{name}.{}", naming.in_named)),
        };
        Job::new(file.clone(), path)
    });
    jobs.collect()
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// The files of a folder by name, without hidden ones and folders.
pub fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("the folder {} cannot be read", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !is_hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What results are called: each file's name without its ending, with it where others have the same.
fn names(files: &[PathBuf]) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for file in files {
        // Some disks know no difference between large and small letters.
        *counts.entry(stem(file).to_lowercase()).or_default() += 1;
    }
    let name = |file: &PathBuf| match counts.get(&stem(file).to_lowercase()) {
        Some(1) => stem(file),
        _ => file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    files.iter().map(name).collect()
}

/// An original and what became of it.
pub struct Pair {
    /// The original's file name.
    pub name: String,
    /// The original.
    pub original: PathBuf,
    /// The decoded picture; none where there is none of this name.
    pub decoded: Option<PathBuf>,
}

/// Originals with what was decoded by their names: `NAME.png` or `NAME.out.png`.
pub fn pairs(originals: &Path, decoded: &Path) -> Result<Vec<Pair>> {
    let (originals, decoded) = match originals.is_dir() {
        true => (in_folder(originals)?, in_folder(decoded)?),
        // Two files are a pair whatever their names are.
        false => {
            let name = originals.display().to_string();
            let decoded = Some(decoded.to_owned());
            return Ok(vec![Pair { name, original: originals.to_owned(), decoded }]);
        }
    };
    let known: HashMap<String, &PathBuf> = decoded
        .iter()
        .map(|path| {
            let name = stem(path);
            let name = name.strip_suffix(".out").map_or(name.clone(), str::to_owned);
            (name, path)
        })
        .collect();
    let pairs = originals.iter().zip(names(&originals)).map(|(original, name)| Pair {
        decoded: known.get(&name).map(|path| (*path).clone()),
        name: original
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        original: original.clone(),
    });
    Ok(pairs.collect())
}

/// Says how many of a folder went wrong, as an error.
pub fn all_well(bad: usize, all: usize, done: &str) -> Result<()> {
    match bad {
        0 => Ok(()),
        _ => bail!("{bad} of {all} files could not be {done}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stems_where_these_differ() {
        let files = ["a.png", "b.jpg", "B.png", "c.d.webp"].map(PathBuf::from);
        assert_eq!(names(&files), ["a", "b.jpg", "B.png", "c.d"]);
    }
}
