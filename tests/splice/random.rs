//! Random orders, heals and clip changes; and bytes that are no stream.

use super::{
    Dice, at,
    check::{has_poc_lsb, header_faults},
    encode::{Clip, clips, odd_streams},
};
use proptest::prelude::*;
use residua::{
    bitstream::{Splicer, Stream},
    units::Codec,
};

/// A stream of the clips by number.
fn stream(clips: &'static [Clip], number: usize) -> &'static Stream {
    let streams: Vec<&'static Stream> = clips.iter().flat_map(Clip::streams).collect();
    streams[number % streams.len()]
}

/// Splices the access units at the given places (both wrap round).
fn splice(clips: &'static [Clip], order: &[(usize, usize)]) -> Vec<u8> {
    let (mut splicer, mut out) = (Splicer::new(), Vec::new());
    splicer.splice(stream(clips, 0), at(0), &mut out).expect("it is intra");
    for &(number, unit) in order {
        let stream = stream(clips, number);
        assert!(splicer.can_follow(stream));
        let (before, max) = (out.len(), stream.spliced_bytes_max());
        splicer.splice(stream, at(unit % stream.len()), &mut out).expect("one format");
        assert!(out.len() - before <= max, "{} > {max}", out.len() - before);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_order_has_legal_headers(
        order in prop::collection::vec((0_usize..10, prop_oneof![Just(0), any::<usize>()]), 1..300),
    ) {
        let out = splice(clips(Codec::H264), &order);
        prop_assert_eq!(header_faults(&out), Vec::<String>::new());
    }
}

#[test]
fn counters_wrap_however_many_pictures_there_are() {
    let mut with_poc_lsb = 0;
    for (settings, stream) in odd_streams() {
        let (mut splicer, mut out) = (Splicer::new(), Vec::new());
        let mut dice = Dice(11);
        splicer.splice(&stream, at(0), &mut out).expect("it is intra");
        let predicted: Vec<usize> =
            (0..stream.len()).filter(|&unit| !stream.is_intra(at(unit))).collect();
        for number in 0..10_000 {
            // An intra picture sets the counters back: few, where there are others.
            let any = predicted.is_empty() || number % 2500 == 0;
            let unit =
                if any { dice.below(stream.len()) } else { predicted[dice.below(predicted.len())] };
            splicer.splice(&stream, at(unit), &mut out).expect("one format");
        }
        assert_eq!(header_faults(&out), Vec::<String>::new(), "{settings}");
        with_poc_lsb += usize::from(has_poc_lsb(&stream.format().signature));
    }
    assert!(with_poc_lsb > 0, "no encoder writes pic_order_cnt_lsb");
}

/// Parses, and plays all that parsed. Returns whether it did.
fn survive(codec: Codec, bytes: Vec<u8>) -> bool {
    let Ok(stream) = Stream::parse(codec, bytes) else { return false };
    let (mut splicer, mut out) = (Splicer::new(), Vec::new());
    let mut total = 0;
    for unit in 0..stream.len() {
        let before = out.len();
        if splicer.splice(&stream, at(unit), &mut out).is_ok() {
            assert!(out.len() - before <= stream.spliced_bytes_max());
        }
        total += stream.access_unit(at(unit)).len();
    }
    assert_eq!(total, stream.bytes().len());
    assert!(stream.access_unit(at(stream.len())).is_empty());
    assert!(!stream.is_intra(at(stream.len())) && !stream.is_empty());
    true
}

/// Changes to the first bytes of a stream, where the headers are, or anywhere.
fn mutate(stream: &Stream, changes: &[(usize, u8)], near: bool, cut: usize) -> Vec<u8> {
    let mut bytes = stream.bytes()[..stream.bytes().len().min(20_000)].to_vec();
    let reach = if near { bytes.len().min(120) } else { bytes.len() };
    for &(place, value) in changes {
        bytes[place % reach] = value;
    }
    bytes.truncate(cut % 40_000);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn damaged_streams_are_refused_or_played(
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 0..8),
        near: bool, cut: usize, mpeg4: bool, number in 0_usize..10,
    ) {
        let codec = if mpeg4 { Codec::Mpeg4 } else { Codec::H264 };
        survive(codec, mutate(stream(clips(codec), number), &changes, near, cut));
    }

    #[test]
    fn noise_is_refused(
        bytes in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(0x67), Just(0x65), any::<u8>()], 0..400),
        mpeg4: bool,
    ) {
        survive(if mpeg4 { Codec::Mpeg4 } else { Codec::H264 }, bytes);
    }
}

#[test]
fn a_sound_stream_survives() {
    for codec in [Codec::H264, Codec::Mpeg4] {
        assert!(survive(codec, stream(clips(codec), 2).bytes().to_vec()));
        assert!(!survive(codec, b"no stream".to_vec()));
    }
}
