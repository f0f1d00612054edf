//! A plane in blocks: means, what the means alone show, and the patches drawn on it. Whole numbers only,
//! so that every machine sees the same picture.

use super::{
    book::{Codebook, LARGE, LARGE_BITS, SMALL, SMALL_BITS},
    model::{Answers, Draw, Model},
};

/// Levels are counted in so many parts while a plane is drawn.
pub const PARTS: i32 = 16;

/// One plane of a picture, row by row, levels 0..=255.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plane {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Row by row.
    pub levels: Vec<u8>,
}

impl Plane {
    /// Columns and rows of blocks; those at the right and lower edge reach beyond it.
    pub fn blocks(&self) -> (usize, usize) {
        (self.width.div_ceil(LARGE), self.height.div_ceil(LARGE))
    }

    /// The level at a place; beyond the edges that of the edge.
    pub fn level(&self, x: usize, y: usize) -> u8 {
        let row = y.min(self.height - 1) * self.width;
        self.levels[row + x.min(self.width - 1)]
    }
}

/// How coarse a plane is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// One step of a patch's amount, in parts of levels.
    pub amount: i32,
    /// One step of a mean, in parts of levels.
    pub mean: i32,
}

/// The finest step is 0, the coarsest this.
pub const STEP_MAX: u8 = 0x7f;

impl Steps {
    /// By number, 0..=[`STEP_MAX`]: 16 numbers for each doubling, from 1 level to 248.
    pub fn of(step: u8) -> Self {
        let step = step.min(STEP_MAX);
        let amount = (16 + i32::from(step & 15)) << (step >> 4);
        // A block's mean counts for 64 pixels, a patch of length 1 for less.
        Self { amount, mean: (amount / 8).max(PARTS) }
    }

    /// Those of chroma, whose means are seen more: there are few of them.
    pub fn chroma(self) -> Self {
        Self { amount: self.amount, mean: self.mean * 4 / 5 }
    }
}

/// The means of all blocks, in steps, row by row.
#[derive(Clone, Debug, Default)]
pub struct Means {
    columns: usize,
    steps: Vec<i32>,
    sizes: Vec<u32>,
}

impl Means {
    /// None yet.
    pub fn new(columns: usize) -> Self {
        Self { columns, ..Self::default() }
    }

    /// The next mean: writes what `level` (in steps) of it stands there, or reads it.
    pub fn next(&mut self, answers: &mut impl Answers, model: &mut Model, level: i32) {
        let place = self.steps.len();
        let column = place % self.columns;
        let left = (column > 0).then(|| place - 1);
        let above = place.checked_sub(self.columns);
        let of = |place: Option<usize>| place.map(|place| self.steps[place]);
        let expected = match (of(left), of(above)) {
            (None, None) => 0,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(left), Some(above)) => {
                let corner = self.steps[place - self.columns - 1];
                // The median of left, above and the plane through all three (Martucci, 1990).
                (left + above - corner).clamp(left.min(above), left.max(above))
            }
        };
        let size = |place: Option<usize>| place.map_or(0, |place| self.sizes[place]);
        let around = size(left) + size(above);
        let difference = model.mean(answers, around, level - expected);
        self.sizes.push(difference.unsigned_abs());
        self.steps.push((expected + difference).clamp(-20_000, 20_000));
    }

    /// What the means show at a block, in parts: its mean, and how much it rises over a block to the
    /// right and downward.
    ///
    /// The slopes are limited as in B. van Leer, "Towards the ultimate conservative difference scheme
    /// IV", 1977: none goes beyond the means of the neighbours, so no edge rings.
    pub fn base(&self, block: usize, steps: Steps) -> Base {
        let columns = self.columns;
        let (column, rows) = (block % columns, self.steps.len() / columns);
        let row = block / columns;
        let mean = self.steps[block];
        let slope = |before: Option<i32>, after: Option<i32>| {
            let (before, after) = match (before, after) {
                (Some(before), Some(after)) => (mean - before, after - mean),
                (Some(before), None) => (mean - before, mean - before),
                (None, Some(after)) => (after - mean, after - mean),
                (None, None) => (0, 0),
            };
            if before.signum() != after.signum() {
                return 0;
            }
            let least = before.abs().min(after.abs());
            let middle = (before + after).abs() / 2;
            before.signum() * middle.min(2 * least) * steps.mean
        };
        let at = |is_there: bool, place: usize| is_there.then(|| self.steps[place]);
        Base {
            mean: mean * steps.mean,
            right: slope(
                at(column > 0, block.saturating_sub(1)),
                at(column + 1 < columns, (block + 1).min(self.steps.len() - 1)),
            ),
            down: slope(
                at(row > 0, block.saturating_sub(columns)),
                at(row + 1 < rows, (block + columns).min(self.steps.len() - 1)),
            ),
        }
    }
}

