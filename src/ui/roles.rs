//! The rows that have a job of their own in the window: the one place of it that names rows.

use crate::{
    engine::ModulatorRows,
    params::{ParamIndex, ParamSpec, Registry},
    playhead,
};

/// Places of rows in the registry, for what the window draws otherwise than as a line in a list. A row
/// that is not there leaves its place in the window empty. Everything else in
/// the window goes by these places and by what rows say of themselves.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Scrubbing in the timeline strip moves it (normalised).
    pub position: Option<ParamIndex>,
    /// Chooses a clip, counted from 1.
    pub clip: Option<ParamIndex>,
    /// Calls a preset, counted from 1.
    pub preset: Option<ParamIndex>,
    /// Leaves everything that wears the picture.
    pub panic: Option<ParamIndex>,
    /// Lands motion on the wrong picture while it is held.
    pub melt: Option<ParamIndex>,
    /// Makes the picture clean again.
    pub heal: Option<ParamIndex>,
    /// Shows black.
    pub blackout: Option<ParamIndex>,
    /// How bright the programme is, 0..=1.
    pub level: Option<ParamIndex>,
    /// Keeps the picture as it is.
    pub hold: Option<ParamIndex>,
    /// Takes the last change back.
    pub undo: Option<ParamIndex>,
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
    /// Jumps to each of them.
    pub cue_go: Vec<ParamIndex>,
    /// How the playhead travels.
    pub travel: Option<playhead::Rows>,
    /// Which timeline function it follows, where it follows one.
    pub function: Option<ParamIndex>,
    /// What a timeline function goes by, for one that is laid over a clip by itself.
    pub course: Vec<ParamIndex>,
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
    /// What each of them moves.
    pub macro_parts: Vec<Vec<PartRows>>,
    /// The patches.
    pub patches: Vec<PatchRows>,
    /// LFOs, envelopes, sequencers.
    pub(super) modulators: Option<ModulatorRows>,
    /// The line in: how it is listened to, and what is heard.
    pub listening: Vec<ParamIndex>,
    /// The bank of mappings in force.
    pub bank: Option<ParamIndex>,
}

/// The rows of a parameter that a macro moves.
#[derive(Clone, Copy, Debug)]
pub struct PartRows {
    /// Names the parameter.
    pub target: ParamIndex,
    /// Where it is while the macro is at 0, normalised.
    pub low: ParamIndex,
    /// Where it is while the macro is at 1, normalised.
    pub high: ParamIndex,
    /// How it goes from the one to the other.
    pub curve: ParamIndex,
}

/// The rows of a patch.
#[derive(Clone, Copy, Debug)]
pub struct PatchRows {
    /// Names what moves.
    pub source: ParamIndex,
    /// Names what is moved.
    pub target: ParamIndex,
    /// How far, in parts of the target's range.
    pub depth: ParamIndex,
    /// How the source is bent.
    pub curve: ParamIndex,
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

/// What a timeline function goes by.
const COURSE: [&str; 10] = [
    "playhead.function",
    "superframe.size",
    "playhead.superframes",
    "playhead.frequency",
    "playhead.rectified",
    "playhead.amplitude_secondary",
    "playhead.frequency_secondary",
    "playhead.chance_step",
    "playhead.hold_superframes",
    "playhead.seed",
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
        let macros = family(registry, "macro.N");
        Self {
            macro_parts: macro_parts(registry, macros.len()),
            patches: patches(registry),
            modulators: find("lfo.1.out").map(|_| ModulatorRows::resolve(registry)),
            listening: section(registry, "listen."),
            bank: find("midi.bank"),
            position: find("playhead.position"),
            clip: find("clip.select"),
            preset: find("preset.select"),
            panic: find("panic"),
            melt: find("mosh.melt"),
            heal: find("heal.all"),
            blackout: find("programme.blackout"),
            level: find("programme.level"),
            hold: find("programme.hold"),
            undo: find("edit.undo"),
            record: find("recorder.on"),
            keep: find("take.keep"),
            loop_on: find("loop.on"),
            loop_start: find("loop.start"),
            loop_end: find("loop.end"),
            cues: family(registry, "cue.N.at"),
            cue_go: family(registry, "cue.N.go"),
            travel: find("playhead.mode").map(|_| playhead::Rows::resolve(registry)),
            function: find("playhead.function"),
            course: COURSE.iter().filter_map(|id| find(id)).collect(),
            cue_set: family(registry, "cue.N.set"),
            grabs: family(registry, "grab.N"),
            throws: family(registry, "throw.N"),
            recalls: family(registry, "snapshot.N.recall"),
            stores: family(registry, "snapshot.N.store"),
            crossfade_a: find("crossfade.a"),
            crossfade_b: find("crossfade.b"),
            save_set: find("set.save"),
            pads: PADS.iter().filter_map(|id| find(id)).collect(),
            macros,
        }
    }
}

