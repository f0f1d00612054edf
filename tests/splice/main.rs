//! Splices in any order are legal streams: real encoders in, other people's decoders and parsers
//! out. What is expected here never comes from the code under test.

mod check;
mod encode;
mod legality;
mod random;
mod refusals;

use check::{Digests, decode, ffmpeg, header_faults, legal};
use encode::{Clip, clips};
use residua::{
    bitstream::{SpliceError, Splicer, Stream},
    units::{AccessUnitIndex, Codec},
};

/// A small generator with a seed (xorshift64), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

fn at(unit: usize) -> AccessUnitIndex {
    AccessUnitIndex(u32::try_from(unit).expect("the clips are short"))
}

/// `jumps` superframes of `size` access units, each from a random place of a random stream, after
/// the first access unit of the first. Returns the stream and where its access
/// units end.
fn jump(clips: &[Clip], size: usize, jumps: usize) -> (Vec<u8>, Vec<usize>) {
    let streams: Vec<&Stream> =
        clips.iter().flat_map(|clip| [&clip.forward, &clip.backward]).collect();
    let (mut splicer, mut out) = (Splicer::new(), Vec::new());
    splicer.splice(streams[0], at(0), &mut out).expect("it is intra");
    let mut ends = vec![out.len()];
    let mut dice = Dice(0x9e37_79b9 + size as u64);
    for _ in 0..jumps {
        let stream = streams[dice.below(streams.len())];
        let start = dice.below(stream.len() - size + 1);
        for unit in start..start + size {
            splicer.splice(stream, at(unit), &mut out).expect("the formats are the same");
            ends.push(out.len());
        }
    }
    (out, ends)
}

#[test]
fn two_thousand_jumps_are_legal() {
    for codec in [Codec::H264, Codec::Mpeg4] {
        for size in [1, 3, 6, 12] {
            let (stream, ends) = jump(clips(codec), size, 2000);
            assert_eq!(ends.len(), 1 + 2000 * size);
            legal(codec, &stream, &ends).unwrap_or_else(|why| panic!("{codec:?}, {size}: {why}"));
        }
    }
}

/// The splice of one stream from its start to its end shows what the stream itself shows.
fn straight(codec: Codec, stream: &Stream) -> (Digests, Digests) {
    let (mut splicer, mut out) = (Splicer::new(), Vec::new());
    for unit in 0..stream.len() {
        splicer.splice(stream, at(unit), &mut out).expect("it starts at an intra picture");
    }
    let read = |bytes| ffmpeg(codec, bytes).expect("ffmpeg reads it without a word");
    (read(&out), read(stream.bytes()))
}

#[test]
fn straight_play_changes_no_picture() {
    for codec in [Codec::H264, Codec::Mpeg4] {
        for clip in clips(codec) {
            for stream in [&clip.forward, &clip.backward, &clip.bank] {
                let (spliced, itself) = straight(codec, stream);
                assert_eq!(spliced.len(), stream.len());
                assert_eq!(spliced, itself);
            }
        }
    }
}

#[test]
fn other_encoder_settings_splice_as_well() {
    for (settings, stream) in encode::odd_streams() {
        let (spliced, itself) = straight(Codec::H264, &stream);
        assert_eq!(spliced, itself, "{settings}");
        let (mut splicer, mut out) = (Splicer::new(), Vec::new());
        let mut dice = Dice(7);
        splicer.splice(&stream, at(0), &mut out).expect("it starts at an intra picture");
        for _ in 0..500 {
            splicer.splice(&stream, at(dice.below(stream.len())), &mut out).expect("no change");
        }
        let pictures = ffmpeg(Codec::H264, &out).expect("ffmpeg reads it without a word");
        assert_eq!(pictures.len(), 501, "{settings}");
        assert_eq!(header_faults(&out), Vec::<String>::new(), "{settings}");
    }
}

#[test]
fn other_settings_of_mpeg4_splice_as_well() {
    for settings in ["-mpeg_quant 1", "-flags +qpel", "-data_partitioning 1", "-ps 300", "-g 3"] {
        let bytes = encode::encoded(&format!("-f m4v -c:v mpeg4 {settings}"));
        let stream = Stream::parse(Codec::Mpeg4, bytes).expect("it can be spliced");
        let (spliced, itself) = straight(Codec::Mpeg4, &stream);
        assert_eq!((spliced.len(), &spliced), (10, &itself), "{settings}");
    }
}

