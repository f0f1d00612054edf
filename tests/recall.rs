//! The last seconds of the programme: what is saved is what was shown, and it can be imported.

#![cfg(feature = "media")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod support;

use residua::{
    clip::{Clip, Encoder},
    media::{self, ImportRequest, Recall, SourceHashes},
    ports::{Notices, PictureSink, Shown},
    units::{Canvas, Picture},
};
use std::{
    fs,
    ops::ControlFlow,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use support::{decode, ffmpeg_pictures, frames, probe, psnr};

fn canvas() -> Canvas {
    "328x184@30000/1001".parse().unwrap()
}

/// What a slot shows: slopes that run to the left by four pixels a slot, in colours off grey. All of
/// them lie inside RGB: what does not is cut by any conversion.
fn programme(slot: u64) -> Picture {
    let canvas = canvas();
    let mut picture = Picture::black(canvas.width, canvas.height);
    let (width, height) = (canvas.width as usize, canvas.height as usize);
    let (luma, chroma) = picture.data_mut().split_at_mut(width * height);
    for (y, row) in luma.chunks_mut(width).enumerate() {
        for (x, sample) in row.iter_mut().enumerate() {
            let along = (x + 4 * slot as usize + y / 2) % 320;
            *sample = 48 + if along < 160 { along } else { 320 - along } as u8;
        }
    }
    let (blue, red) = chroma.split_at_mut(width * height / 4);
    for (blue, red) in blue.chunks_mut(width / 2).zip(red.chunks_mut(width / 2)) {
        for (x, (blue, red)) in blue.iter_mut().zip(red).enumerate() {
            (*blue, *red) = (108 + (x / 8) as u8, 148 - (x / 8) as u8);
        }
    }
    picture
}

/// Offers a picture until it is taken, as fast as the coder goes.
fn offer(recall: &mut Recall, slot: u64, picture: &Arc<Picture>) {
    let shown = Shown { slot, picture: Arc::clone(picture) };
    let deadline = Instant::now() + Duration::from_secs(180);
    while !recall.offer(&shown) {
        assert!(Instant::now() < deadline, "slot {slot} is never taken");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until this many slots are kept.
fn wait_for(recall: &Recall, slots: u64) {
    let deadline = Instant::now() + Duration::from_secs(180);
    while recall.kept().slots < slots {
        assert!(Instant::now() < deadline, "{:?} of {slots} slots", recall.kept());
        thread::sleep(Duration::from_millis(5));
    }
}

/// Mean of one chroma plane, 1 or 2.
fn chroma_mean(picture: &Picture, plane: usize) -> f64 {
    let samples = picture.planes().data[plane];
    samples.iter().map(|sample| f64::from(*sample)).sum::<f64>() / samples.len() as f64
}

#[test]
fn the_last_seconds_are_saved_as_they_were_shown_and_import() {
    let folder = tempfile::tempdir().unwrap();
    let mut recall = Recall::start(canvas(), Notices::default()).unwrap();
    let owner = recall.clone();
    // Six seconds, of which the last four are wanted: slots 60..180.
    for slot in 0..180 {
        offer(&mut recall, slot, &Arc::new(programme(slot)));
    }
    wait_for(&owner, 180);
    let path = folder.path().join("recall.mkv");
    let saved = owner.save(4.0, &path).unwrap();
    // 4 s at 29.97 pictures per second: 119.88.
    assert_eq!((saved.pictures, &saved.path), (120, &path));

    // As any player has it: JPEGs of full range, BT.601.
    assert_eq!(frames(&path), 120);
    assert_eq!(probe(&path, "stream=codec_name").trim(), "mjpeg");
    let filter = "scale=in_range=pc:in_color_matrix=bt601:out_range=tv:out_color_matrix=bt709:\
                  flags=accurate_rnd+full_chroma_int,format=yuv420p";
    let played = ffmpeg_pictures(&path, 328, 184, filter);
    assert_eq!(played.len(), 120);
    for (slot, picture) in (60..).zip(&played) {
        let decibels = psnr(picture, &programme(slot));
        assert!(decibels >= 40.0, "slot {slot}: {decibels:.1} dB");
    }

    let request =
        ImportRequest { coding: Encoder::Libx264.into(), ..ImportRequest::new(path, canvas()) };
    let hashes = SourceHashes::of(&request).unwrap();
    let clip = folder.path().join("clip");
    media::import(&request, &hashes, &clip, &mut |_| ControlFlow::Continue(())).unwrap();
    let clip = Clip::load(&clip).unwrap();
    assert_eq!(clip.forward.len(), 120);
    let imported = decode(&[(&clip.forward, 0..120)]);
    for (slot, picture) in (60..).zip(&imported) {
        let offered = programme(slot);
        let decibels = psnr(picture, &offered);
        // Taken for limited range, or for BT.601, it would be below 30 dB.
        assert!(decibels >= 32.0, "slot {slot}: {decibels:.1} dB");
        assert!(psnr(picture, &programme(slot + 3)) < decibels, "slot {slot} is another one");
        for plane in [1, 2] {
            let shift = chroma_mean(picture, plane) - chroma_mean(&offered, plane);
            assert!(shift.abs() < 2.0, "slot {slot}: chroma {plane} is off by {shift:.1}");
        }
    }
}

#[test]
fn it_listens_while_it_saves_and_takes_no_name_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut recall = Recall::start(canvas(), Notices::default()).unwrap();
    let owner = recall.clone();
    let path = folder.path().join("take.mkv");
    assert!(owner.save(4.0, &path).is_err_and(|error| error.to_string().contains("played")));
    assert!(!path.exists());

    let (still, other) = (Arc::new(programme(0)), Arc::new(programme(50)));
    // A second of one picture, then slots that never came, then another picture.
    for slot in 0..30 {
        offer(&mut recall, slot, &still);
    }
    offer(&mut recall, 59, &other);
    wait_for(&owner, 60);
    assert_eq!(owner.save(4.0, &path).unwrap().pictures, 60);
    let played = ffmpeg_pictures(&path, 328, 184, "");
    assert_eq!(played.len(), 60);
    assert!(played[..59].iter().all(|picture| *picture == played[0]) && played[59] != played[0]);

    // It has gone on: another second, and a name that is taken.
    for slot in 60..90 {
        offer(&mut recall, slot, &other);
    }
    wait_for(&owner, 90);
    let again = owner.save(30.0, &path).unwrap();
    assert_eq!((again.pictures, again.path), (90, folder.path().join("take-1.mkv")));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

    // A picture of another size is none of this programme.
    let refused = owner.refused();
    let small = Arc::new(Picture::black(320, 180));
    assert!(!recall.offer(&Shown { slot: 90, picture: small }));
    assert_eq!(owner.refused(), refused + 1);
    let nowhere = Path::new("/nowhere/at/all.mkv");
    let line = owner.save(4.0, nowhere).unwrap_err().to_string();
    assert!(line.contains("/nowhere/at/all.mkv") && !line.contains('\n'), "{line}");
    assert!(owner.save(4.0, &folder.path().join("take.mp4")).is_err());
}
