//! Options of `render`.

use super::{
    scene::{SceneOptions, TAKE_HAS},
    values::{function, number_of, probability},
};
use crate::playhead;
use clap::{Args, builder::ArgPredicate};
use std::path::PathBuf;

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
    pub(super) fn check(&self) -> Result<(), String> {
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
