//! Clips with values of their own, drive, the clean picture, grab and throw.

use crate::{
    common::{CANVAS, decode, psnr},
    stage::{Fault, Stage, imported, rabbit, stage, stage_of, stage_with},
};
use crossbeam::channel::{Receiver, Sender, bounded};
use residua::{
    bitstream::Stream,
    clip::Clip,
    engine::{GrabDesk, GrabRequest, Grabbed},
    params::Change,
    ports::{SplicedUnit, StreamSink},
    units::{Canvas, Codec, Direction},
};
use std::{
    fs,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

fn size() -> (usize, usize) {
    let canvas: Canvas = CANVAS.parse().expect("a canvas");
    (canvas.width as usize, canvas.height as usize)
}

/// What ffmpeg makes of a clip's forward stream, by access unit.
fn clean(folder: &Path, ending: &str) -> Vec<Vec<u8>> {
    let (width, height) = size();
    decode(&folder.join(format!("forward.{ending}")), width, height)
}

fn luma_psnr(a: &[u8], b: &[u8]) -> f64 {
    let (width, height) = size();
    psnr(a, b, width * height)
}

/// Keeps every access unit that was fed.
#[derive(Default)]
struct Tape(Arc<Mutex<Vec<u8>>>, Arc<Mutex<Vec<(u64, u32, u32)>>>);

impl StreamSink for Tape {
    fn offer(&mut self, unit: &SplicedUnit<'_>) -> bool {
        self.0.lock().expect("lock").extend_from_slice(unit.bytes);
        self.1.lock().expect("lock").push((unit.slot, unit.part, unit.parts));
        true
    }
}

#[test]
fn each_clip_keeps_its_speed_and_its_way_of_entry() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
    let speed = stage.registry.find("playhead.speed").expect("a row");
    let entry = stage.registry.find("clip.switch").expect("a row");
    assert!(stage.engine.set_own(1, speed, 2.0));
    assert!(stage.engine.set_own(1, entry, 1.0));
    assert!(!stage.engine.set_own(1, stage.registry.find("decay.amount").expect("a row"), 1.0));
    stage.offline(0..24);
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(24..48);
    stage.send("clip.select", Change::Plain(1.0));
    stage.offline(48..72);
    let reports = stage.reports();
    let of = |clip: u16| reports.iter().filter(move |report| report.clip.0 == clip);
    let steps = |clip: u16| -> Vec<u32> {
        let slices: Vec<u32> = of(clip).map(|report| report.slice).collect();
        let steps = slices.windows(2).filter(|pair| pair[1] > pair[0]);
        steps.map(|pair| pair[1] - pair[0]).collect()
    };
    // Superframes of 6: speed 1 goes on by 6, speed 2 by 12.
    assert!(steps(0).iter().all(|step| *step == 6), "{:?}", steps(0));
    assert!(steps(1).iter().all(|step| *step == 12), "{:?}", steps(1));
    assert!(of(1).next().is_some_and(|report| report.healed), "the flower is entered clean");
    let back = reports.iter().rev().find(|report| report.clip.0 == 1).expect("it was played");
    let after = &reports[back.tick.0 as usize + 1];
    assert!(after.clip.0 == 0 && !after.healed, "the rabbit is entered moshing");
}

#[test]
fn chance_wanders_from_clip_to_clip_the_same_way_every_time() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let walk = |stay: f64, together: f64| -> Vec<(u16, f64)> {
        let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
        stage.send("clip.together", Change::Plain(together));
        // The first clip is well on its way before chance has a word.
        stage.offline(0..60);
        stage.send("clip.stay", Change::Plain(stay));
        stage.offline(60..240);
        stage.reports().iter().map(|report| (report.clip.0, report.position)).collect()
    };
    let changes =
        |walk: &[(u16, f64)]| walk.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
    let half = walk(0.5, 0.0);
    assert_eq!(half, walk(0.5, 0.0));
    // 30 superframes: with even chance 15 changes, 3 standard deviations of 2.7 either way.
    assert!((7..=23).contains(&changes(&half)), "{}", changes(&half));
    assert_eq!(changes(&walk(1.0, 0.0)), 0);
    // The first superframe, and then a change after each.
    assert!(changes(&walk(0.0, 0.0)) >= 28);
    // Together, a clip is entered where the other was left: positions never jump far, and the end
    // is next to the start.
    let far = |walk: &[(u16, f64)]| {
        let ways = walk.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs());
        ways.map(|way| way.min(1.0 - way)).fold(0.0, f64::max)
    };
    assert!(far(&walk(0.5, 1.0)) < 0.15, "{}", far(&walk(0.5, 1.0)));
    assert!(far(&half) > 0.15, "apart, they do");
}

