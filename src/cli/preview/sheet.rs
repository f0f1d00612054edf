//! Originals and what each way makes of them, side by side.

use super::letters;
use crate::{
    cli::{interrupt, line},
    preview::{self, Codebook, Way, scale, score},
};
use anyhow::{Context, Result, bail};
use image::{Rgb, RgbImage, imageops};
use std::{
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

/// The longer side of each picture on the sheet, in pixels.
const SIDE: u32 = 400;
/// Between pictures, in pixels.
const GAP: u32 = 6;
/// Below each picture, for its label.
const LABEL: u32 = letters::HEIGHT + 8;

/// How pictures are coded for a sheet.
pub struct Sheet<'a> {
    /// Of each preview, at most.
    pub bytes: usize,
    /// For the way that draws.
    pub book: &'a Codebook,
}

impl Sheet<'_> {
    /// The sheet: a row for each picture. How many could not be put on it, and were reported.
    pub fn of(&self, pictures: &[PathBuf]) -> Result<(RgbImage, usize)> {
        let quit = interrupt::flag()?;
        let (mut rows, mut bad) = (Vec::new(), 0);
        for path in pictures {
            if quit.load(Ordering::Relaxed) {
                bail!("stopped: nothing was written");
            }
            match self.row(path) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    eprintln!("residua: {}", line(&error));
                    bad += 1;
                }
            }
        }
        if rows.is_empty() {
            bail!("there is nothing to put on a sheet");
        }
        let width = rows.iter().map(RgbImage::width).max().unwrap_or(1);
        let height = rows.iter().map(RgbImage::height).sum();
        let mut sheet = RgbImage::new(width, height);
        let mut y = 0;
        for row in rows {
            imageops::replace(&mut sheet, &row, 0, y);
            y += i64::from(row.height());
        }
        Ok((sheet, bad))
    }

    fn row(&self, path: &Path) -> Result<RgbImage> {
        let original = preview::open(path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut cells = vec![(original.clone(), stem.into_owned())];
        for way in Way::ALL {
            let decoded = preview::encode(way, &original, self.bytes, self.book)
                .and_then(|bytes| Ok((preview::decode(&bytes, self.book)?, bytes.len())));
            let (picture, bytes) = decoded.with_context(|| path.display().to_string())?;
            let score = score::compare(&original, &picture)?.ssimulacra2;
            cells.push((picture, format!("{way} {bytes} bytes {score:.1}")));
        }
        let cells =
            cells.into_iter().map(|(picture, label)| (scale::fitted(&picture, SIDE), label));
        let cells: Vec<(RgbImage, String)> = cells.collect();
        let (across, down) = cells[0].0.dimensions();
        // A narrow picture still has room for its label.
        let across = across.max(SIDE / 2);
        let mut row = RgbImage::new((across + GAP) * cells.len() as u32, down + GAP + LABEL);
        for (number, (picture, label)) in cells.iter().enumerate() {
            let x = (across + GAP) * number as u32;
            imageops::replace(&mut row, picture, i64::from(x), 0);
            let ink = Rgb([255; 3]);
            letters::write(&mut row, (x + 2, down + 4), across, label, ink);
        }
        Ok(row)
    }
}
