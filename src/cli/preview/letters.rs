//! A few letters, five pixels high and drawn large, for labels on sheets.

use image::{Rgb, RgbImage};

/// Pixels of the screen for each of a letter.
const LARGE: u32 = 2;
/// Of a line, in pixels.
pub const HEIGHT: u32 = 5 * LARGE;
/// Signs, and their five rows of three pixels, the upper left one first.
const SIGNS: [(char, u16); 41] = [
    ('a', 0b010_101_111_101_101),
    ('b', 0b110_101_110_101_110),
    ('c', 0b011_100_100_100_011),
    ('d', 0b110_101_101_101_110),
    ('e', 0b111_100_110_100_111),
    ('f', 0b111_100_110_100_100),
    ('g', 0b011_100_101_101_011),
    ('h', 0b101_101_111_101_101),
    ('i', 0b111_010_010_010_111),
    ('j', 0b001_001_001_101_010),
    ('k', 0b101_101_110_101_101),
    ('l', 0b100_100_100_100_111),
    ('m', 0b101_111_111_101_101),
    ('n', 0b110_101_101_101_101),
    ('o', 0b010_101_101_101_010),
    ('p', 0b110_101_110_100_100),
    ('q', 0b010_101_101_110_011),
    ('r', 0b110_101_110_101_101),
    ('s', 0b011_100_010_001_110),
    ('t', 0b111_010_010_010_010),
    ('u', 0b101_101_101_101_111),
    ('v', 0b101_101_101_101_010),
    ('w', 0b101_101_111_111_101),
    ('x', 0b101_101_010_101_101),
    ('y', 0b101_101_010_010_010),
    ('z', 0b111_001_010_100_111),
    ('0', 0b111_101_101_101_111),
    ('1', 0b010_110_010_010_111),
    ('2', 0b110_001_010_100_111),
    ('3', 0b110_001_010_001_110),
    ('4', 0b101_101_111_001_001),
    ('5', 0b111_100_110_001_110),
    ('6', 0b011_100_111_101_111),
    ('7', 0b111_001_010_010_010),
    ('8', 0b111_101_111_101_111),
    ('9', 0b111_101_111_001_110),
    ('-', 0b000_000_111_000_000),
    ('.', 0b000_000_000_000_010),
    (',', 0b000_000_000_010_100),
    ('_', 0b000_000_000_000_111),
    ('\'', 0b010_010_000_000_000),
];
/// What is written for any other sign.
const OTHER: u16 = 0b111_101_101_101_111;

/// Writes a line at a place, as much of it as fits.
pub fn write(picture: &mut RgbImage, (x, y): (u32, u32), width: u32, text: &str, ink: Rgb<u8>) {
    let pace = 4 * LARGE;
    for (number, letter) in text.chars().take((width / pace) as usize).enumerate() {
        let letter = letter.to_ascii_lowercase();
        let rows = match letter {
            ' ' => 0,
            _ => SIGNS.iter().find(|(sign, _)| *sign == letter).map_or(OTHER, |(_, rows)| *rows),
        };
        for place in 0..15 * LARGE * LARGE {
            let (px, py) = (place % (3 * LARGE), place / (3 * LARGE));
            let bit = 14 - (px / LARGE + 3 * (py / LARGE));
            let at = (x + number as u32 * pace + px, y + py);
            if rows >> bit & 1 == 1
                && let Some(pixel) = picture.get_pixel_mut_checked(at.0, at.1)
            {
                *pixel = ink;
            }
        }
    }
}