#[test]
fn a_drive_feeds_as_many_access_units_a_tick() {
    let folder = rabbit("mpeg4");
    let clean = clean(&folder, "m4v");
    let mut stage = stage_with(Fault::None, &folder);
    let tape = Tape::default();
    let units = Arc::clone(&tape.1);
    stage.engine.record_stream(Box::new(tape));
    stage.send("mosh.drive", Change::Plain(3.0));
    stage.offline(0..20);
    let reports = stage.reports();
    // Straight play, three at a time: slot 5 shows access unit 17, as a clean decoder does.
    let shown: Vec<_> = reports[..6].iter().map(|report| report.access_unit).collect();
    assert_eq!(shown, [2, 5, 8, 11, 14, 17].map(Some));
    assert!(reports.iter().all(|report| report.units_fed == 3));
    assert!(luma_psnr(&stage.picture(5), &clean[17]) > 45.0);
    let units = units.lock().expect("lock");
    assert_eq!(units[..4], [(0, 0, 3), (0, 1, 3), (0, 2, 3), (1, 0, 3)]);
}

#[test]
fn a_drive_that_feeds_the_same_again_adds_its_motion() {
    let mut stage = stage(Fault::None);
    let tape = Tape::default();
    let bytes = Arc::clone(&tape.0);
    stage.engine.record_stream(Box::new(tape));
    stage.send("mosh.drive", Change::Plain(2.0));
    stage.send("mosh.drive_way", Change::Plain(1.0));
    stage.offline(0..12);
    let reports = stage.reports();
    let shown: Vec<_> = reports.iter().map(|report| report.access_unit.expect("a unit")).collect();
    assert_eq!(shown, (0..12).collect::<Vec<u32>>());
    let stream =
        Stream::parse(Codec::Mpeg4, bytes.lock().expect("lock").clone()).expect("a stream");
    // The intra picture once, every other access unit twice.
    assert_eq!(stream.len(), 23);
    let unit = |unit| stream.access_unit(residua::units::AccessUnitIndex(unit));
    assert_eq!(unit(1), unit(2));
    assert_ne!(unit(2), unit(3));
}

#[test]
fn the_clean_picture_is_that_of_the_same_place_whatever_was_moshed() {
    for (encoder, ending) in [("libx264", "h264"), ("mpeg4", "m4v")] {
        let folder = rabbit(encoder);
        let clean = clean(&folder, ending);
        let mut stage = stage_with(Fault::None, &folder);
        let mut slots = 0;
        stage.send("mix.clean", Change::Plain(1.0));
        for position in [0.9, 0.2, 0.7] {
            stage.send("playhead.position", Change::Plain(position));
            stage.offline(slots..slots + 12);
            slots += 12;
        }
        stage.send("mix.clean", Change::Plain(0.0));
        stage.offline(slots..slots + 30);
        let reports = stage.reports();
        // A jump begins at most eleven places behind and gains three a tick: the last slot of each
        // twelve is there.
        for slot in [23, 35] {
            let unit = reports[slot].access_unit.expect("a unit") as usize;
            let level = luma_psnr(&stage.picture(slot), &clean[unit]);
            assert!(level > 35.0, "{encoder}, slot {slot}: {level} dB from the clean decode");
        }
        let unit = reports[65].access_unit.expect("a unit") as usize;
        let level = luma_psnr(&stage.picture(65), &clean[unit]);
        assert!(level < 30.0, "{encoder}: without it the picture is moshed, {level} dB");
    }
}

#[test]
fn a_crossfade_lies_between_the_two() {
    let folder = rabbit("mpeg4");
    let picture = |mix: f64| {
        let mut stage = stage_with(Fault::None, &folder);
        stage.offline(0..6);
        stage.send("mix.clean", Change::Plain(mix));
        stage.send("playhead.position", Change::Plain(0.8));
        stage.offline(6..40);
        stage.picture(39)
    };
    let (mosh, half, clean) = (picture(0.0), picture(0.5), picture(1.0));
    assert!(luma_psnr(&mosh, &clean) < 30.0, "there is something to fade between");
    for ((mosh, half), clean) in mosh.iter().zip(&half).zip(&clean) {
        let mean = (u16::from(*mosh) + u16::from(*clean)).div_ceil(2);
        assert!(u16::from(*half).abs_diff(mean) <= 1, "{mosh} {half} {clean}");
    }
}

/// A desk of the test: answers with the first picture of whatever clip it is asked to be like.
fn desk(stage: &mut Stage) -> Receiver<usize> {
    desk_that(stage, first_picture)
}

