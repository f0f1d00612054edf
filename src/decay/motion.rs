//! Motion: how much the clip moves at each pixel, followed while a stage asks for it.
//!
//! It stands in the alpha of the decoded picture, and is 255 everywhere at first.

#[cfg(test)]
use super::rgb::Rgb;
use crate::gpu::ShaderText;

/// The pass that follows it.
pub const MOTION: ShaderText = ShaderText {
    name: "motion",
    parts: &[include_str!("../../shaders/picture.wgsl"), include_str!("../../shaders/motion.wgsl")],
};

/// CPU reference: the motion after a new decoded picture.
#[cfg(test)]
pub fn followed(new: &Rgb, before: &Rgb, motion: &[u8]) -> Vec<u8> {
    let (width, height) = (new.width as i64, new.height as i64);
    let cross = |x: i64, y: i64| [(x, y), (x + 2, y), (x - 2, y), (x, y + 2), (x, y - 2)];
    let difference = |(x, y): (i64, i64)| -> i32 {
        let pair = new.clamped(x, y).into_iter().zip(before.clamped(x, y));
        pair.map(|(one, other)| i32::from(one.abs_diff(other))).sum()
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let followed = places.map(|(x, y)| {
        let around: i32 = cross(x, y).map(difference).into_iter().sum();
        let kept = (i32::from(motion[(y * width + x) as usize]) * 240) >> 8;
        (around - 60).clamp(0, 255).max(kept) as u8
    });
    followed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{rig, test_picture};

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let (new, other) = (test_picture(70, 46, 1), test_picture(70, 46, 2));
        // Alike on the left, more and more different to the right.
        let before = Rgb::from_fn(70, 46, |x, y| {
            let (new, other) = (new.pixels[y * 70 + x], other.pixels[y * 70 + x]);
            std::array::from_fn(|i| {
                let way = (i32::from(other[i]) - i32::from(new[i])) * x as i32 / 140;
                (i32::from(new[i]) + way) as u8
            })
        });
        let motion: Vec<u8> = test_picture(70, 46, 5).pixels.iter().map(|pixel| pixel[2]).collect();
        let wanted = followed(&new, &before, &motion);
        assert_eq!(rig.motion(&new, &before, &motion), wanted);
    }
}
