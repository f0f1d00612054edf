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
    super::rgb::q16(amplitude_levels / DEVIATION_OF_SUM)
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
