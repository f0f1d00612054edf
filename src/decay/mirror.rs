//! Mirror: the picture is folded over a line in every generation.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{ParamIndex, ParamSpec};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "mirror",
    rows: &[MIRROR, MIRROR_FOLD, MIRROR_X, MIRROR_Y],
    common: common_rows!("mirror", "Mirror", 10),
    work: Work::Point(Point {
        uniform: "Mirror",
        moves: true,
        changes: false,
        wgsl: include_str!("../../shaders/mirror.wgsl"),
    }),
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let fold = registry.index_of(&MIRROR_FOLD);
        let line = [&MIRROR_X, &MIRROR_Y].map(|row| registry.index_of(row));
        Box::new(MirrorStage { fold, line, uniform: Mirror::zeroed() })
    },
};

/// The switch.
pub const MIRROR: ParamSpec = ParamSpec::switch(
    "decay.mirror",
    "Mirror",
    "Whether the picture is folded in every generation.",
    true,
);

/// Which side is shown twice.
pub const MIRROR_FOLD: ParamSpec = ParamSpec::choice(
    "decay.mirror_fold",
    "Mirror fold",
    "Which side of the line is shown on both: left, right, top, bottom, or one quarter four times.",
    &["none", "left", "right", "top", "bottom", "four"],
    0,
);

/// Sides of each choice: x, y.
const SIDES: [[i32; 2]; 6] = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1]];

/// Where the upright line is.
pub const MIRROR_X: ParamSpec = ParamSpec::float(
    "decay.mirror_x",
    "Mirror line across",
    "Where the upright line is, from the left edge to the right.",
    (0.0, 1.0),
    0.5,
)
.smoothed(50.0);

/// Where the level line is.
pub const MIRROR_Y: ParamSpec = ParamSpec::float(
    "decay.mirror_y",
    "Mirror line down",
    "Where the level line is, from the top edge to the bottom.",
    (0.0, 1.0),
    0.5,
)
.smoothed(50.0);

/// Uniform of `mirror.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Mirror {
    /// The first column and row beyond the fold.
    pub line_px: [i32; 2],
    /// 1 = right of (below) the line the left (upper) side is shown, -1 the other way, 0 = no fold.
    pub side: [i32; 2],
}

#[derive(Debug)]
struct MirrorStage {
    fold: ParamIndex,
    line: [ParamIndex; 2],
    uniform: Mirror,
}

impl Stage for MirrorStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.fold)
    }

    fn settle(&mut self, now: &Now<'_>, _: f64) -> Option<Turn<'_>> {
        let fold = usize::try_from(now.params.int(self.fold)).ok()?;
        let line = |axis: usize| {
            (now.params.get(self.line[axis]) * f64::from(now.size_px[axis])).round() as i32
        };
        self.uniform = Mirror { line_px: [line(0), line(1)], side: *SIDES.get(fold)? };
        Some(Turn { uniform: bytemuck::bytes_of(&self.uniform), passes: &[], greys: false })
    }
}

/// CPU reference.
#[cfg(test)]
pub fn folded(picture: &Rgb, mirror: &Mirror) -> Rgb {
    let from = |axis: usize, at: usize| {
        let (at, line) = (at as i32, mirror.line_px[axis]);
        let is_beyond = match mirror.side[axis] {
            1 => at >= line,
            -1 => at < line,
            _ => false,
        };
        i64::from(if is_beyond { 2 * line - 1 - at } else { at })
    };
    Rgb::from_fn(picture.width, picture.height, |x, y| picture.clamped(from(0, x), from(1, y)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    fn row(side: i32, line: i32) -> Vec<u8> {
        let picture = Rgb::from_fn(6, 1, |x, _| [x as u8; 3]);
        let mirror = Mirror { line_px: [line, 0], side: [side, 0] };
        folded(&picture, &mirror).pixels.iter().map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_row_is_folded() {
        assert_eq!(row(1, 3), [0, 1, 2, 2, 1, 0]);
        assert_eq!(row(-1, 3), [5, 4, 3, 3, 4, 5]);
        assert_eq!(row(0, 3), [0, 1, 2, 3, 4, 5]);
        // What would lie outside is the edge.
        assert_eq!(row(1, 1), [0, 0, 0, 0, 0, 0]);
        assert_eq!(row(1, 6), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for side in SIDES {
            for line_px in [[35, 23], [10, 40], [0, 46], [70, 0]] {
                let mirror = Mirror { line_px, side };
                let result = rig.point(&STAGE, &mirror, &picture, &picture);
                assert_same(&result, &folded(&picture, &mirror));
            }
        }
    }
}
