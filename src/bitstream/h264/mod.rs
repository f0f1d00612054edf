//! H.264 (ITU-T H.264 | ISO/IEC 14496-10), as far as splicing needs it: parameter sets, slice
//! headers, the index of a byte stream. Clause numbers are those of the edition of 08/2021.

mod index;
mod parameter_sets;
mod recode;
mod slice_header;

pub(super) use index::{Index, index};
pub(super) use recode::IDR_PIC_ID_BITS;
