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
    /// Levels per unit of `noise_at`.
    pub noise_q16: i32,
    /// 32768 rounds, 0 truncates.
    pub half_q16: i32,
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
        let (key, noise_q16) = ([key_0, key_1], noise_q16(amount));
        self.uniform = Noise { key, noise_q16, half_q16: now.half_q16() };
        let uniform = bytemuck::bytes_of(&self.uniform);
        (noise_q16 > 0).then_some(Turn { uniform, passes: &[], greys: false })
    }
}

/// Standard deviation of the sum of four bytes: sqrt(4 * (256^2 - 1) / 12).
const DEVIATION_OF_SUM: f64 = 147.800_541_271_3;

/// Levels per unit of `noise_at`, for noise of this standard deviation in levels.
pub fn noise_q16(amplitude_levels: f64) -> i32 {
    super::fixed::q16(amplitude_levels / DEVIATION_OF_SUM)
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

/// CPU reference of `noise.wgsl`. Gaussian by the sum of four uniform
/// bytes (Irwin-Hall): ends at 3.45 standard deviations, needs no logarithm and no cosine.
#[cfg(test)]
pub fn noisy(picture: &Rgb, noise: &Noise) -> Rgb {
    let Noise { key, noise_q16, half_q16 } = *noise;
    picture.map(|x, y, levels| {
        let words = pcg4d([x as u32, y as u32, key[0], key[1]]);
        std::array::from_fn(|channel| {
            let sum: i32 = words[channel].to_le_bytes().into_iter().map(i32::from).sum();
            i32::from(levels[channel]) + (((sum - 510) * noise_q16 + half_q16) >> 16)
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
            let noise_q16 = noise_q16(amplitude);
            let noisy = noisy(&grey, &Noise { key: [11, 12], noise_q16, half_q16: 32768 });
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
    fn truncated_noise_darkens_by_half_a_level() {
        let grey = Rgb::from_fn(200, 200, |_, _| [128; 3]);
        let noise_q16 = noise_q16(2.0);
        let noisy = noisy(&grey, &Noise { key: [11, 12], noise_q16, half_q16: 0 });
        let sum: f64 = noisy.pixels.iter().flatten().map(|level| f64::from(*level)).sum();
        // Five standard deviations of the mean of 120,000 values are 0.03.
        assert!((sum / 120_000.0 - 127.5).abs() < 0.03, "{}", sum / 120_000.0);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for half_q16 in [0, 32768] {
            let noise = Noise { key: [0xdead_beef, 3], noise_q16: noise_q16(9.0), half_q16 };
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
