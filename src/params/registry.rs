//! All rows, in one dense table.

use super::spec::ParamSpec;
use std::collections::HashMap;

/// Place of a parameter in the registry; how the engine and its snapshots name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamIndex(pub(super) u16);

impl ParamIndex {
    /// As an index into dense arrays of all parameters.
    pub fn dense(self) -> usize {
        usize::from(self.0)
    }
}

/// The joined rows of all rooms.
#[derive(Debug)]
pub struct Registry {
    rows: Vec<ParamSpec>,
    by_id: HashMap<&'static str, ParamIndex>,
}

impl Registry {
    /// Joins the rows that the rooms declare, in their order.
    ///
    /// # Errors
    /// An id that is declared twice, or a default or neutral value outside its range.
    pub fn join(rooms: &[&[ParamSpec]]) -> Result<Self, RegistryError> {
        let rows: Vec<ParamSpec> = rooms.iter().flat_map(|room| room.iter().copied()).collect();
        let mut by_id = HashMap::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            for value in [row.default, row.neutral] {
                row.check(value).map_err(|error| RegistryError::Value(error.to_string()))?;
            }
            let place = u16::try_from(place).map_err(|_| RegistryError::TooMany)?;
            if by_id.insert(row.id, ParamIndex(place)).is_some() {
                return Err(RegistryError::Twice(row.id));
            }
        }
        Ok(Self { rows, by_id })
    }

    /// All rows with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (ParamIndex, &ParamSpec)> {
        self.rows.iter().enumerate().map(|(place, row)| (ParamIndex(place as u16), row))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of an index.
    pub fn row(&self, index: ParamIndex) -> &ParamSpec {
        &self.rows[index.dense()]
    }

    /// The parameter with this id, such as `decay.noise_amplitude`.
    pub fn find(&self, id: &str) -> Option<ParamIndex> {
        self.by_id.get(id).copied()
    }

    /// The index of a row that a room declares.
    ///
    /// # Panics
    /// When the row was not among those joined: a mistake in the program, met at its start.
    pub fn index_of(&self, row: &ParamSpec) -> ParamIndex {
        self.find(row.id).expect("every room's rows are joined in engine::registry")
    }

    /// The ids nearest to one that does not exist, for error messages.
    pub fn suggestions(&self, id: &str) -> Vec<&'static str> {
        let tail = id.rsplit('.').next().unwrap_or(id);
        let near = |row: &&ParamSpec| {
            row.id.contains(tail) || row.id.split('.').any(|part| id.contains(part))
        };
        self.rows.iter().filter(near).map(|row| row.id).take(5).collect()
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
    /// More rows than an index can name.
    #[error("more than 65,535 parameters")]
    TooMany,
}
