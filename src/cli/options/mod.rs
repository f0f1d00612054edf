//! What can be asked for. The help texts are the manual page.

mod decay;
mod library;
mod network;
mod play;
mod preview;
mod recognise;
mod render;
mod scene;
mod values;

pub use decay::DecayOptions;
pub use library::*;
pub use network::NetworkOptions;
pub use play::PlayOptions;
pub use preview::{CodebookOptions, PreviewCommand, PreviewDecodeOptions, PreviewEncodeOptions};
pub use recognise::{LossWay, ModelOptions, RecogniseOptions};
pub use render::RenderOptions;
pub use scene::{ConformOptions, SceneOptions};

use crate::units::Canvas;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};
use std::{net::SocketAddr, path::PathBuf};
use values::pairs;

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
  $XDG_CONFIG_HOME/residua/      what was learned of MIDI controllers; presets of your own
  $XDG_STATE_HOME/residua/       where a run that was killed has been, until it goes on there
  shaders/*.wgsl beside a set    stages of your own; edits are live (docs/shaders.md)

EXIT CODES
  0  done
  1  it could not be done; one line on standard error says why and what to do
  2  wrong usage

EXAMPLES
  residua play presets/demo/demo.toml
  residua play holiday.mp4 cat.mov --osc 127.0.0.1:7700
  residua play holiday.mp4 --headless --duration 10s --record out.mkv --set decay.dct_amount=0.6
  residua render holiday.mp4 --function sinusoid --superframes 100 --frequency 0.5 -o out.mp4
  residua render -f a.mp4 b.mp4 --superframe-size 6 --markov-p 0.8 --copy -o out.mp4")]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Tell more on standard error
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

impl Cli {
    /// What the command line's own rules cannot say.
    ///
    /// # Errors
    /// Wrong usage, as clap words it.
    pub fn check(&self) -> Result<(), clap::Error> {
        let (command, conform) = match &self.command {
            Command::Play(options) => ("play", &options.scene.conform),
            Command::Import(options) => ("import", &options.conform),
            Command::Render(options) => ("render", &options.scene.conform),
            Command::Set(SetCommand::Collect(options)) => ("set", &options.conform),
            Command::Check(options) => ("check", &options.scene.conform),
            Command::Remains(RemainsCommand::Pack(options)) => ("remains", &options.conform),
            Command::Decay(_)
            | Command::Recognise(_)
            | Command::Clips(_)
            | Command::Params(_)
            | Command::Presets(_)
            | Command::Preview(_)
            | Command::Remains(_)
            | Command::Devices => {
                return Ok(());
            }
        };
        let wrong = |kind, text: String| {
            let mut all = Self::command();
            all.build();
            let of = all.find_subcommand(command).cloned();
            of.unwrap_or(all).error(kind, text)
        };
        if let Err(error) = pairs(&conform.encoder_config) {
            return Err(wrong(ErrorKind::ValueValidation, error.to_string()));
        }
        match &self.command {
            // Only then clap lets it pass: it would not say where the videos have gone.
            Command::Import(options) if options.sources.is_empty() => {
                let text = "no video is named: what follows --encoder-config is taken for options of \
                            the encoder, so name videos before it, or put -- before them";
                Err(wrong(ErrorKind::MissingRequiredArgument, text.to_owned()))
            }
            Command::Render(options) => {
                options.check().map_err(|text| wrong(ErrorKind::WrongNumberOfValues, text))
            }
            _ => Ok(()),
        }
    }
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
    /// The same engine as `play`: same clips, canvas, seed and adapter give the same pictures. Without
    /// --canvas it is the set's or the first source's own size and rate. Where the look changes
    /// nothing no graphics device is needed; with --copy, no decoder and no encoder either.
    Render(RenderOptions),
    /// Wear a still down, generation by generation, each the next one's picture
    ///
    /// The decay chain that plays live, alone and without a clip: the same picture, look, seed, build
    /// and adapter give the same frames. Frame 0 is the picture in black and white, as a JPEG file of
    /// quality 98. Each JPEG file has its own frame's tables, and holds exactly what the loop went on
    /// with where the look ends in blocks (`dct`), as these four do; else a copy at quality 100. The looks are those of presets/.
    Decay(DecayOptions),
    /// Say what a classifier sees in a picture, or compress it until it sees something else
    ///
    /// Without --model the bundled one looks, which knows twelve kinds of drawn shapes and nothing else;
    /// any classifier in ONNX form does (docs/recognition.md). Prints the five likeliest classes; with
    /// --hierarchy what stands above them, too. With --until-lost the picture is compressed round by
    /// round until it is taken for something else, and the last picture before that is the result.
    #[command(visible_alias = "recognize")]
    Recognise(RecogniseOptions),
    /// List the library's clips, and look after them
    ///
    /// CLIP is a title or name, at least four first digits of a clip's folder, or the folder itself.
    #[command(visible_alias = "clip", args_conflicts_with_subcommands = true)]
    Clips(ClipsOptions),
    /// Take a set to another machine
    #[command(subcommand)]
    Set(SetCommand),
    /// Make one file of a set and all that remains of it, or open one
    #[command(subcommand)]
    Remains(RemainsCommand),
    /// Rehearse a set before the show
    ///
    /// Looks at everything that playing it needs: clips (missing ones are imported, all are compared
    /// with their checksums), plug-ins, adapter, ports, displays, disk; then plays it without windows
    /// for some seconds and measures. One line per item: ok, warning or problem, and what to do. Exit
    /// code 1 where there is a problem.
    Check(CheckOptions),
    /// Put pictures into 4,096 bytes each, and make pictures of them again
    #[command(subcommand)]
    Preview(PreviewCommand),
    /// Print the table of all parameters
    Params(ParamsOptions),
    /// List the presets by number
    ///
    /// `preset.select`, and MIDI's program change, call them by these numbers: those that the set lists
    /// under `presets`, those in the folder presets beside it, the user's own in
    /// $XDG_CONFIG_HOME/residua/presets, and those that come with the program; within a folder by name.
    Presets(PresetsOptions),
    /// List adapters, displays, MIDI ports, encoders and decoders
    Devices,
}

/// Options of `presets`.
#[derive(Args)]
pub struct PresetsOptions {
    /// A set whose list and folder of presets come first
    #[arg(value_name = "SET")]
    pub set: Option<PathBuf>,
}

/// Options of `import`.
#[derive(Args)]
pub struct ImportOptions {
    /// Videos to import
    #[arg(value_name = "VIDEO", required_unless_present = "encoder_config")]
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

/// Options of `params`.
#[derive(Args)]
pub struct ParamsOptions {
    /// A set whose shaders' parameters are listed too
    #[arg(value_name = "SET")]
    pub set: Option<PathBuf>,
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

/// Options of `check`.
#[derive(Args)]
pub struct CheckOptions {
    #[command(flatten)]
    pub scene: SceneOptions,
    /// How long to play for the timing; 0 leaves it out
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub seconds: u32,
    /// As an object
    #[arg(long)]
    pub json: bool,
    /// Where the show will be recorded
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Where the show will listen for OSC
    #[arg(long, value_name = "ADDR:PORT")]
    pub osc: Option<SocketAddr>,
    /// The display that the show will need, as `residua devices` names it
    #[arg(long, value_name = "NAME")]
    pub display: Option<String>,
    /// The show will have no windows
    #[arg(long)]
    pub headless: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clip::Encoder, playhead};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn videos_that_the_encoders_options_swallow_are_missed() {
        let import = |words: &str| {
            let cli = Cli::try_parse_from(words.split_whitespace())?;
            cli.check()
        };
        for swallowed in ["qp 4 a.mp4", "qp 4 a.mp4 b.mp4", "qp=4 a.mp4 b.mp4"] {
            let error = import(&format!("residua import --encoder-config {swallowed}"));
            let error = error.expect_err(swallowed);
            assert!(error.to_string().contains("before it"), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
        assert!(import("residua import").is_err());
        import("residua import a.mp4 --encoder-config qp 4").expect("a video");
        import("residua import --encoder-config qp 4 -- a.mp4").expect("a video");
    }

    #[test]
    fn the_earlier_command_line_is_read() {
        let read = |words: &str| {
            let cli = Cli::try_parse_from(words.split_whitespace()).expect(words);
            match cli.command {
                Command::Render(options) => options,
                _ => panic!("{words}"),
            }
        };
        let options = read(
            "residua render -f a.mp4 b.mp4 -b c.mp4 d.mp4 -g 300 --encoder mpeg4 --encoder_config \
             qp -1 bf 0 --superframe_size 4 --n_superframes 100 --frequency 2 --rectified \
             --markov_p 0.5 --pre_reverse_loop --n_workers 2 --fpath_manifest m.json \
             --dpath_workdir work -o out.mp4",
        );
        assert_eq!((options.forward.len(), options.backward.len()), (2, 2));
        let conform = &options.scene.conform;
        assert_eq!((conform.encoder, conform.gop), (Encoder::Mpeg4, Some(300)));
        assert_eq!(conform.encoder_config, ["qp", "-1", "bf", "0"]);
        assert_eq!(conform.library.as_deref(), Some(std::path::Path::new("work")));
        assert_eq!((options.superframe_size, options.superframes), (Some(4), 100));
        assert!(options.rectified && options.pre_reverse_loop && options.n_workers == 2);
        assert_eq!((options.frequency, options.markov_p), (2.0, Some(0.5)));

        let options = read("residua render --forward a.mp4 --scaled");
        let conform = &options.scene.conform;
        assert_eq!((conform.encoder, conform.gop), (Encoder::Libx264, Some(6000)));
        assert_eq!((options.superframes, options.markov_p), (400, Some(0.75)));
        assert_eq!(options.output.as_deref(), Some(std::path::Path::new("output.mov")));
        assert_eq!((options.frequency, options.superframe_size), (0.5, None));

        let options = read("residua render a.mp4 --function rectified-sine -o out.mp4");
        assert_eq!(options.scene.conform.encoder, Encoder::default());
        assert_eq!((options.scene.conform.gop, options.markov_p), (None, None));
        assert_eq!(playhead::FUNCTIONS[options.function], "rectified_sine");
        for wrong in
            ["a.mp4", "-f a.mp4 --scaled --rectified", "a.mp4 -f b.mp4", "-b b.mp4 -o o.mp4"]
        {
            let words = format!("residua render {wrong}");
            assert!(Cli::try_parse_from(words.split_whitespace()).is_err(), "{wrong}");
        }
    }
}
