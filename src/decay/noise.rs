//! Noise: seeded, counter-based, the same on every adapter.

#[cfg(test)]
use super::rgb::Rgb;
use crate::params::{Curve, ParamSpec};

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

/// Standard deviation of the sum of four bytes: sqrt(4 * (256^2 - 1) / 12).
const DEVIATION_OF_SUM: f64 = 147.800_541_271_3;

/// Levels per unit of `noise_at`, for noise of this standard deviation in levels.
pub fn noise_q16(amplitude_levels: f64) -> i32 {
    super::fixed::q16(amplitude_levels / DEVIATION_OF_SUM)
}

/// The hash pcg4d (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020), as in
/// `noise.wgsl`: four words from a counter, without state.
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

/// CPU reference of the noise in `noise.wgsl` and `stir.wgsl`. Gaussian by the sum of four uniform
/// bytes (Irwin-Hall): ends at 3.45 standard deviations, needs no logarithm and no cosine.
#[cfg(test)]
pub fn noisy(picture: &Rgb, key: [u32; 2], noise_q16: i32) -> Rgb {
    picture.map(|x, y, levels| {
        let words = pcg4d([x as u32, y as u32, key[0], key[1]]);
        std::array::from_fn(|channel| {
            let sum: i32 = words[channel].to_le_bytes().into_iter().map(i32::from).sum();
            i32::from(levels[channel]) + (((sum - 510) * noise_q16 + 32768) >> 16)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let noisy = noisy(&grey, [11, 12], noise_q16(amplitude));
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
