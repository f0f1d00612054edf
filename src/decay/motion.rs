//! Motion: how much the clip moves at each pixel, followed while a stage asks for it.
//!
//! It stands in the alpha of the decoded picture, and is 0 everywhere at first: only two pictures that
//! follow each other tell of motion.

#[cfg(test)]
use super::rgb::Rgb;
use super::stage::PICTURE;
use crate::gpu::ShaderText;

/// The pass that follows it.
pub const MOTION: ShaderText =
    ShaderText { name: "motion", parts: &[PICTURE, include_str!("../../shaders/motion.wgsl")] };

/// CPU reference: the motion after a new decoded picture.
#[cfg(test)]
pub fn followed(new: &Rgb, before: &Rgb, motion: &[u8]) -> Vec<u8> {
    let (width, height) = (new.width as i64, new.height as i64);
    let cross = |x: i64, y: i64| [(x, y), (x + 4, y), (x - 4, y), (x, y + 4), (x, y - 4)];
    let difference = |(x, y): (i64, i64)| -> i32 {
        let pair = new.clamped(x, y).into_iter().zip(before.clamped(x, y));
        pair.map(|(one, other)| i32::from(one.abs_diff(other))).sum()
    };
    let old = |(x, y): (i64, i64)| {
        i32::from(motion[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize])
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let followed = places.map(|(x, y)| {
        let differences: i32 = cross(x, y).map(difference).into_iter().sum();
        let motions = 3 * old((x, y)) + cross(x, y).map(old).into_iter().sum::<i32>();
        ((differences - 45) * 2).clamp(0, 255).max((motions * 244) >> 11) as u8
    });
    followed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decay::{
            black_and_white::{BLACK_AND_WHITE_AMOUNT, black_and_white, video},
            chain_tests::Bench,
            fixed::ONE_Q16,
            i420::{packed, unpacked},
            mask::{MASK_AMOUNT, MASK_SOFTNESS},
            testing::{rig, test_picture},
        },
        units::Picture,
    };

    fn flat(level: u8) -> Rgb {
        Rgb::from_fn(20, 20, |_, _| [level; 3])
    }

    #[test]
    fn grain_is_no_motion_and_a_change_is() {
        let none = [0; 400];
        // Five pixels of three colours: 15 times the difference, less 45, twice.
        for (level, wanted) in [(100, 0), (103, 0), (97, 0), (104, 30), (110, 210), (0, 255)] {
            assert_eq!(followed(&flat(level), &flat(100), &none), [wanted; 400], "{level}");
        }
        // A single pixel that is 30 levels off counts at five places: (90 - 45) * 2.
        let mut speck = flat(100);
        speck.pixels[8 * 20 + 9] = [130; 3];
        let motion = followed(&speck, &flat(100), &none);
        assert_eq!(motion[8 * 20 + 9], 90);
        assert_eq!((motion[8 * 20 + 5], motion[12 * 20 + 9], motion[8 * 20 + 10]), (90, 90, 0));
        assert_eq!(motion.iter().filter(|motion| **motion > 0).count(), 5);
    }

    #[test]
    fn motion_spreads_fades_and_ends() {
        let mut motion = vec![0; 400];
        motion[8 * 20 + 9] = 255;
        let next = followed(&flat(9), &flat(9), &motion);
        // 4 * 255 * 244 / 2048 = 121.5 at its place, 255 * 244 / 2048 = 30.4 around.
        assert_eq!((next[8 * 20 + 9], next[8 * 20 + 13], next[4 * 20 + 9]), (121, 30, 30));
        assert_eq!(next.iter().filter(|motion| **motion > 0).count(), 5);
        let mut motion = vec![255; 400];
        for _ in 0..14 {
            motion = followed(&flat(9), &flat(9), &motion);
        }
        // 255 * (244 / 256)^14 = 130, and up to one level less in every picture.
        assert!(motion.iter().all(|motion| (116..=130).contains(motion)), "{}", motion[0]);
        for _ in 14..90 {
            motion = followed(&flat(9), &flat(9), &motion);
        }
        assert_eq!(motion, [0; 400]);
    }

    #[test]
    fn the_chain_follows_pictures_that_follow_each_other() {
        let Some(mut bench) = Bench::new(70, 46) else { return };
        let red = packed(&Rgb::from_fn(70, 46, |_, _| [200, 30, 30]));
        let blue = packed(&Rgb::from_fn(70, 46, |_, _| [30, 30, 200]));
        let clean = |picture: &Picture| packed(&unpacked(picture)).data().to_vec();
        let grey = |picture: &Picture| {
            packed(&black_and_white(&unpacked(picture), &video(ONE_Q16))).data().to_vec()
        };
        // A generation that is masked shows the clip, one that is not shows it without colour.
        bench.set(&BLACK_AND_WHITE_AMOUNT, 1.0);
        bench.set(&MASK_AMOUNT, 1.0);
        bench.set(&MASK_SOFTNESS, 0.0);
        assert!(bench.tick(Some(&red), 1) == clean(&red), "the first picture");
        assert!(bench.tick(Some(&red), 1) == clean(&red), "it stands still");
        assert!(bench.tick(Some(&blue), 1) == grey(&blue), "another one");
        assert!(bench.tick(Some(&blue), 1) == grey(&blue), "motion lasts");
        for _ in 0..90 {
            bench.tick(Some(&blue), 1);
        }
        assert!(bench.tick(Some(&blue), 1) == clean(&blue), "but not for ever");
        // Pictures that nobody looked at are no motion.
        for row in [&BLACK_AND_WHITE_AMOUNT, &MASK_AMOUNT] {
            bench.set(row, 0.0);
        }
        assert!(bench.tick(Some(&blue), 1) == blue.data());
        assert!(bench.tick(Some(&red), 1) == red.data());
        for row in [&BLACK_AND_WHITE_AMOUNT, &MASK_AMOUNT] {
            bench.set(row, 1.0);
        }
        assert!(bench.tick(Some(&red), 1) == clean(&red), "on again");
        assert!(bench.tick(Some(&red), 1) == clean(&red));
        assert!(bench.tick(Some(&blue), 1) == grey(&blue));
    }

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
