//! Feedback: how much of the worn picture goes into the next generation.

#[cfg(test)]
use super::{fixed::ONE_Q16, rgb::Rgb};
use crate::params::ParamSpec;

/// 0 = no memory, 1 = the loop alone: the picture wears itself, the clip is no longer let in.
pub const FEEDBACK: ParamSpec = ParamSpec::float(
    "decay.feedback",
    "Trails",
    "How much of the worn picture goes into the next generation: 0 = no memory, 1 = the loop alone.",
    (0.0, 1.0),
    0.0,
)
.smoothed(50.0);

/// CPU reference of `fed_back` in `stir.wgsl`: the mix, rounded toward the decoded picture, so that
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
    use crate::decay::testing::{assert_same, test_picture};

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
}
