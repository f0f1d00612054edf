//! The values of all parameters, and their way to new ones.

use super::{
    event::{Change, ControlEvent},
    registry::{CAPACITY, ParamIndex, Registry},
    spec::{Kind, ParamSpec, Scope},
};
use std::sync::Arc;

/// All plain values at one tick, densely by [`ParamIndex`]; nothing in it moves during the tick.
/// There is room for all rows that may come, so that every index is good at any time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    values: Vec<f64>,
    /// Rows that have a value; what lies beyond is 0.
    rows: usize,
}

impl Snapshot {
    /// Whether the row was there when the snapshot was made.
    pub fn has(&self, index: ParamIndex) -> bool {
        index.dense() < self.rows
    }

    /// The plain value.
    pub fn get(&self, index: ParamIndex) -> f64 {
        self.values[index.dense()]
    }

    /// The plain value, as shaders take it.
    pub fn float(&self, index: ParamIndex) -> f32 {
        self.get(index) as f32
    }

    /// The plain value of an int, or the index of a choice.
    pub fn int(&self, index: ParamIndex) -> i64 {
        self.get(index).round() as i64
    }

    /// Whether a bool is on.
    pub fn is_on(&self, index: ParamIndex) -> bool {
        self.get(index) >= 0.5
    }

    /// Puts a plain value in, which must be one of the row's.
    pub fn put(&mut self, index: ParamIndex, plain: f64) {
        self.values[index.dense()] = plain;
        self.rows = self.rows.max(index.dense() + 1);
    }

    /// Gives rows that have come since their values: what stands here for the row before it, where it
    /// was declared in another way, else what it has `at_first`.
    pub fn welcome(&mut self, registry: &Registry, at_first: impl Fn(&ParamSpec) -> f64) {
        for place in self.rows..registry.len() {
            let index = ParamIndex(place as u16);
            let row = registry.row(index);
            let plain = registry.forebear(index).map_or_else(
                || at_first(row),
                |old| inherited(registry.row(old), self.get(old), row),
            );
            self.put(index, plain);
        }
    }

    /// Copies another snapshot in, without allocating where the sizes are equal.
    pub fn copy_from(&mut self, other: &Self) {
        self.values.clone_from(&other.values);
        self.rows = other.rows;
    }
}

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Applied {
    /// The base value is what it was.
    Nothing,
    /// The base value changed.
    Moved,
    /// The base value would have left its range.
    Clamped,
    /// A trigger fired, with this force, 0..=1.
    Fired(f64),
}

/// Base values (what was set), smoothed values (on their way there), and results (with modulation).
/// Owned by the engine.
#[derive(Debug)]
pub struct Store {
    registry: Arc<Registry>,
    base: Snapshot,
    smoothed: Snapshot,
    result: Snapshot,
}

impl Store {
    /// Every parameter at its default.
    pub fn new(registry: Arc<Registry>) -> Self {
        let none = Snapshot { values: vec![0.0; CAPACITY], rows: 0 };
        let mut this = Self { base: none.clone(), smoothed: none.clone(), result: none, registry };
        this.welcome();
        this
    }

    /// Gives rows that have come their values: the default, or what was set before where the row was
    /// declared in another way.
    fn welcome(&mut self) {
        let before = self.base.rows;
        self.base.welcome(&self.registry, |row| row.default);
        for place in before..self.base.rows {
            let index = ParamIndex(place as u16);
            let plain = self.base.get(index);
            self.smoothed.put(index, plain);
            self.result.put(index, plain);
        }
    }

    /// The rows that it has values of.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What was set.
    pub fn base(&self) -> &Snapshot {
        &self.base
    }

    /// What is in force at this tick.
    pub fn result(&self) -> &Snapshot {
        &self.result
    }

