//! The flash limiter: what may reach the audience without harming who is photosensitive.
//!
//! Pure code on the engine thread, between read-back and sinks: it measures each new programme
//! picture, counts flashes, and says how much of the picture may be shown. Allocates nothing after
//! it is made, reads no clock: a second is as many slots as the canvas has in one.
//!
//! What a flash is: W3C WCAG 2.2, "general flash and red flash thresholds" (success criteria 2.3.1
//! and 2.3.2), which is ITU-R BT.1702 in relative figures: a pair of opposing changes in relative
//! luminance of 10 % or more of the maximum, where the darker picture is below 0.80. Danger is more
//! than three of them in any one second, over more than a quarter of the picture. Relative luminance
//! is WCAG's (linear sRGB, weights 0.2126, 0.7152, 0.0722).
//!
//! Every programme picture passes here, live, recorded and rendered. The spliced stream as a file
//! (`--record-stream`, `render --copy`) is nobody's picture yet, and passes nothing; nor does `decay`.
//!
//! Not covered: the red flash, a change to or from a saturated red that keeps its luminance (red and
//! black differ in luminance and are counted); regular patterns; and a screen so near or so large
//! that less than a quarter of it fills ten degrees of somebody's view, where WCAG counts that part.

use super::clean::crossfaded;
use crate::units::{Canvas, Picture};

/// Flashes that may pass in any one second.
const FLASHES_PER_SECOND: usize = 3;

/// A flash is a pair of changes.
const CHANGES_PER_SECOND: usize = 2 * FLASHES_PER_SECOND;

/// The grid that a flash's area is counted on: squares of 40 pixels in a picture of 1280x720.
const COLUMNS: usize = 32;
const ROWS: usize = 18;
const CELLS: usize = COLUMNS * ROWS;

/// Cells that may flash: a quarter of the picture.
const CELLS_ALLOWED: usize = CELLS / 4;

/// Places measured in each cell, across and down.
const PLACES: usize = 8;

/// Pixels of each place, side by side. Finer detail than that is no flash to the eye (WCAG leaves
/// out patterns finer than 0.1 degree), and noise averages out.
const PLACE_PX: usize = 4;

/// Relative luminance 1.
const WHITE: u32 = 65_536;

/// A change: a tenth of the maximum, less a hundredth for whatever encoders and screens add.
const CHANGE: u32 = WHITE / 100 * 9;

/// Where the darker picture is as bright as this it is no flash: 0.80, with the same margin.
const BRIGHT: u32 = WHITE / 100 * 81;

/// The smallest part told apart: a thirty-second, since each halving measures the picture again.
const PART_STEP: u16 = 8;

/// A change long ago, or never.
const NEVER: i64 = i64::MIN / 2;

/// Which way a cell's luminance went when it last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Unknown,
    Brighter,
    Darker,
}

/// What is remembered of a cell.
#[derive(Clone, Copy, Debug)]
struct Cell {
    way: Way,
    /// The extremes since the last change.
    low: u32,
    high: u32,
    /// Slots of the last changes, the newest first.
    changes: [i64; CHANGES_PER_SECOND + 1],
}

impl Cell {
    /// One that has shown nothing but this luminance.
    fn new(luminance: u32) -> Self {
        let changes = [NEVER; CHANGES_PER_SECOND + 1];
        Self { way: Way::Unknown, low: luminance, high: luminance, changes }
    }

    /// The way in which this luminance would be a change that opposes the last one.
    fn change(&self, luminance: u32) -> Option<Way> {
        let is_brighter = luminance >= self.low + CHANGE && self.low < BRIGHT;
        let is_darker = luminance + CHANGE <= self.high && luminance < BRIGHT;
        match self.way {
            Way::Unknown | Way::Darker if is_brighter => Some(Way::Brighter),
            Way::Unknown | Way::Brighter if is_darker => Some(Way::Darker),
            _ => None,
        }
    }

    /// Whether with this luminance more changes lie after slot `since` than may.
    fn is_over(&self, luminance: u32, since: i64) -> bool {
        let place = CHANGES_PER_SECOND - usize::from(self.change(luminance).is_some());
        self.changes[place] > since
    }

    /// This luminance is shown.
    fn show(&mut self, luminance: u32, slot: i64) {
        if let Some(way) = self.change(luminance) {
            self.way = way;
            (self.low, self.high) = (luminance, luminance);
            self.changes.rotate_right(1);
            self.changes[0] = slot;
        }
        self.low = self.low.min(luminance);
        self.high = self.high.max(luminance);
    }
}

/// Counts flashes and says how much of a picture may be shown. Slots are those of the canvas's rate.
pub struct FlashLimiter {
    width: usize,
    height: usize,
    /// Slots of one second.
    window: i64,
    /// What each gamma-coded level of red, green and blue adds to the luminance.
    linear: [[u32; 256]; 3],
    cells: Box<[Cell; CELLS]>,
    /// Whether the cells know a picture.
    is_begun: bool,
    /// Luminance of the picture in question.
    measured: Box<[u32; CELLS]>,
}

impl FlashLimiter {
    /// The whole of a picture, in the parts that [`Self::allow`] answers in.
    pub const WHOLE: u16 = 256;

