//! The stage: rows, and which tables and passes a generation takes.

use super::{
    Dct, SAMPLINGS, Sampling, ShaderPass,
    blocks::BlockSize,
    tables::{TableSettings, tables},
};
use crate::{
    decay::{
        noise::pcg4d,
        schedule::common_rows,
        stage::{Now, PassKind, Second, Stage, StageKind, Turn, Work},
    },
    params::{Curve, ParamIndex, ParamSpec, Registry},
};
use bytemuck::Zeroable;

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "dct",
    rows: &[
        DCT,
        DCT_AMOUNT,
        DCT_TABLE,
        DCT_CHROMA_TABLE,
        DCT_CHROMA_SCALE,
        DCT_SCALE,
        DCT_JITTER,
        DCT_GROWTH_LEAST,
        DCT_GROWTH_MOST,
        DCT_SAMPLING,
        DCT_BLOCK,
    ],
    common: common_rows!("dct", "Blocks", 85),
    work: Work::Passes {
        passes: &[
            pass(&Sampling::Yuv444.passes()[0]),
            pass(&Sampling::Yuv422.passes()[0]),
            pass(&Sampling::Yuv422.passes()[1]),
            pass(&Sampling::Yuv420.passes()[0]),
            pass(&Sampling::Yuv420.passes()[1]),
            pass(&Sampling::Grey.passes()[0]),
            pass(&BlockSize::Px4.pass()),
            pass(&BlockSize::Px16.pass()),
            pass(&BlockSize::Px32.pass()),
        ],
    },
    keeps_grey: true,
    reads_motion: false,
    find: |registry| Box::new(DctStage::find(registry)),
};

const fn pass(pass: &ShaderPass) -> PassKind {
    PassKind { text: pass.text, entry: pass.entry, tile_px: pass.tile_px, second: Second::Decoded }
}

/// Passes of a sampling, in the order of `decay.dct_sampling`, and of a grey picture.
const PASSES_BY_SAMPLING: [&[usize]; 3] = [&[0], &[1, 2], &[3, 4]];
const PASSES_OF_GREY: &[usize] = &[5];
/// Passes of other blocks, by `decay.dct_block` less 1.
const PASSES_BY_BLOCK: [&[usize]; 3] = [&[6], &[7], &[8]];

/// The switch.
pub const DCT: ParamSpec = ParamSpec::switch(
    "decay.dct",
    "Blocks",
    "Whether the picture is compressed in blocks, as JPEG does, in every generation.",
    true,
);

/// The amount.
pub const DCT_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.dct_amount",
    "Blocks amount",
    "How coarsely every generation quantises: 0.25 = a good JPEG, 0.5 = a poor one, 1 = mosaic. \
     Of the table `by_amount` alone.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// Where the steps come from.
pub const DCT_TABLE: ParamSpec = ParamSpec::choice(
    "decay.dct_table",
    "Blocks table",
    "The quantiser's steps: by_amount = the amount's, the others as they are given: annex_k = \
     JPEG's own, loop = coarse and coarser toward fine detail, flat = all alike, file = those of a \
     JPEG file (a set's `tables`, or --tables; without one, JPEG's own).",
    &["by_amount", "annex_k", "loop", "flat", "file"],
    0,
);

/// Base tables in the order of the choice, but the first and the last.
const TABLES: [Dct; 3] = [Dct::ANNEX_K, Dct::LOOP, Dct::FLAT];

/// Where the steps of the colours come from.
pub const DCT_CHROMA_TABLE: ParamSpec = ParamSpec::choice(
    "decay.dct_chroma_table",
    "Blocks colour table",
    "The steps of the colours, where they come from another table than those of the brightness.",
    &["same", "annex_k", "loop", "flat", "file"],
    0,
);

/// What the colours' steps are multiplied by besides.
pub const DCT_CHROMA_SCALE: ParamSpec = ParamSpec::int(
    "decay.dct_chroma_percent",
    "Blocks colour scale",
    "What the steps of the colours are multiplied by besides, whatever the table: more lets colour \
     fall into patches while the drawing stays.",
    (1, 5000),
    100,
)
.curve(Curve::Power(4.0))
.unit("%");

/// What a given table is multiplied by.
pub const DCT_SCALE: ParamSpec = ParamSpec::int(
    "decay.dct_scale_percent",
    "Blocks scale",
    "What a given table is multiplied by, steps staying within 1 to 255: 5000 is JPEG's quality 1.",
    (1, 5000),
    100,
)
.curve(Curve::Power(4.0))
.unit("%");