/// A desk that answers with whatever `code` makes for a clip.
fn desk_that(
    stage: &mut Stage,
    mut code: impl FnMut(&Clip) -> Arc<Stream> + Send + 'static,
) -> Receiver<usize> {
    let (requests, orders): (Sender<GrabRequest>, Receiver<GrabRequest>) = bounded(4);
    let (done, grabs) = bounded(4);
    let (seen_in, seen) = bounded(16);
    std::thread::spawn(move || {
        for order in orders {
            let is_again = matches!(order, GrabRequest::Again { .. });
            let (slot, like) = match order {
                GrabRequest::Take { slot, like, .. } | GrabRequest::Again { slot, like, .. } => {
                    (slot, like)
                }
                GrabRequest::Retire(_) => continue,
            };
            let _ = seen_in.send(slot);
            let _ = done.send(Grabbed { slot, stream: Some(code(&like)), is_again });
        }
    });
    stage.engine.use_grab_desk(GrabDesk { requests, grabs });
    seen
}

/// A stream of a clip's first picture alone.
fn first_picture(clip: &Clip) -> Arc<Stream> {
    let stream = clip.stream(Direction::Forward);
    let bytes = stream.access_unit(residua::units::AccessUnitIndex(0)).to_vec();
    Arc::new(Stream::parse(stream.format().codec, bytes).expect("a stream of one picture"))
}

#[test]
fn a_thrown_picture_is_shown_and_then_torn_by_the_motion_in_play() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let (rabbit_clean, flower_clean) = (clean(&rabbit, "m4v"), clean(&flower, "m4v"));
    let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
    let flower_picture = first_picture(&Clip::load(&flower).expect("a clip"));
    assert!(stage.engine.keep_grab(2, flower_picture));
    stage.offline(0..20);
    stage.send("throw.3", Change::Fire);
    stage.offline(20..40);
    let reports = stage.reports();
    assert_eq!((reports[20].thrown, reports[20].access_unit), (Some(2), None));
    assert!(reports[21..].iter().all(|report| report.thrown.is_none()));
    assert_eq!(reports[21].access_unit, reports[19].access_unit.map(|unit| unit + 1));
    assert!(luma_psnr(&stage.picture(20), &flower_clean[0]) > 45.0, "the flower, as it is");
    let torn = stage.picture(30);
    let unit = reports[30].access_unit.expect("a unit") as usize;
    assert!(luma_psnr(&torn, &rabbit_clean[unit]) < 25.0, "no rabbit");
    let level = luma_psnr(&torn, &flower_clean[0]);
    assert!(level < 35.0, "no more the flower as it was: {level} dB");
    // An empty slot is no reason to stop.
    stage.send("throw.7", Change::Fire);
    stage.offline(40..44);
    assert!(stage.reports()[40..].iter().all(|report| report.thrown.is_none()));
    let mut lines = std::iter::from_fn(|| stage.notices.take());
    assert!(lines.any(|line| line.text.contains("slot 7 is empty")));
}

#[test]
fn a_slot_is_coded_again_for_a_clip_of_another_coding() {
    let (mpeg4, h264) = (rabbit("mpeg4"), rabbit("libx264"));
    let mut stage = stage_of(Fault::None, &[&mpeg4, &h264]);
    let asked = desk(&mut stage);
    stage.offline(0..6);
    stage.send("grab.1", Change::Fire);
    stage.offline(6..12);
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), [0]);
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(12..24);
    stage.send("throw.1", Change::Fire);
    stage.offline(24..30);
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), [0], "once more, for H.264");
    let reports = stage.reports();
    let thrown = reports.iter().filter(|report| report.thrown == Some(0)).count();
    assert_eq!(thrown, 1);
    assert!(reports[29].access_unit.is_some());
}

#[test]
fn a_desk_that_has_died_is_told_and_awaited_no_more() {
    let mpeg4 = rabbit("mpeg4");
    let mut stage = stage_with(Fault::None, &mpeg4);
    let picture = first_picture(&Clip::load(&mpeg4).expect("a clip"));
    assert!(stage.engine.keep_grab(1, picture));
    let asked = desk_that(&mut stage, |_| panic!("the desk dies, on purpose"));
    stage.offline(0..6);
    stage.send("grab.1", Change::Fire);
    stage.send("throw.1", Change::Fire);
    stage.offline(6..12);
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), [0]);
    for _ in 0..6 {
        stage.send("grab.1", Change::Fire);
    }
    stage.send("throw.2", Change::Fire);
    stage.offline(12..18);
    let lines: Vec<String> =
        std::iter::from_fn(|| stage.notices.take()).map(|line| line.text).collect();
    let told = |part: &str| lines.iter().filter(|line| line.contains(part)).count();
    assert_eq!((told("has died"), told("no more: save"), told("still being coded")), (1, 6, 0));
    let thrown: Vec<_> = stage.reports().iter().filter_map(|report| report.thrown).collect();
    assert_eq!(thrown, [1], "what a slot holds can still be thrown");
}

