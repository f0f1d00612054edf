//! The edge of recognition against what it is for: the real decay chain and the real eye.
//!
//! Time is counted in ticks of the programme, so that nothing depends on how fast the machine is.

use super::{open, pixels, support::ffmpeg_pictures};
use residua::{
    decay::{Chain, Frame, rgb::Rgb, unpacked},
    engine,
    gpu::Gpu,
    params::Store,
    recognition::{Edge, EdgeState, Luma, Steering, bundled, structural_similarity},
    units::Picture,
};
use std::{path::Path, sync::Arc, time::Duration};

const RATE: usize = 30;
/// The eye looks so often, and what it says comes so much later, in ticks.
const LOOK_EVERY: usize = 4;
const LATE: usize = 4;
/// How long the loop has to settle, and to hold after that.
const SETTLE: usize = 5 * RATE;
const HOLD: usize = 20 * RATE;
/// How far the confidence may be from its level then.
const NEAR: f64 = 0.15;

/// What the eye said, by the tick in which it looked.
struct Course(Vec<(usize, f64, f64, EdgeState)>);

impl Course {
    /// The confidences after the loop had time to settle.
    fn held(&self) -> impl Iterator<Item = f64> {
        self.0.iter().filter(|(tick, ..)| *tick >= SETTLE).map(|(_, confidence, ..)| *confidence)
    }

