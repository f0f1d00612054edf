//! Feedback, shift and noise in one pass, since each reads a pixel and writes one.

use bytemuck::{Pod, Zeroable};

/// Uniform of `stir.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Stir {
    /// Right and down, wrapped into 0..size.
    pub offset_px: [i32; 2],
    /// Two words of the generation's hash.
    pub noise_key: [u32; 2],
    /// 0 = the decoded picture alone, 65536 = the loop alone.
    pub feedback_q16: i32,
    /// Levels per unit of noise; 0 = none.
    pub noise_q16: i32,
    /// To a multiple of 16 bytes.
    pub unused: [i32; 2],
}
