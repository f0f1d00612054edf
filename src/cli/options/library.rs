//! What can be asked of the library and of sets.

use super::{
    ConformOptions,
    values::{parse_age, parse_bytes},
};
use crate::units::Canvas;
use clap::{Args, Subcommand};
use std::{path::PathBuf, time::Duration};

/// Options of `clips`.
#[derive(Args)]
pub struct ClipsOptions {
    /// What to do [default: list]
    #[command(subcommand)]
    pub command: Option<ClipsCommand>,
    #[command(flatten)]
    pub list: ClipsListOptions,
}

/// The library that the `clips` commands look after.
#[derive(Args)]
pub struct LibraryOption {
    /// Where imported clips are kept [default: $XDG_DATA_HOME/residua/clips]
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// Options of `clips list`.
#[derive(Args)]
pub struct ClipsListOptions {
    /// As an array of objects
    #[arg(long)]
    pub json: bool,
    /// Only clips with this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    #[command(flatten)]
    pub library: LibraryOption,
}

/// What can be done with clips.
#[derive(Subcommand)]
pub enum ClipsCommand {
    /// List them: digits, name, pictures, length, canvas, encoder, how long damage lives, bytes,
    /// time since they were used, tags
    List(ClipsListOptions),
    /// Print all that is known about a clip
    Show {
        /// The clip
        clip: String,
        #[command(flatten)]
        library: LibraryOption,
    },
    /// Compare every stream with its checksum; exit code 1 where one differs
    Verify {
        /// The clips; without any, all
        clips: Vec<String>,
        /// Import damaged clips again where their source is still there and still the same
        #[arg(long)]
        repair: bool,
        #[command(flatten)]
        library: LibraryOption,
    },
    /// Remove clips from the library; their sources stay
    Remove {
        /// The clips
        #[arg(value_name = "CLIP", required = true)]
        clips: Vec<String>,
        #[command(flatten)]
        library: LibraryOption,
    },
    /// Remove what nobody needs, unused longest first
    Prune(PruneOptions),
    /// Give a clip another title
    Rename {
        /// The clip
        clip: String,
        /// The title; empty gives it back its source's name
        title: String,
        #[command(flatten)]
        library: LibraryOption,
    },
    /// Add tags to a clip, or take them away
    Tag {
        /// The clip
        clip: String,
        /// Tags: a or +a adds, -a takes away
        #[arg(required = true, allow_hyphen_values = true)]
        tags: Vec<String>,
        /// Take all of these away
        #[arg(long)]
        remove: bool,
        #[command(flatten)]
        library: LibraryOption,
    },
}

/// Options of `clips prune`.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("rule").required(true).multiple(true))]
pub struct PruneOptions {
    /// Remove clips that were not used for this long, such as 30d or 12h
    #[arg(long, value_name = "TIME", value_parser = parse_age, group = "rule")]
    pub older_than: Option<Duration>,
    /// Remove clips until the others take no more than this, such as 10GB
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, group = "rule")]
    pub keep_below: Option<u64>,
    /// Keep everything that this set needs (may be repeated)
    #[arg(long, value_name = "SET")]
    pub keep: Vec<PathBuf>,
    /// Keep everything that the sets (.toml) in this folder need
    #[arg(long, value_name = "DIR")]
    pub sets_dir: Option<PathBuf>,
    /// Say what would go, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub library: LibraryOption,
}

/// What can be done with sets.
#[derive(Subcommand)]
pub enum SetCommand {
    /// Copy a set and everything it needs into a new folder, which plays on any machine
    Collect(CollectOptions),
}

/// Options of `set collect`.
#[derive(Args)]
pub struct CollectOptions {
    /// The set (.toml)
    pub set: PathBuf,
    /// The folder, which is not there yet or empty
    pub folder: PathBuf,
    /// Copy the videos as well, so that clips can be imported again there
    #[arg(long)]
    pub with_sources: bool,
    /// Copy this preset as well (may be repeated)
    #[arg(long, value_name = "FILE")]
    pub preset: Vec<PathBuf>,
    /// The canvas, where the set names none [default: as `play`]
    #[arg(long, value_name = "WIDTHxHEIGHT@RATE")]
    pub canvas: Option<Canvas>,
    #[command(flatten)]
    pub conform: ConformOptions,
}

/// What can be done with what remains of a set.
#[derive(Subcommand)]
pub enum RemainsCommand {
    /// Make one file of a set, its looks, takes, previews and shaders
    Pack(RemainsPackOptions),
    /// Make a folder of such a file: a child, which names the file as its parent
    Open(RemainsOpenOptions),
    /// Say what such a file is
    Show(RemainsShowOptions),
}

/// Options of `remains pack`.
#[derive(Args)]
pub struct RemainsPackOptions {
    /// The set (.toml)
    pub set: PathBuf,
    /// The file [default: the set's name with the ending .residua]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Who made it
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// Pack the clips as well; without, only their hashes, by which they are found again
    #[arg(long)]
    pub with_clips: bool,
    /// Pack this preset as well as those in the folder presets beside the set (may be repeated)
    #[arg(long, value_name = "FILE")]
    pub preset: Vec<PathBuf>,
    /// Pack this take (may be repeated) [default: those beside the set]
    #[arg(long, value_name = "FILE")]
    pub take: Vec<PathBuf>,
    /// The canvas, where the set names none [default: as `play`]
    #[arg(long, value_name = "WIDTHxHEIGHT@RATE")]
    pub canvas: Option<Canvas>,
    #[command(flatten)]
    pub conform: ConformOptions,
}

/// Options of `remains open`.
#[derive(Args)]
pub struct RemainsOpenOptions {
    /// The file (.residua)
    pub file: PathBuf,
    /// The folder, which is not there yet or empty [default: the file's name without its ending]
    pub folder: Option<PathBuf>,
}

/// Options of `remains show`.
#[derive(Args)]
pub struct RemainsShowOptions {
    /// The file (.residua)
    pub file: PathBuf,
}
