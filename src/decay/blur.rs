//! Blur: a Gaussian, rows then columns, as Pillow's `GaussianBlur` to the last bit.

#[cfg(test)]
use super::{convolve::convolved, rgb::Rgb};
use super::{
    convolve::{Convolution, MAX_SIGMA_PX, PICTURE_AND_CONVOLVE},
    schedule::common_rows,
    stage::{Now, PassKind, Second, Stage, StageKind, Turn, Work},
};
use crate::{
    gpu::ShaderText,
    params::{Curve, ParamIndex, ParamSpec},
};
use bytemuck::Zeroable;

const TEXT: ShaderText = ShaderText {
    name: "blur",
    parts: &[
        PICTURE_AND_CONVOLVE[0],
        PICTURE_AND_CONVOLVE[1],
        include_str!("../../shaders/blur.wgsl"),
    ],
};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "blur",
    rows: &[BLUR, BLUR_RADIUS_PX],
    common: common_rows!("blur", "Blur", 50),
    work: Work::Passes {
        passes: &[
            PassKind { text: TEXT, entry: "horizontal", tile_px: (64, 8), second: Second::Decoded },
            PassKind { text: TEXT, entry: "vertical", tile_px: (8, 64), second: Second::Decoded },
            PassKind {
                text: TEXT,
                entry: "horizontal_box",
                tile_px: (64, 8),
                second: Second::Decoded,
            },
            PassKind {
                text: TEXT,
                entry: "vertical_box",
                tile_px: (8, 64),
                second: Second::Decoded,
            },
        ],
    },
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let radius_px = registry.index_of(&BLUR_RADIUS_PX);
        Box::new(BlurStage { radius_px, uniform: Convolution::zeroed() })
    },
};

/// Radius that full wear adds. Chosen by eye, with the other stages of [`super::settings::AMOUNT`].
const FULL_WEAR_PX: f64 = 0.9;

#[derive(Debug)]
struct BlurStage {
    radius_px: ParamIndex,
    uniform: Convolution,
}

impl Stage for BlurStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        let radius_px = now.params.get(self.radius_px) + FULL_WEAR_PX * now.wear;
        if Convolution::is_felt(radius_px) { radius_px } else { 0.0 }
    }

    fn settle(&mut self, _: &Now<'_>, radius_px: f64) -> Option<Turn<'_>> {
        if !Convolution::is_felt(radius_px) {
            return None;
        }
        self.uniform = Convolution::gaussian(radius_px);
        let uniform = bytemuck::bytes_of(&self.uniform);
        Some(Turn { uniform, passes: passes(&self.uniform), greys: false })
    }
}

/// Both axes at a pass each, or a box of three at a pass where they are wide.
fn passes(uniform: &Convolution) -> &'static [usize] {
    if uniform.is_fused() { &[0, 1] } else { &[2, 2, 2, 3, 3, 3] }
}

/// The switch.
pub const BLUR: ParamSpec = ParamSpec::switch(
    "decay.blur",
    "Blur",
    "Whether the picture is blurred in every generation.",
    true,
);

/// The amount.
pub const BLUR_RADIUS_PX: ParamSpec = ParamSpec::float(
    "decay.blur_radius_px",
    "Blur radius",
    "Standard deviation of the Gaussian blur of every generation; below 0.08 it does nothing.",
    (0.0, MAX_SIGMA_PX),
    0.0,
)
.curve(Curve::Power(2.0))
.unit("px")
.smoothed(30.0);

/// CPU reference of both passes.
#[cfg(test)]
pub fn blurred(picture: &Rgb, convolution: &Convolution) -> Rgb {
    convolved(&convolved(picture, convolution, (1, 0)), convolution, (0, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, pillow_goldens, rig, test_picture};

    /// Standard deviation, input and output of Pillow's blur.
    fn goldens() -> Vec<(f64, Rgb, Rgb)> {
        let goldens = pillow_goldens("blur");
        assert!(goldens.len() >= 40, "{} goldens", goldens.len());
        goldens.into_iter().map(|golden| (golden.radius, golden.input, golden.output)).collect()
    }

    #[test]
    fn the_reference_is_pillow_to_the_last_bit() {
        for (sigma, input, output) in goldens() {
            println!("{sigma}");
            assert_same(&blurred(&input, &Convolution::gaussian(sigma)), &output);
        }
    }

    #[test]
    fn what_pillow_leaves_as_it_is_needs_no_blur() {
        let mut kinds = [0; 2];
        for (sigma, input, output) in goldens().into_iter().filter(|(sigma, ..)| *sigma < 0.25) {
            let is_changed = input.pixels != output.pixels;
            assert_eq!(Convolution::is_felt(sigma), is_changed, "{sigma}");
            kinds[usize::from(is_changed)] += 1;
        }
        assert!(kinds.iter().all(|count| *count >= 4), "{kinds:?}");
        assert!(!Convolution::is_felt(0.0));
    }

    #[test]
    fn the_shader_is_pillow_to_the_last_bit() {
        let Some(rig) = rig() else { return };
        for (sigma, input, output) in goldens() {
            println!("{sigma}");
            let uniform = Convolution::gaussian(sigma);
            assert_same(&rig.passes(&STAGE, passes(&uniform), &uniform, &input), &output);
        }
    }

    #[test]
    fn the_shader_agrees_with_the_reference_at_any_size() {
        let Some(rig) = rig() else { return };
        // Ends of a line at every place of a run of eight, and lines shorter than a box.
        for (width, height) in [(70, 46), (17, 9), (16, 8), (9, 33), (3, 2), (1, 1)] {
            let picture = test_picture(width, height, 3);
            for sigma in [0.3, 1.3, 2.0, 3.1, 8.0] {
                println!("{width}x{height}, {sigma}");
                let uniform = Convolution::gaussian(sigma);
                let wanted = blurred(&picture, &uniform);
                assert_same(&rig.passes(&STAGE, passes(&uniform), &uniform, &picture), &wanted);
                // A box at a time makes the same.
                assert_same(&rig.passes(&STAGE, &[2, 2, 2, 3, 3, 3], &uniform, &picture), &wanted);
            }
        }
    }
}
