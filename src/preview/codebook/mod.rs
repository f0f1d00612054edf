//! Pictures drawn with the patches of a codebook: no foreign codec, no general compressor.
//!
//! Runs on the thread of whoever asks. Reading uses whole numbers alone up to the last enlarging, so
//! every machine reads the same.

mod book;
mod coder;
mod draw;
mod learn;
mod model;
mod plane;
mod synthetic;

pub use book::{Codebook, NoCodebook};

use super::{PreviewError, scale};
use coder::{Reader, Writer};
use draw::{Bench, Drawn, Sketch};
use image::RgbImage;
use model::Model;
use plane::{Means, Plane, STEP_MAX, Steps};

/// What an encoded picture begins with: no picture of the way `lanczos` has a width of 0.
pub const MAGIC: [u8; 3] = [0, 0, 0xcb];
/// Magic, softening, width, height, stored width, stored height, step, codebook.
const HEADER: usize = 3 + 1 + 8 + 1 + 4;
/// Pixels that are stored at most: a picture of 4 KiB has a few ten thousand.
const STORED_MAX: usize = 1 << 22;
/// The seed of the patches that `synthetic` draws.
pub const SEED: u64 = 4096;
/// Drawn pictures that patches are learned from.
const DRAWN_PICTURES: usize = 12;

impl Codebook {
    /// Learned from pictures, each at several sizes.
    pub fn learned<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>) -> Self {
        let mut planes = Vec::new();
        for picture in pictures {
            for side in [320, 200] {
                let [luma, cb, cr] = planes_of(&scale::fitted(picture, side));
                planes.push(luma);
                if side == 320 {
                    planes.extend([cb, cr]);
                }
            }
        }
        learn::learn(&planes)
    }

    /// Learned from pictures of leaves, drawn from a seed: the same on every machine of one kind.
    pub fn synthetic(seed: u64) -> Self {
        learn::learn(&synthetic::pictures(seed, DRAWN_PICTURES))
    }
}

/// What it takes to try a picture at several sizes.
pub struct Painter<'a> {
    book: &'a Codebook,
    bench: Bench<'a>,
}

/// A picture at one size, looked at.
pub struct Subject {
    full: (u16, u16),
    stored: (u32, u32),
    planes: [(usize, usize); 3],
    sketches: [Sketch; 3],
}

impl<'a> Painter<'a> {
    /// Of one codebook.
    pub fn new(book: &'a Codebook) -> Self {
        Self { book, bench: Bench::new(book) }
    }

    /// Looks at a picture that was made small already; `full` is the size it will be shown at.
    pub fn look(&self, small: &RgbImage, full: (u16, u16)) -> Subject {
        let planes = planes_of(small);
        Subject {
            full,
            stored: small.dimensions(),
            sketches: planes.each_ref().map(|plane| self.bench.sketch(plane)),
            planes: planes.map(|plane| (plane.width, plane.height)),
        }
    }

    /// A picture with the finest steps that fit, and how it looks at its stored size.
    pub fn paint(
        &self,
        subject: &Subject,
        budget_bytes: usize,
        soft: u8,
    ) -> Option<(Vec<u8>, RgbImage)> {
        let (mut fits, mut low, mut high) = (None, 0, STEP_MAX + 1);
        while low < high {
            let step = low.midpoint(high);
            let (bytes, picture) = self.paint_at(subject, step, soft);
            if bytes.len() <= budget_bytes {
                fits = Some((bytes, picture));
                high = step;
            } else {
                low = step + 1;
            }
        }
        fits
    }

    fn paint_at(&self, subject: &Subject, step: u8, soft: u8) -> (Vec<u8>, RgbImage) {
        let mut header = MAGIC.to_vec();
        header.push(soft);
        let (width, height) = subject.stored;
        let sides = [subject.full.0, subject.full.1, width as u16, height as u16];
        header.extend(sides.into_iter().flat_map(u16::to_be_bytes));
        header.push(step);
        header.extend(self.book.hash().to_be_bytes());
        let mut writer = Writer::behind(header);
        let luma = Steps::of(step);
        let mut models = [Model::default(), Model::default()];
        let mut planes = Vec::with_capacity(3);
        for (number, (sketch, size)) in subject.sketches.iter().zip(subject.planes).enumerate() {
            let steps = if number == 0 { luma } else { luma.chroma() };
            let model = &mut models[number.min(1)];
            let mut drawn = self.bench.draw(sketch, size, steps, &mut writer, model);
            plane::soften(&mut drawn.plane, steps, soft);
            planes.push(drawn.plane);
        }
        (writer.finish(HEADER), picture_of(&planes, subject.stored))
    }
}

/// The codebook that a picture was drawn with.
///
/// # Errors
/// The header is not whole.
pub fn hash_of(bytes: &[u8]) -> Result<u32, PreviewError> {
    match bytes.get(13..17) {
        Some(&[a, b, c, d]) => Ok(u32::from_be_bytes([a, b, c, d])),
        _ => Err(PreviewError::Broken("it ends within its header")),
    }
}

