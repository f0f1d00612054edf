//! The playhead's parameters.

mod function;
mod gestures;
mod travel;

pub use function::*;
pub use gestures::*;
pub use travel::*;

use super::{AtEnd, AtRest, Mode, Settings};
use crate::{
    modulation::{Timeline, Wave},
    params::{ParamIndex, ParamSpec, Registry, Snapshot},
};

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    PLAY,
    POSITION,
    MODE,
    SPEED,
    REVERSE,
    SUPERFRAME_SIZE,
    JUMP,
    GLIDE_SECS,
    HEAL_ON_JUMP,
    REST,
    END,
    LOOP_ON,
    LOOP_START,
    LOOP_END,
    LOOP_BEATS,
    STUTTER,
    STUTTER_UNITS,
    STUTTER_BEATS,
    BEND,
    BEND_RANGE,
    INTRA,
    FUNCTION,
    FREQUENCY,
    SUPERFRAMES,
    AMPLITUDE_SECONDARY,
    FREQUENCY_SECONDARY,
    RECTIFIED,
    CHANCE_STEP,
    HOLD_SUPERFRAMES,
    SEED,
];

/// The rows' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// [`PLAY`].
    pub play: ParamIndex,
    /// [`POSITION`].
    pub position: ParamIndex,
    /// [`MODE`].
    pub mode: ParamIndex,
    /// [`SPEED`].
    pub speed: ParamIndex,
    reverse: ParamIndex,
    size: ParamIndex,
    jump: ParamIndex,
    glide: ParamIndex,
    heal_on_jump: ParamIndex,
    rest: ParamIndex,
    end: ParamIndex,
    /// [`LOOP_ON`].
    pub loop_on: ParamIndex,
    /// [`LOOP_START`].
    pub loop_start: ParamIndex,
    loop_end: ParamIndex,
    loop_beats: ParamIndex,
    /// [`STUTTER`].
    pub stutter: ParamIndex,
    stutter_units: ParamIndex,
    stutter_beats: ParamIndex,
    bend: ParamIndex,
    bend_range: ParamIndex,
    intra: ParamIndex,
    function: ParamIndex,
    frequency: ParamIndex,
    superframes: ParamIndex,
    amplitude_secondary: ParamIndex,
    frequency_secondary: ParamIndex,
    rectified: ParamIndex,
    chance_step: ParamIndex,
    hold_superframes: ParamIndex,
    seed: ParamIndex,
}

impl Rows {
    /// Finds the rows.
    pub fn resolve(registry: &Registry) -> Self {
        let index = |row: &ParamSpec| registry.index_of(row);
        Self {
            play: index(&PLAY),
            position: index(&POSITION),
            mode: index(&MODE),
            speed: index(&SPEED),
            reverse: index(&REVERSE),
            size: index(&SUPERFRAME_SIZE),
            jump: index(&JUMP),
            glide: index(&GLIDE_SECS),
            heal_on_jump: index(&HEAL_ON_JUMP),
            rest: index(&REST),
            end: index(&END),
            loop_on: index(&LOOP_ON),
            loop_start: index(&LOOP_START),
            loop_end: index(&LOOP_END),
            loop_beats: index(&LOOP_BEATS),
            stutter: index(&STUTTER),
            stutter_units: index(&STUTTER_UNITS),
            stutter_beats: index(&STUTTER_BEATS),
            bend: index(&BEND),
            bend_range: index(&BEND_RANGE),
            intra: index(&INTRA),
            function: index(&FUNCTION),
            frequency: index(&FREQUENCY),
            superframes: index(&SUPERFRAMES),
            amplitude_secondary: index(&AMPLITUDE_SECONDARY),
            frequency_secondary: index(&FREQUENCY_SECONDARY),
            rectified: index(&RECTIFIED),
            chance_step: index(&CHANCE_STEP),
            hold_superframes: index(&HOLD_SUPERFRAMES),
            seed: index(&SEED),
        }
    }

