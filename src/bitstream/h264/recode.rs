//! Brings idr_pic_id to three bits, once, when a stream is indexed.
//!
//! Two IDR pictures in a row must differ in idr_pic_id (clause 7.4.3), and after a splice any two
//! may be in a row. The field is ue(v), so it cannot always be overwritten: `1` stands for 0. The
//! codes `010` (1) and `011` (2) are equally long, and the splicer takes them in turn.

use super::slice_header::SliceHeader;
use crate::bitstream::{
    bits::{BitReader, BitWriter},
    escape::{Head, cut, escape_into, unescape},
};

/// Bits of idr_pic_id in every slice that can be spliced.
pub(in crate::bitstream) const IDR_PIC_ID_BITS: u32 = 3;

/// Whether the header must be recoded.
pub(super) fn is_needed(header: &SliceHeader) -> bool {
    header.idr && header.idr_pic_id_bits.len() != IDR_PIC_ID_BITS as usize
}

/// Appends the recoded beginning of `nal` (or all of it) to `out`, escaped, and returns how many
/// bytes of `nal` it stands for; the rest follows as it is. `None` if the slice is damaged.
///
/// CABAC data begin at a byte, so they move by whole bytes and only the head is written. CAVLC data
/// move by bits, so the slice is written again.
pub(super) fn recode(nal: &[u8], header: &SliceHeader, out: &mut Vec<u8>) -> Option<usize> {
    let mut writer = BitWriter::default();
    if header.cabac {
        let data_at = header.end.div_ceil(8);
        let taken = cut(nal, data_at)?;
        let head = Head::of(&nal[..taken]);
        write_until(&mut writer, head.as_slice(), header, header.end)?;
        writer.align_with_ones();
        let mut raw = writer.into_bytes();
        raw.extend_from_slice(head.as_slice().get(data_at..)?);
        escape_into(&raw, out);
        Some(taken)
    } else {
        let old = unescape(nal);
        let last = old.iter().rposition(|&byte| byte != 0)?;
        // The last bit set is rbsp_stop_one_bit; zeros fill the byte behind it.
        let end = last * 8 + 8 - old[last].trailing_zeros() as usize;
        write_until(&mut writer, &old, header, end)?;
        escape_into(&writer.into_bytes(), out);
        Some(nal.len())
    }
}

/// Writes the bits of `raw` up to bit `end`, with another idr_pic_id.
fn write_until(writer: &mut BitWriter, raw: &[u8], header: &SliceHeader, end: usize) -> Option<()> {
    writer.copy(&mut BitReader::new(raw, 0), header.idr_pic_id_bits.start)?;
    writer.bits(0b010, IDR_PIC_ID_BITS);
    writer.copy(&mut BitReader::new(raw, header.idr_pic_id_bits.end), end)
}
