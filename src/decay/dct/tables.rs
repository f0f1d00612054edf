//! Quantisation tables: base tables, libjpeg's quality, jitter and growth. Pure, and free of
//! allocation: the engine thread makes new tables in every generation.

use super::Dct;
use crate::decay::noise::pcg4d;

/// Luma table of ITU-T T.81, Annex K, table K.1.
pub const ANNEX_K_LUMA_RASTER: [i32; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// Chroma table of ITU-T T.81, Annex K, table K.2.
pub const ANNEX_K_CHROMA_RASTER: [i32; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// The table of the recursive loop that this chain plays, for luma and chroma alike.
pub const LOOP_RASTER: [i32; 64] = [
    8, 12, 20, 28, 40, 60, 80, 120, 12, 16, 24, 32, 48, 72, 96, 140, 20, 24, 32, 40, 60, 90, 120,
    160, 28, 32, 40, 50, 70, 110, 150, 200, 40, 48, 60, 70, 110, 160, 220, 255, 60, 72, 90, 110,
    160, 220, 255, 255, 80, 96, 120, 150, 220, 255, 255, 255, 120, 140, 160, 200, 255, 255, 255,
    255,
];

/// Raster places of the coefficients in the order of files: ITU-T T.81, figure A.6.
pub const RASTER_FROM_ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Largest quantiser step of a baseline file.
pub const LARGEST_STEP: i32 = 255;

impl Dct {
    /// The tables of Annex K: quality 50 in libjpeg.
    pub const ANNEX_K: Self =
        Self { luma_raster: ANNEX_K_LUMA_RASTER, chroma_raster: ANNEX_K_CHROMA_RASTER };

    /// The table of the recursive loop.
    pub const LOOP: Self = Self { luma_raster: LOOP_RASTER, chroma_raster: LOOP_RASTER };

    /// Sixteen for every coefficient, the first of [`Self::ANNEX_K`].
    pub const FLAT: Self = Self { luma_raster: [16; 64], chroma_raster: [16; 64] };

    /// The same step, limited to 1..=255, for every coefficient: 255 is the mosaic.
    pub fn flat(step: i32) -> Self {
        let table = [step.clamp(1, LARGEST_STEP); 64];
        Self { luma_raster: table, chroma_raster: table }
    }

    /// Every entry times `percent` / 100, rounded, limited to 1..=255: jpeg_add_quant_table of
    /// libjpeg with force_baseline. 100 leaves tables of 1..=255 as they are.
    pub fn scaled(&self, percent: u32) -> Self {
        let scale = |entry: i32| {
            let scaled = (i64::from(entry) * i64::from(percent) + 50) / 100;
            scaled.clamp(1, i64::from(LARGEST_STEP)) as i32
        };
        Self {
            luma_raster: self.luma_raster.map(scale),
            chroma_raster: self.chroma_raster.map(scale),
        }
    }
}

/// The scale of a quality of 1..=100 (limited to it) for [`Dct::scaled`]: jpeg_quality_scaling of
/// libjpeg. 1 = 5000 %, 50 = 100 %, 100 = 0 % (all steps 1).
pub fn quality_percent(quality: u32) -> u32 {
    match quality.clamp(1, 100) {
        quality @ ..50 => 5000 / quality,
        quality => 200 - 2 * quality,
    }
}

/// How the tables of one generation come about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TableSettings {
    /// Where every generation starts from: jitter and growth do not add up.
    pub base: Dct,
    /// Standard deviation of the jitter, as a part of each entry; 0 = none, the loop's own is 0.25.
    pub jitter: f64,
    /// What all entries are multiplied by, above 0; 1 = nothing.
    pub growth: f64,
    /// What is done last, in percent (see [`Dct::scaled`]); 100 = nothing. [`quality_percent`] of 1,
    /// which is 5000, makes the loop's `mosaic`; 1 makes its `fade`.
    pub scale_percent: u32,
}

/// The first counter of the draws is a place in a table, the second one of these: no picture has so
/// many rows, so the noise of the same generation draws other words.
const JITTER_ROWS: [u32; 2] = [0xffff_fffe, 0xffff_ffff];

/// The tables of one generation: `trunc(clamp(base * (1 + jitter * gaussian) * growth, 1, 255))`,
/// then the scale. `words` are those of the generation (`noise::generation_words`): the same words,
/// the same tables. Every entry of both tables has a draw of its own.
pub fn tables(settings: &TableSettings, words: [u32; 4]) -> Dct {
    let table = |base: &[i32; 64], row: u32| {
        std::array::from_fn(|place| {
            let gaussian = if settings.jitter == 0.0 {
                0.0
            } else {
                gaussian(pcg4d([place as u32, row, words[0], words[1]]))
            };
            let entry = f64::from(base[place]) * (1.0 + settings.jitter * gaussian);
            let entry = entry * settings.growth;
            // What is no number becomes 0.
            (entry.clamp(1.0, f64::from(LARGEST_STEP)) as i32).max(1)
        })
    };
    let drawn = Dct {
        luma_raster: table(&settings.base.luma_raster, JITTER_ROWS[0]),
        chroma_raster: table(&settings.base.chroma_raster, JITTER_ROWS[1]),
    };
    drawn.scaled(settings.scale_percent)
}

/// A draw of mean 0 and variance 1 from the first two words: Box and Muller, "A Note on the
/// Generation of Random Normal Deviates" (1958).
fn gaussian(words: [u32; 4]) -> f64 {
    const WORDS: f64 = 4_294_967_296.0;
    let radius = (-2.0 * ((f64::from(words[0]) + 1.0) / WORDS).ln()).sqrt();
    radius * (std::f64::consts::TAU * f64::from(words[1]) / WORDS).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: TableSettings =
        TableSettings { base: Dct::LOOP, jitter: 0.0, growth: 1.0, scale_percent: 100 };

    #[test]
    fn without_wear_the_tables_are_the_base() {
        for base in [Dct::LOOP, Dct::ANNEX_K, Dct::flat(7)] {
            assert_eq!(tables(&TableSettings { base, ..PLAIN }, [1, 2, 3, 4]), base);
        }
        assert_eq!(Dct::flat(0).luma_raster, [1; 64]);
        assert_eq!(Dct::flat(300).chroma_raster, [255; 64]);
    }

    #[test]
    fn the_loops_three_looks_have_the_tables_that_were_seen_in_its_files() {
        let jitter = TableSettings { jitter: 0.25, growth: 1.25, ..PLAIN };
        for generation in 0..50 {
            // The old imaging library divided by 100, the new one multiplies by 50.
            let fade = tables(&TableSettings { scale_percent: 1, ..jitter }, [generation; 4]);
            assert!(fade.luma_raster.iter().all(|entry| (1..=3).contains(entry)));
            assert!(fade.luma_raster.contains(&1) && fade.luma_raster.contains(&3));
            let scale_percent = quality_percent(1);
            let mosaic = tables(&TableSettings { scale_percent, ..jitter }, [generation; 4]);
            assert_eq!(mosaic.luma_raster[63], 255);
        }
        let mosaic = tables(&TableSettings { scale_percent: 5000, ..PLAIN }, [0; 4]);
        assert_eq!(mosaic, Dct::flat(255));
    }

    #[test]
    fn growth_truncates_and_stays_in_range() {
        // By hand: 8 * 1.03 = 8.24, 12 * 1.03 = 12.36, 20 * 1.03 = 20.6; 255 is the end.
        let grown = tables(&TableSettings { growth: 1.03, ..PLAIN }, [0; 4]);
        assert_eq!(grown.luma_raster[..3], [8, 12, 20]);
        assert_eq!(grown.chroma_raster[63], 255);
        for growth in [0.0, -1.0, f64::NAN] {
            let gone = tables(&TableSettings { growth, ..PLAIN }, [0; 4]);
            assert_eq!(gone, Dct::flat(1), "{growth}");
        }
        let all = tables(&TableSettings { growth: f64::INFINITY, ..PLAIN }, [0; 4]);
        assert_eq!(all, Dct::flat(255));
    }

    #[test]
    fn a_generations_tables_are_those_of_the_formula() {
        // From a transcription of the hash, the formula and the base table to Python.
        let settings = TableSettings { jitter: 0.25, growth: 1.1, ..PLAIN };
        let drawn = tables(&settings, [3, 5, 7, 9]);
        let luma = [8, 14, 22, 37, 46, 70, 65, 130, 9, 22, 20, 33, 53, 78, 118, 122];
        assert_eq!(drawn.luma_raster[..16], luma);
        assert_eq!(drawn.luma_raster[40..48], [41, 117, 93, 90, 212, 255, 193, 255]);
        let chroma = [8, 12, 20, 33, 45, 48, 63, 151, 8, 23, 37, 41, 63, 98, 183, 149];
        assert_eq!(drawn.chroma_raster[..16], chroma);
    }

    #[test]
    fn jitter_is_gaussian_and_drawn_anew() {
        let settings = TableSettings { base: Dct::flat(100), jitter: 0.25, ..PLAIN };
        let mut entries = Vec::new();
        for generation in 0..400 {
            let drawn = tables(&settings, [generation, 5, 0, 0]);
            assert_ne!(drawn, tables(&settings, [generation + 1, 5, 0, 0]));
            assert_ne!(drawn.luma_raster, drawn.chroma_raster);
            assert_eq!(drawn, tables(&settings, [generation, 5, 0, 0]));
            entries.extend([drawn.luma_raster, drawn.chroma_raster].concat());
        }
        let count = entries.len() as f64;
        // Truncation takes half a step.
        let mean = entries.iter().map(|entry| f64::from(*entry)).sum::<f64>() / count;
        assert!((mean - 99.5).abs() < 5.0 * 25.0 / count.sqrt(), "{mean}");
        let variance = entries.iter().map(|e| (f64::from(*e) - mean).powi(2)).sum::<f64>() / count;
        assert!((variance.sqrt() / 25.0 - 1.0).abs() < 0.01, "{}", variance.sqrt());
        // Of a Gaussian, 4.55 % lie beyond two deviations (50 and 150).
        let outside = entries.iter().filter(|entry| !(50..150).contains(*entry)).count();
        assert!((outside as f64 / count - 0.0455).abs() < 0.004, "{outside}");
    }

    #[test]
    fn quality_is_libjpegs() {
        // By hand from jpeg_quality_scaling; the tables of cjpeg are compared elsewhere.
        let percents = [(0, 5000), (1, 5000), (10, 500), (49, 102), (50, 100), (75, 50), (98, 4)];
        for (quality, percent) in percents {
            assert_eq!(quality_percent(quality), percent, "{quality}");
        }
        assert_eq!(quality_percent(100), 0);
        assert_eq!(Dct::ANNEX_K.scaled(0), Dct::flat(1));
        assert_eq!(Dct::ANNEX_K.scaled(u32::MAX), Dct::flat(255));
        // (16 * 50 + 50) / 100 = 8.5.
        assert_eq!(Dct::ANNEX_K.scaled(50).luma_raster[0], 8);
    }
}