/// All members of a family, such as `cue.N.at`, in their order.
fn family(registry: &Registry, name: &str) -> Vec<ParamIndex> {
    let is_member = |row: &ParamSpec| row.family().is_some_and(|(family, _)| family == name);
    registry.iter().filter(|(_, row)| is_member(row)).map(|(index, _)| index).collect()
}

/// All rows whose ids begin so.
fn section(registry: &Registry, beginning: &str) -> Vec<ParamIndex> {
    let of_it = registry.iter().filter(|(_, row)| row.id.starts_with(beginning));
    of_it.map(|(index, _)| index).collect()
}

/// The parts of all macros: as many for each.
fn macro_parts(registry: &Registry, macros: usize) -> Vec<Vec<PartRows>> {
    let rows = |name: &str| family(registry, &format!("macro_part.N.M.{name}"));
    let targets = rows("target").into_iter().zip(rows("low"));
    let parts = targets.zip(rows("high").into_iter().zip(rows("curve")));
    let part = |((target, low), (high, curve))| PartRows { target, low, high, curve };
    let parts: Vec<PartRows> = parts.map(part).collect();
    let each = (parts.len() / macros.max(1)).max(1);
    parts.chunks(each).map(<[PartRows]>::to_vec).collect()
}

fn patches(registry: &Registry) -> Vec<PatchRows> {
    let rows = |name: &str| family(registry, &format!("patch.N.{name}"));
    let ends = rows("source").into_iter().zip(rows("target"));
    let patches = ends.zip(rows("depth").into_iter().zip(rows("curve")));
    let patch = |((source, target), (depth, curve))| PatchRows { source, target, depth, curve };
    patches.map(patch).collect()
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
            roles.preset,
            roles.panic,
            roles.melt,
            roles.heal,
            roles.blackout,
            roles.level,
            roles.hold,
            roles.undo,
            roles.record,
            roles.keep,
            roles.loop_on,
            roles.loop_start,
            roles.loop_end,
            roles.function,
            roles.crossfade_a,
            roles.crossfade_b,
            roles.save_set,
            roles.bank,
        ];
        assert!(single.iter().all(Option::is_some), "{roles:?}");
        assert!(roles.travel.is_some() && roles.course.len() == COURSE.len());
        assert!(roles.modulators.is_some());
        assert!(roles.listening.len() >= 5, "{:?}", roles.listening);
        assert_eq!(roles.cue_go.len(), roles.cues.len());
        assert_eq!((roles.cues.len(), roles.macros.len(), roles.pads.len()), (8, 8, PADS.len()));
        let eights = [&roles.cue_go, &roles.cue_set, &roles.grabs, &roles.throws];
        assert_eq!(eights.map(Vec::len), [8; 4]);
        assert_eq!((roles.macro_parts.len(), roles.patches.len()), (8, 32));
        assert!(roles.macro_parts.iter().all(|parts| parts.len() == 6));
        assert_eq!(registry.row(roles.macro_parts[7][5].high).id, "macro_part.8.6.high");
        assert_eq!((roles.recalls.len(), roles.stores.len()), (16, 16));
        assert_eq!(registry.row(roles.macros[7]).id, "macro.8");
    }
}
