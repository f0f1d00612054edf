//! The index of an MPEG-4 part 2 stream: access units and the VOPs in them.

use super::headers::{Layer, VopHead};
use crate::{
    bitstream::{
        start_codes::{LONG, Segment, segments},
        stream::{
            PARAMETER_SETS_MAX,
            StreamError::{self, Damaged, NoHeaders, NoPicture, Unsupported},
        },
    },
    units::{Codec, StreamFormat},
};
use std::ops::{Range, RangeInclusive};

/// Start code values (table 6-3).
const VIDEO_OBJECT_LAYER: RangeInclusive<u8> = 0x20..=0x2f;
const VISUAL_OBJECT: u8 = 0xb5;
const GROUP_OF_VOP: u8 = 0xb3;
const VOP: u8 = 0xb6;

/// VOPs of one stream. Offsets fit in 32 bits, since longer streams are refused.
#[derive(Debug)]
pub(in crate::bitstream) struct Index {
    units: Vec<Unit>,
    /// VOPs that had to be written again, without their fill.
    recoded: Vec<u8>,
    /// Bytes of 255 that belong before the last byte of each of those. A picture that is not coded
    /// takes seven bytes of the stream and up to 32 kB to repeat, so that is not kept.
    recoded_fill: usize,
    spliced_bytes_max: usize,
}

/// One access unit.
#[derive(Debug)]
struct Unit {
    /// First byte in the stream.
    at: u32,
    /// First byte of the VOP behind its start code prefix (0, 0, 1), in the stream or among what was
    /// recoded.
    vop_at: u32,
    vop_len: u32,
    intra: bool,
    recoded: bool,
}

impl Index {
    pub(in crate::bitstream) fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether access unit `unit` is an I-VOP.
    pub(in crate::bitstream) fn is_intra(&self, unit: usize) -> bool {
        self.units.get(unit).is_some_and(|unit| unit.intra)
    }

    /// Where access unit `unit` lies in the stream, which has `len` bytes; empty beyond the end.
    pub(in crate::bitstream) fn range(&self, unit: usize, len: usize) -> Range<usize> {
        let at = |unit: usize| self.units.get(unit).map_or(len, |unit| unit.at as usize);
        at(unit)..at(unit.saturating_add(1))
    }

    /// Appends the VOP of access unit `unit` of the stream `bytes` to `out`, from behind the prefix
    /// of its start code; nothing beyond the end.
    pub(in crate::bitstream) fn append_vop(&self, bytes: &[u8], unit: usize, out: &mut Vec<u8>) {
        let Some(unit) = self.units.get(unit) else { return };
        let range = unit.vop_at as usize..(unit.vop_at + unit.vop_len) as usize;
        if !unit.recoded {
            out.extend_from_slice(bytes.get(range).unwrap_or_default());
        } else if let Some((last, head)) = self.recoded.get(range).and_then(<[u8]>::split_last) {
            out.extend_from_slice(head);
            out.resize(out.len() + self.recoded_fill, u8::MAX);
            out.push(*last);
        }
    }

    /// The most bytes a spliced access unit takes, without the headers.
    pub(in crate::bitstream) fn spliced_bytes_max(&self) -> usize {
        self.spliced_bytes_max
    }

    /// Heap memory of the index in bytes.
    pub(in crate::bitstream) fn memory_bytes(&self) -> usize {
        self.units.capacity() * size_of::<Unit>() + self.recoded.capacity()
    }
}

/// Indexes the stream `bytes`.
pub(in crate::bitstream) fn index(bytes: &[u8]) -> Result<(StreamFormat, Index), StreamError> {
    let mut indexer = Indexer {
        bytes,
        version: 1,
        layer: None,
        headers_end: None,
        units: Vec::new(),
        recoded: Vec::new(),
        next_unit_at: Some(0),
    };
    for segment in segments(bytes) {
        indexer.take(&segment)?;
    }
    indexer.finish()
}

/// What is known while the segments go by.
struct Indexer<'a> {
    bytes: &'a [u8],
    /// visual_object_verid.
    version: u32,
    /// The layer and its bytes.
    layer: Option<(Layer, &'a [u8])>,
    /// Where the headers before the first picture end.
    headers_end: Option<usize>,
    units: Vec<Unit>,
    recoded: Vec<u8>,
    /// Where the next access unit begins, if something that stands before one was seen.
    next_unit_at: Option<usize>,
}

