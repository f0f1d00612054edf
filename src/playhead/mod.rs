//! Where the instrument is in a clip, and which access unit comes next.
//!
//! Pure: numbers in, numbers out. The engine asks [`Playhead::next`] once per executed tick, on its
//! own thread; nothing here allocates, waits or knows what an access unit holds.

mod rows;
mod travel;

pub use rows::{MODE, PARAMS, POSITION, Rows, SPEED, SUPERFRAME_SIZE};
pub use travel::{AtRest, Mode, Settings};

use crate::units::{AccessUnitIndex, Direction, SliceIndex};

/// What the playhead must know of a clip. The clip room implements it.
pub trait ClipShape {
    /// Access units of one stream.
    fn units(&self, direction: Direction) -> u32;
    /// Where the superframe of `slice` starts in the backward stream.
    fn backward_start(&self, slice: SliceIndex, superframe_size: u32) -> AccessUnitIndex;
    /// Whether this access unit holds an intra picture.
    fn is_intra(&self, direction: Direction, unit: AccessUnitIndex) -> bool;
    /// The intra picture at or before a place, in order of play, and where to go on after it.
    fn heal_place(&self, direction: Direction, unit: AccessUnitIndex) -> HealPlace;
}

/// How a heal at some place is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealPlace {
    /// The intra picture.
    pub intra: IntraPicture,
    /// The place whose picture that is, in the stream of the direction played.
    pub unit: AccessUnitIndex,
}

/// Where an intra picture comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntraPicture {
    /// The stream's own first picture (or another of its intra pictures).
    Own(AccessUnitIndex),
    /// A picture of the intra bank.
    Bank(AccessUnitIndex),
}

/// The access unit to feed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The stream played.
    pub direction: Direction,
    /// The slice it belongs to.
    pub slice: SliceIndex,
    /// The place in the stream of `direction`.
    pub unit: AccessUnitIndex,
    /// Set where this place's picture is fed as an intra picture: a heal.
    pub heal: Option<IntraPicture>,
}

/// Place, direction, and what is left of the superframe being played.
#[derive(Clone, Debug)]
pub struct Playhead {
    direction: Direction,
    slice: SliceIndex,
    /// Next access unit in the stream of `direction`.
    cursor: u32,
    /// Access units of the superframe still to be played.
    remaining: u32,
    /// Superframes chosen by the timeline function.
    superframe_number: u64,
    /// The last position that was asked for, 0..=1; a difference is a scrub.
    asked_position: f64,
    function: travel::FunctionState,
    is_heal_due: bool,
    is_started: bool,
    /// The superframe in play was started by a scrub.
    is_scrubbed: bool,
}

impl Default for Playhead {
    fn default() -> Self {
        Self {
            direction: Direction::Forward,
            slice: SliceIndex(0),
            cursor: 0,
            remaining: 0,
            superframe_number: 0,
            asked_position: 0.0,
            function: travel::FunctionState::default(),
            is_heal_due: true,
            is_started: false,
            is_scrubbed: false,
        }
    }
}

/// Slices of a stream of `units` access units at this superframe size (cut to `units`).
pub fn slices(units: u32, superframe_size: u32) -> u32 {
    units - superframe_size.clamp(1, units.max(1)).min(units) + u32::from(units > 0)
}

impl Playhead {
    /// The slice in play.
    pub fn slice(&self) -> SliceIndex {
        self.slice
    }

    /// The stream in play.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Feeds the intra picture of this place with the next access unit.
    pub fn heal(&mut self) {
        self.is_heal_due = true;
    }

    /// Whether the superframe is over, so that another clip may be entered without breaking it.
    pub fn is_between_superframes(&self) -> bool {
        self.remaining == 0
    }

    /// Whether a heal waits for the next access unit.
    pub fn is_heal_due(&self) -> bool {
        self.is_heal_due
    }

    /// The clip of this playhead is entered: at its own place, with its intra picture or without.
    pub fn enter(&mut self, with_heal: bool) {
        self.remaining = 0;
        self.is_heal_due = with_heal;
    }

