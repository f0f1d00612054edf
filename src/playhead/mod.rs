//! Where the instrument is in a clip, and which access unit comes next.
//!
//! Pure: numbers in, numbers out. The engine asks [`Playhead::next`] once per executed tick, on its
//! own thread; nothing here allocates, waits or knows what an access unit holds.

mod function;
mod glide;
mod part;
mod rows;
mod settings;
mod stutter;
mod travel;

pub use function::FunctionState;
pub use part::Part;
pub use rows::{
    AMPLITUDE_SECONDARY, FREQUENCY, FREQUENCY_SECONDARY, FUNCTION, FUNCTIONS, MODE, PARAMS,
    POSITION, RECTIFIED, Rows, SEED, SPEED, SUPERFRAME_SIZE, SUPERFRAMES,
};
pub use settings::{AtEnd, AtRest, Mode, Settings};

use crate::{
    modulation::{Curve, Positions},
    units::{AccessUnitIndex, Direction, SliceIndex},
};

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

/// Which way a playhead travels: what it hands over where clips move as one.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    direction: Direction,
    heading: Direction,
    is_turned: bool,
}

/// Place, direction, and what is left of the superframe being played.
#[derive(Clone, Debug)]
pub struct Playhead {
    direction: Direction,
    /// The direction without `is_reversed`: what play-on goes on in.
    heading: Direction,
    /// Bounced, so that the speed counts the other way.
    is_turned: bool,
    slice: SliceIndex,
    /// First access unit of the superframe, in the stream of `direction`.
    start: u32,
    /// Next access unit in the stream of `direction`.
    cursor: u32,
    /// Access units of the superframe still to be played.
    remaining: u32,
    /// Superframes chosen by the timeline function.
    superframe_number: u64,
    /// The last position that was asked for, 0..=1; a difference is a scrub.
    asked_position: f64,
    /// How far it has been pushed, in slices.
    pushed: i64,
    /// The place in the clip, 0..=1, that a cue has asked for.
    cue: Option<f64>,
    /// On the way to a position.
    glide: Option<glide::Glide>,
    /// What is repeated while it stutters.
    snippet: Option<stutter::Snippet>,
    function: function::FunctionState,
    is_heal_due: bool,
    is_started: bool,
    /// The superframe in play was started by a scrub, a cue or a glide.
    is_scrubbed: bool,
}

