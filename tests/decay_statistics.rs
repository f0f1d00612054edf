//! The loop over a still against what its first program made of the same picture: by statistics, since
//! the random numbers differ. `scripts/decay-statistics` does the same for all looks and 1,200 frames.

mod common;

use common::{residua, succeed};
use serde_json::Value;
use std::{fs, path::Path, process::Command};

/// Largest difference that counts as the same, beyond the range of the reference's seeds.
const TOLERANCE: f64 = 0.05;

/// A luma picture.
#[derive(Clone)]
struct Luma {
    width: usize,
    levels: Vec<f64>,
}

impl Luma {
    /// As libjpeg-turbo's own program decodes it.
    fn of_jpeg(path: &Path) -> Self {
        let mut djpeg = Command::new("djpeg");
        djpeg.args(["-dct", "int", "-grayscale", "-pnm"]).arg(path);
        let output = djpeg.output().expect("djpeg: install libjpeg-turbo-progs").stdout;
        let head = b"P5\n512 512\n255\n";
        assert!(output.starts_with(head), "{}", path.display());
        let levels = output[head.len()..].iter().map(|level| f64::from(*level)).collect();
        Self { width: 512, levels }
    }

    fn height(&self) -> usize {
        self.levels.len() / self.width
    }

    fn mean(&self) -> f64 {
        self.levels.iter().sum::<f64>() / self.levels.len() as f64
    }

    fn deviation(&self) -> f64 {
        let mean = self.mean();
        let squares = self.levels.iter().map(|level| (level - mean).powi(2)).sum::<f64>();
        (squares / self.levels.len() as f64).sqrt()
    }

    /// Mean difference across borders of 8 pixels over that elsewhere.
    fn blockiness(&self) -> f64 {
        let (mut border, mut inside) = ((0.0, 0.0), (0.0, 0.0));
        let mut note = |place: usize, difference: f64| {
            let sums = if place.is_multiple_of(8) { &mut border } else { &mut inside };
            *sums = (sums.0 + difference.abs(), sums.1 + 1.0);
        };
        for (at, level) in self.levels.iter().enumerate() {
            let (x, y) = (at % self.width, at / self.width);
            if x > 0 {
                note(x, level - self.levels[at - 1]);
            }
            if y > 0 {
                note(y, level - self.levels[at - self.width]);
            }
        }
        (border.0 / border.1) / (inside.0 / inside.1 + 1e-9)
    }

    fn rolled(&self, right: usize, down: usize) -> Self {
        let (width, height) = (self.width, self.height());
        let from = |at: usize| {
            let (x, y) = (at % width + width - right, at / width + height - down);
            self.levels[y % height * width + x % width]
        };
        Self { width, levels: (0..self.levels.len()).map(from).collect() }
    }

    fn with(&self, other: &Self, change: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self.levels.iter().zip(&other.levels);
        Self { width: self.width, levels: pairs.map(|(one, other)| change(*one, *other)).collect() }
    }

    /// Means over a Gaussian window of 11 pixels, sigma 1.5, where it lies inside.
    fn blurred(&self) -> Self {
        let bell: Vec<f64> = (-5..=5).map(|at| (-f64::from(at * at) / 4.5).exp()).collect();
        let sum: f64 = bell.iter().sum();
        let along = |picture: &Self, width: usize, height: usize, step: usize| {
            let level = |at: usize| {
                let first = at / width * picture.width + at % width;
                let parts = bell.iter().enumerate();
                parts.map(|(k, weight)| weight * picture.levels[first + k * step]).sum::<f64>()
                    / sum
            };
            Self { width, levels: (0..width * height).map(level).collect() }
        };
        let rows = along(self, self.width - 10, self.height(), 1);
        along(&rows, rows.width, rows.height() - 10, rows.width)
    }

