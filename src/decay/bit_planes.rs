//! Bit planes: the lowest or the highest bits of every level are lost.

#[cfg(test)]
use super::rgb::Rgb;
use super::{
    schedule::common_rows,
    stage::{Now, Point, Stage, StageKind, Turn, Work},
};
use crate::params::{ParamIndex, ParamSpec};
use bytemuck::{Pod, Zeroable};

/// The stage.
pub static STAGE: StageKind = StageKind {
    name: "bit_planes",
    rows: &[BIT_PLANES, BIT_PLANES_LOW, BIT_PLANES_HIGH],
    common: common_rows!("bit_planes", "Bit planes", 70),
    work: Work::Point(Point {
        uniform: "BitPlanes",
        moves: false,
        changes: true,
        wgsl: include_str!("../../shaders/bit_planes.wgsl"),
    }),
    keeps_grey: true,
    reads_motion: false,
    find: |registry| {
        let lost = [&BIT_PLANES_LOW, &BIT_PLANES_HIGH].map(|row| registry.index_of(row));
        Box::new(BitPlanesStage { lost, uniform: BitPlanes::zeroed() })
    },
};

/// The switch.
pub const BIT_PLANES: ParamSpec = ParamSpec::switch(
    "decay.bit_planes",
    "Bit planes",
    "Whether bits of every level are lost in every generation.",
    true,
);

/// How many of the lowest.
pub const BIT_PLANES_LOW: ParamSpec = ParamSpec::int(
    "decay.bit_planes_low",
    "Low bits lost",
    "How many of the eight bits are lost from below: few = bands, 7 = two levels a colour.",
    (0, 7),
    0,
)
.unit("bits");

/// How many of the highest.
pub const BIT_PLANES_HIGH: ParamSpec = ParamSpec::int(
    "decay.bit_planes_high",
    "High bits lost",
    "How many of the eight bits are lost from above: bright parts turn over into dark ones.",
    (0, 4),
    0,
)
.unit("bits");

/// Uniform of `bit_planes.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct BitPlanes {
    /// Bits that are left.
    pub kept: i32,
    /// What stands for the lost low bits: the middle of what they could hold.
    pub filling: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 2],
}

impl BitPlanes {
    /// Loses so many of the lowest and of the highest bits.
    pub fn new(low: i64, high: i64) -> Self {
        let (low, high) = (low.clamp(0, 7) as u32, high.clamp(0, 7) as u32);
        let kept = (255 >> high) & !((1 << low) - 1);
        Self { kept, filling: (1 << low) >> 1, unused: [0; 2] }
    }
}

#[derive(Debug)]
struct BitPlanesStage {
    lost: [ParamIndex; 2],
    uniform: BitPlanes,
}

impl Stage for BitPlanesStage {
    fn amount(&self, now: &Now<'_>) -> f64 {
        self.lost.iter().map(|lost| now.params.get(*lost)).fold(0.0, f64::max)
    }

    fn settle(&mut self, now: &Now<'_>, _: f64) -> Option<Turn<'_>> {
        let [low, high] = self.lost.map(|lost| now.params.int(lost));
        self.uniform = BitPlanes::new(low, high);
        Some(Turn { uniform: bytemuck::bytes_of(&self.uniform), passes: &[], greys: false })
    }
}

/// CPU reference.
#[cfg(test)]
pub fn thinned(picture: &Rgb, planes: &BitPlanes) -> Rgb {
    picture
        .map(|_, _, levels| levels.map(|level| (i32::from(level) & planes.kept) | planes.filling))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::{assert_same, rig, test_picture};

    fn levels(low: i64, high: i64, levels: [u8; 3]) -> [u8; 3] {
        thinned(&Rgb::from_fn(1, 1, |_, _| levels), &BitPlanes::new(low, high)).pixels[0]
    }

    #[test]
    fn bits_are_lost_at_both_ends() {
        assert_eq!(levels(0, 0, [0, 77, 255]), [0, 77, 255]);
        // 77 = 0b0100_1101: without four low bits 64, and 8 for their middle.
        assert_eq!(levels(4, 0, [0, 77, 255]), [8, 72, 248]);
        assert_eq!(levels(7, 0, [0, 127, 128]), [64, 64, 192]);
        assert_eq!(levels(0, 1, [127, 128, 255]), [127, 0, 127]);
        // What is lost once stays lost, and nothing more goes.
        assert_eq!(levels(4, 1, levels(4, 1, [9, 200, 33])), levels(4, 1, [9, 200, 33]));
    }

    #[test]
    fn the_shader_agrees_with_the_reference() {
        let Some(rig) = rig() else { return };
        let picture = test_picture(70, 46, 1);
        for (low, high) in [(3, 0), (0, 2), (7, 1)] {
            let planes = BitPlanes::new(low, high);
            let result = rig.point(&STAGE, &planes, &picture, &picture);
            assert_same(&result, &thinned(&picture, &planes));
        }
    }
}
