//! The journal: where the instrument is, written down every second, so that it goes on there after
//! it was killed. Removed at a clean end.

use super::values::{Values, Written, from_table_leniently};
use crate::{
    files::write_aside,
    params::{Gesture, Grid, ParamIndex, Registry},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The form of the file. One of another form is not understood.
const VERSION: u32 = 1;

/// Where an instrument was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// The form of the file.
    pub version: u32,
    /// The command line after the program's name.
    pub arguments: Vec<String>,
    /// The folder that it was given in.
    pub folder: PathBuf,
    /// The set or the clips that were named, as full paths.
    pub clips: Vec<PathBuf>,
    /// Size and rate of the programme.
    pub canvas: String,
    /// The display that the output was on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// Whether it filled the display.
    pub is_full_screen: bool,
    /// Slots since the start.
    pub slot: u64,
    /// Beats that had been counted.
    #[serde(default)]
    pub beats: f64,
    /// Whether the demonstration still played itself.
    pub is_demo: bool,
    /// Rows that presets and snapshots leave alone.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What was set, where it is not the default.
    pub values: toml::Table,
    /// What presses do to rows and what they wait for, where that is not as at first.
    #[serde(default)]
    pub gestures: BTreeMap<String, (String, String)>,
    /// The snapshots by number.
    #[serde(default)]
    pub snapshots: BTreeMap<String, toml::Table>,
    /// What the clips keep for themselves, in their order.
    #[serde(default)]
    pub clip: Vec<JournalClip>,
}

/// Where a clip was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JournalClip {
    /// Where its playhead was, 0..=1 of its slices.
    pub position: f64,
    /// What it keeps for itself.
    #[serde(default)]
    pub values: toml::Table,
}

/// Why there is no journal to go on from, or none is written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be read.
    #[error("the journal {path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file has another form.
    #[error("the journal {path} cannot be understood: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The file cannot be written.
    #[error("the journal {path} cannot be written ({source}): after a crash the show starts anew")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Journal {
    /// Reads the journal; `None` where there is none.
    ///
    /// # Errors
    /// The file, or its form.
    pub fn read(path: &Path) -> Result<Option<Self>, JournalError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(JournalError::Read { path: path.to_owned(), source }),
        };
        let form = |why: &str| JournalError::Form { path: path.to_owned(), why: why.to_owned() };
        let read: Self = toml::from_str(&text)
            .map_err(|error| form(error.message().lines().next().unwrap_or("not TOML")))?;
        match read.version {
            VERSION => Ok(Some(read)),
            _ => Err(form("it is of another version")),
        }
    }

    /// The text of the file.
    ///
    /// # Errors
    /// A value that TOML cannot hold.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&Self { version: VERSION, ..self.clone() })
    }

    /// Writes the text of a journal; the folder is made where it is missing.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(path: &Path, text: &str) -> Result<(), JournalError> {
        let write = |source| JournalError::Write { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(write)?;
        }
        write_aside(path, text.as_bytes()).map_err(write)
    }

    /// What of a table is there in this program.
    pub fn values_of(registry: &Registry, table: &toml::Table) -> Values {
        // What is not there any more was said when the set was opened.
        from_table_leniently(registry, table, &mut Vec::new())
    }

    /// Values as a table.
    pub fn table_of(
        registry: &Registry,
        values: impl IntoIterator<Item = (ParamIndex, f64)>,
    ) -> toml::Table {
        let write = |(index, plain)| {
            let written = Written::of(registry, index, plain);
            (registry.row(index).id.to_owned(), written.into())
        };
        values.into_iter().map(write).collect()
    }

    /// The rows that recalls leave alone.
    pub fn excluded(&self, registry: &Registry) -> Vec<ParamIndex> {
        self.exclude.iter().filter_map(|id| registry.find(id)).collect()
    }

    /// What presses do to rows and what they wait for.
    pub fn gestures(&self, registry: &Registry) -> Vec<(ParamIndex, Gesture, Grid)> {
        let read = |(id, (gesture, grid)): (&String, &(String, String))| {
            Some((registry.find(id)?, gesture.parse().ok()?, grid.parse().ok()?))
        };
        self.gestures.iter().filter_map(read).collect()
    }

    /// The snapshots by number from 1, with the looks that are not neutral in them.
    pub fn snapshots(&self, registry: &Registry) -> Vec<(usize, Values)> {
        let read = |(number, looks): (&String, &toml::Table)| {
            Some((number.parse().ok()?, Self::values_of(registry, looks)))
        };
        self.snapshots.iter().filter_map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;

    const AMOUNT: ParamSpec = ParamSpec::float("wear.amount", "Amount", "", (0.0, 1.0), 0.0);
    const TARGET: ParamSpec = ParamSpec::reference("patch.target", "Target", "");

    #[test]
    fn it_reads_as_it_was_written_to_the_last_bit() {
        let registry = Registry::join(&[&[AMOUNT, TARGET]]).expect("rows");
        let (amount, target) = (registry.index_of(&AMOUNT), registry.index_of(&TARGET));
        let values = [(amount, 0.1 + 0.2), (target, 0.0)];
        let table = Journal::table_of(&registry, values);
        let journal = Journal {
            arguments: ["play", "a \"b\".toml"].map(str::to_owned).to_vec(),
            canvas: "640x360@25".to_owned(),
            display: Some("HDMI-1".to_owned()),
            is_full_screen: true,
            values: table.clone(),
            exclude: vec!["wear.amount".to_owned(), "gone.row".to_owned()],
            snapshots: [("3".to_owned(), table.clone())].into(),
            gestures: [("wear.amount".to_owned(), ("latch".to_owned(), "1 bar".to_owned()))].into(),
            clip: vec![JournalClip { position: 1.0 / 3.0, values: table }],
            ..Journal::default()
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/journal.toml");
        assert_eq!(Journal::read(&path).expect("none is no error"), None);
        Journal::write(&path, &journal.to_text().expect("TOML")).expect("written");
        let read = Journal::read(&path).expect("readable").expect("there");
        assert_eq!(read, Journal { version: VERSION, ..journal });
        let mut found = Journal::values_of(&registry, &read.values);
        found.sort_by_key(|(index, _)| index.dense());
        assert_eq!(found, values);
        assert_eq!(read.excluded(&registry), [amount]);
        assert_eq!(read.gestures(&registry), [(amount, Gesture::Latch, Grid::Bar)]);
        assert_eq!(read.snapshots(&registry)[0].0, 3);
        assert_eq!(read.clip[0].position, 1.0 / 3.0);
    }

    #[test]
    fn another_form_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.toml");
        for text in ["", "version = 1", "version = [", "version = 2\narguments = []"] {
            fs::write(&path, text).expect("written");
            assert!(matches!(Journal::read(&path), Err(JournalError::Form { .. })), "{text}");
        }
        let journal = Journal { values: toml::Table::new(), ..Journal::default() };
        let text = journal.to_text().expect("TOML").replace("version = 1", "version = 2");
        fs::write(&path, text).expect("written");
        let error = Journal::read(&path).expect_err("another version");
        assert!(error.to_string().contains("another version"), "{error}");
    }
}
