//! The index of an Annex B byte stream: access units and their slice NAL units.

use super::{
    parameter_sets::{Pps, Sps},
    recode,
    slice_header::{IDR, SliceHeader},
};
use crate::{
    bitstream::{
        escape::{HEAD_MAX, Head, cut, unescape},
        start_codes::{self, Segment, segments},
        stream::{
            PARAMETER_SETS_MAX,
            StreamError::{self, Damaged, NoHeaders, NoPicture, Unsupported},
        },
    },
    units::{Codec, StreamFormat},
};
use std::ops::Range;

/// Access units and slices of one stream. Offsets fit in 32 bits, since longer streams are refused.
#[derive(Debug)]
pub(in crate::bitstream) struct Index {
    units: Vec<Unit>,
    slices: Vec<SliceNal>,
    /// Slices, or beginnings of slices, that had to be written again.
    recoded: Vec<u8>,
    /// All picture parameter sets with their start codes.
    pps: Box<[u8]>,
    frame_num_bits: u32,
    poc_lsb_bits: u32,
    spliced_bytes_max: usize,
}

/// One access unit.
#[derive(Debug)]
struct Unit {
    /// First byte in the stream.
    at: u32,
    /// Its first slice.
    first_slice: u32,
}

/// One slice NAL unit: a head that the splicer rewrites and a tail that it copies, both escaped.
#[derive(Debug)]
pub(in crate::bitstream) struct SliceNal {
    head_at: u32,
    tail_at: u32,
    tail_len: u32,
    head_len: u8,
    /// First bit of frame_num, in the unescaped NAL unit. Behind it lie idr_pic_id (three bits, in
    /// IDR pictures) and pic_order_cnt_lsb (where there is one).
    pub(in crate::bitstream) frame_num_bit: u8,
    /// It belongs to an IDR picture.
    idr: bool,
    place: Place,
}

/// Where the parts of a slice lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Both in the stream.
    Stream,
    /// The head among what was recoded, the tail in the stream.
    HeadRecoded,
    /// Both among what was recoded.
    Recoded,
}

impl Index {
    pub(in crate::bitstream) fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether access unit `unit` is an IDR picture.
    pub(in crate::bitstream) fn is_intra(&self, unit: usize) -> bool {
        self.slices(unit).first().is_some_and(|slice| slice.idr)
    }

    /// Where access unit `unit` lies in the stream, which has `len` bytes; empty beyond the end.
    pub(in crate::bitstream) fn range(&self, unit: usize, len: usize) -> Range<usize> {
        let at = |unit: usize| self.units.get(unit).map_or(len, |unit| unit.at as usize);
        at(unit)..at(unit.saturating_add(1))
    }

    /// The slices of access unit `unit`; none beyond the end.
    pub(in crate::bitstream) fn slices(&self, unit: usize) -> &[SliceNal] {
        let Some(this) = self.units.get(unit) else { return &[] };
        let end = self.units.get(unit + 1).map_or(self.slices.len(), |u| u.first_slice as usize);
        self.slices.get(this.first_slice as usize..end).unwrap_or_default()
    }

    /// Head and tail of a slice of this index, which is that of the stream `bytes`.
    pub(in crate::bitstream) fn parts<'a>(
        &'a self,
        bytes: &'a [u8],
        slice: &SliceNal,
    ) -> (&'a [u8], &'a [u8]) {
        let (head, tail) = match slice.place {
            Place::Stream => (bytes, bytes),
            Place::HeadRecoded => (&self.recoded[..], bytes),
            Place::Recoded => (&self.recoded[..], &self.recoded[..]),
        };
        let part = |of: &'a [u8], at: u32, len: usize| {
            of.get(at as usize..at as usize + len).unwrap_or_default()
        };
        (
            part(head, slice.head_at, usize::from(slice.head_len)),
            part(tail, slice.tail_at, slice.tail_len as usize),
        )
    }

    /// All picture parameter sets with their start codes.
    pub(in crate::bitstream) fn pps(&self) -> &[u8] {
        &self.pps
    }

    /// Bits of frame_num, 4..=16.
    pub(in crate::bitstream) fn frame_num_bits(&self) -> u32 {
        self.frame_num_bits
    }

    /// Bits of pic_order_cnt_lsb, 4..=16, or 0 where there is none.
    pub(in crate::bitstream) fn poc_lsb_bits(&self) -> u32 {
        self.poc_lsb_bits
    }

    /// The most bytes a spliced access unit takes, without the SPS.
    pub(in crate::bitstream) fn spliced_bytes_max(&self) -> usize {
        self.spliced_bytes_max
    }

    /// Heap memory of the index in bytes.
    pub(in crate::bitstream) fn memory_bytes(&self) -> usize {
        self.units.capacity() * size_of::<Unit>()
            + self.slices.capacity() * size_of::<SliceNal>()
            + self.recoded.capacity()
            + self.pps.len()
    }
}

