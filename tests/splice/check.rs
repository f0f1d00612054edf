//! What other people's programs say about a stream.

use h264_reader::{
    Context,
    annexb::AnnexBReader,
    nal::{
        Nal, RefNal, UnitType,
        pps::PicParameterSet,
        slice::{DecRefPicMarking, PicOrderCountLsb, SliceFamily, SliceHeader},
        sps::{PicOrderCntType, SeqParameterSet},
    },
    push::NalInterest,
};
use residua::{
    media::GstDecoder,
    ports::Decoder,
    units::{Codec, Picture, Planes},
};
use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::Xxh3;

/// A digest of every picture.
pub type Digests = Vec<String>;

fn file(stream: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file can be made");
    file.write_all(stream).expect("it can be written");
    file
}

/// ffmpeg's reader of such streams.
fn demuxer(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "h264",
        Codec::Mpeg4 => "m4v",
    }
}

/// The pictures ffmpeg reads, as MD5, if it reads to the end without a word.
pub fn ffmpeg(codec: Codec, stream: &[u8]) -> Result<Digests, String> {
    let file = file(stream);
    let read = |input: &[&str], output: &str| {
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-xerror", "-err_detect", "explode", "-f", demuxer(codec)])
            .args(input)
            .arg("-i")
            .arg(file.path())
            .args(["-fps_mode", "passthrough", "-f", output, "-"])
            .output()
            .expect("ffmpeg is installed");
        let silent = output.status.success() && output.stderr.is_empty();
        silent.then_some(output.stdout).ok_or(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    if codec == Codec::H264 {
        read(&[], "null")?;
    }
    // VOPs carry times, which jump as the splices do (the instrument's decoder is given others with
    // each access unit); so that ffmpeg's muxer does not complain of them, it counts instead.
    let list = read(&["-r", "25"], "framemd5")?;
    let text = String::from_utf8(list).map_err(|error| error.to_string())?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines.filter_map(|line| Some(line.rsplit(',').next()?.trim().to_owned())).collect())
}

/// All pictures of a stream, packed I420.
#[derive(Debug, PartialEq, Eq)]
pub struct Pictures {
    pub count: usize,
    digest: u128,
}

/// The pictures a GStreamer decoder gives.
pub fn decode(decoder: &str, stream: &[u8]) -> Pictures {
    let file = file(stream);
    let pipeline = format!(
        "filesrc location={} ! h264parse ! {decoder} ! video/x-raw,format=I420 ! fdsink fd=1",
        file.path().display(),
    );
    let mut command = Command::new("gst-launch-1.0");
    pictures(command.arg("-q").args(pipeline.split_whitespace()))
}

/// The pictures ffmpeg gives, whatever it says of them.
fn ffmpeg_pictures(codec: Codec, stream: &[u8]) -> Pictures {
    let file = file(stream);
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "fatal", "-f", demuxer(codec), "-r", "25", "-i"]).arg(file.path());
    pictures(command.args([
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-",
    ]))
}

/// The pictures of the instrument's own decoder (`avdec_h264` or `avdec_mpeg4`), which is fed access
/// unit by access unit, and how many of those gave one at once.
fn decode_units(codec: Codec, stream: &[u8], ends: &[usize]) -> Pictures {
    let format = super::encode::clips(codec)[0].forward.format();
    let mut decoder = GstDecoder::new(format).expect("the plug-ins are installed");
    let mut picture = Picture::black(format.width, format.height);
    let (mut hash, mut count, mut begin) = (Xxh3::new(), 0, 0);
    for (number, &end) in (0..).zip(ends) {
        decoder.push(number, &stream[begin..end]).expect("the decoder runs");
        let take = &mut |planes: &Planes<'_>| picture.copy_from(planes);
        if decoder.pull(number, Duration::from_secs(20), take).expect("the decoder runs") {
            hash.update(picture.data());
            count += 1;
        }
        begin = end;
    }
    Pictures { count, digest: hash.digest128() }
}

/// Whether a stream of access units that end there is legal: ffmpeg reads it without a word, every
/// access unit gives one picture, and all decoders give the same ones. What is wrong otherwise.
pub fn legal(codec: Codec, stream: &[u8], ends: &[usize]) -> Result<Digests, String> {
    let digests = ffmpeg(codec, stream)?;
    if digests.len() != ends.len() {
        return Err(format!("{} pictures for {} access units", digests.len(), ends.len()));
    }
    let by_ffmpeg = ffmpeg_pictures(codec, stream);
    if codec == Codec::H264 {
        for decoder in ["avdec_h264", "openh264dec"] {
            let pictures = decode(decoder, stream);
            if pictures != by_ffmpeg {
                return Err(format!("{decoder} gives {pictures:?}, ffmpeg {by_ffmpeg:?}"));
            }
        }
        if let Some(fault) = header_faults(stream).into_iter().next() {
            return Err(fault);
        }
    }
    let pictures = decode_units(codec, stream, ends);
    if pictures != by_ffmpeg {
        return Err(format!("unit by unit {pictures:?} come, ffmpeg gives {by_ffmpeg:?}"));
    }
    Ok(digests)
}

