//! Residua: a live instrument for the decay of moving pictures.
//!
//! Read the rooms from the ground floor up; a room knows rooms on lower floors only.
//!
//! | floor | rooms |
//! | --- | --- |
//! | 0 | [`units`] |
//! | 1 | [`params`], [`ports`] |
//! | 4 | [`engine`] |
//! | 5 | [`output`] |
//! | 6 | [`ui`] |
//! | 7 | [`app`] |

pub mod app;
pub mod engine;
pub mod output;
pub mod params;
pub mod ports;
pub mod ui;
pub mod units;
