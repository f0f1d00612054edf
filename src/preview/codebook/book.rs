//! A codebook: the patches that pictures are drawn with.

use std::fmt;
use xxhash_rust::xxh3::xxh3_64;

/// Sides of patches, in pixels, and how many there are of each size.
pub const LARGE: usize = 8;
/// See [`LARGE`].
pub const SMALL: usize = 4;
/// See [`LARGE`].
pub const COUNT: usize = 256;
/// What a codebook's file begins with.
const MAGIC: &[u8; 8] = b"RESIDUAP";
/// Pixels of all patches of a codebook.
const PIXELS: usize = COUNT * (LARGE * LARGE + SMALL * SMALL);
/// Lengths of whole patches, as vectors: pixels of large ones count in 1/256, of small ones in 1/128.
pub const LARGE_BITS: u32 = 8;
/// See [`LARGE_BITS`].
pub const SMALL_BITS: u32 = 7;

/// The patches that pictures are drawn with: 256 of 8x8 pixels and 256 of 4x4, without their mean, of
/// length 1, the most useful first.
#[derive(Clone, PartialEq, Eq)]
pub struct Codebook {
    large: Vec<[i8; LARGE * LARGE]>,
    small: Vec<[i8; SMALL * SMALL]>,
    hash: u32,
}

/// Why a file is no codebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no codebook of residua: a codebook has {} bytes and begins with RESIDUAP", MAGIC.len() + PIXELS)]
pub struct NoCodebook;

impl Codebook {
    /// The one that comes with the program, learned from drawn pictures.
    pub fn built_in() -> Self {
        Self::read(include_bytes!("built_in.patches"))
            .expect("the file that comes with the program is whole: a test reads it")
    }

    /// Patches as they were learned; those that are missing are black.
    pub fn new(mut large: Vec<[i8; LARGE * LARGE]>, mut small: Vec<[i8; SMALL * SMALL]>) -> Self {
        large.resize(COUNT, [0; LARGE * LARGE]);
        small.resize(COUNT, [0; SMALL * SMALL]);
        let mut book = Self { large, small, hash: 0 };
        book.hash = xxh3_64(&book.write()) as u32;
        book
    }

    /// The codebook in a file's bytes.
    ///
    /// # Errors
    /// The bytes are something else.
    pub fn read(bytes: &[u8]) -> Result<Self, NoCodebook> {
        let pixels = bytes.strip_prefix(MAGIC).filter(|rest| rest.len() == PIXELS);
        let (large, small) = pixels.ok_or(NoCodebook)?.split_at(COUNT * LARGE * LARGE);
        let (large, _) = large.as_chunks();
        let (small, _) = small.as_chunks();
        Ok(Self::new(
            large.iter().map(|patch: &[u8; 64]| patch.map(u8::cast_signed)).collect(),
            small.iter().map(|patch: &[u8; 16]| patch.map(u8::cast_signed)).collect(),
        ))
    }

    /// The bytes of its file.
    pub fn write(&self) -> Vec<u8> {
        let pixels = self.large.as_flattened().iter().chain(self.small.as_flattened());
        MAGIC.iter().copied().chain(pixels.map(|pixel| pixel.cast_unsigned())).collect()
    }

    /// What encoded pictures name it by.
    pub fn hash(&self) -> u32 {
        self.hash
    }

    /// The large patches; pixels count in 1/256.
    pub fn large(&self) -> &[[i8; LARGE * LARGE]] {
        &self.large
    }

    /// The small patches; pixels count in 1/128.
    pub fn small(&self) -> &[[i8; SMALL * SMALL]] {
        &self.small
    }
}

impl fmt::Debug for Codebook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Codebook({:08x})", self.hash)
    }
}
