//! Residua: a live instrument for the decay of moving pictures.
//!
//! Read the rooms from the ground floor up; a room knows rooms on lower floors only.
//!
//! | floor | rooms |
//! | --- | --- |
//! | 0 | [`units`] |
//! | 1 | [`params`], [`ports`] |
//! | 3 | [`control`] |
//! | 4 | [`engine`] |

pub mod control;
pub mod engine;
pub mod params;
pub mod ports;
pub mod units;
