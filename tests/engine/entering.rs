//! From clip to clip and from place to place: with a drive, by chance, while the picture is held.

use crate::stage::{Fault, imported, rabbit, stage, stage_of};
use residua::{engine::Status, params::Change};

#[test]
fn a_drive_plays_on_straight_whatever_the_grain() {
    for (size, jump) in [(1.0, 0.0), (2.0, 0.0), (6.0, 1.0)] {
        let mut stage = stage(Fault::None);
        stage.send("superframe.size", Change::Plain(size));
        stage.send("playhead.jump", Change::Plain(jump));
        stage.send("mosh.drive", Change::Plain(4.0));
        stage.offline(0..8);
        let shown: Vec<_> = stage.reports().iter().map(|report| report.access_unit).collect();
        // Four of each tick, the last one seen.
        let straight: Vec<_> = (0..8).map(|slot| Some(4 * slot + 3)).collect();
        assert_eq!(shown, straight, "grain {size}, jump {jump}");
    }
}

#[test]
fn a_clip_is_entered_at_a_superframes_end_within_a_tick() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
    // One access unit first: from then on two a tick never end with a superframe of six.
    stage.offline(0..1);
    stage.send("mosh.drive", Change::Plain(2.0));
    stage.offline(1..2);
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(2..6);
    let clips: Vec<u16> = stage.reports().iter().map(|report| report.clip.0).collect();
    // 1 + 2 access units are fed, then 2, then the superframe's sixth and the flower.
    assert_eq!(clips, [0, 0, 0, 1, 1, 1]);
}

#[test]
fn chance_does_not_talk_over_the_performer() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let mut stage = stage_of(Fault::None, &[&rabbit, &flower, &rabbit]);
    stage.offline(0..2);
    stage.send("clip.stay", Change::Plain(0.0));
    stage.send("clip.select", Change::Plain(3.0));
    stage.offline(2..13);
    let clips: Vec<u16> = stage.reports().iter().map(|report| report.clip.0).collect();
    // A superframe of six, then what was asked for: of its first six the intra picture is left out.
    // From there chance goes on to the next.
    assert_eq!(clips, [0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 0, 0]);
}

#[test]
fn the_clean_picture_stays_that_of_the_picture_held() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
    stage.send("mix.clean", Change::Plain(1.0));
    // The flower has been played, and stands when it is come back to.
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(0..12);
    stage.send("clip.select", Change::Plain(1.0));
    stage.offline(12..60);
    stage.send("playhead.speed", Change::Plain(0.0));
    stage.send("playhead.rest", Change::Plain(2.0));
    stage.offline(60..72);
    let speed = stage.registry.find("playhead.speed").expect("a row");
    assert!(stage.engine.set_own(1, speed, 0.0));
    stage.send("clip.select", Change::Plain(2.0));
    stage.offline(72..80);
    let reports = stage.reports();
    assert!(reports[71].access_unit.is_none() && reports[71].clip.0 == 0, "it is held");
    assert!(reports[79].access_unit.is_none() && reports[79].clip.0 == 1, "it still is");
    for slot in 72..80 {
        assert!(stage.picture(slot) == stage.picture(71), "slot {slot} shows another place");
    }
}

#[test]
fn it_begins_where_the_position_is_set() {
    let mut stage = stage(Fault::None);
    stage.send("playhead.mode", Change::Plain(0.0));
    stage.send("playhead.position", Change::Plain(1.0));
    stage.offline(0..8);
    let reports = stage.reports();
    assert_eq!(reports[0].position, 1.0);
    // From the last slice to the end, and then on at the start, for want of another place.
    let starts: Vec<_> = reports.iter().map(|report| report.position == 1.0).collect();
    assert_eq!(starts, [true, true, true, true, true, true, false, false]);
}

#[test]
fn clips_that_are_one_move_on_whichever_is_in_play() {
    let rabbit = rabbit("mpeg4");
    let ways: [&[(&str, f64)]; 3] = [
        &[("playhead.speed", 1.0)],
        &[("playhead.mode", 2.0), ("playhead.superframes", 12.0)],
        &[("playhead.mode", 0.0)],
    ];
    for way in ways {
        let slices = |stay: f64| -> Vec<_> {
            let mut stage = stage_of(Fault::None, &[&rabbit, &rabbit]);
            for (id, plain) in way {
                stage.send(id, Change::Plain(*plain));
            }
            stage.send("clip.together", Change::Plain(1.0));
            stage.send("clip.stay", Change::Plain(stay));
            stage.offline(0..72);
            let reports = stage.reports();
            let clips = reports.iter().filter(|report| report.clip.0 == 1).count();
            // Every other superframe; where a heal lies before its place, the first is longer.
            assert!(if stay < 1.0 { (35..=36).contains(&clips) } else { clips == 0 }, "{clips}");
            reports.iter().map(|report| (report.slice, report.access_unit)).collect()
        };
        // The same clip twice: nobody can tell which of the two is played.
        assert_eq!(slices(0.0), slices(1.0), "{way:?}");
    }
}