#[test]
fn an_intra_picture_heals_anywhere() {
    for codec in [Codec::H264, Codec::Mpeg4] {
        let [clip, other] = clips(codec) else { panic!("there are two clips") };
        let clean = ffmpeg(codec, clip.bank.bytes()).expect("ffmpeg reads it without a word");
        let (mut splicer, mut out) = (Splicer::new(), Vec::new());
        splicer.splice(&other.forward, at(0), &mut out).expect("it is intra");
        let mut healed = Vec::new();
        let mut count = 1;
        for unit in (0..clip.bank.len()).filter(|&unit| clip.bank.is_intra(at(unit))) {
            for lost in 20..26 {
                splicer.splice(&other.backward, at(lost), &mut out).expect("no change");
            }
            count += 6;
            splicer.splice(&clip.bank, at(unit), &mut out).expect("no change");
            // Two in a row, so that idr_pic_id must alternate.
            splicer.splice(&clip.bank, at(unit), &mut out).expect("no change");
            healed.extend([(count, unit), (count + 1, unit)]);
            count += 2;
        }
        assert!(healed.len() >= 16, "the bank has a picture of every 12th place");
        let shown = ffmpeg(codec, &out).expect("ffmpeg reads it without a word");
        assert_eq!(shown.len(), count);
        for (place, unit) in healed {
            assert_eq!(shown[place], clean[unit], "{codec:?} {unit}");
        }
    }
}

#[test]
fn a_stream_keeps_its_bytes_and_little_more() {
    for codec in [Codec::H264, Codec::Mpeg4] {
        for clip in clips(codec) {
            for stream in [&clip.forward, &clip.backward, &clip.bank] {
                let units: Vec<u8> = (0..stream.len())
                    .flat_map(|unit| stream.access_unit(at(unit)).iter().copied())
                    .collect();
                assert_eq!(units, stream.bytes());
                let format = stream.format();
                assert_eq!((format.width, format.height), (encode::WIDTH, encode::HEIGHT));
                assert_eq!((format.coded_width, format.coded_height), (192, 112));
            }
            let stream = &clip.forward;
            assert!(stream.is_intra(at(0)));
            assert_eq!((1..stream.len()).filter(|&unit| stream.is_intra(at(unit))).count(), 0);
            // A tenth of what an access unit has at the sizes that are played (2,800 bytes at 360p).
            let index = stream.memory_bytes() - stream.bytes().len();
            assert!(index <= 24 * stream.len() + 1024, "{index} bytes for {}", stream.len());
        }
    }
}

#[test]
fn what_cannot_follow_is_refused_and_changes_nothing() {
    let [h264, _] = clips(Codec::H264) else { panic!("there are two clips") };
    let [mpeg4, _] = clips(Codec::Mpeg4) else { panic!("there are two clips") };
    let (_, other) = encode::odd_streams().swap_remove(0);
    let (mut splicer, mut out) = (Splicer::new(), Vec::new());
    assert_eq!(splicer.splice(&h264.forward, at(1), &mut out), Err(SpliceError::NotIntra));
    let len = h264.forward.len();
    let beyond = SpliceError::NoSuchUnit { unit: len as u32, len };
    assert_eq!(splicer.splice(&h264.forward, at(len), &mut out), Err(beyond));
    assert_eq!((out.len(), splicer.can_follow(&mpeg4.forward)), (0, true));

    splicer.splice(&h264.forward, at(0), &mut out).expect("it is intra");
    let before = out.len();
    let follows = |splicer: &Splicer, stream| splicer.can_follow(stream);
    assert!(follows(&splicer, &h264.backward) && !follows(&splicer, &other));
    assert!(!follows(&splicer, &mpeg4.forward));
    for (stream, unit) in [(&other, 1), (&mpeg4.forward, 0), (&mpeg4.forward, 1)] {
        assert_eq!(splicer.splice(stream, at(unit), &mut out), Err(SpliceError::FormatChange));
    }
    assert_eq!(out.len(), before);
    // Another SPS may begin at an IDR picture, and what ran before may not go on then.
    splicer.splice(&other, at(0), &mut out).expect("it is intra");
    assert_eq!(splicer.splice(&h264.forward, at(1), &mut out), Err(SpliceError::FormatChange));
    assert_eq!(ffmpeg(Codec::H264, &out).map(|pictures| pictures.len()), Ok(2));
    splicer.reset();
    assert_eq!(splicer.splice(&other, at(1), &mut out), Err(SpliceError::NotIntra));
}

#[test]
fn a_naive_splice_fails_every_check() {
    let [clip, _] = clips(Codec::H264) else { panic!("there are two clips") };
    let mut naive = clip.forward.access_unit(at(0)).to_vec();
    for unit in [40, 41, 42, 7, 8, 60, 61, 12, 13, 14] {
        naive.extend_from_slice(clip.forward.access_unit(at(unit)));
    }
    assert!(!header_faults(&naive).is_empty());
    let twice = [clip.forward.access_unit(at(0)), clip.forward.access_unit(at(0))].concat();
    assert_eq!(header_faults(&twice).len(), 1, "idr_pic_id stays 0");
    let shown = ffmpeg(Codec::H264, &naive);
    assert!(shown.as_ref().is_err() || shown.is_ok_and(|pictures| pictures.len() != 11));
    assert_ne!(decode("avdec_h264", &naive), decode("avdec_h264", clip.forward.bytes()));
    assert!(ffmpeg(Codec::Mpeg4, &naive).is_err());
}
