//! What the clip itself gives: how much moves, and how bright it is.

use crate::{
    bitstream::Stream,
    clip::Clip,
    modulation::Spread,
    units::{AccessUnitIndex, Direction, Picture},
};

/// Every how many rows and columns luma is looked at, which is every 64th pixel.
const LUMA_STEP: usize = 8;

/// Luma of black, and from there to white: limited range, BT.709.
const BLACK: f64 = 16.0;
const LUMA_SPAN: f64 = 219.0;

/// How many bytes the access units of each clip have.
#[derive(Debug, Default)]
pub struct Features {
    /// Of each clip, forward and backward.
    spreads: Vec<[Spread; 2]>,
}

impl Features {
    /// With room for so many clips.
    pub fn with_capacity(clips: usize) -> Self {
        Self { spreads: Vec::with_capacity(clips) }
    }

    /// One more clip. Takes time in proportion to its length.
    pub fn add(&mut self, clip: &Clip) {
        self.spreads.push([spread(&clip.forward), spread(&clip.backward)]);
    }

    /// How much moves in an access unit of so many bytes, 0..=1, for its clip.
    pub fn motion(&self, clip: usize, direction: Direction, bytes: usize) -> f64 {
        let Some([forward, backward]) = self.spreads.get(clip) else { return 0.0 };
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        match direction {
            Direction::Forward => forward.part(bytes),
            Direction::Backward => backward.part(bytes),
        }
    }
}

/// That of the predicted pictures: an intra picture's bytes are no motion.
fn spread(stream: &Stream) -> Spread {
    let units = (0..u32::try_from(stream.len()).unwrap_or(u32::MAX)).map(AccessUnitIndex);
    let predicted = units.filter(|unit| !stream.is_intra(*unit));
    // Streams stay below 4 GiB.
    let bytes = |unit| u32::try_from(stream.access_unit(unit).len()).unwrap_or(u32::MAX);
    Spread::of(&mut predicted.map(bytes).collect::<Vec<_>>())
}

/// The mean luma, 0 (black) to 1 (white), of a 64th of all pixels.
pub fn mean_luma(picture: &Picture) -> f64 {
    let planes = picture.planes();
    let rows =
        planes.data[0].chunks(planes.stride[0].max(1)).skip(LUMA_STEP / 2).step_by(LUMA_STEP);
    let (mut sum, mut count) = (0_u64, 0_u64);
    for row in rows {
        for luma in row.iter().skip(LUMA_STEP / 2).step_by(LUMA_STEP) {
            sum += u64::from(*luma);
            count += 1;
        }
    }
    let mean = sum as f64 / count.max(1) as f64;
    ((mean - BLACK) / LUMA_SPAN).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_is_that_of_the_picture() {
        let mut picture = Picture::black(64, 32);
        assert_eq!(mean_luma(&picture), 0.0);
        picture.data_mut()[..64 * 32].fill(235);
        assert_eq!(mean_luma(&picture), 1.0);
        // White in the left half, and a chroma that must not count.
        for row in 0..32 {
            picture.data_mut()[row * 64 + 32..][..32].fill(16);
        }
        picture.data_mut()[64 * 32..].fill(240);
        assert_eq!(mean_luma(&picture), 0.5);
        // Beyond the range is as far as the range goes.
        picture.data_mut()[..64 * 32].fill(0);
        assert_eq!(mean_luma(&picture), 0.0);
    }
}
