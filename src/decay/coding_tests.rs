//! The codec in the loop, against the same crates called by hand.

use super::{
    chain_tests::{Bench, picture},
    codec::{CODEC_AMOUNT, CODEC_QUALITY, STAGE, packed_difference},
    coder::Coder,
    coding::DELAY_TICKS,
    feedback::FEEDBACK,
    i420::{packed, unpacked},
    rgb::Rgb,
};
use crate::{params::ParamSpec, units::Picture};
use crossbeam::channel::bounded;
use std::{thread, time::Duration};

const QUALITY: u8 = 8;

/// A picture through JPEG and back.
fn coded(picture: &Rgb) -> Rgb {
    let pixels: Vec<u8> = picture.pixels.iter().flatten().copied().collect();
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    let (width, height) = (picture.width as u16, picture.height as u16);
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).expect("coded");
    let image = image::load_from_memory(&jpeg).expect("decoded").to_rgb8();
    let pixels = image.pixels().map(|pixel| pixel.0).collect();
    Rgb { width: picture.width, height: picture.height, pixels }
}

/// A chain that waits, with the codec at full amount.
fn bench(feedback: f64) -> Option<Bench> {
    let mut bench = Bench::new(70, 46)?;
    bench.chain.set_patient(true);
    bench.set(&FEEDBACK, feedback);
    bench.set(&CODEC_AMOUNT, 1.0);
    bench.set(&CODEC_QUALITY, f64::from(QUALITY));
    Some(bench)
}

fn clean(picture: &Picture) -> Vec<u8> {
    packed(&unpacked(picture)).data().to_vec()
}

#[test]
fn a_picture_in_the_loop_is_coded_again_and_again() {
    let Some(mut bench) = bench(1.0) else { return };
    let picture = picture(70, 46, 1);
    let mut worn = unpacked(&picture);
    for round in 0..3 {
        // The first tick of a round shows what came back; then it stays until the next is due.
        for tick in 0..DELAY_TICKS {
            let result = bench.tick(Some(&picture), 1);
            assert!(result == packed(&worn).data(), "round {round}, tick {tick}");
        }
        let next = coded(&worn);
        assert!(round > 0 || next != worn, "the codec does something");
        worn = next;
    }
}

#[test]
fn without_trails_nothing_pulses() {
    for generations in [1, 3] {
        let Some(mut bench) = bench(0.0) else { return };
        let picture = picture(70, 46, 1);
        let wanted = packed(&coded(&unpacked(&picture)));
        for tick in 0..4 * DELAY_TICKS {
            let result = bench.tick(Some(&picture), generations);
            let wanted = if tick < DELAY_TICKS { clean(&picture) } else { wanted.data().to_vec() };
            assert!(result == wanted, "tick {tick}, {generations} generations");
        }
    }
}

#[test]
fn with_some_trails_it_comes_to_rest() {
    for feedback in [0.5, 0.9] {
        let Some(mut bench) = bench(feedback) else { return };
        let picture = picture(70, 46, 1);
        for _ in 0..30 * DELAY_TICKS {
            bench.tick(Some(&picture), 1);
        }
        let mut last = bench.tick(Some(&picture), 1);
        let away = mean_way(&last, &clean(&picture));
        assert!(away > 3.0, "the codec does something: {away}");
        for _ in 0..2 * DELAY_TICKS {
            let next = bench.tick(Some(&picture), 1);
            let way = mean_way(&last, &next);
            println!("{feedback}: {way:.3} levels from tick to tick, {away:.1} from the clip");
            assert!(way < 0.1 * away, "{feedback}: {way}");
            last = next;
        }
    }
}

/// Mean difference of the samples of two packed pictures.
fn mean_way(one: &[u8], other: &[u8]) -> f64 {
    let ways = one.iter().zip(other).map(|(one, other)| f64::from(one.abs_diff(*other)));
    ways.sum::<f64>() / one.len() as f64
}

#[test]
fn motion_is_not_set_back() {
    let Some(mut bench) = bench(0.0) else { return };
    let pictures = [1, 2, 3, 4].map(|seed| picture(70, 46, seed));
    for picture in &pictures[..3] {
        assert!(bench.tick(Some(picture), 1) == clean(picture));
    }
    // The difference that the codec made to the first picture, on the fourth.
    let (first, now) = (unpacked(&pictures[0]), unpacked(&pictures[3]));
    let coded = coded(&first);
    let wanted = now.map(|x, y, levels| {
        let at = y * 70 + x;
        std::array::from_fn(|i| {
            let way = i32::from(coded.pixels[at][i]) - i32::from(first.pixels[at][i]);
            i32::from(levels[i]) + way
        })
    });
    assert!(bench.tick(Some(&pictures[3]), 1) == packed(&wanted).data());
}

#[test]
fn what_is_healed_or_switched_off_does_not_come_back() {
    let Some(mut bench) = bench(1.0) else { return };
    let pictures = [1, 2].map(|seed| picture(70, 46, seed));
    bench.tick(Some(&pictures[0]), 1);
    bench.tick(None, 1);
    bench.tick_with(Some(&pictures[1]), 1, true, 1.0);
    assert!(bench.tick(None, 1) == clean(&pictures[1]), "the first picture was due");
    bench.set(&CODEC_AMOUNT, 0.0);
    for _ in 0..2 * DELAY_TICKS {
        assert!(bench.tick(None, 1) == clean(&pictures[1]));
    }
}