    /// For pictures of this size and rate.
    pub fn new(canvas: Canvas) -> Self {
        Self {
            width: canvas.width as usize,
            height: canvas.height as usize,
            window: canvas.rate.hertz().ceil() as i64,
            linear: [0.2126, 0.7152, 0.0722].map(|weight| {
                std::array::from_fn(|level| {
                    (weight * linear(level as f64 / 255.0) * f64::from(WHITE)).round() as u32
                })
            }),
            cells: Box::new([Cell::new(0); CELLS]),
            is_begun: false,
            measured: Box::new([0; CELLS]),
        }
    }

    /// Forgets what was shown.
    pub fn reset(&mut self) {
        self.is_begun = false;
    }

    /// How much of `next` may be crossfaded into `last` for this slot, 0..=256 parts of 256: all of
    /// it where nobody is in danger. Both are packed I420. [`Self::shown`] says that it was done.
    pub fn allow(&mut self, slot: u64, last: &[u8], next: &[u8]) -> u16 {
        let since = slot as i64 - self.window;
        self.measure(|place| next[place]);
        if !self.is_begun || self.is_safe(since) {
            return Self::WHOLE;
        }
        // What was shown last is safe again; the most that is safe lies between.
        let (mut safe, mut unsafe_part) = (0, Self::WHOLE);
        while unsafe_part - safe > PART_STEP {
            let part = safe.midpoint(unsafe_part);
            self.measure_mixed(last, next, part);
            if self.is_safe(since) {
                safe = part;
            } else {
                unsafe_part = part;
            }
        }
        self.measure_mixed(last, next, safe);
        safe
    }

    /// Shows `next` after `last` in this slot, or as much of it as may be: the rest is crossfaded
    /// away. Returns whether something was.
    pub fn limit(&mut self, slot: u64, last: &Picture, next: &mut Picture) -> bool {
        let part = self.allow(slot, last.data(), next.data());
        self.shown(slot);
        if part < Self::WHOLE {
            for (to, from) in next.data_mut().iter_mut().zip(last.data()) {
                *to = crossfaded(*from, *to, part);
            }
        }
        part < Self::WHOLE
    }

    /// As much of the picture as [`Self::allow`] has just allowed is shown in this slot.
    pub fn shown(&mut self, slot: u64) {
        for (cell, luminance) in self.cells.iter_mut().zip(self.measured.iter()) {
            if !self.is_begun {
                *cell = Cell::new(*luminance);
            }
            cell.show(*luminance, slot as i64);
        }
        self.is_begun = true;
    }

    fn is_safe(&self, since: i64) -> bool {
        let cells = self.cells.iter().zip(self.measured.iter());
        cells.filter(|(cell, luminance)| cell.is_over(**luminance, since)).count() <= CELLS_ALLOWED
    }

    fn measure_mixed(&mut self, last: &[u8], next: &[u8], part: u16) {
        self.measure(|place| crossfaded(last[place], next[place], part));
    }

    /// Measures every cell's mean luminance; `sample` gives a byte of the packed picture.
    #[inline]
    fn measure(&mut self, sample: impl Fn(usize) -> u8) {
        let (width, height) = (self.width, self.height);
        let (cb_plane, cr_plane) = (width * height, width * height * 5 / 4);
        self.measured.fill(0);
        for row in 0..ROWS * PLACES {
            let y = (2 * row + 1) * height / (2 * ROWS * PLACES);
            let cells = &mut self.measured[row / PLACES * COLUMNS..][..COLUMNS];
            for column in 0..COLUMNS * PLACES {
                let x = (column * width / (COLUMNS * PLACES)).min(width - PLACE_PX) & !1;
                let luma = y * width + x;
                let chroma = y / 2 * (width / 2) + x / 2;
                let sum: u32 = (luma..luma + PLACE_PX).map(|place| u32::from(sample(place))).sum();
                let mean = (sum / PLACE_PX as u32) as u8;
                let colour = [mean, sample(cb_plane + chroma), sample(cr_plane + chroma)];
                cells[column / PLACES] += luminance(&self.linear, colour);
            }
        }
        for cell in self.measured.iter_mut() {
            *cell /= (PLACES * PLACES) as u32;
        }
    }
}

/// A level of sRGB, 0..=1, made linear (IEC 61966-2-1, as WCAG has it in "relative luminance").
fn linear(level: f64) -> f64 {
    if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
}

/// Relative luminance of Y', Cb, Cr (BT.709, limited range): R' = 255 / 219 (Y' - 16) + 255 / 224
/// 1.5748 (Cr - 128) and so on (ITU-R BT.709-6, items 3.2 to 3.4), in 1/65536.
#[inline]
fn luminance(linear: &[[u32; 256]; 3], [y, cb, cr]: [u8; 3]) -> u32 {
    let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
    let grey = 76_309 * (i32::from(y) - 16) + 32_768;
    let levels = [117_489 * cr, -13_975 * cb - 34_925 * cr, 138_438 * cb];
    let [red, green, blue] = levels.map(|colour| ((grey + colour) >> 16).clamp(0, 255) as usize);
    linear[0][red] + linear[1][green] + linear[2][blue]
}

#[cfg(test)]
#[path = "flash_tests.rs"]
mod tests;
