//! What unmapped devices do: the first knobs moved and the lowest notes struck take what the
//! program offers, and keep it from one start to the next.
//!
//! Owned by the thread `midi`; only that thread writes the file.

use crate::{
    control::mapping::Mapping,
    files::{free_name, write_aside},
    params::{Change, ParamIndex, Registry},
    ports::Notices,
};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What the name of a memory ends with that cannot be read.
const BROKEN: &str = ".broken";

/// What devices without mappings are given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutoAssign {
    /// The parameters that the first distinct controllers moved take, in this order.
    pub knobs: Vec<ParamIndex>,
    /// What the notes do, from the lowest one struck upward.
    pub pads: Vec<PadTarget>,
    /// What the modulation wheel (controller 1) moves, where it is no knob already.
    pub modulation_wheel: Option<ParamIndex>,
    /// What the pitch wheel moves. It springs back.
    pub pitch_bend: Option<ParamIndex>,
    /// What a program change sets: program 1 of the 128 is the row's value 1.
    pub program: Option<ParamIndex>,
}

/// What one pad does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PadTarget {
    /// The parameter.
    pub param: ParamIndex,
    /// What happens when the pad is struck. Of a press the force is the velocity.
    pub pressed: Change,
    /// What happens when it is let go.
    pub released: Option<Change>,
}

/// All devices met so far, and the mappings learnt.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    device: Vec<Remembered>,
    /// Mappings learnt, which count beside those of files.
    #[serde(rename = "mapping")]
    pub learnt: Vec<Mapping>,
}

/// What one device was given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Remembered {
    name: String,
    /// The lowest note struck so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowest_note: Option<u8>,
    knob: Vec<Knob>,
}

/// A controller and the parameter that it took, by id, since indices change with the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Knob {
    channel: u8,
    cc: u8,
    param: String,
}

impl Remembered {
    /// Whether the controller has a parameter already.
    pub(super) fn has_knob(&self, (channel, cc): (u8, u8)) -> bool {
        self.knob.iter().any(|knob| (knob.channel, knob.cc) == (channel, cc))
    }

    /// The parameter of a controller, and whether it took it just now. `None` where it has none and
    /// none is left.
    pub(super) fn knob(
        &mut self,
        (channel, cc): (u8, u8),
        offered: &[ParamIndex],
        registry: &Registry,
    ) -> Option<(ParamIndex, bool)> {
        let mut known = self.knob.iter().filter(|knob| (knob.channel, knob.cc) == (channel, cc));
        if let Some(param) = known.find_map(|knob| registry.find(&knob.param)) {
            return Some((param, false));
        }
        let is_free = |id: &str| self.knob.iter().all(|knob| knob.param != id);
        let param = *offered.iter().find(|param| is_free(registry.row(**param).id))?;
        let id = registry.row(param).id.to_owned();
        // What this controller took in a version that had other parameters.
        self.knob.retain(|knob| (knob.channel, knob.cc) != (channel, cc));
        self.knob.push(Knob { channel, cc, param: id });
        Some((param, true))
    }
}

impl Memory {
    /// Reads what was remembered, and says where it is to be kept. A file that cannot be read is put
    /// aside, since what is remembered from now on would take its place; where even that fails,
    /// nothing is kept.
    pub(super) fn open(path: PathBuf, notices: &Notices) -> (Self, Option<PathBuf>) {
        let error = match Self::load(&path) {
            Ok(memory) => return (memory, Some(path)),
            Err(error) => error,
        };
        let file = path.display();
        let mut broken = path.clone().into_os_string();
        broken.push(BROKEN);
        let broken = free_name(Path::new(&broken), &|_| false);
        let kept = match fs::rename(&path, &broken) {
            Ok(()) => {
                notices.warn(format!(
                    "MIDI: {file} cannot be read ({error}); it is kept as {}, and knobs are \
                     assigned afresh",
                    broken.display()
                ));
                Some(path)
            }
            Err(why) => {
                notices.warn(format!(
                    "MIDI: {file} cannot be read ({error}), nor be put aside ({why}); what is \
                     learnt is forgotten at the end"
                ));
                None
            }
        };
        (Self::default(), kept)
    }

