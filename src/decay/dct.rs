//! DCT: one JPEG round trip at 4:4:4 in every generation, without the file.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    schedule::common_rows,
    stage::{Now, PassKind, Second, Stage, StageKind, Turn, Work},
};
use crate::{
    gpu::ShaderText,
    params::{ParamIndex, ParamSpec},
};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "dct",
    rows: &[DCT, DCT_AMOUNT],
    common: common_rows!("dct", "Blocks", 85),
    work: Work::Passes {
        text: ShaderText {
            name: "dct",
            parts: &[
                include_str!("../../shaders/picture.wgsl"),
                include_str!("../../shaders/dct.wgsl"),
            ],
        },
        passes: &[PassKind { entry: "main", tile_px: (32, 16), second: Second::Decoded }],
    },
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let amount = registry.index_of(&DCT_AMOUNT);
        Box::new(DctStage { amount, uniform: Dct::zeroed() })
    },
};

/// Amount that full wear adds. Chosen by eye, with the other stages of [`super::settings::AMOUNT`].
const FULL_WEAR: f64 = 0.55;

#[derive(Debug)]
struct DctStage {
    amount: ParamIndex,
    uniform: Dct,
}

impl Stage for DctStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        (now.params.get(self.amount) + FULL_WEAR * now.wear).min(1.0)
    }

    fn settle(&mut self, _: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        self.uniform = Dct::from_amount(amount);
        let uniform = bytemuck::bytes_of(&self.uniform);
        Some(Turn { uniform, passes: &[0], greys: false })
    }
}

/// The switch.
pub const DCT: ParamSpec = ParamSpec::switch(
    "decay.dct",
    "Blocks",
    "Whether the picture is compressed in blocks of 8x8 in every generation.",
    true,
);

/// The amount.
pub const DCT_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.dct_amount",
    "Blocks amount",
    "How coarsely every generation quantises: 0.25 = a good JPEG, 0.5 = a poor one, 1 = mosaic.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

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

/// What the smallest entry of Annex K (10) must be multiplied by to become 255, the largest step
/// there is: at this scale every entry is 255 and only a mosaic of block means is left.
const LARGEST_SCALE: f64 = 25.5;

/// Uniform of `dct.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Dct {
    /// Quantiser steps 1..=255, raster order.
    pub luma_raster: [i32; 64],
    /// Quantiser steps 1..=255, raster order.
    pub chroma_raster: [i32; 64],
}

impl Dct {
    /// Annex K scaled by 25.5 * amount^3, rounded, limited to 1..=255. `amount` is in 0..=1; the
    /// cube lets the whole way of a knob be of use: 0.34 is Annex K itself (quality 50 in libjpeg).
    pub fn from_amount(amount: f64) -> Self {
        let scale = LARGEST_SCALE * amount.clamp(0.0, 1.0).powi(3);
        let scaled = |entry: i32| ((f64::from(entry) * scale).round() as i32).clamp(1, 255);
        Self {
            luma_raster: ANNEX_K_LUMA_RASTER.map(scaled),
            chroma_raster: ANNEX_K_CHROMA_RASTER.map(scaled),
        }
    }
}

/// CPU reference, written after libjpeg's jfdctint.c, jidctint.c, jccolor.c, jdcolor.c and
/// jcdctmgr.c (the integers of the "islow" method). Edge blocks repeat the last column and row.
#[cfg(test)]
pub fn round_trip(picture: &Rgb, tables: &Dct) -> Rgb {
    let mut result = picture.clone();
    for top in (0..picture.height).step_by(8) {
        for left in (0..picture.width).step_by(8) {
            let pixels: [[i32; 3]; 64] = std::array::from_fn(|i| {
                picture.clamped((left + i % 8) as i64, (top + i / 8) as i64).map(i32::from)
            });
            let component = |weights: [i32; 3], round: i32, minus: i32, table: &[i32; 64]| {
                let samples = pixels.map(|[r, g, b]| {
                    ((weights[0] * r + weights[1] * g + weights[2] * b + round) >> 16) - minus
                });
                block_round_trip(samples, table)
            };
            let luma = component([19595, 38470, 7471], 32768, 128, &tables.luma_raster);
            let cb = component([-11059, -21709, 32768], 32767, 0, &tables.chroma_raster);
            let cr = component([32768, -27439, -5329], 32767, 0, &tables.chroma_raster);
            for i in 0..64 {
                let (x, y) = (left + i % 8, top + i / 8);
                if x < picture.width && y < picture.height {
                    let (cb, cr) = (cb[i] - 128, cr[i] - 128);
                    let colour = [91881 * cr, -22554 * cb - 46802 * cr, 116130 * cb];
                    result.pixels[y * picture.width + x] = colour
                        .map(|colour| (luma[i] + ((colour + 32768) >> 16)).clamp(0, 255) as u8);
                }
            }
        }
    }
    result
}

/// Samples -128..=127 through transform, quantiser and back, to samples 0..=255.
#[cfg(test)]
fn block_round_trip(mut block: [i32; 64], table: &[i32; 64]) -> [i32; 64] {
    for row in 0..8 {
        forward(&mut block, row * 8, 1, true);
    }
    for column in 0..8 {
        forward(&mut block, column, 8, false);
    }
    for (coefficient, step) in block.iter_mut().zip(table) {
        // The transform's results are eight times too large; the quantiser divides that away.
        let size = (coefficient.abs() + 4 * step) / (8 * step) * step;
        *coefficient = coefficient.signum() * size;
    }
    for column in 0..8 {
        inverse(&mut block, column, 8, 11);
    }
    for row in 0..8 {
        inverse(&mut block, row * 8, 1, 18);
    }
    block.map(|sample| (sample + 128).clamp(0, 255))
}

