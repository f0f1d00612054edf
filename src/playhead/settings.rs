//! What the playhead is told at one tick.

use crate::modulation::Timeline;

/// Mode of travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The position is where the performer puts it.
    Manual,
    /// Superframe i is followed by i + round(size * speed).
    Speed,
    /// A timeline function says.
    Function,
}

/// What happens where the mode of travel asks for no other place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtRest {
    /// The clip plays on in the direction it has.
    PlayOn,
    /// The superframe is repeated: its motion is added again and again.
    Bloom,
    /// The picture stands.
    Hold,
}

/// What happens at the end of the clip, or of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// It begins again at the other end.
    Loop,
    /// It turns round, and again at the other end.
    Bounce,
    /// The picture stands until something moves the playhead.
    Stop,
}

/// The playhead's parameters at one tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Whether the playhead moves.
    pub is_playing: bool,
    /// Mode of travel.
    pub mode: Mode,
    /// Where the performer wants to be, 0..=1 of the slices (of the loop's, while there is one).
    pub position: f64,
    /// How far modulation pushes the playhead where it travels by itself, -1..=1 of the slices: a
    /// function's place is that far off, and at a speed it goes on by what has come to the push.
    pub push: f64,
    /// Superframes per superframe, -4..=4.
    pub speed: f64,
    /// Whether speed and play-on run the other way.
    pub is_reversed: bool,
    /// Access units per superframe, 1..=60.
    pub superframe_size: u32,
    /// What happens at rest.
    pub at_rest: AtRest,
    /// What happens at the end.
    pub at_end: AtEnd,
    /// The two ends of the loop, 0..=1 of the clip's slices, in any order; `None` = the whole clip.
    pub loop_points: Option<(f64, f64)>,
    /// Whether a new position is gone to at once or when the superframe is over.
    pub jumps_now: bool,
    /// Ticks over which a new position is approached; up to a superframe's it is a jump.
    pub glide_ticks: u32,
    /// Whether the first access unit after a jump is fed as a heal.
    pub heals_on_jump: bool,
    /// Whether the stream's own intra pictures are left out.
    pub skips_intra: bool,
    /// Whether the superframe is repeated whatever the mode says.
    pub blooms: bool,
    /// While it stutters, how many access units are repeated.
    pub stutter_units: Option<u32>,
    /// Whether what stutters begins anew now.
    pub is_stutter_due: bool,
    /// How many access units the loop has from where it begins, whatever its other end says.
    pub loop_units: Option<u32>,
    /// Whether the loop begins anew now.
    pub is_loop_due: bool,
    /// What the function mode follows.
    pub timeline: Timeline,
}
