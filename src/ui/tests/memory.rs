//! Snapshots, recordings, the machine.

use super::*;
use crate::{
    engine::Recording,
    ports::{Notice, Severity},
};
use egui::Modifiers;
use std::path::PathBuf;

#[test]
fn a_snapshot_is_recalled_by_a_press_and_stored_with_shift() {
    let mut bench = Bench::page(Page::Memory);
    bench.studio().status.snapshots_filled = 0b10;
    bench.run();
    assert!(bench.has("Snapshot 1 empty") && bench.has("Snapshot 3 empty"));
    let recall = bench.find("snapshot.2.recall");
    let pressed = |row| [by_hand(row, Change::Press(1.0)), by_hand(row, Change::Release)];
    assert_eq!(bench.click("Snapshot 2 kept"), pressed(recall));
    let store = bench.find("snapshot.4.store");
    bench.widget("Snapshot 4 empty").click_modifiers(Modifiers::SHIFT);
    bench.run();
    assert_eq!(bench.events(), pressed(store));
    bench.look("page-memory");
}

#[test]
fn a_menu_puts_a_snapshot_at_an_end_of_the_crossfader() {
    let mut bench = Bench::page(Page::Memory);
    bench.widget("Snapshot 5 empty").click_secondary();
    bench.run();
    let end = bench.find("crossfade.b");
    let done = bench.click("Put it at end B of the crossfader");
    assert_eq!(done, [by_hand(end, Change::Plain(5.0))]);
}

#[test]
fn a_file_that_was_written_is_shown_by_a_click() {
    let mut bench = Bench::page(Page::Record);
    let file = PathBuf::from("/shows/friday.mkv");
    let text = "recording /shows/friday.mkv".to_owned();
    let notice = Notice { severity: Severity::Info, text, file: Some(file.clone()) };
    bench.studio().news.push(NewsLine { at_secs: 3.0, notice });
    bench.studio().status.recording = Recording::On { slots: 2_700, refused: 3 };
    bench.run();
    // 2,700 slots at 30 a second.
    assert!(bench.has("01:30") && bench.has("3 pictures are missing"));
    assert!(bench.has("room for 150 minutes"));
    bench.look("page-record");
    bench.click("friday.mkv");
    assert_eq!(bench.studio().doings.wishes, [Wish::Reveal(file)]);
}

#[test]
fn the_time_of_a_tick_is_told_in_parts() {
    let mut bench = Bench::page(Page::Status);
    assert!(bench.has("decode 2.0 ms   GPU 9.0 ms   slack 22.3 ms   of 33.3 ms"));
    assert!(bench.has("llvmpipe") && bench.has("OSC on 127.0.0.1:7700"));
    bench.look("page-status");
}
