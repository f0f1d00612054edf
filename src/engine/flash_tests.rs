//! The limiter against a counter that was written from WCAG's words alone, and knows nothing of it.

use super::*;
use crate::units::{FrameRate, Picture};

/// A small canvas whose fifths, quarters and grid squares are whole pixels.
fn canvas(hertz: u32) -> Canvas {
    Canvas { width: 320, height: 180, rate: FrameRate::whole(hertz) }
}

/// A picture of one colour (Y', Cb, Cr) in its first `columns`, black elsewhere.
fn picture(canvas: Canvas, colour: [u8; 3], columns: usize) -> Vec<u8> {
    let mut picture = Picture::black(canvas.width, canvas.height);
    let (width, height) = (canvas.width as usize, canvas.height as usize);
    let (luma, chroma) = picture.data_mut().split_at_mut(width * height);
    for row in luma.chunks_mut(width) {
        row[..columns].fill(colour[0]);
    }
    for (plane, colour) in chroma.chunks_mut(width * height / 4).zip(&colour[1..]) {
        for row in plane.chunks_mut(width / 2) {
            row[..columns / 2].fill(*colour);
        }
    }
    picture.data().to_vec()
}

const WHITE_PAPER: [u8; 3] = [235, 128, 128];
const BLACK: [u8; 3] = [16, 128, 128];
/// R' = 1, G' = B' = 0: Y' = 0.2126, Cb = -0.2126 / 1.8556, Cr = (1 - 0.2126) / 1.5748.
const RED: [u8; 3] = [63, 102, 240];

/// A strobe: on for half a period, off for the other, `flashes_per_second` of them.
fn strobe(
    canvas: Canvas,
    flashes_per_second: f64,
    slots: u64,
    [on, off]: [[u8; 3]; 2],
    columns: usize,
) -> Vec<Vec<u8>> {
    let lit = |slot: u64| {
        let halves = 2.0 * flashes_per_second * slot as f64 / canvas.rate.hertz();
        ((halves + 1e-9) as u64).is_multiple_of(2)
    };
    let colour = |slot| if lit(slot) { on } else { off };
    (0..slots).map(|slot| picture(canvas, colour(slot), columns)).collect()
}

/// What the limiter makes of these pictures, one a slot.
fn limited(canvas: Canvas, pictures: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut limiter = FlashLimiter::new(canvas);
    let mut last = Picture::black(canvas.width, canvas.height).data().to_vec();
    let show = |(slot, next): (usize, &Vec<u8>)| {
        let part = limiter.allow(slot as u64, &last, next);
        // By hand: the nearest to the weighted mean.
        let mix = |(from, to): (&u8, &u8)| {
            let part = f64::from(part) / 256.0;
            (f64::from(*from) * (1.0 - part) + f64::from(*to) * part + 0.5).floor() as u8
        };
        last = last.iter().zip(next).map(mix).collect();
        limiter.shown(slot as u64);
        last.clone()
    };
    pictures.iter().enumerate().map(show).collect()
}

