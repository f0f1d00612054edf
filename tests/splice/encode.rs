//! Streams to splice, encoded once for all tests with the settings of the instrument's import.

use residua::{
    bitstream::Stream,
    units::{AccessUnitIndex, Codec},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};
use tempfile::TempDir;

/// Size of all streams: the height is no multiple of 16, so pictures are cropped.
pub const WIDTH: u32 = 192;
pub const HEIGHT: u32 = 108;
/// Pictures of each clip.
const PICTURES: u32 = 120;

/// One clip: both directions, banks that have every 12th place of each as an intra picture, and
/// pictures of other content to be thrown into it. Behind every intra picture of the last three stands
/// a predicted one.
pub struct Clip {
    pub forward: Stream,
    pub backward: Stream,
    pub bank: Stream,
    pub backward_bank: Stream,
    pub throws: Stream,
}

impl Clip {
    /// All of its streams.
    pub fn streams(&self) -> [&Stream; 5] {
        [&self.forward, &self.backward, &self.bank, &self.backward_bank, &self.throws]
    }
}

/// From one place of a bank to the next.
pub const BANK_INTERVAL: usize = 12;

/// Keeps what a bank has: every 12th place and the one behind.
const BANK: &str = "select='lt(mod(n,12),2)'";

/// Two clips of different content and quantiser.
pub fn clips(codec: Codec) -> &'static [Clip] {
    static H264: OnceLock<Vec<Clip>> = OnceLock::new();
    static MPEG4: OnceLock<Vec<Clip>> = OnceLock::new();
    let clips = match codec {
        Codec::H264 => &H264,
        Codec::Mpeg4 => &MPEG4,
    };
    clips.get_or_init(|| vec![clip(codec, "flower", 31, 6), clip(codec, "toy_rabbit", 23, 3)])
}

fn clip(codec: Codec, name: &str, quantiser: u32, scale: u32) -> Clip {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let encoded = |filter: &str, key_interval: u32| {
        let raw = folder.path().join("raw.yuv");
        raw_video(name, filter, &raw);
        encode(codec, &raw, if codec == Codec::H264 { quantiser } else { scale }, key_interval)
    };
    // Nothing of the clip is left in what is thrown.
    let other = "geq=lum='16+mod(X*5+Y*3+N*40,220)':cb='mod(X+N*60,256)':cr='mod(Y*2,256)'";
    let clip = Clip {
        forward: encoded("null", 2_147_483_647),
        backward: encoded("reverse", 2_147_483_647),
        bank: encoded(BANK, 2),
        backward_bank: encoded(&format!("reverse,{BANK}"), 2),
        throws: encoded(&format!("trim=end_frame=8,{other}"), 2),
    };
    for stream in [&clip.bank, &clip.backward_bank, &clip.throws] {
        assert_eq!(clip.forward.format(), stream.format());
        for unit in 0..stream.len() as u32 {
            assert_eq!(stream.is_intra(AccessUnitIndex(unit)), unit % 2 == 0);
        }
    }
    clip
}

/// Runs a program that must succeed.
fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {words}");
    output.stdout
}

/// The demo clip `name` through an ffmpeg filter, as packed I420.
fn raw_video(name: &str, filter: &str, raw: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo").join(name);
    let filters = format!("trim=end_frame={PICTURES},scale={WIDTH}:{HEIGHT},{filter}");
    run(Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(source.with_extension("mp4"))
        .args(["-vf", &filters, "-fps_mode", "passthrough"])
        .args(["-pix_fmt", "yuv420p", "-f", "rawvideo"])
        .arg(raw));
}

/// A raw video through the encoder of the import.
fn encode(codec: Codec, raw: &Path, quantiser: u32, key_interval: u32) -> Stream {
    let coded = raw.with_extension("coded");
    let encoder = match codec {
        Codec::H264 => format!(
            "x264enc pass=quant quantizer={quantiser} speed-preset=veryfast tune=zerolatency \
             sliced-threads=false key-int-max={key_interval} bframes=0 ref=1 byte-stream=true \
             aud=false option-string=keyint={}:scenecut=0:weightp=0:min-keyint=1:stitchable=1 \
             ! video/x-h264,stream-format=byte-stream,alignment=au,profile=high",
            if key_interval == 2 { "2" } else { "infinite" },
        ),
        // The encoder of its own accord starts an I picture every 600, whatever one says.
        Codec::Mpeg4 => format!(
            "avenc_mpeg4 pass=quant quantizer={quantiser} sc-threshold=1000000000 gop-size={} \
             max-bframes=0",
            key_interval.min(600),
        ),
    };
    let pipeline = format!(
        "filesrc location={} ! rawvideoparse width={WIDTH} height={HEIGHT} format=i420 \
         framerate=30/1 ! {encoder} ! filesink location={}",
        raw.display(),
        coded.display(),
    );
    run(Command::new("gst-launch-1.0").arg("-q").args(pipeline.split_whitespace()));
    let bytes = fs::read(coded).expect("the encoder wrote it");
    Stream::parse(codec, bytes).expect("the encoder's streams can be spliced")
}

/// Streams of other settings: CAVLC and CABAC, several slices, weighted prediction, idr_pic_id of
/// several lengths, picture order count type 0.
pub fn odd_streams() -> Vec<(String, Stream)> {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let raw = folder.path().join("raw.yuv");
    raw_video("flower", "fade=in:0:60", &raw);
    let coded = folder.path().join("coded.264");
    let read = |settings: &str, coded: &PathBuf| {
        let bytes = fs::read(coded).expect("the encoder wrote it");
        let stream = Stream::parse(Codec::H264, bytes);
        (settings.to_owned(), stream.expect("the encoder's streams can be spliced"))
    };
    let mut streams = Vec::new();
    for settings in [
        "cabac=0:slices=3:weightp=1:keyint=25",
        "cabac=1:slices=3:weightp=1:keyint=25",
        "cabac=0:8x8dct=0:weightp=0:keyint=1",
        "cabac=1:weightp=0:keyint=2",
        "cabac=1:weightp=0:keyint=infinite:cqm=jvt",
    ] {
        let parameters = format!("{settings}:scenecut=0:bframes=0:ref=1:min-keyint=1");
        run(Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p"])
            .args(["-s", &format!("{WIDTH}x{HEIGHT}"), "-i"])
            .arg(&raw)
            .args(["-c:v", "libx264", "-preset", "veryfast", "-x264-params", &parameters])
            .arg(&coded));
        streams.push(read(settings, &coded));
    }
    let pipeline = format!(
        "filesrc location={} ! rawvideoparse width={WIDTH} height={HEIGHT} format=i420 \
         framerate=30/1 ! openh264enc slice-mode=n-slices num-slices=2 gop-size=30 \
         scene-change-detection=false ! filesink location={}",
        raw.display(),
        coded.display(),
    );
    run(Command::new("gst-launch-1.0").arg("-q").args(pipeline.split_whitespace()));
    streams.push(read("openh264enc", &coded));
    streams
}

/// Ten pictures of a test picture through one of ffmpeg's encoders.
pub fn encoded(arguments: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let coded = folder.path().join("coded");
    run(Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .arg(format!("testsrc2=size={WIDTH}x{HEIGHT}:rate=30,format=yuv420p"))
        .args(["-frames:v", "10"])
        .args(arguments.split_whitespace())
        .arg(&coded));
    fs::read(coded).expect("the encoder wrote it")
}
