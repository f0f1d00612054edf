//! Codec: the worn picture goes through a real JPEG encoder and decoder, off the engine thread.
//!
//! The picture never waits for the codec. What comes back is the difference of the coded picture to the
//! one that was sent, and that difference is added to the picture of a few ticks later
//! ([`super::coding`]). A picture that stands still becomes exactly the coded one; motion is not set
//! back. The difference is added once in full, in the first generation in which the stage runs. Where
//! the trails are less than the loop alone, every further generation would go back toward the clip, and
//! the picture would pulse: what a generation takes away of the coded picture's way from the clip is
//! added again until the next one is there.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    fixed::{ONE_Q16, q16},
    schedule::common_rows,
    stage::{Coded, Now, PassKind, Second, Stage, StageKind, Turn, Work},
};
use crate::{
    gpu::ShaderText,
    params::{ParamIndex, ParamSpec, Registry, Snapshot},
};
use bytemuck::{Pod, Zeroable};

const TEXT: ShaderText = ShaderText {
    name: "codec",
    parts: &[include_str!("../../shaders/picture.wgsl"), include_str!("../../shaders/codec.wgsl")],
};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "codec",
    rows: &[CODEC, CODEC_AMOUNT, CODEC_QUALITY],
    common: common_rows!("codec", "Codec", 97),
    work: Work::Passes {
        passes: &[PassKind { text: TEXT, entry: "main", tile_px: (8, 8), second: Second::Decoded }],
    },
    // The picture that was sent may have had colour.
    keeps_grey: false,
    reads_motion: false,
    find: |registry| {
        Box::new(CodecStage {
            amount: registry.index_of(&CODEC_AMOUNT),
            uniform: Codec::zeroed(),
            taken_tick: None,
        })
    },
};

/// The switch.
pub const CODEC: ParamSpec = ParamSpec::switch(
    "decay.codec",
    "Codec",
    "Whether the picture goes through a real JPEG encoder again and again, beside the show.",
    true,
);

/// The amount.
pub const CODEC_AMOUNT: ParamSpec = ParamSpec::float(
    "decay.codec_amount",
    "Codec amount",
    "How much of what the encoder does to the picture is taken: 1 = all.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// The quality.
pub const CODEC_QUALITY: ParamSpec = ParamSpec::int(
    "decay.codec_quality",
    "Codec quality",
    "Quality of the encoder, as image programs have it: 1 = the coarsest, 100 = hardly any loss.",
    (1, 100),
    10,
);

/// Uniform of `codec.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Codec {
    /// How much of the difference is added: 65536 = all.
    pub added_q16: i32,
    /// What of the way is added again in every further generation; not read by the shader.
    pub held_q16: i32,
    /// 0 = what the codec changed is added, 1 = its way from the decoded picture.
    pub is_held: i32,
    /// To a multiple of 16 bytes.
    pub unused: i32,
}

/// Where the rows are that the chain needs besides the stage.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    switch: ParamIndex,
    amount: ParamIndex,
    quality: ParamIndex,
}

impl Rows {
    /// Finds them.
    pub fn find(registry: &Registry) -> Self {
        Self {
            switch: registry.index_of(&CODEC),
            amount: registry.index_of(&CODEC_AMOUNT),
            quality: registry.index_of(&CODEC_QUALITY),
        }
    }

    /// The quality asked for, 1..=100; `None` while the codec is off.
    pub fn quality(&self, params: &Snapshot) -> Option<u8> {
        let is_on = params.is_on(self.switch) && params.get(self.amount) > 0.0;
        is_on.then(|| params.int(self.quality).clamp(1, 100) as u8)
    }
}

#[derive(Debug)]
struct CodecStage {
    amount: ParamIndex,
    uniform: Codec,
    /// When a difference was last added in full.
    taken_tick: Option<u64>,
}

