//! The stages of one chain, in the order in which they stand.

use super::{
    schedule::{Ages, Common},
    stage::{Now, PassKind, Second, Stage, StageKind, Turn, Work},
};
use crate::params::{Registry, Snapshot};

/// A stage in the rack.
#[derive(Debug)]
struct Slot {
    kind: &'static StageKind,
    common: Common,
    stage: Box<dyn Stage>,
    /// Left out, since the device does not take its shader.
    is_bypassed: bool,
}

/// All stages. Numbers of stages are places in this list, and stay.
#[derive(Debug)]
pub struct Rack {
    slots: Vec<Slot>,
    ages: Ages,
    /// Numbers of stages, in the order in which they run.
    order: Vec<usize>,
}

impl Rack {
    /// Makes the stages of a list.
    pub fn new(registry: &Registry, kinds: &[&'static StageKind]) -> Self {
        let slot = |kind: &&'static StageKind| {
            let common = Common::find(registry, kind)?;
            Some(Slot { kind, common, stage: (kind.find)(registry), is_bypassed: false })
        };
        let slots: Vec<Slot> = kinds.iter().filter_map(slot).collect();
        Self { order: (0..slots.len()).collect(), slots, ages: Ages::find(registry) }
    }

    /// Leaves a stage out from now on.
    pub fn bypass(&mut self, stage: usize) {
        self.slots[stage].is_bypassed = true;
    }

    /// Puts the stages in the order that the parameters ask for; equal places keep the list's order.
    pub fn sort(&mut self, params: &Snapshot) {
        let slots = &self.slots;
        // Sorting in place, without allocating; the number settles ties.
        self.order.sort_unstable_by_key(|stage| (slots[*stage].common.place(params), *stage));
    }

    /// How much a stage would do whatever the age; 0 = it is off.
    fn amount(slot: &Slot, now: &Now<'_>) -> f64 {
        let is_on = !slot.is_bypassed && slot.common.is_on(now.params);
        if is_on { slot.stage.amount(now) } else { 0.0 }
    }

    /// Whether no stage is set to do anything, at any age.
    pub fn is_idle(&self, now: &Now<'_>) -> bool {
        self.slots.iter().all(|slot| Self::amount(slot, now) <= 0.0)
    }

    /// Whether a stage that does something reads how much the clip moves.
    pub fn reads_motion(&self, now: &Now<'_>) -> bool {
        self.slots.iter().any(|slot| slot.kind.reads_motion && Self::amount(slot, now) > 0.0)
    }

    /// Whether a stage that does something reads the worn picture of the generation before.
    pub fn reads_worn(&self, now: &Now<'_>) -> bool {
        let reads = |pass: &PassKind| pass.second == Second::Worn;
        self.slots.iter().any(|slot| {
            matches!(slot.kind.work, Work::Passes { passes } if passes.iter().any(reads))
                && Self::amount(slot, now) > 0.0
        })
    }

    /// Asks every stage in order for its turn in this generation. `take` gets what is done, and says
    /// whether the picture is grey afterwards.
    pub fn turns(
        &mut self,
        now: &Now<'_>,
        is_grey: bool,
        take: &mut dyn FnMut(usize, &'static StageKind, Turn<'_>) -> bool,
    ) {
        let phase = self.ages.phase(now.params, now.age);
        let mut now = Now { is_grey, ..*now };
        for stage in &self.order {
            let slot = &mut self.slots[*stage];
            let amount = Self::amount(slot, &now);
            if amount <= 0.0 {
                continue;
            }
            let amount = amount * slot.common.part(now.params, phase, now.age);
            if amount <= 0.0 {
                continue;
            }
            if let Some(turn) = slot.stage.settle(&now, amount) {
                now.is_grey = take(*stage, slot.kind, turn);
            }
        }
    }
}