impl Default for Playhead {
    fn default() -> Self {
        Self {
            direction: Direction::Forward,
            heading: Direction::Forward,
            is_turned: false,
            slice: SliceIndex(0),
            start: 0,
            cursor: 0,
            remaining: 0,
            superframe_number: 0,
            asked_position: 0.0,
            pushed: 0,
            cue: None,
            glide: None,
            snippet: None,
            function: function::FunctionState::default(),
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
    /// The slice in play; while it stutters the one that is repeated.
    pub fn slice(&self) -> SliceIndex {
        self.snippet.map_or(self.slice, |snippet| snippet.slice)
    }

    /// The stream in play; while it stutters that of what is repeated.
    pub fn direction(&self) -> Direction {
        self.snippet.map_or(self.direction, |snippet| snippet.direction)
    }

    /// What the function `drawn` follows; `None` = a ramp. Returns what it followed so far, to be
    /// freed where there is time for it.
    pub fn set_curve(&mut self, curve: Option<Curve>) -> Option<Curve> {
        std::mem::replace(&mut self.function.curve, curve)
    }

    /// What the function `list` follows; `None` = the start of the clip. Returns what it followed
    /// so far, to be freed where there is time for it.
    pub fn set_positions(&mut self, positions: Option<Positions>) -> Option<Positions> {
        std::mem::replace(&mut self.function.positions, positions)
    }

    /// What the function mode follows, with the curve and the list that it was given.
    pub fn function(&self) -> &FunctionState {
        &self.function
    }

    /// Goes to a place of the clip, 0..=1 of its slices as [`Self::position`] has it: a cue. When
    /// the superframe is over or now, as for any position; never gliding, and inside the loop while
    /// there is one (the nearest place of it). A later jump takes an earlier one's place.
    pub fn jump(&mut self, position: f64) {
        self.cue = Some(position);
    }

    /// Takes back the jump that waits for the superframe's end, where there is one.
    pub fn take_jump(&mut self) -> Option<f64> {
        self.cue.take()
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

    /// The clip of this playhead is entered or left: at its own place, with its intra picture or
    /// without. Glide and stutter end; a [`jump`](Self::jump) still waits.
    pub fn enter(&mut self, with_heal: bool) {
        self.remaining = 0;
        self.is_heal_due = with_heal;
        self.glide = None;
        self.snippet = None;
    }

    /// Goes over to the next superframe without playing it. Where there is none it stays.
    pub fn move_on(&mut self, clip: &impl ClipShape, settings: &Settings) {
        self.start_superframe(clip, settings, false);
        self.enter(false);
    }

    /// The way it travels.
    pub fn way(&self) -> Way {
        Way { direction: self.direction, heading: self.heading, is_turned: self.is_turned }
    }

    /// Takes another playhead's place, 0..=1 as [`Self::knob_position`] has it, and its way.
    pub fn join(&mut self, clip: &impl ClipShape, settings: &Settings, place: f64, way: Way) {
        self.slice = SliceIndex(Part::of(clip, settings).slice_at(place));
        let Way { direction, heading, is_turned } = way;
        (self.direction, self.heading, self.is_turned) = (direction, heading, is_turned);
    }

    /// Where the slice in play is in its clip, 0..=1.
    pub fn position(&self, clip: &impl ClipShape, superframe_size: u32) -> f64 {
        let last = slices(clip.units(Direction::Forward), superframe_size).saturating_sub(1);
        if last == 0 { 0.0 } else { (f64::from(self.slice().0) / f64::from(last)).clamp(0.0, 1.0) }
    }

    /// Where the position's knob belongs, 0..=1: the playhead's place in the clip, or in the loop
    /// while there is one; where time has got to while it stutters.
    pub fn knob_position(&self, clip: &impl ClipShape, settings: &Settings) -> f64 {
        Part::of(clip, settings).position_of(self.slice.0)
    }

    /// Where the position's knob belongs, 0..=1, for a place of the whole clip, as cues are kept.
    pub fn knob_of(clip: &impl ClipShape, settings: &Settings, position: f64) -> f64 {
        let part = Part::of(clip, settings);
        let whole = Part { first: 0, last: part.clip_last, ..part };
        part.position_of(whole.slice_at(position))
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

    /// The engine wrote the playhead's own position into the parameter: no scrub.
    pub fn note_position(&mut self, position: f64) {
        self.asked_position = position;
    }

    /// The access unit to feed now; `None` = the picture is held. Called once per executed tick.
    pub fn next(&mut self, clip: &impl ClipShape, settings: &Settings) -> Option<Choice> {
        if clip.units(Direction::Forward) == 0 {
            return None;
        }
        if let Some(glide) = &mut self.glide {
            glide.advance();
        }
        match settings.stutter_units {
            Some(units) if settings.is_playing && self.is_started => {
                self.stutter(clip, settings, units)
            }
            _ => {
                self.let_go_of_stutter();
                self.travel(clip, settings)
            }
        }
    }

    /// The next access unit on the playhead's own way.
    fn travel(&mut self, clip: &impl ClipShape, settings: &Settings) -> Option<Choice> {
        let is_scrub = self.is_scrub(settings);
        let is_asked = is_scrub || self.cue.is_some();
        let is_loop_due =
            settings.is_loop_due && settings.loop_points.is_some() && settings.is_playing;
        if is_loop_due || (is_asked && (settings.jumps_now || !settings.is_playing)) {
            self.remaining = 0;
        }
        if self.is_heal_due {
            return Some(self.feed_heal(clip, settings));
        }
        // At a stop, a scrub plays its superframe, so that one sees where one is; a glide all of its.
        let is_asked = is_asked || self.glide.is_some();
        let is_moving = settings.is_playing || is_asked || self.is_scrubbed;
        if !is_moving || (!settings.is_playing && !is_asked && self.remaining == 0) {
            return None;
        }
        // Intra pictures of the stream itself end the mosh: left out unless they are wanted. A
        // superframe that holds nothing else is left behind, once: a clip may consist of a single
        // picture, which is then held.
        for _ in 0..2 {
            if self.remaining == 0 {
                if !self.start_superframe(clip, settings, is_scrub) {
                    return None;
                }
                if self.is_heal_due {
                    return Some(self.feed_heal(clip, settings));
                }
            }
            let here = AccessUnitIndex(self.cursor);
            if settings.skips_intra && clip.is_intra(self.direction, here) {
                self.cursor += 1;
                self.remaining = self.remaining.saturating_sub(1);
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
        if !self.is_started || self.remaining == 0 {
            // Heal where the playhead is about to go, not where it has been.
            self.start_superframe(clip, settings, self.is_scrub(settings));
        }
        self.is_heal_due = false;
        let units = clip.units(self.direction).max(1);
        let size = settings.superframe_size.clamp(1, units);
        let here = AccessUnitIndex(self.cursor.min(units - 1));
        let place = clip.heal_place(self.direction, here);
        let unit = place.unit;
        // The superframe goes on from the healed place to where it would have ended.
        let end = (self.cursor + self.remaining).min(units);
        self.cursor = unit.0 + 1;
        self.remaining = end.saturating_sub(self.cursor);
        if settings.mode == Mode::Function {
            // A function says when the next superframe is due: a heal does not put it off.
            self.remaining = self.remaining.min(size - 1);
        }
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
        self.start = self.cursor;
        self.remaining = size.min(units);
        self.is_started = true;
    }
}

#[cfg(test)]
mod tests;