    fn told(&self) -> String {
        let line = |(tick, confidence, wear, state): &(usize, f64, f64, EdgeState)| {
            format!("{:.2}s {confidence:.2} {wear:.3} {state:?}", *tick as f64 / RATE as f64)
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Plays `clean` (round and round) through the chain with the loop closed. `None` without an adapter.
fn play(
    clean: &[Picture],
    values: &[(&str, f64)],
    level: f64,
    look: impl Fn(&Picture, &Picture) -> f64,
) -> Option<Course> {
    let gpu = adapter()?;
    let registry = Arc::new(engine::registry().unwrap());
    let (width, height) = (clean[0].width(), clean[0].height());
    let mut chain = Chain::new(gpu, &registry, width, height, 1).unwrap();
    let mut store = Store::new(Arc::clone(&registry));
    let row = |id: &str| registry.find(id).unwrap();
    for (id, plain) in [("recognition.on", 1.0), ("recognition.edge", 1.0)].iter().chain(values) {
        store.set(row(id), *plain);
    }
    store.settle();
    let steering = Steering::resolve(&registry);
    let (mut edge, mut course, mut shown) = (Edge::default(), Vec::new(), clean[0].clone());
    let mut due: Vec<(usize, f64)> = Vec::new();
    for tick in 0..SETTLE + HOLD {
        if due.first().is_some_and(|(at, _)| *at <= tick) {
            store.set(row("recognition.wear"), due.remove(0).1);
        }
        store.advance(1000.0 / RATE as f64);
        steering.apply(&mut store);
        let picture = &clean[tick % clean.len()];
        let frame = Frame {
            slot: tick as u64,
            picture: Some(&picture.planes()),
            params: store.result(),
            generations: 1,
            heal: tick == 0,
            level: 1.0,
            generation: tick as u64,
            age: tick as u64,
        };
        chain.submit(&frame);
        chain.collect(None, &mut |_, bytes| shown.data_mut().copy_from_slice(bytes));
        if tick % LOOK_EVERY == 0 {
            let confidence = look(&shown, picture);
            let since = Duration::from_secs_f64(LOOK_EVERY as f64 / RATE as f64);
            let steer = edge.step(confidence, level, since);
            due.push((tick + LATE, steer.wear));
            course.push((tick, confidence, steer.wear, steer.state));
        }
    }
    Some(Course(course))
}

/// A drawing as the decoder would have it: BT.709, limited range, by the formulas of the standard.
fn coded(picture: &Rgb) -> Picture {
    let (width, height) = (picture.width, picture.height);
    let mut coded = Picture::black(width as u32, height as u32);
    let luma = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let part = |pixel: [u8; 3]| pixel.map(|level| f64::from(level) / 255.0);
    let (lumas, chromas) = coded.data_mut().split_at_mut(width * height);
    for (sample, pixel) in lumas.iter_mut().zip(&picture.pixels) {
        *sample = (16.0 + 219.0 * luma(part(*pixel))).round() as u8;
    }
    let (cbs, crs) = chromas.split_at_mut(width * height / 4);
    for (at, (cb, cr)) in cbs.iter_mut().zip(crs).enumerate() {
        let (x, y) = (at % (width / 2) * 2, at / (width / 2) * 2);
        let mut mean = [0.0; 3];
        for (x, y) in [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)] {
            let pixel = part(picture.pixels[y * width + x]);
            (0..3).for_each(|channel| mean[channel] += pixel[channel] / 4.0);
        }
        *cb = (128.0 + 224.0 * (mean[2] - luma(mean)) / 1.8556).round() as u8;
        *cr = (128.0 + 224.0 * (mean[0] - luma(mean)) / 1.5748).round() as u8;
    }
    coded
}

#[test]
fn three_unseen_drawings_hover_at_the_edge() {
    let eye = bundled().unwrap();
    // Two looks, and the level that each is kept at.
    let looks: [&[(&str, f64)]; 2] = [&[], &[("decay.feedback", 0.8)]];
    for (name, level) in [("star", 0.6), ("face", 0.5), ("heart", 0.4)] {
        let clean = coded(&open(&format!("drawn_{name}.png")));
        let see = |picture: &Picture| eye.look(pixels(&unpacked(picture))).unwrap();
        let target = see(&clean).best().class;
        assert_eq!(eye.labels()[target], name);
        for values in looks {
            let look = |shown: &Picture, _: &Picture| f64::from(see(shown).probability_of(target));
            let clean = std::slice::from_ref(&clean);
            let Some(course) = play(clean, values, level, look) else { return };
            let worst = course.held().map(|held| (held - level).abs()).fold(0.0, f64::max);
            assert!(worst <= NEAR, "{name} {values:?} is {worst:.3} away:\n{}", course.told());
            assert!(course.held().count() > 140, "looks are missing");
            let held = course.0.iter().filter(|(tick, ..)| *tick >= SETTLE);
            assert!(held.into_iter().all(|(.., state)| *state == EdgeState::Holding));
        }
    }
}

#[test]
fn a_clip_hovers_by_its_likeness() {
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo/flower.mp4");
    let clean = ffmpeg_pictures(&clip, 320, 180, "scale=320:180");
    let like = |shown: &Picture, clean: &Picture| {
        structural_similarity(&Luma::of(shown), &Luma::of(clean))
    };
    for values in [&[][..], &[("decay.feedback", 0.8)]] {
        let level = 0.5;
        let Some(course) = play(&clean, values, level, like) else { return };
        let worst = course.held().map(|held| (held - level).abs()).fold(0.0, f64::max);
        assert!(worst <= NEAR, "{values:?}: it is {worst:.3} away:\n{}", course.told());
    }
    // Where the wear may do nothing the level cannot be reached, and that is said.
    let Some(course) = play(&clean[..1], &[("recognition.reach", 0.0)], 0.5, like) else { return };
    let (tick, .., state) = course.0[course.0.len() - 1];
    assert_eq!(state, EdgeState::OutOfReach, "at tick {tick}");
}

/// An adapter. Where none is asked for, none is a loud skip.
fn adapter() -> Option<Gpu> {
    match Gpu::headless() {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            let is_required = std::env::var_os("REQUIRE_GPU").is_some_and(|value| value == "1");
            assert!(!is_required, "no adapter: {error}");
            eprintln!("SKIPPED, no adapter: {error}");
            None
        }
    }
}
