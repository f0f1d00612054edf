//! What the ears are asked for, written by the engine in each tick and read by their thread.

use super::rows::{LISTEN_AUTO_GAIN, LISTEN_GAIN_DB, LISTEN_INPUT, LISTEN_ON, LISTEN_SENSITIVITY};
use crate::params::{ParamIndex, Registry, Snapshot};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
};

/// Which inputs may be listened to, as `listen.input` counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Auto,
    Jack,
    System,
}

/// How the ears are to hear at this moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hearing {
    /// The gain in dB; `None` = automatic.
    pub gain_db: Option<f64>,
    /// How little of a change is an onset, 0..=1.
    pub sensitivity: f64,
}

/// The wish. Neither writing nor reading blocks or allocates.
#[derive(Debug, Default)]
pub struct Wish {
    is_on: AtomicBool,
    input: AtomicU8,
    is_automatic: AtomicBool,
    /// As the bits of floats.
    gain_db: AtomicU32,
    sensitivity: AtomicU32,
}

/// The engine's end of it.
#[derive(Debug)]
pub struct Wisher {
    wish: Arc<Wish>,
    rows: [ParamIndex; 5],
}

impl Wisher {
    /// For the ears that read `wish`.
    pub fn new(registry: &Registry, wish: Arc<Wish>) -> Self {
        let rows =
            [&LISTEN_ON, &LISTEN_INPUT, &LISTEN_AUTO_GAIN, &LISTEN_GAIN_DB, &LISTEN_SENSITIVITY];
        Self { wish, rows: rows.map(|row| registry.index_of(row)) }
    }

    /// Once a tick: what is in force.
    pub fn wish(&self, values: &Snapshot) {
        let [on, input, automatic, gain_db, sensitivity] = self.rows;
        let wish = &self.wish;
        wish.is_on.store(values.is_on(on), Ordering::Relaxed);
        wish.input.store(values.int(input).clamp(0, 2) as u8, Ordering::Relaxed);
        wish.is_automatic.store(values.is_on(automatic), Ordering::Relaxed);
        wish.gain_db.store(values.float(gain_db).to_bits(), Ordering::Relaxed);
        wish.sensitivity.store(values.float(sensitivity).to_bits(), Ordering::Relaxed);
    }
}

impl Wish {
    pub(super) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    pub(super) fn input(&self) -> Input {
        match self.input.load(Ordering::Relaxed) {
            0 => Input::Auto,
            1 => Input::Jack,
            _ => Input::System,
        }
    }

    pub(super) fn hearing(&self) -> Hearing {
        let float = |bits: &AtomicU32| f64::from(f32::from_bits(bits.load(Ordering::Relaxed)));
        let is_automatic = self.is_automatic.load(Ordering::Relaxed);
        Hearing {
            gain_db: (!is_automatic).then(|| float(&self.gain_db)),
            sensitivity: float(&self.sensitivity),
        }
    }
}
