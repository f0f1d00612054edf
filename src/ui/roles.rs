//! The rows that have a job of their own in the window: the one place of it that names rows.

use crate::params::{ParamIndex, ParamSpec, Registry};

/// Places of rows in the registry, for what the window draws otherwise than as a line in a list. A row
/// that is not there leaves its place in the window empty. Everything else in
/// the window goes by these places and by what rows say of themselves.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Scrubbing in the timeline strip moves it (normalised).
    pub position: Option<ParamIndex>,
    /// Chooses a clip, counted from 1.
    pub clip: Option<ParamIndex>,
    /// Whether the playhead moves.
    pub play: Option<ParamIndex>,
    /// Calls a preset, counted from 1.
    pub preset: Option<ParamIndex>,
    /// Leaves everything that wears the picture.
    pub panic: Option<ParamIndex>,
    /// Shows black.
    pub blackout: Option<ParamIndex>,
    /// How bright the programme is, 0..=1.
    pub level: Option<ParamIndex>,
    /// Keeps the picture as it is.
    pub hold: Option<ParamIndex>,
    /// Takes the last change back.
    pub undo: Option<ParamIndex>,
    /// Makes it again.
    pub redo: Option<ParamIndex>,
    /// Whether the programme is recorded.
    pub record: Option<ParamIndex>,
    /// Keeps the last minute as a take.
    pub keep: Option<ParamIndex>,
    /// Whether the playhead stays in the loop.
    pub loop_on: Option<ParamIndex>,
    /// Where the loop begins, normalised over the clip.
    pub loop_start: Option<ParamIndex>,
    /// Where it ends.
    pub loop_end: Option<ParamIndex>,
    /// Where each cue of the clip in play is.
    pub cues: Vec<ParamIndex>,
    /// Jumps to each cue.
    pub cue_go: Vec<ParamIndex>,
    /// Puts each cue where the playhead is.
    pub cue_set: Vec<ParamIndex>,
    /// Keeps the picture in each slot.
    pub grabs: Vec<ParamIndex>,
    /// Feeds each slot's picture.
    pub throws: Vec<ParamIndex>,
    /// Goes to the look that each snapshot keeps.
    pub recalls: Vec<ParamIndex>,
    /// Keeps the look in each snapshot.
    pub stores: Vec<ParamIndex>,
    /// The snapshot at one end of the crossfader.
    pub crossfade_a: Option<ParamIndex>,
    /// The snapshot at the other end.
    pub crossfade_b: Option<ParamIndex>,
    /// Writes the set's file.
    pub save_set: Option<ParamIndex>,
    /// The pads beside the picture: melt, heal and their like.
    pub pads: Vec<ParamIndex>,
    /// The big knobs.
    pub macros: Vec<ParamIndex>,
}

/// The pads beside the picture, from the first.
const PADS: [&str; 8] = [
    "mosh.melt",
    "mosh.bloom",
    "heal.all",
    "programme.hold",
    "playhead.stutter",
    "playhead.reverse",
    "loop.on",
    "playhead.play",
];

impl Roles {
    /// Whether a page draws the row otherwise than as a line in a list.
    pub(super) fn have_own_place(&self, param: ParamIndex) -> bool {
        let bank = [&self.cues, &self.cue_go, &self.cue_set, &self.grabs, &self.throws];
        let memory = [&self.recalls, &self.stores];
        self.clip == Some(param) || bank.iter().chain(&memory).any(|rows| rows.contains(&param))
    }

    /// Finds them; what is not there is left out.
    pub fn resolve(registry: &Registry) -> Self {
        let find = |id: &str| registry.find(id);
        Self {
            position: find("playhead.position"),
            clip: find("clip.select"),
            play: find("playhead.play"),
            preset: find("preset.select"),
            panic: find("panic"),
            blackout: find("programme.blackout"),
            level: find("programme.level"),
            hold: find("programme.hold"),
            undo: find("edit.undo"),
            redo: find("edit.redo"),
            record: find("recorder.on"),
            keep: find("take.keep"),
            loop_on: find("loop.on"),
            loop_start: find("loop.start"),
            loop_end: find("loop.end"),
            cues: family(registry, "cue.N.at"),
            cue_go: family(registry, "cue.N.go"),
            cue_set: family(registry, "cue.N.set"),
            grabs: family(registry, "grab.N"),
            throws: family(registry, "throw.N"),
            recalls: family(registry, "snapshot.N.recall"),
            stores: family(registry, "snapshot.N.store"),
            crossfade_a: find("crossfade.a"),
            crossfade_b: find("crossfade.b"),
            save_set: find("set.save"),
            pads: PADS.iter().filter_map(|id| find(id)).collect(),
            macros: family(registry, "macro.N"),
        }
    }
}

/// All members of a family, such as `cue.N.at`, in their order.
fn family(registry: &Registry, name: &str) -> Vec<ParamIndex> {
    let is_member = |row: &ParamSpec| row.family().is_some_and(|(family, _)| family == name);
    registry.iter().filter(|(_, row)| is_member(row)).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_has_its_row() {
        let registry = crate::engine::registry().expect("rows");
        let roles = Roles::resolve(&registry);
        let single = [
            roles.position,
            roles.clip,
            roles.play,
            roles.preset,
            roles.panic,
            roles.blackout,
            roles.level,
            roles.hold,
            roles.undo,
            roles.redo,
            roles.record,
            roles.keep,
            roles.loop_on,
            roles.loop_start,
            roles.loop_end,
            roles.crossfade_a,
            roles.crossfade_b,
            roles.save_set,
        ];
        assert!(single.iter().all(Option::is_some), "{roles:?}");
        assert_eq!((roles.cues.len(), roles.macros.len(), roles.pads.len()), (8, 8, PADS.len()));
        let eights = [&roles.cue_go, &roles.cue_set, &roles.grabs, &roles.throws];
        assert_eq!(eights.map(Vec::len), [8; 4]);
        assert_eq!((roles.recalls.len(), roles.stores.len()), (16, 16));
        assert_eq!(registry.row(roles.macros[7]).id, "macro.8");
    }
}