    /// Reads what was remembered; nothing where there is no file yet.
    fn load(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map_err(|error| {
                let why = error.message().lines().next().unwrap_or("not TOML");
                let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
                io::Error::other(format!("line {line}: {why}"))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes it so that no half-written file is ever read.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        write_aside(path, toml::to_string(self).map_err(io::Error::other)?.as_bytes())
    }

    /// What a device was given.
    pub(super) fn device(&mut self, name: &str) -> &mut Remembered {
        let place = self.device.iter().position(|device| device.name == name);
        let place = place.unwrap_or_else(|| {
            self.device.push(Remembered { name: name.to_owned(), ..Remembered::default() });
            self.device.len() - 1
        });
        &mut self.device[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;

    const ROWS: [ParamSpec; 3] = [
        ParamSpec::float("t.a", "A", "", (0.0, 1.0), 0.0),
        ParamSpec::float("t.b", "B", "", (0.0, 1.0), 0.0),
        ParamSpec::float("t.c", "C", "", (0.0, 1.0), 0.0),
    ];

    #[test]
    fn knobs_take_what_is_offered_in_order_and_keep_it() {
        let registry = Registry::join(&[&ROWS]).expect("rows");
        let [a, b, c] = ROWS.map(|row| registry.index_of(&row));
        let mut memory = Memory::default();
        let device = memory.device("nano");
        assert_eq!(device.knob((1, 16), &[a, b], &registry), Some((a, true)));
        assert_eq!(device.knob((1, 20), &[a, b], &registry), Some((b, true)));
        assert_eq!(device.knob((1, 16), &[a, b], &registry), Some((a, false)));
        assert_eq!(device.knob((2, 16), &[a, b], &registry), None);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep").join("midi.toml");
        memory.save(&path).expect("it can be written");
        let mut again = Memory::load(&path).expect("it can be read");
        assert_eq!(again, memory);
        // What has a parameter keeps it, whatever is offered now.
        let device = again.device("nano");
        assert_eq!(device.knob((1, 20), &[c, b, a], &registry), Some((b, false)));
        assert_eq!(device.knob((1, 7), &[c, b, a], &registry), Some((c, true)));
        assert_eq!(again.device("other").knob((1, 20), &[c], &registry), Some((c, true)));
    }

    #[test]
    fn no_file_is_no_error_and_a_broken_one_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("midi.toml");
        assert_eq!(Memory::load(&path).expect("nothing yet"), Memory::default());
        fs::write(&path, "[[device]").expect("it can be written");
        assert!(Memory::load(&path).is_err());
    }

    #[test]
    fn a_broken_memory_is_put_aside_and_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("midi.toml");
        let notices = Notices::default();
        let said = || notices.take().expect("a notice").text;
        // The second one finds the first one's name taken.
        for (text, name) in [("[[device]\n", "midi.toml.broken"), ("x = [", "midi.toml-1.broken")] {
            fs::write(&path, text).expect("it can be written");
            let (memory, kept) = Memory::open(path.clone(), &notices);
            assert_eq!((memory, kept.as_deref()), (Memory::default(), Some(path.as_path())));
            let aside = folder.path().join(name);
            let notice = said();
            assert!(notice.contains("line 1") && notice.contains(name), "{notice}");
            assert!(!notice.contains('\n'), "{notice}");
            Memory::default().save(&path).expect("it can be written");
            assert_eq!(fs::read_to_string(&aside).expect("it is there"), text);
        }
        let (_, kept) = Memory::open(path.clone(), &notices);
        assert_eq!((kept, notices.take()), (Some(path), None));
    }

    /// In /proc nothing can be renamed, by nobody.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_broken_memory_that_cannot_be_put_aside_is_left_alone() {
        let notices = Notices::default();
        let (memory, kept) = Memory::open(PathBuf::from("/proc/self/status"), &notices);
        assert_eq!((memory, kept), (Memory::default(), None));
        let notice = notices.take().expect("a notice").text;
        assert!(notice.contains("forgotten at the end"), "{notice}");
    }
}
