//! When a stage runs, by the age of the picture, and where in the order: rows that all stages have.

use super::stage::StageKind;
use crate::params::{Curve, ParamIndex, ParamSpec, Registry, Snapshot};

/// Number of rows that `common_rows!` makes.
pub const AGE_ROWS: usize = 5;

/// The first age that is no longer young.
pub const YOUNG_UNTIL: ParamSpec = ParamSpec::int(
    "age.young_until",
    "Young until",
    "A picture is young before this generation of its decay: stages run at their young part.",
    (1, 2000),
    40,
)
.curve(Curve::Power(2.0))
.unit("gen")
.detail();

/// The first age that is old.
pub const OLD_FROM: ParamSpec = ParamSpec::int(
    "age.old_from",
    "Old from",
    "From this generation on stages run at their full amount; before it, at their middle part.",
    (1, 2000),
    120,
)
.curve(Curve::Power(2.0))
.unit("gen")
.detail();

/// The rows that a stage has in common with all others: `common_rows!(name, title, place)`.
macro_rules! common_rows {
    ($name:literal, $title:literal, $place:literal) => {{
        use $crate::params::{Curve, ParamSpec};
        [
            ParamSpec::int(
                concat!("order.", $name),
                concat!($title, " place"),
                "Where the stage stands in the order of the stages: lower runs earlier.",
                (0, 99),
                $place,
            )
            .detail(),
            ParamSpec::int(
                concat!("age.", $name, "_from"),
                concat!($title, " from"),
                "The first generation in which the stage runs.",
                (1, 2000),
                1,
            )
            .curve(Curve::Power(2.0))
            .unit("gen")
            .detail(),
            ParamSpec::int(
                concat!("age.", $name, "_every"),
                concat!($title, " every"),
                "The stage runs in generations whose number is a multiple of this.",
                (1, 200),
                1,
            )
            .curve(Curve::Power(2.0))
            .unit("gen")
            .detail(),
            ParamSpec::float(
                concat!("age.", $name, "_young"),
                concat!($title, " young"),
                "Part of the stage's amount that a young picture gets.",
                (0.0, 2.0),
                1.0,
            )
            .detail(),
            ParamSpec::float(
                concat!("age.", $name, "_middle"),
                concat!($title, " middle"),
                "Part of the stage's amount that a picture gets which is neither young nor old.",
                (0.0, 2.0),
                1.0,
            )
            .detail(),
        ]
    }};
}
pub(super) use common_rows;

/// The two ages that all schedules share.
#[derive(Clone, Copy, Debug)]
pub struct Ages {
    young_until: ParamIndex,
    old_from: ParamIndex,
}

/// The life of a picture, as schedules divide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before `age.young_until`.
    Young,
    /// Between.
    Middle,
    /// From `age.old_from` on.
    Old,
}

impl Ages {
    /// Finds them.
    pub fn find(registry: &Registry) -> Self {
        Self {
            young_until: registry.index_of(&YOUNG_UNTIL),
            old_from: registry.index_of(&OLD_FROM),
        }
    }

    /// Where an age (generations, at least 1) lies. Old comes before young where the two overlap.
    pub fn phase(&self, params: &Snapshot, age: u64) -> Phase {
        let until = |index| params.int(index).max(0) as u64;
        if age >= until(self.old_from) {
            Phase::Old
        } else if age < until(self.young_until) {
            Phase::Young
        } else {
            Phase::Middle
        }
    }
}

/// The common rows of one stage.
#[derive(Clone, Copy, Debug)]
pub struct Common {
    switch: ParamIndex,
    place: ParamIndex,
    from: ParamIndex,
    every: ParamIndex,
    young: ParamIndex,
    middle: ParamIndex,
}

impl Common {
    /// Finds them. `None` where the stage has no switch: a mistake that a test finds.
    pub fn find(registry: &Registry, kind: &StageKind) -> Option<Self> {
        let switch = registry.index_of(kind.rows.first()?);
        Some(Self::at(switch, kind.common.each_ref().map(|row| registry.index_of(row))))
    }

    /// Where the switch, and the rows of `common_rows!` in their order, are known.
    pub fn at(switch: ParamIndex, common: [ParamIndex; AGE_ROWS]) -> Self {
        let [place, from, every, young, middle] = common;
        Self { switch, place, from, every, young, middle }
    }

    /// Whether the stage is switched on.
    pub fn is_on(&self, params: &Snapshot) -> bool {
        params.is_on(self.switch)
    }

    /// Where the stage stands.
    pub fn place(&self, params: &Snapshot) -> i64 {
        params.int(self.place)
    }

    /// The part of its amount that the stage has at this age; 0 = it does not run.
    pub fn part(&self, params: &Snapshot, phase: Phase, age: u64) -> f64 {
        let number = |index| params.int(index).max(1) as u64;
        if age < number(self.from) || !age.is_multiple_of(number(self.every)) {
            return 0.0;
        }
        match phase {
            Phase::Young => params.get(self.young),
            Phase::Middle => params.get(self.middle),
            Phase::Old => 1.0,
        }
    }
}
