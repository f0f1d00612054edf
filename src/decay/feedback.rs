//! Feedback: how much of the worn picture goes into the next generation, and how it moves on its way.
//!
//! No stage: it is what a generation begins with, before the first stage in the order.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    fixed::{ONE_Q16, q16},
    run::Head,
};
use crate::params::{ParamIndex, ParamSpec, Registry, Snapshot};
use bytemuck::{Pod, Zeroable};

/// 0 = no memory, 1 = the loop alone: the picture wears itself, the clip is no longer let in.
pub const FEEDBACK: ParamSpec = ParamSpec::float(
    "decay.feedback",
    "Trails",
    "How much of the worn picture goes into the next generation: 0 = no memory, 1 = the loop alone.",
    (0.0, 1.0),
    0.0,
)
.smoothed(50.0);

/// Growth of the worn picture.
pub const FEEDBACK_ZOOM: ParamSpec = ParamSpec::float(
    "decay.feedback_zoom",
    "Trails zoom",
    "How much the trails grow in every generation: above 1 toward the eye, below 1 away from it.",
    (0.9, 1.1),
    1.0,
)
.smoothed(50.0);

/// Turning of the worn picture.
pub const FEEDBACK_TURN: ParamSpec = ParamSpec::float(
    "decay.feedback_turn_degrees",
    "Trails turn",
    "How far the trails turn clockwise in every generation.",
    (-10.0, 10.0),
    0.0,
)
.unit("deg")
.smoothed(50.0);

/// Movement of the worn picture to the right.
pub const FEEDBACK_DRIFT_X_PX: ParamSpec = ParamSpec::float(
    "decay.feedback_drift_x_px",
    "Trails right",
    "How far the trails move to the right in every generation; fractions of a pixel count.",
    (-16.0, 16.0),
    0.0,
)
.unit("px")
.smoothed(50.0);

/// Movement of the worn picture downwards.
pub const FEEDBACK_DRIFT_Y_PX: ParamSpec = ParamSpec::float(
    "decay.feedback_drift_y_px",
    "Trails down",
    "How far the trails move down in every generation; fractions of a pixel count.",
    (-16.0, 16.0),
    0.0,
)
.unit("px")
.smoothed(50.0);

/// Trails that full wear brings at least. Chosen by eye, with the stages of
/// [`super::settings::AMOUNT`].
const FULL_WEAR: f64 = 0.93;

/// Uniform of `feedback.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Feedback {
    /// Where a pixel of the worn picture is taken from: two rows of a matrix.
    pub matrix_q16: [i32; 4],
    /// What is added.
    pub offset_q16: [i32; 2],
    /// 0 = the decoded picture alone, 65536 = the loop alone.
    pub feedback_q16: i32,
    /// To a multiple of 16 bytes.
    pub unused: i32,
}

/// Where the rows of feedback are in the registry.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    feedback: ParamIndex,
    zoom: ParamIndex,
    turn: ParamIndex,
    drift_px: [ParamIndex; 2],
}

impl Rows {
    /// Finds them.
    pub fn find(registry: &Registry) -> Self {
        Self {
            feedback: registry.index_of(&FEEDBACK),
            zoom: registry.index_of(&FEEDBACK_ZOOM),
            turn: registry.index_of(&FEEDBACK_TURN),
            drift_px: [&FEEDBACK_DRIFT_X_PX, &FEEDBACK_DRIFT_Y_PX]
                .map(|row| registry.index_of(row)),
        }
    }

    /// What they ask for, with `decay.amount` worked in.
    pub fn read(&self, params: &Snapshot, wear: f64, size_px: [u32; 2]) -> Feedback {
        let feedback = params.get(self.feedback).max(FULL_WEAR * wear);
        let drift_px = self.drift_px.map(|drift| params.get(drift));
        let motion = Motion { zoom: params.get(self.zoom), turn: params.get(self.turn), drift_px };
        Feedback { feedback_q16: q16(feedback).clamp(0, ONE_Q16), ..motion.uniform(size_px) }
    }
}

/// How the worn picture moves from generation to generation.
#[derive(Clone, Copy, Debug)]
pub struct Motion {
    /// Times its size.
    pub zoom: f64,
    /// Clockwise, in degrees.
    pub turn: f64,
    /// Right and down.
    pub drift_px: [f64; 2],
}

impl Motion {
    /// The uniform, without a mix: where each pixel comes from is the motion undone, about the
    /// picture's centre.
    pub fn uniform(&self, size_px: [u32; 2]) -> Feedback {
        let (sine, cosine) = self.turn.to_radians().sin_cos();
        let (sine, cosine) = (sine / self.zoom, cosine / self.zoom);
        let [x, y] = size_px.map(|side| (f64::from(side) - 1.0) / 2.0);
        let (to_x, to_y) = (x + self.drift_px[0], y + self.drift_px[1]);
        Feedback {
            matrix_q16: [cosine, sine, -sine, cosine].map(q16),
            offset_q16: [x - cosine * to_x - sine * to_y, y + sine * to_x - cosine * to_y].map(q16),
            feedback_q16: 0,
            unused: 0,
        }
    }
}

impl Feedback {
    /// What a generation begins with.
    pub fn head(&self) -> Head {
        let is_still = self.matrix_q16 == [ONE_Q16, 0, 0, ONE_Q16] && self.offset_q16 == [0; 2];
        match (self.feedback_q16, is_still) {
            (0, _) => Head::Plain,
            (ONE_Q16, true) => Head::Plain,
            (_, true) => Head::Mixed,
            (_, false) => Head::Turned,
        }
    }
}

