//! Transmission errors: blocks are lost or come from elsewhere, rows of blocks slip aside.

#[cfg(test)]
use super::{noise::pcg4d, rgb::Rgb};
use super::{
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{Curve, ParamIndex, ParamSpec};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "errors",
    rows: &[
        ERRORS,
        ERRORS_FLAT,
        ERRORS_BLACK,
        ERRORS_MOVED,
        ERRORS_SLIPPED,
        ERRORS_BLOCK_PX,
        ERRORS_REACH_PX,
        ERRORS_HOLD,
    ],
    common: common_rows!("errors", "Errors", 25),
    work: Work::Point(Point {
        uniform: "Errors",
        moves: true,
        changes: true,
        wgsl: include_str!("../../shaders/errors.wgsl"),
    }),
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let chances = [&ERRORS_FLAT, &ERRORS_BLACK, &ERRORS_MOVED, &ERRORS_SLIPPED];
        Box::new(ErrorsStage {
            chances: chances.map(|row| registry.index_of(row)),
            block_px: registry.index_of(&ERRORS_BLOCK_PX),
            reach_px: registry.index_of(&ERRORS_REACH_PX),
            hold: registry.index_of(&ERRORS_HOLD),
            uniform: Errors::zeroed(),
        })
    },
};

/// The switch.
pub const ERRORS: ParamSpec = ParamSpec::switch(
    "decay.errors",
    "Errors",
    "Whether blocks are damaged in every generation, as on a bad line.",
    true,
);

/// A share of blocks.
const fn share(id: &'static str, name: &'static str, help: &'static str) -> ParamSpec {
    ParamSpec::float(id, name, help, (0.0, 1.0), 0.0).curve(Curve::Power(3.0)).smoothed(30.0)
}

/// Blocks that lose their detail.
pub const ERRORS_FLAT: ParamSpec =
    share("decay.errors_flat", "Flat blocks", "Share of blocks that lose all detail.");

/// Blocks that are black.
pub const ERRORS_BLACK: ParamSpec =
    share("decay.errors_black", "Black blocks", "Share of blocks that are lost and stay black.");

/// Blocks from elsewhere.
pub const ERRORS_MOVED: ParamSpec =
    share("decay.errors_moved", "Moved blocks", "Share of blocks that are taken from elsewhere.");

/// Rows that slip.
pub const ERRORS_SLIPPED: ParamSpec = share(
    "decay.errors_slipped",
    "Slipped rows",
    "Share of rows of blocks that slip aside, from some place to their end.",
);

/// Side of a block.
pub const ERRORS_BLOCK_PX: ParamSpec = ParamSpec::int(
    "decay.errors_block_px",
    "Error blocks",
    "Side of the blocks that are damaged; 16 are the macroblocks of a video codec.",
    (4, 128),
    16,
)
.curve(Curve::Power(2.0))
.unit("px");

/// How far blocks are moved.
pub const ERRORS_REACH_PX: ParamSpec = ParamSpec::int(
    "decay.errors_reach_px",
    "Error reach",
    "How far at most a block or a row is moved.",
    (1, 256),
    32,
)
.curve(Curve::Power(2.0))
.unit("px");

/// How long an error stays.
pub const ERRORS_HOLD: ParamSpec = ParamSpec::int(
    "decay.errors_hold_generations",
    "Errors last",
    "For how many generations the same blocks are damaged.",
    (1, 120),
    4,
)
.curve(Curve::Power(2.0))
.unit("gen");

/// Sets these words apart from those of other stages.
const SALT: u32 = 0x6572_726f;

/// Uniform of `errors.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Errors {
    /// Two words of chance.
    pub key: [u32; 2],
    /// Side of a block.
    pub block_px: i32,
    /// How far at most one is moved, on each axis.
    pub reach_px: i32,
    /// Chances of 65536: flat, black, moved, slipped.
    pub chances: [u32; 4],
}

#[derive(Debug)]
struct ErrorsStage {
    chances: [ParamIndex; 4],
    block_px: ParamIndex,
    reach_px: ParamIndex,
    hold: ParamIndex,
    uniform: Errors,
}

