//! The ways in which a picture loses.

use super::{
    super::{
        decay,
        options::{LossWay, RecogniseOptions},
    },
    results,
    rounds::{Step, Way},
};
use crate::{
    decay::{
        dct::{Dct, Sampling, file::write_jpeg, reference::round_trip, tables::quality_percent},
        rgb::Rgb,
        unpacked,
    },
    engine,
    export::LoopAlone,
    gpu::Gpu,
};
use anyhow::{Context, Result};
use image::{ImageBuffer, imageops::FilterType};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// By how much the box shrinks in a round, in pixels.
const SHRINK_PX: u32 = 10;

pub fn start(options: &RecogniseOptions, way: LossWay, picture: &Rgb) -> Result<Box<dyn Way>> {
    Ok(match way {
        LossWay::Resize => Box::new(Resize { original: results::image(picture)?, round: 0 }),
        LossWay::Jpeg => Box::new(Jpeg { picture: picture.clone(), seed: options.seed, round: 0 }),
        LossWay::Decay => {
            let registry = Arc::new(engine::registry()?);
            let store = decay::look(&registry, &options.look)?;
            let gpu = Gpu::headless()?;
            let alone = LoopAlone::start(gpu, &registry, store, picture, true, options.seed)
                .with_context(|| options.picture.display().to_string())?;
            let mut way = Decay { alone };
            // The frame before the first generation.
            way.alone.frame(false)?;
            Box::new(way)
        }
    })
}

/// The original, ever smaller: never made of what was made small before.
struct Resize {
    original: ImageBuffer<image::Rgb<u8>, Vec<u8>>,
    round: u32,
}

impl Way for Resize {
    fn next(&mut self) -> Result<Option<Step>> {
        self.round += 1;
        let (width, height) = self.original.dimensions();
        let Some((width, height)) = boxed(width, height, self.round * SHRINK_PX) else {
            return Ok(None);
        };
        let small = image::imageops::resize(&self.original, width, height, FilterType::CatmullRom);
        let file = results::png(&small)?;
        let picture = results::rgb(small);
        Ok(Some(Step { picture, file, state: format!("{width}x{height}") }))
    }
}

/// The largest picture of this shape in the box that is so many pixels smaller both ways; none where
/// nothing is left of the box.
fn boxed(width: u32, height: u32, less: u32) -> Option<(u32, u32)> {
    let inner = |side: u32| side.checked_sub(less).filter(|side| *side > 0);
    let (across, down) = (inner(width)?, inner(height)?);
    let scale = (f64::from(across) / f64::from(width)).min(f64::from(down) / f64::from(height));
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    Some((side(width), side(height)))
}

/// A JPEG file of the file before, each of another quality.
struct Jpeg {
    picture: Rgb,
    seed: u64,
    round: u64,
}

impl Way for Jpeg {
    fn next(&mut self) -> Result<Option<Step>> {
        self.round += 1;
        let quality = (xxh3_64_with_seed(&self.round.to_le_bytes(), self.seed) % 101) as u32;
        // As libjpeg has it, quality 0 is quality 1.
        let tables = Dct::ANNEX_K.scaled(quality_percent(quality.max(1)));
        let file = write_jpeg(&self.picture, &tables, Sampling::Yuv420)?;
        // What a decoder makes of that file.
        self.picture = round_trip(&self.picture, &tables, Sampling::Yuv420);
        let state = format!("quality {quality}");
        Ok(Some(Step { picture: self.picture.clone(), file, state }))
    }
}

/// The decay chain, a generation at a time, in colour.
struct Decay {
    alone: LoopAlone,
}

impl Way for Decay {
    fn next(&mut self) -> Result<Option<Step>> {
        let frame = self.alone.frame(true)?;
        let state = format!("generation {}", frame.number);
        let file = frame.file.unwrap_or_default();
        Ok(Some(Step { picture: unpacked(&frame.shown), file, state }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_shrinks_both_ways_and_the_shape_stays() {
        assert_eq!(boxed(480, 480, 470), Some((10, 10)));
        // 390 of 400 and 190 of 200: the second is the narrower, 0.95.
        assert_eq!(boxed(400, 200, 10), Some((380, 190)));
        assert_eq!(boxed(400, 16, 10), Some((150, 6)));
        assert_eq!(boxed(400, 20, 20), None);
        assert_eq!(boxed(5, 400, 10), None);
    }
}
