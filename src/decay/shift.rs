//! Shift: the picture moves by whole pixels in every generation and wraps round.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{Curve, ParamIndex, ParamSpec, Registry};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "shift",
    rows: &[SHIFT, SHIFT_PX, SHIFT_DRIFT_X_PX, SHIFT_DRIFT_Y_PX],
    common: common_rows!("shift", "Drift", 20),
    work: Work::Point(Point {
        uniform: "Shift",
        moves: true,
        changes: false,
        wgsl: include_str!("../../shaders/shift.wgsl"),
    }),
    keeps_grey: true,
    reads_motion: false,
    find: |registry| Box::new(ShiftStage::find(registry)),
};

/// The switch.
pub const SHIFT: ParamSpec = ParamSpec::switch(
    "decay.shift",
    "Drift",
    "Whether the picture is shifted in every generation.",
    true,
);

/// The amount.
pub const SHIFT_PX: ParamSpec = ParamSpec::float(
    "decay.shift_px",
    "Random drift",
    "The picture moves by a random whole number of pixels up to this, on each axis, and wraps round.",
    (0.0, 64.0),
    0.0,
)
.curve(Curve::Power(2.0))
.unit("px");

/// Constant movement to the right.
pub const SHIFT_DRIFT_X_PX: ParamSpec = ParamSpec::float(
    "decay.shift_drift_x_px",
    "Drift right",
    "The picture moves this far to the right in every generation, besides the random drift.",
    (-32.0, 32.0),
    0.0,
)
.unit("px");

/// Constant movement downwards.
pub const SHIFT_DRIFT_Y_PX: ParamSpec = ParamSpec::float(
    "decay.shift_drift_y_px",
    "Drift down",
    "The picture moves this far down in every generation, besides the random drift.",
    (-32.0, 32.0),
    0.0,
)
.unit("px");

/// Uniform of `shift.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Shift {
    /// Right and down, wrapped into 0..size.
    pub offset_px: [i32; 2],
    /// To a multiple of 16 bytes.
    pub unused: [i32; 2],
}

#[derive(Debug)]
struct ShiftStage {
    random_px: ParamIndex,
    drift_px: [ParamIndex; 2],
    uniform: Shift,
}

impl ShiftStage {
    fn find(registry: &Registry) -> Self {
        Self {
            random_px: registry.index_of(&SHIFT_PX),
            drift_px: [&SHIFT_DRIFT_X_PX, &SHIFT_DRIFT_Y_PX].map(|row| registry.index_of(row)),
            uniform: Shift::zeroed(),
        }
    }
}

impl Stage for ShiftStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        let moves = now.params.get(self.random_px).round() > 0.0
            || self.drift_px.iter().any(|drift| now.params.get(*drift) != 0.0);
        f64::from(u8::from(moves))
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let random_px = (now.params.get(self.random_px) * amount).round() as i32;
        let drift_px = self.drift_px.map(|drift| now.params.get(drift) * amount);
        let [_, _, word_x, word_y] = now.words(0);
        let moved = offset_px(random_px, drift_px, now.generation, [word_x, word_y]);
        let wrapped = |axis: usize| moved[axis].rem_euclid(i64::from(now.size_px[axis])) as i32;
        self.uniform.offset_px = [wrapped(0), wrapped(1)];
        let uniform = bytemuck::bytes_of(&self.uniform);
        (self.uniform.offset_px != [0; 2]).then_some(Turn { uniform, passes: &[], greys: false })
    }
}

/// How far one generation moves the picture, unwrapped. `words` are two words of the generation's
/// hash; each axis draws from -random..=random. A drift of a fraction of a pixel moves by a whole
/// one every so many generations.
pub fn offset_px(random_px: i32, drift_px: [f64; 2], generation: u64, words: [u32; 2]) -> [i64; 2] {
    std::array::from_fn(|axis| {
        let choices = i64::from(random_px) * 2 + 1;
        let random = ((i64::from(words[axis]) * choices) >> 32) - i64::from(random_px);
        let now = generation as f64 * drift_px[axis];
        let drift = (now + drift_px[axis]).floor() - now.floor();
        random + drift as i64
    })
}

/// CPU reference: the picture rolled right and down by whole pixels.
#[cfg(test)]
pub fn shifted(picture: &Rgb, offset_px: [i64; 2]) -> Rgb {
    let (width, height) = (picture.width as i64, picture.height as i64);
    Rgb::from_fn(picture.width, picture.height, |x, y| {
        let from_x = (x as i64 - offset_px[0]).rem_euclid(width) as usize;
        let from_y = (y as i64 - offset_px[1]).rem_euclid(height) as usize;
        picture.pixels[from_y * picture.width + from_x]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::{
        noise::generation_words,
        testing::{assert_same, rig, test_picture},
    };

    fn draws(random_px: i32, drift_px: [f64; 2]) -> Vec<[i64; 2]> {
        let one = |generation| {
            let words = generation_words(5, generation);
            offset_px(random_px, drift_px, generation, [words[2], words[3]])
        };
        (0..2000).map(one).collect()
    }

    #[test]
    fn the_picture_wraps_round() {
        let picture = Rgb::from_fn(5, 4, |x, y| [x as u8, y as u8, 0]);
        let moved = shifted(&picture, [1, -1]);
        // What was at the right edge of the top row is at the left edge of the bottom row.
        assert_eq!(moved.pixels[3 * 5], [4, 0, 0]);
        assert_eq!(shifted(&moved, [-1, 1]), picture);
        assert_eq!(shifted(&picture, [5, 8]), picture);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for offset_px in [[0, 0], [69, 3], [5, 45]] {
            let shift = Shift { offset_px, unused: [0; 2] };
            let wanted = shifted(&picture, offset_px.map(i64::from));
            assert_same(&rig.point(&STAGE, &shift, &picture, &picture), &wanted);
        }
    }

    #[test]
    fn draws_reach_both_ends_evenly() {
        let draws = draws(3, [0.0; 2]);
        for axis in 0..2 {
            for value in -3..=3 {
                let count = draws.iter().filter(|draw| draw[axis] == value).count();
                // 2000 / 7 = 286; five standard deviations are 78.
                assert!((208..=364).contains(&count), "{value} on axis {axis}: {count} times");
            }
            assert!(draws.iter().all(|draw| (-3..=3).contains(&draw[axis])));
        }
    }

    #[test]
    fn a_slow_drift_covers_its_way() {
        let draws = draws(0, [0.25, -1.5]);
        let sum = |axis: usize| draws.iter().map(|draw| draw[axis]).sum::<i64>();
        assert_eq!((sum(0), sum(1)), (500, -3000));
        assert!(draws.iter().all(|draw| matches!(draw, [0 | 1, -1 | -2])));
    }
}
