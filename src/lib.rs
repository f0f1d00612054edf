//! Residua: a live instrument for the decay of moving pictures.
//!
//! Read the rooms from the ground floor up; a room knows rooms on lower floors only.
//!
//! | floor | rooms |
//! | --- | --- |
//! | 0 | [`units`] |
//! | 1 | [`bitstream`], [`params`], [`ports`] |
//! | 2 | [`clip`] |
//! | 3 | `media` (feature `media`) |
//! | 4 | [`engine`] |
//! | 5 | `library` (feature `media`) |

pub mod bitstream;
pub mod clip;
pub mod engine;
#[cfg(feature = "media")]
pub mod library;
#[cfg(feature = "media")]
pub mod media;
pub mod params;
pub mod ports;
pub mod units;
