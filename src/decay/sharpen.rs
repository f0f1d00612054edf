//! Sharpen: an unsharp mask, the difference to a blurred copy added again, as Pillow's `UnsharpMask`
//! to the last bit.

#[cfg(test)]
use super::{blur, rgb::Rgb};
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
    name: "sharpen",
    parts: &[
        PICTURE_AND_CONVOLVE[0],
        PICTURE_AND_CONVOLVE[1],
        include_str!("../../shaders/blur.wgsl"),
        include_str!("../../shaders/sharpen.wgsl"),
    ],
};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "sharpen",
    rows: &[SHARPEN, SHARPEN_AMOUNT, SHARPEN_RADIUS_PX, SHARPEN_THRESHOLD],
    common: common_rows!("sharpen", "Sharpen", 60),
    work: Work::Passes {
        passes: &[
            PassKind { text: TEXT, entry: "horizontal", tile_px: (64, 8), second: Second::Input },
            PassKind { text: TEXT, entry: "main", tile_px: (8, 64), second: Second::Input },
            PassKind {
                text: TEXT,
                entry: "horizontal_box",
                tile_px: (64, 8),
                second: Second::Input,
            },
            PassKind { text: TEXT, entry: "vertical_box", tile_px: (8, 64), second: Second::Input },
            PassKind { text: TEXT, entry: "last_box", tile_px: (8, 64), second: Second::Input },
        ],
    },
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let amount = registry.index_of(&SHARPEN_AMOUNT);
        let radius_px = registry.index_of(&SHARPEN_RADIUS_PX);
        let threshold = registry.index_of(&SHARPEN_THRESHOLD);
        Box::new(SharpenStage { amount, radius_px, threshold, uniform: Convolution::zeroed() })
    },
};

/// Sharpening that full wear adds. Chosen by eye, with the other stages of
/// [`super::settings::AMOUNT`].
const FULL_WEAR: f64 = 0.9;

#[derive(Debug)]
struct SharpenStage {
    amount: ParamIndex,
    radius_px: ParamIndex,
    threshold: ParamIndex,
    uniform: Convolution,
}

impl Stage for SharpenStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amount) + FULL_WEAR * now.wear
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let percent = percent(amount);
        let threshold_levels = now.params.int(self.threshold) as i32;
        self.uniform = uniform(now.params.get(self.radius_px), percent, threshold_levels);
        let uniform = bytemuck::bytes_of(&self.uniform);
        (percent > 0).then_some(Turn { uniform, passes: passes(&self.uniform), greys: false })
    }
}

/// Both axes at a pass each, or a box of three at a pass where they are wide.
fn passes(uniform: &Convolution) -> &'static [usize] {
    if uniform.is_fused() { &[0, 1] } else { &[2, 2, 2, 3, 3, 4] }
}

/// The switch.
pub const SHARPEN: ParamSpec = ParamSpec::switch(
    "decay.sharpen",
    "Sharpen",
    "Whether the picture is sharpened in every generation.",
    true,
);

/// The amount.
pub const SHARPEN_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.sharpen_amount",
    "Sharpen amount",
    "How many times the difference to a blurred copy is added in every generation.",
    (0.0, 4.0),
    0.0,
)
.curve(Curve::Power(2.0))
.smoothed(30.0);

/// The size of what is sharpened.
pub const SHARPEN_RADIUS_PX: ParamSpec = ParamSpec::float(
    "decay.sharpen_radius_px",
    "Sharpen radius",
    "Standard deviation of the blur that sharpening compares with: small = edges, large = contrast.",
    (0.3, MAX_SIGMA_PX),
    2.0,
)
.curve(Curve::Power(2.0))
.unit("px")
.smoothed(30.0);

/// What is too faint to be sharpened.
pub const SHARPEN_THRESHOLD: ParamSpec = ParamSpec::int(
    "decay.sharpen_threshold",
    "Sharpen threshold",
    "Differences to the blurred copy of so many levels or fewer are left alone: grain and flat areas stay.",
    (0, 64),
    0,
)
.unit("levels");

/// How many hundredths of the difference are added: whole ones, as Pillow takes them.
pub fn percent(amount: f64) -> i32 {
    (amount * 100.0).round() as i32
}

/// Uniform of both passes. `radius_px` is a standard deviation.
pub fn uniform(radius_px: f64, percent: i32, threshold_levels: i32) -> Convolution {
    Convolution { percent, threshold_levels, ..Convolution::gaussian(radius_px) }
}

/// CPU reference of `sharpen.wgsl` and the horizontal pass before it, after `UnsharpMask.c`.
#[cfg(test)]
pub fn sharpened(picture: &Rgb, convolution: &Convolution) -> Rgb {
    let soft = blur::blurred(picture, convolution);
    picture.map(|x, y, sharp| {
        let soft = soft.pixels[y * picture.width + x];
        std::array::from_fn(|channel| {
            let sharp = i32::from(sharp[channel]);
            let difference = sharp - i32::from(soft[channel]);
            if difference.abs() > convolution.threshold_levels {
                sharp + difference * convolution.percent / 100
            } else {
                sharp
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{PillowGolden, assert_same, pillow_goldens, rig, test_picture};

    fn goldens() -> Vec<(Convolution, Rgb, Rgb)> {
        let goldens = pillow_goldens("unsharp");
        assert!(goldens.len() >= 6, "{} goldens", goldens.len());
        let golden = |golden: PillowGolden| {
            let percent = percent(golden.percent.expect("percent") / 100.0);
            let threshold = golden.threshold.expect("threshold");
            (uniform(golden.radius, percent, threshold), golden.input, golden.output)
        };
        goldens.into_iter().map(golden).collect()
    }

    #[test]
    fn the_reference_is_pillow_to_the_last_bit() {
        for (uniform, input, output) in goldens() {
            println!("{uniform:?}");
            assert_same(&sharpened(&input, &uniform), &output);
        }
    }

    #[test]
    fn the_shader_is_pillow_to_the_last_bit() {
        let Some(rig) = rig() else { return };
        for (uniform, input, output) in goldens() {
            println!("{uniform:?}");
            assert_same(&rig.passes(&STAGE, passes(&uniform), &uniform, &input), &output);
        }
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 4);
        for (radius, percent, threshold) in [(0.3, 400, 0), (2.0, 180, 3), (8.0, 10, 64)] {
            let uniform = uniform(radius, percent, threshold);
            let result = rig.passes(&STAGE, passes(&uniform), &uniform, &picture);
            assert_same(&result, &sharpened(&picture, &uniform));
        }
    }
}