impl Stage for ErrorsStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        self.chances.iter().map(|chance| now.params.get(*chance)).fold(0.0, f64::max)
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let part = amount / self.amount(now);
        let hold = now.params.int(self.hold).max(1) as u64;
        // The generation whose errors these are.
        let held = Now { generation: now.generation - now.generation % hold, ..*now };
        let [key_0, key_1, ..] = held.words(SALT);
        self.uniform = Errors {
            key: [key_0, key_1],
            block_px: now.params.int(self.block_px).max(1) as i32,
            reach_px: now.params.int(self.reach_px) as i32,
            chances: self.chances.map(|chance| {
                let share = (now.params.get(chance) * part).clamp(0.0, 1.0);
                (share * 65536.0).round() as u32
            }),
        };
        Some(Turn { uniform: bytemuck::bytes_of(&self.uniform), passes: &[], greys: false })
    }
}

/// CPU reference.
#[cfg(test)]
pub fn damaged(picture: &Rgb, errors: &Errors) -> Rgb {
    let [flat, black, moved, slipped] = errors.chances;
    let (side, reach) = (errors.block_px as usize, errors.reach_px);
    let words = |x: u32, y: u32| pcg4d([x, y, errors.key[0], errors.key[1]]);
    let way = |word: u32| (((word & 0xffff) as i32 * (2 * reach + 1)) >> 16) - reach;
    Rgb::from_fn(picture.width, picture.height, |x, y| {
        let (block_x, block_y) = (x / side, y / side);
        let (mut from_x, mut from_y) = (x as i64, y as i64);
        let row = words(u32::MAX, block_y as u32);
        let slips_at = ((row[1] & 0xffff) * picture.width as u32) >> 16;
        if (row[0] & 0xffff) < slipped && x as u32 >= slips_at {
            from_x += i64::from(way(row[2]));
        }
        let block = words(block_x as u32, block_y as u32);
        if (block[0] & 0xffff) < flat {
            (from_x, from_y) = ((block_x * side) as i64, (block_y * side) as i64);
        } else if (block[0] >> 16) < moved {
            from_x += i64::from(way(block[2]));
            from_y += i64::from(way(block[3]));
        }
        if (block[1] & 0xffff) < black { [0; 3] } else { picture.clamped(from_x, from_y) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    const NONE: Errors = Errors { key: [1, 2], block_px: 8, reach_px: 5, chances: [0; 4] };

    #[test]
    fn shares_are_what_they_say() {
        let white = Rgb::from_fn(800, 800, |_, _| [255; 3]);
        let quarter = Errors { chances: [0, 16384, 0, 0], ..NONE };
        let black = damaged(&white, &quarter).pixels.iter().filter(|p| **p == [0; 3]).count();
        // 10,000 blocks: 2500 with a deviation of 43; five of them.
        assert!((black as f64 / 64.0 - 2500.0).abs() < 217.0, "{black}");
        assert_same(&damaged(&white, &NONE), &white);
        let all = Errors { chances: [0, 65536, 0, 0], ..NONE };
        assert!(damaged(&white, &all).pixels.iter().all(|pixel| *pixel == [0; 3]));
    }

    #[test]
    fn a_flat_block_has_the_colour_of_its_corner() {
        let picture = test_picture(40, 24, 1);
        let all = Errors { chances: [65536, 0, 0, 0], ..NONE };
        let flat = damaged(&picture, &all);
        assert_eq!(flat.pixels[10 * 40 + 19], picture.pixels[8 * 40 + 16]);
    }

    #[test]
    fn blocks_move_no_farther_than_they_reach() {
        let picture = Rgb::from_fn(120, 120, |x, y| [x as u8, y as u8, 0]);
        let all = Errors { chances: [0, 0, 65536, 0], ..NONE };
        let moved = damaged(&picture, &all);
        let mut farthest = 0;
        for y in 0..120 {
            for x in 0..120 {
                let [from_x, from_y, _] = moved.pixels[y * 120 + x].map(i64::from);
                farthest = farthest.max((from_x - x as i64).abs()).max((from_y - y as i64).abs());
            }
        }
        assert_eq!(farthest, 5);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for chances in
            [[9000, 0, 0, 0], [0, 9000, 0, 0], [0, 0, 30000, 0], [0, 0, 0, 40000], [9000; 4]]
        {
            let errors = Errors { chances, ..NONE };
            let result = rig.point(&STAGE, &errors, &picture, &picture);
            assert_same(&result, &damaged(&picture, &errors));
        }
    }
}