    /// Takes one event in and says what came of it.
    pub fn apply(&mut self, event: &ControlEvent) -> Applied {
        let param = self.registry.current(event.param);
        self.welcome();
        let row = self.registry.row(param);
        if row.is_meter && !event.source.is_instrument() {
            return Applied::Nothing;
        }
        let old = self.base.get(param);
        let asked = match (row.kind, event.change) {
            (_, Change::Gesture(_) | Change::Quantise(_) | Change::Exclude(_)) => {
                return Applied::Nothing;
            }
            (Kind::Trigger, Change::Fire | Change::Toggle) => return Applied::Fired(1.0),
            // A trigger's value is the gate of a pad or a button: it fires on the way up.
            (
                Kind::Trigger,
                Change::Plain(value) | Change::Normalised(value) | Change::Press(value),
            ) => {
                return if value > 0.0 { Applied::Fired(value.min(1.0)) } else { Applied::Nothing };
            }
            (Kind::Trigger, Change::Nudge(_) | Change::Release) => return Applied::Nothing,
            (Kind::Reference, Change::Plain(value)) => value,
            // Nobody finds a row by turning a knob.
            (Kind::Reference, _) => return Applied::Nothing,
            (Kind::Bool, Change::Press(_)) => 1.0,
            (_, Change::Press(force)) => row.plain_from_normalised(force),
            (Kind::Bool, Change::Release) => 0.0,
            (_, Change::Release) => return Applied::Nothing,
            (_, Change::Plain(value)) => value,
            (_, Change::Normalised(value)) => row.plain_from_normalised(value),
            (_, Change::Nudge(by)) => {
                row.plain_from_normalised(row.normalised_from_plain(old) + by)
            }
            (_, Change::Toggle | Change::Fire) => 1.0 - old,
        };
        if asked.is_nan() {
            return Applied::Nothing;
        }
        let plain = row.clamp(asked);
        self.base.values[param.dense()] = plain;
        let (min, max) = row.range();
        if asked < min || asked > max {
            Applied::Clamped
        } else if plain == old {
            Applied::Nothing
        } else {
            Applied::Moved
        }
    }

    /// Sets every look parameter to its neutral value.
    pub fn neutral_look(&mut self) {
        self.welcome();
        for (index, row) in self.registry.iter() {
            if row.scope == Scope::Look {
                self.base.values[index.dense()] = row.neutral;
            }
        }
    }

    /// Whether every look parameter is neutral.
    pub fn is_look_neutral(&self) -> bool {
        let mut looks = self.registry.iter().filter(|(_, row)| row.scope == Scope::Look);
        looks.all(|(index, row)| self.base.get(index) == row.neutral)
    }

    /// Sets one base value; the engine's own hand (panic, the playhead's position, clip numbers).
    pub fn set(&mut self, index: ParamIndex, plain: f64) {
        let index = self.registry.current(index);
        self.welcome();
        self.base.values[index.dense()] = self.registry.row(index).clamp(plain);
    }

    /// Sets one value with no way to it: base, smoothed and result at once; whatever modulates it
    /// goes on to.
    pub fn cut(&mut self, index: ParamIndex, plain: f64) {
        self.set(index, plain);
        let index = self.registry.current(index);
        let offset = self.offset(index);
        let plain = self.base.get(index);
        self.smoothed.values[index.dense()] = plain;
        self.result.values[index.dense()] = self.registry.row(index).clamp(plain + offset);
    }

    /// How far modulation moves a result at this tick, in the row's own unit.
    pub fn offset(&self, index: ParamIndex) -> f64 {
        self.result.get(index) - self.smoothed.get(index)
    }

    /// What was set, with the modulation of this tick, or of the last where values have not moved on
    /// yet: for what must obey an event before they do.
    pub fn in_force(&self, index: ParamIndex) -> f64 {
        self.registry.row(index).clamp(self.base.get(index) + self.offset(index))
    }

    /// Puts the base values of the looks back to a saved state. A row that was declared anew since
    /// takes over what the one before it had; one that was not there then stays as it is.
    pub fn restore_look(&mut self, base: &Snapshot) {
        self.welcome();
        // A row declared more than once is met more than once: the last of them counts.
        for place in 0..base.rows {
            let saved = ParamIndex(place as u16);
            let index = self.registry.current(saved);
            let row = self.registry.row(index);
            if row.scope == Scope::Look {
                self.base.values[index.dense()] = match base.get(saved) {
                    plain if index == saved => plain,
                    plain => inherited(self.registry.row(saved), plain, row),
                };
            }
        }
    }

