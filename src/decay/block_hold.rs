//! Block hold: blocks that change little stay as they were, like the skipped blocks of a poor codec.
//!
//! Each block is compared with what is shown of it, not with the picture before: a slow change adds up
//! until it passes the threshold, then the block jumps.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    schedule::common_rows,
    stage::{Now, PICTURE, PassKind, Second, Stage, StageKind, Turn, Work},
};
use crate::{
    gpu::ShaderText,
    params::{Curve, ParamIndex, ParamSpec},
};
use bytemuck::{Pod, Zeroable};

const TEXT: ShaderText = ShaderText {
    name: "block_hold",
    parts: &[PICTURE, include_str!("../../shaders/block_hold.wgsl")],
};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "block_hold",
    rows: &[BLOCK_HOLD, BLOCK_HOLD_THRESHOLD, BLOCK_HOLD_SIZE_PX],
    common: common_rows!("block_hold", "Block hold", 90),
    work: Work::Passes {
        passes: &[PassKind { text: TEXT, entry: "main", tile_px: (64, 64), second: Second::Worn }],
    },
    // A block that stays may have a colour.
    keeps_grey: false,
    reads_motion: false,
    find: |registry| {
        Box::new(BlockHoldStage {
            threshold: registry.index_of(&BLOCK_HOLD_THRESHOLD),
            size: registry.index_of(&BLOCK_HOLD_SIZE_PX),
            uniform: BlockHold::zeroed(),
        })
    },
};

/// The switch.
pub const BLOCK_HOLD: ParamSpec = ParamSpec::switch(
    "decay.block_hold",
    "Block hold",
    "Whether blocks that change little are held as they were.",
    true,
);

/// The amount.
pub const BLOCK_HOLD_THRESHOLD: ParamSpec = ParamSpec::float(
    "decay.block_hold_threshold",
    "Hold threshold",
    "A block is held while it differs by at most this from what is shown of it, in the mean.",
    (0.0, 64.0),
    0.0,
)
.curve(Curve::Power(2.0))
.unit("levels")
.smoothed(30.0);

/// The side of the blocks.
pub const BLOCK_HOLD_SIZE_PX: ParamSpec = ParamSpec::choice(
    "decay.block_hold_size_px",
    "Hold blocks",
    "Side in pixels of the blocks that are held.",
    &["8", "16", "32", "64"],
    1,
);

/// Uniform of `block_hold.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct BlockHold {
    /// Side of the blocks: 8, 16, 32 or 64.
    pub block_px: i32,
    /// Mean difference of a colour up to which a block stays, in 1/256 level, 0..=65280.
    pub threshold_q8: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 2],
}

#[derive(Debug)]
struct BlockHoldStage {
    threshold: ParamIndex,
    size: ParamIndex,
    uniform: BlockHold,
}

impl Stage for BlockHoldStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.threshold)
    }

    fn settle(&mut self, now: &Now<'_>, threshold: f64) -> Option<Turn<'_>> {
        let threshold_q8 = (threshold.min(255.0) * 256.0).round() as i32;
        let block_px = 8 << now.params.int(self.size).clamp(0, 3);
        self.uniform = BlockHold { block_px, threshold_q8, unused: [0; 2] };
        let uniform = bytemuck::bytes_of(&self.uniform);
        (threshold_q8 > 0).then_some(Turn { uniform, passes: &[0], greys: false })
    }
}

/// CPU reference.
#[cfg(test)]
pub fn blocks_held(picture: &Rgb, worn: &Rgb, uniform: &BlockHold) -> Rgb {
    let side = uniform.block_px as usize;
    let mut result = picture.clone();
    for top in (0..picture.height).step_by(side) {
        for left in (0..picture.width).step_by(side) {
            let rows = top..(top + side).min(picture.height);
            let columns = left..(left + side).min(picture.width);
            let places = rows.flat_map(|y| columns.clone().map(move |x| y * picture.width + x));
            let places: Vec<usize> = places.collect();
            let way = |at: &usize| -> i32 {
                let pair = picture.pixels[*at].iter().zip(worn.pixels[*at]);
                pair.map(|(one, other)| i32::from(one.abs_diff(other))).sum()
            };
            let sum: i32 = places.iter().map(way).sum();
            if sum * 256 <= uniform.threshold_q8 * 3 * places.len() as i32 {
                places.into_iter().for_each(|at| result.pixels[at] = worn.pixels[at]);
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    fn hold(block_px: i32, threshold: f64) -> BlockHold {
        BlockHold { block_px, threshold_q8: (threshold * 256.0) as i32, unused: [0; 2] }
    }

    #[test]
    fn what_differs_little_stays_and_what_differs_more_goes() {
        let worn = Rgb::from_fn(24, 8, |_, _| [100; 3]);
        // Three blocks: 3 levels off everywhere; 4 levels off; one pixel 255 - 100 = 155 levels off in
        // all colours, which is 155 / 64 = 2.4 levels in the mean.
        let now = Rgb::from_fn(24, 8, |x, y| match x {
            0..8 => [103, 97, 103],
            8..16 => [104; 3],
            _ => [if (x, y) == (20, 5) { 255 } else { 100 }; 3],
        });
        let result = blocks_held(&now, &worn, &hold(8, 3.0));
        let wanted = Rgb::from_fn(24, 8, |x, _| [if (8..16).contains(&x) { 104 } else { 100 }; 3]);
        assert_same(&result, &wanted);
        // Together they are (64 * 3 + 64 * 4 + 155) / 192 = 3.14 levels off.
        assert_same(&blocks_held(&now, &worn, &hold(32, 3.1)), &now);
        assert_same(&blocks_held(&now, &worn, &hold(32, 3.2)), &worn);
    }

    #[test]
    fn a_slow_change_adds_up_until_the_block_jumps() {
        let flat = |level: u8| Rgb::from_fn(16, 16, |_, _| [level; 3]);
        let mut worn = flat(50);
        let shown = (51..=60).map(|level| {
            worn = blocks_held(&flat(level), &worn, &hold(16, 3.0));
            worn.pixels[0][0]
        });
        assert_eq!(shown.collect::<Vec<_>>(), [50, 50, 50, 54, 54, 54, 54, 58, 58, 58]);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let (now, other) = (test_picture(150, 70, 1), test_picture(150, 70, 2));
        // More alike to the right, so that every threshold holds some blocks and lets others go.
        let worn = Rgb::from_fn(150, 70, |x, y| {
            let (now, other) = (now.pixels[y * 150 + x], other.pixels[y * 150 + x]);
            std::array::from_fn(|i| if (x * 7 + y * 3) % 150 > x { other[i] } else { now[i] })
        });
        for block_px in [8, 16, 32, 64] {
            for threshold in [5.0, 12.0, 30.0] {
                let uniform = hold(block_px, threshold);
                let wanted = blocks_held(&now, &worn, &uniform);
                assert_same(&rig.pass(&STAGE, 0, &uniform, &now, &worn), &wanted);
            }
        }
        let wanted = blocks_held(&now, &worn, &hold(8, 12.0));
        assert!(wanted != now && wanted != worn, "some blocks stay, some go");
    }
}
