//! All rows, in one dense table that only grows.

use super::spec::{Kind, ParamSpec, ValueError};
use std::{
    collections::HashMap,
    sync::{
        OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering},
    },
};

/// Most rows, those that have gone included. The instrument itself has less than a thousand; the rest
/// is for those that come while playing. Every snapshot has room for all: 16 KiB.
pub const CAPACITY: usize = 2048;

/// Of a row that no other stands for. No row has this index.
const NO_HEIR: u16 = u16::MAX;

/// The plain value of a reference that names no row.
pub(super) const NO_ROW: f64 = -1.0;

/// Ids that are suggested at most in the place of a wrong one.
const SUGGESTIONS: usize = 5;

/// From this likeness on (Jaro-Winkler, 0..=1) an id may have been meant: one letter more, fewer or other.
const ALIKE: f64 = 0.85;

/// Place of a parameter in the registry; how the engine and its snapshots name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamIndex(pub(super) u16);

impl ParamIndex {
    /// As an index into dense arrays of all parameters.
    pub fn dense(self) -> usize {
        usize::from(self.0)
    }
}

/// A place for a row.
#[derive(Debug)]
struct Slot {
    row: OnceLock<ParamSpec>,
    is_gone: AtomicBool,
    /// The row of the same id that was declared later.
    heir: AtomicU16,
}

/// The joined rows of all rooms, and those that come while playing.
///
/// Rows are added and taken away by [`Self::replace`] while others read; an index stays what it is
/// for ever. Reading by index takes no lock; finding by id does, and so is not for the engine's tick.
#[derive(Debug)]
pub struct Registry {
    slots: Box<[Slot]>,
    len: AtomicUsize,
    /// The rows that have not gone.
    by_id: RwLock<HashMap<&'static str, ParamIndex>>,
    version: AtomicU64,
}

impl Registry {
    /// Joins the rows that the rooms declare, in their order.
    ///
    /// # Errors
    /// An id that is declared twice, a default or neutral value outside its range, more rows than
    /// [`CAPACITY`].
    pub fn join(rooms: &[&[ParamSpec]]) -> Result<Self, RegistryError> {
        let slot = || Slot {
            row: OnceLock::new(),
            is_gone: AtomicBool::new(false),
            heir: AtomicU16::new(NO_HEIR),
        };
        let this = Self {
            slots: std::iter::repeat_with(slot).take(CAPACITY).collect(),
            len: AtomicUsize::new(0),
            by_id: RwLock::default(),
            version: AtomicU64::new(0),
        };
        let rows: Vec<ParamSpec> = rooms.iter().flat_map(|room| room.iter().copied()).collect();
        this.replace(&[], &rows)?;
        Ok(this)
    }

    /// Takes the rows `gone` away and declares others, at once; returns their indices. A row that is
    /// declared again as it was keeps its index. One that was declared in another way gets a new one,
    /// which stands for the old from then on ([`Self::current`]). Not for the engine's tick.
    ///
    /// # Errors
    /// See [`Self::join`]; then nothing has changed.
    pub fn replace(
        &self,
        gone: &[ParamIndex],
        rows: &[ParamSpec],
    ) -> Result<Vec<ParamIndex>, RegistryError> {
        let mut by_id = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        let len = self.len();
        let mut places = Vec::with_capacity(rows.len());
        let mut end = len;
        for (number, row) in rows.iter().enumerate() {
            for value in [row.default, row.neutral] {
                row.check(value).map_err(|error| RegistryError::Value(error.to_string()))?;
            }
            let is_taken = by_id.get(row.id).is_some_and(|index| !gone.contains(index));
            if is_taken || rows[..number].iter().any(|other| other.id == row.id) {
                return Err(RegistryError::Twice(row.id));
            }
            let as_before = self.latest(row.id, len).filter(|place| self.is_at(*place, row));
            places.push(as_before.unwrap_or(end));
            end += usize::from(as_before.is_none());
        }
        if end > CAPACITY {
            return Err(RegistryError::TooMany);
        }
        // A reference's default is a place, and who stands where is known only now.
        let named = |row: &ParamSpec| {
            let new = rows.iter().position(|other| other.id == row.names).map(|at| places[at]);
            new.or_else(|| by_id.get(row.names).map(|index| index.dense()))
        };
        let mut rows: Vec<ParamSpec> = rows.to_vec();
        let places_named: Vec<_> = rows.iter().map(named).collect();
        for (row, place) in rows.iter_mut().zip(places_named) {
            if row.kind != Kind::Reference || row.names.is_empty() {
                continue;
            }
            let place = place.ok_or(RegistryError::Names { id: row.id, named: row.names })?;
            (row.default, row.neutral) = (place as f64, place as f64);
        }
        for index in gone {
            by_id.remove(self.row(*index).id);
            self.slots[index.dense()].is_gone.store(true, Ordering::Relaxed);
        }
        for (row, place) in rows.iter().zip(&places) {
            let slot = &self.slots[*place];
            slot.row.get_or_init(|| *row);
            slot.is_gone.store(false, Ordering::Relaxed);
            // Below `CAPACITY`, so an index can name it.
            by_id.insert(row.id, ParamIndex(*place as u16));
            if let Some(former) = row.former_id {
                by_id.entry(former).or_insert(ParamIndex(*place as u16));
            }
        }
        // Whoever sees the number sees the rows.
        self.len.store(end, Ordering::Release);
        for (row, place) in rows.iter().zip(&places).filter(|(_, place)| **place >= len) {
            for old in self.slots[..len].iter().filter(|old| old.is_of(row.id)) {
                // After the number: whoever is sent to the heir finds it counted.
                old.heir.store(*place as u16, Ordering::Release);
            }
        }
        self.version.fetch_add(1, Ordering::Release);
        Ok(places.into_iter().map(|place| ParamIndex(place as u16)).collect())
    }

