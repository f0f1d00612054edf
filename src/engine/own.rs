//! What each clip keeps for itself: the values of the rows marked so.

use crate::params::{ParamIndex, Registry, Snapshot, Store};

/// The values of the per-clip rows, of every clip.
#[derive(Debug)]
pub(super) struct OwnValues {
    rows: Vec<ParamIndex>,
    /// `rows.len()` of them for each clip, one clip after the other.
    values: Vec<f64>,
    /// What a clip begins with: as it was when the set began.
    initial: Vec<f64>,
}

impl OwnValues {
    /// For `clips` clips, all with the values that stand in `base`; room for `clips_max`.
    pub fn new(registry: &Registry, base: &Snapshot, clips: usize, clips_max: usize) -> Self {
        let rows: Vec<ParamIndex> =
            registry.iter().filter(|(_, row)| row.is_per_clip).map(|(index, _)| index).collect();
        let values = Vec::with_capacity(rows.len() * clips_max.max(clips));
        let initial = rows.iter().map(|row| base.get(*row)).collect();
        let mut own = Self { rows, values, initial };
        (0..clips).for_each(|_| own.add());
        own
    }

    /// One more clip.
    pub fn add(&mut self) {
        self.values.extend_from_slice(&self.initial);
    }

    /// Sets one value of one clip. Returns whether clips keep this row.
    pub fn set(&mut self, clip: usize, row: ParamIndex, plain: f64) -> bool {
        let place = self.rows.iter().position(|own| *own == row);
        let value = place.and_then(|place| self.values.get_mut(clip * self.rows.len() + place));
        value.map(|value| *value = plain).is_some()
    }

    /// The clip is left: what is set now is what it keeps.
    pub fn save(&mut self, clip: usize, base: &Snapshot) {
        for (place, row) in self.rows.iter().enumerate() {
            if let Some(value) = self.values.get_mut(clip * self.rows.len() + place) {
                *value = base.get(*row);
            }
        }
    }

    /// The clip is entered: what it kept is set, at once.
    pub fn load(&self, clip: usize, store: &mut Store) {
        for (place, row) in self.rows.iter().enumerate() {
            if let Some(value) = self.values.get(clip * self.rows.len() + place) {
                store.cut(*row, *value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine;
    use std::sync::Arc;

    #[test]
    fn each_clip_keeps_its_own() {
        let registry = Arc::new(engine::registry().expect("rows"));
        let mut store = Store::new(Arc::clone(&registry));
        let speed = registry.find("playhead.speed").expect("a row");
        let amount = registry.find("decay.dct_amount").expect("a row");
        let mut own = OwnValues::new(&registry, store.base(), 2, 64);
        assert!(own.set(1, speed, -2.0));
        assert!(!own.set(1, amount, 0.5), "looks are nobody's own");
        assert!(!own.set(2, speed, 1.0), "there is no third clip");
        store.set(speed, 3.0);
        own.save(0, store.base());
        own.load(1, &mut store);
        assert_eq!((store.base().get(speed), store.result().get(speed)), (-2.0, -2.0));
        own.load(0, &mut store);
        assert_eq!(store.base().get(speed), 3.0);
    }
}
