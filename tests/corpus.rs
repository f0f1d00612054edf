//! Every seed of the fuzz targets, and every input that once broke one, through the same functions as
//! `make fuzz` has them. Memory is counted by the allocator, so nothing here runs side by side.

use residua::{bitstream, clip, control, engine, params, set, take, units};
use std::{
    fs, panic,
    path::Path,
    sync::{Mutex, PoisonError},
};

#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

/// One test at a time: the allocator counts for all threads.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs all inputs of one target below a folder; how many there are, and how many were not refused.
/// Fails with the names of those that break it.
fn run(folder: &str, name: &str, target: targets::Target) -> (usize, usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
    let (mut inputs, mut accepted, mut broken) = (0, 0, Vec::new());
    // Not every target has broken yet.
    for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let input = fs::read(file.path()).expect("the input can be read");
        inputs += 1;
        match panic::catch_unwind(|| target(&input)) {
            Ok(more_than_refused) => accepted += usize::from(more_than_refused),
            Err(_) => broken.push(file.path()),
        }
    }
    assert!(broken.is_empty(), "{name} is broken by {broken:?}");
    (inputs, accepted)
}

#[test]
fn every_seed_passes() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, target) in targets::ALL {
        let (seeds, accepted) = run("fuzz/seed_corpus", name, target);
        assert!(seeds >= 2, "{name} has {seeds} seeds: make them with fuzz/seeds");
        // Else the seeds would lead nowhere.
        assert!(accepted >= 2, "{name} refuses all but {accepted} of its seeds");
    }
}

#[test]
fn what_once_broke_a_target_passes() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let inputs: usize = targets::ALL
        .into_iter()
        .map(|(name, target)| run("tests/golden/fuzz", name, target).0)
        .sum();
    assert!(inputs > 0, "the inputs are not where they are looked for");
}
