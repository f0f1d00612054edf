//! Packed I420 to working pictures and back, and the programme's level.
//!
//! BT.709, limited range: Y' = 16 + 219 (0.2126 R' + 0.7152 G' + 0.0722 B'),
//! Cb = 128 + 224 (B' - Y') / 1.8556, Cr = 128 + 224 (R' - Y') / 1.5748 (ITU-R BT.709-6, items 3.2 to
//! 3.4), in 1/65536. Each of the 2x2 pixels of a chroma sample takes that chroma as it is, so that a
//! picture which is unpacked and packed again is the same within a level where its colours exist.

use super::rgb::Rgb;
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

/// The colours of a picture: CPU reference of `unpack`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::{
        fixed::q16,
        noise::pcg4d,
        testing::{assert_same, rig, test_picture},
    };

    /// 70x46 has rows and planes that end within a word; 72x46 does not.
    const SIZES: [(u32, u32); 2] = [(70, 46), (72, 46)];

    fn uniform((width, height): (u32, u32), mix: f64, level: f64) -> I420 {
        I420 { mix_q16: q16(mix), level_q16: q16(level), width, height }
    }

    fn any_packed((width, height): (u32, u32), seed: u32) -> Picture {
        let mut picture = Picture::black(width, height);
        for (place, sample) in (0..).zip(picture.data_mut()) {
            *sample = pcg4d([place, seed, 0, 0])[0] as u8;
        }
        picture
    }

    /// ITU-R BT.709-6, items 3.2 to 3.4, written out in f64: Y', Cb, Cr of R'G'B' in 0..=255.
    fn standard(rgb: [u8; 3]) -> [f64; 3] {
        let [r, g, b] = rgb.map(|level| f64::from(level) / 255.0);
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let chroma = [(b - y) / 1.8556, (r - y) / 1.5748];
        [16.0 + 219.0 * y, 128.0 + 224.0 * chroma[0], 128.0 + 224.0 * chroma[1]]
    }

    #[test]
    fn packing_follows_the_standard() {
        for number in 0..500 {
            let hash = pcg4d([number, 1, 2, 3]);
            let corner = |bit: u32| if hash[1] >> bit & 1 == 1 { 255 } else { 0 };
            // Every second colour is a corner of the cube, where sums are largest.
            let colour = match number % 2 {
                0 => [hash[0] as u8, (hash[0] >> 8) as u8, (hash[0] >> 16) as u8],
                _ => [corner(0), corner(1), corner(2)],
            };
            let packed = packed(&Rgb::from_fn(2, 2, |_, _| colour));
            let wanted = standard(colour);
            for (sample, wanted) in [0, 4, 5].map(|at| packed.data()[at]).iter().zip(wanted) {
                assert!((f64::from(*sample) - wanted).abs() <= 0.52, "{colour:?}: {wanted}");
            }
        }
    }

    #[test]
    fn unpacked_and_packed_again_is_the_same_within_a_level() {
        // Standard samples of real colours: every colour exists.
        let blocks = test_picture(35, 23, 6);
        let colours = Rgb::from_fn(70, 46, |x, y| blocks.pixels[(y / 2) * 35 + x / 2]);
        let first = packed(&colours);
        let again = packed(&unpacked(&first));
        let most = first.data().iter().zip(again.data()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(most <= Some(1), "{most:?}");
    }

    #[test]
    fn unpack_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        for size in SIZES {
            let picture = any_packed(size, 1);
            let result = rig.unpack(&uniform(size, 1.0, 1.0), picture.data(), size);
            assert_same(&result, &unpacked(&picture));
        }
    }

    #[test]
    fn pack_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        for size in SIZES {
            let (width, height) = (size.0 as usize, size.1 as usize);
            let (worn, decoded) = (test_picture(width, height, 1), test_picture(width, height, 2));
            let pack = |mix| rig.pack(&uniform(size, mix, 1.0), &worn, &decoded);
            assert!(pack(1.0) == packed(&worn).data());
            assert!(pack(0.0) == packed(&decoded).data());
            let mix_q16 = q16(0.3);
            let mixed = worn.map(|x, y, worn| {
                let decoded = decoded.pixels[y * width + x];
                std::array::from_fn(|channel| {
                    let (worn, decoded) = (i32::from(worn[channel]), i32::from(decoded[channel]));
                    decoded + (((worn - decoded) * mix_q16 + 32768) >> 16)
                })
            });
            assert!(pack(0.3) == packed(&mixed).data());
        }
    }

    #[test]
    fn level_fades_to_exact_black() {
        let Some(rig) = rig() else { return };
        for size in SIZES {
            let picture = any_packed(size, 2);
            let at = |level| rig.level(&uniform(size, 1.0, level), picture.data(), size);
            assert!(at(1.0) == picture.data());
            assert!(at(0.0) == Picture::black(size.0, size.1).data());
            let luma_samples = (size.0 * size.1) as usize;
            for (place, (sample, old)) in at(0.5).iter().zip(picture.data()).enumerate() {
                let black = if place < luma_samples { 16.0 } else { 128.0 };
                let wanted = black + (f64::from(*old) - black) * 0.5;
                assert!((f64::from(*sample) - wanted).abs() <= 0.5, "{place}");
            }
        }
    }
}