/// What a block shows without patches, in parts of levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// Of all its pixels.
    pub mean: i32,
    /// The rise from one block's middle to the next one's.
    pub right: i32,
    /// The same downward.
    pub down: i32,
}

/// How many patches stand in a block's left and upper neighbours together.
pub fn around(counts: &[u8], columns: usize) -> usize {
    let place = counts.len();
    let left = if place.is_multiple_of(columns) { 0 } else { usize::from(counts[place - 1]) };
    left + place.checked_sub(columns).map_or(0, |above| usize::from(counts[above]))
}

/// A block's pixels, in levels.
pub fn draw(base: Base, draws: &[Draw], steps: Steps, book: &Codebook) -> [u8; LARGE * LARGE] {
    let mut parts = [0_i32; LARGE * LARGE];
    for (place, part) in parts.iter_mut().enumerate() {
        let (x, y) = ((place % LARGE) as i32, (place / LARGE) as i32);
        *part = base.mean + (base.right * (2 * x - 7) + base.down * (2 * y - 7)) / 16;
    }
    for draw in draws {
        let amount = draw.amount * steps.amount;
        match draw.quarter {
            None => {
                for (part, pixel) in parts.iter_mut().zip(&book.large()[draw.place]) {
                    *part += (amount * i32::from(*pixel)) >> LARGE_BITS;
                }
            }
            Some(quarter) => {
                let corner =
                    usize::from(quarter >> 1) * SMALL * LARGE + usize::from(quarter & 1) * SMALL;
                for (place, pixel) in book.small()[draw.place].iter().enumerate() {
                    let at = corner + place / SMALL * LARGE + place % SMALL;
                    parts[at] += (amount * i32::from(*pixel)) >> SMALL_BITS;
                }
            }
        }
    }
    parts.map(|part| ((part + PARTS / 2) / PARTS).clamp(0, 255) as u8)
}

/// Softens the edges between blocks where they are lower than what the steps can do: `strength` 0..=7.
pub fn soften(plane: &mut Plane, steps: Steps, strength: u8) {
    let limit = steps.amount * i32::from(strength) / (8 * PARTS);
    if limit == 0 {
        return;
    }
    let (width, height) = (plane.width, plane.height);
    for y in 0..height {
        for x in (LARGE..width.saturating_sub(1)).step_by(LARGE) {
            soften_edge(&mut plane.levels, y * width + x, 1, limit);
        }
    }
    for y in (LARGE..height.saturating_sub(1)).step_by(LARGE) {
        for x in 0..width {
            soften_edge(&mut plane.levels, y * width + x, width, limit);
        }
    }
}

/// The edge before a place.
fn soften_edge(levels: &mut [u8], place: usize, pace: usize, limit: i32) {
    let places = [place - 2 * pace, place - pace, place, place + pace];
    let [far, near, here, next] = places.map(|place| i32::from(levels[place]));
    let step = here - near;
    let is_flat = (near - far).abs() * 2 < limit && (next - here).abs() * 2 < limit;
    if step.abs() >= limit || !is_flat {
        return;
    }
    let moved = [far + step / 8, near + step * 3 / 8, here - step * 3 / 8, next - step / 8];
    for (place, level) in places.into_iter().zip(moved) {
        levels[place] = level.clamp(0, 255) as u8;
    }
}
