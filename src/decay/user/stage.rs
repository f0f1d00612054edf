//! What a user's stage does in one generation.

use super::header::Header;
use crate::{
    decay::{
        schedule::Common,
        stage::{Manner, Now, PassKind, Second, Stage, Turn},
    },
    gpu::ShaderText,
    params::{ParamIndex, ParamSpec},
};
use xxhash_rust::xxh3::xxh3_64;

/// Entry point in `shaders/user.wgsl`.
pub const ENTRY: &str = "residua_main";

/// Pixels that a workgroup makes, as in `shaders/user.wgsl`.
const TILE_PX: (u32, u32) = (8, 8);

/// The text stands in the user's file; its pipeline is made apart.
const OWN_TEXT: ShaderText = ShaderText { name: "user", parts: &[] };

/// The pass of a shader that reads the decoded picture besides its input, or nothing.
static WITH_CLIP: [PassKind; 1] =
    [PassKind { text: OWN_TEXT, entry: ENTRY, tile_px: TILE_PX, second: Second::Decoded }];

/// The pass of a shader that reads the worn picture of the generation before.
static WITH_WORN: [PassKind; 1] =
    [PassKind { text: OWN_TEXT, entry: ENTRY, tile_px: TILE_PX, second: Second::Worn }];

/// How a user's shader is run.
pub fn manner(reads_worn: bool) -> Manner {
    let passes = if reads_worn { &WITH_WORN } else { &WITH_CLIP };
    Manner { passes: Some(passes), keeps_grey: false, reads_motion: false }
}

/// Words of `ResiduaStage` in `shaders/user.wgsl` before the parameters.
const HEAD_WORDS: usize = 12;

/// A user's stage.
#[derive(Debug)]
pub struct UserStage {
    params: Vec<ParamIndex>,
    /// Which parameter is the amount, and its range.
    amount: Option<(usize, (f64, f64))>,
    /// So that no two stages have the same chance.
    salt: u32,
    /// The uniform.
    words: Vec<u32>,
}

impl UserStage {
    /// Makes it of its rows, which are declared at these places.
    pub fn new(name: &str, header: &Header, rows: &[ParamSpec], places: &[ParamIndex]) -> Self {
        let count = header.params.len();
        let amount = header.amount().map(|place| (place, rows[1 + place].range()));
        Self {
            params: places[1..=count].to_vec(),
            amount,
            // Never 0, which is the chance of the chain's own stages.
            salt: xxh3_64(name.as_bytes()) as u32 | 1,
            // The struct's size is a multiple of 16 bytes.
            words: vec![0; (HEAD_WORDS + count.max(1)).next_multiple_of(4)],
        }
    }
}

/// The common rows of a stage with so many parameters: the switch stands before those, the others
/// after them. `None` where rows are missing.
pub fn common(params: usize, places: &[ParamIndex]) -> Option<Common> {
    let rest = places.get(1 + params..)?.try_into().ok()?;
    Some(Common::at(*places.first()?, rest))
}

impl Stage for UserStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        self.amount.map_or(1.0, |(place, _)| now.params.get(self.params[place]).abs())
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let part = if self.amount.is_some() { 1.0 } else { amount as f32 };
        let [width, height] = now.size_px.map(|side| side as f32);
        let numbers = [width, height, now.generation as f32, now.age as f32, part];
        self.words[..4].copy_from_slice(&now.words(self.salt));
        for (word, number) in self.words[4..].iter_mut().zip(numbers) {
            *word = number.to_bits();
        }
        for (word, param) in self.words[HEAD_WORDS..].iter_mut().zip(&self.params) {
            *word = now.params.float(*param).to_bits();
        }
        if let Some((place, (min, max))) = self.amount {
            let scheduled = amount.copysign(now.params.get(self.params[place])).clamp(min, max);
            self.words[HEAD_WORDS + place] = (scheduled as f32).to_bits();
        }
        let uniform = bytemuck::cast_slice(&self.words);
        Some(Turn { uniform, passes: &[0], greys: false })
    }
}