/// All pictures that a program writes to its standard output.
fn pictures(command: &mut Command) -> Pictures {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut pictures = child.stdout.take().expect("it is a pipe");
    let (mut hash, mut total, mut buffer) = (Xxh3::new(), 0, vec![0; 1 << 20]);
    loop {
        let count = pictures.read(&mut buffer).expect("the pipe can be read");
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        total += count;
    }
    assert!(child.wait().expect("it was started").success(), "{command:?} failed");
    let picture = (super::encode::WIDTH * super::encode::HEIGHT * 3 / 2) as usize;
    assert_eq!(total % picture, 0, "{command:?} gave a part of a picture");
    Pictures { count: total / picture, digest: hash.digest128() }
}

/// What is wrong with the slice headers of a stream, as the crate h264-reader reads them.
pub fn header_faults(stream: &[u8]) -> Vec<String> {
    let mut checker = Checker::default();
    let mut reader = AnnexBReader::accumulate(|nal: RefNal<'_>| {
        if nal.is_complete() {
            checker.take(&nal);
        }
        NalInterest::Buffer
    });
    reader.push(stream);
    reader.reset();
    checker.faults
}

/// Whether the slices of a stream carry pic_order_cnt_lsb, as the crate h264-reader reads its SPS.
pub fn has_poc_lsb(sps: &[u8]) -> bool {
    let nal = RefNal::new(sps, &[], true);
    let sps = SeqParameterSet::from_bits(nal.rbsp_bits()).expect("an SPS");
    matches!(sps.pic_order_cnt, PicOrderCntType::TypeZero { .. })
}

/// frame_num, idr_pic_id and picture order count of a picture.
type Key = (u16, Option<u32>, Option<u32>);

#[derive(Default)]
struct Checker {
    context: Context,
    before: Option<Key>,
    faults: Vec<String>,
}

impl Checker {
    fn take(&mut self, nal: &RefNal<'_>) {
        if let Err(fault) = self.read(nal) {
            self.faults.push(fault);
        }
    }

    fn read(&mut self, nal: &RefNal<'_>) -> Result<(), String> {
        let header = nal.header().map_err(|error| format!("{error:?}"))?;
        match header.nal_unit_type() {
            UnitType::SeqParameterSet => {
                let sps = SeqParameterSet::from_bits(nal.rbsp_bits());
                self.context.put_seq_param_set(sps.map_err(|error| format!("{error:?}"))?);
            }
            UnitType::PicParameterSet => {
                let pps = PicParameterSet::from_bits(&self.context, nal.rbsp_bits());
                self.context.put_pic_param_set(pps.map_err(|error| format!("{error:?}"))?);
            }
            UnitType::SliceLayerWithoutPartitioningIdr
            | UnitType::SliceLayerWithoutPartitioningNonIdr => {
                let (slice, sps, _) =
                    SliceHeader::from_bits(&self.context, &mut nal.rbsp_bits(), header, None)
                        .map_err(|error| format!("{error:?}"))?;
                let frame_nums = 1_u32 << sps.log2_max_frame_num();
                let pocs = match sps.pic_order_cnt {
                    PicOrderCntType::TypeZero { log2_max_pic_order_cnt_lsb_minus4: bits } => {
                        1_u32 << (u32::from(bits) + 4)
                    }
                    _ => 1,
                };
                return self.compare(&slice, frame_nums, pocs);
            }
            // SEI and delimiters may come with a stream as it was encoded.
            UnitType::SEI | UnitType::AccessUnitDelimiter => {}
            other => return Err(format!("a NAL unit of type {other:?}")),
        }
        Ok(())
    }

    /// Whether the slice goes on after the picture before, by clause 7.4.3 of the standard.
    fn compare(&mut self, slice: &SliceHeader, frame_nums: u32, pocs: u32) -> Result<(), String> {
        let poc = match &slice.pic_order_cnt_lsb {
            Some(PicOrderCountLsb::Frame(lsb)) => Some(*lsb),
            Some(PicOrderCountLsb::FieldsAbsolute { pic_order_cnt_lsb, .. }) => {
                Some(*pic_order_cnt_lsb)
            }
            _ => None,
        };
        let this = (slice.frame_num, slice.idr_pic_id, poc);
        let before = self.before.replace(this);
        if matches!(slice.dec_ref_pic_marking, Some(DecRefPicMarking::Adaptive(_))) {
            return Err("memory management commands".into());
        }
        let intra = slice.slice_type.family == SliceFamily::I;
        if slice.first_mb_in_slice != 0 {
            return (before == Some(this)).then_some(()).ok_or(format!("slices differ: {this:?}"));
        }
        let Some(before) = before else {
            return this.1.map(|_| ()).ok_or("the first picture is no IDR".into());
        };
        let goes_on = match this.1 {
            Some(id) => intra && this.0 == 0 && poc.unwrap_or(0) == 0 && before.1 != Some(id),
            None => {
                u32::from(this.0) == (u32::from(before.0) + 1) % frame_nums
                    && match (before.2, poc) {
                        (Some(before), Some(poc)) => poc == (before + 2) % pocs,
                        (before, poc) => before == poc,
                    }
            }
        };
        goes_on.then_some(()).ok_or(format!("{this:?} after {before:?}"))
    }
}
