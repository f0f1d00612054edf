//! What the window is told of imports and of the library, and what it may ask for.
//!
//! Plain values: a desk beside the programme does the work, on threads of its own, and the window is
//! lent what came of it.

use super::{ExportAsk, ExportNews};
use crate::{
    clip::{Encoder, Fit, Mosh},
    set::ClipImport,
};
use std::{path::PathBuf, sync::Arc};

/// A video that shall become a clip of the set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportAsk {
    /// The forward source: a video, a still, a folder of pictures or a clip folder.
    pub path: PathBuf,
    /// A source of its own for the backward stream.
    pub backward: Option<PathBuf>,
    /// How it is imported; what is missing is as the command line has it.
    pub import: ClipImport,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq)]
pub enum JobState {
    /// Others come before it.
    Waiting,
    /// Being made.
    Running {
        /// Done so far, 0..=1.
        part: f32,
        /// Time left in seconds, as soon as it can be told.
        left_secs: Option<f64>,
    },
    /// It is this clip of the set, counted from 1.
    Done(usize),
    /// What happened, what it means for the show, what to do.
    Failed(String),
}

impl JobState {
    /// Whether a clip may still come of it.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running { .. })
    }
}

/// An import that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportJob {
    /// Tells it from the others; never used twice.
    pub id: u64,
    /// What the clip will be called.
    pub name: String,
    /// How far it is.
    pub state: JobState,
}

/// What an encoder is told, word for word, for one choice of ready-made settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodingLine {
    /// The encoder.
    pub encoder: Encoder,
    /// The ready-made settings; `None` = as the encoder is used where nobody chooses.
    pub mosh: Option<Mosh>,
    /// Its settings, in its own words.
    pub text: String,
}

/// What is in a folder that begins like what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What was typed.
    pub typed: String,
    /// Whole paths, folders with a slash at the end.
    pub paths: Vec<String>,
}

/// A clip of the library.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryCard {
    /// Its folder.
    pub folder: PathBuf,
    /// What it is called.
    pub name: String,
    /// How long damage lives in it, where that is known.
    pub hold: Option<Mosh>,
    /// Length in seconds.
    pub secs: f64,
    /// Size and rate, such as `640x360@30`.
    pub canvas: String,
    /// What encoded it.
    pub encoder: String,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Seconds since it was used last.
    pub age_secs: Option<u64>,
    /// Words that it is found by.
    pub tags: Vec<String>,
    /// Why it cannot be played here; `None` where it can.
    pub refusal: Option<String>,
}

/// When a clip of the library may go. With neither rule nothing does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneAsk {
    /// When it was not used for so many days.
    pub unused_days: Option<u32>,
    /// When all together take more than so many megabytes: those unused longest first.
    pub keep_below_mb: Option<u32>,
}

/// What a prune would do, or has done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PruneNews {
    /// The rules it goes by.
    pub ask: PruneAsk,
    /// What goes, a line each.
    pub lines: Vec<String>,
    /// Bytes of what goes.
    pub bytes: u64,
    /// Bytes of what stays.
    pub bytes_left: u64,
    /// How many stay only because the set needs them.
    pub spared: usize,
    /// Whether it is done, not only looked at.
    pub is_done: bool,
}

/// The first two seconds of a source, tried before it is imported.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialNews {
    /// What was tried.
    pub ask: ImportAsk,
    /// How far it is.
    pub state: TrialState,
}

/// How far a try is.
#[derive(Clone, Debug, PartialEq)]
pub enum TrialState {
    /// Done so far, 0..=1.
    Running(f32),
    /// What came of it.
    Done(TrialShown),
    /// Why nothing did.
    Failed(String),
}

/// How two seconds of a source mosh.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialShown {
    /// How long damage lives in it, in a word.
    pub hold: Option<Mosh>,
    /// Seconds after another picture, and how much it is itself again then (1 = healed).
    pub points: Vec<(f32, f32)>,
    /// Width and height of one picture of the sheet, in pixels.
    pub picture: [usize; 2],
    /// Width and height of the sheet.
    pub size: [usize; 2],
    /// How many pictures are on it, row by row.
    pub count: usize,
    /// How many are to be shown in a second.
    pub hertz: f64,
    /// The sheet, R G B A.
    pub rgba: Vec<u8>,
}

/// Everything that the desk has to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeskNow {
    /// Whether somebody works at it: else nothing can be asked for.
    pub is_open: bool,
    /// Imports, in the order in which they were asked for.
    pub jobs: Vec<ImportJob>,
    /// The canvas that everything is conformed to, such as `640x360@30`.
    pub canvas: String,
    /// What encodes where nobody chooses.
    pub encoder: Encoder,
    /// How sources come into the canvas where nobody chooses.
    pub fit: Fit,
    /// What the encoders of this machine are told.
    pub codings: Arc<[CodingLine]>,
    /// For what was typed last.
    pub completion: Arc<Completion>,
    /// The library as it was looked at last; `None` = not yet.
    pub library: Option<Arc<[LibraryCard]>>,
    /// Whether the library is being looked at.
    pub is_looking: bool,
    /// The last try.
    pub trial: Option<Arc<TrialNews>>,
    /// What a prune would do.
    pub prune: Option<Arc<PruneNews>>,
    /// The last render.
    pub export: Option<Arc<ExportNews>>,
}

/// What the window asks of the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskWish {
    /// What begins like this path?
    Complete(String),
    /// How would the first two seconds of it mosh?
    Try(Box<ImportAsk>),
    /// What is in the library?
    Look,
    /// The clip of the library in this folder becomes the last of the set.
    Play(PathBuf),
    /// What would go by these rules? Removes nothing.
    PlanPrune(PruneAsk),
    /// What was shown goes.
    Prune(PruneAsk),
    /// A clip along a function becomes a file.
    Export(Box<ExportAsk>),
    /// The render that is being made stops.
    CancelExport,
}
