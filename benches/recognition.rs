//! What looking costs: inference, preparation and likeness against a fixed computation.
//!
//! The computation is a product of two matrices of 256 x 256 floats by three plain loops, on one core as
//! the eye's models are. Each figure is the best of many rounds, so that a loaded machine changes little.

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/recognition/onnx.rs"]
mod onnx;

use residua::{
    recognition::{Classifier, Luma, Pixels, bundled, structural_similarity},
    units::Picture,
};
use std::{fs, hint::black_box, time::Instant};

/// Side of the reference's matrices.
const SIDE: usize = 256;
/// Rounds of each measure.
const ROUNDS: usize = 40;

fn main() {
    let reference_secs = best(reference);
    println!("reference: {:.2} ms (256 x 256 x 256 multiplications)", reference_secs * 1e3);
    let say = |name: &str, secs: f64| {
        println!("{name}: {:.2} times the reference ({:.2} ms)", secs / reference_secs, secs * 1e3);
    };
    let pixels: Vec<[u8; 3]> = (0..640 * 360)
        .map(|at| [(at % 251) as u8, (at / 640 % 256) as u8, (at % 7 * 30) as u8])
        .collect();
    let picture = Pixels { width: 640, height: 360, pixels: &pixels };
    let mut shapes = bundled().expect("the bundled model");
    shapes.use_one_core();
    say(
        "the bundled model on 640x360, prepared",
        best(|| {
            black_box(shapes.look(picture).expect("a verdict"));
        }),
    );

    let folder = tempfile::tempdir().expect("a folder");
    let (model, labels) = (folder.path().join("m.onnx"), folder.path().join("l.txt"));
    fs::write(&model, onnx::mobile_net_v2()).expect("written");
    let names: String = (0..1000).map(|class| format!("class {class}\n")).collect();
    fs::write(&labels, names).expect("written");
    let mut mobile = Classifier::open(&model, &labels).expect("a model");
    mobile.use_one_core();
    let small = Pixels { width: 256, height: 256, pixels: &pixels[..256 * 256] };
    say(
        "MobileNetV2 at 224x224 on 256x256",
        best(|| {
            black_box(mobile.look(small).expect("a verdict"));
        }),
    );
    let preparation = mobile.preparation().clone();
    say(
        "of that the preparation",
        best(|| {
            black_box(preparation.prepared(small));
        }),
    );
    let mut shown = Picture::black(1280, 720);
    shown.data_mut().iter_mut().enumerate().for_each(|(at, sample)| *sample = (at % 239) as u8);
    let clean = Luma::of(&Picture::black(1280, 720));
    say(
        "likeness of 1280x720",
        best(|| {
            black_box(structural_similarity(&Luma::of(&shown), &clean));
        }),
    );
}

fn reference() {
    let matrix = |seed: usize| -> Vec<f32> {
        (0..SIDE * SIDE).map(|at| ((at * seed) % 17) as f32).collect()
    };
    let (one, other) = (matrix(7), matrix(11));
    let mut product = vec![0.0_f32; SIDE * SIDE];
    for row in 0..SIDE {
        for between in 0..SIDE {
            for column in 0..SIDE {
                product[row * SIDE + column] +=
                    one[row * SIDE + between] * other[between * SIDE + column];
            }
        }
    }
    black_box(product);
}

fn best(mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}
