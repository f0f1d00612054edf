//! The slice header (clause 7.3.3): which fields a splice rewrites, and where they lie.

use super::parameter_sets::{Pps, Sps};
use crate::bitstream::{
    bits::BitReader,
    escape::Head,
    stream::StreamError::{self, Damaged, Unsupported},
};
use std::ops::Range;

/// NAL unit type of a slice of an IDR picture.
pub(super) const IDR: u8 = 5;

/// What is read of a slice header. Bits are counted from the NAL unit's first, unescaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SliceHeader {
    /// first_mb_in_slice.
    pub(super) first_mb: u32,
    /// The slice belongs to an IDR picture.
    pub(super) idr: bool,
    /// It is CABAC coded.
    pub(super) cabac: bool,
    /// frame_num.
    pub(super) frame_num: u32,
    /// Its first bit.
    pub(super) frame_num_bit: usize,
    /// idr_pic_id; 0 in other pictures.
    pub(super) idr_pic_id: u32,
    /// Its bits; empty in other pictures.
    pub(super) idr_pic_id_bits: Range<usize>,
    /// pic_order_cnt_lsb; 0 where there is none.
    pub(super) poc_lsb: u32,
    /// First bit behind the last field that a splice rewrites.
    pub(super) rewritten_end: usize,
    /// First bit of the slice data.
    pub(super) end: usize,
}

impl SliceHeader {
    /// Reads the header of a slice NAL unit (type 1 or 5) that begins at byte `at` of the stream.
    pub(super) fn parse(
        head: &Head,
        sps: &Sps,
        pps: &[Pps],
        at: usize,
    ) -> Result<Self, StreamError> {
        Self::read(head.as_slice(), sps, pps).ok_or(Damaged { what: "slice header", at })?
    }

    /// Whether a slice with this header begins another picture than the one with `before` belongs
    /// to (clause 7.4.1.2.4, for what is accepted here).
    pub(super) fn begins_picture_after(&self, before: &Self) -> bool {
        let key = |h: &Self| (h.idr, h.frame_num, h.idr_pic_id, h.poc_lsb);
        self.first_mb == 0 || key(self) != key(before)
    }

    /// `None` where the bits end or a number is out of its range.
    fn read(raw: &[u8], sps: &Sps, pps: &[Pps]) -> Option<Result<Self, StreamError>> {
        let unsupported = |what| Some(Err(Unsupported(what)));
        let first = *raw.first()?;
        let idr = first & 31 == IDR;
        if first >> 5 & 3 == 0 {
            return unsupported("pictures that are not references");
        }
        let mut bits = BitReader::new(raw, 8);
        let first_mb = bits.ue().filter(|&mb| mb < sps.size_mbs[0] * sps.size_mbs[1])?;
        let predicted = match bits.ue()? {
            0 | 5 => true,
            2 | 7 => false,
            1 | 6 => return unsupported("B pictures"),
            3 | 4 | 8 | 9 => return unsupported("switching pictures"),
            _ => return None,
        };
        if idr && predicted {
            return None;
        }
        let pps_id = bits.ue()?;
        let pps = pps.iter().find(|pps| pps.id == pps_id)?;
        let frame_num_bit = bits.position();
        let frame_num = bits.bits(sps.frame_num_bits)?;
        let idr_at = bits.position();
        let idr_pic_id = if idr { bits.ue().filter(|&id| id < 65536)? } else { 0 };
        let idr_pic_id_bits = idr_at..bits.position();
        let poc_lsb = bits.bits(sps.poc_lsb_bits)?;
        let rewritten_end = bits.position();
        if sps.poc_lsb_bits > 0 && pps.bottom_poc_present {
            bits.se()?; // delta_pic_order_cnt_bottom: relative, so it stays true
        }
        if predicted {
            let references = if bits.flag()? { bits.ue()?.checked_add(1)? } else { pps.references };
            if references > 1 {
                return unsupported("more than one reference picture");
            }
            // One command is let through, since some encoders always send it: to begin the list
            // with the picture one frame_num before (0, 0), then end (3). That stays true.
            if bits.flag()? && [bits.ue()?, bits.ue()?, bits.ue()?] != [0, 0, 3] {
                return unsupported("reference list commands");
            }
            if pps.weighted {
                skip_weights(&mut bits)?;
            }
        }
        let marking = if idr { bits.bits(2)? & 1 } else { bits.bits(1)? };
        if marking == 1 {
            return unsupported("memory management commands");
        }
        if pps.cabac && predicted {
            bits.ue()?; // cabac_init_idc
        }
        bits.se()?; // slice_qp_delta
        if pps.deblocking_control && bits.ue()? != 1 {
            bits.se()?; // slice_alpha_c0_offset_div2
            bits.se()?; // slice_beta_offset_div2
        }
        Some(Ok(Self {
            first_mb,
            idr,
            cabac: pps.cabac,
            frame_num,
            frame_num_bit,
            idr_pic_id,
            idr_pic_id_bits,
            poc_lsb,
            rewritten_end,
            end: bits.position(),
        }))
    }
}

/// Reads over the prediction weights of one reference picture (clause 7.3.3.2).
fn skip_weights(bits: &mut BitReader<'_>) -> Option<()> {
    bits.ue()?; // luma_log2_weight_denom
    bits.ue()?; // chroma_log2_weight_denom
    for numbers in [2, 4] {
        if bits.flag()? {
            for _ in 0..numbers {
                bits.se()?;
            }
        }
    }
    Some(())
}