/// A codec that makes everything this much brighter, and takes its time.
fn brighter_by(levels: i32, time: Duration) -> Coder {
    let coder = Coder::start_with(move |job| {
        thread::sleep(time);
        job.difference.fill(packed_difference([levels; 3]));
        job.way.fill(packed_difference([levels; 3]));
        Ok(())
    });
    coder.expect("a thread")
}

/// A grey picture.
fn grey(level: u8) -> Picture {
    packed(&Rgb::from_fn(70, 46, |_, _| [level; 3]))
}

/// How much brighter than [`grey`] the picture is, in levels; the luma of a grey goes in steps of
/// 219/255 (BT.709, limited).
fn lift(shown: &[u8]) -> i32 {
    let lumas = &shown[..70 * 46];
    assert!(lumas.iter().all(|luma| *luma == lumas[0]), "not even");
    let steps = f64::from(i32::from(lumas[0]) - i32::from(grey(100).data()[0]));
    (steps * 255.0 / 219.0).round() as i32
}

#[test]
fn an_offline_chain_repeats_itself_after_a_heal_however_slow_the_codec_is() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Breach {
        Heal,
        CodecOff,
        Neutral,
    }
    for breach in [Breach::Heal, Breach::CodecOff, Breach::Neutral] {
        for millis in [0, 100] {
            let Some(mut bench) = bench(1.0) else { return };
            bench.chain.coding().set_coder(brighter_by(40, Duration::from_millis(millis)));
            let lifts = (0..10).map(|tick| {
                let is_now = tick == 2;
                let is_off = is_now && breach != Breach::Heal;
                bench.set(&CODEC_AMOUNT, f64::from(u8::from(!is_off)));
                bench.set(&FEEDBACK, if is_now && breach == Breach::Neutral { 0.0 } else { 1.0 });
                let heals = is_now && breach == Breach::Heal;
                lift(&bench.tick_with(Some(&grey(100)), 1, heals, 1.0))
            });
            // What was copied in tick 0 is given up in tick 2; the next copy is that of tick 3.
            let wanted = [0, 0, 0, 0, 0, 0, 40, 40, 40, 80];
            assert_eq!(lifts.collect::<Vec<_>>(), wanted, "{breach:?}, {millis} ms");
        }
    }
}

/// The row "every" of the stage.
fn every() -> ParamSpec {
    let mut rows = STAGE.common.into_iter();
    rows.find(|row| row.id == "age.codec_every").expect("a row")
}

#[test]
fn a_schedule_that_passes_over_a_difference_does_not_lose_it() {
    // Generation g is made in tick (g - 1) / generations.
    for (number, generations, wanted) in [
        // Copied in tick 0, back in tick 3 with the fourth generation, taken in the sixth. What was
        // copied in tick 3 does not know of it; what was copied in tick 6 is taken in the twelfth.
        (3, 1, [0, 0, 0, 0, 0, 40, 40, 40, 40, 40, 40, 80, 80]),
        // Back in tick 3 with the seventh generation, taken in the tenth, the second of tick 4; then in
        // the twentieth and the twenty-fifth, of ticks 9 and 12.
        (5, 2, [0, 0, 0, 0, 40, 40, 40, 40, 40, 80, 80, 80, 120]),
        // Twice in a tick, and added once.
        (2, 4, [0, 0, 0, 40, 40, 40, 80, 80, 80, 120, 120, 120, 155]),
    ] {
        let Some(mut bench) = bench(1.0) else { return };
        bench.chain.coding().set_coder(brighter_by(40, Duration::ZERO));
        bench.set(&every(), f64::from(number));
        let shown = |_| lift(&bench.tick(Some(&grey(100)), generations));
        let lifts: Vec<i32> = (0..13).map(shown).collect();
        assert_eq!(lifts, wanted, "every {number}, {generations} generations a tick");
    }
}

#[test]
fn a_live_chain_does_not_wait_and_says_so_once() {
    let Some(mut bench) = bench(1.0) else { return };
    bench.chain.set_patient(false);
    // A thread that has its picture until the gate opens.
    let (gate, opened) = bounded::<()>(1);
    let stuck = Coder::start_with(move |_| {
        let _ = opened.recv();
        Ok(())
    });
    bench.chain.coding().set_coder(stuck.expect("a thread"));
    let picture = picture(70, 46, 1);
    for _ in 0..=DELAY_TICKS {
        assert_eq!(bench.chain.news(), None);
        assert!(bench.tick(Some(&picture), 1) == clean(&picture));
    }
    assert_eq!(bench.chain.coding().late(), 1);
    let news = bench.chain.news();
    assert!(news.is_some_and(|news| news.ends_with("left out (1 so far)")), "one notice");
    for _ in 0..3 * DELAY_TICKS {
        assert!(bench.tick(Some(&picture), 1) == clean(&picture));
    }
    assert_eq!((bench.chain.coding().late(), bench.chain.news()), (1, None));
    drop(gate);
}

#[test]
fn a_codec_that_breaks_down_is_left_out() {
    let Some(mut bench) = bench(1.0) else { return };
    let broken = Coder::start_with(|_| panic!("on purpose"));
    bench.chain.coding().set_coder(broken.expect("a thread"));
    let picture = picture(70, 46, 1);
    for _ in 0..3 * DELAY_TICKS {
        assert!(bench.tick(Some(&picture), 1) == clean(&picture));
    }
    let news = bench.chain.news().expect("a notice");
    assert_eq!(news, "the codec is left out: the JPEG codec broke down");
    assert_eq!(bench.chain.news(), None);
}
