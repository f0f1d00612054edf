//! What decoding, importing, loading, grabbing and keeping the last seconds cost, as ratios of one
//! run, each beside the bound wanted.
//!
//! `make bench` runs all of it; words after `--` choose: `decode`, `import`, `load`, `grab`,
//! `recall`. Processor time is compared, not wall time, with `ffmpeg` doing the same in turn, so that
//! a loaded machine changes little. Figures are for the profile that the benchmark was built with.

mod decode;
mod import;
mod load;
mod process;
mod still;

use process::{demo_clip, import_clip, run};
use residua::clip::Encoder;
use std::{env, error::Error, path::Path, process::Command};
use tempfile::tempdir;

/// Size and rate of all measures.
const CANVAS: &str = "1280x720@30";

fn main() -> Result<(), Box<dyn Error>> {
    let chosen: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [word, folder] = &chosen[..]
        && word == load::MEMORY_OF
    {
        return load::print_slope(Path::new(folder));
    }
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|word| word == name);
    let folder = tempdir()?;
    run(Command::new("ffmpeg").arg("-version"))?;
    for encoder in Encoder::SOFTWARE {
        if is_chosen("decode") || is_chosen("load") {
            let library = folder.path().join("library");
            let rabbit = import_clip(&library, encoder, &demo_clip("toy_rabbit.mp4"))?;
            let flower = import_clip(&library, encoder, &demo_clip("flower.mp4"))?;
            if is_chosen("decode") {
                decode::measure(encoder, &[&rabbit, &flower], folder.path())?;
            }
            if is_chosen("load") {
                load::time(encoder, &rabbit)?;
                load::memory(encoder, &rabbit)?;
            }
        }
        if is_chosen("import") {
            import::measure(encoder, folder.path())?;
        }
        if is_chosen("grab") {
            still::grab(encoder)?;
        }
    }
    if is_chosen("recall") {
        still::recall()?;
    }
    Ok(())
}

/// The line of a ratio: the median of the rounds, all of them, and the bound.
fn print_ratio(what: &str, mut ratios: Vec<f64>, bound: f64, note: &str) {
    ratios.sort_by(f64::total_cmp);
    let all: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    let median = ratios[ratios.len() / 2];
    let verdict = if median <= bound { "kept" } else { "MISSED" };
    println!(
        "{what}: {median:.2} (rounds {}), wanted at most {bound:.2}: {verdict}; {note}",
        all.join(" ")
    );
}
