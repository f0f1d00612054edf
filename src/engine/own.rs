//! What each clip keeps for itself: the values of the rows marked so.

use super::state::OwnState;
use crate::params::{Applied, ControlEvent, ParamIndex, Registry, Snapshot, Store};

/// The values of the per-clip rows, of every clip.
#[derive(Debug)]
pub(super) struct OwnValues {
    /// Of the clips there are.
    kept: OwnState,
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
        let mut own = Self { kept: OwnState { rows, values }, initial };
        (0..clips).for_each(|_| own.add());
        own
    }

    /// One more clip.
    pub fn add(&mut self) {
        self.kept.values.extend_from_slice(&self.initial);
    }

    /// Sets one value of one clip. Returns whether clips keep this row.
    pub fn set(&mut self, clip: usize, row: ParamIndex, plain: f64) -> bool {
        let place = self.kept.place(clip, row);
        place.map(|place| self.kept.values[place] = plain).is_some()
    }

    /// What a clip that comes later begins with.
    pub fn initial(&self) -> impl Iterator<Item = (ParamIndex, f64)> {
        self.rows().iter().copied().zip(self.initial.iter().copied())
    }

    /// Sets what a clip that comes later begins with.
    pub fn set_initial(&mut self, row: ParamIndex, plain: f64) {
        if let Some(place) = self.rows().iter().position(|own| *own == row) {
            self.initial[place] = plain;
        }
    }

    /// What a clip keeps.
    pub fn of(&self, clip: usize) -> impl Iterator<Item = (ParamIndex, f64)> {
        self.kept.of(clip)
    }

    /// What a clip that is not in play keeps of a row.
    pub fn get(&self, clip: usize, row: ParamIndex) -> Option<f64> {
        self.kept.place(clip, row).map(|place| self.kept.values[place])
    }

    /// Takes an event in for a clip that is not in play: where clips keep the row, what this one
    /// keeps is moved, and the value in play is not.
    pub fn apply(&mut self, clip: usize, event: &ControlEvent, store: &mut Store) -> Applied {
        let Some(place) = self.kept.place(clip, event.param) else { return store.apply(event) };
        let kept = &mut self.kept.values[place];
        // The store knows ranges and curves; it is given back what it had.
        let in_play = store.base().get(event.param);
        store.set(event.param, *kept);
        let applied = store.apply(event);
        *kept = store.base().get(event.param);
        store.set(event.param, in_play);
        applied
    }

    /// The rows of which every clip has its own value.
    pub fn rows(&self) -> &[ParamIndex] {
        &self.kept.rows
    }

    /// Copies what the clips keep; of the one in play that is what is set now.
    pub fn copy_to(&self, in_play: usize, base: &Snapshot, out: &mut OwnState) {
        for (to, from) in out.values.iter_mut().zip(&self.kept.values) {
            *to = *from;
        }
        out.save(in_play, base);
    }

    /// The clip is left: what is set now is what it keeps.
    pub fn save(&mut self, clip: usize, base: &Snapshot) {
        self.kept.save(clip, base);
    }

    /// The clip is entered: what it kept is set, at once.
    pub fn load(&self, clip: usize, store: &mut Store) {
        self.of(clip).for_each(|(row, plain)| store.cut(row, plain));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine,
        params::{Change, Source},
    };
    use std::sync::Arc;

    #[test]
    fn an_event_for_a_clip_moves_what_it_keeps_and_not_what_is_in_play() {
        let registry = Arc::new(engine::registry().expect("rows"));
        let mut store = Store::new(Arc::clone(&registry));
        let speed = registry.find("playhead.speed").expect("a row");
        let level = registry.find("programme.level").expect("a row");
        let mut own = OwnValues::new(&registry, store.base(), 2, 64);
        store.set(speed, 3.0);
        own.set(1, speed, 1.0);
        let event = |param, change| ControlEvent { param, change, source: Source::Osc };
        // Speed goes from -4 to 4: an eighth of that is 1, from what the clip itself has.
        let nudge = event(speed, Change::Nudge(0.125));
        assert_eq!(own.apply(1, &nudge, &mut store), Applied::Moved);
        let far = event(speed, Change::Plain(-9.0));
        assert_eq!(own.apply(0, &far, &mut store), Applied::Clamped);
        assert_eq!(store.base().get(speed), 3.0);
        let quiet = event(level, Change::Plain(0.25));
        assert_eq!(own.apply(1, &quiet, &mut store), Applied::Moved);
        assert_eq!(store.base().get(level), 0.25, "nobody's own is everybody's");
        own.load(1, &mut store);
        assert_eq!(store.base().get(speed), 2.0);
        own.load(0, &mut store);
        assert_eq!(store.base().get(speed), -4.0);
    }

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
