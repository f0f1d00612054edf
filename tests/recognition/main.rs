//! The machine's eye: classifiers, the loop until it is lost, and the edge of recognition.

#![cfg(feature = "media")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "../common/mod.rs"]
mod common;
mod edge;
mod live;
mod models;
mod onnx;
#[path = "../support/mod.rs"]
mod support;
mod until_lost;

use residua::{decay::rgb::Rgb, recognition::Pixels};

/// Where the goldens are.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/recognition");

/// A picture of the goldens.
fn open(name: &str) -> Rgb {
    let image = image::open(format!("{GOLDEN}/{name}")).unwrap().into_rgb8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    Rgb { width, height, pixels: image.pixels().map(|pixel| pixel.0).collect() }
}

fn pixels(picture: &Rgb) -> Pixels<'_> {
    Pixels { width: picture.width, height: picture.height, pixels: &picture.pixels }
}
