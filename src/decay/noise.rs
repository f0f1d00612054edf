//! Noise: seeded, counter-based, the same on every adapter.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{Curve, ParamIndex, ParamSpec};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "noise",
    rows: &[NOISE, NOISE_AMPLITUDE],
    common: common_rows!("noise", "Noise", 30),
    work: Work::Point(Point {
        uniform: "Noise",
        moves: false,
        changes: true,
        wgsl: include_str!("../../shaders/noise.wgsl"),
    }),
    keeps_grey: false,
    reads_motion: false,
    find: |registry| {
        let amplitude = registry.index_of(&NOISE_AMPLITUDE);
        Box::new(NoiseStage { amplitude, uniform: Noise::zeroed() })
    },
};

/// The switch.
pub const NOISE: ParamSpec =
    ParamSpec::switch("decay.noise", "Noise", "Whether noise is added in every generation.", true);

/// The amount.
pub const NOISE_AMPLITUDE: ParamSpec = ParamSpec::float(
    "decay.noise_amplitude",
    "Noise amplitude",
    "Standard deviation of the noise that every generation adds to each colour.",
    (0.0, 64.0),
    0.0,
)
.curve(Curve::Power(2.0))
.unit("levels")
.smoothed(30.0);

/// Levels that full wear adds. Chosen by eye, with the other stages of [`super::settings::AMOUNT`].
const FULL_WEAR_LEVELS: f64 = 2.0;

/// Uniform of `noise.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Noise {
    /// Two words of the generation's chance.
    pub key: [u32; 2],
    /// Levels per unit of `noise_at`, 2^20 = one.
    pub noise_q20: i32,
    /// Half a level rounds, 0 truncates.
    pub half_q20: i32,
}

#[derive(Debug)]
struct NoiseStage {
    amplitude: ParamIndex,
    uniform: Noise,
}

impl Stage for NoiseStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amplitude) + FULL_WEAR_LEVELS * now.wear
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let [key_0, key_1, ..] = now.words(0);
        let (key, noise_q20) = ([key_0, key_1], noise_q20(amount));
        // From 16 to 20 bits of fraction.
        self.uniform = Noise { key, noise_q20, half_q20: now.half_q16() << 4 };
        let uniform = bytemuck::bytes_of(&self.uniform);
        (noise_q20 > 0).then_some(Turn { uniform, passes: &[], greys: false })
    }
}

/// Standard deviation of `noise_at`: of 32 bits, 256 * sqrt(32 / 4), and of the odd numbers from -127
/// to 127, sqrt((128^2 - 1) / 3).
const DEVIATION: f64 = 727.838_581_005_4;

/// Levels per unit of `noise_at`, for noise of this standard deviation in levels (at most 192: then the
/// largest still fits into 32 bits).
pub fn noise_q20(amplitude_levels: f64) -> i32 {
    (amplitude_levels.clamp(0.0, 192.0) / DEVIATION * f64::from(1 << 20)).round() as i32
}