    /// The playhead's settings at one tick. `blooms` comes from the mosh rows, `hertz` is the
    /// canvas's rate.
    pub fn settings(&self, snapshot: &Snapshot, blooms: bool, hertz: f64) -> Settings {
        let loop_points = (snapshot.get(self.loop_start), snapshot.get(self.loop_end));
        let stutter_units = snapshot.int(self.stutter_units).clamp(1, 60) as u32;
        Settings {
            is_playing: snapshot.is_on(self.play),
            mode: match snapshot.int(self.mode) {
                0 => Mode::Manual,
                1 => Mode::Speed,
                _ => Mode::Function,
            },
            position: snapshot.get(self.position),
            push: 0.0,
            speed: snapshot.get(self.speed),
            is_reversed: snapshot.is_on(self.reverse),
            superframe_size: self.superframe_size(snapshot),
            at_rest: match snapshot.int(self.rest) {
                0 => AtRest::PlayOn,
                1 => AtRest::Bloom,
                _ => AtRest::Hold,
            },
            at_end: match snapshot.int(self.end) {
                0 => AtEnd::Loop,
                1 => AtEnd::Bounce,
                _ => AtEnd::Stop,
            },
            loop_points: snapshot.is_on(self.loop_on).then_some(loop_points),
            jumps_now: snapshot.int(self.jump) == 1,
            glide_ticks: (snapshot.get(self.glide) * hertz).round() as u32,
            heals_on_jump: snapshot.is_on(self.heal_on_jump),
            skips_intra: snapshot.int(self.intra) == 0,
            blooms,
            stutter_units: snapshot.is_on(self.stutter).then_some(stutter_units),
            is_stutter_due: false,
            loop_units: None,
            is_loop_due: false,
            timeline: Timeline {
                wave: self.wave(snapshot),
                frequency: snapshot.get(self.frequency),
                superframes: snapshot.int(self.superframes).max(1) as u32,
            },
        }
    }

    /// How much the bend adds to the speed.
    pub fn bend(&self, snapshot: &Snapshot) -> f64 {
        snapshot.get(self.bend) * snapshot.get(self.bend_range)
    }

    /// Where the bend is, a row that springs back.
    pub fn bend_row(&self) -> ParamIndex {
        self.bend
    }

    /// How many beats stutter repeats, where it goes by the beat.
    pub fn stutter_beats(&self, snapshot: &Snapshot) -> Option<f64> {
        beats_of(&STUTTER_BEATS_OF, snapshot.int(self.stutter_beats))
    }

    /// How many beats the loop has, where it goes by the beat.
    pub fn loop_beats(&self, snapshot: &Snapshot) -> Option<f64> {
        beats_of(&LOOP_BEATS_OF, snapshot.int(self.loop_beats))
    }

    /// Access units per superframe.
    pub fn superframe_size(&self, snapshot: &Snapshot) -> u32 {
        snapshot.int(self.size).clamp(1, 60) as u32
    }

    /// The seed of whatever chance decides, from clip to clip too.
    pub fn seed(&self, snapshot: &Snapshot) -> u64 {
        snapshot.int(self.seed).unsigned_abs()
    }

    /// The function by its place among [`FUNCTIONS`].
    fn wave(&self, snapshot: &Snapshot) -> Wave {
        let seed = self.seed(snapshot);
        match snapshot.int(self.function) {
            0 => Wave::RectifiedSine,
            1 => Wave::Sinusoid {
                is_rectified: snapshot.is_on(self.rectified),
                amplitude_secondary: snapshot.get(self.amplitude_secondary),
                frequency_secondary: snapshot.get(self.frequency_secondary),
            },
            2 => Wave::Supersaw {
                superframe_size: self.superframe_size(snapshot),
                amplitude_secondary: snapshot.get(self.amplitude_secondary),
            },
            3 => Wave::Triangle,
            4 => Wave::Ramp,
            5 => Wave::RandomWalk { seed, step: snapshot.get(self.chance_step) },
            6 => Wave::SampleAndHold {
                seed,
                hold: snapshot.int(self.hold_superframes).max(1) as u32,
            },
            7 => Wave::Drawn,
            _ => Wave::List,
        }
    }
}

fn beats_of(beats: &[f64], choice: i64) -> Option<f64> {
    let beats = usize::try_from(choice).ok().and_then(|choice| beats.get(choice)).copied();
    beats.filter(|beats| *beats > 0.0)
}
