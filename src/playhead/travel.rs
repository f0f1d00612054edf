//! How the next superframe is chosen.

use super::{AtEnd, AtRest, ClipShape, Mode, Playhead, Settings, glide::Glide, part::Part};
use crate::units::Direction;
use std::cmp::Ordering;

/// Where a step led.
enum Stepped {
    /// On, perhaps to the other end.
    On,
    /// Round, at an end.
    Round,
    /// There is no further.
    Nowhere,
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
        let part = Part::of(clip, settings);
        let is_first = !self.is_started;
        // A clip that is entered goes to where the knob stands: that is no jump in it.
        let is_entry = self.asked_position.is_nan();
        self.slice.0 = self.slice.0.min(part.clip_last);
        self.asked_position = settings.position;
        self.is_scrubbed = is_scrub;
        let push = (settings.push * f64::from(part.slices().saturating_sub(1))).round() as i64;
        let pushed_on = push - self.pushed;
        self.pushed = push;
        self.is_turned &= settings.at_end == AtEnd::Bounce;
        if let Some(position) = self.cue.take() {
            let whole = Part { first: 0, last: part.clip_last, ..part };
            self.is_scrubbed = true;
            self.jump_to(clip, settings, part.clamp(whole.slice_at(position)));
            return true;
        }
        if settings.is_loop_due && settings.loop_points.is_some() && !is_scrub && !is_first {
            self.glide = None;
            self.is_turned = false;
            let begins = match self.direction {
                Direction::Forward => part.first,
                Direction::Backward => part.last,
            };
            self.start_at(clip, begins, self.direction, size);
            return true;
        }
        if settings.blooms && !is_first {
            self.start_at(clip, part.clamp(self.slice.0), self.direction, size);
            return true;
        }
        if is_scrub {
            let slice = part.slice_at(settings.position);
            if is_first || is_entry {
                self.glide = None;
                self.go_to(clip, slice, size);
                return true;
            }
            if settings.glide_ticks <= size || slice == self.slice.0 {
                self.jump_to(clip, settings, slice);
                return true;
            }
            self.glide = Some(Glide::new(self.slice.0, slice, settings.glide_ticks));
        }
        if let Some(glide) = self.glide {
            let (slice, has_arrived) = glide.slice(size);
            if has_arrived {
                self.glide = None;
            }
            self.is_scrubbed = true;
            self.go_to(clip, part.clamp(slice), size);
            return true;
        }
        if settings.mode == Mode::Function {
            let slice = self.function.slice_at(settings.timeline, self.superframe_number, part);
            self.superframe_number += 1;
            let pushed = (i64::from(slice) + push).clamp(part.first.into(), part.last.into());
            self.go_to(clip, pushed as u32, size);
            return true;
        }
        if is_first {
            self.go_to(clip, part.slice_at(settings.position), size);
            return true;
        }
        let speed_step = match settings.mode {
            Mode::Speed => (f64::from(size) * settings.speed).round() as i64,
            Mode::Manual | Mode::Function => 0,
        };
        let pushed_on = if settings.mode == Mode::Speed { pushed_on } else { 0 };
        let step = match (speed_step, settings.at_rest) {
            (0, AtRest::Hold) if pushed_on == 0 => return false,
            (0, AtRest::Hold | AtRest::Bloom) => 0,
            (0, AtRest::PlayOn) => match self.heading {
                Direction::Forward => i64::from(size),
                Direction::Backward => -i64::from(size),
            },
            (step, _) if self.is_turned => -step,
            (step, _) => step,
        };
        let step = if settings.is_reversed { -step } else { step } + pushed_on;
        if step == 0 {
            self.start_at(clip, part.clamp(self.slice.0), self.direction, size);
            return true;
        }
        match self.step(clip, settings, part, step) {
            Stepped::On => true,
            Stepped::Round => {
                // Play-on turns by its heading alone.
                self.is_turned ^= speed_step != 0;
                true
            }
            Stepped::Nowhere => false,
        }
    }

    /// To a slice by a gesture that is a jump.
    fn jump_to(&mut self, clip: &impl ClipShape, settings: &Settings, slice: u32) {
        self.glide = None;
        self.is_heal_due |= settings.heals_on_jump;
        self.go_to(clip, slice, settings.superframe_size);
    }

    /// To a slice that something asked for: the way there gives the direction.
    fn go_to(&mut self, clip: &impl ClipShape, slice: u32, size: u32) {
        let direction = match slice.cmp(&self.slice.0) {
            Ordering::Greater => Direction::Forward,
            Ordering::Less => Direction::Backward,
            Ordering::Equal => self.direction,
        };
        if slice != self.slice.0 {
            self.heading = direction;
        }
        self.start_at(clip, slice, direction, size);
    }

    /// On by `step` slices, which is not 0.
    fn step(
        &mut self,
        clip: &impl ClipShape,
        settings: &Settings,
        part: Part,
        step: i64,
    ) -> Stepped {
        let size = settings.superframe_size;
        // Straight play leaves nothing out: what is left of the part after its last whole
        // superframe is a superframe of its own, shorter.
        let is_onward = match self.direction {
            Direction::Forward => step == i64::from(size),
            Direction::Backward => step == -i64::from(size),
        };
        let left = part.end(clip, self.direction, size).saturating_sub(self.cursor);
        if is_onward && (1..size).contains(&left) {
            self.slice.0 =
                if self.direction == Direction::Forward { part.last } else { part.first };
            self.start = self.cursor;
            self.remaining = left;
            return Stepped::On;
        }
        let onward = if step < 0 { Direction::Backward } else { Direction::Forward };
        let (near, far) = match onward {
            Direction::Forward => (part.first, part.last),
            Direction::Backward => (part.last, part.first),
        };
        let here = i64::from(self.slice.0);
        let next = here + step;
        let (slice, direction) = match u32::try_from(next) {
            Ok(next) if part.contains(next.into()) => (next, onward),
            // A loop that was closed elsewhere is entered where one would come into it.
            _ if !part.contains(here) => (near, onward),
            _ => match settings.at_end {
                AtEnd::Loop => (near, onward),
                AtEnd::Bounce => (far, opposite(onward)),
                AtEnd::Stop => return Stepped::Nowhere,
            },
        };
        self.heading = if settings.is_reversed { opposite(direction) } else { direction };
        self.start_at(clip, slice, direction, size);
        if direction == onward { Stepped::On } else { Stepped::Round }
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Forward => Direction::Backward,
        Direction::Backward => Direction::Forward,
    }
}
