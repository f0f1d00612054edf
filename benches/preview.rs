//! What previews take, as ratios to a fixed computation: blurring the same picture in plain Rust.

use image::RgbImage;
use residua::preview::{self, BUDGET_BYTES, Codebook, Way};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

fn picture() -> RgbImage {
    RgbImage::from_fn(640, 360, |x, y| {
        let wave = ((x * x / 90 + y * 3) % 256) as u8;
        image::Rgb([wave, (x * 255 / 640) as u8, (y * 255 / 360) as u8 ^ (wave >> 2)])
    })
}

/// The fixed computation: sums of 9x9 pixels, one by one.
fn fixed(picture: &RgbImage) -> u64 {
    let (width, height) = picture.dimensions();
    let mut all = 0_u64;
    for y in 4..height - 4 {
        for x in 4..width - 4 {
            let mut sum = 0_u32;
            for dy in 0..9 {
                for dx in 0..9 {
                    sum += u32::from(picture.get_pixel(x + dx - 4, y + dy - 4)[1]);
                }
            }
            all += u64::from(sum / 81);
        }
    }
    all
}

fn time<T>(work: impl Fn() -> T) -> Duration {
    (0..3)
        .map(|_| {
            let began = Instant::now();
            black_box(work());
            began.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    let (picture, book) = (picture(), Codebook::built_in());
    let fixed = time(|| fixed(&picture));
    println!("fixed computation: {fixed:?}");
    let tell = |name: &str, took: Duration| {
        println!("{name:24} {:8.2} times that, {took:?}", took.as_secs_f64() / fixed.as_secs_f64());
    };
    tell("webp, quickly", time(|| preview::encode_quickly(&picture, BUDGET_BYTES)));
    for way in Way::ALL {
        tell(way.name(), time(|| preview::encode(way, &picture, BUDGET_BYTES, &book)));
        if let Ok(bytes) = preview::encode(way, &picture, BUDGET_BYTES, &book) {
            tell(&format!("{way}, decoding"), time(|| preview::decode(&bytes, &book)));
        }
    }
}