/// Width and height to show a picture at.
///
/// # Errors
/// The header is not whole.
pub fn size_of(bytes: &[u8]) -> Result<(u32, u32), PreviewError> {
    Ok((side(bytes, 4)?, side(bytes, 6)?))
}

fn side(bytes: &[u8], at: usize) -> Result<u32, PreviewError> {
    match bytes.get(at..at + 2) {
        Some(&[high, low]) => Ok(u32::from(high) << 8 | u32::from(low)),
        _ => Err(PreviewError::Broken("it ends within its header")),
    }
}

/// The picture at its stored size.
///
/// # Errors
/// The header is not whole, the stored size cannot be, the codebook is another one.
pub fn decode(bytes: &[u8], book: &Codebook) -> Result<RgbImage, PreviewError> {
    let needed = hash_of(bytes)?;
    let (width, height) = (side(bytes, 8)? as usize, side(bytes, 10)? as usize);
    if width == 0 || height == 0 || width * height > STORED_MAX {
        return Err(PreviewError::Broken("its stored size cannot be"));
    }
    if needed != book.hash() {
        return Err(PreviewError::Codebook { needed, given: book.hash() });
    }
    let (soft, step) = (bytes[3], bytes[12]);
    let mut reader = Reader::new(bytes.get(HEADER..).unwrap_or_default());
    let luma = Steps::of(step);
    let mut models = [Model::default(), Model::default()];
    let half = (width.div_ceil(2), height.div_ceil(2));
    let mut planes = Vec::with_capacity(3);
    for (number, size) in [(width, height), half, half].into_iter().enumerate() {
        let steps = if number == 0 { luma } else { luma.chroma() };
        let model = &mut models[number.min(1)];
        let mut drawn = Drawn::new(size);
        let (columns, rows) = drawn.plane.blocks();
        let mut means = Means::new(columns);
        for _ in 0..columns * rows {
            means.next(&mut reader, model, 0);
        }
        let mut draws = Vec::new();
        for place in 0..columns * rows {
            draws.clear();
            model.block(&mut reader, plane::around(&drawn.counts, columns), &mut draws);
            drawn.put(means.base(place, steps), &draws, steps, book);
        }
        plane::soften(&mut drawn.plane, steps, soft);
        planes.push(drawn.plane);
    }
    Ok(picture_of(&planes, (width as u32, height as u32)))
}

/// Luma, and the two chroma planes at half the size. ITU-T T.871 (JFIF) in 1/65536.
fn planes_of(picture: &RgbImage) -> [Plane; 3] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut full = [const { Vec::new() }; 3];
    for pixel in picture.pixels() {
        let [r, g, b] = pixel.0.map(i32::from);
        let level = |sum: i32| ((sum + (1 << 15)) >> 16).clamp(0, 255);
        full[0].push(level(19_595 * r + 38_470 * g + 7_471 * b));
        full[1].push(level(-11_059 * r - 21_709 * g + 32_768 * b + (128 << 16)));
        full[2].push(level(32_768 * r - 27_439 * g - 5_329 * b + (128 << 16)));
    }
    let [luma, cb, cr] = full;
    let half = |plane: Vec<i32>| {
        let (across, down) = (width.div_ceil(2), height.div_ceil(2));
        let at = |x: usize, y: usize| plane[y.min(height - 1) * width + x.min(width - 1)];
        let mean = |place: usize| {
            let (x, y) = (place % across * 2, place / across * 2);
            (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 2) / 4
        };
        let levels = (0..across * down).map(|place| mean(place) as u8).collect();
        Plane { width: across, height: down, levels }
    };
    let luma = luma.into_iter().map(|level| level as u8).collect();
    [Plane { width, height, levels: luma }, half(cb), half(cr)]
}

fn picture_of(planes: &[Plane], (width, height): (u32, u32)) -> RgbImage {
    let [luma, cb, cr] = planes else { return RgbImage::new(width, height) };
    // Chroma pixels stand between luma's: three quarters of the nearer, one of the farther, each way.
    let chroma = |plane: &Plane, x: usize, y: usize| {
        let other = |at: usize, end: usize| match at % 2 {
            0 => (at / 2).saturating_sub(1),
            _ => (at / 2 + 1).min(end - 1),
        };
        let (near_x, near_y) = (x / 2, y / 2);
        let (far_x, far_y) = (other(x, plane.width), other(y, plane.height));
        let at = |x: usize, y: usize| i32::from(plane.levels[y * plane.width + x]);
        let row = |y: usize| 3 * at(near_x, y) + at(far_x, y);
        (3 * row(near_y) + row(far_y) + 8) / 16 - 128
    };
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as usize, y as usize);
        let level = i32::from(luma.levels[y * luma.width + x]);
        let (blue, red) = (chroma(cb, x, y), chroma(cr, x, y));
        let round = |sum: i32| (level + ((sum + (1 << 15)) >> 16)).clamp(0, 255) as u8;
        image::Rgb([
            round(91_881 * red),
            round(-22_554 * blue - 46_802 * red),
            round(116_130 * blue),
        ])
    })
}