/// Indexes the stream `bytes`.
pub(in crate::bitstream) fn index(bytes: &[u8]) -> Result<(StreamFormat, Index), StreamError> {
    let mut indexer = Indexer::new(bytes);
    for segment in segments(bytes) {
        indexer.take(&segment)?;
    }
    indexer.finish()
}

/// What is known while the NAL units go by.
struct Indexer<'a> {
    bytes: &'a [u8],
    sps: Option<(Sps, &'a [u8])>,
    pps: Vec<Pps>,
    pps_nals: Vec<&'a [u8]>,
    units: Vec<Unit>,
    slices: Vec<SliceNal>,
    recoded: Vec<u8>,
    /// The header of the slice before.
    before: Option<SliceHeader>,
    /// Where the next access unit begins, if something that can only stand before one was seen.
    next_unit_at: Option<usize>,
}

impl<'a> Indexer<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            sps: None,
            pps: Vec::new(),
            pps_nals: Vec::new(),
            units: Vec::new(),
            slices: Vec::new(),
            recoded: Vec::new(),
            before: None,
            // Whatever the stream begins with belongs to its first access unit.
            next_unit_at: Some(0),
        }
    }

    /// Takes the next NAL unit in.
    fn take(&mut self, segment: &Segment) -> Result<(), StreamError> {
        let nal = &self.bytes[segment.payload.clone()];
        let at = segment.payload.start;
        if nal[0] & 0x80 != 0 {
            return Err(Damaged { what: "NAL unit", at });
        }
        // Table 7-1: NAL unit types.
        match nal[0] & 31 {
            1 | IDR => return self.take_slice(nal, segment),
            2..=4 => return Err(Unsupported("data partitioning")),
            7 => self.take_sps(nal, at)?,
            8 => self.take_pps(nal, at)?,
            6 | 9 | 14..=18 => {}
            // End of sequence or stream, filler, and what a decoder of these profiles ignores: they
            // end no access unit and are not spliced.
            _ => return Ok(()),
        }
        self.next_unit_at.get_or_insert(segment.begin);
        Ok(())
    }

    fn take_sps(&mut self, nal: &'a [u8], at: usize) -> Result<(), StreamError> {
        match &self.sps {
            Some((_, known)) if *known == nal => Ok(()),
            Some(_) => Err(Unsupported("sequence parameter sets that change")),
            None if nal.len() > PARAMETER_SETS_MAX => {
                Err(Damaged { what: "sequence parameter set", at })
            }
            None => {
                self.sps = Some((Sps::parse(&unescape(nal), at)?, nal));
                Ok(())
            }
        }
    }

    fn take_pps(&mut self, nal: &'a [u8], at: usize) -> Result<(), StreamError> {
        if self.pps_nals.contains(&nal) {
            return Ok(());
        }
        let pps = Pps::parse(&unescape(nal), at)?;
        if self.pps.iter().any(|known| known.id == pps.id) {
            return Err(Unsupported("picture parameter sets that change"));
        }
        self.pps.push(pps);
        self.pps_nals.push(nal);
        Ok(())
    }

    fn take_slice(&mut self, nal: &[u8], segment: &Segment) -> Result<(), StreamError> {
        let at = segment.payload.start;
        let Some((sps, _)) = &self.sps else {
            return Err(NoHeaders("sequence parameter set"));
        };
        let header = SliceHeader::parse(&Head::of(nal), sps, &self.pps, at)?;
        let is_first =
            self.before.as_ref().is_none_or(|before| header.begins_picture_after(before));
        if is_first || self.next_unit_at.is_some() {
            if header.first_mb != 0 {
                return Err(Damaged { what: "beginning of a picture", at });
            }
            let at = self.next_unit_at.take().unwrap_or(segment.begin);
            self.units.push(Unit { at: at as u32, first_slice: self.slices.len() as u32 });
        }
        let slice = self.slice(nal, at, &header).ok_or(Damaged { what: "slice", at })?;
        self.slices.push(slice);
        self.before = Some(header);
        Ok(())
    }

    /// The index entry of a slice; recodes it where its header asks for that.
    fn slice(&mut self, nal: &[u8], at: usize, header: &SliceHeader) -> Option<SliceNal> {
        let (mut rewritten_end, mut place) = (header.rewritten_end, Place::Stream);
        let (mut head_nal, mut base, mut tail) = (nal, at, None);
        if recode::is_needed(header) {
            base = self.recoded.len();
            let taken = recode::recode(nal, header, &mut self.recoded)?;
            u32::try_from(self.recoded.len()).ok()?;
            head_nal = &self.recoded[base..];
            rewritten_end += recode::IDR_PIC_ID_BITS as usize;
            rewritten_end -= header.idr_pic_id_bits.len();
            place = Place::Recoded;
            if header.cabac {
                place = Place::HeadRecoded;
                tail = Some((head_nal.len(), at + taken, nal.len() - taken));
            }
        }
        // A CABAC head was recoded up to its cut; elsewhere the cut is just behind the header.
        let (head_len, tail_at, tail_len) = match tail {
            Some(parts) => parts,
            None => {
                let head_len = cut(head_nal, rewritten_end.div_ceil(8))?;
                (head_len, base + head_len, head_nal.len() - head_len)
            }
        };
        if head_len > HEAD_MAX {
            return None;
        }
        Some(SliceNal {
            head_at: base as u32,
            tail_at: tail_at as u32,
            tail_len: tail_len as u32,
            head_len: u8::try_from(head_len).ok()?,
            frame_num_bit: u8::try_from(header.frame_num_bit).ok()?,
            idr: header.idr,
            place,
        })
    }

    fn finish(mut self) -> Result<(StreamFormat, Index), StreamError> {
        let (sps, sps_nal) = self.sps.ok_or(NoHeaders("sequence parameter set"))?;
        if self.units.is_empty() {
            return Err(NoPicture);
        }
        if self.pps.iter().any(|pps| pps.sps_id != sps.id) {
            return Err(NoHeaders("sequence parameter set that its picture parameter sets name"));
        }
        let pps = self
            .pps_nals
            .iter()
            .flat_map(|nal| [&start_codes::LONG[..], nal])
            .collect::<Vec<_>>()
            .concat();
        if pps.len() > PARAMETER_SETS_MAX {
            return Err(Unsupported("more picture parameter sets than any encoder needs"));
        }
        self.units.shrink_to_fit();
        self.slices.shrink_to_fit();
        self.recoded.shrink_to_fit();
        let mut index = Index {
            units: self.units,
            slices: self.slices,
            recoded: self.recoded,
            pps: pps.into(),
            frame_num_bits: sps.frame_num_bits,
            poc_lsb_bits: sps.poc_lsb_bits,
            spliced_bytes_max: 0,
        };
        index.spliced_bytes_max = index.longest_splice();
        let format = StreamFormat {
            codec: Codec::H264,
            width: sps.size_px[0],
            height: sps.size_px[1],
            coded_width: sps.size_mbs[0] * 16,
            coded_height: sps.size_mbs[1] * 16,
            signature: sps_nal.into(),
        };
        Ok((format, index))
    }
}

impl Index {
    /// Computes [`Index::spliced_bytes_max`].
    fn longest_splice(&self) -> usize {
        let code = start_codes::LONG.len();
        let slice = |slice: &SliceNal| {
            // Every third byte of a new head may need an escape.
            let head = usize::from(slice.head_len);
            code + head + head / 2 + 1 + slice.tail_len as usize
        };
        let unit = |unit| self.slices(unit).iter().map(slice).sum::<usize>();
        code + self.pps.len() + (0..self.len()).map(unit).max().unwrap_or(0)
    }
}
