//! What can be asked for. The help texts are the manual page.

use crate::{
    clip::{Coding, Encoder, Fit, Mosh},
    media::ImportRequest,
    set::ClipEntry,
    units::{Canvas, FrameRate},
};
use anyhow::{Result, bail};
use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use std::{error::Error, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

/// A live instrument for the decay of moving pictures.
///
/// Residua encodes videos as one intra picture followed by predicted pictures only, keeps all of
/// them in memory, and feeds them to one running decoder in whatever order you steer: motion lands
/// on the wrong picture. Shaders then wear the picture down, generation by generation. What the
/// audience sees can be recorded.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
#[command(after_long_help = "\
FILES
  $XDG_DATA_HOME/residua/clips   imported clips; any folder in it may be deleted
  $XDG_CONFIG_HOME/residua/      what was learned of MIDI controllers

EXIT CODES
  0  done
  1  it could not be done; one line on standard error says why and what to do
  2  wrong usage

EXAMPLES
  residua play presets/demo/demo.toml
  residua play holiday.mp4 cat.mov --osc 127.0.0.1:7700
  residua play holiday.mp4 --headless --duration 10s --record out.mkv --set decay.dct_amount=0.6
  residua render holiday.mp4 --function sinusoid --superframes 100 --frequency 0.5 -o out.mp4")]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Tell more on standard error
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Play clips live, in windows or headless
    ///
    /// CLIP is a video file, a clip folder of the library, or one set (.toml). Videos are imported
    /// first; what has been imported before is there at once. Keys: space play/pause, arrows scrub,
    /// h heal all, m melt (held), b blackout, o hold, r record, f full screen, p panic, 1-9 clip.
    /// Full screen is left by holding Escape or f for two seconds.
    Play(PlayOptions),
    /// Import videos into the library
    ///
    /// Any file GStreamer decodes becomes a clip folder: one intra picture followed by predicted
    /// pictures only, in both directions, and an intra picture of every 12th place. Prints the
    /// folder, and the clip's mosh hold: how much of the clean clip is back 0.5, 1, 2 and 4 seconds
    /// after its motion landed on another picture (1 = all of it, 0 = nothing; lower holds longer).
    Import(ImportOptions),
    /// Render a timeline function to a file, every picture awaited
    ///
    /// The same engine as `play`: same clips, canvas, seed and adapter give the same pictures.
    Render(RenderOptions),
    /// Print the table of all parameters
    Params(ParamsOptions),
    /// List adapters, displays, MIDI ports, encoders and decoders
    Devices,
}

/// Options that say what is played and how it looks.
#[derive(Args)]
pub struct SceneOptions {
    /// Videos, clip folders, or one set (.toml); without any, the demo where it can be found
    #[arg(value_name = "CLIP")]
    pub clips: Vec<PathBuf>,
    /// Size and rate of the programme [default: 1280x720@30; 640x360@30 on a CPU adapter]
    #[arg(long, value_name = "WIDTHxHEIGHT@RATE")]
    pub canvas: Option<Canvas>,
    #[command(flatten)]
    pub conform: ConformOptions,
    /// Set a parameter at the start (may be repeated); `residua params` lists them
    #[arg(long = "set", value_name = "ID=VALUE")]
    pub values: Vec<String>,
    /// Start with a look from a preset file
    #[arg(long, value_name = "FILE")]
    pub preset: Option<PathBuf>,
    /// Seed of all noise and chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write one JSON object per slot
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Add the hash of each picture to the trace
    #[arg(long, requires = "trace")]
    pub trace_hash: bool,
}

/// Options that say how a source becomes a clip.
#[derive(Args)]
pub struct ConformOptions {
    /// What happens to a source of another shape than the canvas
    #[arg(long, default_value_t = Fit::default(), value_parser = named::<Fit>(Fit::ALL.map(Fit::name)))]
    pub fit: Fit,
    /// The coding of imported clips: damage lives longest in mpeg4, hardware decodes libx264
    #[arg(long, default_value_t = Encoder::default(), value_parser = named::<Encoder>(Encoder::ALL.map(Encoder::name)))]
    pub encoder: Encoder,
    /// Tell the encoder more, by its own names: preset veryfast qp 31 bf 0 (or key=value)
    ///
    /// libx264 takes preset, tune, profile, qp, crf, bitrate and every option of x264; mpeg4 takes
    /// qscale and the options of libavcodec. An option that is not known prints those that are. Name
    /// videos before this, or put -- before them.
    #[arg(long, value_name = "KEY VALUE", num_args = 1.., allow_hyphen_values = true)]
    pub encoder_config: Vec<String>,
    /// An intra picture every N pictures (default: only the first is one; mpeg4 never exceeds 600)
    #[arg(long = "gop", short = 'g', value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub gop: Option<u32>,
    /// Ready-made settings by how long damage lives (libx264, mpeg4)
    #[arg(long, value_parser = named::<Mosh>(Mosh::ALL.map(Mosh::name)))]
    pub mosh: Option<Mosh>,
    /// How long a still is shown, in seconds
    #[arg(long, value_name = "S", default_value_t = ImportRequest::STILL_SECS)]
    pub still_secs: f64,
    /// Pictures per second of a numbered sequence
    #[arg(long, value_name = "RATE", default_value_t = ImportRequest::SEQUENCE_RATE)]
    pub rate: FrameRate,
    /// Where imported clips are kept [default: $XDG_DATA_HOME/residua/clips]
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

impl ConformOptions {
    /// What to import for an entry of a set.
    pub fn request(&self, entry: &ClipEntry, canvas: Canvas) -> Result<ImportRequest> {
        let coding = Coding {
            encoder: self.encoder,
            mosh: self.mosh,
            intra_every: self.gop,
            options: pairs(&self.encoder_config)?,
        };
        Ok(ImportRequest {
            backward: entry.backward.clone(),
            fit: self.fit,
            coding,
            still_secs: self.still_secs,
            sequence_rate: self.rate,
            ..ImportRequest::new(&entry.path, canvas)
        })
    }
}

/// Reads `key value` and `key=value`, in one argument or in several.
fn pairs(words: &[String]) -> Result<Vec<(String, String)>> {
    let mut words = words.iter().flat_map(|word| word.split_whitespace());
    let mut pairs = Vec::new();
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('-');
        match (word.split_once('='), words.clone().next()) {
            (Some((key, value)), _) => pairs.push((key.to_owned(), value.to_owned())),
            (None, Some(value)) => {
                pairs.push((word.to_owned(), value.to_owned()));
                words.next();
            }
            (None, None) => bail!(
                "--encoder-config: '{word}' has no value: write key value pairs, and name videos \
                 before it"
            ),
        }
    }
    Ok(pairs)
}

