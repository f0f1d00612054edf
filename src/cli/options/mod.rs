//! What can be asked for. The help texts are the manual page.

mod decay;
mod library;
mod network;
mod values;

pub use decay::DecayOptions;
pub use library::*;
pub use network::NetworkOptions;

use crate::{
    clip::{Coding, Encoder, Fit, Mosh},
    media::ImportRequest,
    modulation::Curve,
    playhead,
    set::ClipEntry,
    units::{Canvas, FrameRate},
};
use anyhow::Result;
use clap::{
    Args, CommandFactory, Parser, Subcommand, ValueEnum, builder::ArgPredicate, error::ErrorKind,
};
use std::{net::SocketAddr, path::PathBuf, time::Duration};
use values::{
    function, intra_every, named, number_of, pairs, parse_duration, parse_grab, parse_still,
    probability,
};

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
            | Command::Clips(_)
            | Command::Params(_)
            | Command::Presets(_)
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

/// Options that say what is played and how it looks.
#[derive(Clone, Args)]
pub struct SceneOptions {
    /// Videos, clip folders, or one set (.toml); without any, the demo where it can be found
    #[arg(value_name = "CLIP")]
    pub clips: Vec<PathBuf>,
    /// Size and rate of the programme [default: the set's or clip folder's, else 1280x720@30 (640x360@30
    /// on a CPU adapter); `render`: the first source's own]
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
    /// What the function `drawn` follows, place in the period : place in the clip: "0:0 0.25:1 1:0"
    #[arg(long, value_name = "POINTS")]
    pub curve: Option<Curve>,
    /// What the function `list` follows: a text file of slice numbers, counted from 0
    #[arg(long, value_name = "FILE")]
    pub positions: Option<PathBuf>,
    /// A JPEG file whose quantisation tables `decay.dct_table=file` uses
    #[arg(long, value_name = "JPEG")]
    pub tables: Option<PathBuf>,
    /// Put a picture into a slot for throwing (may be repeated), such as 1=face.png
    #[arg(long = "grab", value_name = "SLOT=PICTURE", value_parser = parse_grab)]
    pub grabs: Vec<(u8, PathBuf)>,
    /// Write down what happened, one JSON object per slot
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Add the hash of each picture to the trace
    #[arg(long, requires = "trace")]
    pub trace_hash: bool,
    /// Where sources that are not at their place are looked for, besides the set's folder and the
    /// library (may be repeated)
    #[arg(long, value_name = "DIR")]
    pub search: Vec<PathBuf>,
    /// Without the set's shaders; said by `play --safe`
    #[arg(skip)]
    pub is_safe: bool,
    /// Whether a set is taken as far as it can be, because the show must go on
    #[arg(skip)]
    pub is_lenient: bool,
}

