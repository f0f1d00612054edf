//! The 8x8 transform of JPEG in whole numbers: libjpeg's "islow" method, bit for bit.
//!
//! Written after jfdctint.c, jidctint.c and jcdctmgr.c, as is `dct.wgsl`. Pure.

/// Samples of a block, and its coefficients.
pub const BLOCK: usize = 64;

/// Quantised coefficients (counts of steps, raster order) of samples -128..=127 in raster order.
/// `table` holds steps of 1..=255.
pub fn quantised(mut block: [i32; BLOCK], table: &[i32; BLOCK]) -> [i32; BLOCK] {
    for row in 0..8 {
        forward(&mut block, row * 8, 1, true);
    }
    for column in 0..8 {
        forward(&mut block, column, 8, false);
    }
    // The transform's results are eight times too large; the quantiser divides that away.
    std::array::from_fn(|i| block[i].signum() * ((block[i].abs() + 4 * table[i]) / (8 * table[i])))
}

/// Samples 0..=255 of quantised coefficients. Values outside are limited as libjpeg-turbo's SIMD
/// code does; its C code looks them up in a table that limits to the same up to 384 levels outside.
pub fn samples(counts: &[i32; BLOCK], table: &[i32; BLOCK]) -> [i32; BLOCK] {
    let mut block: [i32; BLOCK] = std::array::from_fn(|i| counts[i] * table[i]);
    for column in 0..8 {
        inverse(&mut block, column, 8, 11);
    }
    for row in 0..8 {
        inverse(&mut block, row * 8, 1, 18);
    }
    block.map(|sample| (sample + 128).clamp(0, 255))
}

/// Division by a power of two, halves up.
pub fn descale(x: i32, bits: u32) -> i32 {
    (x + (1 << (bits - 1))) >> bits
}

fn forward(block: &mut [i32; 64], start: usize, stride: usize, is_row: bool) {
    let x: [i32; 8] = std::array::from_fn(|i| block[start + i * stride]);
    let sum: [i32; 4] = std::array::from_fn(|i| x[i] + x[7 - i]);
    let [t7, t6, t5, t4]: [i32; 4] = std::array::from_fn(|i| x[i] - x[7 - i]);
    let (t10, t13) = (sum[0] + sum[3], sum[0] - sum[3]);
    let (t11, t12) = (sum[1] + sum[2], sum[1] - sum[2]);
    let bits = if is_row { 11 } else { 15 };
    let whole = |value: i32| if is_row { value << 2 } else { descale(value, 2) };
    let z1 = (t12 + t13) * 4433;
    let z5 = (t4 + t6 + t5 + t7) * 9633;
    let (a, b) = (-(t4 + t7) * 7373, -(t5 + t6) * 20995);
    let (c, d) = (-(t4 + t6) * 16069 + z5, -(t5 + t7) * 3196 + z5);
    let result = [
        whole(t10 + t11),
        descale(t7 * 12299 + a + d, bits),
        descale(z1 + t13 * 6270, bits),
        descale(t6 * 25172 + b + c, bits),
        whole(t10 - t11),
        descale(t5 * 16819 + b + d, bits),
        descale(z1 - t12 * 15137, bits),
        descale(t4 * 2446 + a + c, bits),
    ];
    for (i, value) in result.into_iter().enumerate() {
        block[start + i * stride] = value;
    }
}

fn inverse(block: &mut [i32; 64], start: usize, stride: usize, bits: u32) {
    let x: [i32; 8] = std::array::from_fn(|i| block[start + i * stride]);
    let z1 = (x[2] + x[6]) * 4433;
    let (t2, t3) = (z1 - x[6] * 15137, z1 + x[2] * 6270);
    let (t0, t1) = ((x[0] + x[4]) << 13, (x[0] - x[4]) << 13);
    let even = [t0 + t3, t1 + t2, t1 - t2, t0 - t3];
    let (a, b, c, d) = (x[7], x[5], x[3], x[1]);
    let z5 = (a + c + b + d) * 9633;
    let (z1, z2) = (-(a + d) * 7373, -(b + c) * 20995);
    let (z3, z4) = (-(a + c) * 16069 + z5, -(b + d) * 3196 + z5);
    let odd = [d * 12299 + z1 + z4, c * 25172 + z2 + z3, b * 16819 + z2 + z4, a * 2446 + z1 + z3];
    for i in 0..4 {
        block[start + i * stride] = descale(even[i] + odd[i], bits);
        block[start + (7 - i) * stride] = descale(even[i] - odd[i], bits);
    }
}