    /// Moves the smoothed values on by one tick of `millis`. Called once per executed tick.
    pub fn advance(&mut self, millis: f64) {
        self.welcome();
        for (index, row) in self.registry.iter() {
            let place = index.dense();
            let target = self.base.values[place];
            let now = self.smoothed.values[place];
            let (min, max) = row.range();
            // Within a ten-thousandth of the range it has arrived: no tail of tiny steps.
            let arrived = (target - now).abs() <= (max - min) * 1e-4;
            self.smoothed.values[place] = if row.smoothing_millis <= 0.0 || arrived {
                target
            } else {
                now + (target - now) * (1.0 - (-millis / row.smoothing_millis).exp())
            };
        }
        self.result.copy_from(&self.smoothed);
    }

    /// Moves one result by `offset` for this tick; what was set is not touched.
    pub fn modulate(&mut self, index: ParamIndex, offset: f64) {
        let row = self.registry.row(index);
        let result = &mut self.result.values[index.dense()];
        *result = row.clamp(*result + offset);
    }

    /// Puts one result `by` of a controller's whole way, 0..=1, from the smoothed value for this tick;
    /// what was set is not touched.
    pub fn modulate_normalised(&mut self, index: ParamIndex, by: f64) {
        let row = self.registry.row(index);
        let part = row.normalised_from_plain(self.smoothed.get(index));
        self.result.values[index.dense()] = row.plain_from_normalised(part + by);
    }

    /// Lets results jump to what was set, as at the start.
    pub fn settle(&mut self) {
        self.smoothed.copy_from(&self.base);
        self.result.copy_from(&self.base);
    }
}

