//! Ready-made settings by how long damage lives in their streams; see [`Mosh`] for the figures.

use crate::clip::{Encoder, Mosh};

/// Options of an encoder by their own names, or nothing where none were measured.
pub(super) const fn options(
    encoder: Encoder,
    mosh: Mosh,
) -> Option<&'static [(&'static str, &'static str)]> {
    match (encoder, mosh) {
        (Encoder::Libx264, Mosh::Soft) => Some(&[("qp", "20")]),
        (Encoder::Libx264, Mosh::Hard) => Some(&[("psy", "0")]),
        (Encoder::Libx264, Mosh::Forever) => Some(&[("psy", "0"), ("constrained-intra", "1")]),
        (Encoder::Mpeg4, Mosh::Soft) => Some(&[("qscale", "3")]),
        (Encoder::Mpeg4, Mosh::Hard) => Some(&[("qscale", "8")]),
        (Encoder::Mpeg4, Mosh::Forever) => Some(&[("qscale", "16")]),
        _ => None,
    }
}