/// CPU reference of `feedback_turned` in `feedback.wgsl` without the mix.
#[cfg(test)]
pub fn turned(worn: &Rgb, feedback: &Feedback) -> Rgb {
    let mirrored = |at: i32, side: usize| {
        let within = at.rem_euclid(2 * side as i32) as usize;
        if within >= side { 2 * side - 1 - within } else { within }
    };
    let pixel = |x: i32, y: i32| {
        worn.pixels[mirrored(y, worn.height) * worn.width + mirrored(x, worn.width)].map(i32::from)
    };
    let [a, b, c, d] = feedback.matrix_q16;
    worn.map(|x, y, _| {
        let (x, y) = (x as i32, y as i32);
        let from = [a * x + b * y + feedback.offset_q16[0], c * x + d * y + feedback.offset_q16[1]];
        let [x, y] = from.map(|q16| q16 >> 16);
        let [part_x, part_y] = from.map(|q16| (q16 >> 8) & 255);
        let (one, two) = (pixel(x, y), pixel(x + 1, y));
        let (three, four) = (pixel(x, y + 1), pixel(x + 1, y + 1));
        std::array::from_fn(|colour| {
            let upper = one[colour] * (256 - part_x) + two[colour] * part_x;
            let lower = three[colour] * (256 - part_x) + four[colour] * part_x;
            (upper * (256 - part_y) + lower * part_y + 32768) >> 16
        })
    })
}

/// CPU reference of `fed_back` in `feedback.wgsl`: the mix, rounded toward the decoded picture, so that
/// it is reached within 255 generations wherever feedback is below 1. (Rounding to nearest would
/// leave ghosts of up to 0.5 / (1 - feedback) levels for ever.)
#[cfg(test)]
pub fn fed_back(decoded: &Rgb, worn: &Rgb, feedback_q16: i32) -> Rgb {
    let width = decoded.width;
    decoded.map(|x, y, decoded| {
        let worn = worn.pixels[y * width + x];
        std::array::from_fn(|channel| {
            let (decoded, worn) = (i32::from(decoded[channel]), i32::from(worn[channel]));
            let way = (decoded - worn) * (ONE_Q16 - feedback_q16);
            worn + if way > 0 { (way + ONE_Q16 - 1) >> 16 } else { way >> 16 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    const STILL: Motion = Motion { zoom: 1.0, turn: 0.0, drift_px: [0.0; 2] };

    #[test]
    fn its_ends_are_the_two_pictures() {
        let (decoded, worn) = (test_picture(20, 10, 1), test_picture(20, 10, 2));
        assert_same(&fed_back(&decoded, &worn, 0), &decoded);
        assert_same(&fed_back(&decoded, &worn, ONE_Q16), &worn);
    }

    #[test]
    fn no_ghost_stays_where_feedback_is_below_one() {
        let decoded = test_picture(20, 10, 1);
        let mut worn = test_picture(20, 10, 2);
        for _ in 0..255 {
            worn = fed_back(&decoded, &worn, ONE_Q16 - 1);
        }
        assert_same(&worn, &decoded);
    }

    #[test]
    fn what_stands_still_is_not_turned() {
        let mixed = Feedback { feedback_q16: 100, ..STILL.uniform([70, 46]) };
        assert_eq!(mixed.head(), Head::Mixed);
        assert_eq!(Feedback { feedback_q16: ONE_Q16, ..mixed }.head(), Head::Plain);
        assert_eq!(Feedback { feedback_q16: 0, ..mixed }.head(), Head::Plain);
        let picture = test_picture(70, 46, 1);
        assert_same(&turned(&picture, &mixed), &picture);
        let zoomed = Motion { zoom: 1.01, ..STILL }.uniform([70, 46]);
        assert_eq!(Feedback { feedback_q16: ONE_Q16, ..zoomed }.head(), Head::Turned);
    }

    #[test]
    fn whole_steps_and_quarter_turns_are_exact() {
        let picture = test_picture(31, 31, 1);
        let moved = turned(&picture, &Motion { drift_px: [3.0, -2.0], ..STILL }.uniform([31, 31]));
        assert_eq!(moved.pixels[10 * 31 + 10], picture.pixels[12 * 31 + 7]);
        // Clockwise on a screen: what was at the top is at the right.
        let quarter = turned(&picture, &Motion { turn: 90.0, ..STILL }.uniform([31, 31]));
        assert_eq!(quarter.pixels[15 * 31 + 30], picture.pixels[15]);
        // Twice the size: the distance from the centre is halved.
        let larger = turned(&picture, &Motion { zoom: 2.0, ..STILL }.uniform([31, 31]));
        assert_eq!(larger.pixels[15 * 31 + 25], picture.pixels[15 * 31 + 20]);
    }

    #[test]
    fn the_shader_agrees_with_the_references() {
        let Some(rig) = rig() else { return };
        let (worn, decoded) = (test_picture(70, 46, 1), test_picture(70, 46, 2));
        for feedback_q16 in [1, 20_000, 65_535, ONE_Q16] {
            let motion = Motion { zoom: 0.93, turn: -7.0, drift_px: [5.25, 60.0] };
            for (head, motion) in [(Head::Mixed, STILL), (Head::Turned, motion)] {
                let uniform = Feedback { feedback_q16, ..motion.uniform([70, 46]) };
                let wanted = fed_back(&decoded, &turned(&worn, &uniform), feedback_q16);
                assert_same(&rig.head(head, &uniform, &worn, &decoded), &wanted);
            }
        }
    }
}
