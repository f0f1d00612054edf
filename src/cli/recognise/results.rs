//! What the loop leaves: the last picture that was recognised, the table, and a sheet of its rounds.

use super::{
    super::options::LossWay,
    rounds::{HEAD, Seen},
};
use crate::decay::{
    dct::{Dct, Sampling, file::write_jpeg, tables::quality_percent},
    rgb::Rgb,
};
use anyhow::{Context, Result, bail};
use image::{ImageBuffer, ImageEncoder, codecs::png::PngEncoder, imageops};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// Quality of a JPEG file that is no round of its own.
const QUALITY: u32 = 95;
/// Pictures on the sheet at most, in a row, and the side of each with its frame, in pixels.
const SHEET_MOST: usize = 48;
const SHEET_ROW: usize = 8;
const CELL_PX: u32 = 112;
const FRAME_PX: u32 = 3;
/// Frames: of a round, of the last that was recognised, of the one that was not.
const PLAIN: [u8; 3] = [40; 3];
const KEPT: [u8; 3] = [60, 200, 90];
const LOST: [u8; 3] = [220, 60, 50];

type Image = ImageBuffer<image::Rgb<u8>, Vec<u8>>;

/// What is made of rounds as they come; nothing is written before [`Results::finish`].
pub struct Results {
    paths: [PathBuf; 3],
    is_jpeg: bool,
    way: LossWay,
    table: String,
    kept: Option<(Rgb, Vec<u8>)>,
    /// Every `every`-th round, small, with its number and whether it was recognised.
    cells: Vec<(u32, bool, Image)>,
    every: u32,
    /// The newest round, and the last that was recognised, where the sheet leaves them out.
    last: Option<(u32, bool, Image)>,
    last_kept: Option<(u32, bool, Image)>,
}

impl Results {
    /// For a result of this name; none of the three files may be there.
    pub fn open(output: &Path, way: LossWay) -> Result<Self> {
        let ending = output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let is_jpeg = match ending.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" => true,
            "png" => false,
            _ => bail!("{}: name a .png or .jpg file", output.display()),
        };
        let beside = |ending: &str| output.with_extension(ending);
        let paths = [output.to_owned(), beside("rounds.tsv"), beside("sheet.png")];
        for path in &paths {
            if path.symlink_metadata().is_ok() {
                bail!("{} is there already: name another file", path.display());
            }
        }
        let (cells, table) = (Vec::new(), format!("{HEAD}\n"));
        let (kept, last, last_kept) = (None, None, None);
        Ok(Self { paths, is_jpeg, way, table, kept, cells, every: 1, last, last_kept })
    }

    pub fn take(&mut self, seen: &Seen<'_>) -> Result<()> {
        self.table += &format!("{}\n", seen.row);
        let is_kept = seen.row.is_recognised;
        let cell = (seen.row.round, is_kept, cell(&seen.step.picture)?);
        if is_kept {
            self.kept = Some((seen.step.picture.clone(), seen.step.file.clone()));
            self.last_kept = Some(cell.clone());
        }
        if seen.row.round.is_multiple_of(self.every) {
            self.cells.push(cell.clone());
            if self.cells.len() > SHEET_MOST - 2 {
                self.every *= 2;
                self.cells.retain(|(round, ..)| round.is_multiple_of(self.every));
            }
        }
        self.last = Some(cell);
        Ok(())
    }

    /// Writes all and says where.
    pub fn finish(self) -> Result<[PathBuf; 3]> {
        let (picture, file) = self.kept.context("there was no round")?;
        let file = match (self.is_jpeg, self.way) {
            (true, LossWay::Jpeg | LossWay::Decay) if !file.is_empty() => file,
            (true, _) => {
                let tables = Dct::ANNEX_K.scaled(quality_percent(QUALITY));
                write_jpeg(&picture, &tables, Sampling::Yuv444)?
            }
            (false, _) => png(&image(&picture)?)?,
        };
        let mut cells = self.cells;
        for more in [self.last_kept, self.last].into_iter().flatten() {
            if !cells.iter().any(|(round, ..)| *round == more.0) {
                cells.push(more);
            }
        }
        cells.sort_by_key(|(round, ..)| *round);
        let sheet = png(&sheet(&cells))?;
        let [output, table, contact] = &self.paths;
        write(output, &file)?;
        write(table, self.table.as_bytes())?;
        write(contact, &sheet)?;
        Ok(self.paths)
    }
}

/// A new file, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = || path.display().to_string();
    let mut file = File::create_new(path).with_context(name)?;
    let written = file.write_all(bytes);
    if written.is_err() {
        // No half file stays.
        let _ = fs::remove_file(path);
    }
    written.with_context(name)
}

fn cell(picture: &Rgb) -> Result<Image> {
    let inner = CELL_PX - 2 * FRAME_PX;
    let scale = f64::from(inner) / picture.width.max(picture.height).max(1) as f64;
    let side = |side: usize| ((side as f64 * scale).round() as u32).clamp(1, inner);
    let (width, height) = (side(picture.width), side(picture.height));
    let whole = image(picture)?;
    // What has few pixels is to be seen as it is.
    Ok(match scale > 1.0 {
        true => imageops::resize(&whole, width, height, imageops::FilterType::Nearest),
        false => imageops::thumbnail(&whole, width, height),
    })
}

/// Rounds in rows from left to right, framed by how they went.
fn sheet(cells: &[(u32, bool, Image)]) -> Image {
    let rows = cells.len().div_ceil(SHEET_ROW).max(1) as u32;
    let across = cells.len().clamp(1, SHEET_ROW) as u32;
    let mut sheet = Image::from_pixel(across * CELL_PX, rows * CELL_PX, image::Rgb([16; 3]));
    let last_kept = cells.iter().rfind(|(_, is_kept, _)| *is_kept).map(|(round, ..)| *round);
    for (at, (round, is_kept, picture)) in cells.iter().enumerate() {
        let (left, top) = ((at % SHEET_ROW) as u32 * CELL_PX, (at / SHEET_ROW) as u32 * CELL_PX);
        let (x, y) =
            (left + (CELL_PX - picture.width()) / 2, top + (CELL_PX - picture.height()) / 2);
        let colour = match (is_kept, Some(*round) == last_kept) {
            (false, _) => LOST,
            (true, true) => KEPT,
            (true, false) => PLAIN,
        };
        let (width, height) = (picture.width() + 2 * FRAME_PX, picture.height() + 2 * FRAME_PX);
        let frame = Image::from_pixel(width, height, image::Rgb(colour));
        imageops::replace(&mut sheet, &frame, i64::from(x - FRAME_PX), i64::from(y - FRAME_PX));
        imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y));
    }
    sheet
}

pub fn image(picture: &Rgb) -> Result<Image> {
    let samples = picture.pixels.as_flattened().to_vec();
    let image = Image::from_raw(picture.width as u32, picture.height as u32, samples);
    image.context("a picture without all of its pixels")
}

pub fn rgb(image: Image) -> Rgb {
    let (width, height) = (image.width() as usize, image.height() as usize);
    Rgb { width, height, pixels: image.pixels().map(|pixel| pixel.0).collect() }
}

pub fn png(image: &Image) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let (width, height) = image.dimensions();
    PngEncoder::new(&mut file).write_image(
        image.as_raw(),
        width,
        height,
        image::ExtendedColorType::Rgb8,
    )?;
    Ok(file)
}