    /// The latest place below `end` of a row with this id, gone or not.
    fn latest(&self, id: &str, end: usize) -> Option<usize> {
        self.slots[..end].iter().rposition(|slot| slot.is_of(id))
    }

    fn is_at(&self, place: usize, row: &ParamSpec) -> bool {
        self.slots[place].row.get() == Some(row)
    }

    /// Counts the changes of [`Self::replace`], so that whoever keeps rows by name looks again.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// All rows that have not gone, with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (ParamIndex, &ParamSpec)> {
        let there = |slot: &&Slot| !slot.is_gone.load(Ordering::Relaxed);
        let slots = (0..).zip(&self.slots[..self.len()]).filter(move |(_, slot)| there(slot));
        slots.filter_map(|(place, slot)| Some((ParamIndex(place), slot.row.get()?)))
    }

    /// Number of rows, those that have gone included: all indices are below it.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row of an index.
    pub fn row(&self, index: ParamIndex) -> &ParamSpec {
        self.slots[index.dense()].row.get().expect("an index is given out with its row")
    }

    /// The index that stands for this one now: another where the row was declared anew.
    pub fn current(&self, index: ParamIndex) -> ParamIndex {
        match self.slots[index.dense()].heir.load(Ordering::Acquire) {
            NO_HEIR => index,
            heir => ParamIndex(heir),
        }
    }

    /// The row before this one that had its id.
    pub fn forebear(&self, index: ParamIndex) -> Option<ParamIndex> {
        let place = self.latest(self.row(index).id, index.dense())?;
        Some(ParamIndex(place as u16))
    }

    /// The parameter with this id, such as `decay.noise_amplitude`, unless it has gone.
    pub fn find(&self, id: &str) -> Option<ParamIndex> {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }

    /// The index of a row that a room declares.
    ///
    /// # Panics
    /// When the row was not among those joined: a mistake in the program, met at its start.
    pub fn index_of(&self, row: &ParamSpec) -> ParamIndex {
        self.find(row.id).expect("every room's rows are joined in engine::registry")
    }

    /// The plain value of a reference to a row.
    pub fn plain_of(&self, row: Option<ParamIndex>) -> f64 {
        row.map_or(NO_ROW, |row| f64::from(row.0))
    }

    /// The row that a reference names, as it is declared now. Takes no lock.
    pub fn named_by(&self, plain: f64) -> Option<ParamIndex> {
        let place = (plain >= 0.0 && plain < self.len() as f64).then_some(plain as u16)?;
        let row = self.current(ParamIndex(place));
        (!self.slots[row.dense()].is_gone.load(Ordering::Relaxed)).then_some(row)
    }

    /// Reads a plain value of the row as people write it: see [`ParamSpec::parse`]; the value of a
    /// reference is the id of a row, or `none`.
    ///
    /// # Errors
    /// What is no value of the row.
    pub fn parse(&self, row: ParamIndex, text: &str) -> Result<f64, ValueError> {
        let row = self.row(row);
        match (row.kind, text.trim()) {
            (Kind::Reference, "" | "none") => Ok(NO_ROW),
            (Kind::Reference, id) => {
                let named = self.find(id).ok_or_else(|| row.no_value(id))?;
                Ok(self.plain_of(Some(named)))
            }
            _ => row.parse(text),
        }
    }

    /// A plain value of the row as people read it: see [`ParamSpec::format`]; that of a reference is
    /// the id of a row, or `none`.
    pub fn format(&self, row: ParamIndex, plain: f64) -> String {
        let row = self.row(row);
        match row.kind {
            Kind::Reference => {
                self.named_by(plain).map_or("none", |row| self.row(row).id).to_owned()
            }
            _ => row.format(plain),
        }
    }

    /// The ids nearest to one that does not exist, the nearest first, for error messages: those that
    /// share a part with it or are spelt alike (Jaro-Winkler).
    pub fn suggestions(&self, id: &str) -> Vec<&'static str> {
        let tail = id.rsplit('.').next().unwrap_or(id);
        let near = |row: &ParamSpec| {
            let alike = strsim::jaro_winkler(row.id, id);
            let is_near = alike >= ALIKE
                || !tail.is_empty() && row.id.contains(tail)
                || row.id.split('.').any(|part| id.contains(part));
            is_near.then_some((alike, row.id))
        };
        let mut found: Vec<_> = self.iter().filter_map(|(_, row)| near(row)).collect();
        // Stable: of those that are as near the first declared goes first.
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        found.into_iter().map(|(_, id)| id).take(SUGGESTIONS).collect()
    }
}

