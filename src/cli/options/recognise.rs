//! Options of `recognise`, and of whoever else wants a classifier.

use super::values::named_look;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which classifier.
#[derive(Args, Clone)]
pub struct ModelOptions {
    /// A classifier in ONNX form; a note MODEL.toml beside it may say how it wants pictures
    /// (docs/recognition.md)
    #[arg(long, value_name = "FILE", requires = "labels")]
    pub model: Option<PathBuf>,
    /// Its classes, one a line, in the order of its outputs
    #[arg(long, value_name = "FILE", requires = "model")]
    pub labels: Option<PathBuf>,
}

/// Options of `recognise`.
#[derive(Args)]
pub struct RecogniseOptions {
    /// The picture (PNG, JPEG or WebP)
    #[arg(value_name = "PICTURE")]
    pub picture: PathBuf,
    #[command(flatten)]
    pub model: ModelOptions,
    /// What stands above the classes: child TAB parent lines
    #[arg(long, value_name = "FILE")]
    pub hierarchy: Option<PathBuf>,
    /// Compress the picture, round by round, until it is taken for something else; the last picture
    /// that was still recognised is the result
    #[arg(long, value_enum, value_name = "WAY", requires = "output")]
    pub until_lost: Option<LossWay>,
    /// The result (.png or .jpg; never overwrites); beside it STEM.rounds.tsv and STEM.sheet.png
    #[arg(long, short, value_name = "FILE", requires = "until_lost")]
    pub output: Option<PathBuf>,
    /// Rounds at most
    #[arg(long, value_name = "N", default_value_t = 600, requires = "until_lost",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub most_rounds: u32,
    /// How far the class must stand above all others to count as recognised, 0..=1
    #[arg(long, value_name = "PART", default_value_t = 0.0, requires = "until_lost",
          value_parser = part)]
    pub margin: f32,
    /// Which level of the hierarchy must stay: 0 = the class itself, 1 = its parent, and so on
    #[arg(long, value_name = "N", default_value_t = 0, requires = "until_lost")]
    pub level: usize,
    /// Seed of the qualities (jpeg) and of all chance (decay)
    #[arg(long, value_name = "N", default_value_t = 0, requires = "until_lost")]
    pub seed: u64,
    /// The look that decays it: mosaic, fade, as-written, clouds, or a preset file
    #[arg(long, value_name = "LOOK", default_value = "mosaic", requires = "until_lost",
          value_parser = named_look)]
    pub look: PathBuf,
}

/// How the picture is compressed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LossWay {
    /// The original in a box that is 10 pixels smaller each round, its shape kept
    Resize,
    /// A JPEG file of random quality, 0 to 100, of the round before
    Jpeg,
    /// A generation of the decay chain
    Decay,
}

fn part(text: &str) -> Result<f32, String> {
    let part = text.parse().ok().filter(|part| (0.0..=1.0).contains(part));
    part.ok_or_else(|| "write a number from 0 to 1".to_owned())
}
