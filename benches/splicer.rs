//! What splicing costs above copying, and indexing a stream per megabyte.
//!
//! Encodes the demo clip at 1280x720 first (ffmpeg and gst-launch-1.0), then prints one line for
//! each measure. Each is the best of many rounds, spliced and copied in turn, so that a loaded
//! machine changes little.

use residua::{
    bitstream::{Splicer, Stream},
    units::{AccessUnitIndex, Codec},
};
use std::{error::Error, fs, hint::black_box, path::Path, process::Command, time::Instant};

/// Rounds of each measure.
const ROUNDS: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let raw = folder.path().join("raw.yuv");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo/toy_rabbit.mp4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(source)
        .args(["-vf", "scale=1280:720", "-frames:v", "150", "-pix_fmt", "yuv420p"])
        .args(["-f", "rawvideo"])
        .arg(&raw)
        .status()?;
    if !made.success() {
        return Err("ffmpeg could not read the demo clip".into());
    }
    let x264 = "x264enc pass=quant quantizer=31 speed-preset=veryfast tune=zerolatency \
         sliced-threads=false key-int-max=2147483647 bframes=0 ref=1 byte-stream=true aud=false \
         option-string=keyint=infinite:scenecut=0:weightp=0:min-keyint=1:stitchable=1 \
         ! video/x-h264,stream-format=byte-stream,alignment=au,profile=high";
    let mpeg4 = "avenc_mpeg4 pass=quant quantizer=6 sc-threshold=1000000000 gop-size=600";
    for (codec, encoder) in [(Codec::H264, x264), (Codec::Mpeg4, mpeg4)] {
        let coded = folder.path().join("coded");
        let pipeline = format!(
            "filesrc location={} ! rawvideoparse width=1280 height=720 format=i420 \
             framerate=30/1 ! {encoder} ! filesink location={}",
            raw.display(),
            coded.display(),
        );
        let made =
            Command::new("gst-launch-1.0").arg("-q").args(pipeline.split_whitespace()).status()?;
        if !made.success() {
            return Err(format!("gst-launch-1.0 could not encode {codec:?}").into());
        }
        measure(codec, &fs::read(coded)?)?;
    }
    Ok(())
}

fn measure(codec: Codec, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut parse_secs = f64::INFINITY;
    for _ in 0..ROUNDS {
        let copy = bytes.to_vec();
        let start = Instant::now();
        black_box(Stream::parse(codec, copy)?);
        parse_secs = parse_secs.min(start.elapsed().as_secs_f64());
    }
    let stream = Stream::parse(codec, bytes.to_vec())?;
    let units: Vec<_> = (0..stream.len() as u32).map(AccessUnitIndex).collect();
    let mut out = Vec::with_capacity(2 * bytes.len() + 4096);
    let (mut splice_secs, mut copy_secs) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let mut splicer = Splicer::new();
        out.clear();
        let start = Instant::now();
        for &unit in &units {
            splicer.splice(&stream, unit, &mut out)?;
        }
        splice_secs = splice_secs.min(start.elapsed().as_secs_f64());
        black_box(&out);
        out.clear();
        let start = Instant::now();
        for &unit in &units {
            out.extend_from_slice(black_box(stream.access_unit(unit)));
        }
        copy_secs = copy_secs.min(start.elapsed().as_secs_f64());
        black_box(&out);
    }
    let (count, megabytes) = (units.len() as f64, bytes.len() as f64 / 1e6);
    println!(
        "{codec:?}: {count} access units, {megabytes:.2} MB: splice {:.0} ns an access unit above \
         copying ({:.0} ns); parse {:.3} ms a MB; memory {:.4} of the bytes",
        (splice_secs - copy_secs) * 1e9 / count,
        copy_secs * 1e9 / count,
        parse_secs * 1e3 / megabytes,
        stream.memory_bytes() as f64 / bytes.len() as f64,
    );
    Ok(())
}
