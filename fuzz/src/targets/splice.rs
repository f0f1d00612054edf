//! Access units of several streams in any order.

use super::{memory::peak, parts, streams::play};
use crate::{
    bitstream::{SpliceError, Splicer, Stream, StreamError},
    units::{AccessUnitIndex, Codec},
};

/// Real streams of one format each: two clips' forward streams and the first one's bank.
const H264: [&[u8]; 3] = [
    include_bytes!("../../seed_corpus/streams/flower.h264"),
    include_bytes!("../../seed_corpus/streams/rabbit.h264"),
    include_bytes!("../../seed_corpus/streams/bank.h264"),
];
const MPEG4: [&[u8]; 3] = [
    include_bytes!("../../seed_corpus/streams/flower.m4v"),
    include_bytes!("../../seed_corpus/streams/rabbit.m4v"),
    include_bytes!("../../seed_corpus/streams/bank.m4v"),
];

/// In place of a stream's number: a new decoder takes over.
const NEW_DECODER: u8 = 0xff;

/// Input: the coding (lowest bit of the first byte), pairs of stream and access unit (both wrap
/// round), then further streams as parts of their own. The result must parse again, picture for
/// picture, and be spliced already: splicing it once more changes nothing. Whether anything was fed.
pub fn splice(input: &[u8]) -> bool {
    let mut parts = parts(input);
    let Some((first, order)) = parts.next().and_then(|part| part.split_first()) else {
        return false;
    };
    let (codec, known) = if first & 1 == 0 { (Codec::H264, H264) } else { (Codec::Mpeg4, MPEG4) };
    let streams: Vec<Stream> = known
        .into_iter()
        .chain(parts.take(4))
        .filter_map(|bytes| play(codec, bytes.to_vec()).ok())
        .collect();

    let mut decoder = Decoder::default();
    for pair in order.chunks_exact(2).take(512) {
        if pair[0] == NEW_DECODER {
            decoder.check(codec, &streams);
            decoder = Decoder::default();
            continue;
        }
        let number = usize::from(pair[0]) % streams.len();
        let unit = u32::from(pair[1]) % streams[number].len() as u32;
        decoder.feed(&streams, number, AccessUnitIndex(unit));
    }
    decoder.check(codec, &streams);
    !decoder.fed.is_empty()
}

/// What one decoder was fed.
#[derive(Default)]
struct Decoder {
    splicer: Splicer,
    out: Vec<u8>,
    /// Numbers of streams and whether the access unit was intra.
    fed: Vec<(usize, bool)>,
}

impl Decoder {
    fn feed(&mut self, streams: &[Stream], number: usize, unit: AccessUnitIndex) {
        let stream = &streams[number];
        let intra = stream.is_intra(unit);
        let expected = match (self.fed.is_empty(), intra, self.splicer.can_follow(stream)) {
            (_, true, _) | (false, false, true) => Ok(()),
            (true, false, _) => Err(SpliceError::NotIntra),
            (false, false, false) => Err(SpliceError::FormatChange),
        };
        self.out.reserve(stream.spliced_bytes_max());
        let before = self.out.len();
        let (result, held) = peak(|| self.splicer.splice(stream, unit, &mut self.out));
        assert_eq!(result, expected);
        assert_eq!(held, 0, "splicing takes no memory");
        let appended = self.out.len() - before;
        assert_eq!(appended > 0, result.is_ok());
        assert!(appended <= stream.spliced_bytes_max());
        if result.is_ok() {
            self.fed.push((number, intra));
        }
    }

    fn check(&self, codec: Codec, streams: &[Stream]) {
        if self.fed.is_empty() {
            return;
        }
        let first = self.fed[0].0;
        let is_mixed = self.fed.iter().any(|&(number, _)| number != first);
        let again = match play(codec, self.out.clone()) {
            Ok(again) => again,
            // Parameter sets may change from stream to stream, which no single stream may.
            Err(StreamError::Unsupported(what)) if is_mixed && what.contains("sets") => return,
            Err(StreamError::Unsupported(what)) if is_mixed && what.contains("layers") => return,
            Err(error) => panic!("{} access units do not parse again: {error}", self.fed.len()),
        };
        assert_eq!(again.len(), self.fed.len());
        for (unit, &(_, intra)) in self.fed.iter().enumerate() {
            assert_eq!(again.is_intra(AccessUnitIndex(unit as u32)), intra);
        }
        // Of several headers with one and the same layer, the first count.
        assert_eq!(again.format(), streams[first].format());
        if !is_mixed {
            let (mut splicer, mut twice) = (Splicer::new(), Vec::new());
            for unit in 0..again.len() as u32 {
                let spliced = splicer.splice(&again, AccessUnitIndex(unit), &mut twice);
                assert_eq!(spliced, Ok(()));
            }
            assert!(twice == self.out, "what is spliced already was changed");
        }
    }
}