/// Options of `play`.
#[derive(Args)]
pub struct PlayOptions {
    #[command(flatten)]
    pub scene: SceneOptions,
    /// Play without windows
    #[arg(long)]
    pub headless: bool,
    /// Stop after this time, such as 10s, 1.5m or 90
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub duration: Option<Duration>,
    /// Record the programme from the start (.mkv or .mp4; never overwrites, numbers the file)
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Listen for OSC
    #[arg(long, value_name = "ADDR:PORT")]
    pub osc: Option<SocketAddr>,
    /// Listen to no MIDI controller
    #[arg(long)]
    pub no_midi: bool,
    /// The display for the output window, as `residua devices` names it
    #[arg(long, value_name = "NAME")]
    pub display: Option<String>,
    /// Start in full screen
    #[arg(long)]
    pub fullscreen: bool,
}

/// Options of `import`.
#[derive(Args)]
pub struct ImportOptions {
    /// Videos to import
    #[arg(value_name = "VIDEO", required = true)]
    pub sources: Vec<PathBuf>,
    /// Another source for the backward stream, played in its own order
    #[arg(long, value_name = "FILE")]
    pub backward: Option<PathBuf>,
    /// Size and rate to conform to [default: 1280x720@30; 640x360@30 on a CPU adapter]
    #[arg(long, value_name = "WIDTHxHEIGHT@RATE")]
    pub canvas: Option<Canvas>,
    #[command(flatten)]
    pub conform: ConformOptions,
}

/// Options of `render`.
#[derive(Args)]
pub struct RenderOptions {
    #[command(flatten)]
    pub scene: SceneOptions,
    /// The timeline function
    #[arg(long, value_enum, default_value_t = FunctionOption::Sinusoid)]
    pub function: FunctionOption,
    /// Superframes in the output
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub superframes: u32,
    /// Periods of the function over the output
    #[arg(long, value_name = "F", default_value_t = 0.5)]
    pub frequency: f64,
    /// The file (.mkv or .mp4; never overwrites, numbers the file)
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
}

/// Options of `params`.
#[derive(Args)]
pub struct ParamsOptions {
    /// The form of the table
    #[arg(long, value_enum, default_value_t = TableForm::Text)]
    pub format: TableForm,
    /// Short for --format json
    #[arg(long, conflicts_with_all = ["format", "markdown"])]
    pub json: bool,
    /// Short for --format markdown
    #[arg(long, conflicts_with = "format")]
    pub markdown: bool,
}

/// Forms of the parameter table.
#[derive(Clone, Copy, ValueEnum)]
pub enum TableForm {
    /// Aligned columns
    Text,
    /// An array of objects
    Json,
    /// The table of the README
    Markdown,
}

/// Timeline functions by name.
#[derive(Clone, Copy, ValueEnum)]
pub enum FunctionOption {
    /// |sin|: from the start to the end and back
    #[value(name = "rectified_sine", alias = "rectified-sine")]
    RectifiedSine,
    /// -cos, scaled into the clip
    Sinusoid,
}

/// Reads one of a few names into what it stands for.
fn named<T>(names: impl IntoIterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| name.parse::<T>())
}

/// Reads `10s`, `1.5m`, `2h`, `500ms` or plain seconds.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (number, scale) = units
        .iter()
        .find_map(|(unit, scale)| text.strip_suffix(unit).map(|number| (number, *scale)))
        .unwrap_or((text, 1.0));
    let secs = number.trim().parse::<f64>().map(|number| number * scale).unwrap_or(f64::NAN);
    if secs > 0.0 && secs < 1e7 {
        return Ok(Duration::from_secs_f64(secs));
    }
    Err("write a time above 0, such as 10s, 1.5m or 90".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn encoder_settings_are_read_in_both_forms() {
        let words =
            |text: &[&str]| pairs(&text.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        let expected = [("qp", "31"), ("deblock", "-1:-1"), ("bf", "0")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        for text in [
            &["qp", "31", "deblock", "-1:-1", "bf", "0"][..],
            &["qp=31", "deblock=-1:-1", "bf=0"],
            &["qp 31 deblock -1:-1", "-bf", "0"],
        ] {
            assert_eq!(words(text).ok().as_deref(), Some(&expected[..]), "{text:?}");
        }
        assert!(words(&["qp", "31", "a.mp4"]).is_err());
    }

    #[test]
    fn times_are_read() {
        assert_eq!(parse_duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse_duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        for bad in ["", "s", "-1s", "0", "NaN", "inf", "ten"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
