//! Stutter: the first access units of a superframe over and over, while time goes on beneath.

use super::{Choice, ClipShape, Playhead, Settings, part::Part};
use crate::units::{AccessUnitIndex, Direction, SliceIndex};

/// What is repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snippet {
    pub direction: Direction,
    pub slice: SliceIndex,
    /// Its first access unit in the stream of `direction`.
    start: u32,
    /// The next one. A heal may lie before the start; it is led in from there.
    cursor: u32,
    /// The playhead jumped beneath, and is to heal where it has got to.
    pub owes_heal: bool,
}

impl Playhead {
    /// The playhead travels as if there were no stutter, and the snippet is fed instead: let go, it
    /// is where it would have been.
    pub(super) fn stutter(
        &mut self,
        clip: &impl ClipShape,
        settings: &Settings,
        units: u32,
    ) -> Option<Choice> {
        if self.snippet.is_none() && self.is_heal_due {
            // Healed first, repeated after.
            return self.travel(clip, settings);
        }
        let mut heals = std::mem::take(&mut self.is_heal_due);
        let has_jumped = self.travel(clip, settings).is_some_and(|choice| choice.heal.is_some());
        let mut snippet = match self.snippet {
            Some(snippet) => Snippet { owes_heal: snippet.owes_heal | has_jumped, ..snippet },
            None => {
                heals |= has_jumped;
                self.snippet_begun(clip, settings)
            }
        };
        let part = Part::of(clip, settings);
        let choice = snippet.next(clip, settings, part, units, heals);
        self.snippet = Some(snippet);
        choice
    }

    /// Back to where time has got to.
    pub(super) fn let_go_of_stutter(&mut self) {
        if let Some(snippet) = self.snippet.take() {
            self.is_heal_due |= snippet.owes_heal;
        }
    }

    /// The superframe in play, from its first access unit that may be played.
    fn snippet_begun(&self, clip: &impl ClipShape, settings: &Settings) -> Snippet {
        let (direction, slice) = (self.direction, self.slice);
        let is_left_out =
            |unit: u32| settings.skips_intra && clip.is_intra(direction, AccessUnitIndex(unit));
        let end = (self.start + settings.superframe_size.max(1)).min(clip.units(direction));
        let start = (self.start..end).find(|unit| !is_left_out(*unit)).unwrap_or(self.start);
        Snippet { direction, slice, start, cursor: start, owes_heal: false }
    }
}

impl Snippet {
    fn next(
        &mut self,
        clip: &impl ClipShape,
        settings: &Settings,
        part: Part,
        units: u32,
        heals: bool,
    ) -> Option<Choice> {
        let Self { direction, slice, start, .. } = *self;
        let stream = clip.units(direction);
        let part_end = part.end(clip, direction, settings.superframe_size);
        // It does not run out of the loop that it lies in.
        let limit = if part_end > start { part_end } else { stream };
        let end = start.saturating_add(units.max(1)).min(limit).min(stream);
        if start >= end {
            return None;
        }
        if self.cursor >= end || settings.is_stutter_due {
            self.cursor = start;
        }
        if heals {
            let place = clip.heal_place(direction, AccessUnitIndex(self.cursor));
            self.cursor = place.unit.0 + 1;
            return Some(Choice { direction, slice, unit: place.unit, heal: Some(place.intra) });
        }
        for _ in self.cursor.min(start)..end {
            let unit = AccessUnitIndex(self.cursor);
            self.cursor = if self.cursor + 1 < end { self.cursor + 1 } else { start };
            if !(settings.skips_intra && clip.is_intra(direction, unit)) {
                return Some(Choice { direction, slice, unit, heal: None });
            }
        }
        None
    }
}
