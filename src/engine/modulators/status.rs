//! What a window shows of modulation.

use super::{LFOS, Modulators, rows::PATCHES};
use crate::{
    engine::Status,
    modulation::Lfo,
    params::{ParamIndex, Store},
};

/// How a patch moves its target, or all of them together ([`Status::modulation`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modulated {
    /// The target.
    pub row: ParamIndex,
    /// How far its result is from what was set (and smoothed), in its own unit.
    pub offset: f64,
    /// How far down it may be moved, in normalised units, 0 or more.
    pub down: f64,
    /// How far up it may be moved, likewise.
    pub up: f64,
}

impl Modulators {
    /// Where each LFO was at this tick, in periods since it began.
    pub fn lfo_periods(&self) -> [f64; LFOS] {
        self.lfos.each_ref().map(Lfo::place)
    }

    /// Writes down what each patch may do to its target at this tick.
    pub fn describe(&self, store: &Store, out: &mut [Option<Modulated>; PATCHES]) {
        for (at, out) in out.iter_mut().enumerate() {
            *out = self.joints.wires[at].and_then(|wire| {
                let depth = store.result().get(self.rows.patches[at].depth);
                let goes_below = self.registry.row(wire.source).range().0 < 0.0;
                let reach = |is_there: bool| if is_there { depth.abs() } else { 0.0 };
                (depth != 0.0).then(|| Modulated {
                    row: wire.target,
                    offset: store.offset(wire.target),
                    down: reach(goes_below || depth < 0.0),
                    up: reach(goes_below || depth > 0.0),
                })
            });
        }
    }
}

impl Status {
    /// What modulates a row at this tick, all its patches together; `None` = nothing does.
    pub fn modulation(&self, row: ParamIndex) -> Option<Modulated> {
        let of_row = self.modulated.iter().flatten().filter(|modulated| modulated.row == row);
        of_row.copied().reduce(|all, one| Modulated {
            down: all.down + one.down,
            up: all.up + one.up,
            ..all
        })
    }
}
