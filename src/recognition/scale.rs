//! Pictures made smaller and larger as Pillow does it, since models were trained on what it makes.
//!
//! Pillow's `resize` with `BILINEAR` (src/libImaging/Resample.c): a triangle as wide as the scale, across
//! first and then down, each way in whole levels with weights of 22 fractional bits.

/// Bits after the point of a weight: 32 - 8 of a level - 2 of room.
const WEIGHT_BITS: u32 = 22;

/// A picture of gamma-coded R'G'B' levels, rows without padding, that somebody else holds.
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'a> {
    /// Width in pixels, at least 1.
    pub width: usize,
    /// Height in pixels, at least 1.
    pub height: usize,
    /// `width * height` pixels, row by row.
    pub pixels: &'a [[u8; 3]],
}

/// For one place of the result: the first place it takes from, and the weights from there on.
type Taps = (usize, Vec<i64>);

fn taps(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    let width = scale.max(1.0);
    let tap = |place: usize| {
        let centre = (place as f64 + 0.5) * scale;
        let first = ((centre - width + 0.5) as i64).max(0) as usize;
        let end = ((centre + width + 0.5) as usize).min(from);
        let weight = |at: usize| {
            let away = ((at as f64 - centre + 0.5) / width).abs();
            (1.0 - away).max(0.0)
        };
        let weights: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |weight: &f64| (weight / sum * f64::from(1_u32 << WEIGHT_BITS)).round() as i64;
        (first, weights.iter().map(fixed).collect())
    };
    (0..to).map(tap).collect()
}

/// The weighted sum of levels, rounded to the nearest.
fn mixed(weights: &[i64], level: impl Fn(usize, usize) -> u8) -> [u8; 3] {
    std::array::from_fn(|channel| {
        let pairs = weights.iter().enumerate();
        let sum: i64 = pairs.map(|(at, weight)| weight * i64::from(level(at, channel))).sum();
        ((sum + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS).clamp(0, 255) as u8
    })
}

/// The picture in another size, `width` and `height` at least 1.
pub fn scaled(picture: Pixels<'_>, width: usize, height: usize) -> Vec<[u8; 3]> {
    let across: Vec<[u8; 3]> = if width == picture.width {
        picture.pixels.to_vec()
    } else {
        let taps = taps(picture.width, width);
        let rows = picture.pixels.chunks_exact(picture.width.max(1)).take(picture.height);
        let row = |row: &[[u8; 3]]| -> Vec<[u8; 3]> {
            let pixel =
                |(first, weights): &Taps| mixed(weights, |at, channel| row[first + at][channel]);
            taps.iter().map(pixel).collect()
        };
        rows.flat_map(row).collect()
    };
    if height == picture.height {
        return across;
    }
    let place = |(first, weights): Taps| {
        let across = &across;
        (0..width)
            .map(move |x| mixed(&weights, |at, channel| across[(first + at) * width + x][channel]))
    };
    taps(picture.height, height).into_iter().flat_map(place).collect()
}
