//! Ready-made settings by how long damage lives in their streams; see [`Mosh`] for the figures.

use crate::clip::{Encoder, Mosh};

/// Options of an encoder by their own names, or nothing where none were measured.
pub(super) const fn options(
    encoder: Encoder,
    mosh: Mosh,
) -> Option<&'static [(&'static str, &'static str)]> {
    match (encoder, mosh) {
        // Columns of intra blocks wander over the picture, so even what does not move heals.
        (Encoder::Libx264, Mosh::Soft) => Some(&[("intra-refresh", "1")]),
        // Intra blocks may only be predicted from intra blocks, so few of them pay.
        (Encoder::Libx264, Mosh::Hard) => Some(&[("psy", "0"), ("constrained-intra", "1")]),
        // Motion is searched for far and wide, and hardly an intra block is left.
        (Encoder::Libx264, Mosh::Forever) => Some(&[
            ("psy", "0"),
            ("constrained-intra", "1"),
            ("subme", "1"),
            ("partitions", "p8x8"),
            ("me", "umh"),
            ("merange", "64"),
        ]),
        // What moves farther than this is coded as intra blocks, which cost nothing more here.
        (Encoder::Mpeg4, Mosh::Soft) => {
            Some(&[("qscale", "3"), ("intra-penalty", "0"), ("me-range", "16")])
        }
        (Encoder::Mpeg4, Mosh::Hard) => Some(&[("qscale", "8")]),
        // Coarse residuals bring little of the clip's own picture back.
        (Encoder::Mpeg4, Mosh::Forever) => Some(&[("qscale", "16")]),
        _ => None,
    }
}