/// How much a given table changes from generation to generation.
pub const DCT_JITTER: ParamSpec = ParamSpec::float(
    "decay.dct_jitter",
    "Blocks jitter",
    "How much each step of a given table is off by chance, anew in every generation: standard \
     deviation as a part of the step.",
    (0.0, 1.0),
    0.0,
);

/// The least growth.
pub const DCT_GROWTH_LEAST: ParamSpec = ParamSpec::float(
    "decay.dct_growth_least",
    "Blocks growth, least",
    "By how much more than 1 a given table is multiplied in every generation, at least; the part \
     for the picture's age applies.",
    (0.0, 4.0),
    0.0,
)
.curve(Curve::Power(2.0));

/// The most growth.
pub const DCT_GROWTH_MOST: ParamSpec = ParamSpec::float(
    "decay.dct_growth_most",
    "Blocks growth, most",
    "By how much more than 1 a given table is multiplied in every generation, at most; between \
     least and most chance decides.",
    (0.0, 4.0),
    0.0,
)
.curve(Curve::Power(2.0));

/// How much chroma is kept.
pub const DCT_SAMPLING: ParamSpec = ParamSpec::choice(
    "decay.dct_sampling",
    "Blocks chroma",
    "How much of the colour's detail is kept: all (444), half of it across (422), and half of it \
     down, too (420). Of blocks of 8 pixels.",
    &["444", "422", "420"],
    0,
);

/// The side of a block.
pub const DCT_BLOCK: ParamSpec = ParamSpec::choice(
    "decay.dct_block",
    "Blocks size",
    "The side of a block in pixels; JPEG's is 8.",
    &["8", "4", "16", "32"],
    0,
);

/// Amount that full wear adds. Chosen by eye, with the other stages of
/// [`crate::decay::settings::AMOUNT`].
const FULL_WEAR: f64 = 0.55;

/// Keeps the draw of the growth apart from that of noise, shift and tables.
const GROWTH_SALT: u32 = 0x6772_6f77;

/// What chance has to do with the steps of a generation.
#[derive(Clone, Copy, Debug)]
struct Chance {
    /// The words of the generation, for the jitter.
    words: [u32; 4],
    /// Between the least growth and the most, 0..1.
    draw: f64,
    /// The jitter.
    jitter: f64,
}

#[derive(Debug)]
struct DctStage {
    amount: ParamIndex,
    table: ParamIndex,
    chroma_table: ParamIndex,
    chroma_scale: ParamIndex,
    scale: ParamIndex,
    jitter: ParamIndex,
    growth: [ParamIndex; 2],
    sampling: ParamIndex,
    block: ParamIndex,
    /// The tables of a file.
    stored: Dct,
    uniform: Dct,
}

impl DctStage {
    fn find(registry: &Registry) -> Self {
        Self {
            amount: registry.index_of(&DCT_AMOUNT),
            table: registry.index_of(&DCT_TABLE),
            chroma_table: registry.index_of(&DCT_CHROMA_TABLE),
            chroma_scale: registry.index_of(&DCT_CHROMA_SCALE),
            scale: registry.index_of(&DCT_SCALE),
            jitter: registry.index_of(&DCT_JITTER),
            growth: [&DCT_GROWTH_LEAST, &DCT_GROWTH_MOST].map(|row| registry.index_of(row)),
            sampling: registry.index_of(&DCT_SAMPLING),
            block: registry.index_of(&DCT_BLOCK),
            stored: Dct::ANNEX_K,
            uniform: Dct::zeroed(),
        }
    }

    /// The given tables that a row chooses, if it does not choose its first.
    fn chosen(&self, now: &Now<'_>, row: ParamIndex) -> Option<Dct> {
        let place = usize::try_from(now.params.int(row) - 1).ok()?;
        Some(TABLES.get(place).copied().unwrap_or(self.stored))
    }

    /// The given tables, if there are any.
    fn given(&self, now: &Now<'_>) -> Option<Dct> {
        let base = self.chosen(now, self.table)?;
        let chroma = self.chosen(now, self.chroma_table);
        Some(chroma.map_or(base, |chroma| Dct { chroma_raster: chroma.chroma_raster, ..base }))
    }

    /// The steps of a generation.
    fn steps(&self, now: &Now<'_>, amount: f64, chance: Chance) -> Dct {
        let mut steps = match self.given(now) {
            None => {
                let tables = Dct::from_amount(amount);
                match self.chosen(now, self.chroma_table) {
                    Some(chroma) => Dct { chroma_raster: chroma.chroma_raster, ..tables },
                    None => tables,
                }
            }
            Some(base) => {
                let [least, most] = self.growth.map(|growth| now.params.get(growth) * amount);
                let settings = TableSettings {
                    base,
                    jitter: chance.jitter,
                    growth: 1.0 + least + (most - least).max(0.0) * chance.draw,
                    scale_percent: now.params.int(self.scale).clamp(1, 5000) as u32,
                };
                tables(&settings, chance.words)
            }
        };
        let chroma_percent = now.params.int(self.chroma_scale).clamp(1, 5000) as u32;
        steps.chroma_raster = steps.scaled(chroma_percent).chroma_raster;
        steps
    }

