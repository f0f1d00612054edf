//! Palette: every pixel becomes the nearest of a few colours.

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
    name: "palette",
    rows: &[PALETTE, PALETTE_AMOUNT, PALETTE_COLOURS, PALETTE_DITHER],
    common: common_rows!("palette", "Palette", 75),
    work: Work::Point(Point {
        uniform: "Palette",
        moves: false,
        changes: true,
        wgsl: include_str!("../../shaders/palette.wgsl"),
    }),
    keeps_grey: false,
    reads_motion: false,
    find: |registry| {
        let [amount, colours, dither] =
            [&PALETTE_AMOUNT, &PALETTE_COLOURS, &PALETTE_DITHER].map(|row| registry.index_of(row));
        Box::new(PaletteStage { amount, colours, dither, uniform: Palette::zeroed() })
    },
};

/// The switch.
pub const PALETTE: ParamSpec = ParamSpec::switch(
    "decay.palette",
    "Palette",
    "Whether colours are taken to those of a palette in every generation.",
    true,
);

/// How far.
pub const PALETTE_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.palette_amount",
    "Palette amount",
    "How far every pixel goes to the nearest colour of the palette: 1 = all the way.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// Which.
pub const PALETTE_COLOURS: ParamSpec = ParamSpec::choice(
    "decay.palette_colours",
    "Palette colours",
    "Which colours there are.",
    &["ink", "game_boy", "cga", "spectrum", "commodore", "thermal", "dusk", "primaries"],
    1,
);

/// The pattern.
pub const PALETTE_DITHER: ParamSpec = ParamSpec::float(
    "decay.palette_dither",
    "Palette dither",
    "Height of the ordered pattern that mixes neighbouring colours.",
    (0.0, 128.0),
    32.0,
)
.unit("levels");

/// The palettes in the order of the choice, 0xRRGGBB. The machines' are as their emulators have them
/// (Game Boy: DMG greens; CGA: mode 4, palette 1, high intensity; ZX Spectrum: both intensities;
/// Commodore 64: Pepto's measured colours), the others are our own.
const PALETTES: [&[u32]; 8] = [
    &[0x000000, 0xffffff],
    &[0x0f380f, 0x306230, 0x8bac0f, 0x9bbc0f],
    &[0x000000, 0x55ffff, 0xff55ff, 0xffffff],
    &[
        0x000000, 0x0000d7, 0xd70000, 0xd700d7, 0x00d700, 0x00d7d7, 0xd7d700, 0xd7d7d7, 0x0000ff,
        0xff0000, 0xff00ff, 0x00ff00, 0x00ffff, 0xffff00, 0xffffff,
    ],
    &[
        0x000000, 0xffffff, 0x68372b, 0x70a4b2, 0x6f3d86, 0x588d43, 0x352879, 0xb8c76f, 0x6f4f25,
        0x433900, 0x9a6759, 0x444444, 0x6c6c6c, 0x9ad284, 0x6c5eb5, 0x959595,
    ],
    &[0x000010, 0x1b0c5c, 0x5b0f8b, 0xa51c7a, 0xde4a3c, 0xf98e09, 0xf9d423, 0xfffbe0],
    &[0x0b0d1e, 0x1f2a52, 0x4a3f73, 0x8f4c6f, 0xcf6a5f, 0xf0a868, 0xf7dfa5],
    &[0x000000, 0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xff00ff, 0x00ffff, 0xffffff],
];

/// Uniform of `palette.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Palette {
    /// Red in the lowest byte, then green, then blue.
    pub colours: [u32; 16],
    /// How many of them there are.
    pub count: i32,
    /// 65536 = the palette's colour alone.
    pub amount_q16: i32,
    /// Height of the pattern in levels.
    pub dither: i32,
    /// To a multiple of 16 bytes.
    pub unused: i32,
}

impl Palette {
    /// One of [`PALETTES`] by number.
    pub fn new(number: usize, amount: f64, dither: f64) -> Option<Self> {
        let colours = PALETTES.get(number)?;
        let mut this = Self {
            count: colours.len() as i32,
            amount_q16: q16(amount).clamp(0, ONE_Q16),
            dither: dither.round() as i32,
            ..Self::zeroed()
        };
        for (word, colour) in this.colours.iter_mut().zip(*colours) {
            let [_, red, green, blue] = colour.to_be_bytes();
            *word = u32::from_le_bytes([red, green, blue, 0]);
        }
        Some(this)
    }
}

#[derive(Debug)]
struct PaletteStage {
    amount: ParamIndex,
    colours: ParamIndex,
    dither: ParamIndex,
    uniform: Palette,
}

impl Stage for PaletteStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amount)
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let number = usize::try_from(now.params.int(self.colours)).ok()?;
        self.uniform = Palette::new(number, amount, now.params.get(self.dither))?;
        Some(Turn { uniform: bytemuck::bytes_of(&self.uniform), passes: &[], greys: false })
    }
}

/// CPU reference.
#[cfg(test)]
pub fn limited_to(picture: &Rgb, palette: &Palette) -> Rgb {
    // Bayer's matrix of 4x4, as it is printed.
    const PATTERN: [[i32; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
    picture.map(|x, y, levels| {
        let levels = levels.map(i32::from);
        let height = ((PATTERN[y % 4][x % 4] * 2 - 15) * palette.dither) >> 5;
        let colours = &palette.colours[..palette.count as usize];
        let colours = colours.iter().map(|word| {
            let [red, green, blue, _] = word.to_le_bytes();
            [red, green, blue].map(i32::from)
        });
        let distance = |colour: &[i32; 3]| {
            let way = |k: usize| (colour[k] - levels[k] - height).pow(2);
            2 * way(0) + 4 * way(1) + way(2)
        };
        // `min_by_key` takes the first of equals, as the shader does.
        let best = colours.min_by_key(distance).expect("a colour");
        std::array::from_fn(|k| {
            levels[k] + (((best[k] - levels[k]) * palette.amount_q16 + 32768) >> 16)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    #[test]
    fn every_choice_has_a_palette() {
        let crate::params::Kind::Choice(names) = PALETTE_COLOURS.kind else { panic!("a choice") };
        assert_eq!(names.len(), PALETTES.len());
        assert!(PALETTES.iter().all(|palette| (2..=16).contains(&palette.len())));
    }

    #[test]
    fn ink_dithers_grey_to_its_share_of_white() {
        let ink = Palette::new(0, 1.0, 255.0).expect("ink");
        for (level, wanted) in [(0, 0), (64, 4), (128, 8), (191, 12), (255, 16)] {
            let flat = Rgb::from_fn(4, 4, |_, _| [level; 3]);
            let white = limited_to(&flat, &ink).pixels.iter().filter(|p| **p == [255; 3]).count();
            assert_eq!(white, wanted, "of 16 at level {level}");
        }
    }

    #[test]
    fn colours_go_to_the_nearest() {
        let cga = Palette::new(2, 1.0, 0.0).expect("cga");
        let picture = Rgb::from_fn(3, 1, |x, _| [[20, 30, 10], [250, 100, 220], [90, 240, 255]][x]);
        let wanted = [[0, 0, 0], [255, 85, 255], [85, 255, 255]];
        assert_eq!(limited_to(&picture, &cga).pixels, wanted);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for number in 0..PALETTES.len() {
            for (amount, dither) in [(1.0, 32.0), (0.4, 0.0), (1.0, 128.0)] {
                let palette = Palette::new(number, amount, dither).expect("a palette");
                let result = rig.point(&STAGE, &palette, &picture, &picture);
                assert_same(&result, &limited_to(&picture, &palette));
            }
        }
    }
}
