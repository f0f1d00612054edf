//! Which rows outlive a performance, and where.

use super::{families, gesture_loops, look_rows::PRESET_SELECT, rows, tempo};
use crate::{
    params::{Gesture, Kind, ParamSpec},
    playhead,
};

/// What belongs to the moment: a set that was saved begins without it. The number of a preset counts
/// for nothing once it was recalled: what it set is kept as it is.
const OF_THE_MOMENT: [&ParamSpec; 6] = [
    &rows::PROGRAMME_BLACKOUT,
    &rows::PROGRAMME_HOLD,
    &rows::RECORDER_ON,
    &playhead::POSITION,
    &tempo::POSITION,
    &PRESET_SELECT,
];

/// Whether a journal keeps the row's value: whatever was set, but for what is held down, since nobody
/// holds it any more when the instrument starts again, and for gestures that were recorded or repeated.
pub fn is_kept_by_journals(row: &ParamSpec) -> bool {
    row.kind != Kind::Trigger
        && !row.is_meter
        && row.gesture != Gesture::Hold
        && !gesture_loops::is_of_the_moment(row)
}

/// Whether a set that is saved keeps the row's value.
pub fn is_kept_by_sets(row: &ParamSpec) -> bool {
    is_kept_by_journals(row) && OF_THE_MOMENT.iter().all(|moment| moment.id != row.id)
}

/// Whether a set keeps the row's value by itself, as soon as it has changed: what a performer has
/// stored on purpose.
pub fn is_kept_at_once(row: &ParamSpec) -> bool {
    families::CUE_AT.rows().iter().any(|cue| cue.id == row.id)
}
