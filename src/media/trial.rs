//! A try before an import: the first two seconds of a source as a clip, and how that moshes.
//!
//! Runs on the caller's thread, as an import does.

use super::{
    coding::{self, Recipe},
    fault::Fault,
    hold,
    import::{import, other_content},
    lane::Lane,
    request::{ImportError, ImportRequest, Progress, SourceHashes},
};
use crate::{
    clip::{Meta, StreamFile},
    units::Planes,
};
use std::{ops::ControlFlow, path::Path};

/// How much of a source is tried, in seconds: the hold is taken at two, which takes a picture more.
const SECS: f64 = 2.1;
/// Width of a picture of the sheet in pixels, at most.
const WIDTH: u32 = 256;
/// Pictures beside each other on the sheet.
const COLUMNS: usize = 6;
/// Of so many pictures one is on the sheet.
const EVERY: u32 = 2;

/// What came of a try.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The facts on the two seconds as a clip.
    pub meta: Meta,
    /// What they look like on top of another picture.
    pub sheet: Sheet,
}

/// Small pictures beside and below each other, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Width of one picture in pixels.
    pub width: usize,
    /// Height of one picture in pixels.
    pub height: usize,
    /// Pictures in a row.
    pub columns: usize,
    /// How many there are.
    pub count: usize,
    /// How many are to be shown in a second.
    pub hertz: f64,
    /// All rows of the sheet, R G B A.
    pub rgba: Vec<u8>,
}

impl Sheet {
    /// Width and height of the whole in pixels.
    pub fn size(&self) -> [usize; 2] {
        [self.width * self.columns, self.height * self.count.div_ceil(self.columns.max(1))]
    }

    fn push(&mut self, planes: &Planes<'_>) {
        let (row, column) = (self.count / self.columns, self.count % self.columns);
        self.count += 1;
        let [stride, rows] = self.size();
        self.rgba.resize(stride * rows * 4, 255);
        for y in 0..self.height {
            let from_y = y * planes.height as usize / self.height;
            for x in 0..self.width {
                let from_x = x * planes.width as usize / self.width;
                let to = (row * self.height + y) * stride + column * self.width + x;
                self.rgba[to * 4..to * 4 + 3].copy_from_slice(&colour(planes, from_x, from_y));
            }
        }
    }
}

/// R'G'B' of a pixel. ITU-R BT.709-6, items 3.2 to 3.4 (8 bits, limited range).
fn colour(planes: &Planes<'_>, x: usize, y: usize) -> [u8; 3] {
    let sample = |plane: usize, x: usize, y: usize| {
        f32::from(planes.data[plane].get(y * planes.stride[plane] + x).copied().unwrap_or(128))
    };
    let luma = (sample(0, x, y) - 16.0) / 219.0;
    let [blue, red] = [1, 2].map(|plane| (sample(plane, x / 2, y / 2) - 128.0) / 224.0);
    let r = luma + 1.5748 * red;
    let b = luma + 1.8556 * blue;
    let g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152;
    [r, g, b].map(|level| (level * 255.0).round().clamp(0.0, 255.0) as u8)
}

/// Imports the first two seconds of a source into `staging`, which is the caller's to remove, and
/// looks how they mosh.
///
/// # Errors
/// As [`import`].
pub fn trial(
    request: &ImportRequest,
    staging: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Trial, ImportError> {
    let request = ImportRequest {
        first_secs: Some(SECS),
        still_secs: request.still_secs.min(SECS),
        ..request.clone()
    };
    // Nobody will look for it by what it was made from.
    let unknown = SourceHashes { source: String::new(), backward: None };
    let meta = import(&request, &unknown, staging, progress)?.meta;
    super::init()?;
    let (coding, _) = coding::available(&request.coding);
    let recipe = Recipe::of(&coding)?;
    let lane = Lane { request: &request, recipe: &recipe, staging };
    let sheet = sheet(lane).map_err(|fault| lane.failed(fault))?;
    Ok(Trial { meta, sheet })
}

fn sheet(lane: Lane<'_>) -> Result<Sheet, Fault> {
    let (clip, _) =
        lane.read(StreamFile::Forward).map_err(|error| Fault::Other(error.to_string()))?;
    let other = other_content(lane)?;
    let canvas = lane.request.canvas;
    let width = canvas.width.min(WIDTH);
    let height = (canvas.height * width / canvas.width.max(1)).max(1);
    let mut sheet = Sheet {
        width: width as usize,
        height: height as usize,
        columns: COLUMNS,
        hertz: canvas.rate.hertz() / f64::from(EVERY),
        ..Sheet::default()
    };
    let units = u32::try_from(clip.len()).unwrap_or(u32::MAX);
    hold::over(&clip, &other, units, &mut |unit, planes| {
        if unit % EVERY == 0 {
            sheet.push(planes);
        }
    })?;
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Picture;

    #[test]
    fn pictures_lie_beside_and_below_each_other() {
        let mut sheet = Sheet { width: 2, height: 1, columns: 2, ..Sheet::default() };
        let mut picture = Picture::black(4, 2);
        sheet.push(&picture.planes());
        sheet.push(&picture.planes());
        // White is luma 235, grey 126 is half of it.
        picture.data_mut()[..8].copy_from_slice(&[235, 235, 126, 126, 235, 235, 126, 126]);
        sheet.push(&picture.planes());
        assert_eq!((sheet.size(), sheet.count), ([4, 2], 3));
        let grey = [128, 128, 128, 255];
        let (black, white) = ([0, 0, 0, 255], [255; 4]);
        let wanted = [[black; 4].concat(), white.to_vec(), grey.to_vec(), [white; 2].concat()];
        assert_eq!(sheet.rgba, wanted.concat());
    }

    #[test]
    fn colours_are_those_of_bt_709() {
        // 75 % red: Y' = 219 * .75 * .2126 + 16 = 50.9, Cb = 128 - 224 * .75 * .2126 / 1.8556 = 108.8,
        // Cr = 128 + 224 * .75 * .7874 / 1.5748 = 212.
        let (y, cb, cr) = ([51], [109], [212]);
        let planes = Planes { width: 1, height: 1, data: [&y, &cb, &cr], stride: [1, 1, 1] };
        let [r, g, b] = colour(&planes, 0, 0);
        assert!(r.abs_diff(191) <= 1 && g <= 1 && b <= 1, "{r} {g} {b}");
    }
}
