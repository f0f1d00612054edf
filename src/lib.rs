//! Residua: a live instrument for the decay of moving pictures.
//!
//! Read the rooms from the ground floor up; a room knows rooms on lower floors only.
//!
//! | floor | rooms |
//! | --- | --- |
//! | 0 | [`units`], [`files`] |
//! | 1 | [`params`], [`bitstream`], [`modulation`], [`ports`] |
//! | 2 | [`clip`], [`playhead`], [`gpu`] |
//! | 3 | [`decay`], [`media`], [`control`], [`audio`], [`recognition`] |
//! | 4 | [`engine`], [`set`], [`preview`] |
//! | 5 | [`library`], [`export`], [`output`], [`take`], [`trace`], [`web`] |
//! | 6 | [`ui`] |
//! | 7 | [`app`] |
//! | 8 | [`cli`] |

pub mod app;
pub mod audio;
pub mod bitstream;
#[cfg(feature = "media")]
pub mod cli;
pub mod clip;
pub mod control;
pub mod decay;
pub mod engine;
#[cfg(feature = "media")]
pub mod export;
pub mod files;
pub mod gpu;
#[cfg(feature = "media")]
pub mod library;
#[cfg(feature = "media")]
pub mod media;
pub mod modulation;
pub mod output;
pub mod params;
pub mod playhead;
pub mod ports;
#[cfg(feature = "media")]
pub mod preview;
pub mod recognition;
pub mod set;
#[cfg(feature = "media")]
pub mod take;
pub mod trace;
pub mod ui;
pub mod units;
pub mod web;
