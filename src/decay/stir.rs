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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::{
        feedback::fed_back,
        fixed::ONE_Q16,
        noise::{noise_q16, noisy},
        plan::Pass,
        shift::shifted,
        testing::{assert_same, rig, test_picture},
    };

    #[test]
    fn the_shader_is_feedback_then_shift_then_noise() {
        let Some(rig) = rig() else { return };
        let (worn, decoded) = (test_picture(70, 46, 1), test_picture(70, 46, 2));
        for feedback_q16 in [0, 1, 20_000, 65_535, ONE_Q16] {
            for (offset_px, noise_q16) in [([0, 0], 0), ([69, 3], 0), ([5, 45], noise_q16(9.0))] {
                let noise_key = [0xdead_beef, 3];
                let unused = [0; 2];
                let uniform = Stir { offset_px, noise_key, feedback_q16, noise_q16, unused };
                let mixed = fed_back(&decoded, &worn, feedback_q16);
                let moved = shifted(&mixed, offset_px.map(i64::from));
                let wanted = noisy(&moved, noise_key, noise_q16);
                assert_same(&rig.run(Pass::Stir, &uniform, &worn, &decoded), &wanted);
            }
        }
    }
}