/// Options that say how a source becomes a clip.
#[derive(Clone, Args)]
pub struct ConformOptions {
    /// A source of another shape than the canvas: crop fills it and cuts what stands over, letterbox
    /// adds black borders, stretch distorts. A [[clip]] of a set may say otherwise
    #[arg(long, default_value_t = Fit::default(), value_parser = named::<Fit>(Fit::ALL.map(Fit::name)))]
    pub fit: Fit,
    /// The coding of imported clips: damage lives longest in mpeg4, hardware decodes libx264. A
    /// [[clip]] of a set may say otherwise; between codings a clip begins with a clean picture
    #[arg(long, default_value_t = Encoder::default(), default_value_if("forward", ArgPredicate::IsPresent, Encoder::Libx264.name()), value_parser = named::<Encoder>(Encoder::ALL.map(Encoder::name)))]
    pub encoder: Encoder,
    /// Tell the encoder more, by its own names: preset veryfast qp 31 bf 0 (or key=value)
    ///
    /// libx264 takes preset, tune, profile, qp, crf, bitrate and every option of x264; mpeg4 takes
    /// qscale and the options of libavcodec. An option that is not known prints those that are. Name
    /// videos before this, or put -- before them; a value that begins with a dash goes as key=value.
    #[arg(long, alias = "encoder_config", value_name = "KEY VALUE", num_args = 1.., allow_negative_numbers = true)]
    pub encoder_config: Vec<String>,
    /// An intra picture every N pictures (default: only the first is one; mpeg4 never exceeds 600)
    #[arg(long = "gop", aliases = ["gop-size", "gop_size"], short = 'g', value_name = "N", default_value_if("forward", ArgPredicate::IsPresent, "6000"), value_parser = intra_every())]
    pub gop: Option<u32>,
    /// Ready-made settings by how long damage lives (libx264, mpeg4): soft heals within a second or
    /// two, hard lives for seconds, forever stays
    #[arg(long, value_parser = named::<Mosh>(Mosh::ALL.map(Mosh::name)))]
    pub mosh: Option<Mosh>,
    /// How long a still is shown, in seconds
    #[arg(long, value_name = "S", default_value_t = ImportRequest::STILL_SECS, value_parser = parse_still)]
    pub still_secs: f64,
    /// Pictures per second of a numbered sequence
    #[arg(long, value_name = "RATE", default_value_t = ImportRequest::SEQUENCE_RATE)]
    pub rate: FrameRate,
    /// Where imported clips are kept [default: $XDG_DATA_HOME/residua/clips]
    #[arg(long, aliases = ["dpath-workdir", "dpath_workdir"], value_name = "DIR")]
    pub library: Option<PathBuf>,
}

impl ConformOptions {
    /// What to import for an entry of a set. What the entry asks for comes before what stands here.
    pub fn request(&self, entry: &ClipEntry, canvas: Canvas) -> Result<ImportRequest> {
        let own = &entry.import;
        let encoder = own.encoder.unwrap_or(self.encoder);
        // Options by an encoder's own names are for that encoder.
        let options = match encoder == self.encoder {
            true => pairs(&self.encoder_config)?,
            false => Vec::new(),
        };
        let coding = Coding {
            encoder,
            mosh: own.mosh.or(self.mosh),
            intra_every: own.gop.or(self.gop),
            options,
        };
        Ok(ImportRequest {
            backward: entry.backward.clone(),
            fit: own.fit.unwrap_or(self.fit),
            coding,
            still_secs: own.still_secs.unwrap_or(self.still_secs),
            sequence_rate: self.rate,
            ..ImportRequest::new(&entry.path, canvas)
        })
    }
}

/// What a take says itself: these cannot be asked for besides.
const TAKE_HAS: [&str; 7] = ["clips", "values", "seed", "curve", "positions", "tables", "grabs"];

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
    /// Play a take, and play along: what you touch is yours from then on
    #[arg(long, value_name = "FILE", conflicts_with_all = TAKE_HAS)]
    pub take: Option<PathBuf>,
    #[command(flatten)]
    pub network: NetworkOptions,
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

