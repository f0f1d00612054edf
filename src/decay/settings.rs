//! What the chain does at one tick, worked out from the parameters. Pure.

use super::{
    black_and_white as bw, blur, dct, feedback,
    fixed::{ONE_Q16, q16},
    noise, sharpen, shift,
};
use crate::params::{Curve, ParamIndex, ParamSpec, Registry, Snapshot};

/// The macro over all stages.
pub const AMOUNT: ParamSpec = ParamSpec::float(
    "decay.amount",
    "Wear",
    "Adds wear of a balanced kind to what the stages are set to, in every stage that is on.",
    (0.0, 1.0),
    0.0,
)
.smoothed(30.0);

/// What full wear adds to the stages, so that one knob takes a picture from clean to gone. Chosen
/// by eye on moving pictures: the blur and the sharpening feed on each other and grow contours, the
/// blocks eat what is fine, the trails let it all add up.
struct FullWear;

impl FullWear {
    const FEEDBACK: f64 = 0.93;
    const NOISE_LEVELS: f64 = 2.0;
    const BLUR_PX: f64 = 0.9;
    const SHARPEN: f64 = 0.9;
    const DCT: f64 = 0.55;
}

/// Dry or wet.
pub const MIX: ParamSpec = ParamSpec::float(
    "decay.mix",
    "Mix",
    "How much of the worn picture is shown: 0 = the decoded picture alone (wear goes on unseen).",
    (0.0, 1.0),
    1.0,
)
.smoothed(30.0);

/// The rate, kept by the engine, which says how many generations a tick makes.
pub const GENERATIONS_PER_SECOND: ParamSpec = ParamSpec::int(
    "decay.generations_per_second",
    "Generations per second",
    "How many generations of wear are made in a second.",
    (1, 60),
    30,
)
.curve(Curve::Power(2.0))
.unit("1/s");

/// Below this standard deviation a Gaussian's first neighbours weigh less than half a level.
const LEAST_SIGMA_PX: f64 = 0.25;

/// Where the rows of this room are in the registry.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    amount: ParamIndex,
    feedback: ParamIndex,
    mix: ParamIndex,
    shift: ParamIndex,
    shift_px: ParamIndex,
    drift_px: [ParamIndex; 2],
    noise: ParamIndex,
    noise_amplitude: ParamIndex,
    blur: ParamIndex,
    blur_radius_px: ParamIndex,
    sharpen: ParamIndex,
    sharpen_amount: ParamIndex,
    sharpen_radius_px: ParamIndex,
    black_and_white: ParamIndex,
    black_and_white_amount: ParamIndex,
    dct: ParamIndex,
    dct_amount: ParamIndex,
}

impl Rows {
    /// Finds them, once.
    pub fn find(registry: &Registry) -> Self {
        let at = |row| registry.index_of(row);
        Self {
            amount: at(&AMOUNT),
            feedback: at(&feedback::FEEDBACK),
            mix: at(&MIX),
            shift: at(&shift::SHIFT),
            shift_px: at(&shift::SHIFT_PX),
            drift_px: [at(&shift::SHIFT_DRIFT_X_PX), at(&shift::SHIFT_DRIFT_Y_PX)],
            noise: at(&noise::NOISE),
            noise_amplitude: at(&noise::NOISE_AMPLITUDE),
            blur: at(&blur::BLUR),
            blur_radius_px: at(&blur::BLUR_RADIUS_PX),
            sharpen: at(&sharpen::SHARPEN),
            sharpen_amount: at(&sharpen::SHARPEN_AMOUNT),
            sharpen_radius_px: at(&sharpen::SHARPEN_RADIUS_PX),
            black_and_white: at(&bw::BLACK_AND_WHITE),
            black_and_white_amount: at(&bw::BLACK_AND_WHITE_AMOUNT),
            dct: at(&dct::DCT),
            dct_amount: at(&dct::DCT_AMOUNT),
        }
    }
}

/// Effective amounts: switches and `decay.amount` are worked in; 0 means that the stage is off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settings {
    /// 0 = no memory, 65536 = the loop alone.
    pub feedback_q16: i32,
    /// 0 = decoded, 65536 = worn.
    pub mix_q16: i32,
    /// Largest random shift.
    pub shift_px: i32,
    /// Constant shift, right and down.
    pub drift_px: [f64; 2],
    /// Levels per unit of noise.
    pub noise_q16: i32,
    /// Standard deviation of the blur.
    pub blur_px: f64,
    /// Times the difference.
    pub sharpen_q16: i32,
    /// Standard deviation of the blur that sharpen compares with.
    pub sharpen_px: f64,
    /// 65536 = no colour left.
    pub black_and_white_q16: i32,
    /// 0..=1, see [`dct::Dct::from_amount`].
    pub dct: f64,
}

impl Settings {
    /// Reads the parameters.
    pub fn read(params: &Snapshot, rows: &Rows) -> Self {
        let wear = params.get(rows.amount);
        let amount = |switch, amount, full_wear: f64| {
            if params.is_on(switch) { params.get(amount) + full_wear * wear } else { 0.0 }
        };
        let feedback = params.get(rows.feedback);
        let feedback = feedback.max(FullWear::FEEDBACK * wear);
        let blur_px = amount(rows.blur, rows.blur_radius_px, FullWear::BLUR_PX);
        let noise = amount(rows.noise, rows.noise_amplitude, FullWear::NOISE_LEVELS);
        let sharpen = amount(rows.sharpen, rows.sharpen_amount, FullWear::SHARPEN);
        let grey = amount(rows.black_and_white, rows.black_and_white_amount, 0.0);
        Self {
            feedback_q16: q16(feedback).clamp(0, ONE_Q16),
            mix_q16: q16(params.get(rows.mix)).clamp(0, ONE_Q16),
            shift_px: amount(rows.shift, rows.shift_px, 0.0).round() as i32,
            drift_px: rows.drift_px.map(|drift| amount(rows.shift, drift, 0.0)),
            noise_q16: noise::noise_q16(noise),
            blur_px: if blur_px < LEAST_SIGMA_PX { 0.0 } else { blur_px },
            sharpen_q16: sharpen::amount_q16(sharpen),
            sharpen_px: params.get(rows.sharpen_radius_px),
            black_and_white_q16: q16(grey),
            dct: amount(rows.dct, rows.dct_amount, FullWear::DCT).min(1.0),
        }
    }

    /// Whether the picture moves.
    pub fn shifts(&self) -> bool {
        self.shift_px > 0 || self.drift_px != [0.0; 2]
    }

    /// Whether a generation would be the decoded picture itself.
    pub fn is_neutral(&self) -> bool {
        self.feedback_q16 == 0
            && !self.shifts()
            && self.noise_q16 == 0
            && self.blur_px == 0.0
            && self.sharpen_q16 == 0
            && self.black_and_white_q16 == 0
            && self.dct == 0.0
    }
}
