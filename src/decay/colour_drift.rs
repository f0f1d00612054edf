//! Colour drift: the hue turns a little in every generation, and colours grow or fade.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    fixed::{ONE_Q16, q16},
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{ParamIndex, ParamSpec};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "colour_drift",
    rows: &[COLOUR_DRIFT, COLOUR_DRIFT_HUE, COLOUR_DRIFT_SATURATION],
    common: common_rows!("colour_drift", "Colour drift", 65),
    work: Work::Point(Point {
        uniform: "ColourDrift",
        moves: false,
        changes: true,
        wgsl: include_str!("../../shaders/colour_drift.wgsl"),
    }),
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let hue = registry.index_of(&COLOUR_DRIFT_HUE);
        let saturation = registry.index_of(&COLOUR_DRIFT_SATURATION);
        Box::new(ColourDriftStage { hue, saturation, uniform: ColourDrift::zeroed() })
    },
};

/// The switch.
pub const COLOUR_DRIFT: ParamSpec = ParamSpec::switch(
    "decay.colour_drift",
    "Colour drift",
    "Whether colours change in every generation.",
    true,
);

/// How far the hue turns.
pub const COLOUR_DRIFT_HUE: ParamSpec = ParamSpec::float(
    "decay.colour_drift_hue_degrees",
    "Hue drift",
    "How far all hues turn in every generation; brightness stays.",
    (-60.0, 60.0),
    0.0,
)
.unit("deg")
.smoothed(50.0);

/// How colours grow.
pub const COLOUR_DRIFT_SATURATION: ParamSpec = ParamSpec::float(
    "decay.colour_drift_saturation",
    "Saturation drift",
    "Times the strength of the colours in every generation: below 1 they fade, above 1 they burn.",
    (0.0, 2.0),
    1.0,
)
.smoothed(50.0);

/// Uniform of `colour_drift.wgsl`: columns of a matrix in 1/65536.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct ColourDrift {
    /// What red, green and blue gain from red.
    pub red_q16: [i32; 4],
    /// From green.
    pub green_q16: [i32; 4],
    /// From blue.
    pub blue_q16: [i32; 4],
}

/// Luma of red, green and blue: ITU-R BT.709-6, item 3.2.
const LUMA: [f64; 3] = [0.2126, 0.7152, 0.0722];

impl ColourDrift {
    /// Saturation, then hue: the matrices `saturate` and `hueRotate` of the W3C's Filter Effects
    /// Module Level 1, section 9.6 (feColorMatrix), with the luma of BT.709.
    pub fn new(hue_degrees: f64, saturation: f64) -> Self {
        let (sine, cosine) = hue_degrees.to_radians().sin_cos();
        let [r, g, b] = LUMA;
        // The part of hueRotate that goes with the sine.
        let sines = [[-r, -g, 1.0 - b], [0.143, 0.140, -0.283], [r - 1.0, g, b]];
        let identity = |row: usize, column: usize| f64::from(u8::from(row == column));
        let saturate = |row: usize, column: usize| {
            LUMA[column] + (identity(row, column) - LUMA[column]) * saturation
        };
        let rotate = |row: usize, column: usize| {
            LUMA[column]
                + (identity(row, column) - LUMA[column]) * cosine
                + sines[row][column] * sine
        };
        let mut columns = [[0; 4]; 3];
        for row in 0..3 {
            for (column, gains) in columns.iter_mut().enumerate() {
                let sum: f64 = (0..3).map(|k| rotate(row, k) * saturate(k, column)).sum();
                gains[row] = q16(sum);
            }
            // What rounding has left over goes to the colour itself: grey stays grey.
            let left = ONE_Q16 - columns.iter().map(|gains| gains[row]).sum::<i32>();
            columns[row][row] += left;
        }
        let [red_q16, green_q16, blue_q16] = columns;
        Self { red_q16, green_q16, blue_q16 }
    }
}

#[derive(Debug)]
struct ColourDriftStage {
    hue: ParamIndex,
    saturation: ParamIndex,
    uniform: ColourDrift,
}

impl Stage for ColourDriftStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        let drifts = now.params.get(self.hue) != 0.0 || now.params.get(self.saturation) != 1.0;
        f64::from(u8::from(drifts))
    }

    fn settle(&mut self, now: &Now<'_>, part: f64) -> Option<Turn<'_>> {
        let saturation = 1.0 + (now.params.get(self.saturation) - 1.0) * part;
        self.uniform = ColourDrift::new(now.params.get(self.hue) * part, saturation.max(0.0));
        let uniform = bytemuck::bytes_of(&self.uniform);
        (!now.is_grey).then_some(Turn { uniform, passes: &[], greys: false })
    }
}

/// CPU reference.
#[cfg(test)]
pub fn drifted(picture: &Rgb, drift: &ColourDrift) -> Rgb {
    picture.map(|_, _, levels| {
        let [r, g, b] = levels.map(i32::from);
        std::array::from_fn(|row| {
            let sum = drift.red_q16[row] * r + drift.green_q16[row] * g + drift.blue_q16[row] * b;
            (sum + 32768) >> 16
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, largest_difference, rig, test_picture};

    #[test]
    fn no_drift_changes_nothing_and_grey_stays_grey() {
        let picture = test_picture(20, 10, 1);
        assert_same(&drifted(&picture, &ColourDrift::new(0.0, 1.0)), &picture);
        let greys = Rgb::from_fn(256, 1, |x, _| [x as u8; 3]);
        for (hue, saturation) in [(1.0, 1.0), (-60.0, 2.0), (33.0, 0.0), (17.0, 1.3)] {
            assert_same(&drifted(&greys, &ColourDrift::new(hue, saturation)), &greys);
        }
    }

    #[test]
    fn without_saturation_only_luma_is_left_and_a_full_turn_comes_back() {
        let colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
        let picture = Rgb::from_fn(3, 1, |x, _| colours[x]);
        let grey = drifted(&picture, &ColourDrift::new(0.0, 0.0));
        assert_eq!(grey.pixels, [[54; 3], [182; 3], [18; 3]]);
        let muted = Rgb::from_fn(30, 30, |x, y| [100 + x as u8, 120 + y as u8, 110]);
        let mut turned = muted.clone();
        for _ in 0..6 {
            turned = drifted(&turned, &ColourDrift::new(60.0, 1.0));
        }
        // Half a level of rounding in each of six turns, stretched by the matrix.
        assert!(largest_difference(&turned, &muted) <= 5);
        let once = drifted(&muted, &ColourDrift::new(60.0, 1.0));
        assert!(largest_difference(&once, &muted) > 5);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for (hue, saturation) in [(5.0, 1.0), (-60.0, 2.0), (40.0, 0.3)] {
            let drift = ColourDrift::new(hue, saturation);
            let result = rig.point(&STAGE, &drift, &picture, &picture);
            assert_same(&result, &drifted(&picture, &drift));
        }
    }
}
