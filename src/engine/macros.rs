//! Macros: one knob that moves several parameters, each over its own range and curve.
//!
//! On the engine thread. What a macro moves is what was set, as if it had been moved by hand, so
//! that clips keep it, controllers see it, and an undo takes it back.

use crate::{
    modulation::bend,
    params::{ParamIndex, ParamSpec, Registry, Snapshot},
};

/// Macros there are: a row of knobs has eight.
pub(super) const MACROS: usize = 8;
/// Parameters that each moves at most.
pub(super) const TARGETS: usize = 6;

macro_rules! knob {
    ($number:literal, $word:literal) => {
        ParamSpec::float(
            concat!("macro.", $number),
            concat!("Macro ", $number, ": ", $word),
            concat!(
                "Moves what the targets of macro_part.",
                $number,
                " name, each over its range; so named for what it moves at first."
            ),
            (0.0, 1.0),
            0.0,
        )
        .transport()
    };
}

macro_rules! target {
    ($number:literal, $place:literal, $named:literal, $low:literal, $high:literal) => {
        [
            ParamSpec::reference(
                concat!("macro_part.", $number, ".", $place, ".target"),
                concat!("Macro ", $number, " moves (", $place, ")"),
                "The parameter that the macro moves.",
            )
            .naming($named)
            .transport()
            .detail(),
            ParamSpec::float(
                concat!("macro_part.", $number, ".", $place, ".low"),
                concat!("Macro ", $number, " from (", $place, ")"),
                "Where that parameter is while the macro is at 0, as a part of its range.",
                (0.0, 1.0),
                $low,
            )
            .transport()
            .detail(),
            ParamSpec::float(
                concat!("macro_part.", $number, ".", $place, ".high"),
                concat!("Macro ", $number, " to (", $place, ")"),
                "Where it is while the macro is at 1; below the other end it runs down.",
                (0.0, 1.0),
                $high,
            )
            .transport()
            .detail(),
            ParamSpec::float(
                concat!("macro_part.", $number, ".", $place, ".curve"),
                concat!("Macro ", $number, " curve (", $place, ")"),
                "How it goes there: evenly at 0, late above, early below.",
                (-1.0, 1.0),
                0.0,
            )
            .transport()
            .detail(),
        ]
    };
}

/// What macros are called, and move until somebody says otherwise.
const KNOBS: [ParamSpec; MACROS] = [
    knob!("1", "Wear"),
    knob!("2", "Trails"),
    knob!("3", "Noise"),
    knob!("4", "Speed"),
    knob!("5", "Errors"),
    knob!("6", "Drift"),
    knob!("7", "Clean"),
    knob!("8", "Colours"),
];

