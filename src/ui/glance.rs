//! Whether the window would show something else than before. Slots are counted on while nothing happens;
//! a window that shows no counter need not be drawn for that.

use super::{Mode, Page, Surface, health};
use crate::{
    engine::{Recording, Status},
    params::Registry,
};

/// Slots after which the slices of the last seconds have visibly moved on.
const SCATTER_STEP: u64 = 15;

/// The instrument as it was drawn last.
#[derive(Debug, Default)]
pub(super) struct Glance {
    seen: Option<Box<(Status, Extra)>>,
}

/// What of it depends on the window.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extra {
    mode: Mode,
    page: Page,
    /// Whether the lamp warns of late slots, and how many it counts where it is open.
    late: (bool, Option<u64>),
    /// How far the slices of the last seconds have gone.
    scatter: Option<u64>,
}

impl Surface {
    /// Whether what is in sight of the instrument is another than when this last said yes.
    pub fn sees(&mut self, registry: &Registry, status: &Status) -> bool {
        self.lately.note(status.slot, status.late_slots);
        let (late, slots) = self.lately.count(status.slot, status.late_slots);
        let late = (health::is_late(late, slots), self.shows_health.then_some(late));
        let Self { layout, strip, .. } = &*self;
        let has_scatter = layout.mode == Mode::Prepare && !strip.played.is_empty();
        let scatter = has_scatter.then_some(status.slot / SCATTER_STEP);
        let extra = Extra { mode: layout.mode, page: layout.page, late, scatter };
        let is_counting = layout.mode == Mode::Prepare && counts(layout.page);
        let seen = self.glance.seen.as_deref();
        let is_same = !is_counting
            && seen.is_some_and(|(before, extra_before)| {
                *extra_before == extra && is_alike(registry, before, status)
            });
        if !is_same {
            self.glance.seen = Some(Box::new((status.clone(), extra)));
        }
        !is_same
    }
}

/// Pages with counters and meters, which every slot moves.
fn counts(page: Page) -> bool {
    matches!(page, Page::Status | Page::Modulation | Page::Mappings | Page::All)
}

/// Whether two moments look alike where no counter is shown.
fn is_alike(registry: &Registry, one: &Status, other: &Status) -> bool {
    // Named one by one, so that what is new has to be thought of here.
    let Status {
        slot: _,
        late_slots: _,
        is_playing,
        clip,
        next_clip,
        direction,
        slice,
        slices,
        access_unit,
        position,
        loop_slices,
        superframe_number,
        curve,
        positions,
        generation,
        is_clean,
        decode_micros: _,
        gpu_micros: _,
        slot_micros,
        grabs_filled,
        snapshots_filled,
        morph,
        held_back_slots,
        recording,
        is_demo,
        caption,
        beats,
        bpm,
        tempo_source,
        is_tempo_locked,
        habits,
        base,
        result,
        excluded,
        modulated,
        // Shown where pages count.
        lfo_periods: _,
    } = one;
    let place = (is_playing, clip, next_clip, direction, slice, slices, access_unit, loop_slices);
    let other_place = (
        &other.is_playing,
        &other.clip,
        &other.next_clip,
        &other.direction,
        &other.slice,
        &other.slices,
        &other.access_unit,
        &other.loop_slices,
    );
    let picture = (generation, is_clean, slot_micros, grabs_filled, snapshots_filled, morph);
    let other_picture = (
        &other.generation,
        &other.is_clean,
        &other.slot_micros,
        &other.grabs_filled,
        &other.snapshots_filled,
        &other.morph,
    );
    place == other_place
        && picture == other_picture
        && (position, superframe_number) == (&other.position, &other.superframe_number)
        && (curve, positions) == (&other.curve, &other.positions)
        && (held_back_slots, is_demo, caption)
            == (&other.held_back_slots, &other.is_demo, &other.caption)
        && recorded(*recording, *slot_micros) == recorded(other.recording, other.slot_micros)
        && beats.floor() == other.beats.floor()
        && (bpm * 10.0).round() == (other.bpm * 10.0).round()
        && (tempo_source, is_tempo_locked) == (&other.tempo_source, &other.is_tempo_locked)
        && (habits, excluded) == (&other.habits, &other.excluded)
        && (base, modulated) == (&other.base, &other.modulated)
        && registry
            .iter()
            .filter(|(_, row)| !row.is_meter)
            .filter(|(row, _)| result.has(*row) && other.result.has(*row))
            .all(|(row, _)| result.get(row) == other.result.get(row))
}

/// Seconds of the recording, and what is missing from it.
fn recorded(recording: Recording, slot_micros: u32) -> Option<(u64, u64)> {
    match recording {
        Recording::Off => None,
        Recording::On { slots, refused } => {
            Some((slots * u64::from(slot_micros) / 1_000_000, refused))
        }
    }
}
