//! Drawn pictures to learn patches from: leaves of all sizes, one over the other, shaded and textured.
//!
//! Pictures of dead leaves have edges, corners and flat places as often as photographs have (A. Lee,
//! D. Mumford, J. Huang, "Occlusion models for natural images", 2001). Whole numbers only: a seed
//! gives the same picture on every machine.

use super::plane::Plane;

/// Sides of the pictures, in pixels.
const SIDE: usize = 256;
/// Leaves that lie on a picture.
const LEAVES: usize = 700;
/// Pieces of writing that lie on top.
const WRITINGS: usize = 3;

/// The xorshift generator of G. Marsaglia, 2003, with 64 bits.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, end: i32) -> i32 {
        (self.throw() % end.max(1) as u64) as i32
    }

    fn within(&mut self, most: i32) -> i32 {
        self.below(2 * most + 1) - most
    }
}

/// So many pictures of a seed.
pub fn pictures(seed: u64, count: usize) -> Vec<Plane> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..20 {
        dice.throw();
    }
    (0..count).map(|_| picture(&mut dice)).collect()
}

/// Drawn at twice its size, then halved twice over: edges between pixels are soft, as a lens makes them.
fn picture(dice: &mut Dice) -> Plane {
    const WIDE: usize = 2 * SIDE;
    let mut levels = vec![128_i32; WIDE * WIDE];
    for number in 0..LEAVES {
        // Many small leaves and few large ones; the large ones lie below.
        let share = 1 + dice.below(1000);
        let radius = (8 + 9000 / (share + 30)) * (2 * LEAVES - number) as i32 / (2 * LEAVES) as i32;
        leaf(dice, &mut levels, WIDE, radius);
    }
    for _ in 0..WRITINGS {
        writing(dice, &mut levels, WIDE);
    }
    let mut halved = vec![0; SIDE * SIDE];
    for (place, level) in halved.iter_mut().enumerate() {
        let (x, y) = (place % SIDE * 2, place / SIDE * 2);
        let at = |x: usize, y: usize| levels[y.min(WIDE - 1) * WIDE + x.min(WIDE - 1)];
        // A tent of 3x3 about the place.
        let mut sum = 0;
        for (dy, wy) in [(0, 1), (1, 2), (2, 1)] {
            for (dx, wx) in [(0, 1), (1, 2), (2, 1)] {
                sum += at(x + dx, y + dy) * wx * wy;
            }
        }
        *level = (sum / 16).clamp(0, 255) as u8;
    }
    Plane { width: SIDE, height: SIDE, levels: halved }
}

fn leaf(dice: &mut Dice, levels: &mut [i32], wide: usize, radius: i32) {
    let side = wide as i32;
    let (x0, y0) = (dice.below(side), dice.below(side));
    let kind = dice.below(4);
    let level = dice.below(256);
    let (rise_x, rise_y) = (dice.within(60), dice.within(60));
    let grain = if dice.below(3) == 0 { dice.below(30) } else { dice.below(5) };
    let wave = if dice.below(5) == 0 { 3 + dice.below(12) } else { 0 };
    // A direction in 1/64: leaves are turned any way.
    let (mut cos, mut sin) = (dice.within(64), dice.within(64));
    if cos.abs() + sin.abs() < 40 {
        (cos, sin) = (64, 0);
    }
    let slim = 1 + dice.below(5);
    for y in (y0 - radius).max(0)..(y0 + radius).min(side) {
        for x in (x0 - radius).max(0)..(x0 + radius).min(side) {
            let (dx, dy) = (x - x0, y - y0);
            let (along, aside) = ((dx * cos + dy * sin) / 64, (dy * cos - dx * sin) / 64);
            let is_inside = match kind {
                0 => dx * dx + dy * dy < radius * radius,
                1 => along * along + slim * slim * aside * aside < radius * radius,
                2 => along.abs() < radius * 3 / 4 && aside.abs() * slim < radius * 3 / 4,
                _ => aside > 0 && aside + along.abs() < radius * 3 / 4,
            };
            if is_inside {
                let shade = (rise_x * dx + rise_y * dy) / radius.max(1);
                let stripe = if wave > 0 && along.rem_euclid(2 * wave) < wave { 24 } else { 0 };
                levels[y as usize * wide + x as usize] =
                    level + shade + stripe + dice.within(grain);
            }
        }
    }
}

/// Rows of signs on a flat ground: straight strokes of one width, as letters have.
fn writing(dice: &mut Dice, levels: &mut [i32], wide: usize) {
    let side = wide as i32;
    let (x0, y0) = (dice.below(side), dice.below(side));
    let (across, down) = (60 + dice.below(side / 2), 40 + dice.below(side / 3));
    let (ground, ink) = (dice.below(256), dice.below(256));
    let mut put = |x: i32, y: i32, level: i32| {
        if x < (x0 + across).min(side) && y < (y0 + down).min(side) && x >= 0 && y >= 0 {
            levels[y as usize * wide + x as usize] = level;
        }
    };
    for y in y0..y0 + down {
        for x in x0..x0 + across {
            put(x, y, ground);
        }
    }
    let (size, width) = (8 + dice.below(22), 2 + dice.below(4));
    let slant = dice.within(8);
    for row in 0..down / (size * 2) {
        let mut x = x0 + width;
        while x < x0 + across {
            for _ in 0..2 + dice.below(2) {
                let (from_x, from_y) = (dice.below(2) * size * 2 / 3, dice.below(3) * size / 2);
                let (to_x, to_y) = (dice.below(2) * size * 2 / 3, dice.below(3) * size / 2);
                let length = size * 2;
                for at in 0..length {
                    let stroke_x = from_x + (to_x - from_x) * at / length;
                    let stroke_y = from_y + (to_y - from_y) * at / length;
                    for place in 0..width * width {
                        let y = y0 + size / 2 + row * size * 2 + stroke_y + place / width;
                        put(x + stroke_x + place % width + (y - y0) * slant / 64, y, ink);
                    }
                }
            }
            x += size + if dice.below(5) == 0 { size } else { 0 };
        }
    }
}