    /// Structural similarity: Wang and others, "Image Quality Assessment" (2004).
    fn similarity(&self, other: &Self) -> f64 {
        let product = |one: f64, other: f64| one * other;
        let (mean, mean_other) = (self.blurred(), other.blurred());
        let covariance = |one: &Self, two: &Self, mean: &Self, mean_two: &Self| {
            one.with(two, product).blurred().with(&mean.with(mean_two, product), |a, b| a - b)
        };
        let variance = covariance(self, self, &mean, &mean);
        let variance_other = covariance(other, other, &mean_other, &mean_other);
        let both = covariance(self, other, &mean, &mean_other);
        let (c1, c2) = (2.55_f64.powi(2), 7.65_f64.powi(2));
        let light = mean.with(&mean_other, |a, b| (2.0 * a * b + c1) / (a * a + b * b + c1));
        let spread = variance.with(&variance_other, |a, b| a + b + c2);
        let structure = both.with(&spread, |both, spread| (2.0 * both + c2) / spread);
        light.with(&structure, product).mean()
    }

    fn figures(&self, first: &Self) -> [(&'static str, f64); 4] {
        [
            ("mean", self.mean()),
            ("std", self.deviation()),
            ("blockiness", self.blockiness()),
            ("ssim_aligned", self.similarity(first)),
        ]
    }
}

/// The figures that lie outside the reference's range of this look and frame.
fn outside(reference: &Value, look: &str, frame: usize, figures: &[(&str, f64)]) -> Vec<String> {
    let known = reference["chelsea_512"][look][frame.to_string()].as_array().expect("seeds");
    let wrong = figures.iter().filter_map(|(key, ours)| {
        let seen: Vec<f64> = known.iter().filter_map(|seed| seed[*key].as_f64()).collect();
        let least = seen.iter().copied().fold(f64::INFINITY, f64::min);
        let most = seen.iter().copied().fold(0.0, f64::max);
        let range = least * (1.0 - TOLERANCE)..=most * (1.0 + TOLERANCE);
        (!range.contains(ours)).then(|| format!("frame {frame}: {key} {ours}, not in {range:?}"))
    });
    wrong.collect()
}

fn reference() -> (std::path::PathBuf, Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/decay");
    let text = fs::read_to_string(folder.join("reference.json")).expect("reference.json");
    (folder.join("chelsea_512.png"), serde_json::from_str(&text).expect("JSON"))
}

fn compare(look: &str, frames: &[usize]) {
    let (picture, reference) = reference();
    let folder = tempfile::tempdir().expect("a folder");
    let (files, trace) = (folder.path().join("f"), folder.path().join("t.jsonl"));
    let last = frames.last().expect("frames");
    let mut command = residua();
    command.arg("decay").arg(picture).args(["--look", look, "--seed", "7", "--frames"]);
    command.arg((last + 1).to_string()).arg("--frames-dir").arg(&files).arg("--trace").arg(&trace);
    succeed(&mut command);
    let trace = fs::read_to_string(trace).expect("a trace");
    let moved: Vec<Value> =
        trace.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let luma = |frame: usize| Luma::of_jpeg(&files.join(format!("frame_{frame:05}.jpg")));
    let first = luma(0);
    let mut wrong = Vec::new();
    for frame in frames {
        let px = |axis: usize| moved[*frame]["moved_px"][axis].as_u64().expect("px") as usize;
        let figures = luma(*frame).figures(&first.rolled(px(0), px(1)));
        println!("{look} frame {frame}: {figures:?}");
        wrong.extend(outside(&reference, look, *frame, &figures));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The comparison notices a picture that is a look's, but not of this age.
    let other = luma(frames[0]).figures(&first);
    assert!(!outside(&reference, look, *last, &other).is_empty());
}

#[test]
fn fade_sinks_into_black_as_the_first_program_did() {
    compare("fade", &[1, 40, 120, 300]);
}

#[test]
fn clouds_stay_as_the_first_program_made_them() {
    compare("clouds", &[1, 40, 120]);
}
