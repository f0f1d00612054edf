//! What the flash limiter costs for a picture, against copying that picture.
//!
//! Pictures of 1280x720 that are calm, and a strobe that is held back. Each figure is the best of
//! many rounds, limited and copied in turn, so that a loaded machine changes little.

use residua::{engine::FlashLimiter, units::Canvas};
use std::{hint::black_box, time::Instant};

/// Pictures of each measure.
const ROUNDS: u64 = 300;

fn main() {
    let canvas = Canvas::DEFAULT;
    let mut grey = vec![128; canvas.i420_bytes()];
    let calm = grey.clone();
    let luma = (canvas.width * canvas.height) as usize;
    grey[..luma].fill(16);
    let black = grey.clone();
    grey[..luma].fill(235);
    measure("calm", canvas, [&calm, &calm]);
    // As if every picture were shown as it came: the worst case, held back again and again.
    measure("held back", canvas, [&grey, &black]);
}

fn measure(name: &str, canvas: Canvas, pictures: [&[u8]; 2]) {
    let mut limiter = FlashLimiter::new(canvas);
    let mut copy = vec![0; canvas.i420_bytes()];
    let (mut limit_secs, mut copy_secs, mut least) = (f64::INFINITY, f64::INFINITY, 256);
    for slot in 0..ROUNDS {
        let [last, next] = match slot % 2 {
            0 => [pictures[0], pictures[1]],
            _ => [pictures[1], pictures[0]],
        };
        let start = Instant::now();
        let part = black_box(limiter.allow(slot, black_box(last), black_box(next)));
        limiter.shown(slot);
        let secs = start.elapsed().as_secs_f64();
        least = least.min(part);
        // Of the strobe only those that were held back.
        if pictures[0] == pictures[1] || part < FlashLimiter::WHOLE {
            limit_secs = limit_secs.min(secs);
        }
        let start = Instant::now();
        copy.copy_from_slice(black_box(next));
        black_box(&copy);
        copy_secs = copy_secs.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{name}: {:.0} ns a picture, {:.1} times a copy ({:.0} ns); at least {least} of 256 shown",
        limit_secs * 1e9,
        limit_secs / copy_secs,
        copy_secs * 1e9,
    );
}