impl Stage for CodecStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        now.params.get(self.amount)
    }

    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>> {
        let Coded { copied_tick, tick, lost_q16 } = now.coded?;
        // A schedule may pass over the generation in which a difference comes back: it waits. What was
        // copied before the last one went in does not know of that, and would add it a second time.
        let is_new = self.taken_tick.is_none_or(|taken| taken <= copied_tick);
        let lost = f64::from(lost_q16) / f64::from(ONE_Q16);
        let held_q16 = q16(amount * lost).clamp(0, ONE_Q16);
        let added_q16 = if is_new { q16(amount).clamp(0, ONE_Q16) } else { held_q16 };
        self.uniform = Codec { added_q16, held_q16, is_held: i32::from(!is_new), unused: 0 };
        let uniform = bytemuck::bytes_of(&self.uniform);
        if is_new && added_q16 > 0 {
            self.taken_tick = Some(tick);
        }
        (added_q16 > 0).then_some(Turn { uniform, passes: &[0], greys: false })
    }
}

/// A difference of three colours, -255..=255 each, as `codec.wgsl` reads it.
pub fn packed_difference(difference: [i32; 3]) -> u32 {
    let [red, green, blue] = difference.map(|colour| colour as u32 & 1023);
    red | green << 10 | blue << 20
}

/// What is added of a packed difference in levels, as in `codec.wgsl`.
pub fn part_of(packed: u32, part_q16: i32) -> [i32; 3] {
    [22, 12, 2].map(|up| ((((packed << up) as i32) >> 22) * part_q16 + 32768) >> 16)
}

/// CPU reference.
#[cfg(test)]
pub fn corrected(picture: &Rgb, differences: &[u32], added_q16: i32) -> Rgb {
    picture.map(|x, y, levels| {
        let part = part_of(differences[y * picture.width + x], added_q16);
        std::array::from_fn(|i| i32::from(levels[i]) + part[i])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    #[test]
    fn differences_of_both_signs_are_added() {
        let picture = Rgb::from_fn(2, 1, |_, _| [100, 3, 250]);
        // Ten bits each: -5 is 1019, -255 is 769.
        let words = [10 | 1019 << 10 | 20 << 20, 769 | 255 << 10];
        assert_eq!(words, [[10, -5, 20], [-255, 255, 0]].map(packed_difference));
        let all = corrected(&picture, &words, ONE_Q16);
        assert_eq!(all.pixels, [[110, 0, 255], [0, 255, 250]]);
        let half = corrected(&picture, &words, ONE_Q16 / 2);
        // Halves go up: -2.5 to -2, 127.5 to 128.
        assert_eq!(half.pixels, [[105, 1, 255], [0, 131, 250]]);
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let (picture, coded) = (test_picture(70, 46, 1), test_picture(70, 46, 2));
        let pairs = coded.pixels.iter().zip(&picture.pixels);
        let words = pairs.map(|(coded, sent)| {
            packed_difference(std::array::from_fn(|i| i32::from(coded[i]) - i32::from(sent[i])))
        });
        let words: Vec<u32> = words.collect();
        assert_same(&corrected(&picture, &words, ONE_Q16), &coded);
        // What the shader reads as the way stands behind.
        let both = [words.as_slice(), &words.iter().rev().copied().collect::<Vec<_>>()].concat();
        for added_q16 in [1, 20_000, ONE_Q16] {
            let uniform = Codec { added_q16, held_q16: 0, is_held: 0, unused: 0 };
            let bytes = bytemuck::cast_slice(&both);
            let result = rig.pass_with_packed(&STAGE, 0, &uniform, &picture, bytes);
            assert_same(&result, &corrected(&picture, &words, added_q16));
            let held = Codec { is_held: 1, ..uniform };
            let result = rig.pass_with_packed(&STAGE, 0, &held, &picture, bytes);
            assert_same(&result, &corrected(&picture, &both[words.len()..], added_q16));
        }
    }
}
