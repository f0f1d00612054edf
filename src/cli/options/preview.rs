//! Options of `preview`.

use super::LibraryOption;
use crate::preview::{BUDGET_BYTES, Way};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What can be done with previews.
#[derive(Subcommand)]
pub enum PreviewCommand {
    /// Code pictures, each in at most so many bytes
    ///
    /// Without OUT: NAME.compressed beside the picture, all of a folder into out/.
    Encode(PreviewEncodeOptions),
    /// Make pictures of previews again, as PNG files of their full size
    ///
    /// Without OUT: NAME.out.png beside the preview, all of a folder into out/.
    Decode(PreviewDecodeOptions),
    /// Tell how much pictures look like their originals
    ///
    /// SSIMULACRA2 (higher is better, 100 is the same) and structural dissimilarity (lower is better,
    /// 0 is the same: 1 / SSIM - 1 over five sizes, luma and chroma), for each picture and in the mean.
    Score {
        /// The pictures
        #[arg(value_name = "IN_DIR")]
        originals: PathBuf,
        /// What was decoded, by the same names
        #[arg(value_name = "DECODED_DIR")]
        decoded: PathBuf,
    },
    /// Put pictures and what each way makes of them side by side
    Sheet {
        /// A picture, or a folder of pictures
        #[arg(value_name = "IN")]
        input: PathBuf,
        /// The sheet, a PNG file
        #[arg(value_name = "OUT", default_value = "sheet.png")]
        output: PathBuf,
        /// Bytes of each preview at most
        #[arg(long, value_name = "N", default_value_t = BUDGET_BYTES)]
        bytes: usize,
        #[command(flatten)]
        codebook: CodebookOptions,
    },
    /// Learn a codebook, and keep it in a file
    Learn {
        /// What to learn from: see --codebook of encode
        #[arg(value_name = "SOURCE")]
        source: String,
        /// The codebook's file
        #[arg(value_name = "OUT")]
        output: PathBuf,
        #[command(flatten)]
        library: LibraryOption,
    },
}

/// Options of `preview encode`.
#[derive(Args)]
pub struct PreviewEncodeOptions {
    /// How: webp (quick), avif (best), lanczos (raw pixels), codebook (drawn with patches)
    #[arg(long, value_name = "WAY", default_value = "webp")]
    pub way: Way,
    /// Bytes of each preview at most
    #[arg(long, value_name = "N", default_value_t = BUDGET_BYTES)]
    pub bytes: usize,
    #[command(flatten)]
    pub codebook: CodebookOptions,
    #[command(flatten)]
    pub paths: PreviewPaths,
}

/// Options of `preview decode`.
#[derive(Args)]
pub struct PreviewDecodeOptions {
    #[command(flatten)]
    pub codebook: CodebookOptions,
    #[command(flatten)]
    pub paths: PreviewPaths,
}

/// Where files come from and go to.
#[derive(Args)]
pub struct PreviewPaths {
    /// A file, or a folder of files
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// The file, or the folder, which is made where there is none
    #[arg(value_name = "OUT")]
    pub output: Option<PathBuf>,
}

/// Options of whatever draws with patches.
#[derive(Args)]
pub struct CodebookOptions {
    /// The patches to draw with: synthetic, a codebook's file, a picture, a folder of pictures, or a
    /// clip of the library [default: those that come with the program]
    ///
    /// A picture must be decoded with the codebook that it was encoded with.
    #[arg(long, value_name = "SOURCE")]
    pub codebook: Option<String>,
    #[command(flatten)]
    pub library: LibraryOption,
}