/// What a row that is declared anew takes over from the one before it: what was set there. Where
/// nothing was, the new default counts.
fn inherited(old: &ParamSpec, plain: f64, new: &ParamSpec) -> f64 {
    if plain == old.default { new.default } else { new.clamp(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Source;

    const LEVEL: ParamSpec =
        ParamSpec::float("t.level", "Level", "", (0.0, 1.0), 0.5).smoothed(100.0);
    const HOLD: ParamSpec = ParamSpec::switch("t.hold", "Hold", "", false).transport();
    const HEAL: ParamSpec = ParamSpec::trigger("t.heal", "Heal", "");

    fn store() -> Store {
        Store::new(Arc::new(Registry::join(&[&[LEVEL, HOLD, HEAL]]).expect("rows")))
    }

    fn event(store: &Store, row: &ParamSpec, change: Change) -> ControlEvent {
        ControlEvent { param: store.registry.index_of(row), change, source: Source::Osc }
    }

    #[test]
    fn values_move_clamp_and_toggle() {
        let mut store = store();
        let level = store.registry.index_of(&LEVEL);
        let hold = store.registry.index_of(&HOLD);
        let set = event(&store, &LEVEL, Change::Plain(0.75));
        assert_eq!(store.apply(&set), Applied::Moved);
        assert_eq!(store.base().get(level), 0.75);
        let high = event(&store, &LEVEL, Change::Plain(7.0));
        assert_eq!(store.apply(&high), Applied::Clamped);
        assert_eq!(store.base().get(level), 1.0);
        let toggle = event(&store, &HOLD, Change::Toggle);
        assert_eq!(store.apply(&toggle), Applied::Moved);
        assert!(store.base().is_on(hold));
        let press = event(&store, &HEAL, Change::Normalised(1.0));
        let release = event(&store, &HEAL, Change::Normalised(0.0));
        assert_eq!(store.apply(&press), Applied::Fired(1.0));
        assert_eq!(store.apply(&release), Applied::Nothing);
    }

    #[test]
    fn smoothing_is_a_one_pole_and_arrives() {
        let mut store = store();
        let level = store.registry.index_of(&LEVEL);
        store.set(level, 1.0);
        store.advance(100.0);
        // One time constant of a one-pole filter covers 1 - 1/e of the way.
        assert!((store.result().get(level) - (0.5 + 0.5 * 0.632_12)).abs() < 1e-5);
        for _ in 0..100 {
            store.advance(100.0);
        }
        assert_eq!(store.result().get(level), 1.0);
    }

    #[test]
    fn rows_that_come_later_begin_at_their_default_and_keep_what_was_set() {
        const LOW: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 4.0), 0.25);
        let mut store = store();
        let early = store.base().clone();
        let low = store.registry.replace(&[], &[LOW]).expect("rows");
        assert!(!early.has(low[0]));
        store.advance(10.0);
        assert_eq!((store.base().get(low[0]), store.result().get(low[0])), (0.25, 0.25));
        // Not moved: the new default counts.
        let other = ParamSpec { default: 0.5, neutral: 0.5, ..LOW };
        let other = store.registry.replace(&low, &[other]).expect("rows");
        store.advance(10.0);
        assert_eq!(store.base().get(other[0]), 0.5);
        // Moved, by somebody who knows the first row only.
        let change = Change::Plain(3.0);
        let event = ControlEvent { param: low[0], change, source: Source::Midi };
        assert_eq!(store.apply(&event), Applied::Moved);
        assert_eq!(store.base().get(other[0]), 3.0);
        let small = ParamSpec::float("guest.amount", "Amount", "", (0.0, 2.0), 0.0);
        let small = store.registry.replace(&other, &[small]).expect("rows");
        store.advance(10.0);
        assert_eq!((store.base().get(small[0]), store.result().get(small[0])), (2.0, 2.0));
        store.restore_look(&early);
        assert_eq!(store.base().get(small[0]), 2.0, "the early state knows nothing of it");
    }

    #[test]
    fn a_look_comes_back_to_rows_that_were_declared_anew_meanwhile() {
        const OLD: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 4.0), 0.0);
        const KEPT: ParamSpec = ParamSpec::float("guest.kept", "Kept", "", (0.0, 4.0), 1.0);
        let mut store = store();
        let old = store.registry.replace(&[], &[OLD, KEPT]).expect("rows");
        store.advance(10.0);
        let first = store.registry.replace(&old, &[ParamSpec { name: "A", ..OLD }, KEPT]);
        let first = first.expect("rows");
        store.advance(10.0);
        store.set(first[0], 3.0);
        let before = store.base().clone();
        store.neutral_look();
        // Once within reach of its new range, and once more with a smaller one, unseen by any tick.
        let wide = ParamSpec::float("guest.amount", "Amount", "", (0.0, 9.0), 0.5);
        let wide = store.registry.replace(&first, &[wide, KEPT]).expect("rows");
        store.advance(10.0);
        store.restore_look(&before);
        assert_eq!(store.base().get(wide[0]), 3.0);
        assert_eq!(store.base().get(wide[1]), 1.0);
        let small = ParamSpec::float("guest.amount", "Amount", "", (0.0, 2.0), 0.5);
        let other = ParamSpec { default: 2.0, neutral: 2.0, ..KEPT };
        let small = store.registry.replace(&wide, &[small, other]).expect("rows");
        store.restore_look(&before);
        assert_eq!(store.base().get(small[0]), 2.0, "as near as it goes");
        assert_eq!(store.base().get(small[1]), 2.0, "it was not set: the new default counts");
        store.advance(10.0);
        assert_eq!(store.result().get(small[0]), 2.0);
    }

    #[test]
    fn the_neutral_look_leaves_transport_alone() {
        let mut store = store();
        let (level, hold) = (store.registry.index_of(&LEVEL), store.registry.index_of(&HOLD));
        store.set(level, 1.0);
        store.set(hold, 1.0);
        store.neutral_look();
        assert_eq!(store.base().get(level), 0.5);
        assert!(store.base().is_on(hold));
    }
}
