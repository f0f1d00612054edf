//! Splicing and decoding, against ffmpeg with one thread on the same stream.

use super::{
    print_ratio,
    process::{allowed_cores, own_secs, peer_secs, pin},
};
use residua::{
    bitstream::{Splicer, Stream},
    clip::{Clip, Encoder},
    media::GstDecoder,
    playhead::slices,
    ports::Decoder,
    units::{AccessUnitIndex, Codec, Direction},
};
use std::{
    error::Error,
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Each pair is measured this often; the median counts. A round takes a second or two, in which
/// whatever else the machine does may weigh on one side only.
const ROUNDS: usize = 7;

/// Access units that are played, in superframes of the default size.
const UNITS: usize = 1500;
const SUPERFRAME: u32 = 6;

/// How long a picture may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// Plays random superframes of the clips in `folders`, both directions.
pub fn measure(
    encoder: Encoder,
    folders: &[&PathBuf],
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let clips = folders.iter().map(|path| Clip::load(path)).collect::<Result<Vec<_>, _>>()?;
    let order = order(&clips);
    let spliced = folder.join("spliced");
    fs::write(&spliced, splice(&order)?)?;
    compare(encoder, &order, &spliced, "as the system schedules it")?;
    // One thread hands over to another for every picture. Moving them about costs what the machine's
    // other work makes it cost; on one core what is left is the work.
    let all = allowed_cores()?;
    pin(all.rsplit([',', '-']).next().unwrap_or(&all))?;
    compare(encoder, &order, &spliced, "both on one core")?;
    pin(&all)
}

/// Plays and lets ffmpeg play, in turn.
fn compare(
    encoder: Encoder,
    order: &[(&Stream, AccessUnitIndex)],
    spliced: &Path,
    how: &str,
) -> Result<(), Box<dyn Error>> {
    let (mut ratios, mut ours, mut theirs) = (Vec::new(), f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let own = play(order)?;
        let peer = peer_secs(&mut ffmpeg(encoder, spliced))?;
        ratios.push(own / peer);
        (ours, theirs) = (ours.min(own), theirs.min(peer));
    }
    let note = format!(
        "{} access units, {:.3} ms each here, {:.3} ms in ffmpeg at best",
        order.len(),
        ours * 1e3 / order.len() as f64,
        theirs * 1e3 / order.len() as f64,
    );
    let what = format!("splice + decode, {encoder}, to ffmpeg -threads 1, {how}");
    print_ratio(&what, ratios, 1.15, &note);
    Ok(())
}

/// What is played: an intra picture, then superframes from anywhere.
fn order(clips: &[Clip]) -> Vec<(&Stream, AccessUnitIndex)> {
    let mut order = vec![(&clips[0].bank, AccessUnitIndex(0))];
    // Numerical Recipes' linear congruential generator; the upper bits are good enough here.
    let mut state: u32 = 1;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    while order.len() <= UNITS {
        let clip = &clips[random(clips.len() as u32) as usize];
        let direction = if random(2) == 0 { Direction::Forward } else { Direction::Backward };
        let begin = random(slices(clip.forward.len() as u32, SUPERFRAME));
        let stream = clip.stream(direction);
        order.extend((begin..begin + SUPERFRAME).map(|unit| (stream, AccessUnitIndex(unit))));
    }
    order
}

fn splice(order: &[(&Stream, AccessUnitIndex)]) -> Result<Vec<u8>, Box<dyn Error>> {
    let (mut splicer, mut out) = (Splicer::new(), Vec::new());
    for (stream, unit) in order {
        splicer.splice(stream, *unit, &mut out)?;
    }
    Ok(out)
}

/// Plays as the engine does, one access unit in, one picture out; processor time in seconds.
fn play(order: &[(&Stream, AccessUnitIndex)]) -> Result<f64, Box<dyn Error>> {
    let (first, _) = order[0];
    let mut decoder = GstDecoder::new(first.format())?;
    let room = order.iter().map(|(stream, _)| stream.spliced_bytes_max()).max().unwrap_or(0);
    let (mut splicer, mut out) = (Splicer::new(), Vec::with_capacity(room));
    let before = own_secs()?;
    for (number, (stream, unit)) in (0_u64..).zip(order) {
        out.clear();
        splicer.splice(stream, *unit, &mut out)?;
        decoder.push(number, &out)?;
        // The samples are lent; whoever uploads them makes the one copy.
        let came = decoder.pull(number, PATIENCE, &mut |planes| {
            black_box(planes.data[0].first());
        })?;
        if !came {
            return Err(format!("no picture for access unit {number}").into());
        }
    }
    Ok(own_secs()? - before)
}

fn ffmpeg(encoder: Encoder, file: &Path) -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-threads", "1"]);
    match encoder.codec() {
        Codec::H264 => command.args(["-f", "h264"]),
        // Elementary streams of MPEG-4 part 2 carry no rate that ffmpeg would believe.
        Codec::Mpeg4 => command.args(["-f", "m4v", "-r", "25"]),
    };
    command.arg("-i").arg(file).args(["-fps_mode", "passthrough", "-f", "null", "-"]);
    command
}
