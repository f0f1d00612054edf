//! What a stage is: its rows, its shader, and what it does in one generation.
//!
//! A stage is one Rust file and one WGSL file, and one word in the list in `mod.rs`. The chain asks
//! it at every generation what to do ([`Stage::settle`]); a stage that has nothing to do costs nothing.

use super::{dct::Dct, noise, schedule::AGE_ROWS};
use crate::{
    gpu::ShaderText,
    params::{ParamSpec, Registry, Snapshot},
};
use std::fmt::Debug;

/// How all shaders reach the working pictures.
pub const PICTURE: &str = include_str!("../../shaders/picture.wgsl");

/// Everything there is to know of a stage before it runs.
#[derive(Debug)]
pub struct StageKind {
    /// Its name: `shaders/NAME.wgsl`, the switch `decay.NAME`, the start of its functions in WGSL.
    pub name: &'static str,
    /// Its own rows, the switch first, then the one that most says how much it does.
    pub rows: &'static [ParamSpec],
    /// The rows that every stage has, from `common_rows!`.
    pub common: [ParamSpec; AGE_ROWS],
    /// How its shader is run.
    pub work: Work,
    /// Whether a grey picture leaves it grey.
    pub keeps_grey: bool,
    /// Whether it reads how much the clip moves at each pixel (`load_motion`).
    pub reads_motion: bool,
    /// Finds its rows and makes it.
    pub find: fn(&Registry) -> Box<dyn Stage>,
}

impl StageKind {
    /// What the chain must know of it while it runs.
    pub fn manner(&self) -> Manner {
        let passes = match &self.work {
            Work::Point(_) => None,
            Work::Passes { passes, .. } => Some(*passes),
        };
        Manner { passes, keeps_grey: self.keeps_grey, reads_motion: self.reads_motion }
    }
}

/// What the chain must know of a stage while it runs.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Its passes; `None` = it works on each pixel by itself, see [`Work::Point`].
    pub passes: Option<&'static [PassKind]>,
    /// See [`StageKind::keeps_grey`].
    pub keeps_grey: bool,
    /// See [`StageKind::reads_motion`].
    pub reads_motion: bool,
}

/// How a shader is run.
#[derive(Debug)]
pub enum Work {
    /// On each pixel by itself. Neighbours in the order fuse to one pass.
    Point(Point),
    /// As passes of its own, which may read pixels around.
    Passes {
        /// Its passes; [`Turn::passes`] says which are run.
        passes: &'static [PassKind],
    },
}

/// A stage that makes each pixel from one pixel. Its WGSL has a struct (its uniform), and one or both
/// of two functions named after the stage:
/// `fn NAME_from(u: Uniform, texel: vec2<i32>) -> vec2<i32>` says from where a pixel is taken,
/// `fn NAME_levels(u: Uniform, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32>` changes its levels
/// (limited to 0..=255 afterwards).
#[derive(Debug)]
pub struct Point {
    /// Name of the WGSL struct. A multiple of 16 bytes, at most [`POINT_UNIFORM_BYTES`].
    pub uniform: &'static str,
    /// Whether there is `NAME_from`.
    pub moves: bool,
    /// Whether there is `NAME_levels`.
    pub changes: bool,
    /// The stage's own WGSL.
    pub wgsl: &'static str,
}

/// Largest uniform of a [`Point`].
pub const POINT_UNIFORM_BYTES: usize = 96;

/// One pass from picture to picture.
#[derive(Debug)]
pub struct PassKind {
    /// The shader.
    pub text: ShaderText,
    /// Entry point.
    pub entry: &'static str,
    /// Pixels that a workgroup makes.
    pub tile_px: (u32, u32),
    /// What `load_second` reads.
    pub second: Second,
}

/// The second picture of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// The decoded picture.
    Decoded,
    /// The picture as it came to this stage.
    Input,
    /// The worn picture of the generation before; the decoded one where there is none.
    Worn,
}

/// The moment for which a stage settles.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// Values in force.
    pub params: &'a Snapshot,
    /// `decay.amount`, 0..=1.
    pub wear: f64,
    /// Running number of the generation since the start: never the same twice, keys chance.
    pub generation: u64,
    /// Generations since the decay was last healed; this one is at least 1.
    pub age: u64,
    /// Of the performance.
    pub seed: u64,
    /// Width and height of the picture.
    pub size_px: [u32; 2],
    /// Whether fractions of a level are cut off instead of rounded (`decay.rounding`).
    pub truncates: bool,
    /// Whether all three colours of the picture are equal everywhere.
    pub is_grey: bool,
    /// What the codec has made of an earlier picture, if there is such a thing.
    pub coded: Option<Coded>,
}

/// What the codec made of an earlier picture, as it stands for one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coded {
    /// Tick at whose end the picture was copied, in ticks of the chain.
    pub copied_tick: u64,
    /// The tick in which this generation is made, in the same count.
    pub tick: u64,
    /// What a generation loses of what is worn, since so much of the decoded picture goes in: 65536 =
    /// all.
    pub lost_q16: i32,
}

impl Now<'_> {
    /// Four words of chance that belong to this generation of this performance, another four for
    /// each `salt`. Salt 0: the first two key the noise, the others draw the shift.
    pub fn words(&self, salt: u32) -> [u32; 4] {
        let [a, b, c, d] = noise::generation_words(self.seed, self.generation);
        if salt == 0 { [a, b, c, d] } else { noise::pcg4d([a, b, c ^ salt, d]) }
    }

    /// What is added before the 16 bits of fraction are cut off.
    pub fn half_q16(&self) -> i32 {
        if self.truncates { 0 } else { 1 << 15 }
    }
}

/// What a stage does in one generation.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// Bytes of the uniform.
    pub uniform: &'a [u8],
    /// Which of [`Work::Passes`] are run, in order; without meaning for a point stage.
    pub passes: &'static [usize],
    /// Whether the picture is grey afterwards whatever it was.
    pub greys: bool,
}

/// A stage of one chain.
pub trait Stage: Send + Debug {
    /// How much it does while its switch is on, in its own measure, before schedules: 0 = nothing.
    fn amount(&self, now: &Now<'_>) -> f64;

    /// What it does in this generation. `amount` is [`Self::amount`] as the schedule leaves it,
    /// above 0. `None` = nothing after all. Must not allocate.
    fn settle(&mut self, now: &Now<'_>, amount: f64) -> Option<Turn<'_>>;

    /// Takes quantisation tables that were read from a file, before the show begins. Of use to the
    /// stage that quantises.
    fn use_tables(&mut self, _: &Dct) {}

    /// The quantisation tables of this generation, with what chance adds left out; `amount` as in
    /// [`Self::settle`]. Of the stage that quantises.
    fn tables(&self, _now: &Now<'_>, _amount: f64) -> Option<Dct> {
        None
    }
}