#[test]
fn a_slot_that_cannot_be_coded_for_a_clip_is_given_up() {
    let (mpeg4, h264) = (rabbit("mpeg4"), rabbit("libx264"));
    let mut stage = stage_of(Fault::None, &[&h264]);
    // Tools that make another format than the clip's, whatever they are asked for.
    let foreign = first_picture(&Clip::load(&mpeg4).expect("a clip"));
    stage.engine.keep_grab(0, Arc::clone(&foreign));
    let asked = desk_that(&mut stage, move |_| Arc::clone(&foreign));
    stage.offline(0..6);
    stage.send("throw.1", Change::Fire);
    stage.offline(6..20);
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), [0], "once is enough");
    assert!(stage.reports().iter().all(|report| report.thrown.is_none()));
    let mut lines = std::iter::from_fn(|| stage.notices.take());
    assert!(lines.any(|line| line.text.contains("slot 1 cannot be thrown")));
}

#[test]
fn of_two_grabs_in_a_row_the_later_is_thrown() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let flower_clean = clean(&flower, "m4v");
    let mut stage = stage_of(Fault::None, &[&rabbit]);
    let later = first_picture(&Clip::load(&flower).expect("a clip"));
    let mut answers = 0;
    desk_that(&mut stage, move |like| {
        answers += 1;
        if answers == 1 {
            return first_picture(like);
        }
        // Time enough for an engine that does not wait for it.
        std::thread::sleep(std::time::Duration::from_millis(200));
        Arc::clone(&later)
    });
    stage.offline(0..6);
    for id in ["grab.1", "grab.1", "throw.1"] {
        stage.send(id, Change::Fire);
    }
    stage.offline(6..7);
    assert_eq!(stage.reports()[6].thrown, Some(0));
    assert!(luma_psnr(&stage.picture(6), &flower_clean[0]) > 45.0, "the second picture");
}

#[test]
fn cues_are_spread_evenly_jump_and_are_kept_by_each_clip() {
    let mut stage = stage(Fault::None);
    stage.offline(0..6);
    // Eight cues: the fifth is half way.
    stage.send("cue.5.go", Change::Fire);
    stage.offline(6..12);
    let position = stage.reports()[6].position;
    assert!((position - 0.5).abs() < 0.01, "{position}");
    stage.send("cue.1.set", Change::Fire);
    stage.offline(12..30);
    stage.send("cue.1.go", Change::Fire);
    stage.offline(30..36);
    let reports = stage.reports();
    let set = reports[11].position;
    assert!((reports[30].position - set).abs() < 0.01, "{} {set}", reports[30].position);
}

#[test]
fn what_was_fed_is_a_legal_stream_of_the_pictures_shown() {
    let (rabbit, flower) = (rabbit("libx264"), imported("flower.mp4", "libx264"));
    let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
    let tape = Tape::default();
    let bytes = Arc::clone(&tape.0);
    stage.engine.record_stream(Box::new(tape));
    stage.engine.keep_grab(0, first_picture(&Clip::load(&flower).expect("a clip")));
    let gestures: [(&str, Change); 6] = [
        ("clip.select", Change::Plain(2.0)),
        ("throw.1", Change::Fire),
        ("mosh.drive", Change::Plain(2.0)),
        ("heal.all", Change::Fire),
        ("mosh.drive", Change::Plain(1.0)),
        ("clip.select", Change::Plain(1.0)),
    ];
    let mut slots = 0;
    for (id, change) in gestures {
        stage.offline(slots..slots + 10);
        slots += 10;
        stage.send(id, change);
    }
    stage.offline(slots..slots + 10);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("fed.h264");
    fs::write(&file, &*bytes.lock().expect("lock")).expect("the stream");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"]).arg(&file);
    let output = ffmpeg.args(["-f", "null", "-"]).output().expect("ffmpeg");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    let (width, height) = size();
    let decoded = decode(&file, width, height);
    let fed: u32 = stage.reports().iter().map(|report| report.units_fed).sum();
    assert_eq!(decoded.len(), fed as usize);
    assert!(
        decoded.last() == Some(&stage.picture(slots as usize + 9)),
        "the last picture is shown"
    );
}
