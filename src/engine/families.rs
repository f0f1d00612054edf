//! Indexed families of rows: cues, grabs, throws. One declaration makes all members.

use crate::params::{ParamIndex, ParamSpec, Registry};

/// Cues of each clip, and slots for grabbed pictures: a row of pads has eight.
pub(super) const FAMILY_SIZE: usize = 8;

/// Calls a macro with the numbers of a family's members.
macro_rules! members {
    ($row:ident) => {
        [
            $row!("1", 0),
            $row!("2", 1),
            $row!("3", 2),
            $row!("4", 3),
            $row!("5", 4),
            $row!("6", 5),
            $row!("7", 6),
            $row!("8", 7),
        ]
    };
}

macro_rules! cue_go {
    ($number:literal, $place:literal) => {
        ParamSpec::trigger(
            concat!("cue.", $number, ".go"),
            concat!("Cue ", $number),
            "Jumps to this cue of the clip in play.",
        )
    };
}

macro_rules! cue_set {
    ($number:literal, $place:literal) => {
        ParamSpec::trigger(
            concat!("cue.", $number, ".set"),
            concat!("Set cue ", $number),
            "Puts this cue of the clip in play where the playhead is.",
        )
    };
}

macro_rules! cue_at {
    ($number:literal, $place:literal) => {
        ParamSpec::float(
            concat!("cue.", $number, ".at"),
            concat!("Cue ", $number, " at"),
            "Where the cue is, from the clip's start to its end; at first the eight are spread evenly.",
            (0.0, 1.0),
            $place as f64 / FAMILY_SIZE as f64,
        )
        .transport()
        .per_clip()
    };
}

macro_rules! grab {
    ($number:literal, $place:literal) => {
        ParamSpec::trigger(
            concat!("grab.", $number),
            concat!("Grab ", $number),
            "Keeps the picture in this slot, as an intra picture of the clip's own coding.",
        )
    };
}

macro_rules! throw {
    ($number:literal, $place:literal) => {
        ParamSpec::trigger(
            concat!("throw.", $number),
            concat!("Throw ", $number),
            "Feeds this slot's picture into the running decoder: the next motion tears it.",
        )
    };
}

const CUE_GO: [ParamSpec; FAMILY_SIZE] = members!(cue_go);
const CUE_SET: [ParamSpec; FAMILY_SIZE] = members!(cue_set);
pub(super) const CUE_AT: [ParamSpec; FAMILY_SIZE] = members!(cue_at);
const GRAB: [ParamSpec; FAMILY_SIZE] = members!(grab);
const THROW: [ParamSpec; FAMILY_SIZE] = members!(throw);

/// All families.
pub(super) const PARAMS: [&[ParamSpec]; 5] = [&CUE_GO, &CUE_SET, &CUE_AT, &GRAB, &THROW];

/// The places of a family's members in the registry.
pub(super) type Family = [ParamIndex; FAMILY_SIZE];

/// The families' places in the registry, looked up once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Families {
    pub cue_go: Family,
    pub cue_set: Family,
    pub cue_at: Family,
    pub grab: Family,
    pub throw: Family,
}

impl Families {
    pub fn resolve(registry: &Registry) -> Self {
        let family = |rows: &[ParamSpec; FAMILY_SIZE]| -> Family {
            std::array::from_fn(|place| registry.index_of(&rows[place]))
        };
        Self {
            cue_go: family(&CUE_GO),
            cue_set: family(&CUE_SET),
            cue_at: family(&CUE_AT),
            grab: family(&GRAB),
            throw: family(&THROW),
        }
    }
}

/// Which member of a family this row is, counted from 0.
pub(super) fn member(family: &Family, param: ParamIndex) -> Option<usize> {
    family.iter().position(|row| *row == param)
}