/// Target, low and high of each macro's parameters; the low end is where a parameter does nothing.
#[rustfmt::skip]
static TARGET_ROWS: [[[ParamSpec; 4]; TARGETS]; MACROS] = [
    [
        target!("1", "1", "decay.dct_amount", 0.0, 0.85),
        target!("1", "2", "decay.sharpen_amount", 0.0, 0.35),
        target!("1", "3", "", 0.0, 1.0),
        target!("1", "4", "", 0.0, 1.0),
        target!("1", "5", "", 0.0, 1.0),
        target!("1", "6", "", 0.0, 1.0),
    ],
    [
        target!("2", "1", "decay.feedback", 0.0, 0.97),
        target!("2", "2", "decay.feedback_zoom", 0.5, 0.55),
        target!("2", "3", "", 0.0, 1.0),
        target!("2", "4", "", 0.0, 1.0),
        target!("2", "5", "", 0.0, 1.0),
        target!("2", "6", "", 0.0, 1.0),
    ],
    [
        target!("3", "1", "decay.noise_amplitude", 0.0, 0.6),
        target!("3", "2", "", 0.0, 1.0),
        target!("3", "3", "", 0.0, 1.0),
        target!("3", "4", "", 0.0, 1.0),
        target!("3", "5", "", 0.0, 1.0),
        target!("3", "6", "", 0.0, 1.0),
    ],
    [
        target!("4", "1", "playhead.speed", 0.625, 1.0),
        target!("4", "2", "", 0.0, 1.0),
        target!("4", "3", "", 0.0, 1.0),
        target!("4", "4", "", 0.0, 1.0),
        target!("4", "5", "", 0.0, 1.0),
        target!("4", "6", "", 0.0, 1.0),
    ],
    [
        target!("5", "1", "decay.errors_moved", 0.0, 0.5),
        target!("5", "2", "decay.errors_slipped", 0.0, 0.6),
        target!("5", "3", "decay.block_hold_threshold", 0.0, 0.6),
        target!("5", "4", "", 0.0, 1.0),
        target!("5", "5", "", 0.0, 1.0),
        target!("5", "6", "", 0.0, 1.0),
    ],
    [
        target!("6", "1", "decay.shift_drift_y_px", 0.5, 0.56),
        target!("6", "2", "decay.shift_drift_x_px", 0.5, 0.53),
        target!("6", "3", "decay.feedback_turn_degrees", 0.5, 0.58),
        target!("6", "4", "", 0.0, 1.0),
        target!("6", "5", "", 0.0, 1.0),
        target!("6", "6", "", 0.0, 1.0),
    ],
    [
        target!("7", "1", "mix.clean", 0.0, 1.0),
        target!("7", "2", "", 0.0, 1.0),
        target!("7", "3", "", 0.0, 1.0),
        target!("7", "4", "", 0.0, 1.0),
        target!("7", "5", "", 0.0, 1.0),
        target!("7", "6", "", 0.0, 1.0),
    ],
    [
        target!("8", "1", "decay.colour_drift_hue_degrees", 0.5, 0.8),
        target!("8", "2", "decay.colour_drift_saturation", 0.5, 0.65),
        target!("8", "3", "", 0.0, 1.0),
        target!("8", "4", "", 0.0, 1.0),
        target!("8", "5", "", 0.0, 1.0),
        target!("8", "6", "", 0.0, 1.0),
    ],
];

/// All of them: the knobs, then what each moves.
pub(super) static PARAMS: [ParamSpec; MACROS * (1 + 4 * TARGETS)] = {
    let mut all = [KNOBS[0]; MACROS * (1 + 4 * TARGETS)];
    let mut place = 0;
    while place < MACROS {
        all[place] = KNOBS[place];
        place += 1;
    }
    // Members of a family stand next to each other.
    let mut part = 0;
    while part < 4 {
        let mut number = 0;
        while number < MACROS * TARGETS {
            all[place] = TARGET_ROWS[number / TARGETS][number % TARGETS][part];
            (place, number) = (place + 1, number + 1);
        }
        part += 1;
    }
    all
};

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
    knobs: [ParamIndex; MACROS],
    targets: [[Target; TARGETS]; MACROS],
}

impl Macros {
    pub fn resolve(registry: &Registry) -> Self {
        let target = |rows: &[ParamSpec; 4]| {
            let [target, low, high, curve] = [0, 1, 2, 3].map(|row| registry.index_of(&rows[row]));
            Target { target, low, high, curve }
        };
        Self {
            knobs: std::array::from_fn(|knob| registry.index_of(&KNOBS[knob])),
            targets: std::array::from_fn(|knob| {
                std::array::from_fn(|place| target(&TARGET_ROWS[knob][place]))
            }),
        }
    }

    /// Which macro a row is, from 0.
    pub fn knob(&self, row: ParamIndex) -> Option<usize> {
        self.knobs.iter().position(|knob| *knob == row)
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
        for knob in 0..MACROS {
            let moves = macros.moves(knob, &registry, store.base());
            let mut moved = 0;
            for (row, part) in moves.into_iter().flatten() {
                let spec = registry.row(row);
                assert_eq!(spec.plain_from_normalised(part), spec.default, "{}", spec.id);
                moved += 1;
            }
            assert!(moved > 0, "macro {} moves nothing", knob + 1);
        }
    }
}