/// Options of `render`.
#[derive(Args)]
pub struct RenderOptions {
    #[command(flatten)]
    pub scene: SceneOptions,
    /// Sources, one or several: a course through all of them, in superframes of full size
    ///
    /// Without --canvas the canvas is the first source's own size and rate. The encoder is libx264
    /// with --gop 6000, --markov-p .75 and the output output.mov, unless others are named. The
    /// output is the first source's first superframe and N - 1 positions of the function.
    #[arg(long, short = 'f', aliases = ["fpath-in-forward", "fpath_in_forward"], value_name = "VIDEO", num_args = 1.., conflicts_with = "clips")]
    pub forward: Vec<PathBuf>,
    /// The backward stream's sources, one for each of --forward [default: those reversed]
    #[arg(long, short = 'b', aliases = ["fpath-in-backward", "fpath_in_backward"], value_name = "VIDEO", num_args = 1.., requires = "forward")]
    pub backward: Vec<PathBuf>,
    /// The source followed by its reverse, before anything else
    #[arg(long, alias = "pre_reverse_loop")]
    pub pre_reverse_loop: bool,
    /// Access units per superframe [default: the set's, else 6]
    #[arg(long, alias = "superframe_size", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=60))]
    pub superframe_size: Option<u32>,
    /// Superframes in the output; with --forward the first is where the first source begins
    #[arg(long, aliases = ["n-superframes", "n_superframes"], value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub superframes: u32,
    /// The timeline function
    #[arg(long, default_value = "sinusoid", value_parser = function())]
    pub function: usize,
    /// Periods of the function over the output
    #[arg(long, value_name = "F", default_value_t = 0.5, value_parser = number_of(&playhead::FREQUENCY))]
    pub frequency: f64,
    /// Scale all of the sinusoid into the clip (as it is anyway)
    #[arg(long, conflicts_with = "rectified")]
    pub scaled: bool,
    /// Fold the sinusoid's negative half up
    #[arg(long)]
    pub rectified: bool,
    /// Amplitude of the function's second oscillator; the first has 1
    #[arg(long, aliases = ["amplitude_secondary"], value_name = "A", value_parser = number_of(&playhead::AMPLITUDE_SECONDARY))]
    pub amplitude_secondary: Option<f64>,
    /// Periods of the second oscillator over the output
    #[arg(long, aliases = ["frequency_secondary"], value_name = "F", value_parser = number_of(&playhead::FREQUENCY_SECONDARY))]
    pub frequency_secondary: Option<f64>,
    /// After each superframe: the probability of staying with the clip, else the next takes over
    #[arg(long, alias = "markov_p", value_name = "P", default_value_if("forward", ArgPredicate::IsPresent, "0.75"), value_parser = probability)]
    pub markov_p: Option<f64>,
    /// All clips move with the function, not only the one in play
    #[arg(long)]
    pub together: bool,
    /// Accepted; the machine says how many imports run at once
    #[arg(long, alias = "n_workers", value_name = "N", default_value_t = 0)]
    pub n_workers: usize,
    /// There is no manifest: the library's folders say what they are
    #[arg(long, alias = "fpath_manifest", value_name = "FILE", hide = true)]
    pub fpath_manifest: Option<PathBuf>,
    /// Render a take: what was played with --record-take or kept with `take.keep`
    ///
    /// At the same canvas, build and adapter every picture is that of the performance, late slots
    /// included. --preset wears another look instead of the take's.
    #[arg(long, value_name = "FILE", conflicts_with_all = TAKE_HAS, conflicts_with_all = ["forward", "copy", "canvas"])]
    pub take: Option<PathBuf>,
    /// Render the take at another size; its clips are imported again from their sources
    #[arg(long, value_name = "WIDTHxHEIGHT", requires = "take")]
    pub size: Option<String>,
    /// Leave out the slots whose pictures were late, and show each picture once
    #[arg(long, requires = "take")]
    pub steady: bool,
    /// Let parameters in pixels grow with --size
    #[arg(long, requires = "size")]
    pub scale_px: bool,
    /// Render the take with whatever is there, where clips, shaders or parameters are missing or changed
    #[arg(long, requires = "take")]
    pub anyway: bool,
    /// Write the spliced stream itself: nothing is decoded, worn or encoded
    #[arg(long, conflicts_with = "trace")]
    pub copy: bool,
    /// The file (.mkv, .mp4 or .mov; never overwrites, numbers the file)
    #[arg(long, short, aliases = ["fpath-out", "fpath_out"], value_name = "FILE", required_unless_present = "forward", default_value_if("forward", ArgPredicate::IsPresent, "output.mov"))]
    pub output: Option<PathBuf>,
}

impl RenderOptions {
    /// Whether forward and backward sources go together; the error says what is wrong.
    fn check(&self) -> Result<(), String> {
        let (forward, backward) = (self.forward.len(), self.backward.len());
        if backward == 0 || backward == forward {
            return Ok(());
        }
        Err(format!(
            "{forward} forward and {backward} backward sources: name a backward source for each \
             forward one, or none (then they are reversed)"
        ))
    }
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
