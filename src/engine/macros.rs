//! Macros: one knob that moves several parameters, each over its own range and curve.
//!
//! On the engine thread. What a macro moves is what was set, as if it had been moved by hand, so
//! that clips keep it, controllers see it, and an undo takes it back.

use crate::{
    modulation::bend,
    params::{Family, Members, ParamIndex, ParamSpec, Registry, Snapshot},
};
use std::array;

/// Macros there are: a row of knobs has eight.
pub(super) const MACROS: usize = 8;
/// Parameters that each moves at most.
pub(super) const TARGETS: usize = 6;
/// Of all of them.
const PARTS: usize = MACROS * TARGETS;

/// What macros are called: what each moves until somebody says otherwise.
const NAMES: [&str; MACROS] = [
    "Macro N: Wear",
    "Macro N: Trails",
    "Macro N: Noise",
    "Macro N: Speed",
    "Macro N: Errors",
    "Macro N: Drift",
    "Macro N: Clean",
    "Macro N: Colours",
];

/// What a macro moves at first.
struct AtFirst {
    /// Which macro, and which of its targets, as their ids count them.
    part: [usize; 2],
    named: &'static str,
    low: f64,
    high: f64,
}

const fn at_first(part: [usize; 2], named: &'static str, low: f64, high: f64) -> AtFirst {
    AtFirst { part, named, low, high }
}

/// What macros move at first; the low end is where a parameter does nothing.
static AT_FIRST: [AtFirst; 15] = [
    at_first([1, 1], "decay.dct_amount", 0.0, 0.85),
    at_first([1, 2], "decay.sharpen_amount", 0.0, 0.35),
    at_first([2, 1], "decay.feedback", 0.0, 0.97),
    at_first([2, 2], "decay.feedback_zoom", 0.5, 0.55),
    at_first([3, 1], "decay.noise_amplitude", 0.0, 0.6),
    at_first([4, 1], "playhead.speed", 0.625, 1.0),
    at_first([5, 1], "decay.errors_moved", 0.0, 0.5),
    at_first([5, 2], "decay.errors_slipped", 0.0, 0.6),
    at_first([5, 3], "decay.block_hold_threshold", 0.0, 0.6),
    at_first([6, 1], "decay.shift_drift_y_px", 0.5, 0.56),
    at_first([6, 2], "decay.shift_drift_x_px", 0.5, 0.53),
    at_first([6, 3], "decay.feedback_turn_degrees", 0.5, 0.58),
    at_first([7, 1], "mix.clean", 0.0, 1.0),
    at_first([8, 1], "decay.colour_drift_hue_degrees", 0.5, 0.8),
    at_first([8, 2], "decay.colour_drift_saturation", 0.5, 0.65),
];

/// What the target at a place of the families moves at first.
fn first_of(place: usize) -> Option<&'static AtFirst> {
    AT_FIRST.iter().find(|first| first.part == numbers(place))
}

/// The macro of a target, and its number there.
fn numbers(place: usize) -> [usize; 2] {
    [place / TARGETS + 1, place % TARGETS + 1]
}

static KNOBS: Family<MACROS> = Family::new(
    ParamSpec::float(
        "macro.N",
        "",
        "Moves what the targets of macro_part.N name, each over its range; so named for what it moves \
         at first.",
        (0.0, 1.0),
        0.0,
    )
    .transport(),
)
.each(|row, place| ParamSpec { name: NAMES[place], ..row });

const fn part(row: ParamSpec) -> Family<PARTS> {
    Family::new(row.transport().detail()).numbered(numbers)
}

static TARGET: Family<PARTS> = part(ParamSpec::reference(
    "macro_part.N.M.target",
    "Macro N moves (M)",
    "The parameter that the macro moves.",
))
.each(|row, place| first_of(place).map_or(row, |first| row.naming(first.named)));

static LOW: Family<PARTS> = part(ParamSpec::float(
    "macro_part.N.M.low",
    "Macro N from (M)",
    "Where that parameter is while the macro is at 0, as a part of its range.",
    (0.0, 1.0),
    0.0,
))
.each(|row, place| first_of(place).map_or(row, |first| row.at_first(first.low)));

static HIGH: Family<PARTS> = part(ParamSpec::float(
    "macro_part.N.M.high",
    "Macro N to (M)",
    "Where it is while the macro is at 1; below the other end it runs down.",
    (0.0, 1.0),
    1.0,
))
.each(|row, place| first_of(place).map_or(row, |first| row.at_first(first.high)));