impl<'a> Indexer<'a> {
    fn take(&mut self, segment: &Segment) -> Result<(), StreamError> {
        let (value, payload) = (
            self.bytes[segment.payload.start],
            &self.bytes[segment.payload.start + 1..segment.payload.end],
        );
        let at = segment.payload.start;
        if value == VOP {
            self.headers_end.get_or_insert(segment.code);
            return self.take_vop(payload, segment);
        }
        match value {
            // One that stands before the layer belongs to no picture that could be decoded.
            GROUP_OF_VOP if self.layer.is_some() => {
                self.headers_end.get_or_insert(segment.code);
            }
            VISUAL_OBJECT => self.version = version(payload).unwrap_or(1),
            value if VIDEO_OBJECT_LAYER.contains(&value) => self.take_layer(payload, at)?,
            _ => {}
        }
        self.next_unit_at.get_or_insert(segment.code);
        Ok(())
    }

    fn take_layer(&mut self, payload: &'a [u8], at: usize) -> Result<(), StreamError> {
        match &self.layer {
            Some((_, known)) if *known == payload => Ok(()),
            Some(_) => Err(Unsupported("video object layers that change")),
            None => {
                self.layer = Some((Layer::parse(payload, self.version, at)?, payload));
                Ok(())
            }
        }
    }

    fn take_vop(&mut self, payload: &[u8], segment: &Segment) -> Result<(), StreamError> {
        let Some((layer, _)) = &self.layer else { return Err(NoHeaders("video object layer")) };
        let at = segment.payload.start;
        let head = VopHead::parse(payload, layer, at)?;
        let mut unit = Unit {
            at: self.next_unit_at.take().unwrap_or(segment.code) as u32,
            vop_at: at as u32,
            vop_len: segment.payload.len() as u32,
            intra: head.intra && head.coded,
            recoded: false,
        };
        if !head.coded {
            let vop = head
                .coded_repeat(payload, layer)
                .ok_or(Unsupported("pictures that are not coded, in partitions"))?;
            let too_long = Err(StreamError::TooLong(self.recoded.len()));
            unit.vop_at = u32::try_from(self.recoded.len()).or(too_long)?;
            self.recoded.push(VOP);
            self.recoded.extend_from_slice(&vop);
            unit.vop_len = vop.len() as u32 + 1;
            unit.recoded = true;
        }
        self.units.push(unit);
        Ok(())
    }

    fn finish(mut self) -> Result<(StreamFormat, Index), StreamError> {
        let (layer, _) = self.layer.ok_or(NoHeaders("video object layer"))?;
        let headers = &self.bytes[..self.headers_end.ok_or(NoPicture)?];
        if headers.len() > PARAMETER_SETS_MAX {
            return Err(Damaged { what: "beginning of the stream", at: 0 });
        }
        let recoded_fill = layer.repeat_fill_bytes() as usize;
        let fill = |unit: &Unit| if unit.recoded { recoded_fill } else { 0 };
        let vop_len = |unit: &Unit| unit.vop_len as usize + fill(unit);
        let longest = self.units.iter().map(vop_len).max().ok_or(NoPicture)?;
        self.units.shrink_to_fit();
        self.recoded.shrink_to_fit();
        let format = StreamFormat {
            codec: Codec::Mpeg4,
            width: layer.size_px[0],
            height: layer.size_px[1],
            coded_width: layer.size_px[0].next_multiple_of(16),
            coded_height: layer.size_px[1].next_multiple_of(16),
            signature: headers.into(),
        };
        let spliced_bytes_max = LONG.len() + longest;
        Ok((
            format,
            Index { units: self.units, recoded: self.recoded, recoded_fill, spliced_bytes_max },
        ))
    }
}

/// visual_object_verid (clause 6.2.2), if the visual object names one.
fn version(payload: &[u8]) -> Option<u32> {
    let first = *payload.first()?;
    (first & 0x80 != 0).then_some(u32::from(first >> 3 & 15))
}
