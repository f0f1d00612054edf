//! Options of `decay`.

use super::values::named_look;
use crate::units::FrameRate;
use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// Options of `decay`.
#[derive(Args)]
#[command(group = ArgGroup::new("result").multiple(true).required(true))]
pub struct DecayOptions {
    /// The picture (PNG or JPEG)
    #[arg(value_name = "PICTURE")]
    pub picture: PathBuf,
    /// The video (.mkv, .mp4 or .mov; H.264; never overwrites, numbers the file)
    #[arg(long, short, value_name = "FILE", group = "result")]
    pub output: Option<PathBuf>,
    /// The look: mosaic, fade, as-written, clouds, or a preset file
    #[arg(long, value_name = "LOOK", default_value = "mosaic", value_parser = named_look)]
    pub look: PathBuf,
    /// Frames in all, the picture itself being the first
    #[arg(long, value_name = "N", default_value_t = 1200, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub frames: u64,
    /// Frames per second of the video
    #[arg(long, value_name = "RATE", default_value = "6")]
    pub fps: FrameRate,
    /// Seed of all noise and chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write the frames as JPEG files, frame_00000.jpg and so on, into a folder
    #[arg(long, value_name = "DIR", group = "result")]
    pub frames_dir: Option<PathBuf>,
    /// Write the same files into one ZIP file
    #[arg(long, value_name = "FILE", group = "result")]
    pub zip: Option<PathBuf>,
    /// Of the JPEG files, only every K-th
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub every: u64,
    /// Keep the colours
    #[arg(long)]
    pub colour: bool,
    /// Write down what chance did, one JSON object per frame: where the picture has moved to, and the
    /// table it was quantised by
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}