/// WCAG 2.2, "relative luminance", of one pixel, in doubles and from BT.709's own numbers.
fn relative_luminance(canvas: Canvas, data: &[u8], x: usize, y: usize) -> f64 {
    let (width, height) = (canvas.width as usize, canvas.height as usize);
    let chroma = width * height + y / 2 * (width / 2) + x / 2;
    let luma = (f64::from(data[y * width + x]) - 16.0) / 219.0;
    let cb = (f64::from(data[chroma]) - 128.0) / 224.0;
    let cr = (f64::from(data[chroma + width * height / 4]) - 128.0) / 224.0;
    let (red, blue) = (luma + 1.5748 * cr, luma + 1.8556 * cb);
    let green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152;
    let [red, green, blue] = [red, green, blue].map(|level| {
        let level = level.clamp(0.0, 1.0);
        if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Flashes (pairs of opposing changes) among these luminances: the most changes that can be picked
/// such that each is 0.10 or more, opposes the one before, and its darker side is below 0.80.
fn flashes(luminances: &[f64]) -> usize {
    // The longest chain of changes that ends at each picture, upward and downward.
    let mut chains = vec![[0_usize; 2]; luminances.len()];
    for now in 0..luminances.len() {
        for before in 0..now {
            let (from, to) = (luminances[before], luminances[now]);
            if (to - from).abs() < 0.1 || from.min(to) >= 0.8 {
                continue;
            }
            let (way, opposite) = if to > from { (0, 1) } else { (1, 0) };
            chains[now][way] = chains[now][way].max(chains[before][opposite] + 1);
        }
    }
    chains.iter().flatten().max().map_or(0, |changes| changes / 2)
}

/// The most flashes that more than a quarter of the picture has in any one second. Looks at every
/// twentieth pixel each way.
fn worst_second(canvas: Canvas, pictures: &[Vec<u8>]) -> usize {
    let places: Vec<(usize, usize)> = (0..9)
        .flat_map(|row| (0..16).map(move |column| (column * 20 + 10, row * 20 + 10)))
        .collect();
    let hertz = canvas.rate.hertz() as usize;
    // One second has as many steps from picture to picture, and one picture more.
    let mut worst = 0;
    let series: Vec<Vec<f64>> = places
        .iter()
        .map(|(x, y)| {
            pictures.iter().map(|data| relative_luminance(canvas, data, *x, *y)).collect()
        })
        .collect();
    for first in 0..pictures.len().saturating_sub(hertz) {
        let mut counts: Vec<usize> =
            series.iter().map(|series| flashes(&series[first..=first + hertz])).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        // What more than a quarter of the places reach.
        worst = worst.max(counts[places.len() / 4]);
    }
    worst
}

#[test]
fn the_counter_counts_as_wcag_says() {
    // By hand. A single change is no flash; there and back is one; small or bright ones are none.
    assert_eq!(flashes(&[0.0, 1.0, 1.0, 1.0]), 0);
    assert_eq!(flashes(&[0.0, 1.0, 0.0]), 1);
    assert_eq!(flashes(&[0.0, 1.0, 0.0, 1.0, 0.0]), 2);
    assert_eq!(flashes(&[0.5, 0.59, 0.5, 0.59, 0.5]), 0);
    assert_eq!(flashes(&[0.85, 1.0, 0.85, 1.0, 0.85]), 0);
    // Slowly there and slowly back is one all the same.
    assert_eq!(flashes(&[0.0, 0.06, 0.12, 0.18, 0.12, 0.06, 0.0]), 1);
    let canvas = canvas(30);
    let red = picture(canvas, RED, 320);
    // WCAG's own weight of red.
    assert!((relative_luminance(canvas, &red, 100, 100) - 0.2126).abs() < 0.005);
}

#[test]
fn a_strobe_is_let_through_three_times_a_second() {
    for hertz in [30, 60] {
        let canvas = canvas(hertz);
        for (colours, columns) in [
            ([WHITE_PAPER, BLACK], 320),
            ([BLACK, WHITE_PAPER], 320),
            // Three tenths of the picture.
            ([WHITE_PAPER, BLACK], 96),
            // Red on black is no flash to luma alone: 3.7 % of the maximum.
            ([RED, BLACK], 320),
            ([[140, 128, 128], [60, 128, 128]], 320),
        ] {
            let strobe = strobe(canvas, 10.0, u64::from(hertz) * 4, colours, columns);
            let unlimited = worst_second(canvas, &strobe);
            assert!(unlimited >= 9, "the counter sees {unlimited} of 10");
            let shown = limited(canvas, &strobe);
            let worst = worst_second(canvas, &shown);
            assert_eq!(worst, 3, "{colours:?} over {columns} columns at {hertz}");
        }
    }
}

#[test]
fn any_other_strobe_is_limited_too() {
    let canvas = canvas(30);
    // Up to the highest rate that 30 pictures a second have.
    for flashes_per_second in [4.0, 5.0, 7.5, 15.0] {
        let strobe = strobe(canvas, flashes_per_second, 120, [WHITE_PAPER, BLACK], 320);
        assert!(worst_second(canvas, &strobe) > 3);
        assert!(worst_second(canvas, &limited(canvas, &strobe)) <= 3, "{flashes_per_second}");
    }
    // Two halves that take turns, and noise of luminances, always the same.
    let mut pictures = strobe(canvas, 10.0, 120, [WHITE_PAPER, BLACK], 160);
    for (slot, picture) in pictures.iter_mut().enumerate() {
        let right = if slot / 2 % 2 == 0 { 30 } else { 200 };
        picture[..320 * 180].chunks_mut(320).for_each(|row| row[160..].fill(right));
    }
    assert!(worst_second(canvas, &pictures) > 3);
    assert!(worst_second(canvas, &limited(canvas, &pictures)) <= 3);
    let noise: Vec<_> = (0..150_u64)
        .map(|slot| {
            let hash = xxhash_rust::xxh3::xxh3_64(&slot.to_le_bytes());
            picture(canvas, [16 + (hash % 220) as u8, 128, 128], 320)
        })
        .collect();
    assert!(worst_second(canvas, &noise) > 3);
    assert!(worst_second(canvas, &limited(canvas, &noise)) <= 3);
}

#[test]
fn what_harms_nobody_passes_bit_for_bit() {
    let white = [WHITE_PAPER, BLACK];
    for hertz in [30, 60] {
        let canvas = canvas(hertz);
        let slots = u64::from(hertz) * 5;
        for (name, pictures) in [
            ("three a second", strobe(canvas, 3.0, slots, white, 320)),
            ("a fifth of the picture", strobe(canvas, 10.0, slots, white, 64)),
            ("small changes", strobe(canvas, 10.0, slots, [[150, 128, 128], [140, 128, 128]], 320)),
            ("bright ones", strobe(canvas, 10.0, slots, [WHITE_PAPER, [219, 128, 128]], 320)),
        ] {
            assert!(limited(canvas, &pictures) == pictures, "{name} at {hertz}");
        }
        // A blackout and the way back, at once or in eight pictures.
        let fade = |slot: u64| 235 - 27 * slot.min(8) as u8;
        let level = |slot: u64| match slot {
            0..40 => 235,
            40..80 => fade(slot - 40).max(16),
            80..100 => 235,
            _ => 16,
        };
        let blackout: Vec<_> =
            (0..slots).map(|slot| picture(canvas, [level(slot), 128, 128], 320)).collect();
        assert!(limited(canvas, &blackout) == blackout, "a blackout at {hertz}");
    }
}

#[test]
fn after_a_second_of_calm_it_is_where_it_should_be() {
    let canvas = canvas(30);
    let mut pictures = strobe(canvas, 10.0, 60, [WHITE_PAPER, BLACK], 320);
    pictures.resize(120, picture(canvas, BLACK, 320));
    let shown = limited(canvas, &pictures);
    assert!(shown[..60] != pictures[..60]);
    assert!(shown[90..] == pictures[90..], "it is still held back");
}
