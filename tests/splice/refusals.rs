//! Streams that cannot be spliced are refused with the reason; pictures that are not coded are
//! played.

use super::{at, check::ffmpeg, encode::encoded};
use residua::{
    bitstream::{Splicer, Stream, StreamError},
    units::Codec,
};

#[test]
fn what_cannot_be_spliced_says_why() {
    let h264 = "-f h264 -c:v libx264 -x264-params bframes=0:ref=1:weightp=0";
    let mpeg4 = "-f m4v -c:v mpeg4";
    for (codec, arguments, reason) in [
        (Codec::H264, format!("{h264}:ref=3"), "more than one reference picture"),
        (Codec::H264, format!("{h264}:bframes=2:b-adapt=0:b-pyramid=none"), "B pictures"),
        (Codec::H264, format!("{h264}:tff=1"), "interlaced pictures"),
        (Codec::H264, format!("{h264} -pix_fmt yuv444p"), "samples other than 8 bit 4:2:0"),
        (Codec::Mpeg4, format!("{mpeg4} -bf 2"), "B pictures"),
        (Codec::Mpeg4, format!("{mpeg4} -flags +ildct"), "interlaced pictures"),
    ] {
        match Stream::parse(codec, encoded(&arguments)) {
            // Where B pictures are, there are two references or pictures that are none.
            Err(StreamError::Unsupported(why)) => assert!(
                why == reason || reason == "B pictures" && why.contains("reference"),
                "{arguments}: {why}"
            ),
            other => panic!("{arguments}: {other:?}"),
        }
    }
    assert!(Stream::parse(Codec::H264, encoded(h264)).is_ok());
    assert!(Stream::parse(Codec::Mpeg4, encoded(mpeg4)).is_ok());
    assert!(Stream::parse(Codec::H264, encoded(mpeg4)).is_err());
    assert!(Stream::parse(Codec::Mpeg4, encoded(h264)).is_err());
}

#[test]
fn parameter_sets_that_change_are_refused() {
    let (one, other) = (encoded("-f h264 -bf 0 -refs 1 -x264-params weightp=0"), {
        encoded("-f h264 -bf 0 -refs 1 -x264-params weightp=0 -vf scale=64:64")
    });
    let changes = StreamError::Unsupported("sequence parameter sets that change");
    assert_eq!(Stream::parse(Codec::H264, [&one[..], &other].concat()).err(), Some(changes));
    let twice = Stream::parse(Codec::H264, [&one[..], &one].concat());
    assert_eq!(twice.map(|stream| stream.len()), Ok(20));
}

#[test]
fn a_vop_that_is_not_coded_shows_the_picture_before() {
    // P-VOP (01), no second passed (0), marker (1), 5 bits of time for 30 in a second, marker (1),
    // not coded (0), stuffing (0 1111).
    let skipped = [0, 0, 1, 0xb6, 0b0101_0000, 0b1100_1111];
    // 1, 2, 7, 8, 9, 15, 16, 84 and 512 x 2 macroblocks: a bit each, over every edge of a byte.
    for size in
        ["16:16", "32:16", "112:16", "128:16", "48:48", "80:48", "64:64", "192:108", "8190:32"]
    {
        let bytes = encoded(&format!("-f m4v -c:v mpeg4 -vf scale={size}"));
        let clip = Stream::parse(Codec::Mpeg4, bytes).expect("it is sound");
        let (before, after) = (clip.access_unit(at(0)), clip.access_unit(at(1)));
        let bytes = [before, &skipped, &skipped, after].concat();
        let by_itself = ffmpeg(Codec::Mpeg4, &[before, after].concat()).expect("sound pictures");
        let stream = Stream::parse(Codec::Mpeg4, bytes).expect("it is sound");
        assert_eq!(stream.len(), 4);
        let (mut splicer, mut out) = (Splicer::new(), Vec::new());
        for unit in 0..4 {
            splicer.splice(&stream, at(unit), &mut out).expect("it starts at an I-VOP");
        }
        let shown = ffmpeg(Codec::Mpeg4, &out).expect("ffmpeg reads it without a word");
        let expected = [0, 0, 0, 1].map(|picture| by_itself[picture].clone());
        assert_eq!(shown, expected, "{size}");
    }
}
