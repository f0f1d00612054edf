//! The part of a clip that is played: all of it, or the loop.

use super::{ClipShape, Settings, slices};
use crate::{
    modulation::slice_of,
    units::{Direction, SliceIndex},
};

/// Slices `first` to `last`, at least one, so that a loop is never shorter than a superframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first slice.
    pub first: u32,
    /// Its last slice.
    pub last: u32,
    /// Last slice of the whole clip.
    pub clip_last: u32,
}

impl Part {
    /// The part of this clip that the settings ask for.
    pub fn of(clip: &impl ClipShape, settings: &Settings) -> Self {
        let slices = slices(clip.units(Direction::Forward), settings.superframe_size);
        let clip_last = slices.saturating_sub(1);
        match settings.loop_points {
            None => Self { first: 0, last: clip_last, clip_last },
            Some((one, other)) => {
                let (one, other) = (slice_of(one, slices), slice_of(other, slices));
                let last = settings.loop_units.map(|units| {
                    // The last superframe ends where the loop does; it has one at least.
                    let more = units.saturating_sub(settings.superframe_size.max(1));
                    one.saturating_add(more).min(clip_last)
                });
                let other = last.unwrap_or(other);
                Self { first: one.min(other), last: one.max(other), clip_last }
            }
        }
    }

    /// All of a clip of so many slices.
    pub fn whole(slices: u32) -> Self {
        let clip_last = slices.saturating_sub(1);
        Self { first: 0, last: clip_last, clip_last }
    }

    /// Number of slices.
    pub fn slices(self) -> u32 {
        self.last - self.first + 1
    }

    /// Whether a slice lies in it.
    pub(super) fn contains(self, slice: i64) -> bool {
        (i64::from(self.first)..=i64::from(self.last)).contains(&slice)
    }

    /// The nearest slice of the part.
    pub fn clamp(self, slice: u32) -> u32 {
        slice.clamp(self.first, self.last)
    }

    /// The slice at a position, 0..=1 of the part.
    pub fn slice_at(self, position: f64) -> u32 {
        self.first + slice_of(position, self.slices())
    }

    /// Where a slice lies in the part, 0..=1.
    pub fn position_of(self, slice: u32) -> f64 {
        let span = self.last - self.first;
        if span == 0 {
            return 0.0;
        }
        f64::from(self.clamp(slice) - self.first) / f64::from(span)
    }

    /// The access unit after the part's last one, in the stream of `direction`.
    pub(super) fn end(
        self,
        clip: &impl ClipShape,
        direction: Direction,
        superframe_size: u32,
    ) -> u32 {
        let units = clip.units(direction);
        let size = superframe_size.clamp(1, units.max(1));
        let last = match direction {
            Direction::Forward if self.last < self.clip_last => self.last,
            Direction::Backward if self.first > 0 => {
                clip.backward_start(SliceIndex(self.first), size).0
            }
            // To the very end of the stream, however long the other one is.
            Direction::Forward | Direction::Backward => return units,
        };
        last.saturating_add(size).min(units)
    }
}
