//! What the function mode follows, with whatever it must remember.

use super::part::Part;
use crate::modulation::{Curve, Positions, Shape, Timeline, Walk, Wave, slice_of};

/// A timeline with its extremes, found again when it changes; a walk's last step; curve and list.
#[derive(Clone, Debug)]
pub struct FunctionState {
    timeline: Timeline,
    shape: Shape,
    walk: Walk,
    /// What the function `drawn` follows; `None` = a ramp.
    pub curve: Option<Curve>,
    /// What the function `list` follows; `None` = the start of the clip.
    pub positions: Option<Positions>,
}

impl Default for FunctionState {
    fn default() -> Self {
        let timeline = Timeline { wave: Wave::RectifiedSine, frequency: 0.5, superframes: 1 };
        let (walk, shape) = (Walk::default(), timeline.shape());
        Self { timeline, shape, walk, curve: None, positions: None }
    }
}

impl FunctionState {
    /// The slice of superframe `number`. Functions span the part; a list names slices of the clip,
    /// and the nearest of the part is taken.
    pub fn slice_at(&mut self, timeline: Timeline, number: u64, part: Part) -> u32 {
        if self.timeline != timeline {
            self.timeline = timeline;
            self.shape = timeline.shape();
        }
        let slices = part.slices();
        let inside = match (timeline.wave, &self.curve, &self.positions) {
            (Wave::List, _, Some(positions)) => return part.clamp(positions.at(number)),
            (Wave::Drawn, Some(curve), _) => slice_of(curve.at(timeline.part(number)), slices),
            (Wave::RandomWalk { seed, .. }, ..) => {
                timeline.walked(self.walk.sum(seed, number), slices)
            }
            _ => timeline.slice_at(self.shape, number, slices),
        };
        part.first + inside
    }
}
