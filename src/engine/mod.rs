//! The instrument itself.

mod status;

pub use status::{Recording, Status};