#[cfg(test)]
fn descale(x: i32, bits: u32) -> i32 {
    (x + (1 << (bits - 1))) >> bits
}

#[cfg(test)]
fn forward(block: &mut [i32; 64], start: usize, stride: usize, is_row: bool) {
    let x: [i32; 8] = std::array::from_fn(|i| block[start + i * stride]);
    let sum: [i32; 4] = std::array::from_fn(|i| x[i] + x[7 - i]);
    let [t7, t6, t5, t4]: [i32; 4] = std::array::from_fn(|i| x[i] - x[7 - i]);
    let (t10, t13) = (sum[0] + sum[3], sum[0] - sum[3]);
    let (t11, t12) = (sum[1] + sum[2], sum[1] - sum[2]);
    let bits = if is_row { 11 } else { 15 };
    let whole = |value: i32| if is_row { value << 2 } else { descale(value, 2) };
    let z1 = (t12 + t13) * 4433;
    let z5 = (t4 + t6 + t5 + t7) * 9633;
    let (a, b) = (-(t4 + t7) * 7373, -(t5 + t6) * 20995);
    let (c, d) = (-(t4 + t6) * 16069 + z5, -(t5 + t7) * 3196 + z5);
    let result = [
        whole(t10 + t11),
        descale(t7 * 12299 + a + d, bits),
        descale(z1 + t13 * 6270, bits),
        descale(t6 * 25172 + b + c, bits),
        whole(t10 - t11),
        descale(t5 * 16819 + b + d, bits),
        descale(z1 - t12 * 15137, bits),
        descale(t4 * 2446 + a + c, bits),
    ];
    for (i, value) in result.into_iter().enumerate() {
        block[start + i * stride] = value;
    }
}

#[cfg(test)]
fn inverse(block: &mut [i32; 64], start: usize, stride: usize, bits: u32) {
    let x: [i32; 8] = std::array::from_fn(|i| block[start + i * stride]);
    let z1 = (x[2] + x[6]) * 4433;
    let (t2, t3) = (z1 - x[6] * 15137, z1 + x[2] * 6270);
    let (t0, t1) = ((x[0] + x[4]) << 13, (x[0] - x[4]) << 13);
    let even = [t0 + t3, t1 + t2, t1 - t2, t0 - t3];
    let (a, b, c, d) = (x[7], x[5], x[3], x[1]);
    let z5 = (a + c + b + d) * 9633;
    let (z1, z2) = (-(a + d) * 7373, -(b + c) * 20995);
    let (z3, z4) = (-(a + c) * 16069 + z5, -(b + d) * 3196 + z5);
    let odd = [d * 12299 + z1 + z4, c * 25172 + z2 + z3, b * 16819 + z2 + z4, a * 2446 + z1 + z3];
    for i in 0..4 {
        block[start + i * stride] = descale(even[i] + odd[i], bits);
        block[start + (7 - i) * stride] = descale(even[i] - odd[i], bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig};
    use std::path::Path;

    #[derive(serde::Deserialize)]
    struct Cases {
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        luma_raster: Vec<i32>,
        chroma_raster: Option<Vec<i32>>,
    }

    /// Input and output of round trips through libjpeg-turbo 3.2.0, with their tables.
    fn goldens() -> Vec<(String, Dct, Rgb, Rgb)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/jpeg");
        let text = std::fs::read_to_string(folder.join("cases.json")).expect("cases.json");
        let cases: Cases = serde_json::from_str(&text).expect("cases");
        let read = |name: &str, end: &str| {
            let path = folder.join(format!("{name}_{end}.png"));
            let image = image::open(&path).expect("a golden picture").to_rgb8();
            let (width, height) = image.dimensions();
            Rgb {
                width: width as usize,
                height: height as usize,
                pixels: image.pixels().map(|pixel| pixel.0).collect(),
            }
        };
        let table = |raster: Vec<i32>| <[i32; 64]>::try_from(raster).expect("64 entries");
        let goldens = cases.cases.into_iter().map(|case| {
            let luma_raster = table(case.luma_raster);
            // A grey picture has no chroma to quantise: any table does.
            let chroma = case.chroma_raster.filter(|raster| !raster.is_empty());
            let chroma_raster = chroma.map_or(ANNEX_K_CHROMA_RASTER, table);
            let (input, output) = (read(&case.name, "in"), read(&case.name, "out"));
            (case.name, Dct { luma_raster, chroma_raster }, input, output)
        });
        goldens.collect()
    }

    #[test]
    fn the_reference_is_libjpeg_to_the_last_bit() {
        let goldens = goldens();
        assert!(goldens.len() >= 7, "{} goldens", goldens.len());
        for (name, tables, input, output) in goldens {
            println!("{name}");
            assert_same(&round_trip(&input, &tables), &output);
        }
    }

    #[test]
    fn the_shader_is_libjpeg_to_the_last_bit() {
        let Some(rig) = rig() else { return };
        for (name, tables, input, output) in goldens() {
            println!("{name}");
            assert_same(&rig.pass(&STAGE, 0, &tables, &input, &input), &output);
        }
    }

    #[test]
    fn the_knob_goes_from_nothing_through_annex_k_to_the_mosaic() {
        assert_eq!(Dct::from_amount(0.0).luma_raster, [1; 64]);
        let annex_k = Dct::from_amount((1.0_f64 / 25.5).cbrt());
        assert_eq!(annex_k.luma_raster, ANNEX_K_LUMA_RASTER);
        assert_eq!(annex_k.chroma_raster, ANNEX_K_CHROMA_RASTER);
        let mosaic = Dct::from_amount(1.0);
        assert_eq!((mosaic.luma_raster, mosaic.chroma_raster), ([255; 64], [255; 64]));
    }
}
