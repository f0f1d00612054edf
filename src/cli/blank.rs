//! What plays where nothing was named and no demo lies: a blank, until the first clip comes in by the
//! window.

use super::{folders, opening::DEMO, options::PlayOptions};
use anyhow::{Context, Result};
use image::{Rgb, RgbImage};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What the clip is called.
const NAME: &str = "nothing yet.png";
/// Its size in pixels; the importer brings it into the canvas.
const SIZE: (u32, u32) = (64, 36);
/// Nearly black, so that one sees that a window shows something.
const COLOUR: Rgb<u8> = Rgb([0x16, 0x18, 0x1b]);

/// Whether there is nothing to play, and a window in which that can be mended.
pub fn is_wanted(options: &PlayOptions) -> bool {
    options.scene.clips.is_empty()
        && options.take.is_none()
        && !options.headless
        && !Path::new(DEMO).exists()
}

/// The picture of it, made where it is not there yet.
///
/// # Errors
/// There is no place for it.
pub fn picture() -> Result<PathBuf> {
    let folder = folders::state().context("name a video to play: there is no home folder")?;
    let path = folder.join(NAME);
    if !path.exists() {
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let blank = RgbImage::from_pixel(SIZE.0, SIZE.1, COLOUR);
        blank.save(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(path)
}
