//! Structural dissimilarity over several sizes.

use image::RgbImage;

/// How much each size counts, the full one first: Z. Wang, E. Simoncelli, A. Bovik, "Multi-scale
/// structural similarity for image quality assessment", 2003.
const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/// The window: a Gaussian of 1.5 pixels, cut off at 5 (Z. Wang and others, 2004).
const SIGMA: f64 = 1.5;
const REACH: usize = 5;
/// What keeps quotients of dark and of flat places in bounds, for levels 0..=1 (the same paper).
const C1: f32 = 0.01 * 0.01;
const C2: f32 = 0.03 * 0.03;

/// 1 / SSIM - 1 over five sizes of three planes, luma and both chroma (BT.601): 0 is the same picture,
/// larger is more unlike. Pictures of the same size, at least 8 pixels wide and high.
pub fn dssim(one: &RgbImage, other: &RgbImage) -> f64 {
    let (mut one, mut other) = (planes(one), planes(other));
    let (mut sum, mut weights) = (0.0, 0.0);
    for weight in WEIGHTS {
        let mean: f64 =
            one.iter().zip(&other).map(|(one, other)| similarity(one, other)).sum::<f64>() / 3.0;
        sum += weight * mean;
        weights += weight;
        if one[0].width < 16 || one[0].height < 16 {
            break;
        }
        one = one.map(|plane| plane.halved());
        other = other.map(|plane| plane.halved());
    }
    let similarity = (sum / weights).max(1e-3);
    1.0 / similarity - 1.0
}

#[derive(Clone)]
struct Plane {
    width: usize,
    height: usize,
    levels: Vec<f32>,
}

fn planes(picture: &RgbImage) -> [Plane; 3] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let plane = |of: fn([f32; 3]) -> f32| Plane {
        width,
        height,
        levels: picture
            .pixels()
            .map(|pixel| of(pixel.0.map(|level| f32::from(level) / 255.0)))
            .collect(),
    };
    [
        plane(|[r, g, b]| 0.299 * r + 0.587 * g + 0.114 * b),
        plane(|[r, g, b]| 0.5 - 0.168_736 * r - 0.331_264 * g + 0.5 * b),
        plane(|[r, g, b]| 0.5 + 0.5 * r - 0.418_688 * g - 0.081_312 * b),
    ]
}

impl Plane {
    fn halved(self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let at = |x: usize, y: usize| self.levels[y * self.width + x];
        let mean = |place: usize| {
            let (x, y) = (place % width * 2, place / width * 2);
            (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0
        };
        Self { width, height, levels: (0..width * height).map(mean).collect() }
    }

    /// Seen through the window.
    fn blurred(&self, levels: &[f32]) -> Vec<f32> {
        let window: [f64; 2 * REACH + 1] = std::array::from_fn(|place| {
            (-(place as f64 - REACH as f64).powi(2) / (2.0 * SIGMA * SIGMA)).exp()
        });
        let all: f64 = window.iter().sum();
        let window = window.map(|weight| (weight / all) as f32);
        let (width, height) = (self.width, self.height);
        let mut across = vec![0.0; levels.len()];
        for (row, out) in levels.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
            for (x, out) in out.iter_mut().enumerate() {
                for (place, weight) in window.iter().enumerate() {
                    *out += weight * row[(x + place).saturating_sub(REACH).min(width - 1)];
                }
            }
        }
        let mut down = vec![0.0; levels.len()];
        for (y, out) in down.chunks_exact_mut(width).enumerate() {
            for (place, weight) in window.iter().enumerate() {
                let from = (y + place).saturating_sub(REACH).min(height - 1) * width;
                for (out, level) in out.iter_mut().zip(&across[from..from + width]) {
                    *out += weight * level;
                }
            }
        }
        down
    }
}

/// Mean SSIM (Wang and others, 2004) of two planes.
fn similarity(one: &Plane, other: &Plane) -> f64 {
    let product =
        |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
    let (x, y) = (&one.levels, &other.levels);
    let [mean_x, mean_y] = [x, y].map(|levels| one.blurred(levels));
    let [xx, yy, xy] = [(x, x), (y, y), (x, y)].map(|(a, b)| one.blurred(&product(a, b)));
    let each = (0..x.len()).map(|at| {
        let (mx, my) = (mean_x[at], mean_y[at]);
        let (vx, vy, both) = (xx[at] - mx * mx, yy[at] - my * my, xy[at] - mx * my);
        let luminance = (2.0 * mx * my + C1) / (mx * mx + my * my + C1);
        f64::from(luminance * (2.0 * both + C2) / (vx + vy + C2))
    });
    each.sum::<f64>() / x.len() as f64
}
