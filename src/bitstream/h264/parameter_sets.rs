//! Sequence and picture parameter sets (clauses 7.3.2.1 and 7.3.2.2): what slice headers depend on.

use crate::bitstream::{bits::BitReader, stream::StreamError};

/// What is read of a sequence parameter set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sps {
    /// seq_parameter_set_id.
    pub(super) id: u32,
    /// Bits of frame_num, 4..=16.
    pub(super) frame_num_bits: u32,
    /// Bits of pic_order_cnt_lsb, 4..=16; 0 where the slice header has none (type 2).
    pub(super) poc_lsb_bits: u32,
    /// Size as coded, in macroblocks of 16 x 16 pixels, each 1..=1024.
    pub(super) size_mbs: [u32; 2],
    /// Size after cropping, in pixels.
    pub(super) size_px: [u32; 2],
}

/// The largest width and height in macroblocks; level 6.2 allows fewer.
const SIZE_MBS_MAX: u32 = 1024;

/// Profiles whose SPS names chroma format, bit depth and scaling matrices (clause 7.3.2.1.1).
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

impl Sps {
    /// Reads an unescaped SPS NAL unit that begins at byte `at` of the stream.
    pub(super) fn parse(raw: &[u8], at: usize) -> Result<Self, StreamError> {
        let damaged = StreamError::Damaged { what: "sequence parameter set", at };
        Self::read(&mut BitReader::new(raw, 8)).ok_or(damaged)?
    }

    /// `None` where the bits end or a number is out of its range.
    fn read(bits: &mut BitReader<'_>) -> Option<Result<Self, StreamError>> {
        let unsupported = |what| Some(Err(StreamError::Unsupported(what)));
        let profile = bits.bits(8)?;
        bits.bits(16)?; // constraint flags, level
        let id = bits.ue().filter(|&id| id < 32)?;
        if HIGH_PROFILES.contains(&profile) {
            let (chroma_format, luma_depth, chroma_depth) = (bits.ue()?, bits.ue()?, bits.ue()?);
            if [chroma_format, luma_depth, chroma_depth] != [1, 0, 0] {
                return unsupported("samples other than 8 bit 4:2:0");
            }
            bits.flag()?; // qpprime_y_zero_transform_bypass_flag
            if bits.flag()? {
                skip_scaling_lists(bits, 8)?;
            }
        }
        let frame_num_bits = bits.ue().filter(|&n| n <= 12)? + 4;
        let poc_lsb_bits = match bits.ue()? {
            0 => bits.ue().filter(|&n| n <= 12)? + 4,
            1 => return unsupported("picture order count type 1"),
            2 => 0,
            _ => return None,
        };
        if bits.ue()? > 1 {
            return unsupported("more than one reference picture");
        }
        bits.flag()?; // gaps_in_frame_num_value_allowed_flag: the spliced stream has no gaps
        let mut side = || bits.ue().filter(|&n| n < SIZE_MBS_MAX).map(|n| n + 1);
        let size_mbs = [side()?, side()?];
        if !bits.flag()? {
            return unsupported("interlaced pictures");
        }
        bits.flag()?; // direct_8x8_inference_flag
        let mut size_px = [size_mbs[0] * 16, size_mbs[1] * 16];
        if bits.flag()? {
            for size in &mut size_px {
                // In units of two pixels, since chroma is half as wide and high.
                let crop = bits.ue()?.checked_add(bits.ue()?)?.checked_mul(2)?;
                *size = size.checked_sub(crop).filter(|&size| size > 0)?;
            }
        }
        bits.flag()?; // vui_parameters_present_flag
        Some(Ok(Self { id, frame_num_bits, poc_lsb_bits, size_mbs, size_px }))
    }
}

/// Reads over the scaling lists of an SPS (clause 7.3.2.1.1.1): `lists` flags, each with a list.
fn skip_scaling_lists(bits: &mut BitReader<'_>, lists: usize) -> Option<()> {
    for list in 0..lists {
        if bits.flag()? {
            let (mut last, mut next) = (8_i64, 8_i64);
            for _ in 0..if list < 6 { 16 } else { 64 } {
                if next != 0 {
                    next = (last + bits.se()?).rem_euclid(256);
                }
                last = if next == 0 { last } else { next };
            }
        }
    }
    Some(())
}

/// What is read of a picture parameter set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pps {
    /// pic_parameter_set_id, 0..=255.
    pub(super) id: u32,
    /// The SPS it belongs to.
    pub(super) sps_id: u32,
    /// entropy_coding_mode_flag: CABAC, else CAVLC.
    pub(super) cabac: bool,
    /// bottom_field_pic_order_in_frame_present_flag.
    pub(super) bottom_poc_present: bool,
    /// weighted_pred_flag.
    pub(super) weighted: bool,
    /// deblocking_filter_control_present_flag.
    pub(super) deblocking_control: bool,
    /// num_ref_idx_l0_default_active_minus1 + 1.
    pub(super) references: u32,
}

impl Pps {
    /// Reads an unescaped PPS NAL unit that begins at byte `at` of the stream.
    pub(super) fn parse(raw: &[u8], at: usize) -> Result<Self, StreamError> {
        let damaged = StreamError::Damaged { what: "picture parameter set", at };
        Self::read(&mut BitReader::new(raw, 8)).ok_or(damaged)?
    }

    /// `None` where the bits end or a number is out of its range.
    fn read(bits: &mut BitReader<'_>) -> Option<Result<Self, StreamError>> {
        let id = bits.ue().filter(|&id| id < 256)?;
        let sps_id = bits.ue().filter(|&id| id < 32)?;
        let cabac = bits.flag()?;
        let bottom_poc_present = bits.flag()?;
        if bits.ue()? > 0 {
            return Some(Err(StreamError::Unsupported("slice groups")));
        }
        let references = bits.ue().filter(|&n| n < 32)? + 1;
        bits.ue()?; // num_ref_idx_l1_default_active_minus1: for B pictures only
        let weighted = bits.flag()?;
        bits.bits(2)?; // weighted_bipred_idc: for B pictures only
        bits.se()?; // pic_init_qp_minus26
        bits.se()?; // pic_init_qs_minus26
        bits.se()?; // chroma_qp_index_offset
        let deblocking_control = bits.flag()?;
        bits.flag()?; // constrained_intra_pred_flag
        if bits.flag()? {
            return Some(Err(StreamError::Unsupported("redundant pictures")));
        }
        Some(Ok(Self {
            id,
            sps_id,
            cabac,
            bottom_poc_present,
            weighted,
            deblocking_control,
            references,
        }))
    }
}
