//! `residua preview`: pictures in 4 KiB.

mod book;
mod files;
mod letters;
mod sheet;

use super::{
    interrupt,
    options::{PreviewCommand, PreviewDecodeOptions, PreviewEncodeOptions},
    out,
};
use crate::{
    files::write_aside,
    preview::{self, PreviewError, Way, score},
};
use anyhow::{Context, Result, bail};
use files::{Job, Naming};
use image::{ImageFormat, RgbImage};
use std::{fs, io::Cursor, path::Path, sync::atomic::Ordering};

pub fn run(command: &PreviewCommand) -> Result<()> {
    match command {
        PreviewCommand::Encode(options) => encode(options),
        PreviewCommand::Decode(options) => decode(options),
        PreviewCommand::Score { originals, decoded } => compare(originals, decoded),
        PreviewCommand::Sheet { input, output, bytes, codebook } => {
            let book = book::of(codebook)?;
            let pictures = match input.is_dir() {
                true => files::in_folder(input)?,
                false => vec![input.clone()],
            };
            let sheet = sheet::Sheet { bytes: *bytes, book: &book };
            let (picture, bad) = sheet.of(&pictures)?;
            if pictures.contains(output) {
                bail!("{} is one of the pictures: name another file", output.display());
            }
            write_png(output, &picture)?;
            out::say(output.display());
            files::all_well(bad, pictures.len(), "put on the sheet")
        }
        PreviewCommand::Learn { source, output, library } => {
            let book = book::named(source, library)?;
            write(output, &book.write())?;
            out::print(&format!("{}: the codebook {:08x}\n", output.display(), book.hash()))
        }
    }
}

fn encode(options: &PreviewEncodeOptions) -> Result<()> {
    let book = match options.way {
        Way::Codebook => book::of(&options.codebook)?,
        _ if options.codebook.codebook.is_some() => {
            bail!("--codebook is for --way codebook: the way {} has none", options.way)
        }
        _ => preview::Codebook::built_in(),
    };
    let naming =
        Naming { alone: ".compressed", in_folder: ".compressed", in_named: options.way.name() };
    each(&options.paths.input, options.paths.output.as_deref(), naming, "coded", &|job| {
        let picture = preview::open(&job.input)?;
        let bytes = preview::encode(options.way, &picture, options.bytes, &book)
            .with_context(|| job.input.display().to_string())?;
        write(&job.output, &bytes)?;
        let (width, height) = picture.dimensions();
        let (way, path) = (Way::of(&bytes).unwrap_or(options.way), job.output.display());
        out::print(&format!("{path}: {way}, {} bytes, {width}x{height}\n", bytes.len()))
    })
}

fn decode(options: &PreviewDecodeOptions) -> Result<()> {
    let book = book::of(&options.codebook)?;
    let naming = Naming { alone: ".out.png", in_folder: ".out.png", in_named: "png" };
    each(&options.paths.input, options.paths.output.as_deref(), naming, "decoded", &|job| {
        let name = || job.input.display().to_string();
        let bytes = fs::read(&job.input).with_context(name)?;
        let picture = preview::decode(&bytes, &book).with_context(name)?;
        write_png(&job.output, &picture)?;
        let (width, height) = picture.dimensions();
        let way = Way::of(&bytes).map_or("preview", Way::name);
        out::print(&format!("{}: {way}, {width}x{height}\n", job.output.display()))
    })
}

/// Does one file, or all of a folder: there a bad one is reported, and the others are done.
fn each(
    input: &Path,
    output: Option<&Path>,
    naming: Naming,
    done: &str,
    work: &dyn Fn(&Job) -> Result<()>,
) -> Result<()> {
    if !input.is_dir() {
        return work(&files::alone(input, output, naming)?);
    }
    let jobs = files::of_folder(input, output, naming)?;
    let quit = interrupt::flag()?;
    let mut bad = 0;
    for job in &jobs {
        if quit.load(Ordering::Relaxed) {
            bail!("stopped: what is there is whole");
        }
        if let Err(error) = work(job) {
            eprintln!("residua: {}", super::line(&error));
            bad += 1;
        }
    }
    files::all_well(bad, jobs.len(), done)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_aside(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

fn write_png(path: &Path, picture: &RgbImage) -> Result<()> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    write(path, bytes.get_ref())
}

/// Prints what pictures have in common with their originals; what cannot be read is skipped and named.
fn compare(originals: &Path, decoded: &Path) -> Result<()> {
    let pairs = files::pairs(originals, decoded)?;
    let width = pairs.iter().map(|pair| pair.name.chars().count()).max().unwrap_or(0).max(4);
    out::print(&format!("{:width$}  {:>11}  {:>8}\n", "", "SSIMULACRA2", "DSSIM"))?;
    let line = |name: &str, score: score::Score| {
        let (high, low) = (score.ssimulacra2, score.dssim);
        out::print(&format!("{name:width$}  {high:>11.3}  {low:>8.6}\n"))
    };
    let mut scores = Vec::new();
    for pair in &pairs {
        let compared = preview::open(&pair.original).and_then(|original| {
            let other = match &pair.decoded {
                Some(path) => preview::open(path)?,
                None => return Err(missing(&pair.name, decoded)),
            };
            score::compare(&original, &other)
        });
        match compared {
            Ok(score) => {
                line(&pair.name, score)?;
                scores.push(score);
            }
            Err(error) => eprintln!("residua: skipped {}: {error}", pair.name),
        }
    }
    if scores.is_empty() {
        bail!(
            "no picture of {} could be compared with one of {}",
            originals.display(),
            decoded.display()
        );
    }
    let mean =
        |of: fn(&score::Score) -> f64| scores.iter().map(of).sum::<f64>() / scores.len() as f64;
    let (ssimulacra2, dssim) = (mean(|score| score.ssimulacra2), mean(|score| score.dssim));
    line("mean", score::Score { ssimulacra2, dssim })?;
    if scores.len() < pairs.len() {
        out::print(&format!("{} of {} pictures\n", scores.len(), pairs.len()))?;
    }
    Ok(())
}

fn missing(name: &str, folder: &Path) -> PreviewError {
    PreviewError::Picture { path: folder.join(name), reason: "there is none of this name".into() }
}
