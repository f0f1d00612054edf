//! What the window is lent for one drawing, and what comes out of it.

use super::{ClipCard, DeskNow, DeskWish, GrabPictures, ImportAsk, LookCard, Roles};
use crate::{
    control::{Ear, LearnDesk},
    engine::Status,
    params::{Change, ControlEvent, ControlQueue, ParamIndex, Registry, Source},
    ports::Notice,
};
use std::{path::PathBuf, time::Duration};

/// A notice, and when it came.
#[derive(Clone, Debug, PartialEq)]
pub struct NewsLine {
    /// Seconds since the window opened.
    pub at_secs: f64,
    /// What was said.
    pub notice: Notice,
}

/// A key, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// As it is printed on the keyboard, such as `ctrl+z`.
    pub key: String,
    /// What it does, in few words.
    pub help: String,
}

/// Everything the window shows, lent for one drawing.
pub struct View<'a> {
    /// All rows.
    pub registry: &'a Registry,
    /// Which rows have a job of their own in the window.
    pub roles: &'a Roles,
    /// The instrument after its latest slot.
    pub status: &'a Status,
    /// What was said, oldest first.
    pub news: &'a [NewsLine],
    /// Whether there is nothing to play yet: the only clip is a blank that keeps its place.
    pub is_blank: bool,
    /// The clips, in the order of the set.
    pub clips: &'a [ClipCard],
    /// The looks that can be called by number, from the first.
    pub looks: &'a [LookCard],
    /// What the slots for grabbed pictures hold.
    pub grabs: &'a GrabPictures,
    /// The queue to the engine, for its counters.
    pub queue: &'a ControlQueue,
    /// Lines on the ports that are open, such as `OSC on 127.0.0.1:9000`.
    pub port_lines: &'a [String],
    /// The programme, and its width over its height.
    pub preview: Option<(egui::TextureId, f32)>,
    /// All keys.
    pub keys: &'a [KeyLine],
    /// Where controllers learn, where there are any.
    pub learn: Option<&'a LearnDesk>,
    /// Id of the parameter that waits for a control.
    pub armed: Option<&'a str>,
    /// Where knobs of controllers stand that wait to be picked up: row and normalised value.
    pub ghosts: &'a [(ParamIndex, f64)],
    /// Where what controllers and programs send is overheard.
    pub ear: &'a Ear,
    /// Imports and the library.
    pub desk: &'a DeskNow,
    /// What plays on what: names and values, such as the adapter's.
    pub machine: &'a [(String, String)],
    /// How long a recording may become, where that is known.
    pub recording_room: Option<Duration>,
    /// The displays.
    pub displays: &'a [DisplayLine],
    /// Whether displays show the test card.
    pub shows_card: bool,
    /// Whether the surface is locked, see [`Surface::lock`](super::Surface::lock).
    pub is_locked: bool,
    /// Seconds since the window opened.
    pub now_secs: f64,
}

impl View<'_> {
    /// The plain value that was set; before the first slot of the row, the default.
    pub(super) fn value(&self, param: ParamIndex) -> f64 {
        match self.status.base.has(param) {
            true => self.status.base.get(param),
            false => self.registry.row(param).default,
        }
    }

    /// The plain value in force, smoothed and modulated.
    pub(super) fn result(&self, param: ParamIndex) -> f64 {
        match self.status.result.has(param) {
            true => self.status.result.get(param),
            false => self.value(param),
        }
    }

    /// Whether a switch is on; no row is off.
    pub(super) fn is_on(&self, param: Option<ParamIndex>) -> bool {
        param.is_some_and(|param| self.value(param) >= 0.5)
    }

    /// The row that a reference names.
    pub(super) fn named_by(&self, param: ParamIndex) -> Option<ParamIndex> {
        self.registry.named_by(self.value(param))
    }

    /// Where the controller's own knob stands while it waits to be picked up.
    pub(super) fn ghost(&self, param: ParamIndex) -> Option<f64> {
        self.ghosts.iter().find(|(row, _)| *row == param).map(|(_, part)| *part)
    }

    /// The clip in play.
    pub(super) fn clip(&self) -> Option<(usize, &ClipCard)> {
        let place = usize::from(self.status.clip?.0);
        Some((place, self.clips.get(place)?))
    }
}

/// What a display shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayUse {
    /// Nothing of ours.
    None,
    /// The output's window is on it.
    Window,
    /// The programme fills it.
    Filled,
}

/// A display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayLine {
    /// What the window system calls it.
    pub name: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// What it shows.
    pub used: DisplayUse,
}

/// What the person asks of the program, beside moving parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// A video becomes a clip of the set.
    Import(Box<ImportAsk>),
    /// The import with this number stops; one that is over is put away.
    CancelImport(u64),
    /// Something of the library or of a folder.
    Desk(DeskWish),
    /// The programme fills this display.
    FillDisplay(String),
    /// It fills it no more.
    LeaveDisplay(String),
    /// The test card takes the programme's place on all displays, or gives it back.
    TestCard(bool),
    /// A file is shown in its folder.
    Reveal(PathBuf),
}

/// What the person did during one drawing.
#[derive(Debug, Default)]
pub struct Doings {
    /// For the engine.
    pub events: Vec<ControlEvent>,
    /// For the program around it.
    pub wishes: Vec<Wish>,
}

impl Doings {
    /// The person did this to a parameter.
    pub(super) fn send(&mut self, param: ParamIndex, change: Change) {
        self.events.push(ControlEvent { param, change, source: Source::Window });
    }
}
