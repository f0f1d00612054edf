//! Packed I420 to working pictures and back, and the programme's level.
//!
//! BT.709, limited range: Y' = 16 + 219 (0.2126 R' + 0.7152 G' + 0.0722 B'),
//! Cb = 128 + 224 (B' - Y') / 1.8556, Cr = 128 + 224 (R' - Y') / 1.5748 (ITU-R BT.709-6, items 3.2 to
//! 3.4), in 1/65536. Each of the 2x2 pixels of a chroma sample takes that chroma as it is, so that a
//! picture which is unpacked and packed again is the same within a level where its colours exist.

#[cfg(test)]
use super::rgb::Rgb;
#[cfg(test)]
use crate::units::Picture;
use bytemuck::{Pod, Zeroable};

/// Uniform of `i420.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct I420 {
    /// Of `pack`: 0 = the decoded picture, 65536 = the worn one.
    pub mix_q16: i32,
    /// Of `level`: 65536 = as it is, 0 = black.
    pub level_q16: i32,
    /// Width of the luma plane in pixels, even.
    pub width: u32,
    /// Height of the luma plane in pixels, even.
    pub height: u32,
}

/// CPU reference of `unpack`.
#[cfg(test)]
pub fn unpacked(picture: &Picture) -> Rgb {
    let planes = picture.planes();
    let width = picture.width() as usize;
    let blank = Rgb::from_fn(width, picture.height() as usize, |_, _| [0; 3]);
    blank.map(|x, y, _| {
        let chroma = (y / 2) * (width / 2) + x / 2;
        let luma = 76309 * (i32::from(planes.data[0][y * width + x]) - 16) + 32768;
        let cb = i32::from(planes.data[1][chroma]) - 128;
        let cr = i32::from(planes.data[2][chroma]) - 128;
        [117489 * cr, -13975 * cb - 34925 * cr, 138438 * cb].map(|colour| (luma + colour) >> 16)
    })
}

/// CPU reference of `pack`.
#[cfg(test)]
pub fn packed(picture: &Rgb) -> Picture {
    let (width, height) = (picture.width, picture.height);
    let mut data = Vec::with_capacity(width * height * 3 / 2);
    for pixel in &picture.pixels {
        let [r, g, b] = pixel.map(i32::from);
        data.push((16 + ((11966 * r + 40254 * g + 4064 * b + 32768) >> 16)) as u8);
    }
    for weights in [[-6596, -22188, 28784], [28784, -26145, -2639]] {
        for y in (0..height).step_by(2) {
            for x in (0..width).step_by(2) {
                let mut sum = 131_072;
                for place in [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)] {
                    let pixel = picture.pixels[place.1 * width + place.0].map(i32::from);
                    sum += (0..3).map(|channel| pixel[channel] * weights[channel]).sum::<i32>();
                }
                data.push((128 + (sum >> 18)) as u8);
            }
        }
    }
    let mut packed = Picture::black(width as u32, height as u32);
    packed.data_mut().copy_from_slice(&data);
    packed
}