static CURVE: Family<PARTS> = part(ParamSpec::float(
    "macro_part.N.M.curve",
    "Macro N curve (M)",
    "How it goes there: evenly at 0, late above, early below.",
    (-1.0, 1.0),
    0.0,
));

/// All of them: the knobs, then what each moves.
pub(super) fn params() -> [&'static [ParamSpec]; 5] {
    [KNOBS.rows(), TARGET.rows(), LOW.rows(), HIGH.rows(), CURVE.rows()]
}

/// What a macro moves, and how.
#[derive(Clone, Copy, Debug)]
struct Target {
    target: ParamIndex,
    low: ParamIndex,
    high: ParamIndex,
    curve: ParamIndex,
}

/// The rows' places in the registry, looked up once.
#[derive(Debug)]
pub(super) struct Macros {
    knobs: Members<MACROS>,
    targets: [[Target; TARGETS]; MACROS],
}

impl Macros {
    pub fn resolve(registry: &Registry) -> Self {
        let (target, low) = (TARGET.resolve(registry), LOW.resolve(registry));
        let (high, curve) = (HIGH.resolve(registry), CURVE.resolve(registry));
        let part = |place: usize| Target {
            target: target[place],
            low: low[place],
            high: high[place],
            curve: curve[place],
        };
        Self {
            knobs: KNOBS.resolve(registry),
            targets: array::from_fn(|knob| array::from_fn(|target| part(knob * TARGETS + target))),
        }
    }

    /// Which macro a row is, from 0.
    pub fn knob(&self, row: ParamIndex) -> Option<usize> {
        self.knobs.member(row)
    }

    /// What a macro moves by standing where it does: rows, and where each is to be, 0..=1 of its
    /// range. A macro moves no macro, no meter, and nothing that has no range.
    pub fn moves(
        &self,
        knob: usize,
        registry: &Registry,
        base: &Snapshot,
    ) -> [Option<(ParamIndex, f64)>; TARGETS] {
        let stands = base.get(self.knobs[knob]);
        self.targets[knob].map(|target| {
            let row = registry.named_by(base.get(target.target))?;
            let spec = registry.row(row);
            if self.knob(row).is_some() || !spec.can_be_modulated() {
                return None;
            }
            let way = bend(stands, base.get(target.curve));
            let (low, high) = (base.get(target.low), base.get(target.high));
            Some((row, low + (high - low) * way))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine, params::Store};
    use std::sync::Arc;

    #[test]
    fn a_macro_moves_each_over_its_range_and_curve() {
        let registry = Arc::new(engine::registry().expect("rows"));
        let mut store = Store::new(Arc::clone(&registry));
        let macros = Macros::resolve(&registry);
        let row = |id: &str| registry.find(id).expect("a row");
        for (id, text) in [
            ("macro.3", "0.5"),
            ("macro_part.3.1.target", "decay.feedback"),
            ("macro_part.3.1.low", "1"),
            ("macro_part.3.1.high", "0.5"),
            ("macro_part.3.2.target", "decay.blur_radius_px"),
            ("macro_part.3.2.curve", "1"),
            ("macro_part.3.3.target", "macro.4"),
            ("macro_part.3.4.target", "tempo.phase"),
            ("macro_part.3.5.target", "heal.all"),
            ("macro_part.3.6.target", "macro_part.2.1.target"),
        ] {
            store.set(row(id), registry.parse(row(id), text).expect("a value"));
        }
        let moves = macros.moves(2, &registry, store.base());
        // Half of the way down from 1; half to the power of 4.
        assert_eq!(moves[0], Some((row("decay.feedback"), 0.75)));
        assert_eq!(moves[1], Some((row("decay.blur_radius_px"), 0.0625)));
        assert_eq!(moves[2..], [None; 4]);
        assert_eq!(macros.knob(row("macro.8")), Some(7));
        assert_eq!(macros.knob(row("macro_part.8.1.low")), None);
    }

    #[test]
    fn at_0_a_macro_as_it_comes_leaves_everything_where_it_is() {
        let registry = Arc::new(engine::registry().expect("rows"));
        let store = Store::new(Arc::clone(&registry));
        let macros = Macros::resolve(&registry);
        let mut all = 0;
        for knob in 0..MACROS {
            let moves = macros.moves(knob, &registry, store.base());
            let mut moved = 0;
            for (row, part) in moves.into_iter().flatten() {
                let spec = registry.row(row);
                assert_eq!(spec.plain_from_normalised(part), spec.default, "{}", spec.id);
                moved += 1;
            }
            assert!(moved > 0, "macro {} moves nothing", knob + 1);
            all += moved;
        }
        assert_eq!(all, AT_FIRST.len(), "every one is a target of a macro there is");
    }
}
