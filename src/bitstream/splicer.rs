//! Joins access units, in any order, into the one stream that a running decoder sees.

use super::{
    bits::overwrite,
    escape::{Head, escape_into},
    h264::{self, IDR_PIC_ID_BITS},
    mpeg4,
    start_codes::LONG,
    stream::{Index, PARAMETER_SETS_MAX, Stream},
};
use crate::units::{AccessUnitIndex, Codec};

/// Follows the stream of one running decoder and makes the next access unit legal in it.
///
/// H.264: frame_num goes up by one with every picture and starts again at an IDR (clause 7.4.3), so
/// no decoder misses a picture; so does pic_order_cnt_lsb, by two, where there is one; two IDR
/// pictures in a row differ in idr_pic_id. Parameter sets go with every IDR, and the picture
/// parameter sets also where another stream with others takes over. SEI and delimiters stay away.
///
/// MPEG-4 part 2 has no such counters: VOPs are joined as they are, with the headers before the
/// first one and where the format changes.
#[derive(Clone, Debug)]
pub struct Splicer {
    /// What the decoder runs on; `None` before its first access unit.
    running: Option<Codec>,
    /// Signature of the format in force.
    signature: Vec<u8>,
    /// Picture parameter sets in force.
    pps: Vec<u8>,
    /// frame_num of the next predicted picture, before it is cut to its bits.
    frame_num: u32,
    /// pic_order_cnt_lsb of the picture before, before it is cut to its bits.
    poc_lsb: u32,
    /// idr_pic_id of the IDR picture before: 1 or 2.
    idr_pic_id: u32,
}

impl Default for Splicer {
    fn default() -> Self {
        Self::new()
    }
}

impl Splicer {
    /// For a new decoder.
    pub fn new() -> Self {
        Self {
            running: None,
            // As long as they can be, so that nothing is allocated later.
            signature: Vec::with_capacity(PARAMETER_SETS_MAX),
            pps: Vec::with_capacity(PARAMETER_SETS_MAX),
            frame_num: 0,
            poc_lsb: 0,
            idr_pic_id: 2,
        }
    }

    /// A new decoder takes over: the next access unit must be intra.
    pub fn reset(&mut self) {
        self.running = None;
    }

    /// Whether any access unit of `stream` may follow, as far as the format goes: it is that of what
    /// runs, or nothing runs yet (and the first must be intra).
    pub fn can_follow(&self, stream: &Stream) -> bool {
        self.running.is_none_or(|codec| {
            let format = stream.format();
            codec == format.codec && *self.signature == *format.signature
        })
    }

    /// Appends access unit `unit` of `stream` to `out`, made legal after all that came before.
    ///
    /// Allocates only if `out` has less than [`Stream::spliced_bytes_max`] bytes left.
    ///
    /// # Errors
    /// There is no such access unit; the first is not intra; another format begins elsewhere than at
    /// an intra picture, or in another coding. Nothing is appended then, and what runs goes on.
    pub fn splice(
        &mut self,
        stream: &Stream,
        unit: AccessUnitIndex,
        out: &mut Vec<u8>,
    ) -> Result<(), SpliceError> {
        let len = stream.len();
        if unit.0 as usize >= len {
            return Err(SpliceError::NoSuchUnit { unit: unit.0, len });
        }
        let intra = stream.is_intra(unit);
        let follows = self.can_follow(stream);
        let codec = stream.format().codec;
        match self.running {
            None if !intra => return Err(SpliceError::NotIntra),
            Some(running) if running != codec || !follows && !intra => {
                return Err(SpliceError::FormatChange);
            }
            _ => {}
        }
        let starts = self.running.is_none() || !follows;
        if starts {
            self.running = Some(codec);
            self.signature.clear();
            self.signature.extend_from_slice(&stream.format().signature);
        }
        match stream.index() {
            Index::H264(index) => self.splice_h264(stream, index, unit.0 as usize, intra, out),
            Index::Mpeg4(index) => splice_mpeg4(stream, index, unit.0 as usize, starts, out),
        }
        Ok(())
    }

    fn splice_h264(
        &mut self,
        stream: &Stream,
        index: &h264::Index,
        unit: usize,
        idr: bool,
        out: &mut Vec<u8>,
    ) {
        if idr {
            out.extend_from_slice(&LONG);
            out.extend_from_slice(&stream.format().signature);
            self.frame_num = 0;
            self.poc_lsb = 0;
            self.idr_pic_id = 3 - self.idr_pic_id;
        } else {
            self.poc_lsb = self.poc_lsb.wrapping_add(2);
        }
        if idr || self.pps != index.pps() {
            out.extend_from_slice(index.pps());
            self.pps.clear();
            self.pps.extend_from_slice(index.pps());
        }
        let (frame_num_bits, poc_lsb_bits) = (index.frame_num_bits(), index.poc_lsb_bits());
        for slice in index.slices(unit) {
            let (head, tail) = index.parts(stream.bytes(), slice);
            let mut head = Head::of(head);
            let mut at = usize::from(slice.frame_num_bit);
            overwrite(&mut head.bytes, at, frame_num_bits, self.frame_num);
            at += frame_num_bits as usize;
            if idr {
                // ue(v) of 1 and 2: `010` and `011`.
                overwrite(&mut head.bytes, at, IDR_PIC_ID_BITS, self.idr_pic_id + 1);
                at += IDR_PIC_ID_BITS as usize;
            }
            if poc_lsb_bits > 0 {
                overwrite(&mut head.bytes, at, poc_lsb_bits, self.poc_lsb);
            }
            out.extend_from_slice(&LONG);
            escape_into(head.as_slice(), out);
            out.extend_from_slice(tail);
        }
        // Every picture that parses is a reference.
        self.frame_num = self.frame_num.wrapping_add(1);
    }
}

fn splice_mpeg4(
    stream: &Stream,
    index: &mpeg4::Index,
    unit: usize,
    starts: bool,
    out: &mut Vec<u8>,
) {
    if starts {
        out.extend_from_slice(&stream.format().signature);
    }
    out.extend_from_slice(&LONG[1..]);
    index.append_vop(stream.bytes(), unit, out);
}

/// Why an access unit cannot be next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// A decoder starts with an intra picture; on another it would show garbage.
    #[error("the first access unit fed to a decoder must be intra: feed an intra picture first")]
    NotIntra,
    /// The stream has other parameter sets than what runs.
    #[error(
        "the stream has another format than the running decoder: start at an intra picture of the \
         same coding, or reset with a new decoder"
    )]
    FormatChange,
    /// Beyond the end.
    #[error("there is no access unit {unit} in a stream of {len}")]
    NoSuchUnit {
        /// The access unit asked for.
        unit: u32,
        /// How many there are.
        len: usize,
    },
}
