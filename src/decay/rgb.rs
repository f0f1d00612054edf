//! A picture of 8-bit R'G'B' levels in memory, for the CPU references and for files.

/// Gamma-coded BT.709 R'G'B', 8 bits a channel, rows without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgb {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width * height` pixels, row by row.
    pub pixels: Vec<[u8; 3]>,
}

impl Rgb {
    /// A picture made pixel by pixel from (x, y).
    pub fn from_fn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Self {
        let pixels = (0..width * height).map(|i| pixel(i % width, i / width)).collect();
        Self { width, height, pixels }
    }

    /// The pixel at a place, or at the nearest edge where the place is outside.
    pub fn clamped(&self, x: i64, y: i64) -> [u8; 3] {
        let x = x.clamp(0, self.width as i64 - 1) as usize;
        let y = y.clamp(0, self.height as i64 - 1) as usize;
        self.pixels[y * self.width + x]
    }

    /// The picture that `change` makes of every pixel with its place.
    pub fn map(&self, change: impl Fn(usize, usize, [u8; 3]) -> [i32; 3]) -> Self {
        Self::from_fn(self.width, self.height, |x, y| {
            change(x, y, self.pixels[y * self.width + x]).map(|level| level.clamp(0, 255) as u8)
        })
    }
}
