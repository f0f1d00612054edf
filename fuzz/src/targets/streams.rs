//! Whole streams, with what stands before or behind the bytes in question.

use super::memory::{FLOOR, in_proportion, peak};
use crate::{
    bitstream::{Splicer, Stream, StreamError},
    units::{AccessUnitIndex, Codec},
};

/// The beginnings of an IDR and of a predicted slice, as encoders write them for most parameter
/// sets.
const SLICES: &[u8] = b"\0\0\0\x01\x65\x88\x84\x05\xff\xfe\xd7\xa1\x8e\x5c\
                        \0\0\0\x01\x41\x9a\x21\x6c\x43\x3f\xf4\x61\x77\x3b";

/// Parameter sets as real encoders write them: CABAC and CAVLC, picture order count types 2 and 0,
/// weighted prediction.
const PARAMETER_SETS: [&[u8]; 3] = [
    include_bytes!("../../seed_corpus/parameter_sets/cabac"),
    include_bytes!("../../seed_corpus/parameter_sets/cavlc_weighted"),
    include_bytes!("../../seed_corpus/parameter_sets/poc_type_0"),
];

/// Headers of MPEG-4 as a real encoder writes them.
const HEADERS: &[u8] = include_bytes!("../../seed_corpus/vops/headers");

/// An SPS and PPSs of the input, with slices behind them. Whether that parses.
pub fn parameter_sets(input: &[u8]) -> bool {
    play(Codec::H264, [input, SLICES].concat()).is_ok()
}

/// Slices of the input behind real parameter sets. Whether that parses with any of them.
pub fn slice_headers(input: &[u8]) -> bool {
    let streams = PARAMETER_SETS.map(|sets| play(Codec::H264, [sets, input].concat()));
    streams.iter().any(Result::is_ok)
}

/// Headers and VOPs, or VOPs alone behind real headers. Whether that parses.
pub fn vops(input: &[u8]) -> bool {
    let mut stream = play(Codec::Mpeg4, input.to_vec());
    if let Err(StreamError::NoHeaders(_)) = stream {
        stream = play(Codec::Mpeg4, [HEADERS, input].concat());
    }
    stream.is_ok()
}

/// A stream that parses tiles its bytes, and every access unit of it splices, within the room that
/// it asks for and without any memory besides.
pub fn play(codec: Codec, bytes: Vec<u8>) -> Result<Stream, StreamError> {
    let original = bytes.clone();
    let stream = in_proportion(original.len(), FLOOR, || Stream::parse(codec, bytes))?;
    assert_eq!(stream.bytes(), original);
    assert!(!stream.is_empty());
    let end = AccessUnitIndex(stream.len() as u32);
    assert!(stream.access_unit(end).is_empty() && !stream.is_intra(end));
    let format = stream.format();
    assert!(format.width > 0 && format.width <= format.coded_width);
    assert!(format.height > 0 && format.height <= format.coded_height);

    let mut splicer = Splicer::new();
    let mut out = Vec::with_capacity(stream.spliced_bytes_max());
    let (mut total, mut runs) = (0, false);
    for unit in (0..end.0).map(AccessUnitIndex) {
        total += stream.access_unit(unit).len();
        out.clear();
        let (spliced, held) = peak(|| splicer.splice(&stream, unit, &mut out));
        runs |= stream.is_intra(unit);
        assert_eq!(spliced.is_ok(), runs, "it runs from its first intra picture on");
        assert_eq!(held, 0, "splicing takes no memory");
        assert!(out.len() <= stream.spliced_bytes_max());
    }
    assert_eq!(total, original.len());
    Ok(stream)
}
