//! What the instrument joins while it plays: clips into clips, heals of both directions, pictures of
//! other content thrown in. Judged by decoders that others have written.

use super::{
    Dice, at,
    check::{ffmpeg, legal},
    encode::{BANK_INTERVAL, Clip, clips, encoded},
};
use residua::{
    bitstream::{SpliceError, Splicer, Stream},
    units::Codec,
};

const CODECS: [Codec; 2] = [Codec::H264, Codec::Mpeg4];

/// A spliced stream as it grows.
#[derive(Default)]
struct Programme {
    splicer: Splicer,
    bytes: Vec<u8>,
    /// Where its access units end.
    ends: Vec<usize>,
    /// Number of an access unit, and the picture that it must show.
    must_show: Vec<(usize, String)>,
}

impl Programme {
    fn feed(&mut self, stream: &Stream, unit: usize) {
        self.splicer.splice(stream, at(unit), &mut self.bytes).expect("it may follow");
        self.ends.push(self.bytes.len());
    }

    /// Feeds an intra picture: the same comes out as by itself, whatever came before.
    fn feed_intra(&mut self, stream: &Stream, unit: usize, clean: &[String]) {
        assert!(stream.is_intra(at(unit)));
        self.must_show.push((self.ends.len(), clean[unit].clone()));
        self.feed(stream, unit);
    }

    fn check(&self, codec: Codec) {
        let shown = legal(codec, &self.bytes, &self.ends);
        let shown = shown.unwrap_or_else(|why| panic!("{codec:?}: {why}"));
        for (unit, picture) in &self.must_show {
            assert_eq!(shown[*unit], *picture, "{codec:?}: access unit {unit}");
        }
    }
}

/// The pictures of a stream by itself.
fn clean(codec: Codec, stream: &Stream) -> Vec<String> {
    ffmpeg(codec, stream.bytes()).expect("ffmpeg reads it without a word")
}

/// Intra pictures of a stream.
fn intra(stream: &Stream) -> impl Iterator<Item = usize> {
    (0..stream.len()).filter(|&unit| stream.is_intra(at(unit)))
}

#[test]
fn heals_of_both_directions_are_legal_from_either_clip() {
    for codec in CODECS {
        let [one, other] = clips(codec) else { panic!("there are two clips") };
        let mut programme = Programme::default();
        programme.feed(&other.forward, 0);
        for (clip, before) in [(one, other), (other, one)] {
            let directions = [(&clip.forward, &clip.bank), (&clip.backward, &clip.backward_bank)];
            for (stream, bank) in directions {
                let clean = clean(codec, bank);
                // A picture of every 12th place, each followed by a predicted one.
                assert_eq!(intra(bank).count(), stream.len().div_ceil(BANK_INTERVAL));
                for (place, unit) in intra(bank).enumerate() {
                    // Damage of the other clip, in both directions.
                    for lost in 20..23 {
                        programme.feed(&before.forward, lost);
                        programme.feed(&before.backward, lost);
                    }
                    programme.feed_intra(bank, unit, &clean);
                    // On it goes from the place that was healed.
                    let next = place * BANK_INTERVAL + 1;
                    for unit in next..(next + 3).min(stream.len()) {
                        programme.feed(stream, unit);
                    }
                }
            }
        }
        programme.check(codec);
    }
}

#[test]
fn pictures_thrown_in_at_any_place_are_legal() {
    for codec in CODECS {
        let [one, other] = clips(codec) else { panic!("there are two clips") };
        let mut programme = Programme::default();
        for (clip, thrown) in [(one, one), (one, other), (other, other)] {
            let clean = clean(codec, &thrown.throws);
            let throws: Vec<usize> = intra(&thrown.throws).collect();
            for stream in [&clip.forward, &clip.backward] {
                programme.feed(stream, 0);
                for unit in 1..stream.len() {
                    programme.feed_intra(&thrown.throws, throws[unit % throws.len()], &clean);
                    // Now and then a second one right behind.
                    if unit % 5 == 0 {
                        programme.feed_intra(&thrown.throws, throws[unit % throws.len()], &clean);
                    }
                    programme.feed(stream, unit);
                }
            }
        }
        assert!(programme.must_show.len() > 700, "every place of every stream");
        programme.check(codec);
    }
}

/// A random order of everything there is: ten thousand access units, in runs of one to six.
fn anything(clips: &[Clip], seed: u64) -> Programme {
    let streams: Vec<&Stream> = clips.iter().flat_map(Clip::streams).collect();
    let (mut programme, mut dice) = (Programme::default(), Dice(seed));
    programme.feed(streams[0], 0);
    while programme.ends.len() < 10_000 {
        let stream = streams[dice.below(streams.len())];
        let begin = dice.below(stream.len());
        for unit in begin..(begin + 1 + dice.below(6)).min(stream.len()) {
            programme.feed(stream, unit);
        }
    }
    programme
}

#[test]
fn ten_thousand_access_units_of_anything_are_legal() {
    for codec in CODECS {
        anything(clips(codec), 0x51ce).check(codec);
    }
}

/// Whether the access units as they are, one behind the other, are a legal stream.
fn naively(codec: Codec, order: &[(&Stream, usize)]) -> Result<Vec<String>, String> {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for (stream, unit) in order {
        bytes.extend_from_slice(stream.access_unit(at(*unit)));
        ends.push(bytes.len());
    }
    legal(codec, &bytes, &ends)
}

#[test]
fn the_same_joined_naively_is_not_legal() {
    let [one, other] = clips(Codec::H264) else { panic!("there are two clips") };
    let heal = [(&one.forward, 0), (&one.forward, 1), (&one.bank, 2), (&one.forward, 13)];
    let throw = [(&one.forward, 0), (&one.forward, 1), (&one.throws, 0), (&one.forward, 2)];
    let clip = [(&one.forward, 0), (&one.forward, 1), (&other.forward, 45), (&other.forward, 46)];
    let twice = [(&one.forward, 0), (&one.throws, 0), (&one.throws, 0), (&one.forward, 1)];
    for order in [heal, throw, clip, twice] {
        naively(Codec::H264, &order).expect_err("frame_num jumps, or idr_pic_id stays");
        let mut programme = Programme::default();
        for (stream, unit) in order {
            programme.feed(stream, unit);
        }
        programme.check(Codec::H264);
    }

    // VOPs have no counters; but in a stream of another layer they mean something else.
    let [clip, _] = clips(Codec::Mpeg4) else { panic!("there are two clips") };
    let partitioned = encoded("-f m4v -c:v mpeg4 -data_partitioning 1");
    let partitioned = Stream::parse(Codec::Mpeg4, partitioned).expect("it can be spliced");
    let order = [(&clip.forward, 0), (&partitioned, 1), (&partitioned, 2), (&clip.forward, 1)];
    naively(Codec::Mpeg4, &order).expect_err("another layer");
    let mut programme = Programme::default();
    programme.feed(&clip.forward, 0);
    let refused = programme.splicer.splice(&partitioned, at(1), &mut programme.bytes);
    assert_eq!(refused, Err(SpliceError::FormatChange));
}