    fn passes(&self, now: &Now<'_>) -> &'static [usize] {
        let choice = |index| usize::try_from(now.params.int(index)).unwrap_or(0);
        match choice(self.block) {
            0 if now.is_grey => PASSES_OF_GREY,
            0 => PASSES_BY_SAMPLING[choice(self.sampling).min(SAMPLINGS.len() - 1)],
            block => PASSES_BY_BLOCK[(block - 1).min(PASSES_BY_BLOCK.len() - 1)],
        }
    }
}

impl Stage for DctStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        if self.given(now).is_some() {
            return 1.0;
        }
        (now.params.get(self.amount) + FULL_WEAR * now.wear).min(1.0)
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let words = now.words(0);
        let draw = f64::from(pcg4d([words[0], words[1], GROWTH_SALT, 0])[0]) / 2_f64.powi(32);
        let chance = Chance { words, draw, jitter: now.params.get(self.jitter) };
        self.uniform = self.steps(now, amount, chance);
        let uniform = bytemuck::bytes_of(&self.uniform);
        Some(Turn { uniform, passes: self.passes(now), greys: false })
    }

    fn tables(&self, now: &Now<'_>, amount: f64) -> Option<Dct> {
        Some(self.steps(now, amount, Chance { words: [0; 4], draw: 0.5, jitter: 0.0 }))
    }

    fn use_tables(&mut self, tables: &Dct) {
        self.stored = *tables;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decay::PARAMS,
        params::{Registry, Store},
    };
    use std::sync::Arc;

    /// The tables of one generation with these values.
    fn tables_of(values: &[(&ParamSpec, f64)]) -> Dct {
        let registry = Arc::new(Registry::join(&[PARAMS.as_slice()]).expect("rows"));
        let mut store = Store::new(Arc::clone(&registry));
        for (row, plain) in values {
            assert_eq!(row.check(*plain), Ok(*plain));
            store.set(registry.index_of(row), *plain);
        }
        store.settle();
        let mut stage = DctStage::find(&registry);
        stage.use_tables(&Dct { luma_raster: [7; 64], chroma_raster: [9; 64] });
        let now = Now {
            params: store.result(),
            wear: 0.0,
            generation: 1,
            age: 1,
            seed: 1,
            size_px: [64, 32],
            truncates: false,
            is_grey: false,
            coded: None,
        };
        let amount = stage.amount(&now);
        assert!(stage.settle(&now, amount).is_some());
        stage.uniform
    }

    #[test]
    fn luma_and_chroma_have_tables_apart() {
        let loops = tables_of(&[(&DCT_TABLE, 2.0), (&DCT_CHROMA_TABLE, 1.0)]);
        // The first row of the loop's table, and of Annex K's table for chroma.
        assert_eq!(loops.luma_raster[..4], [8, 12, 20, 28]);
        assert_eq!(loops.chroma_raster[..4], [17, 18, 24, 47]);
        let patches = tables_of(&[(&DCT_TABLE, 1.0), (&DCT_CHROMA_SCALE, 300.0)]);
        assert_eq!(patches.luma_raster[..4], [16, 11, 10, 16]);
        assert_eq!(patches.chroma_raster[..4], [51, 54, 72, 141]);
        let amount = tables_of(&[(&DCT_AMOUNT, 1.0), (&DCT_CHROMA_TABLE, 3.0)]);
        assert_eq!((amount.luma_raster, amount.chroma_raster), ([255; 64], [16; 64]));
    }

    #[test]
    fn tables_of_a_file_are_used_where_they_are_chosen() {
        let file = tables_of(&[(&DCT_TABLE, 4.0)]);
        assert_eq!((file.luma_raster, file.chroma_raster), ([7; 64], [9; 64]));
        let doubled = tables_of(&[(&DCT_TABLE, 4.0), (&DCT_SCALE, 200.0)]);
        assert_eq!((doubled.luma_raster, doubled.chroma_raster), ([14; 64], [18; 64]));
        let mixed = tables_of(&[(&DCT_TABLE, 3.0), (&DCT_CHROMA_TABLE, 4.0)]);
        assert_eq!((mixed.luma_raster, mixed.chroma_raster), ([16; 64], [9; 64]));
    }
}