#[test]
fn a_value_that_comes_after_the_choice_of_a_clip_is_that_clips() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    // At the superframe's end, and at once.
    for jump in [0.0, 1.0] {
        let select = ("clip.select", 2.0);
        let speed = ("playhead.speed", 2.0);
        for (gestures, [in_first, in_second]) in
            [([select, speed], [1.0, 2.0]), ([speed, select], [2.0, 1.0])]
        {
            let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
            let (status, mut watched) = triple_buffer::triple_buffer(&Status::default());
            stage.engine.publish(status);
            let row = stage.registry.find("playhead.speed").expect("a row");
            stage.send("playhead.jump", Change::Plain(jump));
            stage.offline(0..2);
            for (id, plain) in gestures {
                stage.send(id, Change::Plain(plain));
            }
            stage.offline(2..3);
            let status = watched.read();
            let is_entered = status.clip.is_some_and(|clip| clip.0 == 1);
            assert_eq!(is_entered, jump == 1.0);
            let in_play = if is_entered { in_second } else { in_first };
            assert_eq!(status.base.get(row), in_play, "{gestures:?}, jump {jump}");
            stage.offline(3..12);
            assert_eq!(stage.reports()[11].clip.0, 1);
            assert_eq!(watched.read().base.get(row), in_second, "{gestures:?}, jump {jump}");
            stage.send("clip.select", Change::Plain(1.0));
            stage.offline(12..24);
            assert_eq!(stage.reports()[23].clip.0, 0);
            assert_eq!(watched.read().base.get(row), in_first, "{gestures:?}, jump {jump}");
        }
    }
}

#[test]
fn chance_goes_on_from_a_picture_that_stands() {
    let (rabbit, flower) = (rabbit("mpeg4"), imported("flower.mp4", "mpeg4"));
    let mut stage = stage_of(Fault::None, &[&rabbit, &flower]);
    let speed = stage.registry.find("playhead.speed").expect("a row");
    for clip in 0..2 {
        assert!(stage.engine.set_own(clip, speed, 0.0));
    }
    stage.send("playhead.rest", Change::Plain(2.0));
    stage.send("clip.stay", Change::Plain(0.0));
    stage.offline(0..60);
    let reports = stage.reports();
    // Each clip plays the superframe it begins with and then stands: six ticks each, as if it moved.
    let held = &reports[24..];
    assert!(held.iter().all(|report| report.access_unit.is_none()), "they stand");
    let turns: Vec<usize> =
        held.chunk_by(|one, other| one.clip == other.clip).map(<[_]>::len).collect();
    assert!(turns.len() >= 6, "{turns:?}");
    assert!(turns[1..turns.len() - 1].iter().all(|ticks| *ticks == 6), "{turns:?}");
    // Stopped, nothing goes on.
    stage.send("playhead.play", Change::Plain(0.0));
    stage.offline(60..90);
    let clip = stage.reports()[61].clip;
    assert!(stage.reports()[61..].iter().all(|report| report.clip == clip));
}

#[test]
fn that_two_clips_differ_in_their_coding_is_said_once() {
    let (mpeg4, h264) = (rabbit("mpeg4"), rabbit("libx264"));
    let mut stage = stage_of(Fault::None, &[&mpeg4, &h264, &mpeg4]);
    stage.send("clip.stay", Change::Plain(0.0));
    let mut told = 0;
    for slot in 0..90 {
        stage.offline(slot..slot + 1);
        let lines = std::iter::from_fn(|| stage.notices.take());
        told += lines.filter(|line| line.text.contains("another coding")).count();
    }
    let clips: Vec<u16> = stage.reports().iter().map(|report| report.clip.0).collect();
    let switches = clips.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(switches >= 9, "{clips:?}");
    // The first with the second, the second with the third; the third and the first are alike.
    assert_eq!(told, 2);
}
