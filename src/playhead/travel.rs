//! How the next superframe is chosen.

use super::{ClipShape, Playhead, slices};
use crate::{
    modulation::{Shape, Timeline, Wave},
    units::Direction,
};
use std::cmp::Ordering;

/// Mode of travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The position is where the performer puts it.
    Manual,
    /// Superframe i is followed by i + round(size * speed).
    Speed,
    /// A timeline function says.
    Function,
}

/// What happens where the mode of travel asks for no other place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtRest {
    /// The clip plays on in the direction it has.
    PlayOn,
    /// The superframe is repeated: its motion is added again and again.
    Bloom,
    /// The picture stands.
    Hold,
}

/// The playhead's parameters at one tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Whether the playhead moves.
    pub is_playing: bool,
    /// Mode of travel.
    pub mode: Mode,
    /// Where the performer wants to be, 0..=1 of the slices.
    pub position: f64,
    /// Superframes per superframe, -4..=4.
    pub speed: f64,
    /// Access units per superframe, 1..=60.
    pub superframe_size: u32,
    /// What happens at rest.
    pub at_rest: AtRest,
    /// Whether a new position is gone to at once or when the superframe is over.
    pub jumps_now: bool,
    /// Whether the stream's own intra pictures are left out.
    pub skips_intra: bool,
    /// Whether the superframe is repeated whatever the mode says.
    pub blooms: bool,
    /// What the function mode follows.
    pub timeline: Timeline,
}

/// A timeline with its extremes, found again when it changes.
#[derive(Clone, Debug)]
pub(super) struct FunctionState {
    timeline: Timeline,
    shape: Shape,
}

impl Default for FunctionState {
    fn default() -> Self {
        let timeline = Timeline { wave: Wave::RectifiedSine, frequency: 0.5, superframes: 1 };
        Self { timeline, shape: timeline.shape() }
    }
}

impl Playhead {
    /// Chooses the next superframe. Returns whether there is one (else the picture is held).
    pub(super) fn start_superframe(
        &mut self,
        clip: &impl ClipShape,
        settings: &Settings,
        is_scrub: bool,
    ) -> bool {
        let size = settings.superframe_size;
        let slices = slices(clip.units(Direction::Forward), size);
        let last = slices.saturating_sub(1);
        let is_first = !self.is_started;
        self.slice.0 = self.slice.0.min(last);
        self.asked_position = settings.position;
        self.is_scrubbed = is_scrub;
        if settings.blooms && !is_first {
            self.start_at(clip, self.slice.0, self.direction, size);
            return true;
        }
        if settings.mode == Mode::Function && !is_scrub {
            if self.function.timeline != settings.timeline {
                let timeline = settings.timeline;
                self.function = FunctionState { timeline, shape: timeline.shape() };
            }
            let FunctionState { timeline, shape } = self.function;
            let slice = timeline.slice_at(shape, self.superframe_number, slices);
            self.superframe_number += 1;
            self.go_to(clip, slice, size);
            return true;
        }
        if is_scrub || is_first {
            let slice = (settings.position.clamp(0.0, 1.0) * f64::from(last)).round() as u32;
            self.go_to(clip, slice, size);
            return true;
        }
        let step = match settings.mode {
            Mode::Speed => (f64::from(size) * settings.speed).round() as i64,
            Mode::Manual | Mode::Function => 0,
        };
        match (step, settings.at_rest) {
            (0, AtRest::Hold) => return false,
            (0, AtRest::Bloom) => self.start_at(clip, self.slice.0, self.direction, size),
            (0, AtRest::PlayOn) => match self.direction {
                Direction::Forward => self.step(clip, i64::from(size), last, size),
                Direction::Backward => self.step(clip, -i64::from(size), last, size),
            },
            (step, _) => self.step(clip, step, last, size),
        }
        true
    }

    /// To a slice that something asked for: the way there gives the direction.
    fn go_to(&mut self, clip: &impl ClipShape, slice: u32, size: u32) {
        let direction = match slice.cmp(&self.slice.0) {
            Ordering::Greater => Direction::Forward,
            Ordering::Less => Direction::Backward,
            Ordering::Equal => self.direction,
        };
        self.start_at(clip, slice, direction, size);
    }

    /// On by `step` slices; past an end the clip begins again at the other.
    fn step(&mut self, clip: &impl ClipShape, step: i64, last: u32, size: u32) {
        // Straight play leaves nothing out: what is left of the clip after its last whole
        // superframe is a superframe of its own, shorter.
        let is_onward = match self.direction {
            Direction::Forward => step == i64::from(size),
            Direction::Backward => step == -i64::from(size),
        };
        let left = clip.units(self.direction).saturating_sub(self.cursor);
        if is_onward && (1..size).contains(&left) {
            self.slice.0 = if self.direction == Direction::Forward { last } else { 0 };
            self.remaining = left;
            return;
        }
        let next = i64::from(self.slice.0) + step;
        let slice = match u32::try_from(next) {
            Ok(slice) if slice <= last => slice,
            Ok(_) => 0,
            Err(_) => last,
        };
        let direction = if step < 0 { Direction::Backward } else { Direction::Forward };
        self.start_at(clip, slice, direction, size);
    }
}
