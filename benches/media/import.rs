//! Importing both directions, against ffmpeg encoding both with the same settings.

use super::{
    print_ratio,
    process::{demo_clip, import_command, peer_secs, run},
};
use residua::{clip::Encoder, units::Codec};
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Each pair is measured this often; the median counts.
const ROUNDS: usize = 3;

/// Pictures of the source.
const PICTURES: &str = "280";

/// The encoders' settings in ffmpeg's words; see `media::settings` for GStreamer's.
fn settings(encoder: Encoder) -> &'static [&'static str] {
    match encoder.codec() {
        Codec::H264 => &[
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-tune",
            "zerolatency",
            "-qp",
            "31",
            "-profile:v",
            "high",
            "-x264-params",
            "keyint=infinite:scenecut=0:weightp=0:min-keyint=1:stitchable=1:bframes=0:ref=1:\
             threads=1:sliced-threads=0",
            "-f",
            "h264",
        ],
        Codec::Mpeg4 => &[
            "-c:v",
            "mpeg4",
            "-b:v",
            "200000",
            "-qmin",
            "6",
            "-qmax",
            "6",
            "-g",
            "600",
            "-bf",
            "0",
            "-sc_threshold",
            "1000000000",
            "-intra_penalty",
            "1000000000",
            "-threads",
            "1",
            "-f",
            "m4v",
        ],
        // Others are not measured: `Encoder::SOFTWARE` goes in alone.
    }
}

/// Distances of the source's intra pictures, each with the bound wanted: as cameras and editors
/// write them, and a single one at the start.
const SOURCES: [(&str, f64); 2] = [("250", 1.5), ("9999", 3.0)];

/// Imports sources of 280 pictures.
pub fn measure(encoder: Encoder, folder: &Path) -> Result<(), Box<dyn Error>> {
    SOURCES.iter().try_for_each(|(distance, bound)| compare(encoder, folder, distance, *bound))
}

fn compare(
    encoder: Encoder,
    folder: &Path,
    distance: &str,
    bound: f64,
) -> Result<(), Box<dyn Error>> {
    let source = source(folder, distance)?;
    let library = folder.join("fresh");
    let (mut ratios, mut ours, mut theirs) = (Vec::new(), f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let own = peer_secs(&mut import_command(&library, encoder, &source))?;
        let fit = "scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720,fps=30";
        let reversed = format!("{fit},reverse");
        let mut peer = 0.0;
        for (filter, direction) in [(fit, "forward"), (&reversed, "backward")] {
            let mut command = Command::new("ffmpeg");
            command.args(["-y", "-v", "error", "-i"]).arg(&source).args(["-an", "-vf", filter]);
            command.args(settings(encoder)).arg(folder.join("coded"));
            peer += peer_secs(&mut command)?;
            same_size(&library, direction, &folder.join("coded"))?;
        }
        fs::remove_dir_all(&library)?;
        ratios.push(own / peer);
        (ours, theirs) = (ours.min(own), theirs.min(peer));
    }
    let note = format!("{ours:.2} s here, {theirs:.2} s in ffmpeg at best");
    let what = format!("import, {encoder}, intra every {distance}, to ffmpeg both ways");
    print_ratio(&what, ratios, bound, &note);
    Ok(())
}

/// Whether both have done the same work: streams of the same size, within a tenth.
fn same_size(library: &Path, direction: &str, theirs: &Path) -> Result<(), Box<dyn Error>> {
    let mut clips = fs::read_dir(library)?;
    let clip = clips.next().ok_or("nothing was imported")??;
    for file in fs::read_dir(clip.path())? {
        let path = file?.path();
        if path.file_stem().is_some_and(|stem| stem == direction) {
            let (own, peer) =
                (fs::metadata(&path)?.len() as f64, fs::metadata(theirs)?.len() as f64);
            if (own / peer - 1.0).abs() > 0.1 {
                return Err(format!("{direction}: {own} bytes here, {peer} in ffmpeg").into());
            }
            return Ok(());
        }
    }
    Err(format!("the import made no {direction} stream").into())
}

/// The demo's rabbit at 1280x720, repeated. Its pixels are square: others are brought into shape by
/// the import, and passed over by ffmpeg's filters, which would then do less.
fn source(folder: &Path, distance: &str) -> Result<PathBuf, Box<dyn Error>> {
    let path = folder.join(format!("source-{distance}.mp4"));
    if !path.exists() {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-stream_loop", "-1", "-i"]).arg(demo_clip("toy_rabbit.mp4"));
        command.args(["-an", "-vf", "scale=1280:720,setsar=1,fps=30", "-frames:v", PICTURES]);
        command.args(["-c:v", "libx264", "-preset", "medium", "-crf", "20", "-g", distance]);
        run(command.args(["-pix_fmt", "yuv420p"]).arg(&path))?;
    }
    Ok(path)
}
