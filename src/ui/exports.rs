//! Rendering a clip along a timeline function into a file: what is asked for, how far it is, and what
//! the page of it remembers.
//!
//! The function goes by the same rows as the playhead's, with values of its own: whatever is set here
//! moves nothing that plays.

use super::{View, timeline::Course};
use crate::{
    modulation::{Curve, Positions, Timeline},
    params::{ParamIndex, Snapshot},
    playhead::{self, Part},
};
use std::path::PathBuf;

/// A clip, laid out along a function, that shall become a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExportAsk {
    /// The clip's place in the set.
    pub clip: usize,
    /// Ids and plain values of the rows that the function goes by.
    pub values: Vec<(&'static str, f64)>,
    /// What the function `drawn` follows.
    pub curve: Option<Curve>,
    /// What the function `list` follows.
    pub positions: Option<Positions>,
    /// Whether the coded stream is copied; otherwise its pictures are encoded anew.
    pub is_copy: bool,
    /// The file, as it was typed.
    pub file: String,
}

/// A render, and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportNews {
    /// Tells it from the others; never used twice.
    pub id: u64,
    /// The file that was asked for.
    pub file: String,
    /// How far it is.
    pub state: ExportState,
}

/// How far a render is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportState {
    /// Being made.
    Running {
        /// Done so far, 0..=1.
        part: f32,
        /// Time left in seconds, as soon as it can be told.
        left_secs: Option<f64>,
    },
    /// It was stopped; nothing is left of it.
    Stopped,
    /// These files were written.
    Done(Vec<PathBuf>),
    /// What happened, what it means for the show, what to do.
    Failed(String),
}

impl ExportNews {
    /// Whether a file may still come of it.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, ExportState::Running { .. })
    }
}

/// What the page of renders remembers.
#[derive(Debug, Default)]
pub(super) struct Exporter {
    /// The clip that was chosen; `None` = the one in play.
    pub(super) clip: Option<usize>,
    /// A value for each of the rows of [`Roles::course`](super::Roles::course); empty before the first
    /// drawing.
    pub(super) values: Vec<f64>,
    /// Whether pictures are encoded, not copied.
    pub(super) is_encoded: bool,
    /// The file; empty = a name is made up.
    pub(super) file: String,
    plan: Option<(Vec<f64>, Plan)>,
    /// The function over the clip.
    pub(super) course: Course,
}

/// What the values come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    /// The function.
    pub timeline: Timeline,
    /// Access units per superframe.
    pub size: u32,
    /// Which of the rows make a difference just now.
    pub matters: Vec<bool>,
}

impl Plan {
    /// Superframes of the render.
    pub fn superframes(&self) -> u32 {
        self.timeline.superframes
    }

    /// Pictures of the render.
    pub fn pictures(&self) -> u64 {
        u64::from(self.timeline.superframes) * u64::from(self.size)
    }

    /// The slices of a clip of so many access units.
    pub fn part(&self, units: u32) -> Part {
        Part::whole(playhead::slices(units, self.size.min(units.max(1))))
    }
}

impl Exporter {
    /// Takes over how the playhead travels now.
    pub(super) fn take_over(&mut self, view: &View<'_>) {
        self.values = view.roles.course.iter().map(|row| view.value(*row)).collect();
    }

    /// What the values come to; `None` where the instrument has no such rows.
    pub(super) fn plan(&mut self, view: &View<'_>) -> Option<&Plan> {
        let course = &view.roles.course;
        if self.values.len() != course.len() {
            self.take_over(view);
        }
        if self.plan.as_ref().is_none_or(|(of, _)| *of != self.values) {
            let rows = view.roles.travel?;
            let mut base = view.status.base.clone();
            if !course.iter().all(|row| base.has(*row)) {
                return None;
            }
            put(&mut base, course, &self.values);
            let timeline = |base: &Snapshot| rows.settings(base, false, 1.0).timeline;
            let size = rows.superframe_size(&base);
            // A row matters where its two ends make another function, or other superframes.
            let matters = course.iter().zip(&self.values).map(|(row, value)| {
                let (least, most) = view.registry.row(*row).range();
                let [one, other] = [least, most].map(|end| {
                    base.put(*row, end);
                    (timeline(&base), rows.superframe_size(&base))
                });
                base.put(*row, *value);
                one != other
            });
            let matters = matters.collect();
            let plan = Plan { timeline: timeline(&base), size, matters };
            self.plan = Some((self.values.clone(), plan));
        }
        self.plan.as_ref().map(|(_, plan)| plan)
    }

    /// The clip that is meant, where there is one.
    pub(super) fn place(&self, view: &View<'_>) -> Option<usize> {
        let place = self.clip.or_else(|| view.clip().map(|(place, _)| place))?;
        (place < view.clips.len()).then_some(place)
    }

    /// What the clip itself says of drawn curves and lists: known of the one in play.
    pub(super) fn paths(&self, view: &View<'_>) -> (Option<Curve>, Option<Positions>) {
        match view.clip().map(|(playing, _)| playing) == self.place(view) {
            true => (view.status.curve.clone(), view.status.positions.clone()),
            false => (None, None),
        }
    }

    /// What is asked for just now.
    pub(super) fn ask(&self, view: &View<'_>) -> Option<ExportAsk> {
        let clip = self.place(view)?;
        let (curve, positions) = self.paths(view);
        let rows = view.roles.course.iter().map(|row| view.registry.row(*row).id);
        let typed = self.file.trim();
        Some(ExportAsk {
            clip,
            values: rows.zip(self.values.iter().copied()).collect(),
            curve,
            positions,
            is_copy: !self.is_encoded,
            file: if typed.is_empty() { made_up(&view.clips[clip].name) } else { typed.to_owned() },
        })
    }
}

/// A name for a render of this clip.
pub(super) fn made_up(clip: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    format!("{}-render.mkv", clip.chars().map(letter).collect::<String>())
}

fn put(base: &mut Snapshot, rows: &[ParamIndex], values: &[f64]) {
    for (row, value) in rows.iter().zip(values) {
        base.put(*row, *value);
    }
}
