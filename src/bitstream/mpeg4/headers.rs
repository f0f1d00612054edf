//! The video object layer and the head of a VOP (clauses 6.2.3 and 6.2.5).

use crate::bitstream::{
    bits::{BitReader, BitWriter},
    stream::StreamError::{self, Damaged, Unsupported},
};

/// What is read of a video object layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// Width and height in pixels.
    pub(super) size_px: [u32; 2],
    /// Bits of vop_time_increment, 1..=16.
    pub(super) time_increment_bits: u32,
    /// The data of a VOP are in partitions.
    pub(super) partitioned: bool,
}

impl Layer {
    /// Reads a video object layer from behind its start code; it begins at byte `at` of the stream.
    /// `version` is video_object_layer_verid where the layer does not name its own.
    pub(super) fn parse(payload: &[u8], version: u32, at: usize) -> Result<Self, StreamError> {
        Self::read(&mut BitReader::new(payload, 0), version)
            .ok_or(Damaged { what: "video object layer", at })?
    }

    /// Macroblocks of a picture.
    fn macroblocks(&self) -> u32 {
        self.size_px.iter().map(|size| size.div_ceil(16)).product()
    }

    /// Bytes of 255 before the last byte of a VOP in which every macroblock is skipped. They stand
    /// for most of the macroblocks, a bit each; the seven or more that are left reach back from the
    /// last byte, which holds the zero behind them, over the byte's edge.
    pub(super) fn repeat_fill_bytes(&self) -> u32 {
        self.macroblocks().saturating_sub(7) / 8
    }

    /// `None` where the bits end or a number is out of its range.
    fn read(bits: &mut BitReader<'_>, mut version: u32) -> Option<Result<Self, StreamError>> {
        let unsupported = |what| Some(Err(Unsupported(what)));
        bits.bits(9)?; // random_accessible_vol, video_object_type_indication
        if bits.flag()? {
            version = bits.bits(4)?;
            bits.bits(3)?; // video_object_layer_priority
        }
        if bits.bits(4)? == 15 {
            bits.bits(16)?; // par_width, par_height
        }
        if bits.flag()? {
            bits.bits(3)?; // chroma_format (only 4:2:0 exists), low_delay
            if bits.flag()? {
                bits.bits(32)?; // vbv_parameters: 79 bits
                bits.bits(32)?;
                bits.bits(15)?;
            }
        }
        if bits.bits(2)? != 0 {
            return unsupported("shapes other than rectangles");
        }
        bits.flag().filter(|&marker| marker)?;
        let resolution = bits.bits(16).filter(|&n| n > 0)?;
        // As many bits as 0..resolution needs, at least one.
        let time_increment_bits = (32 - (resolution - 1).leading_zeros()).max(1);
        bits.flag().filter(|&marker| marker)?;
        if bits.flag()? {
            bits.bits(time_increment_bits)?; // fixed_vop_time_increment
        }
        let mut side = || {
            bits.flag().filter(|&marker| marker)?;
            bits.bits(13).filter(|&size| size > 0)
        };
        let size_px = [side()?, side()?];
        bits.flag().filter(|&marker| marker)?;
        if bits.flag()? {
            return unsupported("interlaced pictures");
        }
        bits.flag()?; // obmc_disable
        if bits.bits(if version == 1 { 1 } else { 2 })? != 0 {
            return unsupported("sprites");
        }
        if bits.flag()? {
            return unsupported("samples other than 8 bit 4:2:0");
        }
        if bits.flag()? {
            skip_matrix(bits)?; // intra_quant_mat
            skip_matrix(bits)?; // nonintra_quant_mat
        }
        if version != 1 {
            bits.flag()?; // quarter_sample
        }
        if !bits.flag()? {
            return unsupported("complexity estimation headers");
        }
        bits.flag()?; // resync_marker_disable
        let partitioned = bits.flag()?;
        if partitioned {
            bits.flag()?; // reversible_vlc
        }
        if version != 1 && bits.bits(2)? != 0 {
            return unsupported("new prediction or reduced resolution");
        }
        if bits.flag()? {
            return unsupported("scalability");
        }
        Some(Ok(Self { size_px, time_increment_bits, partitioned }))
    }
}

/// Reads over a quantisation matrix, if one is there: up to 64 bytes, a zero ends it.
fn skip_matrix(bits: &mut BitReader<'_>) -> Option<()> {
    if bits.flag()? {
        for _ in 0..64 {
            if bits.bits(8)? == 0 {
                break;
            }
        }
    }
    Some(())
}

/// What is read of a VOP's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VopHead {
    /// An I-VOP, else a P-VOP.
    pub(super) intra: bool,
    /// vop_coded: `false` means that the picture before is shown again.
    pub(super) coded: bool,
    /// Bits up to vop_coded, which is not among them.
    head_bits: usize,
}

impl VopHead {
    /// Reads the head of a VOP from behind its start code; it begins at byte `at` of the stream.
    pub(super) fn parse(payload: &[u8], layer: &Layer, at: usize) -> Result<Self, StreamError> {
        Self::read(&mut BitReader::new(payload, 0), layer).ok_or(Damaged { what: "VOP", at })?
    }

    fn read(bits: &mut BitReader<'_>, layer: &Layer) -> Option<Result<Self, StreamError>> {
        let intra = match bits.bits(2)? {
            0 => true,
            1 => false,
            2 => return Some(Err(Unsupported("B pictures"))),
            _ => return Some(Err(Unsupported("sprites"))),
        };
        // modulo_time_base: a one for every second that has passed.
        while bits.flag()? {}
        bits.flag().filter(|&marker| marker)?;
        bits.bits(layer.time_increment_bits)?;
        bits.flag().filter(|&marker| marker)?;
        let head_bits = bits.position();
        Some(Ok(Self { intra, coded: bits.flag()?, head_bits }))
    }

    /// A P-VOP that says the same as this VOP, which is not coded: every macroblock is skipped, so
    /// the picture is that before. Decoders give no picture for a VOP that is not coded, but one for
    /// this. Before its last byte belong [`Layer::repeat_fill_bytes`] bytes of 255, which are left
    /// out. `None` if the layer has partitions, whose markers are not written here.
    pub(super) fn coded_repeat(self, payload: &[u8], layer: &Layer) -> Option<Vec<u8>> {
        if layer.partitioned {
            return None;
        }
        let mut writer = BitWriter::default();
        writer.bits(0b01, 2); // vop_coding_type: P
        writer.copy(&mut BitReader::new(payload, 2), self.head_bits)?;
        writer.bits(1, 1); // vop_coded
        writer.bits(0, 1 + 3); // vop_rounding_type, intra_dc_vlc_thr
        writer.bits(1, 5); // vop_quant: nothing is quantised
        writer.bits(1, 3); // vop_fcode_forward
        let left_out = layer.repeat_fill_bytes() * 8;
        for _ in left_out..layer.macroblocks() {
            writer.bits(1, 1); // not_coded
        }
        writer.bits(0, 1); // next_start_code: a zero, then ones
        writer.align_with_ones();
        Some(writer.into_bytes())
    }
}