impl Slot {
    fn is_of(&self, id: &str) -> bool {
        self.row.get().is_some_and(|row| row.id == id)
    }
}

/// Why rows cannot be joined.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Two rows have one id.
    #[error("the parameter {0} is declared twice")]
    Twice(&'static str),
    /// A default or neutral value is none.
    #[error("{0}")]
    Value(String),
    /// A reference names a row at first that there is not.
    #[error("{id} names {named} at first, and there is no such parameter")]
    Names {
        /// The reference.
        id: &'static str,
        /// What it names.
        named: &'static str,
    },
    /// More rows than there is room for.
    #[error("there is no room for more parameters: {CAPACITY} is the most; start again")]
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: ParamSpec = ParamSpec::switch("own", "Own", "", true);
    const LOW: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 1.0), 0.0);
    const HIGH: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 9.0), 0.0);
    const OTHER: ParamSpec = ParamSpec::switch("guest.other", "Other", "", false);

    fn ids(registry: &Registry) -> Vec<(usize, &'static str)> {
        registry.iter().map(|(index, row)| (index.dense(), row.id)).collect()
    }

    #[test]
    fn rows_come_go_and_come_back() {
        let registry = Registry::join(&[&[OWN]]).expect("rows");
        let before = registry.version();
        let guests = registry.replace(&[], &[LOW, OTHER]).expect("rows");
        assert_eq!(ids(&registry), [(0, "own"), (1, "guest.amount"), (2, "guest.other")]);
        assert_ne!(registry.version(), before);
        // As they were: nothing is used up.
        assert_eq!(registry.replace(&guests, &[LOW, OTHER]).expect("rows"), guests);
        assert_eq!(registry.len(), 3);
        let fewer = registry.replace(&guests, &[LOW]).expect("rows");
        assert_eq!((fewer.as_slice(), registry.find("guest.other")), (&guests[..1], None));
        assert_eq!(ids(&registry), [(0, "own"), (1, "guest.amount")]);
        assert!(registry.suggestions("guest.other").iter().all(|id| *id != "guest.other"));
        let again = registry.replace(&fewer, &[LOW, OTHER]).expect("rows");
        assert_eq!(again, guests);
    }

    #[test]
    fn the_nearest_ids_are_suggested_first() {
        let registry = Registry::join(&[&[OWN, OTHER, LOW]]).expect("rows");
        let expected = ["guest.amount", "guest.other"];
        assert_eq!(registry.suggestions("guest.amuont"), expected);
        assert_eq!(registry.suggestions("gest.amount")[0], "guest.amount");
        assert_eq!(registry.suggestions("other"), ["guest.other"]);
        assert!(registry.suggestions("").is_empty());
        assert!(registry.suggestions("zzz").is_empty());
    }

    #[test]
    fn a_row_is_found_by_the_id_it_had_once() {
        const MOVED: ParamSpec = ParamSpec::trigger("edit.own", "Own", "").formerly("own.edit");
        let registry = Registry::join(&[&[OWN, MOVED]]).expect("rows");
        assert_eq!(registry.find("own.edit"), registry.find("edit.own"));
        assert_eq!(ids(&registry), [(0, "own"), (1, "edit.own")]);
    }

    #[test]
    fn a_reference_names_a_row_by_its_id() {
        const TARGET: ParamSpec = ParamSpec::reference("patch.target", "Target", "");
        let registry = Registry::join(&[&[OWN, TARGET]]).expect("rows");
        let (own, target) = (registry.index_of(&OWN), registry.index_of(&TARGET));
        let plain = registry.parse(target, " own ").expect("a row");
        assert_eq!((plain, registry.named_by(plain)), (0.0, Some(own)));
        assert_eq!(registry.format(target, plain), "own");
        for none in ["", "none"] {
            assert_eq!(registry.parse(target, none), Ok(-1.0));
        }
        assert_eq!((registry.named_by(-1.0), registry.named_by(2.0)), (None, None));
        assert_eq!(registry.format(target, -1.0), "none");
        let error = registry.parse(target, "owm").expect_err("no row");
        assert_eq!(
            error.to_string(),
            "patch.target cannot be 'owm': it takes the id of a parameter, or none"
        );
        // What is declared anew is still named; what has gone is not.
        let low = registry.replace(&[], &[LOW]).expect("rows");
        let plain = registry.parse(target, LOW.id).expect("a row");
        let high = registry.replace(&low, &[HIGH]).expect("rows");
        assert_eq!(registry.named_by(plain), Some(high[0]));
        registry.replace(&high, &[]).expect("rows");
        assert_eq!(registry.named_by(plain), None);
    }

    #[test]
    fn a_reference_may_name_a_row_at_first() {
        const TARGET: ParamSpec = ParamSpec::reference("t.target", "Target", "").naming("own");
        let registry = Registry::join(&[&[TARGET], &[OTHER, OWN]]).expect("rows");
        let target = registry.index_of(&TARGET);
        let default = registry.row(target).default;
        assert_eq!((default, registry.format(target, default)), (2.0, "own".to_owned()));
        let error = Registry::join(&[&[TARGET]]).expect_err("there is no such row");
        assert_eq!(
            error.to_string(),
            "t.target names own at first, and there is no such parameter"
        );
    }

    #[test]
    fn a_row_declared_anew_stands_for_the_old_one() {
        let registry = Registry::join(&[&[OWN]]).expect("rows");
        let low = registry.replace(&[], &[LOW]).expect("rows");
        let high = registry.replace(&low, &[HIGH]).expect("rows");
        assert_ne!(low, high);
        assert_eq!(registry.current(low[0]), high[0]);
        assert_eq!(registry.current(high[0]), high[0]);
        assert_eq!(registry.row(low[0]).range(), (0.0, 1.0), "an old index keeps its row");
        assert_eq!(registry.find("guest.amount"), Some(high[0]));
        let back = registry.replace(&high, &[LOW]).expect("rows");
        assert_eq!(registry.current(low[0]), back[0]);
        assert_eq!(registry.current(high[0]), back[0]);
        assert_eq!(registry.forebear(back[0]), Some(high[0]));
    }

    #[test]
    fn what_cannot_be_declared_changes_nothing() {
        let registry = Registry::join(&[&[OWN]]).expect("rows");
        let low = registry.replace(&[], &[LOW]).expect("rows");
        let twice = registry.replace(&low, &[OTHER, OWN]).expect_err("it is there");
        assert_eq!(twice.to_string(), "the parameter own is declared twice");
        assert!(registry.replace(&low, &[OTHER, OTHER]).is_err());
        let many: Vec<ParamSpec> = (0..CAPACITY)
            .map(|number| ParamSpec { id: format!("many.{number}").leak(), ..OTHER })
            .collect();
        assert!(matches!(registry.replace(&low, &many), Err(RegistryError::TooMany)));
        assert_eq!(ids(&registry), [(0, "own"), (1, "guest.amount")]);
        assert!(registry.replace(&[], &many[..CAPACITY - 2]).is_ok());
        assert_eq!(registry.len(), CAPACITY);
    }
}