/// The hash pcg4d (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020), as in
/// `chance.wgsl`: four words from a counter, without state.
pub fn pcg4d(counter: [u32; 4]) -> [u32; 4] {
    let [mut x, mut y, mut z, mut w] =
        counter.map(|word| word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let mut stir = |fold: bool| {
        if fold {
            [x, y, z, w] = [x, y, z, w].map(|word| word ^ (word >> 16));
        }
        x = x.wrapping_add(y.wrapping_mul(w));
        y = y.wrapping_add(z.wrapping_mul(x));
        z = z.wrapping_add(x.wrapping_mul(y));
        w = w.wrapping_add(y.wrapping_mul(z));
    };
    stir(false);
    stir(true);
    [x, y, z, w]
}

/// Four words that belong to one generation of one performance: the first two key the noise, the
/// others draw the shift.
pub fn generation_words(seed: u64, generation: u64) -> [u32; 4] {
    pcg4d([generation as u32, (generation >> 32) as u32, seed as u32, (seed >> 32) as u32])
}

/// CPU reference of `noise.wgsl`. Gaussian by counting bits (a binomial distribution of order 32),
/// which needs no logarithm and no cosine; its ends matter where it is cut off at black. A sum of four
/// bytes, whose ends are too thin, kept the loop's black a tenth too bright.
#[cfg(test)]
pub fn noisy(picture: &Rgb, noise: &Noise) -> Rgb {
    let Noise { key, noise_q20, half_q20 } = *noise;
    picture.map(|x, y, levels| {
        let words = pcg4d([x as u32, y as u32, key[0], key[1]]);
        std::array::from_fn(|channel| {
            let count = words[channel].count_ones() as i32 - 16;
            let between = (words[3] >> (7 * channel)) as i32 & 127;
            let noise = count * 256 + between * 2 - 127;
            i32::from(levels[channel]) + ((noise * noise_q20 + half_q20) >> 20)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    #[test]
    fn the_hash_is_pcg4d() {
        // From a transcription of the paper's listing to another language.
        assert_eq!(pcg4d([1, 2, 3, 4]), [0x3622_cd16, 0xf114_71d8, 0xe110_9b3f, 0x02b9_4c2f]);
        assert_eq!(pcg4d([0; 4]), [0x0f02_f829, 0x2d56_8769, 0x32b0_c43b, 0xd325_48ea]);
    }

    #[test]
    fn noise_has_the_deviation_asked_for_and_no_bias() {
        let grey = Rgb::from_fn(200, 200, |_, _| [128; 3]);
        for amplitude in [2.0, 16.0] {
            let noise_q20 = noise_q20(amplitude);
            let noisy = noisy(&grey, &Noise { key: [11, 12], noise_q20, half_q20: 1 << 19 });
            let values: Vec<f64> =
                noisy.pixels.iter().flatten().map(|level| f64::from(*level) - 128.0).collect();
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
            // Rounding to whole levels adds 1/12 to the variance.
            let wanted = (amplitude * amplitude + 1.0 / 12.0).sqrt();
            assert!((variance.sqrt() / wanted - 1.0).abs() < 0.02, "{}", variance.sqrt());
            assert!(mean.abs() < 5.0 * amplitude / count.sqrt(), "{mean}");
        }
    }

    #[test]
    fn noise_has_the_ends_of_a_gaussian() {
        let grey = Rgb::from_fn(400, 400, |_, _| [128; 3]);
        let noise_q20 = noise_q20(16.0);
        let noisy = noisy(&grey, &Noise { key: [5, 6], noise_q20, half_q20: 1 << 19 });
        // Parts of a Gaussian of deviation 16 beyond 24.5, 40.5 and 48.5: a table of the normal
        // distribution at 1.53125, 2.53125 and 3.03125. A sum of four bytes has 0.0046 and 0.0005.
        for (least, wanted) in [(25, 0.0629), (41, 0.00568), (49, 0.00122)] {
            for sign in [-1, 1] {
                let beyond = |level: &&u8| (i32::from(**level) - 128) * sign >= least;
                let part = noisy.pixels.iter().flatten().filter(beyond).count() as f64 / 480_000.0;
                // Five standard deviations, and what 32 bits lack of a Gaussian.
                let room = 5.0 * (wanted / 480_000.0_f64).sqrt() + 0.06 * wanted;
                assert!((part - wanted).abs() < room, "{least} {sign}: {part}, not {wanted}");
            }
        }
    }

    #[test]
    fn the_largest_noise_fits_into_32_bits() {
        assert!(i64::from(noise_q20(1e9)) * 4223 + (1 << 19) <= i64::from(i32::MAX));
    }

    #[test]
    fn truncated_noise_darkens_by_half_a_level() {
        let grey = Rgb::from_fn(200, 200, |_, _| [128; 3]);
        let noise_q20 = noise_q20(2.0);
        let noisy = noisy(&grey, &Noise { key: [11, 12], noise_q20, half_q20: 0 });
        let sum: f64 = noisy.pixels.iter().flatten().map(|level| f64::from(*level)).sum();
        // Five standard deviations of the mean of 120,000 values are 0.03.
        assert!((sum / 120_000.0 - 127.5).abs() < 0.03, "{}", sum / 120_000.0);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for half_q20 in [0, 1 << 19] {
            let noise = Noise { key: [0xdead_beef, 3], noise_q20: noise_q20(9.0), half_q20 };
            assert_same(&rig.point(&STAGE, &noise, &picture, &picture), &noisy(&picture, &noise));
        }
    }

    #[test]
    fn generations_and_seeds_differ() {
        let words = [(0, 0), (0, 1), (1, 0), (1 << 40, 0), (0, 1 << 40)]
            .map(|(seed, generation)| generation_words(seed, generation));
        for one in 0..words.len() {
            for other in 0..one {
                assert_ne!(words[one], words[other]);
            }
        }
    }
}
