//! Loading a clip: time, and memory for each one more.

use super::{
    print_ratio,
    process::{resident_bytes, run},
};
use residua::clip::{Clip, Encoder};
use std::{env, error::Error, hint::black_box, path::Path, process::Command, time::Instant};

/// Loads that are timed, after one that brings the files into the system's cache.
const LOADS: usize = 9;

/// Clips of which memory is taken.
const COPIES: usize = 6;

/// The word that makes the benchmark print the slope of memory, and nothing else.
pub const MEMORY_OF: &str = "memory-of";

fn encoded_bytes(clip: &Clip) -> f64 {
    let meta = &clip.meta;
    let streams = [&meta.forward, &meta.backward, &meta.intra, &meta.intra_backward];
    streams.iter().map(|stream| stream.bytes as f64).sum()
}

/// How long a load takes beside 20 ms + 1 ms for each megabyte. Wall time.
pub fn time(encoder: Encoder, folder: &Path) -> Result<(), Box<dyn Error>> {
    let megabytes = encoded_bytes(&Clip::load(folder)?) / 1e6;
    let allowed_millis = 20.0 + megabytes;
    let mut millis = Vec::new();
    for _ in 0..LOADS {
        let start = Instant::now();
        black_box(Clip::load(folder)?);
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let note = format!(
        "{megabytes:.1} MB; the rounds took {:.1} to {:.1} ms, {allowed_millis:.1} are allowed",
        millis.iter().copied().fold(f64::INFINITY, f64::min),
        millis.iter().copied().fold(0.0, f64::max),
    );
    let ratios = millis.into_iter().map(|millis| millis / allowed_millis).collect();
    print_ratio(&format!("load, {encoder}, to 20 ms + 1 ms/MB"), ratios, 1.0, &note);
    Ok(())
}

/// Resident memory for each further clip to its encoded bytes. Measured by a new process, in which
/// nothing was freed that could be used again.
pub fn memory(encoder: Encoder, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(env::current_exe()?);
    let output = run(command.arg(MEMORY_OF).arg(folder))?;
    let slope: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    let bytes = encoded_bytes(&Clip::load(folder)?);
    let note = format!("{:.2} MB a clip of {:.2} MB encoded", slope / 1e6, bytes / 1e6);
    let what = format!("memory for each clip, {encoder}, to its encoded bytes");
    print_ratio(&what, vec![slope / bytes], 1.1, &note);
    Ok(())
}

/// What the new process does: loads a clip again and again, and prints the slope by least squares,
/// in bytes a clip.
pub fn print_slope(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (mut clips, mut points) = (Vec::new(), Vec::new());
    while clips.len() < COPIES {
        clips.push(Clip::load(folder)?);
        points.push((clips.len() as f64, resident_bytes()?));
    }
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|p| p.0), mean(|p| p.1));
    let both: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let own: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    println!("{}", both / own);
    black_box(&clips);
    Ok(())
}
