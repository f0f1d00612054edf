//! What is played, how it looks, and how a source becomes a clip.

use super::values::{intra_every, named, pairs, parse_grab, parse_still};
use crate::{
    clip::{Coding, Encoder, Fit, Mosh},
    media::ImportRequest,
    modulation::Curve,
    set::ClipEntry,
    units::{Canvas, FrameRate},
};
use anyhow::Result;
use clap::{Args, builder::ArgPredicate};
use std::path::PathBuf;

/// What a take says itself: these cannot be asked for besides.
pub const TAKE_HAS: [&str; 7] =
    ["clips", "values", "seed", "curve", "positions", "tables", "grabs"];

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
