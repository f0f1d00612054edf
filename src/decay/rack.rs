//! The stages of one chain, in the order in which they stand.

use super::{
    dct::Dct,
    schedule::{Ages, Common},
    stage::{Manner, Now, PassKind, Second, Stage, StageKind, Turn},
};
use crate::params::{Registry, Snapshot};

/// A stage in the rack.
#[derive(Debug)]
pub struct Slot {
    /// How it runs.
    pub manner: Manner,
    /// The rows that it has in common with all others.
    pub common: Common,
    /// The stage.
    pub stage: Box<dyn Stage>,
}

/// All stages. Numbers of stages are places in this list, and stay.
#[derive(Debug)]
pub struct Rack {
    /// `None`: left out, since the device does not take its shader, or a place for a user's stage.
    slots: Vec<Option<Slot>>,
    ages: Ages,
    /// Numbers of stages, in the order in which they run.
    order: Vec<usize>,
}

impl Rack {
    /// Makes the stages of a list, and leaves so many places after them.
    pub fn new(registry: &Registry, kinds: &[&'static StageKind], places: usize) -> Self {
        let slot = |kind: &&'static StageKind| {
            let common = Common::find(registry, kind)?;
            Some(Slot { manner: kind.manner(), common, stage: (kind.find)(registry) })
        };
        let mut slots: Vec<Option<Slot>> = kinds.iter().map(slot).collect();
        slots.resize_with(kinds.len() + places, || None);
        Self { order: (0..slots.len()).collect(), slots, ages: Ages::find(registry) }
    }

    /// Leaves a stage out from now on.
    pub fn bypass(&mut self, stage: usize) {
        self.exchange(stage, None);
    }

    /// Puts another stage in a place, or none; returns what was there.
    pub fn exchange(&mut self, stage: usize, slot: Option<Slot>) -> Option<Slot> {
        std::mem::replace(&mut self.slots[stage], slot)
    }

    /// Lends all stages quantisation tables that were read from a file.
    pub fn use_tables(&mut self, tables: &Dct) {
        for slot in self.slots.iter_mut().flatten() {
            slot.stage.use_tables(tables);
        }
    }

    /// Puts the stages in the order that the parameters ask for; equal places keep the list's order.
    pub fn sort(&mut self, params: &Snapshot) {
        let place = |slot: &Option<Slot>| slot.as_ref().map_or(0, |slot| slot.common.place(params));
        let slots = &self.slots;
        // Sorting in place, without allocating; the number settles ties.
        self.order.sort_unstable_by_key(|stage| (place(&slots[*stage]), *stage));
    }

    /// How much a stage would do whatever the age; 0 = it is off.
    fn amount(slot: &Slot, now: &Now<'_>) -> f64 {
        if slot.common.is_on(now.params) { slot.stage.amount(now) } else { 0.0 }
    }

    /// The stages that are set to do something, at whatever age.
    fn busy<'a>(&'a self, now: &'a Now<'_>) -> impl Iterator<Item = &'a Slot> {
        self.slots.iter().flatten().filter(|slot| Self::amount(slot, now) > 0.0)
    }

    /// Whether no stage is set to do anything, at any age.
    pub fn is_idle(&self, now: &Now<'_>) -> bool {
        self.busy(now).next().is_none()
    }

    /// Whether a stage that does something reads how much the clip moves.
    pub fn reads_motion(&self, now: &Now<'_>) -> bool {
        self.busy(now).any(|slot| slot.manner.reads_motion)
    }

    /// Whether a stage that does something reads the worn picture of the generation before.
    pub fn reads_worn(&self, now: &Now<'_>) -> bool {
        let reads = |pass: &PassKind| pass.second == Second::Worn;
        self.busy(now).any(|slot| slot.manner.passes.is_some_and(|passes| passes.iter().any(reads)))
    }

    /// Asks every stage in order for its turn in this generation. `take` gets what is done, and says
    /// whether the picture is grey afterwards.
    pub fn turns(
        &mut self,
        now: &Now<'_>,
        is_grey: bool,
        take: &mut dyn FnMut(usize, Manner, Turn<'_>) -> bool,
    ) {
        let phase = self.ages.phase(now.params, now.age);
        let mut now = Now { is_grey, ..*now };
        for stage in &self.order {
            let Some(slot) = &mut self.slots[*stage] else { continue };
            let amount = Self::amount(slot, &now);
            if amount <= 0.0 {
                continue;
            }
            let amount = amount * slot.common.part(now.params, phase, now.age);
            if amount <= 0.0 {
                continue;
            }
            if let Some(turn) = slot.stage.settle(&now, amount) {
                now.is_grey = take(*stage, slot.manner, turn);
            }
        }
    }
}
