//! Options of `play`.

use super::{
    network::NetworkOptions,
    recognise::ModelOptions,
    scene::{SceneOptions, TAKE_HAS},
    values::parse_duration,
};
use clap::Args;
use std::{path::PathBuf, time::Duration};

/// Options of `play`.
#[derive(Args, Clone)]
pub struct PlayOptions {
    #[command(flatten)]
    pub scene: SceneOptions,
    /// Play without windows
    #[arg(long)]
    pub headless: bool,
    /// Stop after this time, such as 10s, 1.5m or 90
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub duration: Option<Duration>,
    /// Record the programme from the start (.mkv, .mp4 or .mov; never overwrites, numbers the file)
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Record the spliced stream itself, nothing encoded again (.mkv, .mp4 or .mov; never overwrites,
    /// numbers the file; another file begins where the coding changes)
    #[arg(long, value_name = "FILE")]
    pub record_stream: Option<PathBuf>,
    /// Write all that is played as a take, which can be rendered again (docs/take.md; never overwrites,
    /// numbers the file)
    #[arg(long, value_name = "FILE")]
    pub record_take: Option<PathBuf>,
    /// Play a take, and play along: what you touch is yours from then on; no journal is kept
    #[arg(long, value_name = "FILE", conflicts_with_all = TAKE_HAS)]
    pub take: Option<PathBuf>,
    #[command(flatten)]
    pub network: NetworkOptions,
    #[command(flatten)]
    pub model: ModelOptions,
    /// Recognise drawn shapes by the bundled classifier; without this and --model, recognition.on goes by
    /// likeness to the clean picture
    #[arg(long, conflicts_with = "model")]
    pub shapes: bool,
    /// Listen to no MIDI controller
    #[arg(long)]
    pub no_midi: bool,
    /// Another display that the programme fills, too; may be given again
    #[arg(long, value_name = "NAME", conflicts_with = "headless")]
    pub also: Vec<String>,
    /// The display for the output window, as `residua devices` names it
    #[arg(long, value_name = "NAME")]
    pub display: Option<String>,
    /// Start in full screen
    #[arg(long)]
    pub fullscreen: bool,
    /// Begin anew where the last run was killed, instead of going on
    #[arg(long)]
    pub fresh: bool,
    /// Without the set's shaders, and with no controller mapped: where one of them ends the show
    #[arg(long)]
    pub safe: bool,
    /// Whether another display will do
    #[arg(skip)]
    pub is_display_a_wish: bool,
    /// The command line after the program's name
    #[arg(skip)]
    pub arguments: Vec<String>,
}
