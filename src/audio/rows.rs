//! What can be said to the ears, and what they say.

use crate::params::ParamSpec;

/// Whether the instrument listens.
pub const LISTEN_ON: ParamSpec = ParamSpec::switch(
    "listen.on",
    "Listen",
    "Listens to the line in or the microphone, for the meters below; off until somebody wants it.",
    false,
)
.transport();
/// What it listens to.
pub const LISTEN_INPUT: ParamSpec = ParamSpec::choice(
    "listen.input",
    "Listen to",
    "Where sound comes from: JACK where a server runs and else the system's input (auto), or one of \
     them alone.",
    &["auto", "jack", "system"],
    0,
)
.transport()
.detail();
/// Whether loudness is evened out.
pub const LISTEN_AUTO_GAIN: ParamSpec = ParamSpec::switch(
    "listen.auto_gain",
    "Automatic gain",
    "Brings quiet and loud sources slowly to the same level, each band by itself.",
    true,
)
.transport()
.detail();
/// The gain without it.
pub const LISTEN_GAIN_DB: ParamSpec = ParamSpec::float(
    "listen.gain_db",
    "Gain",
    "How much the sound is amplified while the gain is not automatic.",
    (-24.0, 60.0),
    0.0,
)
.unit("dB")
.transport()
.detail();
/// How easily it hears an onset.
pub const LISTEN_SENSITIVITY: ParamSpec = ParamSpec::float(
    "listen.sensitivity",
    "Onset sensitivity",
    "How little of a change is an onset: 0 is only the hardest beat, 1 nearly anything.",
    (0.0, 1.0),
    0.5,
)
.transport()
.detail();
/// How loud it is.
pub const LISTEN_LEVEL: ParamSpec =
    ParamSpec::float("listen.level", "Level heard", "How loud it is.", (0.0, 1.0), 0.0).meter();
/// How loud the basses are.
pub const LISTEN_LOW: ParamSpec =
    ParamSpec::float("listen.low", "Low heard", "How loud it is below 250 Hz.", (0.0, 1.0), 0.0)
        .meter();
/// How loud the middle is.
pub const LISTEN_MID: ParamSpec = ParamSpec::float(
    "listen.mid",
    "Mid heard",
    "How loud it is from 250 Hz to 4 kHz.",
    (0.0, 1.0),
    0.0,
)
.meter();
/// How loud the trebles are.
pub const LISTEN_HIGH: ParamSpec =
    ParamSpec::float("listen.high", "High heard", "How loud it is above 4 kHz.", (0.0, 1.0), 0.0)
        .meter();
/// Something begins.
pub const LISTEN_ONSET: ParamSpec = ParamSpec::trigger(
    "listen.onset",
    "Onset heard",
    "Fires when something begins (a beat, a note), with its force.",
)
.meter();

/// All of them.
pub const PARAMS: &[ParamSpec] = &[
    LISTEN_ON,
    LISTEN_INPUT,
    LISTEN_AUTO_GAIN,
    LISTEN_GAIN_DB,
    LISTEN_SENSITIVITY,
    LISTEN_LEVEL,
    LISTEN_LOW,
    LISTEN_MID,
    LISTEN_HIGH,
    LISTEN_ONSET,
];
