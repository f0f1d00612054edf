//! Grabbing a picture, and keeping the last seconds of the programme.

use super::{
    CANVAS, print_ratio,
    process::{demo_clip, own_secs, resident_bytes, run},
};
use residua::{
    clip::Encoder,
    media::{Recall, StillCoder},
    ports::{Notices, PictureSink, Shown},
    units::{Canvas, Picture},
};
use std::{
    error::Error,
    hint::black_box,
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Pictures grabbed; the median counts.
const GRABS: usize = 20;

/// What a grab may take, call to stream.
const ALLOWED_MILLIS: f64 = 100.0;

/// Pictures of the demo that the programme is made of.
const PICTURES: &str = "120";

/// Seconds of programme that are kept.
const SECS: u64 = 30;

/// A natural programme: the demo's rabbit at the canvas.
fn programme(canvas: Canvas) -> Result<Vec<Arc<Picture>>, Box<dyn Error>> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(demo_clip("toy_rabbit.mp4"));
    let scale = format!("scale={}:{}", canvas.width, canvas.height);
    command.args(["-an", "-vf", &scale, "-frames:v", PICTURES, "-pix_fmt", "yuv420p"]);
    let raw = run(command.args(["-f", "rawvideo", "-"]))?.stdout;
    let pictures = raw.chunks_exact(canvas.i420_bytes()).map(|bytes| {
        let mut picture = Picture::black(canvas.width, canvas.height);
        picture.data_mut().copy_from_slice(bytes);
        Arc::new(picture)
    });
    Ok(pictures.collect())
}

/// How long a grab takes beside 100 ms. Wall time, the encoder running already.
pub fn grab(encoder: Encoder) -> Result<(), Box<dyn Error>> {
    let canvas: Canvas = CANVAS.parse()?;
    let pictures = programme(canvas)?;
    let (mut coder, coding) = (StillCoder::new(), encoder.into());
    let mut millis = Vec::new();
    for picture in pictures.iter().take(GRABS + 1) {
        let start = Instant::now();
        black_box(coder.encode(picture, canvas, &coding)?);
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let first = millis.remove(0);
    let worst = millis.iter().copied().fold(0.0, f64::max);
    let mut sorted = millis.clone();
    sorted.sort_by(f64::total_cmp);
    let slot = 1e3 / canvas.rate.hertz();
    let note = format!(
        "median {:.1} ms, {:.2} of a slot; the slowest {worst:.1} ms, the first of all {first:.1} ms",
        sorted[GRABS / 2],
        sorted[GRABS / 2] / slot
    );
    let ratios = millis.into_iter().map(|millis| millis / ALLOWED_MILLIS).collect();
    print_ratio(&format!("grab, {encoder}, to {ALLOWED_MILLIS:.0} ms"), ratios, 1.0, &note);
    Ok(())
}

/// Processor time of keeping the programme, as a share of its own length on one core, and memory.
pub fn recall() -> Result<(), Box<dyn Error>> {
    let canvas: Canvas = CANVAS.parse()?;
    let pictures = programme(canvas)?;
    let mut recall = Recall::start(canvas, Notices::default())?;
    let slots = SECS * canvas.rate.numerator as u64 / canvas.rate.denominator as u64;
    let (begin_secs, begin_bytes) = (own_secs()?, resident_bytes()?);
    for slot in 0..slots {
        let picture = Arc::clone(&pictures[slot as usize % pictures.len()]);
        while !recall.offer(&Shown { slot, picture: Arc::clone(&picture) }) {
            thread::sleep(Duration::from_millis(2));
        }
    }
    while recall.kept().slots < slots {
        thread::sleep(Duration::from_millis(2));
    }
    let secs = own_secs()? - begin_secs;
    let note = format!(
        "{:.1} ms a picture; {SECS} s are {:.0} MB of JPEGs, {:.0} MB more in RAM",
        secs * 1e3 / slots as f64,
        recall.kept().bytes as f64 / 1e6,
        (resident_bytes()? - begin_bytes) / 1e6
    );
    let share = secs / SECS as f64;
    print_ratio("recall, to one core at the programme's rate", vec![share], 0.3, &note);
    Ok(())
}