    /// Where the playhead is in its clip, 0..=1.
    pub fn position(&self, clip: &impl ClipShape, superframe_size: u32) -> f64 {
        let last = slices(clip.units(Direction::Forward), superframe_size).saturating_sub(1);
        if last == 0 { 0.0 } else { (f64::from(self.slice.0) / f64::from(last)).clamp(0.0, 1.0) }
    }

    /// Whether the asked position is one that has not been gone to yet.
    pub fn is_scrub(&self, settings: &Settings) -> bool {
        settings.position != self.asked_position
    }

    /// Superframes chosen by the timeline function so far.
    pub fn superframe_number(&self) -> u64 {
        self.superframe_number
    }

    /// Goes on in the timeline function from here.
    pub fn set_superframe_number(&mut self, number: u64) {
        self.superframe_number = number;
    }

    /// Goes to a position.
    pub fn jump(&mut self, _position: f64) {
        self.asked_position = f64::NAN;
    }

    /// The engine wrote the playhead's own position into the parameter: no scrub.
    pub fn note_position(&mut self, position: f64) {
        self.asked_position = position;
    }

    /// The access unit to feed now; `None` = the picture is held.
    pub fn next(&mut self, clip: &impl ClipShape, settings: &Settings) -> Option<Choice> {
        if clip.units(Direction::Forward) == 0 {
            return None;
        }
        let is_scrub = self.is_scrub(settings);
        if is_scrub && (settings.jumps_now || !settings.is_playing) {
            self.remaining = 0;
        }
        if self.is_heal_due {
            return Some(self.feed_heal(clip, settings));
        }
        // At a stop, a scrub plays its superframe, so that one sees where one is.
        let is_moving = settings.is_playing || is_scrub || self.is_scrubbed;
        if !is_moving || (!settings.is_playing && !is_scrub && self.remaining == 0) {
            return None;
        }
        // Intra pictures of the stream itself end the mosh: left out unless they are wanted. A
        // superframe that holds nothing else is left behind, once: a clip may consist of a single
        // picture, which is then held.
        for _ in 0..2 {
            if self.remaining == 0 && !self.start_superframe(clip, settings, is_scrub) {
                return None;
            }
            let here = AccessUnitIndex(self.cursor);
            if settings.skips_intra && clip.is_intra(self.direction, here) {
                self.cursor += 1;
                self.remaining -= 1;
            }
            if self.remaining > 0 {
                let unit = AccessUnitIndex(self.cursor);
                self.cursor += 1;
                self.remaining -= 1;
                let (direction, slice) = (self.direction, self.slice);
                return Some(Choice { direction, slice, unit, heal: None });
            }
        }
        None
    }

    fn feed_heal(&mut self, clip: &impl ClipShape, settings: &Settings) -> Choice {
        self.is_heal_due = false;
        if !self.is_started || self.remaining == 0 {
            // Heal where the playhead is about to go, not where it has been.
            self.start_superframe(clip, settings, self.is_scrub(settings));
        }
        let units = clip.units(self.direction).max(1);
        let size = settings.superframe_size.clamp(1, units);
        let here = AccessUnitIndex(self.cursor.min(units - 1));
        let place = clip.heal_place(self.direction, here);
        let unit = place.unit;
        // The superframe goes on from the healed place to where it would have ended.
        let end = (self.cursor + self.remaining).min(units);
        self.cursor = unit.0 + 1;
        self.remaining = end.saturating_sub(self.cursor);
        if self.remaining == 0 {
            self.remaining = (units - self.cursor.min(units)).min(size - 1);
        }
        Choice { direction: self.direction, slice: self.slice, unit, heal: Some(place.intra) }
    }

    fn start_at(&mut self, clip: &impl ClipShape, slice: u32, direction: Direction, size: u32) {
        self.slice = SliceIndex(slice);
        self.direction = direction;
        let units = clip.units(direction);
        let size = size.clamp(1, units.max(1));
        self.cursor = match direction {
            Direction::Forward => slice,
            Direction::Backward => clip.backward_start(self.slice, size).0,
        }
        .min(units.saturating_sub(size));
        self.remaining = size.min(units);
        self.is_started = true;
    }
}

#[cfg(test)]
mod tests;
